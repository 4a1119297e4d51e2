// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked of a whole filesystem through any of its files: its label, its
 * end, and that the device may forget what is free.
 *
 * The rules, in the order they apply:
 *  1. The label is in the superblock; a new one is on disk when the call returns.
 *     The copies of the superblock keep the old one, as nobody reads it there.
 *  2. A shutdown is what a test of crashes asks for: from then on nothing is
 *     changed any more, each attempt gets EROFS. The default first makes the image
 *     clean and whole; "log flush" only writes the metadata that is dirty; "no log
 *     flush" nothing. Only a new mount ends it.
 *  3. FITRIM writes everything, so that what is free here is free on disk, and then
 *     tells the device of each free run of the range that is long enough. While a
 *     group is looked at nobody else allocates.
 *  4. With the discard option a run is told of before it is free again, with a
 *     journal when the transaction that freed it is committed.
 *
 * Differs from ext4: reading goes on after a shutdown, there it fails with EIO.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/jbd2.h>
#include <linux/mount.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "bitmap.h"
#include "edufs.h"

#define LABEL_MAX sizeof_field(struct edufs_super, s_volume_name)

static int get_label(struct super_block *sb, char __user *to)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	char label[FSLABEL_MAX] = {};

	lock_buffer(sbi->super_bh);
	memcpy(label, sbi->raw->s_volume_name, LABEL_MAX);
	unlock_buffer(sbi->super_bh);
	return copy_to_user(to, label, sizeof(label)) ? -EFAULT : 0;
}

static void change_label(struct edufs_super *raw, u64 label)
{
	memcpy(raw->s_volume_name, (const char *)(unsigned long)label, LABEL_MAX);
}

static int set_label(struct super_block *sb, const char __user *from)
{
	char label[LABEL_MAX + 1] = {};
	int err;

	if (copy_from_user(label, from, sizeof(label)))
		return -EFAULT;
	if (strnlen(label, sizeof(label)) > LABEL_MAX)
		return -EINVAL;
	/* What lies behind the end of the text is not the caller's to store. */
	memset(label + strnlen(label, LABEL_MAX), 0, LABEL_MAX - strnlen(label, LABEL_MAX));
	if (!edufs_sbi(sb)->journal) {
		edufs_super_plain(sb, change_label, (unsigned long)label);
		return edufs_write_super(sb, true);
	}
	err = edufs_start(sb, EDUFS_OP_SUPER);
	if (err)
		return err;
	edufs_super_change(sb, change_label, (unsigned long)label);
	err = edufs_stop(sb, 0);
	return err ?: edufs_commit_all(sb, true);
}

static int shut_down(struct super_block *sb, u32 how)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int err = 0;

	if (how > FS_SHUTDOWN_FLAGS_NOLOGFLUSH)
		return -EINVAL;
	if (sbi->shutdown)
		return 0;
	if (how == FS_SHUTDOWN_FLAGS_DEFAULT)
		err = bdev_freeze(sb->s_bdev);
	if (err)
		return err;
	down_read(&sbi->journal_sem);
	if (how == FS_SHUTDOWN_FLAGS_LOGFLUSH)
		err = sbi->journal ? edufs_commit_all(sb, true) : sync_blockdev(sb->s_bdev);
	if (err)
		goto out;
	pr_alert("edufs: %s: shut down, as was asked for\n", sb->s_id);
	WRITE_ONCE(sbi->shutdown, true);
	WRITE_ONCE(sbi->emergency, true);
	/* By this number jbd2 knows that nothing is wrong: the next mount replays. */
	if (sbi->journal && how != FS_SHUTDOWN_FLAGS_DEFAULT)
		jbd2_journal_abort(sbi->journal, -ESHUTDOWN);
out:
	up_read(&sbi->journal_sem);
	if (how == FS_SHUTDOWN_FLAGS_DEFAULT)
		bdev_thaw(sb->s_bdev);
	return err;
}

/**
 * edufs_discard - tell the device that a run of blocks is not needed
 * @sb: the filesystem
 * @block: the first; all are free, and cannot be allocated meanwhile
 * @count: how many
 *
 * Context: may sleep; alloc_lock is held.
 * Return: 0, -EIO, -EOPNOTSUPP.
 */
int edufs_discard(struct super_block *sb, u64 block, u64 count)
{
	edufs_count(EDUFS_STAT_DISCARDS);
	return sb_issue_discard(sb, block, count, GFP_NOFS, 0);
}

