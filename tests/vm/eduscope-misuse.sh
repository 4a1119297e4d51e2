#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope and bad input: one clear line, the right status, nothing attached.
. /edu/tests/tap.sh

# fails STATUS WORDS ARG...: exits so and says so, in one line
fails() {
	local want=$1 words=$2 said status

	shift 2
	said=$(timeout 20 eduscope "$@" 2>&1 >/dev/null)
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
attached() { bpftool -j link | jq 'length'; }
before=$(attached)

fails 2 "usage"
fails 2 "no command 'nonsense'" nonsense
fails 1 "no process 4000000" switch -p 4000000 -d 1
fails 1 "no thread 4000000" wakeup -t 4000000 -d 1
fails 1 "no cgroup" switch -c /no/such -d 1
fails 1 "cannot run /no/such" switch -- /no/such
fails 2 "no comparison" compare nonsense
timeout 20 eduscope switch -d nonsense >/dev/null 2>&1
check "a bad number is misuse" test $? -gt 1
said=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	eduscope switch -d 1 2>&1)
is "no privilege: one line" "eduscope: probes need root, or CAP_BPF and CAP_PERFMON" "$said"

sleep 1 &
eduscope switch -p $! >/dev/null 2>/tmp/gone
is "a task that vanishes ends it" 0 $?
check "and it says so" grep -q "has ended" /tmp/gone
timeout 20 eduscope switch -i 0.2 --json 2>/tmp/pipe | head -n 1 >/dev/null
is "head closes the pipe: failed" 1 "${PIPESTATUS[0]}"
check "and it says so" grep -q "its reader is gone" /tmp/pipe
timeout 20 eduscope switch -d 0.5 --json >/dev/full 2>/tmp/full
is "a full disk: failed" 1 $?
check "and it says so" grep -q "No space left" /tmp/full
eduscope switch >/dev/null 2>&1 &
sleep 2
kill -KILL $!
wait $! 2>/dev/null
sleep 1
is "nothing is left attached, not even after kill -9" "$before" "$(attached)"

check "--pin leaves it attached" eduscope switch --pin
sleep 0.3
check "bpftool reads its rows with their types" sh -c \
	'bpftool -j map dump pinned /sys/fs/bpf/eduscope/switch/rows | jq -e ".[0].formatted.value.hist.count != null"'
rm -r /sys/fs/bpf/eduscope
sleep 0.5
is "removing the pins detaches" "$before" "$(attached)"
check "doctor is content" eduscope doctor
check "doctor's JSON is JSON" sh -c 'eduscope doctor --json | jq -e "length > 5"'
check "status names the five twins" sh -c 'test "$(eduscope status | grep -c loaded)" = 5'
finish
