#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sched_edu comes and goes EDU_RELOADS (100) times under load; a policy that stalls is
# ended by sched_ext's watchdog after 30 s, with the reason; a thousand cgroups
# come and go with tasks in them; the module leaves nothing.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

top=/sys/fs/cgroup
# The verifier has 34 programs to read each time, as part of a process that has to
# share with the load: 3 to 8 s in an emulated guest. So before others.
reloads() {
	local i

	for ((i = 0; i < $1; i++)); do
		chrt -f 10 eduscope sched start && chrt -f 10 eduscope sched stop || return 1
	done
}
# No group is lighter than one task of the load: of a weight of 1 beside ten of 100 a
# program that needs 0.1 s has it after two minutes, and is right to.
churn() {
	local i

	mkdir $top/edu_c/g{1..1000} || return 1
	for i in {1..1000}; do
		echo $BASHPID >$top/edu_c/g"$i"/cgroup.procs && echo $((i % 100 + 100)) >$top/edu_c/g"$i"/cpu.weight ||
			return 1
	done
	for i in {1..1000..10}; do
		sh -c "echo \$\$ >$top/edu_c/g$i/cgroup.procs; exec awk 'BEGIN { for (i = 0; i < 20000; i++) j += i }'" &
	done
	wait
	echo $BASHPID >$top/cgroup.procs
	rmdir $top/edu_c/g{1..1000}
}

check "sched_edu loads" load sched_edu
stress-ng --quiet --fork 1 --switch 1 --futex 1 --yield 1 -t 3600 &
load=$!
check "reloads under load" reloads "${EDU_RELOADS:-100}"
check "starts" eduscope sched start
echo +cpu >$top/cgroup.subtree_control
mkdir $top/edu_c
# Else each task that moves waits for a grace period, which under load takes 0.2 s.
mount -o remount,favordynmods $top
echo +cpu >$top/edu_c/cgroup.subtree_control
(churn)
is "1,000 groups come and go" 0 $?
check "still ours" state_is enabled
rmdir $top/edu_c
kill -INT $load
wait $load
# Its report is wanted here, so not on the console, where reports are looked for.
printk=$(cat /proc/sys/kernel/printk)
echo 1 >/proc/sys/kernel/printk
echo stall >$dir/fault
check "a stalled policy gives the machine back" settle 120 state_is disabled
check "and the log says so" sh -c 'dmesg | grep -q "sched_ext: edu: watchdog failed"'
echo "$printk" >/proc/sys/kernel/printk
check "the reason is there" grep -q '^1026 .*stall' $dir/exit
echo "# $(cat $dir/exit)"
rm -f /sys/fs/bpf/edu_ops
echo -cpu >$top/cgroup.subtree_control
is "no task left on a queue" 0 "$(awk 'NR > 1 { n += $3 } END { print n + 0 }' $dir/rq)"
check "sched_edu unloads" unload
finish
