#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bench makes a cache, fills it through the sheaves and is taken back, as often
# as it allocates memory of the kernel, while each time another allocation fails:
# it is refused or survives, and nothing is left. Debug kernel only; loading the
# module in the same way is tests/vm/torture/slab_edu-insert.sh.
. /edu/tests/tap.sh

d=/sys/kernel/debug/slab_edu
load slab_edu
said=$(irqdemo-failnth write $d/bench "test=fill size=64 n=300 rounds=1 side=sheaf" \
	$d/bench "test=reuse n=1 rounds=1 side=sheaf")
if [ $? -eq 77 ]; then
	skip "a bench, each of its allocations refused once" "this kernel injects no faults"
else
	check "a bench, each of its allocations refused once" \
		grep -qE '^allocations [1-9][0-9]* refused [1-9].* done 1$' <<<"$said"
	echo "# $said"
	is "no cache is left" 0 "$(grep -c '^bench ' $d/slabinfo)"
	is "no misuse was seen" 0 "$(cat $d/caches/*/errors | awk '{ n += $2 } END { print n }')"
fi
check "slab_edu unloads" rmmod slab_edu
finish
