# Specs of the programs in a scratch root; a spec file sources this and calls "it".
#
#   it 'says what happens' '
#           given_config 100 "hostname: web" &&
#           succeeds pct status 100 &&
#           stdout_is "status: stopped"
#   '
#
# Each "it" runs in a PCT_ROOT of its own, which is removed afterwards. Output is TAP;
# the file exits with 1 if one spec failed. The programs come from PCT_BIN. PCT_TEST_LIVE is
# a file that is told of each spec when it ends.
# shellcheck shell=sh disable=SC2030,SC2031

bin=${PCT_BIN:-$(dirname "$0")/../../build/sbin}
bin=$(cd "$bin" && pwd) || exit 2
count=0
failures=0
node=$(uname -n)
node=${node%%.*}

pct() { "$bin/pct" "$@"; }
pveam() { "$bin/pveam" "$@"; }
pvesm() { "$bin/pvesm" "$@"; }
vzdump() { "$bin/vzdump" "$@"; }

# A line of explanation below a failed spec; "false" so that it ends a chain.
because() {
	printf '%s\n' "$*" >>"$scratch/why"
	false
}

it() {
	count=$((count + 1))
	scratch=$(mktemp -d /tmp/pct.XXXXXX) || exit 2
	mkdir -p "$scratch/root/etc/pve/lxc"
	: >"$scratch/why"
	if (
		PCT_ROOT=$scratch/root
		export PCT_ROOT scratch
		eval "$2"
	); then
		skip=
		[ ! -s "$scratch/skip" ] || skip=" # SKIP $(cat "$scratch/skip")"
		echo "ok $count - $1$skip"
	else
		failures=$((failures + 1))
		echo "not ok $count - $1"
		sed 's/^/# /' "$scratch/why"
	fi
	rm -rf --one-file-system "$scratch"
	[ -z "${PCT_TEST_LIVE:-}" ] ||
		echo "# $(date +%T) ${0##*/} $count, failed $failures: $1" >>"$PCT_TEST_LIVE"
}

# The rest of this spec cannot run here.
skip_spec() {
	echo "$*" >"$scratch/skip"
	exit 0
}

# given_config ID LINE...: the container's file.
given_config() {
	given_id=$1
	shift
	printf '%s\n' "$@" >"$PCT_ROOT/etc/pve/lxc/$given_id.conf"
}

# Run a command; its status and output are kept for the questions below.
run() {
	status=0
	"$@" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null || status=$?
}

fails_with() {
	want=$1
	shift
	run "$@"
	[ "$status" -eq "$want" ] ||
		because "'$*' ended with $status, not $want" "$(head -c 2000 "$scratch/stderr")"
}

succeeds() { fails_with 0 "$@"; }

# The whole output: the arguments, one line each; without argument, nothing at all.
lines() { [ $# -eq 0 ] || printf '%s\n' "$@"; }
stdout_is() { lines "$@" >"$scratch/lines" && same_file stdout; }
stderr_is() { lines "$@" >"$scratch/lines" && same_file stderr; }
same_file() {
	cmp -s "$scratch/lines" "$scratch/$1" ||
		because "$(diff -u "$scratch/lines" "$scratch/$1" | tail -n +3 | cat -A)"
}

# One line of the output is the argument.
stdout_has() { has_line stdout "$1"; }
stderr_has() { has_line stderr "$1"; }
has_line() {
	grep -qxF -e "$2" "$scratch/$1" ||
		because "no line '$2' in $1:" "$(head -c 2000 "$scratch/$1")"
}

# The first line of the output is the argument.
stderr_starts() {
	[ "$(head -n 1 "$scratch/stderr")" = "$1" ] ||
		because "stderr starts with '$(head -n 1 "$scratch/stderr")', not '$1'"
}

# config_is ID LINE...: the container's file, whole.
config_is() {
	is_id=$1
	shift
	lines "$@" >"$scratch/lines"
	cmp -s "$scratch/lines" "$PCT_ROOT/etc/pve/lxc/$is_id.conf" ||
		because "$(diff -u "$scratch/lines" "$PCT_ROOT/etc/pve/lxc/$is_id.conf")"
}

finish() {
	ended=$?
	echo "1..$count"
	[ "$ended" -eq 0 ] && [ "$failures" -eq 0 ]
	exit
}
trap finish EXIT
