#!/bin/sh
# Start, stop, shutdown and reboot of real containers, by the host and by the guest.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9300
given_template
given_bridge

given() {
	given_container 9300 --net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24"
}

spec 'creates, starts and stops a container and leaves the host as it was' '
	given && has_status 9300 stopped &&
	pct start 9300 && has_status 9300 running && answers 9300 &&
	pct stop 9300 && has_status 9300 stopped && is_clean
'

spec 'shows a running container in list and its pid in status' '
	pct start 9300 && pct list >"$scratch/list" &&
	grep -Eq "^9300       running                 ct9300  *$" "$scratch/list" &&
	[ -d "/proc/$(init_of 9300)/root" ]
'

spec 'refuses to start a container that runs' '
	fails_with 255 pct start 9300 && stderr_is "CT 9300 already running"
'

spec 'takes no priority, no limits and no choice of CPUs from its caller' '
	pct stop 9300 && (ulimit -Sn 300 && ulimit -St 500 && nice -n 5 taskset -c 0 "$bin/pct" start 9300) && answers 9300 &&
	equals "$(ps -o ni= -p "$(init_of 9300)" | tr -d " ")" 0 &&
	equals "$(taskset -p "$(init_of 9300)" | sed "s/.*: //")" "$(taskset -p 1 | sed "s/.*: //")" &&
	grep -Eq "^Max open files +1024 " "/proc/$(init_of 9300)/limits" &&
	equals "$(grep "^Max cpu time" "/proc/$(init_of 9300)/limits")" "$(grep "^Max cpu time" /proc/1/limits)"
'

spec 'says that there is no room when a start cannot even write its log' '
	pct stop 9300 && is_clean && mount -t tmpfs -o size=64k,mode=755 none "$root/run" &&
	pct start 9300 && pct stop 9300 && rm "$root"/run/pve/ct-9300.* &&
	! head -c 1000000 /dev/zero >"$root/run/full" && fails_with 255 pct start 9300
	umount -l "$root/run" && stdout_is "no space left in '\''$root/run/pve'\''" &&
	stderr_is "startup for container '\''9300'\'' failed" && is_clean && pct start 9300 && answers 9300
'

spec 'shuts the guest down when it obeys' '
	pct shutdown 9300 --timeout 10 && has_status 9300 stopped && is_clean
'

spec 'refuses stop, shutdown and reboot of a stopped container in their own words' '
	fails_with 255 pct stop 9300 && stderr_is "CT 9300 not running" &&
	fails_with 255 pct shutdown 9300 && stderr_is "CT 9300 not running" &&
	fails_with 255 pct reboot 9300 && stderr_is "VM 9300 not running"
'

# An init that is stopped sees no signal but KILL.
spec 'fails when the guest ignores a shutdown, and leaves it running' '
	pct start 9300 && answers 9300 && kill -STOP "$(init_of 9300)" &&
	fails_with 255 pct shutdown 9300 --timeout 1 && stderr_like "container did not stop" &&
	has_status 9300 running
'

spec 'kills a guest that ignores a shutdown with --forceStop 1' '
	started=$(date +%s) &&
	pct shutdown 9300 --timeout 1 --forceStop 1 && has_status 9300 stopped &&
	[ $(($(date +%s) - started)) -le 5 ] && is_clean
'

spec 'returns at once from a shutdown with timeout 0' '
	pct start 9300 && answers 9300 && kill -STOP "$(init_of 9300)" &&
	timeout 5 pct shutdown 9300 --timeout 0 && has_status 9300 running &&
	pct stop 9300
'

spec 'lets stop --overrule-shutdown end a shutdown that waits' '
	pct start 9300 && answers 9300 && kill -STOP "$(init_of 9300)" && {
		pct shutdown 9300 --timeout 60 >/dev/null 2>&1 &
		waiting=$!
	} && sleep 0.5 && timeout 10 pct stop 9300 --overrule-shutdown 1 >"$scratch/stdout" &&
	grep -q "^overruled vzshutdown tasks: " "$scratch/stdout" && has_status 9300 stopped &&
	! wait "$waiting" && is_clean
'

spec 'starts a new init on reboot' '
	pct start 9300 && answers 9300 && before=$(init_of 9300) &&
	pct reboot 9300 --timeout 10 && has_status 9300 running && answers 9300 &&
	[ "$(init_of 9300)" != "$before" ]
'

spec 'follows a guest that reboots itself' '
	before=$(init_of 9300) && pct exec 9300 -- reboot &&
	within 10 has_other_init 9300 "$before" && answers 9300
'

