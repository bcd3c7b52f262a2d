#!/bin/sh
# The examples of the manuals, run in the order of the pages.
set -u
cd "$(dirname "$0")/../.." || exit 2
[ "$(id -u)" = 0 ] || { echo 'needs root'; exit 77; }
exec python3 -B tests/root/manual.py "$PCT_BUILD"
