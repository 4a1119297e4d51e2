#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same random operations on edufs and on the kernel's ext4, at the same time:
# the same results, errnos and trees; then e2fsck has nothing to say, each reads
# what the other wrote, and they go on with the images exchanged.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/a" "$dir/b"
modprobe -a loop ext4
check "edufs loads" load edufs
count=${EDUFS_TWIN_COUNT:-800}
seed=${EDUFS_TWIN_SEED:-$RANDOM}

# The options of writing mounts: both sides'.
writing=rw

both() { # TYPE-OF-A TYPE-OF-B OPTION
	mounted "$name" -t "$1" -o "loop,$3" "$dir/image.a" "$dir/a" &&
		mounted "$name" -t "$2" -o "loop,$3" "$dir/image.b" "$dir/b"
}

try() { # NAME MKE2FS-ARGS...
	local name=$1 types=(edufs ext4)

	shift
	for side in a b; do
		rm -f "$dir/image.$side"
		mke2fs -q -F -E root_owner=0:0 "$@" "$dir/image.$side" 64M >/dev/null 2>&1
	done
	for _ in 1 2; do
		seed=$((seed + 1))
		both "${types[@]}" $writing || return
		check "$name: ${types[0]} and ${types[1]} do the same (seed $seed)" \
			edufs-twin -s $seed -n "$count" "$dir/a" "$dir/b"
		umount "$dir/a" "$dir/b"
		check "$name: e2fsck finds nothing in a" e2fsck -fn "$dir/image.a"
		check "$name: e2fsck finds nothing in b" e2fsck -fn "$dir/image.b"
		types=("${types[1]}" "${types[0]}")
		both "${types[@]}" ro || return
		check "$name: and read what the other wrote" edufs-twin -c "$dir/a" "$dir/b"
		umount "$dir/a" "$dir/b"
	done
}

try "ext4, 4 KiB" -t ext4 -b 4096 -O ^has_journal
try "ext4 with a journal, 1 KiB" -t ext4 -b 1024
try "ext2, 1 KiB" -t ext2 -b 1024 -I 256
writing=data=journal count=$((count / 4))
try "ext4 with data=journal, 1 KiB" -t ext4 -b 1024
if [ -n "${EDUFS_TWIN_LONG:-}" ]; then
	try "ext4 with data=journal, 4 KiB" -t ext4 -b 4096
	try "ext3 with data=journal, 1 KiB" -t ext3 -b 1024 -I 256
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
rm -rf "$dir"
finish
