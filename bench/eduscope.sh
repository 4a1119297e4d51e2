#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope.sh [ROUNDS [LOOPS]]: what watching the scheduler costs. hackbench (one
# group of 40 tasks, LOOPS messages each: 60) runs without a probe, with
# eduscope's switch and wakeup, with bpftrace counting the same two things in one
# histogram each (as runqlat and cpudist do), and with bpftrace keeping them by
# task (as eduscope does), in turn, ROUNDS times (6). Prints medians, and the
# median of the ratios to the bare run of the same round, from least to most.
# EDU_VM_ARGS has more options for tools/vm/run: with --icount the times are
# counts of instructions on one processor.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "rounds=${1:-6} loops=${2:-60}" >"$work/in/settings"
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
programs() { bpftool -j prog | jq length; }
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
run() { # WAY
	local t0=${EPOCHREALTIME/./}
	hackbench -g 1 -l "$loops" >/dev/null
	echo "$1 $((${EPOCHREALTIME/./} - t0)) $round" >>/out/runs
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
	attached 9
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
tools/modules --kernel stock >/dev/null
tools/programs
# shellcheck disable=SC2086	# a list of words
tools/vm/run --timeout 3600 ${EDU_VM_ARGS-} --in "$work/in" --out "$work/out" -- bash /in/guest ||
	{ cat "$work/out/errors" >&2; exit 1; }
awk '
	{ t[$1, $3] = $2; if ($3 > rounds) rounds = $3; if (!seen[$1]++) way[n++] = $1 }
	function sorted(a, k,  i, j, x) {
		for (i = 2; i <= k; i++) {
			x = a[i]
			for (j = i - 1; j > 0 && a[j] > x; j--) a[j + 1] = a[j]
			a[j + 1] = x
		}
	}
	function middle(a, k) { return k % 2 ? a[(k + 1) / 2] : (a[k / 2] + a[k / 2 + 1]) / 2 }
	END {
		printf "%-20s %10s %8s   %s\n", "way", "ms", "ratio", "least .. most, of " rounds " rounds"
		for (w = 0; w < n; w++) {
			for (r = 1; r <= rounds; r++) { v[r] = t[way[w], r]; q[r] = v[r] / t["bare", r] }
			sorted(v, rounds); sorted(q, rounds)
			printf "%-20s %10.1f %8.3f   %.3f .. %.3f\n", way[w], middle(v, rounds) / 1000,
				middle(q, rounds), q[1], q[rounds]
		}
	}' "$work/out/runs"
[ ! -s "$work/out/lost" ] || cat "$work/out/lost"
