// SPDX-License-Identifier: GPL-2.0
/*
 * The one question of the data path, "where does block n of this file lie",
 * put to whichever map the inode has; making it lie somewhere; and both as
 * iomap wants them.
 *
 * The rules, in the order they apply:
 *  1. A read asks once for as long a piece as the map can give; iomap does the
 *     rest: large folios, readahead, bios, direct I/O, SEEK_HOLE, fiemap.
 *  2. A write to a place without a block allocates none. It is promised one, and
 *     the blocks of the map that may be needed for it: if there is no room, the
 *     write fails now (ENOSPC), not later. The block is "delayed".
 *  3. Writeback, which knows how long the dirty piece is, allocates, and only for
 *     what is dirty in the folio at hand: so no block is ever in a map before
 *     data is on its way to it, and no reader sees what lay there before.
 *  4. What fallocate() reserved is marked as written then, too.
 *  5. A mapping that iomap holds while a file's map changes under it (writeback
 *     of another page) is asked for again: map_seq tells.
 *
 * Follows "memory, files", 18 and 24. Differs from ext4: that uses buffer heads
 * for buffered data, and allocates when a piece of many folios was collected; here
 * folio by folio, each behind the last, in the file's window (window.c).
 */
#include <linux/buffer_head.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <linux/writeback.h>
#include <edu/compat.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "indirect.h"
#include "map.h"
#include "trace.h"

/**
 * edufs_map_lookup - map a range of a file, with map_sem held
 * @inode: a file, directory or long symlink
 * @map: m_lblk and m_len say what is wanted; filled with the first piece,
 *	which is at least one block long
 *
 * Context: may sleep.
 * Return: 0, -EFBIG, -EIO, or -EUCLEAN if the map is damaged.
 */
int edufs_map_lookup(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 start, count;
	int err;

	map->m_seq = ei->map_seq;
	if (ei->flags & EDUFS_EXTENTS_FL) {
		edufs_count(EDUFS_STAT_EXTENT_MAPS);
		err = extent_map(inode, map);
		trace_edufs_ext_map_blocks_exit(inode, 0, map, err);
	} else {
		edufs_count(EDUFS_STAT_INDIRECT_MAPS);
		err = indirect_map(inode, map);
		trace_edufs_ind_map_blocks_exit(inode, 0, map, err);
	}
	if (err || map->m_flags || !ei->delayed.sum ||
	    !ranges_next(&ei->delayed, map->m_lblk, &start, &count))
		return err;
	if (start > map->m_lblk) {
		map->m_len = min_t(u64, map->m_len, start - map->m_lblk);
	} else {
		map->m_len = min_t(u64, map->m_len, count);
		map->m_flags = EDUFS_MAP_DELAYED;
	}
	return 0;
}

/**
 * edufs_map_blocks - map a range of a file
 * @inode: a file, directory or long symlink
 * @map: as for edufs_map_lookup()
 *
 * Context: may sleep; takes map_sem for reading.
 * Return: as edufs_map_lookup().
 */
int edufs_map_blocks(struct inode *inode, struct edufs_map *map)
{
	int err;

	down_read(&EDUFS_I(inode)->map_sem);
	err = edufs_map_lookup(inode, map);
	up_read(&EDUFS_I(inode)->map_sem);
	return err;
}

/**
 * edufs_new_meta - allocate a block for an inode's metadata
 * @inode: whose
 * @flags: EDUFS_ALLOC_*
 *
 * Context: may sleep.
 * Return: the block, zeroed, not dirty yet; ERR_PTR of -ENOSPC, -EROFS, -EIO.
 */
struct buffer_head *edufs_new_meta(struct inode *inode, unsigned int flags)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	u32 group = div_u64(inode->i_ino - 1, sbi->geo.inodes_per_group);
	struct buffer_head *bh;
	u64 block;
	int got;

	got = edufs_alloc_blocks(inode, edufs_group_first(sbi, group), 1,
				 flags & ~EDUFS_ALLOC_WINDOW, &block);
	if (got < 0)
		return ERR_PTR(got);
	bh = sb_getblk(inode->i_sb, block);
	if (!bh) {
		edufs_free_blocks(inode, block, 1);
		return ERR_PTR(-ENOMEM);
	}
	lock_buffer(bh);
	memset(bh->b_data, 0, bh->b_size);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	return bh;
}

