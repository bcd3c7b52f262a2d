#!/bin/sh
# Containers made of OCI images: create, start, what init runs as, stop, kill -9.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9430
given_template
given_bridge

# OUT CONFIG LAYER...
make_image() {
	python3 "$(dirname "$0")/oci.py" "$@"
}

# NAME DIRECTORY: a layer of a directory, packed as the name says.
make_layer() {
	tar --numeric-owner --owner=0 --group=0 -C "$2" -cf "$top/layer" . || return 1
	case $1 in
	*.gz) gzip -nc "$top/layer" >"$1" ;;
	*.zst) zstd -qc "$top/layer" >"$1" ;;
	*) cat "$top/layer" >"$1" ;;
	esac
}

# An image's root: busybox, two accounts, and a program that tells how it was started.
make_app() {
	mkdir -p "$1/bin" "$1/etc" "$1/srv/app" "$1/etc/opaque"
	cp /bin/busybox "$1/bin/busybox"
	for applet in sh sleep id env cat ls pwd ip test stat; do
		ln -s busybox "$1/bin/$applet"
	done
	lines "root:x:0:0:root:/:/bin/sh" "app:x:1000:1000::/srv/app:/bin/sh" >"$1/etc/passwd"
	lines "root:x:0:" "app:x:1000:" "nogroup:x:65534:" "wheel:x:10:root,app" >"$1/etc/group"
	lines "#!/bin/sh" "trap 'echo got QUIT >/tmp/end; exit 0' QUIT" "id >/tmp/id" "env >/tmp/env" \
		"pwd >/tmp/pwd" "for word; do echo \"\$word\"; done >/tmp/words" \
		"while :; do sleep 0.1; done" >"$1/bin/run"
	chmod 755 "$1/bin/run"
	mkdir -m 1777 "$1/tmp"
	lines lower >"$1/etc/both"
	lines lower >"$1/etc/gone"
	lines lower >"$1/etc/opaque/lower"
	mkdir -p "$2/etc/opaque" "$2/data"
	lines upper >"$2/etc/both"
	: >"$2/etc/.wh.gone"
	: >"$2/etc/opaque/.wh..wh..opq"
	lines upper >"$2/etc/opaque/upper"
}

make_app "$top/lower" "$top/upper" && make_layer "$top/1.gz" "$top/lower" &&
	make_layer "$top/2.zst" "$top/upper" || exit 1
app='"Entrypoint":["/bin/run","two words"],"Cmd":["it'\''s","$HOME"],"WorkingDir":"/srv/app",
	"Env":["GREETING=hello world","EMPTY="],"StopSignal":"SIGQUIT","User":"1000:nogroup",
	"Volumes":{"/data/new":{},"../../outside":{}},"Labels":{"x":"y"},"ExposedPorts":{"80/tcp":{}}'
words=$(lines "two words" "it's" '$HOME')
entrypoint=$(cat <<'END'
entrypoint: /bin/run 'two words' 'it'\''s' '$HOME'
END
)
make_image "$top/app.tar" "{$app}" "$top/1.gz" "$top/2.zst" || exit 1

spec 'makes a container of an image: its layers, its messages, its words as configuration' '
	succeeds pct create 9430 "$top/app.tar" --rootfs local:0 --memory 64 \
		--net0 "name=eth0,bridge=$bridge,ip=$subnet.30/24" \
		--net1 "name=eth1,bridge=$bridge,host-managed=0" &&
	grep -v "^WARN\|^Task" "$scratch/stdout" >"$scratch/told"
	lines "Detected OCI archive" \
		"creating base directory for volume at /data/new" \
		"creating base directory for volume at ../../outside" \
		"it is left out: the name contains '"'..'"'" \
		"Auto-Enabling host-managed network for network device net0." |
		diff - "$scratch/told" &&
	sed "/hwaddr/s/hwaddr=[^,]*,//" "$(config_file 9430)" >"$scratch/conf" &&
	lines "arch: amd64" "cmode: console" \
		"$entrypoint" \
		"hostname: CT9430" "memory: 64" \
		"net0: name=eth0,bridge=$bridge,host-managed=1,ip=$subnet.30/24,type=veth" \
		"net1: name=eth1,bridge=$bridge,host-managed=0,type=veth" \
		"ostype: unmanaged" "rootfs: local:9430/subvol-9430-disk-0.subvol,size=0T" \
		"swap: 512" "unprivileged: 1" \
		"lxc.environment.runtime: GREETING=hello world" "lxc.environment.runtime: EMPTY=" \
		"lxc.init.uid: 1000" "lxc.init.gid: 65534" "lxc.init.cwd: /srv/app" \
		"lxc.signal.halt: SIGQUIT" | diff - "$scratch/conf"
'

