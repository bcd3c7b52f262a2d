#!/bin/sh
# DHCP clients that the host runs for containers, and servers that mean harm.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9420
command -v dnsmasq >/dev/null || skip_file "dnsmasq-base is not installed"
command -v dhclient >/dev/null || skip_file "isc-dhcp-client is not installed"
given_template
given_bridge

trap 'serve_no_more; clean_up; finish' EXIT
mac=BC:24:11:00:94:20
hook=$root/var/lib/lxc/9420/hook
managed="name=eth0,bridge=$bridge,hwaddr=$mac,host-managed=1"

# A guest that sets up no interface itself.
given() {
	given_container 9420 --net0 "$managed,ip=manual" && be_passive 9420
}

be_passive() {
	printf '#!/bin/sh\n' >"$(tree "$1")/etc/init.d/network"
}

# Each spec is a shell of its own: the server's number is in a file.
serve_no_more() {
	[ -e "$top/server.pid" ] || return 0
	kill "$(cat "$top/server.pid")" 2>/dev/null
	within 5 server_is_gone && rm "$top/server.pid"
}

server_is_gone() {
	! kill -0 "$(cat "$top/server.pid")" 2>/dev/null
}

# PROGRAM...: not one of this root, which leaves nothing behind.
start_server() {
	serve_no_more && {
		env -u PCT_ROOT "$@" >"$top/server" 2>&1 &
		echo $! >"$top/server.pid"
		within 5 listens
	}
}

serve() {
	start_server dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface="$bridge" --bind-interfaces \
		--dhcp-range="$subnet.50,$subnet.99,2m" --dhcp-option="3,$subnet.1" \
		--dhcp-option=6,192.0.2.53 --dhcp-option=15,lan.example --leasefile-ro --pid-file= \
		"$@"
}

# OPTION...: dhcpd.py with them.
serve_raw() {
	start_server python3 "$(dirname "$0")/dhcpd.py" "$bridge" "$subnet.77" "$@"
}

# As the servers say it themselves.
listens() {
	grep -q "sockets bound exclusively\|^ready$" "$top/server"
}

# VALUE: net0 of the stopped container.
given_net() {
	sed -i "/^net0/d" "$(config_file 9420)" && echo "net0: $1" >>"$(config_file 9420)"
}

inside() {
	pct exec 9420 -- "$@"
}

has_address() {
	inside ip addr show eth0 | grep -q "inet6\{0,1\} $1"
}

has_lease() {
	has_address "$subnet\.[5-9][0-9]/24" ||
		because "no lease:" "$(cat "$scratch/stdout")" "$(tail -n 20 "$top/server")"
}

resolv() {
	cat "$(tree 9420)/etc/resolv.conf"
}

# The client processes of this root, by their command lines.
clients() {
	grep -lsz "^$hook/dhclient" /proc/[0-9]*/cmdline | sed "s:/proc/\([0-9]*\)/.*:\1:"
}

count_clients() {
	clients | grep -c .
}

no_clients() {
	[ -z "$(clients)" ] && [ ! -e "$hook" ]
}

conf_has() {
	grep -qxF -e "$1" "$(config_file 9420)" || because "$(cat "$(config_file 9420)")"
}

spec 'gets a lease at the start: address, route and names, by a client on the host' '
	serve && given && given_net "$managed,ip=dhcp" && succeeds pct start 9420 && stderr_is &&
	has_lease && inside ip route | grep -q "^default via $subnet.1 dev eth0" &&
	equals "$(resolv)" "domain lan.example
nameserver 192.0.2.53" && equals "$(stat -c %u "$(tree 9420)/etc/resolv.conf")" 100000 &&
	inside ping -c 1 -W 1 "$subnet.1" >/dev/null && equals "$(count_clients)" 1 &&
	within 5 test -s "$hook/dhclient4-eth0.pid" && [ -s "$hook/dhclient4-eth0.leases" ] &&
	! inside ps | grep dhclient
'

spec 'keeps it to the network of the container: its mounts and processes are the host'\''s' '
	client=$(clients) && init=$(init_of 9420) &&
	equals "$(readlink "/proc/$client/ns/net")" "$(readlink "/proc/$init/ns/net")" &&
	equals "$(readlink "/proc/$client/ns/uts")" "$(readlink "/proc/$init/ns/uts")" &&
	equals "$(readlink "/proc/$client/ns/mnt")" "$(readlink /proc/self/ns/mnt)" &&
	equals "$(readlink "/proc/$client/ns/pid")" "$(readlink /proc/self/ns/pid)" &&
	! ip addr show | grep "$subnet\.[5-9][0-9]/"
'

spec 'starts the client again when the guest reboots' '
	init=$(init_of 9420) && client=$(clients) && inside reboot &&
	within 15 has_other_init 9420 "$init" && answers 9420 && within 10 has_address "$subnet\.[5-9][0-9]/24" &&
	equals "$(count_clients)" 1 && [ "$(clients)" != "$client" ]
