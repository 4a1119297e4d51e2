#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# irqdemo's lines against /proc/interrupts, /proc/irq and ps: every bottom
# half's context, none lost, control, sharing, the edu device.
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
ctl() { echo "$*" >$D/ctl; } 2>/dev/null
# field FILE WORD: the word that follows WORD there.
field() { awk -v w="$2" '{ for (i = 1; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' "$D/line/$1"; }
# fact KIND WORD LINE: the same, of one bottom half.
fact() { awk -v k="$1" -v w="$2" '$1 == "bottom" && $2 == k { for (i = 3; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' "$D/line/$3"; }
proc() { awk -v n="$1" '$NF == n { s = 0; for (i = 2; $i ~ /^[0-9]+$/; i++) s += $i; print s }' /proc/interrupts; }

check "irqdemo loads" load irqdemo
has_edu=$(test -e $D/line/4 && echo 1)

# Every bottom half, its context, on a line in software and on the device.
lines="0${has_edu:+ 4}"
kinds=$(awk '$2 != "poller" { print $2 }' $D/bench/irq)
for line in $lines; do
	failed=''
	for kind in $kinds; do
		ctl attach "$line" "$kind" && ctl pulse "$line" 50 && ctl detach "$line" &&
			[ "$(fact "$kind" ran "$line")" = 50 ] || failed+=" $kind"
	done
	is "line $line: 50 pulses reach every bottom half" "" "$failed"
	context=$(awk '$1 == "bottom" {
		for (i = 3; i < NF; i++) f[$i] = $(i + 1)
		# a hard interrupt may have come upon a softirq
		print $2, f["hardirq"] (f["hardirq"] ? "-" : f["softirq"]) f["may_sleep"] }' "$D/line/$line" | sort | xargs)
	want=$(sort <<-END | xargs
		hard 1-0
		irq_work 1-0
		hrtimer 1-0
		edu_hrtimer 1-0
		tasklet 010
		tasklet_hi 010
		bh_wq 010
		bh_wq_hi 010
		irq_poll 010
		timer 010
		hrtimer_soft 010
		edu_timer 010
		thread 001
		wq 001
		wq_highpri 001
		wq_cpu_intensive 001
		wq_unbound 001
		completion 001
	END
	)
	is "line $line: hard, softirq, may sleep, of each" "$want" "$context"
	is "line $line: the thread is SCHED_FIFO 50" "1 50" \
		"$(fact thread policy "$line") $(fact thread prio "$line")"
	is "line $line: highpri work is in a kworker with H" 1 \
		"$(fact wq_highpri comm "$line" | grep -c '^kworker/.*H')"
done

# None lost: what the device was told, what the handler heard, the kernel's count.
# A debug kernel takes ten times as long.
many=100000
[ ! -e /sys/kernel/debug/kmemleak ] || many=10000
for line in $lines; do
	ctl reset "$line"
	name=$(awk 'NR == 1 { print $3 }' "$D/line/$line")
	ctl attach "$line" hard
	before=$(proc "$name")
	check "line $line: $many pulses" ctl pulse "$line" $many
	is "line $line: raised, handled and /proc/interrupts agree" "$many $many $many" \
		"$(field "$line" raised) $(field "$line" handled) $(($(proc "$name") - before))"
	is "line $line: none spurious" 0 "$(field "$line" spurious)"
	ctl detach "$line"
done

# Control: nesting, and an edge that comes meanwhile is not lost.
ctl reset 0
ctl attach 0 hard
ctl disable 0 && ctl disable_nosync 0
ctl raise 0 1 3
is "disabled twice: not called" 0 "$(field 0 called)"
ctl enable 0
is "enabled once: still not called" 0 "$(field 0 called)"
ctl enable 0
sleep 0.1
is "enabled twice: the three edges are taken as one" "3 1" "$(field 0 raised) $(field 0 handled)"
refuse "one enable too many" ctl enable 0
irq=$(field 0 irq)
check "its /proc/irq folder has its name" test -d "/proc/irq/$irq/irqdemo-edge"
if [ "$(nproc)" -gt 1 ]; then
	for cpu in 0 1; do
		echo $cpu >"/proc/irq/$irq/smp_affinity_list"
		ctl pulse 0 1
		is "affinity $cpu: it runs there" $cpu "$(fact hard cpu 0)"
	done
