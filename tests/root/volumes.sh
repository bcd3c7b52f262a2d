#!/bin/sh
# pct mount, unmount, fsck, fstrim and rescan.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
given_template

given() {
	given_container 9330 --mp0 local:0.02,mp=/data --mp1 local:0.02,mp=/ro,ro=1
}

conf_has() {
	grep -qxF -e "$2" "$(config_file "$1")" ||
		because "no line '$2' in:" "$(cat "$(config_file "$1")")"
}

conf_lacks() {
	! grep -q -e "$2" "$(config_file "$1")" || because "$(cat "$(config_file "$1")")"
}

at=$root/var/lib/lxc/9330/rootfs
image=$root/var/lib/vz/images/9330/vm-9330-disk-1.raw

spec 'mounts all volumes on the host, without devices and set-id, and locks' '
	given >/dev/null && succeeds pct mount 9330 && stdout_is "mounted CT 9330 in '\''$at'\''" && stderr_is &&
	conf_has 9330 "lock: mounted" && [ -e "$at/etc/passwd" ] && [ -d "$at/data/lost+found" ] &&
	touch "$at/data/file" && ! touch "$at/ro/file" 2>/dev/null &&
	equals "$(grep -c " $at.* [a-z,]*nosuid,nodev" /proc/self/mountinfo)" 3 &&
	! grep -F "$root/var/lib/lxc/.pve-staged" /proc/self/mountinfo &&
	fails_with 255 pct mount 9330 && stderr_is "CT is locked (mounted)"
'

spec 'starts a container that is mounted, and unmounts it then' '
	pct start 9330 && answers 9330 && pct exec 9330 -- test -e /data/file && pct stop 9330 &&
	conf_has 9330 "lock: mounted" && succeeds pct unmount 9330 && stdout_is && stderr_is &&
	conf_lacks 9330 "^lock" && is_clean && equals "$(ls -A "$at")" ""
'

spec 'unmounts also what somebody has a file open in' '
	pct mount 9330 && exec 8<"$at/data/file" && succeeds pct unmount 9330 && exec 8<&- && is_clean
'

spec 'unmounts only what mount has locked' '
	fails_with 255 pct unmount 9330 && stderr_is "no lock found trying to remove '\''mounted'\'' lock" &&
	pct set 9330 --lock backup && fails_with 255 pct unmount 9330 &&
	stderr_is "found lock '\''backup'\'' trying to remove '\''mounted'\'' lock" && pct unlock 9330
'

spec 'mounts nothing and locks nothing when one volume cannot be mounted' '
	echo "mp2: $top/nothing,mp=/x" >>"$(config_file 9330)" && fails_with 255 pct mount 9330 && stdout_is &&
	stderr_is "mounting container failed: mp2: directory '\''$top/nothing'\'' does not exist" &&
	conf_lacks 9330 "^lock" && is_clean && sed -i "/^mp2/d" "$(config_file 9330)"
'

spec 'leaves all or nothing mounted when mount is killed at any point' '
	needs_tracing
	most=$(count_points "$bin/pct" mount 9330) && pct unmount 9330 && tried=0 &&
	for point in $(points "$most"); do
		killed_at "$point" "$bin/pct" mount 9330
		tried=$((tried + 1)) mounts=$(grep -c " $root/" /proc/self/mountinfo)
		[ "$mounts" = 0 ] || [ "$mounts" = 3 ] || because "$mounts mounts at $point" || exit 1
		{ ! grep -q "^lock" "$(config_file 9330)" || pct unmount 9330; } && is_clean || exit 1
	done && tell "killed at $tried of $most points"
'

spec 'checks the file system of an image, and says when it is not sound' '
	succeeds pct fsck 9330 --device mp0 && stdout_like "clean" && succeeds pct fsck 9330 --device mp0 --force 1 &&
	stdout_like "files (" && debugfs -w -R "ssv free_inodes_count 7" "$image" 2>/dev/null &&
	fails_with 255 pct fsck 9330 --device mp0 --force && stderr_like "fsck.* exit code" &&
	succeeds pct fsck 9330 --device mp0 --force
