#!/bin/sh
# pveam (templates.md 4): templates on a storage, and building them from recipes.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2031,SC2034
. "$(dirname "$0")/lib.sh"

cache() { echo "$PCT_ROOT/var/lib/vz/template/cache"; }

# given_template NAME BYTES
given_template() {
	mkdir -p "$(cache)" && truncate -s "$2" "$(cache)/$1"
}

it 'lists the recipes as section system' '
	arch=$(dpkg --print-architecture) &&
	succeeds pveam available && stderr_is &&
	stdout_has "$(printf "%-15s %-60s %s" system busybox "$arch")" &&
	stdout_has "$(printf "%-15s %-60s %s" system debian-12 "$arch")" &&
	stdout_has "$(printf "%-15s %-60s %s" system debian-13 "$arch")" &&
	stdout_has "$(printf "%-15s %-60s %s" system ubuntu-24.04 "$arch")" &&
	succeeds pveam available --section system && stdout_has "$(printf "%-15s %-60s %s" system busybox "$arch")" &&
	succeeds pveam available --section mail && stdout_is
'

it 'refuses a section that does not exist' '
	fails_with 255 pveam available --section games && stdout_is &&
	stderr_starts "400 Parameter verification failed."
'

it 'lists templates by name without regard to case, with their sizes' '
	given_template debian-12-standard_12.7-1_amd64.tar.zst 126510694 &&
	given_template Busybox_1_amd64.tar.gz 1048576 &&
	given_template notes.txt 5 &&
	succeeds pveam list local && stderr_is &&
	stdout_is "$(printf "%-60s %s" NAME "SIZE  ")" \
		"local:vztmpl/Busybox_1_amd64.tar.gz                          1.00MB" \
		"local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst         120.65MB"
'

it 'lists nothing but the header on an empty storage' '
	succeeds pveam list local && stdout_is "$(printf "%-60s %s" NAME "SIZE  ")"
'

it 'refuses to list a storage that is unknown or has no templates' '
	fails_with 255 pveam list nowhere && stderr_is "storage '"'nowhere'"' does not exist" &&
	printf "dir: data\n\tpath %s/data\n\tcontent rootdir\n" "$scratch" >"$PCT_ROOT/etc/pve/storage.cfg" &&
	fails_with 255 pveam list data && stdout_is && stderr_is "Storage does not support templates!"
'

it 'removes a template by volume id or by path, and says nothing' '
	given_template a.tar.gz 1 && given_template b.tar.gz 1 &&
	succeeds pveam remove local:vztmpl/a.tar.gz && stdout_is && stderr_is &&
	[ ! -e "$(cache)/a.tar.gz" ] &&
	succeeds pveam remove "$(cache)/b.tar.gz" && stdout_is && stderr_is &&
	[ ! -e "$(cache)/b.tar.gz" ]
'

it 'refuses to remove what is not there or not a template' '
	fails_with 255 pveam remove local:vztmpl/a.tar.gz &&
	stderr_is "volume '"'local:vztmpl/a.tar.gz'"' does not exist" &&
	mkdir -p "$PCT_ROOT/var/lib/vz/template/iso" &&
	: >"$PCT_ROOT/var/lib/vz/template/iso/x.iso" &&
	fails_with 255 pveam remove local:iso/x.iso &&
	stderr_is "volume '"'local:iso/x.iso'"' is not of content type '"'vztmpl'"'" &&
	[ -e "$PCT_ROOT/var/lib/vz/template/iso/x.iso" ]
'

it 'builds the busybox template, which list then shows' '
	succeeds pveam build busybox && stderr_is &&
	name=$(ls "$(cache)") &&
	case $name in busybox-*-default_*_*.tar.zst) ;; *) because "made $name" ;; esac &&
	[ "$(tail -n 1 "$scratch/stdout")" = "local:vztmpl/$name" ] &&
	[ "$(ls -A "$(cache)")" = "$name" ] &&
	succeeds pveam list local && grep -q "^local:vztmpl/$name " "$scratch/stdout"
'

it 'names the recipes when there is no such one, and the storage when it is missing' '
	fails_with 255 pveam build nothing && stdout_is &&
	stderr_is "recipe '"'nothing'"' does not exist; there are: busybox debian-11 debian-12 debian-13 debian-14 ubuntu-18.04 ubuntu-20.04 ubuntu-22.04 ubuntu-24.04 ubuntu-26.04" &&
	fails_with 255 pveam build ../busybox &&
	fails_with 255 pveam build lib &&
	fails_with 255 pveam build busybox nowhere &&
	stderr_is "storage '"'nowhere'"' does not exist"
'
