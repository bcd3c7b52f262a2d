#!/bin/sh
# Mount points that are taken out of a running container, those of the start and those that
# came later; guests that use, move, cover and hide them; killed at any point.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9450
needs_tracing
given_template
mkdir "$top/data" && touch "$top/data/file"

# A directory of the host and an image from the start, and the same plugged in.
given() {
	given_running 9450 --mp0 "$top/data,mp=/start" --mp1 local:0.02,mp=/start-image &&
		pct set 9450 --mp2 "$top/data,mp=/later" --mp3 local:0.02,mp=/later-image
}

inside() {
	pct exec 9450 -- "$@"
}

loops() {
	losetup -n -l -O BACK-FILE | grep -c -F "$root/var/lib/vz/images/$1"
}

# CTID KEY: neither the guest nor the monitor has it.
is_out() {
	conf_lacks "$1" "^$2:" && conf_lacks "$1" "pending" && ! staged "$1" | grep -qx "$2"
}

# CTID KEY REASON: it stays where it is, and waits for the stop.
stays() {
	succeeds pct set "$1" --delete "$2" &&
		stderr_is "unable to hotplug $2: $2: $3" &&
		grep -q "^$2:" "$(config_file "$1")" && conf_has "$1" "[pve:pending]" &&
		conf_has "$1" "delete: $2" && staged "$1" | grep -qx "$2" &&
		pct set "$1" --revert "$2" && conf_lacks "$1" pending
}

given >"$top/given.log" 2>&1 || exit 1

spec 'takes out a mount point that was plugged in' '
	succeeds pct set 9450 --delete mp2 && stderr_is && stdout_is && is_out 9450 mp2 &&
	! inside test -e /later/file && ! inside grep -q " /later " /proc/self/mountinfo &&
	inside test -e /start/file && [ -e "$top/data/file" ]
'

spec 'takes out one of the start, which the guest itself cannot unmount' '
	! inside umount /start && inside test -e /start/file &&
	succeeds pct set 9450 --delete mp0 && stderr_is && is_out 9450 mp0 &&
	! inside test -e /start/file && ! inside grep -q " /start " /proc/self/mountinfo
'

spec 'lets go of the loop devices of images, keeps their volumes as unused ones' '
	inside touch /later-image/file && inside touch /start-image/file && equals "$(loops 9450)" 2 &&
	succeeds pct set 9450 --delete mp3 && stderr_is && is_out 9450 mp3 && equals "$(loops 9450)" 1 &&
	conf_has 9450 "unused0: local:9450/vm-9450-disk-2.raw" &&
	succeeds pct set 9450 --delete mp1 && stderr_is && is_out 9450 mp1 && equals "$(loops 9450)" 0 &&
	conf_has 9450 "unused1: local:9450/vm-9450-disk-1.raw"
'

spec 'plugs them in again, under other keys and at other places, one twice' '
	succeeds pct set 9450 --mp8 local:9450/vm-9450-disk-2.raw,mp=/start --mp9 local:9450/vm-9450-disk-1.raw,mp=/a &&
	stderr_is && inside test -e /start/file && inside test -e /a/file && conf_lacks 9450 unused &&
	succeeds pct set 9450 --mp10 local:9450/vm-9450-disk-1.raw,mp=/b && stderr_is && inside test -e /b/file &&
	succeeds pct set 9450 --delete mp9 && stderr_is && is_out 9450 mp9 && conf_lacks 9450 unused &&
	! inside test -e /a/file && inside test -e /b/file && equals "$(loops 9450)" 2 &&
	succeeds pct set 9450 --delete mp8,mp10 && stderr_is && is_out 9450 mp8 && is_out 9450 mp10 &&
	equals "$(loops 9450)" 0 && pct set 9450 --delete unused0,unused1 &&
	[ ! -e "$root/var/lib/vz/images/9450/vm-9450-disk-1.raw" ] && pct reboot 9450 && answers 9450
'

# SECONDS SCRIPT [COMMAND...]: the guest runs it, and sleeps then as long; it is there.
guest_runs() {
	seconds=$1
	script=$2
	shift 2
	inside rm -f /run/there
	pct exec 9450 -- "$@" sh -c "$script && echo >/run/there && exec sleep $seconds" &
	within 10 inside test -e /run/there
}

again() {
	kill_all
	destroy_all && given
}

spec 'leaves a mount point that a process uses' '
	again >/dev/null && for where in "mp0 /start" "mp2 /later"; do
		set -- $where
		guest_runs 12 "cd $2" && stays 9450 "$1" "'\''$2'\'' is in use in the container" && inside test -e "$2/file" || exit 1
		wait
		succeeds pct set 9450 --delete "$1" && stderr_is && is_out 9450 "$1" || exit 1
	done
'

