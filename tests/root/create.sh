#!/bin/sh
# pct create: what the options become, and what an archive becomes on the disk.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9310
given_template
given_bridge
# FILE: owner, mode and the like, as find prints them.
told() {
	find "$2" -maxdepth 0 -printf "$1\n"
}

config_has() {
	grep -qx -e "$2" "$(config_file "$1")" || because "no '$2' in:" "$(cat "$(config_file "$1")")"
}

config_lacks() {
	! grep -q -e "$2" "$(config_file "$1")" || because "'$2' in:" "$(cat "$(config_file "$1")")"
}

# WORD SALT, by libcrypt, which pct needs as well.
crypt() {
	python3 - "$@" <<-"END"
		import ctypes, sys
		crypt = ctypes.CDLL("libcrypt.so.1").crypt
		crypt.restype = ctypes.c_char_p
		print(crypt(sys.argv[1].encode(), sys.argv[2].encode()).decode())
	END
}

spec 'fills in what was not asked for: unprivileged, 512 MiB, CT<id>, detected ostype and arch' '
	succeeds pct create 9310 "$template" --rootfs local:0 &&
	stdout_like "^extracting archive .$archive.\$" &&
	stderr_is && config_has 9310 "unprivileged: 1" && config_has 9310 "memory: 512" &&
	config_has 9310 "swap: 512" && config_has 9310 "hostname: CT9310" &&
	config_has 9310 "ostype: [a-z]*" && config_has 9310 "arch: amd64" &&
	config_has 9310 "rootfs: local:9310/subvol-9310-disk-0.subvol,size=0T" &&
	config_lacks 9310 "^lock" && pct config 9310 | LC_ALL=C sort -c &&
	pct destroy 9310 && is_gone 9310
'

spec 'stores every option, and the guest gets its part' '
	ssh-keygen -q -t ed25519 -N "" -C one@host -f "$scratch/key" &&
	{ cat "$scratch/key.pub"; echo; } >"$scratch/keys" &&
	succeeds pct create 9310 "$template" --rootfs local:0 --hostname www.example.net \
		--memory 96 --swap 32 --cores 1 --cpulimit 0.5 --cpuunits 200 \
		--net0 "name=eth0,bridge=$bridge,ip=$subnet.2/24,gw=$subnet.1,hwaddr=BC:24:11:00:00:01" \
		--nameserver "192.0.2.1 192.0.2.2" --nameserver 2001:db8::53 \
		--searchdomain lan.example --password "se cret" --ssh-public-keys "$scratch/keys" \
		--unprivileged 1 --onboot 1 --features nesting=1 --ostype alpine --arch amd64 \
		--description "first line
second %41 line" --tags "Web;db;web" --mp0 local:0,mp=/srv/data &&
	config_has 9310 "hostname: www.example.net" && config_has 9310 "memory: 96" &&
	config_has 9310 "swap: 32" && config_has 9310 "cores: 1" &&
	config_has 9310 "cpulimit: 0.5" && config_has 9310 "cpuunits: 200" &&
	config_has 9310 "net0: name=eth0,bridge=$bridge,gw=$subnet.1,hwaddr=BC:24:11:00:00:01,ip=$subnet.2/24,type=veth" &&
	config_has 9310 "nameserver: 192.0.2.1 192.0.2.2 2001:db8::53" &&
	config_has 9310 "searchdomain: lan.example" && config_has 9310 "onboot: 1" &&
	config_has 9310 "features: nesting=1" && config_has 9310 "ostype: alpine" &&
	config_has 9310 "tags: db;web" && config_has 9310 "#first line" &&
	config_has 9310 "mp0: local:9310/subvol-9310-disk-1.subvol,mp=/srv/data,size=0T" &&
	config_lacks 9310 secret && config_lacks 9310 ssh-ed25519 &&
	pct config 9310 >"$scratch/config" &&
	grep -qx "description: first line%0Asecond %2541 line%0A*" "$scratch/config"
'

spec 'gave the guest name, resolver and interface in files that container root owns' '
	tree=$(tree 9310) && cat "$tree/etc/hostname" "$tree/etc/hosts" "$tree/etc/resolv.conf" \
		"$tree/etc/network/interfaces" &&
	grep -qx "www" "$tree/etc/hostname" && grep -q "www.example.net" "$tree/etc/hosts" &&
	grep -qx "nameserver 2001:db8::53" "$tree/etc/resolv.conf" &&
	grep -qx "search lan.example" "$tree/etc/resolv.conf" &&
	grep -q "$subnet.2" "$tree/etc/network/interfaces" &&
	for file in hostname hosts resolv.conf network/interfaces; do
		[ "$(told "%U:%G %m" "$tree/etc/$file")" = "100000:100000 644" ] || exit 1
	done
