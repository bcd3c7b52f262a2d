#!/bin/sh
# A container's root does not reach the host, nor a host's user the container
# (runtime.md 13; mounts and guest files have files of their own).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9360
given_template
given_bridge

given() {
	given_running 9360 --mp0 local:0.02,mp=/data
}

inside() {
	pct exec 9360 -- "$@"
}

spec 'shows none of its mounts to the host' '
	given && ! grep -F "$root" /proc/self/mountinfo && ! grep -F 9360 /proc/self/mountinfo
'

spec 'keeps mounts of the guest away from the host, shared ones as well' '
	{ inside mount --make-rshared / || :; } && inside mkdir -p /mnt/bait93 &&
	inside mount -t tmpfs none /mnt/bait93 && inside grep -q " /mnt/bait93 " /proc/mounts &&
	! grep -F bait93 /proc/self/mountinfo "/proc/$(monitor_of 9360)/mountinfo"
'

spec 'maps root of the container to an id without rights on the host' '
	equals "$(inside awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map)" "0 100000 65536" &&
	equals "$(stat -c %u:%g "/proc/$(init_of 9360)")" 100000:100000 &&
	! inside sh -c "echo 1 >/proc/sys/kernel/panic" &&
	! inside mknod /root/disk b 8 0
'

spec 'sees only its own processes and cannot signal others' '
	! inside ps | grep -q pct-monitor && ! inside kill -0 "$(monitor_of 9360)" 2>/dev/null
'

spec 'hands no descriptor of the host to init' '
	for fd in "/proc/$(init_of 9360)/fd"/*; do
		case $(readlink "$fd") in
		/dev/console | /dev/null | /dev/pts/* | /dev/tty* | /proc/* | /) ;;
		*) because "$(ls -l "$fd")" || exit 1 ;;
		esac
	done
'

spec 'hands no descriptor of the caller to monitor and init' '
	pct stop 9360 && exec 7<"$top/build.log" && pct start 9360 && answers 9360 && exec 7<&- &&
	for process in "$(init_of 9360)" "$(monitor_of 9360)"; do
		! ls -l "/proc/$process/fd" | grep -F "$top/build.log" || exit 1
	done
'

spec 'gives the guest no way to write the log of the host' '
	inside sh -c "for fd in 0 1 2; do echo flood >/proc/1/fd/\$fd; done" 2>/dev/null
	! grep -rq flood "$root/run/pve" "$root/var/log" 2>/dev/null
'

spec 'runs the monitor of a privileged container from a sealed copy in memory' '
	given_running 9363 --unprivileged 0 &&
	case $(readlink "/proc/$(monitor_of 9363)/exe") in
	/memfd:*) ;;
	*) because "$(readlink "/proc/$(monitor_of 9363)/exe")" ;;
	esac
'

# The bait would run as root of the host.
spec 'takes no program and no library from the environment of the caller' '
	pct stop 9360 && mkdir -p "$top/bait" && for name in sh ip mount umount lxc-start losetup \
		mkfs.ext4 ssh-keygen mke2fs rm; do
		printf "#!/bin/sh\necho %s >>%s\nexit 1\n" "$name" "$top/bitten" >"$top/bait/$name" &&
		chmod 755 "$top/bait/$name" || exit 1
	done &&
	PATH=$top/bait:$PATH LD_LIBRARY_PATH=$top/bait BASH_ENV=$top/bait/sh ENV=$top/bait/sh \
		SECRET=geheim "$bin/pct" start 9360 && answers 9360 &&
	PATH=$top/bait:$PATH "$bin/pct" create 9361 "$template" --rootfs local:0.05 &&
	PATH=$top/bait:$PATH "$bin/pct" destroy 9361 && [ ! -e "$top/bitten" ] &&
	for process in "$(init_of 9360)" "$(monitor_of 9360)"; do
		! tr "\0" "\n" <"/proc/$process/environ" | grep -E "geheim|$top/bait" || exit 1
	done
'

spec 'does not let a privileged guest overwrite the program that enters it' '
	before=$(cat "$bin/pct" "$bin/../libexec/pct"/* | sha256sum)
	given_running 9362 --unprivileged 0 && pct exec 9362 -- ln -s /proc/self/exe /root/trap ||
		exit 1
	"$bin/pct" exec 9362 -- sh -c "while :; do for exe in /proc/[0-9]*/exe; do
		echo overwritten >>\$exe; done 2>/dev/null; done" &
	attacker=$! && within 5 guest_is_up 9362 && for try in 1 2 3 4 5 6 7 8 9 10; do
		pct exec 9362 -- /root/trap >/dev/null 2>&1
		pct exec 9362 -- true
	done
	kill "$attacker"
	wait "$attacker"
	pct destroy 9362 --force 1 &&
	equals "$(cat "$bin/pct" "$bin/../libexec/pct"/* | sha256sum)" "$before"
