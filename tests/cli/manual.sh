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

# The pages as they are installed, in $scratch/man.
given_pages() {
	mkdir "$scratch/man"
	for file in "$tree"/man/*.[15]; do
		page "${file##*/}" >"$scratch/man/${file##*/}" || return 1
	done
}

# All of them find nothing to say about the pages.
agrees() {
	succeeds python3 -B "$tree/tests/cli/documents.py" "$bin" "$scratch/man" &&
		{ [ ! -s "$scratch/stdout" ] || because "$(cat "$scratch/stdout")"; }
}

it 'tells every option of every command in the words of help' '
	given_pages && agrees
'

it 'is seen to differ when an option, a word, a default or a sub-key does' '
	given_pages && cp -r "$scratch/man" "$scratch/kept" &&
	for edit in "pct.1 /^\.It Fl -digest/,+1d" "pct.1 s/^Print the result/Show the result/" \
		"pct.conf.5 s/^Number of CPUs/Count of CPUs/" "pct.conf.5 /^\.It Ic tty/,/^\.It/s/\"2\"/\"3\"/" \
		"pct.conf.5 s/^\.It Ic ip= Ns Ar \"/&x/" "pveam.1 s/^\.It Cm build/.It Cm built/"; do
		file=${edit%% *}
		sed "${edit#* }" "$scratch/kept/$file" >"$scratch/man/$file" &&
			run python3 -B "$tree/tests/cli/documents.py" "$bin" "$scratch/man" &&
			[ -s "$scratch/stdout" ] || because "not seen: $edit" || exit
		cp "$scratch/kept/$file" "$scratch/man/$file"
	done
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
