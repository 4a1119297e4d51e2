#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The runner's contract: exit status, streams, disks, devices, reports, and
# that nothing is left behind however it ends.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
run=tools/vm/run
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export TMPDIR=$tmp # where the runner works, so that we see what it leaves
tools/modules --kernel stock >/dev/null

status() { # COMMAND...: its exit status, its output in $tmp/out and $tmp/err
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	echo $?
}
# A guest's disk is named on its QEMU's command line.
guests() { pgrep -f "qemu-system.*$tmp" | wc -l; }

# One boot for all that a normal command can show.
mkdir "$tmp/in"
echo "a file" >"$tmp/in/with space"
ln -s /nowhere "$tmp/in/link"
cat >"$tmp/in/script" <<'EOF'
exec 2>&1
cat "/in/with space" >/out/copy
readlink /in/link >/out/link
stat -c %s /edu/modules/slab_edu.ko >/out/module
blockdev --getsize64 /dev/disk/by-id/virtio-scratch >/out/scratch
nproc >/out/cpus
cat /sys/bus/pci/devices/*/device | grep -c 0x11e8 >/out/edu
modprobe -a parport_pc lp && printf 'to the port' >/dev/lp0
echo "again" >/dev/stdout
head -c 10000000 /dev/zero | tr '\0' 'x'
printf '\000\001\377\n'
kill -9 $$
EOF
lp=$tmp/a,port
is "a command killed by a signal: 128 + 9" 137 "$(status $run --cpus 3 --disk 77 --lp "$lp" \
	--in "$tmp/in" --out "$tmp/result" -- bash /in/script)"
is "--in: a name with a space" "a file" "$(cat "$tmp/result/copy")"
is "--in: a link stays a link" /nowhere "$(cat "$tmp/result/link")"
check "/edu/modules has the modules" test "$(cat "$tmp/result/module")" -gt 10000
is "--disk 77" $((77 << 20)) "$(cat "$tmp/result/scratch")"
is "--cpus 3" 3 "$(cat "$tmp/result/cpus")"
is "the PCI edu device is there" 1 "$(cat "$tmp/result/edu")"
is "--lp FILE has what was printed" "to the port" "$(tr -d '\r' <"$lp")"
is "10 MB and binary on stdout, to the byte" \
	"$({ echo again; head -c 10000000 /dev/zero | tr '\0' x; printf '\000\001\377\n'; } | sha256sum)" \
	"$(sha256sum <"$tmp/out")"

is "the command's own status" 3 "$(status $run -- sh -c 'echo out; echo err >&2; cat; exit 3')"
is "stdout is the command's" out "$(cat "$tmp/out")"
is "stderr is the command's" err "$(cat "$tmp/err")"
is "a command that does not exist: 127" 127 "$(status $run -- /no/such)"

# A person at a terminal, which script(1) plays; what is typed too early may be lost.
printf '%64s\nstty size; echo $((6 * 7)); exit 3\n' '' |
	script -qec "stty rows 33 cols 101; tools/vm/shell; echo shell: \$?; stty -a" "$tmp/terminal" >"$tmp/screen"
check "the shell has the terminal's size" grep -q '33 101' "$tmp/screen"
check "... answers" grep -q '^42' "$tmp/screen"
check "... gives its status" grep -q '^shell: 3' "$tmp/screen"
check "... and the terminal back as it was" grep -qw 'icanon' "$tmp/screen"
is "the shell without a terminal: 2" 2 "$(status tools/vm/shell)"

# Kernels in trouble.
is "a panic: 125" 125 "$(status $run -- sh -c 'echo c >/proc/sysrq-trigger')"
check "... and it is shown" grep -q 'Kernel panic' "$tmp/err"
is "a warning: 125, though the command is content" 125 \
	"$(status $run -- sh -c 'insmod /edu/modules/misbehave.ko how=warn; rmmod misbehave')"
check "... and it is shown" grep -q 'misbehave: as asked' "$tmp/err"
is "an oops: 125" 125 "$(status $run -- insmod /edu/modules/misbehave.ko how=oops)"
is "a guest that is stuck: 124" 124 \
	"$(status $run --cpus 1 --timeout 25 -- insmod /edu/modules/misbehave.ko how=stuck)"
is "... and is gone" 0 "$(guests)"
is "a command that outlives its time: 124" 124 "$(status $run --timeout 15 -- sleep 1000)"
is "a guest that turns itself off: 124" 124 "$(status $run -- busybox reboot -f)"
is "a kernel that does not boot: 126" 126 "$(status $run --append rdinit=/none --timeout 60 -- true)"
is "a QEMU that does not start: 126" 126 "$(status $run --qemu -nonsense -- true)"
check "... and what it said" grep -q nonsense "$tmp/err"

# Misuse.
is "no command: 2" 2 "$(status $run)"
is "an unknown option: 2" 2 "$(status $run --frobnicate -- true)"
is "not a number: 2" 2 "$(status $run --mem lots -- true)"
is "an option without its value: 2" 2 "$(status $run --mem)"
is "--in without the folder: 2" 2 "$(status $run --in /no/such -- true)"
is "an unknown kernel: 126" 126 "$(status $run --kernel 2.4 -- true)"
is "a file that is no kernel: 126" 126 "$(status $run --kernel /bin/sh -- true)"
is "--help" 0 "$(status $run --help)"

# However it ends.
started() { # wait until the guest of the last background job runs its command
	for _ in {1..300}; do
		grep -q begun "$tmp/stream" 2>/dev/null && return
		sleep 0.2
	done
}
for signal in INT TERM KILL; do
	rm -f "$tmp/stream"
	# bash lets background jobs ignore SIGINT; env gives it back.
	env --default-signal=INT $run -- sh -c 'echo begun; sleep 1000' >"$tmp/stream" 2>/dev/null &
	started
	kill -$signal $!
	wait $! 2>/dev/null
	sleep 1
	is "SIG$signal leaves no QEMU" 0 "$(guests)"
	[ $signal = KILL ] || is "SIG$signal leaves no files" 0 "$(find "$tmp" -name 'edu-vm.*' | wc -l)"
done
rm -rf "$tmp"/edu-vm.*
is "a reader that goes away" y "$(timeout 120 $run -- yes | head -n 1)"
sleep 1
is "... takes the guest along" 0 "$(guests)"

# The same, in the guest of another kernel.
is "--kernel 6.12" "6.12" "$(tools/vm/run --kernel 6.12 -- uname -r | grep -o '^6\.12')"
is "--icount: one processor" 1 "$(tools/vm/run --icount --cpus 4 -- nproc)"
# A breakpoint of the kernel's own that its processor met, but which is not there; one that is.
. tools/lib.sh
. tools/vm/lib.sh
oops() { printf '[ 1.0] Oops: int3: 0000 [#1] SMP\n[ 1.0] RIP: 0010:f\n[ 1.0] Code: 48 89 %s <1f> 44\n' "$1"; }
oops 0f >"$tmp/away"
oops cc >"$tmp/there"
check "a breakpoint that is not there is the emulator's" patched_away "$tmp/away"
refuse "one that is there is not" patched_away "$tmp/there"
refuse "nor is another oops" patched_away <(oops 0f | sed 's/int3/general protection fault/')
finish
