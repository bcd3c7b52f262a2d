#!/bin/sh
# pvesm status, list, path, alloc and free (storage.md 9).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2031
. "$(dirname "$0")/lib.sh"

# given_storage LINE...: storage.cfg.
given_storage() { printf '%s\n' "$@" >"$PCT_ROOT/etc/pve/storage.cfg"; }

# given_file NAME [SIZE]: a file of the storage local.
given_file() {
	mkdir -p "$(dirname "$PCT_ROOT/var/lib/vz/$1")"
	truncate -s "${2:-1}" "$PCT_ROOT/var/lib/vz/$1"
}

is_there() { [ -e "$PCT_ROOT/var/lib/vz/$1" ] || because "'$1' is not there"; }
is_gone() { [ ! -e "$PCT_ROOT/var/lib/vz/$1" ] || because "'$1' is still there"; }

it 'lists the built-in storage local when there is no storage.cfg' '
	succeeds pvesm status && stderr_is &&
	stdout_has "Name         Type     Status     Total (KiB)      Used (KiB) Available (KiB)        %" &&
	grep -qE "^local         dir     active( +[0-9]+){3} +[0-9]+\.[0-9]{2}%$" "$scratch/stdout"
'

it 'lists disabled and unsupported storages with zeros, by name' '
	given_storage "nfs: zebra" "	server s" "	export /e" "" "dir: apple" "	path /x" \
		"	disable" &&
	succeeds pvesm status && stderr_is &&
	sed -i "/^local/d" "$scratch/stdout" &&
	stdout_is \
		"Name         Type     Status     Total (KiB)      Used (KiB) Available (KiB)        %" \
		"apple         dir   disabled               0               0               0      N/A" \
		"zebra         nfs   inactive               0               0               0    0.00%"
'

it 'lists a storage whose mount point is missing as inactive and says why' '
	given_storage "dir: usb" "	path $scratch/usb" "	is_mountpoint yes" &&
	succeeds pvesm status --storage usb &&
	stderr_is "unable to activate storage '\''usb'\'' - '\''$scratch/usb'\'' is not a mount point" &&
	stdout_has "usb         dir   inactive               0               0               0    0.00%"
'

it 'limits status to a storage, to enabled ones, and to a content type' '
	given_storage "dir: off" "	path /x" "	disable" "" "zfspool: tank" "	pool tank" &&
	succeeds pvesm status --enabled 1 && ! grep -q "^off" "$scratch/stdout" &&
	grep -q "^tank" "$scratch/stdout" &&
	succeeds pvesm status --content iso && ! grep -qE "^(off|tank)" "$scratch/stdout" &&
	grep -q "^local" "$scratch/stdout" &&
	succeeds pvesm status -storage tank && [ "$(wc -l <"$scratch/stdout")" -eq 2 ]
'

it 'refuses status of a storage that does not exist' '
	fails_with 255 pvesm status --storage nosuch && stdout_is &&
	stderr_is "400 Parameter verification failed." "storage: No such storage." \
		"pvesm status  [OPTIONS]"
'

it 'warns about bad lines of storage.cfg and goes on' '
	given_storage "	path /x" "dir: foo" "	path /x" "	path /y" "" "odd: bar" "	path /z" &&
	succeeds pvesm path foo:100/a.raw && stdout_is "/x/images/100/a.raw" &&
	cfg=$PCT_ROOT/etc/pve/storage.cfg &&
	stderr_is "file '\''$cfg'\'' line 1: line is ignored, it belongs to no section" \
		"file '\''$cfg'\'' line 4 (section '\''foo'\''): property '\''path'\'' is there twice" \
		"file '\''$cfg'\'' line 6 (section '\''bar'\''): section is skipped, type '\''odd'\'' is unknown"
'

it 'still serves local when storage.cfg is a directory' '
	mkdir "$PCT_ROOT/etc/pve/storage.cfg" &&
	succeeds pvesm path local:vztmpl/a.tar && stdout_is "$PCT_ROOT/var/lib/vz/template/cache/a.tar" &&
	[ -s "$scratch/stderr" ]
'

