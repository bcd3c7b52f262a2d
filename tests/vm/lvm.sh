#!/bin/sh
# Containers on plain LVM, on the machine's third disk.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9360
given_template
given_group /dev/vdc || skip_file "no LVM on $disk"

mkdir -p "$root/etc/pve"
lines "lvm: thick" "	vgname $group" "	content rootdir,images" >"$root/etc/pve/storage.cfg"

is_active() {
	lvs --noheadings -o lv_active "$group/$1" | grep -q active
}

spec 'shows the group as active, with its size' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^thick *lvm *active *8384512 " &&
	pvesm scan lvm | grep -qx "$group"
'

spec 'makes volumes that carry their owner, and are active while they are used' '
	given_container 9360 --rootfs thick:0.125 && ! is_active vm-9360-disk-0 &&
	equals "$(lvs --noheadings -o lv_tags "$group/vm-9360-disk-0" | tr -d " ")" pve-vm-9360 &&
	starts 9360 && is_active vm-9360-disk-0 && pct stop 9360 && is_clean &&
	! is_active vm-9360-disk-0 && succeeds pct destroy 9360 && is_gone 9360 &&
	equals "$(lvs --noheadings "$group" | grep -c vm-)" 0
'

volume_specs thick 9360 raw
copy_specs thick 9363
rename_specs thick 9366

spec 'makes no template of a plain volume' '
	fails_with 255 pct template 9363 &&
	stderr_is "Template feature is not available for '\''thick:vm-9363-disk-0'\''" &&
	pct destroy 9363 && is_gone 9363
'

spec 'refuses a volume that the group has no room for' '
	fails_with 255 pct create 9361 "$template" --rootfs thick:100 && is_gone 9361 && has_volumes thick 9361 0
'

spec 'writes the zeros of an image that is imported, whatever was there' '
	pvesm alloc thick 9362 vm-9362-disk-8 64M && pvesm export thick:vm-9362-disk-8 raw+size "$scratch/stream" &&
	pvesm free thick:vm-9362-disk-8 && pvesm alloc thick 9362 vm-9362-disk-9 64M &&
	lvchange -ay "$group/vm-9362-disk-9" && head -c 64M /dev/urandom >"/dev/$group/vm-9362-disk-9" &&
	lvchange -an "$group/vm-9362-disk-9" && pvesm free thick:vm-9362-disk-9 &&
	head -c 8 "$scratch/stream" >"$scratch/zeros" && head -c 64M /dev/zero >>"$scratch/zeros" &&
	succeeds pvesm import thick:vm-9362-disk-9 raw+size "$scratch/zeros" &&
	lvchange -ay "$group/vm-9362-disk-9" && cmp -n 67108864 "/dev/$group/vm-9362-disk-9" /dev/zero &&
	lvchange -an "$group/vm-9362-disk-9" && pvesm free thick:vm-9362-disk-9
'

no_freed_volume() {
	! lvs --noheadings -o lv_name "$group" | grep -q "vm-9362-disk-9"
}

# A new volume of this size takes the same extents.
spec 'zeroes with saferemove what is freed, after the command has ended' '
	pvesm set thick --saferemove 1 && pvesm alloc thick 9362 vm-9362-disk-9 64M &&
	lvchange -ay "$group/vm-9362-disk-9" && head -c 64M /dev/urandom >"/dev/$group/vm-9362-disk-9" &&
	extents=$(lvs --noheadings -o seg_pe_ranges "$group/vm-9362-disk-9") &&
	lvchange -an "$group/vm-9362-disk-9" && succeeds pvesm free thick:vm-9362-disk-9 &&
	within 60 no_freed_volume && pvesm alloc thick 9362 vm-9362-disk-9 64M &&
	lvchange -ay "$group/vm-9362-disk-9" &&
	equals "$(lvs --noheadings -o seg_pe_ranges "$group/vm-9362-disk-9")" "$extents" &&
	cmp -n 67108864 "/dev/$group/vm-9362-disk-9" /dev/zero && lvchange -an "$group/vm-9362-disk-9" &&
	pvesm set thick --delete saferemove && pvesm free thick:vm-9362-disk-9 && no_freed_volume
'

spec 'goes on with zeroing that a crash interrupted' '
	pvesm alloc thick 9362 vm-9362-disk-9 8M && lvrename "$group" vm-9362-disk-9 del-vm-9362-disk-9 &&
	pvesm alloc thick 9362 vm-9362-disk-8 8M && within 60 no_freed_volume &&
	pvesm free thick:vm-9362-disk-8
'

ends_clean
