#!/bin/sh
# check.sh BUILD [KIND|FILE.sh...]: boot the machine that image.sh made and run these tests
# there, by default the kind vm and those of root that its kernel decides; see inside.sh. The
# source tree and what was built from it are seen there read-only, under their own path.
# KVM is used if it works, else emulation. The last line is the sum, as of tests/run.sh.
#
# MACHINE_SUITE as in image.sh; MACHINE_TIMEOUT is the limit in seconds, default 1800;
# MACHINE_CPUS are its processors, default 2.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD

fail() {
	echo "machine: $1" >&2
	exit 1
}

build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- vm tests/root/limits.sh tests/root/resize.sh
# shellcheck source=/dev/null
suite=${MACHINE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
machine=$build/machine-$suite
tests=$(echo "$*" | tr ' ' ,)
qemu=
reader=

# What costs an emulated processor most and changes nothing that is tested: page tables of
# five levels, string instructions, guards against side channels, cleared and huge pages.
lean_cpu=max,la57=off,smap=off,smep=off,erms=off,fsrm=off
lean_kernel="mitigations=off nokaslr init_on_alloc=0 transparent_hugepage=never clearcpuid=rep_good"

# ACCELERATOR: in the background, its process in $qemu.
boot() {
	case $1 in
	kvm) cpu=host kernel= ;;
	*) cpu=$lean_cpu kernel=$lean_kernel ;;
	esac
	: >"$machine/console.log"
	: >"$machine/check.log"
	rm -f "$machine"/scratch?.img
	truncate -s 8G "$machine/scratch1.img" "$machine/scratch2.img"
	timeout "${MACHINE_TIMEOUT:-1800}" qemu-system-x86_64 -machine q35 -accel "$1" -cpu "$cpu" \
		-smp "${MACHINE_CPUS:-2}" -m 3072 -display none -monitor none -no-reboot -nic none \
		-kernel "$machine/vmlinuz" -initrd "$machine/initrd" \
		-append "root=/dev/vda rw console=ttyS0 loglevel=4 audit=0 $kernel machine.all=${PCT_TEST_ALL:-} machine.top=$top machine.build=$build machine.tests=$tests" \
		-drive "file=$machine/root.img,if=virtio,format=raw,snapshot=on" \
		-drive "file=$machine/scratch1.img,if=virtio,format=raw,cache=unsafe,discard=unmap" \
		-drive "file=$machine/scratch2.img,if=virtio,format=raw,cache=unsafe,discard=unmap" \
		-virtfs "local,path=$top,mount_tag=source,security_model=none,readonly=on,multidevs=remap" \
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

finish() {
	stop_machine
	[ -z "$reader" ] || kill "$reader" 2>/dev/null || :
	rm -f "$machine"/scratch?.img
}

case $build/ in
"$top"/*) ;;
*) fail "'$build' is not below '$top', which is all that the machine sees" ;;
esac
[ -e "$machine/ingredients" ] || fail "there is no image; make vm-image"
trap finish EXIT
trap 'exit 1' HUP INT TERM
boot "$(accelerator)"
tail -n +1 -f --pid="$qemu" "$machine/check.log" &
reader=$!
wait "$qemu" || fail "the machine did not end by itself; see $machine/console.log"
qemu=
wait "$reader" || :
grep -qx 'machine: status 0' "$machine/check.log" ||
	fail "the tests in the machine failed"
