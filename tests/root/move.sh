#!/bin/sh
# move-volume of real containers: to other storages and to other containers; killed at any
# point, no volume is lost and none is left that no file names.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9440
given_pool
needs_tracing
given_template

# CTID: a directory and an image in the storage "local".
given_source() {
	given_container "$1" --mp0 local:0.02,mp=/data,backup=1 >/dev/null
}

given() {
	given_source 9440 && given_container 9441 >/dev/null
}

# CTID LINE...: what the file says of its volumes.
volumes_are() {
	ctid=$1
	shift
	equals "$(grep -E "^(rootfs|mp|unused|lock)" "$(config_file "$ctid")")" "$(lines "$@")"
}

image() {
	echo "$root/var/lib/vz/images/$1/vm-$1-disk-${2:-0}.raw"
}

# IMAGE COMMAND...: with it mounted at the working directory.
in_image() (
	mkdir -p "$scratch/image" && mount -o loop "$1" "$scratch/image" || exit 1
	shift
	(cd "$scratch/image" && "$@")
	status=$?
	umount "$scratch/image"
	exit "$status"
)

make_odd() {
	mkdir odd && cd odd && echo x >file && ln file second && ln -s /nowhere link && mkfifo fifo &&
		mknod device c 1 3 && truncate -s 3M holes && echo end >>holes &&
		setfattr -n user.note -v hello file && cp /bin/true caps && setcap cap_net_raw+ep caps &&
		setfacl -m u:100007:r file && chown 100033:100044 second && chmod 6755 second
}

given >"$top/given.log" 2>&1 || exit 1

spec 'moves a directory to another storage with all that its files have' '
	(cd "$(tree 9440)" && make_odd) && listing "$(tree 9440)" >"$scratch/before" &&
	succeeds pct move-volume 9440 rootfs pool && stderr_is &&
	stdout_like "^create full clone of mountpoint rootfs (local:9440/subvol-9440-disk-0.subvol)$" &&
	stdout_like "^Number of files: " &&
	volumes_are 9440 "mp0: local:9440/vm-9440-disk-1.raw,mp=/data,backup=1,size=20M" \
		"rootfs: pool:9440/subvol-9440-disk-0.subvol,size=0T" \
		"unused0: local:9440/subvol-9440-disk-0.subvol" &&
	listing "$top/pool/images/9440/subvol-9440-disk-0.subvol" >"$scratch/after" &&
	diff "$scratch/before" "$scratch/after" && listing "$(tree 9440)" | diff "$scratch/before" - &&
	pct start 9440 && answers 9440 && pct exec 9440 -- test -e /odd/second && pct stop 9440
'

spec 'moves it back and frees the old volume' '
	pct set 9440 --delete unused0 && [ ! -e "$(tree 9440)" ] &&
	succeeds pct move_volume 9440 rootfs local --delete && stderr_is &&
	volumes_are 9440 "mp0: local:9440/vm-9440-disk-1.raw,mp=/data,backup=1,size=20M" \
		"rootfs: local:9440/subvol-9440-disk-0.subvol,size=0T" && [ ! -e "$top/pool/images/9440" ]
'

spec 'moves an image with what is on it, its other properties stay' '
	in_image "$(image 9440 1)" make_odd && in_image "$(image 9440 1)" listing . >"$scratch/before" &&
	succeeds pct move-volume 9440 mp0 --storage files --delete 1 --bwlimit 100000 && stderr_is &&
	volumes_are 9440 "mp0: files:9440/vm-9440-disk-0.raw,mp=/data,backup=1,size=20M" \
		"rootfs: local:9440/subvol-9440-disk-0.subvol,size=0T" && [ ! -e "$(image 9440 1)" ] &&
	in_image "$top/pool/files/images/9440/vm-9440-disk-0.raw" listing . | grep -v "^\./lost+found\|^\. " >"$scratch/after" &&
	grep -v "^\./lost+found\|^\. " "$scratch/before" | diff - "$scratch/after" && is_clean &&
	pct move-volume 9440 mp0 local --delete && pct start 9440 && answers 9440 &&
	pct exec 9440 -- test -e /data/odd/file && pct stop 9440
'

