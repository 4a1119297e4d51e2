// SPDX-License-Identifier: GPL-2.0
/*
 * The journal of an image: replayed, opened, closed.
 *
 * The rules, in the order they apply:
 *  1. It is a file, inode 8 as a rule (s_journal_inum). One on another device is
 *     refused.
 *  2. An image that says needs_recovery is replayed before anything else of it is
 *     used: also for a mount that only reads, as ext4 does it, if the device can
 *     be written. noload mounts it for reading as it lies there.
 *  3. If the journal says that it stopped for an error, the image is noted as
 *     damaged: only e2fsck can tell what is left of it.
 *  4. The journal is open exactly while the filesystem is written. Meanwhile the
 *     image says needs_recovery; a freeze takes that back for as long as it lasts.
 *  5. Blocks that a transaction frees are handed out again when it is committed
 *     (balloc.c): who crashes before that finds in them what was there.
 *
 * Follows the kernel book, 7.3.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/jbd2.h>

#include "edufs.h"

/**
 * edufs_journal_refused - why an image's journal cannot be used
 * @sb: the filesystem
 *
 * Return: NULL if it can, or if there is none.
 */
const char *edufs_journal_refused(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	if (!(sbi->features.compat & EDUFS_COMPAT_HAS_JOURNAL))
		return NULL;
	if (!sbi->raw->s_journal_inum)
		return "its journal is on another device, which edufs does not use";
	if (sbi->features.compat & EDUFS_COMPAT_FAST_COMMIT)
		return "its journal has fast commits (tune2fs -O ^fast_commit)";
	return NULL;
}

static journal_t *load(struct super_block *sb)
{
	u32 ino = le32_to_cpu(edufs_sbi(sb)->raw->s_journal_inum);
	struct inode *inode = edufs_iget_special(sb, ino);
	journal_t *journal;
	int err;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	if (!S_ISREG(inode->i_mode) || !inode->i_nlink) {
		iput(inode);
		return ERR_PTR(edufs_corrupt(sb, ino, 0, "the journal is no file"));
	}
	journal = jbd2_journal_init_inode(inode);
	if (IS_ERR(journal)) {
		iput(inode);
		return journal;
	}
	journal->j_private = sb;
	err = jbd2_journal_load(journal);
	if (err) {
		pr_err("edufs: %s: the journal cannot be loaded (%d): run e2fsck\n", sb->s_id,
		       err);
		jbd2_journal_destroy(journal);	/* the inode, too */
		return ERR_PTR(err);
	}
	return journal;
}

static void set_error(struct edufs_super *raw, u64 unused)
{
	raw->s_state |= cpu_to_le16(EDUFS_STATE_ERROR);
}

static void clear_recover(struct edufs_super *raw, u64 unused)
{
	raw->s_feature_incompat &= ~cpu_to_le32(EDUFS_INCOMPAT_RECOVER);
}

static void set_recover(struct edufs_super *raw, u64 unused)
{
	raw->s_feature_incompat |= cpu_to_le32(EDUFS_INCOMPAT_RECOVER);
}

/* Rule 3. */
static void take_over_error(struct super_block *sb, journal_t *journal)
{
	if (!jbd2_journal_errno(journal))
		return;
	pr_warn("edufs: %s: its journal stopped for an error (%d)\n", sb->s_id,
		jbd2_journal_errno(journal));
	edufs_super_plain(sb, set_error, 0);
	sync_dirty_buffer(edufs_sbi(sb)->super_bh);
	jbd2_journal_clear_err(journal);
}

/**
 * edufs_journal_recover - replay the journal of an image that needs it
 * @sb: the filesystem, with its descriptors; all of it must be read anew after this
 *
 * Context: may sleep.
 * Return: 0, -EROFS if the device cannot be written, -EIO, -EUCLEAN, -ENOMEM,
 * -EINVAL.
 */
int edufs_journal_recover(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	journal_t *journal;
	int err;

	if (bdev_read_only(sb->s_bdev)) {
		pr_err("edufs: %s: its journal must be replayed, but the device cannot be written (noload mounts it as it is)\n",
		       sb->s_id);
		return -EROFS;
	}
	journal = load(sb);
	if (IS_ERR(journal))
		return PTR_ERR(journal);
	take_over_error(sb, journal);
	err = jbd2_journal_destroy(journal);
	if (!err)
		err = sync_blockdev(sb->s_bdev);
	if (err)
		return err;
	edufs_super_plain(sb, clear_recover, 0);
	err = sync_dirty_buffer(sbi->super_bh);
	if (!err)
		pr_info("edufs: %s: the journal was replayed\n", sb->s_id);
	return err;
}

/* Rule 5. */
static void committed(journal_t *journal, transaction_t *transaction)
{
	edufs_freed_for_good(journal->j_private, journal);
}

