#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every lock under threads that want it, beside the kernel's own: nobody is
# inside beside a writer, no write is lost. Without a lock both are seen. The
# shares are printed, not judged: the processors are the host's to share. Who
# comes after whom is what the suite irqdemo_lock_order says.
. /edu/tests/tap.sh

B=/sys/kernel/debug/irqdemo/bench/lock
W=/sys/kernel/debug/irqdemo/bench/wait
CPUS=$(getconf _NPROCESSORS_ONLN)
# run SIDE LOCK THREADS MS HOLD
run() { echo "side=$1 lock=$2 threads=$3 ms=$4 hold=$5" >$B; }
value() { awk -v w="$1" '$1 == w { print $2 }' $B; }
wait_value() { awk -v w="$1" '$1 == w { print $2 }' $W; }
holds() { awk "BEGIN { exit !($1) }"; }

check "irqdemo loads" load irqdemo pci=0
if [ "$CPUS" -gt 1 ]; then
	run edu none $((2 * CPUS)) 500 20000
	check "without a lock it is seen: $(value torn) torn, $(value lost) lost" \
		holds "$(value torn) > 0 && $(value lost) > 0"
else
	skip "what happens without a lock" "one processor"
fi
for lock in ticket mcs qspin rwlock seqlock sema mutex rwsem ww wd; do
	for side in kernel edu; do
		check "$side $lock: contest" run $side $lock $((2 * CPUS)) 300 500
		is "$side $lock: nothing torn, nothing lost" "0 0" "$(value torn) $(value lost)"
		echo "# $side $lock: $(value op) ns, shares $(value share_min) to $(value share_max)"
		awk 'NR > 8 && $2 { printf "%s%s %s", n++ ? ", " : "# ", $1, $2 } END { if (n) print "" }' $B
	done
	check "edu $lock: there was a contest" holds "$(value acquired) > 0 && $(value contended) + $(value retries) > 0 || $CPUS == 1"
	case $lock in
	qspin)
		check "edu qspin: the pending bit and the queue were used" \
			holds "$(value pending) + $(value queued) > 0 || $CPUS == 1"
		;;
	mutex)
		check "edu mutex: some spun, some slept" holds "$(value spun) + $(value slept) > 0"
		;;
	esac
done
for lock in ticket mcs qspin mutex ww; do
	run kernel $lock 1 200 0
	k=$(value op)
	run edu $lock 1 200 0
	echo "# $lock, one thread: kernel $k ns, edu $(value op) ns"
done
refuse "no such lock" run edu nonsense 1 1 0
refuse "no threads" run edu mutex 0 1 0

for t in herd exclusive woken completion; do
	check "wait queue, $t: 200 items, 16 threads" sh -c "echo test=$t threads=16 rounds=200 >$W"
	is "$t: each is taken once" "200 200" "$(wait_value items) $(wait_value taken)"
	echo "# $t: $(wait_value wakeups) wake-ups for 200 items"
	case $t in
	herd) check "a herd comes" holds "$(wait_value wakeups) > 800" ;;
	*) check "$t: one comes" holds "$(wait_value wakeups) <= 400" ;;
	esac
done
check "irqdemo unloads" rmmod irqdemo
finish
