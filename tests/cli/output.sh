#!/bin/sh
# --output-format of the commands that read; patterns and filters of pct list.
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

header='VMID       Status     Lock         Name                '

given_three() {
	given_config 100 "hostname: web" "tags: blue;site" &&
	given_config 101 "hostname: db" "lock: backup" "tags: Blue" &&
	given_config 1000 "hostname: yes"
}

it 'lists containers in json, without keys that have no value' '
	given_three && succeeds pct list --output-format json && stderr_is &&
	stdout_is "[{\"name\":\"web\",\"status\":\"stopped\",\"tags\":\"blue;site\",\"vmid\":100},\
{\"lock\":\"backup\",\"name\":\"db\",\"status\":\"stopped\",\"tags\":\"Blue\",\"vmid\":101},\
{\"name\":\"yes\",\"status\":\"stopped\",\"vmid\":1000}]"
'

it 'lists containers in yaml, texts quoted that look like another type' '
	given_three && succeeds pct list 1* --status stopped --output-format yaml &&
	stdout_is "---" \
		"- name: web" "  status: stopped" "  tags: blue;site" "  vmid: 100" \
		"- lock: backup" "  name: db" "  status: stopped" "  tags: Blue" "  vmid: 101" \
		"- name: '\''yes'\''" "  status: stopped" "  vmid: 1000"
'

it 'prints an empty list, not nothing, when no container is there' '
	succeeds pct list --output-format json && stdout_is "[]" &&
	succeeds pct list --output-format json-pretty && stdout_is "[]" &&
	succeeds pct list --output-format yaml && stdout_is "--- []" &&
	succeeds pct cpusets --output-format json && stdout_is "[]"
'

it 'prints the usual text when text is asked for' '
	given_three &&
	succeeds pct list --output-format text && mv "$scratch/stdout" "$scratch/first" &&
	succeeds pct list && cmp "$scratch/stdout" "$scratch/first" &&
	succeeds pct status 100 --output-format text && stdout_is "status: stopped"
'

it 'lists what matches a pattern by id or name' '
	given_three &&
	succeeds pct list "d?" && stdout_is "$header" \
		"101        stopped    backup       db                  " &&
	succeeds pct list "10[01]" && stdout_is "$header" \
		"100        stopped                 web                 " \
		"101        stopped    backup       db                  " &&
	succeeds pct list nosuch && stdout_is && stderr_is
'

it 'lists what has all of the tags, in any case' '
	given_three &&
	succeeds pct list --tags blue && stdout_is "$header" \
		"100        stopped                 web                 " \
		"101        stopped    backup       db                  " &&
	succeeds pct list --tags blue --tags site && stdout_is "$header" \
		"100        stopped                 web                 "
'

it 'lists what is in a state' '
	given_three &&
	succeeds pct list --status running && stdout_is &&
	succeeds pct list d* --status stopped && stdout_is "$header" \
		"101        stopped    backup       db                  "
'

it 'refuses a state, a tag and a format that are none, all at once' '
	fails_with 255 pct list --status x --tags "a/b" --output-format xml && stdout_is &&
	stderr_is "400 Parameter verification failed." \
		"output-format: value '\''xml'\'' does not have a value in the enumeration \
'\''text, json, json-pretty, yaml'\''" \
		"status: value '\''x'\'' does not have a value in the enumeration \
'\''running, stopped'\''" \
		"tags: invalid format - invalid characters in tag" "" "pct list "
'

it 'prints a configuration in json: typed, raw entries as pairs, with its digest' '
	given_config 100 "#first" "cpulimit: 0.5" "hostname: 100" "memory: 512" "onboot: 1" \
		"lxc.cap.drop: sys_time" "lxc.environment.runtime: A=b c" &&
	digest=$(sha1sum <"$PCT_ROOT/etc/pve/lxc/100.conf" | cut -d " " -f 1) &&
	succeeds pct config 100 --output-format json && stderr_is &&
	stdout_is "{\"cpulimit\":0.5,\"description\":\"first\\n\",\"digest\":\"$digest\",\
\"env\":[\"A=b c\"],\"hostname\":\"100\",\"lxc\":[[\"lxc.cap.drop\",\"sys_time\"]],\
\"memory\":512,\"onboot\":1}"
'

it 'prints pending changes, the present and a snapshot in json, too' '
	given_config 100 "memory: 512" "" "[pve:pending]" "memory: 900" "" "[s1]" "memory: 64" &&
	succeeds pct config 100 --output-format json-pretty &&
	stdout_has "  \"memory\": 900" &&
	succeeds pct config 100 --current --output-format json-pretty &&
	stdout_has "  \"memory\": 512" &&
	succeeds pct config 100 --snapshot s1 --output-format yaml &&
	stdout_has "memory: 64" &&
	succeeds pct pending 100 --output-format json &&
	stdout_is "[{\"key\":\"memory\",\"pending\":900,\"value\":512}]" &&
	succeeds pct listsnapshot 100 --output-format json &&
	stdout_is "[{\"name\":\"s1\"},{\"description\":\"You are here!\",\"name\":\"current\"}]"
'

it 'prints the state in json: numbers as numbers' '
	given_config 100 "hostname: 77" "memory: 64" &&
	succeeds pct status 100 --output-format json && stdout_is "{\"status\":\"stopped\"}" &&
	succeeds pct status 100 --verbose --output-format json-pretty &&
	stdout_has "  \"maxmem\": 67108864," && stdout_has "  \"name\": \"77\","
'

it 'prints valid json whatever bytes the file holds' '
	printf "hostname: www\ndescription: a\377\"\\\\b\n#c\tq\303\n" \
		>"$PCT_ROOT/etc/pve/lxc/100.conf" &&
	run pct config 100 --output-format json && [ "$status" = 0 ] &&
	python3 -c "import json, sys; json.load(open(sys.argv[1], encoding=\"utf-8\"))" \
		"$scratch/stdout"
'

it 'ends with 2 and prints nothing on stdout when there is no such container' '
	missing="Configuration file '\''nodes/$node/lxc/101.conf'\'' does not exist"
	for command in config status pending listsnapshot df; do
		fails_with 2 pct "$command" 101 --output-format json && stdout_is &&
		stderr_is "$missing" || exit 1
	done
'

it 'fails when the disk behind stdout is full' '
	given_three && status=0 &&
	{ pct list --output-format json >/dev/full 2>"$scratch/stderr" || status=$?; } &&
	[ "$status" = 255 ] &&
	stderr_is "cannot write to standard output: No space left on device"
'

it 'tells about these options in help, and keeps them out of the short usage' '
	succeeds pct help df && stdout_has "USAGE: pct df <vmid> [OPTIONS]" &&
	stdout_has "  --output-format <json | json-pretty | text | yaml>   (default=text)" &&
	succeeds pct help df --verbose 0 && stdout_is "USAGE: pct df <vmid>" "" &&
	succeeds pct help list && stdout_has "USAGE: pct list [<pattern>] [OPTIONS]" &&
	succeeds pct help list --verbose 0 && stdout_is "USAGE: pct list " ""
'
