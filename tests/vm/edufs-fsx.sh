#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two files of each kind of image, changed at once in every way that a file's bytes can be,
# each beside a copy in memory (edufs-fsx); then e2fsck, and what a remount reads.
. /edu/tests/tap.sh

dir=$(mktemp -d)
cd "$dir" || exit 1
mkdir edu
modprobe loop
check "edufs loads" load edufs
count=${EDUFS_FSX_COUNT:-400}
seed=${EDUFS_FSX_SEED:-$RANDOM}

try() { # NAME LENGTH MKE2FS-ARGS...
	local name=$1 length=$2 i pids=()

	shift 2
	rm -f image
	mke2fs -q -F -E root_owner=0:0 "$@" image 64M >/dev/null 2>&1
	mounted "$name" -t edufs -o loop image edu || return
	for i in 1 2; do
		edufs-fsx -s $((seed + i)) -n "$count" -l "$length" -c copy$i edu/f$i 2>said$i &
		pids[i]=$!
	done
	for i in 1 2; do
		wait "${pids[i]}"
		is "$name: file $i is what it shall be (seed $((seed + i)))" 0 $?
		sed 's/^/# /' said$i
	done
	umount edu
	check "$name: e2fsck finds nothing" e2fsck -fn image
	mounted "$name, again" -t edufs -o loop,ro image edu || return
	check "$name: mounted again, they are the same" sh -c 'cmp copy1 edu/f1 && cmp copy2 edu/f2'
	umount edu
}

try "ext4" 300000 -t ext4 -b 4096 -O ^has_journal
try "ext4 with a journal, 1 KiB" 300000 -t ext4 -b 1024
try "ext4 with a journal, long" 9000000 -t ext4
try "ext3, 1 KiB" 300000 -t ext3 -b 1024
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
