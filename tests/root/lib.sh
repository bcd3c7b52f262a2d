# Specs on real containers; a spec file sources this, says `begin` with the first of its
# ten CTIDs, then "spec" as often as it likes, and `ends_clean` last, which looks for
# everything that pct may have left on the host. All of a file's specs share one PCT_ROOT;
# $top is for files of the spec file, $scratch for those of one spec. CTIDs are 93xx.
#
# PCT_TEST_ALL=1 tries every point instead of a sample, PCT_TEST_TRACE=1 shows each step
# of a spec that fails.
# shellcheck shell=sh disable=SC2016,SC2034

PCT_BIN=$PCT_BUILD/sbin
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

cgroups=/sys/fs/cgroup

# The whole file cannot run here.
skip_file() {
	trap '[ -z "${top:-}" ] || clean_up' EXIT
	echo "$*"
	exit 77
}

begin() {
	first=$1
	[ "$(id -u)" = 0 ] || skip_file "real containers need root"
	[ -x "$bin/pct" ] || skip_file "there is no $bin/pct"
	PATH=$bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	parents_before=$(cgroup_parents)
	host_before=$(host_files)
	bridge=ptb$$
	subnet=10.193.$(($$ % 250))
	top=$(mktemp -d /tmp/pct-t.XXXXXX) || exit 2
	trap 'clean_up; finish' EXIT
	trap 'exit 1' HUP INT TERM
	# Root of a container has to find its way to its root file system.
	chmod 755 "$top"
	root=$top/r
	mkdir "$root"
	PCT_ROOT=$root
	export PCT_ROOT
}

# it() with the root of the file, and with the output told only when it fails. After a
# failure the next spec finds what the function "given" of the file makes.
spec() {
	failed_before=$failures
	in_root "$@"
	[ "$failures" = "$failed_before" ] || recover
}

in_root() {
	it "$1" '
		PCT_ROOT=$root
		exec 9>&1
		(
			[ -z "${PCT_TEST_TRACE:-}" ] || set -x
			'"$2"'
		) >"$scratch/log" 2>&1 || because "$(tail -n 40 "$scratch/log" | cut -c 1-400)"
	'
}

# The file without this function has nothing that its specs share.
given() {
	:
}

recover() {
	kill_all
	{ destroy_all && given; } >/dev/null 2>&1
}

# A line for the reader of the test's output, whether the spec fails or not.
tell() {
	echo "# $*" >&9
}

# Part of the output, as a pattern of grep.
stdout_like() { has_pattern stdout "$1"; }
stderr_like() { has_pattern stderr "$1"; }
has_pattern() {
	grep -q -e "$2" "$scratch/$1" ||
		because "no '$2' in $1:" "$(head -c 2000 "$scratch/$1")"
}

equals() {
	[ "$1" = "$2" ] || because "'$1' is not '$2'"
}

# SECONDS COMMAND...: until the command succeeds, or fail.
within() {
	tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || because "in vain: $*" || return 1
		sleep 0.05
	done
}

# ---- containers ----

