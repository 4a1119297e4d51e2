#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# slab_edu's layout of a slab against what SLUB chose, for every cache of the
# running kernel.
. /edu/tests/tap.sh

check "slab_edu loads" load slab_edu
# Both sides as lines "size order objects", ours for every size.
for cache in /sys/kernel/slab/*; do
	read -r size <"$cache/slab_size" && read -r order <"$cache/order" &&
		read -r objects <"$cache/objs_per_slab" && echo "$size $order $objects"
done | sort -u >/tmp/kernel
cut -d' ' -f1-3 /sys/kernel/debug/slab_edu/layout | sort >/tmp/edu
caches=$(join /tmp/kernel /tmp/edu | wc -l)
different=$(join /tmp/kernel /tmp/edu | awk '$2 != $4 || $3 != $5' | xargs)
echo "# $caches sizes of the kernel's caches"
check "the kernel has caches to compare with" test "$caches" -gt 20
is "same order and objects as every cache of the kernel" "" "$different"
check "slab_edu unloads" rmmod slab_edu
finish
