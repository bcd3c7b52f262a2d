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
	! grep -q ".\{77\}" "$scratch/stdout"
'

it 'shows the help of all commands by name' '
	succeeds pct help &&
	[ "$(grep "^USAGE" "$scratch/stdout" | cut -d" " -f3 | head -n 3 | tr "\n" " ")" \
		= "config console cpusets " ]
'

it 'shows only short lines with --verbose 0' '
	succeeds pct help unlock --verbose 0 &&
	stdout_is "USAGE: pct unlock <vmid>" "" &&
	succeeds pct help --verbose 0 &&
	[ "$(head -n 1 "$scratch/stdout")" = "USAGE: pct config <vmid> [OPTIONS]" ] &&
	stdout_has "       pct list "
'

it 'refuses help of an unknown command' '
	fails_with 255 pct help nosuch &&
	stderr_starts "ERROR: unknown command '\''nosuch'\''" &&
	stdout_is
'
