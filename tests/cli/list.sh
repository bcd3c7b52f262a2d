#!/bin/sh
# pct list (pct-cli.md 5).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

header='VMID       Status     Lock         Name                '

it 'prints nothing when there is no container' '
	succeeds pct list && stdout_is && stderr_is
'

it 'prints nothing when there is no directory of containers' '
	rm -r "$PCT_ROOT/etc" &&
	succeeds pct list && stdout_is && stderr_is
'

it 'lists containers by number, with lock and name' '
	given_config 1000 "hostname: db" &&
	given_config 101 "hostname: a-very-long-hostname-that-goes-on-and-on" "lock: backup" &&
	given_config 100 "hostname: www" &&
	given_config 999999999 "memory: 512" &&
	succeeds pct list && stderr_is &&
	stdout_is "$header" \
		"100        stopped                 www                 " \
		"101        stopped    backup       a-very-long-hostname-that-goes-on-and-on" \
		"1000       stopped                 db                  " \
		"999999999  stopped                 CT999999999         "
'

it 'lists the others when a file cannot be parsed, and warns on stderr' '
	given_config 100 "hostname: www" &&
	given_config 101 "hostname: db" "this is not a line" &&
	succeeds pct list &&
	stdout_is "$header" \
		"100        stopped                 www                 " \
		"101        stopped                 db                  " &&
	stderr_is "vm 101 - unable to parse config: this is not a line"
'

it 'lists the others when a file has CRLF line ends or cannot be read' '
	given_config 100 "hostname: www" &&
	printf "hostname: dos\r\nmemory: 64\r\n" >"$PCT_ROOT/etc/pve/lxc/101.conf" &&
	mkdir "$PCT_ROOT/etc/pve/lxc/102.conf" &&
	succeeds pct list &&
	stdout_has "100        stopped                 www                 "
'

it 'lists the others when a file has 10 MB of comments' '
	given_config 100 "hostname: www" &&
	{ yes "#comment" | head -c 10000000; echo; echo "hostname: big"; } \
		>"$PCT_ROOT/etc/pve/lxc/101.conf" &&
	succeeds pct list &&
	stdout_has "100        stopped                 www                 "
'

it 'takes no file for a container whose name is no id' '
	given_config 100 "hostname: www" &&
	given_config 99 "hostname: no" && given_config 0100 "hostname: no" &&
	given_config 100.conf.tmp.12 "hostname: no" &&
	succeeds pct list &&
	stdout_is "$header" "100        stopped                 www                 "
'
