// SPDX-License-Identifier: GPL-2.0
/*
 * fallocate(2): room before the data, and holes after it.
 *
 * The rules, in the order they apply:
 *  1. Reserving gives every hole of the range blocks that read as zeros until
 *     they are written. Only extents can say that of a block; a file with the map
 *     of ext2 answers EOPNOTSUPP, as in ext4.
 *  2. Punching first writes what is dirty, zeroes what it takes of the blocks at
 *     both ends, drops the pages, then takes the whole blocks out of the map.
 *     Behind the end of the file nothing is punched.
 *  3. Zeroing a range is punching it and reserving it again.
 *  4. Collapsing takes whole blocks out of the middle, and what is behind them moves
 *     to the front; inserting moves it to the back and leaves a hole. What is dirty
 *     from there on is written first, and its pages go: they would be elsewhere.
 *     Both only with extents (extent_shift()), as in ext4. What moves does so
 *     in one transaction, with the size.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <edu/compat.h>

#include "edufs.h"
#include "extent.h"
#include "map.h"

#define MOVES (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)

/* One piece of the range, in one transaction. */
static int reserve_piece(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int err = edufs_start(inode->i_sb, EDUFS_OP_RESERVE), failed;

	if (err)
		return err;
	edufs_map_lock(ei);
	err = edufs_map_lookup(inode, map);
	if (!err && !map->m_flags)
		err = edufs_map_create(inode, map, 0, true);
	edufs_map_unlock(ei);
	edufs_note_tid(inode, true);
	/* A tree that grew and then found no room has its root in the inode. */
	failed = edufs_update_inode(inode, false);
	return edufs_stop(inode->i_sb, err ?: failed);
}

static int reserve(struct inode *inode, loff_t offset, loff_t end)
{
	unsigned int bits = inode->i_blkbits;
	u64 at = offset >> bits, last = (end - 1) >> bits;
	int tries = 0, err = 0;

	while (at <= last && !err) {
		struct edufs_map map = {
			.m_lblk = at, .m_len = min_t(u64, last - at + 1, INT_MAX),
		};

		err = reserve_piece(inode, &map);
		if (!err)
			at += map.m_len;
		else if (edufs_again(inode->i_sb, err, &tries))
			err = 0;
		if (fatal_signal_pending(current))
			err = -EINTR;
	}
	return err;
}

/* Pages go only when what they hold is where the map says. */
static int settle(struct inode *inode, loff_t from, loff_t last)
{
	return edufs_journals_data(inode) ? edufs_data_settle(inode, from, last) :
		filemap_write_and_wait_range(inode->i_mapping, from, last);
}

static int punch(struct inode *inode, loff_t offset, loff_t end)
{
	loff_t block = inode->i_sb->s_blocksize, from, to;
	unsigned int bits = inode->i_blkbits;
	int err;

	if (offset >= inode->i_size)
		return 0;
	end = min_t(loff_t, end, round_up(inode->i_size, PAGE_SIZE));
	err = settle(inode, round_down(offset, PAGE_SIZE), round_up(end, PAGE_SIZE) - 1);
	if (err)
		return err;
	from = round_up(offset, block);
	to = round_down(end, block);
	if (from > to) {	/* inside one block */
		err = edufs_zero_range(inode, offset, end - offset);
	} else {
		if (offset < from)
			err = edufs_zero_range(inode, offset, from - offset);
		if (!err && to < end)
			err = edufs_zero_range(inode, to, end - to);
	}
	if (err || from >= to)
		return err;
	truncate_pagecache_range(inode, from, to - 1);
	edufs_undelay(inode, from >> bits, to >> bits);
	return edufs_map_remove(inode, from >> bits, to >> bits);
}

