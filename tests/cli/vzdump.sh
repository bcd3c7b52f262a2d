#!/bin/sh
# vzdump's command line: what it refuses, and what needs no container.
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

usage="vzdump [<vmid>] [OPTIONS]"

refused() {
	wanted="$1"
	shift
	fails_with 255 "$@" && [ ! -s "$scratch/stdout" ] &&
		stderr_is "400 Parameter verification failed." "$wanted" "$usage"
}

it 'wants containers, or all of them, or a pool, or to stop a job' '
	refused "vmid: property is missing and it is not optional" vzdump &&
	refused "vmid: property is missing and it is not optional" vzdump --mode stop
'

it 'takes containers by name only without all, exclude and pool' '
	refused "all: option conflicts with option '\''vmid'\''" vzdump 100 --all &&
	refused "exclude: option conflicts with option '\''vmid'\''" vzdump 100 --exclude 101 &&
	refused "pool: option conflicts with option '\''vmid'\''" vzdump 100 --pool x
'

it 'refuses what is no id of a container' '
	for id in 99 1000000000 x -- 100x 1.5 "100;x"; do
		fails_with 255 vzdump "$id" || exit 1
	done &&
	refused "vmid: invalid format - value does not look like a valid VM ID: 99" vzdump 101,99 &&
	fails_with 255 vzdump --all --exclude 7 &&
	stderr_has "exclude: invalid format - value does not look like a valid VM ID"
'

it 'refuses values that fail their type, naming option and range' '
	refused "mode: value '\''fast'\'' does not have a value in the enumeration '\''snapshot, suspend, stop'\''" \
		vzdump 100 --mode fast &&
	refused "compress: value '\''xz'\'' does not have a value in the enumeration '\''0, 1, gzip, lzo, zstd'\''" \
		vzdump 100 --compress xz &&
	refused "ionice: value must have a maximum value of 8" vzdump 100 --ionice 9 &&
	refused "ionice: value must have a minimum value of 0" vzdump 100 --ionice=-1 &&
	refused "bwlimit: type check ('\''integer'\'') failed - got '\''fast'\''" vzdump 100 --bwlimit fast &&
	refused "notes-template: value may only be 1024 characters long" \
		vzdump 100 --storage local --notes-template "$(printf %01025d 0)"
'

it 'refuses retention that contradicts itself, and options it does not know' '
	refused "prune-backups: keep-all cannot be set together with other options." \
		vzdump 100 --prune-backups keep-all=1,keep-last=2 &&
	fails_with 255 vzdump 100 --prune-backups keep-some=1 &&
	stderr_has "prune-backups.keep-some: property is not defined in schema and the schema does not allow additional properties"
'

it 'refuses notes templates with unknown variables and escapes' '
	for template in "{{nobody}}" "a\\t" "a\\"; do
		fails_with 255 vzdump 100 --storage local --notes-template "$template" &&
		stderr_starts "400 Parameter verification failed." || exit 1
	done
'

it 'keeps notes and protection only on a storage' '
	refused "storage: missing property required by '\''notes-template'\''" \
		vzdump 100 --dumpdir /tmp --notes-template x &&
	refused "storage: missing property required by '\''protected'\''" vzdump 100 --protected 1
'

it 'refuses storage together with dumpdir or stdout, also out of vzdump.conf' '
	fails_with 255 vzdump 100 --storage local --dumpdir /tmp && stdout_is &&
	stderr_is "cannot use options '\''storage'\'' and '\''dumpdir'\'' at the same time" &&
	mkdir -p "$PCT_ROOT/etc" && echo "storage: local" >"$PCT_ROOT/etc/vzdump.conf" &&
	fails_with 255 vzdump 100 --stdout 1 &&
	stderr_is "cannot use options '\''storage'\'' and '\''stdout'\'' at the same time"
'

it 'sends one container only to standard output' '
	refused "stdout: only one container can be sent" vzdump 100 101 --stdout 1
'

it 'has no pools' '
	fails_with 255 vzdump --pool web && stderr_is "pool '\''web'\'' does not exist"
'

it 'does nothing on behalf of another host' '
	succeeds vzdump 100 --node elsewhere && stdout_is && stderr_is && [ ! -e "$PCT_ROOT/var" ]
'

