#!/bin/sh
# vzdump on real containers: both modes, what is in the archive, hooks, retention, and what
# is left when it fails or is killed.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/root/lib.sh
. "$(dirname "$0")/lib.sh"
begin 9320
given_template

dump=$root/dump
mkdir "$dump"

# A job in the background: its process is $job.
start_job() {
	"$bin/vzdump" "$@" >"$scratch/out" 2>&1 &
	job=$!
}
is_writing() { ls "$dump"/*.dat; }
kill_job() {
	kill -KILL "$job"
	wait "$job"
	:
}

# The archive that is there, its members, and one of its files.
archive_of() { find "$dump" -name "vzdump-lxc-$1-*.tar*" ! -name '*.notes' ! -name '*.protected'; }
members() { tar -tf "$(archive_of "$1")" 2>/dev/null; }
member() { tar -xOf "$(archive_of "$1")" "$2" 2>/dev/null; }
has_member() { members "$1" | grep -qxF -e "$2" || because "no member $2"; }
has_no_member() { ! members "$1" | grep -qxF -e "$2" || because "there is a member $2"; }

# CTID: nothing but archives and logs is left, and the container has no lock.
is_settled() {
	left=$(find "$dump" "$root/var/tmp" "$root/mnt/vzsnap0" -mindepth 1 2>/dev/null |
		grep -vE '/vzdump-lxc-[0-9]+-[-_0-9]+\.(log|tar(\.[a-z]+)?)$')
	[ -z "$left" ] || because "left behind: $left" || return 1
	! grep -q "^lock:" "$(config_file "$1")" || because "it is still locked" || return 1
	[ ! -e "$root/run/pve/ct-$1.backup" ] || because "the note of the backup is still there"
}

# The copy, which is elsewhere when the archives are on a file system like tmpfs.
has_temporary() {
	find "$dump" "$root/var/tmp" -maxdepth 1 \( -name "*.tmp" -o -name "vzdumptmp*" \) |
		grep -q . || because "no temporary files"
}

fresh() {
	rm -rf "$dump" && mkdir "$dump"
}

# PHASE COMMAND: a hook script that notes its calls and does something in one phase.
given_hook() {
	cat >"$top/hook" <<-END
		#!/bin/sh
		echo "\$*" >>"$top/calls"
		env | grep -vE "^(PATH|LC_ALL|PWD|_|SHLVL|OLDPWD)=" | sort >"$top/env.\$1"
		[ "\$1" != "$1" ] || { $2; }
	END
	chmod 755 "$top/hook"
	: >"$top/calls"
}

frozen_state() {
	if [ "$layout" = v2 ]; then cgroup_value "$1" memory cgroup.freeze
	else cgroup_value "$1" freezer freezer.state; fi
}
runs_on() { case $(frozen_state "$1") in 0 | THAWED) ;; *) because "it is frozen" ;; esac; }

# The processes of a job end with it.
nothing_of_backup_runs() {
	! pgrep -f "${bin%/sbin}/libexec/pct/pct-pack|rsync .*/target/|$bin/vzdump .*$dump"
}

# CTID: it runs, whatever the spec before has made of it.
runs() {
	has_status "$1" running || { pct start "$1" && answers "$1"; }
}

has_no_device() {
	! { losetup -n -l -O BACK-FILE | grep -F "$root/"; grep -F " $root/mnt" /proc/self/mountinfo; } ||
		because "a device or mount is left"
}

given() {
	given_container 9320 && given_container 9321
}
given >/dev/null 2>&1

spec 'backs up a stopped container: archive and log, no lock, nothing else' '
	fresh && succeeds vzdump 9320 --dumpdir "$dump" --compress zstd && stdout_is &&
	is_settled 9320 && is_clean && name=$(basename "$(archive_of 9320)") &&
	[ "$(ls "$dump")" = "$(printf "%s\n" "${name%.tar.zst}.log" "$name")" ] &&
	stderr_has "INFO: status = stopped" && stderr_has "INFO: backup mode: stop" &&
	stderr_has "INFO: creating vzdump archive '\''$dump/$name'\''" &&
	stderr_like "^INFO: Finished Backup of VM 9320 (00:00:0[0-9])$" &&
	stderr_has "INFO: Backup job finished successfully" && [ ! -e "$root/var/run/vzdump.pid" ] &&
	grep -qE "^[-0-9]+ [0-9:]+ INFO: CT Name: ct9320$" "$dump/${name%.tar.zst}.log" &&
	! grep -q "Backup started at" "$dump/${name%.tar.zst}.log"
