# bootstrap.sh, for scripts that build a container template of one release of a
# distribution with mmdebstrap: make_template does it all, in the working directory; the
# finished archive is out/DISTRIBUTION-RELEASE-standard_VERSION-1_ARCH.tar.zst. The caller
# sets distribution and packages, and hooks to a directory of mmdebstrap's if it needs one;
# it has the functions
#   choose_sources SUITE    fill sources.list; or leave it empty, with the keys of the
#                           archive that mmdebstrap knows for the suite in keys/
#   adapt                   change what is this distribution's own in the tree root/
#   version_in TREE         print the release's version as the tree has it
# shellcheck shell=sh disable=SC2154 # what the caller sets

set -eu
umask 022

fail() {
	echo "$distribution: $1" >&2
	exit 1
}

# shellcheck source=templates/lib/sources.sh
. "$(dirname "$0")/sources.sh"

need() {
	command -v "$1" >/dev/null || fail "'$1' is missing; install the package $2"
}

# Run the rest of this script with process ids and mounts of its own. Whichever
# of the processes is killed, and how: all the others and all mounts go with it.
confine() {
	setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc \
		/bin/sh "$0" --confined "$@" &
	child=$!
	trap 'kill -KILL "$child"; exit 143' HUP INT TERM
	wait "$child"
}

# Steps go to standard output, what is wrong to standard error.
report() {
	while read -r line; do
		case $line in
		"I: running --"* | "I: chroot arch"* | "I: finding "* | "I: skipping "* | \
		"W: Download is performed unsandboxed"*) ;;
		"I: "*) echo "${line#I: }" ;;
		*E:* | *W:* | *rror*) echo "$line" >&2 ;;
		esac
	done
}

bootstrap() {
	machine_settings >machine.conf
	include=$(echo "$packages" "$@" | tr -s '[:space:]' ,)
	# Without a list of ours mmdebstrap takes the archive that it knows for the suite.
	if [ -s sources.list ]; then
		set -- "$PWD/sources.list"
	else
		set -- --components=main,universe "--keyring=$PWD/keys"
	fi
	{
		TMPDIR=$PWD mmdebstrap --mode=root --format=directory --variant=minbase \
			--include="${include%,}" \
			--dpkgopt=force-unsafe-io --skip=check/signed-by \
			${hooks:+"--hook-dir=$hooks"} \
			--aptopt="$PWD/machine.conf" \
			"$suite" "$PWD/root" "$@" 2>&1 && : >built
	} | report
	[ -e built ] || fail "mmdebstrap could not build '$suite'"
}

# Take out what belongs to this machine or must differ from guest to guest.
clean() {
	rm -f root/etc/apt/apt.conf.d/99mmdebstrap root/etc/dpkg/dpkg.cfg.d/99mmdebstrap \
		root/etc/ssh/ssh_host_* \
		root/etc/hostname root/etc/resolv.conf root/var/lib/dbus/machine-id \
		root/var/lib/systemd/random-seed
	rm -rf root/var/lib/apt/lists root/var/cache/apt root/tmp root/var/tmp
	mkdir -p root/var/lib/apt/lists/partial root/var/cache/apt/archives/partial
	mkdir -m 1777 root/tmp root/var/tmp
	find root/var/log -type f -exec rm -f {} +
	find root/run root/dev -mindepth 1 -delete
	: >root/etc/machine-id
	printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >root/etc/hosts
	chroot root usermod --password '*' root

	# What is the kernel's own is refused in a container, and would only be failed units.
	for unit in sys-kernel-config.mount sys-kernel-debug.mount systemd-modules-load.service; do
		ln -sf /dev/null "root/etc/systemd/system/$unit"
	done

	# From Debian 13 on, ping has no file capability and relies on this range of
	# groups; Debian's own value is refused where only 65536 ids are mapped.
	echo '-net.ipv4.ping_group_range = 0 65535' >root/etc/sysctl.d/90-ping.conf

	# The guest needs the key that its sources name.
	sed -n 's/.*signed-by=\([^]]*\)].*/\1/p' sources.list | sort -u | while read -r keyring; do
		[ -e "root$keyring" ] || install -D -m 0644 "$keyring" "root$keyring"
	done
	adapt
}

# VERSION: of the release, as far as the archive's name tells it.
pack() {
	archive="$distribution-$release-standard_$1-1_$(dpkg --print-architecture).tar.zst"
	echo "packing $archive"
	mkdir -p out
	# tar writes the names of this machine into ACLs, unless it finds none. The mounts
	# are seen by this process only.
	mount --bind /dev/null /etc/passwd
	mount --bind /dev/null /etc/group
	tar -C root --sort=name --format=posix --numeric-owner --one-file-system --sparse --acls \
		--xattrs --xattrs-include='user.*' --xattrs-include=security.capability \
		--pax-option=delete=atime,delete=ctime \
		--anchored --exclude='./dev/*' -I 'zstd -q -T0 -12' -cf "out/$archive" ./
	rm -rf root
}

# RELEASE SUITE [PACKAGE...]: what the scripts are called with.
make_template() {
	if [ "$1" != --confined ]; then
		need mmdebstrap mmdebstrap
		need zstd zstd
		need setpriv util-linux
		need unshare util-linux
		confine "$@"
		return
	fi
	release=$2
	suite=$3
	shift 3
	choose_sources "$suite"
	bootstrap "$@"
	clean
	pack "$(version_in root)"
}
