// SPDX-License-Identifier: GPL-2.0
/*
 * From an inode of the VFS back to the disk; the end of an inode; its size.
 *
 * The rules, in the order they apply:
 *  1. An inode is written to its block in the buffer cache, under that block's
 *     lock and with its checksum: with a journal, as soon as the VFS says that it
 *     is dirty, in the transaction that made it so.
 *  2. The upper bits of times go where the inode has room, 30 bits of
 *     nanoseconds and 2 more of seconds. A file of 2 GiB makes the image one
 *     with large_file.
 *  3. A file becomes shorter in this order: zeros in what is left of its last
 *     block, the pages go, the inode with its new size is on the orphan list,
 *     the blocks go, it leaves the list. A file becomes longer on disk when what
 *     was written is there (writeback.c).
 *  4. The last reference to an inode without links ends it: pages, attributes,
 *     blocks, the orphan list, the inode itself, and last its number.
 *
 * Follows the kernel book, 5.2: "delete: blocks and inode return to the free
 * lists only when the last open reference closes".
 */
#include <linux/buffer_head.h>
#include <linux/iomap.h>
#include <linux/pagemap.h>
#include <linux/posix_acl.h>
#include <linux/timekeeping.h>
#include <linux/writeback.h>
#include <edu/compat.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "indirect.h"
#include "map.h"

static bool has_map(struct inode *inode)
{
	return S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) ||
		(S_ISLNK(inode->i_mode) && !inode->i_link);
}

static __le32 extra_of(struct timespec64 ts)
{
	/* The bits of the seconds above the 32 that i_atime and its like hold. */
	u32 epoch = ((ts.tv_sec - (s32)ts.tv_sec) >> 32) & 3;

	return cpu_to_le32((u32)ts.tv_nsec << 2 | epoch);
}

/* One time: 32 bits of seconds, and the rest if it ends within the inode. */
static void put_time(const struct edufs_inode *ei, struct timespec64 ts, __le32 *seconds,
		     __le32 *extra, unsigned int end)
{
	*seconds = cpu_to_le32((u32)ts.tv_sec);
	if (end <= EDUFS_GOOD_OLD_INODE + ei->extra_isize)
		*extra = extra_of(ts);
}

static void put_times(struct inode *inode, struct edufs_disk_inode *raw)
{
	const struct edufs_inode *ei = EDUFS_I(inode);

	put_time(ei, inode_get_atime(inode), &raw->i_atime, &raw->i_atime_extra,
		 offsetofend(struct edufs_disk_inode, i_atime_extra));
	put_time(ei, inode_get_mtime(inode), &raw->i_mtime, &raw->i_mtime_extra,
		 offsetofend(struct edufs_disk_inode, i_mtime_extra));
	put_time(ei, inode_get_ctime(inode), &raw->i_ctime, &raw->i_ctime_extra,
		 offsetofend(struct edufs_disk_inode, i_ctime_extra));
	if (offsetofend(struct edufs_disk_inode, i_crtime) <=
	    EDUFS_GOOD_OLD_INODE + ei->extra_isize)
		put_time(ei, ei->crtime, &raw->i_crtime, &raw->i_crtime_extra,
			 offsetofend(struct edufs_disk_inode, i_crtime_extra));
}

static void put_counts(struct inode *inode, struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	loff_t size = S_ISREG(inode->i_mode) ? ei->disk_size : i_size_read(inode);
	u64 blocks;

	spin_lock(&inode->i_lock);
	blocks = inode->i_blocks;
	spin_unlock(&inode->i_lock);
	raw->i_size_lo = cpu_to_le32((u32)size);
	if (S_ISREG(inode->i_mode) || sbi->features.incompat & EDUFS_INCOMPAT_LARGE_DIR)
		raw->i_size_hi = cpu_to_le32((u32)(size >> 32));
	ei->flags &= ~EDUFS_HUGE_FILE_FL;
	if (blocks >> 48) {
		ei->flags |= EDUFS_HUGE_FILE_FL;
		blocks >>= sbi->geo.block_bits - 9;
	}
	raw->i_blocks_lo = cpu_to_le32((u32)blocks);
	if (sbi->features.ro_compat & EDUFS_RO_HUGE_FILE)
		raw->i_blocks_hi = cpu_to_le16(blocks >> 32);
	raw->i_file_acl_lo = cpu_to_le32((u32)ei->xattr_block);
	if (sbi->features.incompat & EDUFS_INCOMPAT_64BIT)
		raw->i_file_acl_hi = cpu_to_le16(ei->xattr_block >> 32);
}

