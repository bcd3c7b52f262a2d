#!/bin/sh
# pct status, config and unlock (pct-cli.md 5).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

missing="Configuration file 'nodes/$node/lxc/101.conf' does not exist"

given_www() {
	given_config 100 "arch: amd64" "hostname: www" "memory: 512" \
		"net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth" \
		"ostype: debian" "rootfs: local:100/vm-100-disk-0.raw,size=4G" "swap: 512" \
		"unprivileged: 1" "$@"
}

it 'tells that a container is stopped' '
	given_www && succeeds pct status 100 && stdout_is "status: stopped" && stderr_is
'

it 'ends with 2 when there is no such container' '
	fails_with 2 pct status 101 && stdout_is && stderr_is "$missing" &&
	fails_with 2 pct config 101 && stderr_is "$missing" &&
	fails_with 2 pct unlock 101 && stderr_is "$missing" &&
	fails_with 2 pct exec 101 true && stderr_is "$missing"
'

it 'prints the properties of a stopped container' '
	given_www && succeeds pct status 100 --verbose &&
	stdout_is "cpus: $(nproc)" "disk: 0" "diskread: 0" "diskwrite: 0" \
		"maxdisk: 4294967296" "maxmem: 536870912" "maxswap: 536870912" "mem: 0" \
		"name: www" "netin: 0" "netout: 0" "status: stopped" "swap: 0" "type: lxc" \
		"uptime: 0" "vmid: 100"
'

it 'prints a configuration sorted, raw entries last' '
	given_config 100 "hostname: h" "" "debug: 1" "swap: 0" "timezone: host" \
		"lxc.mount.entry: /a b none bind 0 0" "# c2%20x" "nameserver: 8.8.8.8" \
		"tags: b;a" "rootfs: local:100/vm-100-disk-0.raw,size=4G" "ostype: debian" \
		"arch: amd64" &&
	succeeds pct config 100 && stderr_is &&
	stdout_is "arch: amd64" "debug: 1" "description:  c2 x%0A" "hostname: h" \
		"nameserver: 8.8.8.8" "ostype: debian" \
		"rootfs: local:100/vm-100-disk-0.raw,size=4G" "swap: 0" "tags: b;a" \
		"timezone: host" "lxc.mount.entry: /a b none bind 0 0"
'

it 'prints pending changes as applied, with --current what is in effect' '
	given_config 100 "hostname: www" "memory: 512" "" "[pve:pending]" "delete: hostname" \
		"memory: 900" &&
	succeeds pct config 100 && stdout_is "memory: 900" &&
	succeeds pct config 100 --current && stdout_is "hostname: www" "memory: 512"
'

it 'prints the section of a snapshot' '
	given_config 100 "memory: 512" "" "[s1]" "#snap desc" "memory: 100" \
		"snaptime: 1700000000" &&
	succeeds pct config 100 --snapshot s1 &&
	stdout_is "description: snap desc%0A" "memory: 100" "snaptime: 1700000000" &&
	fails_with 255 pct config 100 --snapshot zz &&
	stderr_is "snapshot '\''zz'\'' does not exist"
'

it 'refuses a snapshot together with current values, and a name that is none' '
	given_www &&
	fails_with 255 pct config 100 --snapshot s1 --current &&
	stderr_is "400 Parameter verification failed." \
		"snapshot: cannot use '\''snapshot'\'' parameter with '\''current'\''" \
		"pct config <vmid> [OPTIONS]" &&
	fails_with 255 pct config 100 --snapshot 9x &&
	stderr_has "snapshot: invalid format - invalid configuration ID '\''9x'\''"
'

it 'removes a lock whatever it is, in silence' '
	given_config 100 "hostname: www" "lock: backup" &&
	succeeds pct unlock 100 && stdout_is && stderr_is &&
	config_is 100 "hostname: www"
'

it 'refuses to unlock a container without lock' '
	given_www && fails_with 255 pct unlock 100 &&
	stderr_is "no lock found trying to remove any lock"
'

it 'leaves the file of a refused unlock as it was' '
	given_config 100 "swap: 0" "hostname: www" && fails_with 255 pct unlock 100 &&
	config_is 100 "swap: 0" "hostname: www"
'
