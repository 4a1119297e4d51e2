// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "work.skel.h"

PROBE_OBJECT(work)

static const struct table tables[] = {
	{ .name = "delay", .label = LABEL_SYMBOL, .counters = { "queued" }, .hist = true },
	{ .name = "run", .label = LABEL_SYMBOL, .counters = { "", "runs" }, .hist = true },
};

static const struct hook hooks[] = {
	{ "work_queue", "irqdemo_workqueue_queue_work" },
	{ "work_start", "irqdemo_workqueue_execute_start" },
	{ "work_end", "irqdemo_workqueue_execute_end" },
};

const struct probe work_probe = {
	.name = "work",
	.summary = "work items by function: from queueing to running, and how long they ran",
	.doc = "An item that is queued again while it runs is counted again.",
	.unit = "ns",
	.measures = "time from queueing to running",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.no_task = true,
	.twin = "irqdemo",
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = work_open,
	.destroy = work_destroy,
};
