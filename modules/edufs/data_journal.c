// SPDX-License-Identifier: GPL-2.0
/*
 * data=journal: the data of regular files through the journal, too.
 *
 * The rules, in the order they apply:
 *  1. iomap knows no journal, so these files' pages have buffer heads, one a block, and
 *     operations of their own. A block of data changes as one of metadata does, between
 *     edufs_buffer_begin() and edufs_buffer_end().
 *  2. write(2) is one handle as far as one can hold it: the blocks it needs, the map, the
 *     data, the size. So after a crash all of it is there or nothing. What the caller
 *     has is copied first: nobody waits for a user's page inside a handle.
 *  3. Nothing is delayed but what a mapping stores in a hole: that is promised a block
 *     when the page is first written to, and gets it when the page goes to the journal.
 *  4. The log takes a block as it lies in the page, checksum first. So a page that has
 *     a block in a transaction that is not committed is not mapped for writing: it is
 *     cleaned before it goes to the journal, and who stores into it again waits for the
 *     commit, and for blocks that are just going to their own place.
 *  5. A folio that a mapping stored into is marked (checked), and goes to the journal
 *     when it is written back or synced. One that is dirty without the mark has blocks
 *     that are committed and may go to their own place; nobody waits for that.
 *  6. Pages go away only when what they hold is committed and in its place (a hole, a
 *     move, the end of an inode that lives on), or when the size or the orphan list
 *     say in an earlier or the same transaction that it is not wanted (truncate, unlink):
 *     else the log could drop it too early. A block that is freed is revoked
 *     (edufs_free_content()).
 *  7. Direct I/O goes through the page cache.
 *
 * Here a folio's lock is taken inside a handle, never before one: see main.c.
 *
 * Follows the kernel book, 7.4 ("journal: data and metadata; slowest, safest"). Differs
 * from ext4: that gives each page of a write(2) a handle of its own, and lets the commit
 * take the right to write from mapped pages.
 */
#include <linux/buffer_head.h>
#include <linux/highmem.h>
#include <linux/jbd2.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/writeback.h>

#include "data_journal.h"
#include "edufs.h"
#include "extent.h"

/**
 * data_buffers - the buffers of a folio
 * @inode: whose
 * @folio: locked
 *
 * Return: the first of them.
 */
struct buffer_head *data_buffers(struct inode *inode, struct folio *folio)
{
	struct buffer_head *head = folio_buffers(folio), *bh;

	if (head)
		return head;
	head = create_empty_buffers(folio, i_blocksize(inode), 0);
	/* A dirty folio's would be dirty, and go to the disk past the journal. */
	bh = head;
	do {
		clear_buffer_dirty(bh);
		bh = bh->b_this_page;
	} while (bh != head);
	return head;
}

/* Rule 4, before a block of a locked folio goes to the journal. */
static void clean(struct folio *folio)
{
	if (folio_mapped(folio) && folio_mkclean(folio))
		folio_mark_dirty(folio);
}

/**
 * data_give_block - a block of a file gets its place
 * @inode: the file
 * @lblk: the block of it
 * @bh: its buffer, in a locked folio
 * @flags: EDUFS_ALLOC_*
 * @fresh: set if what lies there is not its data; then that must go to the journal in
 *	this handle
 *
 * Context: may sleep; inside edufs_start(); takes map_sem.
 * Return: 0, -ENOSPC, -EROFS, -EFBIG, -EIO, -EUCLEAN.
 */
int data_give_block(struct inode *inode, u64 lblk, struct buffer_head *bh, unsigned int flags,
		    bool *fresh)
{
	struct edufs_map map = { .m_lblk = lblk, .m_len = 1 };
	struct edufs_inode *ei = EDUFS_I(inode);
	int err;

	*fresh = false;
	if (buffer_mapped(bh))
		return 0;
	edufs_map_lock(ei);
	err = edufs_map_lookup(inode, &map);
	if (!err && map.m_flags != EDUFS_MAP_MAPPED)
		*fresh = true;
	if (!err && map.m_flags & EDUFS_MAP_UNWRITTEN) {
		err = extent_convert(inode, lblk, 1, EDUFS_ALLOC_PROMISED);
		ei->map_seq++;
	} else if (*fresh) {
		if (map.m_flags & EDUFS_MAP_DELAYED)
			flags |= EDUFS_ALLOC_PROMISED;
		map.m_len = 1;
		err = edufs_map_create(inode, &map, flags, false);
		if (!err)
			edufs_map_undelay(inode, lblk, 1);
	}
	edufs_map_unlock(ei);
	if (!err)
		map_bh(bh, inode->i_sb, map.m_pblk);
	return err;
}

