// SPDX-License-Identifier: GPL-2.0
/*
 * What is done with names: lookup, create, link, unlink, rename and their kin.
 *
 * The rules, in the order they apply:
 *  1. The inode is made first, then its name; if the name cannot be put in, the
 *     inode ends at once.
 *  2. A name goes out before the link count goes down; at 0 the inode is on the
 *     orphan list until its last user is gone.
 *  3. A rename puts the new name in before the old one goes out, or leads to a
 *     whiteout (RENAME_WHITEOUT, for overlayfs: the character device 0/0): between
 *     the two a crash without a journal leaves both.
 *  4. What takes a file's name has its data on the disk first: so after a crash the
 *     name leads to the old file or the whole new one, though nobody called fsync
 *     (ext4's auto_da_alloc). If that cannot be written, the old one stays.
 *  5. Each operation is one transaction, every inode whose fields changed is in it;
 *     for a directory with the S or D flag (or sync, dirsync) it is on disk when
 *     the operation returns. An inode that fails to get its name ends outside of it.
 *  6. No room may only mean that what was freed is not committed yet: then the
 *     operation waits for that and begins again (edufs_again()).
 *  7. A directory of more than 65000 links has 1: nobody counts any more
 *     (dir_nlink, and only with an index); else that is the limit.
 *
 * Follows the kernel book, 5.2. A long symlink's text is in a block of the buffer
 * cache, not in a page of its own, as in ext4.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <edu/compat.h>

#include "edufs.h"
#include "extent.h"
#include "record.h"

static struct dentry *edufs_lookup(struct inode *dir, struct dentry *dentry,
				   unsigned int flags)
{
	struct inode *inode = NULL;
	u32 ino;
	int found = edufs_dir_find(dir, &dentry->d_name, &ino);

	if (found < 0)
		return ERR_PTR(found);
	if (found) {
		/* A name must not lead to a free inode, nor to its own directory. */
		inode = ERR_PTR(-ESTALE);
		if (ino != dir->i_ino)
			inode = edufs_iget(dir->i_sb, ino);
		if (inode == ERR_PTR(-ESTALE))
			inode = ERR_PTR(edufs_corrupt(dir->i_sb, dir->i_ino, 0,
						      "name leads to inode %u", ino));
	}
	return d_splice_alias(inode, dentry);
}

static bool counts_no_more(struct inode *inode)
{
	return S_ISDIR(inode->i_mode) && edufs_dir_has_index(inode) &&
		edufs_sbi(inode->i_sb)->features.ro_compat & EDUFS_RO_DIR_NLINK;
}

static bool is_full(struct inode *dir)
{
	return dir->i_nlink >= EDUFS_LINK_MAX && !counts_no_more(dir);
}

static void add_link(struct inode *dir)
{
	if (dir->i_nlink == 1 && S_ISDIR(dir->i_mode))
		return;
	if (dir->i_nlink >= EDUFS_LINK_MAX && counts_no_more(dir))
		set_nlink(dir, 1);
	else
		inc_nlink(dir);
}

static void drop_subdir(struct inode *dir)
{
	if (dir->i_nlink > 2)
		drop_nlink(dir);
}

static void touch_dir(struct inode *dir)
{
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
}

/* Rule 5. */
static int done(struct inode *dir, struct inode *inode)
{
	int err = edufs_update_inode(dir, false);

	if (!err && inode)
		err = edufs_update_inode(inode, false);
	if (!err && IS_DIRSYNC(dir)) {
		edufs_handle_sync(dir->i_sb);
		if (!edufs_sbi(dir->i_sb)->journal)
			err = sync_blockdev(dir->i_sb->s_bdev);
	}
	return err;
}

/* A new inode has no name after all: it ends, with what it has, outside of the handle. */
static int end_new(struct super_block *sb, struct inode *inode, int err)
{
	clear_nlink(inode);
	edufs_orphan_add(inode);
	edufs_stop(sb, err);
	discard_new_inode(inode);
	return err;
}

/* Give a new inode its name; or end it. And the transaction, too. */
static int add_new(struct dentry *dentry, struct inode *dir, struct inode *inode, int err)
{
	if (!err)
		err = edufs_dir_add(dir, &dentry->d_name, inode);
	if (err)
		return end_new(dir->i_sb, inode, err);
	if (S_ISDIR(inode->i_mode))
		add_link(dir);
	touch_dir(dir);
	err = done(dir, inode);
	d_instantiate_new(dentry, inode);
	return edufs_stop(dir->i_sb, err);
}

/* Begin a transaction with a new inode; @name: NULL if it gets none. */
static struct inode *start_new(struct mnt_idmap *idmap, struct inode *dir,
			       const struct qstr *name, umode_t mode, dev_t rdev,
			       enum edufs_op op)
{
	struct inode *inode;
	int err = edufs_start(dir->i_sb, op);