spec 'leaves one that another one is mounted below, unless both go' '
	pct set 9450 --mp4 "$top/data,mp=/later-image/sub" &&
	stays 9450 mp3 "something is mounted on it at '\''/later-image/sub'\''" &&
	pct set 9450 --mp5 local:0,mp=/start-image/sub &&
	stays 9450 mp1 "something is mounted on it at '\''/start-image/sub'\''" &&
	succeeds pct set 9450 --delete mp1,mp3,mp4,mp5 && stderr_is &&
	for key in mp1 mp3 mp4 mp5; do is_out 9450 $key || exit 1; done && equals "$(loops 9450)" 0
'

spec 'does at the stop what could not be done before' '
	again >/dev/null && guest_runs 60 "cd /start" && succeeds pct set 9450 --delete mp0 && stderr_like "^unable to hotplug mp0: mp0: ./start. is in use" &&
	conf_has 9450 "delete: mp0" && pct stop 9450 && conf_lacks 9450 "^mp0" && conf_lacks 9450 pending &&
	is_clean
'

# ---- guests that do something else with it ----

spec 'leaves a mount point that the guest has covered' '
	again >/dev/null && inside mount -t tmpfs none /later && inside mount -t tmpfs none /start &&
	stays 9450 mp2 "something is mounted on it at '\''/later'\''" &&
	stays 9450 mp0 "something is mounted on it at '\''/start'\''" &&
	inside umount /later && inside umount /start && inside test -e /later/file && inside test -e /start/file
'

spec 'leaves one that the guest has mounted a second time, there or elsewhere' '
	inside mkdir /copy && inside mount --bind /later /copy &&
	stays 9450 mp2 "the container has it mounted at '\''/copy'\''" && inside umount /copy &&
	inside mount --bind /later /later && ! succeeds_silently 9450 mp2 && inside umount /later &&
	inside test -e /later/file
' 

succeeds_silently() {
	pct set "$1" --delete "$2" 2>"$scratch/said"
	! grep -q . "$scratch/said" || { pct set "$1" --revert "$2"; return 1; }
}

spec 'leaves one that the guest has moved or hidden' '
	inside mkdir -p /else /hide/in && pct set 9450 --mp4 "$root,mp=/hide/in/it" &&
	inside mount -t tmpfs none /hide && inside mkdir -p /hide/in/it &&
	stays 9450 mp4 "something else is seen at '\''/hide/in/it'\'' in the container" &&
	inside umount /hide && pct set 9450 --delete mp4 && is_out 9450 mp4
'

spec 'leaves one that a process of the guest has in a mount namespace of its own' '
	guest_runs 12 "mount --make-rprivate /" unshare -m && succeeds pct set 9450 --delete mp2 &&
	stderr_is "unable to hotplug mp2: mp2: a process of the container has it in a mount namespace of its own" &&
	conf_has 9450 "delete: mp2" && staged 9450 | grep -qx mp2 && wait
	succeeds pct set 9450 --delete mp2 && stderr_is && is_out 9450 mp2
'

spec 'does not let go of an image that a process holds after a lazy unmount' '
	inside touch /later-image/file &&
	guest_runs 12 "exec 3</later-image/file; umount -l /later-image" && succeeds pct set 9450 --delete mp3 &&
	stderr_is "unable to hotplug mp3: mp3: '\''$root/var/lib/vz/images/9450/vm-9450-disk-2.raw'\'' is still in use" &&
	conf_has 9450 "delete: mp3" && equals "$(loops 9450)" 2 && wait
	within 5 equals "$(loops 9450)" 1 && succeeds pct set 9450 --delete mp3 && stderr_is && is_out 9450 mp3
'

spec 'leaves one at a place that the guest has made private' '
	inside mount --make-rprivate / && succeeds pct set 9450 --delete mp0 &&
	stderr_is "unable to hotplug mp0: mp0: the container keeps it mounted" && inside test -e /start/file &&
	conf_has 9450 "delete: mp0" && pct stop 9450 && is_clean && conf_lacks 9450 "^mp0"
'

