#!/bin/sh
# How fast a volume is copied (storage.md 2.6). A limit is kept for certain, however busy the
# machine is: the copy never takes less time. That there is none, or a larger one, shows in
# the ratio to that time.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9470
command -v python3 >/dev/null || skip_file "python3 is not installed"
given_template
mkdir -p "$top/target" "$root/etc/pve"

# SOURCE TARGET: what the two storages say of bwlimit, "" for nothing.
given_limits() {
	{
		lines "dir: local" "	path $root/var/lib/vz" "	content rootdir,vztmpl"
		[ -z "$1" ] || lines "	bwlimit $1"
		lines "" "dir: target" "	path $top/target" "	content rootdir"
		[ -z "$2" ] || lines "	bwlimit $2"
	} >"$root/etc/pve/storage.cfg"
}

given() {
	given_limits "" "" && given_container 9470 && head -c 8M /dev/urandom >"$(tree 9470)/random"
}

# Milliseconds that 8 MiB take at the limit of all specs, 2000 KiB/s.
slow_ms=4096

# OPTION...: the milliseconds that a clone takes.
milliseconds() {
	python3 -c "import subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(int((time.monotonic() - start) * 1000))" \
		"$bin/pct" clone 9470 9471 --storage target "$@" && pct destroy 9471
}

is_slow() {
	took=$(milliseconds "$@") && tell "$took ms: clone $*"
	[ "$took" -ge "$slow_ms" ] || because "took $took ms: $*"
}

# One of three times: other work of the machine adds to them all.
is_faster() {
	for _ in 1 2 3; do
		took=$(milliseconds "$@") && tell "$took ms: clone $*"
		[ $((took * 3)) -ge $((slow_ms * 2)) ] || return 0
	done
	because "took $took ms: $*"
}

spec 'copies as fast as it can when nothing limits it' '
	given >/dev/null && is_faster
'

spec 'keeps to the limit of the command line' '
	is_slow --bwlimit 2000
'

spec 'keeps to the limit of the storage, of either, and to the smaller one of two' '
	given_limits "" clone=2000 && is_slow && given_limits default=2000 "" && is_slow &&
	given_limits clone=90000 clone=2000,default=90000 && is_slow
'

spec 'has no limit from another operation, or from the default beside its own' '
	given_limits move=2000 default=2000,clone=90000 && is_faster
'

spec 'lets the command line win, also when it wants no limit' '
	given_limits clone=2000 clone=2000 && is_faster --bwlimit 0 && is_faster --bwlimit 90000
'

ends_clean
