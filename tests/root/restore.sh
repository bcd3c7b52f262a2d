#!/bin/sh
# pct restore on real containers: what vzdump has archived comes back as it was, onto which
# volumes, over which containers, and what archives of anybody's may not do.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${RESTORE_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	RESTORE_NAMESPACE=1 exec unshare -m sh "$0" # the mount of the pool ends with it
fi
. "$(dirname "$0")/lib.sh"
begin 9400
given_template

dump=$root/var/lib/vz/dump
mkdir -p "$dump"
fw=$root/etc/pve/firewall

archive_of() { find "$dump" -name "vzdump-lxc-$1-*.tar*" ! -name '*.notes'; }

# CTID [OPTION...]: the only backup of it, $backup.
backs_up() {
	rm -f "$dump"/vzdump-lxc-"$1"-*
	vzdump "$@" --storage local >"$scratch/vzdump" 2>&1 || because "$(cat "$scratch/vzdump")" ||
		return 1
	backup=$(archive_of "$1")
}

# What differs between the two containers' files but for names of volumes.
config_without_volumes() { grep -vE "^(rootfs|mp[0-9]+):" "$(config_file "$1")"; }
volume_of() { sed -n "s/^$2: \([^,]*\).*/\1/p" "$(config_file "$1")"; }
path_of() { pvesm path "$(volume_of "$1" "$2")"; }

# DIR: a tree with everything that a backup has to keep, as a container with this shift of
# ids has it.
make_tree() {
	d=$1/everything
	mkdir -p "$d/sub" && echo f >"$d/f" && ln "$d/f" "$d/sub/link" &&
		truncate -s 3G "$d/sparse" && printf x | dd of="$d/sparse" bs=1 seek=1M conv=notrunc &&
		mkfifo "$d/fifo" && ln -s /etc/shadow "$d/sym" && touch "$d/ping" "$d/"'odd name
*[' && printf '\351' >"$d/$(printf 'latin\351')" && mkdir "$d/sticky" && chmod 3777 "$d/sticky" &&
		chown -hR "$2:$2" "$d" && chown "$(($2 + 5)):$(($2 + 65534))" "$d/f" &&
		chmod 4755 "$d/f" && setfattr -n user.k -v "a b" "$d/f" &&
		setfacl -m "u:$(($2 + 1000)):rx" "$d/f" && setfacl -d -m "g:$(($2 + 1001)):rwx" "$d/sub" &&
		setcap cap_net_raw+ep "$d/ping" && touch -d "2020-01-02 03:04:05.678901234" "$d/f" "$d/sub" "$d"
}

# DIR SHIFT: every entry of the tree with all that it has, ids as the container sees them.
listing() {
	python3 - "$1" "$2" <<-'END'
		import hashlib, os, stat, struct, sys
		top, shift = os.fsencode(sys.argv[1]), int(sys.argv[2])
		def acl(value):
		    out = [value[:4].hex()]
		    for tag, perm, who in struct.iter_unpack('<HHI', value[4:]):
		        out.append((tag, perm, who - shift if tag in (2, 8) else None))
		    return out
		def xattr(name, value):
		    if name.startswith('system.posix_acl'):
		        return acl(value)
		    return value[4:20].hex() if name == 'security.capability' else value.hex()
		inodes = {}
		for at, dirs, files in os.walk(top):
		    dirs.sort()
		    for name in sorted(dirs + files) + ([b''] if at == top else []):
		        path = os.path.join(at, name)
		        st = os.lstat(path)
		        kind = stat.S_IFMT(st.st_mode)
		        seen = inodes.setdefault(st.st_ino, path[len(top):])
		        data = os.readlink(path) if kind == stat.S_IFLNK else None
		        if kind == stat.S_IFREG:
		            with open(path, 'rb') as file:
		                data = hashlib.file_digest(file, 'md5').hexdigest() if st.st_size < 1 << 28 else \
		                    (st.st_size, st.st_blocks < 1000)
		        names = sorted(os.listxattr(path, follow_symlinks=False))
		        print(path[len(top):], oct(st.st_mode), st.st_uid - shift, st.st_gid - shift,
		              st.st_mtime_ns, seen, st.st_nlink if kind == stat.S_IFREG else '', data,
		              st.st_rdev, [(n, xattr(n, os.getxattr(path, n, follow_symlinks=False)))
		                           for n in names if n != 'security.selinux'])
	END
}

# CTID KEY CTID SHIFT SHIFT: the same entry of two containers holds the same, but for the
# directories that others are mounted on.
same_trees() {
	with_volume "$1" "$2" "$4" | grep -v "^b./srv/[a-z]*. " >"$scratch/tree.a"
	with_volume "$3" "$2" "$5" | grep -v "^b./srv/[a-z]*. " >"$scratch/tree.b"
	[ -s "$scratch/tree.a" ] || because "nothing in $2" || return 1
	cmp -s "$scratch/tree.a" "$scratch/tree.b" || because "$2 differs:" \
		"$(diff "$scratch/tree.a" "$scratch/tree.b" | cut -c 1-300 | head -n 20)"
}

# The listing of a volume, which may be an image.
with_volume() {
	at=$(path_of "$1" "$2")
	if [ -d "$at" ]; then
		listing "$at" "$3"
	else
		mkdir -p "$top/mnt" && mount -o loop,ro,noload "$at" "$top/mnt" || return 1
		listing "$top/mnt" "$3" | grep -v "^b./lost+found. "
		umount "$top/mnt"
	fi
}

# CTID: complete and not locked, with nothing but its own volumes.
is_whole() {
	! grep -qE "^(lock|unused)" "$(config_file "$1")" || because "$(cat "$(config_file "$1")")" || return 1
	equals "$(find "$root/var/lib/vz/images/$1" -mindepth 1 -maxdepth 1 | sort)" \
		"$(sed -n "s/^\(rootfs\|mp[0-9]*\):.*/\1/p" "$(config_file "$1")" | while read -r key; do
			path_of "$1" "$key"; done | sort)"
}

