#!/bin/sh
# The README's five minutes, run as printed: each output is compared with what README
# shows, but for sizes, dates and random addresses.
set -u
cd "$(dirname "$0")/../.." || exit 2
[ "$(id -u)" = 0 ] || { echo 'needs root'; exit 77; }
exec python3 -B tests/root/readme.py "$PCT_BUILD"