'

spec 'starts the archive with the configuration, without lock, pending changes and snapshots' '
	fresh && printf "%s\n" "#a note" "[pve:pending]" "memory: 99" >"$scratch/more" &&
	cp "$(config_file 9320)" "$scratch/before" &&
	{ head -n 1 "$scratch/more"; cat "$scratch/before"; echo "parent: s1"; echo;
		sed 1d "$scratch/more"; } >"$(config_file 9320)" &&
	mkdir -p "$root/etc/pve/firewall" && echo "[OPTIONS]" >"$root/etc/pve/firewall/9320.fw" &&
	succeeds vzdump 9320 --dumpdir "$dump" && cp "$scratch/before" "$(config_file 9320)" &&
	equals "$(members 9320 | head -n 3 | tr "\n" " ")" "./etc/vzdump/pct.conf ./etc/vzdump/pct.fw ./ " &&
	equals "$(member 9320 ./etc/vzdump/pct.conf)" "$(echo "#a note"; cat "$scratch/before")" &&
	equals "$(member 9320 ./etc/vzdump/pct.fw)" "[OPTIONS]" &&
	rm "$root/etc/pve/firewall/9320.fw"
'

spec 'stops a running container for its backup, and starts it again' '
	fresh && runs 9321 && before=$(init_of 9321) &&
	succeeds vzdump 9321 --dumpdir "$dump" --mode stop && is_settled 9321 &&
	stderr_has "INFO: stopping virtual guest" &&
	stderr_like "^INFO: guest is online again after" &&
	has_status 9321 running && has_other_init 9321 "$before" && has_member 9321 ./bin/busybox &&
	equals "$(ionice -p "$(init_of 9321)")" "$(ionice -p $$)"
'

spec 'falls back to suspend where volumes have no snapshots, and never stops the container' '
	fresh && runs 9321 && before=$(init_of 9321) && pct exec 9321 -- sh -c "echo a >/root/file" &&
	succeeds vzdump 9321 --dumpdir "$dump" && is_settled 9321 && runs_on 9321 &&
	equals "$(init_of 9321)" "$before" && equals "$(member 9321 ./root/file)" a &&
	stderr_has "INFO: mode failure - some volumes do not support snapshots" &&
	stderr_has "INFO: trying '\''suspend'\'' mode instead" &&
	stderr_has "INFO: backup mode: suspend" && stderr_has "INFO: suspending guest" &&
	stderr_like "^INFO: final sync finished - transferred 0 bytes in" &&
	stderr_has "INFO: resuming guest"
'

spec 'takes rootfs and the volumes with backup=1, and nothing else, in each mode' '
	mkdir -p "$root/bound" && echo host >"$root/bound/host" &&
	given_running 9322 --mp0 local:0,mp=/srv/data,backup=1 --mp1 local:0,mp=/srv/tmp \
		--mp2 "$root/bound,mp=/mnt/bound" &&
	pct exec 9322 -- sh -c "echo d >/srv/data/d; echo t >/srv/tmp/t" &&
	for mode in suspend stop; do
		fresh && succeeds vzdump 9322 --dumpdir "$dump" --mode $mode &&
		stderr_has "INFO: including mount point mp0 ('\''/srv/data'\'') in backup" &&
		stderr_has "INFO: excluding volume mount point mp1 ('\''/srv/tmp'\'') from backup (disabled)" &&
		stderr_has "INFO: excluding bind mount point mp2 ('\''/mnt/bound'\'') from backup (not a volume)" &&
		equals "$(member 9322 ./srv/data/d)" d && has_member 9322 ./srv/tmp/ &&
		has_no_member 9322 ./srv/tmp/t && has_member 9322 ./mnt/bound/ &&
		has_no_member 9322 ./mnt/bound/host && is_settled 9322 || return 1
	done
'