/* The free runs of a group from bit @from up to @to. */
static int trim_group(struct super_block *sb, u32 group, u32 from, u32 to, u64 least,
		      u64 *trimmed)
{
	u64 base = edufs_group_first(edufs_sbi(sb), group), next;
	struct buffer_head *bh = edufs_read_bitmap(sb, group);
	unsigned int at, len;
	int err = 0;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	while (!err && from < to) {
		len = bits_find(bh->b_data, from, to, 1, &at);
		if (!len)
			break;
		len = edufs_not_busy(edufs_sbi(sb), base + at, bits_run(bh->b_data, at, to), &next);
		if (!len) {
			from = next - base;
			continue;
		}
		if (len >= least) {
			err = edufs_discard(sb, base + at, len);
			*trimmed += err ? 0 : len;
		}
		from = at + len;
	}
	brelse(bh);
	return err;
}

static int trim(struct super_block *sb, struct fstrim_range *range)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	unsigned int bits = sbi->geo.block_bits;
	u64 start = range->start >> bits, end, least, trimmed = 0;
	u32 group;
	int err = 0;

	if (start >= sbi->geo.blocks || range->len < sb->s_blocksize ||
	    range->minlen >> bits > sbi->geo.blocks_per_group)
		return -EINVAL;
	end = start + min(range->len >> bits, sbi->geo.blocks - start);
	least = max3(range->minlen >> bits, 1ULL,
		     (u64)bdev_discard_granularity(sb->s_bdev) >> bits);
	start = max_t(u64, start, sbi->geo.first_data_block);
	/* The sync may have returned before jbd2 told of its commit. */
	if (sbi->journal)
		edufs_freed_for_good(sb, sbi->journal);
	for (group = edufs_group_of_block(sbi, start); group < sbi->geo.groups; group++) {
		u64 base = edufs_group_first(sbi, group);
		u32 from = start > base ? start - base : 0;

		if (end <= base || err || fatal_signal_pending(current))
			break;
		mutex_lock(&sbi->alloc_lock);
		err = trim_group(sb, group, from,
				 min_t(u64, end - base, edufs_group_blocks(sbi, group)),
				 least, &trimmed);
		mutex_unlock(&sbi->alloc_lock);
		cond_resched();
	}
	range->len = trimmed << bits;
	return err;
}

static int trim_for(struct file *file, struct fstrim_range __user *arg)
{
	struct super_block *sb = file_inode(file)->i_sb;
	struct fstrim_range range;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!bdev_max_discard_sectors(sb->s_bdev))
		return -EOPNOTSUPP;
	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	down_read(&sb->s_umount);
	err = sync_filesystem(sb);
	up_read(&sb->s_umount);
	if (!err)
		err = mnt_want_write_file(file);
	if (err)
		return err;
	err = edufs_stopped(sb) ? -EROFS : trim(sb, &range);
	mnt_drop_write_file(file);
	if (err)
		return err;
	return copy_to_user(arg, &range, sizeof(range)) ? -EFAULT : 0;
}

/**
 * edufs_control - what an ioctl asks of the whole filesystem
 * @file: any file of it
 * @cmd: FS_IOC_GETFSLABEL, FS_IOC_SETFSLABEL, FS_IOC_SHUTDOWN, FITRIM
 * @arg: as the command has it
 *
 * Return: 0; -ENOTTY for any other command, -EPERM, -EFAULT, -EINVAL, -EOPNOTSUPP,
 * -EROFS, -EIO.
 */
long edufs_control(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct super_block *sb = file_inode(file)->i_sb;
	int err;
	u32 how;

	switch (cmd) {
	case FS_IOC_GETFSLABEL:
		return get_label(sb, (char __user *)arg);
	case FS_IOC_SETFSLABEL:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		err = mnt_want_write_file(file);
		if (err)
			return err;
		err = edufs_stopped(sb) ? -EROFS : set_label(sb, (const char __user *)arg);
		mnt_drop_write_file(file);
		return err;
	case FS_IOC_SHUTDOWN:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (get_user(how, (u32 __user *)arg))
			return -EFAULT;
		return shut_down(sb, how);
	case FITRIM:
		return trim_for(file, (struct fstrim_range __user *)arg);
	}
	return -ENOTTY;
}
