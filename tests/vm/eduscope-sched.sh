#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope's switch and wakeup against the kernel's own counts, to the unit.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

switches() { awk '/ctxt_switches/ { print $2 }' "/proc/$1/status" | xargs; }

start mixed 1500
(while :; do :; done) &
hog=$!
taskset -p -c 0 "$pid" >/dev/null
taskset -p -c 0 $hog >/dev/null
read -r v0 n0 <<<"$(switches "$pid")"
scope 5 switch -p "$pid" --json
go
quit
status=$?
read -r v1 n1 <<<"$(switches "$pid")"
end
kill $hog
is "Ctrl-C ends switch with status 0" 0 $status
row() { jq -c "select(.type == \"row\" and .table == \"$2\" and .id == $3)" "$1"; }
is "voluntary and involuntary are those of /proc, to the unit" "$((v1 - v0)) $((n1 - n0))" \
	"$(row switch.out task "$pid" | jq -r '"\(.voluntary) \(.involuntary)"')"
is "the causes add up to all switches" "$((v1 - v0 + n1 - n0))" \
	"$(row switch.out task "$pid" | jq '.blocked + .higher + .slice + .same + .yielded + .exited')"
check "sched_yield is told apart" test "$(row switch.out task "$pid" | jq .yielded)" -gt 0
is "nothing was lost" "0" "$(jq 'select(.type == "end") | .lost | add' switch.out)"
is "only this task was counted" "$pid" "$(jq 'select(.table == "task") | .id' switch.out)"

start pingpong 500
scope 5 wakeup -p "$pid" --json
# while it sleeps, nobody wakes it
perf stat -x, -e sched:sched_waking --filter "pid == $pid" -a -o waking.txt \
	bash -c 'echo >&3; read -r -u 4 _'
quit
end
is "wakeups are those that perf counted" "$(awk -F, '/sched_waking/ { print $1 }' waking.txt)" \
	"$(row wakeup.out task "$pid" | jq .wakeups)"
pairs=$(jq -r "select(.table == \"graph\" and .wakee == $pid and .waker == $other) | .wakeups" wakeup.out)
is "the partner woke it once for each throw" 500 "${pairs:-0}"
is "the filter is asked about the wakee" "" \
	"$(jq "select(.table == \"graph\" and .wakee != $pid)" wakeup.out)"
waits=$(row wakeup.out task "$pid" | jq '.wakeups - .running - .hist.count')
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
eduscope switch --json -- sh -c 'sleep 1000 & echo $! >left' >left.json 2>left.err
check "what a command leaves behind runs on" kill "$(cat left)"
is "its cgroup is gone" "" "$(ls -d /sys/fs/cgroup/eduscope.* 2>/dev/null)"
leave
