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

/* irqdemo's enum bh_kind */
static const char *const kinds[] = {
	"hard", "thread", "tasklet", "tasklet_hi", "bh_wq", "bh_wq_hi", "irq_poll", "irq_work",
	"timer", "hrtimer", "hrtimer_soft", "wq", "wq_highpri", "wq_cpu_intensive", "wq_unbound",
	"completion", "poller", "edu_timer", "edu_hrtimer",
};

static const struct table tables[] = {
	{ .name = "delay", .label = LABEL_NAME, .names = vectors, .n_names = ARRAY_SIZE(vectors),
	  .twin_names = kinds, .n_twin_names = ARRAY_SIZE(kinds),
	  .counters = { "raised", "again" }, .hist = true },
	{ .name = "run", .label = LABEL_NAME, .names = vectors, .n_names = ARRAY_SIZE(vectors),
	  .twin_names = kinds, .n_twin_names = ARRAY_SIZE(kinds),
	  .counters = { "", "", "runs" }, .hist = true },
};

static const struct hook hooks[] = {
	{ "bh_raised", "irqdemo_bh_raise" },
	{ "bh_enter", "irqdemo_bh_entry" },
	{ "bh_leave", "irqdemo_bh_exit" },
};

const struct probe softirq_probe = {
	.name = "softirq",
	.summary = "softirqs by vector: from raise to start, and how long they ran",
	.doc = "again counts raises of a vector that was pending already.",
	.unit = "ns",
	.measures = "time from raise to start",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.no_task = true,
	.twin = "irqdemo",
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = softirq_open,
	.destroy = softirq_destroy,
};
