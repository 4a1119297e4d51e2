#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Four processes at once on one edufs, each with two trees of its own that must
# stay the same, while all is synced and thrown out of the caches under them.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu"
modprobe loop
check "edufs loads" load edufs
count=${EDUFS_TWIN_COUNT:-300}
seed=${EDUFS_TWIN_SEED:-$RANDOM}

for args in "-t ext4 -b 1024" "-t ext2 -b 4096 -I 256 -O dir_index"; do
	rm -f "$dir/image"
	# shellcheck disable=SC2086
	mke2fs -q -F -E root_owner=0:0 $args "$dir/image" 96M >/dev/null 2>&1
	mounted "$args" -t edufs -o loop "$dir/image" "$dir/edu" || continue
	pids=()
	for i in 1 2 3 4; do
		mkdir "$dir/edu/a$i" "$dir/edu/b$i"
		edufs-twin -s $((seed + i)) -n "$count" "$dir/edu/a$i" "$dir/edu/b$i" 2>"$dir/said$i" &
		pids+=($!)
	done
	touch "$dir/busy"
	while [ -e "$dir/busy" ]; do
		sync -f "$dir/edu"
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.5
	done &
	shaker=$!
	failed=0
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=$((failed + 1))
	done
	is "$args: four at once, each finds its trees the same (seed $seed)" 0 $failed
	# Not killed: a sync that outlives its shell would hold the mount.
	rm "$dir/busy"
	wait $shaker
	cat "$dir"/said? | sed 's/^/# /'
	check "$args: unmounts" umount "$dir/edu"
	check "$args: e2fsck finds nothing" e2fsck -fn "$dir/image"
done
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
rm -rf "$dir"
finish
