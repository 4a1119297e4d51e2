// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "lifecycle.skel.h"

PROBE_OBJECT(lifecycle)

static const struct table tables[] = {
	{ .name = "task", .label = LABEL_TASK,
	  .counters = { "forks", "execs", "exits", "waits", "copies" }, .hist = true },
};

static const struct event_type events[] = {
	{ .name = "fork", .args = { "child", "thread" } },
	{ .name = "run", .args = { "ns" } },
	{ .name = "exec", .args = { "copies" }, .text = true },
	{ .name = "exit", .args = { "status", "signal", "copies" } },
	{ .name = "wait", .args = { "pid" } },
};

const struct probe lifecycle_probe = {
	.name = "lifecycle",
	.summary = "fork, first run, exec, wait and exit as a timeline",
	.doc = "run: ns from fork to first run. copies: pages made its own, until exec or exit.",
	.unit = "ns",
	.measures = "time from fork to exit",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.events = events,
	.n_events = ARRAY_SIZE(events),
	.events_first = true,
	.open = lifecycle_open,
	.destroy = lifecycle_destroy,
};
