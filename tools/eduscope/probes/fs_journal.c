// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"
#include "fs_journal.skel.h"

PROBE_OBJECT(fs_journal)

static const char *const states[] = {
	"wait", "request", "running", "locked", "flushing", "logging",
};

/* What a handle is for: ext4's word (ext4_jbd2.h), and from 16 on edufs's (journal.h). */
static const char *const types[] = {
	"misc", "inode", "write page", "map blocks", "dir", "truncate", "quota", "resize",
	"migrate", "move extents", "xattr", "convert", "?", "?", "?", "?",
	"inode", "super", "create", "link", "unlink", "rename", "whiteout", "xattr",
	"orphan", "remove", "free inode", "written", "reserve", "shift", "data",
};

static const char *const own[] = { "itself" };
static const char *const sizes[] = { "transaction" };

static const struct table tables[] = {
	{ .name = "journal", .label = LABEL_NAME,
	  .counters = { "transactions", "handles", "blocks", "logged", "checkpointed" },
	  .hist = true },
	{ .name = "state", .label = LABEL_OPERATION, .names = states,
	  .n_names = ARRAY_SIZE(states), .hist = true },
	{ .name = "size", .label = LABEL_OPERATION, .names = sizes,
	  .n_names = ARRAY_SIZE(sizes), .hist = true, .unit = "blocks" },
	{ .name = "handle", .label = LABEL_OPERATION, .names = types,
	  .n_names = ARRAY_SIZE(types), .counters = { "ended", "asked", "used", "sync" },
	  .hist = true, .unit = "blocks" },
	{ .name = "edufs", .label = LABEL_OPERATION, .names = own, .n_names = ARRAY_SIZE(own),
	  .counters = { "starts", "waits", "flushes", "written", "data", "errors" } },
};

static const struct event_type events[] = {
	{ .name = "commit", .text = true,
	  .args = { "transaction", "handles", "blocks", "logged", "wait_ns", "request_ns",
		    "running_ns", "locked_ns", "flushing_ns", "logging_ns" } },
	{ .name = "checkpoint", .text = true,
	  .args = { "transaction", "forced", "written", "dropped", "age_ns" } },
};

/* What only the twin says. */
static const struct hook hooks[] = {
	{ "fs_journal_start", "edufs_journal_start" },
	{ "fs_journal_wait", "edufs_journal_wait" },
	{ "fs_journal_written", "edufs_written" },
};

const struct probe fs_journal_probe = {
	.name = "fs-journal",
	.summary = "transactions of ext4's and edufs's journals: size, age, handles",
	.doc = "A line for each transaction that is committed or leaves the log, then sums.",
	.unit = "ns",
	.measures = "time in the commit",
	.tables = tables,
	.n_tables = ARRAY_SIZE(tables),
	.events = events,
	.n_events = ARRAY_SIZE(events),
	.events_first = true,
	.no_task = true,
	.there = "/proc/fs/jbd2",
	.absent = "there is no jbd2 in this kernel yet, so no journal to watch: modprobe jbd2",
	.twin = "edufs",
	.shared = true,
	.hooks = hooks,
	.n_hooks = ARRAY_SIZE(hooks),
	.open = fs_journal_open,
	.destroy = fs_journal_destroy,
};
