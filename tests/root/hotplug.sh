#!/bin/sh
# Mount points that are added to a running container, options of mounts, and guests that
# try to lead a mount elsewhere (the security list: 1, 4, 6).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
given_template

given() {
	given_running 9330
}

inside() {
	pct exec 9330 -- "$@"
}

loops() {
	losetup -n -l -O BACK-FILE | grep -c -F "$root/$1"
}

spec 'mounts a new directory volume into a running container' '
	given >/dev/null && succeeds pct set 9330 --mp0 local:0,mp=/mnt/new && stdout_is && stderr_is &&
	conf_has 9330 "mp0: local:9330/subvol-9330-disk-1.subvol,mp=/mnt/new,size=0T" &&
	conf_lacks 9330 pending && conf_lacks 9330 unused &&
	inside touch /mnt/new/file && [ -e "$(tree 9330 1)/file" ] &&
	equals "$(inside stat -c %u:%g /mnt/new)" 0:0 && equals "$(stat -c %u:%g "$(tree 9330 1)")" 100000:100000 &&
	! grep -F " $root/" /proc/self/mountinfo
'

spec 'mounts a new image, and its loop device goes when the container stops' '
	succeeds pct set 9330 --mp1 local:0.02,mp=/image && stdout_like "^Creating filesystem with" &&
	stderr_is && conf_has 9330 "mp1: local:9330/vm-9330-disk-2.raw,mp=/image,size=20M" &&
	inside test -d /image/lost+found && inside touch /image/file &&
	equals "$(loops var/lib/vz/images/9330)" 1
'

spec 'mounts a directory of the host, read-only and with options' '
	mkdir "$top/data" && touch "$top/data/file" &&
	succeeds pct set 9330 --mp2 "$top/data,mp=/data,ro=1,mountoptions=nosuid;nodev" && stderr_is &&
	inside test -e /data/file && ! inside touch /data/new && [ ! -e "$top/data/new" ] &&
	inside grep -q " /data ro,nosuid,nodev" /proc/self/mountinfo
'

spec 'mounts several of one call, and the next start mounts them all' '
	succeeds pct set 9330 --mp3 "$top/data,mp=/a" --mp4 "$top/data,mp=/a/b" && stderr_is &&
	inside test -e /a/b/file && inside test -e /a/file &&
	pct reboot 9330 && answers 9330 && inside test -e /a/b/file &&
	inside test -d /image/lost+found && inside test -e /mnt/new/file
'

spec 'keeps changes of a mount point pending until the stop, removals only if they have to wait' '
	succeeds pct set 9330 --mp2 "$top/data,mp=/elsewhere" && stderr_is &&
	conf_has 9330 "[pve:pending]" && ! inside test -e /elsewhere &&
	succeeds pct set 9330 --delete mp3 && stderr_like "^unable to hotplug mp3: " &&
	inside test -e /a/b/file && succeeds pct set 9330 --delete mp4 && stderr_is &&
	! inside test -e /a/b/file && inside test -e /a/file && pct stop 9330 && is_clean && equals "$(loops var/lib/vz/images/9330)" 0 &&
	conf_has 9330 "mp2: $top/data,mp=/elsewhere" && conf_lacks 9330 "^mp[34]" &&
	pct start 9330 && answers 9330 && inside test -e /elsewhere/file && ! inside test -e /a/b/file
'

