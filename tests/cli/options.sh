#!/bin/sh
# Option grammar and the shapes of its errors (pct-cli.md 2.2, 2.3).
# shellcheck source=tests/cli/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"

it 'refuses an unknown option with the short usage' '
	fails_with 255 pct status 100 --nope &&
	stdout_is &&
	stderr_is "Unknown option: nope" "400 unable to parse option" \
		"pct status <vmid> [OPTIONS]"
'

it 'has no output format where nothing is read' '
	fails_with 255 pct unlock 100 --output-format json &&
	stderr_starts "Unknown option: output-format"
'

it 'takes the words of exec that start with a dash for options' '
	fails_with 255 pct exec 100 ls -l &&
	stderr_is "Unknown option: l" "400 unable to parse option" \
		"pct exec <vmid> [<extra-args>] [OPTIONS]"
'

it 'refuses an ambiguous option and names the candidates' '
	fails_with 255 pct create 100 x --st 1 &&
	stderr_is "Option st is ambiguous (start, startup, storage)" \
		"400 unable to parse option" "pct create <vmid> <ostemplate> [OPTIONS]"
'

it 'counts numbered options one by one' '
	fails_with 255 pct create 100 x --net name=eth0 &&
	stderr_starts "Option net is ambiguous (net0, net1, net10, net11, net12, net13, \
net14, net15, net16, net17, net18, net19, net2, net20, net21, net22, net23, net24, net25, \
net26, net27, net28, net29, net3, net30, net31, net4, net5, net6, net7, net8, net9)" &&
	fails_with 255 pct create 100 x --mp256 /a,mp=/b &&
	stderr_starts "Unknown option: mp256"
'

it 'refuses an option without its value' '
	fails_with 255 pct create 100 x --memory &&
	stderr_starts "Option memory requires an argument" &&
	fails_with 255 pct create 100 x --hostname= &&
	stderr_starts "Option hostname requires an argument"
'

it 'refuses too few and too many words' '
	fails_with 255 pct create 101 &&
	stderr_is "400 not enough arguments" "pct create <vmid> <ostemplate> [OPTIONS]" &&
	fails_with 255 pct list x y &&
	stderr_is "400 too many arguments" "pct list "
'

it 'refuses a boolean that is none, as when the id follows it' '
	fails_with 255 pct destroy --force 100 100 &&
	stderr_is "400 unable to parse boolean option" "pct destroy <vmid> [OPTIONS]"
'

it 'refuses ids that are none' '
	fails_with 255 pct status 99 &&
	stderr_is "400 Parameter verification failed." \
		"vmid: invalid format - value does not look like a valid VM ID" "" \
		"pct status <vmid> [OPTIONS]" &&
	fails_with 255 pct status abc &&
	stderr_is "400 Parameter verification failed." \
		"vmid: type check ('\''integer'\'') failed - got '\''abc'\''" \
		"pct status <vmid> [OPTIONS]" &&
	fails_with 255 pct status 1000000000 &&
	stderr_has "vmid: invalid format - value does not look like a valid VM ID"
'

it 'tells all values that do not pass at once, sorted' '
	fails_with 255 pct create 99 x --memory 15 --arch mips --net0 bridge=x --swap y &&
	stdout_is &&
	stderr_is "400 Parameter verification failed." \
		"arch: value '\''mips'\'' does not have a value in the enumeration \
'\''amd64, i386, arm64, armhf, riscv32, riscv64'\''" \
		"memory: value must have a minimum value of 16" \
		"net0: invalid format - format error" \
		"net0.name: property is missing and it is not optional" "" \
		"swap: type check ('\''integer'\'') failed - got '\''y'\''" \
		"vmid: invalid format - value does not look like a valid VM ID" "" \
		"pct create <vmid> <ostemplate> [OPTIONS]"
'

it 'refuses a key file that is missing before it looks at values' '
	fails_with 255 pct create 99 x --ssh-public-keys /nonexistent/keys &&
	stderr_is "can'\''t open '\''/nonexistent/keys'\'' - No such file or directory"
'

it 'fails when the output cannot be written' '
	given_config 100 "hostname: web"
	pct list >/dev/full 2>"$scratch/stderr"
	[ $? -eq 255 ] &&
	stderr_is "cannot write to standard output: No space left on device"
'

it 'tells no wrong reason when it could not write before the end' '
	given_config 100 "rootfs: local:100/subvol-100-disk-0.subvol"
	pct set 100 --mp0 local:0.02,mp=/x >/dev/full 2>"$scratch/stderr"
	[ $? -eq 255 ] && stderr_is "cannot write to standard output" &&
	succeeds pct config 100 && stdout_has "mp0: local:100/vm-100-disk-0.raw,mp=/x,size=20M"
'

it 'finishes a change whose reader has gone' '
	given_config 100 "rootfs: local:100/subvol-100-disk-0.subvol"
	{ sleep 0.3; pct set 100 --mp0 local:0.02,mp=/x 2>"$scratch/stderr"; } | true
	grep -q "^cannot write to standard output" "$scratch/stderr" &&
	succeeds pct config 100 && stdout_has "mp0: local:100/vm-100-disk-0.raw,mp=/x,size=20M"
'

it 'survives closed standard descriptors' '
	given_config 100 "hostname: web"
	pct status 100 >&- 2>"$scratch/stderr"
	[ $? -eq 255 ] &&
	pct status 100 <&- >"$scratch/stdout" && stdout_is "status: stopped"
'