/**
 * edufs_csum_inode_set - write an inode's checksum
 * @inode: the inode
 * @raw: it on disk, complete otherwise
 */
void edufs_csum_inode_set(struct inode *inode, struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	unsigned int size = sbi->geo.inode_size;
	u32 sum;

	if (!sbi->csum)
		return;
	sum = csum_inode(EDUFS_I(inode)->csum_seed, raw, size);
	raw->i_checksum_lo = cpu_to_le16(sum & 0xffff);
	if (csum_inode_has_hi(raw, size))
		raw->i_checksum_hi = cpu_to_le16(sum >> 16);
}

static void put(struct inode *inode, struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	u32 uid = i_uid_read(inode), gid = i_gid_read(inode);

	if (ei->fresh) {
		memset(raw, 0, sbi->geo.inode_size);
		if (sbi->geo.inode_size > EDUFS_GOOD_OLD_INODE)
			raw->i_extra_isize = cpu_to_le16(ei->extra_isize);
		ei->fresh = false;
	}
	raw->i_mode = cpu_to_le16(inode->i_mode);
	raw->i_uid_lo = cpu_to_le16(uid & 0xffff);
	raw->i_uid_hi = cpu_to_le16(uid >> 16);
	raw->i_gid_lo = cpu_to_le16(gid & 0xffff);
	raw->i_gid_hi = cpu_to_le16(gid >> 16);
	raw->i_links_count = cpu_to_le16(inode->i_nlink);
	raw->i_generation = cpu_to_le32(inode->i_generation);
	raw->i_dtime = cpu_to_le32(list_empty(&ei->orphan) ? ei->dtime : ei->next_orphan);
	put_times(inode, raw);
	put_counts(inode, raw);
	raw->i_flags = cpu_to_le32(ei->flags);
	memcpy(raw->i_block, ei->data, sizeof(ei->data));
	edufs_csum_inode_set(inode, raw);
}

/**
 * edufs_update_inode - write an inode to its block in the buffer cache
 * @inode: the inode
 * @wait: also to the disk
 *
 * Context: may sleep; inside edufs_start(); takes map_sem for reading.
 * Return: 0, -EIO, -EUCLEAN.
 */
int edufs_update_inode(struct inode *inode, bool wait)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct edufs_disk_inode *raw;
	struct buffer_head *bh;
	loff_t size;
	int err = 0;

	if (S_ISREG(inode->i_mode) && i_size_read(inode) > S32_MAX)
		edufs_need_feature(inode->i_sb, 0, EDUFS_RO_LARGE_FILE);
	bh = edufs_inode_block(inode->i_sb, inode->i_ino, &raw);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	down_read(&ei->map_sem);
	edufs_buffer_begin(inode->i_sb, bh);
	size = (u64)le32_to_cpu(raw->i_size_hi) << 32 | le32_to_cpu(raw->i_size_lo);
	put(inode, raw);
	edufs_buffer_end(inode->i_sb, bh);
	up_read(&ei->map_sem);
	edufs_note_tid(inode, !S_ISREG(inode->i_mode) || size != ei->disk_size);
	if (wait) {
		sync_dirty_buffer(bh);
		if (buffer_req(bh) && !buffer_uptodate(bh))
			err = -EIO;
	}
	brelse(bh);
	return err;
}

/**
 * edufs_dirty_inode - super_operations.dirty_inode
 * @inode: the inode, a field of which changed
 * @flags: I_DIRTY_*
 */
void edufs_dirty_inode(struct inode *inode, int flags)
{
	struct super_block *sb = inode->i_sb;

	/* Without a journal the inode is written when the VFS writes it. */
	if (!edufs_sbi(sb)->journal || flags == I_DIRTY_TIME)
		return;
	if (!edufs_start(sb, EDUFS_OP_INODE))
		edufs_stop(sb, edufs_update_inode(inode, false));
}

