#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs.sh [ROUNDS [NAMES [MIB]]]: ext4 and edufs on images of the same features, without
# a journal and with one, behind loop devices on files in memory, taking turns in one
# boot under the instruction clock. For each step of tests/programs/edufs-load.c the
# median over ROUNDS (3) of each, their ratio, and the range of the rounds' ratios, with
# NAMES (3000) files and MIB (16); the sectors that a whole run wrote; then the bytes of
# a cached inode, from /proc/slabinfo. EDU_VM_ARGS has more options for tools/vm/run.
# With EDU_CLOCK=machine the numbers are nanoseconds of the machine.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "rounds=${1:-3} names=${2:-3000} mib=${3:-16}" >"$work/in/settings"
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
modprobe -a loop ext4
insmod /edu/modules/edufs.ko || exit
written() { awk '{ print $7 }' "/sys/block/${loop#/dev/}/stat"; }
cd /dev/shm && mkdir mnt
for ((round = 0; round < rounds; round++)); do
	for journal in ^has_journal has_journal; do
		for type in ext4 edufs; do
			rm -f image
			# Else ext4 would fill the tables meanwhile.
			mkfs.edufs -q -F -b 4096 -O $journal -E lazy_itable_init=0,lazy_journal_init=0 \
				-N $((names + 100)) image $((mib * 4 + 64))M || exit
			loop=$(losetup -f --show image)
			# The device counts on from what the image before had.
			before=$(written)
			mount -t $type "$loop" mnt || exit
			{
				edufs-load mnt "$names" "$mib" && sync -f mnt
				echo "sectors_written $(($(written) - before))"
			} | sed "s/^/$journal $type $round /" >>/out/runs
			umount mnt
			losetup -d "$loop"
		done
	done
done
awk '$1 == "ext4_inode_cache" || $1 == "edufs_inode" { print $1, $4, $5, $6 }' /proc/slabinfo >/out/slab
rmmod edufs
exit 0
GUEST
clock=--icount
[ "${EDU_CLOCK:-}" != machine ] || clock=
# shellcheck disable=SC2086	# a list of words
"$top/tools/vm/run" $clock ${EDU_VM_ARGS-} --timeout 3000 --in "$work/in" --out "$work/out" -- bash /in/guest
cat "$work/out/errors" >&2
for journal in ^has_journal has_journal; do
	echo "$journal"
	printf '%-16s %12s %12s %6s  %s\n' step ext4 edufs ratio range
	awk -v j="$journal" '
		function median(type, step,   v, n, i, k, t) {
			for (i = 0; i < rounds; i++) v[++n] = got[type, step, i]
			for (i = 2; i <= n; i++)
				for (k = i; k > 1 && v[k] < v[k - 1]; k--) { t = v[k]; v[k] = v[k - 1]; v[k - 1] = t }
			return v[int((n + 1) / 2)]
		}
		$1 == j {
			got[$2, $4, $3] = $5
			if (!seen[$4]++) steps[++count] = $4
			if ($3 >= rounds) rounds = $3 + 1
		}
		END {
			for (s = 1; s <= count; s++) {
				low = high = 0
				for (i = 0; i < rounds; i++) {
					r = got["edufs", steps[s], i] / got["ext4", steps[s], i]
					if (!low || r < low) low = r
					if (r > high) high = r
				}
				a = median("ext4", steps[s]); b = median("edufs", steps[s])
				printf "%-16s %12d %12d %6.2f  %.2f to %.2f\n", steps[s], a, b, b / a, low, high
			}
		}' "$work/out/runs"
done
echo "cached inodes: name, bytes, objects and pages of a slab"
cat "$work/out/slab"
