#!/bin/sh
# What start, stop, shutdown, reboot, destroy, enter, exec and create refuse before
# anything changes (pct-cli.md 1.2, 2.3, 4).
# shellcheck source=tests/cli/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

given_www() {
	given_config 100 "arch: amd64" "hostname: www" "ostype: debian" \
		"rootfs: local:100/vm-100-disk-0.raw,size=4G" "$@"
}

it 'ends with 255 when a worker command names no container' '
	for verb in start stop shutdown reboot destroy; do
		fails_with 255 pct "$verb" 101 && stdout_is &&
		stderr_is "Configuration file '\''nodes/$node/lxc/101.conf'\'' does not exist" ||
			exit 1
	done
'

it 'refuses to stop, shut down or reboot what does not run' '
	given_www &&
	fails_with 255 pct stop 100 && stderr_is "CT 100 not running" && stdout_is &&
	fails_with 255 pct shutdown 100 && stderr_is "CT 100 not running" &&
	fails_with 255 pct reboot 100 && stderr_is "VM 100 not running"
'

it 'refuses to enter or run a command in what does not run, before it misses the command' '
	given_www &&
	fails_with 255 pct enter 100 && stderr_is "container '\''100'\'' not running!" &&
	fails_with 255 pct exec 100 -- true && stderr_is "container '\''100'\'' not running!" &&
	fails_with 255 pct exec 100 && stderr_is "container '\''100'\'' not running!"
'

it 'refuses to start or destroy a locked container' '
	given_www "lock: backup" &&
	fails_with 255 pct start 100 && stderr_is "CT is locked (backup)" && stdout_is &&
	fails_with 255 pct destroy 100 && stderr_is "CT is locked (backup)"
'

it 'refuses to start a template' '
	given_www "template: 1" &&
	fails_with 255 pct start 100 && stderr_is "you can'\''t start a CT if it'\''s a template"
'

it 'refuses to destroy a protected container' '
	given_www "protection: 1" &&
	fails_with 255 pct destroy 100 &&
	stderr_is "can'\''t remove CT 100 - protection mode enabled"
'

it 'refuses an id that is taken' '
	given_www &&
	fails_with 255 pct create 100 x && stdout_is &&
	stderr_is "CT 100 already exists on node '\''$node'\''" &&
	config_is 100 "arch: amd64" "hostname: www" "ostype: debian" \
		"rootfs: local:100/vm-100-disk-0.raw,size=4G"
'

it 'misses a template or backup before it makes a volume' '
	fails_with 255 pct create 100 local:vztmpl/none.tar.zst && stdout_is &&
	stderr_is "volume '\''local:vztmpl/none.tar.zst'\'' does not exist" &&
	fails_with 255 pct restore 100 local:backup/none.tar.zst && stdout_is &&
	stderr_is "volume '\''local:backup/none.tar.zst'\'' does not exist"
'

it 'refuses a restore before anything changes, and says why' '
	given_www && archive=$scratch/vzdump-lxc-100-2026_01_05-02_00_01.tar && : >"$archive" &&
	cp "$PCT_ROOT/etc/pve/lxc/100.conf" "$scratch/before" &&
	fails_with 255 pct restore 100 "$archive" && stdout_is &&
	stderr_is "CT 100 already exists on node '\''$node'\''" &&
	fails_with 255 pct create 100 "$archive" --force 1 && stderr_has "CT 100 already exists on node '\''$node'\''" &&
	fails_with 255 pct restore 101 - && stderr_is "restore from pipe requires rootfs parameter" &&
	fails_with 255 pct create 101 - && stderr_is "pipe can only be used with restore tasks" &&
	fails_with 255 pct restore 101 "$archive" --mp0 local:0,mp=/x &&
	stderr_is "mount points configured, but '\''rootfs'\'' not set - aborting" &&
	fails_with 255 pct restore 101 local:vztmpl/x.tar.zst &&
	stderr_is "volume '\''local:vztmpl/x.tar.zst'\'' is not of content type '\''backup'\''" &&
	: >"$scratch/x.vma" && fails_with 255 pct restore 101 "$scratch/x.vma" &&
	stderr_is "file does not look like a template archive: $(readlink -f "$scratch")/x.vma" &&
	fails_with 255 pct restore 101 "$archive" --storage none &&
	stderr_has "storage: storage '\''none'\'' does not exist" &&
	cmp "$PCT_ROOT/etc/pve/lxc/100.conf" "$scratch/before"
'

it 'restores over no locked or protected container' '
	given_www "lock: backup" && archive=$scratch/a.tar && : >"$archive" &&
	fails_with 255 pct restore 100 "$archive" --force 1 && stderr_is "CT is locked (backup)" &&
	given_www "protection: 1" && fails_with 255 pct restore 100 "$archive" --force 1 &&
	stderr_is "unable to restore CT 100 - protection mode enabled" && stdout_is
'

it 'wants unique only where it restores' '
	: >"$scratch/a.tar" && fails_with 255 pct create 101 "$scratch/a.tar" --unique 1 &&
	stderr_has "restore: missing property required by '\''unique'\''" &&
	fails_with 255 pct create 101 - --restore 1 --unique 1 &&
	stderr_is "restore from pipe requires rootfs parameter" &&
	fails_with 255 pct create 101 - --restore 0 --unique 1 --force 1 &&
	stderr_has "unique has no effect without restore" && stderr_has "force has no effect without restore"
'

it 'refuses an escape key that is none' '
	given_www &&
	fails_with 255 pct console 100 --escape ^A &&
	stderr_is "400 Parameter verification failed." \
		"escape: value does not match the regex pattern" \
		"pct console <vmid> [OPTIONS]"
'

it 'reads a password from two lines of stdin, which have to agree' '
	printf "secret\nother\n" | pct create 100 x --password 2>"$scratch/stderr"
	stderr_is "passwords do not match"
'
