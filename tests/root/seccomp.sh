#!/bin/sh
# System calls that no container may make (the security list: 31; runtime.md 2.7). What
# probe.c prints is the answer of the container's filter, not of its capabilities.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9370
given_template
gcc -std=c17 -D_GNU_SOURCE -O1 -static -o "$top/probe" "$(dirname "$0")/probe.c" || exit 1

# CTID [OPTION...]: a running container that holds the probe.
given_probe() {
	given_container "$@" && cp "$top/probe" "$(tree "$1")/probe" &&
		chmod 755 "$(tree "$1")/probe" && pct start "$1" && answers "$1"
}

given() {
	given_probe 9370
}

# A host whose kernel has no such call answers in the same way; then nothing is shown.
answer_of_host() {
	"$top/probe" | sed -n "s/^$1: //p"
}

spec 'passes all calls outside of containers, so that what follows is their own doing' '
	! "$top/probe" | grep -v "^keyctl" | grep -vE ": (passes|cannot be probed)$"
'

denied="kexec_load: EPERM
open_by_handle_at: EPERM
init_module: EPERM
finit_module: EPERM
delete_module: EPERM
umount -f: EACCES
umount: passes"

spec 'denies kernels, modules, file handles and forced unmounts in an unprivileged guest' '
	given && succeeds pct exec 9370 -- /probe &&
	equals "$(head -n 7 "$scratch/stdout")" "$denied"
'

spec 'denies ioctls of btrfs and sockets of AF_ALG there, and no others' '
	succeeds pct exec 9370 -- /probe && stdout_has "ioctl of btrfs: EPERM" &&
	stdout_has "ioctl: passes" && stdout_has "socket AF_ALG: EAFNOSUPPORT" &&
	stdout_has "socket AF_UNIX: passes"
'

spec 'has no keyctl there, as if the kernel had none' '
	[ "$(answer_of_host keyctl)" != ENOSYS ] || skip_spec "this kernel has no keyctl"
	succeeds pct exec 9370 -- /probe && stdout_has "keyctl: ENOSYS"
'

spec 'denies them by the doors for x32 and 32 bits as well' '
	[ "$(uname -m)" = x86_64 ] || skip_spec "this machine has one door"
	succeeds pct exec 9370 -- /probe && grep "x32\|i386" "$scratch/stdout" &&
	! grep -E "^finit_module of .*: passes" "$scratch/stdout"
'

spec 'denies the same to a command that exec runs and to what the guest started' '
	pct exec 9370 -- sh -c "( setsid sh -c \"/probe >/tmp/asked; mv /tmp/asked /tmp/told\" & )" &&
	within 5 pct exec 9370 -- test -e /tmp/told &&
	pct exec 9370 -- head -n 7 /tmp/told >"$scratch/told" &&
	equals "$(cat "$scratch/told")" "$denied"
'

spec 'lets keyctl pass with keyctl=1' '
	[ "$(answer_of_host keyctl)" != ENOSYS ] || skip_spec "this kernel has no keyctl"
	pct stop 9370 && echo "features: keyctl=1" >>"$(config_file 9370)" && pct start 9370 &&
	answers 9370 && succeeds pct exec 9370 -- /probe &&
	stdout_has "keyctl: $(answer_of_host keyctl)" && stdout_has "finit_module: EPERM"
'

spec 'denies a privileged guest what the common profile does' '
	given_probe 9371 --unprivileged 0 && succeeds pct exec 9371 -- /probe &&
	equals "$(head -n 7 "$scratch/stdout")" "$denied" &&
	! grep -E "^finit_module of .*: passes" "$scratch/stdout"
'

ends_clean
