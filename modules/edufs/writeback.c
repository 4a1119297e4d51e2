// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty pages to the disk, and then into the map: ordered mode.
 *
 * The rules, in the order they apply:
 *  1. A dirty piece of a folio that has no block yet is placed: balloc.c names free
 *     blocks that nobody else gets from then on. Nothing of the image changes, no
 *     transaction is begun. What is dirty right behind it is placed along: for the
 *     folios that come next, nothing is left to be looked up. What they did not take
 *     when the round is over is placed no longer.
 *  2. The data goes there. Until it is on the disk, the folio is under writeback
 *     and the blocks of the file are still delayed.
 *  3. Then, in one transaction: the blocks are marked as used, put into the map
 *     (what fallocate() reserved is marked as written), the size on disk reaches
 *     as far as they do. Only after that the folio's writeback ends, which is what
 *     fsync waits for.
 *  4. If the data could not be written, it is placed no longer, and nothing leads
 *     there. The page cache keeps the error for fsync.
 *
 * So a map never leads to a block that has not its data yet: no reader sees, not
 * even after a crash, what lay there before; and a commit never waits for data.
 *
 * Differs from ext4: that begins a transaction to allocate and a second one to mark
 * as written; or in ext3's files lets the commit write the data. It also locks and
 * collects a piece of many folios before it allocates; here one is locked at a time.
 */
#include <linux/buffer_head.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <linux/workqueue.h>
#include <linux/writeback.h>
#include <edu/compat.h>

#include "edufs.h"
#include "extent.h"
#include "trace.h"

/* How many blocks are placed along, at most. */
#define AHEAD_MOST 64

static struct workqueue_struct *queue;

/**
 * edufs_forget_ahead - what was placed along is not placed any more
 * @inode: the file, with map_sem held for writing
 */
void edufs_forget_ahead(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);

	if (ei->ahead)
		edufs_unplace(inode->i_sb, ei->last_pblk + 1, ei->ahead);
	WRITE_ONCE(ei->ahead, 0);
}

/* Was this placed along with what lies before it? Then it is in no map. */
static bool take_ahead(struct inode *inode, struct edufs_map *map)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	bool taken;

	if (!READ_ONCE(ei->ahead))
		return false;
	edufs_map_lock(ei);
	taken = ei->ahead && map->m_lblk == ei->last_lblk + 1;
	if (taken) {
		map->m_len = min(map->m_len, ei->ahead);
		map->m_pblk = ei->last_pblk + 1;
		map->m_flags = EDUFS_MAP_MAPPED | EDUFS_MAP_UNWRITTEN;
		map->m_seq = ei->map_seq;
		ei->last_lblk += map->m_len;
		ei->last_pblk += map->m_len;
		WRITE_ONCE(ei->ahead, ei->ahead - map->m_len);
	}
	edufs_map_unlock(ei);
	return taken;
}

/*
 * How many blocks from one on are in dirty folios, and not on their way to the disk: a
 * block that is has been placed, but is still delayed.
 */
static unsigned int dirty_from(struct inode *inode, u64 lblk)
{
	unsigned int bits = PAGE_SHIFT - inode->i_blkbits;
	pgoff_t start = lblk >> bits, next = start;
	XA_STATE(xas, &inode->i_mapping->i_pages, start);
	struct folio *folio;

	if (lblk & ((1 << bits) - 1))
		return 0;
	/* With the lock nobody takes a folio away, or sends it to the disk. */
	xas_lock_irq(&xas);
	xas_for_each_marked(&xas, folio, start + (AHEAD_MOST >> bits) - 1, PAGECACHE_TAG_DIRTY) {
		if (folio->index != next || xas_get_mark(&xas, PAGECACHE_TAG_WRITEBACK))
			break;
		next = folio_next_index(folio);
	}
	xas_unlock_irq(&xas);
	return min_t(pgoff_t, next - start, AHEAD_MOST >> bits) << bits;
}

