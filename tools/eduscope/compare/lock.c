// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo's locks beside the kernel's, by the module's own bench/lock: the
 * time of one turn, alone and with a thread on each CPU. The kernel's side of
 * ticket, mcs and qspin is its one spinlock. A turn of ww is a transaction of
 * three locks.
 */
#include "compare.h"

static const struct metric lock_metrics[] = {
	{ "ticket", "ns", true },
	{ "mcs", "ns", true },
	{ "qspin", "ns", true },
	{ "mutex", "ns", true },
	{ "rwsem", "ns", true },
	{ "ww", "ns", true },
	{ "c_ticket", "ns", true },
	{ "c_mcs", "ns", true },
	{ "c_qspin", "ns", true },
	{ "c_mutex", "ns", true },
	{ "c_rwsem", "ns", true },
	{ "c_ww", "ns", true },
	{}
};

const struct comparison lock_twin = {
	.name = "lock",
	.title = "the kernel's locks against irqdemo's",
	.side = { "kernel", "edu" },
	.module = "irqdemo",
	.workload = "a turn of 0 ns by one thread, for 100 ms; c_: by a thread on each CPU",
	.metrics = lock_metrics,
	.run_cmd =
		"B=/sys/kernel/debug/irqdemo/bench/lock\n"
		"n=$(getconf _NPROCESSORS_ONLN)\n"
		"for l in ticket mcs qspin mutex rwsem ww; do\n"
		"for t in 1 $n; do\n"
		"echo side=$SIDE lock=$l threads=$t ms=100 hold=0 >$B || exit 1\n"
		"[ $t = 1 ] && p= || p=c_\n"
		"awk -v m=$p$l '$1 == \"op\" { print m, $2 }' $B\n"
		"done\n"
		"done\n",
};
