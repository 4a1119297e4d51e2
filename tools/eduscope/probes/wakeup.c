// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "wakeup.skel.h"

PROBE_OBJECT(wakeup)

#define COUNTERS { "wakeups", "new", "running" }

static const struct table tables[] = {
	{ .name = "task", .label = LABEL_TASK, .counters = COUNTERS, .hist = true },
	{ .name = "class", .label = LABEL_CLASS, .counters = COUNTERS, .hist = true },
	{ .name = "graph", .label = LABEL_PAIR, .counters = { "wakeups", "new" }, .hist = true },
	{ .name = "cpu", .label = LABEL_CPU,
	  .counters = { "", "", "", "without_ipi" }, .hist = true, .cpus_of = 1 },
};

const struct probe wakeup_probe = {
	.name = "wakeup",
	.summary = "from being woken to running, and who wakes whom",
	.doc = "The filter is asked about the wakee; without_ipi is counted only without one.",
	.unit = "ns",
	.measures = "time from waking to running",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.top_table = 1,
	.open = wakeup_open,
	.destroy = wakeup_destroy,
};