	if (err)
		return ERR_PTR(err);
	inode = edufs_new_inode(idmap, dir, mode, rdev);
	if (IS_ERR(inode)) {
		edufs_stop(dir->i_sb, 0);
		return inode;
	}
	if (S_ISDIR(mode))
		set_nlink(inode, 2);
	err = edufs_settle_inode(inode, dir, name);
	return err ? ERR_PTR(end_new(dir->i_sb, inode, err)) : inode;
}

static int try_make(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		    umode_t mode, dev_t rdev)
{
	struct inode *inode = start_new(idmap, dir, &dentry->d_name, mode, rdev,
					EDUFS_OP_CREATE);
	int err = 0;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (S_ISDIR(mode))
		err = edufs_dir_init(inode, dir);
	if (!err && edufs_set_operations(inode))
		err = -EIO;
	return add_new(dentry, dir, inode, err);
}

static int make(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		umode_t mode, dev_t rdev)
{
	int tries = 0, err;

	do
		err = try_make(idmap, dir, dentry, mode, rdev);
	while (edufs_again(dir->i_sb, err, &tries));
	return err;
}

static int edufs_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			EDU_CREATE_MODE)
{
	return make(idmap, dir, dentry, mode, 0);
}

static int edufs_mknod(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       umode_t mode, dev_t rdev)
{
	return make(idmap, dir, dentry, mode, rdev);
}

static edu_mkdir_t edufs_mkdir(struct mnt_idmap *idmap, struct inode *dir,
			       struct dentry *dentry, umode_t mode)
{
	if (is_full(dir))
		return edu_mkdir_result(-EMLINK);
	return edu_mkdir_result(make(idmap, dir, dentry, mode | S_IFDIR, 0));
}

static int edufs_tmpfile(struct mnt_idmap *idmap, struct inode *dir, struct file *file,
			 umode_t mode)
{
	struct inode *inode = start_new(idmap, dir, NULL, mode, 0, EDUFS_OP_CREATE);
	int err;

	if (IS_ERR(inode))
		return finish_open_simple(file, PTR_ERR(inode));
	edufs_set_operations(inode);
	d_tmpfile(file, inode);
	err = edufs_orphan_add(inode);
	unlock_new_inode(inode);
	return finish_open_simple(file, edufs_stop(dir->i_sb, err));
}

/* The text behind an inode's own fields, in a block. */
static int write_long_link(struct inode *inode, const char *target, unsigned int len)
{
	struct edufs_map map = { .m_len = 1 };
	struct buffer_head *bh;
	int err;

	edufs_map_lock(EDUFS_I(inode));
	err = edufs_map_create(inode, &map, 0, false);
	edufs_map_unlock(EDUFS_I(inode));
	if (err)
		return err;
	bh = sb_getblk(inode->i_sb, map.m_pblk);
	if (!bh)
		return -ENOMEM;
	edufs_buffer_new(inode->i_sb, bh);
	edufs_buffer_begin(inode->i_sb, bh);
	memcpy(bh->b_data, target, len);
	edufs_buffer_end(inode->i_sb, bh);
	brelse(bh);
	return 0;
}

static int try_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       const char *target)
{
	struct inode *inode = start_new(idmap, dir, &dentry->d_name, S_IFLNK | 0777, 0,
					EDUFS_OP_CREATE);
	unsigned int len = strlen(target);
	struct edufs_inode *ei;
	int err = 0;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ei = EDUFS_I(inode);
	if (len < sizeof(ei->data)) {
		ei->flags &= ~EDUFS_EXTENTS_FL;
		memset(ei->data, 0, sizeof(ei->data));
		memcpy(ei->data, target, len);
		inode->i_link = (char *)ei->data;
		inode->i_op = &edufs_fast_symlink_inode_operations;
	} else {
		err = write_long_link(inode, target, len);
		inode->i_op = &edufs_symlink_inode_operations;
	}
	inode->i_size = len;
	return add_new(dentry, dir, inode, err);
}

static int edufs_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			 const char *target)
{
	int tries = 0, err;

	if (strlen(target) + 1 > dir->i_sb->s_blocksize)
		return -ENAMETOOLONG;
	do
		err = try_symlink(idmap, dir, dentry, target);
	while (edufs_again(dir->i_sb, err, &tries));
	return err;
}

static int try_link(struct inode *inode, struct inode *dir, struct dentry *dentry)
{
	int err = edufs_start(dir->i_sb, EDUFS_OP_LINK);

	if (err)
		return err;
	err = edufs_dir_add(dir, &dentry->d_name, inode);
	if (err)
		return edufs_stop(dir->i_sb, err);
	inode_set_ctime_current(inode);
	inc_nlink(inode);
	/* It may have been a file without a name: O_TMPFILE. */
	if (inode->i_nlink == 1)
		edufs_orphan_del(inode);
	ihold(inode);
	touch_dir(dir);
	d_instantiate(dentry, inode);
	return edufs_stop(dir->i_sb, done(dir, inode));
}

