// SPDX-License-Identifier: GPL-2.0
/* What a regular file, a symlink and a special file answer: tables, mostly. */
#include <linux/fiemap.h>
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <edu/compat.h>

#include "edufs.h"

static ssize_t edufs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t got;

	if (!iov_iter_count(to))
		return 0;
	if (!(iocb->ki_flags & IOCB_DIRECT))
		return generic_file_read_iter(iocb, to);

	/* No truncate may take the blocks away from under the device. */
	if (iocb->ki_flags & IOCB_NOWAIT) {
		if (!inode_trylock_shared(inode))
			return -EAGAIN;
	} else {
		inode_lock_shared(inode);
	}
	got = iomap_dio_rw(iocb, to, &edufs_iomap_ops, NULL, 0, NULL, 0);
	inode_unlock_shared(inode);
	file_accessed(iocb->ki_filp);
	return got;
}

static loff_t edufs_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_mapping->host;

	switch (whence) {
	case SEEK_HOLE:
		inode_lock_shared(inode);
		offset = iomap_seek_hole(inode, offset, &edufs_iomap_ops);
		inode_unlock_shared(inode);
		break;
	case SEEK_DATA:
		inode_lock_shared(inode);
		offset = iomap_seek_data(inode, offset, &edufs_iomap_ops);
		inode_unlock_shared(inode);
		break;
	default:
		return generic_file_llseek(file, offset, whence);
	}
	if (offset < 0)
		return offset;
	return vfs_setpos(file, offset, inode->i_sb->s_maxbytes);
}

static int edufs_open(struct inode *inode, struct file *file)
{
	file->f_mode |= FMODE_CAN_ODIRECT;
	return generic_file_open(inode, file);
}

static int edufs_fiemap(struct inode *inode, struct fiemap_extent_info *info,
			u64 start, u64 len)
{
	int err;

	inode_lock_shared(inode);
	err = iomap_fiemap(inode, info, start, len, &edufs_iomap_ops);
	inode_unlock_shared(inode);
	return err;
}

const struct file_operations edufs_file_operations = {
	.llseek = edufs_llseek,
	.read_iter = edufs_read_iter,
	EDU_READONLY_MMAP,
	.open = edufs_open,
	.splice_read = filemap_splice_read,
	.setlease = generic_setlease,
};

const struct inode_operations edufs_file_inode_operations = {
	.getattr = edufs_getattr,
	.listxattr = edufs_listxattr,
	.get_inode_acl = edufs_get_acl,
	.fiemap = edufs_fiemap,
};

const struct inode_operations edufs_special_inode_operations = {
	.getattr = edufs_getattr,
	.listxattr = edufs_listxattr,
	.get_inode_acl = edufs_get_acl,
};

const struct inode_operations edufs_symlink_inode_operations = {
	.get_link = page_get_link,
	.getattr = edufs_getattr,
	.listxattr = edufs_listxattr,
};

const struct inode_operations edufs_fast_symlink_inode_operations = {
	.get_link = simple_get_link,
	.getattr = edufs_getattr,
	.listxattr = edufs_listxattr,
};
