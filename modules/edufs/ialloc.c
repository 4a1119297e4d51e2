// SPDX-License-Identifier: GPL-2.0
/*
 * Inodes: making one, and giving its number back.
 *
 * The rules, in the order they apply:
 *  1. orlov.c names the group; there the first free bit of the inode bitmap is
 *     taken, else of the next group that has one.
 *  2. Inodes behind the group's last used one were never written (uninit_bg).
 *     Those that a new one leaves in between are zeroed, for from now on who
 *     checks the filesystem reads them.
 *  3. A new inode takes over the flags of its directory that are made for that,
 *     its group if the directory is setgid, and its default ACL. Security modules
 *     say how it is labelled.
 *
 * Follows "memory, files", 16.3.
 */
#include <linux/buffer_head.h>
#include <linux/random.h>
#include <linux/security.h>
#include <linux/xattr.h>
#include <edu/compat.h>

#include "bitmap.h"
#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "orlov.h"
#include "trace.h"
#include "xattr.h"

/* Handed on from a directory; to files, and to all else. */
#define INHERITED	(EDUFS_SYNC_FL | EDUFS_NODUMP_FL | EDUFS_NOATIME_FL | \
			 EDUFS_JOURNAL_DATA_FL | EDUFS_NOTAIL_FL | EDUFS_DIRSYNC_FL)
#define NOT_TO_FILES	(EDUFS_DIRSYNC_FL | EDUFS_TOPDIR_FL)
#define TO_OTHERS	(EDUFS_NODUMP_FL | EDUFS_NOATIME_FL)

static void group_counts(void *arg, u32 group, struct orlov_group *g)
{
	struct edufs_sb_info *sbi = arg;
	const struct edufs_group_desc *desc = edufs_group(sbi, group);

	g->free_inodes = edufs_group_get(sbi, desc, EDUFS_FREE_INODES);
	g->free_blocks = edufs_group_get(sbi, desc, EDUFS_FREE_BLOCKS);
	g->dirs = edufs_group_get(sbi, desc, EDUFS_USED_DIRS);
	if (sbi->group_state[group] & EDUFS_GROUP_BAD)
		g->free_inodes = 0;
}

static s64 choose_group(struct inode *dir, umode_t mode)
{
	struct edufs_sb_info *sbi = edufs_sbi(dir->i_sb);
	struct orlov o = {
		.groups = sbi->geo.groups,
		.inodes_per_group = sbi->geo.inodes_per_group,
		.blocks_per_group = sbi->geo.blocks_per_group,
		.free_inodes = sbi->free_inodes,
		.free_blocks = sbi->free_blocks,
		.dirs = sbi->dirs,
		.parent = div_u64(dir->i_ino - 1, sbi->geo.inodes_per_group),
		.top = dir->i_ino == EDUFS_ROOT_INO || EDUFS_I(dir)->flags & EDUFS_TOPDIR_FL,
		.group = group_counts,
		.arg = sbi,
	};

	if (!S_ISDIR(mode))
		return orlov_file(&o);
	if (o.top)
		o.start = get_random_u32();
	return orlov_dir(&o);
}

static struct buffer_head *read_bitmap(struct super_block *sb, u32 group)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_group_desc *desc = edufs_group(sbi, group);
	bool made = sbi->desc_csum && le16_to_cpu(desc->bg_flags) & EDUFS_BG_INODE_UNINIT;
	u64 block = edufs_group_inode_bitmap(sbi, desc);
	u32 bits = sbi->geo.inodes_per_group;
	const char *why = NULL;
	struct buffer_head *bh;

	if (sbi->group_state[group] & EDUFS_GROUP_BAD)
		return ERR_PTR(-EUCLEAN);
	if (made) {
		bh = sb_getblk(sb, block);
		if (bh) {
			lock_buffer(bh);
			memset(bh->b_data, 0, bh->b_size);
			bits_pad(bh->b_data, bits, bh->b_size);
			set_buffer_uptodate(bh);
			unlock_buffer(bh);
		}
	} else {
		bh = sb_bread(sb, block);
	}
	if (!bh)
		return ERR_PTR(-EIO);
	if (sbi->group_state[group] & EDUFS_GROUP_INODES_OK)
		return bh;
	if (sbi->csum && !made &&
	    !csum_bitmap_ok(sbi->csum_seed, bh->b_data, DIV_ROUND_UP(bits, 8),
			    edufs_group_get(sbi, desc, EDUFS_INODE_CSUM),
			    sbi->geo.desc_size >= sizeof(*desc)))
		why = "wrong checksum of inode bitmap";
	else if (bits_free(bh->b_data, bits) != edufs_group_get(sbi, desc, EDUFS_FREE_INODES))
		why = "inode bitmap and descriptor do not agree";
	if (why) {
		brelse(bh);
		sbi->group_state[group] |= EDUFS_GROUP_BAD;
		return ERR_PTR(edufs_corrupt(sb, 0, block, "group %u: %s", group, why));
	}
	sbi->group_state[group] |= EDUFS_GROUP_INODES_OK;
	return bh;
}

