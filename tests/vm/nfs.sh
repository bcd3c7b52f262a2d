#!/bin/sh
# Containers on an NFS export of the machine itself.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_template
export=/srv/nfs$$
mkdir -p "$export"
trap 'umount -f -l "$top/nas" "$root/mnt/pve/dead" 2>/dev/null; rm -f "$exports"; exportfs -r; clean_up; rm -rf "$export"; finish' EXIT
# In a file: the tools of ZFS, which another spec file runs, make the server forget the rest.
exports=/etc/exports.d/pt$$.exports
mkdir -p /etc/exports.d
lines "$export 127.0.0.1(rw,no_root_squash,no_subtree_check,fsid=1)" >"$exports"
if ! { systemctl start nfs-server && exportfs -r; }; then
	skip_file "no NFS server"
fi

mkdir -p "$root/etc/pve"
lines "nfs: nas" "	path $top/nas" "	server 127.0.0.1" "	export $export" \
	"	content rootdir,images,vztmpl,backup" >"$root/etc/pve/storage.cfg"

spec 'mounts the export when the storage is used' '
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^nas *nfs *active *[1-9]" &&
	grep -q "^127.0.0.1:$export $top/nas nfs4" /proc/mounts
'

spec 'tells what a server exports' '
	succeeds pvesm scan nfs 127.0.0.1 && stdout_like "^$export "
'

spec 'has the image of a container on the server' '
	given_container 9340 --rootfs nas:0.125 && [ -f "$export/images/9340/vm-9340-disk-0.raw" ] &&
	succeeds pct destroy 9340 && is_gone 9340 && [ ! -e "$export/images/9340" ]
'

volume_specs nas 9340 raw
copy_specs nas 9343
file_template_specs nas 9343
rename_specs nas 9346
zero_specs nas 9346 "$export"

spec 'makes no directory volume, and leaves nothing of it' '
	fails_with 255 pct create 9340 "$template" --rootfs nas:0 &&
	stderr_like "storage .nas. cannot hold volumes of that format" && is_gone 9340 && [ ! -e "$export/images/9340" ]
'

spec 'backs a container up to the export, and makes it again from there' '
	given_container 9340 && touch "$(tree 9340)/mine" &&
	succeeds vzdump 9340 --storage nas --mode stop --compress zstd &&
	archive=$(pvesm list nas --content backup | sed -n "2s/ .*//p") && [ -n "$archive" ] &&
	succeeds pct restore 9341 "$archive" --rootfs nas:0.125 && pct mount 9341 &&
	[ -e "$root/var/lib/lxc/9341/rootfs/mine" ] && pct unmount 9341 && pct destroy 9341 && pct destroy 9340 &&
	succeeds pvesm free "$archive"
'

spec 'mounts below /mnt/pve without a path, and says in time that a dead server is not online' '
	lines "" "nfs: dead" "	server 127.0.0.1" "	export $export" >>"$root/etc/pve/storage.cfg" &&
	succeeds pvesm status && grep -q "^127.0.0.1:$export $root/mnt/pve/dead nfs" /proc/mounts &&
	umount "$root/mnt/pve/dead" && sed -i "s/127.0.0.1/192.0.2.1/" "$root/etc/pve/storage.cfg" &&
	run timeout 120 "$bin/pvesm" status && [ "$status" -ne 124 ] && stdout_like "^dead *nfs *inactive *0" &&
	stderr_like "storage .dead. is not online"
'

ends_clean
