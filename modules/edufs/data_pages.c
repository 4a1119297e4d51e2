// SPDX-License-Identifier: GPL-2.0
/*
 * data=journal: the page cache of files whose data goes through the journal. What a mapping
 * stores, what is written back, what goes to its own place, what goes away.
 *
 * The rules are those of data_journal.c; here are 3 to 6.
 */
#include <linux/buffer_head.h>
#include <linux/jbd2.h>
#include <linux/mm.h>
#include <linux/mpage.h>
#include <linux/pagemap.h>
#include <linux/writeback.h>
#include <edu/compat.h>

#include "data_journal.h"
#include "edufs.h"

/* For reading: what has no data yet has no place. */
static int get_block(struct inode *inode, sector_t block, struct buffer_head *bh, int create)
{
	struct edufs_map map = {
		.m_lblk = block, .m_len = max_t(size_t, bh->b_size >> inode->i_blkbits, 1),
	};
	int err = edufs_map_blocks(inode, &map);

	if (err)
		return err == -EUCLEAN ? -EIO : err;
	if (map.m_flags == EDUFS_MAP_MAPPED)
		map_bh(bh, inode->i_sb, map.m_pblk);
	bh->b_size = (size_t)map.m_len << inode->i_blkbits;
	return 0;
}

/* Is this buffer in a transaction that is not committed? Its folio is locked. */
static bool uncommitted(struct buffer_head *bh)
{
	struct journal_head *jh = jbd2_journal_grab_journal_head(bh);
	bool in;

	if (!jh)
		return false;
	spin_lock(&jh->b_state_lock);
	in = jh->b_transaction || jh->b_next_transaction;
	spin_unlock(&jh->b_state_lock);
	jbd2_journal_put_journal_head(jh);
	return in;
}

/* Rule 4: -EAGAIN if a commit must come first. */
static int settle_folio(struct folio *folio, struct buffer_head *head)
{
	struct buffer_head *bh = head;

	do {
		if (uncommitted(bh))
			return -EAGAIN;
		write_dirty_buffer(bh, REQ_SYNC);
		bh = bh->b_this_page;
	} while (bh != head);
	do {
		wait_on_buffer(bh);
		if (buffer_mapped(bh) && buffer_write_io_error(bh))
			return -EIO;
		bh = bh->b_this_page;
	} while (bh != head);
	return 0;
}

/* Rule 3. */
static int promise(struct inode *inode, struct folio *folio, struct buffer_head *head)
{
	u64 lblk = data_first_block(inode, folio), end;
	struct buffer_head *bh = head;
	int err = 0;

	end = ((u64)i_size_read(inode) + i_blocksize(inode) - 1) >> inode->i_blkbits;
	for (; !err && lblk < end; lblk++) {
		struct edufs_map map = { .m_lblk = lblk, .m_len = 1 };

		if (!buffer_mapped(bh)) {
			edufs_map_lock(EDUFS_I(inode));
			err = edufs_map_lookup(inode, &map);
			if (!err && !map.m_flags)
				err = edufs_map_delay(inode, &map);
			edufs_map_unlock(EDUFS_I(inode));
		}
		bh = bh->b_this_page;
		if (bh == head)
			break;
	}
	return err;
}

/**
 * edufs_data_mkwrite - a mapping is about to store into a page for the first time
 * @vmf: the fault
 *
 * Context: may sleep; invalidate_lock is held, shared.
 * Return: VM_FAULT_LOCKED, VM_FAULT_NOPAGE, VM_FAULT_SIGBUS, VM_FAULT_OOM.
 */
vm_fault_t edufs_data_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct folio *folio = page_folio(vmf->page);
	struct buffer_head *head;
	int err, tries = 0;

	do {
		folio_lock(folio);
		if (folio->mapping != inode->i_mapping ||
		    folio_pos(folio) >= i_size_read(inode)) {
			folio_unlock(folio);
			return VM_FAULT_NOPAGE;
		}
		head = data_buffers(inode, folio);
		err = settle_folio(folio, head) ?: promise(inode, folio, head);
		if (!err) {
			folio_mark_dirty(folio);
			return VM_FAULT_LOCKED;
		}
		folio_unlock(folio);
		if (err == -EAGAIN)
			err = edufs_commit_inode(inode, true) ?: -EAGAIN;
	} while (err == -EAGAIN || edufs_again(inode->i_sb, err, &tries));
	return vmf_fs_error(err);
}

