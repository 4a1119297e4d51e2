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
# The result, in an array: to fork for each of its lines takes long.
declare -A r
result() {
	local word value rest

	r=()
	while read -r word value rest; do r[$word]=$value; done <$B
}
wait_value() { awk -v w="$1" '$1 == w { print $2 }' $W; }
holds() { (($1)); }

check "irqdemo loads" load irqdemo pci=0
if [ "$CPUS" -gt 1 ]; then
	run edu none $((2 * CPUS)) 500 20000
	result
	check "without a lock it is seen: ${r[torn]} torn, ${r[lost]} lost" \
		holds "${r[torn]} > 0 && ${r[lost]} > 0"
else
	skip "what happens without a lock" "one processor"
fi
for lock in ticket mcs qspin rwlock seqlock sema mutex rwsem ww wd; do
	for side in kernel edu; do
		check "$side $lock: contest" run $side $lock $((2 * CPUS)) 300 500
		result
		is "$side $lock: nothing torn, nothing lost" "0 0" "${r[torn]} ${r[lost]}"
		echo "# $side $lock: ${r[op]} ns, shares ${r[share_min]} to ${r[share_max]}"
		said='#'
		for w in acquired contended pending queued spun slept handed retries backed_off wounded; do
			[ "${r[$w]:-0}" = 0 ] || said+=" $w ${r[$w]}"
		done
		[ "$said" = '#' ] || echo "$said"
	done
	check "edu $lock: there was a contest" holds "${r[acquired]} > 0 && ${r[contended]} + ${r[retries]} > 0 || $CPUS == 1"
	case $lock in
	qspin)
		check "edu qspin: the pending bit and the queue were used" \
			holds "${r[pending]} + ${r[queued]} > 0 || $CPUS == 1"
		;;
	mutex)
		check "edu mutex: some spun, some slept" holds "${r[spun]} + ${r[slept]} > 0"
		;;
	esac
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
