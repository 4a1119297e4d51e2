// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "signal.skel.h"

PROBE_OBJECT(signal)

static const struct table tables[] = {
	{ .name = "signal", .label = LABEL_SIGNAL,
	  .counters = { "sent", "dropped", "woken", "delivered", "handled" }, .hist = true },
	{ .name = "handler", .label = LABEL_SIGNAL, .counters = { "returned" }, .hist = true },
};

static const struct event_type events[] = {
	{ .name = "generate", .args = { "sig", "target", "group", "result" } },
	{ .name = "wake", .args = { "sig", "target", "asleep" } },
	{ .name = "deliver", .args = { "sig", "handler" } },
	{ .name = "return", .args = { "sig", "ns" } },
};

const struct probe signal_probe = {
	.name = "signal",
	.summary = "signals: sent, dropped, delivered, handled, and how long that took",
	.doc = "The filter is asked about the target, which is woken before its sending is told.",
	.unit = "ns",
	.measures = "time from sending to delivery",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.events = events,
	.n_events = ARRAY_SIZE(events),
	.open = signal_open,
	.destroy = signal_destroy,
};
