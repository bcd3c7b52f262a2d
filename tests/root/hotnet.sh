#!/bin/sh
# Interfaces of a running container that `pct set` adds, changes and takes away.
# shellcheck disable=SC2016,SC2034,SC2119,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9410
given_template
given_bridge

other=pto$$
ip link add "$other" type bridge && ip link set "$other" mtu 1400 up
trap 'ip link del "$other" 2>/dev/null; clean_up; finish' EXIT

mac=BC:24:11:00:94:10

given() {
	given_running 9410 --net0 "$(net 2),gw=$subnet.1"
}

# N: a value of net0 with that address, of the bridge's network.
net() {
	echo "name=eth0,bridge=$bridge,hwaddr=$mac,ip=$subnet.$1/24"
}

inside() {
	pct exec 9410 -- "$@"
}

reaches() {
	inside ping -c 1 -W 1 "$1" >/dev/null
}

addresses() {
	inside ip addr show "$1" | sed -n "s/^ *inet6\{0,1\} \([^ ]*\) .*global.*/\1/p" | sort | paste -sd " "
}

# The lines that the container's file has of it.
conf_has() {
	grep -qxF -e "$1" "$(config_file 9410)" ||
		because "no line '$1' in:" "$(cat "$(config_file 9410)")"
}

conf_lacks() {
	! grep -q -e "$1" "$(config_file 9410)" || because "$(cat "$(config_file 9410)")"
}

guest_has() {
	grep -q -e "$1" "$(tree 9410)/etc/network/interfaces" ||
		because "$(cat "$(tree 9410)/etc/network/interfaces")"
}

bridge_of() {
	basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)"
}

index_of() {
	cat "/sys/class/net/$1/ifindex"
}

host_has() {
	[ -e "/sys/class/net/$1" ]
}

# N VALUE: succeeds in silence.
sets() {
	succeeds pct set 9410 "--net$1" "$2" && stdout_is && stderr_is
}

spec 'does nothing for the value that is there already' '
	given >/dev/null && cp "$(config_file 9410)" "$scratch/before" && index=$(index_of veth9410i0) &&
	value=$(sed -n "s/^net0: //p" "$(config_file 9410)") && sets 0 "$value" &&
	cmp "$scratch/before" "$(config_file 9410)" && equals "$(index_of veth9410i0)" "$index"
'

spec 'adds an interface: plugged in, named, with its address, in both files' '
	sets 3 "name=lan0,bridge=$other,hwaddr=BC:24:11:00:94:13,ip=10.94.13.2/24,mtu=1300" &&
	equals "$(bridge_of veth9410i3)" "$other" && equals "$(addresses lan0)" 10.94.13.2/24 &&
	inside cat /sys/class/net/lan0/address | grep -qix bc:24:11:00:94:13 &&
	equals "$(inside cat /sys/class/net/lan0/mtu)" 1300 &&
	equals "$(cat /sys/class/net/veth9410i3/mtu)" 1400 && grep -q "^fe:" /sys/class/net/veth9410i3/address &&
	[ $(($(inside cat /sys/class/net/lan0/flags) & 1)) = 1 ] &&
	conf_has "net3: name=lan0,bridge=$other,hwaddr=BC:24:11:00:94:13,ip=10.94.13.2/24,mtu=1300,type=veth" &&
	conf_lacks pending && guest_has "iface lan0 inet static" && guest_has "address 10.94.13.2" &&
	ip addr add 10.94.13.1/24 dev "$other" && within 5 reaches 10.94.13.1
'

spec 'marks what it adds as its own, and keeps IPv6 off the end on the host' '
	grep -qx "pct:$root/var/lib/lxc/9410" /sys/class/net/veth9410i3/ifalias &&
	{ [ ! -e /proc/sys/net/ipv6 ] ||
		equals "$(cat /proc/sys/net/ipv6/conf/veth9410i3/disable_ipv6)" 1; }
'

spec 'takes interfaces away, those above net9 as well' '
	sets 12 "name=lan12,bridge=$other,ip=manual" && host_has veth9410i12 &&
	succeeds pct set 9410 --delete net3,net12 && stdout_is && stderr_is &&
	! host_has veth9410i3 && ! host_has veth9410i12 && ! inside test -e /sys/class/net/lan0 &&
	conf_lacks "^net[13]" && conf_lacks pending
'

