#!/bin/sh
# Volumes, devices and interfaces of a container whose root is an enemy (the security
# list: 1, 2, 5-8, 43, 45, 46, 50).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9290
given_template
given_bridge

mounts() {
	cat /proc/self/mountinfo
}

# KEY VALUE: another value of one key of the stopped container.
given_key() {
	sed -i "/^$1:/d" "$(config_file 9290)" && echo "$1: $2" >>"$(config_file 9290)"
}

without_key() {
	sed -i "/^$1:/d" "$(config_file 9290)"
}

inside() {
	pct exec 9290 -- "$@"
}

# MESSAGE: the start is refused with this sentence and leaves nothing.
start_fails() {
	fails_with 255 pct start 9290 && stdout_like "$1" &&
		stderr_like "startup for container .9290. failed" &&
		has_status 9290 stopped && is_clean
}

loops() {
	losetup -n -l -O BACK-FILE | grep -c -F "$root/$1"
}

spec 'mounts nothing where the host could see it' '
	given_container 9290 && mounts >"$top/mounts" &&
	pct start 9290 && answers 9290 &&
	equals "$(mounts)" "$(cat "$top/mounts")" &&
	equals "$(ls -A "$root/var/lib/lxc/9290/rootfs")" "" &&
	equals "$(ls -A "$root/var/lib/lxc/.pve-staged-mounts")" ""
'

spec 'shows the host nothing of mounts that the guest makes shared' '
	inside mount --make-rshared / && inside mkdir -p /tmp/m &&
	inside mount -t tmpfs none /tmp/m && inside touch /tmp/m/file &&
	equals "$(mounts)" "$(cat "$top/mounts")" &&
	[ ! -e "$(tree 9290)/tmp/m/file" ] && pct stop 9290 && is_clean
'

spec 'refuses a mount point behind a symlink of the guest and makes nothing there' '
	mkdir "$top/host" "$top/data" &&
	ln -s "$top/host" "$(tree 9290)/mnt/link" &&
	given_key mp0 "$top/data,mp=/mnt/link/x" &&
	start_fails "mp0: symlink encountered at: /mnt/link" &&
	equals "$(ls -A "$top/host")" "" &&
	given_key mp0 "$top/data,mp=/mnt/link" &&
	start_fails "mp0: symlink encountered at: /mnt/link"
'

spec 'refuses a source on the host that goes through a symlink' '
	mkdir "$top/host/deep" && ln -s "$top/host" "$top/way" &&
	given_key mp0 "$top/way/deep,mp=/mnt/x" &&
	start_fails "mp0: symlink encountered at: $top/way" &&
	given_key mp0 "$top/nothing,mp=/mnt/x" &&
	start_fails "mp0: directory .$top/nothing. does not exist"
'

spec 'lets the guest neither write to a read-only volume nor make it writable' '
	touch "$top/data/file" && given_key mp0 "$top/data,mp=/mnt/data,ro=1" &&
	pct start 9290 && answers 9290 && inside test -e /mnt/data/file &&
	! inside touch /mnt/data/new && ! inside mount -o remount,rw,bind /mnt/data &&
	! inside touch /mnt/data/new && [ ! -e "$top/data/new" ] && pct stop 9290
'

# Root of an unprivileged container cannot unmount at all what the host mounted.
spec 'keeps the loop device of an image that the guest unmounts' '
	without_key mp0 && given_container 9291 --unprivileged 0 --mp0 local:0.02,mp=/mnt/image &&
	pct start 9291 && answers 9291 && pct exec 9291 -- touch /mnt/image/file &&
	equals "$(loops var/lib/vz/images/9291)" 1 &&
	pct exec 9291 -- umount /mnt/image && ! pct exec 9291 -- test -e /mnt/image/file &&
	equals "$(loops var/lib/vz/images/9291)" 1 &&
	pct stop 9291 && is_clean && equals "$(loops var/lib/vz/images/9291)" 0
'

spec 'hands out a device of the host, never loop-control' '
	without_key mp0 && [ -c /dev/net/tun ] && [ -c /dev/loop-control ] &&
	given_key dev0 /dev/net/tun,mode=0666 && given_key dev1 /dev/loop-control &&
	succeeds pct start 9290 && answers 9290 &&
	stdout_like "/dev/loop-control. is never passed through" &&
	inside test -c /dev/net/tun && ! inside test -e /dev/loop-control &&
	inside stat -c %a /dev/net/tun | grep -qx 666 &&
	equals "$(ls -A "$root/var/lib/lxc/9290/passthrough")" "" &&
	pct stop 9290 && is_clean && without_key dev0 && without_key dev1
'

spec 'does not attach an interface whose link is down' '
	given_key net0 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:92:90,type=veth,link_down=1" &&
	pct start 9290 && answers 9290 && [ -e /sys/class/net/veth9290i0 ] &&
	[ ! -e /sys/class/net/veth9290i0/master ] &&
	equals "$(cat /sys/class/net/veth9290i0/operstate)" down && pct stop 9290 && is_clean
'

spec 'replaces a veth that a killed start left, but no interface of somebody else' '
	given_key net0 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:92:90,type=veth" &&
	ip link add veth9290i0 type veth peer name "$bridge"p && pct start 9290 &&
	answers 9290 && [ ! -e "/sys/class/net/${bridge}p" ] && pct stop 9290 && is_clean &&
	ip link add veth9290i0 type bridge &&
	fails_with 255 pct start 9290 &&
	stdout_like "interface .veth9290i0. exists and is not a veth" &&
	[ -e /sys/class/net/veth9290i0 ] && ip link del veth9290i0 && is_clean
'

spec 'stops and cleans up although a file of the root is open on the host' '
	pct start 9290 && answers 9290 && monitor=$(monitor_of 9290) &&
	nsenter -t "$monitor" -m sh -c "exec 8<$root/var/lib/lxc/9290/rootfs/etc/passwd
		echo open >$top/open; exec sleep 60" & holder=$!
	within 5 test -s "$top/open" && pct stop 9290 &&
	[ ! -e /sys/class/net/veth9290i0 ] && has_status 9290 stopped
	stopped=$?
	kill "$holder"
	[ "$stopped" = 0 ] && is_clean
'

spec 'runs its hooks with an environment of their own' '
	mkdir "$top/bait" && for name in sh ip mount id umount; do
		printf "#!/bin/sh\ntouch $top/caught\nexec /bin/true\n" >"$top/bait/$name" &&
			chmod +x "$top/bait/$name"
	done &&
	PATH=$top/bait:$PATH LD_BIND_NOW=1 "$bin/pct" start 9290 && answers 9290 &&
	[ ! -e "$top/caught" ] && pct stop 9290
'

ends_clean
