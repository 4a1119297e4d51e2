// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "fs.skel.h"

PROBE_OBJECT(fs)

static const char *const operations[] = { "read", "write", "fsync", "open" };

static const char *const maps[] = { "extent map", "indirect map" };

static const struct table tables[] = {
	{ .name = "operation", .label = LABEL_OPERATION, .names = operations,
	  .n_names = ARRAY_SIZE(operations), .counters = { "calls", "failed", "bytes" },
	  .hist = true },
	{ .name = "map", .label = LABEL_OPERATION, .names = maps, .n_names = ARRAY_SIZE(maps),
	  .counters = { "calls", "failed" } },
};

static const struct hook hooks[] = {
	{ "fs_read", "vfs_read" },
	{ "fs_read_done", "vfs_read" },
	{ "fs_write", "vfs_write" },
	{ "fs_write_done", "vfs_write" },
	{ "fs_fsync", "vfs_fsync_range" },
	{ "fs_fsync_done", "vfs_fsync_range" },
	{ "fs_open", "vfs_open" },
	{ "fs_open_done", "vfs_open" },
	{ "fs_map_extent", "edufs_ext_map_blocks_exit" },
	{ "fs_map_indirect", "edufs_ind_map_blocks_exit" },
};

const struct probe fs_probe = {
	.name = "fs",
	.summary = "read, write, open and fsync by filesystem: calls, bytes, time",
	.doc = "Whatever is mounted appears under its own name: a twin stands beside ext4.",
	.unit = "ns",
	.measures = "time in the call",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.twin = "edufs",
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = fs_open,
	.destroy = fs_destroy,
};
