# bash completion of pct, pveam, pvesm and vzdump: the programs know their words themselves.
# shellcheck shell=bash
COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
complete -o default -C 'pct bashcomplete' pct
complete -o default -C 'pveam bashcomplete' pveam
complete -o default -C 'pvesm bashcomplete' pvesm
complete -o default -C 'vzdump bashcomplete' vzdump
