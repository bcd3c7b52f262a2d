#!/bin/sh
# Completion next to a container that runs (pct-cli.md 8).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9520
given_template

given() {
	given_running 9520 && given_container 9521 &&
		echo "template: 1" | cat - "$(config_file 9521)" >"$(config_file 9522)"
}
given >"$top/given.log" 2>&1 || sed 's/^/# /' "$top/given.log"

# LINE WORD...: what is offered at its end.
offers() {
	line=$1
	shift
	COMP_LINE=$line COMP_POINT=${#line} succeeds pct bashcomplete pct "${line##* }" x &&
		stdout_is "$@"
}

spec 'offers only the running container where only running ones make sense' '
	for command in enter exec console stop shutdown reboot; do
		offers "pct $command " 9520 || exit
	done
'

spec 'offers only the stopped container where only stopped ones make sense' '
	for command in start destroy; do
		offers "pct $command " 9521 || exit
	done
'

spec 'offers all of them, a template too, to commands for any' '
	offers "pct config " 9520 9521 9522 && offers "pct set " 9520 9521 9522 &&
	offers "pct status 9" 9520 9521 9522
'

spec 'offers the key of a running container whose change waits' '
	pct set 9520 --tty 3 --onboot 1 && offers "pct set 9520 --revert " tty &&
	offers "pct set 9520 --delete on" onboot
'

spec 'offers it as a stopped one once it is stopped' '
	pct stop 9520 && offers "pct stop " && offers "pct start " 9520 9521 &&
	rm "$(config_file 9522)"
'

ends_clean
