#!/bin/sh
# kill -9 of pvesm alloc, free, import, export, add and remove at the calls that change
# something, each in turn, on a directory and on a real btrfs: what is listed afterwards is
# whole, the same command again succeeds, and nothing is left behind.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_CRASH_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_CRASH_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9350
command -v strace >/dev/null || skip_file "strace is not installed"
strace -o /dev/null true 2>/dev/null || skip_file "this host does not allow tracing"

calls=mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,openat
calls=$calls,ftruncate,fallocate,fsync,flock,fchmod,clone,clone3,vfork,execve,ioctl,write

# COMMAND...: the most calls that one process of the command makes.
count_points() {
	strace -f -qq -o "$scratch/calls" -e trace="$calls" "$@" >"$scratch/out" 2>&1 || return 1
	cut -d " " -f 1 "$scratch/calls" | sort | uniq -c | sort -n | sed -n '$s/^ *\([0-9]*\) .*/\1/p'
}

# N COMMAND...: every process of it dies at its N-th call.
killed_at() {
	n=$1
	shift
	strace -f -qq -o /dev/null -e trace="$calls" -e inject="$calls:signal=SIGKILL:when=$n" \
		"$@" >"$scratch/out" 2>&1
}

points() {
	point=1
	while [ "$point" -le "$1" ]; do
		echo "$point"
		[ -n "${PCT_TEST_ALL:-}" ] && point=$((point + 1)) || point=$((point + 1 + point / 8))
	done
}

# PREPARE JUDGE COMMAND...: kill the command at all points; judge looks at what is left, and
# removes it.
survives() {
	prepare=$1
	judge=$2
	shift 2
	$prepare && most=$(count_points "$@") && $judge || because "$(cat "$scratch/out")" || return 1
	tried=0
	for point in $(points "$most"); do
		$prepare || because "cannot prepare" || return 1
		! killed_at "$point" "$@" || true
		tried=$((tried + 1))
		$judge || because "killed at $point of $most: $*" "$(cat "$scratch/out")" || return 1
	done
	tell "killed at $tried of $most points: $(echo "$*" | cut -d " " -f 1-3)"
}

nothing() { :; }

# Sizes that the list shows for the owner's volumes, one a line.
listed() { pvesm list "$storage" --vmid "$first" | awk 'NR > 1 { print $4 }'; }

# The owner's directory is gone, and nothing temporary is left.
is_clean() {
	[ ! -e "$place/images/$first" ] || because "left: $(ls -A "$place/images/$first")"
}

frees_all() {
	for volid in $(pvesm list "$storage" --vmid "$first" | awk 'NR > 1 { print $1 }'); do
		pvesm free "$volid" >"$scratch/free" 2>&1 || because "$(cat "$scratch/free")" || return 1
	done
	# What a killed command left goes with the next volume of this owner.
	volid=$(pvesm alloc "$storage" "$first" "" 64 2>"$scratch/free" | cut -d "'" -f 2) &&
		pvesm free "$volid" >>"$scratch/free" 2>&1 && is_clean
}

# An image of 3 MiB or none.
is_whole() {
	sizes=$(listed | sort -u)
	[ -z "$sizes" ] || [ "$sizes" = 3145728 ] || because "listed: $sizes" || return 1
	if [ -n "$sizes" ] && [ -e "$scratch/stream" ]; then
		pvesm export "$volume" raw+size - | cmp - "$scratch/stream" ||
			because "the image differs" || return 1
	fi
	frees_all
}