'

spec 'set the password as SHA-512 crypt, and wrote the keys for root alone' '
	tree=$(tree 9310) && hash=$(sed -n "s/^root:\([^:]*\):.*/\1/p" "$tree/etc/shadow") &&
	salt=$(echo "$hash" | cut -d "$" -f 3) &&
	equals "$(crypt "se cret" "\$6\$$salt\$")" "$hash" &&
	[ "$(told %m "$tree/etc/shadow")" = 640 ] &&
	grep -q "^ssh-ed25519 .* one@host$" "$tree/root/.ssh/authorized_keys" &&
	equals "$(told "%U:%G %m" "$tree/root/.ssh")" "100000:100000 700" &&
	equals "$(told "%U:%G %m" "$tree/root/.ssh/authorized_keys")" "100000:100000 600"
'

spec 'starts that container with all of it in force' '
	pct start 9310 && answers 9310 &&
	equals "$(pct exec 9310 -- hostname)" www.example.net &&
	pct exec 9310 -- touch /srv/data/file && [ -f "$(tree 9310 1)/file" ] &&
	pct exec 9310 -- ip addr show eth0 | grep -q "inet $subnet.2/24" &&
	pct exec 9310 -- ip link show eth0 | grep -qi "bc:24:11:00:00:01" &&
	pct stop 9310 && pct destroy 9310 && is_gone 9310
'

spec 'creates from the path of an archive, and starts with --start 1' '
	cp "$archive" "$scratch/some name.tar.zst" &&
	pct create 9310 "$scratch/some name.tar.zst" --rootfs local:0 --memory 64 --start 1 &&
	has_status 9310 running && answers 9310 && pct destroy 9310 --force 1
'

spec 'keeps the container when only its start fails' '
	fails_with 255 pct create 9310 "$template" --rootfs local:0 --start 1 \
		--net0 name=eth0,bridge=ptbnone &&
	has_status 9310 stopped && config_lacks 9310 "^lock" && pct destroy 9310 && is_gone 9310
'

spec 'locks the root password when none is given' '
	given_container 9310 && grep -q "^root:\*:" "$(tree 9310)/etc/shadow" && pct destroy 9310
'

spec 'takes the password from two lines of stdin' '
	printf "geheim\ngeheim\n" | pct create 9310 "$template" --rootfs local:0 --password &&
	grep -qF "root:\$6\$" "$(tree 9310)/etc/shadow" && pct destroy 9310
'

spec 'asks for the password on a terminal without showing it' '
	typed "geheim\n" "geheim\n" &&
	succeeds on_terminal pct create 9310 "$template" --rootfs local:0 --password &&
	stdout_like "^Enter new password: \*\*\*\*\*\*" &&
	stdout_like "^Retype new password: " && ! grep -q geheim "$scratch/stdout" &&
	grep -qF "root:\$6\$" "$(tree 9310)/etc/shadow" && pct destroy 9310
'

spec 'creates nothing when the two passwords differ or the key file is missing or bad' '
	typed "geheim\n" "anders\n" &&
	fails_with 255 on_terminal pct create 9310 "$template" --rootfs local:0 --password &&
	stdout_like "passwords do not match" && is_gone 9310 &&
	fails_with 255 pct create 9310 "$template" --ssh-public-keys "$scratch/none" && is_gone 9310 &&
	echo "no key" >"$scratch/keys" &&
	fails_with 255 pct create 9310 "$template" --ssh-public-keys "$scratch/keys" &&
	stderr_is "SSH public key validation error" && is_gone 9310
'

spec 'makes a raw ext4 image of 1 GiB that belongs to container root' '
	succeeds pct create 9311 "$template" --rootfs local:1 --memory 64 &&
	stdout_like "^Creating filesystem with " && stdout_like "^Filesystem UUID: " &&
	image=$root/var/lib/vz/images/9311/vm-9311-disk-0.raw &&
	equals "$(stat -c %s "$image")" $((1 << 30)) && [ "$(stat -c %b "$image")" -lt 200000 ] &&
	config_has 9311 "rootfs: local:9311/vm-9311-disk-0.raw,size=1G" &&
	dumpe2fs -h "$image" 2>/dev/null | grep "^Filesystem features:" | grep -q mmp && is_clean
