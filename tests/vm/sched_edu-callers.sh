#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No BPF program but our own scheduler can call our functions: not a tracing
# program, nor one that is run by hand, nor another kind of struct_ops, nor
# another scheduler. Each differs in this one call from a program that is loaded.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

pin=/sys/fs/bpf/stranger

check "sched_edu loads" load sched_edu
if [ ! -e /sys/kernel/sched_ext ]; then
	skip "callers" "this kernel has no sched_ext"
	check "sched_edu unloads" unload
	finish
fi
for who in tracing syscall tcp sched_ext; do
	check "$who: loads with a function of the kernel's" \
		bpftool prog loadall /edu/bin/stranger-$who-permitted.bpf.o $pin
	rm -rf $pin
	if said=$(bpftool prog loadall /edu/bin/stranger-$who-ours.bpf.o $pin 2>&1); then
		not_ok "$who: is refused one of ours"
		rm -rf $pin
	else
		ok "$who: is refused one of ours"
	fi
	is "$who: for that reason" "calling kernel function sched_edu_next_kick is not allowed" \
		"$(grep -m 1 'calling kernel function' <<<"$said")"
done
check "sched_edu unloads" unload
finish
