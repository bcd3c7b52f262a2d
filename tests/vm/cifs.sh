#!/bin/sh
# Containers on an SMB share of the machine itself.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9390
user=pctsmb$$
command -v smbd >/dev/null || skip_file "samba is not installed"
modprobe cifs || skip_file "no CIFS in this kernel"
given_template
samba=/srv/smb$$
trap 'umount -f -l "$top/nas" "$root"/mnt/pve/* 2>/dev/null; kill "$(cat "$samba/run/smbd.pid")"; clean_up; userdel "$user"; rm -rf "$samba"; finish' EXIT

given_share() {
	useradd --system --no-create-home "$user" && mkdir -p "$samba/run" "$samba/data" "$samba/open" &&
		chown "$user:" "$samba/data" && chmod 700 "$samba/data" && chmod 777 "$samba/open" &&
		lines "[global]" "interfaces = lo" "bind interfaces only = yes" "map to guest = bad user" \
			"private dir = $samba/run" "state directory = $samba/run" "cache directory = $samba/run" \
			"lock directory = $samba/run" "pid directory = $samba/run" "ncalrpc dir = $samba/run/rpc" \
			"log file = $samba/log" "load printers = no" "disable spoolss = yes" \
			"[data]" "path = $samba/data" "read only = no" "valid users = $user" \
			"[open]" "path = $samba/open" "read only = no" "guest ok = yes" >"$samba/smb.conf" &&
		lines secret secret | smbpasswd -c "$samba/smb.conf" -a -s "$user" &&
		{ systemctl -q stop smbd || :; } && env -u PCT_ROOT smbd -D -s "$samba/smb.conf"
}
given_share >"$top/share.log" 2>&1 || skip_file "no SMB server: $(tail -n 3 "$top/share.log")"

passwords=$root/etc/pve/priv/storage

# What makes a storage of the share; the server may not listen yet.
add_share() {
	pvesm add cifs "$1" --server 127.0.0.1 --share data --username "$user" --password "$2" \
		--content rootdir,images,vztmpl,backup --path "$3"
}

spec 'mounts a share with a password that only root can read' '
	within 20 smbclient -N -L 127.0.0.1 && succeeds add_share nas secret "$top/nas" &&
	grep -q "^//127.0.0.1/data $top/nas cifs .*username=$user" /proc/mounts &&
	equals "$(cat "$passwords/nas.pw")" password=secret && equals "$(stat -c %a "$passwords/nas.pw")" 600 &&
	! grep secret "$root/etc/pve/storage.cfg" /proc/mounts &&
	succeeds pvesm status && cat "$scratch/stdout" && stdout_like "^nas *cifs *active *[1-9]"
'

spec 'adds nothing with a password that is wrong' '
	fails_with 255 add_share other wrong "$top/other" && cat "$scratch/stderr" &&
	stderr_like "^create storage failed: storage .other. is not online: " &&
	! grep -q other "$root/etc/pve/storage.cfg" && [ ! -e "$passwords/other.pw" ] &&
	! grep "$top/other" /proc/mounts
'

spec 'mounts a share for guests without a password' '
	succeeds pvesm add cifs guest --server 127.0.0.1 --share open &&
	grep -q "^//127.0.0.1/open $root/mnt/pve/guest cifs" /proc/mounts &&
	pvesm alloc guest 9390 "" 1M >/dev/null && [ -f "$samba/open/images/9390/vm-9390-disk-0.raw" ] &&
	pvesm free guest:9390/vm-9390-disk-0.raw && umount "$root/mnt/pve/guest" && pvesm remove guest &&
	[ ! -e "$samba/open/images/9390" ]
'

spec 'tells what a server shares' '
	succeeds pvesm scan cifs 127.0.0.1 --username "$user" --password secret && stdout_like "^data *$" &&
	stdout_like "^open *$"
'

volume_specs nas 9390 raw
copy_specs nas 9393
file_template_specs nas 9393
rename_specs nas 9396
zero_specs nas 9396 "$samba/data"

# All files of a share belong to one user.
spec 'makes no directory volume, whose files need owners, and leaves nothing of it' '
	fails_with 255 pct create 9390 "$template" --rootfs nas:0 &&
	stderr_like "storage .nas. cannot hold volumes of that format" && is_gone 9390 && [ ! -e "$samba/data/images/9390" ]
'

spec 'forgets the password with the storage' '
	umount "$top/nas" && succeeds pvesm remove nas && [ ! -e "$passwords/nas.pw" ]
'

ends_clean
