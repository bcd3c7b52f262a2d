#!/bin/sh
# Streams of snapshots between two btrfs, as a migration passes them on (storage.md 6.8, 8.10).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_STREAMS_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_STREAMS_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9470
command -v mkfs.btrfs >/dev/null || skip_file "mkfs.btrfs is not installed"
for side in here there; do
	if ! { mkdir "$top/$side" && truncate -s 256M "$top/$side.img" &&
		mkfs.btrfs -q "$top/$side.img" && mount -o loop "$top/$side.img" "$top/$side" &&
		pvesm add btrfs "$side" --path "$top/$side"; } >/dev/null 2>&1; then
		skip_file "a btrfs on a loop device cannot be mounted here"
	fi
done

volume=9470/subvol-9470-disk-0.subvol
here=$top/here/images/$volume
there=$top/there/images/$volume

# A directory volume with the snapshots one, two and three, and files of these names.
given_volume() {
	pvesm alloc here 9470 "" 0 --format subvol >/dev/null && for snap in one two three; do
		echo "$snap" >"$here/$snap" && chown 100000 "$here/$snap" &&
			btrfs -q subvolume snapshot -r "$here" "$here@$snap" || return 1
	done
}

# For the next spec after one that failed.
given() {
	pvesm free "here:$volume"
	pvesm free "there:$volume"
}

free_both() {
	pvesm free "here:$volume" && pvesm free "there:$volume" && [ ! -e "$top/here/images/9470" ] &&
		[ ! -e "$top/there/images/9470" ]
}

# OPTION...: from here to there.
pass() {
	pvesm export "here:$volume" btrfs - "$@" >"$scratch/stream" &&
		succeeds pvesm import "there:$volume" btrfs "$scratch/stream" "$@" &&
		stdout_is "successfully imported 'there:$volume'" && [ ! -s "$scratch/stderr" ]
}

spec 'passes one snapshot, whose state the volume has then' '
	given_volume && pass --snapshot two && equals "$(ls "$there")" "one
two" && equals "$(stat -c %u "$there/two")" 100000 && touch "$there/own" &&
	equals "$(ls "$top/there/images/9470")" "${volume#*/}