spec 'leaves out what matches a pattern, in each mode by its own rules' '
	runs 9321 && pct exec 9321 -- sh -c "mkdir -p /var/log /opt/log /opt/x/y; touch /var/log/a /opt/log/b \
		/opt/c.bak /opt/x/y/z /tmp/.t /var/tmp/v" &&
	for mode in suspend stop; do
		fresh && succeeds vzdump 9321 --dumpdir "$dump" --mode $mode --exclude-path /var/log \
			--exclude-path "*.bak" --exclude-path y --exclude-path /opt/log/ &&
		for name in ./var/log/ ./var/log/a ./opt/c.bak ./opt/x/y/ ./opt/x/y/z ./tmp/.t \
			./var/tmp/v; do
			has_no_member 9321 "$name" || return 1
		done &&
		has_member 9321 ./tmp/ && has_member 9321 ./opt/x/ || return 1
		if [ $mode = suspend ]; then has_no_member 9321 ./opt/log/b
		else has_member 9321 ./opt/log/b &&
			stderr_has "WARN: tar does not match exclusion with a trailing slash '\''/opt/log/'\''"
		fi || return 1
	done
'

spec 'keeps what is in /tmp with stdexcludes off' '
	fresh && runs 9321 && pct exec 9321 -- touch /tmp/.t && succeeds vzdump 9321 --dumpdir "$dump" \
		--mode suspend --stdexcludes 0 && has_member 9321 ./tmp/.t
'

spec 'archives attributes, ACLs, holes, links and devices so that GNU tar restores them' '
	fresh && d=$(tree 9320)/opt/a && mkdir -p "$d" && echo f >"$d/f" && ln "$d/f" "$d/link" &&
	truncate -s 10G "$d/sparse" && printf x | dd of="$d/sparse" bs=1 seek=1M conv=notrunc &&
	mkfifo "$d/fifo" && mknod "$d/null" c 1 3 && ln -s /etc/shadow "$d/sym" && touch "$d/ping" &&
	chown -hR 100000:100000 "$(tree 9320)/opt" && chown 100005:100006 "$d/f" && chmod 4755 "$d/f" &&
	setfattr -n user.k -v "a b" "$d/f" && setfacl -m u:101000:rx "$d/f" &&
	setfacl -d -m g:101001:rwx "$d" &&
	setfattr -n security.capability -v 0x0100000300200000000000000000000000000000a0860100 "$d/ping" &&
	before=$(date +%s) && succeeds vzdump 9320 --dumpdir "$dump" &&
	[ "$(stat -c %s "$(archive_of 9320)")" -lt 10000000 ] && mkdir "$scratch/x" &&
	tar --numeric-owner --acls --xattrs --xattrs-include="*" -C "$scratch/x" -xpf \
		"$(archive_of 9320)" ./opt/a && x=$scratch/x/opt/a &&
	equals "$(stat -c "%u %g %a %h" "$x/f")" "5 6 4755 2" &&
	equals "$(stat -c %i "$x/link")" "$(stat -c %i "$x/f")" &&
	equals "$(stat -c "%F %t %T" "$x/null")" "character special file 1 3" && [ -p "$x/fifo" ] &&
	equals "$(readlink "$x/sym")" /etc/shadow &&
	equals "$(stat -c %s "$x/sparse")" 10737418240 && [ "$(stat -c %b "$x/sparse")" -lt 100 ] &&
	cmp "$x/sparse" "$d/sparse" -n 2000000 &&
	equals "$(getfattr --only-values -n user.k "$x/f" 2>/dev/null)" "a b" &&
	getfacl -n "$x/f" 2>/dev/null | grep -q "^user:1000:r-x" &&
	getfacl -n "$x" 2>/dev/null | grep -q "^default:group:1001:rwx" &&
	equals "$(getfattr -e hex -n security.capability "$x/ping" 2>/dev/null | sed -n 2p)" \
		security.capability=0x0100000200200000000000000000000000000000 &&
	rm -rf "$(tree 9320)/opt/a"
'

