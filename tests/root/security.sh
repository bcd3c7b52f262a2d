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

ends_clean
