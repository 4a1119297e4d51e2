#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Crashes: every write of a workload is recorded (dm-log-writes), then the device is
# brought back to what it was at a flush of its cache; there the journal must be
# replayable, e2fsck must find nothing but that, and every promise must be kept. The
# device is filled with a marker first, which must never be read from a file. How many
# steps and points: EDUFS_CRASH_STEPS, EDUFS_CRASH_POINTS. With EDUFS_CRASH_RANDOM=1 some
# of what was written before the next flush has reached the disk, too, by chance. With
# data=journal a file is also written over and over, each time by one write(2): it must
# always be of one version. With
# EDUFS_CRASH_BESIDE=1 a table says what ext4 does where edufs must not fail.
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

crash() { # FILESYSTEM OPTIONS NAME MKE2FS-ARGS...
	local type=$1 options=$2 name=$3 disk log from=0 bad count=0 promised point until said=()
	local lost=0 stale=0 unsound=0

	shift 3
	unset EDUFS_CRASH_ATOMIC
	[ "$type$options" != edufsdata=journal ] || export EDUFS_CRASH_ATOMIC=1
	rm -f disk log
	head -c 24M /dev/zero | tr '\0' '\252' >disk
	mke2fs -q -F -E root_owner=0:0,nodiscard "$@" disk >/dev/null 2>&1
	cp disk base
	truncate -s 256M log
	disk=$(losetup -f --show disk) log=$(losetup -f --show log)
	dmsetup create edufs-log --table "0 $(blockdev --getsz "$disk") log-writes $disk $log"
	mount -t "$type" -o "$options" /dev/mapper/edufs-log edu
	check "$name: $steps steps (seed $seed)" edufs-crash work edu "$steps" "$seed" edufs-log
	umount edu
	dmsetup remove edufs-log
	losetup -d "$disk" "$log"
	check "$name: e2fsck finds nothing at the end" e2fsck -fn disk

	while read -r point until; do
		promised=$(edufs-crash replay log base "$from" "$point")
		from=$point count=$((count + 1))
		cp base image
		[ -z "${EDUFS_CRASH_RANDOM:-}" ] ||
			promised=$(edufs-crash replay log image "$point" "$until" $((seed + count)))
		((count % 2)) || cp image again
		if ! mount -t "$type" -o "loop,$options" image edu; then
			said+=("point $point: no mount")
			unsound=$((unsound + 1))
		else
			if ! edufs-crash check edu "$steps" "$seed" "$promised" >out 2>&1; then
				said+=("point $point ($promised): $(tr '\n' ';' <out)")
				grep -q stale out && stale=$((stale + 1))
				grep -qv stale out && lost=$((lost + 1))
			fi
			umount edu
			if ! e2fsck -fn image >out 2>&1; then
				said+=("point $point: e2fsck: $(tr '\n' ';' <out)")
				unsound=$((unsound + 1))
			fi
		fi
		# Whoever asks e2fsck instead: it mends of itself all there is.
		((count % 2)) && continue
		e2fsck -fp again >out 2>&1
		(($? <= 1)) || said+=("point $point: e2fsck -p: $(tr '\n' ';' <out)")
	done < <(edufs-crash points log | awk -v n="$points" '{ p[NR] = $1 }
		END { for (i = 1; i <= n && i <= NR; i++) { k = int(i * NR / (n < NR ? n : NR)); print p[k], k < NR ? p[k + 1] - 1 : p[k] } }')
	rows+=("$(printf '%-28s %6d %6d %6d %8d' "$name" $count $lost $stale $unsound)")
	[ "$type" = edufs ] || return
	for bad in "${said[@]}"; do echo "# $bad"; done
	[ -z "${EDUFS_CRASH_ATOMIC:-}" ] ||
		is "$name: one file was written over and over (${promised##*a} times)" yes \
			"$([ "${promised##*a}" -gt 50 ] && echo yes)"
	is "$name: $count points, promises and e2fsck" 0 ${#said[@]}
}
rows=("$(printf '%-28s %6s %6s %6s %8s' "at so many points" "" lost stale unsound)")

if modprobe dm-log-writes 2>/dev/null; then
	crash edufs data=ordered "ext4" -t ext4
	crash edufs data=ordered "ext3" -t ext3 -b 1024
	# Every second commit comes while that file is written: so some of these points do.
	steps=$((steps / 2)) points=$((points * 3))
	crash edufs data=journal "data=journal, ext4" -t ext4 -b 1024
	steps=$((steps * 2)) points=$((points / 3))
	if [ -n "${EDUFS_CRASH_BESIDE:-}" ]; then
		points=$(((points + 2) / 3))
		crash edufs data=writeback "data=writeback" -t ext4
		crash edufs data=journal "data=journal, 4 KiB" -t ext4 -b 4096
		crash edufs data=journal "data=journal, ext3" -t ext3 -b 1024
		for mode in ordered writeback journal; do
			crash ext4 data=$mode "ext4's ext4, $mode" -t ext4
			crash ext4 data=$mode "ext4's ext3, $mode" -t ext3 -b 1024
		done
	fi
	printf '# %s\n' "${rows[@]}"
else
	skip "crashes" "this kernel has no dm-log-writes"
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
modprobe -r dm-log-writes 2>/dev/null
cd / && rm -rf "$dir"
finish
