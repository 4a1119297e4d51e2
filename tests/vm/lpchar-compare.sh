#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope compare lp: that it runs, what it leaves behind, and what does not
# depend on how busy the machine is. The figures are bench/lpchar.sh's.
. /edu/tests/tap.sh

if [ -e /sys/kernel/debug/kmemleak ]; then
	skip "eduscope compare lp" "the debug kernel is no place to measure"
	finish
fi
if ! modprobe parport_pc || ! modprobe lp || [ ! -e /dev/lp0 ]; then
	skip "eduscope compare lp" "no parport_pc, lp or port here"
	finish
fi
rmmod lp parport_pc
load lpchar
is "lpchar has the port before" isa "$(cat /sys/class/lpchar/lpchar0/backend)"
check "eduscope compare lp" env EDU_LP_KIB=8 eduscope compare lp --runs 5 --json=/tmp/lp.json
# METRIC KERNEL EDU, the medians
python3 - >/tmp/lp.medians <<'END'
import json
for line in open("/tmp/lp.json"):
    for m in json.loads(line)["metrics"]:
        print(m["name"], *m["median"])
END
is "all metrics of both sides" "rate byte cpu irqs wakeups" "$(awk 'NF == 3 { print $1 }' /tmp/lp.medians | xargs)"
check "lpchar takes an interrupt for a burst of bytes" awk '$1 == "irqs" { exit !($3 > 0.01 && $3 < 0.1) }' /tmp/lp.medians
is "lpchar has the port again" isa "$(cat /sys/class/lpchar/lpchar0/backend)"
lpchar-io /dev/lpchar0 hold "eduscope compare lp 2>/tmp/said" >/dev/null
check "in use, it says so" grep -q 'port is in use' /tmp/said
rmmod lpchar
finish
