#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# --folded: sums and stacks of known loads; and every object of bpf/ with plain
# bpftool, which must load it, attach it, and show its maps by their fields.
. /edu/tests/tap.sh

work=$(mktemp -d)
cd "$work" || exit 1
attached() { bpftool -j link | jq 'length'; }
before=$(attached)
# start MODE N: eduscope-load, held at its first line; its PIDs in $pid, $other
start() {
	mkfifo in out
	eduscope-load "$1" "$2" <in >out &
	load=$!
	exec 3>in 4<out
	read -r -u 4 pid _
}
watch() { # LINKS PROBE ARG...
	local links=$1

	shift
	eduscope "$@" >lines 2>err &
	scope=$!
	for _ in $(seq 100); do
		[ "$(attached)" -lt $((before + links)) ] || break
		sleep 0.2
	done
	sleep 0.5
}
go() { # let the load run; $said is what it says at its end
	echo >&3
	read -r -u 4 said
	kill -INT $scope
	wait $scope
}
end() {
	echo >&3
	wait "$load"
	exec 3>&- 4<&-
	rm -f in out
}
sum() { awk -v w="$1" 'index($0, w) { n += $NF } END { print n + 0 }' lines; }
# every line is "words;of;a;stack number"
shape() { grep -vcE '^[^ ;][^;]*(;[^ ;]+)+ [0-9]+$' lines; }

# --- switch: time off the CPU, as the program found it by its two clocks
start mixed 2000
watch 5 switch --folded -p "$pid"
go
end
naps=$(sum do_nanosleep) want=${said#done }
echo "# off the CPU in naps: $naps us; by its own clocks, for whatever reason: $want us"
check "switch: naps are no more than the time off the CPU" test "$naps" -le $((want + want / 50 + 1000))
check "switch: and most of it" test $((naps * 10)) -gt $((want * 7))
is "switch: every line is a stack and a number" 0 "$(shape)"
check "switch: and come from a function of the program" grep -qE '^eduscope-load;[a-z_]+;entry_SYSCALL.*do_nanosleep' lines
refuse "switch: what we put on the stack is left out" grep -q 'bpf_\|__traceiter' lines
head -n 3 lines | sed 's/^/# /'

# --- fault: one for each page, and where in the program
start touch 1000
watch 3 fault --folded -p "$pid"
go
end
is "fault: every line is a stack and a number" 0 "$(shape)"
check "fault: 1000 pages in the function that touches them" test "$(sum ';touch;')" -ge 1000
check "fault: and not many more" test "$(sum ';touch;')" -lt 1020

# --- slab: bytes, on both sides
load slab_edu
watch 5 slab --folded --side edu
echo 'test=hold side=kernel,edu n=2048 rounds=1 size=96' >/sys/kernel/debug/slab_edu/bench
kill -INT $scope
wait $scope
is "slab: 2048 objects of 96 bytes through the twin's allocator" "196608 196608" \
	"$(sum 'slab_bench/0;') $(sum ';edu_cache_alloc ')"
rmmod slab_edu
said=$(eduscope irq --folded -d 1 2>&1)
is "irq has no stacks: misuse" "64 1" "$? $(grep -c 'has no stacks' <<<"$said")"

# --- plain bpftool
for object in /edu/bpf/*.bpf.o; do
	name=$(basename "$object" .bpf.o)
	case $name in scx_*) continue ;; esac
	if ! bpftool prog loadall "$object" /sys/fs/bpf/"$name" pinmaps /sys/fs/bpf/"$name" autoattach >load 2>&1; then
		not_ok "bpftool loads $name"
		tail -n 3 load | sed 's/^/# /'
		rm -rf "/sys/fs/bpf/$name"
		continue
	fi
	ok "bpftool loads $name"
	check "... and attaches it" test "$(attached)" -gt "$before"
	case $name in
	top) map=cpus field=switches ;;
	*) map=lost field=value ;;
	esac
	check "... and shows a map of it" sh -c \
		"bpftool -j map dump pinned /sys/fs/bpf/$name/$map | grep -q '\"$field\"'"
	rm -r "/sys/fs/bpf/$name"
	sleep 0.3
done
if [ -e /sys/kernel/sched_ext ]; then
	load sched_edu
	check "bpftool registers scx_edu_partial" \
		bpftool struct_ops register /edu/bpf/scx_edu_partial.bpf.o /sys/fs/bpf
	check "... and it runs" grep -q enabled /sys/kernel/sched_ext/state
	rm /sys/fs/bpf/edu_ops
	for _ in $(seq 50); do
		rmmod sched_edu 2>/dev/null && break
		sleep 0.2
	done
else
	skip "bpftool registers scx_edu_partial" "no CONFIG_SCHED_CLASS_EXT"
fi
is "nothing is left attached" "$before" "$(attached)"
cd / && rm -rf "$work"
finish
