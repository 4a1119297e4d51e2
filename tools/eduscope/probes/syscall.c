// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "syscall.skel.h"

PROBE_OBJECT(syscall)

#define COUNTERS { "calls", "failed", "restarted" }

static const struct table tables[] = {
	{ .name = "call", .label = LABEL_SYSCALL, .counters = COUNTERS, .hist = true },
	{ .name = "task", .label = LABEL_TASK, .counters = COUNTERS, .hist = true },
};

static const struct event_type events[] = {
	{ .name = "enter", .args = { "nr", "rdi", "rsi", "rdx", "r10", "r8", "r9" } },
	{ .name = "exit", .args = { "nr", "ret", "ns" } },
};

const struct probe syscall_probe = {
	.name = "syscall",
	.summary = "system calls: how many, failed, restarted, how long",
	.doc = "restarted: left with a restart code. -e prints arguments in register order.",
	.unit = "ns",
	.measures = "time in the call",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.events = events,
	.n_events = ARRAY_SIZE(events),
	.open = syscall_open,
	.destroy = syscall_destroy,
};
