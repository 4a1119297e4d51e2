#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The workqueue under real works, T24 to T30 of the documents: each test runs
# on the kernel's workqueue, too, which must give the same answers.
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
B=$D/bench/wq
P=/sys/module/irqdemo/parameters

# run SIDE TEST N MS MAX CPU
run() { echo "side=$1 test=$2 n=$3 ms=$4 max=$5 cpu=$6" >$B; }
value() {
	local word value

	while read -r word value; do
		[ "$word" != "$1" ] || echo "$value"
	done <$B
}
holds() { (($1)); }
# counter POOL-REGEX NAME: summed over the pools whose first line matches
counter() {
	awk -v p="$1" -v w="$2" '/^pool/ { mine = $0 ~ p }
		/^queue/ { mine = 0 }
		mine && $1 == "counters:" { for (i = 2; i < NF; i += 2) if ($i == w) s += $(i + 1) }
		END { print s + 0 }' $D/wq
}
# field POOL-REGEX NAME: workers, idle or running
field() {
	awk -v p="$1" -v w="$2" '/^pool/ && $0 ~ p { gsub(",", ""); for (i = 1; i < NF; i++) if ($i == w) s += $(i + 1) }
		END { print s + 0 }' $D/wq
}

check "irqdemo loads" load irqdemo pci=0
is "each CPU has two pools" $((2 * $(getconf _NPROCESSORS_ONLN))) \
	"$(grep -c '^pool .*: cpu [0-9]*, ' $D/wq)"
is "each has a worker, a task of that name" "$(grep -c '^pool .*: cpu [0-9]*, ' $D/wq)" \
	"$(cat /proc/[0-9]*/comm | grep -cE '^eduwq/[0-9]+:0H?$')"
pid=$(awk '/\+- eduwq\/0:0,/ { sub(":", "", $4); print $4 }' $D/wq)
is "a worker is bound to its CPU" 0 "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$pid/status")"
pid=$(awk '/\+- eduwq\/0:0H,/ { sub(":", "", $4); print $4 }' $D/wq)
is "a worker of high priority has nice -20" -20 "$(awk '{ sub(/.*\) /, ""); print $17 }' "/proc/$pid/stat")"

for side in kernel edu; do
	check "$side: a work that is queued twice (T24)" run $side twice 2 0 1 0
	is "$side: is queued, is not queued again, and runs once" "1 0 1" \
		"$(value first) $(value second) $(value runs)"
	check "$side: a work that queues itself from CPU to CPU (T25)" run $side self 400 0 4 0
	is "$side: never runs beside itself" "400 1" "$(value runs) $(value most)"
	check "$side: 8 works that sleep 300 ms on one CPU (T26)" run $side sleepers 8 300 16 0
	is "$side: all sleep at the same time" 8 "$(value most)"
	took=$(value makespan)
	check "$side: it takes one sleep, not eight ($((took / 1000000)) ms)" holds "$took >= 300000000 && $took < 1200000000"
	check "$side: 4 works that do not sleep" run $side busy 4 5 16 0
	# On a slow machine the kernel takes them for CPU intensive, after 10 ms.
	[ $side = kernel ] || is "$side: run one after the other" 1 "$(value most)"
	check "$side: 4 of them, CPU intensive" run $side intense 4 60 16 0
	check "$side: run side by side" holds "$(value most) > 1"
	check "$side: max_active 3 (T27)" run $side limit 12 10 3 0
	is "$side: no more than 3 at a time" "3 12" "$(value most) $(value runs)"
	# Which of three that start together comes first is the scheduler's choice.
	check "$side: max_active 1" run $side limit 12 5 1 0
	is "$side: one at a time, in their order" "1 0 12" \
		"$(value most) $(value wrong) $(value runs)"
	check "$side: an ordered queue, works from all CPUs" run $side order 200 0 1 0
	is "$side: one at a time, in order" "0 1 200" "$(value wrong) $(value most) $(value runs)"
	check "$side: works by and by (T28)" run $side lifo 100 0 4 0
	# The kernel's workers serve others, too.
	if [ $side = edu ]; then
		check "$side: the same worker runs them ($(value tasks) changes)" holds "$(value tasks) <= 5"
	fi
	check "$side: delayed works (T29)" run $side delayed 25 0 64 0
	is "$side: none early, none lost" "0 25" "$(value early) $(value runs)"
	echo "# $side: delay 0 ran after $(value at_once) ns, lateness p50 $(value late_p50) ns"
	check "$side: a delayed work whose time is moved" run $side mod 1 0 4 0
	is "$side: comes when it is due, once" "0 1 0 1" \
		"$(value idle) $(value pending) $(value early) $(value runs)"
	check "$side: 20 tasks flush one queue" run $side flush 15 0 4 0
	is "$side: each work that was there had run" "20 0 300" "$(value tasks) $(value wrong) $(value runs)"
	check "$side: cancel_sync against a queuer" run $side cancel 1000 0 4 0
	is "$side: nothing runs after it, never two at once" "0 1" "$(value wrong) $(value most)"
	check "$side: a chain of 500 works is drained" run $side drain 500 0 4 0
	is "$side: to its end" 500 "$(value runs)"
	check "$side: an unbound queue" run $side unbound 8 300 16 0
	is "$side: its works sleep side by side" 8 "$(value most)"
	check "$side: works go to their CPU" run $side spread 8 1 16 1
	is "$side: and run there" "8 0" "$(value runs) $(value elsewhere)"
done
check "freezable queues stand still" run edu freeze 5 0 4 0
is "their works wait, others do not, then all run" "0 0 5" \
	"$(value frozen) $(value busy) $(value runs)"
