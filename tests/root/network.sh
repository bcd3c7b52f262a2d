#!/bin/sh
# The network of a container: a veth pair from its netN to a bridge of the host.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9350
given_template
given_bridge

given() {
	given_container 9350 --net0 "name=eth0,bridge=$bridge,ip=manual"
}

# CTID OPTIONS: the same container with another net0.
given_net() {
	if [ ! -e "$(config_file "$1")" ]; then
		given_container "$1" || return 1
	elif has_status "$1" running; then
		pct stop "$1" || return 1
	fi
	sed -i "/^net0/d" "$(config_file "$1")" && echo "net0: $2" >>"$(config_file "$1")" &&
		pct start "$1" && answers "$1"
}

inside() {
	pct exec 9350 -- "$@"
}

reaches() {
	pct exec 9350 -- ping -c 1 -W 1 "$1" >/dev/null
}

has_address() {
	pct exec 9350 -- ip -4 addr show eth0 | grep -q "inet $1"
}

host_has() {
	[ -e "/sys/class/net/$1" ]
}

spec 'connects an interface with a static address and a gateway' '
	given_net 9350 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:93:50,ip=$subnet.2/24,gw=$subnet.1" &&
	within 5 reaches "$subnet.1" &&
	inside ip -4 route | grep -q "^default via $subnet.1 dev eth0" &&
	inside cat /sys/class/net/eth0/address | grep -qix bc:24:11:00:93:50
'

spec 'names the end on the host vethCTIDi0, in the bridge, with a first byte of fe' '
	host_has veth9350i0/brport &&
	equals "$(basename "$(readlink /sys/class/net/veth9350i0/master)")" "$bridge" &&
	equals "$(cat /sys/class/net/veth9350i0/operstate)" up &&
	grep -q "^fe:" /sys/class/net/veth9350i0/address
'

spec 'removes it with the container' '
	pct stop 9350 && ! host_has veth9350i0 && is_clean
'

spec 'gives static IPv6 addresses as well' '
	[ -e /proc/sys/net/ipv6 ] || skip_spec "this kernel has no IPv6"
	ip -6 addr add fd93:50::1/64 dev "$bridge" nodad &&
	given_net 9350 "name=eth0,bridge=$bridge,ip=$subnet.2/24,ip6=fd93:50::2/64,gw6=fd93:50::1" &&
	within 8 reaches fd93:50::1 &&
	inside ip -6 route | grep -q "^default via fd93:50::1 dev eth0"
'

spec 'gets an address by DHCP, with its name server' '
	command -v dnsmasq >/dev/null || skip_spec "dnsmasq-base is not installed"
	dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface="$bridge" --bind-interfaces \
		--dhcp-range="$subnet.50,$subnet.99,2m" --dhcp-option="3,$subnet.1" \
		--dhcp-option=6,192.0.2.53 --leasefile-ro --pid-file= >"$scratch/dnsmasq" 2>&1 &
	server=$! && sleep 0.3 && given_net 9350 "name=eth0,bridge=$bridge,ip=dhcp" &&
	within 10 has_address "$subnet\.[5-9][0-9]" && within 3 reaches "$subnet.1"
	status=$?
	kill "$server"
	wait "$server" 2>/dev/null
	[ "$status" = 0 ]
'

spec 'starts with ip=dhcp when no server answers' '
	given_net 9350 "name=eth0,bridge=$bridge,ip=dhcp" && has_status 9350 running
'

spec 'leaves the interface alone with ip=manual' '
	given_net 9350 "name=eth0,bridge=$bridge,ip=manual" && ! has_address ""
'

spec 'sets the MTU on both ends, and the MTU of the bridge without one' '
	given_net 9350 "name=eth0,bridge=$bridge,mtu=1300,ip=$subnet.2/24" &&
	equals "$(inside cat /sys/class/net/eth0/mtu)" 1300 &&
	equals "$(cat "/sys/class/net/$bridge/mtu")" 1500 &&
	ip link set "$bridge" mtu 1400 && given_net 9350 "name=eth0,bridge=$bridge,ip=$subnet.2/24" &&
	equals "$(inside cat /sys/class/net/eth0/mtu)" 1400 &&
	equals "$(cat /sys/class/net/veth9350i0/mtu)" 1400
'

spec 'does not plug an interface in with link_down=1' '
	given_net 9350 "name=eth0,bridge=$bridge,ip=$subnet.2/24,link_down=1" &&
	host_has veth9350i0 && ! host_has veth9350i0/brport &&
	[ $(($(cat /sys/class/net/veth9350i0/flags) & 1)) = 0 ] && ! reaches "$subnet.1"
'

spec 'connects several interfaces, each by its number and name' '
	pct stop 9350 && sed -i "/^net0/d" "$(config_file 9350)" && {
		echo "net0: name=lan0,bridge=$bridge,ip=$subnet.2/24"
		echo "net12: name=wan0,bridge=$bridge,ip=manual"
	} >>"$(config_file 9350)" && pct start 9350 && answers 9350 &&
	host_has veth9350i0/brport && host_has veth9350i12/brport &&
	inside ip -o link | grep -c " lan0@\| wan0@" | grep -qx 2 && pct stop 9350 && is_clean &&
	sed -i "/^net12/d" "$(config_file 9350)"
'

spec 'lets two containers talk over the bridge' '
	given_net 9350 "name=eth0,bridge=$bridge,ip=$subnet.2/24" &&
	given_net 9351 "name=eth0,bridge=$bridge,ip=$subnet.3/24" && within 5 reaches "$subnet.3" &&
	pct destroy 9351 --force 1 && reaches "$subnet.1"
'

spec 'takes over a veth of that name that was left behind' '
	pct stop 9350 && ip link add veth9350i0 type veth peer name "ptp$$" &&
	pct start 9350 && answers 9350 && host_has veth9350i0/brport && ! host_has "ptp$$" &&
	within 5 reaches "$subnet.1"
'

spec 'refuses another device that has that name, and leaves it alone' '
	pct stop 9350 && ip link add veth9350i0 type dummy 2>/dev/null ||
		ip link add veth9350i0 type bridge &&
	fails_with 255 pct start 9350 && stderr_like veth9350i0\\\|startup &&
	host_has veth9350i0 && ip link del veth9350i0 && is_clean
'

spec 'refuses a bridge that does not exist or is none, and names it' '
	ip link add "ptn$$" type veth peer name "ptm$$" &&
	sed -i "s/bridge=$bridge/bridge=ptn$$/" "$(config_file 9350)" &&
	fails_with 255 pct start 9350 && grep "ptn$$" "$scratch/stdout" "$scratch/stderr" &&
	ip link del "ptn$$" && has_status 9350 stopped && is_clean &&
	fails_with 255 pct start 9350 && grep "ptn$$" "$scratch/stdout" "$scratch/stderr" &&
	has_status 9350 stopped && is_clean
'

spec 'starts without any net: only the loopback is there' '
	sed -i "/^net0/d" "$(config_file 9350)" && pct start 9350 && answers 9350 &&
	equals "$(inside ls /sys/class/net)" lo && inside ping -c 1 -W 1 127.0.0.1 >/dev/null
'

ends_clean
