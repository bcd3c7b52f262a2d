# What the specs of storages share; a spec file sources this instead of ../root/lib.sh.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154

# shellcheck source=tests/root/lib.sh
. "$(dirname "$0")/../root/lib.sh"

# DISK: a volume group of its own on it, which is removed at the end.
given_group() {
	group=pt$$
	disk=$1
	trap 'vgremove -qq -f "$group"; pvremove -qq -f "$disk"; clean_up; finish' EXIT
	{ wipefs -a "$disk" && vgcreate -qq "$group" "$disk"; } >/dev/null 2>&1
}

# CTID [OPTION...]: without AppArmor, of which apparmor.sh tells: to compile the profile is
# most of what a start takes in an emulated machine.
given_container() {
	new_ctid=$1
	shift
	pct create "$new_ctid" "$template" --rootfs local:0 --hostname "ct$new_ctid" --memory 64 "$@" &&
		echo "lxc.apparmor.profile: unconfined" >>"$(config_file "$new_ctid")"
}

starts() {
	pct start "$1" && answers "$1"
}

# CTID PATH: the size that the guest sees, in KiB.
size_inside() {
	pct exec "$1" -- df -P -k "$2" | awk 'NR > 1 { print $2 }'
}

# STORAGE CTID: the container's volumes there.
volumes_on() {
	pvesm list "$1" --vmid "$2" | sed 1d
}

has_volumes() {
	equals "$(volumes_on "$1" "$2" | wc -l)" "$3"
}

# CTID KEY SIZE: the size in the file, and the one that the storage tells, in MiB.
has_size() {
	volume=$(sed -n "s/^$2: \([^,]*\),.*/\1/p" "$(config_file "$1")")
	grep -q "^$2: .*size=$3M" "$(config_file "$1")" || because "$(cat "$(config_file "$1")")" || return 1
	equals "$(volumes_on "${volume%%:*}" "$1" | awk -v id="$volume" '$1 == id { print $4 }')" $(($3 << 20))
}

# STORAGE CTID FORMAT: what volumes of every storage with a size can do, on a new container.
# Those of format raw are checked and trimmed as well.
volume_specs() {
	storage=$1
	ctid=$2
	format=$3
	spec "adds a volume on $storage to a running container, whose root is there too" '
		given_container "$ctid" --rootfs "$storage:0.125" && starts "$ctid" &&
		succeeds pct set "$ctid" --mp0 "$storage:0.03125,mp=/data" && stderr_is &&
		has_volumes "$storage" "$ctid" 2 &&
		pct exec "$ctid" -- sh -c "echo kept >/mine && echo kept >/data/mine" &&
		! grep -F " $root/" /proc/self/mountinfo
	'

	spec "grows a volume on $storage that is in use, with its file system" '
		before=$(size_inside "$ctid" /data) && succeeds pct resize "$ctid" mp0 64M && stderr_is &&
		! grep WARN "$scratch/stdout" && has_size "$ctid" mp0 64 &&
		[ "$(size_inside "$ctid" /data)" -gt $((before + 25000)) ] &&
		equals "$(pct exec "$ctid" -- cat /data/mine)" kept
	'

	spec "grows it while the container is stopped" '
		pct stop "$ctid" && is_clean && succeeds pct resize "$ctid" mp0 +32M && stderr_is &&
		! grep WARN "$scratch/stdout" && has_size "$ctid" mp0 96 && is_clean
	'

	[ "$format" != raw ] || spec "checks and trims what is on $storage" '
		succeeds pct fsck "$ctid" --device mp0 --force 1 && stdout_like "files (" &&
		succeeds pct fstrim "$ctid" && stdout_like "mp0: [0-9.]* .*trimmed" && is_clean
	'

	[ "$format" = raw ] || spec "does not check what is no image" '
		fails_with 255 pct fsck "$ctid" --device mp0 && stderr_like "(format == $format)$"
	'

	spec "mounts volumes of $storage on the host, and tells how full they are" '
		succeeds pct mount "$ctid" && grep -qx kept "$root/var/lib/lxc/$ctid/rootfs/data/mine" &&
		succeeds pct unmount "$ctid" && is_clean && succeeds pct df "$ctid" &&
		stdout_like "^rootfs  *$storage:" && stdout_like "^mp0  *$storage:.* /data$" && is_clean
	'

	spec "takes a volume on $storage from the running container and gives it back" '
		starts "$ctid" && succeeds pct set "$ctid" --delete mp0 && stderr_is &&
		! pct exec "$ctid" -- test -e /data/mine && conf_lacks "$ctid" "^mp0" &&
		volume=$(sed -n "s/^unused0: //p" "$(config_file "$ctid")") && [ -n "$volume" ] &&
		succeeds pct set "$ctid" --mp0 "$volume,mp=/data" && stderr_is && conf_lacks "$ctid" "^unused" &&
		equals "$(pct exec "$ctid" -- cat /data/mine)" kept && pct stop "$ctid" && is_clean
	'

	spec "moves a volume from $storage to a directory and back" '
		succeeds pct move-volume "$ctid" mp0 local --delete 1 && has_volumes "$storage" "$ctid" 1 &&
		grep -q "^mp0: local:$ctid/" "$(config_file "$ctid")" &&
		succeeds pct move-volume "$ctid" mp0 "$storage" --delete 1 &&
		has_volumes "$storage" "$ctid" 2 && has_volumes local "$ctid" 0 && has_size "$ctid" mp0 96 && is_clean
	'

	spec "finds a volume on $storage that stands nowhere, and corrects sizes" '
		pvesm alloc "$storage" "$ctid" "" 8M >/dev/null &&
		sed -i "/^mp0/s/size=96M/size=5M/" "$(config_file "$ctid")" &&
		succeeds pct rescan --vmid "$ctid" && stdout_like "as .unused[01]. to config" &&
		has_size "$ctid" mp0 96 && grep -q "^unused[01]: $storage:" "$(config_file "$ctid")"
	'

	spec "starts with all volumes of $storage after all that, and frees them at destroy" '
		starts "$ctid" &&
		equals "$(pct exec "$ctid" -- cat /mine /data/mine | tr "\n" " ")" "kept kept " &&
		pct stop "$ctid" && is_clean && succeeds pct destroy "$ctid" && is_gone "$ctid" &&
		has_volumes "$storage" "$ctid" 0
	'
}

