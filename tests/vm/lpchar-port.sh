#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lpchar on the machine's own port: what each side of the interrupt counted, and
# the trace events. tests/tools/port.sh compares the bytes at the other end.
. /edu/tests/tap.sh

trace=/sys/kernel/tracing
debug=/sys/kernel/debug/lpchar/0
of() { awk -v k="$1" '$1 == k { print $2 }' $debug/stats; }
rmmod lp parport_pc 2>/dev/null
if ! load lpchar sim=0 2>/dev/null; then
	skip "the real port" "this machine has none"
	finish
fi
interrupts() { awk '/lpchar/ { s = 0; for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) s += $i; print s }' /proc/interrupts; }
for event in strobe ack irq wake ioctl; do
	echo 1 >$trace/events/lpchar/lpchar_$event/enable
done
lpchar-io /dev/lpchar0 write 'forty bytes, to be seen in three events..' >/dev/null
lpchar-io /dev/lpchar0 set careful 0 >/dev/null
cat $trace/trace >/tmp/trace
echo 0 >$trace/events/lpchar/enable
for event in strobe ack irq wake ioctl; do
	check "event lpchar_$event" grep -q "lpchar_$event: port=0" /tmp/trace
done
is "a strobe for each byte" 41 "$(grep -c lpchar_strobe: /tmp/trace)"
is "the bytes in the events" "66 6f 72 74 79" \
	"$(sed -n 's/.*byte=0x\(..\).*/\1/p' /tmp/trace | head -n 5 | xargs)"

for push in handler bh work thread; do
	echo $push >/sys/class/lpchar/lpchar0/push
	irqs=$(interrupts) ours=$(of irqs) foreign=$(of foreign_irqs)
	strobed=$(of strobed)
	lpchar-io /dev/lpchar0 send /tmp/sent 20000 >/dev/null 2>&1
	is "$push: each byte strobed once" 20000 "$(($(of strobed) - strobed))"
	is "$push: /proc/interrupts and the counters agree" "$(($(interrupts) - irqs))" \
		"$(($(of irqs) - ours + $(of foreign_irqs) - foreign))"
done
echo handler >/sys/class/lpchar/lpchar0/push
echo 1 >/sys/module/lpchar/parameters/burst
irqs=$(interrupts)
lpchar-io /dev/lpchar0 send /tmp/sent 5000 >/dev/null 2>&1
check "burst=1: an interrupt for (almost) every byte" test $(($(interrupts) - irqs)) -ge 4900
echo 32 >/sys/module/lpchar/parameters/burst
# QEMU's port knows no IEEE 1284: a read is refused as lp refuses it.
is "no way back from this printer" EIO "$(lpchar-io /dev/lpchar0 read 10)"
# Nothing but the three registers and the line is claimed, and all is given back.
check "/proc/ioports names it" grep -q '0378-037a : lpchar' /proc/ioports
check "lpchar unloads" rmmod lpchar
refuse "the registers are free" grep -q lpchar /proc/ioports
refuse "the line is free" grep -q lpchar /proc/interrupts
finish
