#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs.sh [ROUNDS [NAMES [MIB]]]: ext4 without a journal and edufs, on images of
# the same features behind loop devices on files in memory, taking turns in one boot
# under the instruction clock: for each step of tests/programs/edufs-load.c the
# median over ROUNDS (3) and the ratio, NAMES (3000) files and MIB (16); then the
# bytes of a cached inode, from /proc/slabinfo. EDU_VM_ARGS has more options for
# tools/vm/run. With EDU_CLOCK=machine the numbers are nanoseconds of the machine.
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
cd /dev/shm && mkdir mnt
for ((round = 0; round < rounds; round++)); do
	for type in ext4 edufs; do
		rm -f image
		mkfs.edufs -q -F -b 4096 -N $((names + 100)) image $((mib * 4 + 64))M
		mount -t $type -o loop image mnt || exit
		edufs-load mnt "$names" "$mib" | sed "s/^/$type /" >>/out/runs
		umount mnt
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
printf '%-16s %12s %12s %8s\n' step ext4 edufs ratio
awk '!seen[$2]++ { print $2 }' "$work/out/runs" | while read -r step; do
	for type in ext4 edufs; do
		awk -v s="$step" -v t=$type '$1 == t && $2 == s { print $3 }' "$work/out/runs" | sort -n |
			awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
	done | xargs | awk -v s="$step" '{ printf "%-16s %12d %12d %8.2f\n", s, $1, $2, $2 / $1 }'
done
echo "cached inodes: name, bytes, objects and pages of a slab"
cat "$work/out/slab"
