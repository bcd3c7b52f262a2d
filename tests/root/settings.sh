#!/bin/sh
# The settings of the host: the command line comes first, then the file, then what is
# built in.
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9530
given_template

settings() {
	lines "[defaults]" "$@" >"$root/etc/pve/pct.conf"
}

given() {
	settings "bridge = $bridge" "mac_prefix = 02:AA" "onboot = 1" "timezone = UTC" \
		"unprivileged = 0"
}
mkdir -p "$root/etc/pve" && given

config_has() {
	grep -qE "^$2\$" "$(config_file "$1")" || because "no '$2' in:" "$(cat "$(config_file "$1")")"
}

config_lacks() {
	! grep -qE "^$2" "$(config_file "$1")" || because "'$2' in:" "$(cat "$(config_file "$1")")"
}

spec 'creates with the settings of the file where the command line says nothing' '
	given_container 9530 --net0 name=eth0 &&
	config_has 9530 "net0: name=eth0,bridge=$bridge,hwaddr=02:AA:.*" &&
	config_has 9530 "onboot: 1" && config_has 9530 "timezone: UTC" &&
	config_lacks 9530 "unprivileged: 1" && pct destroy 9530
'

spec 'creates with what the command line says before the file' '
	given_container 9530 --net0 name=eth0,bridge=other0,hwaddr=06:00:00:00:00:01 --onboot 0 \
		--timezone host --unprivileged 1 &&
	config_has 9530 "net0: name=eth0,bridge=other0,hwaddr=06:00:00:00:00:01,type=veth" &&
	config_has 9530 "onboot: 0" && config_has 9530 "timezone: host" &&
	config_has 9530 "unprivileged: 1" && pct destroy 9530
'

spec 'creates with what is built in when the file is broken, and names its line' '
	lines "[defaults]" "onboot = 1" "oops" >"$root/etc/pve/pct.conf" &&
	succeeds given_container 9530 --net0 name=eth0 &&
	stderr_like "syntax error in $root/etc/pve/pct.conf (3): -> oops - using built-in settings" &&
	config_has 9530 "net0: name=eth0,hwaddr=BC:24:11:.*" && config_lacks 9530 onboot &&
	config_lacks 9530 timezone && config_has 9530 "unprivileged: 1" &&
	pct destroy 9530 && given
'

# Its init knows no signal, so that only the end of the time ends it; 60 s are built in.
spec 'waits at shutdown as long as the command line says, else the file' '
	given_container 9530 --entrypoint "/bin/sleep 1000" --unprivileged 1 &&
	pct start 9530 && settings "shutdown_timeout = 1" &&
	timeout 30 pct shutdown 9530 --forceStop 1 && has_status 9530 stopped &&
	pct start 9530 && settings "shutdown_timeout = 600" &&
	timeout 30 pct shutdown 9530 --forceStop 1 --timeout 1 && has_status 9530 stopped &&
	pct destroy 9530
'

ends_clean