/**
 * edufs_free_meta - free a block of an inode's metadata
 * @inode: whose
 * @block: the block; what is in the buffer cache of it is not written any more
 *
 * Context: may sleep.
 */
void edufs_free_meta(struct inode *inode, u64 block)
{
	struct buffer_head *bh = sb_find_get_block(inode->i_sb, block);

	if (bh)
		bforget(bh);
	edufs_free_blocks(inode, block, 1);
}

/* Where a block of a file is wanted: behind the one before it. */
static u64 goal_of(struct inode *inode, u64 lblk)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 blocks = edufs_sbi(inode->i_sb)->geo.blocks, goal = 0;

	if (ei->last_pblk && lblk > ei->last_lblk && lblk - ei->last_lblk < 1 << 16) {
		goal = ei->last_pblk + (lblk - ei->last_lblk);
	} else if (lblk) {
		struct edufs_map before = { .m_lblk = lblk - 1, .m_len = 1 };

		if (!edufs_map_lookup(inode, &before) && before.m_pblk)
			goal = before.m_pblk + 1;
	}
	return goal && goal < blocks ? goal : edufs_goal_near(inode);
}

/**
 * edufs_map_create - allocate blocks for a hole of a file, with map_sem held
 * @inode: the file
 * @map: m_lblk is in a hole that is at least m_len long; filled with what is there
 *	now, at least one block
 * @flags: EDUFS_ALLOC_*
 * @unwritten: it shall read as zeros until written (extents only)
 *
 * Context: may sleep; map_sem held for writing.
 * Return: 0; -ENOSPC, -EROFS, -EFBIG, -EIO, -EUCLEAN.
 */
int edufs_map_create(struct inode *inode, struct edufs_map *map, unsigned int flags,
		     bool unwritten)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct extent_piece p = { .lblk = map->m_lblk, .unwritten = unwritten };
	unsigned int want = min_t(unsigned int, map->m_len, EDUFS_EXTENT_UNWRITTEN_MAX);
	int got, put;

	got = edufs_alloc_blocks(inode, goal_of(inode, map->m_lblk), want, flags, &p.pblk);
	if (got < 0)
		return got;
	p.len = got;
	/* Old metadata there must not be written over the file's data. */
	if (!S_ISDIR(inode->i_mode))
		clean_bdev_aliases(inode->i_sb->s_bdev, p.pblk, got);
	if (ei->flags & EDUFS_EXTENTS_FL) {
		put = extent_insert(inode, &p, flags);
		put = put ?: got;
	} else {
		put = indirect_insert(inode, p.lblk, p.pblk, got, flags);
	}
	if (put < got)
		edufs_free_blocks(inode, p.pblk + max(put, 0), got - max(put, 0));
	if (put < 0)
		return put;
	map->m_pblk = p.pblk;
	map->m_len = put;
	map->m_flags = EDUFS_MAP_MAPPED | (unwritten ? EDUFS_MAP_UNWRITTEN : 0);
	ei->last_lblk = p.lblk + put - 1;
	ei->last_pblk = p.pblk + put - 1;
	ei->map_seq++;
	mark_inode_dirty(inode);
	return 0;
}

/**
 * edufs_map_remove - take a range of a file out of its map, free its blocks
 * @inode: the file, directory or long symlink; no page of the range is cached
 * @from: first block of the range
 * @to: the one behind its last
 *
 * Context: may sleep; takes map_sem.
 * Return: 0; -ENOSPC (extents only), -EIO, -EUCLEAN.
 */
int edufs_map_remove(struct inode *inode, u64 from, u64 to)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int err;

	edufs_map_lock(ei);
	if (ei->flags & EDUFS_EXTENTS_FL)
		err = extent_remove(inode, from, to);
	else
		err = indirect_remove(inode, from, to);
	ei->last_pblk = 0;
	ei->map_seq++;
	edufs_map_unlock(ei);
	mark_inode_dirty(inode);
	return err;
}

/* Blocks of the map that writing this many blocks of data may need. */
static u64 meta_for(struct inode *inode, u64 count)
{
	if (EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL)
		return 1 + count / 16;
	return 3 + count / (inode->i_sb->s_blocksize / sizeof(__le32));
}

