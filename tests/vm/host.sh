#!/bin/sh
# The machine is what the other specs of this directory count on: a Debian kernel with
# systemd as PID 1, pure cgroup v2, AppArmor, device mapper, ZFS and an NFS server.
# shellcheck disable=SC2016 # the bodies of specs are evaluated later
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

it 'has systemd as PID 1' '
	[ "$(cat /proc/1/comm)" = systemd ] || because "PID 1 is $(cat /proc/1/comm)"
'

it 'has one cgroup hierarchy, of version 2' '
	[ -e /sys/fs/cgroup/cgroup.controllers ] || because "$(mount -t cgroup)"
'

it 'has AppArmor' '
	[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] || because "it is off"
'

it 'has device mapper, ZFS and NFS in its kernel' '
	for module in dm_thin_pool zfs nfsd; do
		modprobe "$module" || because "no module $module" || return 1
	done
'