# CTID: its firewall file, if there is one.
firewall_is() { equals "$(cat "$fw/$1.fw" 2>/dev/null)" "$2"; }

given() {
	given_container 9400 --mp0 local:0.05,mp=/srv/image,backup=1 --mp1 local:0,mp=/srv/dir,backup=1,ro=1 \
		--mp2 local:0,mp=/srv/left --net0 "name=eth0,bridge=$bridge" --tags "b;a" \
		--description "two
lines" &&
		make_tree "$(path_of 9400 rootfs)" 100000 && make_tree "$(path_of 9400 mp1)" 100000 &&
		chown 100007:100008 "$(path_of 9400 mp1)" && chmod 2750 "$(path_of 9400 mp1)" &&
		mkdir -p "$top/mnt" && mount -o loop "$(path_of 9400 mp0)" "$top/mnt" &&
		make_tree "$top/mnt" 100000 && chmod 1777 "$top/mnt" && umount "$top/mnt" &&
		echo left >"$(path_of 9400 mp2)/left"
}
given_bridge
given >"$top/given" 2>&1 || cat "$top/given"

spec 'restores a container: its configuration, and all of its volumes with what was in them' '
	backs_up 9400 --compress zstd &&
	succeeds pct restore 9401 "local:backup/${backup##*/}" && is_clean &&
	stdout_has "recovering backed-up configuration from '\''local:backup/${backup##*/}'\''" &&
	stdout_has "restoring '\''local:backup/${backup##*/}'\'' now.." &&
	stdout_has "extracting archive '\''$backup'\''" &&
	stdout_has "merging backed-up and given configuration.." && stderr_is &&
	equals "$(config_without_volumes 9401)" "$(config_without_volumes 9400)" &&
	equals "$(sed -n "s/^mp.: [^,]*//p" "$(config_file 9401)")" \
		"$(sed -n "s/^mp.: [^,]*//p" "$(config_file 9400)")" &&
	same_trees 9400 rootfs 9401 100000 100000 && same_trees 9400 mp0 9401 100000 100000 &&
	same_trees 9400 mp1 9401 100000 100000 && equals "$(ls -A "$(path_of 9401 mp2)")" "" &&
	[ ! -e "$(path_of 9401 rootfs)/etc/vzdump" ] &&
	equals "$(cat "$(path_of 9401 rootfs)/etc/hostname")" "$(cat "$(path_of 9400 rootfs)/etc/hostname")"
'

