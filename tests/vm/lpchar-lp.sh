#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lpchar against the kernel's lp on the same port: every ioctl and errno, with
# good and bad arguments, tunelp's requests, and both by 32-bit system calls.
# Both sides run the same programs.
. /edu/tests/tap.sh

if ! modprobe parport_pc || ! modprobe lp || [ ! -e /dev/lp0 ]; then
	skip "the kernel's lp on this port" "no parport_pc, lp or port here"
	finish
fi
lpchar-io /dev/lp0 errnos >/tmp/kernel 2>/tmp/kernel.err
is "the program runs on lp" "" "$(cat /tmp/kernel.err)"
lpchar-tunelp /dev/lp0 >/tmp/kernel.tunelp
check "tunelp's requests on lp" grep -q '^-q on 0x7' /tmp/kernel.tunelp
lpchar-tunelp /dev/lp0 32 >/tmp/kernel.32
check "beside parport_pc, lpchar has no real port" load lpchar
is "and simulates one" sim "$(cat /sys/class/lpchar/lpchar0/backend)"
check "it says who holds the port" grep -q "another driver holds port 0x378" <(dmesg)
rmmod lpchar
refuse "asked for the real port only, it does not load" load lpchar sim=0
rmmod lp
modprobe -r ppdev 2>/dev/null
rmmod parport_pc
check "with parport_pc gone, lpchar loads" load lpchar
is "on the real port" isa "$(cat /sys/class/lpchar/lpchar0/backend)"
lpchar-io /dev/lpchar0 errnos >/tmp/edu 2>/tmp/edu.err
is "the program runs on lpchar" "" "$(cat /tmp/edu.err)"
is "same results and errnos as lp" "" "$(diff /tmp/kernel /tmp/edu)"
echo "# $(wc -l </tmp/edu) results compared"
is "tunelp's requests: the same answers" "" "$(lpchar-tunelp /dev/lpchar0 | diff /tmp/kernel.tunelp -)"
if grep -q 'no 32-bit' /tmp/kernel.32; then
	skip "32-bit system calls: the same answers" "this kernel has none"
else
	is "32-bit system calls: the same answers" "" "$(lpchar-tunelp /dev/lpchar0 32 | diff /tmp/kernel.32 -)"
	refuse "which are not those of 64 bits" cmp /tmp/kernel.tunelp /tmp/kernel.32
fi
echo "# twice $(wc -l </tmp/kernel.tunelp) answers compared"
echo poll >/sys/class/lpchar/lpchar0/push
lpchar-io /dev/lpchar0 errnos >/tmp/edu 2>/dev/null
is "the same when polled" "" "$(diff /tmp/kernel /tmp/edu)"
check "lpchar unloads" rmmod lpchar
check "and parport_pc finds the port again" modprobe parport_pc
modprobe -r lp parport_pc 2>/dev/null
rmmod lp parport_pc 2>/dev/null
finish
