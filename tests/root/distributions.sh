#!/bin/sh
# Real guests of other releases than debian.sh has, with an init that is systemd's: what
# guest setup writes is what they come up with, privileged and unprivileged. Their templates
# are built once, with the recipes, and kept in the directory PCT_TEST_CACHE. One release,
# unless PCT_TEST_ALL=1 asks for all.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9480
given_bridge
ip -6 addr add fd00:9480::1/64 dev "$bridge" nodad
key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5wbHVzMnBsdXMzcGx1czRwbHVzNXBsdXM2cGx1czdw test"
echo "$key" >"$top/keys"

releases=ubuntu-24.04
[ -z "${PCT_TEST_ALL:-}" ] || releases="ubuntu-18.04 ubuntu-20.04 ubuntu-22.04 ubuntu-24.04
	ubuntu-26.04 debian-11 debian-13 debian-14"

inside() {
	pct exec "$id" -- "$@"
}

given() {
	pct create "$id" "$template" --rootfs local:2 --memory 512 --hostname g7.example.org \
		--unprivileged "$unprivileged" --features nesting=1 --password "geheim" \
		--ssh-public-keys "$top/keys" --timezone Europe/Vienna --nameserver 192.0.2.53 \
		--searchdomain lan.example \
		--net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24,gw=$subnet.1,ip6=fd00:9480::2/64,gw6=fd00:9480::1" &&
		pct start "$id" && within 60 has_booted
}

has_booted() {
	case $(inside systemctl is-system-running 2>/dev/null) in
	running | degraded) ;;
	*) false ;;
	esac
}

# Both addresses, both default routes, and both gateways answer.
has_network() {
	inside ip addr show eth0 >"$scratch/addresses" && grep -q "$subnet.2/24" "$scratch/addresses" &&
		grep -q "fd00:9480::2/64" "$scratch/addresses" &&
		inside ip -4 route show default | grep -q "via $subnet.1" &&
		inside ip -6 route show default | grep -q "via fd00:9480::1" &&
		inside ping -c 1 -W 1 "$subnet.1" >/dev/null && inside ping -6 -c 1 -W 1 fd00:9480::1 >/dev/null
}

# The console has a getty, and so have both terminals that --tty stands for; no more.
has_gettys() {
	inside systemctl -q is-active console-getty && inside systemctl -q is-active container-getty@1 &&
		inside systemctl -q is-active container-getty@2 &&
		inside ps -eo args | grep -c "[a]getty" | grep -qx 3
}

# What guest setup writes, as the host sees the stopped guest.
tree_state() {
	pct mount "$id" >/dev/null &&
		(cd "$root/var/lib/lxc/$id/rootfs" &&
			find etc root/.ssh lib/systemd/system/ -printf "%p %y %m %U:%G %l\n" | sort &&
			find etc root/.ssh -type f -exec sha256sum {} + | sort -k 2)
	pct unmount "$id"
}

# But for what the guest did when it booted: it removes /fastboot, and its first boot may
# enable its own service for tty1.
second_start_is_quiet() {
	pct stop "$id" && succeeds pct setup "$id" --dry-run &&
		equals "$(grep "^diff" "$scratch/stdout" | grep -vE " b/(fastboot|.*/getty@tty1.service)$")" "" &&
		pct setup "$id" && tree_state >"$scratch/before" &&
		succeeds pct setup "$id" --dry-run && equals "$(cat "$scratch/stdout")" "" &&
		pct setup "$id" && tree_state >"$scratch/after" &&
		diff "$scratch/before" "$scratch/after" >&2
}

check_release() {
	spec "$title: is created, detected and boots" '
		given && grep -qx "ostype: ${release%%-*}" "$(config_file "$id")" &&
		grep -qx "arch: amd64" "$(config_file "$id")" &&
		equals "$(inside cat /proc/1/comm)" systemd
	'
	spec "$title: has its host name, in hosts as well" '
		equals "$(inside hostname)" g7 && equals "$(inside cat /etc/hostname)" g7 &&
		inside getent hosts g7.example.org | grep -q "^$subnet.2 "
	'
	spec "$title: has both addresses and reaches both gateways" '
		within 30 has_network
	'
	spec "$title: asks the name server that was given" '
		inside grep -qx "nameserver 192.0.2.53" /etc/resolv.conf &&
		inside grep -qx "search lan.example" /etc/resolv.conf
	'
	spec "$title: has a login on the console and on two terminals" '
		within 20 has_gettys && typed "\n" "\x01q" && succeeds on_terminal pct console "$id" &&
		stdout_like "login:"
	'
	spec "$title: has the time zone, the password and the keys that were given" '
		equals "$(inside readlink /etc/localtime)" /usr/share/zoneinfo/Europe/Vienna &&
		inside date +%Z | grep -qE "^CES?T$" &&
		inside grep -q "^root:.6.[./0-9A-Za-z]*.[./0-9A-Za-z]*:" /etc/shadow &&
		inside grep -qxF "$key" /root/.ssh/authorized_keys &&
		equals "$(inside stat -c %a /root/.ssh/authorized_keys)" 600 &&
		inside ls /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key &&
		equals "$(inside find /etc/ssh -name "ssh_host_*_key" -perm /077)" ""
	'
	spec "$title: owns every file in it" '
		inside find / -xdev \( -nouser -o -nogroup \) ! -path "/lost+found" | wc -l | grep -qx 0
	'
	spec "$title: a second start has nothing to change, and comes up the same" '
		second_start_is_quiet && pct start "$id" && within 60 has_booted &&
		within 30 has_network && within 20 has_gettys
	'
	spec "$title: shuts down and leaves nothing" '
		pct shutdown "$id" --timeout 60 && pct destroy "$id" && is_clean
	'
}

id=9480
for release in $releases; do
	if ! template=$(given_release "$release"); then
		spec "$release" 'skip_spec "$(cat "$top/release.why")"'
		continue
	fi
	for unprivileged in 1 0; do
		title=$release
		[ "$unprivileged" = 1 ] || title="$release, privileged"
		check_release
	done
done
ends_clean
