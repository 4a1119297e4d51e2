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
 *  3. Writeback, which knows how long the dirty piece is, allocates (writeback.c).
 *  4. What a write was promised and did not write, because its buffer cannot be read
 *     or its process is killed, is given back.
 *  5. A mapping that iomap holds while a file's map changes under it (writeback
 *     of another page) is asked for again: map_seq tells.
 *
 * Follows "memory, files", 18 and 24. Differs from ext4: that uses buffer heads
 * for buffered data.
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
 * Context: may sleep; inside edufs_start().
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
	edufs_buffer_new(inode->i_sb, bh);
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
	edufs_buffer_forget(inode->i_sb, block);
	edufs_free_blocks(inode, block, 1);
}

/**
 * edufs_free_content - free blocks that are taken out of an inode's map
 * @inode: whose; what a directory or a symlink holds is metadata
 * @block: the first
 * @count: how many; of what the log may have at most EDUFS_REVOKE_MOST
 *
 * Context: may sleep; inside edufs_start().
 */
void edufs_free_content(struct inode *inode, u64 block, unsigned int count)
{
	unsigned int i;

	if (edufs_content_logged(inode) && edufs_block_valid(inode->i_sb, block, count))
		for (i = 0; i < count; i++)
			edufs_buffer_forget(inode->i_sb, block + i);
	edufs_free_blocks(inode, block, count);
}

/**
 * edufs_map_goal - where a block of a file is wanted: behind the one before it
 * @inode: the file
 * @lblk: the block of it; map_sem is held
 */
u64 edufs_map_goal(struct inode *inode, u64 lblk)
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
 * edufs_map_put - put blocks into a hole of a file, with map_sem held
 * @inode: the file
 * @map: m_lblk is in a hole that is at least m_len long; m_pblk is in no map. On
 *	return m_len of it is
 * @flags: EDUFS_ALLOC_* for the map's own blocks
 * @unwritten: it shall read as zeros until written (extents only)
 *
 * Context: may sleep; inside edufs_start(), map_sem held for writing. The caller
 * writes the inode afterwards.
 * Return: 0; -ENOSPC, -EROFS, -EFBIG, -EIO, -EUCLEAN.
 */
int edufs_map_put(struct inode *inode, struct edufs_map *map, unsigned int flags,
		  bool unwritten)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int got = map->m_len, put;

	if (ei->flags & EDUFS_EXTENTS_FL) {
		const struct extent_piece p = {
			.lblk = map->m_lblk, .pblk = map->m_pblk, .len = got,
			.unwritten = unwritten,
		};

		put = extent_insert(inode, &p, flags);
		put = put ?: got;
	} else {
		put = indirect_insert(inode, map->m_lblk, map->m_pblk, got, flags);
	}
	if (put < 0)
		return put;
	map->m_len = put;
	map->m_flags = EDUFS_MAP_MAPPED | (unwritten ? EDUFS_MAP_UNWRITTEN : 0);
	ei->map_seq++;
	return 0;
}

/**
 * edufs_map_create - allocate blocks for a hole of a file, with map_sem held
 * @inode: the file
 * @map: m_lblk is in a hole that is at least m_len long; filled with what is there
 *	now, at least one block
 * @flags: EDUFS_ALLOC_*
 * @unwritten: it shall read as zeros until written (extents only)
 *
 * Context: may sleep; as edufs_map_put().
 * Return: as edufs_map_put().
 */
int edufs_map_create(struct inode *inode, struct edufs_map *map, unsigned int flags,
		     bool unwritten)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	unsigned int want = min_t(unsigned int, map->m_len, EDUFS_EXTENT_UNWRITTEN_MAX);
	int got, put, err;

	got = edufs_alloc_blocks(inode, edufs_map_goal(inode, map->m_lblk), want, flags,
				 &map->m_pblk);
	if (got < 0)
		return got;
	map->m_len = got;
	/* Old metadata there must not be written over the file's data. */
	if (!S_ISDIR(inode->i_mode))
		clean_bdev_aliases(inode->i_sb->s_bdev, map->m_pblk, got);
	err = edufs_map_put(inode, map, flags, unwritten);
	put = err ? 0 : map->m_len;
	if (put < got)
		edufs_free_blocks(inode, map->m_pblk + put, got - put);
	if (err)
		return err;
	edufs_forget_ahead(inode);
	ei->last_lblk = map->m_lblk + map->m_len - 1;
	ei->last_pblk = map->m_pblk + map->m_len - 1;
	return 0;
}

