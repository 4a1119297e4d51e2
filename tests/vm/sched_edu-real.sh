#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sched_edu schedules the machine: its weights against the kernel's own, shares
# of real tasks by /proc/PID/sched, its real-time class, load, and the way back.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

bpf=${EDU_BPF:-/edu/bpf}

# Every task of the kernel prints 1024 times the weight of its nice level.
kernel_weights() {
	local nice

	for nice in $(seq -20 19); do
		nice -n "$nice" awk -v nice="$nice" '/^se.load.weight/ { print nice, $3 / 1024 }' /proc/self/sched
	done
}

start() { bpftool struct_ops register "$bpf/$1" /sys/fs/bpf && settle 60 state_is enabled; }
stop() {
	rm -f /sys/fs/bpf/edu_ops
	settle 60 state_is disabled
}
runtime() { awk '/sum_exec_runtime/ { print $3 }' "/proc/$1/sched"; }
hog() { exec taskset 1 nice -n "$1" awk 'BEGIN { for (;;) i++ }'; }
picks() { awk '$1 == "pick" { for (i = 2; i <= NF; i++) n += $i; print n }' $dir/stats; }

check "sched_edu loads" load sched_edu
is "weights of the 40 nice levels are the kernel's" "$(kernel_weights)" "$(cat $dir/weights)"
refuse "an unknown feature" sh -c "echo NO_SUCH_RULE >$dir/features"
refuse "a tunable of 0 ns" sh -c "echo latency 0 >$dir/tunables"
refuse "a policy for no task" sh -c "echo 999999 fifo 1 >$dir/policy"

if [ ! -e /sys/kernel/sched_ext ]; then
	check "says what is missing" grep -q CONFIG_SCHED_CLASS_EXT $dir/state
	skip "real tasks" "this kernel has no sched_ext"
	check "sched_edu unloads" unload
	finish
fi
if [ ! -e "$bpf/scx_edu.bpf.o" ]; then
	skip "real tasks" "no $bpf/scx_edu.bpf.o"
	check "sched_edu unloads" unload
	finish
fi

check "takes over the machine" start scx_edu.bpf.o
is "says so" edu "$(cat $dir/state)"
refuse "unloading while in use" rmmod sched_edu
hog 0 & a=$!
hog 5 & b=$!
sleep 1
a0=$(runtime $a) b0=$(runtime $b)
sleep 8
a1=$(runtime $a) b1=$(runtime $b)
share=$(awk -v a="$a0 $a1" -v b="$b0 $b1" 'BEGIN { split(a, x); split(b, y); p = x[2] - x[1]; q = y[2] - y[1]; printf "%.2f", 100 * p / (p + q) }')
echo "# nice 0 against nice 5: $share % (weights say 75.35 %)"
check "share of nice 0 against nice 5" within "$share" 75.35 3

check "a hog becomes FIFO" sh -c "echo $b fifo 50 >$dir/policy"
is "and is listed" "$b fifo 50 0 0 0" "$(cat $dir/policy)"
b0=$(runtime $b) a0=$(runtime $a)
sleep 3
share=$(awk -v a="$a0 $(runtime $a)" -v b="$b0 $(runtime $b)" 'BEGIN { split(a, x); split(b, y); p = x[2] - x[1]; q = y[2] - y[1]; printf "%.2f", 100 * q / (p + q) }')
echo "# FIFO against normal: $share % (throttled at 95 %)"
# Periods are 1 s and not aligned with ours; a busy host adds to that.
check "FIFO gets most, not all" within "$share" 91 8
sleepers=()
for _ in $(seq "$(nproc)"); do
	sleep 99 &
	sleepers+=($!)
done
all_of_it() {
	local pid

	for pid in "${sleepers[@]}"; do
		echo "$pid deadline 99000000 100000000 100000000" >$dir/policy || return 1
	done
}
refuse "a deadline beyond the processors" all_of_it
kill "${sleepers[@]}"
kill $a $b
wait $a $b 2>/dev/null

check "hackbench" hackbench -g 1 -l 10
stats=$(awk '$1 ~ /^(pick|migrate|fixup|cancel)$/' $dir/stats | xargs)
echo "# $stats"
check "still ours" state_is enabled
check "hands the machine back" stop
is "says so" kernel "$(cat $dir/state)"
is "no task left on a queue" 0 "$(awk 'NR > 1 { n += $3 } END { print n + 0 }' $dir/rq)"

check "partial mode" start scx_edu_partial.bpf.o
before=$(picks)
check "a SCHED_EXT task runs" chrt --ext 0 true
check "and was picked by us" test "$(picks)" -gt "$before"
check "hands back again" stop
check "sched_edu unloads" unload
finish
