// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "irq.skel.h"

PROBE_OBJECT(irq)

#define COUNTERS { "calls", "handled", "not_mine", "woke_thread" }

static const struct table tables[] = {
	{ .name = "line", .label = LABEL_NUMBER, .counters = COUNTERS, .hist = true },
	{ .name = "cpu", .label = LABEL_CPU, .counters = COUNTERS, .hist = true },
};

static const struct hook hooks[] = {
	{ "irq_enter", "irqdemo_irq_handler_entry" },
	{ "irq_leave_twin", "irqdemo_irq_handler_exit" },
};

const struct probe irq_probe = {
	.name = "irq",
	.summary = "hard interrupt handlers by line: calls, time",
	.doc = "Handlers that share a line have a row each.",
	.unit = "ns",
	.measures = "time in the handler",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.no_task = true,
	.twin = "irqdemo",
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = irq_open,
	.destroy = irq_destroy,
};
