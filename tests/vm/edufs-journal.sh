#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Images with a journal: written, crashed and replayed; and one check for each thing
# that docs/edufs-journal.md promises and that the crash tests do not show.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu" "$dir/ext4"
modprobe -a loop ext4
check "edufs loads" load edufs
cd "$dir" || exit 1

image() { # SIZE MKE2FS-ARGS...
	local size=$1

	shift
	rm -f image
	mke2fs -q -F -E root_owner=0:0 "$@" image "$size" >/dev/null 2>&1
}
edu() { mount -t edufs -o "loop${1:+,$1}" image edu; }
sound() { check "$1: e2fsck finds nothing" e2fsck -fn image; }
features() { dumpe2fs -h "${1:-image}" 2>/dev/null | sed -n 's/^Filesystem features: *//p'; }
has() { [[ " $(features "$2") " == *" $1 "* ]] && echo yes || echo no; }
last() { dmesg | grep 'edufs: loop' | tail -n 1; }
# The image as a crash leaves it now: what is in the page cache of the loop's file.
crash() { cp --sparse=always image crashed; }

work() {
	mkdir edu/d$1 edu/d$1/sub && echo hello >edu/d$1/hello && ln edu/d$1/hello edu/d$1/link &&
		ln -s "$(head -c 300 /dev/zero | tr '\0' x)" edu/d$1/long &&
		perl -e 'for (1 .. 300) { open F, ">", "$ARGV[0]/a name that takes some room $_" or die; print F "text $_" }
			for (1 .. 300) { unlink "$ARGV[0]/a name that takes some room $_" if $_ % 3 == 0 }
			for (1 .. 50) { rename "$ARGV[0]/a name that takes some room ".($_*3+1), "$ARGV[0]/sub/new $_" or die }' edu/d$1 &&
		head -c 3000000 /dev/urandom >edu/d$1/large && cp edu/d$1/large edu/d$1/copy && truncate -s 100000 edu/d$1/large &&
		setfattr -n user.large -v "$(head -c 700 /dev/zero | tr '\0' v)" edu/d$1/copy &&
		rm edu/d$1/link && mv edu/d$1/copy edu/d$1/moved && fallocate -p -o 100000 -l 900000 edu/d$1/moved
}

try() { # NAME MKE2FS-ARGS...
	local name=$1

	shift
	image 96M "$@"
	edu || { not_ok "$name: mounts for writing"; return; }
	check "$name: works" work 1
	is "$name: while it is written it says so" yes "$(has needs_recovery)"
	check "$name: sync" sync -f edu
	crash
	check "$name: works on" work 2
	md5sum edu/d1/* edu/d1/sub/* 2>/dev/null | sort >want
	umount edu
	is "$name: after that it does not" no "$(has needs_recovery)"
	sound "$name"
	mv crashed image
	check "$name: the journal is replayed" edu
	md5sum edu/d1/* edu/d1/sub/* 2>/dev/null | sort >got
	check "$name: what was synced is there" diff want got
	check "$name: it is written" work 3
	umount edu
	sound "$name, replayed"
}

try "default" -t ext4
try "1 KiB" -t ext4 -b 1024
try "ext3" -t ext3 -b 1024

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
