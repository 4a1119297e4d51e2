// SPDX-License-Identifier: GPL-2.0
/*
 * The map of ext2: where block n of a file lies, by blocks full of block
 * numbers.
 *
 * The rules, in the order they apply, with p numbers in a block:
 *  1. The first 12 blocks are named in the inode itself.
 *  2. The next p in the block that i_block[12] names, the next p * p below
 *     i_block[13], the next p * p * p below i_block[14].
 *  3. A 0 is a hole, at every level: then nothing below it exists.
 *
 * Each number is checked to lie in the filesystem before it is read or handed
 * out. A damaged image may name one block on many paths, even on its own, but
 * a walk never has more than four steps.
 */
#include <kunit/visibility.h>
#include <linux/buffer_head.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "edufs.h"
#include "indirect.h"
#include "trace.h"

/**
 * indirect_path_of - the path to a block of a file
 * @lblk: block of the file
 * @bits: log2 of the numbers that fit in a block
 * @path: filled in
 *
 * Return: 0, or -EFBIG beyond what three levels reach.
 */
int indirect_path_of(u64 lblk, unsigned int bits, struct indirect_path *path)
{
	u32 mask = (1U << bits) - 1;
	int levels, i;

	if (lblk < EDUFS_NDIR_BLOCKS) {
		path->depth = 1;
		path->index[0] = lblk;
		return 0;
	}
	lblk -= EDUFS_NDIR_BLOCKS;
	for (levels = 1; levels <= 3; levels++) {
		if (lblk >> (levels * bits) == 0)
			break;
		lblk -= 1ULL << (levels * bits);
	}
	if (levels > 3)
		return -EFBIG;
	path->depth = levels + 1;
	path->index[0] = EDUFS_NDIR_BLOCKS + levels - 1;
	for (i = 1; i <= levels; i++)
		path->index[i] = (lblk >> ((levels - i) * bits)) & mask;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(indirect_path_of);

/**
 * indirect_span - how many blocks of the file a missing number leaves out
 * @path: the path that was walked
 * @level: the level whose number is 0; 0 is the inode
 * @bits: log2 of the numbers that fit in a block
 *
 * Return: the blocks from the path's own one to the end of that hole.
 */
u64 indirect_span(const struct indirect_path *path, int level, unsigned int bits)
{
	int below = path->depth - 1 - level, i;
	u64 before = 0;

	for (i = level + 1; i < path->depth; i++)
		before = before << bits | path->index[i];
	return (1ULL << (below * bits)) - before;
}
EXPORT_SYMBOL_IF_KUNIT(indirect_span);

/**
 * indirect_map - map a range of a file without extents
 * @inode: the file
 * @map: m_lblk and m_len say what is wanted; filled with the first piece
 *
 * Context: may sleep.
 * Return: 0, -EFBIG, -EIO, or -EUCLEAN if a number leads out of the filesystem.
 */
int indirect_map(struct inode *inode, struct edufs_map *map)
{
	struct super_block *sb = inode->i_sb;
	const __le32 *table = EDUFS_I(inode)->data;
	unsigned int bits = sb->s_blocksize_bits - 2, room = EDUFS_NDIR_BLOCKS;
	struct buffer_head *bh = NULL;
	struct indirect_path path;
	u32 block = 0, at = 0;
	int level, err;

	map->m_flags = 0;
	map->m_pblk = 0;
	err = indirect_path_of(map->m_lblk, bits, &path);
	if (err)
		return err;
	for (level = 0; level < path.depth; level++) {
		at = path.index[level];
		block = le32_to_cpu(table[at]);
		trace_edufs_walk(inode, "indirect", level, at, block);
		if (!block) {
			map->m_len = min_t(u64, map->m_len,
					   indirect_span(&path, level, bits));
			goto out;
		}
		if (!edufs_block_valid(sb, block, 1)) {
			err = edufs_corrupt(sb, inode->i_ino, block,
					    "number in level %d of the block map", level);
			goto out;
		}
		if (level + 1 == path.depth)
			break;
		brelse(bh);
		bh = sb_bread(sb, block);
		if (!bh)
			return -EIO;
		table = (const __le32 *)bh->b_data;
		room = 1U << bits;
	}
	/* Neighbours in the same table that are neighbours on disk. */
	for (level = 1; level < map->m_len && at + level < room; level++)
		if (le32_to_cpu(table[at + level]) != block + level)
			break;
	map->m_len = level;
	/* A neighbour that no file may have is found when it is asked for. */
	if (!edufs_block_valid(sb, block, map->m_len))
		map->m_len = 1;
	map->m_pblk = block;
	map->m_flags = EDUFS_MAP_MAPPED;
out:
	brelse(bh);
	return err;
}
