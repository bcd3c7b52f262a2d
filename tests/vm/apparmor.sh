#!/bin/sh
# AppArmor: the profile that LXC generates from ours confines the guest, and is gone after.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/../root/lib.sh"
hotplug=$(dirname "$0")/../../conf/apparmor/pve-container-mounthotplug
begin 9310
given_template

given() {
	given_container 9310 --unprivileged 0
}

profiles() {
	grep -c "^lxc-9310_<" /sys/kernel/security/apparmor/profiles
}

spec 'confines init with a profile of the container'"'"'s own, in enforce mode' '
	given >/dev/null && succeeds pct start 9310 && answers 9310 &&
	cat "/proc/$(init_of 9310)/attr/current" &&
	grep -q "^lxc-9310_<.*(enforce)" "/proc/$(init_of 9310)/attr/current"
'

spec 'confines what pct exec runs with the same profile' '
	pct exec 9310 -- sleep 7077 & within 10 pgrep -f "^sleep 7077" &&
	inside=$(pgrep -f "^sleep 7077") &&
	equals "$(cat "/proc/$inside/attr/current")" "$(cat "/proc/$(init_of 9310)/attr/current")" &&
	kill "$inside"; status=$?; wait; [ "$status" = 0 ]
'

spec 'lets the guest mount a tmpfs, but neither over /proc nor a sysfs of its own' '
	pct exec 9310 -- sh -c "mkdir /m && mount -t tmpfs none /m && umount /m" &&
	! pct exec 9310 -- mount -t tmpfs none /proc && ! pct exec 9310 -- mount -t sysfs none /m
'

spec 'refuses writes to the files that steer the host' '
	! pct exec 9310 -- sh -c "echo 1 >/proc/sysrq-trigger" &&
	! pct exec 9310 -- sh -c "echo x >/proc/sys/kernel/core_pattern"
'

spec 'adds volumes and directories to the running container, confined by the profile for that' '
	apparmor_parser -r "$hotplug" && mkdir "$top/dir" && touch "$top/dir/file" &&
	succeeds pct set 9310 --mp0 local:0.02,mp=/image --mp1 "$top/dir,mp=/dir" && stderr_is &&
	pct exec 9310 -- sh -c "touch /image/file && test -e /dir/file && ! umount /proc" &&
	grep -q "^lxc-9310_<.*(enforce)" "/proc/$(init_of 9310)/attr/current" &&
	succeeds pct set 9310 --delete mp0,mp1 && stderr_is && ! pct exec 9310 -- test -e /dir/file
'

# Kernels before 6.8 do not ask about moved mounts, but they do about files.
spec 'mounts nothing where that profile does not allow it' '
	lines "profile pve-container-mounthotplug flags=(attach_disconnected) {" "capability, mount," "}" |
		apparmor_parser -r && run pct set 9310 --mp1 "$top/dir,mp=/other" && cat "$scratch/stderr" &&
	stderr_like "^mp1: unable to hotplug mp1: .*Permission denied" && ! pct exec 9310 -- test -e /other;
	status=$?; apparmor_parser -R "$hotplug" && [ "$status" = 0 ]
'

spec 'unloads the profile at stop' '
	[ "$(profiles)" -ge 1 ] && succeeds pct stop 9310 && is_clean && equals "$(profiles)" 0
'

spec 'gives nesting its mounts' '
	pct set 9310 --features nesting=1 && pct start 9310 && answers 9310 &&
	pct exec 9310 -- sh -c "mkdir -p /n && mount -t proc proc /n && umount /n" && pct stop 9310
'

spec 'warns that a profile of the file overrules the features' '
	echo "lxc.apparmor.profile: unconfined" >>"$(config_file 9310)" && run pct start 9310 &&
	stdout_like "explicitly configured lxc.apparmor.profile overrides the following settings: features:nesting" &&
	equals "$(cat "/proc/$(init_of 9310)/attr/current")" unconfined && pct stop 9310
'

ends_clean
