#!/bin/sh
# A real Debian 12 container with systemd. Its template is built once, with the recipe,
# and kept in the directory PCT_TEST_CACHE.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9390
given_bridge
template=$(given_release debian-12) || skip_file "$(cat "$top/release.why")"

inside() {
	pct exec 9390 -- "$@"
}

given() {
	pct create 9390 "$template" --rootfs local:2 --memory 512 --hostname deb --password "geheim" \
		--features nesting=1 --net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24,gw=$subnet.1" \
		--mp0 local:0,mp=/srv && pct start 9390 && within 30 has_booted
}

has_booted() {
	case $(inside systemctl is-system-running 2>/dev/null) in
	running | degraded) ;;
	*) false ;;
	esac
}

spec 'creates it on a raw image, detects Debian and boots systemd' '
	given && grep -qx "ostype: debian" "$(config_file 9390)" &&
	grep -qx "arch: amd64" "$(config_file 9390)" &&
	equals "$(inside hostname)" deb && equals "$(inside cat /proc/1/comm)" systemd
'

spec 'boots without a failed unit' '
	equals "$(inside systemctl --failed --no-legend --plain)" ""
'

spec 'has the network that was asked for' '
	within 10 inside ping -c 1 -W 1 "$subnet.1" && inside ip -4 addr show eth0 | grep -q "$subnet.2/24"
'

spec 'runs ping with its file capability as a plain user' '
	inside setpriv --reuid 1234 --regid 1234 --clear-groups --bounding-set=-all,+net_raw \
		ping -c 1 -W 1 127.0.0.1 &&
	inside setpriv --reuid 1234 --regid 1234 --clear-groups ping -c 1 -W 1 127.0.0.1
'

spec 'has SSH host keys of its own, for root alone' '
	inside sh -c "ls /etc/ssh/ssh_host_*_key" | wc -l | grep -qx "[2-4]" &&
	inside find /etc/ssh -name "ssh_host_*_key" -perm /077 | wc -l | grep -qx 0
'

spec 'has the password that was given' '
	inside grep -q "^root:\$6\$" /etc/shadow || inside grep -qF "root:\$6\$" /etc/shadow
'

spec 'owns every file in it' '
	inside find / -xdev \( -nouser -o -nogroup \) ! -path "/lost+found" | wc -l | grep -qx 0
'

spec 'has a login on its console' '
	typed "\n" "\x01q" && succeeds on_terminal pct console 9390 && stdout_like "deb login:"
'

spec 'reboots by itself and by pct' '
	before=$(init_of 9390) && { inside systemctl reboot || :; } &&
	within 40 has_other_init 9390 "$before" && within 30 has_booted &&
	before=$(init_of 9390) && pct reboot 9390 --timeout 30 && within 30 has_booted &&
	[ "$(init_of 9390)" != "$before" ]
'

spec 'shuts down within seconds, and powers itself off' '
	started=$(date +%s) && pct shutdown 9390 --timeout 30 && [ $(($(date +%s) - started)) -le 15 ] &&
	is_clean && pct start 9390 && within 30 has_booted && { inside systemctl poweroff || :; } &&
	within 30 has_status 9390 stopped && is_clean
'

ends_clean
