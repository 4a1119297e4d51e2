// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "slab.skel.h"

PROBE_OBJECT(slab)

static const struct table tables[] = {
	{ .name = "cache", .label = LABEL_NAME, .counters = { "allocs", "frees", "bytes" },
	  .hist = true },
	{ .name = "kmalloc", .label = LABEL_NUMBER,
	  .counters = { "allocs", "", "bytes", "wasted" } },
	{ .name = "task", .label = LABEL_TASK, .counters = { "allocs", "frees" } },
};

const struct probe slab_probe = {
	.name = "slab",
	.summary = "objects taken and given back, by cache, kmalloc class and task",
	.doc = "Names of caches are cut after 15 characters.",
	.unit = "ns",
	.measures = "time in kmem_cache_alloc()",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.open = slab_open,
	.destroy = slab_destroy,
};
