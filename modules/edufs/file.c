// SPDX-License-Identifier: GPL-2.0
/*
 * Regular files, symlinks and special files: the VFS's tables.
 *
 * The rules, in the order they apply:
 *  1. A buffered write goes through iomap to the page cache (map.c). One that
 *     begins behind the end first zeroes what the last block has there.
 *  2. A direct write is direct where the file has written blocks already. What
 *     is left of it (holes, reserved blocks, the end of the file) goes through
 *     the page cache, to the disk, and out of the cache again: as in ext2. With
 *     data=journal (data_journal.c) all of it goes through the page cache.
 *  3. fsync writes the file's pages, then waits for the commit of the last
 *     transaction that changed the inode. Without a journal it writes the inode
 *     and then all metadata that is dirty, whosever: nobody keeps a list of what
 *     belongs to one file. Last the disk's own cache.
 *  4. The last writer's close gives the file's window back.
 *
 * Locks: i_rwsem, exclusive for every write, shared for direct reads, fiemap and
 * SEEK_HOLE; invalidate_lock, exclusive where pages and blocks go away, shared in
 * a page's first write through a mapping.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/fiemap.h>
#include <linux/fileattr.h>
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <linux/writeback.h>
#include <edu/compat.h>

#include "edufs.h"
#include "map.h"
#include "trace.h"

static ssize_t edufs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t got;

	if (!iov_iter_count(to))
		return 0;
	if (edufs_journals_data(inode))
		iocb->ki_flags &= ~IOCB_DIRECT;
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

static ssize_t buffered_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	loff_t size = i_size_read(inode);
	int err = 0;

	if (iocb->ki_pos > size)
		err = edufs_zero_tail(inode, size, iocb->ki_pos);
	if (!err && edufs_journals_data(inode))
		return edufs_data_write(iocb, from);
	return err ?: edu_iomap_buffered_write(iocb, from, &edufs_iomap_ops,
					       &edufs_iomap_valid_ops);
}

/* Rule 2. */
static ssize_t direct_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	unsigned int sector = bdev_logical_block_size(inode->i_sb->s_bdev);
	ssize_t direct = 0, rest;
	loff_t pos;
	int err;

	if ((iocb->ki_pos | iov_iter_count(from)) & (sector - 1))
		return -EINVAL;
	if (iocb->ki_pos + iov_iter_count(from) <= i_size_read(inode)) {
		direct = iomap_dio_rw(iocb, from, &edufs_iomap_ops, NULL, 0, NULL, 0);
		if (direct == -ENOTBLK)
			direct = 0;
		if (direct < 0 || !iov_iter_count(from))
			return direct;
	}
	edufs_count(EDUFS_STAT_DIRECT_BUFFERED);
	iocb->ki_flags &= ~IOCB_DIRECT;
	pos = iocb->ki_pos;
	rest = buffered_write(iocb, from);
	if (rest <= 0)
		return direct ?: rest;
	err = filemap_write_and_wait_range(inode->i_mapping, pos, pos + rest - 1);
	if (err)
		return err;
	invalidate_mapping_pages(inode->i_mapping, pos >> PAGE_SHIFT,
				 (pos + rest - 1) >> PAGE_SHIFT);
	return direct + rest;
}

static ssize_t edufs_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t ret;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (edufs_journals_data(inode) && iocb->ki_flags & IOCB_DIRECT) {
		edufs_count(EDUFS_STAT_DIRECT_BUFFERED);
		iocb->ki_flags &= ~IOCB_DIRECT;
	}
	if (iocb->ki_flags & IOCB_NOWAIT) {
		if (!inode_trylock(inode))
			return -EAGAIN;
	} else {
		inode_lock(inode);
	}
	ret = generic_write_checks(iocb, from);
	if (ret > 0 && iocb->ki_pos >= edufs_max_size(inode))
		ret = -EFBIG;
	if (ret > 0) {
		iov_iter_truncate(from, edufs_max_size(inode) - iocb->ki_pos);
		ret = kiocb_modified(iocb) ?: 1;
	}
	if (ret > 0)
		ret = iocb->ki_flags & IOCB_DIRECT ? direct_write(iocb, from) :
			buffered_write(iocb, from);
	inode_unlock(inode);
	/* What was written directly, iomap has synced, also if nobody waits for it here. */
	return ret > 0 && !(iocb->ki_flags & IOCB_DIRECT) ? generic_write_sync(iocb, ret) : ret;
}

