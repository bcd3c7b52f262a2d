#!/bin/sh
# Two commands at the same time.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9380
given_template

# COMMAND...: twice at once; the statuses of both, the smaller one first.
twice() {
	"$@" >"$scratch/one" 2>&1 &
	first_pid=$!
	"$@" >"$scratch/two" 2>&1
	second_status=$?
	wait "$first_pid"
	printf '%s\n' "$?" "$second_status" | sort -n | tr '\n' ' '
}

spec 'lets exactly one of two creates with one id win' '
	for attempt in 1 2 3 4 5; do
		equals "$(twice pct create 9380 "$template" --rootfs local:0)" "0 255 " &&
		grep -qhE "CT 9380 already exists on node|got timeout" "$scratch/one" "$scratch/two" &&
		equals "$(ls "$root/var/lib/vz/images/9380")" subvol-9380-disk-0.subvol &&
		pct start 9380 && pct stop 9380 && pct destroy 9380 && is_gone 9380 ||
			{ cat "$scratch/one" "$scratch/two"; exit 1; }
	done
'

spec 'creates several containers at once' '
	for n in 1 2 3 4 5 6; do
		pct create "938$n" "$template" --rootfs local:0.05 --mp0 local:0,mp=/data \
			>"$scratch/$n" 2>&1 &
	done && wait &&
	equals "$(pct list | sed 1d | wc -l)" 6 && for n in 1 2 3 4 5 6; do
		pct config "938$n" | grep -q "^lock" && exit 1
		equals "$(ls "$root/var/lib/vz/images/938$n" | wc -l)" 2 || exit 1
	done; is_clean
'

spec 'starts and stops several containers at once' '
	for n in 1 2 3 4 5 6; do
		pct start "938$n" >"$scratch/$n" 2>&1 &
	done && wait && equals "$(pct list | grep -c running)" 6 &&
	for n in 1 2 3 4 5 6; do
		pct stop "938$n" &
	done && wait && equals "$(pct list | grep -c stopped)" 6 && is_clean
'

spec 'lets exactly one of two starts win' '
	for attempt in 1 2 3 4 5; do
		equals "$(twice pct start 9381)" "0 255 " &&
		grep -qhx "CT 9381 already running" "$scratch/one" "$scratch/two" &&
		has_status 9381 running && pct stop 9381 && is_clean ||
			{ cat "$scratch/one" "$scratch/two"; exit 1; }
	done
'

spec 'lets one of two stops stop it, and the other find it stopped' '
	for attempt in 1 2 3; do
		pct start 9381 && case $(twice pct stop 9381) in
		"0 0 " | "0 255 ") ;;
		*) exit 1 ;;
		esac
		has_status 9381 stopped && is_clean || exit 1
	done
'

spec 'lets exactly one of two destroys win' '
	case $(twice pct destroy 9382) in
	"0 2 " | "0 255 ") ;;
	*) exit 1 ;;
	esac
	cat "$scratch/one" "$scratch/two" && is_gone 9382
'

spec 'waits for a start before it destroys, stops or starts once more' '
	pct start 9383 & pct destroy 9383 --force 1 >/dev/null 2>&1
	wait
	[ ! -e "$(config_file 9383)" ] || pct destroy 9383 --force 1
	is_gone 9383
'

spec 'says that it waits for the lock, and gives up after 10 s' '
	mkdir -p "$root/run/lock/lxc" && {
		flock "$root/run/lock/lxc/pve-config-9384.lock" sleep 12 &
		holder=$!
	} && sleep 0.3 && started=$(date +%s) && fails_with 255 pct start 9384 &&
	took=$(($(date +%s) - started)) && [ "$took" -ge 9 ] && [ "$took" -le 12 ] &&
	stderr_like "can.t lock file .*/run/lock/lxc/pve-config-9384.lock. - got timeout" &&
	grep -q "trying to acquire lock..." "$scratch/stdout" "$scratch/stderr"
	status=$?
	pkill -P "$holder"
	wait "$holder"
	[ "$status" = 0 ]
'

spec 'goes on when the lock becomes free in time' '
	{ flock "$root/run/lock/lxc/pve-config-9384.lock" sleep 2 & } && sleep 0.3 &&
	succeeds pct start 9384 && grep -q " OK" "$scratch/stdout" "$scratch/stderr" && wait &&
	pct stop 9384
'

spec 'lists while containers come and go' '
	{
		for n in 1 2 3 4 5; do
			pct create 9389 "$template" --rootfs local:0 && pct destroy 9389
		done >/dev/null 2>&1 &
		maker=$!
	} && while kill -0 "$maker" 2>/dev/null; do
		succeeds pct list && stderr_is || exit 1
	done; wait "$maker"
'

ends_clean