'

spec 'writes its files for root alone to change, and follows no planted link' '
	find "$root/etc" "$root/run" "$root/var/lib/lxc" \( -type f -o -type d \) -perm /022 \
		! -path "*/rootfs/*" | grep . && exit 1
	pct stop 9360 && echo kept >"$top/victim" &&
	for name in ct-9360.stderr ct-9360.warnings ct-9360.error; do
		ln -sf "$top/victim" "$root/run/pve/$name"
	done && run pct start 9360 && equals "$(cat "$top/victim")" kept &&
	{ has_status 9360 running || pct start 9360; } && answers 9360
'

spec 'puts no line into the LXC configuration that the file does not hold as its own' '
	pct stop 9360 && conf=$(config_file 9360) && cp "$conf" "$scratch/conf" &&
	for line in "hostname: a\rlxc.hook.start = /bin/false" "hostname: a\vlxc.hook.start = x" \
		"nameserver: 192.0.2.1\rlxc.hook.start = x" \
		"net3: name=eth3\rlxc.hook.start = x,bridge=$bridge" \
		"arch: amd64\rlxc.hook.start = x"; do
		cp "$scratch/conf" "$conf" && printf "$line\n" >>"$conf" &&
		run pct generate 9360 && ! grep -a "lxc.hook.start" "$scratch/stdout" || exit 1
	done
	cp "$scratch/conf" "$conf"
'

spec 'does not take the socket of another user for a running container' '
	python3 - "$root/var/lib/lxc/9360/command" <<-"END" &
		import os, socket, sys, time
		os.setgid(65534)
		os.setuid(65534)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind("\0" + sys.argv[1])
		s.listen(5)
		time.sleep(20)
	END
	squatter=$!
	within 5 grep -q "@$root/var/lib/lxc/9360/command" /proc/net/unix &&
	[ "$(timeout 5 "$bin/pct" status 9360 2>/dev/null)" = "status: stopped" ] &&
	timeout 5 "$bin/pct" list >"$scratch/list" 2>&1 && cat "$scratch/list" &&
	grep -q "^9360 *stopped" "$scratch/list" && fails_with 255 timeout 15 pct exec 9360 -- true
	status=$?
	kill "$squatter"
	wait "$squatter"
	[ "$status" = 0 ] && pct start 9360 && answers 9360
'

spec 'refuses names of interfaces that are too long for the kernel' '
	pct create 931000000 "$template" --rootfs local:0 --net10 "name=eth0,bridge=$bridge" &&
	fails_with 255 pct start 931000000 && has_status 931000000 stopped && pct destroy 931000000
'

spec 'runs no command of the host through the words of a configuration' '
	pct stop 9360 && cp "$(config_file 9360)" "$scratch/conf" &&
	echo "net0: name=eth0,bridge=\$(touch $top/run);touch \${IFS}$top/run" >>"$(config_file 9360)" &&
	echo "hostname: a;touch $top/run" >>"$(config_file 9360)" &&
	run pct start 9360 && [ ! -e "$top/run" ]
	run pct stop 9360
	cp "$scratch/conf" "$(config_file 9360)"
'

# A hook of LXC that runs on the host's files, before the guest's are in place.
spec 'lets no variable of the configuration steer a program of the host' '
	mkdir "$top/open" && chmod 777 "$top/open" &&
	printf "#!/bin/sh\n/usr/bin/env >%s\n" "$top/open/env" >"$top/env-hook" && chmod 755 "$top/env-hook" &&
	given_container 9366 && for line in "environment.runtime: LD_PRELOAD=/bait.so" \
		"environment.runtime: PATH=$top/bait" "environment.runtime: BASH_ENV=/bait" \
		"environment.runtime: HARMLESS=yes" "hook.mount: $top/env-hook"; do
		echo "lxc.$line" >>"$(config_file 9366)"
	done && succeeds pct start 9366 && answers 9366 &&
	[ -s "$top/open/env" ] && ! grep bait "$top/open/env" &&
	tr "\0" "\n" <"/proc/$(init_of 9366)/environ" | grep -qx HARMLESS=yes
'

