#!/bin/sh
# systemd as PID 1: what `pct start` began outlives the login session it was typed in, even
# one whose processes are all killed at its end.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/../root/lib.sh"
begin 9320
given_template

given() {
	given_container 9320
}

# A scope of its own, as a login has one, ended by killing all that is in it.
in_session() {
	systemd-run -q --scope --unit="session-$$" -E PCT_ROOT="$PCT_ROOT" -E PATH="$PATH" "$@"
}

spec 'a container lives on when the session that started it is killed' '
	given >/dev/null && in_session sh -c "pct start 9320 && exec sleep 60" & shell=$!
	within 30 has_status 9320 running && within 20 guest_is_up 9320 && init=$(init_of 9320) &&
	systemctl kill --kill-whom=all -s KILL "session-$$.scope"; wait "$shell"
	within 10 has_status 9320 running && equals "$(init_of 9320)" "$init" &&
	! grep -q session- "/proc/$(monitor_of 9320)/cgroup" && pct stop 9320
'

ends_clean