spec 'makes an archive that unpacks to the same tree in a privileged container' '
	fresh && echo s >"$(tree 9320)/root/same" && chown 100007:100008 "$(tree 9320)/root/same" &&
	succeeds vzdump 9320 --dumpdir "$dump" --compress gzip &&
	cp "$(archive_of 9320)" "$root/var/lib/vz/template/cache/backup.tar.gz" &&
	pct create 9323 local:vztmpl/backup.tar.gz --rootfs local:0 --unprivileged 0 &&
	equals "$(stat -c "%u %g" "$(tree 9323)/root/same")" "7 8" &&
	(cd "$(tree 9320)" && find . -path ./etc -prune -o -printf "%P %m %y %l %s\n" | sort) \
		>"$scratch/a" &&
	(cd "$(tree 9323)" && find . -path ./etc -prune -o -printf "%P %m %y %l %s\n" | sort) \
		>"$scratch/b" &&
	diff "$scratch/a" "$scratch/b" && pct destroy 9323
'

spec 'backs up an image with a file system through a loop device of its own' '
	fresh && given_container 9324 --rootfs local:1 && succeeds vzdump 9324 --dumpdir "$dump" &&
	has_member 9324 ./bin/busybox && has_no_member 9324 ./lost+found/ && is_settled 9324 &&
	has_no_device && pct destroy 9324
'

spec 'copies an image of a running container' '
	fresh && given_running 9324 --rootfs local:1 && pct exec 9324 -- sh -c "echo i >/root/i" &&
	succeeds vzdump 9324 --dumpdir "$dump" && equals "$(member 9324 ./root/i)" i &&
	pct destroy 9324 --force 1
'

spec 'never follows what a running guest has put in the place of a directory' '
	mkdir -p "$root/secret/data" && echo secret >"$root/secret/data/key" &&
	fresh && pct exec 9322 -- sh -c "umount /srv/data; mv /srv /old; ln -s $root/secret /srv; :" &&
	run vzdump 9322 --dumpdir "$dump" --mode suspend &&
	for file in "$dump"/*.tar; do
		[ ! -e "$file" ] || ! grep -q secret "$file" || because "a file of the host is in it"
	done && equals "$(cat "$root/secret/data/key")" secret &&
	equals "$(ls "$root/secret/data")" key && runs_on 9322 && is_settled 9322 &&
	pct destroy 9322 --force 1
'

spec 'replaces no archive that has the name already' '
	fresh && for second in $(seq 0 9); do
		: >"$dump/vzdump-lxc-9320-$(date -d "+$second seconds" +%Y_%m_%d-%H_%M_%S).tar"
	done && succeeds vzdump 9320 --dumpdir "$dump" --remove 0 --quiet &&
	equals "$(find "$dump" -name "*.tar" -size 0 | wc -l)" 10 &&
	equals "$(find "$dump" -name "*.tar" -size +0 | wc -l)" 1 && is_settled 9320
'

spec 'sends the archive to standard output, and everything else to the other one' '
	succeeds vzdump 9320 --stdout 1 && tar -tf "$scratch/stdout" >"$scratch/list" &&
	grep -qx ./bin/busybox "$scratch/list" && stderr_has "INFO: sending archive to stdout" &&
	fresh && succeeds vzdump 9321 --stdout 1 --mode stop --compress zstd &&
	zstd -dqc <"$scratch/stdout" | tar -tf - | grep -qx ./bin/busybox && is_settled 9321
'

spec 'fails when nobody reads what it sends' '
	{ vzdump 9320 --stdout 1 2>"$scratch/log2"; echo $? >"$scratch/rc"; } |
		head -c 1000 >"$scratch/head"
	equals "$(cat "$scratch/rc")" 255 && is_settled 9320 &&
	grep -q "^ERROR: Backup of VM 9320 failed" "$scratch/log2"
'

spec 'goes on after a guest that fails, and tells which' '
	fresh && echo "lock: migrate" >>"$(config_file 9320)" &&
	fails_with 255 vzdump 9399 9320 09321 0 --dumpdir "$dump" && sed -i /^lock/d "$(config_file 9320)" &&
	stderr_has "ERROR: Backup of VM 9399 failed - unable to find VM '\''9399'\''" &&
	stderr_has "ERROR: Backup of VM 9320 failed - CT is locked (migrate)" &&
	stderr_like "^INFO: Failed at " && stderr_has "INFO: Backup job finished with errors" &&
	stderr_has "job errors" && has_member 9321 ./bin/busybox &&
	ls "$dump" | grep -q "vzdump-lxc-9320-.*log" && [ -e "$root/var/run/vzdump.pid" ]
'

spec 'backs up all but the excluded ones' '
	fresh && succeeds vzdump --exclude 9321 --dumpdir "$dump" && [ -n "$(archive_of 9320)" ] &&
	[ -z "$(archive_of 9321)" ] && stderr_has "INFO: starting new backup job: vzdump --dumpdir $dump --exclude 9321"
'

spec 'waits for another job, or fails at once when it shall not wait' '
	fresh && mkdir -p "$root/var/run" &&
	flock "$root/var/run/vzdump.lock" sh -c "touch $scratch/held; sleep 2" 9>&- & 
	within 5 test -e "$scratch/held" && fails_with 255 vzdump 9320 --dumpdir "$dump" --lockwait 0 &&
	stderr_like "^ERROR: Backup job failed - can.t lock file .*/var/run/vzdump.lock" &&
	succeeds vzdump 9320 --dumpdir "$dump" &&
	stderr_has "INFO: trying to get global lock - waiting..." && stderr_has "INFO: got global lock"
