#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# slab_edu under load on all CPUs: the bench's loops must come to their end on
# both fronts, leave no object, and under pressure the kernel must get its
# memory back. What is compared with: /proc/meminfo, /proc/slabinfo's format.
. /edu/tests/tap.sh

d=/sys/kernel/debug/slab_edu
load slab_edu arena_mb=64
kernel_header=$(head -n 1 /proc/slabinfo)
is "slabinfo begins like the kernel's" "$kernel_header" "$(head -n 1 $d/slabinfo)"
is "slabinfo has the kernel's fields" "$(awk 'NR == 3 { print NF }' /proc/slabinfo)" \
	"$(awk 'NR == 3 { print NF }' $d/slabinfo)"
is "buddyinfo has the kernel's fields" "$(awk 'NR == 1 { print NF }' /proc/buddyinfo)" \
	"$(awk 'NR == 1 { print NF }' $d/buddyinfo)"
cpus=$(nproc)
for line in "test=reuse cpus=$cpus" "test=random batch=1024 cpus=$cpus" \
	"test=bulk batch=50 cpus=$cpus size=256" "test=kmalloc cpus=$cpus"; do
	check "$line" sh -c "echo '$line n=20000 rounds=1' >$d/bench"
	is "... three sides answer" 3 "$(grep -c '^side=.* ns=[1-9]' $d/bench)"
done
if [ "$cpus" -gt 1 ]; then
	check "one CPU frees what another allocated" sh -c "echo 'test=remote n=5000 rounds=1' >$d/bench"
else
	skip "one CPU frees what another allocated" "one CPU"
fi
refuse "a test that is not known" sh -c "echo test=toaster >$d/bench 2>/dev/null"
refuse "a batch out of range" sh -c "echo test=hold batch=0 >$d/bench 2>/dev/null"

# A CPU goes, with what it had cached.
if [ -w /sys/devices/system/cpu/cpu1/online ]; then
	echo sheaf >$d/caches/kmalloc-64/front
	echo 'test=kmalloc n=5000 rounds=1 cpus=2 side=edu' >$d/bench
	check "CPU 1 goes" sh -c "echo 0 >/sys/devices/system/cpu/cpu1/online"
	for f in "$d"/caches/*/shrink; do echo 1 >"$f"; done
	is "... and leaves no object behind" 0 "$(awk 'NR > 2 { n += $3 } END { print n }' $d/slabinfo)"
	check "CPU 1 comes" sh -c "echo 1 >/sys/devices/system/cpu/cpu1/online"
	echo classic >$d/caches/kmalloc-64/front
else
	skip "CPU 1 goes and comes" "it cannot be taken offline"
fi

for f in "$d"/caches/*/shrink; do echo 1 >"$f"; done
is "no object is left" 0 "$(awk 'NR > 2 { n += $3 } END { print n }' $d/slabinfo)"
check "every page is free" awk '$2 == "free" { f = $3 } $1 == "count:" { f += $2 } $1 == "present" { p = $2 } END { exit f != p }' \
	$d/zoneinfo
is "no misuse was seen" 0 "$(cat $d/caches/*/errors | awk '{ n += $2 } END { print n }')"
# The shrinkers, and with them ours: blocks go back.
echo 2 >/proc/sys/vm/drop_caches
is "the kernel has its blocks back" 0 "$(awk '$1 == "present" { print $2 }' $d/zoneinfo)"
check "slab_edu unloads" rmmod slab_edu
refuse "arenas beyond the limit" load slab_edu arena_mb=100000
check "eight nodes" load slab_edu nodes=8
echo 'test=kmalloc n=5000 rounds=1 side=edu' >$d/bench
is "pages come from the CPUs' nodes" 0 "$(awk '$1 == "edu_fail" { n += $2 } END { print n }' $d/zoneinfo)"
check "slab_edu unloads again" rmmod slab_edu
finish
