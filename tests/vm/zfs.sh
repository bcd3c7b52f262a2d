#!/bin/sh
# Containers on ZFS, in a pool on a file of the machine.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9350
pool=pt$$
modprobe zfs || skip_file "no ZFS in this kernel"
given_template
trap 'zpool destroy -f "$pool"; clean_up; finish' EXIT
if ! { truncate -s 1G "$top/disk" && zpool create -m "$top/pool" "$pool" "$top/disk"; }; then
	skip_file "no pool could be made"
fi

mkdir -p "$root/etc/pve"
lines "zfspool: tank" "	pool $pool" "	mountpoint $top/pool" >"$root/etc/pve/storage.cfg"

spec 'shows the pool as active' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^tank *zfspool *active *[1-9]"
'

spec 'makes a container on a dataset with a quota, and destroys the dataset with it' '
	given_container 9350 --rootfs tank:0.03125 &&
	equals "$(zfs get -Hp -o value refquota "$pool/subvol-9350-disk-0")" 33554432 && starts 9350 &&
	! pct exec 9350 -- sh -c "head -c 50000000 /dev/urandom >/big" && pct stop 9350 &&
	succeeds pct destroy 9350 && is_gone 9350 && ! zfs list "$pool/subvol-9350-disk-0"
'

spec 'makes a dataset without a quota' '
	given_container 9350 --rootfs tank:0 &&
	equals "$(zfs get -Hp -o value refquota "$pool/subvol-9350-disk-0")" 0 && succeeds pct destroy 9350
'

volume_specs tank 9350 subvol
snapshot_specs tank 9353

spec 'keeps a template that has clones' '
	before=$(cat "$(config_file 9353)") && fails_with 255 pct destroy 9353 && cat "$scratch/stderr" &&
	stderr_like "base volume .* is still in use by linked clones" && equals "$(cat "$(config_file 9353)")" "$before"
'

frees_specs tank 9353

spec 'rolls back only to the newest snapshot' '
	given_container 9350 --rootfs tank:0.125 && pct snapshot 9350 one && pct snapshot 9350 two &&
	fails_with 255 pct rollback 9350 one && cat "$scratch/stderr" && stderr_like "two" &&
	succeeds pct rollback 9350 two && pct delsnapshot 9350 two && succeeds pct rollback 9350 one &&
	pct delsnapshot 9350 one && pct destroy 9350 && is_gone 9350
'

spec 'allocates volumes of blocks, too' '
	succeeds pvesm alloc tank 9350 "" 8M && stdout_is "successfully created '\''tank:vm-9350-disk-0'\''" &&
	equals "$(blockdev --getsize64 "$(pvesm path tank:vm-9350-disk-0)")" 8388608 &&
	succeeds pvesm free tank:vm-9350-disk-0 && ! zfs list "$pool/vm-9350-disk-0"
'

spec 'sets acltype as a mount point asks for it' '
	given_container 9351 --rootfs tank:0.125 --mp0 tank:0.0625,mp=/a,acl=1 \
		--mp1 tank:0.0625,mp=/b,acl=0 >/dev/null && pct start 9351 && answers 9351 &&
	mounted=$top/pool/subvol-9351-disk && setfacl -m u:100007:r "$mounted-1" &&
	! setfacl -m u:100007:r "$mounted-2" && pct stop 9351 && pct destroy 9351
'

spec 'passes snapshots on in streams, whole and incremental' '
	pvesm alloc tank 9351 "" 64M --format subvol && files=$top/pool/subvol-9351-disk-0 &&
	for snap in one two three; do
		touch "$files/$snap" && zfs snapshot "$pool/subvol-9351-disk-0@$snap" || exit 1
	done && zfs set mountpoint="$top/elsewhere" "$pool/subvol-9351-disk-0" &&
	pvesm export tank:subvol-9351-disk-0 zfs "$scratch/one" --snapshot one &&
	pvesm export tank:subvol-9351-disk-0 zfs "$scratch/rest" --snapshot three --base one \
		--with-snapshots 1 &&
	succeeds pvesm import tank:subvol-9352-disk-0 zfs "$scratch/one" --snapshot one &&
	succeeds pvesm import tank:subvol-9352-disk-0 zfs "$scratch/rest" --snapshot three --base one \
		--with-snapshots 1 --delete-snapshot one && [ -e "$top/pool/subvol-9352-disk-0/three" ] &&
	equals "$(zfs get -H -o source mountpoint "$pool/subvol-9352-disk-0")" "inherited from $pool" &&
	equals "$(zfs list -H -o name -t snapshot -d 1 -s creation "$pool/subvol-9352-disk-0")" \
		"$pool/subvol-9352-disk-0@two
$pool/subvol-9352-disk-0@three" &&
	fails_with 255 pvesm import tank:subvol-9352-disk-0 zfs "$scratch/rest" --snapshot three --base one &&
	pvesm free tank:subvol-9352-disk-0 && pvesm free tank:subvol-9351-disk-0
'

rename_specs tank 9356
crash_specs tank 9356

# An image that a mount point has: containers get none by themselves.
given_zvol() {
	pvesm alloc tank "$1" "vm-$1-disk-8" 64M --format raw &&
		mkfs.ext4 -q -E root_owner=100000:100000 "/dev/zvol/$pool/vm-$1-disk-8" && given_container "$1" --rootfs tank:0.125 &&
		pct set "$1" --mp0 "tank:vm-$1-disk-8,mp=/z"
}

# CTID TEXT: that is what its image holds.
zvol_holds() {
	pct start "$1" && answers "$1" && equals "$(pct exec "$1" -- cat /z/mine)" "$2" && pct stop "$1"
}

spec 'snapshots, rolls back and clones an image on a zvol' '
	given_zvol 9356 >/dev/null && pct start 9356 && answers 9356 &&
	pct exec 9356 -- sh -c "echo before >/z/mine" && pct stop 9356 && pct snapshot 9356 one &&
	pct start 9356 && answers 9356 && pct exec 9356 -- sh -c "echo after >/z/mine" && pct stop 9356 &&
	pct rollback 9356 one && zvol_holds 9356 before && pct delsnapshot 9356 one &&
	succeeds pct clone 9356 9357 && zvol_holds 9357 before && pct destroy 9357
'

spec 'makes a template of an image on a zvol, with linked and full clones' '
	succeeds pct template 9356 && zfs list "$pool/base-9356-disk-8@__base__" &&
	succeeds pct clone 9356 9357 && zvol_holds 9357 before &&
	succeeds pct clone 9356 9358 --full 1 && zvol_holds 9358 before &&
	pct destroy 9358 && pct destroy 9357 && pct destroy 9356 && is_gone 9356
'

spec 'hands an image on a zvol to another container' '
	given_zvol 9356 >/dev/null && given_container 9357 --rootfs tank:0.125 >/dev/null &&
	succeeds pct move-volume 9356 mp0 --target-vmid 9357 --target-volume mp0 &&
	has_volumes tank 9356 1 && has_volumes tank 9357 2 && pct destroy 9357 && pct destroy 9356 &&
	is_gone 9356
'

ends_clean
