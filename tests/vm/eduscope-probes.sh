#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The other probes against independent counts: getrusage, strace, /proc, perf.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

sum() { jq -s "[.[] | select(.table == \"$2\") | .$3] | add // 0" "$1"; }

watch() { # LINKS PROBE ARG...
	scope "$@" --json
	ln -s "$2.out" "$2.json"
}

# --- fault: N pages, N anonymous faults; /proc's count to the unit
start touch 1000
faults() { awk '{ print $10, $12 }' "/proc/$1/stat"; }
read -r a b <<<"$(faults "$pid")"
watch 8 fault -p "$pid"
go
read -r c d <<<"$(faults "$pid")"
quit
end
is "minor and major faults are those of /proc, to the unit" "$((c - a)) $((d - b))" \
	"$(sum fault.json kind minor) $(sum fault.json kind major)"
is "1000 new pages are 1000 anonymous faults" "$said 1000" \
	"$said $(jq -s '[.[] | select(.table == "mapping") | .anon] | max' fault.json)"

# a fork's child writes to pages that it shares with its parent
eduscope fault --json -- sh -c 'x=1; (x=2); exec >/dev/null; cat /etc/passwd' >cow.json 2>cow.err
check "fault: copies on write after a fork" test "$(jq -s '[.[] | select(.table == "task") | .cow] | add' cow.json)" -gt 0
is "fault: a task has the name of the program that it runs" "" \
	"$(jq -r 'select(.table == "task") | .label | select(startswith("eduscope"))' cow.json)"
check "fault: pages of files, served by ext4" test "$(jq 'select(.table == "filesystem" and .label == "ext4") | .file_read' cow.json)" -gt 10

# --- syscall: strace counts the same program
strace -f -c -o strace.txt sh -c 'exec >/dev/null; for i in 1 2 3 4 5; do cat /proc/self/stat; done'
eduscope syscall --json -- sh -c 'exec >/dev/null; for i in 1 2 3 4 5; do cat /proc/self/stat; done' \
	>syscall.json 2>syscall.err
for call in read write openat wait4; do
	is "syscall: as many $call as strace counted" \
		"$(awk -v c=$call '$NF == c { print $4 }' strace.txt)" \
		"$(jq "select(.table == \"call\" and .label == \"$call\") | .calls" syscall.json)"
done

eduscope syscall -e --json -- eduscope-load six >six.json 2>six.err
is "syscall: six arguments, in the order of the registers" "1 2 3 4 5 6" \
	"$(jq -r 'select(.event == "enter" and .nr == 39 and .rdi == 1) | "\(.rdi) \(.rsi) \(.rdx) \(.r10) \(.r8) \(.r9)"' six.json | head -n 1)"

# --- lifecycle: the order of a shell that runs one program and waits
eduscope lifecycle --json -- sh -c '/bin/true; exit 3' >life.json 2>life.err
child=$(jq 'select(.event == "fork") | .child' life.json | head -n 1)
is "lifecycle: fork, first run, exec, exit of the child in order" "fork run exec exit" \
	"$(jq -r "select(.type == \"event\") | select(.child == $child or .tid == $child) | .event" life.json | xargs)"
check "lifecycle: from the fork to the first run" test "$(jq "select(.event == \"run\" and .tid == $child) | .ns" life.json)" -gt 0
is "lifecycle: and each has a row" "1 1" "$(jq -r "select(.table == \"task\" and .id == $child) | \"\(.execs) \(.exits)\"" life.json)"
is "lifecycle: the shell's own status" 3 \
	"$(jq "select(.event == \"exit\" and .tid != $child) | .status" life.json)"

# --- signal: a handler that returns, and within it one that does not
start signals 3
watch 6 signal -e -p "$pid"
echo >&3
for _ in 1 2 3; do soon asleep "$pid" && kill -USR1 "$pid"; done
read -r -u 4 said
quit
end
row() { jq -r "select(.table == \"signal\" and .label == \"$1\") | \"\(.sent) \(.dropped) \(.woken) \(.delivered) \(.handled)\"" signal.json; }
is "signal: three sent to one asleep: woken, delivered, handled" "3 0 3 3 3" "$(row SIGUSR1)"
is "signal: three sent to oneself" "3 0 0 3 3" "$(row SIGUSR2)"
is "signal: only those handlers that returned have" "SIGUSR1 3 3" \
	"$(jq -r 'select(.table == "handler") | "\(.label) \(.returned) \(.hist.count)"' signal.json | xargs)"
