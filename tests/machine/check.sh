#!/bin/sh
# check.sh BUILD [KIND|FILE.sh...]: boot the machine that image.sh made and run
# tests/run.sh there, by default the kind vm. The source tree and what was built from it are
# seen there read-only, under their own path. KVM is used if it works, else emulation.
#
# MACHINE_SUITE as in image.sh; MACHINE_TIMEOUT is the limit in seconds, default 1800.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD

fail() {
	echo "machine: $1" >&2
	exit 1
}

build=$(cd "$1" && pwd)
shift
# shellcheck source=/dev/null
suite=${MACHINE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
machine=$build/machine-$suite
kinds=$(echo "${*:-vm}" | tr ' ' ,)
qemu=

# ACCELERATOR: in the background, its process in $qemu.
boot() {
	: >"$machine/console.log"
	: >"$machine/check.log"
	timeout "${MACHINE_TIMEOUT:-1800}" qemu-system-x86_64 -machine q35 -accel "$1" -cpu max \
		-smp 2 -m 3072 -display none -monitor none -no-reboot \
		-kernel "$machine/vmlinuz" -initrd "$machine/initrd" \
		-append "root=/dev/vda rw console=ttyS0 loglevel=6 machine.top=$top machine.build=$build machine.kinds=$kinds" \
		-drive "file=$machine/root.img,if=virtio,format=raw,snapshot=on" \
		-drive "file=$machine/scratch.img,if=virtio,format=raw,cache=unsafe" \
		-virtfs "local,path=$top,mount_tag=source,security_model=none,readonly=on,multidevs=remap" \
		-nic user,model=virtio-net-pci \
		-serial "file:$machine/console.log" -serial "file:$machine/check.log" &
	qemu=$!
}

stop_machine() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || :
	[ -z "$qemu" ] || wait "$qemu" 2>/dev/null || :
	qemu=
}

# KVM if a kernel says something within 20 s under it: there are hosts where the device
# can be opened and nothing ever runs. Else emulation.
accelerator() {
	if [ -w /dev/kvm ] && boot kvm >"$machine/kvm.log" 2>&1; then
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			sleep 2
			[ ! -s "$machine/console.log" ] || break
		done
		stop_machine
		[ ! -s "$machine/console.log" ] || accelerated=kvm
	fi
	echo "${accelerated:-tcg,thread=multi}"
}

case $build/ in
"$top"/*) ;;
*) fail "'$build' is not below '$top', which is all that the machine sees" ;;
esac
[ -e "$machine/ingredients" ] || fail "there is no image; make vm-image"
truncate -s 8G "$machine/scratch.img"
trap 'stop_machine; rm -f "$machine/scratch.img"' EXIT
boot "$(accelerator)"
tail -n +1 -f --pid="$qemu" "$machine/check.log"
wait "$qemu" || fail "the machine did not end by itself; see $machine/console.log"
grep -qx 'machine: status 0' "$machine/check.log" ||
	fail "the tests in the machine failed"
