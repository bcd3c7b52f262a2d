#!/bin/sh
# clone and template of real containers, full and linked; killed at any point, what is left
# can be removed, and the source is as it was.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_pool
needs_tracing
given_template

# CTID STORAGE: a directory and an image in it.
given_source() {
	pct create "$1" "$template" --rootfs "$2:0" --mp0 "$2:0.02,mp=/data" --memory 64 \
		--hostname "ct$1" --net0 "name=eth0,bridge=$bridge,hwaddr=BC:24:11:00:00:01"
}

# CTID [N]: an image of the storage "pool".
pool_image() {
	echo "$top/pool/images/$1/vm-$1-disk-${2:-0}/disk.raw"
}

# All that a tree may have that is not plain.
make_odd() {
	(cd "$1" && mkdir odd && cd odd && echo x >file && ln file second && ln -s /nowhere link &&
		mkfifo fifo && mknod device c 1 3 && truncate -s 9M holes && echo end >>holes &&
		setfattr -n user.note -v hello file && setfattr -n trusted.mark -v x . &&
		cp /bin/true caps && setcap cap_net_raw+ep caps && setfacl -m u:100007:r file &&
		setfacl -d -m g:100008:rx . && chown 100033:100044 second && chmod 6755 second &&
		touch -d "2001-02-03 04:05:06.123456789" -h link file)
}

given() {
	given_source 9340 local && make_odd "$(tree 9340)" &&
		pct create 9346 "$template" --rootfs pool:0.05 --mp0 pool:0.02,mp=/data --memory 64
}

given_bridge
given >"$top/given.log" 2>&1 || exit 1

spec 'copies a directory with all that its files have' '
	succeeds pct clone 9340 9341 && stderr_is && stdout_has "creating a clone of container 9340 with ID 9341" &&
	stdout_has "create full clone of mountpoint rootfs (local:9340/subvol-9340-disk-0.subvol)" &&
	stdout_has "create full clone of mountpoint mp0 (local:9340/vm-9340-disk-1.raw)" &&
	stdout_like "^Number of files: [0-9]* (reg: [0-9]*, dir: [0-9]*, link: [0-9]*, special: 2)$" &&
	listing "$(tree 9340)" >"$scratch/one" && listing "$(tree 9341)" >"$scratch/two" &&
	diff "$scratch/one" "$scratch/two" && [ "$(wc -l <"$scratch/one")" -gt 300 ] &&
	[ "$(stat -c %b "$(tree 9341)/odd/holes")" -le 16 ]
'

spec 'gives the clone a configuration of its own, with new MAC addresses' '
	mac=$(sed -n "s/^net0:.*hwaddr=\([^,]*\).*/\1/p" "$(config_file 9341)") &&
	[ "$mac" != BC:24:11:00:00:01 ] && case $mac in BC:24:11:*) ;; *) false ;; esac &&
	config_is 9341 "arch: amd64" "hostname: ct9340" "memory: 64" \
		"mp0: local:9341/vm-9341-disk-1.raw,mp=/data,size=20M" \
		"net0: name=eth0,bridge=$bridge,hwaddr=$mac,type=veth" "ostype: alpine" \
		"rootfs: local:9341/subvol-9341-disk-0.subvol,size=0T" "swap: 512" "unprivileged: 1" &&
	! grep -q ^lock "$(config_file 9340)"
'

spec 'makes a clone that starts, and is destroyed without harm to its source' '
	before=$(listing "$(tree 9340)") && pct start 9341 && answers 9341 &&
	pct exec 9341 -- rm -r /root && pct destroy 9341 --force 1 && is_gone 9341 &&
	equals "$(listing "$(tree 9340)")" "$before"
'

spec 'takes name, description and storage from the command line' '
	succeeds pct clone 9340 9341 --hostname new --description mine --storage pool &&
	grep -qx "hostname: new" "$(config_file 9341)" && grep -qx "#mine" "$(config_file 9341)" &&
	grep -q "^rootfs: pool:9341/subvol" "$(config_file 9341)" &&
	grep -q "^mp0: pool:9341/vm" "$(config_file 9341)" && [ -e "$(pool_image 9341 1)" ] &&
	equals "$(listing "$top/pool/images/9341/subvol-9341-disk-0.subvol")" "$(listing "$(tree 9340)")" &&
	pct destroy 9341
'