/* Bytes @from to @to of a locked folio, all of one block, become @data, or zeros. */
static int change_block(struct inode *inode, struct folio *folio, struct buffer_head *bh,
			size_t from, size_t to, const char *data)
{
	size_t start = round_down(from, bh->b_size);
	u64 lblk = data_first_block(inode, folio) + (start >> inode->i_blkbits);
	bool fresh;
	int err;

	err = data_give_block(inode, lblk, bh,
			      inode_is_open_for_write(inode) ? EDUFS_ALLOC_WINDOW : 0, &fresh);
	if (err)
		return err;
	if (folio_test_uptodate(folio))
		set_buffer_uptodate(bh);
	if (!fresh && !buffer_uptodate(bh) && to - from < bh->b_size) {
		err = bh_read(bh, 0);
		if (err < 0)
			return err;
	}
	edufs_buffer_begin(inode->i_sb, bh);
	if (fresh && !buffer_uptodate(bh))
		folio_zero_segments(folio, start, from, to, start + bh->b_size);
	if (data)
		memcpy_to_folio(folio, from, data, to - from);
	else
		folio_zero_segment(folio, from, to);
	set_buffer_uptodate(bh);
	/* An error that it once had in its place is over: it goes there anew. */
	clear_buffer_write_io_error(bh);
	edufs_buffer_end(inode->i_sb, bh);
	return 0;
}

/* The same for any bytes of the folio: how many came that far, or an error. */
static ssize_t change_folio(struct inode *inode, struct folio *folio, size_t from, size_t len,
			    const char *data)
{
	struct buffer_head *head = data_buffers(inode, folio), *bh = head;
	size_t block = i_blocksize(inode), at = 0, done = 0;
	bool whole = true;
	int err = 0;

	clean(folio);
	do {
		size_t low = max(at, from), high = min(at + block, from + len);

		if (low < high && !err) {
			err = change_block(inode, folio, bh, low, high,
					   data ? data + done : NULL);
			done += err ? 0 : high - low;
		}
		whole &= buffer_uptodate(bh);
		at += block;
		bh = bh->b_this_page;
	} while (bh != head);
	if (whole)
		folio_mark_uptodate(folio);
	return done ?: err;
}

static struct folio *folio_at(struct inode *inode, loff_t pos)
{
	return __filemap_get_folio(inode->i_mapping, pos >> PAGE_SHIFT,
				   FGP_LOCK | FGP_WRITE | FGP_CREAT,
				   mapping_gfp_constraint(inode->i_mapping, ~__GFP_FS));
}

/* How many bytes of a write fit into a handle (rule 2), and which reservation that is. */
static int plan(struct inode *inode, loff_t pos, size_t *len, unsigned int *credits)
{
	unsigned int room = edufs_sbi(inode->i_sb)->journal->j_max_transaction_buffers / 2;
	u64 lblk = (u64)pos >> inode->i_blkbits, end = (u64)(pos + *len - 1) >> inode->i_blkbits;
	unsigned int plain = 0, fresh = 0;

	while (lblk <= end) {
		struct edufs_map map = { .m_lblk = lblk, .m_len = end - lblk + 1 };
		int err = edufs_map_blocks(inode, &map);
		bool has = map.m_flags == EDUFS_MAP_MAPPED;

		if (err)
			return err;
		for (; map.m_len && edufs_credits_data(plain + has, fresh + !has) <= room;
		     map.m_len--, lblk++) {
			plain += has;
			fresh += !has;
		}
		if (map.m_len)
			break;
	}
	*len = min_t(u64, *len, (lblk << inode->i_blkbits) - pos);
	*credits = edufs_credits_data(plain, fresh);
	return 0;
}

/* As much of a write as one handle holds: how much that was, or an error. */
static ssize_t write_piece(struct inode *inode, loff_t pos, const char *data, size_t len)
{
	loff_t size = inode->i_size;
	unsigned int credits;
	size_t done = 0;
	ssize_t got;
	int err = plan(inode, pos, &len, &credits), failed;

	if (!err)
		err = edufs_start_more(inode->i_sb, EDUFS_OP_DATA, credits);
	if (err)
		return err;
	/* First: who finds one of these blocks uncommitted waits for this. */
	edufs_note_tid(inode, true);
	while (done < len && !err) {
		size_t from = offset_in_page(pos + done), n = min(len - done, PAGE_SIZE - from);
		struct folio *folio = folio_at(inode, pos + done);

		if (IS_ERR(folio)) {
			err = PTR_ERR(folio);
			break;
		}
		got = change_folio(inode, folio, from, n, data + done);
		/* Before anybody else has the folio: what is behind the size he makes zero. */
		if (got > 0 && pos + (loff_t)done + got > inode->i_size)
			edufs_set_size(inode, pos + done + got);
		folio_unlock(folio);
		folio_put(folio);
		if (got > 0)
			done += got;
		if (got < (ssize_t)n)
			err = got < 0 ? got : -ENOSPC;
	}
	/* The map may have changed, too, where the data did not. */
	failed = edufs_stop(inode->i_sb, edufs_update_inode(inode, false));
	/* Up to where the write began: behind that is what it wrote. */
	if (done && pos > size)
		pagecache_isize_extended(inode, size, pos);
	return failed ?: done ?: err;
}

