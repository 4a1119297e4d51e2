#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A processor goes and comes under sched_edu while stress-ng forks, yields,
# changes affinities and policies: each time at once, with nothing left on its
# queue. Then the machine is handed back under that load.
. /edu/tests/tap.sh

dir=/sys/kernel/debug/sched_edu
state=/sys/kernel/sched_ext/state
cpu1=/sys/devices/system/cpu/cpu1/online

now() { awk '{ print int($1 * 10) }' /proc/uptime; }
# settle SECONDS COMMAND...: wait until COMMAND succeeds.
settle() {
	local end=$(($(now) + $1 * 10))

	shift
	until "$@"; do
		[ "$(now)" -lt $end ] || return 1
		sleep 0.1
	done
}
state_is() { [ "$(cat $state)" = "$1" ]; }
queue_empty() { awk -v cpu="$1" 'NR > 1 && $1 == cpu && $3 == 0 { ok = 1 } END { exit !ok }' $dir/rq; }
gone() { ! kill -0 "$1" 2>/dev/null; }
unload() { settle 20 sh -c 'rmmod sched_edu 2>/dev/null'; }

check "sched_edu loads" load sched_edu
if [ ! -e /sys/kernel/sched_ext ] || [ ! -e $cpu1 ]; then
	skip "hotplug" "no sched_ext here, or one processor only"
	check "sched_edu unloads" unload
	finish
fi
check "takes over the machine" bpftool struct_ops register /edu/bpf/scx_edu.bpf.o /sys/fs/bpf
check "is enabled" settle 20 state_is enabled

stress-ng --quiet --affinity 1 --fork 1 --yield 1 --switch 1 --futex 1 --cpu-sched 1 -t 20 &
load=$!
sleep 1
rounds=0 left=0 longest=0
while [ $rounds -lt 8 ] && ! gone $load; do
	begin=$(now)
	echo 0 >$cpu1
	settle 5 queue_empty 1 || { left=$((left + 1)); sed 's/^/# /' $dir/rq; }
	echo 1 >$cpu1
	took=$(($(now) - begin))
	[ $took -le $longest ] || longest=$took
	rounds=$((rounds + 1))
	sleep 0.3
done
echo "# $rounds times, the longest took $((longest / 10)).$((longest % 10)) s"
check "a processor went and came" test $rounds -gt 2
is "times that something stayed on its queue" 0 $left
check "all under sched_edu" state_is enabled

begin=$(now)
rm -f /sys/fs/bpf/edu_ops
check "hands the machine back under load" settle 10 state_is disabled
echo "# in $(($(now) - begin)) tenths of a second"
is "no task left on a queue" "0 0" "$(awk 'NR > 1 { print $3 }' $dir/rq | xargs)"
check "the load ends" settle 60 gone $load
check "sched_edu unloads" unload
finish
