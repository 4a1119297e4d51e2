#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Restarted system calls and parked tasks: the kernel book's table (5.7), and
# what each state of a sleeping task heeds.
. /edu/tests/tap.sh

dev=/dev/lpchar0
check "lpchar loads" load lpchar io=0
# code, then the result for: stopped and continued, handler, SA_RESTART
while read -r name code stop handler sa_restart; do
	for how in "default:$stop" "handler:$handler" "sa_restart:$sa_restart"; do
		is "$name, ${how%:*}" "${how#*:}" \
			"$(lpchar-io $dev restart "$code" "${how%:*}" | tr ' ' _)"
	done
done <<'TABLE'
EINTR 4 EINTR_starts_1 EINTR_starts_1 EINTR_starts_1
ERESTARTSYS 512 0_starts_2 EINTR_starts_1 0_starts_2
ERESTARTNOINTR 513 0_starts_2 0_starts_2 0_starts_2
ERESTARTNOHAND 514 0_starts_2 EINTR_starts_1 EINTR_starts_1
ERESTART_RESTARTBLOCK 516 0_starts_2 EINTR_starts_1 EINTR_starts_1
TABLE
is "what each state heeds" "$(cat <<'WANT'
interruptible S USR1 woken EINTR
interruptible S KILL woken killed
uninterruptible D USR1 sleeps 0
uninterruptible D KILL sleeps killed
killable D USR1 sleeps 0
killable D KILL woken killed
WANT
)" "$(lpchar-io $dev parked)"
lpchar-io $dev park 2 3000 >/tmp/parked &
shown() { grep -q 'lpchar-io killable' /sys/kernel/debug/lpchar/0/parked; }
until shown || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
check "debugfs shows who is parked" shown
wait
is "until the time is over" ETIME "$(cat /tmp/parked)"
is "no longer than a minute" EINVAL "$(lpchar-io $dev park 1 60001)"
is "no such state" EINVAL "$(lpchar-io $dev park 3 100)"
# Tasks that may come back by their restart_block pin the module for a moment.
tries=0
until rmmod lpchar 2>/dev/null || [ $((++tries)) -gt 10 ]; do sleep 0.3; done
refuse "lpchar unloads when none is left" test -e /sys/module/lpchar
finish