once="wake generate deliver return"
is "signal: its way, in order" "$once $once $once" \
	"$(jq -r 'select(.type == "event" and .sig == 10) | .event' signal.json | xargs)"

# --- irq: the scratch disk's line, as in /proc/interrupts; softirq, work
disk() { awk '/virtio.*req/ { for (i = 2; i < NF; i++) if ($i ~ /^[0-9]+$/) n += $i } END { print n + 0 }' /proc/interrupts; }
sync
watch 2 irq
first=$(disk)
dd if=/dev/disk/by-id/virtio-scratch of=/dev/null bs=64k count=200 iflag=direct 2>/dev/null
last=$(disk)
quit
ours=$(jq -s '[.[] | select(.table == "line" and (.label | test("req"))) | .calls] | add // 0' irq.json)
echo "# /proc/interrupts $((last - first)), eduscope $ours"
check "irq: at least what /proc/interrupts shows" test "$ours" -ge $((last - first))
check "irq: and not far more" test "$ours" -le $((2 * (last - first) + 20))
eduscope softirq -d 2 --json >softirq.json 2>softirq.err
check "softirq: runs follow raises" test "$(sum softirq.json run runs)" -gt 0
is "softirq: every run that began ended" true \
	"$(jq -s '[.[] | select(.table == "run") | .runs - .hist.count] | max <= 2' softirq.json)"
# what a terminal is given is handed on by an item that is queued while it runs
eduscope work --json -- sh -c 'script -qc "head -c 500000 /dev/zero" /dev/null >/dev/null' >work.json 2>work.err
check "work: items were run" test "$(sum work.json run runs)" -gt 0
is "work: every run that began ended" true \
	"$(jq -s '[.[] | select(.table == "run") | .runs - .hist.count] | max <= 2' work.json)"

# --- slab: perf's count of the same program, and fs
eduscope slab --json -- sh -c 'perf stat -x, -e kmem:kmem_cache_alloc -o perf.txt cat /etc/passwd >/dev/null' \
	>slab.json 2>slab.err
perf=$(awk -F, '/kmem_cache_alloc/ { print $1 }' perf.txt)
cat=$(jq 'select(.table == "task" and .label != null) | .allocs' slab.json | sort -n | xargs)
echo "# perf counted $perf for cat; rows: $cat"
check "slab: objects were counted" test "$(sum slab.json cache allocs)" -ge "$perf"
dd if=/dev/urandom of=file bs=4k count=100 2>/dev/null
eduscope fs --json -- dd if=file of=other bs=4k conv=fsync status=none >fs.json 2>fs.err
is "fs: 100 blocks written to tmpfs" "100 409600" \
	"$(jq -r 'select(.label == "tmpfs write") | "\(.calls) \(.bytes)"' fs.json)"
# a layer on another
modprobe overlay
mkdir lower lower2 both
echo text >lower/file
mount -t overlay overlay -o "lowerdir=$PWD/lower:$PWD/lower2" both
eduscope fs --json -- dd if=both/file of=/dev/null status=none >layers.json 2>layers.err
umount both
is "fs: an open of overlayfs is one, and one of what is below" "1 1" \
	"$(jq -r 'select(.label == "overlay open" or .label == "tmpfs open") | .calls' layers.json | xargs)"
# an interrupt may find the program running: that is missed, and told
is "nothing was lost in all that" 0 \
	"$(jq -s '[.[] | select(.type == "end") | .lost | .rows + .states + .events] | add' ./*.json)"
is "what was missed is told, in all of that" true \
	"$(jq -s '[.[] | select(.type == "end") | .lost.missed >= 0] | all' ./*.json)"
leave
