#!/bin/sh
# pvesm import from tcp:// and unix:// (storage.md 6.8): one connection, of who may, in time.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2030,SC2031
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }

volid=local:101/vm-101-disk-0.raw

# An image of 64 KiB with data in it, as a stream.
given_stream() {
	pvesm alloc local 100 "" 64 >/dev/null &&
		image=$PCT_ROOT/var/lib/vz/images/100/vm-100-disk-0.raw &&
		head -c 65536 /dev/urandom >"$image" &&
		pvesm export local:100/vm-100-disk-0.raw raw+size "$scratch/stream"
}

# SOURCE: an import in the background that waits there; its output is in import.*.
given_import() {
	: >"$scratch/import.out"
	"$bin/pvesm" import "$volid" raw+size "$1" >"$scratch/import.out" 2>"$scratch/import.err" &
	import=$!
}

# PATTERN: the import has said so.
says() {
	tries=100
	until grep -qE "$1" "$scratch/import.out"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || because "not said: $1" "$(cat "$scratch/import.err")" || return 1
		sleep 0.05
	done
}

port() { sed -n 2p "$scratch/import.out"; }

# FILE ADDRESS PORT [FROM], or FILE PATH: send the file; tells whether it was taken.
send() {
	python3 - "$@" <<-"END"
		import socket, sys
		file, where = sys.argv[1:3]
		try:
		    if len(sys.argv) == 3:
		        peer = socket.socket(socket.AF_UNIX)
		        peer.connect(where)
		    else:
		        source = (sys.argv[4], 0) if len(sys.argv) > 4 else None
		        peer = socket.create_connection((where, int(sys.argv[3])), 5, source)
		    peer.sendall(open(file, "rb").read())
		    peer.shutdown(socket.SHUT_WR)
		    peer.settimeout(5)
		    peer.recv(1)
		except OSError as error:
		    sys.exit(str(error))
	END
}

imported() {
	wait "$import" || because "$(cat "$scratch/import.err")" || return 1
	grep -qx "successfully imported '$volid'" "$scratch/import.out" &&
		cmp "$image" "$PCT_ROOT/var/lib/vz/images/101/vm-101-disk-0.raw"
}

it 'takes a stream from the one connection to its port, whose number it prints' '
	given_stream && given_import tcp://127.0.0.1 && says "^[0-9]+$" &&
	[ "$(sed -n 1p "$scratch/import.out")" = 127.0.0.1 ] &&
	send "$scratch/stream" 127.0.0.1 "$(port)" && imported && [ ! -s "$scratch/import.err" ]
'

it 'listens at the address that the host has in a network' '
	given_stream && given_import tcp://127.0.0.77/8 && says "^[0-9]+$" &&
	[ "$(sed -n 1p "$scratch/import.out")" = 127.0.0.1 ] &&
	send "$scratch/stream" 127.0.0.1 "$(port)" && imported
'

it 'listens at an IPv6 address' '
	python3 -c "import socket; socket.socket(socket.AF_INET6).bind((\"::1\", 0))" 2>/dev/null ||
		skip_spec "this host has no IPv6"
	given_stream && given_import tcp://::1 && says "^[0-9]+$" &&
	send "$scratch/stream" ::1 "$(port)" && imported
'

it 'hangs up on clients that are not in the network, and goes on waiting' '
	given_stream && head -c 100 /dev/urandom >"$scratch/noise" && given_import tcp://127.0.0.1/32 &&
	says "^[0-9]+$" && { send "$scratch/noise" 127.0.0.1 "$(port)" 127.0.0.2 2>/dev/null || :; } &&
	kill -0 "$import" && send "$scratch/stream" 127.0.0.1 "$(port)" && imported
'

it 'hears nobody but the first client' '
	given_stream && head -c 30000 "$scratch/stream" >"$scratch/half" && given_import tcp://127.0.0.1 &&
	says "^[0-9]+$" && python3 - "$scratch/stream" "$(port)" <<-"END" && imported
		import socket, sys
		stream = open(sys.argv[1], "rb").read()
		first = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		first.sendall(stream[:30000])
		first.settimeout(0.3)
		try:
		    first.recv(1)
		except TimeoutError:
		    pass
		try:
		    socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1)
		    sys.exit("a second client was heard")
		except ConnectionRefusedError:
		    pass
		first.sendall(stream[30000:])
		first.close()
	END