/* Nobody changes the map behind @from meanwhile, so the second try is the last. */
static int shift(struct inode *inode, u64 from, s64 by, loff_t size)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	unsigned int nodes = 0;
	int err, now;

	do {
		err = edufs_start_more(inode->i_sb, EDUFS_OP_SHIFT, nodes);
		if (err)
			return err;
		edufs_map_lock(ei);
		err = extent_shift(inode, from, by, &nodes);
		edufs_forget_ahead(inode);
		ei->last_pblk = 0;
		ei->map_seq++;
		edufs_map_unlock(ei);
		if (!err)
			edufs_set_size(inode, size);
		edufs_note_tid(inode, true);
		now = edufs_update_inode(inode, false);
		now = edufs_stop(inode->i_sb, now);
		if (now && (!err || err == -EAGAIN))
			err = now;
	} while (err == -EAGAIN);
	return err;
}

/* Rule 4; the size changes by whole blocks, too. */
static int move(struct inode *inode, int mode, loff_t offset, loff_t len)
{
	loff_t page = round_down(offset, PAGE_SIZE), size = inode->i_size;
	bool insert = mode & FALLOC_FL_INSERT_RANGE;
	u64 from = offset >> inode->i_blkbits, count = len >> inode->i_blkbits;
	int err;

	if ((offset | len) & (inode->i_sb->s_blocksize - 1) || offset >= size)
		return -EINVAL;
	if (insert && len > edufs_max_size(inode) - size)
		return -EFBIG;
	if (!insert && offset + len >= size)
		return -EINVAL;
	err = settle(inode, page, LLONG_MAX);
	if (err)
		return err;
	truncate_pagecache(inode, page);
	edufs_undelay(inode, page >> inode->i_blkbits, U64_MAX);
	if (!insert) {
		/* A tree too large for one transaction says so before anything is gone. */
		err = shift(inode, from + count, 0, size) ?:
			edufs_map_remove(inode, from, from + count);
		from += count;
	}
	if (err)
		return err;
	return shift(inode, from, insert ? count : -(s64)count, insert ? size + len : size - len);
}

static int change(struct inode *inode, int mode, loff_t offset, loff_t end)
{
	loff_t old = inode->i_size;
	int err = 0;

	inode_dio_wait(inode);
	filemap_invalidate_lock(inode->i_mapping);
	if (mode & MOVES)
		err = move(inode, mode, offset, end - offset);
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		err = punch(inode, offset, end);
	if (!err && !(mode & (FALLOC_FL_PUNCH_HOLE | MOVES))) {
		err = reserve(inode, offset, end);
		if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > old) {
			err = edufs_zero_tail(inode, old, end);
			if (!err) {
				edufs_set_size(inode, end);
				pagecache_isize_extended(inode, old, end);
			}
		}
	}
	filemap_invalidate_unlock(inode->i_mapping);
	mark_inode_dirty(inode);
	return err;
}

/**
 * edufs_fallocate - file_operations.fallocate
 * @file: the file, open for writing
 * @mode: 0, FALLOC_FL_KEEP_SIZE, _PUNCH_HOLE, _ZERO_RANGE, _COLLAPSE_RANGE or
 *	_INSERT_RANGE
 * @offset: first byte
 * @len: how many
 *
 * Return: 0; -EOPNOTSUPP, -EINVAL, -ENOSPC, -EFBIG, -EPERM, -EROFS, -EIO, -EUCLEAN.
 */
long edufs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | MOVES))
		return -EOPNOTSUPP;
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && !(EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL))
		return -EOPNOTSUPP;
	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	inode_lock(inode);
	err = 0;
	if (offset + len > edufs_max_size(inode))
		err = -EFBIG;
	else if (!(mode & (FALLOC_FL_KEEP_SIZE | MOVES)) && offset + len > inode->i_size)
		err = inode_newsize_ok(inode, offset + len);
	if (!err)
		err = file_modified(file);
	if (!err)
		err = change(inode, mode, offset, offset + len);
	if (!err && (file->f_flags & O_DSYNC || IS_SYNC(inode)))
		err = vfs_fsync(file, 0);
	inode_unlock(inode);
	return err;
}
