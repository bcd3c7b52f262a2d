#!/bin/sh
# Life-cycle commands on several real containers, and what is read of running ones.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9510
given_template

given() {
	for id in 9510 9511 9512; do
		given_container $id --tags fleet || return 1
	done
}

results_are() {
	sort -n "$scratch/stdout" >"$scratch/sorted" &&
		mv "$scratch/sorted" "$scratch/stdout" && stdout_is "$@"
}

# PYTHON: what is true of the value v that stdout holds in json.
json_says() {
	python3 -c "import json, sys; v = json.load(open(sys.argv[1])); assert $1, v" \
		"$scratch/stdout"
}

spec 'starts all containers of a tag in parallel' '
	given && succeeds pct start @fleet && stderr_is &&
	results_are "9510: ok" "9511: ok" "9512: ok" &&
	has_status 9510 running && has_status 9511 running && has_status 9512 running
'

spec 'starts the others when one cannot be started, and fails' '
	succeeds pct stop 9511 9512 && fails_with 255 pct start 9510-9512 9519 &&
	results_are "9510: CT 9510 already running" "9511: ok" "9512: ok" \
		"9519: Configuration file '\''nodes/$node/lxc/9519.conf'\'' does not exist" &&
	has_status 9512 running
'

spec 'tells about running containers in json' '
	succeeds pct list 951? --status running --output-format json &&
	json_says "[(c[\"vmid\"], c[\"status\"], c[\"tags\"]) for c in v] == [
		(n, \"running\", \"fleet\") for n in (9510, 9511, 9512)]" &&
	succeeds pct status 9510 --verbose --output-format json &&
	json_says "v[\"pid\"] > 1 and v[\"mem\"] >= 0 and v[\"name\"] == \"ct9510\"" &&
	succeeds pct cpusets --output-format json &&
	json_says "all(c[\"cpus\"] for c in v if 9510 <= c[\"vmid\"] <= 9512)" &&
	succeeds pct df 9510 --output-format json &&
	json_says "v[0][\"mp\"] == \"rootfs\" and v[0][\"path\"] == \"/\"" &&
	json_says "v[0][\"size\"] >= v[0][\"used\"] > 0"
'

spec 'tells the space of a stopped container in json, and leaves it unlocked' '
	succeeds pct stop 9512 && succeeds pct df 9512 --output-format json &&
	json_says "v[0][\"volume\"].startswith(\"local:9512/\")" &&
	succeeds pct config 9512 --output-format json && json_says "\"lock\" not in v"
'

spec 'reboots and shuts down several, with the options for each' '
	answers 9510 && answers 9511 &&
	succeeds pct reboot 9510 9511 --timeout 20 && results_are "9510: ok" "9511: ok" &&
	answers 9510 && answers 9511 &&
	kill -STOP "$(init_of 9510)" &&
	fails_with 255 pct shutdown @fleet --timeout 3 --forceStop 1 &&
	results_are "9510: ok" "9511: ok" "9512: CT 9512 not running" &&
	has_status 9510 stopped && has_status 9511 stopped
'

ends_clean