/**
 * edufs_journal_options - act on commit=, barrier and journal_checksum
 * @sb: the filesystem
 */
void edufs_journal_options(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	journal_t *journal = sbi->journal;

	if (!journal)
		return;
	write_lock(&journal->j_state_lock);
	journal->j_commit_interval = HZ * (sbi->opt_commit ?: JBD2_DEFAULT_MAX_COMMIT_AGE);
	if (sbi->opts & EDUFS_OPT_NOBARRIER)
		journal->j_flags &= ~JBD2_BARRIER;
	else
		journal->j_flags |= JBD2_BARRIER;
	write_unlock(&journal->j_state_lock);
}

static bool set_features(struct edufs_sb_info *sbi, journal_t *journal)
{
	unsigned long incompat = 0;

	if (sbi->features.incompat & EDUFS_INCOMPAT_64BIT)
		incompat |= JBD2_FEATURE_INCOMPAT_64BIT;
	/* Checksums as ext4 has them: with metadata_csum, or where asked for. */
	jbd2_journal_clear_features(journal, JBD2_FEATURE_COMPAT_CHECKSUM, 0,
				    JBD2_FEATURE_INCOMPAT_CSUM_V2 |
				    JBD2_FEATURE_INCOMPAT_CSUM_V3 |
				    JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT);
	if (sbi->csum && !(sbi->opts & EDUFS_OPT_NO_JOURNAL_CSUM))
		incompat |= JBD2_FEATURE_INCOMPAT_CSUM_V3;
	return jbd2_journal_set_features(journal, 0, 0, incompat);
}

/**
 * edufs_journal_open - the filesystem will be written: open its journal
 * @sb: the filesystem, clean; if it has no journal, nothing happens
 *
 * Context: may sleep.
 * Return: 0, -EROFS (noload, or an error is noted in it), -EIO, -EUCLEAN,
 * -ENOMEM, -EINVAL.
 */
int edufs_journal_open(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	journal_t *journal;
	int err;

	if (!(sbi->features.compat & EDUFS_COMPAT_HAS_JOURNAL))
		return 0;
	journal = load(sb);
	if (IS_ERR(journal))
		return PTR_ERR(journal);
	err = jbd2_journal_errno(journal) ? -EROFS : 0;
	take_over_error(sb, journal);
	if (!err && !set_features(sbi, journal))
		err = -EINVAL;
	if (err) {
		jbd2_journal_destroy(journal);
		return err;
	}
	journal->j_commit_callback = committed;
	edufs_super_plain(sb, set_recover, 0);
	err = sync_dirty_buffer(sbi->super_bh);
	if (err) {
		jbd2_journal_destroy(journal);
		return err;
	}
	down_write(&sbi->journal_sem);
	sbi->journal = journal;
	up_write(&sbi->journal_sem);
	edufs_journal_options(sb);
	return 0;
}

/**
 * edufs_journal_close - the filesystem is not written any more
 * @sb: the filesystem
 *
 * All is committed and brought to its own place. If that fails the log stays, and
 * the image says needs_recovery.
 *
 * Return: 0, -EIO.
 */
int edufs_journal_close(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	journal_t *journal;
	int err;

	/* Those who only read may just be looking at it, or waiting for a commit. */
	down_write(&sbi->journal_sem);
	journal = sbi->journal;
	sbi->journal = NULL;
	up_write(&sbi->journal_sem);
	if (!journal)
		return 0;
	err = jbd2_journal_destroy(journal);
	mutex_lock(&sbi->alloc_lock);
	ranges_del(&sbi->freed[0], 0, U64_MAX);
	ranges_del(&sbi->freed[1], 0, U64_MAX);
	mutex_unlock(&sbi->alloc_lock);
	if (err) {
		WRITE_ONCE(sbi->emergency, true);
		return err;
	}
	edufs_super_plain(sb, clear_recover, 0);
	return 0;
}

/**
 * edufs_journal_freeze - leave nothing in the journal
 * @sb: the filesystem, which has one and which nobody writes now
 *
 * Return: 0, -EIO.
 */
int edufs_journal_freeze(struct super_block *sb)
{
	journal_t *journal = edufs_sbi(sb)->journal;
	int err;

	jbd2_journal_lock_updates(journal);
	err = jbd2_journal_flush(journal, 0);
	if (!err)
		edufs_super_plain(sb, clear_recover, 0);
	jbd2_journal_unlock_updates(journal);
	return err;
}

/**
 * edufs_journal_thaw - it will be written again
 * @sb: the filesystem, which has a journal
 */
void edufs_journal_thaw(struct super_block *sb)
{
	edufs_super_plain(sb, set_recover, 0);
}
