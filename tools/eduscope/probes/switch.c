// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "switch.skel.h"

PROBE_OBJECT(switch)

#define COUNTERS { "blocked", "higher", "slice", "same", "yielded", "exited",	\
		   "voluntary", "involuntary", "migrations" }

static const struct table tables[] = {
	{ .name = "task", .label = LABEL_TASK, .counters = COUNTERS, .hist = true },
	{ .name = "class", .label = LABEL_CLASS, .counters = COUNTERS, .hist = true },
	{ .name = "cpu", .label = LABEL_CPU, .counters = COUNTERS, .hist = true, .cpus_of = 1 },
};

const struct probe switch_probe = {
	.name = "switch",
	.summary = "context switches: who left the CPU, why, after how long",
	.doc = "Causes: blocked, a higher class, end of slice, same class, yielded, exited.",
	.unit = "ns",
	.measures = "time on the CPU",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.folded = "microseconds off the CPU",
	.folded_unit = 1000,
	.top_table = 1,
	.open = switch_open,
	.destroy = switch_destroy,
};
