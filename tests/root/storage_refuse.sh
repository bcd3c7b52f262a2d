#!/bin/sh
# What storages refuse to real commands: content that is not theirs, sizes that are none,
# volumes of others, links on the way, and storages that are full, read-only or hang.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_REFUSE_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_REFUSE_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9470
given_template

given() {
	given_container 9470 --mp0 local:0.02,mp=/data >/dev/null
}

# LINE...: more sections of storage.cfg.
given_storage() {
	mkdir -p "$root/etc/pve"
	lines "dir: local" "	path $root/var/lib/vz" "	content rootdir,images,vztmpl" "" "$@" \
		>"$root/etc/pve/storage.cfg"
}

# STATUS COMMAND...: it fails, and no volume, configuration or mount has come or gone.
refused() {
	everything >"$scratch/before"
	fails_with "$@" || return 1
	everything >"$scratch/after"
	changed=$(diff "$scratch/before" "$scratch/after") || because "$changed"
}

everything() {
	find "$root/etc" "$root/var/lib" -type f -printf "%p %s\n" -o -printf "%p\n" | LC_ALL=C sort
	find "$root/etc" -type f -exec sha1sum {} +
	grep -F "$top/" /proc/self/mountinfo || :
}

given || exit 1

spec 'makes no volume on a storage that is not for containers, or of a type that is not' '
	given_storage "dir: files" "	path $top/files" "	content iso,vztmpl" "" "dir: none" \
		"	path $top/none" "	content none" "" "rbd: ceph" "" "odd: type" "	path $top/odd" &&
	refused 255 pct create 9471 "$template" --rootfs files:1 &&
	stderr_like "storage .files. does not support container directories" &&
	refused 255 pct create 9471 "$template" --rootfs none:0 &&
	refused 255 pct set 9470 --mp1 files:1,mp=/x &&
	stderr_like "storage .files. does not allow content type .rootdir. (Container)" &&
	refused 255 pct clone 9470 9471 --storage files &&
	stderr_like "storage .files. does not support container directories" &&
	refused 255 pct create 9471 "$template" --rootfs ceph:1 &&
	stderr_like "storage .ceph. is of type .rbd., which is not supported" &&
	refused 255 pct create 9471 "$template" --rootfs type:1 &&
	stderr_like "storage .type. does not exist" &&
	refused 255 pct create 9471 files:vztmpl/none.tar.zst &&
	refused 255 pct create 9471 none:vztmpl/none.tar.zst &&
	stderr_like "Storage does not support templates!" && [ ! -e "$top/odd" ]
'

spec 'allocates images only where the storage offers them' '
	refused 255 pvesm alloc files 9470 "" 1M &&
	stderr_has "storage '\''files'\'' does not support guest volumes" &&
	refused 255 pvesm alloc ceph 9470 "" 1M && refused 255 pvesm alloc type 9470 "" 1M &&
	stderr_has "storage '\''type'\'' does not exist"
'

spec 'makes nothing of a size that is negative, no number, or beyond what a file can have' '
	given_storage && for size in -1 1e9 1.2.3 0x10 9223372036854775808 18446744073709551616 8589934592; do
		refused 255 pct create 9471 "$template" --rootfs "local:$size" &&
		refused 255 pct set 9470 --mp1 "local:$size,mp=/x" || because "size $size" || exit 1
	done && for size in -1 -1G +-1G 9223372036854775808 18446744073709551616 99999999T; do
		refused 255 pct resize 9470 mp0 "$size" || because "size $size" || exit 1
	done && refused 255 pct resize 9470 mp0 1M && stderr_is "unable to shrink disk size" &&
	for size in -1 9223372036854775808 9223372036854775807G; do
		refused 255 pvesm alloc local 9470 "" "$size" || because "size $size" || exit 1
	done
'

