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
	given_storage "rbd: zebra" "" "dir: apple" "	path /x" \
		"	disable" &&
	succeeds pvesm status && stderr_is &&
	sed -i "/^local/d" "$scratch/stdout" &&
	stdout_is \
		"Name         Type     Status     Total (KiB)      Used (KiB) Available (KiB)        %" \
		"apple         dir   disabled               0               0               0      N/A" \
		"zebra         rbd   inactive               0               0               0    0.00%"
'

it 'lists a storage whose mount point is missing as inactive and says why' '
	given_storage "dir: usb" "	path $scratch/usb" "	is_mountpoint yes" &&
	succeeds pvesm status --storage usb &&
	stderr_is "unable to activate storage '\''usb'\'' - '\''$scratch/usb'\'' is not a mount point" &&
	stdout_has "usb         dir   inactive               0               0               0    0.00%"
'

it 'limits status to a storage, to enabled ones, and to a content type' '
	given_storage "dir: off" "	path /x" "	disable" "" "rbd: tank" &&
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

# ---- storage.cfg ----

# cfg_is LINE...: storage.cfg, whole.
cfg_is() {
	lines "$@" >"$scratch/lines"
	cmp -s "$scratch/lines" "$PCT_ROOT/etc/pve/storage.cfg" ||
		because "$(diff -u "$scratch/lines" "$PCT_ROOT/etc/pve/storage.cfg")"
}

it 'adds a storage, makes its directories and prints nothing' '
	succeeds pvesm add dir foo --path "$scratch/foo" --content rootdir,vztmpl --shared 1 &&
	stdout_is && stderr_is &&
	cfg_is "dir: foo" "	path $scratch/foo" "	content rootdir,vztmpl" "	shared 1" "" &&
	[ -d "$scratch/foo/dump" ] && [ -d "$scratch/foo/template/cache" ] &&
	[ "$(stat -c %a "$PCT_ROOT/etc/pve/storage.cfg")" = 640 ] &&
	succeeds pvesm status --storage foo && grep -q "^foo .* active " "$scratch/stdout"
'

it 'refuses to add a storage whose name is taken, or that lacks a value' '
	given_storage "dir: foo" "	path /x" &&
	fails_with 255 pvesm add dir foo --path "$scratch/foo" && stdout_is &&
	stderr_is "create storage failed: storage ID '\''foo'\'' already defined" &&
	fails_with 255 pvesm add dir bar &&
	stderr_is "create storage failed: missing value for required option '\''path'\''" &&
	fails_with 255 pvesm add dir bar --path "$scratch/bar" --vgname pve &&
	stderr_is "create storage failed: unexpected property '\''vgname'\''" &&
	fails_with 255 pvesm add dir bar --path bar &&
	stderr_has "path: invalid format - value does not look like an absolute path" &&
	fails_with 255 pvesm add rbd bar &&
	stderr_has "type: value '\''rbd'\'' does not have a value in the enumeration '\''btrfs, cifs, dir, lvm, lvmthin, nfs, zfspool'\''" &&
	cfg_is "dir: foo" "	path /x"
'

it 'adds nothing when the storage cannot be activated' '
	: >"$scratch/file" &&
	fails_with 255 pvesm add dir foo --path "$scratch/file/foo" && stdout_is &&
	grep -q "^create storage failed: unable to activate storage '\''foo'\'' - " "$scratch/stderr" &&
	[ ! -e "$PCT_ROOT/etc/pve/storage.cfg" ] &&
	fails_with 255 pvesm add btrfs foo --path "$PCT_ROOT/proc" &&
	grep -q "is not on a btrfs file system$" "$scratch/stderr" &&
	[ ! -e "$PCT_ROOT/etc/pve/storage.cfg" ]
'

it 'adds a storage that is off, or of another node, without looking at it' '
	succeeds pvesm add dir off --path "$scratch/off" --disable &&
	succeeds pvesm add nfs nas --server 192.0.2.1 --export /x --nodes elsewhere &&
	cfg_is "dir: off" "	disable" "	path $scratch/off" "" \
		"nfs: nas" "	export /x" "	path /mnt/pve/nas" "	server 192.0.2.1" \
		"	nodes elsewhere" "" &&
	[ ! -e "$scratch/off" ]
