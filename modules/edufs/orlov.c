// SPDX-License-Identifier: GPL-2.0
/*
 * Which group a new inode goes to: Orlov's rule.
 *
 * For a directory, in the order they apply:
 *  1. Below the root (or a directory with the T flag) directories are spread:
 *     of the groups with at least the average of free inodes and of free
 *     blocks, the one with the fewest directories, from a random one on.
 *  2. Elsewhere it stays near its parent: the first group, from the parent's
 *     on, that has not too many directories (the average and a sixteenth of
 *     its inodes), not too few free inodes and blocks (the average less a
 *     quarter of a group).
 *  3. Else the first, from the parent's on, with the average of free inodes;
 *     else the first with any.
 *
 * For any other inode: the parent's group, if inodes and blocks are free there;
 * else groups at distances 1, 3, 7, 15 ... of it, so that the overflow of two
 * neighbours does not pile up in one place; else the first with a free inode.
 *
 * ext4 applies this to flex groups (16 groups taken as one) if there are any;
 * edufs, as ext2 and ext3, to groups.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "orlov.h"

static s64 spread(const struct orlov *o, u64 mean_inodes, u64 mean_blocks)
{
	u32 best_dirs = o->inodes_per_group, i;
	s64 best = -1;

	for (i = 0; i < o->groups; i++) {
		u32 nr = (o->start % o->groups + i) % o->groups;
		struct orlov_group g;

		o->group(o->arg, nr, &g);
		if (!g.free_inodes || g.dirs >= best_dirs ||
		    g.free_inodes < mean_inodes || g.free_blocks < mean_blocks)
			continue;
		best = nr;
		best_dirs = g.dirs;
	}
	return best;
}

static s64 near_parent(const struct orlov *o, u64 mean_inodes, u64 mean_blocks)
{
	u64 max_dirs = div_u64(o->dirs, o->groups) + o->inodes_per_group / 16;
	s64 min_inodes = max_t(s64, 1, (s64)mean_inodes - o->inodes_per_group / 4);
	s64 min_blocks = max_t(s64, 0, (s64)mean_blocks - o->blocks_per_group / 4);
	u32 i;

	for (i = 0; i < o->groups; i++) {
		u32 nr = (o->parent + i) % o->groups;
		struct orlov_group g;

		o->group(o->arg, nr, &g);
		if (g.dirs < max_dirs && g.free_inodes >= min_inodes &&
		    g.free_blocks >= min_blocks)
			return nr;
	}
	return -1;
}

static s64 first_with(const struct orlov *o, u64 inodes)
{
	u32 i;

	for (i = 0; i < o->groups; i++) {
		u32 nr = (o->parent + i) % o->groups;
		struct orlov_group g;

		o->group(o->arg, nr, &g);
		if (g.free_inodes && g.free_inodes >= inodes)
			return nr;
	}
	return -1;
}

/**
 * orlov_dir - the group for a new directory
 * @o: what it depends on
 *
 * Return: the group, -1 if no inode is free.
 */
s64 orlov_dir(const struct orlov *o)
{
	u64 mean_inodes = div_u64(o->free_inodes, o->groups);
	u64 mean_blocks = div_u64(o->free_blocks, o->groups);
	s64 nr;

	nr = o->top ? spread(o, mean_inodes, mean_blocks) :
		near_parent(o, mean_inodes, mean_blocks);
	if (nr < 0)
		nr = first_with(o, mean_inodes);
	return nr < 0 ? first_with(o, 0) : nr;
}
EXPORT_SYMBOL_IF_KUNIT(orlov_dir);

/**
 * orlov_file - the group for any other new inode
 * @o: what it depends on
 *
 * Return: the group, -1 if no inode is free.
 */
s64 orlov_file(const struct orlov *o)
{
	u32 nr = o->parent, step;
	struct orlov_group g;

	o->group(o->arg, nr, &g);
	if (g.free_inodes && g.free_blocks)
		return nr;
	for (step = 1; step < o->groups; step <<= 1) {
		nr = (nr + step) % o->groups;
		o->group(o->arg, nr, &g);
		if (g.free_inodes && g.free_blocks)
			return nr;
	}
	return first_with(o, 0);
}
EXPORT_SYMBOL_IF_KUNIT(orlov_file);
