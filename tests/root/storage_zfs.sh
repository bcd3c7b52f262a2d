#!/bin/sh
# The type zfspool with a program that stands in for zfs(8): datasets are directories, and
# snapshots copies of them. Real ones are in tests/vm/zfs.sh.
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
if [ -z "${STORAGE_ZFS_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	STORAGE_ZFS_NAMESPACE=1 exec unshare -m sh "$0" # the mounts end with it
fi
. "$(dirname "$0")/lib.sh"
begin 9470
command -v python3 >/dev/null || skip_file "python3 is not installed"
given_template

# Properties and snapshots are beside the directories, in $top/state.
mkdir "$top/bin" "$top/work" "$top/tank" "$top/state"
cat >"$top/bin/zfs" <<END
#!/usr/bin/python3
import json, os, shutil, subprocess, sys
TOP = "$top"
END
cat >>"$top/bin/zfs" <<"END"
STATE = TOP + "/state/all.json"
log = open(TOP + "/calls", "a")
print(*sys.argv[1:], file=log, flush=True)
try:
    state = json.load(open(STATE))
except FileNotFoundError:
    state = {"tank": {}}


def save():
    json.dump(state, open(STATE, "w"))


def fail(text):
    sys.exit("cannot do it: " + text)


def files(name):
    dataset, _, snap = name.partition("@")
    return TOP + ("/state/" + name.replace("/", "+") if snap else "/" + dataset)


def need(name):
    if name not in state:
        fail(f"'{name}': dataset does not exist")


def copy(source, target):
    subprocess.run(["cp", "-a", "--", source, target], check=True)


def remove(name):
    shutil.rmtree(files(name))
    del state[name]


def options(words, letters):
    found = {}
    rest = []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--":
            continue
        if word.startswith("-") and word[1:] in letters:
            key, value = words.pop(0).partition("=")[::2]
            found[key] = value
        elif not word.startswith("-"):
            rest.append(word)
    return found, rest


verb, words = sys.argv[1], sys.argv[2:]
if verb == "mount" and not words:
    print("tank", TOP + "/tank")
elif verb in ("mount", "unmount"):
    pass
elif verb == "list" and "snapshot" in words:
    for name in state:
        if name.startswith(words[-1] + "@"):
            print(name)
elif verb == "list":
    for name, props in state.items():
        if "@" not in name:
            print(name, "-", "-", "filesystem", props.get("refquota", "none"), sep="\t")
elif verb == "get":
    need(words[-1])
    known = {"name": words[-1], "mounted": "yes", "acltype": "off", "refquota": "none",
             "mountpoint": TOP + "/tank", "available": "1000000000", "used": "0"}
    known.update(state[words[-1]])
    for prop in words[-2].split(","):
        print(known.get(prop, "-"))
elif verb == "create":
    props, (name,) = options(words, ["o", "V"])
    if name in state:
        fail(f"'{name}': dataset already exists")
    if props.get("refquota", "none") != "none":
        props["refquota"] = str(int(props["refquota"][:-1]) * 1024)
    os.mkdir(files(name), 0o755)
    state[name] = props
elif verb == "set":
    need(words[1])
    key, value = words[0].split("=")
    state[words[1]][key] = value
elif verb == "snapshot":
    props, (name,) = options(words, ["o"])
    need(name.partition("@")[0])
    copy(files(name.partition("@")[0]), files(name))
    state[name] = props
elif verb == "rollback":
    name = words[-1]
    need(name)
    dataset = name.partition("@")[0]
    shutil.rmtree(files(dataset))
    copy(files(name), files(dataset))
elif verb == "destroy":
    need(words[-1])
    for name in [name for name in state if name.startswith(words[-1] + "@")]:
        remove(name)
    remove(words[-1])
elif verb == "rename":
    for old in [name for name in state if name == words[0] or name.startswith(words[0] + "@")]:
        new = words[1] + old[len(words[0]):]
        os.rename(files(old), files(new))
        state[new] = state.pop(old)
elif verb == "send":
    if "U" in words[0]:
        fail("invalid option 'U'")
    need(words[-1])
    print(words[-1].partition("@")[2], flush=True)
    subprocess.run(["tar", "-C", files(words[-1]), "-c", "."], check=True)
elif verb == "recv":
    name = words[-1]
    stream = sys.stdin.buffer.raw
    snap = b""
    while not snap.endswith(b"\n"):
        snap += stream.read(1) or fail("stream is cut off")
    shutil.rmtree(files(name), ignore_errors=True)
    os.mkdir(files(name), 0o755)
    state.setdefault(name, {})
    save()
    if subprocess.run(["tar", "-C", files(name), "-x"], stderr=subprocess.DEVNULL).returncode:
        fail("stream is cut off")
    snapshot = name + "@" + snap.decode().strip()
    copy(files(name), files(snapshot))
    state[snapshot] = {}
else:
    fail(f"verb '{verb}'")
save()
END
chmod 755 "$top/bin/zfs"
if ! { mount -t tmpfs work "$top/work" && mkdir "$top/work/upper" "$top/work/work" &&
	mount -t overlay bin -o "lowerdir=/usr/sbin,upperdir=$top/work/upper,workdir=$top/work/work" /usr/sbin &&
	cp "$top/bin/zfs" /usr/sbin/; }; then
	skip_file "a program cannot be put in the place of zfs here"
fi
mkdir -p "$root/etc/pve"
lines "zfspool: tank" "	pool tank" "	mountpoint $top/tank" "	content rootdir" >"$root/etc/pve/storage.cfg"

data=$top/tank

# What of zfs was asked to change something.
changes() {
	grep -E "^(create|destroy|set|snapshot|rollback|rename|recv|clone) " "$top/calls"
}

spec 'makes a container on a dataset with a quota, which has ACLs only when they are asked for' '
	given_container 9470 --rootfs tank:0.125 --mp0 tank:0.0625,mp=/a,acl=1 \
		--mp1 tank:0.0625,mp=/b,acl=0 >/dev/null &&
	: >"$top/calls" && pct start 9470 && answers 9470 && pct exec 9470 -- touch /a/x /b/x &&
	pct stop 9470 && [ -e "$data/subvol-9470-disk-1/x" ] && [ -e "$data/subvol-9470-disk-2/x" ] &&
	! grep "^set .*disk-0" "$top/calls"
'

spec 'sets acltype before the dataset is mounted, and only when it is another' '
	zfs set acltype=off tank/subvol-9470-disk-1 && zfs set acltype=posix tank/subvol-9470-disk-2 &&
	: >"$top/calls" && pct start 9470 && answers 9470 && pct stop 9470 &&
	equals "$(changes)" "set acltype=posixacl tank/subvol-9470-disk-1
set acltype=noacl tank/subvol-9470-disk-2" &&
	: >"$top/calls" && pct start 9470 && answers 9470 && pct stop 9470 && equals "$(changes)" ""
'

spec 'snapshots, and rolls back to the newest snapshot alone' '
	pct snapshot 9470 one && pct snapshot 9470 two &&
	fails_with 255 pct rollback 9470 one && stderr_like "is not most recent snapshot" &&
	touch "$data/subvol-9470-disk-0/later" && pct delsnapshot 9470 two && pct rollback 9470 one &&
	[ ! -e "$data/subvol-9470-disk-0/later" ]
'

# Only ZFS itself can mount it: here the clone fails at that, and leaves nothing.
spec 'asks the kernel for the snapshot of a dataset when a clone is made of it' '
	! grep -qw zfs /proc/filesystems || skip_spec "this kernel has ZFS"
	fails_with 255 pct clone 9470 9471 --snapname one --full 1 &&
	stderr_is "clone failed: tank:subvol-9470-disk-0: rootfs: tank/subvol-9470-disk-0@one: file system '\''zfs'\'': No such device" &&
	[ ! -e "$(config_file 9471)" ] && equals "$(ls "$data")" "subvol-9470-disk-0
subvol-9470-disk-1
subvol-9470-disk-2"
'

spec 'frees the datasets with the container' '
	pct destroy 9470 && equals "$(ls -A "$data")" "" && is_gone 9470
'

spec 'keeps no zvol whose device does not come' '
	: >"$top/calls" && fails_with 255 pvesm alloc tank 9470 "" 1500 --format raw &&
	stderr_is "timeout: no zvol device link for '\''vm-9470-disk-0'\'' found" &&
	equals "$(changes)" "create -V 2048k tank/vm-9470-disk-0
destroy -r tank/vm-9470-disk-0" && equals "$(ls -A "$data")" ""
'

# ---- streams ----

# What a stream has no say in.
ours="-x encryption -x mountpoint -x sharenfs -x sharesmb"
volume=tank:subvol-9471-disk-0
here=$data/subvol-9471-disk-0
there=$data/subvol-9472-disk-0

given_volume() {
	pvesm alloc tank 9471 "" 64M --format subvol >/dev/null && for snap in one two; do
		echo "$snap" >"$here/$snap" && zfs snapshot "tank/subvol-9471-disk-0@$snap" || return 1
	done
	pvesm export "$volume" zfs "$scratch/one" --snapshot one &&
		pvesm export "$volume" zfs "$scratch/two" --snapshot two --base one
}

free_both() {
	pvesm free "$volume" && pvesm free tank:subvol-9472-disk-0 && equals "$(ls -A "$data")" ""
}

spec 'takes an incremental stream in on the dataset that has its base' '
	given_volume && pvesm import tank:subvol-9472-disk-0 zfs "$scratch/one" --snapshot one &&
	equals "$(ls "$there")" one && : >"$top/calls" &&
	succeeds pvesm import tank:subvol-9472-disk-0 zfs "$scratch/two" --snapshot two --base one \
		--delete-snapshot one &&
	stdout_is "successfully imported '\''tank:subvol-9472-disk-0'\''" &&
	equals "$(changes)" "recv -F $ours -- tank/subvol-9472-disk-0
destroy tank/subvol-9472-disk-0@one" && equals "$(ls "$there")" "one
two" && free_both
'

spec 'goes back to the base when an incremental stream ends early, or is another one' '
	given_volume && pvesm import tank:subvol-9472-disk-0 zfs "$scratch/one" --snapshot one &&
	head -c 1100 "$scratch/two" >"$scratch/cut" && : >"$top/calls" &&
	fails_with 255 pvesm import tank:subvol-9472-disk-0 zfs "$scratch/cut" --snapshot two --base one &&
	equals "$(ls "$there")" one && : >"$top/calls" &&
	fails_with 255 pvesm import tank:subvol-9472-disk-0 zfs "$scratch/two" --snapshot other --base one &&
	stderr_like "^import stream: .*@other.: dataset does not exist" && equals "$(ls "$there")" one &&
	equals "$(changes)" "recv -F $ours -- tank/subvol-9472-disk-0
rollback -r tank/subvol-9472-disk-0@one" && : >"$top/calls" &&
	fails_with 255 pvesm import tank:subvol-9472-disk-0 zfs "$scratch/two" --snapshot two --base none &&
	stderr_like "@none.: dataset does not exist" &&
	fails_with 255 pvesm import tank:subvol-9473-disk-0 zfs "$scratch/two" --snapshot two --base one &&
	stderr_like "dataset does not exist" && equals "$(changes)" "" && free_both
'

spec 'leaves nothing of a whole stream that ends early' '
	given_volume && head -c 1100 "$scratch/one" >"$scratch/cut" &&
	fails_with 255 pvesm import tank:subvol-9472-disk-0 zfs "$scratch/cut" --snapshot one &&
	equals "$(ls "$data")" subvol-9471-disk-0 && pvesm free "$volume"
'

# ---- adding ----

# LINE...: the last section of storage.cfg.
last_section_is() {
	equals "$(tail -n $(($# + 1)) "$root/etc/pve/storage.cfg")" "$(lines "$@")"
}

spec 'adds a storage with the mount point that ZFS tells, or the one that is given' '
	succeeds pvesm add zfspool told --pool tank && stderr_is &&
	last_section_is "zfspool: told" "	pool tank" "	mountpoint $data" &&
	succeeds pvesm add zfspool given --pool tank --mountpoint /else &&
	stderr_is "mountpoint: '\''/else'\'' is not where '\''tank'\'' is mounted, '\''$data'\''" &&
	last_section_is "zfspool: given" "	pool tank" "	mountpoint /else" &&
	fails_with 255 pvesm add zfspool none --pool none && stderr_like "^create storage failed: " &&
	last_section_is "zfspool: given" "	pool tank" "	mountpoint /else"
'

spec 'does not ask ZFS about a storage that is off, or of another node' '
	: >"$top/calls" && succeeds pvesm add zfspool off --pool none --disable 1 &&
	succeeds pvesm add zfspool far --pool none --nodes far --mountpoint /x && stderr_is &&
	last_section_is "zfspool: far" "	pool none" "	mountpoint /x" "	nodes far" &&
	equals "$(cat "$top/calls")" ""
'

rm "$root/etc/pve/storage.cfg"
mkdir -p "$root/var/lib/vz/images"
umount /usr/sbin "$top/work"
ends_clean
