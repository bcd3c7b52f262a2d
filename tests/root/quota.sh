#!/bin/sh
# Volumes with quota=1 (ct-config.md 5.1, runtime.md 3.2 step 10): a privileged guest finds
# their devices where its quota tools look, and can neither read nor write them.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9540
given_template
gcc -std=c17 -D_GNU_SOURCE -O1 -static -o "$top/quotactl" "$(dirname "$0")/quotactl.c" || exit 1

given() {
	pct create 9540 "$template" --unprivileged 0 --rootfs local:0.1,quota=1 --memory 64 \
		--mp0 local:0.02,mp=/data,quota=1 --mp1 local:0.02,mp=/plain && pct start 9540 &&
		answers 9540
}

# CTID POINT: what the guest reads in its /proc/mounts.
source_of() {
	pct exec "$1" -- awk -v "point=$2" '$2 == point { print $1 }' /proc/mounts
}

# CTID POINT: the name is that of a node with the numbers of the device.
has_node() {
	source=$(source_of "$1" "$2") && pct exec "$1" -- test -b "$source" &&
		equals "$(pct exec "$1" -- stat -c %t:%T "$source")" "$(stat -c %t:%T "$source")"
}

given >"$top/given.log" 2>&1 || skip_file "no image with quotas can be mounted here: $(tail -n 1 "$top/given.log")"

spec 'has the nodes of both devices under the names that the guest'\''s mounts have' '
	has_node 9540 / && has_node 9540 /data
'

spec 'finds the file systems through these names, as quota tools ask for them' '
	for point in / /data; do
		pct push 9540 "$top/quotactl" /quotactl --perms 0755 &&
		succeeds pct exec 9540 -- /quotactl "$(source_of 9540 $point)" || exit 1
	done
	fails_with 1 pct exec 9540 -- /quotactl /dev/null
'

spec 'has no node of an image without quotas' '
	source=$(source_of 9540 /plain) && [ -b "$source" ] &&
	fails_with 1 pct exec 9540 -- test -e "$source"
'

spec 'lets nobody in the guest open the device itself' '
	source=$(source_of 9540 /data) &&
	! pct exec 9540 -- head -c 1 "$source" && ! pct exec 9540 -- sh -c ": >>$source"
'

spec 'has them again after a reboot and a second start, with the numbers of then' '
	before=$(init_of 9540) && pct reboot 9540 --timeout 20 && within 20 has_other_init 9540 "$before" &&
	answers 9540 && has_node 9540 / && has_node 9540 /data &&
	pct stop 9540 && pct start 9540 && answers 9540 && has_node 9540 / && has_node 9540 /data
'

spec 'makes no node for a read-only image and none for a directory, and starts' '
	pct create 9541 "$template" --unprivileged 0 --rootfs local:0,quota=1 --memory 64 \
		--mp0 local:0.02,mp=/data,quota=1,ro=1 && pct start 9541 && answers 9541 &&
	source=$(source_of 9541 /data) && fails_with 1 pct exec 9541 -- test -e "$source" &&
	pct stop 9541
'

spec 'leaves a file of mounts that the configuration names as it is' '
	echo "none tmp tmpfs size=4k 0 0" >"$top/mounts" &&
	echo "lxc.mount.fstab: $top/mounts" >>"$(config_file 9541)" &&
	pct start 9541 && answers 9541 && pct exec 9541 -- grep -q "^none /tmp tmpfs.*size=4k" /proc/mounts &&
	pct stop 9541
'

spec 'starts no unprivileged container with quotas' '
	given_container 9542 && sed -i "/^rootfs/s/$/,quota=1/" "$(config_file 9542)" &&
	fails_with 255 pct start 9542 &&
	stderr_like "Quotas are not supported by unprivileged containers"
'

ends_clean
