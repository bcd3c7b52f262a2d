# What the specs of storages share; a spec file sources this instead of ../root/lib.sh.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154

# shellcheck source=tests/root/lib.sh
. "$(dirname "$0")/../root/lib.sh"

# STORAGE CTID: specs of a storage with snapshots and linked clones, on a new container.
snapshot_specs() {
	storage=$1
	ctid=$2
	spec "takes a container on $storage back to a snapshot" '
		given_container "$ctid" --rootfs "$storage:0.25" >/dev/null && pct start "$ctid" &&
		answers "$ctid" && pct exec "$ctid" -- sh -c "echo before >/mine" &&
		succeeds pct snapshot "$ctid" one && pct exec "$ctid" -- sh -c "echo after >/mine" &&
		pct stop "$ctid" && succeeds pct rollback "$ctid" one --start 1 &&
		answers "$ctid" && equals "$(pct exec "$ctid" -- cat /mine)" before &&
		pct stop "$ctid" && succeeds pct delsnapshot "$ctid" one &&
		equals "$(pct listsnapshot "$ctid" | grep -c one)" 0
	'

	spec "makes a full clone of a container on $storage, and of its snapshot" '
		pct snapshot "$ctid" two && pct start "$ctid" && answers "$ctid" &&
		pct exec "$ctid" -- sh -c "echo after >/mine" && pct stop "$ctid" &&
		succeeds pct clone "$ctid" $((ctid + 1)) --full 1 &&
		succeeds pct clone "$ctid" $((ctid + 2)) --full 1 --snapname two &&
		for clone in 1:after 2:before; do
			pct start $((ctid + ${clone%:*})) && answers $((ctid + ${clone%:*})) &&
			equals "$(pct exec $((ctid + ${clone%:*})) -- cat /mine)" "${clone#*:}" &&
			pct destroy $((ctid + ${clone%:*})) --force 1 || exit 1
		done && pct rollback "$ctid" two && pct delsnapshot "$ctid" two
	'

	spec "clones a template on $storage without copying it" '
		succeeds pct template "$ctid" && succeeds pct clone "$ctid" $((ctid + 1)) &&
		stdout_like "create linked clone of mount point rootfs" &&
		pct start $((ctid + 1)) && answers $((ctid + 1)) &&
		equals "$(pct exec $((ctid + 1)) -- cat /mine)" before && pct stop $((ctid + 1))
	'

	spec "makes a full clone of it as well" '
		succeeds pct clone "$ctid" $((ctid + 2)) --full 1 && pct start $((ctid + 2)) &&
		answers $((ctid + 2)) && equals "$(pct exec $((ctid + 2)) -- cat /mine)" before &&
		pct stop $((ctid + 2))
	'

	spec "frees clones and template of $storage again" '
		pct destroy $((ctid + 2)) && pct destroy $((ctid + 1)) && succeeds pct destroy "$ctid" &&
		is_gone "$ctid"
	'
}

# STORAGE CTID: the volume of a mount point goes to another container.
rename_specs() {
	storage=$1
	ctid=$2
	spec "hands a volume on $storage to another container" '
		pct help move-volume >/dev/null 2>&1 || skip_spec "there is no pct move-volume"
		given_container "$ctid" --rootfs "$storage:0.25" --mp0 "$storage:0.0625,mp=/data" >/dev/null &&
		given_container $((ctid + 1)) --rootfs "$storage:0.25" >/dev/null && pct start "$ctid" &&
		answers "$ctid" && pct exec "$ctid" -- sh -c "echo data >/data/file" && pct stop "$ctid" &&
		succeeds pct move-volume "$ctid" mp0 --target-vmid $((ctid + 1)) --target-volume mp0 &&
		! grep -q ^mp0 "$(config_file "$ctid")" && pct destroy "$ctid" && pct start $((ctid + 1)) &&
		answers $((ctid + 1)) && equals "$(pct exec $((ctid + 1)) -- cat /data/file)" data &&
		pct stop $((ctid + 1)) && pct destroy $((ctid + 1)) &&
		! pvesm list "$storage" | grep -E "(vm|subvol)-($ctid|$((ctid + 1)))-disk"
	'
}

# STORAGE CTID DIRECTORY: images in a directory that a server shares; it is DIRECTORY there.
share_specs() {
	storage=$1
	ctid=$2
	shared=$3
	spec "makes a full clone of a container on $storage, a template, and one of that" '
		given_container "$ctid" --rootfs "$storage:0.25" >/dev/null && pct start "$ctid" &&
		answers "$ctid" && pct exec "$ctid" -- sh -c "echo mine >/mine" && pct stop "$ctid" &&
		succeeds pct clone "$ctid" $((ctid + 1)) && pct start $((ctid + 1)) && answers $((ctid + 1)) &&
		equals "$(pct exec $((ctid + 1)) -- cat /mine)" mine && pct destroy $((ctid + 1)) --force 1 &&
		succeeds pct template "$ctid" && [ -f "$shared/images/$ctid/base-$ctid-disk-0.raw" ] &&
		succeeds pct clone "$ctid" $((ctid + 1)) --full 1 && pct start $((ctid + 1)) &&
		answers $((ctid + 1)) && equals "$(pct exec $((ctid + 1)) -- cat /mine)" mine &&
		pct destroy $((ctid + 1)) --force 1 && pct destroy "$ctid" && [ ! -e "$shared/images/$ctid" ]
	'

	spec "leaves zeros out of an image that is imported on $storage" '
		pvesm alloc "$storage" "$ctid" "" 64M && pvesm export "$storage:$ctid/vm-$ctid-disk-0.raw" \
			raw+size "$scratch/stream" &&
		for name in vm base; do
			succeeds pvesm import "$storage:$ctid/$name-$ctid-disk-1.raw" raw+size "$scratch/stream" &&
			[ "$(stat -c %b "$shared/images/$ctid/$name-$ctid-disk-1.raw")" -lt 1000 ] &&
			pvesm free "$storage:$ctid/$name-$ctid-disk-1.raw" || exit 1
		done && pvesm free "$storage:$ctid/vm-$ctid-disk-0.raw"
	'
	rename_specs "$storage" "$ctid"
}
