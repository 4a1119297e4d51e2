#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Crashes: every write of a workload is recorded (dm-log-writes), then the device is
# brought back to what it was at a flush of its cache; there the journal must be
# replayable, e2fsck must find nothing but that, and every promise must be kept. The
# device is filled with a marker first, which must never be read from a file. How many
# steps and points: EDUFS_CRASH_STEPS, EDUFS_CRASH_POINTS.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu"
modprobe loop
check "edufs loads" load edufs
steps=${EDUFS_CRASH_STEPS:-12}
points=${EDUFS_CRASH_POINTS:-4}
seed=${EDUFS_CRASH_SEED:-$RANDOM}
cd "$dir" || exit 1
export DM_DISABLE_UDEV=1

crash() { # NAME MKE2FS-ARGS...
	local name=$1 disk log from=0 bad=0 count=0 promised point said=()

	shift
	rm -f disk log
	head -c 24M /dev/zero | tr '\0' '\252' >disk
	mke2fs -q -F -E root_owner=0:0,nodiscard "$@" disk >/dev/null 2>&1
	cp disk base
	truncate -s 256M log
	disk=$(losetup -f --show disk) log=$(losetup -f --show log)
	dmsetup create edufs-log --table "0 $(blockdev --getsz "$disk") log-writes $disk $log"
	mount -t edufs /dev/mapper/edufs-log edu
	check "$name: $steps steps (seed $seed)" edufs-crash work edu "$steps" "$seed" edufs-log
	umount edu
	dmsetup remove edufs-log
	losetup -d "$disk" "$log"
	check "$name: e2fsck finds nothing at the end" e2fsck -fn disk

	for point in $(edufs-crash points log | awk -v n="$points" '{ p[NR] = $1 }
			END { for (i = 1; i <= n && i <= NR; i++) print p[int(i * NR / (n < NR ? n : NR))] }'); do
		promised=$(edufs-crash replay log base "$from" "$point")
		from=$point count=$((count + 1))
		cp base image
		if ! mount -t edufs -o loop image edu; then
			said+=("point $point: no mount")
		else
			edufs-crash check edu "$steps" "$seed" "$promised" >out 2>&1 ||
				said+=("point $point ($promised): $(tr '\n' ';' <out)")
			umount edu
			e2fsck -fn image >out 2>&1 || said+=("point $point: e2fsck: $(tr '\n' ';' <out)")
		fi
		# Whoever asks e2fsck instead: it mends of itself all there is.
		((count % 2)) || continue
		cp base image
		e2fsck -fp image >out 2>&1
		(($? <= 1)) || said+=("point $point: e2fsck -p: $(tr '\n' ';' <out)")
	done
	for bad in "${said[@]}"; do echo "# $bad"; done
	is "$name: $count points, promises and e2fsck" 0 ${#said[@]}
}

if modprobe dm-log-writes 2>/dev/null; then
	crash "ext4" -t ext4
	crash "ext3" -t ext3 -b 1024
else
	skip "crashes" "this kernel has no dm-log-writes"
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
modprobe -r dm-log-writes 2>/dev/null
cd / && rm -rf "$dir"
finish
