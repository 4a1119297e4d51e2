// SPDX-License-Identifier: GPL-2.0
/*
 * The superblock while the filesystem is written: clean or not, damaged or not.
 *
 * The rules, in the order they apply:
 *  1. Only an image without damage noted in it, and without a feature that edufs
 *     cannot write (feature.c), is mounted for writing. One without a journal must
 *     also have been left clean: what a crash left half done only e2fsck can put
 *     right, and it also finishes the orphan list.
 *  2. From the first moment of writing until the last the image says "not clean",
 *     or if it has a journal, "needs recovery"; a freeze makes it clean for as long
 *     as it lasts.
 *  3. Damage that is seen while writing is noted on disk: without a journal at
 *     once; with one, by the journal when it is stopped, else when the superblock
 *     is next written (sync, unmount). Then errors= decides: go on; stop every
 *     change (each fails with EROFS; what is dirty stays in memory; the journal is
 *     aborted); or panic, which only somebody who asked for it gets.
 *
 * Follows the kernel book, 5.2: "while mounted the state on disk stays dirty".
 * Differs from ext4: that mounts an unclean image for writing, with a warning.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/jbd2.h>
#include <linux/panic.h>
#include <linux/timekeeping.h>

#include "csum.h"
#include "edufs.h"

static void change_locked(struct edufs_sb_info *sbi,
			  void (*change)(struct edufs_super *raw, u64 arg), u64 arg)
{
	change(sbi->raw, arg);
	if (sbi->csum)
		sbi->raw->s_checksum = cpu_to_le32(csum_super(sbi->raw));
	/* A write error of old must not keep us from writing again. */
	set_buffer_uptodate(sbi->super_bh);
}

/**
 * edufs_super_change - change the superblock in the buffer cache
 * @sb: the filesystem, inside edufs_start()
 * @change: does it, with the buffer locked
 * @arg: handed to @change
 *
 * Context: may sleep; takes the buffer's lock.
 */
void edufs_super_change(struct super_block *sb, void (*change)(struct edufs_super *raw, u64 arg),
			u64 arg)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	edufs_buffer_begin(sb, sbi->super_bh);
	change_locked(sbi, change, arg);
	edufs_buffer_end(sb, sbi->super_bh);
}

/**
 * edufs_super_plain - change the superblock past the journal
 * @sb: the filesystem; its journal is closed, or empty and held so
 * @change: does it, with the buffer locked
 * @arg: handed to @change
 *
 * Context: may sleep; takes the buffer's lock.
 */
void edufs_super_plain(struct super_block *sb, void (*change)(struct edufs_super *raw, u64 arg),
		       u64 arg)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	lock_buffer(sbi->super_bh);
	change_locked(sbi, change, arg);
	unlock_buffer(sbi->super_bh);
	mark_buffer_dirty(sbi->super_bh);
}

static void set_state(struct edufs_super *raw, u64 state)
{
	raw->s_state = cpu_to_le16(state);
}

static void set_need(struct edufs_super *raw, u64 arg)
{
	raw->s_feature_compat |= cpu_to_le32(arg >> 32);
	raw->s_feature_ro_compat |= cpu_to_le32((u32)arg);
}

/**
 * edufs_need_feature - note that the image uses a feature from now on
 * @sb: the filesystem
 * @compat: bits of s_feature_compat
 * @ro_compat: bits of s_feature_ro_compat
 *
 * An image of revision 0 has no such words; there nothing is noted.
 */
void edufs_need_feature(struct super_block *sb, u32 compat, u32 ro_compat)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	if (!sbi->raw->s_rev_level ||
	    (!(compat & ~sbi->features.compat) && !(ro_compat & ~sbi->features.ro_compat)))
		return;
	sbi->features.compat |= compat;
	sbi->features.ro_compat |= ro_compat;
	edufs_super_change(sb, set_need, (u64)compat << 32 | ro_compat);
}

/**
 * edufs_damaged - note damage, and do what errors= says
 * @sb: the filesystem, damage of which was just told
 *
 * Context: may sleep.
 */