it 'allocates images and directories under free names' '
	succeeds pvesm alloc local 100 "" 64M && stderr_is &&
	stdout_is "successfully created '\''local:100/vm-100-disk-0.raw'\''" &&
	succeeds pvesm alloc local 100 "" 0 --format subvol &&
	stdout_is "successfully created '\''local:100/subvol-100-disk-1.subvol'\''" &&
	succeeds pvesm alloc local 100 vm-100-disk-5.raw 1G &&
	stdout_is "successfully created '\''local:100/vm-100-disk-5.raw'\''" &&
	succeeds pvesm alloc local 100 "" 7 &&
	stdout_is "successfully created '\''local:100/vm-100-disk-2.raw'\''" &&
	[ "$(stat -c %s "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-0.raw")" -eq 67108864 ] &&
	[ "$(stat -c %s "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-2.raw")" -eq 7168 ] &&
	[ "$(stat -c %a "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-5.raw")" -eq 640 ] &&
	[ "$(stat -c %a "$PCT_ROOT/var/lib/vz/images/100")" -eq 740 ]
'

it 'refuses a name that is taken' '
	given_file images/100/vm-100-disk-5.raw 3 &&
	fails_with 255 pvesm alloc local 100 vm-100-disk-5.raw 64M && stdout_is &&
	stderr_is "disk image '\''$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-5.raw'\'' already exists" &&
	[ "$(stat -c %s "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-5.raw")" -eq 3 ]
'

it 'hands out distinct names to allocations at the same time' '
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		pvesm alloc local 100 "" 1M >"$scratch/out.$i" 2>/dev/null &
	done
	wait
	[ "$(cat "$scratch"/out.* | sort -u | grep -c "^successfully created")" -eq 12 ] &&
	[ "$(find "$PCT_ROOT/var/lib/vz/images/100" -name "*.raw" | wc -l)" -eq 12 ]
'

it 'refuses names that are no file of the owner' '
	for name in ../101/vm-101-disk-0.raw ../../../x.raw /etc/x.raw a/b.raw "a b.raw" \
		base-1.raw/200/x.raw a.vhdx .raw plain x.subvol snap-x.qcow2; do
		fails_with 255 pvesm alloc local 100 "$name" 1M && stdout_is || exit 1
	done
	[ -z "$(find "$PCT_ROOT" -name "*.raw")" ]
'

it 'refuses a name of 4 KiB' '
	fails_with 255 pvesm alloc local 100 "$(printf "%04096d" 0).raw" 1M &&
	[ "$(wc -c <"$scratch/stderr")" -lt 700 ]
'

it 'refuses a format that does not fit the name, or cannot be created' '
	fails_with 255 pvesm alloc local 100 a.raw 1M --format qcow2 &&
	stderr_has "format: '\''qcow2'\'' does not fit the name '\''a.raw'\''" &&
	fails_with 255 pvesm alloc local 100 a.qcow2 1M &&
	stderr_is "unsupported format '\''qcow2'\''" &&
	fails_with 255 pvesm alloc local 100 a.img 1M &&
	stderr_is "unable to parse directory volume name '\''100/a.img'\''" &&
	fails_with 255 pvesm alloc local 100 a.subvol 0 &&
	stderr_is "illegal name '\''a.subvol'\'' - it should end with '\''.raw'\''" &&
	fails_with 255 pvesm alloc local 100 "" 1M --format zip &&
	stderr_has "format: value '\''zip'\'' does not have a value in the enumeration '\''qcow2, raw, subvol, vmdk'\''"
'

it 'refuses sizes that are none, or too large' '
	for size in x 1.5G 1T "" 1m "1 "; do
		fails_with 255 pvesm alloc local 100 "" "$size" &&
		stderr_is "400 Parameter verification failed." \
			"size: value does not match the regex pattern" \
			"pvesm alloc <storage> <vmid> <filename> <size> [OPTIONS]" || exit 1
	done
	for size in 9223372036854775808 9223372036854775807 99999999999999999999999G; do
		fails_with 255 pvesm alloc local 100 "" "$size" &&
		stderr_has "size: '\''$size'\'' is too large" || exit 1
	done
	fails_with 255 pvesm alloc local 100 "" -5 && stderr_starts "Unknown option: 5" &&
	is_gone images/100
'

it 'makes an image of size 0, and no sized directory' '
	succeeds pvesm alloc local 100 "" 0 &&
	stdout_is "successfully created '\''local:100/vm-100-disk-0.raw'\''" &&
	fails_with 255 pvesm alloc local 101 "" 1M --format subvol && stdout_is && is_gone images/101
