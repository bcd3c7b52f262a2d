#!/bin/sh
# Guest setup inside a running container (guest-setup.md 15.2, 15.4 rows 14 and 15): its
# processes, root's as well, neither see nor stop the helper that works in their tree.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9490
given_template
given_bridge
needs_tracing
[ -x "$PCT_BUILD/root/netfiles" ] || skip_file "there is no $PCT_BUILD/root/netfiles"

given() {
	given_running 9490 --net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24" &&
		given_running 9491 --unprivileged 0 --net0 "name=eth0,bridge=$bridge,ip=$subnet.3/24"
}

# CTID: as if its interface had got the address in its file now.
write_network() {
	"$PCT_BUILD/root/netfiles" "$1" "$(init_of "$1")"
}

# CTID N: the configuration names another address.
given_address() {
	sed -i "/^net0/s/ip=[^,]*/ip=$subnet.$2\/24/" "$(config_file "$1")"
}

has_written() {
	pct exec "$1" -- grep -qF "address $subnet.$2" /etc/network/interfaces
}

# CTID: the same, with a helper that waits 3 s before each rename. Its id is in $helper.
write_slowly() {
	strace -f -qq -o /dev/null -e trace=renameat -e inject=renameat:delay_enter=3s \
		"$PCT_BUILD/root/netfiles" "$1" "$(init_of "$1")" &
	writer=$!
	within 10 has_temporary "$1" && helper=$(helper_of "$(init_of "$1")")
}

has_temporary() {
	[ -n "$(find "/proc/$(init_of "$1")/root/etc/network" -name ".*.pct-*")" ]
}

# INIT: the process named netfiles whose mounts or root are the container's.
helper_of() {
	grep -lx netfiles /proc/[0-9]*/comm | while read -r process; do
		process=${process%/comm}
		[ "$(stat -L -c %d:%i "$process/root")" != "$(stat -L -c %d:%i "/proc/$1/root")" ] ||
			echo "${process#/proc/}"
	done
}

spec 'writes the network files of a running container, as its root' '
	given && for id in 9490 9491; do
		given_address $id 7 && write_network $id && has_written $id 7 &&
		equals "$(pct exec $id -- stat -c %u:%g /etc/network/interfaces)" 0:0 || exit 1
	done
'

spec 'works with a helper that is in none of the container'\''s groups and process namespaces' '
	for id in 9490 9491; do
		given_address $id 8 && write_slowly $id && [ -n "$helper" ] &&
		equals "$(readlink "/proc/$helper/ns/pid")" "$(readlink /proc/self/ns/pid)" &&
		[ "$(readlink "/proc/$helper/ns/pid")" != "$(readlink "/proc/$(init_of $id)/ns/pid")" ] &&
		equals "$(cat "/proc/$helper/cgroup")" "$(cat /proc/self/cgroup)" &&
		equals "$(readlink "/proc/$helper/ns/user")" "$(readlink "/proc/$(init_of $id)/ns/user")" &&
		wait "$writer" && has_written $id 8 || exit 1
	done
'

spec 'shows the helper to no process of the container, and no signal reaches it' '
	for id in 9490 9491; do
		given_address $id 9 && write_slowly $id && [ -n "$helper" ] &&
		pct exec $id -- grep -h . /proc/[0-9]*/comm >"$scratch/names" 2>/dev/null
		grep -qx init "$scratch/names" && ! grep -x netfiles "$scratch/names" &&
		fails_with 1 pct exec $id -- kill -0 "$helper" &&
		fails_with 1 pct exec $id -- test -e "/proc/$helper" &&
		pct exec $id -- sh -c "kill -STOP -1; kill -KILL -1"
		wait "$writer" && has_written $id 9 || exit 1
	done
'

# What runs in the container: it kills whatever it may, and swaps what the helper walks.
hostile="mkdir -p /away; while :; do kill -KILL -1; mv /etc/network /away/; ln -s /proc/1/root/etc /etc/network; rm /etc/network; mv /away/network /etc/; done"

spec 'ends each time, inside or with an error, while the container fights it' '
	for id in 9490 9491; do
		{ pct exec $id -- sh -c "$hostile" >/dev/null 2>&1 & } && fighter=$! &&
		before=$(cksum /etc/network/interfaces /etc/hosts 2>/dev/null)
		for n in 10 11 12 13 14 15 16 17 18 19; do
			given_address $id $n && timeout 20 "$PCT_BUILD/root/netfiles" $id "$(init_of $id)"
			[ $? -le 1 ] || because "it did not end" || exit 1
		done
		has_status $id running && [ -e "/proc/$fighter" ] && kill "$fighter"
		equals "$(cksum /etc/network/interfaces /etc/hosts 2>/dev/null)" "$before" &&
		pct stop $id && equals "$(find "$(tree $id)" -name ".*.pct-*")" "" || exit 1
	done
'

ends_clean
