#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The toolbox's maker: what it says when it cannot, two at once, and after
# kill -9. A small recipe stands for the real one.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
tmp=$(mktemp -d /var/tmp/edu-toolbox.XXXXXX)
trap 'umount "$tmp/small" 2>/dev/null; rm -rf --one-file-system "$tmp"' EXIT
build=tools/toolbox/build
recipe() { printf 'suite=%s\nkernels=""\npackages="make"\n' "$1" >"$tmp/recipe"; }
try() { # COMMAND...: with the small recipe and a cache of its own
	env XDG_CACHE_HOME="${cache:-$tmp/cache}" EDU_RECIPE="$tmp/recipe" "$@" 2>&1
}

is "what is cached is found at once" "$(tools/toolbox/build)" "$(tools/toolbox/build)"
if [ "$(id -u)" -ne 0 ]; then
	skip "making a toolbox" "needs root"
	finish
fi

recipe forky
mkdir "$tmp/small" "$tmp/nobody"
mount -t tmpfs -o size=1g small "$tmp/small"
check "not enough disk: says how much" grep -q 'needs 8 GiB free in .*, which has [01] GiB' \
	<<<"$(cache=$tmp/small try $build)"
chmod 777 "$tmp" "$tmp/nobody"
mkdir "$tmp/bin"
for tool in bash sh env dirname id cat sha256sum cut mkdir; do ln -s "$(command -v $tool)" "$tmp/bin/"; done
check "no root and no sudo" grep -q 'this needs root' <<<"$(cache=$tmp/nobody PATH=$tmp/bin \
	try /usr/bin/setpriv --reuid=65534 --clear-groups env PATH="$tmp/bin" bash $build)"
check "no network" grep -q 'is there a network' <<<"$(try unshare -n $build)"
if ! timeout 20 apt-get update -qq >/dev/null 2>&1; then
	skip "making a toolbox" "no network"
	finish
fi
recipe nosuch
check "an unknown suite" grep -q "the mirror has no suite 'nosuch'" <<<"$(try $build)"

recipe forky
try $build >/dev/null &
sleep 6
kill -KILL -- $! "$(pgrep -P $!)" 2>/dev/null
wait $! 2>/dev/null
is "killed with -9: nothing that looks finished" "" \
	"$(find "$tmp/cache/linux-edu" -maxdepth 1 -name 'toolbox-*' ! -name '*.new')"
try $build >"$tmp/one" &
try $build >"$tmp/two"
wait
is "two at once make one" "$(tail -n 1 "$tmp/one")" "$(tail -n 1 "$tmp/two")"
check "... which is whole" test -x "$(tail -n 1 "$tmp/two")/root/usr/bin/make"
is "... and the remains are gone" "" "$(find "$tmp/cache/linux-edu" -maxdepth 1 -name '*.new')"
finish