'

spec 'runs on the image through a loop device that goes when it stops' '
	pct start 9311 && answers 9311 &&
	equals "$(losetup -n -O NAME -j "$root/var/lib/vz/images/9311/vm-9311-disk-0.raw" | wc -l)" 1 &&
	pct exec 9311 -- df / | grep -q /dev/loop &&
	equals "$(pct exec 9311 -- stat -c %u:%g /)" 0:0 &&
	pct exec 9311 -- sh -c "echo kept >/root/note; sync" && pct stop 9311 && is_clean &&
	pct start 9311 && equals "$(pct exec 9311 -- cat /root/note)" kept &&
	pct stop 9311 && pct destroy 9311 && is_gone 9311
'

spec 'takes 4 GiB on the default storage when no rootfs is given, and sizes with fractions' '
	pct create 9311 "$template" && config_has 9311 "rootfs: local:9311/vm-9311-disk-0.raw,size=4G" &&
	pct destroy 9311 && pct create 9311 "$template" --rootfs 0.125 --mp0 local:0.0625,mp=/data &&
	config_has 9311 "rootfs: local:9311/vm-9311-disk-0.raw,size=128M" &&
	config_has 9311 "mp0: local:9311/vm-9311-disk-1.raw,mp=/data,size=64M" &&
	pct start 9311 && pct exec 9311 -- df /data | grep -q /dev/loop && pct stop 9311 && is_clean &&
	pct destroy 9311 && is_gone 9311
'

spec 'unpacks below a mount point onto its own volume' '
	given_container 9311 --mp0 local:0,mp=/etc && [ -e "$(tree 9311 1)/passwd" ] &&
	[ ! -e "$(tree 9311)/etc/passwd" ] && pct start 9311 && answers 9311 &&
	pct destroy 9311 --force 1 && is_gone 9311
'

spec 'reuses the lowest free name of a volume' '
	given_container 9311 && given_container 9312 && pct destroy 9311 && given_container 9311 &&
	config_has 9311 "rootfs: local:9311/subvol-9311-disk-0.subvol.*" &&
	pct destroy 9311 && pct destroy 9312
'

spec 'creates and starts a privileged container with ids as they are' '
	given_container 9312 --unprivileged 0 && config_lacks 9312 "^unprivileged: 1" &&
	equals "$(told "%U:%G" "$(tree 9312)/etc/passwd")" 0:0 &&
	pct start 9312 && answers 9312 &&
	equals "$(pct exec 9312 -- awk "{ print \$2 }" /proc/self/uid_map)" 0 &&
	pct stop 9312 && pct destroy 9312 && is_gone 9312
'

spec 'detects the architecture from the programs inside' '
	mkdir -p "$scratch/tree/bin" "$scratch/tree/etc" && cp /bin/busybox "$scratch/tree/bin/sh" &&
	printf "\267" | dd of="$scratch/tree/bin/sh" bs=1 seek=18 conv=notrunc 2>/dev/null &&
	chmod 755 "$scratch/tree/bin/sh" && echo "ID=debian" >"$scratch/tree/etc/os-release" &&
	echo 12.1 >"$scratch/tree/etc/debian_version" &&
	tar -C "$scratch/tree" -cf "$scratch/arm.tar" . &&
	succeeds pct create 9312 "$scratch/arm.tar" --rootfs local:0 &&
	stdout_like "Detected container architecture: arm64" && config_has 9312 "arch: arm64" &&
	config_has 9312 "ostype: debian" && pct destroy 9312
'

# ---- what an archive holds ----

# Names of the host must not matter: 1234 and 4321 have none.
make_tree() {
	mkdir -p "$1/data/sub dir" "$1/dev" "$1/etc" "$1/bin" && (
		cd "$1/data" || exit
		echo one >file
		chown 1234:4321 file
		ln file "sub dir/hard"
		ln -s ../../etc symlink
		cp /bin/busybox setuid
		chown 0:42 setuid
		chmod 6755 setuid
		mkdir sticky
		chmod 1777 sticky
		mkdir setgid
		chown 0:50 setgid
		chmod 2775 setgid
		mkfifo fifo
		printf data >sparse
		truncate -s 30M sparse
		printf end >>sparse
		touch -d "2020-02-03 04:05:06.789012345" file
		touch -d "2019-01-01 00:00:01.5" sticky
		setfattr -n user.note -v "a value" file
		cp /bin/busybox capable
		setcap cap_net_raw,cap_net_admin=ep capable
		setfacl -m u:1234:rw,g:4321:r "sub dir/hard"
		setfacl -m d:u:77:rwx,u:77:rx setgid
		mknod ../dev/null-device c 1 3
		touch -- "$(printf "line\nbreak")" -dash
		: >empty
	)
}

