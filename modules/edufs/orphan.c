// SPDX-License-Identifier: GPL-2.0
/*
 * The orphan list: inodes without a name that are still open, or that are just
 * being cut short. If the machine stops, they are found here: by the next mount for
 * writing if the image has a journal, else by e2fsck.
 *
 * The rules, in the order they apply:
 *  1. The superblock's s_last_orphan is the number of the first, its i_dtime that
 *     of the next, and so on to a 0. A list in memory mirrors it, so that one can
 *     leave the middle. Every change is in its transaction; without a journal,
 *     first what leads on, then who leads there.
 *  2. At the mount each is taken in turn: one without links ends, one with links is
 *     cut where its size says.
 *  3. The orphan file, where ext4 keeps them instead, is read and emptied at the
 *     mount if orphan_present says that something may be in it. New ones go on
 *     the list, as ext4's do when the file is full.
 */
#include <linux/buffer_head.h>
#include <linux/crc32.h>
#include <linux/pagemap.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"

static void set_first(struct edufs_super *raw, u64 ino)
{
	raw->s_last_orphan = cpu_to_le32((u32)ino);
}

/**
 * edufs_orphan_add - put an inode on the list
 * @inode: the inode; one that is on it already stays there
 *
 * Context: may sleep; inside edufs_start(); takes orphan_lock.
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
 * Context: may sleep; inside edufs_start(); takes orphan_lock.
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
		if (!err)
			err = edufs_update_inode(inode, false);
	}
	mutex_unlock(&sbi->orphan_lock);
	return err;
}

/* Rule 2: the inode of a number; what leads to it is on the disk. */
static struct inode *orphan_of(struct super_block *sb, u32 ino)
{
	struct edufs_disk_inode *raw;
	struct buffer_head *bh;
	struct inode *inode = edufs_iget(sb, ino);

	if (IS_ERR(inode))
		return inode;
	bh = edufs_inode_block(sb, ino, &raw);
	if (IS_ERR(bh)) {
		iput(inode);
		return ERR_CAST(bh);
	}
	EDUFS_I(inode)->next_orphan = le32_to_cpu(raw->i_dtime);
	brelse(bh);
	return inode;
}

/* Cut it where its size says; one without links ends with its last reference. */
static int cut(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	u64 first = round_up(inode->i_size, sb->s_blocksize) >> inode->i_blkbits;
	int err = 0, last;

	if (!inode->i_nlink)
		return 0;
	if (S_ISREG(inode->i_mode))
		err = edufs_map_remove(inode, first, EDUFS_MAX_LBLK);
	last = edufs_start(sb, EDUFS_OP_ORPHAN);
	if (!last)
		last = edufs_stop(sb, edufs_orphan_del(inode));
	return err ?: last;
}

static int end_list(struct super_block *sb, unsigned int *ended)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u32 ino;

	while ((ino = le32_to_cpu(sbi->raw->s_last_orphan))) {
		struct inode *inode = orphan_of(sb, ino);
		int err;

		if (IS_ERR(inode))
			return PTR_ERR(inode);
		list_add(&EDUFS_I(inode)->orphan, &sbi->orphans);
		err = cut(inode);
		iput(inode);
		if (err)
			return err;
		if (le32_to_cpu(sbi->raw->s_last_orphan) == ino)
			return edufs_corrupt(sb, ino, 0, "orphan cannot be ended");
		(*ended)++;
	}
	return 0;
}

/* The orphan file: numbers of inodes in no order, 0 is none; a magic and a checksum. */
#define ORPHAN_MAGIC	0x0b10ca04
struct orphan_tail {
	__le32 magic, checksum;
};

static u32 block_sum(struct inode *file, const struct buffer_head *bh)
{
	__le64 where = cpu_to_le64(bh->b_blocknr);
	u32 crc = edu_crc32c(EDUFS_I(file)->csum_seed, (void *)&where, sizeof(where));

	return edu_crc32c(crc, bh->b_data, bh->b_size - sizeof(struct orphan_tail));
}

/* Bring one block's inodes onto the list, and take them out of the block. */
static int end_block(struct inode *file, struct buffer_head *bh)
{
	struct super_block *sb = file->i_sb;
	unsigned int i, count = (bh->b_size - sizeof(struct orphan_tail)) / sizeof(__le32);
	struct orphan_tail *tail = (void *)bh->b_data + bh->b_size - sizeof(*tail);
	__le32 *slot = (__le32 *)bh->b_data;

	if (le32_to_cpu(tail->magic) != ORPHAN_MAGIC ||
	    (edufs_sbi(sb)->csum && le32_to_cpu(tail->checksum) != block_sum(file, bh)))
		return edufs_corrupt(sb, file->i_ino, bh->b_blocknr, "damaged orphan file");
	for (i = 0; i < count; i++) {
		struct inode *inode;
		int err;

		if (!slot[i])
			continue;
		inode = edufs_iget(sb, le32_to_cpu(slot[i]));
		if (IS_ERR(inode))
			return PTR_ERR(inode);
		err = edufs_start(sb, EDUFS_OP_RENAME);
		if (!err) {
			err = edufs_orphan_add(inode);
			edufs_buffer_begin(sb, bh);
			slot[i] = 0;
			if (edufs_sbi(sb)->csum)
				tail->checksum = cpu_to_le32(block_sum(file, bh));
			edufs_buffer_end(sb, bh);
			err = edufs_stop(sb, err);
		}
		if (!err)
			err = cut(inode);
		iput(inode);
		if (err)
			return err;
	}
	return 0;
}

static void clear_present(struct edufs_super *raw, u64 unused)
{
	raw->s_feature_ro_compat &= ~cpu_to_le32(EDUFS_RO_ORPHAN_PRESENT);
}

/* Rule 3. */
static int end_file(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct inode *file;
	u64 lblk;
	int err = 0;

	file = edufs_iget_special(sb, le32_to_cpu(sbi->raw->s_orphan_file_inum));
	if (IS_ERR(file))
		return PTR_ERR(file);
	for (lblk = 0; !err && lblk < file->i_size >> file->i_blkbits; lblk++) {
		struct buffer_head *bh = edufs_dir_bread(file, lblk);

		if (IS_ERR(bh)) {
			err = PTR_ERR(bh);
			break;
		}
		err = end_block(file, bh);
		brelse(bh);
	}
	iput(file);
	if (!err)
		err = edufs_start(sb, EDUFS_OP_SUPER);
	if (err)
		return err;
	sbi->features.ro_compat &= ~EDUFS_RO_ORPHAN_PRESENT;
	edufs_super_change(sb, clear_present, 0);
	return edufs_stop(sb, 0);
}

/**
 * edufs_orphans_end - end what a crash left without a name, or half cut
 * @sb: the filesystem, whose journal is open
 *
 * Context: may sleep; during a mount, or when a mount for reading becomes one for
 * writing.
 * Return: 0, -EROFS, -EIO, -EUCLEAN, -ENOMEM.
 */
int edufs_orphans_end(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	unsigned int ended = 0;
	int err = 0;

	sbi->ending_orphans = true;
	if (sbi->features.ro_compat & EDUFS_RO_ORPHAN_PRESENT &&
	    sbi->features.compat & EDUFS_COMPAT_ORPHAN_FILE)
		err = end_file(sb);
	if (!err)
		err = end_list(sb, &ended);
	sbi->ending_orphans = false;
	if (ended)
		pr_info("edufs: %s: %u orphans of the list ended\n", sb->s_id, ended);
	return err;
}
