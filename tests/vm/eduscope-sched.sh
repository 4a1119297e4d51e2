#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope's switch and wakeup against the kernel's own counts, to the unit.
. /edu/tests/tap.sh

work=$(mktemp -d)
cd "$work" || exit 1

# start MODE N: eduscope-load, held at its first line; its PIDs in $pids
start() {
	mkfifo in out
	eduscope-load "$1" "$2" <in >out &
	load=$!
	exec 3>in 4<out
	read -r -u 4 pids
	read -r pid other <<<"$pids"
}
# watch PROBE PID: attach and wait until it is
watch() {
	eduscope "$1" -p "$2" --json >"$1.json" 2>"$1.err" &
	scope=$!
	for _ in $(seq 100); do
		sleep 0.1
		bpftool link | grep -q "prog" && break
	done
	sleep 0.5
}
end() {
	echo >&3
	wait "$load"
	exec 3>&- 4<&-
	rm -f in out
}
switches() { awk '/ctxt_switches/ { print $2 }' "/proc/$1/status" | xargs; }

start mixed 1500
(while :; do :; done) &
hog=$!
taskset -p -c 0 "$pid" >/dev/null
taskset -p -c 0 $hog >/dev/null
sleep 0.2
before=$(switches "$pid")
watch switch "$pid"
echo >&3
read -r -u 4 _
sleep 0.3
kill -INT $scope
wait $scope
status=$?
after=$(switches "$pid")
end
kill $hog
is "Ctrl-C ends switch with status 0" 0 $status
read -r v0 n0 v1 n1 <<<"$before $after"
row() { jq -c "select(.type == \"row\" and .table == \"$2\" and .id == $3)" "$1"; }
is "voluntary and involuntary are those of /proc, to the unit" "$((v1 - v0)) $((n1 - n0))" \
	"$(row switch.json task "$pid" | jq -r '"\(.voluntary) \(.involuntary)"')"
is "the causes add up to all switches" "$((v1 - v0 + n1 - n0))" \
	"$(row switch.json task "$pid" | jq '.blocked + .higher + .slice + .same + .yielded + .exited')"
check "sched_yield is told apart" test "$(row switch.json task "$pid" | jq .yielded)" -gt 0
is "nothing was lost" "0" "$(jq 'select(.type == "end") | .lost | add' switch.json)"
is "only this task was counted" "$pid" "$(jq 'select(.table == "task") | .id' switch.json)"

start pingpong 500
perf stat -x, -e sched:sched_waking --filter "pid == $pid" -a -o waking.txt &
perf=$!
watch wakeup "$pid"
echo >&3
read -r -u 4 _
kill -INT $scope
wait $scope
kill -INT $perf
wait $perf
end
is "wakeups are those that perf counted" "$(awk -F, '/sched_waking/ { print $1 }' waking.txt)" \
	"$(row wakeup.json task "$pid" | jq .wakeups)"
pairs=$(jq -r "select(.table == \"graph\" and .wakee == $pid and .waker == $other) | .wakeups" wakeup.json)
is "the partner woke it once for each throw" 500 "${pairs:-0}"
is "the filter is asked about the wakee" "" \
	"$(jq "select(.table == \"graph\" and .wakee != $pid)" wakeup.json)"
waits=$(row wakeup.json task "$pid" | jq '.wakeups - .running - .hist.count')
check "every wakeup was followed by a run, or had none to wait for" test "${waits#-}" -le 1

# the kernel's own count of the same event over the same time
perf stat -x, -e sched:sched_switch -a -o perf.txt eduscope switch -d 3 --json >all.json 2>/dev/null
perf=$(awk -F, '/sched_switch/ { print $1 }' perf.txt)
ours=$(jq -s '[.[] | select(.table == "cpu") | .voluntary + .involuntary] | add' all.json)
echo "# perf counted $perf, eduscope $ours (perf also while we attach)"
check "no more switches than perf saw" test "$ours" -le "$perf"
check "and some" test "$ours" -gt 20
is "per class adds up to per CPU" "$ours" \
	"$(jq -s '[.[] | select(.table == "class") | .voluntary + .involuntary] | add' all.json)"

eduscope switch --json -- sh -c 'true; true & wait' >command.json 2>command.err
is "a command runs to its end" 0 $?
is "a command's children are watched with it" true \
	"$(jq -s '[.[] | select(.table == "task")] | length >= 2' command.json)"
is "each that exited is counted once" true \
	"$(jq -s '[.[] | select(.table == "task") | .exited] | max == 1' command.json)"
is "its cgroup is gone" "" "$(ls -d /sys/fs/cgroup/eduscope.* 2>/dev/null)"
rm -rf "$work"
finish
