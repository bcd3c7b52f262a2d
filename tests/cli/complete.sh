#!/bin/sh
# Shell completion (pct-cli.md 8): what the shells ask for with the word "bashcomplete".
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034,SC2119
. "$(dirname "$0")/lib.sh"

tree=$(cd "$(dirname "$0")/../.." && pwd)

# LINE [TYPED]: what is offered at the end of it; TYPED is what the shell would replace.
completes() {
	typed=${2-${1##* }}
	COMP_LINE=$1 COMP_POINT=${#1} "$bin/${1%% *}" bashcomplete "${1%% *}" "$typed" x \
		>"$scratch/stdout" 2>"$scratch/stderr" || because "status $?"
}

# In any order.
offers() {
	offered=$1
	shift
	completes "$offered" && stderr_is || return 1
	LC_ALL=C sort -o "$scratch/stdout" "$scratch/stdout"
	lines "$@" | LC_ALL=C sort >"$scratch/lines" && same_file stdout
}

it 'offers commands, but no aliases and hidden words' '
	offers "pct st" stop start status && offers "pct manu" && offers "pct bash" &&
	completes "pct " && stdout_has create && stdout_has help
'

it 'offers commands to help' '
	offers "pct help cre" create && offers "pveam help b" build
'

it 'offers the names of options behind a dash, container keys included' '
	offers "pct config 100 --" --current --snapshot --output-format &&
	offers "pct set 100 --mem" --memory && offers "pct list --st" --status &&
	offers "pct set 100 --snapt" && offers "pct set 100 --ostem"
'

it 'offers the first of numbered options, and all once the name is there' '
	offers "pct set 100 --ne" --net0 &&
	completes "pct set 100 --net" && stdout_has --net0 && stdout_has --net31 &&
	[ "$(wc -l <"$scratch/stdout")" = 32 ] &&
	offers "pct set 100 --net3" --net3 --net30 --net31
'

it 'offers values of options: choices, 0 and 1' '
	offers "pct set 100 --cmode " shell console tty &&
	offers "pct set 100 --cmode t" tty && offers "pct set 100 -cmode t" tty &&
	offers "pct set 100 --onboot " 0 1 && offers "pct set 100 --memory " &&
	offers "pct status 100 --output-format j" json json-pretty
'

it 'offers values behind an equals sign, as the shell splits words' '
	completes "pct set 100 --cmode=t" t && stdout_is tty &&
	completes "pct set 100 --cmode=t" --cmode=t && stdout_is --cmode=tty
'

it 'offers the ids of all containers, and stopped ones where only these make sense' '
	given_config 100 "hostname: www" && given_config 101 "hostname: db" &&
	given_config 1000 "hostname: tpl" "template: 1" &&
	offers "pct config " 100 101 1000 && offers "pct status 100" 100 1000 &&
	offers "pct set --onboot 1 " 100 101 1000 &&
	offers "pct start " 100 101 && offers "pct destroy 10" 100 101 &&
	offers "pct start 100 " 100 101 &&
	for command in enter exec console stop shutdown reboot; do
		offers "pct $command " || exit
	done
'

it 'offers templates, storages and recipes' '
	cache=$PCT_ROOT/var/lib/vz/template/cache && mkdir -p "$cache" &&
	: >"$cache/a_1_amd64.tar.zst" && : >"$cache/b_1_amd64.tar.gz" &&
	printf "%s\n" "dir: vols" "	path /vols" "	content rootdir" "" "dir: tars" "	path /tars" \
		"	content vztmpl" >"$PCT_ROOT/etc/pve/storage.cfg" &&
	offers "pct create 100 local:" local:vztmpl/a_1_amd64.tar.zst \
		local:vztmpl/b_1_amd64.tar.gz &&
	offers "pct create 100 x --storage v" vols && offers "pct create 100 x --storage t" &&
	offers "pveam list t" tars && offers "pvesm list v" vols && offers "pveam list v" &&
	completes "pveam build " && stdout_has busybox
'

it 'offers backups to restore' '
	dump=$PCT_ROOT/var/lib/vz/dump && mkdir -p "$dump" &&
	: >"$dump/vzdump-lxc-100-2026_01_05-02_00_01.tar.zst" &&
	offers "pct restore 101 local:" local:backup/vzdump-lxc-100-2026_01_05-02_00_01.tar.zst &&
	completes "pct restore 101 x --un" && stdout_has "--unique" && stdout_has "--unprivileged"
'

it 'offers the snapshots of the container on the line' '
	given_config 100 "hostname: www" "" "[before]" "hostname: old" "snaptime: 1" &&
	offers "pct config 100 --snapshot " before && offers "pct config 101 --snapshot "
'

it 'offers the keys that set may delete, and those with a change that waits to revert' '
	given_config 100 "#notes" "arch: amd64" "hostname: www" "lxc.cap.drop: x" "memory: 64" \
		"mykey: 1" "parent: old" "rootfs: local:100/x.raw" "swap: 1" "unprivileged: 1" \
		"lxc.environment.runtime: A=1" "" "[pve:pending]" "delete: arch,!swap" "tty: 1" &&
	offers "pct set 100 --delete " arch description env hostname swap &&
	offers "pct set 100 --delete h" hostname && offers "pct set 100 -delete=h" -delete=hostname &&
	offers "pct set 100 --revert " arch swap tty && offers "pct set 101 --delete " &&
	offers "pct set --delete "
'

it 'goes on with a list behind its comma' '
	given_config 100 "arch: amd64" "hostname: www" "swap: 1" &&
	offers "pct set 100 --delete arch,s" arch,swap &&
	offers "pct set 100 --delete arch," arch,arch arch,hostname arch,swap &&
	completes "pct set 100 --delete=arch,s" arch,s && stdout_is arch,swap &&
	offers "pct set 100 --hostname a,"
'

it 'follows quotes, options with values and the word --' '
	given_config 100 "hostname: www" &&
	offers "pct config --snapshot \"a b\" 1" 100 && offers "pct exec -- -" &&
	offers "pct exec 100 -- -"
'

it 'looks only at what stands before the cursor' '
	COMP_LINE="pct sta 100" COMP_POINT=7 succeeds pct bashcomplete pct sta pct &&
	stdout_is start status
'

it 'says nothing about unknown commands, broken files and lines without words' '
	given_config 100 "not a line" &&
	offers "pct nosuch " && offers "pct config " 100 && offers "pct" &&
	offers "pct s --" && offers "pct set 100 --nosuch=" && offers "pct set 100 --nosuch "
'

it 'works from bash, for volume ids with a colon, too' '
	command -v bash >/dev/null || skip_spec "no bash"
	mkdir -p "$PCT_ROOT/var/lib/vz/template/cache" &&
	: >"$PCT_ROOT/var/lib/vz/template/cache/a_1_amd64.tar.zst" &&
	PATH=$bin:$PATH succeeds bash -c "
		. $tree/conf/completion/pct.bash
		complete -p pct; case \$COMP_WORDBREAKS in *:*) echo colon ;; esac" &&
	stdout_is "complete -o default -C '\''pct bashcomplete'\'' pct"
'