'

spec 'calls the hook script in order, with what it has to know' '
	fresh && runs 9321 && given_hook none : && succeeds vzdump 9321 --dumpdir "$dump" --mode stop --script "$top/hook" &&
	lines job-init job-start "backup-start stop 9321" "pre-stop stop 9321" "backup-end stop 9321" \
		"pre-restart stop 9321" "post-restart stop 9321" "log-end stop 9321" job-end \
		>"$scratch/want" && diff "$scratch/want" "$top/calls" &&
	lines "DUMPDIR=$dump" HOSTNAME=ct9321 "LOGFILE=$(archive_of 9321 | sed s/tar$/log/)" \
		"TARGET=$(archive_of 9321)" VMTYPE=lxc >"$scratch/want" &&
	diff "$scratch/want" "$top/env.backup-end" && given_hook none : &&
	succeeds vzdump 9321 --mode suspend --script "$top/hook" &&
	lines job-init job-start "backup-start suspend 9321" "pre-stop suspend 9321" \
		"pre-restart suspend 9321" "post-restart suspend 9321" "backup-end suspend 9321" \
		"log-end suspend 9321" job-end >"$scratch/want" && diff "$scratch/want" "$top/calls" &&
	grep -qx STOREID=local "$top/env.job-init" && ! grep -q DUMPDIR "$top/env.job-init" && grep -qx STOREID=local "$top/env.pre-stop" &&
	rm -r "$root/var/lib/vz/dump"
'

spec 'fails the guest, or the job, whose hook fails, and puts the guest back' '
	fresh && runs 9321 && given_hook pre-restart "echo told; exit 3" &&
	fails_with 255 vzdump 9321 --dumpdir "$dump" --mode suspend --script "$top/hook" &&
	stderr_has "INFO: told" && runs_on 9321 && is_settled 9321 && [ -z "$(archive_of 9321)" ] &&
	stderr_has "ERROR: Backup of VM 9321 failed - hook script '\''$top/hook'\'' failed in '\''pre-restart'\'': exit code 3" &&
	grep -qx "backup-abort suspend 9321" "$top/calls" && given_hook backup-end "exit 1" &&
	fails_with 255 vzdump 9321 --dumpdir "$dump" --mode stop --script "$top/hook" &&
	has_status 9321 running && is_settled 9321 && given_hook job-start "exit 1" &&
	fails_with 255 vzdump 9321 --dumpdir "$dump" --script "$top/hook" &&
	grep -qx job-abort "$top/calls" && ! grep -q backup-start "$top/calls" &&
	given_hook log-end "exit 1" && fresh && succeeds vzdump 9320 --dumpdir "$dump" --script "$top/hook" &&
	stderr_like "^WARN: hook script .* failed in .log-end.: exit code 1"
'

