#!/bin/sh
# snapshot, delsnapshot and rollback of real containers on btrfs, and on a directory whose
# images share blocks; killed at any point, the same command or unlock sets things right.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_pool
needs_tracing
given_template

images() {
	echo "$top/pool/images/$1"
}

# CTID: a directory subvolume with an image in it, and something in the first one.
given_pair() {
	pct create "$1" "$template" --rootfs pool:0 --mp0 pool:0.02,mp=/data --memory 64 \
		--hostname "ct$1" && write_root "$1" one
}

root_file() {
	echo "$(images "$1")/subvol-$1-disk-0.subvol/root/state"
}

write_root() {
	echo "$2" >"$(root_file "$1")"
}

state_is() {
	equals "$(cat "$(root_file "$1")")" "$2"
}

# CTID NAME...: the snapshots that the storage has of the first volume.
has_snapshots() {
	has_id=$1
	shift
	equals "$(cd "$(images "$has_id")" && ls -d subvol-*@* 2>/dev/null)" \
		"$(for name; do echo "subvol-$has_id-disk-0.subvol@$name"; done)" &&
		equals "$(cd "$(images "$has_id")" && ls -d vm-*@* 2>/dev/null)" \
			"$(for name; do echo "vm-$has_id-disk-1@$name"; done)"
}

main_section() {
	sed '/^$/,$d' "$(config_file "$1")"
}

# What the guest would be told of at its next start stays outside of it (guest-setup.md 2).
spec 'leaves the guest alone at a snapshot, a resize, a rollback and a delsnapshot' '
	given_pair 9347 && guest=$(images 9347)/subvol-9347-disk-0.subvol &&
	pct set 9347 --hostname later --nameserver 192.0.2.9 && listing "$guest" >"$scratch/before" &&
	grep -q "etc/hostname" "$scratch/before" &&
	for command in "snapshot 9347 one" "resize 9347 mp0 +8M" "rollback 9347 one" "delsnapshot 9347 one"; do
		# shellcheck disable=SC2086 # words of a command
		succeeds pct $command && listing "$guest" >"$scratch/after" &&
			cmp "$scratch/before" "$scratch/after" || because "pct $command" || return
	done
	pct destroy 9347
'

spec 'takes a snapshot of all volumes and of the configuration' '
	given_pair 9340 &&
	succeeds pct snapshot 9340 one --description "before
lunch" && stdout_is && stderr_is && has_snapshots 9340 one &&
	time=$(sed -n "s/^snaptime: //p" "$(config_file 9340)") && [ $(($(date +%s) - time)) -lt 30 ] &&
	config_is 9340 "arch: amd64" "hostname: ct9340" "memory: 64" \
		"mp0: pool:9340/vm-9340-disk-1.raw,mp=/data,size=20M" "ostype: alpine" "parent: one" \
		"rootfs: pool:9340/subvol-9340-disk-0.subvol,size=0T" "swap: 512" "unprivileged: 1" "" \
		"[one]" "#before" "#lunch" "arch: amd64" "hostname: ct9340" "memory: 64" \
		"mp0: pool:9340/vm-9340-disk-1.raw,mp=/data,size=20M" "ostype: alpine" \
		"rootfs: pool:9340/subvol-9340-disk-0.subvol,size=0T" "snaptime: $time" "swap: 512" \
		"unprivileged: 1"
'

spec 'snapshots a volume that is mounted twice once, a template has it as one base volume' '
	given_pair 9347 && pct set 9347 --mp1 pool:9347/vm-9347-disk-1.raw,mp=/again &&
	succeeds pct snapshot 9347 one && stdout_is && stderr_is && has_snapshots 9347 one &&
	write_root 9347 two && succeeds pct rollback 9347 one && stdout_is && stderr_is &&
	state_is 9347 one && succeeds pct delsnapshot 9347 one && stdout_is && stderr_is &&
	has_snapshots 9347 && conf_lacks 9347 "^unused" &&
	succeeds pct template 9347 && stdout_is && stderr_is &&
	conf_has 9347 "mp0: pool:9347/base-9347-disk-1.raw,mp=/data,size=20M" &&
	conf_has 9347 "mp1: pool:9347/base-9347-disk-1.raw,mp=/again,size=20M" &&
	conf_lacks 9347 "^unused" && pct destroy 9347