'

it 'names the package of a program that is missing' '
	for pair in zfs:zfspool:zfsutils-linux:--pool=tank vgs:lvm:lvm2:--vgname=pve \
		showmount:nfs:nfs-common:--server=192.0.2.1,--export=/x \
		smbclient:cifs:smbclient:--server=192.0.2.1,--share=x; do
		program=${pair%%:*} rest=${pair#*:}
		type=${rest%%:*} rest=${rest#*:}
		package=${rest%%:*} options=$(echo "${rest#*:}" | tr , " ")
		[ ! -x "/usr/sbin/$program" ] && [ ! -x "/sbin/$program" ] &&
			[ ! -x "/usr/bin/$program" ] && [ ! -x "/bin/$program" ] || continue
		# shellcheck disable=SC2086 # words
		fails_with 255 pvesm add "$type" xx $options &&
			grep -q "program '\''$program'\'' is not installed (Debian package '\''$package'\'')$" \
				"$scratch/stderr" || exit 1
	done
	[ ! -e "$PCT_ROOT/etc/pve/storage.cfg" ]
'

it 'keeps a password out of storage.cfg, and drops it with the storage' '
	succeeds pvesm add cifs smb --server s --share x --username u --password secret --disable &&
	stderr_is && ! grep -q secret "$PCT_ROOT/etc/pve/storage.cfg" &&
	secret=$PCT_ROOT/etc/pve/priv/storage/smb.pw &&
	[ "$(cat "$secret")" = "password=secret" ] && [ "$(stat -c %a "$secret")" = 600 ] &&
	succeeds pvesm set smb --password other && [ "$(cat "$secret")" = "password=other" ] &&
	! grep -q other "$PCT_ROOT/etc/pve/storage.cfg" &&
	succeeds pvesm set smb --delete password && [ ! -e "$secret" ] &&
	succeeds pvesm set smb --password third && succeeds pvesm remove smb && [ ! -e "$secret" ] &&
	echo password=stale >"$secret" &&
	succeeds pvesm add cifs smb --server s --share x --disable && [ ! -e "$secret" ]
'

it 'reads a password that is not on the command line' '
	printf "secret\nsecret\n" >"$scratch/typed" &&
	pvesm add cifs smb --server s --share x --disable --password <"$scratch/typed" &&
	[ "$(cat "$PCT_ROOT/etc/pve/priv/storage/smb.pw")" = "password=secret" ] &&
	printf "one\ntwo\n" >"$scratch/typed" &&
	! pvesm set smb --password <"$scratch/typed" 2>"$scratch/stderr" &&
	stderr_is "passwords do not match" &&
	[ "$(cat "$PCT_ROOT/etc/pve/priv/storage/smb.pw")" = "password=secret" ]
'

it 'sets and deletes properties of a storage' '
	given_storage "dir: foo" "	path /x" "	shared 1" "" "pbs: far" "	server  y" &&
	succeeds pvesm set foo --content iso,images --disable 1 --delete shared && stdout_is &&
	stderr_is &&
	cfg_is "dir: foo" "	disable" "	path /x" "	content iso,images" "" \
		"pbs: far" "	server  y" "" &&
	succeeds pvesm set foo --delete disable,content && cfg_is "dir: foo" "	path /x" "" \
		"pbs: far" "	server  y" ""
'

it 'changes the built-in local, which then has a section' '
	succeeds pvesm set local --content rootdir,vztmpl && stdout_is && stderr_is &&
	cfg_is "dir: local" "	path /var/lib/vz" "	content rootdir,vztmpl" \
		"	prune-backups keep-all=1" "" &&
	succeeds pvesm path local:iso/a.iso && stdout_is "$PCT_ROOT/var/lib/vz/template/iso/a.iso" &&
	succeeds pvesm status --content iso && ! grep -q "^local " "$scratch/stdout" &&
	succeeds pvesm remove local && cfg_is && succeeds pvesm status --content iso &&
	grep -q "^local " "$scratch/stdout"
'

it 'tells what it does not write again' '
	given_storage "dir: foo" "	path /x" "	bogus 1" "" "dir: bar" "	path /y" &&
	succeeds pvesm set bar --shared 1 && stdout_is &&
	stderr_is "file '\''$PCT_ROOT/etc/pve/storage.cfg'\'' line 3 (section '\''foo'\''): unknown property '\''bogus'\''" &&
	given_storage "stray" "dir: foo" "	path /x" && succeeds pvesm remove foo &&
	stderr_is "file '\''$PCT_ROOT/etc/pve/storage.cfg'\'' line 1: line is ignored, it belongs to no section"
'

it 'refuses changes of what is fixed, unknown, or changed by somebody else' '
	given_storage "dir: foo" "	path /x" &&
	fails_with 255 pvesm set none --shared 1 &&
	stderr_is "update storage failed: storage '\''none'\'' does not exist" &&
	fails_with 255 pvesm set foo --delete path &&
	stderr_is "update storage failed: unable to delete required option '\''path'\''" &&
	fails_with 255 pvesm set foo --snapshot-as-volume-chain 1 &&
	stderr_is "update storage failed: can'\''t change value of fixed parameter '\''snapshot-as-volume-chain'\''" &&
	fails_with 255 pvesm set foo --shared 1 --digest 0000000000000000000000000000000000000000 &&
	stderr_is "update storage failed: detected modified configuration - file changed by other user? Try again." &&
	cfg_is "dir: foo" "	path /x" &&
	digest=$(sha1sum <"$PCT_ROOT/etc/pve/storage.cfg" | cut -d " " -f 1) &&
	succeeds pvesm set foo --shared 1 --digest "$digest"
'

it 'removes a storage and none of its data' '
	succeeds pvesm add dir foo --path "$scratch/foo" && succeeds pvesm alloc foo 100 "" 1M &&
	succeeds pvesm remove foo && stdout_is && stderr_is && cfg_is &&
	[ -e "$scratch/foo/images/100/vm-100-disk-0.raw" ] &&
	fails_with 255 pvesm remove foo &&
	stderr_is "delete storage failed: storage '\''foo'\'' does not exist"
'

it 'adds storages at the same time without losing one' '
	for i in 1 2 3 4 5 6 7 8; do
		pvesm add dir "s$i" --path "$scratch/s$i" 2>/dev/null &
	done
	wait
	[ "$(grep -c "^dir: s[1-8]$" "$PCT_ROOT/etc/pve/storage.cfg")" -eq 8 ]
'

# ---- streams ----

# FILE: its first 8 bytes as a number, little-endian.
stream_size() { od -An -tu8 -N8 "$1" | tr -d " "; }

it 'exports an image with its size in front, and imports it as it was' '
	succeeds pvesm alloc local 100 "" 3M &&
	image=$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-0.raw &&
	printf "some data" | dd of="$image" bs=1 seek=1000000 conv=notrunc 2>/dev/null &&
	succeeds pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/stream" &&
	stdout_is && stderr_is && [ "$(stream_size "$scratch/stream")" -eq 3145728 ] &&
	[ "$(stat -c %s "$scratch/stream")" -eq 3145736 ] &&
	succeeds pvesm import local:101/vm-101-disk-7.raw raw+size "$scratch/stream" && stderr_is &&
	stdout_is "successfully imported '\''local:101/vm-101-disk-7.raw'\''" &&
	copy=$PCT_ROOT/var/lib/vz/images/101/vm-101-disk-7.raw && cmp "$image" "$copy" &&
	[ "$(stat -c %a "$copy")" = 640 ] && [ "$(stat -c %b "$copy")" -lt 1000 ]
'

it 'passes streams through pipes' '
	succeeds pvesm alloc local 100 "" 64 &&
	pvesm export local:100/vm-100-disk-0.raw raw+size - |
		pvesm import local:101/vm-101-disk-0.raw raw+size - >"$scratch/out" &&
	grep -q "^successfully imported" "$scratch/out" && is_there images/101/vm-101-disk-0.raw
'

it 'exports a directory as a tar archive, and imports it with ids and links' '
	succeeds pvesm alloc local 100 "" 0 --format subvol &&
	tree=$PCT_ROOT/var/lib/vz/images/100/subvol-100-disk-0.subvol &&
	echo data >"$tree/file" && chown 100000:100001 "$tree/file" && chmod 4711 "$tree/file" &&
	ln "$tree/file" "$tree/hard" && ln -s /etc/passwd "$tree/link" &&
	succeeds pvesm export local:100/subvol-100-disk-0.subvol tar+size "$scratch/stream" &&
	[ "$(stream_size "$scratch/stream")" -eq 0 ] &&
	succeeds pvesm import local:101/subvol-101-disk-0.subvol tar+size "$scratch/stream" &&
	copy=$PCT_ROOT/var/lib/vz/images/101/subvol-101-disk-0.subvol &&
	[ "$(stat -c "%u %g %a %h" "$copy/file")" = "100000 100001 4711 2" ] &&
	[ "$(readlink "$copy/link")" = /etc/passwd ]
'

it 'exports and imports other files, but no backups' '
	given_file template/cache/a.tar.gz 1000 && given_file dump/vzdump-lxc-100-x.tar &&
	succeeds pvesm export local:vztmpl/a.tar.gz raw+size "$scratch/stream" &&
	succeeds pvesm import local:vztmpl/b.tar.gz raw+size "$scratch/stream" &&
	stdout_is "successfully imported '\''local:vztmpl/b.tar.gz'\''" &&
	[ "$(stat -c "%s %a" "$PCT_ROOT/var/lib/vz/template/cache/b.tar.gz")" = "1000 644" ] &&
	fails_with 255 pvesm import local:vztmpl/b.tar.gz raw+size "$scratch/stream" &&
	stderr_is "volume '\''local:vztmpl/b.tar.gz'\'' already exists" &&
	fails_with 255 pvesm export local:backup/vzdump-lxc-100-x.tar raw+size "$scratch/x" &&
	stderr_is "unsupported export format '\''raw+size'\'' for volume '\''local:backup/vzdump-lxc-100-x.tar'\''" &&
	[ ! -e "$scratch/x" ] && pvesm add dir foo --path "$scratch/foo" --content import &&
	fails_with 255 pvesm import foo:import/x.ova/a.raw raw+size "$scratch/stream" &&
	stderr_is "unsupported import format '\''raw+size'\'' for volume '\''foo:import/x.ova/a.raw'\''"
'

it 'imports over nothing, and under another name only when that is allowed' '
	succeeds pvesm alloc local 100 "" 64 &&
	succeeds pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/stream" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/stream" &&
	stdout_is && stderr_is "volume '\''local:100/vm-100-disk-0.raw'\'' already exists" &&
	succeeds pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/stream" --allow-rename 1 &&
	stdout_is "successfully imported '\''local:100/vm-100-disk-1.raw'\''" &&
	stderr_is "volume '\''local:100/vm-100-disk-0.raw'\'' already exists - importing with a different name"
'

it 'imports nothing that the storage does not offer, nor waits for it' '
	given_storage "dir: isos" "	path $scratch/isos" "	content iso" &&
	printf "\001\0\0\0\0\0\0\0x" >"$scratch/stream" &&
	fails_with 255 pvesm import isos:100/vm-100-disk-0.raw raw+size "$scratch/stream" &&
	stderr_is "storage '\''isos'\'' does not support guest volumes" &&
	fails_with 255 pvesm import isos:snippets/x raw+size "unix://$scratch/socket" && stdout_is &&
	stderr_is "storage '\''isos'\'' does not support content type '\''snippets'\''" &&
	succeeds pvesm import isos:iso/x.iso raw+size "$scratch/stream" &&
	[ -z "$(find "$scratch/isos" -type f ! -path "*/iso/x.iso")" ]
'

it 'imports nothing from streams that end early, go on, or promise too much' '
	printf "\0\0\020" >"$scratch/short" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/short" && stdout_is &&
	stderr_is "import stream: it ends before its size" &&
	printf "\0\0\020\0\0\0\0\0some" >"$scratch/cut" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/cut" &&
	stderr_is "import stream: it ends after 4 of 1048576 bytes" &&
	printf "\003\0\0\0\0\0\0\0some" >"$scratch/long" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/long" &&
	stderr_is "import stream: it goes on after its 3 bytes" &&
	fails_with 255 pvesm import local:iso/a.iso raw+size "$scratch/long" &&
	stderr_is "import stream: it goes on after its 3 bytes" &&
	printf "\377\377\377\377\377\377\377\377x" >"$scratch/huge" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/huge" &&
	stderr_is "import stream: size 18446744073709551615: File too large" &&
	printf "\0\0\0\0\0\0\0\0no archive" >"$scratch/odd" &&
	fails_with 255 pvesm import local:100/a.subvol tar+size "$scratch/odd" &&
	grep -q "^'\''tar'\'' failed: " "$scratch/stderr" &&
	fails_with 255 pvesm import local:100/vm-100-disk-0.raw raw+size "$scratch/none" &&
	stderr_is "cannot open '\''$scratch/none'\'': No such file or directory" && is_gone images/100 &&
	[ -z "$(find "$PCT_ROOT/var/lib/vz" -name ".tmp*")" ]
'

it 'refuses streams that a volume does not have' '
	succeeds pvesm alloc local 100 "" 64 &&
	for format in tar+size btrfs zfs qcow2+size; do
		fails_with 255 pvesm export local:100/vm-100-disk-0.raw "$format" - && stdout_is &&
			stderr_is "unsupported export format '\''$format'\'' for volume '\''local:100/vm-100-disk-0.raw'\''" ||
			exit 1
	done
	fails_with 255 pvesm export local:100/vm-100-disk-0.raw raw+size - --snapshot one &&
	fails_with 255 pvesm export local:100/vm-100-disk-0.raw xyz - &&
	stderr_has "format: value '\''xyz'\'' does not have a value in the enumeration '\''btrfs, qcow2+size, raw+size, tar+size, vmdk+size, zfs'\''" &&
	fails_with 255 pvesm export local:100/none.raw raw+size "$scratch/x" &&
	grep -q "No such file or directory$" "$scratch/stderr" && [ ! -e "$scratch/x" ] &&
	fails_with 255 pvesm export local:100/none.subvol tar+size "$scratch/x" &&
	grep -q "/none.subvol'\''.*: No such file or directory$" "$scratch/stderr" && [ ! -e "$scratch/x" ]
'

it 'leaves the destination as it was when an export fails' '
	echo before >"$scratch/file" &&
	fails_with 255 pvesm export local:100/none.raw raw+size "$scratch/file" &&
	[ "$(cat "$scratch/file")" = before ] && [ -z "$(find "$scratch" -name "file.tmp*")" ]
'

it 'exports into a pipe or a device that is there, and into the file that a link names' '
	succeeds pvesm alloc local 100 "" 3 && mkfifo "$scratch/pipe" || exit 1
	timeout 10 cat "$scratch/pipe" >"$scratch/read" &
	succeeds timeout 10 "$bin/pvesm" export local:100/vm-100-disk-0.raw raw+size "$scratch/pipe" &&
	wait "$!" && [ -p "$scratch/pipe" ] && [ "$(stat -c %s "$scratch/read")" -eq 3080 ] &&
	mknod "$scratch/null" c 1 3 &&
	succeeds pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/null" &&
	[ -c "$scratch/null" ] && mknod "$scratch/full" c 1 7 &&
	fails_with 255 pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/full" &&
	grep -q "cannot write: No space left on device$" "$scratch/stderr" &&
	echo before >"$scratch/file" && ln -s file "$scratch/link" &&
	succeeds pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/link" &&
	[ -L "$scratch/link" ] && [ "$(stat -c %s "$scratch/file")" -eq 3080 ] &&
	fails_with 255 pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch" &&
	stderr_is "cannot open '\''$scratch'\'': Is a directory" && [ -z "$(find "$scratch" -name "*.tmp.*")" ]
'

# ---- scan ----

it 'tells which interface it follows' '
	succeeds pvesm apiinfo && stdout_is "APIVER 15" "APIAGE 6" && stderr_is
'

it 'wants a target for the scans that need one, and none for the others' '
	for command in "scan nfs" "scan cifs" "scan iscsi" "scan lvmthin" nfsscan cifsscan \
		iscsiscan lvmthinscan; do
		# shellcheck disable=SC2086 # words
		fails_with 255 pvesm $command &&
			stderr_has "target: property is missing and it is not optional" || exit 1
	done
	fails_with 255 pvesm scan lvm pve && stderr_has "target: scan of '\''lvm'\'' takes none" &&
	fails_with 255 pvesm scan zfs tank && stderr_has "target: scan of '\''zfs'\'' takes none" &&
	fails_with 255 pvesm scan nfs -- -x &&
	stderr_has "target: value does not match the regex pattern" &&
	fails_with 255 pvesm scan other &&
	stderr_has "kind: value '\''other'\'' does not have a value in the enumeration '\''cifs, iscsi, lvm, lvmthin, nfs, zfs'\''"
'

it 'prints the list and the status for programs, too' '
	given_config 100 "arch: amd64" && given_file images/100/a.raw 10 &&
	given_file template/cache/t.tar.gz 7 &&
	succeeds pvesm list local --output-format json && stderr_is &&
	stdout_is "[{\"content\":\"rootdir\",\"format\":\"raw\",\"size\":10,\"vmid\":100,\"volid\":\"local:100/a.raw\"},{\"content\":\"vztmpl\",\"format\":\"tgz\",\"size\":7,\"volid\":\"local:vztmpl/t.tar.gz\"}]" &&
	given_storage "rbd: ceph" "	disable" &&
	succeeds pvesm status --storage ceph --output-format json && stderr_is &&
	stdout_is "[{\"active\":0,\"avail\":0,\"content\":[\"images\"],\"enabled\":0,\"shared\":1,\"storage\":\"ceph\",\"total\":0,\"type\":\"rbd\",\"used\":0}]" &&
	fails_with 255 pvesm list local --output-format xml &&
	stderr_has "output-format: value '\''xml'\'' does not have a value in the enumeration '\''text, json, json-pretty, yaml'\''"
'

# ---- backups ----

# NAME OPTION MEMBER...: an archive in the directory of backups.
given_archive() {
	archive=$PCT_ROOT/var/lib/vz/dump/$1
	mkdir -p "${archive%/*}" "$scratch/in/etc/vzdump" &&
		printf "arch: amd64\nhostname: web\n" >"$scratch/in/etc/vzdump/pct.conf" &&
		echo x >"$scratch/in/other" || return
	option=$2
	shift 2
	tar -C "$scratch/in" "$option" -cf "$archive" "$@"
}

it 'prints the configuration that a backup holds, by volume id and by path' '
	for kind in tar:--no-auto-compress tgz:--gzip tar.gz:--gzip tar.zst:--zstd tar.bz2:--bzip2; do
		name=vzdump-lxc-100-2026_01_05-02_00_01.${kind%%:*}
		given_archive "$name" "${kind#*:}" ./etc/vzdump/pct.conf ./other &&
		succeeds pvesm extractconfig "local:backup/$name" && stderr_is &&
		stdout_is "arch: amd64" "hostname: web" "" &&
		succeeds pvesm extractconfig "$archive" && stdout_is "arch: amd64" "hostname: web" "" ||
			exit 1
	done
'

it 'tells which archives hold no configuration, or none of a container' '
	given_archive vzdump-lxc-100-a.tar --no-auto-compress ./other &&
	fails_with 255 pvesm extractconfig local:backup/vzdump-lxc-100-a.tar && stdout_is &&
	stderr_is "archive contains no configuration file" &&
	given_archive vzdump-qemu-100-a.tar --no-auto-compress ./etc/vzdump/pct.conf &&
	fails_with 255 pvesm extractconfig local:backup/vzdump-qemu-100-a.tar &&
	stderr_is "unable to tell the guest type of archive '\''vzdump-qemu-100-a.tar'\''" &&
	given_archive mine.tar --no-auto-compress ./etc/vzdump/pct.conf &&
	fails_with 255 pvesm extractconfig "$archive" &&
	stderr_is "unable to tell the guest type of archive '\''mine.tar'\''" &&
	echo "no archive" >"$PCT_ROOT/var/lib/vz/dump/vzdump-lxc-100-b.tar.zst" &&
	fails_with 255 pvesm extractconfig local:backup/vzdump-lxc-100-b.tar.zst && stdout_is &&
	grep -q "^cannot read .*: archive is damaged or truncated" "$scratch/stderr" &&
	fails_with 255 pvesm extractconfig local:backup/vzdump-lxc-100-none.tar &&
	grep -q "vzdump-lxc-100-none.tar" "$scratch/stderr" &&
	fails_with 255 pvesm extractconfig local:100/a.raw &&
	stderr_is "volume '\''local:100/a.raw'\'' is not of content type '\''backup'\''"
'

it 'takes no configuration that is not a regular file, or is large, and reads none of the host' '
	mkdir -p "$scratch/in/etc/vzdump" && conf=$scratch/in/etc/vzdump/pct.conf &&
	for odd in "ln -s /etc/hostname" mkfifo mkdir; do
		rm -rf "$conf" && $odd "$conf" &&
		tar -C "$scratch/in" -cf "$scratch/vzdump-lxc-100-2026_01_05-02_00_01.tar" ./etc/vzdump/pct.conf &&
		fails_with 255 pvesm extractconfig "$scratch/vzdump-lxc-100-2026_01_05-02_00_01.tar" || exit 1
		[ "$odd" = mkdir ] || stderr_has "cannot read '\''$(readlink -f "$scratch")/vzdump-lxc-100-2026_01_05-02_00_01.tar'\'': '\''./etc/vzdump/pct.conf'\'' in the archive is not a regular file" || exit 1
		stdout_is || exit 1
	done &&
	rm -rf "$conf" && truncate -s 1G "$conf" &&
	tar -S -C "$scratch/in" -cf "$scratch/vzdump-lxc-100-2026_01_05-02_00_01.tar" ./etc/vzdump/pct.conf &&
	fails_with 255 pvesm extractconfig "$scratch/vzdump-lxc-100-2026_01_05-02_00_01.tar" && stdout_is &&
	grep -q "is larger than 1024 KiB$" "$scratch/stderr"
'

it 'limits status to what another node may use as well' '
	given_storage "dir: aa" "	path $scratch/aa" "	shared 1" "" "dir: bb" "	path $scratch/bb" "" \
		"dir: cc" "	path $scratch/cc" "	shared 1" "	nodes $node,other" &&
	succeeds pvesm status --target other && stderr_is &&
	[ "$(awk "NR > 1 { print \$1 }" "$scratch/stdout" | tr "\n" " ")" = "aa cc " ] &&
	succeeds pvesm status --target third &&
	[ "$(awk "NR > 1 { print \$1 }" "$scratch/stdout" | tr "\n" " ")" = "aa " ] &&
	succeeds pvesm status --target "$node" && [ "$(wc -l <"$scratch/stdout")" -eq 5 ] &&
	succeeds pvesm status --storage bb --format 1 --output-format json &&
	grep -q "\"formats\":\[\"raw\",\"subvol\",\"qcow2\"\]" "$scratch/stdout"
'