# STORAGE CTID: specs of a storage with snapshots and linked clones, on a new container.
snapshot_specs() {
	storage=$1
	ctid=$2
	spec "takes a running container on $storage back to a snapshot" '
		given_container "$ctid" --rootfs "$storage:0.125" && starts "$ctid" &&
		pct exec "$ctid" -- sh -c "echo before >/mine" && succeeds pct snapshot "$ctid" one &&
		pct exec "$ctid" -- sh -c "echo after >/mine" &&
		succeeds pct rollback "$ctid" one --start 1 && answers "$ctid" &&
		equals "$(pct exec "$ctid" -- cat /mine)" before
	'

	spec "clones a snapshot on $storage while the container runs" '
		pct exec "$ctid" -- sh -c "echo after >/mine" &&
		succeeds pct clone "$ctid" $((ctid + 1)) --snapname one && pct stop "$ctid" &&
		root_of_it=$(pct mount $((ctid + 1)) | sed "s/.* in .\(.*\).$/\1/") &&
		equals "$(cat "$root_of_it/mine")" before && pct unmount $((ctid + 1)) &&
		pct destroy $((ctid + 1)) && is_gone $((ctid + 1))
	'

	spec "makes no template of what has snapshots on $storage, and removes them" '
		fails_with 255 pct template "$ctid" &&
		stderr_is "you can'\''t convert a CT with snapshots to a template" &&
		succeeds pct delsnapshot "$ctid" one &&
		equals "$(pct listsnapshot "$ctid" | grep -c one)" 0 && is_clean
	'

	spec "clones a template on $storage without copying it" '
		succeeds pct template "$ctid" && succeeds pct clone "$ctid" $((ctid + 1)) &&
		stdout_like "create linked clone of mount point rootfs" && starts $((ctid + 1)) &&
		equals "$(pct exec $((ctid + 1)) -- cat /mine)" after && pct stop $((ctid + 1))
	'

	spec "makes a full clone of it as well" '
		succeeds pct clone "$ctid" $((ctid + 2)) --full 1 &&
		stdout_like "create full clone of mountpoint rootfs" && starts $((ctid + 2)) &&
		equals "$(pct exec $((ctid + 2)) -- cat /mine)" after && pct destroy $((ctid + 2)) --force 1
	'
}

