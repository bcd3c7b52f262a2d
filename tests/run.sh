#!/bin/sh
# run.sh BUILD [kind|file.sh...]: run the tests of these kinds (unit cli root vm), or single
# files of them, and count them.
# Every test program prints TAP; a skip shows its reason here. The last line is the sum:
# "N passed, N failed, N skipped". A program may take PCT_TEST_LIMIT seconds, default 900.
set -u

build=$1
shift
[ $# -gt 0 ] || set -- unit cli root
cd "$(dirname "$0")/.." || exit 2
PCT_BUILD=$(cd "$build" && pwd) || exit 2
PCT_BIN=$PCT_BUILD/sbin
export PCT_BUILD PCT_BIN
log=$(mktemp /tmp/pct-check.XXXXXX) || exit 2
trap 'rm -f "$log" "$log.one"' EXIT
: >"$log"

# One test program: its TAP, and a line of its own if it dies without telling.
run_one() {
	echo "# $*"
	timeout "${PCT_TEST_LIMIT:-900}" "$@" >"$log.one" 2>&1 </dev/null
	status=$?
	grep -E '^(ok|not ok) ' "$log.one" >>"$log"
	if [ "$status" = 77 ]; then
		reason=$(grep -v '^ok ' "$log.one" | tail -n 1)
		echo "ok 0 - $* # SKIP $reason" | tee -a "$log"
	elif [ "$status" != 0 ] && ! grep -q '^not ok ' "$log.one"; then
		echo "not ok 0 - $* ends with status $status" | tee -a "$log"
		cat "$log.one"
	fi
	grep -qE '^not ok ' "$log.one" && cat "$log.one"
	grep -E '^ok .*# SKIP' "$log.one"
	return 0
}

for kind; do
	case $kind in
	unit) for t in "$PCT_BUILD"/unit/*; do
		case $t in *.d | *.o) ;; *) [ -x "$t" ] && run_one "$t" ;; esac
	done ;;
	*.sh) run_one sh "$kind" ;;
	*) for t in tests/"$kind"/*.sh; do
		case $t in */lib.sh) ;; *) [ -e "$t" ] && run_one sh "$t" ;; esac
	done ;;
	esac
done

failed=$(grep -c '^not ok ' "$log")
skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok ' "$log") - skipped))
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
