#!/bin/sh
# Files that someone broke: what can be kept is kept, what is lost is told, and the
# settings file stands between the command line and the built-in values
# (ct-config.md 2.1).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2031
. "$(dirname "$0")/lib.sh"

file() {
	echo "$PCT_ROOT/etc/pve/lxc/100.conf"
}

# given_bytes FORMAT...: the container's file, byte for byte.
given_bytes() {
	# shellcheck disable=SC2059 # the escapes are the point
	printf "$@" >"$(file)"
}

long_text() {
	head -c 1048576 /dev/zero | tr "\0" "$1"
}

# It is listed and shown, and a change leaves all lines of $scratch/kept.
survives() {
	LC_ALL=C grep -avE "^(arch|memory):" "$(file)" >"$scratch/kept"
	succeeds pct list && grep -q "^100 " "$scratch/stdout" && succeeds pct config 100 &&
		succeeds pct set 100 --memory 99 && grep -aqx "memory: 99" "$(file)" &&
		LC_ALL=C grep -avE "^(arch|memory):" "$(file)" >"$scratch/left" &&
		cmp "$scratch/left" "$scratch/kept" 2>>"$scratch/why" >&2
}

it 'keeps a value and notes of a mebibyte' '
	{ echo "#$(long_text n)"; echo "arch: amd64"; echo "memory: 64"; echo "mykey: $(long_text x)"; } >"$(file)" &&
	survives && [ "$(wc -c <"$(file)")" -gt 2097152 ]
'

it 'tells of a line of a mebibyte that is none, in short' '
	{ echo "arch: amd64"; long_text Y; echo; } >"$(file)" &&
	succeeds pct list && [ "$(wc -l <"$scratch/stderr")" = 1 ] &&
	[ "$(wc -c <"$scratch/stderr")" -lt 4096 ] && grep -q "^vm 100 - unable to parse config: YYYY" "$scratch/stderr"
'

it 'tells of a line with a NUL byte, and keeps the others' '
	given_bytes "arch: amd64\nhostname: a\0b\ntags: x\n" &&
	succeeds pct set 100 --memory 64 &&
	stderr_is "vm 100 - unable to parse config: hostname: a?b" &&
	config_is 100 "arch: amd64" "memory: 64" "tags: x" &&
	fails_with 255 pct set 100 --cores "" && config_is 100 "arch: amd64" "memory: 64" "tags: x"
'

it 'tells the file and the line, too, but only to who sits at a terminal' '
	given_bytes "arch: amd64\n#x\nLost: 1\nfoo: 2\n" && : >"$scratch/typed" &&
	python3 -B "$(dirname "$0")/../root/terminal.py" "$scratch/typed" "$PCT_BIN/pct" config 100 \
		>"$scratch/terminal" && tr -d "\r" <"$scratch/terminal" >"$scratch/seen" &&
	grep -qxF "vm 100 - unable to parse config: Lost: 1 (100.conf:3)" "$scratch/seen" &&
	grep -qxF "vm 100 - unable to parse value of '\''foo'\'' - unknown setting '\''foo'\'' (100.conf:4)" "$scratch/seen" &&
	succeeds pct config 100 && stderr_has "vm 100 - unable to parse config: Lost: 1"
'

it 'keeps what is no UTF-8, and refuses it in no format' '
	given_bytes "#%%FF%%FE\narch: amd64\nmemory: 64\nmykey: \303(\377\n" && survives &&
	for format in json json-pretty yaml; do
		succeeds pct config 100 --output-format $format &&
			[ -s "$scratch/stdout" ] || exit 1
	done
'

it 'keeps 10,000 keys that it does not know' '
	{ echo "arch: amd64"; seq 10000 19999 | sed "s/.*/k&: 1/"; echo "memory: 64"; } >"$(file)" &&
	LC_ALL=C sort -t: -k1,1 -o "$(file)" "$(file)" && survives
'

it 'keeps 300 mount points and knows 256 of them' '
	{ echo "arch: amd64"; echo "memory: 64"; seq 0 299 | sed "s,.*,mp&: /srv\,mp=/x&,"; } |
		LC_ALL=C sort -t: -k1,1 >"$(file)" && survives &&
	succeeds pct list && [ "$(wc -l <"$scratch/stderr")" = 44 ] &&
	stderr_has "vm 100 - unable to parse value of '\''mp256'\'' - unknown setting '\''mp256'\''" &&
	fails_with 255 pct set 100 --mp256 /srv,mp=/y && stderr_starts "Unknown option: mp256" &&
	succeeds pct set 100 --mp255 /srv,mp=/y && grep -qx "mp255: /srv,mp=/y" "$(file)"
'

it 'keeps quotes within quotes as they are' '
	given_bytes "arch: amd64\nmemory: 64\nmykey: \"a '\''b \\\\\"c\\\\\"'\'' \\\\\n" && survives &&
	succeeds pct set 100 --description "\"a '\''b \\\"c\\\"'\'' \\" &&
	succeeds pct config 100 --output-format json &&
	grep -qF "\"\\\"a '\''b \\\\\\\"c\\\\\\\"'\'' \\\\" "$scratch/stdout"
'

# Not one of them gets a line into the file.
it 'takes the ostype that only detection writes from a file, not from the command line' '
	given_bytes "arch: amd64\nostype: openeuler\n" &&
	succeeds pct config 100 && stdout_is "arch: amd64" "ostype: openeuler" && stderr_is &&
	fails_with 255 pct set 100 --ostype openeuler
