#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine is short of memory: the kernel is told to reclaim from its root
# memory cgroup, and its shrinkers get slab_edu's free blocks, full sheaves and
# empty slabs back. Another cgroup would not do: what slab_edu has is charged
# to none. What is compared with: the kernel's own counts in /proc/vmstat.
. /edu/tests/tap.sh

d=/sys/kernel/debug/slab_edu
present() { awk '$1 == "present" { print $2 }' $d/zoneinfo; }
scanned() { awk '/^slabs_scanned|^pgscan_direct |^pgscan_proactive / { n += $2 } END { print n }' /proc/vmstat; }

load slab_edu
# What is freed again leaves a block, empty slabs, and full sheaves in barns.
echo 'test=hold size=256 batch=8192 n=16384 rounds=1 side=edu' >$d/bench
echo sheaf >$d/caches/kmalloc-64/front
echo 'test=kmalloc n=20000 rounds=1 side=edu' >$d/bench
before=$(present)
check "free pages are kept" test "$before" -ge 1024
group=/tmp/cgroup
mkdir -p $group
mount -t cgroup2 none $group
if [ -w $group/memory.reclaim ]; then
	scans=$(scanned)
	# More than there is: it goes on to the last priority, and then gives up.
	echo 400M 2>/dev/null >$group/memory.reclaim
	check "the kernel reclaimed" test "$(scanned)" -gt "$scans"
	# What CPUs hold follows a little later.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(present)" -ge "$before" ] || break
		sleep 0.2
	done
	echo "# present: $before pages before, $(present) after"
	check "it has a block back" test "$(present)" -lt "$before"
else
	skip "the kernel has a block back" "this kernel cannot be told to reclaim"
fi
umount $group
rmdir $group
echo 'test=kmalloc n=2000 rounds=1 side=edu' >$d/bench
is "allocating goes on afterwards" 1 "$(grep -c ' ns=[1-9]' $d/bench)"
check "slab_edu unloads" rmmod slab_edu
finish
