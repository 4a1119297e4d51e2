#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A million interrupts on each line, none lost: what the device was told to
# raise, what the handler took and what /proc/interrupts says agree.
. /edu/tests/tap.sh

D=/sys/kernel/debug/irqdemo
count=${1:-1000000}
ctl() { echo "$*" >$D/ctl; }
field() { awk -v w="$2" '{ for (i = 1; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' "$D/line/$1"; }
proc() { awk -v n="$1" '$NF == n { s = 0; for (i = 2; $i ~ /^[0-9]+$/; i++) s += $i; print s }' /proc/interrupts; }

check "irqdemo loads" load irqdemo
for path in "$D"/line/[014]; do
	line=${path##*/} name=$(awk 'NR == 1 { print $3 }' "$path")
	ctl attach "$line" hard
	start=$SECONDS before=$(proc "$name")
	check "$name: $count pulses" ctl pulse "$line" "$count"
	echo "# $((SECONDS - start)) s"
	is "$name: raised, handled, /proc/interrupts" "$count $count $count" \
		"$(field "$line" raised) $(field "$line" handled) $(($(proc "$name") - before))"
	ctl detach "$line"
done
check "irqdemo unloads" rmmod irqdemo
finish
