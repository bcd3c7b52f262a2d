#!/bin/sh
# kill -9 of a restore at the calls that change something, each in turn: a new id can be
# used again, and of a container that is replaced either the old or the new one is there,
# complete, after unlock; the same command again succeeds and leaves nothing of the others.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9400
needs_tracing
given_template

dump=$root/var/lib/vz/dump
fw=$root/etc/pve/firewall
mkdir -p "$dump" "$fw"

path_of() { pvesm path "$(sed -n "s/^$2: \([^,]*\).*/\1/p" "$(config_file "$1")")"; }
restore() { "$bin/pct" restore "$@"; }

# What the backups are of: 9405 plain, 9406 a template.
given() {
	given_container 9405 --mp0 local:0.01,mp=/srv/image,backup=1 --mp1 local:0,mp=/srv/dir,backup=1 &&
		echo new >"$(path_of 9405 rootfs)/root/new" && echo new >"$(path_of 9405 mp1)/new" &&
		given_container 9406 --rootfs local:0.02 && pct template 9406 &&
		echo rules >"$fw/9405.fw" && rm -rf "$dump"/vz* && vzdump 9405 9406 --storage local
	backup=$(find "$dump" -name "vzdump-lxc-9405-*.tar")
	template_backup=$(find "$dump" -name "vzdump-lxc-9406-*.tar")
}
given >"$top/given" 2>&1

# CTID: what is left goes with destroy; an id without a configuration can be used again.
goes_with_destroy() {
	if [ -e "$(config_file "$1")" ]; then
		pct destroy "$1" >"$scratch/destroy" 2>&1 || because "$(cat "$scratch/destroy")" || return 1
	fi
	[ ! -e "$fw/$1.fw" ] || rm "$fw/$1.fw"
	restore "$1" "$backup" >"$scratch/again" 2>&1 && has_new "$1" && pct destroy "$1" ||
		because "$(cat "$scratch/again")" || return 1
	is_gone "$1"
}

has_new() {
	equals "$(cat "$(path_of "$1" rootfs)/root/new" "$(path_of "$1" mp1)/new")" "$(printf "new\nnew")" &&
		grep -q "mp=/srv/image,backup=1,size=10M" "$(config_file "$1")" && [ -e "$(path_of "$1" mp0)" ]
}

# The volumes of its configuration are all that the container has.
has_own_volumes() {
	equals "$(find "$root/var/lib/vz/images/$1" -mindepth 1 -maxdepth 1 | sort)" \
		"$(sed -n "s/^\(rootfs\|mp[0-9]*\|unused[0-9]*\):.*/\1/p" "$(config_file "$1")" | while read -r key; do
			path_of "$1" "$key"
		done | sort)"
}

# The volumes that the configuration names, but for unused ones, are those of the old
# container or of the new one, as they were.
is_old() {
	grep -q "^hostname: old$" "$(config_file "$1")" && equals "$(cat "$(path_of "$1" rootfs)/root/old")" old &&
		[ -e "$(path_of "$1" rootfs)/bin/busybox" ] && equals "$(cat "$(path_of "$1" mp5)/old")" old &&
		grep -q "^protection_of_old\|^memory: 65$" "$(config_file "$1")"
}

is_new() {
	grep -q "^hostname: ct9405$" "$(config_file "$1")" && has_new "$1" &&
		[ -e "$(path_of "$1" rootfs)/bin/busybox" ] && equals "$(cat "$fw/$1.fw")" rules
}

given_old() {
	given_container "$1" --mp5 local:0,mp=/srv/old && sed -i "s/^hostname.*/hostname: old/; s/^memory.*/memory: 65/" \
		"$(config_file "$1")" && echo old >"$(path_of "$1" rootfs)/root/old" && echo old >"$(path_of "$1" mp5)/old"
}

# CTID: old or new, whole; and the restore once more replaces what is left of both.
is_one_of_both() {
	pct unlock "$1" >/dev/null 2>&1
	if grep -q "^hostname: old$" "$(config_file "$1")"; then is_old "$1" && olds=$((olds + 1))
	else is_new "$1" && news=$((news + 1)); fi || because "$(cat "$(config_file "$1")")" || return 1
	restore "$1" "$backup" --force 1 >"$scratch/again" 2>&1 && is_new "$1" && has_own_volumes "$1" &&
		! grep -qE "^(unused|lock)" "$(config_file "$1")" || because "$(cat "$scratch/again" "$(config_file "$1")")" ||
		return 1
	is_clean && pct destroy "$1" && is_gone "$1"
}

nothing() { :; }

# CTID PREPARATION JUDGE COMMAND...: kill the command at all points.
survives() {
	ctid=$1 prepare=$2 judge=$3
	shift 3
	$prepare "$ctid" >"$scratch/prepare" 2>&1 || because "$(cat "$scratch/prepare")" || return 1
	most=$(count_points "$@") || because "$(cat "$scratch/out")" || return 1
	$judge "$ctid" || return 1
	tried=0
	for point in $(points "$most"); do
		$prepare "$ctid" >"$scratch/prepare" 2>&1 || because "$(cat "$scratch/prepare")" || return 1
		! killed_at "$point" "$@" || echo "unharmed at $point"
		tried=$((tried + 1))
		$judge "$ctid" || because "killed at $point of $most: $*" "$(cat "$scratch/out")" || return 1
	done
	tell "killed at $tried of $most points: $(echo "$*" | cut -d " " -f 1-3)"
}

spec 'a new id can be used again after its restore was killed at any point' '
	survives 9400 nothing goes_with_destroy "$bin/pct" restore 9400 "$backup"
'

spec 'the restore of a template can be killed at any point' '
	survives 9401 nothing goes_with_destroy "$bin/pct" restore 9401 "$template_backup"
'

spec 'a restore from standard input can be killed at any point' '
	survives 9402 nothing goes_with_destroy sh -c "exec $bin/pct restore 9402 - --rootfs local:0 --mp0 \
		local:0.01,mp=/srv/image --unprivileged 1 <$backup"
'

spec 'a container that is replaced is the old one or the new one, whenever the restore is killed' '
	olds=0 news=0 && survives 9403 given_old is_one_of_both "$bin/pct" restore 9403 "$backup" --force 1 &&
	tell "$olds times the old one, $news times the new one" && [ "$olds" -gt 0 ] && [ "$news" -gt 1 ]
'

# Killed in the middle, and not restored again: what destroy leaves.
spec 'destroy removes what both had' '
	for point in 20 60 100; do
		given_old 9404 && ! killed_at $point "$bin/pct" restore 9404 "$backup" --force 1
		pct destroy 9404 && rm -f "$fw/9404.fw" && is_gone 9404 || because "killed at $point" || exit 1
	done
'

rm -rf "$dump" "$fw"
ends_clean
