#!/bin/sh
# pct-unpack opens nothing by itself once it is inside the tree, which is the guest's:
# no character conversion, locale, library or name service (guest-setup.md 15.2).
set -u

build=${PCT_BUILD:-$(dirname "$0")/../../build}
build=$(cd "$build" && pwd) || exit 2
scratch=$(mktemp -d /tmp/pct.XXXXXX) || exit 2
trap 'rm -rf "$scratch"' EXIT
if [ "$(id -u)" != 0 ]; then
	echo "needs root"
	exit 77
fi
if ! command -v strace >/dev/null; then
	echo "strace is not installed"
	exit 77
fi

# Names beyond ASCII are what libarchive would convert.
python3 - "$scratch/a.tar" <<'END'
import sys, tarfile
tar = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
for name in ("caf\u00e9", "cafe\u0301", "etc/x"):
    member = tarfile.TarInfo(name)
    member.pax_headers = {"SCHILY.acl.access": "user::rw-,user:1:r--,group::r--,mask::r--,other::---",
                          "comment": "\u00e4"}
    tar.addfile(member)
tar.close()
END
chmod 755 "$scratch"
mkdir "$scratch/root"
chown 100000:100000 "$scratch/root"
strace -f -qq -o "$scratch/trace" -e trace=chroot,open,openat,openat2,execve,connect,socket \
	"$build/libexec/pct/pct-unpack" compression=0 'map=u 0 100000 65536' \
	'map=g 0 100000 65536' <"$scratch/a.tar" 3<"$scratch/root" >"$scratch/out" 2>&1
status=$?

say() {
	if [ "$1" = 0 ]; then
		echo "ok $2 - $3"
	else
		echo "not ok $2 - $3"
		sed 's/^/# /' "$scratch/out" "$scratch/after"
	fi
}

sed '1,/chroot(/d' "$scratch/trace" >"$scratch/after"
[ "$status" = 0 ] && [ -f "$scratch/root/etc/x" ] && grep -q 'etc' "$scratch/after"
say $? 1 'an archive is unpacked while every opened file is watched'
! grep -qE '(open|openat)\((AT_FDCWD, )?"/[^"]|execve|connect|socket\(' "$scratch/after"
say $? 2 'after chroot nothing is opened but the members and their directories'
echo 1..2