spec 'a restored container runs, privileged or not, and back again nothing has changed' '
	pct destroy 9401 && backs_up 9400 && succeeds pct restore 9402 "$backup" --unprivileged 0 && ! grep -q "^unprivileged" "$(config_file 9402)" &&
	equals "$(stat -c "%u %g" "$(path_of 9402 rootfs)/everything/f")" "5 65534" &&
	equals "$(getcap "$(path_of 9402 rootfs)/everything/ping" | sed "s/.* //")" "cap_net_raw=ep" &&
	same_trees 9400 rootfs 9402 100000 0 && same_trees 9400 mp1 9402 100000 0 && backs_up 9402 &&
	succeeds pct create 9401 "$backup" --restore 1 --unprivileged 1 && same_trees 9400 rootfs 9401 100000 100000 &&
	same_trees 9400 mp0 9401 100000 100000 && same_trees 9400 mp1 9401 100000 100000 &&
	equals "$(stat -c "%u %g %a" "$(path_of 9401 mp1)")" "100007 100008 2750" && pct destroy 9402 && sed -i /^net0/d "$(config_file 9401)" && pct start 9401 && answers 9401 &&
	pct stop 9401 && pct destroy 9401 && is_clean
'

spec 'the guest gets what its distribution needs after a restore, and nothing else' '
	boot=$(path_of 9400 rootfs)/etc/runlevels && mkdir -p "$boot/boot" "$boot/shutdown" && chown -R 100000:100000 "$boot" &&
	rm -f "$boot/boot/networking" && backs_up 9400 && cp "$(path_of 9400 rootfs)/etc/shadow" "$scratch/shadow" &&
	succeeds pct restore 9401 "$backup" --hostname changed && boot=$(path_of 9401 rootfs)/etc/runlevels/boot &&
	equals "$(readlink "$boot/networking")" /etc/init.d/networking && equals "$(stat -c %u "$boot/networking" )" 100000 &&
	cmp "$(path_of 9401 rootfs)/etc/shadow" "$scratch/shadow" &&
	equals "$(cat "$(path_of 9401 rootfs)/etc/hostname")" ct9400 && pct destroy 9401 &&
	rm -r "$(path_of 9400 rootfs)/etc/runlevels"
'

spec 'a device in a backup is made for a privileged container only, or left out on demand' '
	mknod "$(path_of 9400 rootfs)/everything/null" c 1 3 && chown 100000:100000 "$(path_of 9400 rootfs)/everything/null" &&
	backs_up 9400 && fails_with 255 pct restore 9401 "$backup" && stderr_like "cannot create a device node" &&
	stderr_like "^unable to restore CT 9401 - cannot unpack " && is_gone 9401 &&
	succeeds pct restore 9401 "$backup" --ignore-unpack-errors 1 &&
	stdout_has "WARN: errors while unpacking '\''$backup'\'' were ignored" &&
	[ ! -e "$(path_of 9401 rootfs)/everything/null" ] && pct destroy 9401 &&
	succeeds pct restore 9401 "$backup" --unprivileged 0 &&
	equals "$(stat -c "%F %t %T" "$(path_of 9401 rootfs)/everything/null")" "character special file 1 3" &&
	pct destroy 9401 && rm "$(path_of 9400 rootfs)/everything/null"
'

spec 'takes only the volumes that the command line names, and spreads the archive over them' '
	mkdir -p "$top/bound" && chown 100000:100000 "$top/bound" && backs_up 9400 --compress gzip &&
	succeeds pct restore 9401 "$backup" --rootfs local:0 --mp5 local:0.03,mp=/srv/dir \
		--mp6 "$top/bound,mp=/srv/image" --memory 77 --hostname other &&
	equals "$(grep -cE "^mp" "$(config_file 9401)")" 2 && grep -qx "memory: 77" "$(config_file 9401)" &&
	grep -qx "hostname: other" "$(config_file 9401)" &&
	[ -e "$top/bound/everything/f" ] && [ -d "$(path_of 9401 rootfs)/srv/left" ] &&
	equals "$(ls -A "$(path_of 9401 rootfs)/srv/image" "$(path_of 9401 rootfs)/srv/dir")" \
		"$(printf "%s:\n\n%s:" "$(path_of 9401 rootfs)/srv/dir" "$(path_of 9401 rootfs)/srv/image")" &&
	mkdir -p "$top/mnt" && mount -o loop,ro,noload "$(path_of 9401 mp5)" "$top/mnt" &&
	{ [ -e "$top/mnt/everything/f" ]; found=$?; umount "$top/mnt"; equals $found 0; } &&
	pct destroy 9401 && rm -r "$top/bound"
