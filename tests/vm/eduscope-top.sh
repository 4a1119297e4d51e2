#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope top on a terminal of ours: its numbers against /proc, its layout at
# several sizes, and the terminal as it was before, however it ends.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

on() { python3 /edu/tests/eduscope-screen.py "$@"; }
good="status 0 settings same screen left"

# --- a task that spins on CPU 0, one that waits behind it; the twins
load slab_edu
load sched_edu
taskset -c 0 sh -c 'while :; do :; done' &
hog=$!
taskset -c 0 sh -c 'while :; do :; done' &
other=$!
s0=$(awk '$1 == "ctxt" { print $2 }' /proc/stat) f0=$(awk '$1 == "pgfault" { print $2 }' /proc/vmstat)
is "it runs and ends with q" "$good" \
	"$(on 24x80 'until "TWIN" 120 wait 2 dump 1 wait 1 dump 2 wait 1 dump 3 wait 1 dump 4 wait 1 dump 5 colours seen key q' \
		-- eduscope top -i 0.5)"
s1=$(awk '$1 == "ctxt" { print $2 }' /proc/stat) f1=$(awk '$1 == "pgfault" { print $2 }' /proc/vmstat)
kill $hog $other
mv 5 one
sed 's/^/# |/' one
check "a CPU on which one waits is yellow" grep -qw 33 seen
is "24 lines" 24 "$(wc -l <one)"
check "no line is longer than 80" awk 'length > 80 { exit 1 }' one
is "a line for each CPU" "$(seq 0 $(($(nproc) - 1)) | xargs)" \
	"$(awk '/^CPU/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' one | xargs)"
# whatever else runs for a moment, it is not all of five pictures
check "CPU 0 runs one of the two that spin, in the fair class" \
	grep -qE "^ *0 +sh +($hog|$other) +fair " 1 2 3 4 one
check "its run queue holds both" test "$(awk '/^ *0 / { print $5 }' one)" -ge 2
switches=$(awk '/^switches/ { print $2 }' one) faults=$(awk '/^switches/ { print $5 }' one)
echo "# /proc: switches $((s1 - s0)), faults $((f1 - f0)); top, which began later: $switches, $faults"
check "no more switches than /proc/stat counted" test "$switches" -le $((s1 - s0))
check "and some in each second" test "$switches" -ge 50
check "no more faults than /proc/vmstat counted" test "$faults" -le $((f1 - f0))
check "switches/s is there" grep -qE '^switches [0-9]+ \([1-9][0-9]*/s\)' one
check "waits for the CPU are there" grep -qE 'wakeup p99 [0-9.]+ [mun]?s' one
check "the loaded twins have their line" sh -c 'grep -q "^slab_edu .*alloc_fastpath [0-9]" one && grep -q "^sched_edu .*pick [0-9]" one'
refuse "and the others none" grep -q '^edufs' one

# --- sizes
is "it follows the window" "$good" \
	"$(on 24x80 'until "TWIN" 120 size 50x132 last "q ends" 60 dump large size 6x30 until "switches" 60 dump small size 24x80 until "TWIN" 60 dump again key q' -- eduscope top)"
check "large: its last line is the keys" sh -c 'tail -n 1 large | grep -q "^q ends"'
is "small: six lines" 6 "$(wc -l <small)"
check "small: none longer than 30" awk 'length > 30 { exit 1 }' small
check "small: the totals are still there" grep -q '^switches' small
check "again: the twins are back" grep -q '^TWIN' again
rmmod sched_edu slab_edu

# --- every way out
is "Ctrl-C" "$good" "$(NO_COLOR=1 on 24x80 'until "CPU" 120 colours none signal 2' -- eduscope top)"
is "NO_COLOR: none" "" "$(cat none)"
is "kill" "$good" "$(on 24x80 'until "CPU" 120 signal 15' -- eduscope top)"
is "hangup" "$good" "$(on 24x80 'until "CPU" 120 signal 1' -- eduscope top)"
is "a crash" "status -11 settings same screen left" \
	"$(on 24x80 'until "CPU" 120 signal 11' -- eduscope top)"
is "its time is over" "$good" "$(on 24x80 'until "CPU" 120 wait 1' -- eduscope top -d 1)"
is "p pauses, and q still ends" "$good" \
	"$(on 24x80 'until "CPU" 120 key p wait 1 dump paused key q' -- eduscope top -i 0.3)"
check "and it says so" grep -q paused paused
said=$(eduscope top </dev/null 2>&1)
is "no terminal: failed, one line" "1 eduscope: top wants a terminal; eduscope switch and wakeup print to a file" "$? $said"
said=$(SCREEN_TERM=nonsense on 24x80 '' -- eduscope top | tail -n 1)
is "a terminal that nobody knows: failed" "status 1 settings same screen left" "$said"
check "and it says which" grep -q "no full screen on a terminal of type 'nonsense'" last.screen
leave