# The archive of a small guest, built once for each file, or once for all where there is a
# root that has one.
given_template() {
	cache=var/lib/vz/template/cache
	{ [ -n "${PCT_TEST_TEMPLATES:-}" ] && mkdir -p "$root/$cache" &&
		cp "$PCT_TEST_TEMPLATES/$cache"/busybox-*.tar.zst "$root/$cache"; } ||
		pveam build busybox >"$top/build.log" 2>&1 || {
		sed 's/^/# /' "$top/build.log"
		exit 1
	}
	archive=$(ls "$root/$cache"/busybox-*.tar.zst)
	template=local:vztmpl/${archive##*/}
}

# RECIPE: the path of a real distribution's template, built once and kept in the directory
# PCT_TEST_CACHE. Where it cannot be built $top/release.why tells why.
given_release() {
	cache=${PCT_TEST_CACHE:-$PCT_BUILD/cache}
	if [ -z "$(built "$1")" ]; then
		pveam build "$1" >"$top/build.log" 2>&1 || {
			echo "the template $1 cannot be built: $(tail -n 1 "$top/build.log")" >"$top/release.why"
			return 1
		}
		mkdir -p "$cache" && for made in "$root/var/lib/vz/template/cache/$1"-*.tar.zst; do
			cp "$made" "$cache/.new.$$" && mv "$cache/.new.$$" "$cache/${made##*/}"
		done
	fi
	built "$1"
}

built() {
	find "$cache" -maxdepth 1 -name "$1-standard_*.tar.zst" 2>/dev/null | sort | tail -n 1
}

make_pool() {
	mkdir "$top/pool" && truncate -s 2G "$top/pool.img" && mkfs.btrfs -q "$top/pool.img" &&
		mount -o loop "$top/pool.img" "$top/pool"
}

# A btrfs of its own with two storages: "pool" of type btrfs, and "files", a directory whose
# images share blocks. Snapshots and linked clones need it.
given_pool() {
	command -v mkfs.btrfs >/dev/null || skip_file "btrfs-progs is not installed"
	make_pool >"$top/pool.log" 2>&1 ||
		skip_file "a btrfs cannot be mounted here: $(tail -n 1 "$top/pool.log")"
	mkdir -p "$top/pool/files" "$root/etc/pve"
	{
		printf 'dir: local\n\tpath %s\n\tcontent rootdir,vztmpl\n\n' "$root/var/lib/vz"
		printf 'btrfs: pool\n\tpath %s\n\tcontent rootdir\n\n' "$top/pool"
		printf 'dir: files\n\tpath %s\n\tcontent rootdir\n\treflink 1\n' "$top/pool/files"
	} >"$root/etc/pve/storage.cfg"
}

given_bridge() {
	ip link add "$bridge" type bridge && ip addr add "$subnet.1/24" dev "$bridge" &&
		ip link set "$bridge" up
}

# CTID [OPTION...]: a stopped busybox guest in a plain directory.
given_container() {
	new_ctid=$1
	shift
	pct create "$new_ctid" "$template" --rootfs local:0 --hostname "ct$new_ctid" --memory 64 "$@"
}

given_running() {
	given_container "$@" && pct start "$1" && answers "$1"
}

# Until the start-up scripts of the guest have run.
answers() {
	within 10 guest_is_up "$1"
}

guest_is_up() {
	pct exec "$1" -- test -e /run/utmp 2>/dev/null
}

has_status() {
	[ "$(pct status "$1")" = "status: $2" ]
}

config_file() {
	echo "$root/etc/pve/lxc/$1.conf"
}

# CTID LINE: the file has it; CTID PATTERN: no line of the file is like it.
conf_has() {
	grep -qxF -e "$2" "$(config_file "$1")" ||
		because "no line '$2' in:" "$(cat "$(config_file "$1")")"
}

conf_lacks() {
	! grep -q -e "$2" "$(config_file "$1")" || because "$(cat "$(config_file "$1")")"
}

# CTID: the staged originals of a running container.
staged() {
	ls -A "/proc/$(monitor_of "$1")/root$root/var/lib/lxc/.pve-staged-mounts"
}

# Owner, mode, times, links and attributes of all files, and their bytes.
listing() {
	(cd "$1" && find . \( -type d -printf "%p %y %U:%G %m %T@\n" -o \
		-printf "%p %y %U:%G %m %s %n %T@ %l\n" \) | sort &&
		find . -print0 | sort -z | xargs -0 getfattr -dhm - -- 2>/dev/null &&
		find . -type f -exec sha1sum {} + | sort)
}

# CTID [N]: a directory volume.
tree() {
	echo "$root/var/lib/vz/images/$1/subvol-$1-disk-${2:-0}.subvol"
}

# The container's init, and the process that waits for it, on the host.
init_of() {
	pct status "$1" --verbose 1 | sed -n 's/^pid: //p'
}

monitor_of() {
	sed -n 's/^PPid:[[:blank:]]*//p' "/proc/$(init_of "$1")/status"
}

has_other_init() {
	now=$(init_of "$1" 2>/dev/null)
	[ -n "$now" ] && [ "$now" != "$2" ]
}

# CTID CONTROLLER FILE: a value of the container's cgroup.
cgroup_value() {
	group=$(sed -n 's/^lxc.cgroup.dir.container = //p' "$root/var/lib/lxc/$1/config")
	if [ -d "$cgroups/$2" ]; then
		cat "$cgroups/$2/$group/$3"
	else
		cat "$cgroups/$group/$3"
	fi
}

# The hierarchy that the container is in: one for all, or one for each controller.
if [ -e "$cgroups/cgroup.controllers" ]; then
	layout=v2
else
	layout=v1
fi

# CTID CONTROLLER V1-FILE V1-VALUE V2-FILE V2-VALUE: the limit is in force.
limit_is() {
	if [ "$layout" = v2 ]; then
		equals "$(cgroup_value "$1" "$2" "$5")" "$6"
	else
		equals "$(cgroup_value "$1" "$2" "$3")" "$4"
	fi
}

# LINE...: what on_terminal types, line by line, with escapes like "\n".
typed() {
	lines "$@" >"$scratch/typed"
}

on_terminal() {
	python3 "$(dirname "$0")/terminal.py" "$scratch/typed" "$@"
}

# ---- killing a command at the calls that change something ----

needs_tracing() {
	command -v strace >/dev/null || skip_file "strace is not installed"
	strace -o /dev/null true 2>/dev/null || skip_file "this host does not allow tracing"
}

calls=mount,umount2,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat
calls=$calls,symlinkat,ftruncate,fallocate,fsync,flock,fchown,fchownat,move_mount,open_tree
calls=$calls,mount_setattr,unshare,setns,clone,clone3,vfork,execve,ioctl,sendto,sendmsg,kill
calls=$calls,pidfd_send_signal,exit_group

# The tracer is a process of its own: a monitor that is traced lives on behind it.
traced() {
	strace -D -f -qq -o "$@"
}

# The most calls that one process of the command makes.
count_points() {
	traced "$scratch/calls" -e trace="$calls" "$@" >"$scratch/out" 2>&1 || return 1
	sleep 0.2
	cut -d " " -f 1 "$scratch/calls" | sort | uniq -c | sort -n | sed -n '$s/^ *\([0-9]*\) .*/\1/p'
}

# N COMMAND...: every process of it dies at its N-th call. Succeeds if none came so far.
killed_at() {
	n=$1
	shift
	traced /dev/null -e trace="$calls" -e inject="$calls:signal=SIGKILL:when=$n" "$@" \
		>"$scratch/out" 2>&1
}

# Numbers from 1 to the argument: all, or the first ones and then with growing gaps, as a
# process that makes many calls makes them one like the other.
points() {
	point=1
	while [ "$point" -le "$1" ]; do
		echo "$point"
		[ -n "${PCT_TEST_ALL:-}" ] && point=$((point + 1)) || point=$((point + 1 + point / 5))
	done
}

# ---- what may be left on the host ----

cgroup_parents() {
	find "$cgroups" -maxdepth 2 -type d \( -name lxc -o -name lxc.monitor -o -name lxc.pivot \)
}

host_files() {
	for place in /etc/pve /var/lib/lxc /var/lib/vz /run/pve /run/lock/lxc /var/lock/pve-manager \
		/var/log/pve; do
		[ ! -e "$place" ] || find "$place"
	done
}

# Under a PCT_ROOT the names of cgroups end with its hash.
cgroup_suffix() {
	cat "$root"/var/lib/lxc/*/config 2>/dev/null |
		sed -n '/^lxc.cgroup.dir.container/{ s/.*\.//p; q; }'
}

# Every mount, device, cgroup, interface, socket and process of this root. It searches
# without PCT_ROOT in its environment, so that it does not find itself.
leftovers() {
	suffix=${suffix:-$(cgroup_suffix)}
	(
		unset PCT_ROOT
		grep -F " $root/" /proc/self/mountinfo
		losetup -n -l -O NAME,BACK-FILE | grep -F "$root/"
		for nic in /sys/class/net/veth"${first%?}"*; do
			[ ! -e "$nic" ] || echo "$nic"
		done
		grep -F "@$root/" /proc/net/unix
		grep -lsz "^PCT_ROOT=$root\$" /proc/[0-9]*/environ | while read -r process; do
			echo "$process $(tr '\0' ' ' <"${process%/environ}/cmdline")"
		done
		[ -n "$suffix" ] || exit
		find "$cgroups" -mindepth 3 -type d -name "*.$suffix"
		grep -ls "lxc/[0-9]*\.$suffix" /proc/[0-9]*/cgroup
	) 2>/dev/null
}