spec 'has the files of all layers, owned by the container, without what was whited out' '
	files=$(tree 9430) && equals "$(cat "$files/etc/both")" upper &&
	[ ! -e "$files/etc/gone" ] && equals "$(ls -A "$files/etc/opaque")" upper &&
	equals "$(stat -c "%u %a" "$files/data/new" "$files/tmp" | tr "\n" " ")" \
		"100000 755 100000 1777 " &&
	[ -z "$(find "$root" -name "*outside*" -o -name ".wh.*")" ]
'

told() {
	[ -s "$(tree 9430)/tmp/words" ]
}

spec 'starts what the image says as whom it says, with its words, place and variables' '
	succeeds pct start 9430 && within 10 told && files=$(tree 9430)/tmp &&
	echo "$words" | diff - "$files/words" &&
	equals "$(cat "$files/pwd")" /srv/app && grep -q "^uid=1000(app) gid=65534" "$files/id" &&
	grep -qx "GREETING=hello world" "$files/env" && grep -qx "EMPTY=" "$files/env" &&
	equals "$(sed -n "s/^[UG]id:\t\([0-9]*\).*/\1/p" "/proc/$(init_of 9430)/status" |
		tr "\n" " ")" "101000 165534 " &&
	equals "$(readlink "/proc/$(init_of 9430)/cwd")" /srv/app
'

spec 'has shared memory, and an address that the host gave it' '
	pct exec 9430 -- /bin/stat -f -c %T /dev/shm >"$scratch/type" && grep -q tmpfs "$scratch/type" &&
	pct exec 9430 -- /bin/ip -4 addr show eth0 | grep -q "inet $subnet.30/24" &&
	ping -c 1 -W 2 "$subnet.30"
'

spec 'runs commands beside it as root, with the variables of the image' '
	equals "$(pct exec 9430 -- /bin/id -u)" 0 &&
	equals "$(pct exec 9430 --keep-env 0 -- /bin/sh -c "echo \$GREETING")" "hello world"
'

spec 'is shut down with the signal that the image wants' '
	succeeds pct shutdown 9430 --timeout 10 && has_status 9430 stopped &&
	equals "$(cat "$(tree 9430)/tmp/end")" "got QUIT"
'

spec 'makes a privileged container, an ext4 image and a mount point of an image as well' '
	succeeds pct create 9431 "$top/app.tar" --rootfs local:0.1 --mp0 local:0.02,mp=/etc/opaque \
		--unprivileged 0 --memory 64 &&
	pct start 9431 && pct exec 9431 -- /bin/cat /etc/both /etc/opaque/upper >"$scratch/files" &&
	lines upper upper | diff - "$scratch/files" &&
	fails_with 1 pct exec 9431 -- /bin/ls /etc/opaque/lower &&
	equals "$(sed -n "s/^Uid:\t\([0-9]*\).*/\1/p" "/proc/$(init_of 9431)/status")" 1000 &&
	pct stop 9431 && pct destroy 9431
'

