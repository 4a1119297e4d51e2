#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The twins' side of eduscope's probes against the twins' own counters, and against
# perf's count of the twins' tracepoints; and the same probe on both sides at once.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

S=/sys/kernel/debug/slab_edu I=/sys/kernel/debug/irqdemo F=/sys/kernel/debug/edufs

for probe in slab irq softirq work fs; do
	said=$(eduscope $probe --side edu -d 1 2>&1 >/dev/null)
	is "$probe: a twin that is not loaded: failed" "1 1" \
		"$? $(grep -c '^eduscope: [a-z_]* is not loaded: insmod' <<<"$said")"
done
said=$(eduscope switch --side edu -d 1 2>&1)
is "switch has no twin: misuse" "2 1" "$? $(grep -c 'no twin' <<<"$said")"
said=$(eduscope slab --side moon -d 1 2>&1)
is "a side that is none: misuse" 2 $?

load slab_edu
load irqdemo pci=0
load edufs

# counted EVENT,... SCRIPT: what perf counts of a twin's events while SCRIPT runs
counted() {
	perf stat -a -x, -o perf.txt -e "$1" bash -ec "$2"
	awk -F, '/^[0-9]/ { print $1 }' perf.txt | xargs
}
# total FILE TABLE COUNTER SIDE
total() { jq -s "[.[] | select(.table == \"$2\" and .side == \"$4\") | .$3] | add // 0" "$1"; }
# not what was missed: the kernel's side has interrupts
lost() { jq 'select(.type == "end") | .lost | .rows + .states + .events' "$1"; }

