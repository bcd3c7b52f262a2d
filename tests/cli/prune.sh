#!/bin/sh
# pvesm prune-backups (backup.md 8): what it would remove, and what it removes.
# shellcheck disable=SC2016,SC2031,SC2317
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Files of the storage local's directory of backups.
given_backups() {
	mkdir -p "$PCT_ROOT/var/lib/vz/dump"
	for name; do
		: >"$PCT_ROOT/var/lib/vz/dump/$name"
	done
}

# The cases of the specification.
given_worked_backups() {
	given_backups vzdump-lxc-100-2018_05_26-11_18_21.tar vzdump-lxc-100-2019_12_31-11_18_21.tar \
		vzdump-lxc-100-2019_12_31-11_18_51.tar vzdump-lxc-100-2019_12_31-11_18_51.tar.protected \
		vzdump-lxc-100-2019_12_31-11_19_21.tar vzdump-lxc-100-2020_01_01-11_18_21.tar \
		vzdump-lxc-100-2020_01_01-12_18_21.tar
}
# The longest name has 58 characters.
row() { printf '%-59s %15s %10s\n' "$@"; }
left() { ls "$PCT_ROOT/var/lib/vz/dump"; }

it 'shows what it would remove as a table, and removes nothing' '
	given_worked_backups && given_backups vzdump-lxc-100-mine.tar \
		vzdump-qemu-99999-2020_01_01-00_00_00.vma.zst && left >"$scratch/before" &&
	succeeds pvesm prune-backups local --keep-last 1 --keep-daily 2 --dry-run 1 && stderr_is &&
	stdout_is "NOTE: this is only a preview and might not be what a subsequent" \
		"prune call does if backups are removed/added in the meantime." "" \
		"$(row Backup Backup-ID Prune-Mark)" \
		"$(row local:backup/vzdump-lxc-100-2018_05_26-11_18_21.tar lxc/100 keep)" \
		"$(row local:backup/vzdump-lxc-100-2019_12_31-11_18_21.tar lxc/100 remove)" \
		"$(row local:backup/vzdump-lxc-100-2019_12_31-11_18_51.tar lxc/100 protected)" \
		"$(row local:backup/vzdump-lxc-100-2019_12_31-11_19_21.tar lxc/100 keep)" \
		"$(row local:backup/vzdump-lxc-100-2020_01_01-11_18_21.tar lxc/100 remove)" \
		"$(row local:backup/vzdump-lxc-100-2020_01_01-12_18_21.tar lxc/100 keep)" \
		"$(row local:backup/vzdump-qemu-99999-2020_01_01-00_00_00.vma.zst qemu/99999 keep)" \
		"$(row local:backup/vzdump-lxc-100-mine.tar unknown/100 renamed)" &&
	left | cmp - "$scratch/before"
'

it 'removes what is not kept, with log and notes' '
	given_worked_backups && given_backups vzdump-lxc-100-2018_05_26-11_18_21.log \
		vzdump-lxc-100-2018_05_26-11_18_21.tar.notes vzdump-lxc-100-mine.tar &&
	succeeds pvesm prune-backups local --keep-last 3 && stderr_is &&
	stdout_is "removing backup '\''local:backup/vzdump-lxc-100-2018_05_26-11_18_21.tar'\''" \
		"removing backup '\''local:backup/vzdump-lxc-100-2019_12_31-11_18_21.tar'\''" &&
	[ "$(left | tr "\n" " ")" = "vzdump-lxc-100-2019_12_31-11_18_51.tar vzdump-lxc-100-2019_12_31-11_18_51.tar.protected vzdump-lxc-100-2019_12_31-11_19_21.tar vzdump-lxc-100-2020_01_01-11_18_21.tar vzdump-lxc-100-2020_01_01-12_18_21.tar vzdump-lxc-100-mine.tar " ]
'

it 'looks only at the guest and type that it is told' '
	given_backups vzdump-lxc-100-2020_01_01-00_00_00.tar vzdump-lxc-100-2020_01_02-00_00_00.tar \
		vzdump-lxc-101-2020_01_01-00_00_00.tar vzdump-lxc-101-2020_01_02-00_00_00.tar \
		vzdump-qemu-100-2020_01_01-00_00_00.vma vzdump-qemu-100-2020_01_02-00_00_00.vma &&
	succeeds pvesm prune-backups local --keep-last 1 --vmid 100 --type lxc &&
	stdout_is "removing backup '\''local:backup/vzdump-lxc-100-2020_01_01-00_00_00.tar'\''" &&
	[ "$(left | wc -l)" -eq 5 ]
'

it 'takes what the storage is set to, and wants one of both' '
	mkdir -p "$PCT_ROOT/etc/pve" && printf "%s\n" "dir: nas" "	path $scratch/nas" \
		"	content backup" "	prune-backups keep-last=1" "" "dir: bare" "	path $scratch/bare" \
		"	content backup" >"$PCT_ROOT/etc/pve/storage.cfg" && mkdir -p "$scratch/nas/dump" &&
	: >"$scratch/nas/dump/vzdump-lxc-100-2020_01_01-00_00_00.tar" &&
	: >"$scratch/nas/dump/vzdump-lxc-100-2020_01_02-00_00_00.tar" &&
	succeeds pvesm prune-backups nas &&
	stdout_is "removing backup '\''nas:backup/vzdump-lxc-100-2020_01_01-00_00_00.tar'\''" &&
	fails_with 255 pvesm prune-backups bare && stdout_is &&
	stderr_is "no prune-backups options configured for storage '\''bare'\''"
'

it 'says when there are no backups, and keeps all of them when it shall' '
	succeeds pvesm prune-backups local --dry-run 1 && stdout_is "No backups found" &&
	given_worked_backups && left >"$scratch/before" && succeeds pvesm prune-backups local &&
	stdout_is && succeeds pvesm prune-backups local --keep-last 0 && stdout_is &&
	left | cmp - "$scratch/before"
'

it 'refuses options that contradict each other, and storages without backups' '
	fails_with 255 pvesm prune-backups local --keep-all 1 --keep-last 2 && stdout_is &&
	stderr_is "keep-all cannot be set together with other options." &&
	fails_with 255 pvesm prune-backups nosuch && stderr_is "storage '\''nosuch'\'' does not exist" &&
	fails_with 255 pvesm prune-backups local --type vm &&
	stderr_has "type: value '\''vm'\'' does not have a value in the enumeration '\''qemu, lxc'\''"
'
