#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# slab_edu under stress: tasks on all CPUs, a timer's interrupt on top of them, shrinking and changes
# of the front in between, and a CPU that comes and goes; then with an arena
# that is too small, with every debug flag, and on a debug kernel with pages
# and sheaves refused. Each object is looked at before it is freed. What is
# compared with: the same on SLUB; tests/vm/torture has more of it.
. /edu/tests/tap.sh

n=${SLAB_STRESS_N:-4000}
d=/sys/kernel/debug/slab_edu
cpu1=/sys/devices/system/cpu/cpu1/online

# stress WHAT WORDS...: no object may be spoilt.
stress() {
	local what=$1

	shift
	if echo "test=stress rounds=1 cpus=4 $*" >$d/bench; then ok "$what"; else not_ok "$what"; fi
	grep -o 'side=[a-z]*\|refused=[0-9]*\|bad=[0-9]*' $d/bench | xargs echo '#'
}
errors() { cat $d/caches/*/errors | awk '{ n += $2 } END { print n }'; }
refused() { grep -o 'refused=[0-9]*' $d/bench | awk -F= '{ n += $2 } END { print (n > 0) }'; }

load slab_edu
stress "SLUB passes the test" side=kernel n="$n"
if [ -w "$cpu1" ]; then
	while [ -d $d ]; do
		echo 0 2>/dev/null >"$cpu1"
		echo 1 2>/dev/null >"$cpu1"
		sleep 0.1
	done &
	hotplug=$!
fi
for size in 16 256 4096; do
	stress "size $size on both fronts" side=edu,sheaf size=$size n="$n"
done
if [ -w "$cpu1" ]; then
	kill "$hotplug"
	wait "$hotplug" 2>/dev/null
	echo 1 >"$cpu1"
	ok "while CPU 1 went and came"
else
	skip "while CPU 1 went and came" "it cannot be taken offline"
fi
is "no misuse was seen" 0 "$(errors)"
inject=/sys/kernel/debug/fail_page_alloc
if [ -d $inject ]; then
	# Of order 4 and more: descriptors and blocks. And 512 bytes: sheaves.
	rmmod slab_edu
	load slab_edu
	echo 4 >$inject/min-order
	echo 1 >/sys/kernel/slab/kmalloc-512/failslab
	echo Y >/sys/kernel/debug/failslab/cache-filter
	for f in $inject /sys/kernel/debug/failslab; do
		echo N >"$f/ignore-gfp-wait"
		echo 0 >"$f/verbose"
		echo -1 >"$f/times"
	done
	echo 90 >$inject/probability
	echo 40 >/sys/kernel/debug/failslab/probability
	# The threads themselves may be refused: again. No program can be
	# started meanwhile, so nothing is but the shell's own commands.
	said=
	for words in "side=edu size=8192" "side=sheaf size=64"; do
		for ((i = 0; i < 300; i++)); do
			echo "test=stress rounds=1 cpus=4 n=$n $words" 2>/dev/null >$d/bench
			line=
			read -r line <$d/bench
			said+=${line:+${line%% alloc_*}$'\n'}
			[ -z "$line" ] || break
		done
	done
	for f in $inject /sys/kernel/debug/failslab; do echo 0 >"$f/probability"; done
	echo 0 >/sys/kernel/slab/kmalloc-512/failslab
	echo N >/sys/kernel/debug/failslab/cache-filter
	is "memory refused by fault injection" 2 "$(grep -c ' bad=0' <<<"$said")"
	check "... it was refused" grep -q 'refused=[1-9]' <<<"$said"
	echo "# ${said//$'\n'/ }"
else
	skip "memory refused by fault injection" "this kernel has none"
fi
rmmod slab_edu

load slab_edu arena_mb=8 nodes=2
stress "two nodes of one block" side=edu,sheaf size=1024 n="$n"
rmmod slab_edu
load slab_edu arena_mb=4
stress "an arena that is too small" side=edu,sheaf size=8192 n="$n"
is "... memory ran out" 1 "$(refused)"
check "... and the reserve was used" awk '$1 == "edu_reserve" { n += $2 } END { exit !n }' $d/zoneinfo
is "no misuse was seen in it" 0 "$(errors)"
rmmod slab_edu

load slab_edu debug=FZPU
stress "every debug flag" side=edu size=64 n=$((n / 4))
is "no misuse was seen by them" 0 "$(errors)"
check "slab_edu unloads" rmmod slab_edu
refuse "a debug flag that is not known" load slab_edu debug=FX
finish
