#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# --folded: sums and stacks of known loads; and every object of bpf/ with plain
# bpftool, which must load it, attach it, and show its maps by their fields.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

sum() { awk -v w="$2" '!w || index($0, w) { n += $NF } END { print n + 0 }' "$1.out"; }
# every line is "words;of;a;stack number"
shape() { grep -vcE '^[^ ;][^;]*(;[^ ;]+)+ [0-9]+$' "$1.out"; }

# --- switch: time off the CPU, as the program found it by its two clocks
start mixed 2000
scope 5 switch --folded -p "$pid"
go
quit
end
naps=$(sum switch do_nanosleep) all=$(sum switch '') want=${said#done }
echo "# off the CPU: $all us, of that in naps $naps us; by its own clocks: $want us"
check "switch: naps are no more than the time off the CPU" test "$naps" -le $((want + want / 50 + 1000))
check "switch: with the waits for a CPU, they are most of it" test $((all * 10)) -gt $((want * 7))
is "switch: every line is a stack and a number" 0 "$(shape switch)"
check "switch: naps come from a function of the program" \
	grep -qE '^eduscope-load;[a-z_]+;entry_SYSCALL.*do_nanosleep' switch.out
refuse "switch: what we put on the stack is left out" grep -q 'bpf_\|__traceiter' switch.out
head -n 3 switch.out | sed 's/^/# /'

# --- of the whole machine: idle tasks wait for nothing; a name may hold any sign
cp "$(command -v eduscope-load)" './a;b c'
scope 5 switch --folded
'./a;b c' mixed 100 </dev/null >/dev/null
quit
is "all: every line is a stack and a number" 0 "$(shape switch)"
check "all: a name's own ; is no frame" grep -q '^a_b_c;' switch.out
refuse "all: the idle tasks are left out" grep -q '^swapper' switch.out

# --- fault: one for each page, and where in the program
start touch 1000
scope 8 fault --folded -p "$pid"
go
quit
end
is "fault: every line is a stack and a number" 0 "$(shape fault)"
check "fault: 1000 pages in the function that touches them" test "$(sum fault ';touch;')" -ge 1000
check "fault: and not many more" test "$(sum fault ';touch;')" -lt 1020

# --- slab: bytes, on both sides
load slab_edu
scope 6 slab --folded --side edu
echo 'test=hold side=kernel,edu n=2048 rounds=1 size=96' >/sys/kernel/debug/slab_edu/bench
quit
is "slab: 2048 objects of 96 bytes through the twin's allocator" "196608 196608" \
	"$(sum slab 'slab_bench/0;') $(sum slab ';edu_cache_alloc ')"
rmmod slab_edu
said=$(eduscope irq --folded -d 1 2>&1)
is "irq has no stacks: misuse" "2 1" "$? $(grep -c 'has no stacks' <<<"$said")"

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
	check "... and detaches it" soon none_left
done
if [ -e /sys/kernel/sched_ext ]; then
	load sched_edu
	check "bpftool registers scx_edu_partial" \
		bpftool struct_ops register /edu/bpf/scx_edu_partial.bpf.o /sys/fs/bpf
	check "... and it runs" grep -q enabled /sys/kernel/sched_ext/state
	rm /sys/fs/bpf/edu_ops
	check "... until its pin is removed" soon rmmod sched_edu
else
	skip "bpftool registers scx_edu_partial" "no CONFIG_SCHED_CLASS_EXT"
fi
leave
