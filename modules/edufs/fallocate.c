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
 *
 * What moves data (collapse, insert) is EOPNOTSUPP.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <edu/compat.h>

#include "edufs.h"
#include "extent.h"

/* One piece of the range, in one transaction. */
static int reserve_piece(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int err = edufs_start(inode->i_sb, EDUFS_OP_RESERVE);

	if (err)
		return err;
	edufs_map_lock(ei);
	err = edufs_map_lookup(inode, map);
	if (!err && !map->m_flags)
		err = edufs_map_create(inode, map, 0, true);
	edufs_map_unlock(ei);
	edufs_note_tid(inode, true);
	if (!err)
		err = edufs_update_inode(inode, false);
	return edufs_stop(inode->i_sb, err);
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

static int punch(struct inode *inode, loff_t offset, loff_t end)
{
	loff_t block = inode->i_sb->s_blocksize, from, to;
	unsigned int bits = inode->i_blkbits;
	int err;

	if (offset >= inode->i_size)
		return 0;
	end = min_t(loff_t, end, round_up(inode->i_size, PAGE_SIZE));
	err = filemap_write_and_wait_range(inode->i_mapping, round_down(offset, PAGE_SIZE),
					   round_up(end, PAGE_SIZE) - 1);
	if (err)
		return err;
	from = round_up(offset, block);
	to = round_down(end, block);
	if (from > to) {	/* inside one block */
		err = edu_iomap_zero_range(inode, offset, end - offset, &edufs_iomap_ops);
	} else {
		if (offset < from)
			err = edu_iomap_zero_range(inode, offset, from - offset,
						   &edufs_iomap_ops);
		if (!err && to < end)
			err = edu_iomap_zero_range(inode, to, end - to, &edufs_iomap_ops);
	}
	if (err || from >= to)
		return err;
	truncate_pagecache_range(inode, from, to - 1);
	edufs_undelay(inode, from >> bits, to >> bits);
	return edufs_map_remove(inode, from >> bits, to >> bits);
}

static int change(struct inode *inode, int mode, loff_t offset, loff_t end)
{
	loff_t old = inode->i_size;
	int err = 0;

	inode_dio_wait(inode);
	filemap_invalidate_lock(inode->i_mapping);
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		err = punch(inode, offset, end);
	if (!err && !(mode & FALLOC_FL_PUNCH_HOLE)) {
		err = reserve(inode, offset, end);
		if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > old) {
			err = edufs_zero_tail(inode, old, end);
			if (!err) {
				i_size_write(inode, end);
				EDUFS_I(inode)->disk_size = end;
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
 * @mode: 0, FALLOC_FL_KEEP_SIZE, _PUNCH_HOLE or _ZERO_RANGE
 * @offset: first byte
 * @len: how many
 *
 * Return: 0; -EOPNOTSUPP, -ENOSPC, -EFBIG, -EPERM, -EROFS, -EIO, -EUCLEAN.
 */
long edufs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && !(EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL))
		return -EOPNOTSUPP;
	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	inode_lock(inode);
	err = 0;
	if (offset + len > edufs_max_size(inode))
		err = -EFBIG;
	else if (!(mode & FALLOC_FL_KEEP_SIZE) && offset + len > inode->i_size)
		err = inode_newsize_ok(inode, offset + len);
	if (!err)
		err = file_modified(file);
	if (!err)
		err = change(inode, mode, offset, offset + len);
	if (!err && file->f_flags & O_DSYNC)
		err = vfs_fsync(file, 0);
	inode_unlock(inode);
	return err;
}