spec 'changes the address and keeps the way out' '
	index=$(index_of veth9410i0) && promote=$(inside cat /proc/sys/net/ipv4/conf/eth0/promote_secondaries) &&
	sets 0 "$(net 3),gw=$subnet.1" && equals "$(addresses eth0)" "$subnet.3/24" &&
	inside ip route | grep -q "^default via $subnet.1 dev eth0" && within 5 reaches "$subnet.1" &&
	equals "$(index_of veth9410i0)" "$index" && guest_has "address $subnet.3" &&
	conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.3/24,type=veth" &&
	conf_lacks pending &&
	equals "$(inside cat /proc/sys/net/ipv4/conf/eth0/promote_secondaries)" "$promote"
'

spec 'changes the gateway alone, to one outside of the network and back' '
	sets 0 "$(net 3),gw=10.94.1.1" && inside ip route | grep -q "^default via 10.94.1.1 dev eth0" &&
	inside ip route | grep -q "^10.94.1.1 dev eth0" && equals "$(addresses eth0)" "$subnet.3/24" &&
	guest_has "route add 10.94.1.1 dev eth0" &&
	sets 0 "$(net 3),gw=$subnet.1" && inside ip route | grep -q "^default via $subnet.1 dev eth0" &&
	! inside ip route | grep -q 10.94.1.1 && ! guest_has "10.94.1.1" 2>/dev/null
'

spec 'moves to another network with its gateway' '
	sets 0 "name=eth0,bridge=$bridge,hwaddr=$mac,ip=10.94.2.2/24,gw=10.94.2.1" &&
	equals "$(addresses eth0)" 10.94.2.2/24 &&
	inside ip route | grep -q "^default via 10.94.2.1 dev eth0" &&
	equals "$(inside ip route | grep -c "$subnet")" 0
'

spec 'takes the gateway away, then the address' '
	sets 0 "$(net 3)" && ! inside ip route | grep default && equals "$(addresses eth0)" "$subnet.3/24" &&
	sets 0 "name=eth0,bridge=$bridge,hwaddr=$mac,ip=manual" && equals "$(addresses eth0)" "" &&
	guest_has "iface eth0 inet manual" && sets 0 "$(net 2),gw=$subnet.1" && within 5 reaches "$subnet.1"
'

spec 'does the same for IPv6, and where only the length of the prefix is another one' '
	[ -e /proc/sys/net/ipv6 ] || skip_spec "this kernel has no IPv6"
	sets 0 "$(net 2),gw=$subnet.1,ip6=fd94:10::2/64,gw6=fd94:10::1" &&
	equals "$(addresses eth0)" "$subnet.2/24 fd94:10::2/64" &&
	inside ip -6 route | grep -q "^default via fd94:10::1 dev eth0" && guest_has "iface eth0 inet6 static" &&
	sets 0 "$(net 2),gw=$subnet.1,ip6=fd94:10::2/56,gw6=fd94:20::1" &&
	equals "$(addresses eth0)" "$subnet.2/24 fd94:10::2/56" &&
	inside ip -6 route | grep -q "^fd94:20::1 dev eth0" &&
	inside ip -6 route | grep -q "^default via fd94:20::1 dev eth0" &&
	sets 0 "$(net 2),gw=$subnet.1" && equals "$(addresses eth0)" "$subnet.2/24" &&
	! inside ip -6 route | grep default
'

spec 'plugs the same interface into another bridge' '
	index=$(index_of veth9410i0) && sets 0 "name=eth0,bridge=$other,hwaddr=$mac,ip=$subnet.2/24" &&
	equals "$(bridge_of veth9410i0)" "$other" && equals "$(index_of veth9410i0)" "$index" &&
	equals "$(addresses eth0)" "$subnet.2/24" && ! reaches "$subnet.1" &&
	sets 0 "$(net 2),gw=$subnet.1" && equals "$(bridge_of veth9410i0)" "$bridge" && within 5 reaches "$subnet.1"
'

spec 'pulls the plug and puts it back' '
	sets 0 "$(net 2),gw=$subnet.1,link_down=1" && equals "$(bridge_of veth9410i0)" "" &&
	[ $(($(cat /sys/class/net/veth9410i0/flags) & 1)) = 0 ] && equals "$(addresses eth0)" "$subnet.2/24" &&
	sets 0 "$(net 2),gw=$subnet.1" && equals "$(bridge_of veth9410i0)" "$bridge" && within 5 reaches "$subnet.1"
'