/* Rule 5: all of a locked folio that was marked goes to the journal, inside a handle. */
static int journal_folio(struct inode *inode, struct folio *folio)
{
	struct buffer_head *head = data_buffers(inode, folio), *bh = head;
	loff_t pos = folio_pos(folio), size = i_size_read(inode);
	u64 lblk = data_first_block(inode, folio);
	int err = 0, failed;
	size_t at = 0;
	bool fresh;

	edufs_note_tid(inode, true);
	do {
		if (pos + (loff_t)at >= size)
			break;
		err = data_give_block(inode, lblk, bh, EDUFS_ALLOC_PROMISED, &fresh);
		if (err)
			break;
		edufs_buffer_begin(inode->i_sb, bh);
		if (size - pos < at + bh->b_size)
			folio_zero_segment(folio, size - pos, at + bh->b_size);
		set_buffer_uptodate(bh);
		clear_buffer_write_io_error(bh);
		edufs_buffer_end(inode->i_sb, bh);
		at += bh->b_size;
		lblk++;
		bh = bh->b_this_page;
	} while (bh != head);
	/* Some may have got their place before one did not. */
	failed = edufs_update_inode(inode, false);
	return err ?: failed;
}

static void write_in_place(struct folio *folio)
{
	struct buffer_head *head = folio_buffers(folio), *bh = head;

	while (bh) {
		write_dirty_buffer(bh, 0);
		bh = bh->b_this_page == head ? NULL : bh->b_this_page;
	}
}

/* A folio that was dirty: as rule 5 says. */
static int write_folio(struct inode *inode, struct folio *folio, bool sync)
{
	bool marked = folio_test_checked(folio);
	int err = 0;

	/* Who took the mark away still has it locked, and no transaction for us to wait for. */
	if (!marked && sync) {
		folio_lock(folio);
		marked = folio_test_checked(folio);
		folio_unlock(folio);
	}
	/* One that somebody may be storing into past any mapping waits, if it can. */
	if (marked ? !sync && folio_maybe_dma_pinned(folio) : sync)
		return 0;
	if (marked)
		err = edufs_start_more(inode->i_sb, EDUFS_OP_DATA,
				       edufs_credits_data(0, PAGE_SIZE >> inode->i_blkbits));
	if (err)
		return err;
	folio_lock(folio);
	if (folio->mapping == inode->i_mapping && marked == folio_test_checked(folio) &&
	    folio_clear_dirty_for_io(folio)) {
		/* In this order: who marks it and makes it dirty meanwhile is not lost. */
		if (marked) {
			folio_clear_checked(folio);
			err = journal_folio(inode, folio);
		} else {
			write_in_place(folio);
		}
		if (err)
			folio_mark_dirty(folio);
		/* Only so it leaves the list of what is dirty. */
		folio_start_writeback(folio);
		folio_end_writeback(folio);
	}
	folio_unlock(folio);
	return marked ? edufs_stop(inode->i_sb, err) : 0;
}

static int edufs_data_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	pgoff_t index = wbc->range_start >> PAGE_SHIFT, end = wbc->range_end >> PAGE_SHIFT;
	bool sync = wbc->sync_mode == WB_SYNC_ALL;
	struct inode *inode = mapping->host;
	struct folio_batch batch;
	int err = 0, tries = 0;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (wbc->range_cyclic) {
		index = 0;
		end = -1;
	}
	if (sync)
		tag_pages_for_writeback(mapping, index, end);
	folio_batch_init(&batch);
	while (!err && (sync || wbc->nr_to_write > 0) &&
	       filemap_get_folios_tag(mapping, &index, end, sync ? PAGECACHE_TAG_TOWRITE :
				      PAGECACHE_TAG_DIRTY, &batch)) {
		unsigned int i;

		for (i = 0; i < folio_batch_count(&batch) && !err; i++) {
			do {
				err = write_folio(inode, batch.folios[i], sync);
			} while (edufs_again(inode->i_sb, err, &tries));
			tries = 0;
			wbc->nr_to_write--;
		}
		folio_batch_release(&batch);
		cond_resched();
	}
	if (err)
		mapping_set_error(mapping, err);
	return err;
}

