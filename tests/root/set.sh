#!/bin/sh
# pct set on containers: limits change live, everything else waits for the next start.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9500
given_template

given() {
	given_running 9500 --memory 96 --swap 32
}

# CTID MEMORY SWAP: both in MiB, in force.
memory_is() {
	limit_is "$1" memory memory.limit_in_bytes $(($2 << 20)) memory.max $(($2 << 20)) &&
		limit_is "$1" memory memory.memsw.limit_in_bytes $((($2 + $3) << 20)) \
			memory.swap.max $(($3 << 20))
}

spec 'raises and lowers memory and swap of a running container, in either order' '
	given >/dev/null &&
	succeeds pct set 9500 --memory 128 --swap 64 && stdout_is && stderr_is &&
	memory_is 9500 128 64 && conf_has 9500 "memory: 128" && conf_has 9500 "swap: 64" &&
	succeeds pct set 9500 --memory 64 && memory_is 9500 64 64 &&
	succeeds pct set 9500 --swap 0 && memory_is 9500 64 0 &&
	succeeds pct set 9500 --memory 200 --swap 8 && memory_is 9500 200 8 &&
	succeeds pct set 9500 --delete swap && memory_is 9500 200 0 &&
	conf_lacks 9500 "^swap" && conf_lacks 9500 pending
'

spec 'refuses memory that the guest already uses more of, and writes nothing' '
	[ "$layout" = v1 ] || skip_spec "v2 reclaims instead"
	pct exec 9500 -- sh -c "mkdir -p /dev/shm; mount -t tmpfs t /dev/shm; head -c 60000000 /dev/zero >/dev/shm/x" &&
	cp "$(config_file 9500)" "$scratch/before" &&
	fails_with 255 pct set 9500 --memory 16 &&
	stderr_starts "400 Parameter verification failed." &&
	stderr_like "^memory: unable to hotplug memory: .*Device or resource busy" &&
	cmp "$scratch/before" "$(config_file 9500)" && memory_is 9500 200 0 &&
	pct exec 9500 -- umount /dev/shm
'

spec 'changes CPU time and weight live, and takes them back' '
	succeeds pct set 9500 --cpulimit 0.5 --cpuunits 300 && stderr_is &&
	limit_is 9500 cpu cpu.cfs_quota_us 50000 cpu.max "50000 100000" &&
	limit_is 9500 cpu cpu.shares 300 cpu.weight 300 &&
	succeeds pct set 9500 --cpulimit 0 &&
	limit_is 9500 cpu cpu.cfs_quota_us -1 cpu.max "max 100000" &&
	succeeds pct set 9500 --delete cpulimit,cpuunits &&
	limit_is 9500 cpu cpu.shares 1024 cpu.weight 100 && conf_lacks 9500 "^cpu"
'

spec 'puts another number of cores into force at once' '
	all=$(cgroup_value 9500 cpuset cpuset.cpus) &&
	succeeds pct set 9500 --cores 1 && stderr_is && conf_has 9500 "cores: 1" &&
	echo "$(cgroup_value 9500 cpuset cpuset.cpus)" | grep -qE "^[0-9]+$" &&
	equals "$(pct exec 9500 -- grep Cpus_allowed_list /proc/self/status | tr -d "[:alpha:]_:[:blank:]")" \
		"$(cgroup_value 9500 cpuset cpuset.cpus)" &&
	succeeds pct cpusets && stdout_like "^9500: " &&
	succeeds pct set 9500 --delete cores && conf_lacks 9500 "^cores"
'

spec 'takes what needs no restart at once, and keeps the rest pending' '
	succeeds pct set 9500 --onboot 1 --hostname other --description "a note" --tags b,a \
		--tty 3 --nameserver 192.0.2.53 && stderr_is && stdout_is &&
	conf_has 9500 "onboot: 1" && conf_has 9500 "hostname: other" && conf_has 9500 "#a note" &&
	conf_has 9500 "tags: a;b" &&
	succeeds pct pending 9500 && stdout_has "new tty: 3" &&
	stdout_has "new nameserver: 192.0.2.53" && stdout_has "cur onboot: 1" &&
	succeeds pct config 9500 --current 1 && ! grep -q "^tty" "$scratch/stdout" &&
	succeeds pct set 9500 --revert nameserver && succeeds pct set 9500 --delete cmode &&
	stderr_is "cannot delete '\''cmode'\'' - not set in current configuration!" &&
	conf_lacks 9500 nameserver
'

spec 'writes the LXC configuration again after each change' '
	grep -qx "lxc.uts.name = other" "$root/var/lib/lxc/9500/config"
'

spec 'shows the space of a running container, its own links resolved inside' '
	succeeds pct df 9500 && stdout_like "^MP     Volume " && stdout_like "^rootfs local:9500/.* /$"
'

spec 'applies what is pending when it is stopped, and makes the volume then' '
	sed -i "s/^.pve:pending.$/&\nmp0: local:0,mp=\/data/" "$(config_file 9500)" &&
	succeeds pct stop 9500 && stderr_is && conf_lacks 9500 pending && conf_has 9500 "tty: 3" &&
	conf_has 9500 "mp0: local:9500/subvol-9500-disk-1.subvol,mp=/data,size=0T" &&
	[ -d "$(tree 9500 1)" ] && grep -qx "lxc.tty.max = 3" "$root/var/lib/lxc/9500/config"
'