spec 'locks the container while it copies, and puts all back when it is interrupted' '
	cp "$(config_file 9440)" "$scratch/before" && head -c 3M /dev/urandom >"$(tree 9440)/random" &&
	python3 -c "import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])" pct move-volume 9440 rootfs pool --bwlimit 100 >"$scratch/out" 2>"$scratch/err" &
	within 10 grep -q "^create full clone" "$scratch/out" && sleep 1 &&
	grep -qx "lock: disk" "$(config_file 9440)" && grep -qx "unused0: pool:.*" "$(config_file 9440)" &&
	fails_with 255 pct start 9440 && stderr_is "CT is locked (disk)" &&
	kill -INT $! && ! wait $! && equals "$(cat "$scratch/err")" "received interrupt" &&
	cmp "$scratch/before" "$(config_file 9440)" && [ ! -e "$top/pool/images/9440" ] && is_clean &&
	rm "$(tree 9440)/random"
'

spec 'leaves the old volume as it was when the copy does not fit' '
	cp "$(config_file 9440)" "$scratch/before" && head -c 40M /dev/urandom >"$(tree 9440)/random" &&
	free=$(df --output=avail -B 1M "$top/pool" | tail -n 1) &&
	fallocate -l $((free - 20))M "$top/pool/full" &&
	fails_with 255 pct move-volume 9440 rootfs pool --delete && stderr_like "No space left on device" &&
	rm "$top/pool/full" "$(tree 9440)/random" && cmp "$scratch/before" "$(config_file 9440)" &&
	[ ! -e "$top/pool/images/9440" ]
'

spec 'names all parameters that are wrong, at once' '
	fails_with 255 pct move-volume 9440 unused0 pool --target-volume mp1 --target-digest x &&
	stderr_starts "400 Parameter verification failed." &&
	stderr_has "target-digest: only together with target-vmid" &&
	stderr_has "target-volume: only together with target-vmid" &&
	stderr_has "volume: an unused volume cannot be moved to a storage" &&
	fails_with 255 pct move-volume 9440 mp0 pool 9441 &&
	stderr_has "storage: either a storage or a target-vmid, not both" &&
	fails_with 255 pct move-volume 9440 rootfs --target-vmid 9440 --delete &&
	stderr_has "target-vmid: is the container itself" && stderr_like "^delete: nothing is left to delete" &&
	stderr_has "volume: a root file system cannot go to another container"
'

spec 'refuses what cannot be moved to a storage, and changes nothing' '
	pct set 9440 --mp1 /srv,mp=/srv && cp "$(config_file 9440)" "$scratch/before" &&
	fails_with 255 pct move-volume 9440 mp1 pool &&
	stderr_is "'\''/srv'\'' is no volume of a storage: it cannot be moved" &&
	fails_with 255 pct move-volume 9440 mp7 pool && stderr_is "CT 9440 has no volume '\''mp7'\''" &&
	fails_with 255 pct move-volume 9440 mp0 none && stderr_is "storage '\''none'\'' does not exist" &&
	fails_with 255 pct move-volume 9440 mp0 pool --digest abc && stderr_like "^detected modified configuration" &&
	fails_with 255 pct move-volume 9449 mp0 pool &&
	stderr_is "Configuration file '\''nodes/$node/lxc/9449.conf'\'' does not exist" &&
	pct start 9440 && fails_with 255 pct move-volume 9440 mp0 pool &&
	stderr_is "CT 9440 is running: its volumes cannot be moved to a storage" && pct stop 9440 &&
	cmp "$scratch/before" "$(config_file 9440)" && pct set 9440 --delete mp1
'

spec 'keeps a volume that a snapshot uses' '
	pct create 9442 "$template" --rootfs pool:0.05 --memory 64 && pct snapshot 9442 one &&
	fails_with 255 pct move-volume 9442 rootfs local --delete &&
	stderr_is "you can'\''t move a volume with snapshots and delete the source" &&
	succeeds pct move-volume 9442 rootfs local && pct rollback 9442 one &&
	grep -qx "unused[01]: local:9442/vm-9442-disk-0.raw" "$(config_file 9442)" &&
	grep -qx "rootfs: pool:9442/vm-9442-disk-0.raw,size=51M" "$(config_file 9442)" &&
	pct destroy 9442
'

spec 'makes a base volume of the copy of a template, which linked clones can share' '
	pct create 9442 "$template" --rootfs local:0.05 --memory 64 && pct template 9442 &&
	succeeds pct move-volume 9442 rootfs pool --delete && stderr_is &&
	volumes_are 9442 "rootfs: pool:9442/base-9442-disk-0.raw,size=51M" &&
	[ ! -e "$root/var/lib/vz/images/9442" ] && pct clone 9442 9443 && pct start 9443 && answers 9443 &&
	pct destroy 9443 --force 1 && pct destroy 9442
