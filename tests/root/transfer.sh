#!/bin/sh
# pct push and pull with a guest whose root is an enemy (the security list: 14-16).
# shellcheck disable=SC2016,SC2034,SC2317 # the bodies of specs are evaluated later
. "$(dirname "$0")/lib.sh"
begin 9330
given_template

given() {
	given_running 9330
}

inside() {
	pct exec 9330 -- "$@"
}

mode_inside() {
	inside stat -c "%a %u:%g" "$1"
}

mode_of() {
	stat -c "%a %u:%g" "$1"
}

spec 'pushes a file into the container and pulls it out again, byte for byte' '
	given >/dev/null && head -c 300000 /dev/urandom >"$top/file" &&
	succeeds pct push 9330 "$top/file" /root/file && stdout_is && stderr_is &&
	equals "$(mode_inside /root/file)" "644 0:0" &&
	equals "$(mode_of "$(tree 9330)/root/file")" "644 100000:100000" &&
	succeeds pct pull 9330 /root/file "$top/back" && stdout_is && stderr_is &&
	cmp "$top/file" "$top/back" && equals "$(mode_of "$top/back")" "644 0:0"
'

spec 'gives a new file the mode that the umask leaves' '
	(umask 077 && succeeds pct push 9330 "$top/file" /root/mine) &&
	equals "$(mode_inside /root/mine)" "600 0:0" && rm "$top/back" &&
	(umask 027 && succeeds pct pull 9330 /root/mine "$top/back") &&
	equals "$(mode_of "$top/back")" "640 0:0"
'

spec 'sets mode and owner that are given, by number or by name on the right side' '
	inside sh -c "echo pushed:x:77:78::/:/bin/false >>/etc/passwd; echo crew:x:79: >>/etc/group" &&
	succeeds pct push 9330 "$top/file" /root/a --user pushed --group crew --perms 640 &&
	equals "$(mode_inside /root/a)" "640 77:79" &&
	succeeds pct push 9330 "$top/file" /root/b --user 5 --perms 0x1ed &&
	equals "$(mode_inside /root/b)" "755 5:0" &&
	succeeds pct push 9330 "$top/file" /root/c --group 6 --perms 4755 &&
	equals "$(mode_inside /root/c)" "4755 0:6" && rm "$top/back" &&
	succeeds pct pull 9330 /root/a "$top/back" --user nobody --group daemon --perms 0600 &&
	equals "$(mode_of "$top/back")" "600 $(id -u nobody):$(getent group daemon | cut -d : -f 3)"
'

spec 'keeps mode and owner of a file that is there, and replaces what is in it' '
	inside sh -c "head -c 999999 /dev/zero >/root/old; chown 3:4 /root/old; chmod 600 /root/old" &&
	succeeds pct push 9330 "$top/file" /root/old && equals "$(mode_inside /root/old)" "600 3:4" &&
	equals "$(inside stat -c %s /root/old)" 300000 && echo old >"$top/back" &&
	chmod 606 "$top/back" && succeeds pct pull 9330 /root/old "$top/back" &&
	cmp "$top/file" "$top/back" && equals "$(stat -c %a "$top/back")" 606
'

spec 'refuses what it cannot read or write, with the reason, and leaves nothing' '
	rm -f "$top/back" && fails_with 255 pct push 9330 "$top/nothing" /root/x &&
	stdout_is && stderr_is "failed to open $top/nothing for reading: No such file or directory" &&
	fails_with 255 pct push 9330 "$top" /root/x &&
	stderr_is "failed to open $top: Is a directory" &&
	mkfifo "$top/pipe" && fails_with 255 pct push 9330 "$top/pipe" /root/x &&
	stderr_is "failed to open $top/pipe: not a regular file" && ! inside test -e /root/x &&
	fails_with 255 pct push 9330 "$top/file" /root &&
	stderr_is "failed to create file: /root: Is a directory" &&
	fails_with 255 pct push 9330 "$top/file" /no/such/x &&
	stderr_is "failed to create file: /no/such/x: No such file or directory" &&
	fails_with 255 pct pull 9330 /root/nothing "$top/back" &&
	stderr_is "failed to open /root/nothing: No such file or directory" && [ ! -e "$top/back" ] &&
	fails_with 255 pct pull 9330 /root "$top/back" &&
	stderr_is "failed to open /root: Is a directory" && [ ! -e "$top/back" ] &&
	fails_with 255 pct pull 9330 /root/file "$top/no/x" &&
	stderr_is "failed to create file: $top/no/x: No such file or directory" &&
	echo keep >"$top/kept" && fails_with 255 pct pull 9330 /root/nothing "$top/kept" &&
	equals "$(cat "$top/kept")" keep
'

spec 'leaves nothing of a new file that does not fit, or cannot get its owner' '
	fails_with 255 pct push 9330 "$top/file" /root/x --user 70000 &&
	stderr_is "/root/x: cannot change the owner of the file: Invalid argument" && ! inside test -e /root/x &&
	inside mount -t tmpfs -o size=64k none /mnt && fails_with 255 pct push 9330 "$top/file" /mnt/x &&
	stderr_is "/mnt/x: cannot write: No space left on device" && ! inside test -e /mnt/x &&
	inside touch /mnt/old && fails_with 255 pct push 9330 "$top/file" mnt/old && inside test -e /mnt/old &&
	inside umount /mnt
