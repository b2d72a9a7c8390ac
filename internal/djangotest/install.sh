#!/usr/bin/env bash
# Unpacks the Djangos that the live suite runs beside: 5.2, 4.2 and 3.2, as Debian packages them.
#
# Nothing is installed: apt works on a state of its own, the packages are unpacked into the folder
# DJANGO_CACHE (default: belleville-django in XDG_CACHE_HOME or ~/.cache), one folder per version, and
# that folder is all there is to delete. Each holds a file "pythonpath" with what PYTHONPATH has to
# be. Names of versions may be given as arguments. What is there already is left alone; DJANGO_FRESH=1
# looks for newer packages.
#
# The mirror is the one that this system's apt is configured with, or DEBIAN_MIRROR. The packages are
# checked with Debian's archive keys.
set -euo pipefail

cache=${DJANGO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/belleville-django}
python=${DJANGO_PYTHON:-/usr/bin/python3}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ $# -gt 0 ] || set -- 5.2 4.2 3.2

fail() { echo "install.sh: $*" >&2; exit 1; }

# complete VERSION tells whether that Django is there and can be loaded.
complete() {
	[ -z "${DJANGO_FRESH:-}" ] && [ -s "$cache/$1/pythonpath" ] &&
		PYTHONPATH=$(< "$cache/$1/pythonpath") "$python" -c 'import django.http, django.contrib.auth.hashers, psycopg2' 2> /dev/null
}

wanted=()
for version in "$@"; do complete "$version" || wanted+=("$version"); done
if [ ${#wanted[@]} = 0 ]; then
	echo "Django $* in $cache"
	exit 0
fi

[ -x "$python" ] || fail "there is no $python; install python3, or name another in DJANGO_PYTHON"
for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" > /dev/null || fail "there is no $tool: this script needs Debian; elsewhere point DJANGO_PYTHONPATH at a Django"
done
[ -r "$keyring" ] || fail "there is no $keyring; install debian-archive-keyring"

# shellcheck disable=SC2016 # apt fills in the name
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1)}
[ -n "$mirror" ] || fail "apt names no mirror of Debian; name one in DEBIAN_MIRROR"
# Modules in C must be of the release that the interpreter is of.
# shellcheck disable=SC1091 # a file of the system
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

mkdir -p "$cache"
work=$(mktemp -d "$cache/.install.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,archives/partial,etc,packages}
: > "$work/state/status"
for suite in bookworm trixie trixie-backports sid $release; do
	echo "deb [signed-by=$keyring] $mirror $suite main"
done | sort -u > "$work/etc/sources.list"

# aside runs a program of apt on the state of its own.
aside() {
	local program=$1
	shift
	"$program" -o Dir::State="$work/state" -o Dir::State::status="$work/state/status" -o Dir::Cache="$work" \
		-o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=- -o Acquire::Languages=none \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Retries=3 \
		-o APT::Update::Post-Invoke-Success= -o APT::Sandbox::User=root "$@"
}

# newest PACKAGE PATTERN [SUITE] prints PACKAGE=VERSION for the newest version that matches.
newest() {
	awk -F '|' -v name="$1" -v want="$2" -v suite="${3:-}" \
		'$1 == name && $2 ~ want && (suite == "" || index($3, suite "/")) { print $1 "=" $2; exit }' "$work/offers"
}

# unpack FOLDER PACKAGE=VERSION... downloads packages and unpacks them into a folder.
unpack() {
	local into=$1 one
	shift
	rm -rf "$work/packages"
	mkdir -p "$work/packages" "$into"
	(cd "$work/packages" && aside apt-get download -qq "$@")
	for one in "$work"/packages/*.deb; do dpkg-deb -x "$one" "$into"; done
}

# place FOLDER NAME puts a finished folder where the suite looks.
place() {
	rm -rf "${cache:?}/$2"
	mv "$1" "$cache/$2"
}

pure=(python3-django python3-asgiref python3-sqlparse python3-tz)
native=(python3-psycopg2 python3-argon2 python3-bcrypt python3-cffi-backend libpq5)
aside apt-get update -qq
aside apt-cache madison "${pure[@]}" "${native[@]}" | sed 's/ *| */|/g; s/^ *//' > "$work/offers"
modules=usr/lib/python3/dist-packages

packages=()
for package in "${native[@]}"; do
	one=$(newest "$package" . "$release")
	[ -n "$one" ] || fail "the release $release has no $package"
	packages+=("$one")
done
unpack "$work/native" "${packages[@]}"
place "$work/native" native

for version in "${wanted[@]}"; do
	suite=trixie
	[ "$version" != 3.2 ] || suite=bookworm
	packages=("$(newest python3-django "[0-9]:${version/./[.]}[.]")")
	if [ -z "${packages[0]}" ]; then
		echo "install.sh: no release of Debian has a Django $version now" >&2
		continue
	fi
	for package in "${pure[@]:1}"; do packages+=("$(newest "$package" . "$suite")"); done
	unpack "$work/$version" "${packages[@]}"
	echo "$cache/$version/$modules:$cache/native/$modules" > "$work/$version/pythonpath"
	place "$work/$version" "$version"
	echo "${packages[0]} in $cache/$version"
done