'

spec 'ends the client with the container, and leaves nothing of it' '
	pct stop 9420 && no_clients && is_clean
'

spec 'removes what a monitor left that was killed, at the next start and with destroy' '
	pct start 9420 && client=$(clients) && kill -9 "$(monitor_of 9420)" && within 10 has_status 9420 stopped &&
	within 10 pct start 9420 && ! clients | grep -x "$client" && equals "$(count_clients)" 1 &&
	kill -9 "$(monitor_of 9420)" && within 10 has_status 9420 stopped && [ -n "$(clients)" ] &&
	pct destroy 9420 && no_clients && is_clean
'

spec 'starts and stops the client as a running container changes' '
	given && pct start 9420 && no_clients &&
	succeeds pct set 9420 --net0 "$managed,ip=dhcp" && stderr_is && has_lease &&
	equals "$(count_clients)" 1 && conf_has "net0: name=eth0,bridge=$bridge,host-managed=1,hwaddr=$mac,ip=dhcp,type=veth" &&
	succeeds pct set 9420 --net0 "$managed,ip=$subnet.2/24,gw=$subnet.1" && stderr_is &&
	equals "$(count_clients)" 0 && has_address "$subnet.2/24" && ! has_address "$subnet\.[5-9][0-9]/24" &&
	inside ip route | grep -q "^default via $subnet.1 dev eth0" && [ ! -e "$hook/dhclient4-eth0.pid" ] &&
	succeeds pct set 9420 --net1 "name=eth1,bridge=$bridge,host-managed=1,ip=dhcp" && stderr_is &&
	equals "$(count_clients)" 1 && succeeds pct set 9420 --delete net1 && stderr_is &&
	equals "$(count_clients)" 0 && equals "$(ls "$hook")" "" && pct stop 9420 && no_clients
'

spec 'hands the lease back when the plug is pulled, and gets one when it is put back' '
	given_net "$managed,ip=dhcp" && succeeds pct start 9420 && has_lease &&
	succeeds pct set 9420 --net0 "$managed,ip=dhcp,link_down=1" && stderr_is && equals "$(count_clients)" 0 &&
	! has_address "$subnet\.[5-9][0-9]/24" &&
	succeeds pct set 9420 --net0 "$managed,ip=dhcp" && stderr_is && has_lease && pct stop 9420
'

spec 'gets an IPv6 lease' '
	[ -e /proc/sys/net/ipv6 ] || skip_spec "this kernel has no IPv6"
	ip -6 addr add fd94:20::1/64 dev "$bridge" nodad &&
	serve --enable-ra --dhcp-range=fd94:20::100,fd94:20::1ff,64,2m --dhcp-option=option6:dns-server,[2001:db8::53] &&
	given_net "$managed,ip6=dhcp" && succeeds pct start 9420 && stderr_is && has_address "fd94:20::1[0-9a-f]*/" &&
	equals "$(count_clients)" 1 && resolv | grep -qx "nameserver 2001:db8::53" &&
	succeeds pct set 9420 --net0 "$managed,ip6=manual" && stderr_is && equals "$(count_clients)" 0 &&
	! has_address "fd94:20::1[0-9a-f]*/" && pct stop 9420 && no_clients
'

spec 'warns when the client is not installed, and names the package' '
	serve && given_net "$managed,ip=dhcp" &&
	succeeds unshare -m sh -c "mount --bind /dev/null $(readlink -f "$(command -v dhclient)") && pct start 9420" &&
	stdout_like "^WARN: DHCP failed - net0: dhclient is not installed: the package isc-dhcp-client has it$" &&
	has_status 9420 running && pct stop 9420 && no_clients
'

spec 'warns when no server answers, and the container runs' '
	serve_no_more; given_net "$managed,ip=dhcp" && succeeds pct start 9420 &&
	stdout_like "^WARN: DHCP failed - net0: .dhclient. failed: " && has_status 9420 running &&
	equals "$(count_clients)" 0 && pct stop 9420 && no_clients
'

# What the guest has then, and nobody ran anything.
evil_names() {
	given_net "$managed,ip=dhcp" && succeeds pct start 9420 && has_address "$subnet.77/24" &&
	resolv | LC_ALL=C grep -v "^domain [A-Za-z0-9._-]*$\|^search [A-Za-z0-9. _-]*$\|^nameserver [0-9.]*$" |
		grep . && because "$(resolv | cat -v)"
	[ ! -e "$top/pwned" ] && ! find "$(tree 9420)" -name "pwned*" | grep .
}

