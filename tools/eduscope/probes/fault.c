// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "fault.skel.h"

PROBE_OBJECT(fault)

#define COUNTERS "anon", "file_read", "file_write", "shared", "cow", "swap", "spurious",	\
	"minor", "major", "stack"

static const char *const kinds[] = {
	"anonymous", "file read", "file write", "shared", "copy on write", "swap", "spurious",
};

static const struct table tables[] = {
	{ .name = "kind", .label = LABEL_NAME, .names = kinds, .n_names = ARRAY_SIZE(kinds),
	  .counters = { "", "", "", "", "", "", "", "minor", "major", "stack" }, .hist = true },
	{ .name = "task", .label = LABEL_TASK, .counters = { COUNTERS }, .hist = true },
	{ .name = "mapping", .label = LABEL_RANGE, .counters = { COUNTERS }, .hist = true },
	{ .name = "filesystem", .label = LABEL_NAME, .counters = { COUNTERS }, .hist = true },
};

const struct probe fault_probe = {
	.name = "fault",
	.summary = "page faults: kind, mapping, filesystem, time in the handler",
	.doc = "Counted as in /proc/PID/stat. stack: faults before which the stack grew.",
	.unit = "ns",
	.measures = "time in handle_mm_fault()",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.folded = "faults",
	.folded_unit = 1,
	.open = fault_open,
	.destroy = fault_destroy,
};