/**
 * edufs_map_remove - take a range of a file out of its map, free its blocks
 * @inode: the file, directory or long symlink; no page of the range is cached
 * @from: first block of the range
 * @to: the one behind its last
 *
 * In as many transactions as it takes, from the end to the front; between them
 * the map is whole.
 *
 * Context: may sleep; not inside edufs_start(); takes map_sem.
 * Return: 0; -ENOSPC (extents only), -EROFS, -EIO, -EUCLEAN.
 */
int edufs_map_remove(struct inode *inode, u64 from, u64 to)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int err, now;

	do {
		err = edufs_start(inode->i_sb, EDUFS_OP_REMOVE);
		if (err)
			return err;
		edufs_map_lock(ei);
		if (ei->flags & EDUFS_EXTENTS_FL)
			err = extent_remove(inode, from, to);
		else
			err = indirect_remove(inode, from, to);
		edufs_forget_ahead(inode);
		ei->last_pblk = 0;
		ei->map_seq++;
		edufs_map_unlock(ei);
		edufs_note_tid(inode, true);
		now = edufs_update_inode(inode, false);
		now = edufs_stop(inode->i_sb, now);
		if (now && (!err || err == -EAGAIN))
			err = now;
	} while (err == -EAGAIN);
	return err;
}

/* Blocks of the map that writing this many blocks of data may need. */
static u64 meta_for(struct inode *inode, u64 count)
{
	if (EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL)
		return 1 + count / 16;
	return 3 + count / (inode->i_sb->s_blocksize / sizeof(__le32));
}

/**
 * edufs_map_delay - promise blocks to a hole of a file, with map_sem held
 * @inode: the file
 * @map: m_lblk is in a hole that is at least m_len long; m_len may become 1
 *
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int edufs_map_delay(struct inode *inode, struct edufs_map *map)
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
	map->m_flags = EDUFS_MAP_DELAYED | EDUFS_MAP_NEW;
	return 0;
}

/**
 * edufs_map_undelay - a promise was kept, or is not wanted any more
 * @inode: the file, with map_sem held for writing
 * @lblk: first block
 * @count: how many; those that were not promised any do no harm
 */
void edufs_map_undelay(struct inode *inode, u64 lblk, u64 count)
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
	edufs_forget_ahead(inode);
	edufs_map_undelay(inode, from, to - from);
	ei->map_seq++;
	edufs_map_unlock(ei);
}

/**
 * edufs_map_tell - a piece of a file as iomap wants it
 * @inode: the file
 * @map: the piece
 * @flags: IOMAP_*
 * @iomap: filled in
 */
void edufs_map_tell(struct inode *inode, const struct edufs_map *map, unsigned int flags,
		    struct iomap *iomap)
{
	unsigned int bits = inode->i_blkbits;

	iomap->flags = 0;
	iomap->bdev = inode->i_sb->s_bdev;
	iomap->offset = (loff_t)map->m_lblk << bits;
	iomap->length = (u64)map->m_len << bits;
	iomap->addr = IOMAP_NULL_ADDR;
	iomap->validity_cookie = map->m_seq;
	if (map->m_flags & EDUFS_MAP_NEW)
		iomap->flags = IOMAP_F_NEW;
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
		err = edufs_map_delay(inode, map);
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
	edufs_map_tell(inode, &map, flags, iomap);
	/* Then O_DSYNC is more than the data on the disk. */
	if (flags & IOMAP_DIRECT && flags & IOMAP_WRITE && !edufs_map_committed(inode))
		iomap->flags |= IOMAP_F_DIRTY;
	edu_iomap_set_valid(iomap, &edufs_iomap_valid_ops);
	return 0;
}

/*
 * Rule 4. A mapping may have stored into the rest meanwhile, and that keeps its promise
 * until it is on the disk: so it goes there first, while nobody can make it dirty again.
 */
static int edufs_iomap_end(struct inode *inode, loff_t pos, loff_t length, ssize_t done,
			   unsigned int flags, struct iomap *iomap)
{
	loff_t from = iomap_last_written_block(inode, pos, done);
	loff_t to = round_up(pos + length, i_blocksize(inode));

	if (!(iomap->flags & IOMAP_F_NEW) || flags & IOMAP_FAULT || from >= to)
		return 0;
	filemap_invalidate_lock(inode->i_mapping);
	/* An error stays with the mapping, for fsync. */
	filemap_write_and_wait_range(inode->i_mapping, from, to - 1);
	/* After EIO that did not wait for what is on its way. */
	filemap_fdatawait_range(inode->i_mapping, from, to - 1);
	edufs_undelay(inode, from >> inode->i_blkbits, to >> inode->i_blkbits);
	filemap_invalidate_unlock(inode->i_mapping);
	return 0;
}

/* A new size is written with the map, when the data is on the disk. */
const struct iomap_ops edufs_iomap_ops = {
	.iomap_begin = edufs_iomap_begin,
	.iomap_end = edufs_iomap_end,
};

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