pack() {
	tar -C "$1" --format=posix --acls --xattrs --xattrs-include="*" --sparse --numeric-owner \
		-cf "$2" ./
}

given() {
	[ ! -e "$top/all.tar" ] || pct create 9313 "$top/all.tar" --rootfs local:0 --ostype unmanaged
}

spec 'creates alike from tar with no compression, gzip, xz and zstd' '
	mkdir "$scratch/t" && make_tree "$scratch/t" && pack "$scratch/t" "$top/all.tar" &&
	gzip -k "$top/all.tar" && xz -k -0 "$top/all.tar" && zstd -q -k "$top/all.tar" &&
	for archive in all.tar.gz all.tar.xz all.tar.zst all.tar; do
		[ ! -e "$(tree 9313)" ] || pct destroy 9313 || exit 1
		pct create 9313 "$top/$archive" --rootfs local:0 --ostype unmanaged &&
		equals "$(cat "$(tree 9313)/data/file")" one || exit 1
	done
'

spec 'shifts owners, and keeps modes with setuid, setgid and sticky bits' '
	cd "$(tree 9313)/data" && equals "$(told "%U:%G %m" file)" 101234:104321\ 664 &&
	equals "$(told "%U:%G %m" setuid)" 100000:100042\ 6755 &&
	equals "$(told "%U:%G %m" sticky)" 100000:100000\ 1777 &&
	equals "$(told "%U:%G %m" setgid)" 100000:100050\ 2775 &&
	equals "$(told "%U:%G" symlink)" 100000:100000 && equals "$(told "%y %m" fifo)" "p 644"
'

spec 'keeps times of files and directories with their fractions' '
	cd "$(tree 9313)/data" && equals "$(told %T@ file)" 1580702706.7890123450 &&
	equals "$(told %T@ sticky)" 1546300801.5000000000
'

spec 'keeps hard links, symlinks, odd names and holes' '
	cd "$(tree 9313)/data" && equals "$(told %i file)" "$(told %i "sub dir/hard")" &&
	equals "$(told %n file)" 2 && equals "$(readlink symlink)" ../../etc &&
	[ -e "$(printf "line\nbreak")" ] && [ -e ./-dash ] &&
	equals "$(told %s sparse)" 31457283 && [ "$(told %b sparse)" -lt 100 ] &&
	equals "$(head -c 4 sparse)$(tail -c 3 sparse)" dataend
'

spec 'shifts the ids in access and default ACLs' '
	cd "$(tree 9313)/data" &&
	equals "$(getfacl -cn "sub dir/hard" | tr -d "\n")" \
		"user::rw-user:101234:rw-group::r--group:104321:r--mask::rw-other::r--" &&
	getfacl -cn setgid | grep -qx "default:user:100077:rwx" &&
	getfacl -cn setgid | grep -qx "user:100077:r-x"
'

spec 'keeps user attributes, and file capabilities with the root they hold for' '
	cd "$(tree 9313)/data" && equals "$(getfattr -n user.note --only-values file)" "a value" &&
	getcap -n capable | grep -q "cap_net_admin,cap_net_raw=ep \[rootid=100000\]"
'

spec 'leaves out device nodes below dev, and keeps dev itself' '
	[ -d "$(tree 9313)/dev" ] && equals "$(ls -A "$(tree 9313)/dev")" ""
'

spec 'keeps file capabilities in a privileged container as they were' '
	pct destroy 9313 && pct create 9313 "$top/all.tar" --rootfs local:0 --unprivileged 0 \
		--ostype unmanaged && cd "$(tree 9313)/data" &&
	equals "$(getcap -n capable)" "capable cap_net_admin,cap_net_raw=ep" &&
	equals "$(told "%U:%G" file)" 1234:4321 && pct destroy 9313 && is_gone 9313
'

ends_clean
