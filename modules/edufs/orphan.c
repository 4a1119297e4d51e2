// SPDX-License-Identifier: GPL-2.0
/*
 * The orphan list: inodes without a name that are still open, or that are just
 * being cut short. If the machine stops, e2fsck finds them here.
 *
 * The rules: the superblock's s_last_orphan is the number of the first, its
 * i_dtime that of the next, and so on to a 0. A list in memory mirrors it, so
 * that one can leave the middle. Every change goes to the buffer cache at once:
 * first what leads on, then who leads there.
 */
#include <linux/buffer_head.h>

#include "edufs.h"

static void set_first(struct edufs_super *raw, u64 ino)
{
	raw->s_last_orphan = cpu_to_le32((u32)ino);
}

/**
 * edufs_orphan_add - put an inode on the list
 * @inode: the inode; one that is on it already stays there
 *
 * Context: may sleep; takes orphan_lock.
 * Return: 0, -EIO, -EUCLEAN.
 */
int edufs_orphan_add(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	int err = 0;

	mutex_lock(&sbi->orphan_lock);
	if (list_empty(&ei->orphan)) {
		ei->next_orphan = le32_to_cpu(sbi->raw->s_last_orphan);
		list_add(&ei->orphan, &sbi->orphans);
		err = edufs_update_inode(inode, false);
		if (!err)
			edufs_super_change(inode->i_sb, set_first, inode->i_ino);
		else
			list_del_init(&ei->orphan);
	}
	mutex_unlock(&sbi->orphan_lock);
	return err;
}

/**
 * edufs_orphan_del - take an inode off the list
 * @inode: the inode; one that is not on it does no harm
 *
 * Context: may sleep; takes orphan_lock.
 * Return: 0, -EIO, -EUCLEAN.
 */
int edufs_orphan_del(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	int err = 0;

	mutex_lock(&sbi->orphan_lock);
	if (!list_empty(&ei->orphan)) {
		if (list_is_first(&ei->orphan, &sbi->orphans)) {
			edufs_super_change(inode->i_sb, set_first, ei->next_orphan);
		} else {
			struct edufs_inode *prev = list_prev_entry(ei, orphan);

			prev->next_orphan = ei->next_orphan;
			err = edufs_update_inode(&prev->vfs_inode, false);
		}
		list_del_init(&ei->orphan);
		ei->next_orphan = 0;
	}
	mutex_unlock(&sbi->orphan_lock);
	return err;
}
