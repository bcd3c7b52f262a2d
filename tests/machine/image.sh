#!/bin/sh
# image.sh BUILD: make BUILD/machine-SUITE, unless it is there: root file system, kernel and
# initrd of a machine of its own, for what this host's kernel may not have (device mapper,
# ZFS, NFS, AppArmor, VLANs, pure cgroup v2, systemd as PID 1). check.sh boots it.
#
# MACHINE_SUITE chooses the release, whose libraries must be this host's: default its own.
set -eu
umask 022
cd "$(dirname "$0")/../.."
top=$PWD

fail() {
	echo "machine: $1" >&2
	exit 1
}

# shellcheck source=templates/lib/sources.sh
. templates/lib/sources.sh

build=$(mkdir -p "$1" && cd "$1" && pwd)
# shellcheck source=/dev/null
suite=${MACHINE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
machine=$build/machine-$suite

# What the image is made of: when one of these changes, it is made anew.
ingredients() {
	echo "$suite"
	packages
	cat tests/machine/image.sh templates/lib/sources.sh
}

packages() {
	sed -n -E 's/^(build|run|test|machine) //p' conf/packages | sort -u | tr '\n' ,
}

# Services that nothing here needs, or that the specs start themselves: an emulated
# processor takes minutes for them, one alone for the profiles of AppArmor, of which none is
# for a container.
unwanted="apparmor.service apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service getty.target
	lxc.service lxc-net.service lxc-monitord.service nfs-blkmap.service
	nmbd.service samba-ad-dc.service smbd.service zfs-import-cache.service
	zfs-load-module.service zfs-mount.service zfs-share.service zfs-volume-wait.service"

# The system's own settings: no login, no network, one service that runs the tests.
settle() {
	cat >root/usr/local/sbin/machine-check <<-'END'
		#!/bin/sh
		# The source tree where the host has it, and the script in there that does all else.
		for word in $(cat /proc/cmdline); do
			case $word in machine.*=*) export "machine_${word#machine.}" ;; esac
		done
		stty -F /dev/ttyS1 raw
		mkdir -p "$machine_top"
		mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose source "$machine_top"
		cd "$machine_top" && sh tests/machine/inside.sh 2>&1
		systemctl --no-block poweroff
	END
	chmod 755 root/usr/local/sbin/machine-check
	cat >root/etc/systemd/system/machine-check.service <<-'END'
		[Unit]
		After=multi-user.target

		[Service]
		Type=exec
		Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		ExecStart=/usr/local/sbin/machine-check
		StandardOutput=file:/dev/ttyS1
		StandardError=inherit
		Delegate=yes

		[Install]
		WantedBy=graphical.target
	END
	printf '/dev/vda / ext4 defaults 0 0\n' >root/etc/fstab
	echo machine >root/etc/hostname
	chroot root systemctl -q enable machine-check
	chroot root systemctl -q set-default graphical.target
	# shellcheck disable=SC2086 # one word each
	chroot root systemctl -q mask $unwanted
	chroot root systemctl -q disable systemd-networkd nfs-server
}

# Nothing but what finds the root file system, and LVM without its daemon of events.
make_lean() {
	sed -i 's/^MODULES=.*/MODULES=list/' root/etc/initramfs-tools/initramfs.conf
	printf 'virtio_pci\nvirtio_blk\next4\n' >root/etc/initramfs-tools/modules
	chroot root update-initramfs -u
	printf 'activation/monitoring = 0\nglobal/use_lvmpolld = 0\n' >root/etc/lvm/lvmlocal.conf
	printf 'devices/global_filter = [ "a|^/dev/vd[b-z]$|", "r|.*|" ]\n' >>root/etc/lvm/lvmlocal.conf
}

# Debian's zfs is source, compiled here for the kernel of the machine.
compile_modules() {
	kernel=$(basename root/lib/modules/*)
	chroot root dkms autoinstall -k "$kernel"
	chroot root modinfo -k "$kernel" zfs >/dev/null || fail "the zfs module was not built"
}

# In mount and process namespaces of its own: when it ends, however, nothing is mounted.
make_image() {
	mkdir root
	truncate -s 12G root.img
	mkfs.ext4 -q -F root.img
	mount -o loop root.img root
	find_sources "$suite" main
	sed -i 's/ main$/ main contrib/' sources.list
	machine_settings >machine.conf
	TMPDIR=$PWD mmdebstrap --mode=root --format=directory --variant=minbase \
		--include="$(cd "$top" && packages)" \
		--dpkgopt=force-unsafe-io --skip=check/signed-by \
		--setup-hook="cp '$PWD/machine.conf' \"\$1/etc/apt/apt.conf.d/00machine\"" \
		--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr \
		"$suite" "$PWD/root" "$PWD/sources.list"
	mount --bind /dev root/dev
	mount -t proc proc root/proc
	compile_modules
	settle
	make_lean
	cp root/boot/vmlinuz-* vmlinuz
	cp root/boot/initrd.img-* initrd
	umount root/proc root/dev root
	rmdir root
}

if [ "${2:-}" = --inside ]; then
	cd "$machine.new"
	make_image
	exit
fi
[ "$(cat "$machine/ingredients" 2>/dev/null)" != "$(ingredients)" ] || exit 0

rm -rf "$machine" "$machine.new"
mkdir "$machine.new"
echo "making a machine with Debian '$suite', log in $machine.new/log"
unshare --mount --pid --fork --kill-child --mount-proc \
	sh tests/machine/image.sh "$build" --inside >"$machine.new/log" 2>&1 </dev/null ||
	fail "no image was made: $(tail -n 3 "$machine.new/log")"
ingredients >"$machine.new/ingredients"
mv "$machine.new" "$machine"
