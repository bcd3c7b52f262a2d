#!/bin/sh
# The type lvm with programs that stand in for LVM's: logical volumes are files, and loop
# devices while they are active. Real ones are in tests/vm/lvmthin.sh. What is freed with
# saferemove is overwritten with zeros by a process that outlives the command.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_LVM_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_LVM_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9460

# The volume group is called "shm", so that its devices are in a directory that there is.
lvs=$top/lvs
gone=$top/gone
mkdir "$lvs" "$gone" "$top/bin" "$top/work"
cat >"$top/bin/lvm" <<END
#!/bin/sh
echo "\${0##*/} \$*" >>$top/calls
for last; do :; done
name=\${last##*/}
loop_of() { losetup -n -O NAME -j $lvs/\$1; }
case \${0##*/} in
vgs) echo "  shm:1073741824:\$(cat $top/free):1" ;;
lvs)
	cd $lvs && for lv in *; do
		[ ! -e "\$lv" ] || echo "  shm:\$lv:\$(stat -c %s "\$lv"):-wi-a-----:::::u:::1"
	done
	;;
lvcreate)
	while [ \$# -gt 1 ]; do
		[ "\$1" = --size ] && size=\${2%k}
		[ "\$1" = --name ] && name=\$2
		shift
	done
	[ ! -e $lvs/\$name ] && truncate -s \${size}K $lvs/\$name
	;;
lvrename) [ ! -e $lvs/\$3 ] && mv $lvs/\$2 $lvs/\$3 ;;
lvchange)
	while [ -e $top/hold ]; do sleep 0.05; done
	[ -n "\$(loop_of \$name)" ] || losetup -f $lvs/\$name
	ln -sfn "\$(loop_of \$name)" /dev/shm/\$name
	;;
lvremove)
	[ -z "\$(loop_of \$name)" ] || losetup -d "\$(loop_of \$name)"
	mv $lvs/\$name $gone/\$name && rm -f /dev/shm/\$name
	;;
esac
END
chmod 755 "$top/bin/lvm"
for program in vgs vgscan lvs lvcreate lvrename lvchange lvremove; do
	ln -s lvm "$top/bin/$program"