'

it 'refuses owners out of range and storages that are not there' '
	fails_with 255 pvesm alloc local 99 "" 1M &&
	stderr_has "vmid: value must have a minimum value of 100" &&
	fails_with 255 pvesm alloc nosuch 100 "" 1M &&
	stderr_is "storage '\''nosuch'\'' does not exist" &&
	fails_with 255 pvesm alloc x 100 "" 1M &&
	stderr_has "storage: invalid format - storage ID '\''x'\'' cannot be shorter than 2 characters" &&
	fails_with 255 pvesm alloc ../x 100 "" 1M &&
	stderr_has "storage: invalid format - storage ID '\''../x'\'' contains illegal characters"
'

it 'leaves nothing behind when the file system is full' '
	mkdir "$scratch/full" && mount -t tmpfs -o size=256k tmpfs "$scratch/full" 2>/dev/null ||
		skip_spec "mounting is not permitted here"
	given_storage "dir: full" "	path $scratch/full" "	preallocation falloc" &&
	run pvesm alloc full 100 "" 1M
	left=$(find "$scratch/full/images" -mindepth 1)
	umount "$scratch/full"
	[ "$status" -eq 255 ] && [ -z "$left" ] &&
	grep -q "No space left on device$" "$scratch/stderr"
'

it 'lists volumes with an owner first, then the others by format' '
	given_config 100 "arch: amd64" &&
	given_file images/100/vm-100-disk-0.raw 67108864 &&
	given_file images/100/vm-101-disk-0.raw 67108864 &&
	given_file images/100/snap-100-disk-0.qcow2 && given_file images/100/readme.txt &&
	given_file images/99/vm-99-disk-0.qcow2 5 &&
	mkdir "$PCT_ROOT/var/lib/vz/images/100/subvol-100-disk-2.subvol" &&
	given_file template/cache/debian-12-standard_12.2-1_amd64.tar.zst 3145728 &&
	given_file template/cache/alpine-3.19-default_20240207_amd64.tar.xz 700000 &&
	given_file template/cache/notes.txt && mkdir "$PCT_ROOT/var/lib/vz/template/cache/d.tar" &&
	ln -s nowhere "$PCT_ROOT/var/lib/vz/template/cache/dangling.tar" &&
	given_file dump/vzdump-lxc-100-2026_01_05-02_00_01.tar.zst 1073741824 &&
	succeeds pvesm list local && stderr_is &&
	stdout_is \
		"Volid                                                   Format  Type            Size VMID" \
		"local:100/subvol-100-disk-2.subvol                      subvol  rootdir            0 100" \
		"local:100/vm-100-disk-0.raw                             raw     rootdir     67108864 100" \
		"local:100/vm-101-disk-0.raw                             raw     rootdir     67108864 100" \
		"local:99/vm-99-disk-0.qcow2                             qcow2   images             5 99" \
		"local:backup/vzdump-lxc-100-2026_01_05-02_00_01.tar.zst tar.zst backup    1073741824 100" \
		"local:vztmpl/alpine-3.19-default_20240207_amd64.tar.xz  txz     vztmpl        700000" \
		"local:vztmpl/debian-12-standard_12.2-1_amd64.tar.zst    tzst    vztmpl       3145728"
'

it 'limits the list to an owner or a content type' '
	given_config 100 "arch: amd64" &&
	given_file images/100/a.raw 10 && given_file images/101/b.raw 10 &&
	given_file template/cache/t.tar.gz && given_file snippets/hook.sh &&
	given_file dump/vzdump-lxc-101-x.tar && given_file dump/vzdump-lxc-100-x.tar &&
	succeeds pvesm list local --content rootdir &&
	stdout_is "Volid           Format  Type      Size VMID" \
		"local:100/a.raw raw     rootdir   10 100" &&
	succeeds pvesm list local --content images &&
	stdout_is "Volid           Format  Type      Size VMID" \
		"local:101/b.raw raw     images    10 101" &&
	succeeds pvesm list local --vmid 101 &&
	stdout_is "Volid                             Format  Type      Size VMID" \
		"local:101/b.raw                   raw     images    10 101" \
		"local:backup/vzdump-lxc-101-x.tar tar     backup     1 101" \
		"local:snippets/hook.sh            snippet snippets   1"