/* Everything committed of a range goes to its own place; with @wait, it is there. */
static int all_in_place(struct address_space *mapping, pgoff_t index, pgoff_t end, bool wait)
{
	struct folio_batch batch;
	int err = 0;

	folio_batch_init(&batch);
	while (!err && filemap_get_folios(mapping, &index, end, &batch)) {
		unsigned int i;

		for (i = 0; i < folio_batch_count(&batch) && !err; i++) {
			struct folio *folio = batch.folios[i];

			folio_lock(folio);
			if (folio->mapping == mapping && folio_buffers(folio)) {
				if (wait)
					err = settle_folio(folio, folio_buffers(folio));
				else
					write_in_place(folio);
			}
			folio_unlock(folio);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
	return err;
}

/**
 * edufs_data_settle - all of a range of a file is committed and in its own place
 * @inode: the file; nobody writes to it, or maps it, meanwhile
 * @from: first byte
 * @last: last byte
 *
 * Then its pages may go (rule 6). It is mapped nowhere after this.
 *
 * Context: may sleep; outside of edufs_start().
 * Return: 0, -ENOSPC, -EROFS, -EIO, -EUCLEAN.
 */
int edufs_data_settle(struct inode *inode, loff_t from, loff_t last)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t first = round_down(from, PAGE_SIZE);
	int err;

	if (!mapping->nrpages)
		return 0;
	unmap_mapping_range(mapping, first, last == LLONG_MAX ? 0 : last - first + 1, 0);
	do {
		err = filemap_write_and_wait_range(mapping, first, last);
		if (!err)
			err = edufs_commit_inode(inode, true);
		if (!err)
			err = all_in_place(mapping, from >> PAGE_SHIFT, last >> PAGE_SHIFT, false);
		if (!err)
			err = all_in_place(mapping, from >> PAGE_SHIFT, last >> PAGE_SHIFT, true);
	} while (err == -EAGAIN);
	/* Without a journal nobody wrote anything. */
	return err == -ENODEV ? 0 : err;
}

static bool edufs_data_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	folio_set_checked(folio);
	return filemap_dirty_folio(mapping, folio);
}

/* The journal may be closed just now, for a remount. */
static void edufs_data_invalidate_folio(struct folio *folio, size_t offset, size_t length)
{
	struct edufs_sb_info *sbi = edufs_sbi(folio->mapping->host->i_sb);

	if (!offset && length == folio_size(folio))
		folio_clear_checked(folio);
	down_read(&sbi->journal_sem);
	if (!sbi->journal)
		block_invalidate_folio(folio, offset, length);
	else if (jbd2_journal_invalidate_folio(sbi->journal, folio, offset, length))
		/* Of a part only, and then edufs_data_settle() was there before. */
		WARN_ONCE(1, "edufs: blocks go away that are just being committed\n");
	up_read(&sbi->journal_sem);
}

static bool edufs_data_release_folio(struct folio *folio, gfp_t gfp)
{
	struct edufs_sb_info *sbi = edufs_sbi(folio->mapping->host->i_sb);
	bool released;

	/* Its buffers are clean, but it is not. */
	if (folio_test_checked(folio) || !down_read_trylock(&sbi->journal_sem))
		return false;
	released = sbi->journal ? jbd2_journal_try_to_free_buffers(sbi->journal, folio) :
		try_to_free_buffers(folio);
	up_read(&sbi->journal_sem);
	return released;
}

static int edufs_data_read_folio(struct file *file, struct folio *folio)
{
	return mpage_read_folio(folio, get_block);
}

static void edufs_data_readahead(struct readahead_control *rac)
{
	mpage_readahead(rac, get_block);
}

/* Who asks wants to read the device, which knows nothing of a journal. */
static sector_t edufs_data_bmap(struct address_space *mapping, sector_t block)
{
	struct edufs_sb_info *sbi = edufs_sbi(mapping->host->i_sb);

	filemap_write_and_wait(mapping);
	down_read(&sbi->journal_sem);
	if (sbi->journal) {
		jbd2_journal_lock_updates(sbi->journal);
		jbd2_journal_flush(sbi->journal, 0);
		jbd2_journal_unlock_updates(sbi->journal);
	}
	up_read(&sbi->journal_sem);
	return generic_block_bmap(mapping, block, get_block);
}

const struct address_space_operations edufs_data_aops = {
	.read_folio = edufs_data_read_folio,
	.readahead = edufs_data_readahead,
	.writepages = edufs_data_writepages,
	.dirty_folio = edufs_data_dirty_folio,
	.release_folio = edufs_data_release_folio,
	.invalidate_folio = edufs_data_invalidate_folio,
	.is_partially_uptodate = block_is_partially_uptodate,
	.migrate_folio = buffer_migrate_folio_norefs,
	.error_remove_folio = generic_error_remove_folio,
	.bmap = edufs_data_bmap,
};