/**
 * edufs_data_write - write(2) with data=journal
 * @iocb: where; its position is moved
 * @from: what
 *
 * Context: may sleep; i_rwsem is held; what lies behind the end of the file is zero.
 * Return: how many bytes were written, if any; -ENOSPC, -EFAULT, -ENOMEM, -EROFS, -EIO,
 * -EUCLEAN.
 */
ssize_t edufs_data_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	size_t most = min_t(size_t, iov_iter_count(from), EDUFS_DATA_MOST << inode->i_blkbits);
	char *data = kvmalloc(most, GFP_KERNEL);
	int tries = 0;
	ssize_t written = 0, err = 0;

	if (!data)
		return -ENOMEM;
	while (iov_iter_count(from) && !err) {
		size_t want = min(most, iov_iter_count(from)), done = 0;
		size_t len = copy_from_iter(data, want, from);

		if (!len)
			err = -EFAULT;
		while (done < len && !err) {
			ssize_t got = write_piece(inode, iocb->ki_pos, data + done, len - done);

			if (got > 0) {
				tries = 0;
				done += got;
				iocb->ki_pos += got;
			} else if (!edufs_again(inode->i_sb, got, &tries)) {
				err = got;
			}
		}
		iov_iter_revert(from, len - done);
		written += done;
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		balance_dirty_pages_ratelimited(inode->i_mapping);
	}
	kvfree(data);
	return written ?: err;
}

/* Zero bytes of one page, inside a handle: in the file where it has data, else in the cache. */
static int zero_in_handle(struct inode *inode, loff_t pos, size_t len)
{
	size_t block = i_blocksize(inode), n;
	struct folio *folio;
	int err = 0;

	for (; len && !err; pos += n, len -= n) {
		struct edufs_map map = { .m_lblk = pos >> inode->i_blkbits, .m_len = 1 };

		n = min_t(size_t, len, block - (pos & (block - 1)));
		err = edufs_map_blocks(inode, &map);
		if (err)
			break;
		if (map.m_flags == EDUFS_MAP_MAPPED)
			folio = folio_at(inode, pos);
		else
			folio = filemap_lock_folio(inode->i_mapping, pos >> PAGE_SHIFT);
		if (folio == ERR_PTR(-ENOENT))
			continue;
		if (IS_ERR(folio))
			return PTR_ERR(folio);
		if (map.m_flags == EDUFS_MAP_MAPPED)
			err = min_t(ssize_t, 0, change_folio(inode, folio, offset_in_page(pos), n,
							     NULL));
		else
			folio_zero_range(folio, offset_in_page(pos), n);
		folio_unlock(folio);
		folio_put(folio);
	}
	return err;
}

/**
 * edufs_data_zero - zero some bytes of one page of a file
 * @inode: the file, locked
 * @pos: the first
 * @len: how many
 *
 * Context: may sleep.
 * Return: 0, -EROFS, -EIO, -ENOMEM, -EUCLEAN.
 */
int edufs_data_zero(struct inode *inode, loff_t pos, size_t len)
{
	int err = edufs_start_more(inode->i_sb, EDUFS_OP_DATA,
				   edufs_credits_data(PAGE_SIZE >> inode->i_blkbits, 0));

	if (err)
		return err;
	edufs_note_tid(inode, true);
	err = zero_in_handle(inode, pos, len);
	return edufs_stop(inode->i_sb, err);
}

/**
 * edufs_data_cut - the size of a file becomes smaller
 * @inode: the file, locked
 * @size: its size
 *
 * In one handle: the end of its last block is zero, the size, the orphan list. Only then
 * may the pages go, and then the blocks.
 *
 * Context: may sleep; invalidate_lock is held.
 * Return: 0, -EROFS, -EIO, -ENOMEM, -EUCLEAN; then nothing was done.
 */
int edufs_data_cut(struct inode *inode, loff_t size)
{
	loff_t end = round_up(size, PAGE_SIZE);
	struct super_block *sb = inode->i_sb;
	int err = 0;

	/* Blocks that end in a page that stays are looked for in no transaction then. */
	if (size < end)
		err = edufs_data_settle(inode, size, end - 1);
	if (!err)
		err = edufs_start_more(sb, EDUFS_OP_ORPHAN, edufs_credits_data(1, 0));
	if (err)
		return err;
	edufs_note_tid(inode, true);
	err = zero_in_handle(inode, size, round_up(size, i_blocksize(inode)) - size);
	if (!err) {
		edufs_set_size(inode, size);
		err = edufs_update_inode(inode, false) ?: edufs_orphan_add(inode);
	}
	err = edufs_stop(sb, err);
	if (err)
		return err;
	truncate_pagecache(inode, size);
	edufs_undelay(inode, round_up(size, i_blocksize(inode)) >> inode->i_blkbits, U64_MAX);
	return 0;
}
