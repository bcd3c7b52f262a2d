#!/bin/sh
# Containers on a share of the machine's own Samba.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_template
shared=/srv/cifs$$
mkdir -p "$shared" "$top/samba"
cat >"$top/samba/smb.conf" <<END
[global]
	private dir = $top/samba
	lock directory = $top/samba
	state directory = $top/samba
	cache directory = $top/samba
	pid directory = $top/samba
	ncalrpc dir = $top/samba
	log file = $top/samba/log
	interfaces = lo
	bind interfaces only = yes
	map to guest = never
[files]
	path = $shared
	read only = no
	force user = root
END
trap 'umount -f -l "$root/mnt/pve/nas" 2>/dev/null; end_samba; clean_up; rm -rf "$shared"; finish' EXIT

end_samba() {
	[ ! -e "$top/samba/smbd.pid" ] || kill "$(cat "$top/samba/smbd.pid")"
}

if ! { command -v smbd && printf 'secret\nsecret\n' | smbpasswd -c "$top/samba/smb.conf" -a -s root &&
	smbd -D -s "$top/samba/smb.conf" && within 10 [ -e "$top/samba/smbd.pid" ]; } >"$top/samba.log" 2>&1; then
	skip_file "no Samba: $(tail -n 1 "$top/samba.log")"
fi

spec 'adds the share with a password, which storage.cfg does not have' '
	succeeds pvesm add cifs nas --server 127.0.0.1 --share files --username root --password secret \
		--content rootdir,images,vztmpl &&
	! grep -q secret "$root/etc/pve/storage.cfg" && succeeds pvesm status && cat "$scratch/stdout" &&
	stdout_like "^nas *cifs *active *[1-9]" && grep -q "//127.0.0.1/files .* cifs" /proc/mounts
'

spec 'makes a container on it that starts' '
	given_container 9340 --rootfs nas:0.25 && [ -f "$shared/images/9340/vm-9340-disk-0.raw" ] &&
	pct start 9340 && answers 9340 && pct stop 9340 && pct destroy 9340 &&
	[ ! -e "$shared/images/9340" ]
'

share_specs nas 9342 "$shared"

umount "$root/mnt/pve/nas"
rm -f "$root/etc/pve/storage.cfg"
ends_clean
