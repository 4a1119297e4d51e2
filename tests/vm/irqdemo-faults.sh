#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What irqdemo does when the kernel refuses it an interrupt, or memory for a
# worker: by fail_function, where the kernel has it.
. /edu/tests/tap.sh

F=/sys/kernel/debug/fail_function
D=/sys/kernel/debug/irqdemo
B=$D/bench/wq

if [ ! -e $F/inject ]; then
	skip "a refused interrupt, no memory for workers" "this kernel has no fail_function"
	finish
fi
# fails FUNCTION RETVAL: from now on, always.
fails() {
	echo N >$F/task-filter
	echo 100 >$F/probability
	echo -1 >$F/times
	echo 0 >$F/verbose
	echo "$1" >$F/inject && echo "$2" >"$F/$1/retval"
}
works() { echo >$F/inject; }
said() { (echo "$*" >$D/ctl) 2>&1 | sed -n 's/.*error: //p'; }
threads() { cat /proc/[0-9]*/comm | grep -c "^$1"; }
value() { awk -v w="$1" '$1 == w { print $2 }' $B; }

load irqdemo pci=0
kinds=$(awk '{ print $2 }' $D/bench/irq)
before=$(threads irqdemo)
check "request_irq shall fail with EBUSY" fails line_request 0xfffffffffffffff0
failed=''
for kind in $kinds; do
	[ "$(said attach 0 "$kind")" = "Device or resource busy" ] || failed+=" $kind"
done
is "every bottom half is refused with that" "" "$failed"
is "the line is free, and nobody is left who waited for it" "free $before" \
	"$(awk 'NR == 1 { print $NF }' $D/line/0) $(threads irqdemo)"
works
failed=''
for kind in $kinds; do
	said="$(said attach 0 "$kind")"
	[ "$kind" = poller ] || said+=$(said pulse 0 5)
	said+=$(said detach 0)
	[ -z "$said" ] || failed+=" $kind: $said"
done
is "afterwards each is attached, runs and goes" "" "$failed"

check "there shall be no memory for workers" fails edu_worker_alloc 0
check "6 works that sleep, on a queue with a rescuer" sh -c "echo side=edu test=rescue n=6 ms=50 max=16 cpu=0 >$B"
is "all ran" 6 "$(value runs)"
check "most of them in the rescuer ($(value rescued))" test "$(value rescued)" -ge 3
refuse "a pool that has no first worker" sh -c "echo side=edu test=attrs n=8 ms=0 max=16 cpu=0 >$B"
works
check "afterwards it has one" sh -c "echo side=edu test=attrs n=8 ms=0 max=16 cpu=0 >$B"
check "irqdemo unloads" rmmod irqdemo
is "with all its threads" 0 "$(threads eduwq)"
finish
