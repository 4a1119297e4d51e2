# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the repository needs: where things are, how to speak,
# how to be root, how to keep a result. Source it; it runs nothing by itself.

EDU_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034	# read by the scripts that source this file
EDU_OUT=$EDU_TOP/out
EDU_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/linux-edu

# Messages go to stderr: a script's stdout is its result.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
	say "$*"
	exit "${EDU_FAILURE:-1}" # a script may have promised another status
}

# step WHAT COMMAND...: run COMMAND, say what is done and how long it took.
step() {
	local what=$1 start=$SECONDS status=0

	shift
	say "$what ..."
	"$@" || status=$?
	if [ $status -eq 0 ]; then
		say "$what: $((SECONDS - start)) s"
	else
		say "$what: failed after $((SECONDS - start)) s"
	fi
	return $status
}

# as_root COMMAND...: directly for root, else through sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die "this needs root: run it as root, or install sudo"
	fi
}

# need_space GIB DIR: refuse to start what the disk cannot hold.
need_space() {
	local have

	have=$(df --output=avail -k "$2" | tail -n 1)
	[ "$have" -ge $(($1 * 1024 * 1024)) ] ||
		die "needs $1 GiB free in $2, which has $((have / 1024 / 1024)) GiB"
}

# need_host COMMAND PACKAGE: install PACKAGE on this machine when COMMAND is
# missing. Debian only: elsewhere say what is wanted and stop.
need_host() {
	command -v "$1" >/dev/null && return
	command -v apt-get >/dev/null ||
		die "$1 is missing, and without apt-get it must be installed by hand"
	say "installing $2"
	as_root env DEBIAN_FRONTEND=noninteractive sh -c \
		'apt-get install -qq -y --no-install-recommends "$1" ||
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "$1"; }' \
		sh "$2" >/dev/null || die "could not install $2: is there a network?"
}

# hash_of FILE...: a short name for the contents of files, in this order.
hash_of() { cat -- "$@" | sha256sum | cut -c1-12; }

# only_one NAME: take the cache's lock NAME until this process ends, and say
# so when somebody else has it. Its children inherit it on purpose: a builder
# killed with -9 keeps others out until its orphans are gone as well.
only_one() {
	mkdir -p "$EDU_CACHE/locks"
	exec {EDU_LOCK}>"$EDU_CACHE/locks/$1"
	if ! flock -n "$EDU_LOCK"; then
		say "waiting for another $1 to finish"
		flock "$EDU_LOCK"
	fi
}

# drop_lock: let the next one go on.
drop_lock() { exec {EDU_LOCK}>&-; }