static int edufs_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(old);
	int tries = 0, err;

	if (edufs_stopped(dir->i_sb))
		return -EROFS;
	if (inode->i_nlink >= EDUFS_LINK_MAX)
		return -EMLINK;
	do
		err = try_link(inode, dir, dentry);
	while (edufs_again(dir->i_sb, err, &tries));
	return err;
}

/* The name is out: so is a link. */
static int unlinked(struct inode *dir, struct inode *inode)
{
	int err = 0;

	touch_dir(dir);
	inode_set_ctime_to_ts(inode, inode_get_ctime(dir));
	if (S_ISDIR(inode->i_mode)) {
		inode->i_size = 0;
		clear_nlink(inode);
		drop_subdir(dir);
	} else if (inode->i_nlink) {
		drop_nlink(inode);
	}
	if (!inode->i_nlink)
		err = edufs_orphan_add(inode);
	return done(dir, inode) ?: err;
}

static int edufs_unlink(struct inode *dir, struct dentry *dentry)
{
	int err;

	if (edufs_stopped(dir->i_sb))
		return -EROFS;
	err = edufs_start(dir->i_sb, EDUFS_OP_UNLINK);
	if (err)
		return err;
	err = edufs_dir_remove(dir, &dentry->d_name, d_inode(dentry));
	return edufs_stop(dir->i_sb, err ?: unlinked(dir, d_inode(dentry)));
}

static int edufs_rmdir(struct inode *dir, struct dentry *dentry)
{
	int empty = edufs_dir_empty(d_inode(dentry));

	if (empty <= 0)
		return empty ?: -ENOTEMPTY;
	return edufs_unlink(dir, dentry);
}

/* A directory has another parent. */
static int set_parent(struct inode *dir, struct inode *parent)
{
	int err = edufs_dir_replace(dir, &dotdot_name, parent);

	return err ?: edufs_update_inode(dir, false);
}

static int exchange(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		    struct dentry *new)
{
	struct inode *a = d_inode(old), *b = d_inode(new);
	bool a_dir = S_ISDIR(a->i_mode), b_dir = S_ISDIR(b->i_mode);
	int err;

	if (old_dir != new_dir && a_dir != b_dir && is_full(a_dir ? new_dir : old_dir))
		return -EMLINK;
	err = edufs_dir_replace(new_dir, &new->d_name, a);
	if (!err)
		err = edufs_dir_replace(old_dir, &old->d_name, b);
	if (!err && a_dir && old_dir != new_dir)
		err = set_parent(a, new_dir);
	if (!err && b_dir && old_dir != new_dir)
		err = set_parent(b, old_dir);
	if (err)
		return err;
	if (old_dir != new_dir && a_dir != b_dir) {
		drop_subdir(a_dir ? old_dir : new_dir);
		add_link(a_dir ? new_dir : old_dir);
	}
	inode_set_ctime_current(a);
	inode_set_ctime_current(b);
	touch_dir(old_dir);
	touch_dir(new_dir);
	return done(old_dir, a) ?: done(new_dir, b);
}

/* The old name goes, or leads to what has no name so far. */
static int leave(struct inode *dir, struct dentry *old, struct inode *whiteout)
{
	int err;

	if (!whiteout)
		return edufs_dir_remove(dir, &old->d_name, d_inode(old));
	err = edufs_dir_replace(dir, &old->d_name, whiteout);
	if (err)
		return err;
	set_nlink(whiteout, 1);
	return edufs_update_inode(whiteout, false);
}

static int do_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		     struct dentry *new, struct inode *whiteout)
{
	struct inode *inode = d_inode(old), *victim = d_inode(new);
	bool is_dir = S_ISDIR(inode->i_mode);
	int err = 0;

	if (is_dir && victim) {
		err = edufs_dir_empty(victim);
		if (err <= 0)
			return err ?: -ENOTEMPTY;
	} else if (is_dir && old_dir != new_dir && is_full(new_dir)) {
		return -EMLINK;
	}
	if (victim)
		err = edufs_dir_replace(new_dir, &new->d_name, inode);
	else
		err = edufs_dir_add(new_dir, &new->d_name, inode);
	if (err)
		return err;
	err = leave(old_dir, old, whiteout);
	if (err)
		return err;
	if (is_dir) {
		drop_subdir(old_dir);
		if (!victim)
			add_link(new_dir);
		if (old_dir != new_dir)
			err = set_parent(inode, new_dir);
	}
	inode_set_ctime_current(inode);
	touch_dir(old_dir);
	touch_dir(new_dir);
	if (victim) {
		inode_set_ctime_current(victim);
		if (is_dir)
			clear_nlink(victim);
		else
			drop_nlink(victim);
		if (!victim->i_nlink)
			err = edufs_orphan_add(victim) ?: err;
		err = edufs_update_inode(victim, false) ?: err;
	}
	err = done(old_dir, inode) ?: err;
	return done(new_dir, NULL) ?: err;
}

