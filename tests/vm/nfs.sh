#!/bin/sh
# Containers on an NFS export of the machine itself.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_template
export=/srv/nfs$$
mkdir -p "$export"
trap 'umount -f -l "$root/mnt/pve/nas" 2>/dev/null; exportfs -u "127.0.0.1:$export"; clean_up; rm -rf "$export"; finish' EXIT
if ! { systemctl start nfs-server &&
	exportfs -o rw,no_root_squash,fsid=1 "127.0.0.1:$export"; }; then
	skip_file "no NFS server"
fi

mkdir -p "$root/etc/pve"
lines "nfs: nas" "	server 127.0.0.1" "	export $export" "	content rootdir,images,vztmpl" \
	>"$root/etc/pve/storage.cfg"

given() {
	given_container 9340 --rootfs nas:0.25
}

spec 'mounts the export when the storage is used' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^nas *nfs *active *[1-9]" &&
	grep -q "$export .* nfs" /proc/mounts
'

spec 'makes a container on it that starts' '
	succeeds given && [ -f "$export/images/9340/vm-9340-disk-0.raw" ] &&
	pct start 9340 && answers 9340 && pct stop 9340 && pct destroy 9340 &&
	[ ! -e "$export/images/9340" ]
'

share_specs nas 9342 "$export"

spec 'says within its time limit that a dead server is not online' '
	umount "$root/mnt/pve/nas" && sed -i "s/127.0.0.1/192.0.2.1/" "$root/etc/pve/storage.cfg" &&
	run timeout 60 pvesm status && [ "$status" -ne 124 ] && stdout_like "^nas *nfs *inactive *0"
'

ends_clean
