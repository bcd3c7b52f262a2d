#!/bin/sh
# Many writers of one container: no update is lost, no reader sees half a file, and a
# writer that dies is in nobody's way (ct-config.md 1).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2031
. "$(dirname "$0")/lib.sh"

file() {
	echo "$PCT_ROOT/etc/pve/lxc/100.conf"
}

lock_file() {
	mkdir -p "$PCT_ROOT/run/lock/lxc" &&
		echo "$PCT_ROOT/run/lock/lxc/pve-config-100.lock"
}

it 'loses none of 20 changes that are made at the same time' '
	given_config 100 "arch: amd64" "memory: 64"
	number=0
	while [ $number -lt 20 ]; do
		pct set 100 --mp$number "/srv,mp=/x$number" 2>>"$scratch/stderr" &
		number=$((number + 1))
	done
	wait
	[ "$(grep -cE "^mp[0-9]+: /srv,mp=/x[0-9]+$" "$(file)")" = 20 ] || because "$(cat "$(file)" "$scratch/stderr")"
'

# The first and the last line of a whole file, whoever wrote it.
it 'never shows half a file to readers while others write for ten seconds' '
	given_config 100 "arch: amd64" "memory: 64" "unprivileged: 1"
	end=$(($(date +%s) + ${PCT_TEST_SECONDS:-10}))
	for writer in 1 2; do
		while [ "$(date +%s)" -lt $end ]; do
			pct set 100 --memory $((100 + writer)) --description "$(seq 1 200)" 2>/dev/null
			pct set 100 --delete description 2>/dev/null
		done &
	done
	reads=0
	while [ "$(date +%s)" -lt $end ]; do
		cat "$(file)" >"$scratch/read" || exit 1
		grep -qx "arch: amd64" "$scratch/read" && [ "$(tail -n 1 "$scratch/read")" = "unprivileged: 1" ] ||
			because "after $reads reads:" "$(cat "$scratch/read")" || exit 1
		lines=$(grep -c "^#" "$scratch/read")
		[ "$lines" = 0 ] || [ "$lines" = 200 ] || because "$lines of 200 lines" || exit 1
		run pct config 100
		[ "$status" = 0 ] && [ ! -s "$scratch/stderr" ] || because "$(cat "$scratch/stderr")" || exit 1
		reads=$((reads + 1))
	done
	wait
	[ "$reads" -gt 5 ] || because "only $reads reads" || exit 1
	[ -z "$(find "$PCT_ROOT/etc/pve/lxc" -name "*.tmp.*")" ]
'

it 'waits for the lock, and says so' '
	given_config 100 "arch: amd64"
	exec 8>>"$(lock_file)" && flock 8
	(sleep 0.5; flock -u 8) &
	succeeds pct set 100 --memory 64 && stderr_is "trying to acquire lock... OK" &&
	config_is 100 "arch: amd64" "memory: 64"
'

it 'gives up after ten seconds' '
	given_config 100 "arch: amd64"
	exec 8>>"$(lock_file)" && flock 8
	fails_with 255 pct set 100 --memory 64 && config_is 100 "arch: amd64" &&
	stderr_is "trying to acquire lock..." \
		"can'\''t lock file '\''$PCT_ROOT/run/lock/lxc/pve-config-100.lock'\'' - got timeout"
'

it 'is not stopped by the lock of a process that was killed' '
	given_config 100 "arch: amd64"
	lock=$(lock_file)
	flock --no-fork "$lock" sleep 60 &
	holder=$!
	while flock -n "$lock" true; do sleep 0.02; done
	kill -KILL $holder
	succeeds pct set 100 --memory 64 && config_is 100 "arch: amd64" "memory: 64"
'

# Killed at any moment, a writer leaves the old file or the new one, and no lock.
it 'leaves a whole file whenever it is killed' '
	given_config 100 "arch: amd64" "memory: 64" "unprivileged: 1"
	try=0
	while [ $try -lt 40 ]; do
		"$bin/pct" set 100 --memory $((65 + try)) 2>/dev/null &
		writer=$!
		sleep "0.00$((try % 10))"
		kill -KILL $writer 2>/dev/null
		wait $writer 2>/dev/null
		[ "$(wc -l <"$(file)")" = 3 ] || because "$(cat "$(file)")" || exit 1
		try=$((try + 1))
	done
	succeeds pct set 100 --memory 64 && stderr_is &&
	config_is 100 "arch: amd64" "memory: 64" "unprivileged: 1"
'