'

spec 'reads an archive from standard input' '
	vzdump 9400 --stdout 1 2>/dev/null >"$scratch/tar" &&
	pct restore 9401 - --rootfs local:0 --unprivileged 1 <"$scratch/tar" >"$scratch/stdout" 2>"$scratch/stderr" &&
	stdout_has "extracting archive from STDIN" && ! stdout_like "^restoring\|^recovering" &&
	same_trees 9400 rootfs 9401 100000 100000 2>/dev/null || [ -d "$(path_of 9401 rootfs)/srv/dir/everything" ] &&
	equals "$(config_without_volumes 9401)" "$(config_without_volumes 9400)" && pct destroy 9401 &&
	cat "$scratch/tar" | pct restore 9401 - --rootfs local:0 >"$scratch/stdout" 2>"$scratch/stderr" &&
	stdout_like "^WARN: the backup is of an unprivileged container; this one is privileged" &&
	stderr_is "Task finished with 1 warning(s)!" && ! grep -q ^unprivileged "$(config_file 9401)" &&
	equals "$(stat -c %u "$(path_of 9401 rootfs)/bin")" 0 && pct destroy 9401
'

spec 'says that there is no configuration on standard input, and goes by the options' '
	tar -C "$(path_of 9400 rootfs)" --numeric-owner --owner=0 --group=0 -cf "$scratch/tar" ./bin ./etc ./sbin &&
	succeeds sh -c "pct restore 9401 - --rootfs local:0 --unprivileged 1 <$scratch/tar" &&
	stdout_has "Backup archive does not contain any configuration" && stdout_like "^#\{60\}$" &&
	lines "arch: amd64" "hostname: CT9401" "memory: 512" "ostype: alpine" \
		"rootfs: $(volume_of 9401 rootfs),size=0T" "swap: 512" "unprivileged: 1" | diff - "$(config_file 9401)" &&
	pct destroy 9401 && mv "$scratch/tar" "$dump/none.tar" &&
	fails_with 255 pct restore 9401 "$dump/none.tar" --rootfs local:0 && rm "$dump/none.tar" &&
	stderr_is "unable to restore CT 9401 - archive contains no configuration file" && is_gone 9401
'

spec 'reads archives of each compression' '
	for kind in gzip:gz lzo:lzo zstd:zst; do
		command -v "$(echo "${kind%:*}" | sed s/lzo/lzop/)" >/dev/null || continue
		backs_up 9400 --compress "${kind%:*}" && succeeds pct restore 9401 "$backup" &&
		[ -e "$(path_of 9401 rootfs)/everything/f" ] && pct destroy 9401 || exit 1
	done
'

spec 'restores what was archived while it ran' '
	pct start 9400 && answers 9400 && backs_up 9400 --mode suspend && pct stop 9400 &&
	succeeds pct restore 9401 "$backup" && same_trees 9400 mp0 9401 100000 100000 &&
	same_trees 9400 mp1 9401 100000 100000 && [ ! -e "$(path_of 9401 rootfs)/etc/vzdump" ] &&
	equals "$(config_without_volumes 9401)" "$(config_without_volumes 9400)" && pct destroy 9401
'

spec 'gives new addresses with unique, and keeps them without' '
	backs_up 9400 && old=$(sed -n "s/.*hwaddr=\([^,]*\).*/\1/p" "$(config_file 9400)") &&
	succeeds pct restore 9401 "$backup" --unique 1 --net0 name=eth9,bridge=none,hwaddr=02:00:00:00:00:01 &&
	now=$(sed -n "s/^net0:.*hwaddr=\([^,]*\).*/\1/p" "$(config_file 9401)") &&
	[ -n "$now" ] && [ "$now" != "$old" ] && [ "$now" != 02:00:00:00:00:01 ] &&
	grep -q "^net0: name=eth0,bridge=$bridge," "$(config_file 9401)" && pct destroy 9401
'

spec 'brings the firewall rules back, and leaves none of its own in the guest' '
	mkdir -p "$fw" && echo "[OPTIONS]" >"$fw/9400.fw" && backs_up 9400 && rm "$fw/9400.fw" &&
	succeeds pct restore 9401 "$backup" && firewall_is 9401 "[OPTIONS]" &&
	[ ! -e "$(path_of 9401 rootfs)/etc/vzdump" ] && echo new >"$fw/9401.fw" &&
	succeeds pct restore 9401 "$backup" --force 1 && firewall_is 9401 "[OPTIONS]" &&
	pct destroy 9401 && [ ! -e "$fw/9401.fw" ]
