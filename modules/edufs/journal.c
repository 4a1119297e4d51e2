// SPDX-License-Identifier: GPL-2.0
/*
 * One form for every change of metadata, with a journal and without.
 *
 * The rules, in the order they apply:
 *  1. What belongs together is between edufs_start() and edufs_stop(): with a
 *     journal a handle of jbd2, which the task carries (current->journal_info);
 *     a start inside another joins it. All of it is on disk after a crash, or none.
 *  2. A block changes between edufs_buffer_begin() and edufs_buffer_end(). The
 *     journal then has it, and writes it to its own place only after the commit.
 *     Without a journal it is a dirty block like any other.
 *  3. A block of metadata that is freed is forgotten and revoked: a replay must
 *     not write it over the data that lies there by then.
 *  4. If the journal fails, nothing is written any more: the filesystem is
 *     stopped, as after damage, and every stop says so to its caller. What was
 *     changed in the buffer cache meanwhile does no harm: a block that may still
 *     be written to its place is also still in the log, as it was committed.
 *  5. An inode knows the last transaction that changed it: that is what fsync
 *     waits for.
 *
 * A commit waits for nothing but handles and the disk: not for a folio, nor for
 * its data, which is on disk before a map leads to it (writeback.c). So a handle
 * may be taken with a folio locked; but never wait for a folio inside one.
 *
 * The journal itself is the kernel's jbd2. Follows the kernel book, 7.3 and 7.4.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/jbd2.h>

#include "edufs.h"
#include "trace.h"

/**
 * edufs_journal_failed - the journal does not go on: stop the filesystem
 * @sb: the filesystem
 * @err: why
 *
 * Context: may sleep.
 */
void edufs_journal_failed(struct super_block *sb, int err)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	jbd2_journal_abort(sbi->journal, err);
	if (cmpxchg(&sbi->emergency, false, true))
		return;
	pr_err("edufs: %s: the journal failed (%d): nothing is written any more\n",
	       sb->s_id, err);
}

/**
 * edufs_start_more - begin what is to happen wholly or not at all
 * @sb: the filesystem
 * @op: what it is
 * @more: blocks that it may change besides
 *
 * Context: may sleep, for a commit if the journal is full; no lock of this
 * filesystem below 6 of main.c's order is held.
 * Return: 0, and then edufs_stop() must follow; -EROFS, -ENOMEM; -ENOSPC if
 * that is too much for one transaction.
 */
int edufs_start_more(struct super_block *sb, enum edufs_op op, unsigned int more)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_credits *c = &edufs_credits[op];
	handle_t *handle;

	if (!sbi->journal)
		return 0;
	/* An operation that was begun before ends as it is; its handle knows what may be. */
	if (edufs_stopped(sb) && !journal_current_handle())
		return -EROFS;
	if (is_journal_aborted(sbi->journal)) {
		edufs_journal_failed(sb, -EIO);
		return -EROFS;
	}
	/* The rest is for revokes and descriptors; jbd2 would warn. */
	if (more > sbi->journal->j_max_transaction_buffers / 2)
		return -ENOSPC;
	handle = jbd2__journal_start(sbi->journal, c->blocks + more, 0, c->revokes, GFP_NOFS,
				     op, 0);
	if (!IS_ERR(handle))
		trace_edufs_journal_start(sb, op, c->blocks + more, c->revokes,
					  handle->h_transaction ? handle->h_transaction->t_tid : 0);
	return PTR_ERR_OR_ZERO(handle);
}

/**
 * edufs_start - edufs_start_more() of nothing more
 * @sb: the filesystem
 * @op: what it is
 *
 * Context: see there.
 * Return: 0, and then edufs_stop() must follow; -EROFS, -ENOMEM.
 */
int edufs_start(struct super_block *sb, enum edufs_op op)
{
	return edufs_start_more(sb, op, 0);
}

/**
 * edufs_stop - end what edufs_start() began
 * @sb: the filesystem
 * @err: what the operation returns so far
 *
 * Return: @err, or else what the journal says: -EIO, -EROFS.
 */
int edufs_stop(struct super_block *sb, int err)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int failed;

	if (!sbi->journal)
		return err;
	failed = jbd2_journal_stop(journal_current_handle());
	if (failed)
		edufs_journal_failed(sb, failed);
	return err ?: failed;
}

/**
 * edufs_can_go_on - is there room for one step more in this handle?
 * @sb: the filesystem
 *
 * Return: true, always, without a journal.
 */