spec 'says why a mount point cannot be mounted live, frees its volume and writes nothing' '
	cp "$(config_file 9330)" "$scratch/before" && inside ln -s /etc /link &&
	fails_with 255 pct set 9330 --mp5 local:0,mp=/link/x &&
	stderr_starts "400 Parameter verification failed." &&
	stderr_like "^mp5: unable to hotplug mp5: mp5: symlink encountered at: /link$" &&
	cmp "$scratch/before" "$(config_file 9330)" && [ ! -e "$(tree 9330 3)" ] &&
	! inside test -e /etc/x && ! staged 9330 | grep -x mp5 &&
	fails_with 255 pct set 9330 --mp5 "$top/nothing,mp=/x" &&
	stderr_like "^mp5: unable to hotplug mp5: mp5: directory .$top/nothing. does not exist$" &&
	fails_with 255 pct set 9330 --mp5 "$top/data,mp=/" &&
	stderr_like "^mp5: unable to hotplug mp5: mp5: mp: ./. is the root directory$" &&
	fails_with 255 pct set 9330 --mp5 "$top/data,mp=/etc/passwd" &&
	stderr_like "^mp5: unable to hotplug mp5: mp5: symlink encountered at: /etc/passwd$" &&
	fails_with 255 pct set 9330 --mp5 local:0.01,mp=/x,quota=1 &&
	stderr_like "Quotas are not supported by unprivileged containers." &&
	cmp "$scratch/before" "$(config_file 9330)" && equals "$(loops var/lib/vz/images/9330)" 1
'

spec 'keeps what it has mounted when another change of the same call fails' '
	fails_with 255 pct set 9330 --mp5 local:0,mp=/good --mp6 "$top/nothing,mp=/bad" &&
	stderr_like "^mp6: unable to hotplug mp6" && inside test -d /good &&
	conf_has 9330 "mp5: local:9330/subvol-9330-disk-3.subvol,mp=/good,size=0T" &&
	conf_lacks 9330 "^mp6" && conf_lacks 9330 pending && conf_lacks 9330 unused &&
	[ -d "$(tree 9330 3)" ]
'

spec 'shows the ids on disk that idmap names' '
	mkdir "$top/ids" && touch "$top/ids/a" "$top/ids/b" && chown 33:33 "$top/ids/a" &&
	chown 1005:1006 "$top/ids/b" &&
	succeeds pct set 9330 --mp7 "$top/ids,mp=/ids,idmap=passthrough" && stderr_is &&
	equals "$(inside stat -c %u:%g /ids/a /ids/b | tr "\n" " ")" "33:33 1005:1006 " &&
	succeeds pct set 9330 --mp8 "$top/ids,mp=/one,idmap=u:7:33:1;g:8:33:1" && stderr_is &&
	equals "$(inside stat -c %u:%g /one/a /one/b | tr "\n" " ")" "7:8 65534:65534 " &&
	inside sh -c "echo x >/ids/new && chown 5:6 /ids/new" &&
	equals "$(stat -c %u:%g "$top/ids/new")" 5:6 &&
	pct reboot 9330 && answers 9330 && equals "$(inside stat -c %u:%g /ids/a)" 33:33 &&
	equals "$(inside stat -c %u:%g /one/a)" 7:8
'

spec 'makes new volumes whose ids are mapped for root of the container' '
	succeeds pct set 9330 --mp20 local:0,mp=/own,idmap=passthrough --mp21 "local:0.02,mp=/some,idmap=u:0:7:1;g:0:8:1" &&
	equals "$(inside stat -c %u:%g /own)" 0:0 && equals "$(inside stat -c %u:%g /some)" 0:0 &&
	inside touch /own/file /some/file && inside rm /own/file /some/file && succeeds pct set 9330 --delete mp20,mp21 &&
	pct create 9331 "$template" --rootfs local:0,idmap=passthrough --memory 64 &&
	equals "$(stat -c %u "$(tree 9331)" "$(tree 9331)/bin/busybox" | sort -u)" 0 && pct start 9331 &&
	answers 9331 && equals "$(pct exec 9331 -- stat -c %u /bin)" 0 && pct destroy 9331 --force 1
'

spec 'refuses id maps that overlap' '
	fails_with 255 pct set 9330 --mp9 "$top/ids,mp=/two,idmap=u:0:0:10;u:9:100:1" &&
	stderr_like "idmap: invalid map entry .u 9 100 1.: container uid 9 is also mapped by"
'

spec 'says that idmap has no effect in a privileged container' '
	given_running 9331 --unprivileged 0 &&
	succeeds pct set 9331 --mp0 "$top/ids,mp=/ids,idmap=passthrough" &&
	stderr_is "'\''mp0'\'' - ignoring '\''idmap'\'' option unsupported by privileged container" &&
	equals "$(pct exec 9331 -- stat -c %u:%g /ids/a)" 33:33
