#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope.sh [ROUNDS [RUNS [LOOPS]]]: what watching the scheduler costs. hackbench
# (one group of 40 tasks, LOOPS messages each: 60) runs without a probe, with
# eduscope's switch and wakeup, with bpftrace counting the same two things in one
# histogram each (as runqlat and cpudist do), and with bpftrace keeping them by
# task (as eduscope does), in turn, ROUNDS times (2); in each turn it runs RUNS
# times (3). Prints medians, and the median of the ratios to the bare run of the
# same number, from least to most; and what that is for each context switch.
# EDU_VM_ARGS has more options for tools/vm/run: with --icount the times are
# counts of instructions on one processor.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "rounds=${1:-2} runs=${2:-3} loops=${3:-60}" >"$work/in/settings"
cat >"$work/in/one.bt" <<'BT'
tracepoint:sched:sched_waking, tracepoint:sched:sched_wakeup_new { @woken[args.pid] = nsecs; }
tracepoint:sched:sched_switch {
	if (@woken[args.next_pid]) { @wait = hist(nsecs - @woken[args.next_pid]); }
	delete(@woken, args.next_pid);
	if (@since[cpu]) { @on = hist(nsecs - @since[cpu]); }
	@since[cpu] = nsecs;
}
BT
cat >"$work/in/task.bt" <<'BT'
tracepoint:sched:sched_waking, tracepoint:sched:sched_wakeup_new {
	@woken[args.pid] = nsecs; @graph[tid, args.pid] = count();
}
tracepoint:sched:sched_switch {
	if (@woken[args.next_pid]) { @wait[args.next_pid] = hist(nsecs - @woken[args.next_pid]); }
	delete(@woken, args.next_pid);
	if (@since[cpu]) { @on[args.prev_pid] = hist(nsecs - @since[cpu]); }
	@since[cpu] = nsecs;
	@left[args.prev_pid, args.prev_state] = count();
}
BT
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
programs() { eduscope-load programs; }
bare=$(programs)
attached() { # COUNT: wait for that many more programs, and until they are attached
	for _ in $(seq 300); do
		[ "$(programs)" -lt $((bare + $1)) ] || { sleep 2; return 0; }
		sleep 0.2
	done
	echo "not attached: $(programs) programs" >&2
	cat /out/bpftrace >&2
	exit 1
}
switches() { awk '$1 == "ctxt" { print $2 }' /proc/stat; }
run() { # WAY
	local t0 t1 s0 i
	for i in $(seq "$runs"); do
		s0=$(switches) t0=${EPOCHREALTIME/./}
		hackbench -g 1 -l "$loops" >/dev/null
		t1=${EPOCHREALTIME/./}
		echo "$1 $((t1 - t0)) $(((round - 1) * runs + i)) $(($(switches) - s0))" >>/out/runs
	done
}
end() {
	kill -INT "$@"
	wait "$@"
	for _ in $(seq 100); do [ "$(programs)" -gt "$bare" ] || break; sleep 0.1; done
}
bare() { run bare; }
eduscope_() {
	eduscope switch >/out/switch 2>&1 & a=$!
	eduscope wakeup >/out/wakeup 2>&1 & b=$!
	attached 10
	run eduscope
	end $a $b
	grep LOST /out/switch /out/wakeup >>/out/lost
}
bt() { # WAY FILE
	bpftrace "$2" >/out/bpftrace 2>&1 & a=$!
	attached 3
	run "$1"
	end $a
}
hackbench -g 1 -l "$loops" >/dev/null
ways=("bare" "eduscope_" "bt bpftrace /in/one.bt" "bt bpftrace-by-task /in/task.bt")
for round in $(seq "$rounds"); do
	for i in 0 1 2 3; do ${ways[$(((i + round) % 4))]}; done
done
touch /out/lost
GUEST
cd "$top"
tools/programs
# shellcheck disable=SC2086	# a list of words
tools/vm/run --timeout 3600 ${EDU_VM_ARGS-} --in "$work/in" --out "$work/out" -- bash /in/guest ||
	{ cat "$work/out/errors" >&2; exit 1; }
awk '
	{ t[$1, $3] = $2; s[$1, $3] = $4 }
	$3 > rounds { rounds = $3 }
	!seen[$1]++ { way[n++] = $1 }
	function sorted(a, k,  i, j, x) {
		for (i = 2; i <= k; i++) {
			x = a[i]
			for (j = i - 1; j > 0 && a[j] > x; j--) a[j + 1] = a[j]
			a[j + 1] = x
		}
	}
	function middle(a, k) { return k % 2 ? a[(k + 1) / 2] : (a[k / 2] + a[k / 2 + 1]) / 2 }
	END {
		printf "%-20s %10s %9s %8s %16s %8s   of %d\n", "way", "ms", "switches", "ratio",
			"least .. most", "+ns", rounds
		for (w = 0; w < n; w++) {
			for (r = 1; r <= rounds; r++) {
				v[r] = t[way[w], r]; c[r] = s[way[w], r]
				q[r] = v[r] / t["bare", r]
				e[r] = (v[r] - t["bare", r]) * 1000 / c[r]
			}
			sorted(v, rounds); sorted(q, rounds); sorted(c, rounds); sorted(e, rounds)
			printf "%-20s %10.1f %9d %8.3f   %.3f .. %.3f %8d\n", way[w],
				middle(v, rounds) / 1000, middle(c, rounds), middle(q, rounds), q[1],
				q[rounds], middle(e, rounds)
		}
	}' "$work/out/runs"
[ ! -s "$work/out/lost" ] || cat "$work/out/lost"
