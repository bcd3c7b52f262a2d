#!/bin/sh
# pct resize: volumes and the file systems on them grow, stopped and running.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
given_template

given() {
	given_container 9330 --mp0 local:0.02,mp=/data --mp1 local:0,mp=/tree
}

inside() {
	pct exec 9330 -- "$@"
}

image=$root/var/lib/vz/images/9330/vm-9330-disk-1.raw

# Blocks of the file system on the image, in KiB.
fs_size() {
	dumpe2fs -h "$image" 2>/dev/null | awk -F: '/^Block count/ { n = $2 } /^Block size/ { s = $2 } END { print n * s / 1024 }'
}

mounted_size() {
	inside df -P -k /data | awk 'NR > 1 { print $2 }'
}

spec 'grows the image and the file system of a stopped container' '
	given >/dev/null && succeeds pct resize 9330 mp0 40M &&
	conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=40M" &&
	equals "$(stat -c %s "$image")" $((40 << 20)) && equals "$(fs_size)" $((40 << 10)) &&
	e2fsck -fn "$image" >/dev/null 2>&1
'

spec 'adds to what is there' '
	succeeds pct resize 9330 mp0 +1.5M && conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=42496K" &&
	equals "$(stat -c %s "$image")" $((42496 << 10))
'

# ext4 wants CAP_SYS_RESOURCE, number 24, of who grows it while it is mounted.
can_grow_online() {
	effective=$(sed -n "s/^CapEff:[[:blank:]]*//p" /proc/self/status)
	[ $((0x$effective >> 24 & 1)) = 1 ]
}

loop_size() {
	blockdev --getsize64 "$(losetup -n -O NAME -j "$image")"
}

spec 'grows image, loop device and file system while the container uses them' '
	pct start 9330 && answers 9330 && inside sh -c "echo kept >/data/file" &&
	before=$(mounted_size) && succeeds pct resize 9330 mp0 64M &&
	equals "$(stat -c %s "$image")" $((64 << 20)) && equals "$(loop_size)" $((64 << 20)) &&
	equals "$(inside cat /data/file)" kept &&
	conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=64M" &&
	! grep -F " $root/" /proc/self/mountinfo || exit 1
	can_grow_online || skip_spec "ext4 does not grow online without CAP_SYS_RESOURCE: image and loop device did"
	! grep -q WARN "$scratch/stdout" && [ "$(mounted_size)" -gt $((before + 15000)) ]
'

spec 'leaves no loop device behind, and the file system is whole' '
	pct stop 9330 && is_clean && e2fsck -fn "$image" >/dev/null 2>&1
'

spec 'refuses to shrink, sizes that are there, and what is no size' '
	cp "$(config_file 9330)" "$scratch/before" &&
	fails_with 255 pct resize 9330 mp0 1M && stderr_is "unable to shrink disk size" &&
	fails_with 255 pct resize 9330 mp0 64M && stderr_is "disk is already at specified size" &&
	fails_with 255 pct resize 9330 mp0 +0 && stderr_is "disk is already at specified size" &&
	fails_with 255 pct resize 9330 mp0 9999999T && stderr_is "invalid size '\''9999999T'\''" &&
	for size in 1X 1KiB " 1G" 1g +; do
		fails_with 255 pct resize 9330 mp0 "$size" && stderr_starts "400 Parameter verification failed." ||
			exit 1
	done
	fails_with 255 pct resize 9330 mp0 -1G && cmp "$scratch/before" "$(config_file 9330)"
'

spec 'refuses what has no size of its own, or is not the container'\''s' '
	fails_with 255 pct resize 9330 mp1 1G && [ -d "$(tree 9330 2)" ] &&
	fails_with 255 pct resize 9330 mp7 1G &&
	stderr_is "format error volume: property is missing and it is not optional mp: property is missing and it is not optional" &&
	fails_with 255 pct resize 9330 unused0 1G && stderr_starts "400 Parameter verification failed." &&
	stderr_like "^disk: value .unused0. does not have a value in the enumeration" &&
	mkdir "$top/host" && pct set 9330 --mp2 "$top/host,mp=/h" && fails_with 255 pct resize 9330 mp2 1G &&
	stderr_is "'\''$top/host'\'' is no volume of a storage: it cannot be resized" &&
	sed -i "s/^mp2.*/mp2: local:9331\/vm-9331-disk-0.raw,mp=\/h/" "$(config_file 9330)" &&
	fails_with 255 pct resize 9330 mp2 1G &&
	stderr_is "can'\''t resize mount point owned by another container (9331)" &&
	sed -i "/^mp2/d" "$(config_file 9330)"
'

spec 'refuses a locked container and a file that has changed' '
	fails_with 255 pct resize 9330 mp0 65M --digest 0000000000000000000000000000000000000000 &&
	stderr_like "^detected modified configuration" &&
	pct set 9330 --lock disk && fails_with 255 pct resize 9330 mp0 65M && stderr_is "CT is locked (disk)" &&
	pct unlock 9330 && succeeds pct resize 9330 mp0 65M --digest "$(sha1sum <"$(config_file 9330)" | cut -d " " -f 1)"
'

spec 'keeps the new size when only the file system cannot be grown, and warns' '
	truncate -s 0 "$image" && truncate -s 65M "$image" &&
	succeeds pct resize 9330 mp0 66M && stdout_like "^WARN: Failed to update the container.s filesystem: " &&
	stderr_is "Task finished with 1 warning(s)!" &&
	conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=66M" &&
	equals "$(stat -c %s "$image")" $((66 << 20)) && pct destroy 9330
'

is_grown() {
	equals "$(stat -c %s "$image")" $((24 << 20)) && equals "$(fs_size)" $((24 << 10)) &&
		conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=24M" &&
		e2fsck -fn "$image" >/dev/null 2>&1
}

spec 'completes a resize that was killed at any point' '
	needs_tracing
	# Without the pauses that multi-mount protection makes, whoever opens the image.
	given_small() {
		given_container 9330 --mp0 local:0.02,mp=/data &&
			mkfs.ext4 -q -F -O ^mmp -E root_owner=100000:100000 "$image"
	}
	given_small >/dev/null && most=$(count_points "$bin/pct" resize 9330 mp0 24M) && pct destroy 9330 && tried=0 &&
	for point in $(points "$most"); do
		given_small >/dev/null && { killed_at "$point" "$bin/pct" resize 9330 mp0 24M; :; } &&
		tried=$((tried + 1)) && sleep 0.05 &&
		{ is_grown || succeeds pct resize 9330 mp0 24M; } && : >"$scratch/why" && is_grown &&
		pct destroy 9330 ||
			because "killed at $point of $most" "$(cat "$scratch/out" "$scratch/stderr")" || exit 1
	done && tell "killed at $tried of $most points"
'

ends_clean