'

spec 'refuses modes and names that there are none of' '
	fails_with 255 pct push 9330 "$top/file" /root/x --perms 888 && stderr_is "invalid mode: '\''888'\''" &&
	fails_with 255 pct push 9330 "$top/file" /root/x --user nosuch &&
	stderr_is "failed to get uid for: nosuch" &&
	fails_with 255 pct push 9330 "$top/file" /root/x --group nosuch &&
	stderr_is "failed to get gid for: nosuch" && ! inside test -e /root/x &&
	fails_with 255 pct pull 9330 /root/file "$top/back" --user pushed &&
	stderr_is "failed to get uid for: pushed" && [ ! -e "$top/back" ]
'

spec 'is not held up by pipes and devices of the guest' '
	inside mkfifo /root/pipe && fails_with 255 timeout 20 "$bin/pct" pull 9330 /root/pipe "$top/back" &&
	stderr_is "failed to open /root/pipe: not a regular file" &&
	fails_with 255 timeout 20 "$bin/pct" push 9330 "$top/file" /root/pipe &&
	stderr_is "failed to create file: /root/pipe: No such device or address" &&
	fails_with 255 pct pull 9330 /dev/zero "$top/back" &&
	stderr_like "^failed to open /dev/zero: " && [ ! -e "$top/back" ] &&
	fails_with 255 pct push 9330 "$top/file" /dev/null && stderr_like "/dev/null"
'

spec 'resolves links and dots of the guest inside the guest only' '
	mkdir "$top/host" && echo secret >"$top/host/file" &&
	inside ln -s "$top/host/file" /root/out && inside ln -s ../../../../../.. /root/up &&
	fails_with 255 pct pull 9330 /root/out "$top/back" && stderr_like "No such file" &&
	fails_with 255 pct pull 9330 "/root/up$top/host/file" "$top/back" && stderr_like "No such file" &&
	fails_with 255 pct pull 9330 "../../../../../..$top/host/file" "$top/back" &&
	stderr_like "No such file" && [ ! -e "$top/back" ] &&
	fails_with 255 pct push 9330 "$top/file" /root/out && equals "$(cat "$top/host/file")" secret &&
	inside ln -s /tmp/there /root/in && inside touch /tmp/there &&
	succeeds pct push 9330 "$top/file" /root/in && equals "$(inside stat -c %s /tmp/there)" 300000 &&
	inside ln -s /proc/1/root /root/magic &&
	fails_with 255 pct pull 9330 "/root/magic$top/host/file" "$top/back" && [ ! -e "$top/back" ]
'

spec 'reads nothing that root of the container could not read' '
	echo secret >"$(tree 9330)/root/hosts" && chmod 600 "$(tree 9330)/root/hosts" &&
	chown 0:0 "$(tree 9330)/root/hosts" && fails_with 255 pct pull 9330 /root/hosts "$top/back" &&
	stderr_is "failed to open /root/hosts: Permission denied" &&
	fails_with 255 pct push 9330 "$top/file" /root/hosts && stderr_like "Permission denied" &&
	equals "$(cat "$(tree 9330)/root/hosts")" secret
'

spec 'sees what is mounted in the container' '
	inside sh -c "mkdir -p /mnt/t && mount -t tmpfs t /mnt/t && echo x >/mnt/t/file" &&
	succeeds pct pull 9330 /mnt/t/file "$top/back" && equals "$(cat "$top/back")" x &&
	succeeds pct push 9330 "$top/file" /mnt/t/new && inside test -s /mnt/t/new &&
	[ ! -e "$(tree 9330)/mnt/t/new" ]
'

spec 'follows no link in the place of the destination in a privileged container' '
	given_running 9331 --unprivileged 0 && pct exec 9331 -- ln -s /tmp/there /root/in &&
	pct exec 9331 -- touch /tmp/there && fails_with 255 pct push 9331 "$top/file" /root/in &&
	stderr_is "failed to create file: /root/in: Too many levels of symbolic links" &&
	succeeds pct push 9331 "$top/file" /root/file --user 7 &&
	equals "$(pct exec 9331 -- stat -c "%a %u:%g" /root/file)" "644 7:0" &&
	succeeds pct pull 9331 /root/file "$top/back" && cmp "$top/file" "$top/back" &&
	pct stop 9331 && pct destroy 9331
'

spec 'needs a running container that exists' '
	pct stop 9330 && fails_with 255 pct push 9330 "$top/file" /root/x &&
	stderr_is "can only push files to a running CT" &&
	fails_with 255 pct pull 9330 /root/file "$top/new" &&
	stderr_is "can only pull files from a running VM" && [ ! -e "$top/new" ] &&
	run pct push 9339 "$top/file" /x && [ "$status" != 0 ] && stderr_like "9339.conf" &&
	pct destroy 9330
'

ends_clean
