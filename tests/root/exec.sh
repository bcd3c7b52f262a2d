#!/bin/sh
# enter, exec and console: what passes between the caller and a guest.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9340
given_template

given() {
	given_running 9340
}
given >"$top/given.log" 2>&1 || sed 's/^/# /' "$top/given.log"

ct() {
	pct exec 9340 -- "$@"
}

spec 'passes the exit status of a command on' '
	ct true && fails_with 3 ct sh -c "exit 3" && fails_with 255 ct sh -c "exit 255"
'

spec 'ends with 127 when there is no such command and with 126 when it cannot be run' '
	fails_with 127 ct /no/such/command && fails_with 127 ct no-such-command &&
	fails_with 126 ct /etc/passwd
'

spec 'ends with 128 and the number of the signal that killed the command' '
	fails_with 143 ct sh -c "kill -TERM \$\$" && fails_with 137 ct sh -c "kill -KILL \$\$"
'

spec 'runs the words as they are, without a shell' '
	[ "$(ct printf "%s|" "a b" "\$HOME" "*" "" "--x")" = "a b|\$HOME|*||--x|" ]
'

spec 'refuses dashed words without --, no words at all, and a stopped container' '
	fails_with 255 pct exec 9340 ls -l && stderr_like "Unknown option: l" &&
	fails_with 255 pct exec 9340 && stderr_like "missing command" &&
	given_container 9341 >/dev/null && fails_with 255 pct exec 9341 -- true &&
	stderr_is "container '\''9341'\'' not running!" && pct destroy 9341
'

spec 'passes binary data from stdin to stdout unchanged' '
	head -c 3000000 /dev/urandom >"$scratch/data" && ct cat <"$scratch/data" >"$scratch/back" &&
	cmp "$scratch/data" "$scratch/back"
'

spec 'keeps stdout and stderr apart' '
	succeeds ct sh -c "echo one; echo two >&2" && stdout_is one && stderr_is two
'

