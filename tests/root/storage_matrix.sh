#!/bin/sh
# Cells of the matrix of storage.md 6.7 that only real commands fill: full copies of volumes in
# each state, and imports into volumes that read as zeros. tests/unit/storage_matrix.c tells
# for each cell where it is exercised.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_MATRIX_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_MATRIX_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9470
given_pool
given_template

# CTID STORAGE SIZE: a container whose volumes hold "before" in the snapshot "one" and "after"
# now; without snapshots only "after".
given_source() {
	pct create "$1" "$template" --rootfs "$2:$3" --mp0 "$2:0.02,mp=/data" --memory 64 >/dev/null &&
		writes "$1" before && { ! pct snapshot "$1" one 2>/dev/null || snapped=1; } && writes "$1" after
}

writes() {
	pct mount "$1" >/dev/null && echo "$2" >"$root/var/lib/lxc/$1/rootfs/root/mine" &&
		echo "$2" >"$root/var/lib/lxc/$1/rootfs/data/mine" && pct unmount "$1"
}

holds() {
	pct mount "$1" >/dev/null || return 1
	found=$(cat "$root/var/lib/lxc/$1/rootfs/root/mine" "$root/var/lib/lxc/$1/rootfs/data/mine")
	pct unmount "$1" && equals "$found" "$2
$2"
}

# TEXT STORAGE [OPTION...]: a full clone there holds it.
clone_holds() {
	text=$1
	shift
	succeeds pct clone 9470 9471 --full 1 --storage "$@" && holds 9471 "$text" && pct destroy 9471
}

# STORAGE: a full clone there of 9470 as it is, of its snapshot, and of the template.
copies_in_all_states() {
	clone_holds after "$1" && if [ -n "${snapped:-}" ]; then
		clone_holds before "$1" --snapname one && pct delsnapshot 9470 one
	fi && succeeds pct template 9470 && clone_holds after "$1" && pct destroy 9470 && is_gone 9470
}

spec 'copies images of dir as they are, of snapshots that share blocks, and of a template' '
	given_source 9470 files 0.05 && [ -n "$snapped" ] && copies_in_all_states pool
'

spec 'copies images of dir without snapshots, which it refuses to take' '
	given_source 9470 local 0.05 && [ -z "${snapped:-}" ] && fails_with 255 pct snapshot 9470 one &&
	stderr_is "snapshot feature is not available" &&
	fails_with 255 pct clone 9470 9471 --full 1 --snapname one &&
	stderr_is "snapshot '\''one'\'' does not exist" && copies_in_all_states files
'

spec 'copies directories of dir as they are, and of a template' '
	given_source 9470 local 0 && [ -z "${snapped:-}" ] && copies_in_all_states pool
'

spec 'copies images of btrfs as they are, of a snapshot, and of a template' '
	given_source 9470 pool 0.05 && [ -n "$snapped" ] && copies_in_all_states files
'

spec 'copies directories of btrfs as they are, of a snapshot, and of a template' '
	given_source 9470 pool 0 && [ -n "$snapped" ] && copies_in_all_states local
'

# Blocks of such a file can be read past the cache only in whole, and those of a small image
# are smaller.
spec 'copies images of dir on xfs as they are, of snapshots that share blocks, and of a template' '
	command -v mkfs.xfs >/dev/null || skip_spec "xfsprogs is not installed"
	mkdir "$top/xfs" && truncate -s 320M "$top/xfs.img" && mkfs.xfs -q "$top/xfs.img" || exit 1
	mount -o loop "$top/xfs.img" "$top/xfs" || skip_spec "an xfs cannot be mounted here"
	pvesm add dir xfs --path "$top/xfs" --content rootdir --reflink 1 && snapped= &&
		given_source 9470 xfs 0.05 && [ -n "$snapped" ] && copies_in_all_states xfs
	status=$?
	pvesm remove xfs && umount "$top/xfs" && rm "$top/xfs.img" && exit "$status"
'

# STORAGE: what was imported there has no blocks for zeros, as a volume and as a base volume.
leaves_zeros_out() {
	for name in vm base; do
		volume=$1:9470/$name-9470-disk-7.raw
		succeeds pvesm import "$volume" raw+size "$scratch/stream" &&
			image=$(pvesm path "$volume") && cmp "$scratch/image" "$image" &&
			[ "$(stat -c %b "$image")" -lt 1000 ] && pvesm free "$volume" || return 1
	done
}

spec 'leaves zeros out of images that are imported on dir and on btrfs' '
	truncate -s 8M "$scratch/image" && echo data | dd of="$scratch/image" bs=1 seek=5000000 conv=notrunc &&
	{ printf "\0\0\200\0\0\0\0\0" && cat "$scratch/image"; } >"$scratch/stream" &&
	leaves_zeros_out local && leaves_zeros_out files && leaves_zeros_out pool
'

ends_clean