spec 'applies what is pending at a start, and tells what it cannot' '
	printf "\n[pve:pending]\nmp3: local:9500/vm-9500-disk-7.raw,mp=/x\ntty: 1\n" >>"$(config_file 9500)" &&
	succeeds pct start 9500 && answers 9500 &&
	stdout_has "WARN: unable to apply pending change mp3 : volume '\''local:9500/vm-9500-disk-7.raw'\'' does not exist" &&
	stderr_is "Task finished with 1 warning(s)!" && conf_has 9500 "tty: 1" &&
	pct exec 9500 -- test -d /data && pct pending 9500 | grep -q "^new mp3" &&
	succeeds pct set 9500 --revert mp3 && conf_lacks 9500 pending
'

spec 'applies what is pending when the guest halts by itself' '
	succeeds pct set 9500 --tty 4 && conf_has 9500 "[pve:pending]" &&
	pct exec 9500 -- poweroff && within 20 has_status 9500 stopped &&
	within 5 conf_has 9500 "tty: 4" && conf_lacks 9500 pending
'

spec 'leaves what is pending alone when the guest halts while somebody holds the lock' '
	pct start 9500 && answers 9500 && succeeds pct set 9500 --tty 5 &&
	exec 8>>"$root/run/lock/lxc/pve-config-9500.lock" && flock 8 &&
	pct exec 9500 -- poweroff && within 20 has_status 9500 stopped && within 10 nothing_runs &&
	conf_has 9500 "[pve:pending]" && flock -u 8 && exec 8>&- &&
	pct start 9500 && conf_has 9500 "tty: 5" && conf_lacks 9500 pending && pct stop 9500
'

spec 'detaches a volume as unused, and frees it when that is deleted' '
	succeeds pct set 9500 --delete mp0 && conf_lacks 9500 "^mp0" &&
	conf_has 9500 "unused0: local:9500/subvol-9500-disk-1.subvol" && [ -d "$(tree 9500 1)" ] &&
	succeeds pct set 9500 --delete unused0 && conf_lacks 9500 unused && [ ! -e "$(tree 9500 1)" ]
'

spec 'frees an unused volume of a running container' '
	pct set 9500 --mp0 local:0,mp=/data && pct set 9500 --delete mp0 && pct start 9500 &&
	succeeds pct set 9500 --delete unused0 && conf_lacks 9500 unused && [ ! -e "$(tree 9500 1)" ] &&
	pct stop 9500
'

spec 'makes an image for a mount point, and df shows it without a trace' '
	succeeds pct set 9500 --mp1 local:1,mp=/big --mp2 "/dev/null,mp=/no" && stderr_is &&
	pct set 9500 --delete mp2 && stdout_like "^Creating filesystem with" &&
	conf_has 9500 "mp1: local:9500/vm-9500-disk-1.raw,mp=/big,size=1G" &&
	succeeds pct df 9500 && stderr_is && stdout_like "^rootfs local:9500/.* /$" &&
	stdout_like "^mp1    local:9500/vm-9500-disk-1.raw *[0-9.]*[MG] .* /big$" &&
	conf_lacks 9500 "^lock" && ! grep -F " $root/" /proc/self/mountinfo
'

spec 'leaves neither volume nor entry behind when a later change fails' '
	cp "$(config_file 9500)" "$scratch/before" &&
	fails_with 255 pct set 9500 --mp4 local:0,mp=/a --mp5 local:9500/vm-9500-disk-9.raw,mp=/b &&
	stderr_starts "400 Parameter verification failed." &&
	cmp "$scratch/before" "$(config_file 9500)" && [ ! -e "$(tree 9500 2)" ]
'

# The second directory that it makes below images is the volume: there it is killed.
spec 'has a volume written down before it makes it' '
	strace -o /dev/null -e inject=mkdirat:signal=KILL:when=2 "$bin/pct" set 9500 --mp4 local:0,mp=/a
	[ ! -e "$(tree 9500 2)" ] && conf_lacks 9500 "^mp4" &&
	conf_has 9500 "unused0: local:9500/subvol-9500-disk-2.subvol" &&
	succeeds pct set 9500 --mp4 local:0,mp=/a && succeeds pct set 9500 --delete mp4 &&
	succeeds pct set 9500 --delete unused0 && conf_lacks 9500 unused && [ ! -e "$(tree 9500 2)" ]
'

spec 'refuses a live limit that no number of bytes can hold' '
	pct start 9500 && fails_with 255 pct set 9500 --memory 9223372036854775807 &&
	stderr_like "^memory: unable to hotplug memory: a limit of 9223372036854775807 MiB is too large" &&
	pct stop 9500
'

spec 'reports nothing of the host through a link that the guest put in place of a mount' '
	mkdir -p "$top/shared" && given_running 9501 --unprivileged 0 --mp0 "$top/shared,mp=/data" &&
	succeeds pct df 9501 && stdout_like "^mp0 .* /data$" &&
	pct exec 9501 -- sh -c "umount /data && rmdir /data && ln -s $top/shared /data" &&
	succeeds pct df 9501 && ! grep -q "^mp0" "$scratch/stdout" &&
	stderr_like "^mp0: no space is known: " && pct stop 9501 && pct destroy 9501
'

spec 'says what keeps a new container from its options before it makes anything' '
	fails_with 255 pct create 9502 "$template" --dev0 /dev/nosuch &&
	stderr_is "Device /dev/nosuch does not exist" && [ ! -e "$(config_file 9502)" ]
'

ends_clean
