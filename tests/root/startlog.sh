#!/bin/sh
# What a start shows of others' words, and the helpers of start and create that nobody
# sees: scheduling of the key makers, the first move between cgroups.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9370
given_template

given() {
	given_container 9375
}

# COMMAND: in a mount namespace of its own, to lay files over those of the host.
privately() {
	unshare -m --propagation private sh -c "$1" - "$top" "$bin"
}

# No byte that a terminal obeys, but for line ends.
is_harmless() {
	! LC_ALL=C tr -d "\n" <"$scratch/$1" | LC_ALL=C grep -q "[^ -~]" ||
		because "$(cat -A "$scratch/$1")"
}

given_hook() {
	{
		echo "#!/bin/sh"
		printf '%s\n' 'printf "red \033[31m bell \007 csi \233 other \377\r\nsecond\n"'
		echo "$1"
	} >"$top/hook" && chmod 755 "$top/hook" &&
		echo "lxc.hook.pre-start: $top/hook" >>"$(config_file 9375)"
}

spec 'escapes what LXC quotes of a hook in the log of a start with --debug 1' '
	given && given_hook "exit 0" && succeeds pct start 9375 --debug 1 && is_harmless stdout &&
	stdout_like "red .x1b\\[31m bell .x07 csi .x9b other .xff" && pct stop 9375
'

spec 'escapes it in what a start that failed shows' '
	sed -i "/^lxc.hook/d" "$(config_file 9375)" && given_hook "exit 3" &&
	fails_with 255 pct start 9375 --debug 1 && is_harmless stdout && is_harmless stderr &&
	stdout_like "red .x1b\\[31m bell .x07 csi .x9b other .xff" && is_clean
'

# U+009B, which terminals take for ESC [ and which is UTF-8.
spec 'escapes the sentence with which a start is refused, and its warnings' '
	sed -i "/^lxc.hook/d" "$(config_file 9375)" && name=$(printf "a\302\23331m") &&
	ln -s /etc "$(tree 9375)/$name" && mkdir "$top/data" &&
	echo "mp0: $top/data,mp=/$name" >>"$(config_file 9375)" && run pct start 9375 &&
	[ "$status" = 255 ] && is_harmless stdout && is_harmless stderr &&
	stdout_like "^mp0: symlink encountered at: /a.xc2.x9b31m$" && is_clean
	refused=$?
	sed -i "/^mp0/d" "$(config_file 9375)"
	[ "$refused" = 0 ]
'

# POLICY: the programs of the processes that pct gave it, from the trace of a create.
had_policy() {
	sed -n "s/.* sched_setscheduler(\\([0-9]*\\), $1, .*/\\1/p" "$scratch/trace" |
		while read -r process; do
			sed -n "s/^$process *execve(\"\\([^\"]*\\)\".*/\\1/p" "$scratch/trace"
		done
}

# Whether the makers get to run before they are waited for is up to the host.
spec 'makes host keys with what nobody else wants of the CPUs, until only they are missing' '
	command -v ssh-keygen >/dev/null || skip_spec "there is no ssh-keygen"
	command -v strace >/dev/null || skip_spec "there is no strace"
	mkdir "$scratch/guest" && tar -C "$scratch/guest" -xf "$archive" &&
	mkdir -p "$scratch/guest/etc/ssh" &&
	tar -C "$scratch/guest" -czf "${archive%/*}/busybox-ssh_1_amd64.tar.gz" . &&
	strace -f -qq -e trace=execve,sched_setscheduler -o "$scratch/trace" "$bin/pct" create 9376 \
		local:vztmpl/busybox-ssh_1_amd64.tar.gz --rootfs local:0 --memory 64 &&
	maker=$(command -v ssh-keygen) &&
	equals "$(had_policy SCHED_IDLE)" "$(lines "$maker" "$maker" "$maker")" &&
	equals "$(had_policy SCHED_OTHER)" "$(had_policy SCHED_IDLE)" &&
	[ -s "$(tree 9376)/etc/ssh/ssh_host_ed25519_key" ]
'

# The file that takes moves to the group of this process, in the unified hierarchy.
own_procs() {
	group=$(sed -n "s/^0:://p" /proc/self/cgroup)
	for base in "$cgroups/unified" "$cgroups"; do
		[ ! -e "$base$group/cgroup.procs" ] || { echo "$base${group%/}/cgroup.procs" && break; }
	done
}

spec 'prepares the moves between cgroups while it waits for the monitor' '
	procs=$(own_procs) && [ -n "$procs" ] || skip_spec "no unified cgroup hierarchy"
	sed -i "/^lxc.hook/d" "$(config_file 9375)" && : >"$top/moves" &&
	privately "mount --bind \$1/moves $procs && exec \$2/pct start 9375" &&
	equals "$(cat "$top/moves")" 0 && pct stop 9375
'

ends_clean