spec 'sees the end of stdin, and does not read it when the guest does not' '
	[ "$(printf "a\nb\n" | { ct true; cat; })" = "a
b" ] && ct cat </dev/null
'

spec 'streams: output comes while the command runs' '
	{ ct sh -c "echo first; sleep 5" & echo $! >"$scratch/pid"; } >"$scratch/stream" &&
	within 3 grep -q first "$scratch/stream" && kill "$(cat "$scratch/pid")"
'

spec 'passes TERM on to the command' '
	"$bin/pct" exec 9340 -- sh -c "trap \"echo caught; exit 9\" TERM; echo ready; while :; do sleep 0.1; done" \
		>"$scratch/signal" &
	pid=$! && within 5 grep -q ready "$scratch/signal" && kill -TERM "$pid" &&
	{ wait "$pid"; status=$?; [ "$status" = 9 ] || echo "status $status"; } &&
	grep -q caught "$scratch/signal" && [ "$status" = 9 ]
'

spec 'keeps the environment of the caller, but for what belongs to the host' '
	export KEPT=yes SSL_CERT_FILE=/x SSL_CERT_DIR=/y LD_LIBRARY_PATH=/z &&
	ct env >"$scratch/env" && cat "$scratch/env" &&
	grep -qx KEPT=yes "$scratch/env" && grep -qx container=lxc "$scratch/env" &&
	! grep -qE "^(SSL_CERT|LD_)" "$scratch/env"
'

spec 'clears the environment with --keep-env 0' '
	KEPT=yes pct exec 9340 --keep-env 0 -- env >"$scratch/env" && cat "$scratch/env" &&
	! grep -q KEPT "$scratch/env" && grep -qx container=lxc "$scratch/env" &&
	grep -qx PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$scratch/env"
'

spec 'runs as root of the container without groups of the host' '
	[ "$(ct id -u)" = 0 ] && [ "$(ct id -G)" = 0 ] &&
	[ "$(ct awk "{ print \$2; exit }" /proc/self/uid_map)" = 100000 ]
'

spec 'runs in the directory of the caller if the guest has it, else in /' '
	[ "$(cd /etc && ct pwd)" = /etc ] && [ "$(cd "$scratch" && ct pwd 2>/dev/null)" = / ]
'

spec 'runs in the cgroup and with the limits of the container' '
	ct sh -c "echo \$PPID" >/dev/null && ct cat /proc/self/cgroup >"$scratch/cgroup" &&
	! grep -F ":/lxc.monitor" "$scratch/cgroup"
	"$bin/pct" exec 9340 -- sleep 20 &
	pid=$! && sleep 0.5 &&
	inner=$(pgrep -f -n "^sleep 20") && grep -F "memory:/lxc/9340" "/proc/$inner/cgroup" &&
	kill "$pid"
'

spec 'gives the command only the three standard files' '
	exec 7<"$top/given.log" 8>"$scratch/eight" &&
	succeeds ct sh -c "ls -l /proc/\$\$/fd" && grep -c " -> " "$scratch/stdout" | grep -qx 3 ||
		because "$(cat "$scratch/stdout")"
'

spec 'enters with a login shell on a terminal of the guest, and passes its status' '
	typed "tty; stty size; hostname\n" "exit 7\n" &&
	fails_with 7 on_terminal pct enter 9340 && stdout_like "^/dev/pts/" &&
	stdout_like "^33 101" && stdout_like "^ct9340"
'

spec 'enters without a terminal too: the shell reads commands from stdin' '
	[ "$(echo "echo \$((6 * 7)); hostname" | pct enter 9340)" = "42
ct9340" ]
'

spec 'gives exec a new terminal of the same size when the caller has one' '
	typed && succeeds on_terminal pct exec 9340 -- sh -c "tty; stty size" &&
	stdout_like "^/dev/pts/" && stdout_like "^33 101"
'

spec 'does not lend the terminal of the caller when only stdin is one' '
	typed && before=$(stat -c %i /dev/pts) && succeeds on_terminal sh -c \
		"{ tty; pct exec 9340 -- sh -c \"stat -L -c %d:%i /proc/self/fd/0\"; stat -L -c %d:%i /proc/self/fd/0; } | cat" &&
	sed 1d "$scratch/stdout" | tr -d "\r" | sort -u | wc -l | grep -qx 2
'

spec 'interrupts the command, and not pct, with the key ^C' '
	typed "" "\x03" &&
	succeeds on_terminal pct exec 9340 -- sh -c "trap \"echo int; exit 0\" INT; sleep 9" &&
	stdout_like int
'

spec 'connects to a console where getty waits, and leaves with ^a q' '
	typed "\n" "\x01q" && succeeds on_terminal pct console 9340 &&
	stdout_like "Connected to tty [12]" && stdout_like "login:"
'

spec 'leaves the console with another escape key' '
	typed "\n" "\x02q" && succeeds on_terminal pct console 9340 --escape b &&
	stdout_like "Connected to tty "
'

spec 'opens /dev/console with cmode console and a shell with cmode shell' '
	echo "cmode: console" >>"$(config_file 9340)" && typed "\n" "\x01q" &&
	succeeds on_terminal pct console 9340 && stdout_like "Connected to tty 0" &&
	sed -i "s/^cmode.*/cmode: shell/" "$(config_file 9340)" &&
	typed "echo in-a-\$((2 + 3))-shell\n" "exit\n" &&
	succeeds on_terminal pct console 9340 && stdout_like in-a-5-shell &&
	sed -i "/^cmode/d" "$(config_file 9340)"
'

spec 'gives the terminal back as it was when the console ends' '
	typed "" "\n" "\x01q" && succeeds on_terminal sh -c "
		stty -g; pct console 9340; stty -g
	" && tr -d "\r" <"$scratch/stdout" | grep -E "^[0-9a-f]+:[0-9a-f:]+$" | sort -u | wc -l |
		grep -qx 1
'

spec 'ends a console when the container stops' '
	typed "\n" && {
		on_terminal pct console 9340 >"$scratch/console" 2>&1 &
		pid=$!
	} && within 5 grep -q "Connected" "$scratch/console" && pct stop 9340 &&
	wait "$pid" && is_clean
'

spec 'says why it opens no console' '
	fails_with 1 pct console 9340 && stderr_is "container '\''9340'\'' not running!" &&
	pct set 9340 --tty 0 && pct start 9340 && answers 9340 && fails_with 1 pct console 9340 &&
	stderr_is "cannot connect to a free terminal of container '\''9340'\''" && pct stop 9340
'

ends_clean
