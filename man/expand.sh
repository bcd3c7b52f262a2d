#!/bin/sh
# expand.sh SBIN <PAGE: the page with each line
#	.\" OPTIONS PROGRAM COMMAND
# replaced by the list that the program prints from its rows.
set -eu
while IFS= read -r line; do
	case $line in
	'.\" OPTIONS '*)
		words=${line#*OPTIONS }
		"$1/${words%% *}" manual "${words#* }"
		;;
	*) printf '%s\n' "$line" ;;
	esac
done