bool edufs_can_go_on(struct super_block *sb)
{
	handle_t *handle = journal_current_handle();

	if (!edufs_sbi(sb)->journal || is_handle_aborted(handle))
		return true;
	return jbd2_handle_buffer_credits(handle) >= (int)edufs_credits_step.blocks &&
		handle->h_revoke_credits >= (int)edufs_credits_step.revokes;
}

/**
 * edufs_handle_sync - this operation ends when it is on disk
 * @sb: the filesystem, inside edufs_start()
 */
void edufs_handle_sync(struct super_block *sb)
{
	if (edufs_sbi(sb)->journal)
		journal_current_handle()->h_sync = 1;
}

/* The task's handle; NULL if it has none that can be used. */
static handle_t *handle_of(struct super_block *sb)
{
	handle_t *handle = journal_current_handle();

	if (WARN_ONCE(!handle, "edufs: metadata changes outside of a transaction\n")) {
		edufs_journal_failed(sb, -EINVAL);
		return NULL;
	}
	return is_handle_aborted(handle) ? NULL : handle;
}

/**
 * edufs_buffer_begin - begin to change a block of metadata
 * @sb: the filesystem, inside edufs_start()
 * @bh: the block; its lock is held on return
 *
 * Context: may sleep, also for the log's copy of the block to be written.
 */
void edufs_buffer_begin(struct super_block *sb, struct buffer_head *bh)
{
	if (edufs_sbi(sb)->journal) {
		handle_t *handle = handle_of(sb);
		int err = handle ? jbd2_journal_get_write_access(handle, bh) : 0;

		if (err)
			edufs_journal_failed(sb, err);
	}
	lock_buffer(bh);
}

/**
 * edufs_buffer_end - a block of metadata is as it shall be
 * @sb: the filesystem
 * @bh: the block of edufs_buffer_begin()
 */
void edufs_buffer_end(struct super_block *sb, struct buffer_head *bh)
{
	handle_t *handle;
	int err;

	unlock_buffer(bh);
	if (!edufs_sbi(sb)->journal) {
		mark_buffer_dirty(bh);
		return;
	}
	handle = handle_of(sb);
	err = handle ? jbd2_journal_dirty_metadata(handle, bh) : 0;
	if (err)
		edufs_journal_failed(sb, err);
}

/**
 * edufs_buffer_new - a block that was just allocated becomes metadata
 * @sb: the filesystem, inside edufs_start()
 * @bh: the block; filled with zeros
 *
 * It is not dirty: edufs_buffer_begin() and edufs_buffer_end() follow.
 */
void edufs_buffer_new(struct super_block *sb, struct buffer_head *bh)
{
	lock_buffer(bh);
	if (edufs_sbi(sb)->journal) {
		handle_t *handle = handle_of(sb);
		int err = handle ? jbd2_journal_get_create_access(handle, bh) : 0;

		if (err)
			edufs_journal_failed(sb, err);
	}
	memset(bh->b_data, 0, bh->b_size);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
}

/**
 * edufs_buffer_forget - a block of metadata is freed
 * @sb: the filesystem, inside edufs_start() with a revoke left
 * @block: the block; what the buffer cache has of it is not written any more
 */
void edufs_buffer_forget(struct super_block *sb, u64 block)
{
	struct buffer_head *bh = sb_find_get_block(sb, block);
	handle_t *handle;
	int err;

	if (!edufs_sbi(sb)->journal) {
		if (bh)
			bforget(bh);
		return;
	}
	handle = handle_of(sb);
	if (!handle) {
		brelse(bh);
		return;
	}
	/* This takes the reference. */
	err = jbd2_journal_revoke(handle, block, bh);
	if (err)
		edufs_journal_failed(sb, err);
}

/**
 * edufs_note_tid - this transaction changes an inode
 * @inode: the inode, inside edufs_start()
 * @data: what fdatasync must wait for, too: its size or its map
 */
void edufs_note_tid(struct inode *inode, bool data)
{
	handle_t *handle = journal_current_handle();

	if (!edufs_sbi(inode->i_sb)->journal || !handle || is_handle_aborted(handle))
		return;
	WRITE_ONCE(EDUFS_I(inode)->sync_tid, handle->h_transaction->t_tid);
	if (data)
		WRITE_ONCE(EDUFS_I(inode)->datasync_tid, handle->h_transaction->t_tid);
}

