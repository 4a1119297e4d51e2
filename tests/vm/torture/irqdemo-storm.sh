#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A level line that nobody serves: the kernel turns it off, and it can be had
# again. The kernel reports this on its console ("nobody cared"), so tools/vm/run
# ends with 125 although all is as it should be: run it by hand,
#   tools/vm/run -- /edu/tests/torture/irqdemo-storm.sh
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
ctl() { echo "$*" >$D/ctl; }
field() { awk -v w="$2" '{ for (i = 1; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' "$D/line/$1"; }

check "irqdemo loads" load irqdemo
dmesg -C
ctl attach 1 hard
ctl mute 1 1
ctl raise 1 1 1
for _ in $(seq 100); do dmesg | grep -q 'Disabling IRQ' && break; sleep 0.2; done
check "the kernel says that nobody cared" sh -c "dmesg | grep -q 'irq $(field 1 irq): nobody cared'"
check "and turned the line off" grep -q disabled $D/line/1
called=$(field 1 called)
is "after 100000 calls" 100000 "$called"
sleep 0.5
is "it is quiet now" "$called" "$(field 1 called)"
ctl mute 1 0
ctl detach 1
ctl attach 1 hard
sleep 0.2
is "requested again, the interrupt that waited is served" 1 "$(field 1 handled)"
check "and it works" ctl pulse 1 100
ctl detach 1
check "irqdemo unloads" rmmod irqdemo
finish
