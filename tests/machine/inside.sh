#!/bin/sh
# inside.sh: run by the machine itself when it is up, see check.sh. machine_build is the build
# directory, machine_tests are kinds of tests or single files, with commas between.
#
# As many files at a time as there are processors: each has ids, disks and servers of its
# own. Every spec is told when it ends, every file with its sum, and the last line but one is
# the sum of all.
# shellcheck disable=SC2154 # from the command line of the kernel
set -u
cd "$(dirname "$0")/../.." || exit
log=/var/tmp/check.log

uptime_s() {
	cut -d . -f 1 /proc/uptime
}

# FILE or kind: tests/run.sh, whose last line then says whose sum it is.
one() {
	began=$(uptime_s)
	sh tests/run.sh "$machine_build" "$1" >"$log.$$" 2>&1
	status=$?
	sed "\$s|\$|: $1, $(($(uptime_s) - began)) s|" "$log.$$" | tee -a "$log"
	return "$status"
}

# The files of the kinds; a kind whose tests are no shell scripts is one job.
jobs() {
	for kind in $(echo "$machine_tests" | tr , ' '); do
		case $kind in
		cli | root | vm) find "tests/$kind" -name '*.sh' ! -name lib.sh | sort ;;
		*) echo "$kind" ;;
		esac
	done
}

# Those that take longest come first.
in_order() {
	awk '{ print (/lvmthin|zfs/ ? 0 : /vm\/(lvm|cifs|nfs|apparmor)/ ? 1 : 2) " " $0 }' |
		sort -s -k 1,1 | cut -d ' ' -f 2
}

if [ $# = 1 ]; then
	one "$1"
	exit
fi

: >"$log"
echo "# up after $(uptime_s) s"
[ -z "${machine_all:-}" ] || export PCT_TEST_ALL="$machine_all"
# The machine as a whole has its limit.
export PCT_TEST_LIMIT=3600
PCT_TEST_LIVE=$(readlink "/proc/$$/fd/1")
export PCT_TEST_LIVE
# One template for all: to build it takes as long here as some specs do.
export PCT_TEST_TEMPLATES=/var/tmp/templates
PCT_ROOT=$PCT_TEST_TEMPLATES "$machine_build/sbin/pveam" build busybox >/dev/null

jobs | in_order | xargs -n 1 -P "$(nproc)" sh tests/machine/inside.sh
status=$?
echo
awk -v up="$(uptime_s)" '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped: / { p += $1; f += $3; s += $5 }
	END { print p + 0 " passed, " f + 0 " failed, " s + 0 " skipped; the machine was up for " up " s" }' "$log"
echo "machine: status $status"
