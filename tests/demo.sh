#!/bin/sh
# demo.sh BUILD [RECIPE]: a container from template to shell and back, each command
# shown with its output, in a scratch root and on a bridge of its own. Afterwards the
# machine is as before. RECIPE is debian-12 unless given.
set -eu

build=$(cd "$1" && pwd)
recipe=${2:-debian-12}
number=0
made_bridge=
[ "$(id -u)" = 0 ] || { echo 'make demo: please run as root' >&2; exit 1; }

PCT_ROOT=$(mktemp -d /tmp/pct-demo.XXXX)
export PCT_ROOT
chmod 755 "$PCT_ROOT"
PATH=$build/sbin:$PATH

# Interface names are the whole machine's: others may have containers and demos as well.
while [ -e /sys/class/net/pctdemo$number ] || [ -e "/sys/class/net/veth$((100 + number))i0" ]; do
	number=$((number + 1))
done
bridge=pctdemo$number
id=$((100 + number))

forget_groups() {
	for group in /sys/fs/cgroup/*/lxc /sys/fs/cgroup/*/lxc.monitor \
		/sys/fs/cgroup/*/lxc.pivot /sys/fs/cgroup/lxc /sys/fs/cgroup/lxc.monitor; do
		case " $groups_before " in *" $group "*) ;; *) rmdir "$group" 2>/dev/null || : ;; esac
	done
}

finish() {
	status=$?
	trap - EXIT INT TERM
	if [ -e "$PCT_ROOT/etc/pve/lxc/$id.conf" ]; then
		pct unlock $id 2>/dev/null || :
		pct destroy $id --force 1 >/dev/null 2>&1 || :
	fi
	[ -z "$made_bridge" ] || ip link del $bridge || :
	forget_groups
	[ -n "$had_run_lxc" ] || rmdir /run/lxc/lock /run/lxc 2>/dev/null || :
	rm -rf "$PCT_ROOT"
	[ $status = 0 ] || echo "make demo: failed" >&2
	exit $status
}

run() {
	printf '\n# %s\n' "$*"
	"$@"
}

groups_before=$(echo /sys/fs/cgroup/*/lxc /sys/fs/cgroup/*/lxc.monitor \
	/sys/fs/cgroup/*/lxc.pivot /sys/fs/cgroup/lxc /sys/fs/cgroup/lxc.monitor)
had_run_lxc=$([ ! -d /run/lxc ] || echo yes)
trap finish EXIT
trap 'exit 130' INT TERM

echo "Everything below happens under PCT_ROOT=$PCT_ROOT."
run ip link add $bridge type bridge
made_bridge=yes
run ip address add 198.51.100.1/24 dev $bridge
run ip link set $bridge up
run pveam build "$recipe"
template=$(pveam list local | sed -n '2s/ .*//p')
run pveam list local
run pct create $id "$template" --hostname demo --memory 256 --cores 1 \
	--rootfs local:2 --features nesting=1 \
	--net0 name=eth0,bridge=$bridge,ip=198.51.100.2/24,gw=198.51.100.1
run pct start $id
run pct list
run pct status $id
run pct config $id
run pct exec $id -- id
run pct exec $id -- cat /etc/hostname
for _ in 1 2 3 4 5 6 7 8 9 10; do
	ping -c 1 -W 1 198.51.100.2 >/dev/null 2>&1 && break
	sleep 0.5
done
run ping -c 1 -W 2 198.51.100.2
run pct stop $id
run pct status $id
run pct destroy $id
run pct list

cat <<EOF

To repeat it by hand, as root:
    export PCT_ROOT=/tmp/pct PATH=$build/sbin:\$PATH
    mkdir -p \$PCT_ROOT && ip link add br0 type bridge && ip link set br0 up
    pveam build $recipe
    pct create 100 $template --net0 name=eth0,bridge=br0,ip=198.51.100.2/24
    pct start 100 && pct enter 100
    pct stop 100 && pct destroy 100
Without PCT_ROOT the same commands work on the real /etc/pve and /var/lib/vz.
EOF