'

spec 'mounts of the host come back after the files, and are told' '
	mkdir -p "$top/bound" && cp "$(config_file 9400)" "$scratch/before" &&
	{ grep -v "^rootfs\|^s\|^t\|^u" "$scratch/before"
		echo "mp7: $top/bound,mp=/mnt/bound"; echo "lxc.hook.stop: /nonexistent"
		grep "^rootfs\|^s\|^t\|^u" "$scratch/before"; } >"$(config_file 9400)" &&
	mkdir -p "$(path_of 9400 rootfs)/mnt/bound" && echo guest >"$(path_of 9400 rootfs)/mnt/bound/file" &&
	backs_up 9400 && cp "$scratch/before" "$(config_file 9400)" &&
	succeeds pct restore 9401 "$backup" && grep -qx "mp7: $top/bound,mp=/mnt/bound" "$(config_file 9401)" &&
	stdout_has "the configuration reaches into the host by mp7, lxc.hook.stop" &&
	equals "$(ls -A "$top/bound")" "" && rm -r "$(path_of 9400 rootfs)/mnt/bound" "$top/bound" &&
	pct destroy 9401
'

spec 'a backup of a template becomes a template, or nothing where the storage has none' '
	given_container 9403 --rootfs local:0.05 && cp "$(config_file 9403)" "$scratch/before" && pct template 9403 &&
	backs_up 9403 && succeeds pct restore 9404 "$backup" &&
	stdout_has "Convert restored container to template..." && grep -qx "template: 1" "$(config_file 9404)" &&
	grep -q "^rootfs: local:9404/base-9404-disk-0.raw," "$(config_file 9404)" && is_whole 9404 &&
	succeeds pct restore 9404 "$backup" --force 1 && is_whole 9404 &&
	grep -q "^rootfs: local:9404/base-9404-disk-1.raw," "$(config_file 9404)" &&
	cp "$(config_file 9404)" "$scratch/before" && sed -i "/^memory/a mp0: /srv,mp=/mnt" "$(config_file 9403)" &&
	backs_up 9403 && fails_with 255 pct restore 9404 "$backup" --force 1 &&
	stderr_is "unable to restore CT 9404 - Template feature is not available for '\''/srv'\''" &&
	cmp "$scratch/before" "$(config_file 9404)" && is_whole 9404 && pct destroy 9404 &&
	fails_with 255 pct restore 9404 "$backup" && is_gone 9404 &&
	succeeds pct restore 9404 "$backup" --template 0 && ! grep -q ^template "$(config_file 9404)" &&
	pct destroy 9404 && pct destroy 9403
'

spec 'holds to the limits of the storages it writes to, unless told otherwise' '
	backs_up 9400 && size=$(($(stat -c %s "$backup") / 1024)) &&
	printf "dir: local\n\tpath %s\n\tcontent rootdir,vztmpl,backup\n\tbwlimit restore=%s\n" \
		"$root/var/lib/vz" $((size / 6)) >"$root/etc/pve/storage.cfg" &&
	begun=$(date +%s%N) && succeeds pct restore 9401 "$backup" &&
	[ $((($(date +%s%N) - begun) / 1000000)) -gt 5000 ] && pct destroy 9401 && begun=$(date +%s%N) &&
	succeeds pct restore 9401 "$backup" --bwlimit 0 && [ $((($(date +%s%N) - begun) / 1000000)) -lt 5000 ] &&
	pct destroy 9401 && rm "$root/etc/pve/storage.cfg"
'

# ---- over another container ----

spec 'replaces a container with force: its volumes go when the new ones are complete' '
	backs_up 9400 && given_container 9401 --mp0 local:0.01,mp=/old && touch "$(path_of 9401 rootfs)/old" &&
	succeeds pct restore 9401 "$backup" --force 1 && is_whole 9401 && is_clean &&
	[ ! -e "$(path_of 9401 rootfs)/old" ] && same_trees 9400 rootfs 9401 100000 100000 &&
	equals "$(volume_of 9401 rootfs)" local:9401/subvol-9401-disk-2.subvol &&
	succeeds pct restore 9401 "$backup" --force 1 --start 0 && is_whole 9401
'

