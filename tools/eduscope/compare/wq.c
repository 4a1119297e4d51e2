// SPDX-License-Identifier: GPL-2.0
/* irqdemo's workqueue beside the kernel's, by the module's own bench/wq. */
#include "compare.h"

static const struct metric wq_metrics[] = {
	{ "empty", "ns", true },
	{ "latency_p50", "ns", true },
	{ "latency_p99", "ns", true },
	{ "handoff_p50", "ns", true },
	{ "sleepers", "ns", true },
	{ "busy", "ns", true },
	{ "order", "ns", true },
	{}
};

const struct comparison wq_twin = {
	.name = "wq",
	.title = "the kernel's workqueue against irqdemo's",
	.side = { "kernel", "edu" },
	.module = "irqdemo",
	.workload = "2,000 empty works; 300 one by one; 16 sleepers, 16 busy ones; 200 in order",
	.metrics = wq_metrics,
	.run_cmd =
		"B=/sys/kernel/debug/irqdemo/bench/wq\n"
		"t() { echo side=$SIDE test=$1 n=$2 ms=$3 max=$4 cpu=0 >$B || exit 1; }\n"
		"t empty 2000 0 64; awk '$1 == \"work\" { print \"empty\", $2 }' $B\n"
		"t latency 300 0 16; grep latency $B\n"
		"t handoff 200 0 16; grep handoff $B\n"
		"t sleepers 16 20 32; awk '$1 == \"makespan\" { print \"sleepers\", $2 }' $B\n"
		"t busy 16 2 32; awk '$1 == \"makespan\" { print \"busy\", $2 }' $B\n"
		"t order 200 0 1; awk '$1 == \"took\" { print \"order\", $2 }' $B\n",
};