it 'has nothing to stop when no job runs' '
	succeeds vzdump --stop && stderr_is &&
	mkdir -p "$PCT_ROOT/var/run" && echo "UPID:x:00000001:00000001:0:vzdump::root@pam:" \
		>"$PCT_ROOT/var/run/vzdump.pid" && succeeds vzdump --stop 1 && stderr_is &&
	echo nonsense >"$PCT_ROOT/var/run/vzdump.pid" && succeeds vzdump --stop 1
'

it 'fails the guest that is not there, tells it, and fails as a whole' '
	mkdir "$scratch/d" && fails_with 255 vzdump 100 --dumpdir "$scratch/d" && stdout_is &&
	stderr_has "INFO: starting new backup job: vzdump 100 --dumpdir $scratch/d" &&
	stderr_has "ERROR: Backup of VM 100 failed - unable to find VM '\''100'\''" &&
	stderr_has "INFO: Backup job finished with errors" &&
	[ "$(tail -n 1 "$scratch/stderr")" = "job errors" ] &&
	ls "$scratch/d" | grep -q "^vzdump-lxc-100-.*[.]log$"
'

it 'prints no log when it shall be quiet' '
	mkdir "$scratch/d" && fails_with 255 vzdump 100 --dumpdir "$scratch/d" --quiet 1 &&
	stderr_is "job errors"
'

it 'succeeds with no containers to back up' '
	succeeds vzdump --all && stderr_is "INFO: starting new backup job: vzdump --all 1" \
		"INFO: Backup job finished successfully"
'

it 'fails before it locks when directory, storage, script or compressor is missing' '
	fails_with 255 vzdump 100 --dumpdir "$scratch/no" &&
	stderr_has "ERROR: Backup job failed - dumpdir '\''$scratch/no'\'' does not exist" &&
	fails_with 255 vzdump 100 --tmpdir "$scratch/no" &&
	stderr_has "ERROR: Backup job failed - tmpdir '\''$scratch/no'\'' does not exist" &&
	fails_with 255 vzdump 100 --storage nosuch &&
	stderr_has "ERROR: Backup job failed - storage '\''nosuch'\'' does not exist" &&
	fails_with 255 vzdump 100 --script "$scratch/no" &&
	stderr_has "ERROR: Backup job failed - hook script '\''$scratch/no'\'' does not exist" &&
	echo >"$scratch/plain" && fails_with 255 vzdump 100 --script "$scratch/plain" &&
	stderr_has "ERROR: Backup job failed - hook script '\''$scratch/plain'\'' is not executable" &&
	[ ! -e "$PCT_ROOT/var/run/vzdump.lock" ]
'

it 'names the package of a compressor that is not installed' '
	! command -v lzop >/dev/null || skip_spec "lzop is installed"
	fails_with 255 vzdump 100 --compress lzo &&
	stderr_has "ERROR: Backup job failed - program '\''lzop'\'' is not installed (package '\''lzop'\'')"
'

it 'fails with a storage that holds no backups' '
	mkdir -p "$PCT_ROOT/etc/pve" && printf "dir: plain\n\tpath $scratch/s\n\tcontent images\n" \
		>"$PCT_ROOT/etc/pve/storage.cfg" && fails_with 255 vzdump 100 --storage plain &&
	stderr_has "ERROR: Backup job failed - storage '\''plain'\'' does not support content type '\''backup'\''"
'

it 'tells its options without a command word' '
	succeeds vzdump help && grep -qF "USAGE: $usage" "$scratch/stdout" &&
	grep -q "^  --prune-backups" "$scratch/stdout" && succeeds vzdump help vzdump
'

it 'completes options and values without a command word' '
	complete() { COMP_LINE=$1 "$bin/vzdump" bashcomplete vzdump "${1##* }" x >"$scratch/stdout"; } &&
	complete "vzdump --mo" && stdout_is --mode &&
	complete "vzdump 100 --mode s" && stdout_is snapshot suspend stop &&
	given_config 100 "arch: amd64" && complete "vzdump 1" && stdout_has 100
'

it 'warns when there is no program to send the mail' '
	! command -v sendmail >/dev/null || skip_spec "sendmail is installed"
	succeeds vzdump --all --mailto root@example.org &&
	stderr_has "WARN: no mail is sent: program '\''sendmail'\'' is not installed (package '\''postfix'\'')" &&
	succeeds vzdump --all --mailto root@example.org --mailnotification failure &&
	! grep -q "no mail" "$scratch/stderr"
'
