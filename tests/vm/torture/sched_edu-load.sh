#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine under sched_edu with everything that stress-ng has against a
# scheduler, and a processor that goes and comes; then it must be handed back.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

check "sched_edu loads" load sched_edu
for round in 1 2 3; do
	check "round $round: takes over" bpftool struct_ops register /edu/bpf/scx_edu.bpf.o /sys/fs/bpf
	check "round $round: is enabled" settle 60 state_is enabled
	check "round $round: hackbench" hackbench -g 1 -l 50
	check "round $round: stress-ng" stress-ng --quiet --affinity 1 --fork 1 --yield 1 \
		--switch 1 --futex 1 --cpu-sched 1 -t 8
	check "round $round: processor 1 goes" sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
	check "round $round: and comes back" sh -c 'echo 1 >/sys/devices/system/cpu/cpu1/online'
	rm -f /sys/fs/bpf/edu_ops
	check "round $round: hands the machine back" settle 60 state_is disabled
	is "round $round: no task left on a queue" "0 0" "$(awk 'NR > 1 { print $3 }' $dir/rq | xargs)"
done
check "sched_edu unloads" unload
finish