/* Rule 2: zero the inodes [from, to) of a group. */
static int zero_inodes(struct super_block *sb, u32 group, u32 from, u32 to)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	for (; from < to; from++) {
		struct edufs_disk_inode *raw;
		struct buffer_head *bh;

		bh = edufs_inode_block(sb, (u64)group * sbi->geo.inodes_per_group + from + 1,
				       &raw);
		if (IS_ERR(bh))
			return PTR_ERR(bh);
		edufs_buffer_begin(sb, bh);
		memset(raw, 0, sbi->geo.inode_size);
		edufs_buffer_end(sb, bh);
		brelse(bh);
	}
	return 0;
}

static void mark(struct super_block *sb, u32 group, struct buffer_head *bh, u32 at,
		 bool dir, bool used)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct edufs_group_desc *desc;
	int by = used ? 1 : -1;
	u32 unused;

	edufs_buffer_begin(sb, bh);
	bits_change(bh->b_data, at, 1, used);
	edufs_buffer_end(sb, bh);
	desc = edufs_group_begin(sb, group);
	edufs_group_set(sbi, desc, EDUFS_FREE_INODES,
			edufs_group_get(sbi, desc, EDUFS_FREE_INODES) - by);
	if (dir)
		edufs_group_set(sbi, desc, EDUFS_USED_DIRS,
				edufs_group_get(sbi, desc, EDUFS_USED_DIRS) + by);
	if (sbi->desc_csum) {
		unused = edufs_group_get(sbi, desc, EDUFS_ITABLE_UNUSED);
		if (used)
			unused = min(unused, sbi->geo.inodes_per_group - at - 1);
		edufs_group_set(sbi, desc, EDUFS_ITABLE_UNUSED, unused);
		desc->bg_flags &= cpu_to_le16(~EDUFS_BG_INODE_UNINIT);
	}
	if (sbi->csum)
		edufs_group_set(sbi, desc, EDUFS_INODE_CSUM,
				csum_bitmap(sbi->csum_seed, bh->b_data,
					    DIV_ROUND_UP(sbi->geo.inodes_per_group, 8)));
	edufs_group_end(sb, group);
	sbi->free_inodes -= by;
	sbi->dirs += dir ? by : 0;
}

/* Take a number in one group: the number, 0 if there is none, or an error. */
static s64 take_in_group(struct super_block *sb, u32 group, umode_t mode)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_group_desc *desc = edufs_group(sbi, group);
	u32 bits = sbi->geo.inodes_per_group, at = 0, from;
	struct buffer_head *bh;
	int err;

	if (!edufs_group_get(sbi, desc, EDUFS_FREE_INODES))
		return 0;
	bh = read_bitmap(sb, group);
	if (IS_ERR(bh))
		return bh == ERR_PTR(-EUCLEAN) ? 0 : PTR_ERR(bh);
	from = group ? 0 : sbi->geo.first_ino - 1;
	if (!bits_find(bh->b_data, from, bits, 1, &at)) {
		brelse(bh);
		return 0;
	}
	if (sbi->desc_csum) {
		u32 unused = min(edufs_group_get(sbi, desc, EDUFS_ITABLE_UNUSED), bits);

		err = zero_inodes(sb, group, bits - unused, at);
		if (err) {
			brelse(bh);
			return err;
		}
	}
	mark(sb, group, bh, at, S_ISDIR(mode), true);
	brelse(bh);
	return (s64)group * bits + at + 1;
}

static s64 take_number(struct inode *dir, umode_t mode)
{
	struct super_block *sb = dir->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	s64 group, ino = -ENOSPC;
	u32 i;

	mutex_lock(&sbi->alloc_lock);
	group = choose_group(dir, mode);
	for (i = 0; group >= 0 && i < sbi->geo.groups; i++) {
		ino = take_in_group(sb, (group + i) % sbi->geo.groups, mode);
		if (ino)
			break;
	}
	mutex_unlock(&sbi->alloc_lock);
	return ino ?: -ENOSPC;
}

static u32 inherited_flags(struct inode *dir, umode_t mode)
{
	u32 flags = EDUFS_I(dir)->flags & INHERITED;

	if (S_ISREG(mode))
		flags &= ~NOT_TO_FILES;
	else if (!S_ISDIR(mode))
		flags &= TO_OTHERS;
	return flags;
}

