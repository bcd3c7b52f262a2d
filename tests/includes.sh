#!/bin/sh
# Includes point downward only, peers never include each other (see lib's rooms in
# README): prints each include that does not, and fails then.
cd "$(dirname "$0")/.." || exit 2

# $1: files, $2: rooms that they may not include.
forbid() {
	# shellcheck disable=SC2086 # a list of words
	grep -nE "^#include \"($2)/" $1
}

peers='lxc mount net storage guest template'
bad=$(
	forbid 'lib/base/*.[ch]' 'config|cli|ct|lxc|mount|net|storage|guest|template'
	forbid 'lib/config/*.[ch]' 'cli|ct|lxc|mount|net|storage|guest|template'
	forbid 'lib/cli/*.[ch]' 'ct|lxc|mount|net|storage|guest|template'
	forbid 'lib/ct/*.[ch]' 'cli'
	for room in $peers; do
		others=$(echo "$peers" | tr ' ' '\n' | grep -vx "$room" | paste -sd '|')
		forbid "lib/$room/*.[ch]" "cli|ct|$others"
	done
	grep -nE '^#include <lxc/lxccontainer.h>' -r lib pct pveam pvesm vzdump | grep -v '^lib/lxc/run.c:'
	grep -nE '\b(system|popen)\(' -r lib pct pveam pvesm vzdump --include='*.[ch]'
	grep -nE '\b(execve?|execv[pe]*|fork|vfork)\(' -r lib pct pveam pvesm vzdump --include='*.c' |
		grep -v '^lib/base/' | grep -v '^lib/cli/worker.c:'
)
[ -z "$bad" ] && exit 0
echo "$bad"
exit 1
