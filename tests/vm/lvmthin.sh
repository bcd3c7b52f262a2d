#!/bin/sh
# Containers on LVM-thin, on the machine's second disk.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9380
given_template
if ! { given_group /dev/vdb && lvcreate -qq -L 2G --thinpool data "$group" >/dev/null; }; then
	skip_file "no LVM on $disk"
fi

mkdir -p "$root/etc/pve"
lines "lvmthin: thin" "	vgname $group" "	thinpool data" >"$root/etc/pve/storage.cfg"

spec 'shows the pool as active, with its size' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^thin *lvmthin *active *2097152 " &&
	equals "$(pvesm scan lvmthin "$group")" data
'

spec 'makes volumes that are not activated at boot, and lists them' '
	given_container 9380 --rootfs thin:0.125 && [ -b "/dev/$group/vm-9380-disk-0" ] &&
	equals "$(lvs --noheadings -o lv_skip_activation,autoactivation "$group/vm-9380-disk-0" | tr -d " ")" "" &&
	volumes_on thin 9380 | grep -qx "thin:vm-9380-disk-0 *raw *rootdir *134217728 9380" &&
	succeeds pct destroy 9380 && is_gone 9380 && equals "$(lvs --noheadings "$group" | grep -c vm-)" 0
'

volume_specs thin 9380 raw
snapshot_specs thin 9383

# The clones of a base volume do not need it: the pool counts who uses its blocks.
spec 'frees a template that has clones, which live on' '
	succeeds pct destroy 9383 && is_gone 9383 && starts 9384 &&
	equals "$(pct exec 9384 -- cat /mine)" after && pct destroy 9384 --force 1 && is_gone 9384 &&
	has_volumes thin 9384 0
'

spec 'makes a linked clone of a snapshot' '
	given_container 9386 --rootfs thin:0.125 && pct snapshot 9386 one && starts 9386 &&
	pct exec 9386 -- touch /now && pct stop 9386 && succeeds pct clone 9386 9387 --full 0 --snapname one &&
	stdout_like "create linked clone of mount point rootfs" && starts 9387 &&
	! pct exec 9387 -- test -e /now && pct destroy 9387 --force 1 && pct destroy 9386 && is_gone 9386
'

rename_specs thin 9386
crash_specs thin 9386

spec 'leaves zeros out of an image that is imported' '
	pvesm alloc thin 9386 "" 64M && pvesm export thin:vm-9386-disk-0 raw+size "$scratch/stream" &&
	for volume in vm-9386-disk-1 base-9386-disk-2; do
		succeeds pvesm import "thin:$volume" raw+size "$scratch/stream" &&
		equals "$(lvs --noheadings -o data_percent "$group/$volume" | tr -d " ")" 0.00 &&
		pvesm free "thin:$volume" || exit 1
	done && pvesm free thin:vm-9386-disk-0
'

spec 'gives parallel allocations different names' '
	for _ in 1 2 3; do
		pvesm alloc thin 9380 "" 8M &
	done >/dev/null; wait
	equals "$(volumes_on thin 9380 | sort -u | wc -l)" 3 &&
	for volume in $(volumes_on thin 9380 | cut -d " " -f 1); do
		pvesm free "$volume"
	done && has_volumes thin 9380 0
'

spec 'takes an image by stream, and gives it back the same' '
	pvesm alloc thin 9380 vm-9380-disk-5 8M >/dev/null && pvesm path thin:vm-9380-disk-5 >"$scratch/path" &&
	head -c 3000000 /dev/urandom | dd of="$(cat "$scratch/path")" conv=fsync 2>/dev/null &&
	pvesm export thin:vm-9380-disk-5 raw+size "$top/stream" && pvesm free thin:vm-9380-disk-5 &&
	succeeds pvesm import thin:vm-9380-disk-5 raw+size "$top/stream" &&
	stdout_is "successfully imported '\''thin:vm-9380-disk-5'\''" &&
	pvesm export thin:vm-9380-disk-5 raw+size - | cmp - "$top/stream" && pvesm free thin:vm-9380-disk-5
'

spec 'refuses volumes without a size, and leaves nothing of them' '
	fails_with 255 pct create 9381 "$template" --rootfs thin:0 && is_gone 9381 && has_volumes thin 9381 0
'

ends_clean
