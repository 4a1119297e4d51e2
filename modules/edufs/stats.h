/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_STATS_H
#define _EDUFS_STATS_H

#include <linux/percpu.h>

enum edufs_stat {
	EDUFS_STAT_LOOKUPS,		/* names looked for in a directory */
	EDUFS_STAT_HTREE_LOOKUPS,	/* of them through an index */
	EDUFS_STAT_DIR_BLOCKS,		/* directory blocks that were read */
	EDUFS_STAT_INODES,		/* inodes that were read from disk */
	EDUFS_STAT_INDIRECT_MAPS,	/* pieces mapped by indirect blocks */
	EDUFS_STAT_EXTENT_MAPS,		/* pieces mapped by the extent tree */
	EDUFS_STAT_XATTR_BLOCKS,	/* attribute blocks that were read */
	EDUFS_STAT_ALLOCS,		/* runs of blocks that were allocated */
	EDUFS_STAT_GOAL_HITS,		/* of them where they were wanted */
	EDUFS_STAT_FREES,		/* runs of blocks that were given back */
	EDUFS_STAT_NEW_INODES,		/* inodes that were made */
	EDUFS_STAT_DIR_SPLITS,		/* directory blocks that were split by hashes */
	EDUFS_STAT_DIRECT_BUFFERED,	/* direct writes that went through the page cache */
	EDUFS_STAT_DISCARDS,		/* free runs that the device was told of */
	EDUFS_STAT_CORRUPT,		/* damage that was found */
	EDUFS_STATS,
};

struct edufs_stats {
	u64 count[EDUFS_STATS];
};

DECLARE_PER_CPU(struct edufs_stats, edufs_stats);

/* Any context: a count may be made on one CPU and seen on another. */
static inline void edufs_count(enum edufs_stat stat)
{
	this_cpu_inc(edufs_stats.count[stat]);
}

#endif /* _EDUFS_STATS_H */