# The kernel's own rehearsal: freeze all tasks, and thaw them again.
if [ -w /sys/power/pm_test ] && grep -q freeze /sys/power/state; then
	echo 0 >/sys/module/suspend/parameters/pm_test_delay
	echo freezer >/sys/power/pm_test
	check "the system goes to sleep as far as its tasks" sh -c 'echo freeze >/sys/power/state'
	echo none >/sys/power/pm_test
	check "afterwards" run edu freeze 5 0 4 0
	is "freezable works run" 5 "$(value runs)"
else
	skip "sleep" "this kernel cannot rehearse it"
fi
echo 1 >$P/wq_fail_create
refuse "attributes for which no first worker can be made" run edu attrs 8 0 16 0
echo 0 >$P/wq_fail_create
check "an unbound queue is given CPU 0 and nice 5" run edu attrs 8 0 16 0
is "its works run there, with that" "0 8" "$(value wrong) $(value runs)"
run edu hook 100000 0 1 0
echo "# the scheduler's hook: $(value hook) ns a switch"
for side in kernel edu; do
	run $side handoff 500 0 4 0
	echo "# $side: from blocking to the next work p50 $(value handoff_p50) ns"
done
refuse "no such test" run edu nonsense 1 0 1 0
refuse "no work" run edu empty 0 0 1 0
refuse "no such CPU" run edu empty 1 0 1 4096

# T28: workers that were made for sleepers go when they were idle for long.
workers=$(field 'cpu 0, nice 0' workers)
check "sleepers made workers ($workers)" holds "$workers >= 8"
echo 300 >$P/wq_idle_ms
run edu sleepers 12 20 16 0
for _ in 1 2 3 4 5 6; do
	sleep 0.3
	# The timer does not wake an idle CPU: keep it awake.
	run edu lifo 50 0 4 0
done
is "idle ones are reaped, two stay (T28)" 2 "$(field 'cpu 0, nice 0' workers)"
is "as many tasks are left" 2 "$(cat /proc/[0-9]*/comm | grep -cE '^eduwq/0:[0-9]+$')"
echo 300000 >$P/wq_idle_ms

# T30: no worker can be made. 100 ms a work: two of them are two maydays apart.
before=$(counter 'cpu 0, nice 0' maydays)
echo -1 >$P/wq_fail_create
check "no worker can be made, 6 works sleep 50 ms (T30)" run edu rescue 6 50 16 0
echo 0 >$P/wq_fail_create
is "all ran" 6 "$(value runs)"
check "most of them in the rescuer ($(value rescued))" holds "$(value rescued) >= 3"
check "its first work waited for the mayday ($(($(value second) / 1000)) us)" holds "$(value second) > 5000000"
check "maydays were called" holds "$(counter 'cpu 0, nice 0' maydays) > $before"
check "creations failed" holds "$(counter 'cpu 0, nice 0' create_failed) > 0"
echo -1 >$P/wq_fail_create
echo 200 >$P/wq_watchdog_ms
check "a queue without a rescuer waits and goes on" run edu sleepers 2 600 16 0
is "with all its works" 2 "$(value runs)"
echo 30000 >$P/wq_watchdog_ms
echo 0 >$P/wq_fail_create
check "the watchdog saw that its pool stood still" holds "$(counter 'cpu 0, nice 0' stalls) > 0"
check "and said so" sh -c 'dmesg | grep -q "irqdemo: pool .* has taken no work for [0-9]* ms"'

# The trace: queue, activate, start, end, in this order for every work.
T=/sys/kernel/tracing
echo 1 >$T/events/irqdemo/irqdemo_workqueue_queue_work/enable
echo 1 >$T/events/irqdemo/irqdemo_workqueue_activate_work/enable
echo 1 >$T/events/irqdemo/irqdemo_workqueue_execute_start/enable
echo 1 >$T/events/irqdemo/irqdemo_workqueue_execute_end/enable
echo >$T/trace
run edu limit 20 1 2 0
echo 0 >$T/events/irqdemo/enable
is "the events of each work come in order" "20 0" "$(awk '
	/irqdemo_workqueue_/ { match($0, /struct[ =][0-9a-fx]+/); w = substr($0, RSTART + 7, RLENGTH - 7)
		k = /queue_work/ ? 1 : /activate/ ? 2 : /start/ ? 3 : 4
		if (k != s[w] + 1) bad++
		s[w] = k % 4
		if (k == 4) n++ }
	END { print n + 0, bad + 0 }' $T/trace)"
echo >$T/trace

if [ -w /sys/devices/system/cpu/cpu1/online ]; then
	# 40 works of 100 ms, three at a time, while their CPU goes and comes.
	(run edu spread 40 100 3 1) &
	sleep 0.5
	check "their CPU goes" sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
	is "its pools are without a CPU" 2 "$(grep -c '^pool .*cpu 1 (offline)' $D/wq)"
	sleep 0.3
	check "and comes back" sh -c 'echo 1 >/sys/devices/system/cpu/cpu1/online'
	wait
	is "no work was lost" 40 "$(value runs)"
	echo "# $(value elsewhere) of 40 ran on another CPU"
	check "afterwards works run on their CPU again" run edu spread 8 1 16 1
	is "all of them" "8 0" "$(value runs) $(value elsewhere)"
	check "and it is known when they block" run edu sleepers 6 200 16 1
	is "all sleep at the same time" 6 "$(value most)"
	is "nobody is counted any more" 0 "$(field 'cpu 1, ' running)"
else
	skip "CPU hotplug" "one processor"
fi
is "no function leaked its preempt_count" 0 "$(counter . leaks)"
check "irqdemo unloads" rmmod irqdemo
is "with all its threads" 0 "$(cat /proc/[0-9]*/comm | grep -c '^eduwq')"
finish
