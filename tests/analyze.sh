#!/bin/sh
# gcc's static analyser over every source; prints its warnings. It runs behind the
# parser, so each file is really compiled. It does not know that cleanup attributes
# close descriptors, hence -Wno-analyzer-fd-leak.
cd "$(dirname "$0")/.." || exit 2

# error.c defines what analyze.h wraps.
set -- gcc -std=c17 -D_GNU_SOURCE -Ilib -O1 -fanalyzer -Werror -Wno-analyzer-fd-leak \
	-S -o /dev/null
"$@" lib/base/error.c || status=1
find lib pct pveam pvesm vzdump -name '*.c' | sort | grep -v '^lib/base/error.c$' |
	xargs -P 2 -n 1 "$@" -Wno-unused-value -include tests/analyze.h || status=1
exit "${status:-0}"