/* Rule 1, with map_sem held for writing: @len blocks, or fewer, of a longer piece. */
static int place_hole(struct inode *inode, struct edufs_map *map, unsigned int len)
{
	unsigned int flags = EDUFS_ALLOC_PLACE | EDUFS_ALLOC_PROMISED;
	struct edufs_inode *ei = EDUFS_I(inode);
	int got = 0;

	edufs_forget_ahead(inode);
	if (map->m_flags & EDUFS_MAP_DELAYED) {
		if (map->m_len > len)
			map->m_len = min(map->m_len, len + dirty_from(inode, map->m_lblk + len));
	} else {
		/* Dirty without a promise: a page that was punched and is back. */
		map->m_len = min(map->m_len, len);
		got = edufs_map_delay(inode, map);
	}
	if (got)
		return got;
	if (inode_is_open_for_write(inode))
		flags |= EDUFS_ALLOC_WINDOW;
	got = edufs_alloc_blocks(inode, edufs_map_goal(inode, map->m_lblk), map->m_len, flags,
				 &map->m_pblk);
	if (got < 0)
		return got;
	map->m_len = min_t(unsigned int, got, len);
	map->m_flags = EDUFS_MAP_MAPPED | EDUFS_MAP_UNWRITTEN;
	ei->last_lblk = map->m_lblk + map->m_len - 1;
	ei->last_pblk = map->m_pblk + map->m_len - 1;
	WRITE_ONCE(ei->ahead, got - map->m_len);
	/* Old metadata there must not be written over the file's data. */
	clean_bdev_aliases(inode->i_sb->s_bdev, map->m_pblk, got);
	return 0;
}

/* A dirty piece of a folio: where does it go? */
static int place(struct inode *inode, loff_t pos, unsigned int len, struct iomap *iomap)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	unsigned int bits = inode->i_blkbits;
	const struct edufs_map wanted = {
		.m_lblk = (u64)pos >> bits,
		.m_len = ((u64)(pos + len - 1) >> bits) - ((u64)pos >> bits) + 1,
	};
	struct edufs_map map = wanted;
	int tries = 0, err = 0;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (!take_ahead(inode, &map))
		err = edufs_map_blocks(inode, &map);
	if (err)
		return err;
	if (!(map.m_flags & EDUFS_MAP_MAPPED)) {
		do {
			map = wanted;
			map.m_len += AHEAD_MOST;
			edufs_map_lock(ei);
			err = edufs_map_lookup(inode, &map);
			if (!err && !(map.m_flags & EDUFS_MAP_MAPPED))
				err = place_hole(inode, &map, wanted.m_len);
			edufs_map_unlock(ei);
		} while (edufs_again(inode->i_sb, err, &tries));
	}
	if (!err)
		edufs_map_tell(inode, &map, IOMAP_WRITE, iomap);
	return err;
}

/* Rule 3, with map_sem held for writing: as much of the range as is of one kind. */
static int put(struct inode *inode, struct edufs_map *map, u64 pblk)
{
	int err = edufs_map_lookup(inode, map);

	if (err || map->m_flags == EDUFS_MAP_MAPPED)
		return err;
	if (map->m_flags & EDUFS_MAP_UNWRITTEN) {
		err = extent_convert(inode, map->m_lblk, map->m_len, EDUFS_ALLOC_PROMISED);
		EDUFS_I(inode)->map_seq++;
		return err;
	}
	map->m_pblk = pblk;
	err = edufs_map_put(inode, map, EDUFS_ALLOC_PROMISED, false);
	if (err)
		return err;
	edufs_use_placed(inode, pblk, map->m_len);
	edufs_map_undelay(inode, map->m_lblk, map->m_len);
	return 0;
}

static int put_step(struct inode *inode, struct edufs_map *map, u64 pblk, loff_t end)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	int err = edufs_start(inode->i_sb, EDUFS_OP_WRITTEN), failed;

	if (err)
		return err;
	edufs_map_lock(ei);
	err = put(inode, map, pblk);
	if (!err) {
		end = min3(end, (loff_t)(map->m_lblk + map->m_len) << inode->i_blkbits,
			   i_size_read(inode));
		ei->disk_size = max(ei->disk_size, end);
		edufs_note_tid(inode, true);
	}
	edufs_map_unlock(ei);
	/* A tree that grew and then found no room has its root in the inode. */
	failed = edufs_update_inode(inode, false);
	return edufs_stop(inode->i_sb, err ?: failed);
}