spec 'makes another pair for another name or MAC address' '
	index=$(index_of veth9410i0) &&
	sets 0 "name=wan0,bridge=$bridge,hwaddr=$mac,ip=$subnet.2/24,gw=$subnet.1" &&
	[ "$(index_of veth9410i0)" != "$index" ] && equals "$(addresses wan0)" "$subnet.2/24" &&
	! inside test -e /sys/class/net/eth0 && guest_has "iface wan0 inet static" && within 5 reaches "$subnet.1" &&
	sets 0 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:94:11,ip=$subnet.2/24,gw=$subnet.1" &&
	inside cat /sys/class/net/eth0/address | grep -qix bc:24:11:00:94:11 && within 5 reaches "$subnet.1" &&
	sets 0 "$(net 2),gw=$subnet.1" && conf_lacks pending
'

spec 'keeps another MTU pending, and enacts what else changes' '
	sets 0 "$(net 4),gw=$subnet.1,mtu=1200" && equals "$(addresses eth0)" "$subnet.4/24" &&
	equals "$(inside cat /sys/class/net/eth0/mtu)" 1500 &&
	conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.4/24,type=veth" &&
	conf_has "[pve:pending]" &&
	conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.4/24,mtu=1200,type=veth" &&
	succeeds pct pending 9410 && stdout_like "^new net0: .*mtu=1200" &&
	pct reboot 9410 && answers 9410 && equals "$(inside cat /sys/class/net/eth0/mtu)" 1200 && conf_lacks pending &&
	sets 0 "$(net 2),gw=$subnet.1" && pct reboot 9410 && answers 9410 && conf_lacks mtu
'

spec 'refuses what cannot be plugged in, keeps the old plug and writes nothing' '
	cp "$(config_file 9410)" "$scratch/before" &&
	fails_with 255 pct set 9410 --net0 "name=eth0,bridge=ptx$$,hwaddr=$mac,ip=$subnet.9/24" &&
	stderr_starts "400 Parameter verification failed." &&
	stderr_like "^net0: unable to hotplug net0: bridge .ptx$$. does not exist$" &&
	fails_with 255 pct set 9410 --net0 "name=eth1,bridge=lo,ip=$subnet.9/24" &&
	stderr_like "^net0: unable to hotplug net0: bridge .lo. is neither a linux nor an OVS bridge!$" &&
	fails_with 255 pct set 9410 --net0 "$(net 2),tag=5" &&
	stderr_like "^net0: unable to hotplug net0: net0: tag: VLANs are not supported$" &&
	fails_with 255 pct set 9410 --net0 "$(net 2),trunks=2;3" &&
	stderr_like "^net0: unable to hotplug net0: net0: trunks: VLANs are not supported$" &&
	fails_with 255 pct set 9410 --net7 "name=eth0,bridge=$bridge" &&
	stderr_like "^net7: unable to hotplug net7: interface .veth9410i7.: cannot create the pair: File exists$" &&
	! host_has veth9410i7 && cmp "$scratch/before" "$(config_file 9410)" &&
	equals "$(bridge_of veth9410i0)" "$bridge" && equals "$(addresses eth0)" "$subnet.2/24" && within 5 reaches "$subnet.1"
'

spec 'tells of a limit and a firewall that are not in force, once' '
	succeeds pct set 9410 --net0 "$(net 2),gw=$subnet.1,rate=5" &&
	stderr_is "net0: rate: the limit is not in force" && conf_lacks pending && conf_has \
		"net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.2/24,rate=5,type=veth" &&
	sets 0 "$(net 3),gw=$subnet.1,rate=5" && sets 0 "$(net 2),gw=$subnet.1" && conf_lacks rate
'

# ---- what goes wrong on the way ----

spec 'gives up a family whose gateway cannot be set: old address in force, the new one waits' '
	pct set 9410 --net0 "$(net 2),gw=$subnet.1" &&
	succeeds pct set 9410 --net0 "$(net 5),gw=$subnet.255" &&
	stderr_like "^net0: $subnet.255: cannot set the route: Invalid argument$" &&
	equals "$(addresses eth0)" "$subnet.2/24" && inside ip route | grep -q "^default via $subnet.1 dev eth0" &&
	conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.2/24,type=veth" &&
	conf_has "[pve:pending]" && conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.255,hwaddr=$mac,ip=$subnet.5/24,type=veth" &&
	guest_has "address $subnet.2" && sets 0 "$(net 2),gw=$subnet.1" && conf_lacks pending
'