spec 'keeps what retention says, notes and protection' '
	d=$root/var/lib/vz/dump && mkdir -p "$d" && given_old() { for day in 01 02 03; do
		touch "$d/vzdump-lxc-9320-2020_01_$day-10_00_00.tar" \
			"$d/vzdump-lxc-9320-2020_01_$day-10_00_00.log"; done; } && given_old &&
	touch "$d/vzdump-lxc-9320-2020_01_02-10_00_00.tar.protected" "$d/vzdump-lxc-9320-mine.tar" \
		"$d/vzdump-lxc-9321-2020_01_01-10_00_00.tar" &&
	succeeds vzdump 9320 --storage local --prune-backups keep-last=2 --protected 0 \
		--notes-template "{{guestname}}\\n{{vmid}}" &&
	stderr_has "INFO: prune older backups with retention: keep-last=2" &&
	stderr_has "INFO: removing backup '\''local:backup/vzdump-lxc-9320-2020_01_01-10_00_00.tar'\''" &&
	stderr_has "INFO: pruned 1 backup(s) not covered by keep-retention policy" &&
	new=$(find "$d" -name "vzdump-lxc-9320-2*.tar" ! -name "*-2020_*") &&
	[ ! -e "$d/vzdump-lxc-9320-2020_01_01-10_00_00.log" ] &&
	[ -e "$d/vzdump-lxc-9320-2020_01_02-10_00_00.tar" ] && [ -e "$d/vzdump-lxc-9320-mine.tar" ] &&
	[ -e "$d/vzdump-lxc-9320-2020_01_03-10_00_00.tar" ] &&
	[ -e "$d/vzdump-lxc-9321-2020_01_01-10_00_00.tar" ] &&
	equals "$(cat "$new.notes")" "$(printf "ct9320\n9320")" &&
	fails_with 255 vzdump 9320 --remove 0 --prune-backups keep-last=1 &&
	stderr_like "There is a max backup limit of 1 enforced" && sleep 1 &&
	succeeds vzdump 9320 --storage local --protected 1 && stderr_has "INFO: marking backup as protected" &&
	new=$(find "$d" -name "vzdump-lxc-9320-2*.protected" ! -name "*-2020_*") && [ -e "${new%.protected}" ] &&
	fails_with 255 pvesm free "local:backup/$(basename "${new%.protected}")" && rm -r "$d"
'

spec 'removes old archives of a directory that is no storage' '
	fresh && touch "$dump/vzdump-lxc-9320-2020_01_01-10_00_00.tar" "$dump/vzdump-lxc-9320-2020_01_01-10_00_00.log" &&
	succeeds vzdump 9320 --dumpdir "$dump" --prune-backups keep-last=1 && is_settled 9320 &&
	stderr_has "INFO: delete old backup '\''$dump/vzdump-lxc-9320-2020_01_01-10_00_00.tar'\''" &&
	[ "$(ls "$dump" | wc -l)" = 2 ]
'

spec 'reads vzdump.conf, and lets the command line win' '
	fresh && lines "dumpdir: $dump" "mode: stop" "compress: gzip" "exclude-path: /bin/a* \"/bin/c*\"" \
		"bwlimit: fast" >"$root/etc/vzdump.conf" && succeeds vzdump 9320 --compress zstd &&
	rm "$root/etc/vzdump.conf" && [ -e "$(archive_of 9320)" ] && has_no_member 9320 ./bin/cat &&
	has_member 9320 ./bin/busybox && archive_of 9320 | grep -q "tar.zst$" &&
	stderr_like "^WARN: vzdump.conf: ignoring .bwlimit.: type check"
'

spec 'is ended by a signal: the guest runs again, nothing is left, the others are not run' '
	for mode in stop suspend; do
		fresh && runs 9321 && given_hook none : && start_job 9321 9325 --dumpdir "$dump" \
			--mode $mode --bwlimit 200 --script "$top/hook" &&
		within 20 is_writing 2>/dev/null && sleep 0.3 && kill -TERM $job &&
		{ wait $job; equals $? 255; } && is_settled 9321 && has_status 9321 running && runs_on 9321 &&
		[ -z "$(archive_of 9321)" ] && grep -q "failed - interrupted by signal" "$scratch/out" &&
		! grep -q "VM 9325" "$scratch/out" && grep -qx job-abort "$top/calls" || return 1
	done
'

spec 'stops the running job when it is told to' '
	fresh && start_job 9320 --dumpdir "$dump" --bwlimit 100 &&
	within 20 is_writing 2>/dev/null && succeeds vzdump --stop &&
	{ wait $job; equals $? 255; } && is_settled 9320 && [ -z "$(archive_of 9320)" ]
'

