#!/bin/sh
# Two containers with one range of ids and one directory of the host (runtime.md 13, item 35):
# the start warns, as it does of nothing else.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9470
given_template
mkdir "$top/media" "$top/media/films" "$top/own"

given() {
	given_container 9470 --mp0 "$top/media,mp=/media" && given_container 9471 --mp0 "$top/own,mp=/own"
}

warning="WARN: mp0: '$top/media' is shared with CT 9471, which has the same ids on the host: users of one container are users of the other there"

# CTID: it starts without a word.
starts_silently() {
	succeeds pct start "$1" && [ ! -s "$scratch/stdout" ] && [ ! -s "$scratch/stderr" ] && pct stop "$1"
}

spec 'says nothing of directories that one container alone has' '
	given >/dev/null && starts_silently 9470 && starts_silently 9471
'

spec 'warns of a directory that another container has as well, and starts' '
	pct set 9471 --mp1 "$top/media/films,mp=/films" && succeeds pct start 9470 &&
	stdout_has "$warning" && stderr_is "Task finished with 1 warning(s)!" && answers 9470 &&
	touch "$top/media/x" && chown 101000 "$top/media/x" && pct stop 9470
'

spec 'does not mean containers with ids of their own, and mounts that none can write to' '
	pct set 9471 --mp1 "$top/media/films,mp=/films,ro=1" && succeeds pct start 9470 &&
	stdout_has "$warning" && pct stop 9470 && pct set 9470 --mp0 "$top/media,mp=/media,ro=1" &&
	starts_silently 9470 && pct set 9470 --mp0 "$top/media,mp=/media" && {
		echo "lxc.idmap: u 0 200000 65536"
		echo "lxc.idmap: g 0 200000 65536"
	} >>"$(config_file 9471)" && starts_silently 9470
'

ends_clean