'

it 'prints only a heading when there is nothing to list' '
	succeeds pvesm list local -vmid 101 && stdout_is "Volid Format  Type      Size VMID"
'

it 'lists only content that the storage offers' '
	given_storage "dir: local" "	path /var/lib/vz" "	content iso" &&
	given_file images/100/a.raw && given_file template/iso/a.ISO 9 &&
	succeeds pvesm list local &&
	stdout_is "Volid           Format  Type      Size VMID" "local:iso/a.ISO iso     iso       9"
'

it 'prints the path of a volume that need not exist' '
	succeeds pvesm path local:100/vm-100-disk-0.raw && stderr_is &&
	stdout_is "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-0.raw" &&
	succeeds pvesm path local:9000/base-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2 &&
	stdout_is "$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-0.qcow2"
'

it 'refuses volume ids that are none, whatever they are made of' '
	fails_with 255 pvesm path local && stdout_is &&
	stderr_is "unable to parse volume ID '\''local'\''" &&
	fails_with 255 pvesm path nosuch:100/a.raw &&
	stderr_is "storage '\''nosuch'\'' does not exist" &&
	fails_with 255 pvesm path local:100/../a.raw &&
	stderr_is "unable to parse directory volume name '\''100/../a.raw'\''" &&
	for name in / . .. "" " " a:b "$(printf "\001\377")" "$(printf "%04096d" 0)" \
		100/ /100/a.raw 100/a/b/c/d.raw "100/a b.raw" snippets/.. vztmpl/../x.tar; do
		for command in path free; do
			fails_with 255 pvesm "$command" "local:$name" && stdout_is || exit 1
		done
	done
'

it 'frees volumes and templates' '
	given_file images/100/vm-100-disk-0.raw && given_file images/100/vm-100-disk-1.raw &&
	given_file template/cache/t.tar.gz &&
	succeeds pvesm free local:100/vm-100-disk-0.raw && stderr_is &&
	stdout_is "Removed volume '\''local:100/vm-100-disk-0.raw'\''" &&
	is_gone images/100/vm-100-disk-0.raw && is_there images/100/vm-100-disk-1.raw &&
	succeeds pvesm free 100/vm-100-disk-1.raw --storage local --delay 3 && is_gone images/100 &&
	succeeds pvesm free local:vztmpl/t.tar.gz && stderr_is && is_gone template/cache/t.tar.gz
'

it 'warns when the volume to free is not there' '
	succeeds pvesm free local:100/a.raw &&
	stdout_is "Removed volume '\''local:100/a.raw'\''" &&
	stderr_is "disk image '\''$PCT_ROOT/var/lib/vz/images/100/a.raw'\'' does not exist"
'

it 'refuses to free on an unknown, a disabled or another storage' '
	given_storage "dir: off" "	path /x" "	disable" &&
	fails_with 255 pvesm free nosuch:100/a.raw &&
	stderr_is "storage '\''nosuch'\'' does not exist" &&
	fails_with 255 pvesm free off:100/a.raw && stderr_is "storage '\''off'\'' is disabled" &&
	fails_with 255 pvesm free local:100/a.raw --storage off &&
	stderr_is "volume '\''local:100/a.raw'\'' is not on storage '\''off'\''"
'

it 'frees a directory volume full of hostile names without leaving it' '
	mkdir -p "$PCT_ROOT/keep" "$PCT_ROOT/var/lib/vz/images/100/s.subvol/d" &&
	: >"$PCT_ROOT/keep/file" && cd "$PCT_ROOT/var/lib/vz/images/100/s.subvol" &&
	ln -s ../../../../../../keep up && ln -s / root && : >"-rf" && : >"$(printf "a\nb")" &&
	: >"$(printf "\377\001")" && chmod 0 d && cd / &&
	succeeds pvesm free local:100/s.subvol && stderr_is && is_gone images/100 &&
	[ -e "$PCT_ROOT/keep/file" ]
'

it 'knows the commands by their unique prefixes' '
	succeeds pvesm pa local:100/a.raw && succeeds pvesm stat &&
	fails_with 255 pvesm nosuch && stderr_starts "ERROR: unknown command '\''pvesm nosuch'\''" &&
	fails_with 255 pvesm path && stderr_is "400 not enough arguments" "pvesm path <volume>"
'