/* Rule 2, with map_sem held for writing. */
static int delay(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 need = map->m_len + meta_for(inode, map->m_len);
	int err = edufs_promise(inode->i_sb, need);

	if (err && map->m_len > 1) {
		map->m_len = 1;
		need = 1 + meta_for(inode, 1);
		err = edufs_promise(inode->i_sb, need);
	}
	if (err)
		return err;
	err = ranges_add(&ei->delayed, map->m_lblk, map->m_len);
	if (err) {
		edufs_unpromise(inode->i_sb, need);
		return err;
	}
	ei->promised += need;
	map->m_flags = EDUFS_MAP_DELAYED;
	return 0;
}

/* The promise for a range of blocks was kept, or is not wanted any more. */
static void undelay(struct inode *inode, u64 lblk, u64 count)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 gone = ranges_del(&ei->delayed, lblk, count);

	/* Those for the map stay promised until nothing is delayed. */
	if (!ei->delayed.sum)
		gone = ei->promised;
	gone = min(gone, ei->promised);
	ei->promised -= gone;
	edufs_unpromise(inode->i_sb, gone);
}

/**
 * edufs_undelay - what is cached of a range will not be written any more
 * @inode: the file
 * @from: first block of the range
 * @to: the one behind its last; U64_MAX for all there is
 *
 * Context: may sleep; takes map_sem.
 */
void edufs_undelay(struct inode *inode, u64 from, u64 to)
{
	struct edufs_inode *ei = EDUFS_I(inode);

	edufs_map_lock(ei);
	undelay(inode, from, to - from);
	ei->map_seq++;
	edufs_map_unlock(ei);
}

static void tell(struct inode *inode, const struct edufs_map *map, unsigned int flags,
		 struct iomap *iomap)
{
	unsigned int bits = inode->i_blkbits;

	iomap->flags = 0;
	iomap->bdev = inode->i_sb->s_bdev;
	iomap->offset = (loff_t)map->m_lblk << bits;
	iomap->length = (u64)map->m_len << bits;
	iomap->addr = IOMAP_NULL_ADDR;
	iomap->validity_cookie = map->m_seq;
	if (map->m_flags & EDUFS_MAP_MAPPED) {
		iomap->type = map->m_flags & EDUFS_MAP_UNWRITTEN ?
			IOMAP_UNWRITTEN : IOMAP_MAPPED;
		iomap->addr = map->m_pblk << bits;
		if (!(EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL))
			iomap->flags = IOMAP_F_MERGED;	/* of single blocks, for fiemap */
	} else if (map->m_flags & EDUFS_MAP_DELAYED && !(flags & IOMAP_DIRECT)) {
		iomap->type = IOMAP_DELALLOC;
	} else {
		iomap->type = IOMAP_HOLE;
	}
}

static int begin_write(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct edufs_map wanted = *map;
	int err;

	edufs_map_lock(ei);
	err = edufs_map_lookup(inode, map);
	if (!err && !map->m_flags)
		err = delay(inode, map);
	edufs_map_unlock(ei);
	if (err == -ENOSPC)
		*map = wanted;
	return err;
}

static bool edufs_iomap_valid(struct inode *inode, const struct iomap *iomap)
{
	return iomap->validity_cookie == READ_ONCE(EDUFS_I(inode)->map_seq);
}

const struct edu_iomap_valid_ops edufs_iomap_valid_ops = {
	.iomap_valid = edufs_iomap_valid,
};

static int edufs_iomap_begin(struct inode *inode, loff_t pos, loff_t length,
			     unsigned int flags, struct iomap *iomap,
			     struct iomap *srcmap)
{
	unsigned int bits = inode->i_blkbits;
	u64 last = (u64)(pos + length - 1) >> bits;
	struct edufs_map map = { .m_lblk = (u64)pos >> bits };
	bool delays = (flags & IOMAP_WRITE) && !(flags & IOMAP_DIRECT);
	int err;