spec 'never frees or grows a volume of another container, whoever names it' '
	pct create 9471 "$template" --rootfs local:0 --memory 64 >/dev/null &&
	echo "mp1: local:9470/vm-9470-disk-1.raw,mp=/theirs,size=20M" >>"$(config_file 9471)" &&
	echo "unused0: local:9470/subvol-9470-disk-0.subvol" >>"$(config_file 9471)" &&
	refused 255 pct resize 9471 mp1 1G && refused 255 pct template 9471 &&
	succeeds pct set 9471 --delete unused0 && stderr_like "CT 9471 isn.t the owner" &&
	[ -d "$(tree 9470)/root" ] && succeeds pct destroy 9471 && stdout_like "CT 9471 isn.t the owner" &&
	[ -f "$root/var/lib/vz/images/9470/vm-9470-disk-1.raw" ] && pct start 9470 && answers 9470 &&
	pct stop 9470
'

spec 'follows no link in any component of a directory that is to be bound' '
	mkdir -p "$top/host/a/b/c" && for link in host host/a host/a/b host/a/b/c; do
		mv "$top/$link" "$top/real" && ln -s "$top/real" "$top/$link" &&
		echo "mp1: $top/host/a/b/c,mp=/x" >>"$(config_file 9470)" &&
		fails_with 255 pct start 9470 && cat "$scratch/stdout" "$scratch/stderr" &&
		grep -qF "mp1: symlink encountered at: $top/$link" "$scratch/stdout" "$scratch/stderr" && is_clean &&
		sed -i "/^mp1/d" "$(config_file 9470)" && rm "$top/$link" && mv "$top/real" "$top/$link" || exit 1
	done
'

spec 'follows no link that stands in the place of an owner, or of a volume' '
	mkdir "$top/outside" && echo kept >"$top/outside/vm-9471-disk-0.raw" &&
	ln -s "$top/outside" "$root/var/lib/vz/images/9471" &&
	fails_with 255 pvesm free local:9471/vm-9471-disk-0.raw && fails_with 255 pvesm alloc local 9471 "" 1M &&
	fails_with 255 pct create 9471 "$template" --rootfs local:0.01 &&
	equals "$(ls "$top/outside")" vm-9471-disk-0.raw && rm "$root/var/lib/vz/images/9471" &&
	[ ! -e "$(config_file 9471)" ] && ln -s "$top/outside/vm-9471-disk-0.raw" \
		"$root/var/lib/vz/images/9470/vm-9470-disk-5.raw" &&
	succeeds pvesm free local:9470/vm-9470-disk-5.raw && equals "$(cat "$top/outside/"*)" kept
'

# ---- storages in trouble ----

# SIZE: an ext4 of its own is the storage "small".
given_small() {
	truncate -s "$1" "$top/small.img" && mkfs.ext4 -q -m 0 "$top/small.img" && mkdir -p "$top/small" &&
		mount -o loop "$top/small.img" "$top/small" &&
		given_storage "dir: small" "	path $top/small" "	content rootdir,images,vztmpl"
}

end_small() {
	umount "$top/small" && rm "$top/small.img"
}

spec 'keeps what is on a storage that is read-only, and changes nothing' '
	given_small 64M && pvesm alloc small 9470 "" 1M && cp "$archive" "$top/small/template/cache/" &&
	pct create 9471 "$template" --rootfs small:0 --memory 64 >/dev/null &&
	mount -o remount,ro "$top/small" && before=$(find "$top/small" -printf "%p %s %T@\n" | sort) &&
	for command in "pvesm alloc small 9470 vm-9470-disk-9.raw 1M" "pvesm free small:9470/vm-9470-disk-0.raw" \
		"pvesm free small:vztmpl/${archive##*/}" "pct create 9472 $template --rootfs small:0" \
		"pct create 9472 $template --rootfs small:0.01" "pct clone 9470 9472 --storage small" \
		"pct destroy 9471"; do
		fails_with 255 $command && stderr_like "Read-only file system" || exit 1
	done
	[ -e "$(config_file 9471)" ] && [ ! -e "$(config_file 9472)" ] && succeeds pvesm status &&
	stdout_like "^small  *dir  *active " && equals "$(find "$top/small" -printf "%p %s %T@\n" | sort)" "$before" &&
	mount -o remount,rw "$top/small" && pct destroy 9471 && end_small && is_clean
'

