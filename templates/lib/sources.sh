# sources.sh, for scripts that bootstrap a Debian system: which of this machine's own apt
# sources offer a suite, and the settings to reach them. The caller has a function `fail`
# that takes a sentence and does not return; files are written to the working directory.
# The variable origin tells whose archives are meant, unless they are Debian's.
# shellcheck shell=sh

# The keyring file that the apt source entry FILE:NUMBER names, if it names one.
keyring_of() {
	file=${1%:*}
	number=${1##*:}
	case $file in
	*.sources) sed '/^#/d' "$file" | awk -v n="$number" 'BEGIN { RS = "" } NR == n' |
		sed -n 's/^[Ss]igned-[Bb]y:[[:blank:]]*\(\/[^[:blank:]]*\)[[:blank:]]*$/\1/p' ;;
	*) sed -n "${number}"'s/^[^]]*[[:blank:][][Ss]igned-[Bb]y=\(\/[^],[:blank:]]*\).*/\1/p' "$file" ;;
	esac
}

# Does an archive of the origin at this address have the suite? Asked with the machine's
# own apt settings, proxies included.
offers() {
	/usr/lib/apt/apt-helper download-file "${1%/}/dists/$2/InRelease" InRelease \
		>"$2.log" 2>&1 && grep -qx "Origin: ${origin:-Debian}" InRelease
}

# SUITE COMPONENTS: fill sources.list with the suite and its updates, from wherever they
# are offered.
find_sources() {
	: >sources.list
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format '$(COMPONENT) $(SOURCESENTRY) $(REPO_URI)' \
		'Created-By: Packages' | sed -n 's/^main //p' | sort -u >entries
	[ -s entries ] ||
		fail "apt knows no package list of a component main; run 'apt-get update'"
	while read -r entry uri; do
		for wanted in "$1" "$1-updates" "$1-security"; do
			if grep -q " $wanted $2\$" sources.list || ! offers "$uri" "$wanted"; then
				continue
			fi
			keyring=$(keyring_of "$entry")
			echo "deb ${keyring:+[signed-by=$keyring] }$uri $wanted $2" >>sources.list
			echo "using $uri $wanted"
		done
	done <entries
	grep -q " $1 $2\$" sources.list ||
		fail "none of this machine's apt sources offers '$1': $(sed -n 's/^E: //p' "$1.log" | head -n 1)"
}

# Proxies, credentials and time checks for apt while it builds, not for the guest.
machine_settings() {
	apt-config dump --format '%F "%v";%n' |
		grep -E '^Acquire::(https?|ftp|Check-|Retries|Proxy|ForceIPv)' || :
	echo 'APT::Sandbox::User "root";'
	echo 'Dir::Etc::netrc "/etc/apt/auth.conf";'
	echo 'Dir::Etc::netrcparts "/etc/apt/auth.conf.d";'
}
