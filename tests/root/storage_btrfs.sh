#!/bin/sh
# Containers on a real btrfs: their volumes are subvolumes, images get a file system, and
# destroy leaves nothing.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_BTRFS_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_BTRFS_NAMESPACE=1 exec unshare -m sh "$0" # the mount ends with it
fi
. "$(dirname "$0")/lib.sh"
begin 9350
command -v mkfs.btrfs >/dev/null || skip_file "mkfs.btrfs is not installed"
if ! { mkdir "$top/btrfs" && truncate -s 512M "$top/image" && mkfs.btrfs -q "$top/image" &&
	mount -o loop "$top/image" "$top/btrfs"; } >/dev/null 2>&1; then
	skip_file "a btrfs on a loop device cannot be mounted here"
fi
given_template

is_subvolume() {
	[ "$(stat -c %i "$1")" = 256 ] || because "'$1' is no subvolume"
}

spec 'a btrfs storage is added and active' '
	pvesm add btrfs fast --path "$top/btrfs" && succeeds pvesm status --storage fast &&
		stdout_like "^fast  *btrfs  *active "
'

spec 'a container runs in a subvolume and in an image of its own' '
	pct create 9350 "$template" --rootfs fast:0 --mp0 fast:0.05,mp=/data --hostname b --memory 64 &&
		is_subvolume "$top/btrfs/images/9350/subvol-9350-disk-0.subvol" &&
		is_subvolume "$top/btrfs/images/9350/vm-9350-disk-1" &&
		equals "$(stat -c "%u %a" "$top/btrfs/images/9350/subvol-9350-disk-0.subvol")" "100000 755" &&
		pct start 9350 && answers 9350 && pct exec 9350 -- sh -c "echo x >/data/file; echo y >/file" &&
		pct stop 9350 && pct start 9350 && answers 9350 &&
		equals "$(pct exec 9350 -- cat /data/file /file | tr "\n" " ")" "x y " && pct stop 9350
'

spec 'destroy takes the volumes along, with subvolumes that were made inside' '
	btrfs subvolume create "$top/btrfs/images/9350/subvol-9350-disk-0.subvol/root/nested" >/dev/null &&
		pct destroy 9350 && [ ! -e "$top/btrfs/images/9350" ]
'

spec 'a whole file system refuses a volume that is reserved, and keeps nothing of it' '
	pvesm set fast --preallocation falloc && fails_with 255 pvesm alloc fast 9351 "" 4G &&
		stderr_like "No space left on device$" && [ ! -e "$top/btrfs/images/9351" ]
'

pvesm remove fast
umount "$top/btrfs" && rm -r "$top/btrfs" "$top/image"
ends_clean
