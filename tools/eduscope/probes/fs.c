// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "fs.skel.h"

PROBE_OBJECT(fs)

static const char *const operations[] = { "read", "write", "fsync", "open" };

static const struct table tables[] = {
	{ .name = "operation", .label = LABEL_OPERATION, .names = operations,
	  .n_names = ARRAY_SIZE(operations), .counters = { "calls", "failed", "bytes" },
	  .hist = true },
};

const struct probe fs_probe = {
	.name = "fs",
	.summary = "read, write, open and fsync by filesystem: calls, bytes, time",
	.doc = "Whatever is mounted appears under its own name: a twin stands beside ext4.",
	.unit = "ns",
	.measures = "time in the call",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.open = fs_open,
	.destroy = fs_destroy,
};