spec 'remembers what it cannot remove of the old container, and the next restore removes it' '
	backs_up 9400 && printf "dir: local\n\tpath %s\n\tcontent rootdir,vztmpl,backup\n\ndir: second\n\tpath %s\n\tcontent rootdir\n" \
		"$root/var/lib/vz" "$top/second" >"$root/etc/pve/storage.cfg" && given_container 9402 --mp0 second:0.01,mp=/old &&
	printf "\tdisable 1\n" >>"$root/etc/pve/storage.cfg" && succeeds pct restore 9402 "$backup" --force 1 &&
	stdout_has "WARN: storage '\''second'\'' is disabled" && stderr_is "Task finished with 1 warning(s)!" &&
	equals "$(grep "^lock\|^unused" "$(config_file 9402)")" "unused0: second:9402/vm-9402-disk-0.raw" &&
	sed -i /disable/d "$root/etc/pve/storage.cfg" && succeeds pct restore 9402 "$backup" --force 1 && is_whole 9402 &&
	equals "$(ls -A "$top/second/images")" "" && pct destroy 9402 && rm -r "$root/etc/pve/storage.cfg" "$top/second"
'

spec 'refuses to replace a running container, and changes nothing' '
	backs_up 9400 && sed -i /^net0/d "$(config_file 9401)" && cp "$(config_file 9401)" "$scratch/before" && pct start 9401 &&
	fails_with 255 pct restore 9401 "$backup" --force 1 && stderr_is "can'\''t overwrite running container" &&
	cmp "$(config_file 9401)" "$scratch/before" && pct stop 9401 && is_whole 9401
'

spec 'keeps the old container, whatever fails' '
	backs_up 9400 && mkdir -p "$fw" && echo old >"$fw/9401.fw" && cp "$(config_file 9401)" "$scratch/before" &&
	find "$root/var/lib/vz/images/9401" -mindepth 1 -printf "%P %T@ %U %s\n" | sort >"$scratch/files" &&
	kept() {
		cmp "$(config_file 9401)" "$scratch/before" && firewall_is 9401 old && is_whole 9401 && is_clean &&
		find "$root/var/lib/vz/images/9401" -mindepth 1 -printf "%P %T@ %U %s\n" | sort | diff "$scratch/files" -
	} &&
	head -c 1000000 "$backup" >"$dump/cut.tar" && fails_with 255 pct restore 9401 "$dump/cut.tar" --force 1 &&
	stderr_like "archive is damaged or truncated" && kept &&
	echo nothing >"$dump/cut.tar" && fails_with 255 pct restore 9401 "$dump/cut.tar" --force 1 && kept &&
	fails_with 255 pct restore 9401 "$backup" --force 1 --rootfs local:0.001 && kept &&
	fails_with 255 pct restore 9401 "$backup" --force 1 --rootfs local:0 --mp0 local:9999999,mp=/srv && kept &&
	rm "$dump/cut.tar" "$fw/9401.fw"
'

spec 'keeps the old container when it is interrupted' '
	backs_up 9400 && cp "$(config_file 9401)" "$scratch/before" && for signal in QUIT TERM; do
		"$bin/pct" restore 9401 "$backup" --force 1 --bwlimit 300 >"$scratch/stdout" 2>"$scratch/stderr" &
		pid=$!
		within 5 grep -q "^extracting" "$scratch/stdout" && sleep 0.3 && kill "-$signal" $pid && {
			wait $pid
			equals $? 255
		} && stderr_like "received interrupt" && cmp "$(config_file 9401)" "$scratch/before" && is_whole 9401 || exit 1
	done
'

spec 'never removes a volume that the new container goes on using' '
	backs_up 9400 && keep=$(path_of 9401 mp1) && echo kept >"$keep/kept" &&
	succeeds pct restore 9401 "$backup" --force 1 --rootfs local:0 --mp1 "$(volume_of 9401 mp1),mp=/srv/dir" &&
	equals "$(cat "$keep/kept")" kept && is_whole 9401 && pct destroy 9401
'

# ---- archives of anybody's ----