# STORAGE CTID: without clones that need it, the template goes.
frees_specs() {
	storage=$1
	ctid=$2
	spec "frees clone and template of $storage again" '
		pct destroy $((ctid + 1)) && succeeds pct destroy "$ctid" && is_gone "$ctid" &&
		has_volumes "$storage" "$ctid" 0 && has_volumes "$storage" $((ctid + 1)) 0
	'
}

# STORAGE CTID: specs of a storage without snapshots, on a new container.
copy_specs() {
	storage=$1
	ctid=$2
	spec "refuses snapshots on $storage" '
		given_container "$ctid" --rootfs "$storage:0.125" && before=$(cat "$(config_file "$ctid")") &&
		fails_with 255 pct snapshot "$ctid" one && stderr_is "snapshot feature is not available" &&
		fails_with 255 pct clone "$ctid" $((ctid + 1)) --full 0 &&
		stderr_like "^Linked clone feature for .$storage:.* is not available$" &&
		equals "$(cat "$(config_file "$ctid")")" "$before"
	'

	spec "makes a full clone on $storage that starts" '
		root_of_it=$(pct mount "$ctid" | sed "s/.* in .\(.*\).$/\1/") && echo mine >"$root_of_it/mine" &&
		pct unmount "$ctid" && succeeds pct clone "$ctid" $((ctid + 1)) && starts $((ctid + 1)) &&
		equals "$(pct exec $((ctid + 1)) -- cat /mine)" mine &&
		pct destroy $((ctid + 1)) --force 1 && is_gone $((ctid + 1)) &&
		has_volumes "$storage" $((ctid + 1)) 0
	'
}

# STORAGE CTID: after copy_specs, where templates are possible but linked clones are not.
file_template_specs() {
	storage=$1
	ctid=$2
	spec "makes a template on $storage, of which only full clones are possible" '
		succeeds pct template "$ctid" && volumes_on "$storage" "$ctid" | grep -q "/base-$ctid-disk-0.raw " &&
		fails_with 255 pct clone "$ctid" $((ctid + 1)) &&
		stderr_like "^Linked clone feature for .$storage:.* is not available$" &&
		succeeds pct clone "$ctid" $((ctid + 1)) --full 1 && starts $((ctid + 1)) &&
		pct destroy $((ctid + 1)) --force 1 && succeeds pct destroy "$ctid" && is_gone "$ctid" &&
		has_volumes "$storage" "$ctid" 0
	'
}

# STORAGE CTID: the volume of a mount point goes to another container.
rename_specs() {
	storage=$1
	ctid=$2
	spec "hands a volume on $storage to another container" '
		given_container "$ctid" --mp0 "$storage:0.0625,mp=/data" && given_container $((ctid + 1)) &&
		at=$(pct mount "$ctid" | sed "s/.* in .\(.*\).$/\1/") && echo data >"$at/data/file" &&
		pct unmount "$ctid" &&
		succeeds pct move-volume "$ctid" mp0 --target-vmid $((ctid + 1)) --target-volume mp0 &&
		conf_lacks "$ctid" "^mp0" && pct destroy "$ctid" && starts $((ctid + 1)) &&
		equals "$(pct exec $((ctid + 1)) -- cat /data/file)" data && pct stop $((ctid + 1)) &&
		has_volumes "$storage" "$ctid" 0 && has_volumes "$storage" $((ctid + 1)) 1 &&
		pct destroy $((ctid + 1)) && has_volumes "$storage" $((ctid + 1)) 0 && is_gone "$ctid"
	'
}

