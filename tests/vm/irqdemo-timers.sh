#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Our timers beside the kernel's: none early, none lost. How late they are and
# what an operation costs is for eduscope compare timer to say.
. /edu/tests/tap.sh

B=/sys/kernel/debug/irqdemo/bench/timer
value() { awk -v w="$1" '$1 == w { print $2 }' $B; }

check "irqdemo loads" load irqdemo pci=0
for what in wheel deferrable tree; do
	for side in kernel edu; do
		check "$side $what: all timers run" sh -c "echo side=$side what=$what pending=1000 ops=1000 >$B"
		is "$side $what: none early" 0 "$(value early)"
		echo "# $side $what 1000: add $(value add) mod $(value mod) del $(value del) ns, late p50 $(value late_p50) p99 $(value late_p99) ns"
	done
done
echo side=edu what=deferrable pending=10 ops=10 >$B
check "the deferrable wheel ran them" awk '$2 == "deferred" { for (i = 3; i < NF; i++) if ($i == "expired") n += $(i + 1) } END { exit !(n >= 200) }' /sys/kernel/debug/irqdemo/timers
check "100000 pending" sh -c "echo side=edu what=wheel pending=100000 ops=1000 >$B"
refuse "nothing pending" sh -c "echo side=edu what=wheel pending=0 ops=1 >$B"
refuse "no such side" sh -c "echo side=other what=wheel pending=1 ops=1 >$B"
is "all wheels are empty again" 0 "$(awk '{ for (i = 1; i < NF; i++) if ($i == "pending") s += $(i + 1) } END { print s }' /sys/kernel/debug/irqdemo/timers)"
if [ -w /sys/devices/system/cpu/cpu1/online ]; then
	check "a CPU goes" sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
	for what in wheel deferrable tree; do
		check "timers go on: $what" sh -c "echo side=edu what=$what pending=10 ops=10 >$B"
	done
	echo 1 >/sys/devices/system/cpu/cpu1/online
	for what in wheel deferrable tree; do
		check "on the CPU that came back: $what" taskset -c 1 sh -c "echo side=edu what=$what pending=10 ops=10 >$B"
	done
else
	skip "CPU hotplug" "one processor"
fi
check "irqdemo unloads" rmmod irqdemo
finish
