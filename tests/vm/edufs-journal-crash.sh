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
# EDUFS_CRASH_BESIDE=1 a table of mode against promise says what each filesystem kept;
# edufs must keep all.
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

promises=(fsync rename replace atomic stale content size e2fsck)
rows=("$(printf '%-24s %6s' "kept/broken at" points; printf ' %8s' "${promises[@]}")")

crash() { # FILESYSTEM MODE LAYOUT POINTS MKE2FS-ARGS...
	local type=$1 mode=$2 options=data=$2 name="$1, $2, $3" points=$4 steps=$steps disk log from=0 count=0
	local promised point until promise said=()
	local -A broken=()

	unset EDUFS_CRASH_ATOMIC
	if [ "$mode" = journal ]; then
		export EDUFS_CRASH_ATOMIC=1
		steps=$((steps / 2))
	fi
	shift 4
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
			echo "e2fsck: no mount" >out
		else
			edufs-crash check edu "$steps" "$seed" "$promised" >out 2>&1 || [ -s out ] ||
				echo "fsync: the check died" >out
			umount edu
			e2fsck -fn image >fsck 2>&1 || sed 's/^/e2fsck /' fsck >>out
		fi
		for promise in "${promises[@]}"; do
			! grep -q "^$promise" out || broken[$promise]=$((${broken[$promise]:-0} + 1))
		done
		[ ! -s out ] || said+=("point $point ($promised): $(tr '\n' ';' <out)")
		# Whoever asks e2fsck instead: it mends of itself all there is.
		((count % 2)) && continue
		e2fsck -fp again >out 2>&1
		(($? <= 1)) || said+=("point $point: e2fsck -p: $(tr '\n' ';' <out)")
	done < <(edufs-crash points log | awk -v n="$points" '{ p[NR] = $1 }
		END { for (i = 1; i <= n && i <= NR; i++) { k = int(i * NR / (n < NR ? n : NR)); print p[k], k < NR ? p[k + 1] - 1 : p[k] } }')
	rows+=("$(printf '%-24s %6d' "$name" $count
		for promise in "${promises[@]}"; do
			printf ' %8s' "$((count - ${broken[$promise]:-0}))/${broken[$promise]:-0}"
		done)")
	[ "$type" = edufs ] || return
	[ ${#said[@]} -eq 0 ] || printf '# %s\n' "${said[@]::20}"
	check "$name: there were points to crash at" test $count -gt 0
	[ "$mode" != journal ] ||
		check "$name: one file was written over and over (${promised##*a} times)" test "${promised##*a}" -gt 50
	is "$name: $count points, promises and e2fsck" 0 ${#said[@]}
}

layouts=("ext4 -t ext4" "ext3 -t ext3 -b 1024")
if modprobe dm-log-writes 2>/dev/null; then
	for layout in "${layouts[@]}"; do
		read -r name args <<<"$layout"
		for mode in ordered writeback journal; do
			n=$points
			[ $mode = ordered ] || n=$(((points + 2) / 3))
			# Every second commit comes while the one file is written: so some points do.
			[ $mode = journal ] && n=$((points * 3))
			for type in edufs ext4; do
				# Without a table only edufs, and what it does in its own way.
				[ -n "${EDUFS_CRASH_BESIDE:-}" ] ||
					[[ $type,$mode,$name = edufs,@(ordered,ext?|journal,ext4) ]] || continue
				# shellcheck disable=SC2086	# a word each
				crash $type $mode "$name" $n $args
			done
		done
	done
	printf '# %s\n' "${rows[@]}"
else
	skip "crashes" "this kernel has no dm-log-writes"
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
modprobe -r dm-log-writes 2>/dev/null
cd / && rm -rf "$dir"
finish
