#!/bin/sh
# Limits: what is in force after a start is what the configuration says, or a warning.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9370
given_template

given() {
	given_container 9370 --memory 96 --swap 32
}

spec 'puts memory, swap, CPU time, weight and cores in force' '
	given_container 9370 --memory 96 --swap 32 --cpulimit 0.5 --cpuunits 200 --cores 1 \
		>/dev/null && succeeds pct start 9370 && stdout_is && stderr_is &&
	limit_is 9370 memory memory.limit_in_bytes $((96 << 20)) memory.max $((96 << 20)) &&
	limit_is 9370 memory memory.memsw.limit_in_bytes $((128 << 20)) memory.swap.max $((32 << 20)) &&
	limit_is 9370 cpu cpu.cfs_quota_us 50000 cpu.max "50000 100000" &&
	limit_is 9370 cpu cpu.shares 200 cpu.weight 200 &&
	echo "$(cgroup_value 9370 cpuset cpuset.cpus)" | grep -qE "^[0-9]+$"
'

spec 'holds every process of the guest in that cgroup' '
	init=$(init_of 9370) && answers 9370 &&
	for process in $(pgrep -P "$init") "$init"; do
		grep -E "^[0-9]+:(memory|cpu|cpuset)?:" "/proc/$process/cgroup" |
			grep -v ":/lxc/9370" && exit 1
	done; true
'

spec 'kills what takes more memory than the guest has' '
	run pct exec 9370 -- sh -c "head -c 300000000 /dev/zero | tail" && [ "$status" -ne 0 ] &&
	has_status 9370 running
'

spec 'shows the limits in status' '
	pct status 9370 --verbose 1 >"$scratch/status" && cat "$scratch/status" &&
	grep -qx "cpus: 1" "$scratch/status" && grep -qx "maxmem: $((96 << 20))" "$scratch/status" &&
	grep -qx "maxswap: $((32 << 20))" "$scratch/status" &&
	mem=$(sed -n "s/^mem: //p" "$scratch/status") && [ "$mem" -gt 100000 ] &&
	[ "$mem" -lt $((96 << 20)) ] && LC_ALL=C sort -c "$scratch/status"
'

spec 'sets no CPU limit without cpulimit and cores' '
	pct stop 9370 && sed -i "/^c[po]/d" "$(config_file 9370)" && pct start 9370 &&
	limit_is 9370 cpu cpu.cfs_quota_us -1 cpu.max "max 100000" && pct stop 9370
'

spec 'forbids swap with --swap 0' '
	sed -i "s/^swap: .*/swap: 0/" "$(config_file 9370)" && pct start 9370 &&
	limit_is 9370 memory memory.memsw.limit_in_bytes $((96 << 20)) memory.swap.max 0 &&
	pct stop 9370
'

spec 'keeps cores within the CPUs of the host' '
	echo "cores: 8000" >>"$(config_file 9370)" && run pct start 9370 &&
	has_status 9370 running && sed -i "/^cores/d" "$(config_file 9370)" && pct stop 9370
'

spec 'warns of a raw limit that this host does not obey' '
	if [ "$layout" = v2 ]; then
		key=lxc.cgroup.memory.soft_limit_in_bytes
	else
		key=lxc.cgroup2.memory.high
	fi
	echo "$key: 50000000" >>"$(config_file 9370)" && succeeds pct start 9370 &&
	stdout_like "^WARN: $key: " && stderr_is "Task finished with 1 warning(s)!" && pct stop 9370 &&
	sed -i "/^lxc/d" "$(config_file 9370)"
'

spec 'lets a raw entry win over the key' '
	[ "$layout" = v1 ] && key=lxc.cgroup.cpu.shares || key=lxc.cgroup2.cpu.weight
	echo "cpuunits: 300" >>"$(config_file 9370)" && echo "$key: 123" >>"$(config_file 9370)" &&
	succeeds pct start 9370 && ! grep -q WARN "$scratch/stdout" && limit_is 9370 cpu cpu.shares 123 cpu.weight 123 &&
	pct stop 9370 && sed -i "/^lxc/d" "$(config_file 9370)"
'

# For this start alone the controller is not there.
spec 'starts where a controller is missing, and warns that its limit is not in force' '
	[ "$layout" = v1 ] || skip_spec "controllers cannot be taken away on this host"
	unshare -m sh -c "umount $cgroups/cpu 2>/dev/null; pct start 9370" >"$scratch/stdout" 2>&1
	cat "$scratch/stdout" && stdout_like "WARN: cpuunits: limit of 300 is not in force" &&
	has_status 9370 running && pct stop 9370
'

ends_clean
