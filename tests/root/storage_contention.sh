#!/bin/sh
# Many commands on one storage at the same time: no two get one name, and each name that was
# told is a volume.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_CONTENTION_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_CONTENTION_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9470
given_pool
given_template
mkdir "$top/out"
for storage in local files pool; do
	pvesm set "$storage" --content images,rootdir,vztmpl
done

# What commands in the background said that they made, in $top/out/made.
collect() {
	wait
	cat "$top"/out/*.out | sed -n "s/^successfully created '\(.*\)'$/\1/p" >"$top/out/made"
	grep -hv -e "^trying to acquire lock" -e "^successfully created" "$top"/out/*.out
	rm "$top"/out/*.out
}

# NUMBER: so many names were told, each once.
are_distinct() {
	equals "$(wc -l <"$top/out/made")" "$1" && equals "$(sort "$top/out/made" | uniq -d)" ""
}

# STORAGE FORMAT SIZE: 20 allocations of one owner at once.
allocates_at_once() {
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		pvesm alloc "$1" 9470 "" "$3" --format "$2" >"$top/out/$n.out" 2>&1 &
	done
	collect && are_distinct 20 && equals "$(pvesm list "$1" --vmid 9470 | awk "NR > 1 { print \$1 }" | sort)" \
		"$(sort "$top/out/made")" || return 1
	# Freed and made again at once: the holes are given out once as well.
	while read -r volume; do
		pvesm free "$volume" >"$top/out/${volume##*disk-}.out" 2>&1 &
		pvesm alloc "$1" 9470 "" "$3" --format "$2" >"$top/out/${volume##*disk-}-again.out" 2>&1 &
	done <"$top/out/made"
	collect && are_distinct 20 && equals "$(pvesm list "$1" --vmid 9470 | awk "NR > 1 { print \$1 }" | sort)" \
		"$(sort "$top/out/made")" || return 1
	while read -r volume; do
		pvesm free "$volume" || return 1
	done <"$top/out/made"
}

spec 'gives 20 images of dir names of their own, and 20 directories' '
	allocates_at_once local raw 64 && allocates_at_once files raw 64 && allocates_at_once local subvol 0
'

spec 'gives 20 images of btrfs names of their own, and 20 directories' '
	allocates_at_once pool raw 64 && allocates_at_once pool subvol 0
'

# STORAGE: ten containers with two volumes each, and two more volumes of each owner.
creates_at_once() {
	for n in 0 1 2 3 4 5 6 7 8 9; do
		pct create "947$n" "$template" --rootfs "$1:0" --mp0 "$1:0,mp=/data" --memory 64 \
			>"$top/out/$n.out" 2>&1 &
		pvesm alloc "$1" "947$n" "" 64 >"$top/out/$n-a.out" 2>&1 &
		pvesm alloc "$1" "947$n" "" 0 --format subvol >"$top/out/$n-b.out" 2>&1 &
	done
	collect && are_distinct 20 && for n in 0 1 2 3 4 5 6 7 8 9; do
		sed -n "s/^rootfs: \([^,]*\),.*/\1/p; s/^mp0: \([^,]*\),.*/\1/p" "$(config_file "947$n")" >>"$top/out/made" ||
			return 1
	done && are_distinct 40 && equals "$(pvesm list "$1" | awk "NR > 1 && \$5 >= 9470 { print \$1 }" | sort)" \
		"$(sort "$top/out/made")" || return 1
	for n in 0 1 2 3 4 5 6 7 8 9; do
		pct destroy "947$n" >"$top/out/$n.out" 2>&1 &
	done
	wait
	rm "$top"/out/*.out
	for volume in $(pvesm list "$1" | awk "NR > 1 && \$5 >= 9470 { print \$1 }"); do
		pvesm free "$volume" || return 1
	done
}

spec 'gives containers that are made at once, and volumes beside them, names of their own' '
	creates_at_once local && creates_at_once pool && is_gone 9470 && is_gone 9475 && is_gone 9479
'

ends_clean