'

spec 'mounts an image with quotas for a privileged container' '
	succeeds pct set 9331 --mp1 local:0.02,mp=/quota,quota=1 &&
	pct exec 9331 -- grep -q " /quota .*usrjquota=aquota.user" /proc/self/mountinfo
'

spec 'gives a device to a running container, with its mode, its owner and the right to use it' '
	for ctid in 9330 9331; do
		! pct exec $ctid -- test -e /dev/net &&
			succeeds pct set $ctid --dev0 /dev/net/tun,mode=0640,uid=5,gid=6 && stdout_is && stderr_is &&
			conf_has $ctid "dev0: /dev/net/tun,mode=0640,uid=5,gid=6" && conf_lacks $ctid pending &&
			equals "$(pct exec $ctid -- stat -c "%t:%T %a %u:%g" /dev/net/tun)" "a:c8 640 5:6" &&
			pct exec $ctid -- sh -c "exec 3<>/dev/net/tun" || return
		# As after a command that was killed before it wrote the file.
		sed -i /^dev0/d "$(config_file $ctid)" &&
			succeeds pct set $ctid --dev0 /dev/net/tun,mode=0666 && stderr_is &&
			equals "$(pct exec $ctid -- stat -c "%t:%T %a %u:%g" /dev/net/tun)" "a:c8 666 0:0" &&
			pct exec $ctid -- sh -c "exec 3<>/dev/net/tun" || return
	done
	! grep -F " $root/" /proc/self/mountinfo && equals "$(ls -A "$root/var/lib/lxc/9330/passthrough")" ""
'

# One that is no image of ours.
free_loop() {
	losetup -f | grep "^/dev/loop[0-9]*$"
}

spec 'lets nobody write to a device of which only reading is allowed, and hands out no loop-control' '
	loop=$(free_loop) && [ -b "$loop" ] || skip_spec "there is no loop device"
	for ctid in 9330 9331; do
		succeeds pct set $ctid --dev1 "$loop,deny-write=1" && stderr_is &&
			pct exec $ctid -- sh -c "exec 3<$loop" && ! pct exec $ctid -- sh -c "exec 3<>$loop" &&
			succeeds pct set $ctid --dev2 /dev/loop-control &&
			stderr_is "device '\''/dev/loop-control'\'' is never passed through" &&
			! pct exec $ctid -- test -e /dev/loop-control || return
	done
'

spec 'follows no symlink of the guest to the place of a device, and keeps changes of one for the next start' '
	inside ln -s /etc/motd /dev/kmsg &&
	fails_with 255 pct set 9330 --dev3 /dev/kmsg &&
	stderr_has "dev3: unable to hotplug dev3: /dev/kmsg: a directory or a symlink is there already" &&
	conf_lacks 9330 dev3 && ! inside test -e /etc/motd && inside rm /dev/kmsg &&
	inside sh -c "mv /dev/net /dev/old; ln -s /etc /dev/net" &&
	fails_with 255 pct set 9330 --dev3 /dev/net/tun && stderr_like "symlink encountered at: /dev/net$" &&
	! inside test -e /etc/tun && succeeds pct set 9330 --dev3 /dev/kmsg && stderr_is &&
	inside test -c /dev/kmsg && succeeds pct set 9330 --dev3 /dev/kmsg,mode=0600 &&
	conf_has 9330 "dev3: /dev/kmsg" && succeeds pct set 9330 --delete dev0,dev1,dev2,dev3 &&
	conf_has 9330 "delete: dev0,dev1,dev2,dev3" && inside test -c /dev/kmsg
'

spec 'keeps the loop device of a hot-plugged image that the guest unmounts' '
	pct exec 9331 -- umount /quota && equals "$(loops var/lib/vz/images/9331)" 1 &&
	pct stop 9331 && within 5 equals "$(loops var/lib/vz/images/9331)" 0 && pct destroy 9331
'

