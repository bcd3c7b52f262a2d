#!/bin/sh
# pct setup: the guest's part of a start, alone, and what it would change. Then which events
# write into a guest at all, and what a failure there means for the event (guest-setup.md 2).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9360
given_template

given() {
	given_container 9360
}

# DIRECTORY: every entry with all that stat tells, and the bytes.
state() {
	find "$1" -printf "%p %y %m %U:%G %s %T@ %C@ %l\n" | sort
	find "$1" -type f -exec sha256sum {} + | sort
}

# DIRECTORY: the same without times, as somebody else's copy has them.
content() {
	(cd "$1" && find . -printf "%p %y %m %l\n" | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

# COMMAND...: it changes nothing below $root but its own lock and empty directories.
changes_nothing() {
	state "$root/var/lib/vz" >"$scratch/before" &&
		cp "$(config_file 9360)" "$scratch/config" && "$@" &&
		state "$root/var/lib/vz" >"$scratch/after" &&
		cmp "$scratch/config" "$(config_file 9360)" &&
		diff "$scratch/before" "$scratch/after" >&2
}

# A guest whose consoles are services, with links that are wrong and a file in the way.
given_systemd_guest() {
	guest=$(tree 9360) &&
		echo "ID=debian" >"$guest/etc/os-release" &&
		echo "12.5" >"$guest/etc/debian_version" &&
		mkdir -p "$guest/lib/systemd/system" "$guest/etc/systemd/system/getty.target.wants" &&
		cp "$guest/bin/busybox" "$guest/lib/systemd/systemd" &&
		ln -sf /lib/systemd/systemd "$guest/sbin/init" &&
		printf "[Service]\nTTYPath=/dev/pts/%%I\n" >"$guest/lib/systemd/system/container-getty@.service" &&
		chmod 755 "$guest/lib/systemd/system/container-getty@.service" &&
		echo old >"$guest/etc/systemd/system/getty.target.wants/container-getty@4.service" &&
		ln -s /elsewhere "$guest/etc/systemd/system/getty.target.wants/container-getty@1.service" &&
		rm -f "$guest/etc/hostname" && ln -s ../run/name "$guest/etc/hostname" &&
		chown -R 100000:100000 "$guest/etc" "$guest/lib"
}

given >/dev/null 2>&1 || exit 1

spec 'writes what a start would, and says nothing then' '
	pct set 9360 --hostname db7 --nameserver 192.0.2.7 &&
	succeeds pct setup 9360 && stdout_is && stderr_is &&
	equals "$(cat "$(tree 9360)/etc/hostname")" db7 &&
	grep -qx "nameserver 192.0.2.7" "$(tree 9360)/etc/resolv.conf" &&
	succeeds pct setup 9360 --dry-run && stdout_is
'

spec 'prints with --dry-run the diff of each file, and changes not even a time' '
	pct set 9360 --hostname db8 && rm "$(tree 9360)/fastboot" &&
	changes_nothing succeeds pct setup 9360 --dry-run && stderr_is &&
	stdout_is "diff --git a/fastboot b/fastboot" "new file mode 100644" \
		"diff --git a/etc/hosts b/etc/hosts" "--- a/etc/hosts" "+++ b/etc/hosts" \
		"@@ -1,5 +1,5 @@" " 127.0.0.1	localhost" \
		" ::1	localhost ip6-localhost ip6-loopback" " # --- BEGIN PVE ---" \
		"-127.0.1.1 db7" "+127.0.1.1 db8" " # --- END PVE ---" \
		"diff --git a/etc/hostname b/etc/hostname" "--- a/etc/hostname" "+++ b/etc/hostname" \
		"@@ -1 +1 @@" "-db7" "+db8" &&
	changes_nothing pct setup 9360 --dry-run && pct setup 9360
'

spec 'escapes what a terminal would obey' '
	printf "a\033[2Jb\n" >"$(tree 9360)/etc/hostname" &&
	succeeds pct setup 9360 --dry-run && stdout_has "-a\\x1b[2Jb" && pct setup 9360
'

spec 'tells links, modes and files that go in the words of git, which can apply them' '
	command -v git >/dev/null || skip_spec "git is not installed"
	given_systemd_guest && cp -a "$(tree 9360)" "$scratch/copy" &&
	changes_nothing succeeds pct setup 9360 --dry-run &&
	stdout_has "deleted file mode 120000" && stdout_has "new file mode 120000" &&
	stdout_has "deleted file mode 100644" && stdout_has "-/elsewhere" &&
	stdout_has "+/lib/systemd/system/container-getty@.service" &&
	stdout_has "+TTYPath=/dev/tty%I" &&
	(cd "$scratch/copy" && git apply "$scratch/stdout") &&
	pct setup 9360 && find "$(tree 9360)" -type d -empty -newer "$scratch/stdout" -delete &&
	content "$(tree 9360)" >"$scratch/done" && content "$scratch/copy" >"$scratch/patched" &&
	diff "$scratch/patched" "$scratch/done" >&2
'

spec 'warns as a start does' '
	sed -i "s/^ostype:.*/ostype: alpine/" "$(config_file 9360)" &&
	warning="WARN: the configured ostype is '\''alpine'\'', but the container is '\''debian'\''" &&
	succeeds pct setup 9360 && stderr_has "$warning" &&
	succeeds pct setup 9360 --dry-run && stderr_has "$warning" && stdout_is
'

spec 'fails as a start does when a file cannot be written, and names the step' '
	rm "$(tree 9360)/etc/hostname" &&
	mkdir "$(tree 9360)/etc/hostname" &&
	for option in "" --dry-run; do
		fails_with 255 pct setup 9360 $option &&
		stderr_has "guest setup: hostname setup: cannot write '\''/etc/hostname'\'' inside the guest: Is a directory" || exit
	done
	rmdir "$(tree 9360)/etc/hostname"
'

spec 'looks with --dry-run at an image without writing to it' '
	given_container 9361 --rootfs local:1 && pct set 9361 --hostname other &&
	image=$root/var/lib/vz/images/9361/vm-9361-disk-0.raw &&
	sha256sum "$image" >"$scratch/sum" && stat -c "%y %z" "$image" >"$scratch/times" &&
	succeeds pct setup 9361 --dry-run && stdout_has "+other" && sha256sum -c --status "$scratch/sum" &&
	equals "$(stat -c "%y %z" "$image")" "$(cat "$scratch/times")" &&
	succeeds pct setup 9361 && succeeds pct setup 9361 --dry-run && stdout_is && pct destroy 9361
'

spec 'makes no mount point with --dry-run' '
	given_container 9361 && pct set 9361 --mp0 local:0,mp=/srv/new --hostname third &&
	succeeds pct setup 9361 --dry-run && stdout_has "+third" && [ ! -e "$(tree 9361)/srv/new" ] &&
	succeeds pct setup 9361 && [ -d "$(tree 9361)/srv/new" ] && pct destroy 9361
'

spec 'refuses one that runs, is locked, is a template or is not there' '
	given_running 9361 && fails_with 255 pct setup 9361 && stderr_is "CT 9361 is running" &&
	fails_with 255 pct setup 9361 --dry-run && stderr_is "CT 9361 is running" &&
	pct stop 9361 && sed -i "1i lock: backup" "$(config_file 9361)" &&
	fails_with 255 pct setup 9361 && stderr_is "CT is locked (backup)" &&
	sed -i "s/^lock: backup/template: 1/" "$(config_file 9361)" &&
	fails_with 255 pct setup 9361 && stderr_is "CT 9361 is a template" &&
	sed -i "/^template/d" "$(config_file 9361)" && pct destroy 9361 &&
	fails_with 2 pct setup 9361 &&
	stderr_is "Configuration file '\''nodes/$node/lxc/9361.conf'\'' does not exist"
'

# What the guest's other users might read meanwhile: a hash, a private key.
spec 'makes each new guest file for root alone, before it gets its bytes and its mode' '
	command -v strace >/dev/null || skip_spec "strace is not installed"
	strace -f -qq -e trace=openat -o "$scratch/trace" pct create 9361 "$template" --rootfs local:0 \
		--password secret --memory 64 >/dev/null &&
	grep "[.]pct-.*O_CREAT" "$scratch/trace" >"$scratch/made" && grep -q "[.]shadow[.]pct-" "$scratch/made" &&
	! grep -v "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600)" "$scratch/made" >&2 &&
	equals "$(stat -c %a "$(tree 9361)/etc/shadow")" 640 && pct destroy 9361
'

spec 'leaves an unmanaged one alone' '
	sed -i "s/^ostype:.*/ostype: unmanaged/" "$(config_file 9360)" && pct set 9360 --hostname never &&
	changes_nothing succeeds pct setup 9360 && stdout_is && stderr_is
'

spec 'writes localhost when a guest without a host name is created, and its number at the start' '
	pct create 9362 "$template" --rootfs local:0 --memory 64 &&
	equals "$(cat "$(tree 9362)/etc/hostname")" localhost &&
	grep -qx "hostname: CT9362" "$(config_file 9362)" &&
	pct start 9362 && answers 9362 && equals "$(pct exec 9362 -- cat /etc/hostname)" CT9362 &&
	pct exec 9362 -- grep -qx "127.0.1.1 CT9362" /etc/hosts && pct stop 9362
'

# COMMAND...: it succeeds, and no file of the guest is another one or has other bytes.
leaves_guest_alone() {
	state "$(tree 9362)/etc" >"$scratch/before" && "$@" &&
		state "$(tree 9362)/etc" >"$scratch/after" && diff "$scratch/before" "$scratch/after" >&2
}

change_everything() {
	pct set 9362 --hostname "$1" --nameserver 192.0.2.9 --searchdomain "$1.example" --timezone UTC \
		--tty 3 --features nesting=1
}

spec 'leaves the guest alone when something else than an interface changes, until the next start' '
	leaves_guest_alone change_everything db9 && pct start 9362 && answers 9362 &&
	equals "$(pct exec 9362 -- cat /etc/hostname)" db9 &&
	pct exec 9362 -- grep -qx "nameserver 192.0.2.9" /etc/resolv.conf &&
	leaves_guest_alone change_everything db10 && pct stop 9362 &&
	equals "$(cat "$(tree 9362)/etc/hostname")" db9
'

spec 'leaves the guest alone in a backup, and when it becomes a template' '
	mkdir "$scratch/dump" &&
	leaves_guest_alone vzdump 9362 --dumpdir "$scratch/dump" --mode stop &&
	pct destroy 9362 && pct create 9362 "$template" --rootfs local:0.05 --memory 64 &&
	image=$root/var/lib/vz/images/9362 && pct set 9362 --hostname later &&
	sum=$(sha256sum <"$image/vm-9362-disk-0.raw") && pct template 9362 &&
	equals "$(sha256sum <"$image/base-9362-disk-0.raw")" "$sum" && pct destroy 9362
'

spec 'does not start on a read-only root, at the first file that would be written' '
	given_container 9362 --rootfs local:0.05,ro=1 &&
	fails_with 255 pct start 9362 && has_status 9362 stopped && is_clean &&
	stdout_has "guest setup: fastboot setup: cannot write '\''/fastboot'\'' inside the guest: Read-only file system" &&
	pct destroy 9362
'

# VERSION: what the guest says it is; Debian before release 4 is refused.
given_version() {
	rm -f "$(tree 9362)/etc/os-release" && echo "$1" >"$(tree 9362)/etc/debian_version" &&
		rm -f "$(tree 9362)/etc/alpine-release"
}

spec 'starts and clones no guest whose release is not supported, and leaves nothing of the clone' '
	given_container 9362 && given_version 3.1 &&
	fails_with 255 pct start 9362 && is_clean && has_status 9362 stopped &&
	stdout_like "^guest setup: OS detection: " &&
	fails_with 255 pct clone 9362 9363 && stderr_like "OS detection" && is_gone 9363 &&
	given_version 12.1 && pct clone 9362 9363 && pct destroy 9363 && pct destroy 9362
'

spec 'tells the warnings of a start also when it fails afterwards' '
	given_container 9362 && given_version 15.0 && mkdir "$(tree 9362)/fastboot" &&
	fails_with 255 pct start 9362 &&
	cat "$scratch/stdout" "$scratch/stderr" >"$scratch/both" &&
	grep -q "^WARN: .*15" "$scratch/both" && grep -q "guest setup: fastboot setup: " "$scratch/both" &&
	rmdir "$(tree 9362)/fastboot" && succeeds pct start 9362 &&
	cat "$scratch/stdout" "$scratch/stderr" >"$scratch/both" && grep -q "^WARN: .*15" "$scratch/both" &&
	pct stop 9362
'

# Root of a user namespace that maps one id, which is no root of the host.
as_plain_user() {
	setpriv --reuid 1234 --regid 1234 --clear-groups unshare --map-root-user --mount "$@"
}

spec 'does all of it for a plain user too, in a user namespace of one id' '
	as_plain_user test -r tests/golden/guest -a -x "$PCT_BUILD/unit/guest_golden" ||
		skip_spec "a plain user gets no user namespace here, or cannot read the tests"
	succeeds as_plain_user "$PCT_BUILD/unit/guest_golden" &&
	stdout_like "^ok 1 - [^#]*$" && stdout_like "^ok 2 .*# SKIP"
'

ends_clean