spec 'applies the changed configuration when the guest reboots itself' '
	sed -i "s/^memory: .*/memory: 80/" "$(config_file 9300)" &&
	before=$(init_of 9300) && pct exec 9300 -- reboot &&
	within 10 has_other_init 9300 "$before" && answers 9300 &&
	limit_is 9300 memory memory.limit_in_bytes $((80 << 20)) memory.max $((80 << 20))
'

spec 'is stopped and clean after the guest powers itself off' '
	pct exec 9300 -- poweroff && within 10 has_status 9300 stopped && is_clean
'

spec 'starts right after a poweroff, while the last monitor still cleans up' '
	for cycle in 1 2; do
		pct start 9300 && answers 9300 && pct exec 9300 -- poweroff &&
			within 10 has_status 9300 stopped || exit 1
	done
	pct start 9300 && answers 9300
'

spec 'stops a guest that is still booting' '
	pct stop 9300 && for cycle in 1 2 3; do
		pct start 9300 && pct stop 9300 || exit 1
	done && is_clean
'

spec 'is clean after many cycles of start and stop' '
	cycles=10 && [ -z "${PCT_TEST_ALL:-}" ] || cycles=50
	while [ "$cycles" -gt 0 ]; do
		pct start 9300 && pct stop 9300 || exit 1
		cycles=$((cycles - 1))
	done && is_clean
'

spec 'keeps the container when the session that started it ends' '
	python3 - "$(command -v pct)" <<-"END" &&
		import os, pty, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv("/bin/sh", ["sh", "-c", sys.argv[1] + " start 9300; kill -HUP 0; sleep 30"])
		try:
		    while os.read(fd, 4096):
		        pass
		except OSError:
		    pass
		os.close(fd)
		os.waitpid(pid, 0)
	END
	sleep 0.3 && has_status 9300 running && answers 9300 &&
	monitor=$(monitor_of 9300) &&
	[ "$(ps -o sid= -p "$monitor" | tr -d " ")" != "$(ps -o sid= -p $$ | tr -d " ")" ] &&
	[ "$(ps -o tty= -p "$monitor" | tr -d " ")" = "?" ]
'

spec 'holds no file of the caller open in the monitor, whose directory is /' '
	monitor=$(monitor_of 9300) && [ "$(readlink "/proc/$monitor/cwd")" = / ] &&
	! ls -l "/proc/$monitor/fd" | grep -F "$scratch"
'

spec 'starts again after kill -9 of the monitor' '
	kill -KILL "$(monitor_of 9300)" && within 5 has_status 9300 stopped &&
	pct start 9300 && answers 9300 && pct stop 9300 && is_clean
'

# Names, kinds, sizes and times of everything in the root.
image_of_root() {
	find "$root" -path "*/run/pve/ct-*" -prune -o -printf "%p %y %s %m %U %T@ %C@\n" | LC_ALL=C sort
}

spec 'generates the same configuration that a start writes, and changes nothing' '
	before=$(image_of_root) && pct generate 9300 >"$scratch/generated" &&
	[ "$(image_of_root)" = "$before" ] &&
	pct start 9300 &&
	diff -I "^lxc.cgroup2*.cpuset" "$scratch/generated" "$root/var/lib/lxc/9300/config" &&
	before=$(image_of_root) && pct generate 9300 >/dev/null &&
	[ "$(image_of_root)" = "$before" ] && pct stop 9300
'

spec 'starts by hand with lxc-start on the generated file, hooks included' '
	log=$scratch/by-hand.log && {
		unshare -m sh -c "
			for file in /etc/subuid /etc/subgid; do
				echo root:100000:65536 >$scratch/ids
				[ ! -e \$file ] || mount --bind $scratch/ids \$file
			done
			exec lxc-start -n 9300 -P $root/var/lib/lxc -F -l DEBUG -o $log
		" >"$scratch/by-hand.out" 2>&1 </dev/null &
		lxc=$!
	} && { within 10 has_status 9300 running || { tail -n 30 "$log"; exit 1; }; } && answers 9300 &&
	[ "$(pct exec 9300 -- hostname)" = ct9300 ] &&
	limit_is 9300 memory memory.limit_in_bytes $((80 << 20)) memory.max $((80 << 20)) &&
	grep -q "pct-hook" "$log" && [ -e "/sys/class/net/veth9300i0/master" ] &&
	pct stop 9300 && wait "$lxc"; is_clean
'

spec 'prints the log of the start with --debug 1' '
	pct start 9300 --debug 1 >"$scratch/stdout" && grep -q "DEBUG" "$scratch/stdout" && pct stop 9300
'

spec 'prints nothing about a start that went well' '
	succeeds pct start 9300 && stdout_is && stderr_is && pct stop 9300
'

