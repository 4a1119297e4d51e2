#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lpchar on its simulated printer: every fault, every way to wait, and what
# comes out is what went in, by gzip's CRC.
. /edu/tests/tap.sh

debug=/sys/kernel/debug/lpchar
dev=/dev/lpchar0
sim() { echo "$*" >$debug/0/sim; }
of() { awk -v k="$1" '$1 == k { print $2 }' "$debug/0/$2"; }
crc() { # the CRC-32 of stdin, as gzip states it
	gzip -1c | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' '
}
fresh() {
	rmmod lpchar 2>/dev/null
	load lpchar io=0 "$@"
}

check "lpchar loads with a simulated printer" fresh sim=2
is "udev and devtmpfs have both" 2 "$(find /dev -name "lpchar?" | wc -l)"
check "/proc/devices has its major" grep -q ' lpchar$' /proc/devices
is "/sys/dev/char leads to it" lpchar0 "$(basename "$(readlink "/sys/dev/char/$(cat /sys/class/lpchar/lpchar0/dev)")")"
IFS=: read -r major minor </sys/class/lpchar/lpchar0/dev
mknod /tmp/by-hand c "$major" "$minor"
is "mknod's own node works" 3 "$(lpchar-io /tmp/by-hand write abc)"
check "it is printed" lpchar-io $dev fsync
is "the paper has it" abc "$(cat $debug/0/paper)"

# Every way to push, odd sizes, interrupted; one program counts what it sent.
for push in handler bh work thread poll; do
	check "push=$push: loads" fresh push=$push
	sim byte_ns 1000
	sim ack_ns 500
	rm -f /tmp/sent
	for nr in 1 2 4095 4096 4097; do
		lpchar-io $dev send /tmp/sent $nr >/dev/null 2>&1
	done
	is "push=$push: with signals" "sent 20011" "$(lpchar-io $dev signals /tmp/sent 20011 2>/dev/null)"
	lpchar-io $dev fsync >/dev/null
	is "push=$push: what is printed is what was sent" \
		"$(stat -c %s /tmp/sent) $(crc </tmp/sent)" "$(of printed sim) $(of crc32 sim)"
	is "push=$push: no byte was strobed too soon" 0 "$(of lost sim)"
done

check "loads" fresh ring=4
sim byte_ns 5000
rm -f /tmp/sent
is "nonblocking, by poll and epoll" "sent 20000" "$(lpchar-io $dev nonblock /tmp/sent 20000 2>/dev/null)"
is "all of it printed" "$(crc </tmp/sent)" "$(of crc32 sim)"
is "SIGIO comes with room" came "$(lpchar-io $dev sigio)"
lpchar-io $dev fsync >/dev/null
is "two writers" written "$(lpchar-io $dev two)"
is "whole blocks of each" "30 30" "$(tail -c 60000 $debug/0/paper | fold -w 1000 |
	awk '/^A+$/ { a++ } /^B+$/ { b++ } END { print a, b }')"

# What a printer can have.
for fault in paper:ENOSPC offline:EIO error:EIO; do
	sim fault "${fault%:*}"
	is "${fault%:*}: nonblocking write" "${fault#*:}" "$(lpchar-io $dev write x nonblock)"
	lpchar-io $dev set abort 1 >/dev/null
	is "${fault%:*}: write under LPABORT" "${fault#*:}" "$(lpchar-io $dev write x)"
	lpchar-io $dev set abort 0 >/dev/null
	lpchar-io $dev set abortopen 1 >/dev/null
	is "${fault%:*}: open under LPABORTOPEN" "${fault#*:}" "$(lpchar-io $dev open)"
	is "${fault%:*}: but not with O_NONBLOCK" 0 "$(lpchar-io $dev set abortopen 0)"
	lpchar-io $dev write hello >/tmp/blocked &
	sleep 0.3
	is "${fault%:*}: a blocking write waits" "" "$(cat /tmp/blocked)"
	is "${fault%:*}: a second open" EBUSY "$(lpchar-io $dev open)"
	refuse "${fault%:*}: rmmod while a writer is blocked" rmmod lpchar
	sim fault none
	wait
	is "${fault%:*}: and goes on when it is over" 5 "$(cat /tmp/blocked)"
done
check "drained" lpchar-io $dev fsync
sim fault busy
is "busy for ever: a nonblocking write fills the ring" 4096 \
	"$(lpchar-io $dev write "$(head -c 5000 /dev/zero | tr '\0' x)" nonblock)"
