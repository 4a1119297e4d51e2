#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope sched: start, set, tune, show, stop; what a fork inherits; and what
# must give the machine back: the end of the program that holds the scheduler, a
# policy that fails, four reloads.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

ours() { [ "$(cat $dir/state)" = edu ]; }
policy_of() { awk -v pid="$1" '$1 == pid { print $2, $3; found = 1 } END { if (!found) print "normal" }' $dir/policy; }
says() { # WHAT WORDS COMMAND...: fails with these words
	local what=$1 words=$2 said

	shift 2
	if said=$("$@" 2>&1); then not_ok "$what"; else case $said in
		*"$words"*) ok "$what" ;;
		*) not_ok "$what" && echo "# $said" ;;
	esac; fi
}

says "not loaded" "not loaded" eduscope sched show
check "sched_edu loads" load sched_edu
check "costs are measured" awk 'NR == 13 && $1 == "fifo" && $2 == 10000 && $3 > 0 { ok = 1 } END { exit !ok }' $dir/bench
if [ ! -e /sys/kernel/sched_ext ]; then
	says "start says what is missing" CONFIG_SCHED_CLASS_EXT eduscope sched start
	check "sched_edu unloads" unload
	finish
fi
says "nothing to stop" "not started" eduscope sched stop
says "no such verb" "start, run, stop" eduscope sched nonsense
says "a task that is not ours" "does not schedule" eduscope sched set --policy fifo --prio 5 $$
check "starts" eduscope sched start
is "schedules" edu "$(cat $dir/state)"
says "not twice" "already" eduscope sched start

# A task, its child by default, and its child with reset-on-fork.
mkfifo /tmp/go /tmp/pids
sh -c 'read _ </tmp/go; sleep 60 & echo $! >/tmp/pids; read _ </tmp/go; sleep 60 & echo $! >/tmp/pids; wait' &
parent=$!
says "a priority of 0" "wrong numbers" eduscope sched set --policy fifo --prio 0 $parent
check "a task becomes FIFO" eduscope sched set --policy fifo --prio 50 $parent
is "and is" "fifo 50" "$(policy_of $parent)"
echo >/tmp/go
child=$(cat /tmp/pids)
is "its child inherits" "fifo 50" "$(policy_of "$child")"
check "reset-on-fork" eduscope sched set --policy rr --prio 20 --reset-on-fork $parent
echo >/tmp/go
other=$(cat /tmp/pids)
is "drops it for a child" normal "$(policy_of "$other")"
is "the parent keeps it" "rr 20" "$(policy_of $parent)"
is "and so does the first child" "fifo 50" "$(policy_of "$child")"
is "show has it as JSON" "rr 20" "$(eduscope sched show --json | jq -r ".tasks[] | select(.pid == $parent) | \"\(.policy) \(.prio)\"")"
check "a deadline task" eduscope sched set --policy deadline --runtime 1000000 --period 10000000 "$child"
is "is one" "deadline 0" "$(policy_of "$child")"
check "and becomes normal" eduscope sched set --policy normal "$child"
kill "$child" "$other" $parent
wait $parent 2>/dev/null
rm /tmp/go /tmp/pids
check "a feature" eduscope sched tune EEVDF
is "is on" true "$(eduscope sched show --json | jq .features.EEVDF)"
check "and off" eduscope sched tune NO_EEVDF
check "a time" eduscope sched tune latency 12000000
is "is set" 12000000 "$(eduscope sched show --json | jq .tunables.latency)"
eduscope sched tune latency 6000000
says "no such time" "not taken" eduscope sched tune nonsense 1
check "stops" eduscope sched stop
is "the kernel schedules" kernel "$(cat $dir/state)"

is "run: the command's own status" 3 "$(eduscope sched run -- sh -c "grep -q edu $dir/state && exit 3"; echo $?)"
is "and is over" kernel "$(cat $dir/state)"
eduscope sched run -- sleep 60 &
holder=$!
check "a program holds it" settle 60 ours
kill -9 $holder
wait $holder 2>/dev/null
check "kill -9 of it gives the machine back" settle 60 state_is disabled
check "the reason is there" grep -q '^6[4-9] ' $dir/exit
pkill -x -P 1 sleep

n=0
while [ $n -lt 4 ] && eduscope sched start && eduscope sched stop; do n=$((n + 1)); done
is "reloads" "disabled 4" "$(cat $state) $n"
check "starts" eduscope sched start
# What sched_ext says of the state it found is an event, besides the one sentence in the log.
dump=/sys/kernel/tracing
echo 1 >$dump/events/sched_ext/sched_ext_dump/enable
eduscope sched tune EEVDF
awk 'BEGIN { for (;;) i++ }' &
hog=$!
eduscope sched set --policy rr --prio 7 $hog
echo error >$dir/fault
check "a policy that fails gives the machine back" settle 60 state_is disabled
check "the reason is there" grep -q 'sched_edu: error -5' $dir/exit
check "and in the log" sh -c 'dmesg | grep -q "sched_edu: ended by sched_ext"'
echo "# $(cat $dir/exit)"
echo 0 >$dump/events/sched_ext/sched_ext_dump/enable
eduscope sched tune NO_EEVDF
kill $hog
wait $hog 2>/dev/null
dumped() { grep -q "sched_ext_dump: $1" $dump/trace; }
check "its dump has the machine" dumped "sched_edu: cpus=$(nproc) fault=error rules=default,EEVDF$"
is "each processor" "$(nproc)" "$(grep -c 'sched_ext_dump:   sched_edu: runnable=[0-9]* fair=' $dump/trace)"
check "and a task that can run" dumped "    sched_edu: rr nice=0 prio=7 rq=[0-9]* \\(waits\\|runs\\) "
grep -o 'sched_ext_dump: .*sched_edu: .*' $dump/trace | sed 's/^sched_ext_dump:/#/'
says "stop says what has ended it" "sched_edu: error -5" eduscope sched stop
refuse "no fault without a scheduler" sh -c "echo error >$dir/fault"
is "no task left on a queue" 0 "$(awk 'NR > 1 { n += $3 } END { print n + 0 }' $dir/rq)"
check "sched_edu unloads" unload
finish