'

it 'takes a line break from the command line for notes alone' '
	given_config 100 "arch: amd64" && next="$(printf "\nlock: backup")" &&
	for option in "arch=amd64" cmode=tty cores=1 dev0=/dev/null entrypoint=/x env=A=1 \
		features=mount=a hookscript=local:snippets/a hostname=a memory=64 mp0=/srv,mp=/a \
		mp0=local:1,mp=/a nameserver=10.0.0.1 net0=name=eth0,bridge=lo,trunks=1 onboot=1 ostype=debian \
		rootfs=/srv searchdomain=a startup=order=1 tags=a timezone=UTC unused0=local:a; do
		run pct set 100 "--$option$next"
		! grep -q "^lock:" "$(file)" || because "$option" || exit
		case $option in
		nameserver* | searchdomain* | tags*) ;;
		*) [ "$status" = 255 ] && [ ! -s "$scratch/stdout" ] && config_is 100 "arch: amd64" ||
			because "$option ended with $status" "$(cat "$scratch/stderr")" || exit ;;
		esac
	done
	succeeds pct set 100 --description "a$next" && grep -qx "#lock%3A backup" "$(file)"
'

it 'keeps notes of the command line that are no UTF-8' '
	given_config 100 "arch: amd64" &&
	succeeds pct set 100 --description "$(printf "\377\376 a\001")" && stderr_is &&
	config_is 100 "#%FF%FE a%01" "arch: amd64" &&
	fails_with 255 pct set 100 --hostname "$(printf "a\377")" &&
	stderr_has "hostname: invalid format - value does not look like a valid DNS name"
'

it 'passes over what a killed writer left, and the next writer removes it' '
	given_config 100 "arch: amd64" "memory: 64" &&
	for left in 100.conf.tmp.4194305 100.conf.tmp.$$ 100.conf.tmp.x 1000.conf.tmp.4194305; do
		echo "memory: 1" >"$PCT_ROOT/etc/pve/lxc/$left"
		touch -d "-1 hour" "$PCT_ROOT/etc/pve/lxc/$left"
	done
	echo "memory: 1" >"$PCT_ROOT/etc/pve/lxc/100.conf.tmp.4194306"
	succeeds pct list && [ "$(wc -l <"$scratch/stdout")" = 2 ] && stderr_is &&
	succeeds pct set 100 --memory 65 && config_is 100 "arch: amd64" "memory: 65" &&
	ls "$PCT_ROOT/etc/pve/lxc" >"$scratch/stdout" &&
	printf "%s\n" 100.conf 100.conf.tmp.$$ 100.conf.tmp.4194306 100.conf.tmp.x \
		1000.conf.tmp.4194305 | LC_ALL=C sort >"$scratch/lines" &&
	LC_ALL=C sort -o "$scratch/stdout" "$scratch/stdout" && same_file stdout
'

# The interface of the container has an address that starts so.
address_starts() {
	grep -q "^net0: .*hwaddr=$1" "$(file)" || because "$(cat "$(file)")"
}

it 'takes the command line before the settings file, and that before built-in values' '
	given_config 100 "arch: amd64" && net=name=eth0,bridge=lo &&
	succeeds pct set 100 --net0 $net && address_starts BC:24:11: &&
	echo "[defaults]" >"$PCT_ROOT/etc/pve/pct.conf" &&
	echo "mac_prefix = 02:AA" >>"$PCT_ROOT/etc/pve/pct.conf" &&
	echo "bridge = vmbr1" >>"$PCT_ROOT/etc/pve/pct.conf" &&
	succeeds pct set 100 --net1 name=eth1 &&
	grep -q "^net1: name=eth1,bridge=vmbr1,hwaddr=02:AA:.*,type=veth" "$(file)" &&
	succeeds pct set 100 --net0 $net && stderr_is && address_starts 02:AA: &&
	succeeds pct set 100 --net0 $net,hwaddr=06:00:00:00:00:01 && address_starts 06:00:00:00:00:01,type=veth
'

# Which storage a size goes to; the one that is missing is named.
it 'creates on the storage of the command line, else of the settings file' '
	tar -cf "$scratch/x.tar" -C "$scratch" why &&
	printf "[defaults]\nstorage = tank\n" >"$PCT_ROOT/etc/pve/pct.conf" &&
	fails_with 255 pct create 101 "$scratch/x.tar" &&
	stderr_has "storage: storage '\''tank'\'' does not exist" &&
	fails_with 255 pct create 101 "$scratch/x.tar" --rootfs 1 &&
	stderr_is "rootfs: storage '\''tank'\'' does not exist" &&
	fails_with 255 pct create 101 "$scratch/x.tar" --storage zed &&
	stderr_has "storage: storage '\''zed'\'' does not exist"
'

it 'warns of a broken settings file with the line, and goes on with built-in values' '
	given_config 100 "arch: amd64" &&
	printf "[defaults]\nmac_prefix = 02:AA\nno setting\nnor this\n" >"$PCT_ROOT/etc/pve/pct.conf" &&
	succeeds pct set 100 --net0 name=eth0,bridge=lo && address_starts BC:24:11: &&
	stderr_is "syntax error in $PCT_ROOT/etc/pve/pct.conf (3): -> no setting; syntax error in \
$PCT_ROOT/etc/pve/pct.conf (4): -> nor this - using built-in settings"
'