	/* A fiemap may ask beyond what any file can have. */
	map.m_len = min_t(u64, last - map.m_lblk + 1, INT_MAX >> bits);
	if (map.m_lblk > inode->i_sb->s_maxbytes >> bits)
		return -EFBIG;
	if (delays) {
		err = begin_write(inode, &map);
		/* What others were promised and do not need comes back when it is written. */
		if (err == -ENOSPC && !(flags & (IOMAP_FAULT | IOMAP_NOWAIT))) {
			try_to_writeback_inodes_sb(inode->i_sb, WB_REASON_FS_FREE_SPACE);
			filemap_write_and_wait(inode->i_mapping);
			err = begin_write(inode, &map);
		}
	} else {
		err = edufs_map_blocks(inode, &map);
		/* Only what has blocks is written directly: see file.c. */
		if (!err && flags & IOMAP_WRITE && map.m_flags != EDUFS_MAP_MAPPED)
			err = -ENOTBLK;
	}
	if (err)
		return err;
	tell(inode, &map, flags, iomap);
	edu_iomap_set_valid(iomap, &edufs_iomap_valid_ops);
	return 0;
}

static int edufs_iomap_end(struct inode *inode, loff_t pos, loff_t length, ssize_t written,
			   unsigned int flags, struct iomap *iomap)
{
	if (iomap->flags & IOMAP_F_SIZE_CHANGED)
		mark_inode_dirty(inode);
	return 0;
}

const struct iomap_ops edufs_iomap_ops = {
	.iomap_begin = edufs_iomap_begin,
	.iomap_end = edufs_iomap_end,
};

/* Rules 3 and 4: a dirty piece of a folio must lie somewhere now. */
static int place(struct inode *inode, loff_t pos, unsigned int len, struct iomap *iomap)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	unsigned int bits = inode->i_blkbits;
	struct edufs_map map = { .m_lblk = (u64)pos >> bits };
	int err;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	map.m_len = ((u64)(pos + len - 1) >> bits) - map.m_lblk + 1;
	err = edufs_map_blocks(inode, &map);
	if (err)
		return err;
	if (map.m_flags != EDUFS_MAP_MAPPED) {
		edufs_map_lock(ei);
		err = edufs_map_lookup(inode, &map);
		if (!err && map.m_flags & EDUFS_MAP_UNWRITTEN) {
			err = extent_convert(inode, map.m_lblk, map.m_len,
					     EDUFS_ALLOC_PROMISED);
			map.m_flags = EDUFS_MAP_MAPPED;
			ei->map_seq++;
		} else if (!err && !(map.m_flags & EDUFS_MAP_MAPPED)) {
			bool promised = map.m_flags & EDUFS_MAP_DELAYED;
			unsigned int flags = 0;

			/* Dirty without a promise: a page that was punched and is back. */
			flags |= promised ? EDUFS_ALLOC_PROMISED : 0;
			flags |= inode_is_open_for_write(inode) ? EDUFS_ALLOC_WINDOW : 0;
			err = edufs_map_create(inode, &map, flags, false);
			if (!err && promised)
				undelay(inode, map.m_lblk, map.m_len);
		}
		edufs_map_unlock(ei);
	}
	if (!err)
		tell(inode, &map, IOMAP_WRITE, iomap);
	return err;
}

EDU_DEFINE_WRITEPAGES(edufs_writepages, place)

static int edufs_read_folio(struct file *file, struct folio *folio)
{
	iomap_bio_read_folio(folio, &edufs_iomap_ops);
	return 0;
}

static void edufs_readahead(struct readahead_control *rac)
{
	iomap_bio_readahead(rac, &edufs_iomap_ops);
}

static sector_t edufs_bmap(struct address_space *mapping, sector_t block)
{
	/* Who asks wants to read the device: then it must be there. */
	if (mapping_tagged(mapping, PAGECACHE_TAG_DIRTY))
		filemap_write_and_wait(mapping);
	return iomap_bmap(mapping, block, &edufs_iomap_ops);
}

const struct address_space_operations edufs_aops = {
	.read_folio = edufs_read_folio,
	.readahead = edufs_readahead,
	.writepages = edufs_writepages,
	.dirty_folio = iomap_dirty_folio,
	.release_folio = iomap_release_folio,
	.invalidate_folio = iomap_invalidate_folio,
	.is_partially_uptodate = iomap_is_partially_uptodate,
	.migrate_folio = filemap_migrate_folio,
	.error_remove_folio = generic_error_remove_folio,
	.bmap = edufs_bmap,
};