spec 'unmounts nothing else, whatever the guest swaps with the target meanwhile' '
	again >/dev/null && race=$(tree 9450)/race && mkdir -p "$race/dir" "$race/other/x" "$top/outside/x" &&
	ln -s / "$race/link" && chown -hR 100000:100000 "$race" &&
	{ exec python3 -c "import ctypes, sys
libc = ctypes.CDLL(None)
one, two = (name.encode() for name in sys.argv[1:])
while True:
    libc.renameat2(-100, one, -100, two, 2)" "$race/dir" "$race/link" & } && racer=$!
	gone=0 refused=0 tries=0
	grep -c . "/proc/$(init_of 9450)/mountinfo" >"$scratch/mounts"
	while [ "$tries" -lt 60 ] && [ "$gone" -lt 8 ]; do
		tries=$((tries + 1))
		grep -q "^mp4:" "$(config_file 9450)" ||
			pct set 9450 --mp4 "$top/data,mp=/race/dir/x" 2>/dev/null || continue
		pct set 9450 --delete mp4 2>"$scratch/one"
		if grep -q "^mp4:" "$(config_file 9450)"; then
			grep -qE "symlink encountered at|something else is seen|cannot (open|unmount)|mounted at ./race/link/x" "$scratch/one" ||
				because "$(cat "$scratch/one")" || break
			refused=$((refused + 1))
		else
			gone=$((gone + 1))
		fi
	done
	kill "$racer"
	wait "$racer" 2>/dev/null
	tell "taken out $gone times, refused $refused times"
	[ "$gone" -gt 0 ] && { ! grep -q "^mp4:" "$(config_file 9450)" || pct set 9450 --delete mp4; } &&
	inside test -e /start/file && inside test -e /later/file &&
	equals "$(grep -c . "/proc/$(init_of 9450)/mountinfo")" "$(cat "$scratch/mounts")" &&
	pct stop 9450 && is_clean
'

spec 'takes out the mount points of a privileged container, where the guest can unmount them' '
	given_running 9451 --unprivileged 0 --mp0 "$top/data,mp=/start" --mp1 local:0.02,mp=/image &&
	pct set 9451 --mp2 local:0.02,mp=/later && pct exec 9451 -- umount /later && pct exec 9451 -- umount /start &&
	equals "$(loops 9451)" 2 && succeeds pct set 9451 --delete mp0,mp1,mp2 && stderr_is &&
	for key in mp0 mp1 mp2; do is_out 9451 $key || exit 1; done && equals "$(loops 9451)" 0 &&
	! pct exec 9451 -- grep -q " /image " /proc/self/mountinfo && pct destroy 9451 --force 1
'

spec 'changes no mount of the host' '
	again >/dev/null && pct set 9450 --delete mp0,mp1,mp2,mp3 && ! grep -F "$top" /proc/self/mountinfo &&
	[ "$(ls "$top/data")" = file ]
'

spec 'plugs in and takes out 256 mount points' '
	pct stop 9450 && pct destroy 9450 && given_running 9450 && keys= && set -- && i=0
	while [ "$i" -lt 256 ]; do
		set -- "$@" "--mp$i" "$top/data,mp=/many/$i" && keys=$keys,mp$i i=$((i + 1))
	done
	succeeds pct set 9450 "$@" && stderr_is && equals "$(staged 9450 | wc -l)" 257 &&
	inside test -e /many/0/file && inside test -e /many/255/file &&
	succeeds pct set 9450 --delete "${keys#,}" && stderr_is && equals "$(staged 9450)" rootfs &&
	! inside grep -q " /many/" /proc/self/mountinfo && conf_lacks 9450 "^mp" &&
	succeeds pct set 9450 "$@" && pct reboot 9450 && answers 9450 &&
	succeeds pct set 9450 --delete "${keys#,}" && stderr_is && equals "$(staged 9450)" rootfs &&
	! inside grep -q " /many/" /proc/self/mountinfo && pct stop 9450 && is_clean && pct destroy 9450
'

# ---- killed at any point ----

# HOW: a container that has mp0 from its "start", or plugged in "later".
given_victim() {
	if [ -e "$(config_file 9450)" ]; then pct destroy 9450 --force 1 || return 1; fi
	if [ -e "$(config_file 9452)" ]; then pct destroy 9452 --force 1 || return 1; fi
	case $1 in
	start) given_running 9452 --mp0 local:0.01,mp=/x ;;
	*) given_running 9452 && pct set 9452 --mp0 local:0.01,mp=/x ;;
	esac >/dev/null
}

# It is in or out, as the file says it is; the same command again takes it out.
victim_recovers() {
	within 5 pct exec 9452 -- true && if grep -q "^mp0:" "$(config_file 9452)"; then
		succeeds pct set 9452 --delete mp0 && stderr_is
	fi && conf_has 9452 "unused0: local:9452/vm-9452-disk-1.raw" && is_out 9452 mp0 &&
		! pct exec 9452 -- grep -q " /x " /proc/self/mountinfo && equals "$(loops 9452)" 0
}

# HOW
survives() {
	given_victim "$1" && most=$(count_points "$bin/pct" set 9452 --delete mp0) && victim_recovers || return 1
	for point in $(points "$most"); do
		given_victim "$1" || return 1
		killed_at "$point" "$bin/pct" set 9452 --delete mp0
		sleep 0.1
		victim_recovers || because "killed at $point of $most" "$(cat "$scratch/out")" || return 1
	done
	tell "killed at up to $most points: unplugging one of kind $1"
	pct destroy 9452 --force 1 && is_gone 9452
}

spec 'survives being killed at any point of taking one out' '
	survives start && survives later
'

ends_clean