nothing_runs() {
	[ -z "$(leftovers)" ]
}

# Fails, with the list, if anything is left 3 s later.
is_clean() {
	tries=60
	until nothing_runs; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || because "left behind:" "$(leftovers | head -n 15)" || return 1
		sleep 0.05
	done
}

# CTID: nothing of the container is on the disk either.
is_gone() {
	is_clean || return 1
	found=$(find "$root" -path "$root/var/log" -prune -o \
		\( -name "*$1*" ! -name "pve-config-$1.lock" ! -name "pve-migrate-$1" \) -print)
	[ -z "$found" ] || because "left on the disk:" "$found"
}

destroy_all() {
	for conf in "$root"/etc/pve/lxc/*.conf; do
		[ -e "$conf" ] || continue
		doomed=${conf##*/}
		pct unlock "${doomed%.conf}" 2>/dev/null
		sed -i "/^protection/d" "$conf"
		pct destroy "${doomed%.conf}" --force 1
	done
	:
}

# Without the help of pct.
kill_all() {
	suffix=${suffix:-$(cgroup_suffix)}
	[ -n "$suffix" ] || return 0
	find "$cgroups" -path "*.$suffix*" -name cgroup.procs -exec cat {} + 2>/dev/null |
		sort -u | xargs -r kill -KILL 2>/dev/null
	sleep 0.2
	find "$cgroups" -depth -mindepth 3 -type d -path "*.$suffix*" -exec rmdir {} + 2>/dev/null
}

ends_clean() {
	spec 'leaves nothing behind' '
		destroy_all && is_clean && equals "$(host_files)" "$host_before" &&
		equals "$(ls -A "$root/etc/pve/lxc")" "" &&
		equals "$(ls -A "$root/var/lib/vz/images")" ""
	'
	exit 0
}

# What a file that died half-way may have left.
clean_up() {
	ended=$?
	kill_all
	ip link del "$bridge" 2>/dev/null
	sed -n "s:.* \($root/[^ ]*\) .*:\1:p" /proc/self/mountinfo | sort -r | xargs -r umount
	! mountpoint -q "$top/pool" || umount "$top/pool"
	rm -rf --one-file-system "$top" /run/lxc/lock"$top"
	for group in $(cgroup_parents); do
		case " $(echo "$parents_before" | tr '\n' ' ') " in
		*" $group "*) ;;
		*) rmdir "$group" 2>/dev/null ;;
		esac
	done
	return "$ended"
}