/**
 * edufs_first_tid - an inode was read, perhaps from blocks not committed yet
 * @inode: the inode
 */
void edufs_first_tid(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	journal_t *journal;
	tid_t tid = 0;

	down_read(&sbi->journal_sem);
	journal = sbi->journal;
	if (!journal)
		goto out;
	read_lock(&journal->j_state_lock);
	if (journal->j_running_transaction)
		tid = journal->j_running_transaction->t_tid;
	else if (journal->j_committing_transaction)
		tid = journal->j_committing_transaction->t_tid;
	else
		tid = journal->j_commit_sequence;
	read_unlock(&journal->j_state_lock);
out:
	up_read(&sbi->journal_sem);
	EDUFS_I(inode)->sync_tid = tid;
	EDUFS_I(inode)->datasync_tid = tid;
}

/**
 * edufs_map_committed - is all that leads to an inode's data in the journal for good?
 * @inode: the inode, inside of a write to it
 *
 * Return: false, always, without a journal.
 */
bool edufs_map_committed(struct inode *inode)
{
	journal_t *journal = edufs_sbi(inode->i_sb)->journal;

	return journal &&
		jbd2_transaction_committed(journal, READ_ONCE(EDUFS_I(inode)->datasync_tid));
}

/**
 * edufs_commit_inode - wait until an inode's last change is in the journal
 * @inode: the inode, whose data is written
 * @datasync: only what its data needs
 *
 * The commit flushes the disk's own cache; if there is none to be made, or it came
 * by that point before, the cache is flushed here, for the data.
 *
 * Context: may sleep; not inside edufs_start().
 * Return: 0, -EIO, -EROFS; -ENODEV if there is no journal.
 */
int edufs_commit_inode(struct inode *inode, bool datasync)
{
	struct super_block *sb = inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	tid_t tid = READ_ONCE(ei->sync_tid);
	journal_t *journal;
	int err = -ENODEV;
	bool flush;

	down_read(&sbi->journal_sem);
	journal = sbi->journal;
	if (!journal)
		goto out;
	if (datasync)
		tid = READ_ONCE(ei->datasync_tid);
	flush = journal->j_flags & JBD2_BARRIER &&
		!jbd2_trans_will_send_data_barrier(journal, tid);
	err = jbd2_complete_transaction(journal, tid);
	if (!err && flush) {
		err = blkdev_issue_flush(sb->s_bdev);
		if (err == -EOPNOTSUPP)
			err = 0;
	}
	trace_edufs_journal_wait(inode, tid, flush, err);
	if (err && is_journal_aborted(journal))
		edufs_journal_failed(sb, err);
out:
	up_read(&sbi->journal_sem);
	return err;
}

/**
 * edufs_commit_all - commit what is running
 * @sb: the filesystem, which has a journal; it is written, or journal_sem is held
 * @wait: until it is done
 *
 * Return: 0, -EIO.
 */
int edufs_commit_all(struct super_block *sb, bool wait)
{
	journal_t *journal = edufs_sbi(sb)->journal;
	bool flush;
	tid_t tid;
	int err = 0;

	flush = wait && journal->j_flags & JBD2_BARRIER;
	if (jbd2_journal_start_commit(journal, &tid)) {
		if (flush && jbd2_trans_will_send_data_barrier(journal, tid))
			flush = false;
		if (wait)
			err = jbd2_log_wait_commit(journal, tid);
	}
	if (!err && flush) {
		err = blkdev_issue_flush(sb->s_bdev);
		if (err == -EOPNOTSUPP)
			err = 0;
	}
	return err;
}

/**
 * edufs_again - was there no room only because what was freed is not committed?
 * @sb: the filesystem, outside of edufs_start()
 * @err: what the operation returned
 * @tries: 0 at first
 *
 * Return: true if there may be room now: do it again.
 */
bool edufs_again(struct super_block *sb, int err, int *tries)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	bool pending;

	if (err != -ENOSPC || !sbi->journal)
		return false;
	/* If there is nothing to wait for, that may have come just now. */
	pending = READ_ONCE(sbi->freed[0].sum) || READ_ONCE(sbi->freed[1].sum);
	if ((*tries)++ >= (pending ? 3 : 1) ||
	    (pending && jbd2_journal_force_commit(sbi->journal)))
		return false;
	/* Who waits for a commit may wake up before jbd2 calls us back. */
	edufs_freed_for_good(sb, sbi->journal);
	return true;
}