'

spec 'refuses a name that is taken, and a snapshot that there is not' '
	fails_with 255 pct snapshot 9340 one && stderr_is "snapshot name '\''one'\'' already used" &&
	fails_with 255 pct rollback 9340 none && stderr_is "snapshot '\''none'\'' does not exist" &&
	fails_with 255 pct delsnapshot 9340 none && stderr_is "snapshot '\''none'\'' does not exist" &&
	has_snapshots 9340 one
'

spec 'rolls files and configuration back; volumes that the snapshot does not know are unused' '
	write_root 9340 two && pct snapshot 9340 two && write_root 9340 three &&
	pct set 9340 --memory 128 --mp1 pool:0.01,mp=/more --description now &&
	succeeds pct rollback 9340 one && stdout_is && stderr_is && state_is 9340 one &&
	equals "$(main_section 9340)" "#now
arch: amd64
hostname: ct9340
memory: 64
mp0: pool:9340/vm-9340-disk-1.raw,mp=/data,size=20M
ostype: alpine
parent: one
rootfs: pool:9340/subvol-9340-disk-0.subvol,size=0T
swap: 512
unprivileged: 1
unused0: pool:9340/vm-9340-disk-2.raw" && has_snapshots 9340 one two
'

spec 'rolls forward to a snapshot that is younger' '
	succeeds pct rollback 9340 two && state_is 9340 two &&
	[ "$(main_section 9340 | sed -n "s/^parent: //p")" = two ]
'

spec 'deletes a snapshot; what descends from it descends from its parent' '
	pct snapshot 9340 three && succeeds pct delsnapshot 9340 two && stdout_is && stderr_is &&
	has_snapshots 9340 one three &&
	equals "$(pct config 9340 --snapshot three | grep "^parent")" "parent: one" &&
	pct delsnapshot 9340 three && pct delsnapshot 9340 one && has_snapshots 9340 &&
	! grep -q "^parent\|^\[\|^lock" "$(config_file 9340)"
'

spec 'keeps a volume that only a deleted snapshot knew as an unused one' '
	pct snapshot 9340 one && pct set 9340 --delete mp0 &&
	unused=$(sed -n "s/: pool:9340.vm-9340-disk-1.raw$//p" "$(config_file 9340)") &&
	sed -i "/^$unused:/d" "$(config_file 9340)" && pct delsnapshot 9340 one &&
	equals "$(main_section 9340 | grep -c "^unused.*vm-9340-disk-1.raw$")" 1 &&
	pct destroy 9340 && [ ! -e "$(images 9340)" ]
'

spec 'destroys a volume that only a snapshot knows, too' '
	given_pair 9340 && pct snapshot 9340 one && pct set 9340 --delete mp0 &&
	sed -i "/^unused0/d" "$(config_file 9340)" && pct destroy 9340 && [ ! -e "$(images 9340)" ]
'

spec 'refuses what cannot be snapshotted, and changes nothing' '
	given_container 9341 && before=$(cat "$(config_file 9341)") &&
	fails_with 255 pct snapshot 9341 one && stderr_is "snapshot feature is not available" &&
	equals "$(cat "$(config_file 9341)")" "$before" &&
	pct create 9342 "$template" --rootfs pool:0 --mp0 /srv,mp=/srv --memory 64 &&
	fails_with 255 pct snapshot 9342 one && stderr_is "snapshot feature is not available" &&
	pct destroy 9342 && pct destroy 9341
'

spec 'undoes a snapshot when the second volume fails' '
	given_pair 9342 && mkdir "$(images 9342)/vm-9342-disk-1@one" &&
	before=$(cat "$(config_file 9342)") && fails_with 255 pct snapshot 9342 one &&
	stdout_has "snapshot create failed: starting cleanup" &&
	equals "$(cat "$(config_file 9342)")" "$before" &&
	[ ! -e "$(images 9342)/subvol-9342-disk-0.subvol@one" ] &&
	rmdir "$(images 9342)/vm-9342-disk-1@one" && succeeds pct snapshot 9342 one &&
	pct destroy 9342
'

# ---- running containers ----

is_thawed() {
	limit_is "$1" freezer freezer.state THAWED cgroup.freeze 0
}

# What happens, in order: one word each.
steps_of() {
	sed -n -e "s/.*freezer.state>, \"FROZEN.*/freeze/p" -e "s/.*freezer.state>, \"THAWED.*/thaw/p" \
		-e "s/.*cgroup.freeze>, \"1.*/freeze/p" -e "s/.*cgroup.freeze>, \"0.*/thaw/p" \
		-e "s/.* syncfs(.*/sync/p" -e "s/.*execve(.*\"subvolume\", \"snapshot\".*/snapshot/p" "$1" | uniq
}

spec 'freezes a running container, syncs its file systems, and thaws it afterwards' '
	given_pair 9343 && pct start 9343 && answers 9343 &&
	traced "$scratch/calls" -y -s 200 -e trace=write,syncfs,execve "$bin/pct" snapshot 9343 one &&
	equals "$(steps_of "$scratch/calls" | tr "\n" " ")" "freeze sync snapshot thaw " &&
	is_thawed 9343 && has_snapshots 9343 one
'

spec 'has in the snapshot what was written just before, on an image without replaying its journal' '
	pct exec 9343 -- sh -c "mkdir /data/dir && echo fresh >/data/dir/file" &&
	pct snapshot 9343 two && pct exec 9343 -- rm -r /data/dir &&
	pct clone 9343 9344 --snapname two && pct start 9344 &&
	within 10 pct exec 9344 -- grep -qx fresh /data/dir/file && pct destroy 9344 --force 1
'

spec 'kills a running container to roll back, and starts it again when asked to' '
	init=$(init_of 9343) && pct exec 9343 -- touch /root/other &&
	succeeds pct rollback 9343 one && has_status 9343 stopped &&
	[ ! -e "$(dirname "$(root_file 9343)")/other" ] && state_is 9343 one &&
	! kill -0 "$init" && succeeds pct rollback 9343 two --start 1 &&
	has_status 9343 running && pct stop 9343
'

spec 'thaws a container that a killed snapshot has left frozen, when it is unlocked' '
	pct start 9343 && answers 9343 &&
	if [ "$layout" = v1 ]; then file=freezer/X/freezer.state value=FROZEN
	else file=X/cgroup.freeze value=1; fi &&
	group=$(sed -n "s/^lxc.cgroup.dir.container = //p" "$root/var/lib/lxc/9343/config") &&
	echo $value >"$cgroups/$(echo $file | sed "s,X,$group,")" && ! is_thawed 9343 &&
	echo "lock: snapshot" >"$scratch/conf" && cat "$(config_file 9343)" >>"$scratch/conf" &&
	cp "$scratch/conf" "$(config_file 9343)" && succeeds pct unlock 9343 && is_thawed 9343 &&
	pct exec 9343 -- true && pct destroy 9343 --force 1
'

# ---- images that share blocks ----

spec 'snapshots and rolls back images in a directory that can share blocks' '
	pct create 9345 "$template" --rootfs files:0.05 --memory 64 &&
	disk=$top/pool/files/images/9345/vm-9345-disk-0.raw && before=$(sha1sum <"$disk") &&
	succeeds pct snapshot 9345 one && [ -e "$disk@one" ] && pct start 9345 && answers 9345 &&
	pct exec 9345 -- sh -c "echo x >/root/x" && pct stop 9345 &&
	[ "$(sha1sum <"$disk")" != "$before" ] && succeeds pct rollback 9345 one &&
	equals "$(sha1sum <"$disk")" "$before" && pct delsnapshot 9345 one && [ ! -e "$disk@one" ] &&
	pct destroy 9345
'

# ext4 says that nobody uses the image.
is_released() {
	dumpe2fs -h "$1" 2>/dev/null | grep -q "mmp_sequence: 0xff4d4d50"
}

spec 'lets an image that was in use at the time of its snapshot be mounted at once' '
	pct create 9345 "$template" --rootfs files:0.05 --memory 64 && pct start 9345 && answers 9345 &&
	disk=$top/pool/files/images/9345/vm-9345-disk-0.raw && pct snapshot 9345 one &&
	! is_released "$disk@one" && pct rollback 9345 one && is_released "$disk" &&
	pct start 9345 && answers 9345 && pct destroy 9345 --force 1
'

# ---- killed at any point ----

# CTID: after a crash, without knowing where.
unlock_if_locked() {
	! grep -q "^lock: " "$(config_file "$1")" || pct unlock "$1"
}

lists() {
	grep -qx "\[$2\]" "$(config_file "$1")"
}

# Nothing half-made is left in the storage.
has_only_volumes() {
	equals "$(find "$(images "$1")" -mindepth 1 -maxdepth 1 -printf "%f\n" | LC_ALL=C sort |
		tr "\n" " ")" "$2 "
}