void edufs_damaged(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	/* During the mount, or when nothing is written, nothing is noted. */
	if (!sb->s_root || sb_rdonly(sb) || edufs_stopped(sb))
		return;
	if (!(sbi->mount_state & EDUFS_STATE_ERROR)) {
		sbi->mount_state |= EDUFS_STATE_ERROR;
		if (!sbi->journal) {
			edufs_super_plain(sb, set_state, EDUFS_STATE_ERROR);
			sync_dirty_buffer(sbi->super_bh);
		}
	}
	switch (sbi->errors) {
	case EDUFS_ERRORS_RO:
		WRITE_ONCE(sbi->emergency, true);
		if (sbi->journal)
			jbd2_journal_abort(sbi->journal, -EUCLEAN);
		pr_err("edufs: %s: damage: nothing is written any more\n", sb->s_id);
		break;
	case EDUFS_ERRORS_PANIC:
		panic("edufs (device %s): damage, and mounted with errors=panic\n", sb->s_id);
	}
}

/**
 * edufs_writable - may this image be written at all?
 * @sb: the filesystem
 *
 * Return: 0, -EROFS; the reason is in the log.
 */
int edufs_writable(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	bool journal = sbi->features.compat & EDUFS_COMPAT_HAS_JOURNAL;
	u16 state = le16_to_cpu(sbi->raw->s_state);
	const char *why = edufs_journal_refused(sb);
	char names[200];

	if (features_read_only(&sbi->features, names, sizeof(names))) {
		pr_warn("edufs: %s: cannot write images with:%s: mount it with -o ro\n",
			sb->s_id, names);
		return -EROFS;
	}
	if (why || (journal && sbi->opts & EDUFS_OPT_NOLOAD)) {
		pr_warn("edufs: %s: %s: mount it with -o ro\n", sb->s_id, why ?: "noload");
		return -EROFS;
	}
	if (state & EDUFS_STATE_ERROR || !(state & EDUFS_STATE_VALID)) {
		pr_warn("edufs: %s: %s: run e2fsck, or mount it with -o ro\n", sb->s_id,
			state & EDUFS_STATE_ERROR ? "damage was noted in it" :
			"it was not left clean");
		return -EROFS;
	}
	if (sbi->raw->s_last_orphan && !journal) {
		pr_warn("edufs: %s: its orphan list is not empty: run e2fsck, or mount it with -o ro\n",
			sb->s_id);
		return -EROFS;
	}
	if (sbi->opt_sb) {
		pr_warn("edufs: %s: with sb= it can only be mounted with -o ro\n", sb->s_id);
		return -EROFS;
	}
	return 0;
}

static void set_counts(struct edufs_super *raw, u64 free_blocks)
{
	raw->s_free_blocks_count_lo = cpu_to_le32((u32)free_blocks);
	if (le32_to_cpu(raw->s_feature_incompat) & EDUFS_INCOMPAT_64BIT)
		raw->s_free_blocks_count_hi = cpu_to_le32(free_blocks >> 32);
	raw->s_wtime = cpu_to_le32((u32)ktime_get_real_seconds());
}

static void set_free_inodes(struct edufs_super *raw, u64 free_inodes)
{
	raw->s_free_inodes_count = cpu_to_le32((u32)free_inodes);
}

/**
 * edufs_write_super - bring the superblock's counts up to date
 * @sb: the filesystem, as for edufs_super_plain()
 * @wait: also write it to the disk
 *
 * Context: may sleep.
 * Return: 0, -EIO.
 */
int edufs_write_super(struct super_block *sb, bool wait)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u64 free;

	spin_lock(&sbi->space_lock);
	free = sbi->free_blocks;
	spin_unlock(&sbi->space_lock);
	edufs_super_plain(sb, set_free_inodes, sbi->free_inodes);
	edufs_super_plain(sb, set_counts, free);
	return wait ? sync_dirty_buffer(sbi->super_bh) : 0;
}

static void set_mounted(struct edufs_super *raw, u64 now)
{
	if (!(raw->s_feature_incompat & cpu_to_le32(EDUFS_INCOMPAT_RECOVER)))
		raw->s_state &= ~cpu_to_le16(EDUFS_STATE_VALID);
	raw->s_mtime = cpu_to_le32((u32)now);
	le16_add_cpu(&raw->s_mnt_count, 1);
}

