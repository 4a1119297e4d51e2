#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# sched_edu.sh [ROUNDS [LOOPS [PIPES]]]: what sched_edu's rules cost. `hackbench -g 1 -l LOOPS` (20)
# and `perf bench sched pipe -l PIPES` (1000) under the kernel's class, scx_simple, sched_edu, and
# sched_edu with one rule changed (NO_LAZY_WAKEUP, NO_WAKEUP_PREEMPTION, EEVDF), in turn in one boot,
# ROUNDS times (5), hackbench twice each, on one processor whose clock counts instructions. Prints
# medians with range, the median to the kernel's, context switches, and what sched_edu counted on
# processor 0. EDU_VM_ARGS has more options for tools/vm/run. With EDU_CLOCK=machine the times are
# the machine's, on as many processors as it has.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "rounds=${1:-5} loops=${2:-20} pipes=${3:-1000}" >"$work/in/settings"
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
state=/sys/kernel/sched_ext/state
stats=/sys/kernel/debug/sched_edu/stats
settle() { until [ "$(cat $state)" = "$1" ]; do sleep 0.1; done; }
# Context switches, then what sched_edu counted: $1 is the column, of names or of numbers.
counters() {
	awk '$1 == "ctxt" { printf "%s ", $column }
		$1 ~ /^(pick|switch|preempt_wakeup|preempt_tick|buddy|enqueue)$/ { printf "%s ", $column }' \
		column="$1" /proc/stat $stats
}
run() { # SIDE WHAT COMMAND...: prints SIDE WHAT us, and the counters' growth
	local side=$1 what=$2 t0 t1 c0 c1
	shift 2
	c0=$(counters 2) t0=${EPOCHREALTIME/./}
	"$@" >/dev/null || exit
	t1=${EPOCHREALTIME/./} c1=$(counters 2)
	awk -v n="$side $what $((t1 - t0))" '{ for (i = 1; i <= NF / 2; i++) n = n " " $(i + NF / 2) - $i; print n }' \
		<<<"$c0 $c1" >>/out/runs
}
both() {
	run "$1" hackbench hackbench -g 1 -l "$loops"
	run "$1" hackbench hackbench -g 1 -l "$loops"
	[ "$pipes" = 0 ] || run "$1" pipe perf bench sched pipe -l "$pipes"
}
insmod /edu/modules/sched_edu.ko || exit 1
counters 1 | cut -d' ' -f2- >/out/names
rules=(NO_LAZY_WAKEUP NO_WAKEUP_PREEMPTION EEVDF)
hackbench -g 1 -l "$loops" >/dev/null
perf bench sched pipe -l 100 >/dev/null
for round in $(seq "$rounds"); do
	both kernel
	scx_simple >/dev/null & simple=$!
	settle enabled
	both scx_simple
	kill -INT $simple
	wait $simple
	settle disabled
	eduscope sched start >/dev/null || exit
	both sched_edu
	for rule in "${rules[@]}"; do
		eduscope sched tune "$rule" || exit
		both "$rule"
		case $rule in NO_*) eduscope sched tune "${rule#NO_}" ;; *) eduscope sched tune "NO_$rule" ;; esac
	done
	eduscope sched stop >/dev/null || exit
done
GUEST
clock=--icount
[ "${EDU_CLOCK:-}" != machine ] || clock=
# shellcheck disable=SC2086	# a list of words
"$top/tools/vm/run" $clock ${EDU_VM_ARGS-} --timeout 3600 --in "$work/in" --out "$work/out" -- \
	bash /in/guest || { cat "$work/out/errors" >&2; exit 1; }
printf '%-21s %-10s %8s %19s %6s %17s   %s\n' side what ms "least .. most" ratio switches \
	"$(cat "$work/out/names")(medians)"
for what in hackbench pipe; do
	for side in kernel scx_simple sched_edu NO_LAZY_WAKEUP NO_WAKEUP_PREEMPTION EEVDF; do
		awk -v side=$side -v what=$what '$1 == side && $2 == what' "$work/out/runs" >"$work/rows"
		[ -s "$work/rows" ] || continue
		column() { awk -v c="$1" '{ print $c }' "$work/rows" | sort -n | awk '{ v[NR] = $1 } END {
			print int((v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2), v[1], v[NR] }'; }
		read -r mid least most < <(column 3)
		read -r smid sleast smost < <(column 4)
		[ $side != kernel ] || base=$mid
		rest=$(for c in $(seq 5 10); do column "$c" | cut -d' ' -f1; done | xargs)
		awk -v a="$side" -v b="$what" -v m="$mid" -v l="$least" -v h="$most" -v k="$base" \
			-v s="$smid" -v sl="$sleast" -v sh="$smost" -v r="$rest" 'BEGIN {
			printf "%-21s %-10s %8.2f %8.2f .. %7.2f %6.3f %6d (%d-%d)   %s\n", a, b, m / 1000,
				l / 1000, h / 1000, m / k, s, sl, sh, r }'
	done
done
