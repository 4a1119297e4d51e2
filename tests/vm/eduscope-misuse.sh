#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope and bad input: one clear line, the right status, nothing attached.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

# fails STATUS WORDS ARG...: exits so and says so, in one line
fails() {
	local want=$1 words=$2 said status

	shift 2
	said=$(timeout 100 eduscope "$@" 2>&1 >/dev/null)
	status=$?
	is "'$*': status $want" "$want" $status
	case $said in
	*"$words"*) ok "'$*': says why" ;;
	*)
		not_ok "'$*': says why"
		echo "# $said"
		;;
	esac
}

fails 2 "usage"
fails 2 "no command 'nonsense'" nonsense
fails 1 "no process 4000000" switch -p 4000000 -d 1
fails 1 "no thread 4000000" wakeup -t 4000000 -d 1
fails 1 "no cgroup" switch -c /no/such -d 1
fails 1 "no cgroup" switch -c /sys/fs/cgroup/cgroup.procs -d 1
fails 2 "belongs to no task" irq -p 1 -d 1
fails 1 "cannot run /no/such" irq --cost=5 -- /no/such
fails 2 "has the sides" compare sched-batch --side moon
mkfifo number
python3 -c 'import threading, time
t = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
t.start()
print(t.native_id, flush=True)
time.sleep(1000)' >number &
threads=$!
read -r tid <number
fails 1 "is a thread of another process" switch -p "$tid" -d 1
kill $threads
fails 1 "cannot run /no/such" switch -- /no/such
fails 2 "no comparison" compare nonsense
timeout 100 eduscope switch -d nonsense >/dev/null 2>&1
check "a bad number is misuse" test $? -gt 1
said=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	eduscope switch -d 1 2>&1)
is "no privilege: one line" "eduscope: probes need root, or CAP_BPF and CAP_PERFMON" "$said"

# whatever it is called, a group is a group
mkdir /sys/fs/cgroup/edu-test
bash -c 'echo $$ >/sys/fs/cgroup/edu-test/cgroup.procs; while :; do kill -0 $$; done' &
task=$!
eduscope syscall -c /sys/fs/cgroup/edu-test/../edu-test/. -d 1 --json >group.json
kill $task
wait $task 2>/dev/null
rmdir /sys/fs/cgroup/edu-test
check "a cgroup by a winding path" test "$(jq -s '[.[] | select(.table == "task") | .calls] | max' group.json)" -gt 0

# more events than can be printed, and none at all after a pause
dd if=/dev/zero of=/dev/null bs=1 2>/dev/null &
a=$!
dd if=/dev/zero of=/dev/null bs=1 2>/dev/null &
b=$!
timeout 100 eduscope syscall -e -d 1 >/dev/null 2>&1
is "on a busy machine it ends in its time" 0 $?
kill $a $b
sleep 1000 &
task=$!
scope 6 signal -e -i 0.1 -d 3 -p $task
kill -STOP $scope
sleep 1
kill -CONT $scope
check "stopped for a while, it still ends in its time" soon sh -c "! kill -0 $scope"
kill $scope 2>/dev/null
wait $scope

scope 5 switch -p $task
kill $task
wait $scope
is "a task that vanishes ends it" 0 $?
check "and it says so" grep -q "has ended" switch.err
timeout 100 eduscope switch -i 0.2 --json 2>pipe.err | head -n 1 >/dev/null
is "head closes the pipe: failed" 1 "${PIPESTATUS[0]}"
check "and it says so" grep -q "its reader is gone" pipe.err
timeout 100 eduscope switch -d 0.5 --json >/dev/full 2>full.err
is "a full disk: failed" 1 $?
check "and it says so" grep -q "No space left" full.err
scope 5 switch
kill -KILL $scope
wait $scope 2>/dev/null
check "nothing is left attached, not even after kill -9" soon none_left

check "--pin leaves it attached" eduscope switch --pin
check "bpftool reads its rows with their types" soon sh -c \
	'bpftool -j map dump pinned /sys/fs/bpf/eduscope/switch/rows | jq -e ".[0].formatted.value.hist.count != null"'
rm -r /sys/fs/bpf/eduscope
check "removing the pins detaches" soon none_left
strace -o calls -e trace=bpf eduscope switch --pin >/dev/null
rm -r /sys/fs/bpf/eduscope
last=$(awk '/BPF_OBJ_PIN/ { n = NR } END { print n }' calls)
strace -o calls -e trace=bpf -e inject=bpf:error=ENOSPC:when="$last" eduscope switch --pin >pin.out 2>pin.err
is "the last of its pins fails: failed" 1 $?
check "and it says which" grep -q "cannot pin /sys/fs/bpf/eduscope/switch/.*: No space left" pin.err
is "and leaves none" "" "$(ls /sys/fs/bpf/eduscope)"
check "nothing is attached" soon none_left
eduscope irq --cost=5 -- true >cost.out
is "--cost ends well" 0 $?
check "and says the ratio with its interval" grep -qE \
	'^irq costs: [0-9.]+ [mun]?s without, [0-9.]+ [mun]?s with, ratio [0-9.]+ \([0-9.]+ \.\. [0-9.]+, 93\.8 % sure\), 5 pairs$' cost.out
sed 's/^/# /' cost.out
check "and in JSON" sh -c 'eduscope irq --cost=5 --json -- true | jq -e ".ratio > 0 and .interval[0] <= .ratio and .pairs == 5"'
check "doctor is content" eduscope doctor
check "doctor's JSON is JSON" sh -c 'eduscope doctor --json | jq -e "length > 5"'
check "status names the five twins" sh -c 'test "$(eduscope status | grep -c loaded)" = 5'
leave