${volume#*/}@two" && free_both
'

spec 'deletes the snapshot of the way on both sides when it has arrived' '
	given_volume && btrfs -q subvolume snapshot -r "$here" "$here@__migration__" &&
	pvesm export "here:$volume" btrfs "$scratch/stream" --snapshot __migration__ \
		--with-snapshots 1 --snapshot-list one,two,three &&
	succeeds pvesm import "there:$volume" btrfs "$scratch/stream" --snapshot __migration__ \
		--with-snapshots 1 --delete-snapshot __migration__ --allow-rename 1 &&
	equals "$(ls "$top/there/images/9470")" "${volume#*/}
${volume#*/}@one
${volume#*/}@three
${volume#*/}@two" && equals "$(ls "$there@one")" one && free_both
'

spec 'passes what is new since a snapshot, with or without those between' '
	given_volume && pass --snapshot one && pass --snapshot two --base one &&
	equals "$(ls "$there")" "one
two" && pass --snapshot three --base one --with-snapshots 1 && free_both &&
	given_volume && pass --snapshot one && pass --snapshot three --base one --with-snapshots 1 &&
	equals "$(ls "$there@two")" "one
two" && equals "$(ls "$there")" "one
three
two" && free_both
'

spec 'sends less than the whole in an incremental stream' '
	given_volume && head -c 5M /dev/urandom >"$here/large" &&
	btrfs -q subvolume snapshot -r "$here" "$here@four" && echo five >"$here/five" &&
	btrfs -q subvolume snapshot -r "$here" "$here@five" &&
	pass --snapshot four && [ "$(stat -c %s "$scratch/stream")" -gt 5000000 ] &&
	pass --snapshot five --base four && [ "$(stat -c %s "$scratch/stream")" -lt 100000 ] &&
	cmp "$here/large" "$there/large" && free_both
'

spec 'keeps the volume as it was when an incremental stream ends early or does not fit' '
	given_volume && pass --snapshot one && echo mine >"$there/mine" &&
	pvesm export "here:$volume" btrfs "$scratch/all" --snapshot three --base one &&
	head -c 100 "$scratch/all" >"$scratch/cut" &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/cut" --snapshot three --base one &&
	stderr_like "^.btrfs. failed: " &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/all" --snapshot two --base one &&
	stderr_is "import stream: it has no snapshot '\''two'\''" &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/all" --snapshot three --base two &&
	stderr_is "snapshot '\''${volume#*/}@two'\'': No such file or directory" &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/all" --snapshot three --base one \
		--allow-rename 1 &&
	stderr_is "an incremental stream cannot get another name" &&
	fails_with 255 pvesm import there:9471/vm-9471-disk-0.raw btrfs "$scratch/all" --snapshot three \
		--base one &&
	stderr_is "volume '\''there:9471/vm-9471-disk-0.raw'\'': No such file or directory" &&
	[ ! -e "$top/there/images/9471" ] && equals "$(cat "$there/mine")" mine &&
	equals "$(ls -A "$top/there/images/9470")" "${volume#*/}
${volume#*/}@one" && free_both
'

spec 'refuses what a stream cannot carry, instead of leaving it out' '
	given_volume && for format in tar+size raw+size zfs; do
		for option in "--snapshot one" "--base one" "--with-snapshots 1" "--base one --snapshot two"; do
			fails_with 255 pvesm export "here:$volume" $format - $option && stdout_is &&
			stderr_is "unsupported export format '\''$format'\'' for volume '\''here:$volume'\''" || exit 1
		done
	done && fails_with 255 pvesm export "here:$volume" btrfs - && stdout_is &&
	stderr_is "unsupported export format '\''btrfs'\'' for volume '\''here:$volume'\''" &&
	fails_with 255 pvesm export "here:$volume" btrfs - --snapshot two --snapshot-list one &&
	stderr_is "a list of snapshots is for streams with snapshots" &&
	fails_with 255 pvesm export "here:$volume" btrfs - --snapshot two --base none && stdout_is &&
	stderr_is "snapshot '\''${volume#*/}@none'\'': No such file or directory" &&
	pvesm free "here:$volume"
'

spec 'lets imports and allocations of one owner run at once' '
	given_volume && pvesm export "here:$volume" btrfs "$scratch/stream" --snapshot three &&
	for n in 1 2 3 4 5 6 7 8; do
		pvesm import "there:9470/subvol-9470-disk-$n.subvol" btrfs "$scratch/stream" --snapshot three \
			>"$scratch/import.$n" 2>&1 &
		{ pvesm alloc there 9470 "vm-9470-disk-2$n.raw" 64 && pvesm free "there:9470/vm-9470-disk-2$n.raw"; } \
			>"$scratch/alloc.$n" 2>&1 &
	done; wait; for n in 1 2 3 4 5 6 7 8; do
		grep -q "^successfully imported" "$scratch/import.$n" || because "$(cat "$scratch/import.$n")" || exit 1
		grep -q "^Removed volume" "$scratch/alloc.$n" || because "$(cat "$scratch/alloc.$n")" || exit 1
		pvesm free "there:9470/subvol-9470-disk-$n.subvol" || exit 1
	done; [ ! -e "$top/there/images/9470" ] && pvesm free "here:$volume"
'

# SUBVOLUME TARGET: a stream of one with a link to TARGET, and a file below the link. Each
# command is its length, number and checksum (CRC-32C without the last inversion), and
# attributes of type, length and value.
cat >"$top/hostile.py" <<-"END"
	import struct, sys

	def checksum(data):
	    crc = 0
	    for byte in data:
	        crc ^= byte
	        for _ in range(8):
	            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
	    return crc

	def command(number, *attributes):
	    body = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in attributes)
	    head = struct.pack("<IH", len(body), number)
	    return head + struct.pack("<I", checksum(head + bytes(4) + body)) + body

	UUID, TRANSACTION, INODE, PATH, LINK, OFFSET, DATA = 1, 2, 3, 15, 17, 18, 19
	number = struct.Struct("<Q").pack
	name, target = map(str.encode, sys.argv[1:])
	sys.stdout.buffer.write(
	    b"btrfs-stream\0" + struct.pack("<I", 1) +
	    command(1, (PATH, name), (UUID, bytes(range(16))), (TRANSACTION, number(7))) +
	    command(8, (PATH, b"a"), (INODE, number(257)), (LINK, target)) +
	    command(3, (PATH, b"a/file"), (INODE, number(258))) +
	    command(15, (PATH, b"a/file"), (OFFSET, number(0)), (DATA, b"data")) +
	    command(21))
END

spec 'writes nothing through a link that a stream makes' '
	mkdir "$scratch/outside" &&
	python3 "$top/hostile.py" subvol-9470-disk-0.subvol@one inside >"$scratch/stream" &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/stream" --snapshot one &&
	stderr_like "a/file failed: No such file or directory" &&
	python3 "$top/hostile.py" subvol-9470-disk-0.subvol@one "$scratch/outside" >"$scratch/stream" &&
	fails_with 255 pvesm import "there:$volume" btrfs "$scratch/stream" --snapshot one &&
	stderr_like "a/file failed: No such file or directory" &&
	equals "$(ls -A "$scratch/outside")" "" && [ ! -e "$top/there/images/9470" ]
'

spec 'comes through a connection' '
	given_volume && pvesm export "here:$volume" btrfs "$scratch/stream" --snapshot three && {
		pvesm import "there:$volume" btrfs "unix://$scratch/socket" --snapshot three >"$scratch/out" 2>&1 &
		within 10 grep -qx ready "$scratch/out"
	} && python3 -c "import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.sendall(open(sys.argv[2], \"rb\").read())" "$scratch/socket" "$scratch/stream" && wait &&
	grep -qx "successfully imported .there:$volume." "$scratch/out" &&
	equals "$(ls "$there")" "one
three
two" && free_both
'

for side in here there; do
	pvesm remove $side
	umount "$top/$side" && rm -r "${top:?}/$side" "$top/$side.img"
done
mkdir -p "$root/var/lib/vz/images"
ends_clean