'

# ---- to another container ----

spec 'hands a volume over to another container' '
	succeeds pct move-volume 9440 mp0 --target-vmid 9441 && stderr_is &&
	stdout_is "moving volume '\''mp0'\'' from container '\''9440'\'' to '\''9441'\''" \
		"removing volume '\''mp0'\'' from container '\''9440'\'' config" \
		"target container '\''9441'\'' updated with '\''mp0'\''" &&
	volumes_are 9440 "rootfs: local:9440/subvol-9440-disk-0.subvol,size=0T" &&
	volumes_are 9441 "mp0: local:9441/vm-9441-disk-1.raw,mp=/data,backup=1,size=20M" \
		"rootfs: local:9441/subvol-9441-disk-0.subvol,size=0T" && [ ! -e "$(image 9440 1)" ] &&
	pct start 9441 && answers 9441 && pct exec 9441 -- test -e /data/odd/file
'

spec 'mounts it into a running target at once' '
	pct stop 9441 && pct start 9440 && answers 9440 &&
	succeeds pct move-volume 9441 mp0 --target-vmid 9440 --target-volume mp3 && stderr_is &&
	volumes_are 9440 "mp3: local:9440/vm-9440-disk-1.raw,mp=/data,backup=1,size=20M" \
		"rootfs: local:9440/subvol-9440-disk-0.subvol,size=0T" &&
	pct exec 9440 -- test -e /data/odd/file
'

spec 'lets only unused volumes leave a running container' '
	fails_with 255 pct move-volume 9440 mp3 --target-vmid 9441 &&
	stderr_is "CT 9440 is running: only unused volumes can leave it" &&
	pct stop 9440 && pct set 9440 --delete mp3 && pct start 9440 && answers 9440 &&
	succeeds pct move-volume 9440 unused0 --target-vmid 9441 --target-volume unused5 &&
	volumes_are 9440 "rootfs: local:9440/subvol-9440-disk-0.subvol,size=0T" &&
	volumes_are 9441 "rootfs: local:9441/subvol-9441-disk-0.subvol,size=0T" \
		"unused5: local:9441/vm-9441-disk-1.raw" && pct stop 9440 &&
	fails_with 255 pct move-volume 9441 unused5 --target-vmid 9440 --target-volume mp3 &&
	stderr_has "target-volume: an unused volume can only become an unused one"
'

spec 'keeps a mount that a running target cannot take for its next start' '
	pct set 9441 --delete unused5 && pct set 9441 --mp0 local:0.02,mp=/link/x && pct start 9440 && answers 9440 &&
	pct exec 9440 -- ln -s /etc /link && succeeds pct move-volume 9441 mp0 --target-vmid 9440 &&
	stdout_like "^WARN: unable to hotplug mp0: mp0: symlink encountered at: /link$" &&
	stderr_is "Task finished with 1 warning(s)!" && pct pending 9440 | grep -q "^new mp0: local:9440/vm-9440-disk-1.raw" &&
	volumes_are 9441 "rootfs: local:9441/subvol-9441-disk-0.subvol,size=0T" &&
	pct exec 9440 -- rm /link && pct stop 9440 && pct start 9440 && answers 9440 &&
	pct exec 9440 -- test -d /link/x/lost+found && pct stop 9440
'

spec 'refuses what cannot change hands, and changes nothing' '
	pct set 9440 --mp1 local:0,mp=/dir && cp "$(config_file 9440)" "$scratch/before" &&
	cp "$(config_file 9441)" "$scratch/other" &&
	fails_with 255 pct move-volume 9440 mp1 --target-vmid 9441 &&
	stderr_like "^Rename feature is not available for .local:9440/subvol-9440-disk-2.subvol.$" &&
	fails_with 255 pct move-volume 9440 mp0 --target-vmid 9449 &&
	stderr_is "Configuration file '\''nodes/$node/lxc/9449.conf'\'' does not exist" &&
	fails_with 255 pct move-volume 9440 mp0 --target-vmid 9441 --target-digest abc &&
	stderr_like "^detected modified configuration" &&
	pct set 9441 --mp0 /srv,mp=/srv && cp "$(config_file 9441)" "$scratch/other" &&
	fails_with 255 pct move-volume 9440 mp0 --target-vmid 9441 &&
	stderr_is "Target volume key '\''mp0'\'' is already in use for container '\''9441'\''" &&
	pct set 9441 --protection 1 && fails_with 255 pct move-volume 9440 mp0 --target-vmid 9441 --target-volume mp1 &&
	stderr_is "can'\''t update CT 9441 drive '\''mp1'\'' - protection mode enabled" &&
	pct set 9441 --protection 0 && cmp "$scratch/before" "$(config_file 9440)" &&
	pct set 9440 --delete mp1 && pct set 9440 --delete unused0 && pct set 9441 --delete mp0
