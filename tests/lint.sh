#!/bin/sh
# lint.sh BUILD: everything that reads the tree and must stay silent. The manuals are read
# from BUILD, where their lists of options have been filled in.
set -u
build=${1:-build}
cd "$(dirname "$0")/.." || exit 2
bad=0

say() {
	echo "lint: $1"
}

# $1: what it is; the rest: a command that prints nothing and succeeds when all is well.
quiet() {
	what=$1
	shift
	out=$("$@" 2>&1)
	status=$?
	[ $status = 0 ] && [ -z "$out" ] && return
	say "$what"
	echo "$out" | head -n 60
	bad=1
}

# What a commit of everything would hold.
list() {
	git ls-files --cached --others --exclude-standard "$@" | while read -r file; do
		[ -e "$file" ] && echo "$file"
	done
}

# Nothing is left to say of them; which other manuals are installed does not matter.
# shellcheck disable=SC2317 # quiet runs it
manuals() {
	! mandoc -Tlint "$build"/man/*.[15] 2>&1 |
		grep -v -e 'referenced manual not found' -e 'outdated mandoc.db'
}

sources=$(list '*.c' '*.h')
scripts=$(list '*.sh' .ci/run templates)

# shellcheck disable=SC2086 # lists of words
{
	case $(clang-format --version) in
	*' 14.'*) quiet 'clang-format' clang-format --dry-run --Werror $sources ;;
	*) say 'clang-format left out: only version 14, of Debian 12, lays macros out so' ;;
	esac
	quiet 'shellcheck' shellcheck -x -P SCRIPTDIR $scripts
	quiet 'cppcheck' cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -D_GNU_SOURCE -Ilib -Itests/unit \
		--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		lib pct pveam pvesm vzdump
	quiet 'mandoc' manuals
	quiet 'gcc -fanalyzer' sh tests/analyze.sh
	quiet 'includes that point upward' sh tests/includes.sh
	quiet 'headers that do not compile alone' sh tests/headers.sh
}
[ $bad = 0 ] && say 'nothing to say'
exit $bad