spec 'refuses every change of a locked container, and unlock frees it' '
	sed -i "1i lock: backup" "$(config_file 9300)" &&
	fails_with 255 pct start 9300 && stderr_is "CT is locked (backup)" &&
	fails_with 255 pct destroy 9300 && stderr_is "CT is locked (backup)" &&
	pct list | grep -Eq "^9300       stopped    backup " &&
	pct unlock 9300 && fails_with 255 pct unlock 9300 &&
	stderr_is "no lock found trying to remove any lock" &&
	pct start 9300 && sed -i "1i lock: backup" "$(config_file 9300)" &&
	fails_with 255 pct stop 9300 && stderr_is "CT is locked (backup)" &&
	fails_with 255 pct shutdown 9300 && stderr_is "CT is locked (backup)" &&
	pct stop 9300 --skiplock 1 && pct unlock 9300
'

spec 'starts a locked container with --skiplock 1, its hook included' '
	sed -i "1i lock: backup" "$(config_file 9300)" && pct start 9300 --skiplock 1 &&
	answers 9300 && pct stop 9300 --skiplock 1 && pct unlock 9300 &&
	[ -z "$(ls -A "$root/run/lxc")" ]
'

allow_snippets() {
	printf 'dir: local\n\tpath %s\n\tcontent images,rootdir,vztmpl,snippets\n' \
		"$root/var/lib/vz" >"$root/etc/pve/storage.cfg"
}

spec 'tells the hookscript each phase of the host, and none of the guest' '
	mkdir -p "$root/var/lib/vz/snippets" &&
	script=$root/var/lib/vz/snippets/phases.sh &&
	printf "#!/bin/sh\necho \"\$@\" >>%s\n" "$top/phases" >"$script" &&
	chmod 755 "$script" && allow_snippets &&
	echo "hookscript: local:snippets/phases.sh" >>"$(config_file 9300)" &&
	pct start 9300 && answers 9300 && before=$(init_of 9300) &&
	pct exec 9300 -- reboot && within 10 has_other_init 9300 "$before" && answers 9300 &&
	pct stop 9300 && is_clean &&
	printf "9300 %s\n" pre-start post-start pre-stop post-stop | diff - "$top/phases"
'

spec 'does not start when the hookscript refuses' '
	printf "#!/bin/sh\n[ \"\$2\" != pre-start ]\n" >"$root/var/lib/vz/snippets/phases.sh" &&
	fails_with 255 pct start 9300 && stderr_like "hookscript error for 9300 on pre-start: " &&
	has_status 9300 stopped && is_clean &&
	sed -i "/^hookscript/d" "$(config_file 9300)"
'

spec 'cleans up after a start that fails, and names the bridge that is missing' '
	sed -i "s/bridge=$bridge/bridge=ptbnone/" "$(config_file 9300)" &&
	fails_with 255 pct start 9300 &&
	grep -q ptbnone "$scratch/stdout" "$scratch/stderr" && is_clean &&
	sed -i "s/bridge=ptbnone/bridge=$bridge/" "$(config_file 9300)" && pct start 9300 &&
	pct stop 9300
'

spec 'cleans up after a start from a damaged image' '
	given_container 9301 --rootfs local:0.1 &&
	dd if=/dev/zero of="$root/var/lib/vz/images/9301/vm-9301-disk-0.raw" bs=1M count=20 \
		conv=notrunc 2>/dev/null &&
	fails_with 255 pct start 9301 && is_clean &&
	pct destroy 9301 && is_gone 9301
'

spec 'cleans up after a start whose volume is missing' '
	given_container 9301 && mv "$(tree 9301)" "$scratch/kept" &&
	fails_with 255 pct start 9301 && [ -s "$scratch/stderr" ] && is_clean &&
	mv "$scratch/kept" "$(tree 9301)" && pct start 9301 && pct stop 9301
'

spec 'cleans up after an init that cannot be run' '
	echo "not a program" >"$(tree 9301)/bin/busybox" &&
	{ pct start 9301 || :; } && within 5 has_status 9301 stopped && is_clean &&
	pct destroy 9301 && is_gone 9301
'

spec 'refuses to destroy a running or protected container' '
	pct start 9300 && fails_with 255 pct destroy 9300 &&
	stderr_is "unable to destroy CT 9300 - container is running" &&
	pct stop 9300 && echo "protection: 1" >>"$(config_file 9300)" &&
	fails_with 255 pct destroy 9300 &&
	stderr_is "can'\''t remove CT 9300 - protection mode enabled" &&
	[ -d "$(tree 9300)" ] && sed -i "/^protection/d" "$(config_file 9300)"
'

spec 'stops and removes a running container with --force 1' '
	pct start 9300 && succeeds pct destroy 9300 --force 1 &&
	stdout_like "forced to stop CT 9300 before destroying!" && is_gone 9300 &&
	fails_with 2 pct status 9300
'

ends_clean