# --- slab: what the twin's caches counted, to the unit
taken() { cat $S/caches/kmalloc-*/stats | awk '/^alloc_(fastpath|slowpath) / { n += $2 } END { print n }'; }
n0=$(taken)
scope 12 slab --side both --json
perf=$(counted slab_edu:edu_kmem_cache_alloc,slab_edu:edu_kmem_cache_free,slab_edu:edu_kmalloc "
	echo 'test=kmalloc side=kernel,edu n=3000 rounds=1' >$S/bench
	echo 'test=hold side=kernel,edu n=2048 rounds=1 size=96' >$S/bench")
quit
is "slab: kmalloc()s of the twin, as its caches counted" $(($(taken) - n0)) \
	"$(total slab.out kmalloc allocs edu)"
is "slab: allocs, frees, kmallocs of the twin, as perf counted its events" "$perf" \
	"$(total slab.out cache allocs edu) $(total slab.out cache frees edu) $(total slab.out kmalloc allocs edu)"
check "slab: as many in the kernel's kmalloc(), or more" \
	test "$(total slab.out kmalloc allocs kernel)" -ge 3000
cache() { jq -r "select(.table == \"cache\" and .side == \"$1\" and .label == \"$2\") | \"\(.allocs) \(.frees) \(.bytes) \(.hist.count)\"" slab.out; }
is "slab: the bench's cache on the kernel's side" "2048 2048 196608 2048" "$(cache kernel slab_edu_bench)"
is "slab: and on the twin's: objects, bytes, times" "2048 2048 196608 2048" "$(cache edu bench)"
is "slab: nothing was lost" 0 "$(lost slab.out)"

# --- irq and softirq: what the line counted
fact() { awk -v k="$1" -v w="$2" '$1 == "bottom" && $2 == k { for (i = 3; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' $I/line/0; }
field() { awk -v w="$1" '{ for (i = 1; i < NF; i++) if ($i == w) { print $(i + 1); exit } }' $I/line/0; }
echo "attach 0 tasklet" >$I/ctl
scope 4 irq --side both --json
irq=$scope
scope 10 softirq --side both --json
perf=$(counted irqdemo:irqdemo_irq_handler_entry,irqdemo:irqdemo_bh_raise,irqdemo:irqdemo_bh_entry "
	for line in 'reset 0' 'pulse 0 300' 'detach 0' 'attach 0 wq' 'pulse 0 100'; do
		echo \$line >$I/ctl
	done")
quit
kill -INT $irq
wait $irq
# each attach is an irqaction, with a row of its own on the kernel's side
is "irq, softirq: as perf counted the twin's events" "$perf" \
	"$(total irq.out line calls edu) $(total softirq.out delay raised edu) $(total softirq.out run runs edu)"
line() { jq -sr "[.[] | select(.table == \"line\" and .side == \"$1\" and (.label | test(\"irqdemo-edge\")))] | \"\(map(.calls) | add) \(map(.handled) | add)\"" irq.out; }
is "irq: the handler's calls, as the line counted them" "$(field called) $(field handled)" "$(line edu)"
is "irq: the kernel's side saw the same calls" "$(field called)" "$(line kernel | cut -d' ' -f1)"
half() { jq -r "select(.table == \"$1\" and .side == \"edu\" and .label == \"$2 line 0\") | \"\(.$3) \(.hist.count)\"" softirq.out; }
is "softirq: raises of the tasklet, as it counted them" "$(fact tasklet raised) $(fact tasklet ran)" "$(half delay tasklet raised)"
is "softirq: its runs" "$(fact tasklet ran) $(fact tasklet ran)" "$(half run tasklet runs)"
is "softirq: work items of the line" "$(fact wq ran) $(fact wq ran)" "$(half run wq runs)"
check "softirq: the kernel's TASKLET vector ran for them" \
	test "$(jq 'select(.side == "kernel" and .table == "run" and .label == "TASKLET") | .runs' softirq.out)" -ge 100
is "irq, softirq: nothing was lost" "0 0" "$(lost irq.out) $(lost softirq.out)"
echo "detach 0" >$I/ctl

# --- work: the same 200 items through the kernel's workqueue and irqdemo's
if [ -e $I/bench/wq ]; then
	scope 6 work --side both --json
	executed() { awk '$1 == "counters:" { for (i = 2; i < NF; i++) if ($i == "executed") n += $(i + 1) } END { print n }' $I/wq; }
	e0=$(executed)
	perf=$(counted irqdemo:irqdemo_workqueue_queue_work,irqdemo:irqdemo_workqueue_execute_start "
		for side in kernel edu; do
			echo side=\$side test=latency n=200 ms=1 max=1 cpu=0 >$I/bench/wq
		done")
	e1=$(executed)
	quit
	item() { jq -r "select(.table == \"$1\" and .side == \"$2\" and .label == \"$2_func\") | \"\(.$3) \(.hist.count)\"" work.out; }
	is "work: 200 items of the kernel's: queued, with their delays" "200 200" "$(item delay kernel queued)"
	is "work: 200 of the twin's" "200 200" "$(item delay edu queued)"
	is "work: their runs" "200 200" "$(item run edu runs)"
	is "work: with those of flushes, what the twin's pools counted" $((e1 - e0)) "$(total work.out run runs edu)"
	is "work: queued and run, as perf counted the twin's events" "$perf" \
		"$(total work.out delay queued edu) $(total work.out run runs edu)"
	is "work: nothing was lost" 0 "$(lost work.out)"
else
	skip "work: the same items on both sides" "this irqdemo has no workqueue"
fi

# --- fs: the same files through ext4 and through edufs
modprobe loop
mkdir -p files mnt
for i in $(seq 40); do head -c $((i * 1000)) /dev/urandom >"files/$i"; done
mke2fs -q -t ext4 -O ^has_journal -d files image 8M
stat_of() { awk -v w="$1" '$1 == w { print $2 }' $F/stats; }
for type in ext4 edufs; do
	mounted "fs" -t $type -o ro,loop image mnt || continue
	echo 3 >/proc/sys/vm/drop_caches
	m0=$(stat_of extent_maps)
	perf=$(counted edufs:edufs_ext_map_blocks_exit "
		eduscope fs --side both --json -- dd if=mnt/40 of=/dev/null bs=4000 status=none >$type.json 2>$type.err")
	m1=$(stat_of extent_maps)
	umount mnt
done
reads() { jq -r "select(.label == \"$2 read\" and .side == \"$3\") | \"\(.calls) \(.bytes)\"" "$1.json"; }
read -r calls bytes <<<"$(reads ext4 ext4 kernel)"
check "fs: ext4's reads are on the kernel's side, with those of dd itself" test "$calls" -ge 11 -a "$bytes" -ge 40000
is "fs: edufs' reads are on the twin's" "11 40000" "$(reads edufs edufs edu)"
is "fs: and not on the kernel's" "" "$(reads edufs edufs kernel)"
is "fs: edufs looked up extents as often as it counted, and perf its event" "$((m1 - m0)) $perf" \
	"$(total edufs.json map calls edu) $(total edufs.json map calls edu)"
check "fs: ext4 looked up extents, too" test "$(total ext4.json map calls kernel)" -gt 0

# --- as the page says: trace-cmd, and --pin of a twin's side
check "trace-cmd records a twin's events" trace-cmd record -q -e slab_edu -o trace.dat \
	sh -c "echo 'test=hold side=edu n=64 rounds=1 size=96' >$S/bench"
is "and shows each" 64 "$(trace-cmd report -i trace.dat 2>/dev/null | grep -c 'edu_kmem_cache_alloc:.*name=bench')"
check "--pin --side edu" eduscope slab --side edu --pin
echo 'test=hold side=edu n=64 rounds=1 size=96' >$S/bench
is "bpftool reads its rows" 64 "$(bpftool -j map dump pinned /sys/fs/bpf/eduscope/slab-edu/rows |
	jq '[.[].formatted | select(.key.table == 0) | .value.n[0]] | add')"
rm -r /sys/fs/bpf/eduscope
check "removed, it detaches" soon none_left
mkdir -p /sys/fs/bpf/eduscope/slab-edu/others
refuse "--pin where one side's pins are somebody else's" eduscope slab --side both --pin
is "leaves none of the other's" "./slab-edu ./slab-edu/others" \
	"$(cd /sys/fs/bpf/eduscope && find . -mindepth 1 | sort | xargs)"
check "and is not attached" soon none_left
rm -r /sys/fs/bpf/eduscope
eduscope slab --side both -d 0.5 >text 2>/dev/null
check "for people, a column says the side" grep -q '^side   cache' text
for module in edufs irqdemo slab_edu; do check "$module unloads" rmmod $module; done
leave
