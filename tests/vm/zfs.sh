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

snapshot_specs tank 9353

ends_clean