'

spec 'checks nothing that is no image or device, and nothing of a running container' '
	fails_with 255 pct fsck 9330 &&
	stderr_is "unable to run fsck for '\''local:9330/subvol-9330-disk-0.subvol'\'' (format == subvol)" &&
	fails_with 255 pct fsck 9330 --device mp7 &&
	stderr_is "cannot run command on non-existing mount point mp7" &&
	mkdir "$top/dir" && echo "mp2: $top/dir,mp=/x" >>"$(config_file 9330)" &&
	fails_with 255 pct fsck 9330 --device mp2 &&
	stderr_is "path '\''$top/dir'\'' does not point to a block device" &&
	sed -i "/^mp2/d" "$(config_file 9330)" &&
	fails_with 255 pct fsck 9330 --device unused0 && stderr_starts "400 Parameter verification failed." &&
	pct start 9330 && fails_with 255 pct fsck 9330 --device mp0 &&
	stderr_is "cannot run fsck when container is running"
'

spec 'trims images that can be written, of a running and of a stopped container' '
	answers 9330 && succeeds pct fstrim 9330 && stdout_like "mp0: [0-9.]* .*trimmed" &&
	! grep -q mp1 "$scratch/stdout" && conf_lacks 9330 "^lock" && pct exec 9330 -- test -e /data/file &&
	pct stop 9330 && succeeds pct fstrim 9330 && stdout_like "mp0: [0-9.]* .*trimmed" &&
	conf_lacks 9330 "^lock" && is_clean && succeeds pct fstrim 9330 --ignore-mountpoints 1 &&
	! grep -q mp0 "$scratch/stdout" && pct set 9330 --lock disk && fails_with 255 pct fstrim 9330 &&
	stderr_is "CT is locked (disk)" && pct unlock 9330
'

spec 'finds volumes that stand nowhere, and corrects sizes, but not in a dry run' '
	pvesm alloc local 9330 "" 1M >/dev/null && truncate -s 30M "$image" &&
	cp "$(config_file 9330)" "$scratch/before" && succeeds pct rescan --dryrun 1 && stderr_is &&
	stdout_is "NOTE: running in dry-run mode, won'\''t write changes out!" "rescan volumes..." \
		"CT 9330: add unreferenced volume '\''local:9330/vm-9330-disk-3.raw'\'' as '\''unused0'\'' to config." \
		"CT 9330: updated volume size of '\''local:9330/vm-9330-disk-1.raw'\'' in config." &&
	cmp "$scratch/before" "$(config_file 9330)" && succeeds pct rescan --vmid 9330 &&
	stdout_has "rescan volumes..." && conf_has 9330 "unused0: local:9330/vm-9330-disk-3.raw" &&
	conf_has 9330 "mp0: local:9330/vm-9330-disk-1.raw,mp=/data,size=30M" &&
	succeeds pct rescan && stdout_is "rescan volumes..."
'

spec 'knows a volume again that another storage names through a link' '
	ln -s "$root/var/lib/vz" "$top/link" &&
	lines "dir: alias" "	path $top/link" "	content rootdir" >"$root/etc/pve/storage.cfg" &&
	succeeds pvesm list alias && grep -q "^alias:9330/vm-9330-disk-1.raw " "$scratch/stdout" &&
	succeeds pct rescan && stdout_is "rescan volumes..." && rm "$root/etc/pve/storage.cfg"
'

spec 'goes on with other containers when one is locked, but says so' '
	given_container 9331 && sed -i "s/,size=30M/,size=1M/" "$(config_file 9330)" &&
	pct set 9330 --lock backup && sed -i "/^rootfs/s/,size=0T/,size=5M/" "$(config_file 9331)" &&
	succeeds pct rescan && stderr_is "CT 9330: CT is locked (backup)" &&
	conf_has 9331 "rootfs: local:9331/subvol-9331-disk-0.subvol,size=0T" &&
	fails_with 255 pct rescan --vmid 9330 && stderr_is "CT is locked (backup)" &&
	pct unlock 9330 && pct destroy 9330 && pct destroy 9331
'

ends_clean
