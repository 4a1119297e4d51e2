#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loading slab_edu while each allocation in turn fails, the loader's own and its:
# refused or survived, and nothing is left. Debug kernel only; long: it is loaded
# as often as it allocates, two thousand times or so.
. /edu/tests/tap.sh

said=$(irqdemo-failnth insert /edu/modules/slab_edu.ko "arena_mb=8 nodes=2" slab_edu)
if [ $? -eq 77 ]; then
	skip "slab_edu" "this kernel injects no faults"
	finish
fi
echo "# $said"
check "every allocation's failure is refused or survived" \
	grep -qE '^allocations [1-9][0-9]* refused [1-9][0-9]* survived [0-9]+ done 1$' <<<"$said"
refuse "it is not loaded" test -d /sys/module/slab_edu
refuse "no folder is left" test -d /sys/kernel/debug/slab_edu
check "it loads" load slab_edu
check "and unloads" rmmod slab_edu
finish