spec 'enacts one family where the guest refuses the other' '
	[ -e /proc/sys/net/ipv6 ] || skip_spec "this kernel has no IPv6"
	nsenter -t "$(init_of 9410)" -n sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1 &&
	succeeds pct set 9410 --net0 "$(net 3),gw=$subnet.1,ip6=fd94:10::3/64" &&
	stderr_like "^net0: fd94:10::3/64: cannot add the address: " && equals "$(addresses eth0)" "$subnet.3/24" &&
	conf_has "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.3/24,type=veth" &&
	nsenter -t "$(init_of 9410)" -n sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 &&
	sets 0 "$(net 3),gw=$subnet.1,ip6=fd94:10::3/64" && equals "$(addresses eth0)" "$subnet.3/24 fd94:10::3/64" &&
	conf_lacks pending && sets 0 "$(net 2),gw=$subnet.1"
'

spec 'finds its interface whatever the guest calls it, and says when the guest has removed it' '
	inside ip link set eth0 down && inside ip link set eth0 name mine && inside ip link set mine up &&
	sets 0 "$(net 4)" && equals "$(addresses mine)" "$subnet.4/24" &&
	inside ip link set mine down && inside ip link set mine name eth0 && inside ip link set eth0 up &&
	inside ip link del eth0 && succeeds pct set 9410 --net0 "$(net 5)" &&
	stderr_like "^net0: $subnet.5/24: interface .veth9410i0. does not exist$" &&
	fails_with 255 pct set 9410 --net0 "name=eth0,bridge=$other,hwaddr=$mac,ip=$subnet.4/24" &&
	stderr_like "^net0: unable to hotplug net0: interface .veth9410i0. does not exist$" &&
	sets 0 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:94:11,ip=$subnet.2/24" && conf_lacks pending &&
	sets 0 "$(net 2)" && within 5 reaches "$subnet.1"
'

spec 'is back in the old bridge whichever request to the kernel fails' '
	needs_tracing && failed=0 && pct set 9410 --net0 "$(net 2)" && cp "$(config_file 9410)" "$scratch/before" &&
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		if strace -f -qq -o /dev/null -e trace=sendto -e "inject=sendto:error=ENOMEM:when=$n" \
			pct set 9410 --net0 "name=eth0,bridge=$other,hwaddr=$mac,ip=$subnet.2/24" 2>"$scratch/told"; then
			pct set 9410 --net0 "$(net 2)" || return 1
			continue
		fi
		failed=$((failed + 1))
		grep -q "^net0: unable to hotplug net0: " "$scratch/told" || because "$(cat "$scratch/told")" || return 1
		equals "$(bridge_of veth9410i0)" "$bridge" && cmp "$scratch/before" "$(config_file 9410)" &&
			reaches "$subnet.1" || because "after the failure of request $n" || return 1
	done && [ "$failed" -gt 3 ] && tell "$failed requests failed"
'

# The value in the main section, and what waits.
current() {
	sed "/^\[/,\$d; /^net0: /!d; s/^net0: //" "$(config_file 9410)"
}

pending() {
	sed "1,/^\[pve:pending\]/d; s/^net0: //" "$(config_file 9410)"
}

# KEY: of the current value.
part() {
	current | tr , "\n" | sed -n "s/^$1=//p"
}

# A command that was killed may leave a file for a later one, which waits until it is old.
forget_leftovers() {
	rm -f "$(config_file 9410)".tmp.*
}

# WANTED: the file says what the kernel has, or that this is still to come.
agrees() {
	if [ -n "$(pending)" ]; then
		equals "$(pending)" "$1"
	else
		equals "$(bridge_of veth9410i0)" "$(part bridge)" && equals "$(addresses "$(part name)")" "$(part ip)" &&
			inside cat "/sys/class/net/$(part name)/address" | grep -qix "$(part hwaddr)"
	fi
}

# FROM TO: kill -9 at the calls of the change, and the same command completes it.
survives() {
	pct set 9410 --net0 "$1" && wanted=$2 && all=$(count_points pct set 9410 --net0 "$2") &&
		pct set 9410 --net0 "$1" && tell "$all points" || return 1
	for n in $(points "$all"); do
		killed_at "$n" pct set 9410 --net0 "$2"
		pct config 9410 >/dev/null && agrees "$2" || because "killed at $n" || return 1
		pct set 9410 --net0 "$2" && [ -z "$(pending)" ] && equals "$(current)" "$2" && agrees "$2" ||
			because "again after $n" || return 1
		guest_has "address $(part ip | sed "s:/.*::")" && pct set 9410 --net0 "$1" && agrees "$1" || return 1
	done
	forget_leftovers
}

spec 'agrees with the kernel, or says what is to come, after kill -9: another plug and address' '
	needs_tracing && survives "name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.2/24,type=veth" \
		"name=eth0,bridge=$other,gw=10.94.3.1,hwaddr=$mac,ip=10.94.3.2/24,type=veth"
