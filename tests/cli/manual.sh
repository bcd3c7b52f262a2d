#!/bin/sh
# The manuals and the hidden word "manual" that their lists come from: what help knows,
# they know.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

tree=$(cd "$(dirname "$0")/../.." && pwd)

# PAGE: as it is installed.
page() {
	sh "$tree/man/expand.sh" "$bin" <"$tree/man/$1"
}

# PROGRAM: its commands, as help names them.
commands_of() {
	"$1" help --verbose 0 | sed -n "s/.*$1 \([a-z-]*\).*/\1/p"
}

# PROGRAM COMMAND: the names of its options; numbered ones without number.
options_of() {
	"$1" help "$2" | sed -n 's/^  --\([^ []*\).*/\1/p'
}

# PROGRAM COMMAND: what its manual says about the command.
chapter_of() {
	sed -n "/^\.It Cm $2\( \|\$\)/,/^\.It Cm /p" "$scratch/$1.1"
}

# PROGRAM COMMAND: options that are in neither manual.
missing_of() {
	chapter_of "$1" "$2" >"$scratch/chapter"
	[ -s "$scratch/chapter" ] || echo "$1 $2"
	for option in $(options_of "$1" "$2"); do
		grep -q -e "^\.It Fl -$option Ar " "$scratch/chapter" ||
			{ [ "$1" = pct ] &&
				grep -qE "^\.It Ic ${option}0?( |\$)" "$scratch/pct.conf.5"; } ||
			echo "$1 $2 --$option"
	done
}

it 'tells every option of every command' '
	page pct.conf.5 >"$scratch/pct.conf.5" &&
	for program in pct pveam pvesm; do
		page "$program.1" >"$scratch/$program.1" || exit
		for command in $(commands_of "$program"); do
			missing_of "$program" "$command"
		done
	done >"$scratch/missing" &&
	{ [ ! -s "$scratch/missing" ] || because "$(cat "$scratch/missing")"; }
'

it 'tells every container key and sub-key once for each of its places' '
	page pct.conf.5 >"$scratch/page" &&
	for key in arch memory "net0 No to Ic net31" "mp0 No to Ic mp255" rootfs snaptime parent \
		description unprivileged; do
		[ "$(grep -cE "^\.It Ic $key( |\$)" "$scratch/page")" -ge 1 ] ||
			because "no $key" || exit
	done
	for key in bridge= hwaddr= keepattrs= deny-write= nesting=; do
		[ "$(grep -c "^\.It Ic $key Ns " "$scratch/page")" = 1 ] || because "not one $key" || exit
	done
'

it 'tells the settings of the host with their defaults' '
	page pct.conf.5 >"$scratch/page" &&
	for key in $(sed -n "s/^#\([a-z_]*\) = .*/\1/p" "$tree/conf/pct.conf"); do
		sed -n "/^\.Sh SETTINGS/,/^\.Sh FILES/p" "$scratch/page" |
			grep -q "^\.It Ic $key Ar " || because "no $key" || exit
	done
'

it 'leaves no marker in a page' '
	for page in "$tree"/man/*.[15]; do
		page "${page##*/}" >"$scratch/page" || exit
		! grep -n "OPTIONS p" "$scratch/page" || because "a marker in $page" || exit
	done
'

it 'tells range, default and what a value may be' '
	succeeds pct manual --keys &&
	stdout_has ".It Ic cores Ar \"<integer> (1 - 8192)\"" &&
	stdout_has ".It Ic cmode Ar \"<console | shell | tty>\"" &&
	stdout_has ".It Ic startup Ar \"[[order=]\\ed+] [,up=\\ed+] [,down=\\ed+]\"" &&
	stdout_has "It cannot be changed later." &&
	stdout_has "The name may be left out." &&
	succeeds pct manual config &&
	stdout_has ".Ql \"0\" ."
'

it 'prints nothing for a command without options' '
	succeeds pct manual unlock && stdout_is && stderr_is
'

it 'wants the full name of a command' '
	fails_with 255 pct manual nosuch && stderr_starts "ERROR: unknown command '\''nosuch'\''" &&
	fails_with 255 pct manual crea
'

it 'needs neither root nor files' '
	PCT_ROOT=relative succeeds pct manual create &&
	stdout_has ".Bl -tag -width Ds"
'
