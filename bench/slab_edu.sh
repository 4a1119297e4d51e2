#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# slab_edu.sh [ROUNDS]: SLUB and slab_edu's two fronts in one boot under the
# instruction clock: instructions for one allocation with its free, median over
# ROUNDS (5) that take turns, with the range of the ratio to SLUB; then the
# pages that live objects take, from /proc/slabinfo and slab_edu's own. SLUB is
# told to leave out what slab_edu has not (zeroing, merging, kfence).
# EDU_VM_ARGS has more options for tools/vm/run. With EDU_CLOCK=machine the
# numbers are nanoseconds of the machine.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
echo "rounds=${1:-5}" >"$work/in/settings"
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
insmod /edu/modules/slab_edu.ko || exit
d=/sys/kernel/debug/slab_edu
run() {
	echo "$*" >$d/bench || echo "failed: $*" >&2
	cat $d/bench >>/out/runs
}
for size in 8 64 256 1024 4096; do run test=reuse size=$size n=20000 rounds=$rounds; done
for test in hold random; do
	for batch in 64 256 4096; do run test=$test size=256 batch=$batch n=40960 rounds=$rounds; done
done
for batch in 1 4 16 64 250; do run test=bulk size=256 batch=$batch n=20000 rounds=$rounds; done
for batch in 64 1024; do run test=remote size=256 batch=$batch n=20480 rounds=$rounds; done
run test=kmalloc n=20000 rounds=$rounds
run test=rbtree size=64 n=1000000 rounds=1
pages() { awk -v c="$1" '$1 == c { print $15 * $6 }' "$2"; } # num_slabs * pagesperslab
for size in 8 64 256 1024 4096; do
	n=$((16777216 / size))
	for side in kernel edu sheaf; do
		run test=fill size=$size n=$n rounds=1 side=$side
		case $side in
		kernel) p=$(pages slab_edu_bench /proc/slabinfo) ;;
		*) p=$(pages bench $d/slabinfo) ;;
		esac
		echo "$size $side $p $((n * size))" >>/out/pages
	done
done
rmmod slab_edu
exit 0
GUEST
# Time stands still while a processor waits: two can count together.
clock=(--icount --qemu "-smp 2")
[ "${EDU_CLOCK-icount}" = icount ] || clock=()
# shellcheck disable=SC2086	# a list of words
"$top/tools/vm/run" "${clock[@]}" --append "init_on_alloc=0 slab_nomerge kfence.sample_interval=0" \
	${EDU_VM_ARGS-} --in "$work/in" --out "$work/out" -- bash /in/guest
cat "$work/out/errors" >&2
printf '%-8s %5s %6s %9s %9s %-21s %9s %-21s\n' test size batch kernel edu ratio sheaf ratio
# Under --icount an instruction is two nanoseconds.
awk -v per="${clock[*]:+2}" '
function field(name,  m) { match($0, " " name "=[0-9]+"); m = substr($0, RSTART, RLENGTH); sub(/.*=/, "", m); return m }
function sort(a, n,  i, k, t) { for (i = 2; i <= n; i++) for (k = i; k > 1 && a[k] < a[k - 1]; k--) { t = a[k]; a[k] = a[k - 1]; a[k - 1] = t } }
function median(side,  i, a) { for (i = 1; i <= n[key]; i++) a[i] = v[key, side, i - 1]; sort(a, n[key]); return a[int((n[key] + 1) / 2)] }
function ratio(side,  i, a) {
	for (i = 1; i <= n[key]; i++) a[i] = v[key, side, i - 1] / v[key, "kernel", i - 1]
	sort(a, n[key])
	return sprintf("%.3f (%.3f .. %.3f)", a[int((n[key] + 1) / 2)], a[1], a[n[key]])
}
/ test=fill / { next }
{
	split($1, side, "="); split($2, test, "=")
	key = sprintf("%-8s %5s %6s", test[2], field("size"), field("batch"))
	if (!(key in n)) order[++keys] = key
	n[key] = field("round") + 1
	v[key, side[2], n[key] - 1] = field("ns") / (per ? per : 1) / field("objects")
}
END {
	for (k = 1; k <= keys; k++) {
		key = order[k]
		printf "%s %9.1f %9.1f %-21s %9.1f %-21s\n", key, median("kernel"), median("edu"), ratio("edu"), median("sheaf"), ratio("sheaf")
	}
}' "$work/out/runs"
printf '\n%5s %22s %9s %9s\n' size 'bytes a live byte: SLUB' edu sheaf
awk '{ r[$1, $2] = $3 * 4096 / $4 } $2 == "sheaf" { printf "%5s %22.4f %9.4f %9.4f\n", $1, r[$1, "kernel"], r[$1, "edu"], r[$1, "sheaf"] }' "$work/out/pages"
