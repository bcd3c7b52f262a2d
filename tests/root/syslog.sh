#!/bin/sh
# The lines that life-cycle commands leave in the log of the machine (pct-cli.md 1). They
# are written without PCT_ROOT only, so the whole file runs in a mount namespace whose
# /dev/log, /etc, /run and /var are its own.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
	skip_file "the kernel has no overlay file system"
begin 9370
given_template

# Layers over the host's directories that go with the namespace.
over='
	set -e
	top=$1
	mount -t tmpfs none "$top/over"
	mkdir "$top/over/pts"
	mount --bind /dev/pts "$top/over/pts"
	for dir in dev etc run var; do
		mkdir "$top/over/$dir" "$top/over/$dir.work"
		mount -t overlay none "/$dir" \
			-o "lowerdir=/$dir,upperdir=$top/over/$dir,workdir=$top/over/$dir.work"
	done
	mount --bind "$top/over/pts" /dev/pts
	rm -rf /etc/pve /var/lib/vz /var/lib/lxc /dev/log
	mkdir -p /etc/pve/lxc /var/lib/vz/template
	cp -r "$top/r/var/lib/vz/template/cache" /var/lib/vz/template/
	: >"$top/ready"
	exec sleep 600
'

listen='
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
with open(sys.argv[1], "ab", buffering=0) as out:
    while True:
        out.write(s.recv(65536).rstrip(b"\n\0") + b"\n")
'

# COMMAND...: on the machine whose log is $top/log.
on_machine() {
	env -u PCT_ROOT nsenter -t "$holder" -m -- "$@"
}

machine_log() {
	rm -f "$top/ready" "$top/log"
	mkdir -p "$top/over"
	unshare -m --propagation private sh -c "$over" - "$top" &
	holder=$!
	within 5 test -e "$top/ready" || return 1
	nsenter -t "$holder" -m -- python3 -c "$listen" "$top/log" &
	reader=$!
	within 5 on_machine test -S /dev/log
}

# Without PCT_ROOT kill_all does not find it.
end_machine() {
	on_machine "$bin/pct" stop 9373 2>/dev/null
	kill "$reader" "$holder"
	wait "$reader" "$holder"
	:
}

# VERB TYPE: the first line of the log, of info of a daemon, with the id of its task.
logs() {
	wanted="^<30>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]* pct\\[[0-9]*\\]: $1 CT 9373: "
	wanted="${wanted}UPID:$node:[0-9A-F]\\{8\\}:[0-9A-F]\\{8\\}:[0-9A-F]\\{8\\}:$2:9373:root@pam:\$"
	within 5 test -s "$top/log" || because "$1: no line" || return 1
	line=$(head -n 1 "$top/log")
	echo "$line" | grep -q "$wanted" || because "not '$wanted':" "$line" || return 1
	pid=$(echo "$line" | sed 's/.* pct\[\([0-9]*\)\]: .*/\1/')
	task=${line#*UPID:"$node":}
	equals "${task%%:*}" "$(printf %08X "$pid")" &&
		[ $((0x$(echo "$task" | cut -d: -f 3))) -ge "$began" ]
}

# The verbs of all lines since the log was emptied.
verbs() {
	sed -n 's/.*\]: \([a-z]*\) CT 9373: .*/\1/p' "$top/log"
}

# VERB TYPE OPTION...: the command of pct.
leaves() {
	verb=$1 type=$2
	shift 2
	: >"$top/log"
	began=$(date +%s)
	on_machine "$bin/pct" "$@" || because "pct $* failed" || return 1
	logs "$verb" "$type"
}

spec 'logs start, reboot, shutdown and stop, each with its task, and unlock' '
	machine_log && on_machine "$bin/pct" create 9373 "$template" --rootfs local:0 --memory 64 &&
	equals "$(cat "$top/log")" "" && leaves starting vzstart start 9373 &&
	within 10 on_machine "$bin/pct" exec 9373 -- test -e /run/utmp 2>/dev/null &&
	leaves reboot vzreboot reboot 9373 --timeout 20 &&
	equals "$(verbs)" "$(lines reboot starting)" &&
	within 10 on_machine "$bin/pct" exec 9373 -- test -e /run/utmp 2>/dev/null &&
	leaves shutdown vzshutdown shutdown 9373 --timeout 20 && equals "$(verbs)" shutdown &&
	leaves starting vzstart start 9373 && equals "$(verbs)" starting &&
	leaves stopping vzstop stop 9373 && equals "$(verbs)" stopping &&
	on_machine sh -c "echo lock: backup >>/etc/pve/lxc/9373.conf" &&
	leaves unlocked vzunlock unlock 9373 && equals "$(verbs)" unlocked
	status=$?
	end_machine
	[ "$status" = 0 ] &&
	equals "$(find "$cgroups" -mindepth 3 -maxdepth 3 -path "*/lxc*/9373")" ""
'

spec 'logs a start that fails, but none that is refused at once' '
	machine_log && on_machine sh -c "echo template: 1 >/etc/pve/lxc/9373.conf" && : >"$top/log" &&
	began=$(date +%s) && ! on_machine "$bin/pct" start 9373 && logs starting vzstart &&
	: >"$top/log" && ! on_machine "$bin/pct" stop 9373 && ! on_machine "$bin/pct" start 9374 &&
	equals "$(cat "$top/log")" ""
	status=$?
	end_machine
	[ "$status" = 0 ]
'

spec 'logs nothing under PCT_ROOT, whose commands are not the machine'\''s' '
	machine_log && given_container 9373 && : >"$top/log" &&
	nsenter -t "$holder" -m -- env PCT_ROOT="$root" "$bin/pct" start 9373 && answers 9373 &&
	nsenter -t "$holder" -m -- env PCT_ROOT="$root" "$bin/pct" stop 9373 &&
	equals "$(cat "$top/log")" ""
	status=$?
	kill "$reader" "$holder"
	wait "$reader" "$holder"
	[ "$status" = 0 ]
'

ends_clean