spec 'leaves no container frozen when it is killed, and the next backup puts right what is left' '
	fresh && runs 9321 && given_hook pre-restart "touch $top/frozen; exec sleep 60" && rm -f "$top/frozen" &&
	start_job 9321 --dumpdir "$dump" --mode suspend --script "$top/hook" &&
	within 20 test -e "$top/frozen" && ! runs_on 9321 2>/dev/null && : >"$scratch/why" && kill_job &&
	within 5 runs_on 9321 && grep -q "^lock: backup" "$(config_file 9321)" &&
	has_temporary && sleep 1 &&
	succeeds vzdump 9321 --dumpdir "$dump" --mode suspend && is_settled 9321 &&
	stderr_has "WARN: removing the lock of a backup that was killed"
'

# Frozen by a job of which nothing is left, not even the process that would thaw it.
given_frozen() {
	given_hook pre-restart "touch $top/frozen; exec sleep 60"
	rm -f "$top/frozen"
	start_job 9321 --dumpdir "$dump" --mode suspend --script "$top/hook"
	within 20 test -e "$top/frozen" || return 1
	pgrep -f "^$bin/vzdump .*$dump" >"$scratch/pids"
	xargs kill -STOP <"$scratch/pids" && xargs kill -KILL <"$scratch/pids"
	wait "$job"
	sleep 0.5
	case $(frozen_state 9321) in 1 | FROZEN) ;; *) because "it is not frozen" ;; esac
}

spec 'leaves it to the next backup, or to pct unlock, to thaw a container without guardian' '
	fresh && runs 9321 && given_frozen && succeeds pct unlock 9321 && runs_on 9321 &&
	sleep 1 && given_frozen && sleep 1 && succeeds vzdump 9321 --dumpdir "$dump" --mode stop &&
	is_settled 9321 && has_status 9321 running && runs_on 9321
'

spec 'starts the container again that a killed backup has stopped' '
	fresh && runs 9321 && start_job 9321 --dumpdir "$dump" --mode stop --bwlimit 100 &&
	within 20 is_writing 2>/dev/null && kill_job &&
	within 5 has_status 9321 stopped && within 5 nothing_of_backup_runs && fails_with 255 pct start 9321 &&
	[ -n "$(find "$dump" -name "*.dat")" ] && sleep 1 &&
	succeeds vzdump 9321 --dumpdir "$dump" --mode suspend && is_settled 9321 && has_status 9321 running
'

spec 'removes what a killed backup has left also after pct unlock' '
	fresh && start_job 9320 --dumpdir "$dump" --bwlimit 100 &&
	within 20 is_writing 2>/dev/null && kill_job &&
	within 5 nothing_of_backup_runs && [ -z "$(archive_of 9320)" ] && pct unlock 9320 &&
	sleep 1 && succeeds vzdump 9320 --dumpdir "$dump" && is_settled 9320 &&
	[ -n "$(archive_of 9320)" ]
'

# MODE DELAY: killed at that moment; then one more backup, which finds all in order.
survives_kill() {
	fresh && runs 9321 && start_job 9321 --dumpdir "$dump" --mode "$1" --bwlimit 2000 || return 1
	sleep "$2"
	kill_job
	rm -f "$dump"/*.tar
	within 10 nothing_of_backup_runs >/dev/null && sleep 1 &&
		succeeds vzdump 9321 --dumpdir "$dump" --mode suspend && is_settled 9321 &&
		equals "$(pct status 9321)" "status: running" && runs_on 9321 &&
		has_member 9321 ./bin/busybox && has_no_device
}

spec 'can be killed at any moment: the next backup finds all in order' '
	delays="0.05 0.4 1.2"
	[ -z "${PCT_TEST_ALL:-}" ] || delays="0 0.02 0.05 0.1 0.2 0.3 0.5 0.8 1.2 1.6 2.0 2.5 3.0 3.5"
	for mode in stop suspend; do
		for delay in $delays; do
			survives_kill $mode $delay || because "killed after $delay s in mode $mode" || return 1
		done
	done
'

spec 'keeps to its bandwidth limit' '
	fresh && before=$(date +%s) && succeeds vzdump 9320 --dumpdir "$dump" --bwlimit 1000 &&
	stderr_has "INFO: bandwidth limit: 1000 KiB/s" && [ $(($(date +%s) - before)) -ge 1 ]
'

ends_clean