# STORAGE CTID DIRECTORY: images in a directory that a server shares; it is DIRECTORY there.
zero_specs() {
	storage=$1
	ctid=$2
	shared=$3
	spec "leaves zeros out of an image that is imported on $storage" '
		pvesm alloc "$storage" "$ctid" "" 64M && pvesm export "$storage:$ctid/vm-$ctid-disk-0.raw" \
			raw+size "$scratch/stream" &&
		for name in vm base; do
			succeeds pvesm import "$storage:$ctid/$name-$ctid-disk-1.raw" raw+size "$scratch/stream" &&
			[ "$(stat -c %b "$shared/images/$ctid/$name-$ctid-disk-1.raw")" -lt 1000 ] &&
			pvesm free "$storage:$ctid/$name-$ctid-disk-1.raw" || exit 1
		done && pvesm free "$storage:$ctid/vm-$ctid-disk-0.raw"
	'
}

# Only processes of pct die. LVM's programs, killed in the middle of a change, leave a pool
# that an admin has to repair; pct lets them end when it is killed.
traced() {
	strace -D -f -qq -b execve -o "$@"
}

# N: a few numbers from 1 to N, or all of them.
few_points() {
	seq 1 "$([ -n "${PCT_TEST_ALL:-}" ] && echo 1 || echo $(($1 / 4 + 1)))" "$1"
}

# CTID: after a crash, without knowing where.
unlock_if_locked() {
	! grep -q "^lock: " "$(config_file "$1")" || pct unlock "$1"
}

has_snapshot() {
	grep -qx "\[$2\]" "$(config_file "$1")"
}

# STORAGE CTID: commands on a container with a snapshot die at some points of their way.
crash_specs() {
	storage=$1
	ctid=$2
	spec "takes a snapshot on $storage again after one was killed at any point" '
		needs_tracing
		given_container "$ctid" --rootfs "$storage:0.0625" && most=$(count_points "$bin/pct" snapshot "$ctid" one) &&
		pct delsnapshot "$ctid" one && for point in $(few_points "$most"); do
			killed_at "$point" "$bin/pct" snapshot "$ctid" one
			unlock_if_locked "$ctid" && { ! has_snapshot "$ctid" one || pct delsnapshot "$ctid" one; } &&
			pct snapshot "$ctid" one && pct delsnapshot "$ctid" one && has_volumes "$storage" "$ctid" 1 ||
				because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
		done && tell "killed at $(few_points "$most" | wc -l) of $most points" && is_clean
	'

	spec "completes a rollback on $storage that was killed at any point" '
		pct snapshot "$ctid" one && most=$(count_points "$bin/pct" rollback "$ctid" one) &&
		for point in $(few_points "$most"); do
			killed_at "$point" "$bin/pct" rollback "$ctid" one
			unlock_if_locked "$ctid" && pct rollback "$ctid" one && has_volumes "$storage" "$ctid" 1 ||
				because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
		done && tell "killed at $(few_points "$most" | wc -l) of $most points" && is_clean
	'

	spec "removes what is left of a clone on $storage that was killed at any point" '
		before=$(cat "$(config_file "$ctid")") &&
		most=$(count_points "$bin/pct" clone "$ctid" $((ctid + 1)) --snapname one) && pct destroy $((ctid + 1)) &&
		for point in $(few_points "$most"); do
			killed_at "$point" "$bin/pct" clone "$ctid" $((ctid + 1)) --snapname one
			unlock_if_locked "$ctid" && { [ ! -e "$(config_file $((ctid + 1)))" ] || pct destroy $((ctid + 1)); } &&
			is_gone $((ctid + 1)) && has_volumes "$storage" $((ctid + 1)) 0 && has_volumes "$storage" "$ctid" 1 &&
			equals "$(cat "$(config_file "$ctid")")" "$before" ||
				because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
		done && tell "killed at $(few_points "$most" | wc -l) of $most points"
	'

	spec "completes a delsnapshot on $storage that was killed at any point" '
		most=$(count_points "$bin/pct" delsnapshot "$ctid" one) &&
		for point in $(few_points "$most"); do
			has_snapshot "$ctid" one || pct snapshot "$ctid" one
			killed_at "$point" "$bin/pct" delsnapshot "$ctid" one
			unlock_if_locked "$ctid" && { ! has_snapshot "$ctid" one || pct delsnapshot "$ctid" one; } &&
			has_volumes "$storage" "$ctid" 1 ||
				because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
		done && tell "killed at $(few_points "$most" | wc -l) of $most points: delsnapshot" &&
		starts "$ctid" && pct stop "$ctid" && pct destroy "$ctid" && is_gone "$ctid"
	'
}