# Its mounts of them are its own, and it may make them writable; what is in them is not.
spec 'changes no owner, mode or setting in /proc and /sys of the host' '
	before=$(stat -c "%u:%g %a" /sys /sys/kernel /proc /proc/sys/kernel) &&
	{ has_status 9360 running || pct start 9360; } && answers 9360 &&
	inside awk "\$2 == \"/sys\" { print \$4 }" /proc/mounts | grep -q "^ro," || exit 1
	for attempt in 1 2; do
		! inside chown 0:0 /sys/kernel && ! inside chmod 777 /sys/kernel &&
		! inside chown 0:0 /proc/sys/kernel/panic && ! inside chmod 777 /proc/sys/kernel/panic &&
		! inside sh -c "echo 1 >/proc/sys/kernel/panic" && ! inside sh -c "echo h >/proc/sysrq-trigger" &&
		! inside sh -c "echo 0 >/sys/kernel/profiling" || exit 1
		inside mount -o remount,rw,bind /sys
		inside mount -o remount,rw,bind /proc/sys
	done
	equals "$(stat -c "%u:%g %a" /sys /sys/kernel /proc /proc/sys/kernel)" "$before"
'

spec 'enters the container or fails, and nothing else, while it starts again and again' '
	{ has_status 9360 running || pct start 9360; } && answers 9360 && : >"$scratch/names" &&
	{ while [ ! -e "$scratch/enough" ]; do
		"$bin/pct" exec 9360 -- hostname 2>/dev/null >>"$scratch/names"
	done & } && for round in 1 2 3 4 5; do
		pct reboot 9360 --timeout 30 || exit 1
	done
	status=$?
	touch "$scratch/enough"
	wait
	[ "$status" = 0 ] && equals "$(sort -u "$scratch/names")" ct9360
'

# The image of the container's only volume that is one.
image_of() {
	ls "$root/var/lib/vz/images/$1"/*.raw
}

# LOOP: mounted on $top/mnt by the host, in a namespace that no other test can copy.
mount_elsewhere() {
	mkdir -p "$top/mnt" && rm -f "$top/mounted"
	unshare -m --propagation private sh -c "mount \"\$1\" \"\$2/mnt\" && : >\"\$2/mounted\" &&
		exec sleep 600" - "$1" "$top" &
	holder=$!
	within 5 test -e "$top/mounted"
}

elsewhere() {
	nsenter -t "$holder" -m -- sh -c "$1" - "$top/mnt"
}

# LOOP IMAGE: until the image has no loop device at all.
unmount_elsewhere() {
	kill "$holder"
	wait "$holder"
	losetup -d "$1"
	within 5 has_no_loop "$2"
}

has_no_loop() {
	[ -z "$(losetup -n -O NAME -j "$1")" ]
}

spec 'mounts an image that the host has mounted through the same loop device, as one file system' '
	given_container 9364 --mp0 local:0.02,mp=/data && image=$(image_of 9364) &&
	loop=$(losetup -f --show "$image") && mount_elsewhere "$loop" &&
	elsewhere "echo seen >\$1/file" && pct start 9364 && answers 9364 &&
	equals "$(pct exec 9364 -- cat /data/file)" seen &&
	equals "$(losetup -n -O NAME -j "$image")" "$loop" && pct stop 9364
	status=$?
	unmount_elsewhere "$loop" "$image" && [ "$status" = 0 ]
'

# Another loop device has a cache of its own over the same bytes. The kernel takes some
# 10 s to see that the image is in use.
spec 'does not start on an image that is mounted through another loop device' '
	image=$(image_of 9364) &&
	loop=$(losetup -f --show --sizelimit "$(stat -c %s "$image")" "$image") &&
	mount_elsewhere "$loop" && fails_with 255 pct start 9364 && cat "$scratch/stdout" &&
	stdout_like "mp0: image .$image.: .*: cannot mount, in use here or on another host: Device or resource busy" &&
	has_status 9364 stopped && elsewhere "echo still >\$1/file"
	status=$?
	unmount_elsewhere "$loop" "$image" && [ "$status" = 0 ] && pct start 9364 &&
	answers 9364 && equals "$(pct exec 9364 -- cat /data/file)" still
'

spec 'mounts the image of one container that runs for another one as the same file system' '
	given_container 9365 && volume=$(sed -n "s/^mp0: \([^,]*\),.*/\1/p" "$(config_file 9364)") &&
	echo "mp0: $volume,mp=/other" >>"$(config_file 9365)" && pct start 9365 && answers 9365 &&
	pct exec 9364 -- sh -c "echo once >/data/more" &&
	equals "$(pct exec 9365 -- cat /other/more)" once &&
	equals "$(losetup -n -O NAME -j "$(image_of 9364)" | wc -l)" 1 &&
	pct stop 9364 && pct stop 9365 && sed -i "/^mp0/d" "$(config_file 9365)"
'

ends_clean