/**
 * edufs_begin_writing - the state on disk is not clean from now on
 * @sb: the filesystem, which edufs_writable() allows
 *
 * With a journal: it is open, and what a crash left without a name is ended.
 *
 * Return: 0, -EROFS if the device cannot be written, -EIO, -EUCLEAN, -ENOMEM,
 * -EINVAL.
 */
int edufs_begin_writing(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int err;

	if (bdev_read_only(sb->s_bdev))
		return -EROFS;
	err = edufs_journal_open(sb);
	if (err)
		return err;
	sbi->mount_state = EDUFS_STATE_VALID;
	/* Nothing is in the journal yet. */
	edufs_super_plain(sb, set_mounted, ktime_get_real_seconds());
	err = edufs_write_super(sb, true);
	if (!err && sbi->journal)
		err = edufs_orphans_end(sb);
	if (err)
		edufs_end_writing(sb);
	return err;
}

/* First what is clean, then that it is. */
static int leave_clean(struct super_block *sb)
{
	int err = sync_blockdev(sb->s_bdev);

	if (err)
		return err;
	edufs_super_plain(sb, set_state, edufs_sbi(sb)->mount_state);
	return edufs_write_super(sb, true);
}

/**
 * edufs_end_writing - everything is on disk: say that it is clean
 * @sb: the filesystem
 *
 * Return: 0, -EIO.
 */
int edufs_end_writing(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	bool stopped = edufs_stopped(sb);
	int err;

	/* It was never begun. */
	if (!sbi->mount_state)
		return 0;
	err = edufs_journal_close(sb);
	if (!err && !stopped)
		err = leave_clean(sb);
	if (!err)
		sbi->mount_state = 0;
	return stopped ? 0 : err;
}

static void set_all(struct edufs_super *raw, u64 sbi_address)
{
	struct edufs_sb_info *sbi = (void *)(unsigned long)sbi_address;

	set_counts(raw, sbi->free_blocks);
	set_free_inodes(raw, sbi->free_inodes);
	raw->s_state |= cpu_to_le16(sbi->mount_state & EDUFS_STATE_ERROR);
}

/* The superblock's counts and damage, if they changed, in a transaction. */
static int count_in_journal(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_super *raw = sbi->raw;
	int err;

	/* The journal of a frozen one stays empty. */
	if (sb->s_writers.frozen != SB_UNFROZEN ||
	    (le32_to_cpu(raw->s_free_inodes_count) == sbi->free_inodes &&
	     le32_to_cpu(raw->s_free_blocks_count_lo) == (u32)sbi->free_blocks &&
	     !(sbi->mount_state & ~le16_to_cpu(raw->s_state) & EDUFS_STATE_ERROR)))
		return 0;
	err = edufs_start(sb, EDUFS_OP_SUPER);
	if (err)
		return err;
	edufs_super_change(sb, set_all, (unsigned long)sbi);
	return edufs_stop(sb, 0);
}

/**
 * edufs_sync_fs - super_operations.sync_fs
 * @sb: the filesystem
 * @wait: write the superblock now
 */
int edufs_sync_fs(struct super_block *sb, int wait)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int err = 0;

	if (edufs_stopped(sb))
		return sbi->journal ? -EROFS : 0;
	if (!sbi->journal)
		return edufs_write_super(sb, wait);
	if (wait)
		err = count_in_journal(sb);
	return err ?: edufs_commit_all(sb, wait);
}

/**
 * edufs_freeze_fs - super_operations.freeze_fs
 * @sb: the filesystem, which nobody writes now
 */
int edufs_freeze_fs(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int err;

	if (sb_rdonly(sb) || edufs_stopped(sb))
		return 0;
	if (!sbi->journal)
		return leave_clean(sb);
	err = edufs_journal_freeze(sb);
	return err ?: edufs_write_super(sb, true);
}

/**
 * edufs_unfreeze_fs - super_operations.unfreeze_fs
 * @sb: the filesystem
 */
int edufs_unfreeze_fs(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	if (sb_rdonly(sb) || edufs_stopped(sb))
		return 0;
	if (sbi->journal)
		edufs_journal_thaw(sb);
	else
		edufs_super_plain(sb, set_state, sbi->mount_state & ~EDUFS_STATE_VALID);
	return edufs_write_super(sb, true);
}
