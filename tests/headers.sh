#!/bin/sh
# Every header compiles alone.
cd "$(dirname "$0")/.." || exit 2
status=0
for header in lib/*/*.h; do
	echo "#include \"${header#lib/}\"" |
		gcc -std=c17 -D_GNU_SOURCE -Ilib -Wall -Wextra -fsyntax-only -x c - || status=1
done
exit $status