spec 'takes back all that it began when a storage is full' '
	given_small 16M && dd if=/dev/zero of="$top/small/filler" bs=64k count=190 2>/dev/null &&
	for command in "pct create 9472 $template --rootfs small:0 --memory 64" \
		"pct clone 9470 9472 --storage small"; do
		head -c 3M /dev/urandom >"$(tree 9470)/random" && df -k "$top/small" &&
		fails_with 255 $command && stderr_like "No space left on device" &&
		[ ! -e "$(config_file 9472)" ] && [ ! -e "$top/small/images/9472" ] || exit 1
	done && pvesm set small --preallocation full &&
	fails_with 255 pvesm alloc small 9470 "" 8M && stderr_like "No space left on device" &&
	[ ! -e "$top/small/images/9470" ] && rm "$(tree 9470)/random" && end_small && is_clean
'

# A FUSE file system whose server never answers, until the command is done.
cat >"$top/silent.py" <<-"END"
	import ctypes, os, subprocess, sys
	libc = ctypes.CDLL(None, use_errno=True)
	fuse = os.open("/dev/fuse", os.O_RDWR)
	options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
	if libc.mount(b"silent", sys.argv[1].encode(), b"fuse", 0, options.encode()) < 0:
	    sys.exit(77)
	ended = subprocess.run(sys.argv[2:])
	os.close(fuse)
	libc.umount2(sys.argv[1].encode(), 2)
	sys.exit(ended.returncode)
END

# COMMAND...: while the storage "silent" hangs; it ends within 15 s all the same.
on_silent() {
	run timeout -k 1 15 python3 "$top/silent.py" "$top/silent" "$@"
	[ "$status" != 77 ] || skip_spec "a FUSE file system cannot be mounted here"
	[ "$status" -lt 124 ] || [ "$status" = 255 ] || because "$*: ended with $status"
}

spec 'waits for no storage that hangs: it is inactive, and all else goes on' '
	given_storage "dir: silent" "	path $top/silent" "	content rootdir,images,vztmpl" &&
	mkdir "$top/silent" && on_silent "$bin/pvesm" status && equals "$status" 0 &&
	stdout_like "^silent  *dir  *inactive  *0  *0  *0  *0.00%$" && stdout_like "^local  *dir  *active " &&
	why="unable to activate storage '\''silent'\'' - '\''stat'\'' failed: got timeout" && stderr_is "$why" &&
	for command in "pvesm list silent" "pvesm alloc silent 9470 \"\" 1M" \
		"pvesm free silent:9470/vm-9470-disk-0.raw" "pct clone 9470 9472 --storage silent"; do
		eval "on_silent $bin/$command" && equals "$status" 255 && stderr_like "$why" || exit 1
	done && on_silent "$bin/pct" create 9472 "$template" --rootfs silent:0 --memory 64 &&
	equals "$status" 255 && stderr_like "$why" && [ ! -e "$(config_file 9472)" ] &&
	on_silent "$bin/pct" start 9470 && equals "$status" 0 && answers 9470 && pct stop 9470 && is_clean
'

spec 'lists what else there is when a storage hangs: to rescan, to destroy, to complete' '
	given_storage "dir: silent" "	path $top/silent" "	content rootdir,images,vztmpl" &&
	pvesm alloc local 9470 "" 1M >/dev/null && given_container 9471 >/dev/null &&
	pvesm alloc local 9471 "" 1M >/dev/null && why="unable to activate storage '\''silent'\'' - " &&
	on_silent "$bin/pct" rescan && equals "$status" 0 && stderr_like "^$why" &&
	conf_has 9470 "unused0: local:9470/vm-9470-disk-2.raw" &&
	on_silent "$bin/pct" destroy 9471 --destroy-unreferenced-disks 1 && equals "$status" 0 &&
	stdout_like "^$why" && [ ! -e "$root/var/lib/vz/images/9471" ] &&
	line="pct create 9471 " && export COMP_LINE="$line" COMP_POINT="${#line}" &&
	on_silent "$bin/pct" bashcomplete pct "" x && stdout_has "$template" && is_clean
'

ends_clean
