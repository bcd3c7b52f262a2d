#!/bin/sh
# Life-cycle commands on several containers: ids, ranges, @tags.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

given_three() {
	given_config 100 "hostname: web" "tags: blue;site" &&
	given_config 101 "hostname: db" "tags: blue" &&
	given_config 110 "hostname: x" "lock: backup"
}

# The result lines in the order of their ids; the commands end in any order.
results_are() {
	sort -n "$scratch/stdout" >"$scratch/sorted" &&
	mv "$scratch/sorted" "$scratch/stdout" && stdout_is "$@"
}

it 'tells one result line for each container, also for one that does not exist' '
	given_three && fails_with 255 pct stop 110 100 999 && stderr_is &&
	results_are "100: CT 100 not running" "110: CT 110 not running" \
		"999: Configuration file '\''nodes/$node/lxc/999.conf'\'' does not exist"
'

it 'takes ranges and tags for the containers that exist' '
	given_three && fails_with 255 pct shutdown 100-105 && stderr_is &&
	results_are "100: CT 100 not running" "101: CT 101 not running" &&
	fails_with 255 pct reboot @site &&
	results_are "100: VM 100 not running" &&
	fails_with 255 pct stop @blue 110 100-101 &&
	results_are "100: CT 100 not running" "101: CT 101 not running" \
		"110: CT 110 not running"
'

it 'gives each the options of the command line' '
	given_three && fails_with 255 pct start 110 101 &&
	results_are "101: missing '\''rootfs'\'' configuration" \
		"110: CT is locked (backup)" &&
	fails_with 255 pct start --skiplock 1 110 101 &&
	results_are "101: missing '\''rootfs'\'' configuration" \
		"110: missing '\''rootfs'\'' configuration"
'

it 'behaves with one plain id as ever' '
	given_three && fails_with 255 pct stop 100 && stdout_is &&
	stderr_is "CT 100 not running" &&
	fails_with 255 pct start 110 && stdout_is && stderr_is "CT is locked (backup)" &&
	fails_with 255 pct stop x1 && stdout_is &&
	stderr_is "400 Parameter verification failed." \
		"vmid: type check ('\''integer'\'') failed - got '\''x1'\''" \
		"pct stop <vmid> [OPTIONS]"
'

it 'touches nothing when one word is wrong, and names each' '
	given_three && fails_with 255 pct stop 100 web @red 700-800 105-100 5 && stdout_is &&
	stderr_is "400 Parameter verification failed." \
		"vmid: '\''web'\'' is no container id, range or @tag" \
		"vmid: no container has the tag '\''@red'\''" \
		"vmid: no container in the range '\''700-800'\''" \
		"vmid: '\''105-100'\'' is no range of container ids" \
		"vmid: '\''5'\'' is no container id, range or @tag" "pct stop <vmid> [OPTIONS]"
'

it 'tells wrong words together with wrong options' '
	given_three && fails_with 255 pct shutdown @red --timeout x && stdout_is &&
	stderr_is "400 Parameter verification failed." \
		"timeout: type check ('\''integer'\'') failed - got '\''x'\''" \
		"vmid: no container has the tag '\''@red'\''" "pct shutdown <vmid> [OPTIONS]"
'

it 'takes a container that is named twice once' '
	given_three && fails_with 255 pct stop 100 100 @site 100-100 &&
	results_are "100: CT 100 not running"
'

it 'works on more containers than fit at once' '
	for id in $(seq 100 119); do given_config "$id" "hostname: x"; done &&
	fails_with 255 pct stop 100-119 && [ "$(wc -l <"$scratch/stdout")" = 20 ] &&
	stdout_has "119: CT 119 not running"
'

it 'puts what else a command says on stderr, with the id in front' '
	given_config 100 "hostname: web" "what is this" && given_config 101 "hostname: db" &&
	fails_with 255 pct start 100 101 &&
	results_are "100: missing '\''rootfs'\'' configuration" \
		"101: missing '\''rootfs'\'' configuration" &&
	stderr_has "100: vm 100 - unable to parse config: what is this"
'

it 'passes an interrupt on and starts no further container' '
	for id in $(seq 100 109); do given_config "$id" "hostname: x"; done &&
	mkdir -p "$PCT_ROOT/run/lock/lxc" && holders= || exit 1
	for id in $(seq 100 109); do
		flock -F "$PCT_ROOT/run/lock/lxc/pve-config-$id.lock" sleep 30 &
		holders="$holders $!"
	done
	sleep 0.5
	"$bin/pct" start 100-109 >"$scratch/stdout" 2>"$scratch/stderr" &
	starting=$!
	sleep 1
	kill -TERM $starting
	status=0
	wait $starting || status=$?
	kill $holders
	[ "$status" = 255 ] || because "status $status" || exit 1
	[ "$(grep -c ": received interrupt$" "$scratch/stdout")" = 10 ] ||
		because "$(cat "$scratch/stdout")"
'

it 'destroys only one container at a time' '
	given_three && fails_with 255 pct destroy 100 101 &&
	stderr_is "400 too many arguments" "pct destroy <vmid> [OPTIONS]" &&
	fails_with 255 pct destroy @blue && stdout_is &&
	stderr_has "vmid: type check ('\''integer'\'') failed - got '\''@blue'\''" &&
	succeeds pct status 100
'