# What root of the guest could do to the files that it owns, as fast as it can be done.
swap_names() {
	exec python3 -c "import ctypes, sys
libc = ctypes.CDLL(None)
one, two = (name.encode() for name in sys.argv[1:])
while True:
    libc.renameat2(-100, one, -100, two, 2)" "$1" "$2"
}

# The link leads to a directory that is there on the host and in the container.
spec 'never follows a link that the guest swaps with the target while it mounts' '
	race=$(tree 9330)/race outside=$top/outside inner=$(tree 9330)$top/outside
	mkdir -p "$race/dir/x" "$outside/x" "$inner/x" && ln -s "$outside" "$race/link" &&
	chown -R 100000:100000 "$race" && { swap_names "$race/dir" "$race/link" & } && racer=$!
	mounted=0 refused=0 i=20
	while [ "$i" -lt 70 ]; do
		if pct set 9330 "--mp$i" "$top/data,mp=/race/dir/x/y" 2>"$scratch/one"; then
			mounted=$((mounted + 1))
		else
			grep -qE "symlink encountered at: /race/dir$|mount path change" "$scratch/one" ||
				because "$(cat "$scratch/one")" || break
			refused=$((refused + 1))
		fi
		i=$((i + 1))
	done
	kill "$racer"
	wait "$racer" 2>/dev/null
	tell "mounted $mounted times, refused $refused times"
	[ "$i" = 70 ] && [ "$mounted" -gt 0 ] && [ "$refused" -gt 0 ] &&
	equals "$(ls -A "$outside/x" "$inner/x" | grep -v :)" "" &&
	! grep -F "$outside" "/proc/$(init_of 9330)/mountinfo" /proc/self/mountinfo
'

spec 'mounts 256 volumes, live and at a start' '
	pct stop 9330 && pct destroy 9330 && given_running 9330 &&
	for i in 0 1 2; do
		set -- && j=0
		while [ "$j" -lt 85 ]; do
			n=$((i * 85 + j)) j=$((j + 1))
			set -- "$@" "--mp$n" "$top/data,mp=/many/$n"
		done
		succeeds pct set 9330 "$@" && stderr_is || exit 1
	done && succeeds pct set 9330 --mp255 "$top/data,mp=/many/255" &&
	inside test -e /many/0/file && inside test -e /many/254/file && inside test -e /many/255/file &&
	equals "$(staged 9330 | wc -l)" 257 &&
	fails_with 255 pct set 9330 --mp256 "$top/data,mp=/x" &&
	pct reboot 9330 && answers 9330 && inside test -e /many/255/file && pct stop 9330 &&
	is_clean && pct destroy 9330
'

# ---- killed at any point ----

is_whole_after() {
	inside true && pct stop 9332 >"$scratch/again" 2>&1 && is_clean &&
		pct start 9332 >>"$scratch/again" 2>&1 && answers 9332
}

spec 'survives being killed at any point of mounting a new volume' '
	needs_tracing; inside() { pct exec 9332 -- "$@"; }
	given_running 9332 >/dev/null && most=$(count_points "$bin/pct" set 9332 --mp0 local:0.02,mp=/x) &&
	pct stop 9332 && pct destroy 9332 && tried=0 &&
	for point in $(points "$most"); do
		given_running 9332 >/dev/null && { killed_at "$point" "$bin/pct" set 9332 --mp0 local:0.02,mp=/x; :; } &&
		tried=$((tried + 1)) && sleep 0.1 &&
		{ grep -q "^mp0:" "$(config_file 9332)" || succeeds pct set 9332 --mp0 local:0.02,mp=/x; } &&
		{ inside test -d /x/lost+found || { pct stop 9332 && pct start 9332 && answers 9332; }; } &&
		inside test -d /x/lost+found && is_whole_after && inside test -d /x/lost+found &&
		pct stop 9332 && pct destroy 9332 && is_gone 9332 ||
			because "killed at $point of $most" "$(cat "$scratch/out" "$scratch/again" "$scratch/stderr")" || exit 1
	done && tell "killed at $tried of $most points"
'

ends_clean
