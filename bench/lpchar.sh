#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# lpchar.sh [KIB [ROUNDS]]: the kernel's lp and lpchar on the same emulated
# port, alternated in one boot, by interrupt and polled. For each way it prints
# the median over ROUNDS (3) of KIB (256) sent: microseconds, processor time
# and interrupts per byte. Then it compares what QEMU's port received with all
# that was sent. EDU_VM_ARGS has more options for tools/vm/run: with --icount time
# is a count of instructions, the same on a busy machine, and is printed as one.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "kib=${1:-256} rounds=${2:-3}" >"$work/in/settings"
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
cat /edu/modules/*.ko /edu/bin/* /usr/bin/bash | head -c $((kib * 1024)) >/tmp/job
cp /tmp/job /out/job
bytes=$(stat -c %s /tmp/job)
off() { rmmod lpchar lp ppdev parport_pc parport; }
interrupts() { awk '$1 == "7:" { s = 0; for (i = 2; $i ~ /^[0-9]+$/; i++) s += $i; print s + 0 }' /proc/interrupts; }
idle() { awk '$1 == "cpu" { print $5 + $6 }' /proc/stat; }
run() { # WAY DEVICE
	local t0 t1 i0 i1 c0 c1 all
	sleep 0.2
	i0=$(interrupts) c0=$(idle) all=$(nproc) t0=${EPOCHREALTIME/./}
	cat /tmp/job >"$2"
	t1=${EPOCHREALTIME/./} c1=$(idle) i1=$(interrupts)
	awk -v way="$1" -v t=$((t1 - t0)) -v i=$((${i1:-0} - ${i0:-0})) -v c=$((c1 - c0)) -v n="$bytes" -v all="$all" \
		'BEGIN { cpu = t * all - c * 10000; printf "%s %.3f %.3f %.4f\n", way, t / n, cpu / n, i / n }' >>/out/runs
	echo "$1" >>/out/order
}
for round in $(seq "$rounds"); do
	off
	modprobe parport_pc; modprobe lp
	run lp-irq /dev/lp0
	off
	insmod /edu/modules/lpchar.ko sim=0
	for push in handler bh work thread; do
		echo $push >/sys/class/lpchar/lpchar0/push
		run lpchar-$push /dev/lpchar0
	done
	echo handler >/sys/class/lpchar/lpchar0/push
	echo 128 >/sys/module/lpchar/parameters/burst
	run lpchar-handler-burst128 /dev/lpchar0
	echo 1 >/sys/module/lpchar/parameters/burst
	echo handler >/sys/class/lpchar/lpchar0/push
	run lpchar-handler-burst1 /dev/lpchar0
	off
	modprobe parport_pc io=0x378 irq=none; modprobe lp
	run lp-poll /dev/lp0
	off
	insmod /edu/modules/lpchar.ko sim=0 push=poll
	run lpchar-poll /dev/lpchar0
done
off
exit 0
GUEST
# shellcheck disable=SC2086	# a list of words
"$top/tools/vm/run" ${EDU_VM_ARGS-} --in "$work/in" --out "$work/out" --lp "$work/port" -- bash /in/guest
# Two nanoseconds are an instruction there.
unit=us factor=1
[[ ${EDU_VM_ARGS-} != *--icount* ]] || unit=instr factor=500
printf '%-24s %12s %14s %10s %22s\n' way $unit/byte cpu-$unit/byte irqs/byte "least and most $unit"
awk '!seen[$1]++ { print $1 }' "$work/out/runs" | while read -r way; do
	awk -v w="$way" '$1 == w' "$work/out/runs" | sort -n -k2 |
		awk -v f=$factor '{ t[NR] = $2 * f; c[NR] = $3 * f; i[NR] = $4 }
			END { m = int((NR + 1) / 2)
				printf "%-24s %12.3f %14.3f %10.4f %11.3f %10.3f\n", $1, t[m], c[m], i[m], t[1], t[NR] }'
done
runs=$(wc -l <"$work/out/order")
# A file a driver received must be the job, as often as it was sent.
if for _ in $(seq "$runs"); do cat "$work/out/job"; done | cmp - "$work/port"; then
	echo "$runs jobs of $(stat -c %s "$work/out/job") bytes: received as sent"
else
	echo "the port received something else" >&2
	exit 1
fi
