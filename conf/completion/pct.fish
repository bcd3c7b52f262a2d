# fish completion of pct, pveam, pvesm and vzdump: the programs know their words themselves.
function __pct_words
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    env COMP_LINE="$words $typed" COMP_POINT= $words[1] bashcomplete $words[1] "$typed" $words[-1] 2>/dev/null
end

for program in pct pveam pvesm vzdump
    complete -c $program -f -n '__pct_words | string length -q' -a '(__pct_words)'
end