static int rename_and_leave(struct mnt_idmap *idmap, struct inode *old_dir, struct dentry *old,
			    struct inode *new_dir, struct dentry *new)
{
	struct super_block *sb = old_dir->i_sb;
	struct inode *whiteout;
	int err;

	whiteout = start_new(idmap, old_dir, NULL, S_IFCHR | WHITEOUT_MODE, WHITEOUT_DEV,
			     EDUFS_OP_WHITEOUT);
	if (IS_ERR(whiteout))
		return PTR_ERR(whiteout);
	clear_nlink(whiteout);
	edufs_set_operations(whiteout);
	err = do_rename(old_dir, old, new_dir, new, whiteout);
	if (!whiteout->i_nlink)
		return end_new(sb, whiteout, err);
	err = edufs_stop(sb, err);
	unlock_new_inode(whiteout);
	iput(whiteout);
	return err;
}

static int try_rename(struct mnt_idmap *idmap, struct inode *old_dir, struct dentry *old,
		      struct inode *new_dir, struct dentry *new, unsigned int flags)
{
	struct super_block *sb = old_dir->i_sb;
	int err;

	if (flags & RENAME_WHITEOUT)
		return rename_and_leave(idmap, old_dir, old, new_dir, new);
	err = edufs_start(sb, EDUFS_OP_RENAME);
	if (err)
		return err;
	if (flags & RENAME_EXCHANGE)
		err = exchange(old_dir, old, new_dir, new);
	else
		err = do_rename(old_dir, old, new_dir, new, NULL);
	return edufs_stop(sb, err);
}

/* Rule 4. Its error stays for fsync; one that fsync has told of is over. */
static int write_first(struct inode *inode)
{
	errseq_t since = filemap_sample_wb_err(inode->i_mapping);
	int err = filemap_fdatawrite(inode->i_mapping);

	filemap_fdatawait_keep_errors(inode->i_mapping);
	return filemap_check_wb_err(inode->i_mapping, since) ?: err;
}

static int edufs_rename(struct mnt_idmap *idmap, struct inode *old_dir, struct dentry *old,
			struct inode *new_dir, struct dentry *new, unsigned int flags)
{
	struct super_block *sb = old_dir->i_sb;
	int tries = 0, err;

	if (edufs_stopped(sb))
		return -EROFS;
	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if (d_is_positive(new) && S_ISREG(d_inode(old)->i_mode) && !(flags & RENAME_EXCHANGE)) {
		err = write_first(d_inode(old));
		if (err)
			return err;
	}
	do
		err = try_rename(idmap, old_dir, old, new_dir, new, flags);
	while (edufs_again(sb, err, &tries));
	return err;
}

static void release_link(void *bh)
{
	brelse(bh);
}

/**
 * edufs_get_link - inode_operations.get_link of a long symlink
 * @dentry: NULL in RCU mode, where nothing may be read: the VFS then tries again
 * @inode: the symlink
 * @done: told how to let go of the text
 */
const char *edufs_get_link(struct dentry *dentry, struct inode *inode,
			   struct delayed_call *done)
{
	struct edufs_map map = { .m_len = 1 };
	struct buffer_head *bh;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	err = edufs_map_blocks(inode, &map);
	if (!err && map.m_flags != EDUFS_MAP_MAPPED)
		err = edufs_corrupt(inode->i_sb, inode->i_ino, 0, "symlink without a text");
	if (err)
		return ERR_PTR(err);
	bh = sb_bread(inode->i_sb, map.m_pblk);
	if (!bh)
		return ERR_PTR(-EIO);
	set_delayed_call(done, release_link, bh);
	nd_terminate_link(bh->b_data, inode->i_size, bh->b_size - 1);
	return bh->b_data;
}

const struct inode_operations edufs_dir_inode_operations = {
	.lookup = edufs_lookup,
	.create = edufs_create,
	.link = edufs_link,
	.unlink = edufs_unlink,
	.symlink = edufs_symlink,
	.mkdir = edufs_mkdir,
	.rmdir = edufs_rmdir,
	.mknod = edufs_mknod,
	.rename = edufs_rename,
	.tmpfile = edufs_tmpfile,
	.getattr = edufs_getattr,
	.setattr = edufs_setattr,
	.listxattr = edufs_listxattr,
	.get_inode_acl = edufs_get_acl,
	.set_acl = edufs_set_acl,
	.fileattr_get = edufs_fileattr_get,
	.fileattr_set = edufs_fileattr_set,
};
