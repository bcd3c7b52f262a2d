#!/bin/sh
# The AppArmor profile of the hot-plug of mount points is one that the host can load.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

profile=$(dirname "$0")/../../conf/apparmor/pve-container-mounthotplug

it 'has a profile without mistakes, which lets mounts be moved' '
	command -v apparmor_parser >/dev/null || skip_spec "apparmor is not installed"
	[ -e /etc/apparmor.d/abstractions/lxc/start-container ] || skip_spec "lxc is not installed"
	succeeds apparmor_parser -Q -K -T "$profile" &&
	[ "$(apparmor_parser -N "$profile" 2>/dev/null)" = pve-container-mounthotplug ] &&
	grep -qx "  mount options=(move)," "$profile"
'