'

# ---- killed at any point ----

# CTID: every volume of its that is on the disk stands in the file, and the mounted ones are
# whole.
names_all() {
	for volume in $(pvesm list local --vmid "$1" | awk "NR > 1 { print \$1 }") \
		$(pvesm list pool --vmid "$1" | awk "NR > 1 { print \$1 }"); do
		grep -q "[ =]$volume\(,\|$\)" "$(config_file "$1")" ||
			because "$volume is not in:" "$(cat "$(config_file "$1")")" || return 1
	done
}

unlocked() {
	! grep -q "^lock: disk$" "$(config_file "$1")" || pct unlock "$1"
}

# OPTION: the container is whole at any time, and the same command again moves.
move_recovers() {
	is_clean && unlocked 9444 && names_all 9444 && e2fsck -fn "$(path_of mp0)" >/dev/null 2>&1 &&
		in_image "$(path_of mp0)" test -e odd/second || return 1
	if grep -q "^mp0: local" "$(config_file 9444)"; then
		pct move-volume 9444 mp0 pool "$@" >"$scratch/again" 2>&1 || because "$(cat "$scratch/again")" || return 1
	fi
	names_all 9444 && in_image "$(path_of mp0)" test -e odd/second && is_clean
}

path_of() {
	pvesm path "$(sed -n "s/^$1: \([^,]*\),.*/\1/p" "$(config_file "${2:-9444}")")"
}

# A new container for each point.
given_movable() {
	[ ! -e "$(config_file 9444)" ] || pct destroy 9444 || return 1
	given_source 9444 && in_image "$(image 9444 1)" make_odd
}

# OPTION...
move_survives() {
	given_movable && most=$(count_points "$bin/pct" move-volume 9444 mp0 pool "$@") || return 1
	for point in $(points "$most"); do
		given_movable || return 1
		killed_at "$point" "$bin/pct" move-volume 9444 mp0 pool "$@"
		move_recovers "$@" || because "killed at $point of $most: $*" "$(cat "$scratch/out")" || return 1
	done
	tell "killed at up to $most points: move-volume to a storage $*"
	pct destroy 9444 && is_gone 9444 && [ ! -e "$top/pool/images/9444" ]
}

spec 'survives being killed at any point of a move to a storage' '
	move_survives && move_survives --delete
'

given_pair() {
	for ctid in 9445 9446; do
		[ ! -e "$(config_file "$ctid")" ] || pct destroy "$ctid" || return 1
	done
	given_container 9445 --mp0 local:0.01,mp=/data >/dev/null && given_container 9446 >/dev/null &&
		in_image "$(image 9445 1)" touch mine
}

# A volume is where one of the files says, and the same command again completes it.
pair_recovers() {
	is_clean && unlocked 9445 && unlocked 9446 && names_all 9445 && names_all 9446 || return 1
	if grep -q "^mp0" "$(config_file 9445)"; then
		pct move-volume 9445 mp0 --target-vmid 9446 >"$scratch/again" 2>&1 ||
			because "$(cat "$scratch/again")" || return 1
	fi
	equals "$(grep -h "^mp\|^unused\|^lock\|pending" "$(config_file 9445)" "$(config_file 9446)")" \
		"mp0: local:9446/vm-9446-disk-1.raw,mp=/data,size=10M" &&
		in_image "$(path_of mp0 9446)" test -e mine
}

spec 'survives being killed at any point of a hand-over' '
	given_pair && most=$(count_points "$bin/pct" move-volume 9445 mp0 --target-vmid 9446) || exit 1
	for point in $(points "$most"); do
		given_pair || exit 1
		killed_at "$point" "$bin/pct" move-volume 9445 mp0 --target-vmid 9446
		pair_recovers || because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done
	tell "killed at up to $most points: move-volume to a container"
'

ends_clean