/**
 * edufs_write_inode - super_operations.write_inode
 * @inode: the inode
 * @wbc: why
 */
int edufs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	bool wait = wbc->sync_mode == WB_SYNC_ALL && !wbc->for_sync;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (edufs_sbi(inode->i_sb)->journal) {
		/* It is in its transaction; inside of one nobody waits for it. */
		if (!wait || WARN_ON_ONCE(current->journal_info))
			return 0;
		return edufs_commit_inode(inode, false);
	}
	/* For a whole sync, the block device is synced after all inodes. */
	return edufs_update_inode(inode, wait);
}

static int finish(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct super_block *sb = inode->i_sb;
	int err = 0;

	inode->i_size = 0;
	ei->disk_size = 0;
	if (has_map(inode))
		err = edufs_map_remove(inode, 0, EDUFS_MAX_LBLK);
	if (!err)
		err = edufs_start(sb, EDUFS_OP_FREE_INODE);
	if (err)
		return err;
	edufs_xattr_drop_block(inode);
	err = edufs_orphan_del(inode);
	if (err)
		return edufs_stop(sb, err);
	ei->dtime = max_t(u32, ktime_get_real_seconds(), 1);
	err = edufs_update_inode(inode, false);
	if (!err)
		edufs_free_inode_number(inode);
	return edufs_stop(sb, err);
}

/**
 * edufs_evict_inode - super_operations.evict_inode
 * @inode: the inode, which nobody refers to any more
 */
void edufs_evict_inode(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct super_block *sb = inode->i_sb;

	/* What is only in the journal: nobody will know where it belongs. */
	if (edufs_journals_data(inode) && inode->i_nlink && !edufs_stopped(sb) &&
	    !is_bad_inode(inode) && !WARN_ON_ONCE(current->journal_info))
		edufs_data_settle(inode, 0, LLONG_MAX);
	truncate_inode_pages_final(&inode->i_data);
	if (!is_bad_inode(inode)) {
		if (has_map(inode))
			edufs_undelay(inode, 0, U64_MAX);
		if (!inode->i_nlink && !edufs_stopped(sb) &&
		    (!sb_rdonly(sb) || edufs_sbi(sb)->ending_orphans)) {
			sb_start_intwrite(sb);
			finish(inode);
			sb_end_intwrite(sb);
		}
		edufs_drop_window(inode);
	}
	/* One that could not be ended stays on the list on disk, for e2fsck. */
	mutex_lock(&edufs_sbi(sb)->orphan_lock);
	list_del_init(&ei->orphan);
	mutex_unlock(&edufs_sbi(sb)->orphan_lock);
	clear_inode(inode);
}

/**
 * edufs_max_size - how long a file may become
 * @inode: the file
 *
 * Return: the bytes that its map reaches.
 */
loff_t edufs_max_size(struct inode *inode)
{
	unsigned int bits = inode->i_blkbits - 2;
	u64 blocks;

	if (EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL)
		return inode->i_sb->s_maxbytes;
	blocks = EDUFS_NDIR_BLOCKS + (1ULL << bits) + (1ULL << 2 * bits) + (1ULL << 3 * bits);
	return min_t(u64, blocks << inode->i_blkbits, inode->i_sb->s_maxbytes);
}

/**
 * edufs_zero_tail - the end of a file will be further away
 * @inode: the file, locked
 * @from: where it is
 * @to: where it will be, or where a write behind it begins
 *
 * What lies behind the end must read as zeros from then on. A store through a
 * mapping may have left something in the last page: writeback takes that out,
 * also where a block was only reserved and iomap would not look. Where the last
 * block is on the disk, the zeros are there before a longer size can be.
 *
 * Return: 0, -ENOSPC, -EIO, -EUCLEAN.
 */