spec 'keeps what a directory of the host holds that is mounted where a layer cleans up' '
	mkdir -m 777 "$top/host" && echo host >"$top/host/lower" && echo host >"$top/host/upper" &&
	chmod 666 "$top/host"/* &&
	for unprivileged in 0 1; do
		pct create 9431 "$top/app.tar" --rootfs local:0 --mp0 "$top/host,mp=/etc/opaque" \
			--unprivileged "$unprivileged" && pct destroy 9431 &&
		equals "$(cat "$top/host/lower" "$top/host/upper" | tr "\n" " ")" "host host " || exit 1
	done
'

spec 'starts an image that is one program and nothing else' '
	mkdir "$scratch/bare" && cp /bin/busybox "$scratch/bare/busybox" &&
	make_layer "$top/bare.gz" "$scratch/bare" &&
	make_image "$top/bare.tar" "{\"Entrypoint\":[\"/busybox\",\"sleep\"],\"Cmd\":[\"1000\"]}" \
		"$top/bare.gz" &&
	succeeds pct create 9432 "$top/bare.tar" --rootfs local:0 --memory 64 --ostype unmanaged &&
	equals "$(sed -n "s/^ostype: //p" "$(config_file 9432)")" unmanaged && pct start 9432 &&
	equals "$(tr "\0" " " <"/proc/$(init_of 9432)/cmdline")" "/busybox sleep 1000 " &&
	equals "$(pct exec 9432 -- /busybox echo inside)" inside && pct stop 9432 && pct destroy 9432
'

spec 'finds the program of an image in the usual directories, by its name alone' '
	path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin &&
	mkdir -p "$scratch/local/usr/local/bin" && cp /bin/busybox "$scratch/local/usr/local/bin" &&
	make_layer "$top/local.gz" "$scratch/local" &&
	make_image "$top/local.tar" \
		"{\"Cmd\":[\"busybox\",\"sleep\",\"1000\"],\"Env\":[\"PATH=$path\"]}" "$top/local.gz" &&
	pct create 9432 "$top/local.tar" --rootfs local:0 --memory 64 --ostype unmanaged &&
	succeeds pct start 9432 && ! stderr_like WARN && ! stdout_like WARN &&
	tr "\0" "\n" <"/proc/$(init_of 9432)/environ" | grep -qx "PATH=$path" &&
	pct stop 9432 && pct destroy 9432
'

spec 'sets an image up that holds a distribution, and starts its init' '
	zstd -dqc "$archive" >"$top/distribution" &&
	make_image "$top/distribution.tar" "{\"Cmd\":[\"/sbin/init\"]}" "$top/distribution" &&
	succeeds pct create 9433 "$top/distribution.tar" --rootfs local:0 --memory 64 --hostname named &&
	stdout_like "^Detected container architecture: amd64" &&
	! grep -q "^entrypoint\|^cmode" "$(config_file 9433)" && pct start 9433 && answers 9433 &&
	equals "$(pct exec 9433 -- hostname)" named && pct stop 9433 && pct destroy 9433
'

spec 'lists an image among the templates, and takes it by its volume id' '
	cp "$top/app.tar" "$root/var/lib/vz/template/cache/app_1.0.tar" &&
	pveam list local | grep -q "^local:vztmpl/app_1.0.tar " &&
	succeeds pct create 9434 local:vztmpl/app_1.0.tar --rootfs local:0 --entrypoint /bin/mine \
		--env GREETING=mine --cmode shell &&
	stdout_like "^Detected OCI archive" && grep -qx "entrypoint: /bin/mine" "$(config_file 9434)" &&
	grep -qx "cmode: shell" "$(config_file 9434)" &&
	equals "$(grep "runtime: GREETING" "$(config_file 9434)")" \
		"lxc.environment.runtime: GREETING=mine" && pct destroy 9434
'

# CTID ARCHIVE PATTERN: create fails with that, and nothing is left of it.
is_refused() {
	fails_with 255 pct create "$1" "$2" --rootfs local:0 && stderr_like "$3" && is_gone "$1"
}

spec 'refuses images that were changed, cut off or are of no use, and leaves nothing behind' '
	size=$(stat -c %s "$top/app.tar") && head -c $((size / 2)) "$top/app.tar" >"$top/cut.tar" &&
	is_refused 9435 "$top/cut.tar" "archive is damaged or truncated" &&
	python3 -c "import sys
data = bytearray(open(sys.argv[1], \"rb\").read())
data[len(data) // 2] ^= 1
open(sys.argv[2], \"wb\").write(data)" "$top/app.tar" "$top/changed.tar" &&
	is_refused 9435 "$top/changed.tar" "layer sha256:" &&
	make_image "$top/user.tar" "{\"User\":\"a:b:c\"}" "$top/bare.gz" &&
	is_refused 9435 "$top/user.tar" "is not of the form user\[:group\]" &&
	make_image "$top/lf.tar" "{\"WorkingDir\":\"/a\\nlxc.hook.pre-start: /x\"}" "$top/bare.gz" &&
	is_refused 9435 "$top/lf.tar" "has a control character" &&
	tar -C "$top" -cf "$top/docker.tar" --transform "s/bare.gz/manifest.json/" bare.gz &&
	is_refused 9435 "$top/docker.tar" "in Docker'"'"'s own form" &&
	fails_with 255 pct create 9435 "$top/distribution.tar" --rootfs local:0.001 &&
	is_gone 9435
'

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	remove_or_use_again() {
		if [ -e "$(config_file "$1")" ]; then
			pct destroy "$1" --force 1
		else
			pct create "$1" "$top/app.tar" --rootfs local:0 && pct destroy "$1"
		fi
	}

	# What is left goes with destroy; without a configuration the id can be used again.
	is_removed() {
		remove_or_use_again "$1" >"$scratch/removal" 2>&1 ||
			because "$(cat "$scratch/removal")" || return 1
		is_gone "$1"
	}

	spec 'clears up after create was killed at any point' '
		most=$(count_points "$bin/pct" create 9436 "$top/app.tar" --rootfs local:0) &&
		is_removed 9436 && tried=0 &&
		for point in $(points "$most"); do
			! killed_at "$point" "$bin/pct" create 9436 "$top/app.tar" --rootfs local:0 ||
				echo "unharmed at $point"
			tried=$((tried + 1))
			is_removed 9436 || because "killed at $point of $most" "$(cat "$scratch/out")" || exit 1
		done && tell "killed at $tried of $most points"
	'
else
	echo "# create is not killed at all points: strace cannot be used here"
fi

in_background() {
	"$bin/pct" create 9437 "$top/app.tar" --rootfs local:0 --bwlimit 50 >"$scratch/stdout" \
		2>"$scratch/stderr" &
	pid=$!
}

spec 'stops at once when TERM comes while layers are unpacked' '
	in_background && within 5 grep -q "^Detected" "$scratch/stdout" && sleep 0.3 &&
	kill -TERM "$pid" && started=$(date +%s) && { wait "$pid"; equals $? 255; } &&
	[ $(($(date +%s) - started)) -le 2 ] && stderr_like "received interrupt" && is_gone 9437
'

ends_clean