spec 'gives a clone whose guest has systemd a new machine id, and changes nothing else' '
	one=$(tree 9340) two=$(tree 9341) id=0123456789abcdef0123456789abcdef &&
	mkdir -p "$one/lib/systemd" && install /dev/null "$one/lib/systemd/systemd" &&
	echo $id >"$one/etc/machine-id" && pct clone 9340 9341 &&
	[ "$(od -An -c "$two/etc/machine-id" | tr -d " ")" = "\n" ] &&
	equals "$(diff -rq --no-dereference "$one/etc" "$two/etc")" \
		"Files $one/etc/machine-id and $two/etc/machine-id differ" &&
	rm -r "$one/lib/systemd" "$one/etc/machine-id" && pct destroy 9341
'

spec 'tells on a terminal how far it is, in one line' '
	typed && succeeds on_terminal pct clone 9340 9341 && pct destroy 9341 &&
	tr "\r" "\n" <"$scratch/stdout" | grep -q "^[0-9]* files, [0-9]* MiB copied" &&
	succeeds pct clone 9340 9341 && ! grep -q " MiB copied" "$scratch/stdout" && pct destroy 9341
'

spec 'copies the rules of the firewall' '
	mkdir -p "$root/etc/pve/firewall" && echo "[RULES]" >"$root/etc/pve/firewall/9340.fw" &&
	pct clone 9340 9341 && equals "$(cat "$root/etc/pve/firewall/9341.fw")" "[RULES]" &&
	pct destroy 9341 && [ ! -e "$root/etc/pve/firewall/9341.fw" ] &&
	rm "$root/etc/pve/firewall/9340.fw"
'

spec 'refuses before anything changes' '
	before=$(cat "$(config_file 9340)") &&
	fails_with 255 pct clone 9340 9340 && stderr_is "CT 9340 already exists on node '\''$node'\''" &&
	fails_with 255 pct clone 9340 9341 --full 0 &&
	stderr_is "Linked clone feature for '\''local:9340/subvol-9340-disk-0.subvol'\'' is not available" &&
	fails_with 255 pct clone 9340 9341 --full 0 --storage pool &&
	stderr_is "parameter '\''storage'\'' not allowed for linked clones" &&
	fails_with 255 pct clone 9340 9341 --snapname none &&
	stderr_is "snapshot '\''none'\'' does not exist" &&
	fails_with 255 pct clone 9340 9341 --storage none &&
	stderr_is "storage '\''none'\'' does not exist" &&
	fails_with 255 pct clone 9340 9341 --target other && stderr_is "no such cluster node '\''other'\''" &&
	pct start 9340 && fails_with 255 pct clone 9340 9341 &&
	stderr_is "CT 9340 is running: a full clone needs a snapshot (--snapname)" && pct stop 9340 &&
	equals "$(cat "$(config_file 9340)")" "$before" && [ ! -e "$(config_file 9341)" ]
'

spec 'refuses to clone directories of the host' '
	pct set 9340 --mp1 /srv,mp=/srv && fails_with 255 pct clone 9340 9341 &&
	stderr_is "unable to clone mountpoint '\''mp1'\'' (type bind)" && pct set 9340 --delete mp1 &&
	[ ! -e "$(config_file 9341)" ]
'

spec 'leaves nothing of a clone when a volume of the source is missing' '
	disk=$root/var/lib/vz/images/9340/vm-9340-disk-1.raw && mv "$disk" "$top/away" &&
	fails_with 255 pct clone 9340 9341 && stderr_like "^clone failed: " && is_gone 9341 &&
	! grep -q ^lock "$(config_file 9340)" && mv "$top/away" "$disk"
'

spec 'leaves nothing of a clone when the storage is full' '
	head -c 40M /dev/urandom >"$(tree 9340)/random" &&
	free=$(df --output=avail -B 1M "$top/pool" | tail -n 1) &&
	fallocate -l $((free - 20))M "$top/pool/full" &&
	fails_with 255 pct clone 9340 9341 --storage pool &&
	stderr_is "clone failed: random: cannot copy: No space left on device" ||
		stderr_is "clone failed: random: cannot write: No space left on device" &&
	rm "$top/pool/full" "$(tree 9340)/random" && is_gone 9341 && [ ! -e "$top/pool/images/9341" ] &&
	! grep -q ^lock "$(config_file 9340)"
'

# COMMAND...: in the background, with INT as it is at a prompt.
in_background() {
	python3 -c "import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])" "$@" >"$scratch/stdout" 2>"$scratch/stderr" &
	pid=$!
}

# STATUS LINE COMMAND...: without touching the output that is kept.
fails_with_words() {
	want=$1
	line=$2
	shift 2
	said=$("$@" 2>&1 >/dev/null)
	equals "$? $said" "$want $line"
}