spec 'can be asked again after a snapshot was killed at any point' '
	given_pair 9346 && most=$(count_points "$bin/pct" snapshot 9346 one) &&
	pct delsnapshot 9346 one && for point in $(points "$most"); do
		killed_at "$point" "$bin/pct" snapshot 9346 one
		pct config 9346 >"$scratch/again" && unlock_if_locked 9346 &&
		{ ! lists 9346 one || pct delsnapshot 9346 one; } && pct snapshot 9346 one &&
		has_snapshots 9346 one && pct delsnapshot 9346 one &&
		has_only_volumes 9346 "subvol-9346-disk-0.subvol vm-9346-disk-1" ||
			because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done && tell "killed at up to $most points: snapshot" && is_clean
'

spec 'is thawed wherever a snapshot of a running container was killed' '
	pct start 9346 && answers 9346 && most=$(count_points "$bin/pct" snapshot 9346 one) &&
	pct delsnapshot 9346 one && for point in $(points "$most"); do
		killed_at "$point" "$bin/pct" snapshot 9346 one
		within 5 is_thawed 9346 && unlock_if_locked 9346 &&
		{ ! lists 9346 one || pct delsnapshot 9346 one; } ||
			because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done && tell "killed at up to $most points: snapshot of a running container" &&
	pct exec 9346 -- true && pct stop 9346 && has_snapshots 9346 && is_clean
