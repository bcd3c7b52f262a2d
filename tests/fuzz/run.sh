#!/bin/sh
# run.sh BUILD SECONDS: run every fuzzer that long, from the seeds in corpus-NAME.
# Found inputs stay out of the tree; a crash prints its input and fails.
set -eu
cd "$(dirname "$0")"
build=$(cd "../../$1" && pwd)
seconds=$2
work=$(mktemp -d /tmp/pct-fuzz.XXXXXX)
trap 'rm -rf "$work"' EXIT

for fuzzer in "$build"/fuzz/*; do
	[ -x "$fuzzer" ] || continue
	name=$(basename "$fuzzer")
	mkdir -p "$work/$name"
	echo "# $name, $seconds s"
	if ! "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-max_len=65536 -artifact_prefix="$work/" -print_final_stats=1 \
		"$work/$name" "corpus-$name" >"$work/log" 2>&1; then
		tail -n 40 "$work/log"
		for input in "$work"/crash-* "$work"/timeout-* "$work"/oom-* "$work"/leak-*; do
			[ -e "$input" ] && base64 "$input"
		done
		exit 1
	fi
	grep -E 'number_of_executed_units|new_units_added' "$work/log"
done
echo 'all fuzzers ended clean'