spec 'filters names with line breaks, shell words and escapes of a hostile server' '
	for name in "a\nnameserver 192.0.2.66" "\$(touch $top/pwned)" "a;touch $top/pwned" "\`touch $top/pwned\`" \
		"\x1b[2Jx" "a\0nameserver 192.0.2.66" "-v" "../../x" "a\rb" "\xff\xfe" "x|touch $top/pwned"; do
		serve_raw "3=\x0a\x01\x01\x01" "6=\xc0\x00\x02\x35" "15=$name" "12=$name" "119=\x03a\nb\x00\x04\$(x)\x00" &&
		evil_names && pct stop 9420 || because "with the name $name" "$(cat "$scratch/stderr")" || return 1
		! resolv | grep "192.0.2.66" || return 1
	done
'

spec 'copes with names of great length' '
	long=$(printf "%01400d" 0) && serve_raw "3=\x0a\x01\x01\x01" "6=\xc0\x00\x02\x35" "15=$long" "12=$long" &&
	evil_names && [ "$(resolv | wc -c)" -lt 2000 ] && pct stop 9420
'

# The script as dhclient runs it, with VARIABLE=VALUE...: in the network of the container.
script() {
	init=$(init_of 9420) && nsenter -t "$init" -n -u env -i "PCT_INIT=$init" interface=eth0 reason=BOUND "$@" \
		"$PCT_BUILD/libexec/pct/pct-dhcp"
}

spec 'takes no harm from variables of 64 KiB' '
	given_net "$managed,ip=manual" && pct start 9420 && long=$(printf "%065536d" 0) &&
	script new_ip_address=10.94.20.9 new_subnet_mask=255.255.255.0 "new_domain_name=$long" \
		"new_host_name=$long" "new_domain_name_servers=$long 192.0.2.9" "new_domain_search=$long ok.example" \
		"new_routers=$long" "new_rfc3442_classless_static_routes=$long" &&
	has_address 10.94.20.9/24 && equals "$(resolv)" "search ok.example
nameserver 192.0.2.9" &&
	! script "new_ip_address=$long" && ! script new_ip_address=10.94.20.9 "new_subnet_mask=$long"
'

spec 'refuses a lease for a container that is not the one of its network' '
	init=$(init_of 9420) && before=$(resolv) &&
	nsenter -t "$init" -n env -i "PCT_INIT=$$" interface=eth0 reason=BOUND new_ip_address=10.94.20.10 \
		new_domain_name=other.example "$PCT_BUILD/libexec/pct/pct-dhcp" 2>"$scratch/told" &&
	{ grep -q "the container has ended" "$scratch/told" || because "$(cat "$scratch/told")"; } && equals "$(resolv)" "$before" &&
	! grep -q other.example /etc/resolv.conf
'

spec 'writes below the root of the container whatever its resolv.conf is' '
	echo canary >"$top/canary" && chmod 666 "$top/canary" &&
	for target in "../../../../../../../../..$top/canary" "$top/canary" /proc/1/root/etc/x; do
		inside rm -rf /etc/resolv.conf && inside ln -s "$target" /etc/resolv.conf &&
		script new_ip_address=10.94.20.9 new_subnet_mask=255.255.255.0 new_domain_name=safe.example || return 1
		equals "$(cat "$top/canary")" canary || return 1
		[ ! -L "$(tree 9420)/etc/resolv.conf" ] && equals "$(resolv)" "domain safe.example" || return 1
	done
	inside rm -rf /etc/resolv.conf && inside mkfifo /etc/resolv.conf &&
	script new_ip_address=10.94.20.9 new_subnet_mask=255.255.255.0 new_domain_name=safe.example &&
	equals "$(cat "$top/canary")" canary && pct stop 9420
'

spec 'releases a lease whose client has not written its number down yet' '
	serve && given_net "$managed,ip=dhcp" && succeeds pct start 9420 && has_lease &&
	within 5 test -s "$hook/dhclient4-eth0.pid" && rm "$hook/dhclient4-eth0.pid" &&
	succeeds pct set 9420 --net0 "$managed,ip=manual" && stderr_is && equals "$(count_clients)" 0 &&
	! has_address "$subnet\.[5-9][0-9]/24" && pct stop 9420 && no_clients
'

spec 'does all of that for a privileged container, whose root is the root of the host' '
	pct destroy 9420 && given_container 9420 --unprivileged 0 --net0 "$managed,ip=dhcp" && be_passive 9420 &&
	serve_raw "3=\x0a\x01\x01\x01" "6=\xc0\x00\x02\x35" "15=a\nb;touch $top/pwned" &&
	rm -f "$(tree 9420)/etc/resolv.conf" && ln -s "../../../../../../../../..$top/canary" "$(tree 9420)/etc/resolv.conf" &&
	evil_names && equals "$(cat "$top/canary")" canary && [ ! -L "$(tree 9420)/etc/resolv.conf" ] &&
	equals "$(stat -c %u "$(tree 9420)/etc/resolv.conf")" 0 && pct stop 9420 && no_clients
'

serve_no_more
ends_clean