static int sync_without_journal(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	int err = sync_inode_metadata(inode, 1);

	if (!err)
		err = sync_blockdev(sb->s_bdev);
	if (!err)
		err = blkdev_issue_flush(sb->s_bdev);
	return err == -EOPNOTSUPP ? 0 : err;
}

/**
 * edufs_fsync - file_operations.fsync, for directories, too
 * @file: the file
 * @start: first byte
 * @end: last byte
 * @datasync: times need not be written; without a journal they are all the same
 *
 * Return: 0, -EIO, -EROFS.
 */
int edufs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct inode *inode = file->f_mapping->host;
	struct super_block *sb = inode->i_sb;
	int err;

	trace_edufs_sync_file_enter(file, datasync);
	if (edufs_stopped(sb))
		return -EROFS;
	err = file_write_and_wait_range(file, start, end);
	if (!err) {
		err = edufs_commit_inode(inode, datasync);
		if (err == -ENODEV)
			err = sync_without_journal(inode);
	}
	trace_edufs_sync_file_exit(inode, err);
	return err;
}

static vm_fault_t edufs_page_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	vm_fault_t ret;

	if (edufs_stopped(inode->i_sb))
		return VM_FAULT_SIGBUS;
	sb_start_pagefault(inode->i_sb);
	file_update_time(vmf->vma->vm_file);
	filemap_invalidate_lock_shared(inode->i_mapping);
	ret = edufs_journals_data(inode) ? edufs_data_mkwrite(vmf) :
		edu_iomap_page_mkwrite(vmf, &edufs_iomap_ops);
	filemap_invalidate_unlock_shared(inode->i_mapping);
	sb_end_pagefault(inode->i_sb);
	return ret;
}

static const struct vm_operations_struct edufs_vm_operations = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = edufs_page_mkwrite,
};

static int edufs_mmap(struct file *file, struct vm_area_struct *vma)
{
	file_accessed(file);
	vma->vm_ops = &edufs_vm_operations;
	return 0;
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
		return generic_file_llseek_size(file, offset, whence, edufs_max_size(inode),
						i_size_read(inode));
	}
	if (offset < 0)
		return offset;
	return vfs_setpos(file, offset, edufs_max_size(inode));
}

static int edufs_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_WRITE && edufs_stopped(inode->i_sb))
		return -EROFS;
	file->f_mode |= FMODE_CAN_ODIRECT;
	return generic_file_open(inode, file);
}

static int edufs_release(struct inode *inode, struct file *file)
{
	/* Rule 4; what is still dirty then finds room without one. */
	if (file->f_mode & FMODE_WRITE && atomic_read(&inode->i_writecount) == 1)
		edufs_drop_window(inode);
	return 0;
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
	.write_iter = edufs_write_iter,
	.mmap = edufs_mmap,
	/* So that a large folio of the cache can be mapped by one fault. */
	.get_unmapped_area = thp_get_unmapped_area,
	.open = edufs_open,
	.release = edufs_release,
	.fsync = edufs_fsync,
	.splice_read = filemap_splice_read,
	.splice_write = iter_file_splice_write,
	.fallocate = edufs_fallocate,
	.unlocked_ioctl = edufs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.setlease = generic_setlease,
};

const struct inode_operations edufs_file_inode_operations = {
	.getattr = edufs_getattr,
	.setattr = edufs_setattr,
	.listxattr = edufs_listxattr,
	.get_inode_acl = edufs_get_acl,
	.set_acl = edufs_set_acl,
	.fiemap = edufs_fiemap,
	.fileattr_get = edufs_fileattr_get,
	.fileattr_set = edufs_fileattr_set,
};

const struct inode_operations edufs_special_inode_operations = {
	.getattr = edufs_getattr,
	.setattr = edufs_setattr,
	.listxattr = edufs_listxattr,
	.get_inode_acl = edufs_get_acl,
	.set_acl = edufs_set_acl,
};

const struct inode_operations edufs_symlink_inode_operations = {
	.get_link = edufs_get_link,
	.getattr = edufs_getattr,
	.setattr = edufs_setattr,
	.listxattr = edufs_listxattr,
};

const struct inode_operations edufs_fast_symlink_inode_operations = {
	.get_link = simple_get_link,
	.getattr = edufs_getattr,
	.setattr = edufs_setattr,
	.listxattr = edufs_listxattr,
};