done
echo 1073741824 >"$top/free"
if ! { mount -t tmpfs shm /dev/shm && mount -t tmpfs work "$top/work" && mkdir "$top/work/upper" "$top/work/work" &&
	mount -t overlay bin -o "lowerdir=/usr/sbin,upperdir=$top/work/upper,workdir=$top/work/work" /usr/sbin &&
	cp -a "$top"/bin/* /usr/sbin/; }; then
	skip_file "programs cannot be put in the place of LVM's here"
fi
trap 'detach_all; clean_up; finish' EXIT

detach_all() {
	rm -f "$top/hold"
	for file in "$lvs"/*; do
		losetup -n -O NAME -j "$file" 2>/dev/null | xargs -r -n 1 losetup -d
	done
}

# [LINE...]: storage.cfg with more lines, and an empty volume group.
given_group() {
	detach_all
	rm -rf "${lvs:?}"/* "${gone:?}"/*
	: >"$top/calls"
	mkdir -p "$root/etc/pve"
	lines "lvm: thick" "	vgname shm" "	content rootdir,images" "$@" >"$root/etc/pve/storage.cfg"
}

# N: a volume of 3 MiB that is full of data.
given_volume() {
	pvesm alloc thick 9460 "vm-9460-disk-$1" 3M >/dev/null &&
		head -c 3M /dev/urandom >"$lvs/vm-9460-disk-$1"
}

# N [SUFFIX]: it was all zeros when it went.
went_as_zeros() {
	[ -e "$gone/del-vm-9460-disk-$1${2:-}" ] &&
		cmp -n 3145728 "$gone/del-vm-9460-disk-$1${2:-}" /dev/zero
}

spec 'allocates, lists and frees thick volumes' '
	given_group && succeeds pvesm alloc thick 9460 "" 3M &&
	stdout_is "successfully created '\''thick:vm-9460-disk-0'\''" &&
	pvesm list thick | grep -q "^thick:vm-9460-disk-0 *raw *images *3145728 9460$" &&
	succeeds pvesm free thick:vm-9460-disk-0 && [ -e "$gone/vm-9460-disk-0" ] &&
	! grep -q lvrename "$top/calls"
'

spec 'refuses what the group has no room for, and a size of 0' '
	given_group && echo 1048576 >"$top/free" && fails_with 255 pvesm alloc thick 9460 "" 3M &&
	stderr_is "not enough free space in volume group '\''shm'\'': 1024 KiB of 3072 KiB" &&
	fails_with 255 pvesm alloc thick 9460 "" 0 &&
	stderr_is "a volume of size 0 cannot be made on storage '\''thick'\''" &&
	equals "$(ls "$lvs")" ""; status=$?; echo 1073741824 >"$top/free"; [ "$status" = 0 ]
'

spec 'frees with saferemove at once, and zeroes in a process that outlives the command' '
	given_group "	saferemove 1" && given_volume 0 && touch "$top/hold" &&
	succeeds timeout 5 pvesm free thick:vm-9460-disk-0 &&
	stdout_is "Removed volume '\''thick:vm-9460-disk-0'\''" && stderr_is &&
	equals "$(ls "$lvs")" del-vm-9460-disk-0 && [ "$(pvesm list thick | wc -l)" = 1 ] &&
	[ ! -e "$gone/del-vm-9460-disk-0" ] && rm "$top/hold" && within 10 went_as_zeros 0 &&
	equals "$(ls "$lvs")" "" && is_clean
'

spec 'gives the name of a volume that is being zeroed to a new one, and frees that as well' '
	given_group "	saferemove 1" && touch "$top/hold" && for suffix in "" .2 .3; do
		given_volume 0 && pvesm free thick:vm-9460-disk-0 >/dev/null || exit 1
	done && rm "$top/hold" &&
	within 10 went_as_zeros 0 && within 10 went_as_zeros 0 .2 && within 10 went_as_zeros 0 .3 &&
	equals "$(ls "$lvs")" "" && is_clean
'

spec 'zeroes one volume at a time, and none is forgotten' '
	given_group "	saferemove 1" && for n in 1 2 3 4 5 6; do given_volume $n || exit 1; done &&
	for n in 1 2 3 4 5 6; do pvesm free "thick:vm-9460-disk-$n" >/dev/null & done; wait
	for n in 1 2 3 4 5 6; do within 10 went_as_zeros $n || exit 1; done
	equals "$(grep -E "^lv(change|remove)" "$top/calls" | cut -c 1-6 | tr -d "\n")" \
		"$(for n in 1 2 3 4 5 6; do printf lvchanlvremo; done)" && is_clean
'

spec 'goes on with what a crash left when a volume is made, and when one is freed' '
	given_group && head -c 3M /dev/urandom >"$lvs/del-vm-9460-disk-1" &&
	pvesm alloc thick 9460 vm-9460-disk-2 3M && within 10 went_as_zeros 1 &&
	head -c 3M /dev/urandom >"$lvs/del-vm-9460-disk-3" && pvesm free thick:vm-9460-disk-2 &&
	within 10 went_as_zeros 3 && [ -e "$gone/vm-9460-disk-2" ] && is_clean
'

spec 'leaves alone what only begins like a volume that is to be zeroed' '
	given_group "	saferemove 1" && head -c 1M /dev/urandom >"$lvs/del-data" &&
	given_volume 0 && pvesm free thick:vm-9460-disk-0 && within 10 went_as_zeros 0 && is_clean &&
	equals "$(ls "$lvs")" del-data
'

spec 'removes nothing that it could not zero, and goes on with the others' '
	given_group "	saferemove 1" && given_volume 1 && given_volume 2 &&
	mkdir /dev/shm/del-vm-9460-disk-1 && pvesm free thick:vm-9460-disk-1 &&
	pvesm free thick:vm-9460-disk-2 && within 10 went_as_zeros 2 && is_clean &&
	equals "$(ls "$lvs")" del-vm-9460-disk-1 && rm -r /dev/shm/del-vm-9460-disk-1 &&
	pvesm alloc thick 9460 "" 3M && within 10 went_as_zeros 1 && is_clean
'

spec 'refuses a speed that is none' '
	given_group && for speed in fast 0 10.5M -; do
		fails_with 255 pvesm set thick --saferemove_throughput "$speed" &&
		stderr_like "value is not a number of bytes per second" || exit 1
	done; succeeds pvesm set thick --saferemove 1 --saferemove_throughput -5M --saferemove-stepsize 4 &&
	grep -qx "	saferemove_throughput -5M" "$root/etc/pve/storage.cfg"
'

detach_all
rm "$root/etc/pve/storage.cfg"
mkdir -p "$root/var/lib/vz/images"
umount /usr/sbin "$top/work"
ends_clean
