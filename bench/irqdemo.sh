#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# irqdemo.sh [PULSES [ROUNDS [WORK_ROUNDS]]]: the tables of docs/irqdemo.md.
#  1. every bottom half on the edu device's interrupt: from the edge until it
#     runs, PULSES (300) each, on an idle guest, beside hackbench, and beside
#     softirq work; with the histograms of a few laid over each other
#  2. the kernel's timers and ours with 10 to 1,000,000 pending, alternated,
#     median of ROUNDS (3): the cost of add, mod and del, and how late they run
#  3. the same costs, and those of a hard handler, in instructions (a boot with
#     --icount, where two nanoseconds are one)
#  4. the kernel's workqueue and ours, alternated, least, median and most of
#     WORK_ROUNDS (5): an empty work, from queueing to the function, from a work
#     that blocks to the next; in time and in instructions
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "pulses=${1:-300} rounds=${2:-3} works=${3:-5}" >"$work/settings"
cat >"$work/halves" <<'GUEST'
. /in/settings
D=/sys/kernel/debug/irqdemo
insmod /edu/modules/irqdemo.ko
line=0
[ ! -e $D/line/4 ] || line=4
kinds=$(awk '$2 != "poller" { print $2 }' $D/bench/irq)
mkdir /tmp/h
halves() { # LOAD
	local kind way
	for kind in $kinds; do
		echo "line=$line kind=$kind count=$pulses" >$D/bench/irq || continue
		cp $D/bench/irq "/tmp/h/$1.$kind"
		awk -v l="$1" -v k="$kind" '$1 ~ /^edge_/ { v[$1] = $2 }
			END { printf "%-10s %-18s %10d %10d %10d %10d\n", l, k, v["edge_p50"], v["edge_p90"], v["edge_p99"], v["edge_max"] }' \
			"/tmp/h/$1.$kind"
	done
	echo "attach $line poller" >$D/ctl
	for way in read poll epoll eventfd; do
		irqdemo-latency $way $line "$pulses" |
			awk -v l="$1" '{ printf "%-10s %-18s %10d %10s %10d %10d\n", l, "user:" $1, $3, "-", $5, $7 }'
	done
	echo "detach $line" >$D/ctl
}
printf '%-10s %-18s %10s %10s %10s %10s\n' load 'bottom half' p50 p90 p99 'max ns'
halves idle
(while :; do hackbench -g 2 -l 200 >/dev/null 2>&1; done) &
pid=$!
sleep 1
halves hackbench
kill $pid; pkill hackbench; wait $pid 2>/dev/null
irqdemo-load "$(nproc)" &
pid=$!
sleep 1
halves softirq
kill $pid; wait $pid 2>/dev/null
for kind in hard tasklet thread wq; do
	echo
	echo "$kind, from the edge, us: i idle, h beside hackbench, s beside softirqs, * several"
	for load in idle hackbench softirq; do
		awk -v l="$load" '$1 == "bucket" && $2 == "edge" { print l, $3, $4 }' "/tmp/h/$load.$kind"
	done | awk '{ p = 0; for (v = $2; v >= 2; v /= 2) p++; n[p, substr($1, 1, 1)] += $3; t[substr($1, 1, 1)] += $3
		if (!seen++ || p < lo) lo = p; if (p > hi) hi = p }
		END { for (p = lo; p <= hi; p++) { row = ""
			for (c = 0; c < 50; c++) { w = 0; m = " "
				for (i = 1; i <= 3; i++) { l = substr("ihs", i, 1); if (t[l] && int(n[p, l] * 50 / t[l]) > c) { w++; m = l } }
				row = row (w > 1 ? "*" : m) }
			printf "%10.1f %s\n", 2 ^ p / 1000, row } }'
done
rmmod irqdemo
exit 0
GUEST
cat >"$work/works" <<'GUEST'
. /in/settings
B=/sys/kernel/debug/irqdemo/bench/wq
insmod /edu/modules/irqdemo.ko pci=0
for _ in $(seq "$works"); do
	for test in "empty 20000" "latency 2000" "handoff 500"; do
		for side in kernel edu; do
			echo "side=$side test=${test% *} n=${test#* } ms=0 max=64 cpu=0" >$B || exit 1
			awk -v s=$side '$1 ~ /^(work|latency_p50|handoff_p50)$/ { print $1, s, $2 }' $B
		done
	done
done | sort -k1,1 -k2,2r -k3,3n | awk -v n="$works" -v f="$([ "${1:-}" = icount ] && echo 2 || echo 1)" -v unit="${1:-ns}" '
	BEGIN { printf "%-12s %27s %27s %6s  %s\n", "what", "kernel: least median most", "edu", "ratio", unit }
	{ v[$1, $2, ++c[$1, $2]] = $3 / f }
	c[$1, $2] == n && $2 == "edu" { m = int((n + 1) / 2)
		printf "%-12s %9.0f %8.0f %8.0f %9.0f %8.0f %8.0f %6.2f\n", $1, v[$1, "kernel", 1], v[$1, "kernel", m],
			v[$1, "kernel", n], v[$1, "edu", 1], v[$1, "edu", m], v[$1, "edu", n], v[$1, "edu", m] / v[$1, "kernel", m] }'
rmmod irqdemo
exit 0
GUEST
cat >"$work/timers" <<'GUEST'
. /in/settings
B=/sys/kernel/debug/irqdemo/bench
insmod /edu/modules/irqdemo.ko pci=0
if [ "${1:-}" = icount ]; then
	rounds=1
	for measure in Y N; do
		echo $measure >/sys/module/irqdemo/parameters/measure
		echo "handler line=0 count=10000" >$B/irq
		echo "measure=$measure:"
		awk '/^handler|^clock/ { printf "%s %.0f instructions\n", $1, $2 / 2 }' $B/irq
	done
fi
for what in wheel tree; do
	for pending in 10 1000 100000 1000000; do
		for _ in $(seq "$rounds"); do
			for side in kernel edu; do
				echo "side=$side what=$what pending=$pending ops=1000" >$B/timer || exit 1
				awk -v k="$what $pending $side" '$1 ~ /^(add|mod|del|late_p50)$/ { print k, $1, $2 }' $B/timer
			done
		done
	done
done | sort -k1,1 -k2,2n -k4,4 -k3,3 -k5,5n | awk -v n="$rounds" -v unit="${1:-ns}" '
	{ key = $1 " " $2 " " $4; v[key, $3, ++c[key, $3]] = $5; if (!(key in seen)) { seen[key] = 1; order[++k] = key } }
	END { printf "%-6s %8s %-9s %10s %10s %6s  %s\n", "what", "pending", "cost of", "kernel", "edu", "ratio", unit
	for (i = 1; i <= k; i++) { split(order[i], w, " "); a = v[order[i], "kernel", int((n + 1) / 2)]; b = v[order[i], "edu", int((n + 1) / 2)]
		if (unit == "icount") { a /= 2; b /= 2 }
		printf "%-6s %8d %-9s %10.0f %10.0f %6.2f\n", w[1], w[2], w[3], a, b, a ? b / a : 0 } }'
rmmod irqdemo
exit 0
GUEST
"$top/tools/vm/run" --in "$work" -- bash /in/halves
echo
"$top/tools/vm/run" --in "$work" --mem 3072 -- bash /in/timers
echo
"$top/tools/vm/run" --icount --in "$work" --mem 3072 -- bash /in/timers icount
echo
"$top/tools/vm/run" --in "$work" -- bash /in/works
echo
"$top/tools/vm/run" --icount --in "$work" -- bash /in/works icount
