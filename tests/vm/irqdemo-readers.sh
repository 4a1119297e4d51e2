#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# User space as a bottom half (read, poll, epoll, eventfd), a reader that is too
# slow, the promises of the kernel's bottom halves, and POSIX timers' overrun
# beside the kernel's.
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
ctl() { echo "$*" >$D/ctl; } 2>/dev/null
word() { awk -v w="$2" '$1 == w { print $2; exit }' <<<"$1"; }

check "irqdemo loads" load irqdemo
lines="0 1"
[ ! -e $D/line/4 ] || lines+=" 4"
for line in $lines; do
	ctl attach "$line" poller
	for way in read poll epoll eventfd; do
		check "line $line: $way hears 100 of 100" irqdemo-latency $way "$line" 100
	done
	ctl detach "$line"
done

# A queue has 256 places: of more it keeps the oldest, and the next says how many
# were lost. Edges that meet are one, so the handler's count is what was sent.
exec 5</dev/irqdemo 6</dev/irqdemo
ctl attach 0 poller
ctl reset 0
for ((n = 0; n < 300; n++)); do ctl raise 0 1 1; done
while handled=$(awk '{ for (i = 1; i < NF; i++) if ($i == "handled") { print $(i + 1); exit } }' $D/line/0); [ "$handled" -lt 300 ]; do
	ctl raise 0 1 1
	sleep 0.01
done
events() { dd bs=24 count="$2" iflag=nonblock <&"$1" 2>/dev/null | od -An -v -tu4 -w24 | awk '{ n++; lost += $6 } END { print n + 0, lost + 0 }'; }
is "a full queue keeps 256" "256 0" "$(events 5 256)"
ctl raise 0 1 1
is "and the next event says how many were lost" "1 $((handled - 256))" "$(events 5 1)"
is "another reader has its own queue" "256 0" "$(events 6 256)"
exec 5<&- 6<&-
ctl detach 0

cat $D/rules >/tmp/rules
while read -r name kept rest; do
	is "rule $name: $rest" kept: "$kept"
done </tmp/rules
is "13 rules" 13 "$(wc -l </tmp/rules)"

# One signal however late it is taken; the overrun is the periods that passed.
for interval in 20000 3000 500; do
	echo "interval_us=$interval blocked_us=205000" >$D/bench/posix
	for side in kernel edu; do
		if [ $side = edu ]; then said=$(cat $D/bench/posix); else said=$(irqdemo-posix $interval 205000); fi
		echo "# $side, $interval us: $(xargs <<<"$said")"
		is "$side: one signal" 1 "$(word "$said" signals)"
		# The kernel counts the periods between two looks at the clock, edu at one.
		check "$side, $interval us: the overrun is what passed" awk -v from="$(word "$said" since)" \
			-v to="$(word "$said" elapsed)" -v o="$(word "$said" overrun)" -v ns="${interval}000" \
			'BEGIN { exit !(o >= int((from ? from : to) / ns) && o <= int(to / ns)) }'
	done
	is "$interval us: the tree was asked once" 1 "$(word "$said" expired)"
done
refuse "too short an interval" sh -c "echo interval_us=10 blocked_us=1000 >$D/bench/posix"
check "irqdemo unloads" rmmod irqdemo
finish
