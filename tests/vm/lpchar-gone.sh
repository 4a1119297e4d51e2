#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unload and unplug while programs wait in every call that can wait: an unload
# is refused, a signal or an unplug ends each call, and then the module goes.
. /edu/tests/tap.sh

debug=/sys/kernel/debug/lpchar
dev=/dev/lpchar0
waiting="write:waits read:waits fsync:waits poll:waits epoll:waits park:waits sigio:waits page:1"
# The ring is full from the run before.
caught="write:EINTR read:EINTR fsync:EINTR poll:EINTR epoll:EINTR park:waits sigio:0 page:1"
# The writer has handed over what the ring took; the reader waits for its mutex.
ended="write:part read:ENODEV fsync:ENODEV poll:ENODEV epoll:ENODEV park:ENODEV sigio:ENODEV page:1"

for push in handler bh work thread poll; do
	check "push=$push: loads" load lpchar io=0 sim=2 push=$push ring=4
	echo "fault busy" >$debug/0/sim
	[ $push = poll ] && ended=${ended/write:part/write:ENODEV} # it waits with no byte taken
	is "push=$push: unload is refused, nobody is disturbed" "command 1 $waiting" \
		"$(lpchar-gone $dev 'rmmod lpchar 2>/dev/null')"
	is "push=$push: a signal ends each call, but not an uninterruptible sleep" "command 1 $caught" \
		"$(lpchar-gone $dev signal)"
	echo "fault none" >$debug/0/sim
	lpchar-io $dev fsync >/dev/null
	echo "fault busy" >$debug/0/sim
	is "push=$push: unplugged, each call ends" "command 0 $ended" \
		"$(lpchar-gone $dev "echo unplug 0 >$debug/control")"
	check "push=$push: the other port goes on" lpchar-io /dev/lpchar1 write x
	lpchar-io /dev/lpchar1 fsync >/dev/null
	check "push=$push: lpchar unloads" rmmod lpchar
done

# Ports come and go under programs that open, write and leave.
check "loads" load lpchar io=0
lpchar-io $dev storm 4 3 >/tmp/storm &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	echo "unplug 0" >$debug/control
	echo plug >$debug/control
done 2>/dev/null
wait
check "15 unplugs under a storm of opens" grep -q '^opens' /tmp/storm
echo "# $(cat /tmp/storm)"
lpchar-io $dev storm 2 4 >/tmp/storm &
unloads=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	rmmod lpchar 2>/dev/null && unloads=$((unloads + 1)) && load lpchar io=0
done
wait
echo "# $unloads unloads; $(cat /tmp/storm)"
[ -d /sys/module/lpchar ] || load lpchar io=0
check "after all that it prints" lpchar-io $dev write x
lpchar-io $dev fsync >/dev/null
is "the byte" x "$(tail -c 1 $debug/0/paper)"
check "lpchar unloads" rmmod lpchar
finish
