// SPDX-License-Identifier: GPL-2.0
/*
 * The flags of an inode, as chattr and lsattr know them, and the way to the other ioctls.
 *
 * The rules: of the flags a person may change those that edufs acts on or hands
 * on; those that say how the inode is laid out (extents, index, ...) are shown and
 * stay. Setting one that is not in the list is refused, as in ext4, unless it is
 * set already.
 */
#include <linux/fs.h>
#include <linux/fileattr.h>
#include <linux/mount.h>
#include <linux/uaccess.h>
#include <edu/compat.h>

#include "edufs.h"

#define CHANGEABLE	(EDUFS_SYNC_FL | EDUFS_IMMUTABLE_FL | EDUFS_APPEND_FL | \
			 EDUFS_NODUMP_FL | EDUFS_NOATIME_FL | EDUFS_NOTAIL_FL | \
			 EDUFS_DIRSYNC_FL | EDUFS_TOPDIR_FL)
/* What lsattr sees: nothing that only concerns the disk. */
#define VISIBLE		(CHANGEABLE | EDUFS_JOURNAL_DATA_FL | EDUFS_INDEX_FL | \
			 EDUFS_HUGE_FILE_FL | EDUFS_EXTENTS_FL | EDUFS_VERITY_FL)

/**
 * edufs_fileattr_get - inode_operations.fileattr_get
 * @dentry: the file
 * @fa: filled in
 *
 * Return: 0.
 */
int edufs_fileattr_get(struct dentry *dentry, struct edu_fileattr *fa)
{
	fileattr_fill_flags(fa, EDUFS_I(d_inode(dentry))->flags & VISIBLE);
	return 0;
}

/**
 * edufs_fileattr_set - inode_operations.fileattr_set
 * @idmap: the mount's map of ids
 * @dentry: the file, locked
 * @fa: what it shall have; the VFS checked the right to it
 *
 * Return: 0, -EOPNOTSUPP, -EROFS, -EIO.
 */
int edufs_fileattr_set(struct mnt_idmap *idmap, struct dentry *dentry,
		       struct edu_fileattr *fa)
{
	struct inode *inode = d_inode(dentry);
	struct edufs_inode *ei = EDUFS_I(inode);
	u32 flags = fa->flags;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (fileattr_has_fsx(fa))
		return -EOPNOTSUPP;
	if (flags & ~VISIBLE || (flags ^ ei->flags) & VISIBLE & ~CHANGEABLE)
		return -EOPNOTSUPP;
	/* Some mean nothing to files, or to anything else: they are left out. */
	if (S_ISREG(inode->i_mode))
		flags &= ~(EDUFS_DIRSYNC_FL | EDUFS_TOPDIR_FL);
	else if (!S_ISDIR(inode->i_mode))
		flags &= EDUFS_NODUMP_FL | EDUFS_NOATIME_FL;
	ei->flags = (ei->flags & ~CHANGEABLE) | (flags & CHANGEABLE);
	edufs_set_flags(inode);
	inode_set_ctime_current(inode);
	mark_inode_dirty(inode);
	return IS_SYNC(inode) ? sync_inode_metadata(inode, 1) : 0;
}

/* With checksums a generation is in those of all that an inode has: it stays. As in ext4. */
static int set_version(struct file *file, const int __user *from)
{
	struct inode *inode = file_inode(file);
	int version, err;

	if (!inode_owner_or_capable(file_mnt_idmap(file), inode))
		return -EPERM;
	if (edufs_sbi(inode->i_sb)->csum)
		return -ENOTTY;
	if (get_user(version, from))
		return -EFAULT;
	err = mnt_want_write_file(file);
	if (err)
		return err;
	inode_lock(inode);
	if (edufs_stopped(inode->i_sb)) {
		err = -EROFS;
	} else {
		inode->i_generation = version;
		inode_set_ctime_current(inode);
		mark_inode_dirty(inode);
	}
	inode_unlock(inode);
	mnt_drop_write_file(file);
	return err;
}

/**
 * edufs_ioctl - file_operations.unlocked_ioctl
 * @file: any file of the filesystem
 * @cmd: FS_IOC_GETVERSION, FS_IOC_SETVERSION, or as for edufs_control()
 * @arg: as the command has it
 *
 * Return: 0, -EFAULT; of FS_IOC_SETVERSION also -EPERM, -EROFS, and -ENOTTY where
 * there are checksums; or as edufs_control().
 */
long edufs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(file);

	if (cmd == FS_IOC_GETVERSION)
		return put_user(inode->i_generation, (int __user *)arg);
	if (cmd == FS_IOC_SETVERSION)
		return set_version(file, (const int __user *)arg);
	return edufs_control(file, cmd, arg);
}