given_image() {
	pvesm alloc "$storage" "$first" "$(echo "${volume#*:}" | sed "s|.*/||")" 3M >/dev/null 2>&1
}

given_stream() {
	given_image && image=$(pvesm path "$volume") &&
		dd if=/dev/urandom of="$image" bs=64k count=3 conv=notrunc 2>/dev/null &&
		pvesm export "$volume" raw+size "$scratch/stream" && pvesm free "$volume" >/dev/null
}

# A directory volume with files and a snapshot's worth of depth.
given_tree() {
	pvesm alloc "$storage" "$first" "" 0 --format subvol >/dev/null 2>&1 &&
		tree=$(pvesm path "$storage:$first/subvol-$first-disk-0.subvol") &&
		mkdir -p "$tree/a/b/c" "$tree/d" && echo x | tee "$tree/a/f" "$tree/a/b/g" "$tree/d/h" >/dev/null
}

# What is listed is complete; a directory that is half removed is not listed.
is_whole_tree() {
	if pvesm list "$storage" --vmid "$first" | grep -q subvol; then
		[ -e "$tree/a/f" ] && [ -e "$tree/a/b/g" ] && [ -e "$tree/d/h" ] ||
			because "half a directory is listed" || return 1
	fi
	frees_all
}

all_on() {
	storage=$1
	place=$2
	volume=$storage:$first/vm-$first-disk-0.raw
	survives nothing is_whole pvesm_bin alloc "$storage" "$first" "" 3M &&
		survives given_image is_whole pvesm_bin free "$volume" &&
		survives given_tree is_whole_tree pvesm_bin free \
			"$storage:$first/subvol-$first-disk-0.subvol" &&
		given_stream &&
		survives nothing is_whole pvesm_bin import "$volume" raw+size "$scratch/stream"
}

# Functions of the shell cannot be traced.
pvesm_bin() { "$bin/pvesm" "$@"; }
strace() {
	traced_args=
	for word; do
		[ "$word" = pvesm_bin ] && word=$bin/pvesm
		traced_args="$traced_args '$word'"
	done
	eval "command strace $traced_args"
}

spec 'a directory survives kill -9 of alloc, free and import at every step' '
	all_on local "$root/var/lib/vz"
'

# COMMAND...: on a btrfs of its own, which is the storage "fast".
on_btrfs() {
	if ! { command -v mkfs.btrfs >/dev/null && mkdir "$top/btrfs" &&
		truncate -s 256M "$top/image" && mkfs.btrfs -q "$top/image" >/dev/null 2>&1 &&
		mount -o loop "$top/image" "$top/btrfs"; }; then
		skip_spec "a btrfs on a loop device cannot be mounted here"
	fi
	pvesm add btrfs fast --path "$top/btrfs" && "$@"
	status=$?
	pvesm remove fast
	umount "$top/btrfs" && rm -r "$top/btrfs" "$top/image" && [ "$status" = 0 ]
}

spec 'btrfs survives kill -9 of alloc, free and import at every step' '
	on_btrfs all_on fast "$top/btrfs"
'

# What "one" and "two" were in the volume that the streams are of.
given_increment() {
	storage=fast
	volume=fast:$first/vm-$first-disk-0.raw
	copy=fast:$first/vm-$first-disk-1.raw
	image=$top/btrfs/images/$first/vm-$first-disk-0
	given_image && for snap in one two; do
		head -c 100000 /dev/urandom >"$image/disk.raw" && cp "$image/disk.raw" "$scratch/$snap" &&
			btrfs -q subvolume snapshot -r "$image" "$image@$snap" || return 1
	done
	pvesm export "$volume" btrfs "$scratch/base" --snapshot one &&
		pvesm export "$volume" btrfs "$scratch/stream" --snapshot two --base one
}

given_base() {
	pvesm import "$copy" btrfs "$scratch/base" --snapshot one >/dev/null
}

# The copy has the old state or the new one; the same import again brings the new one.
is_old_or_new() {
	place=$top/btrfs/images/$first
	copied=$place/vm-$first-disk-1
	cmp "$copied/disk.raw" "$scratch/one" >/dev/null || cmp "$copied/disk.raw" "$scratch/two" || return 1
	cmp "$copied@one/disk.raw" "$scratch/one" || return 1
	[ -e "$copied@two" ] && cmp "$copied/disk.raw" "$scratch/two" >/dev/null ||
		pvesm_bin import "$copy" btrfs "$scratch/stream" --snapshot two --base one >/dev/null || return 1
	cmp "$copied/disk.raw" "$scratch/two" && cmp "$copied@two/disk.raw" "$scratch/two" &&
		pvesm free "$copy" >/dev/null && equals "$(ls -A "$place")" "vm-$first-disk-0
vm-$first-disk-0@one
vm-$first-disk-0@two"
}

increment_survives() {
	given_increment &&
		survives given_base is_old_or_new pvesm_bin import "$copy" btrfs "$scratch/stream" \
			--snapshot two --base one
}

spec 'btrfs survives kill -9 of an incremental import at every step' '
	on_btrfs increment_survives
'

# The template is whole or not there, and the next import sweeps what is left.
is_whole_template() {
	template_file=$root/var/lib/vz/template/cache/t.tar.gz
	[ ! -e "$template_file" ] || cmp "$scratch/template" "$template_file" || return 1
	! pvesm list local | grep -F .tmp || return 1
	rm -f "$template_file"
	pvesm_bin import local:vztmpl/t.tar.gz raw+size "$scratch/stream" >/dev/null &&
		rm "$template_file" && equals "$(ls -A "${template_file%/*}")" ""
}

spec 'a template survives kill -9 of its import at every step' '
	head -c 300000 /dev/urandom >"$scratch/template" &&
		{ printf "\340\223\004\0\0\0\0\0" && cat "$scratch/template"; } >"$scratch/stream" &&
		survives nothing is_whole_template \
			pvesm_bin import local:vztmpl/t.tar.gz raw+size "$scratch/stream"
'

# storage.cfg is as before or as after, never half.
cfg_is_whole() {
	pvesm status >"$scratch/status" 2>&1 && ! grep -q "line" "$scratch/status" ||
		because "$(cat "$scratch/status")" || return 1
	! pvesm status --storage extra >/dev/null 2>&1 || pvesm remove extra
}

given_extra() { pvesm add dir extra --path "$scratch/extra"; }

spec 'storage.cfg survives kill -9 of add, set and remove at every step' '
	survives nothing cfg_is_whole pvesm_bin add dir extra --path "$scratch/extra" &&
		survives given_extra cfg_is_whole pvesm_bin set extra --content iso &&
		survives given_extra cfg_is_whole pvesm_bin remove extra
'

ends_clean
