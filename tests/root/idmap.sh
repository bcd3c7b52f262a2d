#!/bin/sh
# Id maps of a container's own (runtime.md 2.12, the security list: 34; guest-setup.md
# 15.4 row 24): what is wrong with one is told, and nothing is written through it.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9370
given_template

given() {
	given_container 9372
}

# ENTRY...: the map, in place of what "unprivileged: 1" means.
given_map() {
	sed -i "/^lxc.idmap/d; /^unprivileged/d" "$(config_file 9372)"
	for entry; do
		echo "lxc.idmap: $entry" >>"$(config_file 9372)"
	done
}

# Names, owners and times of all that the container has.
state_of_guest() {
	find "$(tree 9372)" -printf '%p %U:%G %m %T@ %C@\n' | sort
}

# The start fails, for the reason that stdout_like is asked for next, and wrote nothing.
start_writes_nothing() {
	before=$(state_of_guest)
	fails_with 255 pct start 9372 && cat "$scratch/stdout" && has_status 9372 stopped &&
		equals "$(state_of_guest)" "$before" && is_clean
}

spec 'warns of a container id that two entries map, and does not start with them' '
	given && given_map "u 0 100000 65536" "g 0 100000 65536" "u 5 200000 10" &&
	start_writes_nothing &&
	stdout_has "WARN: lxc.idmap: invalid map entry '\''u 5 200000 10'\'': container uid 5 is also mapped by entry '\''u 0 100000 65536'\''" &&
	stdout_like "^guest setup: cannot write .*uid_map.: Invalid argument"
'

spec 'warns of a host id that two entries share, users and groups alike' '
	given_map "u 0 100000 65536" "g 0 100000 65536" "g 70000 100005 10" &&
	start_writes_nothing &&
	stdout_has "WARN: lxc.idmap: invalid map entry '\''g 70000 100005 10'\'': host gid 100005 is also mapped by entry '\''g 0 100000 65536'\''" &&
	stdout_like "^guest setup: cannot write .*gid_map.: Invalid argument"
'

spec 'does not start with a map that has no root, of users or of groups' '
	for missing in u g; do
		given_map "u 0 100000 65536" "g 0 100000 65536" &&
		sed -i "s/^lxc.idmap: $missing 0 100000/lxc.idmap: $missing 1 100000/" \
			"$(config_file 9372)" && start_writes_nothing &&
		stdout_is "guest setup: the id map has no entry for container id 0" || exit 1
	done
'

spec 'does not start with a map to ids that own nothing of the container' '
	given_map "u 0 300000 65536" "g 0 300000 65536" && start_writes_nothing &&
	stdout_like "^guest setup: .*: Permission denied"
'

spec 'does not start with an entry that is none, and quotes it' '
	for bad in "u 0 100000 x" "w 0 100000 1" "u 0 100000" "u 0 4294967295 2" "u 0 100000 0"; do
		given_map "$bad" "g 0 100000 65536" && start_writes_nothing &&
		stderr_like "failed to parse idmap: $bad" || exit 1
	done
'

spec 'starts with several entries that touch but do not overlap' '
	given_map "u 0 100000 1000" "u 1000 101000 64536" "g 0 100000 65536" &&
	succeeds pct start 9372 && stdout_is && answers 9372 &&
	equals "$(pct exec 9372 -- awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map)" \
		"$(lines "0 100000 1000" "1000 101000 64536")" && pct stop 9372
'

ends_clean
