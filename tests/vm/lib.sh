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