int edufs_zero_tail(struct inode *inode, loff_t from, loff_t to)
{
	struct edufs_map map = { .m_lblk = from >> inode->i_blkbits, .m_len = 1 };
	int err = 0;

	if (edufs_journals_data(inode))
		return edufs_data_zero(inode, from, round_up(from, PAGE_SIZE) - from);
	if (mapping_writably_mapped(inode->i_mapping) && from)
		err = filemap_write_and_wait_range(inode->i_mapping, from - 1, from - 1);
	err = err ?: edufs_zero_range(inode, from, to - from);
	if (err || !(from & (inode->i_sb->s_blocksize - 1)))
		return err;
	err = edufs_map_blocks(inode, &map);
	if (!err && map.m_flags == EDUFS_MAP_MAPPED)
		err = filemap_write_and_wait_range(inode->i_mapping, from, from);
	return err;
}

/**
 * edufs_set_size - a file has this size now, in memory and when it is next written
 * @inode: the file, locked
 * @size: its size
 *
 * Context: takes map_sem: writeback of other pages may just be raising the latter.
 */
void edufs_set_size(struct inode *inode, loff_t size)
{
	i_size_write(inode, size);
	edufs_map_lock(EDUFS_I(inode));
	EDUFS_I(inode)->disk_size = size;
	edufs_map_unlock(EDUFS_I(inode));
}

static int grow(struct inode *inode, loff_t size)
{
	loff_t old = inode->i_size;
	int err = edufs_zero_tail(inode, old, size);

	if (err)
		return err;
	edufs_set_size(inode, size);
	pagecache_isize_extended(inode, old, size);
	return 0;
}

/* Rule 3, up to where the blocks go. */
static int cut(struct inode *inode, loff_t size)
{
	struct super_block *sb = inode->i_sb;
	int err;

	err = edu_iomap_truncate_page(inode, size, &edufs_iomap_ops, &edufs_iomap_valid_ops);
	if (err)
		return err;
	truncate_setsize(inode, size);
	edufs_undelay(inode, round_up(size, sb->s_blocksize) >> inode->i_blkbits, U64_MAX);
	err = edufs_start(sb, EDUFS_OP_ORPHAN);
	if (err)
		return err;
	edufs_set_size(inode, size);
	edufs_note_tid(inode, true);
	err = edufs_update_inode(inode, false);
	return edufs_stop(sb, err ?: edufs_orphan_add(inode));
}

static int shrink(struct inode *inode, loff_t size)
{
	struct super_block *sb = inode->i_sb;
	u64 first = round_up(size, sb->s_blocksize) >> inode->i_blkbits;
	int err, last;

	err = edufs_journals_data(inode) ? edufs_data_cut(inode, size) : cut(inode, size);
	if (err)
		return err;
	err = edufs_map_remove(inode, first, EDUFS_MAX_LBLK);
	if (!inode->i_nlink)
		return err;
	last = edufs_start(sb, EDUFS_OP_ORPHAN);
	if (!last)
		last = edufs_stop(sb, edufs_orphan_del(inode));
	return err ?: last;
}

static int set_size(struct inode *inode, loff_t size)
{
	int err;

	if (size > edufs_max_size(inode))
		return -EFBIG;
	inode_dio_wait(inode);
	filemap_invalidate_lock(inode->i_mapping);
	err = size > inode->i_size ? grow(inode, size) : shrink(inode, size);
	filemap_invalidate_unlock(inode->i_mapping);
	return err;
}

/**
 * edufs_setattr - inode_operations.setattr
 * @idmap: the mount's map of ids
 * @dentry: the file, locked
 * @attr: what is to change
 *
 * Return: 0; -EROFS, -EPERM, -EFBIG, -ENOSPC, -EIO, -EUCLEAN.
 */
int edufs_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	err = setattr_prepare(idmap, dentry, attr);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE && S_ISREG(inode->i_mode)) {
		loff_t old = inode->i_size;

		err = set_size(inode, attr->ia_size);
		if (err)
			return err;
		if (attr->ia_size != old)
			attr->ia_valid |= ATTR_MTIME | ATTR_CTIME;
	}
	setattr_copy(idmap, inode, attr);
	mark_inode_dirty(inode);
	if (attr->ia_valid & ATTR_MODE)
		err = posix_acl_chmod(idmap, dentry, inode->i_mode);
	if (!err && IS_SYNC(inode))
		err = filemap_write_and_wait(inode->i_mapping) ?:
			sync_inode_metadata(inode, 1);
	return err;
}
