#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# That KUnit's failures are seen, both ways: a suite is made to fail in a copy
# of the repository, and the run must fail and name it.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
copy=$(mktemp -d /var/tmp/edu-kunit.XXXXXX)
trap 'rm -rf "$copy"' EXIT
cp -r Kbuild Kconfig modules tests tools "$copy/"
# The others would only take time.
sed -i '/^obj.*\(edufs\|irqdemo\|lpchar\|sched_edu\)/d' "$copy/Kbuild" "$copy/tests/kunit/Kbuild"
sed -i 's/{ 4, 192, 21, 1 },/{ 4, 192, 22, 1 },/' "$copy/tests/kunit/slab_edu/order_test.c"

is "kunit.py: the broken suite fails the run" 1 \
	"$("$copy/tools/kunit/run" slab_edu_order >"$copy/um" 2>&1; echo $?)"
check "... and is named" grep -q 'FAILED. order_golden_rows' "$copy/um"

"$copy/tools/modules" --kernel debug C=0 >/dev/null
mkdir -p out/check
"$copy/tools/vm/run" --kernel debug --mem 3072 --log out/check/kunit-broken.console \
	-- /edu/tests/kunit slab_edu >"$copy/debug" 2>out/check/kunit-broken.log
is "the debug kernel: the broken suite fails the run" 1 $?
check "... and is named" grep -q 'not ok 1 order_golden_rows' "$copy/debug"
# A leak is a failure, too, though every test passes.
"$copy/tools/vm/run" --kernel debug -- insmod /edu/modules/misbehave.ko how=leak 2>"$copy/leak"
is "the debug kernel: a leak is a report" 125 $?
check "... with its size" grep -q 'size 2048' "$copy/leak"
finish
