#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A processor goes and comes while tasks fork, wake each other, compute and
# change their affinity: first under the kernel's scheduler, to know what that
# takes here, then under sched_edu, with nothing left on the closed queue. Then
# tasks that change their policy, and the machine is handed back, at once.
#
# No hotplug beside those: among them are real-time tasks of the kernel, which
# have 95 % of the processor that is left, under any scheduler.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

cpu1=/sys/devices/system/cpu/cpu1/online

queue_empty() { awk -v cpu="$1" 'NR > 1 && $1 == cpu && $3 == 0 { ok = 1 } END { exit !ok }' $dir/rq; }
# rounds N: how long the slowest of N took, in tenths of a second; in $left how
# often something stayed on the closed queue
rounds() {
	local i begin

	longest=0 left=0
	for ((i = 0; i < $1; i++)); do
		begin=$(tenths)
		echo 0 >$cpu1 || return 1
		settle 5 queue_empty 1 || {
			left=$((left + 1))
			sed 's/^/# /' $dir/rq
		}
		echo 1 >$cpu1 || return 1
		begin=$(($(tenths) - begin))
		[ $begin -le $longest ] || longest=$begin
		sleep 0.2
	done
}
begin_load() {
	stress-ng --quiet --fork 1 --switch 1 --futex 1 -t 300 &
	load=($!)
	awk 'BEGIN { for (;;) i++ }' &
	load+=($!)
	(while :; do taskset -p 1 "${load[1]}"; taskset -p 2 "${load[1]}"; done) >/dev/null 2>&1 &
	load+=($!)
	sleep 1
}
end_load() {
	kill -INT "${load[0]}"
	kill "${load[1]}" "${load[2]}"
	wait "${load[@]}" 2>/dev/null
}

check "sched_edu loads" insmod /edu/modules/sched_edu.ko
if [ ! -e /sys/kernel/sched_ext ] || [ ! -e $cpu1 ]; then
	skip "hotplug" "no sched_ext here, or one processor only"
	check "sched_edu unloads" unload
	finish
fi
begin_load
rounds 2
is "a processor goes and comes under the kernel's scheduler" 0 $?
kernel=$longest
check "takes over the machine" bpftool struct_ops register /edu/bpf/scx_edu.bpf.o /sys/fs/bpf
check "is enabled" settle 20 state_is enabled
rounds 4
is "a processor goes and comes under sched_edu" 0 $?
echo "# the longest took $kernel tenths of a second under the kernel's scheduler, $longest under sched_edu"
is "times that something stayed on its queue" 0 $left
# The host may let us wait; a task that is lost waits for sched_ext's watchdog.
check "nothing had to wait for the watchdog" test $longest -le $((3 * kernel + 150))
check "all under sched_edu" state_is enabled
is "nobody had to wait for long" 0 "$(awk '$1 == "rescue" { print $2 + $3 }' $dir/stats)"
end_load

check "policies that change" stress-ng --quiet --cpu-sched 1 --affinity 1 -t 4
check "a processor goes and comes" rounds 1
begin=$(tenths)
rm -f /sys/fs/bpf/edu_ops
check "hands the machine back" settle 5 state_is disabled
echo "# in $(($(tenths) - begin)) tenths of a second"
is "no task left on a queue" 0 "$(awk 'NR > 1 { n += $3 } END { print n + 0 }' $dir/rq)"
check "sched_edu unloads" unload
finish