spec 'obeys the limit of the bandwidth, and ends at once when it is interrupted' '
	head -c 3M /dev/urandom >"$(tree 9340)/random" &&
	in_background pct clone 9340 9341 --bwlimit 100 &&
	within 5 grep -q "full clone of mountpoint rootfs" "$scratch/stdout" && sleep 1.5 &&
	grep -qx "lock: disk" "$(config_file 9340)" && grep -qx "lock: create" "$(config_file 9341)" &&
	fails_with_words 255 "CT is locked (disk)" pct start 9340 &&
	fails_with_words 255 "CT is locked (disk)" pct clone 9340 9342 &&
	fails_with_words 255 "CT 9341 already exists on node '\''$node'\''" pct clone 9346 9341 &&
	kill -INT "$pid" && ! wait "$pid" && stderr_like "^clone failed: received interrupt$" &&
	is_gone 9341 && ! grep -q ^lock "$(config_file 9340)" && rm "$(tree 9340)/random"
'

# ---- snapshots and templates ----

spec 'clones the state of a snapshot while the container runs' '
	given_source 9344 pool && echo old >"$top/pool/images/9344/subvol-9344-disk-0.subvol/root/state" &&
	pct set 9344 --mp1 pool:0.01,mp=/more && pct snapshot 9344 one && pct set 9344 --delete mp1 &&
	pct start 9344 && answers 9344 && succeeds pct clone 9344 9345 --snapname one &&
	equals "$(cat "$top/pool/images/9345/subvol-9345-disk-0.subvol/root/state")" old &&
	grep -q "^mp1: pool:9345/vm-9345-disk-2.raw,mp=/more" "$(config_file 9345)" &&
	! grep -q "^snap\|^parent\|^unused\|^\[" "$(config_file 9345)" &&
	pct destroy 9345 && pct destroy 9344 --force 1
'

spec 'leaves out subvolumes that the guest has made inside its own' '
	given_source 9344 pool && tree=$top/pool/images/9344/subvol-9344-disk-0.subvol &&
	btrfs -q subvolume create "$tree/nested" && touch "$tree/nested/file" &&
	succeeds pct clone 9344 9345 &&
	copy=$top/pool/images/9345/subvol-9345-disk-0.subvol && [ -d "$copy/nested" ] &&
	[ ! -e "$copy/nested/file" ] && btrfs -q subvolume delete "$tree/nested" &&
	pct destroy 9345 && pct destroy 9344
'

spec 'makes base volumes of the volumes of a template' '
	pct start 9346 && fails_with 255 pct template 9346 &&
	stderr_is "you can'\''t convert a running CT to a template" && pct stop 9346 &&
	pct snapshot 9346 one && fails_with 255 pct template 9346 &&
	stderr_is "you can'\''t convert a CT with snapshots to a template" && pct delsnapshot 9346 one &&
	succeeds pct template 9346 && stdout_is && stderr_is && [ ! -e "$root/var/lib/lxc/9346/config" ] &&
	config_is 9346 "arch: amd64" "hostname: CT9346" "memory: 64" \
		"mp0: pool:9346/base-9346-disk-1.raw,mp=/data,size=20M" "ostype: alpine" \
		"rootfs: pool:9346/base-9346-disk-0.raw,size=51M" "swap: 512" "template: 1" "unprivileged: 1"
'

spec 'refuses what a template cannot do' '
	fails_with 255 pct start 9346 && stderr_is "you can'\''t start a CT if it'\''s a template" &&
	fails_with 255 pct template 9346 && stderr_is "you can'\''t convert a template to a template" &&
	fails_with 255 pct snapshot 9346 one && stderr_is "CT 9346 is a template: it cannot be snapshotted"
'

spec 'makes linked clones of a template by default, which start' '
	succeeds pct clone 9346 9347 && stdout_is "creating a clone of container 9346 with ID 9347" \
		"create linked clone of mount point rootfs (pool:9346/base-9346-disk-0.raw)" \
		"create linked clone of mount point mp0 (pool:9346/base-9346-disk-1.raw)" &&
	grep -qx "rootfs: pool:9347/vm-9347-disk-0.raw,size=51M" "$(config_file 9347)" &&
	! grep -q ^template "$(config_file 9347)" && pct start 9347 && answers 9347 &&
	pct exec 9347 -- touch /data/own && pct destroy 9347 --force 1 &&
	succeeds pct clone 9346 9347 --full && grep -q "^rootfs: pool:9347/vm" "$(config_file 9347)" &&
	pct destroy 9347
'

