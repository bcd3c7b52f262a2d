#!/bin/sh
#
# debian.sh MAJOR SUITE [PACKAGE...]: build a container template of one Debian release,
# from the archives that this machine's apt uses, plus the named packages. Writes below
# the working directory only; see bootstrap.sh.
distribution=debian
packages="systemd-sysv libpam-systemd dbus ifupdown iproute2 iputils-ping netbase procps
	openssh-server ca-certificates less vim-tiny"
hooks=/usr/share/mmdebstrap/hooks/maybe-merged-usr

# shellcheck source=templates/lib/bootstrap.sh
. "$(dirname "$0")/bootstrap.sh"

choose_sources() {
	find_sources "$1" main
}

adapt() {
	printf 'auto lo\niface lo inet loopback\n' >root/etc/network/interfaces
}

# A release that is not out yet has no number there.
version_in() {
	grep -E '^[0-9]+(\.[0-9]+)*$' "$1/etc/debian_version" || echo "$release"
}

make_template "$@"