static void init_fields(struct inode *inode, struct inode *dir, dev_t rdev)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);

	simple_inode_init_ts(inode);
	ei->crtime = inode_get_mtime(inode);
	ei->flags = inherited_flags(dir, inode->i_mode);
	ei->extra_isize = sbi->extra_isize;
	ei->fresh = true;
	inode->i_generation = get_random_u32();
	ei->csum_seed = csum_inode_seed(sbi->csum_seed, inode->i_ino, inode->i_generation);
	if (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) || S_ISLNK(inode->i_mode)) {
		if (edufs_has_extents(inode->i_sb)) {
			ei->flags |= EDUFS_EXTENTS_FL;
			extent_init_node(ei->data, sizeof(ei->data), 0);
		}
	} else if (old_valid_dev(rdev)) {
		ei->data[0] = cpu_to_le32(old_encode_dev(rdev));
	} else {
		ei->data[1] = cpu_to_le32(new_encode_dev(rdev));
	}
	edufs_set_flags(inode);
}

/**
 * edufs_new_inode - make an inode that no name leads to yet
 * @idmap: the mount's map of ids
 * @dir: the directory that it will be in, locked
 * @mode: type and permissions
 * @rdev: the device, if it is one
 *
 * edufs_settle_inode() comes next.
 *
 * Context: may sleep; inside edufs_start().
 * Return: the inode, locked as new (unlock_new_inode(), discard_new_inode()) and
 * with one link; ERR_PTR of -ENOSPC, -EROFS, -ENOMEM, -EIO, -EUCLEAN.
 */
struct inode *edufs_new_inode(struct mnt_idmap *idmap, struct inode *dir, umode_t mode,
			      dev_t rdev)
{
	struct super_block *sb = dir->i_sb;
	struct inode *inode;
	s64 ino;
	int err;

	if (edufs_stopped(sb))
		return ERR_PTR(-EROFS);
	inode = new_inode(sb);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode_init_owner(idmap, inode, dir, mode);
	ino = take_number(dir, mode);
	if (ino < 0) {
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(ino);
	}
	inode->i_ino = ino;
	if (insert_inode_locked(inode)) {
		/* Its number is in use: the bitmap said that it was free. */
		err = edufs_corrupt(sb, ino, 0, "inode bitmap has a used inode as free");
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(err);
	}
	init_fields(inode, dir, rdev);
	edufs_count(EDUFS_STAT_NEW_INODES);
	trace_edufs_allocate_inode(inode, dir, mode);
	return inode;
}

static int put_labels(struct inode *inode, const struct xattr *label, void *unused)
{
	int err = 0;

	for (; !err && label->name; label++)
		err = edufs_xattr_set(inode, EDUFS_XATTR_SECURITY, label->name, label->value,
				      label->value_len, 0);
	return err;
}

/**
 * edufs_settle_inode - write a new inode; give it its directory's default ACL, and labels
 * @inode: of edufs_new_inode(), in the same edufs_start()
 * @dir: the directory
 * @name: the name that it gets there, for security modules; NULL if none
 *
 * Return: 0; -ENOSPC, -ENOMEM, -EROFS, -EIO, -EUCLEAN, or what a security module
 * says, and then the caller ends it when it is outside of edufs_start().
 */
int edufs_settle_inode(struct inode *inode, struct inode *dir, const struct qstr *name)
{
	/* Attributes go behind the fields on disk, so these come first. */
	int err = edufs_update_inode(inode, false);

	err = err ?: edufs_init_acl(inode, dir);
	return err ?: security_inode_init_security(inode, dir, name, put_labels, NULL);
}

/**
 * edufs_free_inode_number - give an inode's number back
 * @inode: the inode, whose blocks are free and whose end is on disk
 *
 * Context: may sleep; takes alloc_lock.
 */
void edufs_free_inode_number(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u32 group = div_u64(inode->i_ino - 1, sbi->geo.inodes_per_group);
	u32 at = inode->i_ino - 1 - (u64)group * sbi->geo.inodes_per_group;
	struct buffer_head *bh;
	bool was = true;

	trace_edufs_free_inode(inode);
	mutex_lock(&sbi->alloc_lock);
	bh = read_bitmap(sb, group);
	if (!IS_ERR(bh)) {
		was = bits_is(bh->b_data, at, 1, true);
		if (was)
			mark(sb, group, bh, at, S_ISDIR(inode->i_mode), false);
		brelse(bh);
	}
	mutex_unlock(&sbi->alloc_lock);
	if (!was)
		edufs_corrupt(sb, inode->i_ino, 0, "freeing a free inode");
}
