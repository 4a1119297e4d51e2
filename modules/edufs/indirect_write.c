// SPDX-License-Identifier: GPL-2.0
/*
 * The map of ext2, changed: numbers put in, numbers taken out.
 *
 * The rules, in the order they apply:
 *  1. Going down to a block, each table that is missing is made: first filled
 *     with zeros, then named in the one above.
 *  2. A range is taken out of each table that it touches. First the number goes,
 *     then its block is free for others; a table without a number is freed, too.
 *
 * If a table cannot be made for want of room, those above it stay, empty: that
 * is sound, and the next block there needs them.
 *
 * Locks: the caller holds map_sem for writing, inside edufs_start(), and writes
 * the inode afterwards.
 */
#include <linux/buffer_head.h>

#include "edufs.h"
#include "indirect.h"
#include "trace.h"

static void table_begin(struct inode *inode, struct buffer_head *bh)
{
	if (bh)
		edufs_buffer_begin(inode->i_sb, bh);
}

static void table_end(struct inode *inode, struct buffer_head *bh)
{
	if (bh)
		edufs_buffer_end(inode->i_sb, bh);
}

static struct buffer_head *read_table(struct inode *inode, u32 block)
{
	struct buffer_head *bh;

	if (!edufs_block_valid(inode->i_sb, block, 1))
		return ERR_PTR(edufs_corrupt(inode->i_sb, inode->i_ino, block,
					     "table of the block map out of range"));
	bh = sb_bread(inode->i_sb, block);
	return bh ?: ERR_PTR(-EIO);
}

/* Rule 1: the last table on a path; NULL is the inode itself. */
static struct buffer_head *last_table(struct inode *inode, const struct indirect_path *path,
				      unsigned int flags)
{
	struct buffer_head *bh = NULL, *next;
	int level;

	for (level = 0; level + 1 < path->depth; level++) {
		__le32 *table = bh ? (__le32 *)bh->b_data : EDUFS_I(inode)->data;
		u32 at = path->index[level];

		if (table[at]) {
			next = read_table(inode, le32_to_cpu(table[at]));
		} else {
			next = edufs_new_meta(inode, flags);
			if (!IS_ERR(next)) {
				table_begin(inode, next);
				table_end(inode, next);
				table_begin(inode, bh);
				table[at] = cpu_to_le32(next->b_blocknr);
				table_end(inode, bh);
			}
		}
		brelse(bh);
		if (IS_ERR(next))
			return next;
		bh = next;
	}
	return bh;
}

/**
 * indirect_insert - put the numbers of a run of blocks into the map
 * @inode: the file
 * @lblk: first block of the file; where they go there is a hole
 * @pblk: first block of the disk
 * @len: how many
 * @flags: EDUFS_ALLOC_* for the map's own blocks
 *
 * Return: how many were put in, at least 1; -ENOSPC, -EFBIG, -EIO, -EUCLEAN.
 */
int indirect_insert(struct inode *inode, u64 lblk, u64 pblk, unsigned int len,
		    unsigned int flags)
{
	unsigned int bits = inode->i_sb->s_blocksize_bits - 2, done = 0;
	int err = 0;

	while (done < len) {
		unsigned int room = EDUFS_NDIR_BLOCKS, at;
		struct indirect_path path;
		struct buffer_head *bh;
		__le32 *table;

		err = indirect_path_of(lblk + done, bits, &path);
		if (err)
			break;
		bh = last_table(inode, &path, flags);
		if (IS_ERR(bh)) {
			err = PTR_ERR(bh);
			break;
		}
		table = bh ? (__le32 *)bh->b_data : EDUFS_I(inode)->data;
		room = bh ? 1U << bits : EDUFS_NDIR_BLOCKS;
		table_begin(inode, bh);
		for (at = path.index[path.depth - 1]; at < room && done < len; at++, done++)
			table[at] = cpu_to_le32(pblk + done);
		table_end(inode, bh);
		brelse(bh);
	}
	return done ?: err;
}

