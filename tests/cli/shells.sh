#!/bin/sh
# Completion in the shells themselves: what a Tab makes of a line (pct-cli.md 8).
# shellcheck source=tests/cli/lib.sh disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"

tree=$(cd "$(dirname "$0")/../.." && pwd)

bash_starts() {
	echo ". $tree/conf/completion/pct.bash" >"$scratch/bashrc"
	bash --noprofile --rcfile "$scratch/bashrc" -i
}

zsh_starts() {
	printf '%s\n' "fpath=($tree/conf/completion \$fpath)" "autoload -Uz compinit" \
		"compinit -D" "bindkey -e" >"$scratch/.zshrc"
	ZDOTDIR=$scratch zsh -d -i
}

# Words of this file, run as the command of a terminal.
if [ "${1-}" = start ]; then
	trap - EXIT
	"$2_starts"
	exit
fi

# SHELL LINE: the line once Tab was pressed at its end. The shell echoes it into a file:
# Ctrl-A goes to its start, Ctrl-E back to its end.
line_after_tab() {
	: >"$scratch/line"
	printf '%s\n' "$2\\t\\x01echo \\x05>$scratch/line\\nexit\\n" >"$scratch/typed"
	PATH=$bin:$PATH HISTFILE='' TERM=xterm python3 -B "$tree/tests/root/terminal.py" \
		"$scratch/typed" sh "$tree/tests/cli/shells.sh" start "$1" \
		>"$scratch/terminal" 2>&1 </dev/null
	sed 's/ $//' "$scratch/line"
}

# SHELL LINE WANTED
completes() {
	found=$(line_after_tab "$1" "$2")
	[ "$found" = "$3" ] || because "'$2' became '$found', not '$3'" "$(cat -A "$scratch/terminal")"
}

needs() {
	command -v "$1" >/dev/null || skip_spec "there is no $1"
}

# A command, an option, a container, values behind a blank and behind "=".
completes_all() {
	given_config 101 "hostname: www" "swap: 1" &&
		completes "$1" "pct unlo" "pct unlock" &&
		completes "$1" "pct set 101 --hostn" "pct set 101 --hostname" &&
		completes "$1" "pct config 1" "pct config 101" &&
		completes "$1" "pct set 101 --delete s" "pct set 101 --delete swap" &&
		completes "$1" "pct set 101 --cmode=t" "pct set 101 --cmode=tty" &&
		completes "$1" "pveam rem" "pveam remove" && completes "$1" "pvesm li" "pvesm list"
}

it 'completes in bash' '
	needs bash && completes_all bash
'

it 'completes in zsh' '
	needs zsh && completes_all zsh
'

# LINE WORD...: fish offers these for its last word.
fish_offers() {
	offered=$1
	shift
	PATH=$bin:$PATH HOME=$scratch succeeds fish --no-config -c \
		"source $tree/conf/completion/pct.fish; complete -C \"$offered\"" && stdout_is "$@"
}

it 'completes in fish' '
	needs fish && given_config 101 "hostname: www" "swap: 1" &&
	fish_offers "pct unlo" unlock && fish_offers "pct set 101 --hostn" --hostname &&
	fish_offers "pct config 1" 101 && fish_offers "pct set 101 --delete s" swap &&
	fish_offers "pct set 101 --cmode=t" --cmode=tty &&
	fish_offers "pveam rem" remove && fish_offers "pvesm li" list
'