'

spec 'completes a rollback that was killed at any point' '
	pct snapshot 9346 one && most=$(count_points "$bin/pct" rollback 9346 one) &&
	for point in $(points "$most"); do
		write_root 9346 two
		killed_at "$point" "$bin/pct" rollback 9346 one
		unlock_if_locked 9346 && pct rollback 9346 one && state_is 9346 one &&
		has_only_volumes 9346 "subvol-9346-disk-0.subvol subvol-9346-disk-0.subvol@one vm-9346-disk-1 vm-9346-disk-1@one" &&
		cmp "$(images 9346)/vm-9346-disk-1/disk.raw" "$(images 9346)/vm-9346-disk-1@one/disk.raw" ||
			because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done && tell "killed at up to $most points: rollback"
'

spec 'completes a delsnapshot that was killed at any point' '
	most=$(count_points "$bin/pct" delsnapshot 9346 one) &&
	for point in $(points "$most"); do
		lists 9346 one || pct snapshot 9346 one
		killed_at "$point" "$bin/pct" delsnapshot 9346 one
		unlock_if_locked 9346 && { ! lists 9346 one || pct delsnapshot 9346 one; } &&
		has_snapshots 9346 && equals "$(grep -c "^unused\|^parent" "$(config_file 9346)")" 0 ||
			because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
	done && tell "killed at up to $most points: delsnapshot"
'

spec 'can be destroyed wherever a snapshot was killed' '
	for point in 5 15 25 35 45; do
		killed_at "$point" "$bin/pct" snapshot 9346 one
		unlock_if_locked 9346 && pct destroy 9346 && [ ! -e "$(images 9346)" ] &&
		given_pair 9346 || because "killed at $point" "$(cat "$scratch/out")" || exit 1
	done
'

ends_clean
