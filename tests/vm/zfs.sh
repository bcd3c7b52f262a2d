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

given() {
	given_container 9350 --rootfs tank:0.125
}

spec 'shows the pool as active' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^tank *zfspool *active *[1-9]"
'

spec 'makes a container on a dataset with a quota' '
	succeeds given && equals "$(zfs get -Hp -o value refquota "$pool/subvol-9350-disk-0")" 134217728 &&
	pct start 9350 && answers 9350 && pct exec 9350 -- sh -c "echo kept >/mine" &&
	! pct exec 9350 -- sh -c "head -c 200000000 /dev/urandom >/big" && pct stop 9350
'

spec 'destroys the dataset with the container' '
	succeeds pct destroy 9350 && is_gone 9350 && ! zfs list "$pool/subvol-9350-disk-0"
'

spec 'sets acltype as a mount point asks for it' '
	given_container 9351 --rootfs tank:0.125 --mp0 tank:0.0625,mp=/a,acl=1 \
		--mp1 tank:0.0625,mp=/b,acl=0 >/dev/null && pct start 9351 && answers 9351 &&
	mounted=$top/pool/subvol-9351-disk && setfacl -m u:100007:r "$mounted-1" &&
	! setfacl -m u:100007:r "$mounted-2" && pct stop 9351 && pct destroy 9351
'

spec 'clones the state of a snapshot while the container runs' '
	given >/dev/null && echo old >"$top/pool/subvol-9350-disk-0/root/state" &&
	pct snapshot 9350 one && pct start 9350 && answers 9350 &&
	pct exec 9350 -- sh -c "echo new >/root/state" &&
	succeeds pct clone 9350 9351 --snapname one --full 1 &&
	stdout_like "create full clone of mountpoint rootfs (tank:subvol-9350-disk-0)" &&
	equals "$(cat "$top/pool/subvol-9351-disk-0/root/state")" old &&
	equals "$(cat "$top/pool/subvol-9350-disk-0/root/state")" new &&
	! grep -q "subvol-9350-disk-0@one" /proc/self/mountinfo && pct start 9351 && answers 9351 &&
	pct destroy 9351 --force 1 && pct destroy 9350 --force 1 && is_gone 9350
'

spec 'passes snapshots on in streams, whole and incremental' '
	pvesm alloc tank 9351 "" 64M --format subvol && files=$top/pool/subvol-9351-disk-0 &&
	for snap in one two three; do
		touch "$files/$snap" && zfs snapshot "$pool/subvol-9351-disk-0@$snap" || exit 1
	done &&
	pvesm export tank:subvol-9351-disk-0 zfs "$scratch/one" --snapshot one &&
	pvesm export tank:subvol-9351-disk-0 zfs "$scratch/rest" --snapshot three --base one \
		--with-snapshots 1 &&
	succeeds pvesm import tank:subvol-9352-disk-0 zfs "$scratch/one" --snapshot one &&
	succeeds pvesm import tank:subvol-9352-disk-0 zfs "$scratch/rest" --snapshot three --base one \
		--with-snapshots 1 --delete-snapshot one &&
	equals "$(zfs list -H -o name -t snapshot -d 1 -s creation "$pool/subvol-9352-disk-0")" \
		"$pool/subvol-9352-disk-0@two
$pool/subvol-9352-disk-0@three" &&
	fails_with 255 pvesm import tank:subvol-9352-disk-0 zfs "$scratch/rest" --snapshot three --base one &&
	pvesm free tank:subvol-9352-disk-0 && pvesm free tank:subvol-9351-disk-0
'

snapshot_specs tank 9353

ends_clean
