// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "softirq.skel.h"

PROBE_OBJECT(softirq)

static const char *const vectors[] = {
	"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER",
	"RCU",
};

static const struct table tables[] = {
	{ .name = "delay", .label = LABEL_NAME, .names = vectors, .n_names = ARRAY_SIZE(vectors),
	  .counters = { "raised", "again" }, .hist = true },
	{ .name = "run", .label = LABEL_NAME, .names = vectors, .n_names = ARRAY_SIZE(vectors),
	  .counters = { "", "", "runs" }, .hist = true },
};

const struct probe softirq_probe = {
	.name = "softirq",
	.summary = "softirqs by vector: from raise to start, and how long they ran",
	.doc = "again counts raises of a vector that was pending already. Filters do not apply.",
	.unit = "ns",
	.measures = "time from raise to start",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.open = softirq_open,
	.destroy = softirq_destroy,
};
