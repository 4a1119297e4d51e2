#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# port.sh [KERNEL]: the bytes that come out of QEMU's ports are those that programs
# sent through lpchar: 1 MB, odd sizes, while signals come, of two writers, by every
# way to push; and from two ports on one interrupt line at once.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
. tools/lib.sh
kernel=${1:-stock}
mkdir -p "$EDU_OUT"
tmp=$(mktemp -d "$EDU_OUT/port.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/in"
cat >"$tmp/in/guest" <<'GUEST'
. /edu/tests/tap.sh
set -u
debug=/sys/kernel/debug/lpchar
of() { awk -v k="$2" '$1 == k { print $2 }' "$debug/$1/stats"; }
# what the line brought, as /proc/interrupts has it and as a port's handler was called
line() { awk -v n=-${line0:-0} '$1 == "7:" { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' /proc/interrupts; }
calls() { echo $(($(of "$1" irqs) + $(of "$1" foreign_irqs))); }
io() { lpchar-io "/dev/lpchar$1" "${@:2}" 2>/dev/null; }
rmmod lp ppdev parport_pc 2>/dev/null
big=1048576
[ ! -e /sys/kernel/debug/kmemleak ] || big=65536

line0=$(line)
load lpchar io=0x378,0x278 irq=7,7 sim=0
is "both ports, with interrupts" "isa isa 7 7" "$(cat /sys/class/lpchar/*/backend /sys/class/lpchar/*/irq | xargs)"
is "two handlers on one line" 2 "$(grep ' 7:' /proc/interrupts | grep -o lpchar | wc -l)"
for push in handler bh work thread poll; do
	echo $push >/sys/class/lpchar/lpchar0/push
	for nr in 1 2 4095 4096 4097; do io 0 send /out/sent.0 $nr >/dev/null; done
	is "$push: sent while signals come" "sent 20011" "$(io 0 signals /out/sent.0 20011)"
done
echo handler >/sys/class/lpchar/lpchar0/push
is "1 MB ($big)" "sent $big" "$(io 0 send /out/sent.0 $big)"

# the other port raised nothing, and says so of each interrupt
is "every interrupt was offered to both" "$(line) $(line)" "$(calls 0) $(calls 1)"
is "the silent one took none of them" 0 "$(of 1 irqs)"
check "and the other took its own" test "$(of 0 irqs)" -gt 1000
rounds=3
for push in handler bh work; do
	echo $push >/sys/class/lpchar/lpchar0/push
	io 0 send /out/sent.0 30000 >/dev/null &
	io 1 send /out/sent.1 30000 >/dev/null &
	wait
done
is "both at once, $rounds times" "30000 30000" \
	"$((($(of 0 strobed) - big - 5 * 32302) / rounds)) $(($(of 1 strobed) / rounds))"
is "every interrupt was offered to both" "$(line) $(line)" "$(calls 0) $(calls 1)"
echo "# lost interrupts: $(of 0 lost_irqs) and $(of 1 lost_irqs); surplus: $(of 0 reraised_irqs) and $(of 1 reraised_irqs)"
is "two writers" written "$(io 0 two)"
# One goes while the other prints.
io 1 send /out/sent.1 30000 >/dev/null &
echo "unplug 0" >$debug/control
wait
is "one handler is left" 1 "$(grep ' 7:' /proc/interrupts | grep -o lpchar | wc -l)"
io 1 send /out/sent.1 5000 >/dev/null
check "lpchar unloads" rmmod lpchar
finish
GUEST
tools/modules --kernel "$kernel" >/dev/null && tools/programs || exit 1
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok * }" ;;
	"not ok "*) not_ok "${line#not ok * }" ;;
	'#'*) echo "$line" ;;
	esac
done < <(tools/vm/run --kernel "$kernel" --mem 3072 --in "$tmp/in" --out "$tmp/out" --lp "$tmp/port.0" \
	--qemu "-chardev file,id=lp1,path=$tmp/port.1 -device isa-parallel,chardev=lp1,iobase=0x278,irq=7" \
	-- bash /in/guest 2>"$tmp/said" || echo "not ok 0 the guest: exit $?")
sed 's/^/# /' "$tmp/said"
# What two writers sent at the end: whole blocks of each, in any order.
size=$(stat -c %s "$tmp/out/sent.0")
tail -c "+$((size + 1))" "$tmp/port.0" | fold -w 1000 | LC_ALL=C sort | uniq -c |
	awk '{ print $1, substr($2, 1, 1), length($2) }' >"$tmp/two"
head -c "$size" "$tmp/port.0" >"$tmp/got.0"
check "port 0x378 received $size bytes as sent" cmp "$tmp/out/sent.0" "$tmp/got.0"
is "and after them the blocks of two writers" "30 A 1000 30 B 1000" "$(xargs <"$tmp/two")"
check "port 0x278 received $(stat -c %s "$tmp/port.1") bytes as sent" cmp "$tmp/out/sent.1" "$tmp/port.1"
finish