is "and the next has no room" EAGAIN "$(lpchar-io $dev write x nonblock)"
is "an interrupted write with no byte" EINTR "$(lpchar-io $dev big 1000)"
is "a read that may not wait does not wait for a writer" EAGAIN "$(lpchar-io $dev behind)"
sim fault none
check "drained" lpchar-io $dev fsync
is "an interrupted long write returns its part" 1 \
	"$(sim byte_ns 1000000; lpchar-io $dev big 100000 | awk '{ print ($1 >= 4096 && $1 < 10000) }')"
sim byte_ns 1000
check "drained" lpchar-io $dev fsync

# LPABORT: what is not printed is not reported as written.
before=$(of printed sim)
lpchar-io $dev set abort 1 >/dev/null
sim byte_ns 500000
lpchar-io $dev write "$(head -c 4000 /dev/zero | tr '\0' y)" >/tmp/part &
until [ "$(of printed sim)" -gt "$before" ]; do sleep 0.05; done
sim fault paper
wait
sim fault none
is "out of paper in the middle, under LPABORT" "$(($(of printed sim) - before))" "$(cat /tmp/part)"
lpchar-io $dev set abort 0 >/dev/null
sim byte_ns 20000

# Acknowledges that do not come.
event=/sys/kernel/tracing/events/lpchar/lpchar_timeout
before=$(of lost_irqs stats)
echo 1 >$event/enable
sim byte_ns 300000
sim noack 5
lpchar-io $dev send /tmp/x 100 >/dev/null 2>&1
sim byte_ns 1000
is "dropped acknowledges are noticed" 0 "$(of noack sim)"
echo 0 >$event/enable
check "by the timer" test "$(of lost_irqs stats)" -gt "$before"
check "event lpchar_timeout" grep -q 'lpchar_timeout: port=0 .*' /sys/kernel/tracing/trace
is "and nothing is lost" 0 "$(of lost sim)"

# The way back.
sim reverse PRINTER
is "status read back in nibbles" PRINTER "$(lpchar-io $dev read 100)"
is "nothing to read" EAGAIN "$(lpchar-io $dev read 100 nonblock)"
lpchar-io $dev read 100 >/tmp/read &
sleep 0.2
sim reverse late
wait
is "a blocked read gets what comes later" late "$(cat /tmp/read)"

check "what may be seen" grep -q '^ nSTROBE .*#_#' $debug/0/handshake
is "the trace by ioctl" "version 1 d5a,0c c5a,0d c5a,0c EINVAL 0" "$(lpchar-io $dev trace | sed 's/d5a,1c/d5a,0c/')"
is "the page of counters" "writable EPERM two EINVAL offset EINVAL version 1 counts 1 faults 1 version 1 counts 1 faults 2 mprotect EACCES written 5 version 1" \
	"$(lpchar-io $dev page | xargs)"
head -c 30000 /edu/modules/lpchar.ko >/tmp/file
before=$(of printed sim)
is "splice" "spliced 30000" "$(lpchar-io $dev splice /tmp/file)"
is "splice: printed" "$(crc </tmp/file)" "$(tail -c 30000 $debug/0/paper | crc)"

is "bad pointers get EFAULT, random ioctls EINVAL or EFAULT, and nothing changes" "done" \
	"$(lpchar-fuzz $dev 20000 1 2>/dev/null)"

# The fuzz has left all kinds of settings.
check "loads" fresh ring=4

# Unplug: under a blocked writer, and under an open file.
sim fault busy
lpchar-io $dev big 100000 >/tmp/blocked &
sleep 0.1
echo "unplug 0" >$debug/control
wait
is "unplugged: the writer's part, or none" 1 "$(awk '{ print ($1 == 4096 || $1 == "ENODEV") }' /tmp/blocked)"
refuse "unplugged: the node is gone" test -e $dev
echo plug >$debug/control
check "plugged again" test -e $dev
is "an open file of a port that went" "write ENODEV ioctl ENODEV poll 0x18" \
	"$(lpchar-io $dev hold "echo unplug 0 >$debug/control")"
echo plug >$debug/control
i=0
while [ $i -lt 7 ]; do echo plug >$debug/control && i=$((i + 1)); done 2>/dev/null
refuse "a ninth port" bash -c "echo plug >$debug/control"

params=/sys/module/lpchar/parameters
for wrong in burst:0 burst:4294967295 spin:0 spin:1001 strobe_ns:50001; do
	refuse "${wrong%:*} of ${wrong#*:}" bash -c "echo ${wrong#*:} >$params/${wrong%:*}"
done
is "they stay as they were" "32 8 500" "$(cat $params/burst $params/spin $params/strobe_ns | xargs)"
check "lpchar unloads" rmmod lpchar
refuse "an unknown push=" load lpchar push=nobody
refuse "an odd ring=" load lpchar ring=5
finish
