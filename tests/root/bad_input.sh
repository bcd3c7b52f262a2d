#!/bin/sh
# What is refused changes nothing: no volume, no configuration, no lock, no mount.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9320
given_template

given() {
	rm -rf "$root/etc/pve/storage.cfg" "$root"/etc/pve/lxc/*
	given_container 9320
}

# STATUS COMMAND...: it fails so, and the root is as it was.
refused() {
	before=$(everything)
	fails_with "$@" && equals "$(everything)" "$before" && is_clean
}

everything() {
	find "$root" \( -path "$root/run" -o -path "$root/var/log" -o -path "$root/var/lock" \) -prune -o \
		-type f -printf "%p %s %T@\n" -o -printf "%p\n" | LC_ALL=C sort
}

spec 'refuses CTIDs that are none' '
	for ctid in 99 0 abc 1000000000 0100 100.5 "" 18446744073709551716; do
		refused 255 pct create "$ctid" "$template" &&
		stderr_starts "400 Parameter verification failed." || exit 1
	done
'

spec 'refuses a CTID that is taken, and leaves its container alone' '
	given && refused 255 pct create 9320 "$template" --rootfs local:0 &&
	stderr_is "CT 9320 already exists on node '\''$node'\''" && pct start 9320 && pct stop 9320
'

spec 'refuses unknown, ambiguous and valueless options' '
	refused 255 pct create 9321 "$template" --nosuch 1 && stderr_starts "Unknown option: nosuch" &&
	refused 255 pct create 9321 "$template" --s 1 && stderr_like "^Option s is ambiguous (" &&
	refused 255 pct create 9321 "$template" --memory &&
	stderr_starts "Option memory requires an argument" &&
	refused 255 pct create 9321 && stderr_starts "400 not enough arguments"
'

spec 'refuses memory of 15 MiB and other values out of range' '
	refused 255 pct create 9321 "$template" --memory 15 &&
	stderr_like "^memory: value must have a minimum value of 16$" &&
	refused 255 pct create 9321 "$template" --cores 0 &&
	refused 255 pct create 9321 "$template" --hostname "a b" &&
	refused 255 pct create 9321 "$template" --hostname "$(printf "a\nlxc.hook.start = x")" &&
	refused 255 pct create 9321 "$template" --net0 "name=eth0,bridge=a,tag=4095" &&
	refused 255 pct create 9321 "$template" --mp0 local:0 &&
	refused 255 pct create 9321 "$template" --mp0 local:0,mp=/a &&
	stderr_like "mount points configured, but .rootfs. not set - aborting"
'

spec 'refuses templates that are missing, and names that are no archive' '
	refused 255 pct create 9321 local:vztmpl/none.tar.zst && [ -s "$scratch/stderr" ] &&
	refused 255 pct create 9321 /tmp/none.tar.zst && [ -s "$scratch/stderr" ] &&
	refused 255 pct create 9321 nosuch:vztmpl/none.tar.zst &&
	stderr_like "storage .nosuch. does not exist" &&
	refused 255 pct create 9321 /etc/passwd &&
	stderr_like "file does not look like a template archive: /etc/passwd" &&
	refused 255 pct create 9321 local:vztmpl/../../../../etc/passwd &&
	refused 255 pct create 9321 local:iso/x.iso
'

spec 'refuses storages that are missing, disabled or hold no containers' '
	refused 255 pct create 9321 "$template" --storage nosuch &&
	refused 255 pct create 9321 "$template" --rootfs nosuch:1 &&
	mkdir -p "$top/other" "$root/etc/pve" && {
		printf "dir: iso\n\tpath %s\n\tcontent iso\n\n" "$top/other"
		printf "dir: off\n\tpath %s\n\tcontent rootdir\n\tdisable\n" "$top/other"
	} >"$root/etc/pve/storage.cfg" &&
	refused 255 pct create 9321 "$template" --rootfs iso:1 &&
	refused 255 pct create 9321 "$template" --rootfs off:1 &&
	stderr_like "storage .off. is disabled" && equals "$(ls -A "$top/other")" "" &&
	rm "$root/etc/pve/storage.cfg"
'

spec 'removes all that it made when the archive is cut off, damaged or none' '
	zstd -q -d "$archive" -o "$top/whole.tar" && gzip -c "$top/whole.tar" >"$top/whole.tar.gz" &&
	head -c 500000 "$archive" >"$top/cut.tar.zst" &&
	head -c 500000 "$top/whole.tar.gz" >"$top/cut.tar.gz" &&
	head -c 1000000 "$top/whole.tar" >"$top/cut.tar" &&
	{ head -c 300000 "$archive"; head -c 1000 /dev/zero; tail -c +301001 "$archive"; } \
		>"$top/damaged.tar.zst" &&
	head -c 1000000 /dev/urandom >"$top/noise.tar.xz" && cp /etc/passwd "$top/text.tar" &&
	: >"$top/empty.tar.gz" && : >"$top/empty.tar" && mkdir "$top/directory.tar" &&
	mkfifo "$top/fifo.tar" &&
	for name in cut.tar.zst cut.tar.gz cut.tar damaged.tar.zst noise.tar.xz text.tar empty.tar.gz \
		empty.tar directory.tar fifo.tar; do
		for size in 0 0.05; do
			refused 255 timeout 20 pct create 9321 "$top/$name" --rootfs "local:$size" &&
			[ -s "$scratch/stderr" ] && is_gone 9321 || because "$name on local:$size" || exit 1
		done
	done
'

spec 'says what could not be made, in one line' '
	fails_with 255 pct create 9321 "$top/cut.tar.zst" --rootfs local:0 &&
	stderr_like "^unable to create CT 9321 - " && equals "$(wc -l <"$scratch/stderr")" 1
'

spec 'goes on after errors of the archive with --ignore-unpack-errors 1' '
	succeeds pct create 9321 "$top/cut.tar" --rootfs local:0 --ignore-unpack-errors 1 &&
	pct destroy 9321 && is_gone 9321
'

spec 'refuses members that climb, and puts absolute ones and links below the root' '
	python3 - "$top" "$top/canary" <<-"END" &&
		import io, sys, tarfile

		def archive(name, *members):
		    with tarfile.open(f"{sys.argv[1]}/{name}.tar", "w") as tar:
		        for path, kind, value in members:
		            info = tarfile.TarInfo(path)
		            info.type = kind
		            if kind == tarfile.REGTYPE:
		                info.size = len(value)
		                tar.addfile(info, io.BytesIO(value))
		            else:
		                info.linkname = value
		                info.devmajor, info.devminor = 1, 3
		                tar.addfile(info)

		canary = sys.argv[2]
		up = "../" * 12
		text = b"escaped"
		REG, SYM, HARD, CHR = (tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE)
		archive("climb", ("a/" + up + canary[1:], REG, text))
		archive("absolute", (canary, REG, text))
		archive("link", ("out", SYM, canary[:canary.rindex("/")]), ("out/canary", REG, text))
		archive("climbing-link", ("out", SYM, up[:-1]), ("out" + canary, REG, text))
		archive("hard", ("own", HARD, "/etc/shadow"))
		archive("hard-up", ("own", HARD, up + "etc/shadow"))
		archive("through", ("file", SYM, canary), ("file", REG, text))
		archive("device", ("etc/null", CHR, ""))
	END
	shadow=$(stat -c "%h %Z" /etc/shadow) &&
	for name in climb absolute link climbing-link hard hard-up through device; do
		run timeout 20 pct create 9321 "$top/$name.tar" --rootfs local:0 --ostype unmanaged
		[ ! -e "$top/canary" ] && equals "$(stat -c "%h %Z" /etc/shadow)" "$shadow" ||
			because "$name" || exit 1
		case $name in
		climb | hard* | device) equals "$status" 255 || because "$name" || exit 1 ;;
		esac
		[ "$status" != 0 ] || pct destroy 9321
		is_gone 9321 || exit 1
	done
'

# In a mount namespace of the spec: whatever happens, the host keeps no mount of it.
spec 'removes all that it made when the file system is full' '
	truncate -s 12M "$top/small" && mkfs.ext4 -q -m 0 "$top/small" &&
	cat >"$scratch/script" <<-"END" &&
		mount -o loop "$top/small" "$root/var/lib/vz" || exit 77
		umask 022
		dd if=/dev/zero of="$root/var/lib/vz/filler" bs=1k count=9800 2>/dev/null
		mkdir "$root/var/lib/vz/images"
		df -k "$root/var/lib/vz"
		for size in 0 0.05; do
			pct create 9322 "$archive" --rootfs "local:$size" >"$scratch/stdout" 2>"$scratch/stderr"
			echo "local:$size: $?"
			cat "$scratch/stdout" "$scratch/stderr"
			find "$root/var/lib/vz" "$root/etc/pve/lxc" "$root/var/lib/lxc" -name "*9322*"
			grep -F "9322" /proc/self/mountinfo
		done
		umount "$root/var/lib/vz"
	END
	cp "$archive" "$top/busybox.tar.zst" && archive=$top/busybox.tar.zst &&
	export top root archive scratch && unshare -m sh "$scratch/script" >"$scratch/result" 2>&1
	status=$?
	cat "$scratch/result" && equals "$status" 0 && grep -qx "local:0: 255" "$scratch/result" &&
	grep -q "^unable to create CT 9322 - .*No space left on device" "$scratch/result" &&
	! grep -q "/.*9322" "$scratch/result" && is_gone 9322
'

# ---- configurations that someone broke ----

spec 'lists the others whatever a configuration is, and warns of it' '
	mkdir "$(config_file 9323)" && echo "no line of ours" >"$(config_file 9324)" &&
	printf "hostname: crlf\r\nmemory: 64\r\n" >"$(config_file 9325)" &&
	{ yes "# comment" | head -c 10000000; echo "hostname: big"; } >"$(config_file 9326)" &&
	head -c 100000 /dev/urandom >"$(config_file 9327)" && mkfifo "$(config_file 9328)" &&
	ln -s /etc/passwd "$(config_file 9329)" &&
	succeeds timeout 10 pct list && cat "$scratch/stdout" && [ -s "$scratch/stderr" ] &&
	stdout_like "^9320       stopped                 ct9320 " &&
	! grep -q root: "$scratch/stdout" "$scratch/stderr"
'

spec 'lists the others when a file may not be read' '
	chmod 0 "$(config_file 9320)" && echo "hostname: open" >"$root/etc/pve/lxc/9319.conf" &&
	succeeds timeout 10 setpriv --inh-caps -dac_override,-dac_read_search \
		--bounding-set -dac_override,-dac_read_search pct list &&
	stdout_like "^9319 .* open " && ! grep -q "^9320" "$scratch/stdout" &&
	stderr_like "9320.*Permission denied" && chmod 640 "$(config_file 9320)"
'

spec 'does not start, and does not hang on, a broken configuration' '
	for ctid in 9323 9324 9325 9326 9327 9328 9329; do
		for verb in status config start generate; do
			run timeout 10 pct "$verb" "$ctid"
			[ "$status" -lt 124 ] || [ "$status" = 255 ] || because "$verb $ctid: $status" ||
				exit 1
		done
	done; is_clean && rm -r "$root"/etc/pve/lxc/932[3-9].conf "$root/etc/pve/lxc/9319.conf"
'

ends_clean
