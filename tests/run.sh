#!/bin/sh
# run.sh BUILD [kind|file.sh...]: run the tests of these kinds (unit cli root vm), or single
# files of them, and count them.
# Every test program prints TAP; a skip shows its reason here. The last line is the sum:
# "N passed, N failed, N skipped". A program may take PCT_TEST_LIMIT seconds, default 900.
# Those without real containers run as many at a time as there are processors.
set -u

build=$1
shift
cd "$(dirname "$0")/.." || exit 2
PCT_BUILD=$(cd "$build" && pwd) || exit 2
PCT_BIN=$PCT_BUILD/sbin
export PCT_BUILD PCT_BIN

# Its TAP goes to the log; a line of its own if it dies without telling.
run_one() {
	timeout "${PCT_TEST_LIMIT:-900}" "$@" >"$out" 2>&1 </dev/null
	status=$?
	grep -E '^(ok|not ok) ' "$out" >>"$log"
	echo "# $*"
	if [ "$status" = 77 ]; then
		reason=$(grep -v '^ok ' "$out" | tail -n 1)
		echo "ok 0 - $* # SKIP $reason" | tee -a "$log"
	elif [ "$status" != 0 ] && ! grep -q '^not ok ' "$out"; then
		echo "not ok 0 - $* ends with status $status" | tee -a "$log"
		cat "$out"
	fi
	grep -qE '^not ok ' "$out" && cat "$out"
	grep -E '^ok .*# SKIP' "$out"
}

# --one LOG PROGRAM: what is told about it is told in one piece.
if [ "${1:-}" = --one ]; then
	log=$2
	program=$3
	out=$(mktemp "$log.XXXXXX") || exit 2
	trap 'rm -f "$out" "$out.told"' EXIT
	case $program in
	*.sh) run_one sh "$program" ;;
	*) run_one "$program" ;;
	esac >"$out.told"
	cat "$out.told"
	exit 0
fi

log=$(mktemp /tmp/pct-check.XXXXXX) || exit 2
trap 'rm -f "$log"' EXIT

programs() {
	case $1 in
	unit) find "$PCT_BUILD/unit" -type f -perm -u+x ;;
	*.sh) echo "$1" ;;
	*) find "tests/$1" -maxdepth 1 -name '*.sh' ! -name lib.sh ;;
	esac | sort
}

at_a_time() {
	case $1 in
	unit | cli) nproc ;;
	*) echo 1 ;;
	esac
}

[ $# -gt 0 ] || set -- unit cli root
for kind; do
	programs "$kind" | xargs -r -n 1 -P "$(at_a_time "$kind")" sh tests/run.sh "$build" --one "$log"
done

failed=$(grep -c '^not ok ' "$log")
skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok ' "$log") - skipped))
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