# NAME: an archive with ./etc/vzdump of $evil and the files of the container behind it.
given_evil() {
	evil_archive=$dump/$1.tar
	tar -C "$evil" --numeric-owner --owner=0 --group=0 -S -cf "$evil_archive" "$2" &&
		tar -C "$(path_of 9400 rootfs)" --numeric-owner --owner=0 --group=0 --exclude=./everything \
			-rf "$evil_archive" ./bin ./etc ./sbin
}
evil=$top/evil
good_config() { printf 'arch: amd64\nhostname: good\nrootfs: local:1/x.subvol,size=0T\nunprivileged: 1\n'; }
fresh_evil() { rm -rf "$evil" && mkdir -p "$evil/etc/vzdump"; }

# Nothing of the host came in, nothing went out.
is_untouched() {
	equals "$(cat "$top/canary/pct.conf")" "hostname: canary" && equals "$(ls "$top/canary")" \
		"$(printf "pct.conf\npct.fw")" && equals "$(cat "$top/canary/pct.fw")" canary
}
mkdir -p "$top/canary"
echo "hostname: canary" >"$top/canary/pct.conf"
echo canary >"$top/canary/pct.fw"
chmod -R a+rwX "$top/canary"

spec 'refuses control characters in the values of a backup' '
	esc=$(printf "\033") && for line in "searchdomain: a.b${esc}[2J" "nameserver: 192.0.2.1$esc" \
		"hostname: a${esc}b" "net0: name=e${esc}th0,bridge=$bridge" "lxc.mount.entry: a${esc}b"; do
		fresh_evil && { good_config | grep -v ^hostname; echo "$line"; } | sort >"$evil/etc/vzdump/pct.conf" &&
		given_evil control ./etc/vzdump/pct.conf && fails_with 255 pct restore 9401 "$evil_archive" &&
		stderr_is "unable to restore CT 9401 - ${line%%:*}: control character in the value" &&
		! grep -q "$esc" "$scratch/stdout" && is_gone 9401 &&
		fails_with 255 sh -c "pct restore 9401 - --rootfs local:0 --unprivileged 1 <$evil_archive" &&
		stderr_is "unable to restore CT 9401 - ${line%%:*}: control character in the value" && is_gone 9401 ||
			exit 1
	done
'

spec 'takes a configuration only from a regular file of the archive, and not a large one' '
	for odd in "ln -s $top/canary/pct.conf" "ln -s ../../../../../../../../../..$top/canary/pct.conf" mkfifo mkdir \
		"truncate -s 1G"; do
		fresh_evil && $odd "$evil/etc/vzdump/pct.conf" && given_evil odd ./etc/vzdump/pct.conf &&
		begun=$(date +%s) && fails_with 255 pct restore 9401 "$evil_archive" && is_gone 9401 &&
		fails_with 255 sh -c "pct restore 9401 - --rootfs local:0 --unprivileged 1 <$evil_archive" &&
		is_gone 9401 && is_untouched && [ $(($(date +%s) - begun)) -lt 10 ] &&
		! grep -q canary "$scratch/stdout" && tell "$(tail -n 1 "$scratch/stderr")" || exit 1
	done
'

spec 'does not follow a directory etc/vzdump that leads out of the tree' '
	for target in "$top/canary" "../../../../../../../../../../..$top/canary"; do
		fresh_evil && good_config >"$evil/etc/vzdump/pct.conf" && given_evil link ./etc/vzdump/pct.conf &&
		rm -r "$evil/etc/vzdump" && ln -s "$target" "$evil/etc/vzdump" &&
		tar -C "$evil" -cf "$scratch/first.tar" ./etc/vzdump && tar -Af "$scratch/first.tar" "$evil_archive" &&
		mv "$scratch/first.tar" "$dump/linked.tar" || exit 1
		for archive in "$dump/linked.tar" -; do
			run sh -c "pct restore 9401 $archive --rootfs local:0 --unprivileged 1 <$dump/linked.tar"
			tell "$(tail -n 1 "$scratch/stdout")" "$(cat "$scratch/stderr")"
			is_untouched && ! grep -q canary "$(config_file 9401)" 2>/dev/null && [ ! -e "$fw/9401.fw" ] || exit 1
			[ ! -e "$(config_file 9401)" ] || pct destroy 9401
		done
	done
'

