#!/bin/sh
# The whole way of guests of the Red Hat and SUSE families, from create to a start: a
# busybox guest that wears their release files.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9280
given_template
given_bridge

# NAME ID VERSION: an archive of the guest with this os-release; files of "$scratch/wear"
# are added to it.
dressed() {
	mkdir "$scratch/tree" && tar -C "$scratch/tree" -xf "$archive" &&
		printf 'ID="%s"\nVERSION_ID="%s"\n' "$2" "$3" >"$scratch/tree/etc/os-release" &&
		{ [ ! -d "$scratch/wear" ] || cp -a "$scratch/wear/." "$scratch/tree/"; } &&
		tar -C "$scratch/tree" --numeric-owner -cf "$scratch/$1.tar" . &&
		rm -rf "$scratch/tree"
}

# PATH LINE...: one file of what dressed adds.
wear() {
	mkdir -p "$scratch/wear/$(dirname "$1")"
	path=$1
	shift
	printf '%s\n' "$@" >"$scratch/wear/$path"
}

# CTID NAME [OPTION...]: a guest from what dressed made, up and running.
started() {
	ctid=$1 name=$2
	shift 2
	pct create "$ctid" "$scratch/$name.tar" --rootfs local:0 --memory 64 --hostname "$name.example" \
		--net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24,gw=$subnet.1" "$@" &&
		pct start "$ctid" && answers "$ctid"
}

# CTID TYPE: what the detection found, and what the guest got to know of itself.
is_family() {
	grep -qx "ostype: $2" "$(config_file "$1")" &&
		equals "$(pct exec "$1" -- hostname)" "$name.example" &&
		pct exec "$1" -- grep -qw "$name.example" /etc/hosts
}

# CTID PATH LINE: the guest reads it in its file.
reads() {
	pct exec "$1" -- grep -qxF -e "$3" "$2"
}

gone() {
	pct stop "$1" && pct destroy "$1"
}

spec 'starts an AlmaLinux 9 guest with an ifcfg file' '
	wear etc/redhat-release "AlmaLinux release 9.3 (Shamrock Pampas Cat)" &&
	dressed alma9 almalinux 9.3 && started 9280 alma9 && is_family 9280 centos &&
	reads 9280 /etc/hostname alma9.example &&
	reads 9280 /etc/sysconfig/network-scripts/ifcfg-eth0 "IPADDR=$subnet.2" && gone 9280
'

spec 'starts a CentOS 6 guest, and starts no udev in it' '
	wear etc/redhat-release "CentOS release 6.10 (Final)" &&
	wear etc/rc.d/rc.sysinit "#!/bin/sh" /sbin/start_udev &&
	dressed centos6 centos 6 && started 9281 centos6 && is_family 9281 centos &&
	reads 9281 /etc/rc.d/rc.sysinit "#/sbin/start_udev" && gone 9281
'

spec 'refuses a CentOS 4 guest, and leaves nothing of it' '
	wear etc/redhat-release "CentOS release 4.9 (Final)" && dressed centos4 centos 4 &&
	fails_with 255 pct create 9282 "$scratch/centos4.tar" --rootfs local:0 &&
	stderr_like "unsupported centos version .CentOS release 4.9 (Final)." && is_gone 9282
'

spec 'starts a CentOS Stream 10 guest with a keyfile that only root reads' '
	wear etc/redhat-release "CentOS Stream release 10 (Coughlan)" &&
	dressed stream10 centos 10 && started 9283 stream10 && is_family 9283 centos &&
	file=/etc/NetworkManager/system-connections/eth0.nmconnection &&
	reads 9283 "$file" "addresses=$subnet.2/24" &&
	equals "$(pct exec 9283 -- stat -c "%a %u:%g" "$file")" "600 0:0" && gone 9283
'

spec 'starts a Fedora 40 guest with a file of systemd-networkd' '
	dressed fedora40 fedora 40 && started 9284 fedora40 && is_family 9284 fedora &&
	reads 9284 /etc/systemd/network/eth0.network "Address = $subnet.2/24" && gone 9284
'

spec 'starts an openEuler guest, whose type the command line does not know' '
	dressed euler openEuler 24.03 && started 9285 euler && is_family 9285 openeuler &&
	reads 9285 /etc/NetworkManager/system-connections/eth0.nmconnection id=eth0 &&
	gone 9285
'

spec 'starts a privileged Leap guest with its consoles where its files name them' '
	wear etc/securetty console && dressed leap opensuse-leap 15.6 &&
	started 9286 leap --unprivileged 0 && is_family 9286 opensuse &&
	reads 9286 /etc/hostname leap &&
	reads 9286 /etc/sysconfig/network/ifroute-eth0 "default $subnet.1 0.0.0.0 eth0" &&
	reads 9286 /etc/securetty lxc/tty1 && pct exec 9286 -- test -c /dev/lxc/tty1 &&
	gone 9286
'

spec 'starts a privileged Leap guest without a console, whose terminals have no directory' '
	wear etc/securetty console && dressed leap opensuse-leap 15.6 &&
	started 9287 leap --unprivileged 0 --console 0 && is_family 9287 opensuse &&
	reads 9287 /etc/securetty tty1 && ! reads 9287 /etc/securetty lxc/tty1 &&
	pct exec 9287 -- test -c /dev/tty1 && fails_with 1 pct exec 9287 -- test -e /dev/lxc &&
	gone 9287
'

ends_clean