else
	skip "affinity" "one processor"
fi
# What request_irq refuses.
try() { (echo "$*" >$D/ctl) 2>&1 | sed -n 's/.*error: //p'; }
is "a second handler on a line that is not shared" "Device or resource busy" "$(try request 0 0)"
is "shared, when the first is not" "Device or resource busy" "$(try request 0 $((0x80)))"
is "no such line" "No such device or address" "$(try pulse 7 1)"
is "no such bottom half" "No such file or directory" "$(try attach 1 nonsense)"
ctl detach 0
check "a free line may be requested" ctl request 0 0

# Shared: both are asked, each takes its own; the other's are none of its.
ctl attach 2 hard && ctl attach 3 hard
ctl pulse 2 10
is "shared: the owner handles, the other declines" "10 10" "$(field 2 handled) $(field 3 spurious)"
is "shared: in the order of registration" "irqdemo-shared-a irqdemo-shared-b" \
	"$(awk '$1 == "irqaction" { print $2 }' $D/line/2 | xargs)"
ctl detach 2 && ctl pulse 3 5
is "shared: the other goes on alone" 5 "$(field 3 handled)"
ctl detach 3

# ONESHOT: the level line is masked until its thread has acknowledged.
ctl reset 1
ctl attach 1 thread late && ctl pulse 1 20
is "late: one call a pulse, none while the thread runs" "20 20 0" \
	"$(field 1 called) $(field 1 threaded) $(field 1 nested)"
ctl detach 1

if [ -n "$has_edu" ]; then
	dev=$(echo $D/pci/*)
	echo 10 >"$dev/factorial"
	is "the device's 10!" 3628800 "$(cat "$dev/factorial")"
	echo 12 >"$dev/factorial"
	is "the device's 12!" 479001600 "$(cat "$dev/factorial")"
	head -c 4095 /dev/urandom >/tmp/dma
	dd if=/tmp/dma of="$dev/dma" bs=4095 2>/dev/null
	check "4095 bytes by DMA to the device and back" cmp /tmp/dma "$dev/dma"
	dd if=/tmp/dma of="$dev/dma" bs=4095 2>/dev/null &
	for _ in 1 2 3 4 5 6 7 8; do
		sleep 0.02
		ctl raise 4 0x100 1
	done
	check "the bit that ends it, raised by hand meanwhile, does not" wait $!
	check "what came back is whole" cmp /tmp/dma "$dev/dma"
	head -c 4096 /dev/zero >/tmp/dma
	refuse "a range outside of the device" dd if=/tmp/dma of="$dev/dma" bs=4096
	ctl detach 4
	check "the walk shows the vector" grep -q 'message *write .* vector 0x' $D/line/4
	slot=${dev##*/}
	check "unbind while attached" sh -c "echo 'attach 4 timer' >$D/ctl && echo $slot >/sys/bus/pci/drivers/irqdemo/unbind"
	refuse "its line is gone" test -e $D/line/4
	check "bind again" sh -c "echo $slot >/sys/bus/pci/drivers/irqdemo/bind"
	check "its line is there" test -e $D/line/4
else
	skip "the edu device" "there is none"
fi

# Unload with a line attached, and edges on their way.
ctl attach 0 wq
ctl raise 0 1 100
check "irqdemo unloads with a line attached" rmmod irqdemo
if [ -n "$has_edu" ]; then
	check "with the device's pin" load irqdemo intx=1
	ctl attach 4 hard
	check "200 pulses by the pin" ctl pulse 4 200
	is "the pin's interrupts are handled" "200 intx" "$(field 4 handled) $(awk 'NR == 1 { print $4 }' $D/line/4)"
	rmmod irqdemo
fi
check "without the device" load irqdemo pci=0
refuse "no fifth line" test -e $D/line/4
check "irqdemo unloads" rmmod irqdemo
finish
