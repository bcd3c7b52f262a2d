#!/bin/sh
# kill -9 of create, start, stop and destroy at the calls that change something, each in
# turn: what is left can be removed with pct. And INT and TERM, which clean up at once.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
needs_tracing
given_template
given_bridge

# CTID: what is left goes with destroy; an id without a configuration can be used again.
is_removed_by_destroy() {
	if ! pct destroy "$1" --force 1 >"$scratch/destroy" 2>&1; then
		grep -q "does not exist" "$scratch/destroy" || because "$(cat "$scratch/destroy")" ||
			return 1
		pct create "$1" "$template" --rootfs local:0 >"$scratch/again" 2>&1 &&
			pct destroy "$1" >>"$scratch/again" 2>&1 ||
			because "$(cat "$scratch/again")" || return 1
	fi
	is_gone "$1"
}

# CTID PREPARATION COMMAND...: kill the command at all points.
survives() {
	ctid=$1
	prepare=$2
	shift 2
	$prepare "$ctid" >"$scratch/prepare" 2>&1 || because "$(cat "$scratch/prepare")" || return 1
	most=$(count_points "$@") || because "$(cat "$scratch/out")" || return 1
	is_removed_by_destroy "$ctid" || return 1
	tried=0
	for point in $(points "$most"); do
		$prepare "$ctid" >"$scratch/prepare" 2>&1 || because "$(cat "$scratch/prepare")" ||
			return 1
		! killed_at "$point" "$@" || echo "unharmed at $point"
		tried=$((tried + 1))
		is_removed_by_destroy "$ctid" || because "killed at $point of $most: $*" \
			"$(cat "$scratch/out")" || return 1
	done
	tell "killed at $tried of $most points: $(echo "$*" | cut -d " " -f 1-2)"
}

stopped() {
	given_container "$1" --mp0 local:0.02,mp=/data --net0 "name=eth0,bridge=$bridge"
}

running() {
	stopped "$1" && pct start "$1" && answers "$1"
}

spec 'clears up after create was killed at any point, with a directory volume' '
	survives 9330 true "$bin/pct" create 9330 "$template" --rootfs local:0
'

spec 'clears up after create was killed at any point, with raw images' '
	survives 9331 true "$bin/pct" create 9331 "$template" --rootfs local:0.05 \
		--mp0 local:0.02,mp=/data
'

spec 'clears up after start was killed at any point' '
	survives 9332 stopped "$bin/pct" start 9332
'

spec 'clears up after stop was killed at any point' '
	survives 9333 running "$bin/pct" stop 9333
'

spec 'clears up after destroy was killed at any point' '
	survives 9334 stopped "$bin/pct" destroy 9334
'

spec 'clears up after destroy --force 1 of a running container was killed at any point' '
	survives 9335 running "$bin/pct" destroy 9335 --force 1
'

# ---- the second run, instead of destroy ----

is_started() {
	has_status "$1" running || pct start "$1" >"$scratch/again" 2>&1
}

spec 'starts again after a start was killed at any point' '
	stopped 9336 >/dev/null && most=$(count_points "$bin/pct" start 9336) && pct stop 9336 &&
	for point in $(points "$most"); do
		killed_at "$point" "$bin/pct" start 9336
		within 12 is_started 9336 && answers 9336 && pct stop 9336 && is_clean ||
			because "killed at $point of $most" "$(cat "$scratch/out" "$scratch/again")" || exit 1
	done
'

# ---- signals that ask ----

# COMMAND...: in the background, with INT as it is at a prompt.
in_background() {
	python3 -c "import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])" "$@" >"$scratch/stdout" 2>"$scratch/stderr" &
	pid=$!
}

# SIGNAL: it ends at once and says why.
is_interrupted_by() {
	kill "-$1" "$pid" && started=$(date +%s) && {
		wait "$pid"
		status=$?
	}
	equals "$status" 255 && [ $(($(date +%s) - started)) -le 2 ] &&
		stderr_like "received interrupt"
}

unpacks() {
	grep -q "^extracting archive" "$scratch/stdout"
}

spec 'cleans up at once when INT, TERM or QUIT interrupt a create' '
	for signal in INT TERM QUIT; do
		for size in 0 0.05; do
			in_background pct create 9337 "$template" --rootfs "local:$size" --bwlimit 50 &&
			within 5 unpacks && sleep 0.2 && is_interrupted_by "$signal" && is_gone 9337 ||
				because "$signal, local:$size" "$(cat "$scratch/stderr")" || exit 1
		done
	done
'

spec 'cleans up when INT comes at any time of a create' '
	for delay in 0.001 0.005 0.01 0.02 0.04 0.06 0.08 0.1 0.15; do
		in_background pct create 9337 "$template" --rootfs local:0.05
		sleep 0.05
		sleep "$delay"
		kill -INT "$pid" 2>/dev/null
		if wait "$pid"; then
			pct destroy 9337
		fi
		is_gone 9337 || because "after $delay s" "$(cat "$scratch/stderr")" || exit 1
	done
'

spec 'cleans up when the key ^C is typed during a create' '
	typed "\x03" && fails_with 255 on_terminal pct create 9337 "$template" --rootfs local:0 \
		--bwlimit 50 && stdout_like "received interrupt" && is_gone 9337
'

spec 'stops the start at once when INT or TERM interrupt it' '
	mkdir -p "$root/var/lib/vz/snippets" &&
	printf "dir: local\n\tpath %s\n\tcontent rootdir,vztmpl,snippets\n" "$root/var/lib/vz" \
		>"$root/etc/pve/storage.cfg" &&
	script=$root/var/lib/vz/snippets/slow.sh &&
	printf "#!/bin/sh\necho slow >>%s\nsleep 20\n" "$top/slow" >"$script" && chmod 755 "$script" &&
	stopped 9338 && echo "hookscript: local:snippets/slow.sh" >>"$(config_file 9338)" &&
	for signal in INT TERM; do
		rm -f "$top/slow"
		in_background pct start 9338
		within 5 [ -e "$top/slow" ] && is_interrupted_by "$signal" &&
			has_status 9338 stopped && is_clean || exit 1
	done
	rm "$root/etc/pve/storage.cfg"
'

spec 'is clean when INT comes at any time of a start' '
	sed -i "/^hookscript/d" "$(config_file 9338)" &&
	for delay in 0 0.01 0.02 0.03 0.05 0.08; do
		in_background pct start 9338
		sleep 0.05
		sleep "$delay"
		kill -INT "$pid" 2>/dev/null
		if wait "$pid"; then
			pct stop 9338
		fi
		has_status 9338 stopped && is_clean || because "after $delay s" || exit 1
	done && pct destroy 9338 && is_gone 9338
'

ends_clean