struct cut {
	struct inode *inode;
	u64 from, to;
	unsigned int bits;
};

/* How many blocks from one on may be freed in one step. */
static u32 most_of(struct inode *inode, u32 block)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	u32 group = edufs_group_of_block(sbi, block);
	u32 most = edufs_group_first(sbi, group) + edufs_group_blocks(sbi, group) - block;

	/* One that is out of range is told of when it is freed. */
	if (block >= sbi->geo.blocks || block < sbi->geo.first_data_block)
		most = 1;
	return edufs_content_logged(inode) ? min_t(u32, most, EDUFS_REVOKE_MOST) : most;
}

/* Take the numbers of data blocks out of a table; runs of them at once. */
static int cut_data(const struct cut *c, __le32 *table, struct buffer_head *bh,
		    unsigned int count, u64 base)
{
	unsigned int i = c->from > base ? min_t(u64, c->from - base, count) : 0;
	unsigned int end = c->to > base ? min_t(u64, c->to - base, count) : 0;

	while (i < end) {
		u32 first = le32_to_cpu(table[i]), n = 0, most;

		if (!first) {
			i++;
			continue;
		}
		if (!edufs_can_go_on(c->inode->i_sb))
			return -EAGAIN;
		most = most_of(c->inode, first);
		table_begin(c->inode, bh);
		while (i < end && n < most && le32_to_cpu(table[i]) == first + n) {
			table[i++] = 0;
			n++;
		}
		table_end(c->inode, bh);
		edufs_free_content(c->inode, first, n);
	}
	return 0;
}

/* Take the range out of a table whose entries lie @level levels above the data. */
static int cut_table(const struct cut *c, __le32 *table, struct buffer_head *bh,
		     unsigned int count, u64 base, int level)
{
	u64 span = 1ULL << level * c->bits;
	unsigned int i;

	if (!level)
		return cut_data(c, table, bh, count, base);
	for (i = 0; i < count; i++) {
		u64 start = base + i * span;
		struct buffer_head *child;
		u32 block;
		bool empty;
		int err;

		if (!table[i] || start + span <= c->from || start >= c->to)
			continue;
		block = le32_to_cpu(table[i]);
		if (!edufs_can_go_on(c->inode->i_sb))
			return -EAGAIN;
		child = read_table(c->inode, block);
		if (IS_ERR(child))
			return PTR_ERR(child);
		err = cut_table(c, (__le32 *)child->b_data, child, 1U << c->bits, start,
				level - 1);
		empty = !memchr_inv(child->b_data, 0, child->b_size);
		brelse(child);
		if (err)
			return err;
		if (empty) {
			table_begin(c->inode, bh);
			table[i] = 0;
			table_end(c->inode, bh);
			edufs_free_meta(c->inode, block);
		}
	}
	return 0;
}

/**
 * indirect_remove - take a range out of the map, and free its blocks
 * @inode: the file
 * @from: first block of the range
 * @to: the one behind its last
 *
 * Return: 0; -EAGAIN if this handle can do no more, -EIO, -EUCLEAN, and then some
 * of it may be left.
 */
int indirect_remove(struct inode *inode, u64 from, u64 to)
{
	unsigned int bits = inode->i_sb->s_blocksize_bits - 2;
	struct cut c = { inode, from, to, bits };
	__le32 *data = EDUFS_I(inode)->data;
	u64 base = EDUFS_NDIR_BLOCKS;
	int level, err;

	err = cut_data(&c, data, NULL, EDUFS_NDIR_BLOCKS, 0);
	for (level = 1; level <= 3 && !err; level++) {
		err = cut_table(&c, &data[EDUFS_NDIR_BLOCKS + level - 1], NULL, 1, base, level);
		base += 1ULL << level * bits;
	}
	return err;
}