/* The data of a range of a file is on the disk, or could not be written. */
static int written(struct inode *inode, loff_t pos, loff_t end, u64 pblk, int err)
{
	unsigned int bits = inode->i_blkbits;
	u64 lblk = (u64)pos >> bits, last = (u64)(end - 1) >> bits;
	int tries = 0;

	trace_edufs_written(inode, lblk, last - lblk + 1, pblk, err);
	while (!err && lblk <= last) {
		struct edufs_map map = {
			.m_lblk = lblk, .m_len = min_t(u64, last - lblk + 1, EDUFS_WRITTEN_MOST),
		};

		err = put_step(inode, &map, pblk, end);
		if (!err) {
			lblk += map.m_len;
			pblk += map.m_len;
			tries = 0;
		} else if (edufs_again(inode->i_sb, err, &tries)) {
			err = 0;
		}
	}
	/* Of what is in a map already nothing is placed or delayed. */
	if (err) {
		edufs_unplace(inode->i_sb, pblk, last - lblk + 1);
		edufs_undelay(inode, lblk, last + 1);
	}
	return err;
}

/**
 * edufs_written_work - put into maps what is on the disk by now
 * @work: a filesystem's written_work
 */
void edufs_written_work(struct work_struct *work)
{
	struct edufs_sb_info *sbi = container_of(work, struct edufs_sb_info, written_work);
	unsigned int nofs = memalloc_nofs_save();
	struct iomap_ioend *ioend, *next;
	LIST_HEAD(list);

	spin_lock_irq(&sbi->written_lock);
	list_splice_init(&sbi->written, &list);
	spin_unlock_irq(&sbi->written_lock);
	list_for_each_entry_safe(ioend, next, &list, io_list) {
		struct inode *inode = ioend->io_inode;
		int err = blk_status_to_errno(ioend->io_bio.bi_status);

		list_del_init(&ioend->io_list);
		err = written(inode, ioend->io_offset, ioend->io_offset + ioend->io_size,
			      ioend->io_sector >> (inode->i_blkbits - SECTOR_SHIFT), err);
		/* From here on there may be no inode any more. */
		iomap_finish_ioends(ioend, err);
	}
	memalloc_nofs_restore(nofs);
}

static void end_bio(struct bio *bio)
{
	struct iomap_ioend *ioend = iomap_ioend_from_bio(bio);
	struct edufs_sb_info *sbi = edufs_sbi(ioend->io_inode->i_sb);
	unsigned long flags;

	spin_lock_irqsave(&sbi->written_lock, flags);
	list_add_tail(&ioend->io_list, &sbi->written);
	spin_unlock_irqrestore(&sbi->written_lock, flags);
	queue_work(queue, &sbi->written_work);
}

/* Is there nothing to be done when this is on the disk? */
static bool is_plain(struct iomap_ioend *ioend)
{
	return !edu_ioend_unwritten(ioend) &&
		ioend->io_offset + (loff_t)ioend->io_size <=
		READ_ONCE(EDUFS_I(ioend->io_inode)->disk_size);
}

static void before_submit(struct iomap_ioend *ioend)
{
	if (!is_plain(ioend))
		ioend->io_bio.bi_end_io = end_bio;
}

EDU_DEFINE_WRITEPAGES(write_round, place, before_submit)

/**
 * edufs_writepages - address_space_operations.writepages
 * @mapping: a file's page cache
 * @wbc: which pages, and why
 *
 * Return: 0, -ENOSPC, -EROFS, -EIO, -EUCLEAN, -ENOMEM.
 */
int edufs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	int err = write_round(mapping, wbc);

	/* If another round of the same file would have gone on with it, it places again. */
	if (READ_ONCE(EDUFS_I(inode)->ahead)) {
		edufs_map_lock(EDUFS_I(inode));
		edufs_forget_ahead(inode);
		edufs_map_unlock(EDUFS_I(inode));
	}
	return err;
}

/**
 * edufs_writeback_init - the module is loaded
 *
 * Return: 0, -ENOMEM.
 */
int edufs_writeback_init(void)
{
	queue = alloc_workqueue("edufs-written", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/** edufs_writeback_exit - it is unloaded */
void edufs_writeback_exit(void)
{
	destroy_workqueue(queue);
}
