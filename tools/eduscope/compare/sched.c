// SPDX-License-Identifier: GPL-2.0
/*
 * Every question that schedulers are asked, of sched_edu and of three others: the
 * kernel's own class, and two of sched_ext's examples where tools/programs could
 * build them. Each takes some minutes, so only by name. sched-load does the work;
 * what it measures stands there.
 */
#include "compare.h"

static const struct metric metrics[] = {
	{ "weight_error", "%", true },
	{ "slice_2", "ns", true },
	{ "slice_8", "ns", true },
	{ "idle_p50", "ns", true },
	{ "idle_p99", "ns", true },
	{ "idle_p999", "ns", true },
	{ "load_p50", "ns", true },
	{ "load_p99", "ns", true },
	{ "load_p999", "ns", true },
	{ "rt_p50", "ns", true },
	{ "rt_p99", "ns", true },
	{ "rt_p999", "ns", true },
	{ "lead", "ns", true },
	{ "hackbench", "ns", true },
	{ "switches", "", true },
	{ "migrations", "", true },
	{ "pipe", "ns", true },
	{ "messaging", "ns", true },
	{ "group_error", "points", true },
	{ "quota_error", "points", true },
	{}
};

#define COMMON										\
	.module = "sched_edu", .asked = true, .metrics = metrics,			\
	.setup = kernel_schedules, .teardown = back_to_the_kernel,			\
	.run_cmd = "sched-load $SIDE",							\
	.workload = "40 hogs by weight, 2 and 8 alike, cyclictest, hackbench, groups"

const struct comparison sched_all = {
	.name = "sched-all",
	.title = "the kernel's classes against sched_edu, every question",
	.side = { "kernel", "edu" },
	COMMON
};

const struct comparison sched_simple = {
	.name = "sched-simple",
	.title = "sched_ext's scx_simple against sched_edu, every question",
	.side = { "scx_simple", "edu" },
	COMMON
};

const struct comparison sched_flatcg = {
	.name = "sched-flatcg",
	.title = "sched_ext's scx_flatcg against sched_edu, every question",
	.side = { "scx_flatcg", "edu" },
	COMMON
};
