#!/bin/sh
# Containers on LVM-thin and on LVM, on the machine's second disk.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
group=pt$$
disk=/dev/vdb
given_template
trap 'vgremove -qq -f "$group"; pvremove -qq -f "$disk"; clean_up; finish' EXIT
{
	wipefs -a "$disk" && vgcreate -qq "$group" "$disk" &&
		lvcreate -qq -L 2G --thinpool data "$group"
} >/dev/null 2>&1 || skip_file "no LVM on $disk"

mkdir -p "$root/etc/pve"
lines "lvmthin: thin" "	vgname $group" "	thinpool data" "" "lvm: thick" "	vgname $group" \
	"	content rootdir,images" >"$root/etc/pve/storage.cfg"

given() {
	given_container 9330 --rootfs thin:0.25
}

spec 'shows both as active, with their sizes' '
	succeeds pvesm status && cat "$scratch/stdout" &&
	stdout_like "^thick *lvm *active *[1-9]" && stdout_like "^thin *lvmthin *active *[1-9]"
'

spec 'makes a container on a thin volume that starts and keeps its files' '
	succeeds given && [ -b "/dev/$group/vm-9330-disk-0" ] && pct start 9330 && answers 9330 &&
	pct exec 9330 -- sh -c "echo kept >/mine" && pct stop 9330 && pct start 9330 &&
	answers 9330 && equals "$(pct exec 9330 -- cat /mine)" kept && pct stop 9330 &&
	pvesm list thin >"$scratch/list" && cat "$scratch/list" &&
	grep -q "^thin:vm-9330-disk-0 *raw *rootdir *268435456 9330$" "$scratch/list"
'

spec 'frees the volume at destroy' '
	succeeds pct destroy 9330 && is_gone 9330 && equals "$(lvs --noheadings "$group" | grep -c vm-)" 0
'

spec 'does the same on a thick volume' '
	given_container 9331 --rootfs thick:0.25 && [ -b "/dev/$group/vm-9331-disk-0" ] &&
	pct start 9331 && answers 9331 && pct stop 9331 && is_clean &&
	equals "$(lvs --noheadings -o lv_active "$group/vm-9331-disk-0" | tr -d " ")" "" && succeeds pct destroy 9331 &&
	is_gone 9331 && equals "$(lvs --noheadings "$group" | grep -c vm-)" 0
'

spec 'refuses a thick volume that the group has no room for' '
	fails_with 255 pct create 9331 "$template" --rootfs thick:100 && is_gone 9331
'

no_thick_volume() {
	! lvs --noheadings -o lv_name "$group" | grep -q "vm-9332-disk-9"
}

# The one volume of the rest of the group: a new one takes the same extents.
spec 'zeroes with saferemove what is freed, after the command has ended' '
	pvesm set thick --saferemove 1 && pvesm alloc thick 9332 vm-9332-disk-9 64M &&
	lvchange -ay "$group/vm-9332-disk-9" && head -c 64M /dev/urandom >"/dev/$group/vm-9332-disk-9" &&
	extents=$(lvs --noheadings -o seg_pe_ranges "$group/vm-9332-disk-9") &&
	lvchange -an "$group/vm-9332-disk-9" && succeeds pvesm free thick:vm-9332-disk-9 &&
	within 60 no_thick_volume && pvesm alloc thick 9332 vm-9332-disk-9 64M &&
	lvchange -ay "$group/vm-9332-disk-9" &&
	equals "$(lvs --noheadings -o seg_pe_ranges "$group/vm-9332-disk-9")" "$extents" &&
	cmp -n 67108864 "/dev/$group/vm-9332-disk-9" /dev/zero && lvchange -an "$group/vm-9332-disk-9" &&
	pvesm set thick --delete saferemove && pvesm free thick:vm-9332-disk-9 && no_thick_volume
'

spec 'goes on with zeroing that a crash interrupted' '
	pvesm alloc thick 9332 vm-9332-disk-9 8M && lvrename "$group" vm-9332-disk-9 del-vm-9332-disk-9 &&
	pvesm alloc thick 9332 vm-9332-disk-8 8M && within 60 no_thick_volume &&
	pvesm free thick:vm-9332-disk-8
'

snapshot_specs thin 9333
rename_specs thin 9336
rename_specs thick 9336

spec 'makes a linked clone of a snapshot of a thin volume' '
	given_container 9336 --rootfs thin:0.25 >/dev/null && pct start 9336 && answers 9336 &&
	pct exec 9336 -- touch /then && pct snapshot 9336 one && pct exec 9336 -- rm /then &&
	succeeds pct clone 9336 9337 --full 0 --snapname one && pct start 9337 && answers 9337 &&
	pct exec 9337 -- test -e /then && pct destroy 9337 --force 1 && pct destroy 9336 --force 1
'

spec 'makes a full clone of a container on a thick volume' '
	given_container 9336 --rootfs thick:0.25 >/dev/null && pct start 9336 && answers 9336 &&
	pct exec 9336 -- touch /mine && pct stop 9336 && succeeds pct clone 9336 9337 &&
	pct start 9337 && answers 9337 && pct exec 9337 -- test -e /mine && pct destroy 9337 --force 1 &&
	pct destroy 9336 && is_gone 9336
'

spec 'leaves zeros out of an image that is imported on a thin volume, not on a thick one' '
	pvesm alloc thin 9336 "" 64M && pvesm export thin:vm-9336-disk-0 raw+size "$scratch/stream" &&
	pvesm import thin:vm-9336-disk-1 raw+size "$scratch/stream" &&
	lvs --noheadings -o data_percent "$group/vm-9336-disk-1" | grep -q "^ *0.00$" &&
	pvesm import thin:base-9336-disk-2 raw+size "$scratch/stream" &&
	lvs --noheadings -o data_percent "$group/base-9336-disk-2" | grep -q "^ *0.00$" &&
	pvesm alloc thick 9336 vm-9336-disk-9 64M && lvchange -ay "$group/vm-9336-disk-9" &&
	head -c 64M /dev/urandom >"/dev/$group/vm-9336-disk-9" && pvesm free thick:vm-9336-disk-9 &&
	pvesm import thick:vm-9336-disk-9 raw+size "$scratch/stream" &&
	lvchange -ay "$group/vm-9336-disk-9" && cmp -n 67108864 "/dev/$group/vm-9336-disk-9" /dev/zero &&
	pvesm free thick:vm-9336-disk-9 && for volume in vm-9336-disk-0 vm-9336-disk-1 base-9336-disk-2; do
		pvesm free "thin:$volume" || exit 1
	done
'

spec 'gives parallel allocations different names' '
	for _ in 1 2 3; do
		pvesm alloc thin 9330 "" 8M &
	done >/dev/null; wait
	equals "$(pvesm list thin | grep -c vm-9330-disk-)" 3 &&
	for volume in $(pvesm list thin | sed -n "s/^\(thin:vm[^ ]*\).*/\1/p"); do
		pvesm free "$volume"
	done
'

ends_clean
