#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope record: its trace, read by a decoder that knows only the published
# field numbers, against /proc and the twins' counters; and what goes wrong.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

decode() { python3 /edu/tests/eduscope-trace.py "$@"; }
switches() { awk '/ctxt_switches/ { print $2 }' "/proc/$1/status" | xargs; }
record() { # FILE: until it is attached
	scope 12 record -o "$1" --json
	ln -sf record.out "$1.json"
}

# --- a task that spins, yields and sleeps beside another: /proc counts as well
start mixed 1000
taskset -c 0 sh -c 'while :; do :; done' &
hog=$!
taskset -p -c 0 "$pid" >/dev/null
a=$(switches "$pid")
record mixed
go
quit
status=$?
b=$(switches "$pid")
end
kill $hog
is "Ctrl-C ends it with status 0" 0 $status
decode mixed "$pid" >mixed.is
is "it is a trace of whole packets" 0 $?
get() { jq -r "$2" "$1.is"; }
read -r v0 n0 v1 n1 <<<"$a $b"
is "switches away are those of /proc, to the unit" "$((v1 - v0)) $((n1 - n0))" \
	"$(get mixed ".tasks[\"$pid\"] | \"\(.blocked) \(.preempted)\"")"
is "what a CPU leaves is what it came to, always" "0 0" "$(get mixed '"\(.chain_breaks) \(.gaps)"')"
is "there are all CPUs" "$(nproc)" "$(get mixed '.cpus | length')"
is "all that was counted is in the file" \
	"$(jq -c '.events | [.sched_switch, .sched_waking, .irq_handler_entry, .softirq_entry]' mixed.json)" \
	"$(get mixed '.count | [.sched_switch, .sched_waking, .irq_handler_entry // 0, .softirq_entry]' | jq -c .)"
is "nothing was lost" 0 "$(jq .lost mixed.json)"
is "one writer; boot clock, monotonic, real time" "[1] [1,3,6]" "$(get mixed '"\(.sequences) \(.clocks)"')"
is "it names the kernel" "$(uname -r)" "$(get mixed .release)"
is "and the tasks that were there" "1 eduscope-load" \
	"$(get mixed "[.processes[\"1\"] != null, .threads[\"$pid\"][1]] | \"\(if .[0] then 1 else 0 end) \(.[1])\"")"
is "its size is the file's" "$(stat -c %s mixed)" "$(jq .bytes mixed.json)"

# --- wakeups: a ping-pong of 300 throws
start pingpong 300
record pong
go
quit
end
decode pong "$pid" "$other" >pong.is
is "each throw is a wakeup by the partner, both ways" "300 300" \
	"$(get pong "\"\(.wakers[\"$pid\"][\"$other\"]) \(.wakers[\"$other\"][\"$pid\"])\"")"

# --- a command: its life
eduscope record -o "l'été" --json -- sh -c '/bin/true; exit 3' >life.json 2>life.err
is "a command runs to its end: 0" 0 $?
is "JSON keeps the file's name" "l'été" "$(jq -r .file life.json)"
decode "l'été" >life.is
check "it forked, ran a program, and ended" test "$(get life '.count | [.task_newtask, .sched_process_exec, .sched_process_exit] | min')" -ge 1
is "the programs that ran are named" "/bin/true" "$(get life '[.processes[] | select(.[1] == "/bin/true")][0][1]')"

# --- the twins' events
load slab_edu
load irqdemo pci=0
load sched_edu
echo "attach 0 tasklet" >/sys/kernel/debug/irqdemo/ctl
eduscope record -o twins --json -- sh -c 'echo test=hold side=edu n=2048 rounds=1 >/sys/kernel/debug/slab_edu/bench
	echo pulse 0 50 >/sys/kernel/debug/irqdemo/ctl' >twins.json 2>twins.err
decode twins >twins.is
is "slab_edu's objects, with the name of their cache" "2048" \
	"$(get twins '.notes["edu_kmem_cache_alloc name=bench"]')"
is "50 interrupts and 50 tasklets are slices" "50 50" \
	"$(get twins '"\(.names.irqdemo_irq_handler) \(.names.irqdemo_bh)"')"
is "each that began ended, on a track that is there" "0 0" "$(get twins '"\(.open) \(.bad)"')"
is "a twin is a group of tracks" "irqdemo slab_edu" "$(get twins '.groups | join(" ")')"
check "a track says of which line it is" get twins '.tracks | index("irqdemo_bh vec=2 line=0")'
is "the twins' events were all written" "$(jq .events.twins twins.json)" \
	"$(get twins '.count | .slice_begin + .slice_end + .instant')"
is "nothing of them was lost" 0 "$(jq .lost twins.json)"
for module in sched_edu irqdemo slab_edu; do check "$module unloads" rmmod $module; done

# --- what goes wrong
# fails STATUS WORDS ARG...
fails() {
	local want=$1 words=$2 said status

	shift 2
	said=$(timeout 120 eduscope record "$@" 2>&1 >/dev/null)
	status=$?
	is "'record $*': status $want" "$want" $status
	case $said in
	*"$words"*) ok "'record $*': says why" ;;
	*)
		not_ok "'record $*': says why"
		echo "# $said"
		;;
	esac
}
mkdir small
mount -t tmpfs -o size=256k small small
fails 1 "cannot write small/t: No space left" -o small/t -- sh -c 'for i in $(seq 300); do /bin/true; done'
decode small/t >small.is
is "a full disk: what is there ends with a whole packet" 0 $?
check "... and has events" test "$(get small .count.sched_switch)" -gt 100
rm small/t
echo mine >small/t
eduscope record -o - -- sh -c 'for i in $(seq 300); do /bin/true; done' >>small/t 2>/dev/null
is "... added to a file: what was in it stays" mine "$(head -n 1 small/t)"
tail -c +6 small/t >rest
check "... and again whole packets follow" decode rest
umount small
fails 1 "cannot write /no/such/t" -o /no/such/t -- true
fails 2 "where to" -- true
fails 2 "not a number of seconds" -o t -d never
fails 1 "cannot run /no/such" -o t -- /no/such
kept=$(mktemp -p /dev/shm)
chmod 666 "$kept"
echo mine >"$kept"
said=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	eduscope record -o "$kept" -d 1 2>&1)
is "no privilege: the file is left alone" mine "$(cat "$kept")"
rm "$kept"
is "no privilege: one line" "eduscope: probes need root, or CAP_BPF and CAP_PERFMON" "$said"
eduscope record -o - -- hackbench -g 1 -l 60 2>pipe.err | head -c 100 >/dev/null
is "head closes the pipe: failed" 1 "${PIPESTATUS[0]}"
check "... and it says so" grep -q "cannot write -: Broken pipe" pipe.err
# held still while the twin makes 8192 events, it cannot empty its buffer
load slab_edu
eduscope record -o gap -b 1 --json -- sh -c 'kill -STOP $PPID
	echo test=hold side=edu n=4096 rounds=1 >/sys/kernel/debug/slab_edu/bench; kill -CONT $PPID' >gap.json 2>gap.err
rmmod slab_edu
decode gap >gap.is
check "events that found no room are counted" test "$(jq .lost gap.json)" -gt 0
check "... and the file shows the gap" test "$(get gap .gaps)" -gt 0
record killed
kill -KILL $scope
wait $scope 2>/dev/null
leave