spec 'takes firewall rules only from a regular file, and not a large one' '
	for odd in "ln -s $top/canary/pct.fw" "ln -s ../../../../../../../../../..$top/canary/pct.fw" mkfifo mkdir; do
		fresh_evil && good_config >"$evil/etc/vzdump/pct.conf" && $odd "$evil/etc/vzdump/pct.fw" &&
		given_evil firewall ./etc/vzdump && begun=$(date +%s) && succeeds pct restore 9401 "$evil_archive" &&
		stdout_like "^WARN: etc/vzdump/pct.fw in the backup is not a regular file" && [ ! -e "$fw/9401.fw" ] &&
		is_untouched && [ ! -e "$(path_of 9401 rootfs)/etc/vzdump" ] && [ $(($(date +%s) - begun)) -lt 10 ] &&
		pct destroy 9401 || exit 1
	done &&
	fresh_evil && good_config >"$evil/etc/vzdump/pct.conf" && truncate -s 1G "$evil/etc/vzdump/pct.fw" &&
	given_evil firewall ./etc/vzdump && fails_with 255 pct restore 9401 "$evil_archive" && is_gone 9401 &&
	stderr_like "^unable to restore CT 9401 - etc/vzdump/pct.fw in the backup: more than 16777216 bytes"
'

spec 'leaves keys out that it does not know, and refuses backups of OpenVZ' '
	fresh_evil && { good_config; echo "tomorrow: 1"; } >"$evil/etc/vzdump/pct.conf" &&
	given_evil unknown ./etc/vzdump/pct.conf && succeeds pct restore 9401 "$evil_archive" &&
	stdout_like "unable to parse value of .tomorrow. - unknown setting" && ! grep -q tomorrow "$(config_file 9401)" &&
	pct destroy 9401 && fresh_evil && echo VE_ROOT=/x >"$evil/etc/vzdump/vps.conf" &&
	given_evil openvz ./etc/vzdump/vps.conf && fails_with 255 pct restore 9401 "$evil_archive" &&
	stderr_like "^unable to restore CT 9401 - the backup is of an OpenVZ container" && is_gone 9401
'

restores_on_btrfs() {
	given_container 9400 --rootfs pool:0 --mp0 pool:0.05,mp=/srv/image,backup=1 --mp1 local:0,mp=/srv/dir,backup=1 &&
		make_tree "$(path_of 9400 rootfs)" 100000 && make_tree "$(path_of 9400 mp1)" 100000 && backs_up 9400 &&
		succeeds pct restore 9401 "$backup" --storage pool && same_trees 9400 rootfs 9401 100000 100000 &&
		same_trees 9400 mp0 9401 100000 100000 && same_trees 9400 mp1 9401 100000 100000 || return 1
	# Snapshots go with the volumes that they are of.
	pct snapshot 9401 one && succeeds pct restore 9401 "$backup" --storage pool --force 1 &&
		! grep -q "^\[\|^unused" "$(config_file 9401)" && equals "$(find "$top/pool/images/9401" -mindepth 1 -maxdepth 1 | wc -l)" 3 &&
		same_trees 9400 rootfs 9401 100000 100000 || return 1
	# What was cloned from the old container stays.
	succeeds pct restore 9401 "$backup" --force 1 --rootfs pool:0.05 && pct template 9401 && pct clone 9401 9402 &&
		succeeds pct restore 9401 "$backup" --force 1 --storage pool && ! grep -q "^lock\|^unused" "$(config_file 9401)" &&
		same_trees 9400 rootfs 9401 100000 100000 && pct destroy 9401 && e2fsck -fn "$(path_of 9402 rootfs)" &&
		pct destroy 9402 && equals "$(ls -A "$top/pool/images")" 9400
}

spec 'keeps everything on btrfs, and what was cloned from what it replaces' '
	command -v mkfs.btrfs >/dev/null && make_pool >"$top/pool.log" 2>&1 ||
		skip_spec "a btrfs on a loop device cannot be mounted here"
	pct destroy 9400 &&
	printf "dir: local\n\tpath %s\n\tcontent rootdir,vztmpl,backup\n\nbtrfs: pool\n\tpath %s\n\tcontent rootdir\n" \
		"$root/var/lib/vz" "$top/pool" >"$root/etc/pve/storage.cfg" && restores_on_btrfs
	status=$?
	[ $status = 0 ] || cat "$scratch/stdout" "$scratch/stderr" "$(config_file 9401)"
	for ctid in 9402 9401 9400; do [ ! -e "$(config_file $ctid)" ] || pct destroy $ctid; done
	rm -f "$root/etc/pve/storage.cfg"
	umount "$top/pool" && rm -rf "$top/pool" "$top/pool.img" && [ $status = 0 ]
'

rm -rf "$dump" "$fw"
ends_clean
