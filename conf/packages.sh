#!/bin/sh
# packages.sh KIND...: install what conf/packages lists for these kinds, or name it.
# Nothing is done, and the package lists are not read, when all is there already. What
# apt says is shown when it fails.
set -eu

list=$(dirname "$0")/packages
missing=
while read -r kind name; do
	case " $* " in *" $kind "*) ;; *) continue ;; esac
	dpkg-query -W -f '${Status}\n' "$name" 2>/dev/null |
		grep -q '^install ok installed$' || missing="$missing $name"
done <"$list"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "these packages are needed:$missing" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # one word a package
if ! { apt-get -qq update && apt-get -qq -y -o DPkg::Lock::Timeout=300 \
	--no-install-recommends install $missing; } >"$log" 2>&1 </dev/null; then
	cat "$log" >&2
	exit 1
fi
