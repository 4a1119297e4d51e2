// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "slab.skel.h"

PROBE_OBJECT(slab)

static const struct table tables[] = {
	{ .name = "cache", .label = LABEL_NAME,
	  .counters = { "allocs", "frees", "bytes", "", "failed" }, .hist = true },
	{ .name = "kmalloc", .label = LABEL_NUMBER,
	  .counters = { "allocs", "", "bytes", "wasted", "failed" } },
	{ .name = "task", .label = LABEL_TASK,
	  .counters = { "allocs", "frees", "", "", "failed" } },
};

static const struct hook hooks[] = {
	{ "slab_alloc", "edu_kmem_cache_alloc" },
	{ "slab_free", "edu_kmem_cache_free" },
	{ "slab_kmalloc", "edu_kmalloc" },
	{ "slab_enter", "slab_edu:edu_cache_alloc" },
	{ "slab_leave", "slab_edu:edu_cache_alloc" },
	{ "slab_rename", "task_rename" },
};

const struct probe slab_probe = {
	.name = "slab",
	.summary = "objects taken and given back, by cache, kmalloc class and task",
	.doc = "Names of caches are cut after 15 characters.",
	.unit = "ns",
	.measures = "time in kmem_cache_alloc()",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.folded = "bytes of objects",
	.folded_unit = 1,
	.twin = "slab_edu",
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = slab_open,
	.destroy = slab_destroy,
};