spec 'makes a linked clone of a snapshot that was taken while the container ran' '
	pct create 9348 "$template" --rootfs pool:0.05 --memory 64 && pct start 9348 &&
	answers 9348 && pct exec 9348 -- touch /root/then && pct snapshot 9348 one &&
	pct exec 9348 -- rm /root/then && succeeds pct clone 9348 9349 --full 0 --snapname one &&
	dumpe2fs -h "$(pool_image 9349)" | grep -q "mmp_sequence: 0xff4d4d50" && pct start 9349 &&
	answers 9349 && pct exec 9349 -- test -e /root/then && pct destroy 9349 --force 1 &&
	pct destroy 9348 --force 1
'

spec 'makes a linked clone of a running container with what it wrote just before' '
	pct create 9348 "$template" --rootfs pool:0.05 --memory 64 && pct start 9348 &&
	answers 9348 && pct exec 9348 -- touch /root/now && succeeds pct clone 9348 9349 --full 0 &&
	pct exec 9348 -- true && pct start 9349 && answers 9349 &&
	pct exec 9349 -- test -e /root/now && pct destroy 9349 --force 1 &&
	pct destroy 9348 --force 1
'

spec 'makes a template of a plain directory, whose clones are full' '
	pct create 9348 "$template" --rootfs local:0 --memory 64 && succeeds pct template 9348 &&
	grep -qx "template: 1" "$(config_file 9348)" && [ "$(stat -c %a "$(tree 9348)")" = 755 ] &&
	fails_with 255 pct clone 9348 9349 &&
	stderr_is "Linked clone feature for '\''local:9348/subvol-9348-disk-0.subvol'\'' is not available" &&
	succeeds pct clone 9348 9349 --full && pct destroy 9349 && pct destroy 9348
'

# ---- killed at any point ----

# CTID: the new one is gone after destroy, the old one is what it was.
recovers() {
	! grep -q "^lock: disk$" "$(config_file "$1")" || pct unlock "$1"
	[ ! -e "$(config_file "$2")" ] || pct destroy "$2" || return 1
	is_gone "$2" && [ ! -e "$top/pool/images/$2" ] &&
		cmp "$scratch/before" "$(config_file "$1")"
}

spec 'protects the clone of a protected container, but not before it is complete' '
	pct set 9340 --protection 1 && pct clone 9340 9341 &&
	grep -qx "protection: 1" "$(config_file 9341)" && pct set 9341 --protection 0 &&
	pct destroy 9341 && cp "$(config_file 9340)" "$scratch/before" &&
	! killed_at 40 "$bin/pct" clone 9340 9341 && recovers 9340 9341 && pct set 9340 --protection 0
'

# CTID NEWID OPTION...: kill the clone at all points.
clone_survives() {
	cp "$(config_file "$1")" "$scratch/before"
	most=$(count_points "$bin/pct" clone "$@") && recovers "$1" "$2" || return 1
	for point in $(points "$most"); do
		killed_at "$point" "$bin/pct" clone "$@"
		recovers "$1" "$2" || because "killed at $point of $most: clone $*" \
			"$(cat "$scratch/out")" || return 1
	done
	tell "killed at up to $most points: clone $*"
	pct clone "$@" && recovers "$1" "$2"
}

spec 'can be removed after a full clone was killed at any point' '
	clone_survives 9340 9341
'

spec 'can be removed after a linked clone was killed at any point' '
	grep -q ^template "$(config_file 9346)" || pct template 9346 && clone_survives 9346 9347
'

spec 'completes a template that was killed at any point' '
	pct create 9347 "$template" --rootfs pool:0.05 --mp0 files:0.02,mp=/data --memory 64 &&
	most=$(count_points "$bin/pct" template 9347) && pct destroy 9347 && for point in $(points "$most"); do
		pct create 9347 "$template" --rootfs pool:0.05 --mp0 files:0.02,mp=/data --memory 64
		killed_at "$point" "$bin/pct" template 9347
		{ grep -qx "template: 1" "$(config_file 9347)" || pct template 9347; } &&
		equals "$(grep "^rootfs\|^mp0\|^unused" "$(config_file 9347)")" \
			"mp0: files:9347/base-9347-disk-0.raw,mp=/data,size=20M
rootfs: pool:9347/base-9347-disk-0.raw,size=51M" &&
		pct clone 9347 9348 --full && pct destroy 9348 && pct destroy 9347 &&
		[ ! -e "$top/pool/images/9347" ] && [ ! -e "$top/pool/files/images/9347" ] ||
			because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done && tell "killed at up to $most points: template"
'

ends_clean
