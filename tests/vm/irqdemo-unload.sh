#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# irqdemo goes from every state that a line can be in, and not while it is used;
# and a probe of the edu device may fail at each of its allocations.
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
ctl() { echo "$*" >$D/ctl; } 2>/dev/null

check "irqdemo loads" load irqdemo
kinds=$(awk '{ print $2 }' $D/bench/irq)
failed=''
for kind in $kinds; do
	[ -d /sys/module/irqdemo ] || load irqdemo
	ctl attach 0 "$kind" && ctl raise 0 1 50
	[ ! -e $D/line/4 ] || { ctl attach 4 "$kind" && ctl raise 4 1 50; }
	rmmod irqdemo || failed+=" $kind"
done
is "unloads with every bottom half attached and raised" "" "$failed"
left() { grep -c irqdemo /proc/interrupts /proc/iomem | sed 's/.*://' | xargs; }
is "and leaves no interrupt and no region" "0 0" "$(left)"

state() { # WHAT COMMAND...: in this state it must unload
	local what=$1 command

	shift
	load irqdemo
	for command in "$@"; do ctl "$command" || not_ok "$command"; done
	check "unloads $what" rmmod irqdemo
}
state "disabled once" "attach 0 hard" "disable 0" "raise 0 1 5"
state "disabled three times" "attach 1 wq" "disable 1" "disable_nosync 1" "disable 1" "raise 1 1 5"
state "muted, edges unheard" "attach 0 hard" "mute 0 1" "raise 0 1 20"
state "with a thread that acknowledges late" "attach 1 thread late" "raise 1 1 1"
state "with both of a shared line" "attach 2 tasklet" "attach 3 wq" "raise 2 1 9" "raise 3 0x1000 9"
state "raised, and nobody attached" "raise 0 1 3" "raise 1 1 3"
if [ "$(nproc)" -gt 1 ]; then
	state "on another CPU" "attach 0 tasklet" "affinity 0 1" "raise 0 1 50"
fi

load irqdemo
exec 5</dev/irqdemo
refuse "not while a program has /dev/irqdemo open" rmmod irqdemo
exec 5<&-
(ctl attach 0 hard && ctl raise 0 1 2000000000) &
sleep 0.5
refuse "not while somebody raises" rmmod irqdemo
kill -INT $!
start=$SECONDS
pkill -INT -P $! 2>/dev/null
kill $!
wait $! 2>/dev/null
check "two thousand million raises can be interrupted" test $((SECONDS - start)) -lt 20
ctl detach 0
for _ in 1 2 3 4; do echo "interval_us=1000 blocked_us=1000000"; done >$D/bench/posix &
sleep 0.3
refuse "not while timers are measured" rmmod irqdemo
wait
check "unloads when all have left" rmmod irqdemo

if ! grep -qs 0x11e8 /sys/bus/pci/devices/*/device; then
	skip "a probe that fails" "no edu device"
	finish
fi
load irqdemo
slot=$(basename $D/pci/*)
drv=/sys/bus/pci/drivers/irqdemo
echo "$slot" >$drv/unbind
said=$(irqdemo-failnth write $drv/bind "$slot" $drv/unbind "$slot")
if [ $? -eq 77 ]; then
	skip "a probe that fails at each allocation" "this kernel injects no faults"
else
	echo "# probe: $said"
	check "the probe survives or refuses each allocation's failure" \
		grep -qE '^allocations [1-9][0-9]* refused [1-9][0-9]* survived [0-9]+ done 1$' <<<"$said"
fi
is "unbound, nothing is left" "0 0" "$(left)"
check "and it binds" sh -c "echo $slot >$drv/bind"
check "its line works" sh -c "echo 'attach 4 hard' >$D/ctl && echo 'pulse 4 100' >$D/ctl"
# The device is taken away in the middle of a transfer of 100 ms.
head -c 4000 /dev/zero | dd of="$D/pci/$slot/dma" bs=4000 2>/dev/null &
sleep 0.05
check "unbind during DMA" sh -c "echo $slot >$drv/unbind"
wait
check "unloads" rmmod irqdemo
finish
