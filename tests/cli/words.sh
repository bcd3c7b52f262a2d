#!/bin/sh
# The command word, the usage list and help (pct-cli.md 2.1, 3).
# shellcheck source=tests/cli/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

it 'without a command says so and prints the usage list on stderr' '
	fails_with 255 pct &&
	stdout_is &&
	stderr_starts "ERROR: no command specified" &&
	stderr_has "USAGE: pct <COMMAND> [ARGS] [OPTIONS]" &&
	stderr_has "       pct create <vmid> <ostemplate> [OPTIONS]" &&
	stderr_has "       pct list " &&
	stderr_has "       pct exec <vmid> [<extra-args>] [OPTIONS]" &&
	stderr_has "       pct unlock <vmid>" &&
	[ "$(tail -n 1 "$scratch/stderr")" = "       pct help [<extra-args>] [OPTIONS]" ]
'

it 'separates the groups of the usage list by one empty line' '
	run pct &&
	[ "$(grep -c "^$" "$scratch/stderr")" -eq 6 ]
'

# Commands beyond the usual ones are this tool's own.
it 'lists its commands in the usual words, order and groups' '
	golden=$(dirname "$0")/../golden/cli/usage.txt
	run pct && sed 1d "$scratch/stderr" | diff "$golden" - | grep "^>" |
		grep -vE "^> +pct (generate|setup) <vmid>( \[OPTIONS\])?$" >"$scratch/other"
	[ ! -s "$scratch/other" ] || because "$(cat "$scratch/other")" || exit
	[ "$(grep -cxFf "$golden" "$scratch/stderr")" -gt 15 ]
'

it 'refuses an unknown command, also one that looks like an option' '
	fails_with 255 pct nosuch && stderr_starts "ERROR: unknown command '\''pct nosuch'\''" &&
	fails_with 255 pct --help && stderr_starts "ERROR: unknown command '\''pct --help'\''"
'

it 'refuses a prefix that several commands have' '
	fails_with 255 pct st 100 &&
	stderr_starts "ERROR: incomplete command '\''pct st'\''" &&
	stderr_has "       pct list "
'

it 'takes a unique prefix of a command' '
	given_config 100 "hostname: web" &&
	succeeds pct stat 100 && stdout_is "status: stopped" &&
	succeeds pct conf 100 && stdout_is "hostname: web"
'

it 'answers verifyapi with silence' '
	succeeds pct verifyapi && stdout_is && stderr_is
'

it 'wants root before it looks at the command' '
	command -v setpriv >/dev/null || skip_spec "setpriv is not installed"
	chmod 755 "$scratch"
	cp "$bin/pct" "$scratch/pct" &&
	fails_with 255 setpriv --reuid 65534 --clear-groups "$scratch/pct" nosuch &&
	stderr_is "please run as root" &&
	succeeds setpriv --reuid 65534 --clear-groups "$scratch/pct" verifyapi
'

it 'refuses a PCT_ROOT that is no plain absolute path' '
	PCT_ROOT=relative
	fails_with 255 pct list &&
	stderr_is "PCT_ROOT '\''relative'\'' is not an absolute path of letters, digits and ._-"
'

it 'shows the full help of one command, found by prefix' '
	succeeds pct help stat &&
	stderr_is &&
	stdout_is "USAGE: pct status <vmid> [OPTIONS]" "" \
		"  Show whether a container runs." "" \
		"  <vmid>     <integer> (100 - 999999999)" \
		"             The (unique) ID of the container." "" \
		"  --output-format <json | json-pretty | text | yaml>   (default=text)" \
		"             Print the result in this format; text is for people, the others" \
		"             for programs." "" \
		"  --verbose  <boolean>" \
		"             Show all properties, one per line." ""
'

it 'shows defaults, choices and numbered options once' '
	succeeds pct help create &&
	stdout_has "  --start    <boolean>   (default=0)" &&
	stdout_has "  --cmode    <console | shell | tty>   (default=tty)" &&
	stdout_has "  --ssh-public-keys <filepath>" &&
	grep -q "^  --net\[n\]   name=" "$scratch/stdout" &&
	[ "$(grep -c "^  --mp\[n\] " "$scratch/stdout")" -eq 1 ] &&
	! grep -q -e "--net0" -e "--parent" -e "--snaptime" "$scratch/stdout"
'

it 'wraps help at 76 columns' '
	succeeds pct help &&
	! grep -v "^USAGE: " "$scratch/stdout" | grep ".\{77\}"
'

it 'shows the help of all commands by name' '
	succeeds pct help &&
	grep "^USAGE" "$scratch/stdout" | cut -d" " -f3 >"$scratch/names" &&
	LC_ALL=C sort -c "$scratch/names" && grep -qx console "$scratch/names" &&
	[ "$(wc -l <"$scratch/names")" -gt 15 ]
'

it 'shows only short lines with --verbose 0' '
	succeeds pct help unlock --verbose 0 &&
	stdout_is "USAGE: pct unlock <vmid>" "" &&
	succeeds pct help --verbose 0 &&
	[ "$(grep -c "^USAGE: pct " "$scratch/stdout")" = 1 ] &&
	[ "$(grep -cE "^(USAGE:|      ) pct " "$scratch/stdout")" -gt 15 ] &&
	cut -c 8- "$scratch/stdout" | sed \$d | LC_ALL=C sort -c &&
	[ -z "$(tail -n 1 "$scratch/stdout")" ] &&
	stdout_has "       pct list "
'

it 'tells of each key how long it may be and when a change takes effect' '
	succeeds pct help set && sed "s/^ *//" "$scratch/stdout" | tr "\n" " " >"$scratch/text" &&
	for sentence in "Memory of the container in MiB. It cannot be deleted. A running container takes a change at once." \
		"Tags of the container. A change counts at once." \
		"Terminals of the container. A change waits for the next start." \
		"an ordinary user outside. It cannot be changed later." \
		"comments of its file. At most 8192 characters. A change counts at once."; do
		grep -qiF "$sentence" "$scratch/text" || because "no: $sentence" || exit
	done
'

it 'refuses help of a prefix that several commands have' '
	fails_with 255 pct help st && stderr_starts "ERROR: incomplete command '\''st'\''" && stdout_is
'

it 'refuses help of an unknown command' '
	fails_with 255 pct help nosuch &&
	stderr_starts "ERROR: unknown command '\''nosuch'\''" &&
	stdout_is
'
