#!/bin/sh
#
# ubuntu.sh VERSION SUITE [PACKAGE...]: build a container template of one Ubuntu release,
# from the archives that this machine's apt uses or else from Ubuntu's own, plus the named
# packages. Writes below the working directory only; see bootstrap.sh.
distribution=ubuntu
packages="systemd-sysv libpam-systemd dbus iproute2 iputils-ping netbase procps tzdata
	openssh-server ca-certificates less vim-tiny ubuntu-keyring"
archive_keys=/usr/share/keyrings/ubuntu-archive-keyring.gpg

# shellcheck source=templates/lib/bootstrap.sh
. "$(dirname "$0")/bootstrap.sh"

# Ubuntu's keys come in a package that Debian has from release 13 on, and that any machine
# may take from there: what Debian signs vouches for them.
fetch_keyring() {
	find_sources trixie main
	mkdir -p apt/lists/partial apt/archives/partial
	machine_settings >machine.conf
	cat >apt.conf <<-END
		Dir::Etc::SourceList "$PWD/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$PWD/apt/lists";
		Dir::Cache "$PWD/apt";
	END
	cat machine.conf >>apt.conf
	if ! APT_CONFIG=$PWD/apt.conf apt-get -qq update >keyring.log 2>&1 ||
		! APT_CONFIG=$PWD/apt.conf apt-get -qq download ubuntu-keyring >>keyring.log 2>&1 ||
		! dpkg-deb -x ubuntu-keyring_*.deb package; then
		fail "the package ubuntu-keyring cannot be had: $(sed -n 's/^E: //p' keyring.log | head -n 1)"
	fi
	echo "using the keys of Debian's package ubuntu-keyring"
	archive_keys=$PWD/package$archive_keys
	: >sources.list
}

choose_sources() {
	# find_sources ends the subshell where none of the machine's archives is Ubuntu's.
	if (origin=Ubuntu && find_sources "$1" "main universe") 2>/dev/null; then
		return
	fi
	: >sources.list
	grep -q ",$1," /usr/share/distro-info/ubuntu.csv ||
		fail "mmdebstrap does not know '$1'; install or renew the package distro-info-data"
	[ -e "$archive_keys" ] || fetch_keyring
	mkdir keys
	cp "$archive_keys" keys/
}

# networkd, which Ubuntu's guests have, needs no file here.
adapt() {
	:
}

version_in() {
	sed -n 's/^DISTRIB_RELEASE=//p' "$1/etc/lsb-release"
}

make_template "$@"