'

spec 'agrees after kill -9: another pair' '
	needs_tracing && survives "name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.2/24,type=veth" \
		"name=wan0,bridge=$bridge,gw=$subnet.1,hwaddr=$mac,ip=$subnet.3/24,type=veth"
'

spec 'takes an interface away after kill -9 all the same' '
	needs_tracing && value="name=eth1,bridge=$other,hwaddr=BC:24:11:00:94:12,type=veth" &&
	pct set 9410 --net1 "$value" && all=$(count_points pct set 9410 --delete net1) && tell "$all points" &&
	for n in $(points "$all"); do
		pct set 9410 --net1 "$value" || return 1
		killed_at "$n" pct set 9410 --delete net1
		grep -q "^net1:" "$(config_file 9410)" || ! host_has veth9410i1 || because "killed at $n" || return 1
		host_has veth9410i1 || ! grep -q "^net1:" "$(config_file 9410)" ||
			grep -q "^delete: net1" "$(config_file 9410)" || because "killed at $n" || return 1
		! grep -q "^net1:" "$(config_file 9410)" || pct set 9410 --delete net1 || return 1
		! host_has veth9410i1 && conf_lacks net1 || return 1
	done && forget_leftovers
'

# ---- guests that do not keep still ----

gcc -std=c17 -D_GNU_SOURCE -O1 -static -o "$top/unrest" "$(dirname "$0")/unrest.c" || exit 1

# CTID OPTION...: a running guest with that program.
given_unrest() {
	given_container "$@" --net0 "name=eth0,bridge=$bridge,ip=$subnet.7/24" &&
		cp "$top/unrest" "$(tree "$1")/unrest" && chmod 755 "$(tree "$1")/unrest" && pct start "$1" && answers "$1"
}

# CTID WORD...: it runs there until the container ends.
begin_unrest() {
	unrest=$1
	shift
	pct exec "$unrest" -- /unrest "$@" >"$scratch/unrest" 2>&1 </dev/null &
	within 5 grep -q ready "$scratch/unrest"
}

# CTID: addresses as the kernel of the host sees them, without a process inside.
seen_addresses() {
	nsenter -t "$(init_of "$1")" -n ip -4 addr show eth0 | sed -n "s/^ *inet \([^ ]*\) .*/\1/p"
}

swaps() {
	mkdir -p "$top/canary" && echo canary >"$top/canary/interfaces" && chmod 777 "$top/canary" &&
		chmod 666 "$top/canary/interfaces" && given_unrest "$@" && begin_unrest "$1" swap "$top/canary" &&
		value=$(sed -n "s/^net0: //p" "$(config_file "$1")") || return 1
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		pct set "$1" --net0 "$(echo "$value" | sed "s:$subnet.7/24:$subnet.$((10 + n))/24:")" 2>/dev/null &&
			equals "$(seen_addresses "$1")" "$subnet.$((10 + n))/24" || return 1
	done
	equals "$(ls "$top/canary")" interfaces && equals "$(cat "$top/canary/interfaces")" canary &&
		! find "$(tree "$1")" -name ".*pct-*" | grep . && pct destroy "$1" --force 1
}

spec 'writes nothing outside while an unprivileged guest swaps its files' '
	swaps 9411
'

spec 'writes nothing outside while a privileged guest swaps its files' '
	swaps 9412 --unprivileged 0
'

hangs() {
	[ -e /dev/fuse ] || skip_spec "there is no /dev/fuse"
	given_unrest "$@" --dev0 /dev/fuse && begin_unrest "$1" fuse && begin=$(date +%s) &&
		succeeds timeout 60 pct set "$1" --net0 "name=eth0,bridge=$bridge,ip=$subnet.8/24,hwaddr=$(
			sed -n "s/^net0: .*hwaddr=\([^,]*\).*/\1/p" "$(config_file "$1")"
		)" && stderr_like "^net0: guest setup: the helper did not finish within 20 s" &&
		[ $(($(date +%s) - begin)) -lt 40 ] && equals "$(seen_addresses "$1")" "$subnet.8/24" &&
		grep -q "^net0: .*ip=$subnet.8/24" "$(config_file "$1")" && pct destroy "$1" --force 1
}

spec 'does not wait for a FUSE file system over /etc of an unprivileged guest' '
	hangs 9413
'

spec 'does not wait for a FUSE file system over /etc of a privileged guest' '
	hangs 9414 --unprivileged 0
'

ends_clean