'

it 'makes a socket that root alone can connect to, and removes it' '
	given_stream && given_import "unix://$scratch/socket" && says "^ready$" &&
	[ "$(stat -c "%F %a" "$scratch/socket")" = "socket 600" ] &&
	send "$scratch/stream" "$scratch/socket" && imported && [ ! -e "$scratch/socket" ]
'

it 'takes the place of a socket whose listener was killed, and of nothing else' '
	given_stream && given_import "unix://$scratch/socket" && says "^ready$" &&
	fails_with 255 pvesm import "$volid" raw+size "unix://$scratch/socket" && stdout_is &&
	stderr_is "$scratch/socket: cannot listen: Address already in use" &&
	kill -KILL "$import" && { wait "$import" 2>/dev/null || :; } && [ -S "$scratch/socket" ] &&
	given_import "unix://$scratch/socket" && says "^ready$" &&
	send "$scratch/stream" "$scratch/socket" && imported && echo kept >"$scratch/file" &&
	fails_with 255 pvesm import "$volid" raw+size "unix://$scratch/file" &&
	[ "$(cat "$scratch/file")" = kept ]
'

it 'makes nothing of a stream that ends early, and says where' '
	given_stream && head -c 30008 "$scratch/stream" >"$scratch/cut" && given_import tcp://127.0.0.1 &&
	says "^[0-9]+$" && send "$scratch/cut" 127.0.0.1 "$(port)" && ! wait "$import" &&
	[ "$(cat "$scratch/import.err")" = "import stream: it ends after 30000 of 65536 bytes" ] &&
	[ ! -e "$PCT_ROOT/var/lib/vz/images/101" ]
'

it 'ends at once when it is interrupted, and leaves no socket' '
	given_import "unix://$scratch/socket" && says "^ready$" && kill -TERM "$import" &&
	! wait "$import" && [ "$(cat "$scratch/import.err")" = "received interrupt" ] &&
	[ ! -e "$scratch/socket" ]
'

it 'gives up after 30 s without a client' '
	python3 -c "import time; print(time.monotonic())" >"$scratch/before" &&
	given_import tcp://127.0.0.1 &&
	fails_with 255 timeout 60 "$bin/pvesm" import "$volid" raw+size "unix://$scratch/socket" &&
	stdout_is ready && stderr_is "timed out waiting for client" && [ ! -e "$scratch/socket" ] &&
	! wait "$import" && [ "$(cat "$scratch/import.err")" = "timed out waiting for client" ] &&
	python3 -c "import sys, time
took = time.monotonic() - float(sys.argv[1])
sys.exit(not 29.5 < took < 45)" "$(cat "$scratch/before")"
'

it 'waits for nobody where there is no such address, network, path or volume' '
	for where in tcp:// tcp://localhost tcp://127.0.0.1:80 tcp://127.0.0.1/33 tcp://1.2.3 \
		"tcp:// 127.0.0.1" tcp://127.0.0.1/; do
		fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size "$where" && stdout_is &&
		stderr_is "'\''${where#tcp://}'\'' is neither an address nor a network" || exit 1
	done
	fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size tcp://240.0.0.0/24 && stdout_is &&
	stderr_is "this host has no address in network '\''240.0.0.0/24'\''" &&
	fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size tcp://240.0.0.7 &&
	stderr_is "240.0.0.7: cannot listen: Cannot assign requested address" &&
	fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size unix:// &&
	stderr_is "'\'''\'' cannot be the path of a socket" &&
	long=$(printf "%0200d" 0) &&
	fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size "unix:///tmp/$long" &&
	stderr_is "'\''/tmp/$long'\'' cannot be the path of a socket" &&
	fails_with 255 timeout 5 "$bin/pvesm" import "$volid" raw+size "unix://$scratch/none/socket" &&
	stderr_is "$scratch/none/socket: cannot listen: No such file or directory" &&
	fails_with 255 timeout 5 "$bin/pvesm" import none:101/a.raw raw+size tcp://127.0.0.1 && stdout_is &&
	stderr_is "storage '\''none'\'' does not exist"
'
