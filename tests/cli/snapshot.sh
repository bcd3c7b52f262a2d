#!/bin/sh
# What snapshot, delsnapshot, rollback, clone and template refuse before anything changes
# (pct-cli.md 2.3, 4, 5; storage.md 8.4-8.6).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2031,SC2119
. "$(dirname "$0")/lib.sh"

given_www() {
	given_config 100 "arch: amd64" "hostname: www" "ostype: debian" \
		"rootfs: local:100/vm-100-disk-0.raw,size=4G" "$@"
}

# COMMAND...: fails with this line and leaves the file as it is.
refused() {
	words=$1
	shift
	cp "$PCT_ROOT/etc/pve/lxc/100.conf" "$scratch/before" &&
		fails_with 255 "$@" && stdout_is && stderr_is "$words" &&
		cmp "$scratch/before" "$PCT_ROOT/etc/pve/lxc/100.conf" &&
		[ ! -e "$PCT_ROOT/etc/pve/lxc/101.conf" ]
}

it 'refuses reserved names of snapshots' '
	given_www &&
	refused "unable to use snapshot name '\''current'\'' (reserved name)" pct snapshot 100 current &&
	refused "unable to use snapshot name '\''vzdump'\'' (reserved name)" pct snapshot 100 vzdump
'

it 'refuses names that are none, and such that are too long' '
	given_www &&
	fails_with 255 pct snapshot 100 9x &&
	stderr_is "400 Parameter verification failed." \
		"snapname: invalid format - invalid configuration ID '\''9x'\''" "" \
		"pct snapshot <vmid> <snapname> [OPTIONS]" &&
	fails_with 255 pct snapshot 100 "$(printf "a%040d" 0)" &&
	stderr_has "snapname: value may only be 40 characters long" &&
	fails_with 255 pct snapshot 100 ../x && fails_with 255 pct snapshot 100 "a b"
'

it 'says which container or snapshot there is not' '
	missing="Configuration file '\''nodes/$node/lxc/101.conf'\'' does not exist"
	given_www &&
	for verb in snapshot delsnapshot rollback; do
		refused "$missing" pct "$verb" 101 one || exit 1
	done
	refused "$missing" pct clone 101 102 && refused "$missing" pct template 101 &&
	for verb in delsnapshot rollback; do
		refused "snapshot '\''one'\'' does not exist" pct "$verb" 100 one || exit 1
	done
	refused "snapshot '\''one'\'' does not exist" pct clone 100 101 --snapname one
'

it 'refuses a locked container' '
	given_www "lock: backup" "" "[one]" "arch: amd64" "snaptime: 1" &&
	for verb in "snapshot 100 two" "delsnapshot 100 one" "rollback 100 one" "clone 100 101" \
		"template 100"; do
		refused "CT is locked (backup)" pct $verb || exit 1
	done
'

it 'refuses a template' '
	given_www "template: 1" "" "[one]" "arch: amd64" "snaptime: 1" &&
	refused "CT 100 is a template: it cannot be snapshotted" pct snapshot 100 two &&
	refused "CT 100 is a template: its snapshots stay" pct delsnapshot 100 one &&
	refused "CT 100 is a template: it cannot be rolled back" pct rollback 100 one &&
	refused "you can'\''t convert a template to a template" pct template 100
'

it 'refuses what is no volume of a storage with snapshots' '
	given_www "mp0: /srv,mp=/srv" && refused "snapshot feature is not available" pct snapshot 100 one &&
	given_www && refused "snapshot feature is not available" pct snapshot 100 one &&
	given_config 100 "arch: amd64" "rootfs: none:100/x.raw" &&
	refused "storage '\''none'\'' does not exist" pct snapshot 100 one
'

it 'refuses to go back to a snapshot that is not whole, and to clone it' '
	given_www "" "[one]" "arch: amd64" "rootfs: local:100/vm-100-disk-0.raw,size=4G" \
		"snapstate: prepare" "snaptime: 1" &&
	refused "unable to rollback to incomplete snapshot (snapstate = prepare)" pct rollback 100 one &&
	refused "unable to clone incomplete snapshot (snapstate = prepare)" pct clone 100 101 --snapname one
'

it 'refuses to convert what has snapshots, host directories or volumes of others' '
	given_www "" "[one]" "arch: amd64" "snaptime: 1" &&
	refused "you can'\''t convert a CT with snapshots to a template" pct template 100 &&
	given_www "mp0: /srv,mp=/srv" &&
	refused "Template feature is not available for '\''/srv'\''" pct template 100 &&
	given_www "mp0: local:200/vm-200-disk-0.raw,mp=/x" &&
	refused "volume '\''local:200/vm-200-disk-0.raw'\'' belongs to CT 200" pct template 100
'

it 'refuses clones that cannot be made' '
	given_www &&
	refused "CT 100 already exists on node '\''$node'\''" pct clone 100 100 &&
	fails_with 255 pct clone 100 99 &&
	stderr_has "newid: invalid format - value does not look like a valid VM ID" &&
	refused "Linked clone feature for '\''local:100/vm-100-disk-0.raw'\'' is not available" \
		pct clone 100 101 --full 0 &&
	refused "parameter '\''storage'\'' not allowed for linked clones" \
		pct clone 100 101 --full 0 --storage local &&
	refused "storage '\''none'\'' does not exist" pct clone 100 101 --storage none &&
	refused "no such cluster node '\''far'\''" pct clone 100 101 --target far &&
	given_www "mp7: /dev/sdb1,mp=/x" &&
	refused "unable to clone mountpoint '\''mp7'\'' (type device)" pct clone 100 101
'

it 'waits for a migration, and says so when it does not end' '
	given_www "" "[one]" "arch: amd64" "snaptime: 1" "rootfs: local:100/vm-100-disk-0.raw" &&
	locks=$PCT_ROOT/var/lock/pve-manager && mkdir -p "$locks" &&
	exec 8>>"$locks/pve-migrate-100" && flock 8 &&
	fails_with 255 pct delsnapshot 100 one &&
	stderr_has "Failed to obtain guest migration lock - replication running?" &&
	grep -qx "\[one\]" "$PCT_ROOT/etc/pve/lxc/100.conf"
'

it 'removes a snapshot by force although its storage is gone' '
	given_config 100 "arch: amd64" "parent: one" "" "[one]" "arch: amd64" \
		"rootfs: none:100/vm-100-disk-0.raw" "snapstate: delete" "snaptime: 1" &&
	fails_with 255 pct delsnapshot 100 one && grep -qx "lock: snapshot-delete" "$PCT_ROOT/etc/pve/lxc/100.conf" &&
	fails_with 255 pct delsnapshot 100 one --force 1 && stderr_is "CT is locked (snapshot-delete)" &&
	succeeds pct unlock 100 && succeeds pct delsnapshot 100 one --force 1 &&
	stdout_has "WARN: rootfs: storage '\''none'\'' does not exist" &&
	config_is 100 "arch: amd64" "unused0: none:100/vm-100-disk-0.raw"
'

it 'offers snapshots to the commands that take one' '
	given_www "" "[one]" "arch: amd64" "snaptime: 1" "" "[two]" "arch: amd64" "snaptime: 2" &&
	for line in "pct rollback 100 " "pct delsnapshot 100 " "pct clone 100 101 --snapname "; do
		COMP_LINE=$line COMP_POINT=${#line} succeeds pct bashcomplete pct "" x &&
			stdout_is one two || exit 1
	done
	line="pct snapshot 100 "
	COMP_LINE=$line COMP_POINT=${#line} succeeds pct bashcomplete pct "" x && stdout_is
'
