// SPDX-License-Identifier: GPL-2.0
/*
 * From an inode on disk to one of the VFS.
 *
 * The rules, in the order they apply:
 *  1. Inode n is number (n - 1) % inodes_per_group in the table of group
 *     (n - 1) / inodes_per_group. Only the root and what is not reserved may
 *     be named by a directory; the journal and the orphan file are the
 *     filesystem's own.
 *  2. i_extra_isize must fit, then the checksum must be right, before any other
 *     field means something.
 *  3. An inode without links is a stale file handle if it has no mode, and
 *     damage never: ESTALE.
 *  4. The upper bits of times, sizes and counts are there only if the inode or
 *     the feature that brought them is: 34 bits of seconds (to the year 2446)
 *     and 30 of nanoseconds behind i_extra_isize.
 *  5. A symlink whose inode owns no block is in i_block itself.
 *
 * Follows "memory, files", 16.1.
 */
#include <linux/buffer_head.h>
#include <linux/pagemap.h>
#include <linux/stat.h>
#include <edu/compat.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "trace.h"

/**
 * edufs_inode_block - read the block that an inode is in
 * @sb: the filesystem
 * @ino: the inode
 * @raw: set to the inode in the block
 *
 * Nothing of the inode is checked, except that there can be one.
 *
 * Context: may sleep.
 * Return: the block, which the caller releases; ERR_PTR of -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_inode_block(struct super_block *sb, u64 ino,
				      struct edufs_disk_inode **raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct buffer_head *bh;
	u64 at, block;

	if (!ino || ino > sbi->geo.inodes)
		return ERR_PTR(edufs_corrupt(sb, ino, 0, "inode out of range"));
	at = (ino - 1) % sbi->geo.inodes_per_group * sbi->geo.inode_size;
	block = edufs_group_table(sbi, edufs_group(sbi, (ino - 1) / sbi->geo.inodes_per_group)) +
		(at >> sbi->geo.block_bits);
	bh = sb_bread(sb, block);
	if (!bh)
		return ERR_PTR(-EIO);
	*raw = (void *)bh->b_data + (at & (bh->b_size - 1));
	return bh;
}

static const char *check(struct super_block *sb, u64 ino, const struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	unsigned int size = sbi->geo.inode_size, extra = 0;
	u32 sum, found;

	if (size > EDUFS_GOOD_OLD_INODE)
		extra = le16_to_cpu(raw->i_extra_isize);
	if (EDUFS_GOOD_OLD_INODE + extra > size || extra % 4)
		return "wrong i_extra_isize";
	if (!sbi->csum)
		return NULL;
	sum = csum_inode(csum_inode_seed(sbi->csum_seed, ino, le32_to_cpu(raw->i_generation)),
			 raw, size);
	found = le16_to_cpu(raw->i_checksum_lo);
	if (csum_inode_has_hi(raw, size))
		found |= (u32)le16_to_cpu(raw->i_checksum_hi) << 16;
	else
		sum &= 0xFFFF;
	return sum == found ? NULL : "wrong checksum of inode";
}

static bool has_field(const struct edufs_inode *ei, unsigned int end)
{
	return end <= EDUFS_GOOD_OLD_INODE + ei->extra_isize;
}

static struct timespec64 time_of(const struct edufs_inode *ei, __le32 seconds,
				 const __le32 *extra, unsigned int end)
{
	struct timespec64 ts = { .tv_sec = (s32)le32_to_cpu(seconds) };

	if (has_field(ei, end)) {
		u32 word = le32_to_cpu(*extra);

		ts.tv_sec += (u64)(word & 3) << 32;
		ts.tv_nsec = min_t(u32, word >> 2, NSEC_PER_SEC - 1);
	}
	return ts;
}

static void fill_times(struct inode *inode, const struct edufs_disk_inode *raw)
{
	struct edufs_inode *ei = EDUFS_I(inode);

	inode_set_atime_to_ts(inode,
			      time_of(ei, raw->i_atime, &raw->i_atime_extra,
				      offsetofend(struct edufs_disk_inode, i_atime_extra)));
	inode_set_mtime_to_ts(inode,
			      time_of(ei, raw->i_mtime, &raw->i_mtime_extra,
				      offsetofend(struct edufs_disk_inode, i_mtime_extra)));
	inode_set_ctime_to_ts(inode,
			      time_of(ei, raw->i_ctime, &raw->i_ctime_extra,
				      offsetofend(struct edufs_disk_inode, i_ctime_extra)));
	ei->crtime = (struct timespec64){};
	if (has_field(ei, offsetofend(struct edufs_disk_inode, i_crtime)))
		ei->crtime = time_of(ei, raw->i_crtime, &raw->i_crtime_extra,
				     offsetofend(struct edufs_disk_inode, i_crtime_extra));
}

/**
 * edufs_set_flags - let the VFS know of the flags that it acts on
 * @inode: the inode, whose own flags are set
 */
void edufs_set_flags(struct inode *inode)
{
	u32 flags = EDUFS_I(inode)->flags;
	unsigned int s = 0;

	s |= flags & EDUFS_SYNC_FL ? S_SYNC : 0;
	s |= flags & EDUFS_IMMUTABLE_FL ? S_IMMUTABLE : 0;
	s |= flags & EDUFS_APPEND_FL ? S_APPEND : 0;
	s |= flags & EDUFS_NOATIME_FL ? S_NOATIME : 0;
	s |= flags & EDUFS_DIRSYNC_FL ? S_DIRSYNC : 0;
	inode_set_flags(inode, s, S_SYNC | S_IMMUTABLE | S_APPEND | S_NOATIME | S_DIRSYNC);
}

static void fill_counts(struct inode *inode, const struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 size = le32_to_cpu(raw->i_size_lo), blocks = le32_to_cpu(raw->i_blocks_lo);

	if (S_ISREG(inode->i_mode) || sbi->features.incompat & EDUFS_INCOMPAT_LARGE_DIR)
		size |= (u64)le32_to_cpu(raw->i_size_hi) << 32;
	if (sbi->features.ro_compat & EDUFS_RO_HUGE_FILE) {
		blocks |= (u64)le16_to_cpu(raw->i_blocks_hi) << 32;
		if (ei->flags & EDUFS_HUGE_FILE_FL)
			blocks <<= sbi->geo.block_bits - 9;
	}
	inode->i_size = size;
	inode->i_blocks = blocks;
	ei->xattr_block = le32_to_cpu(raw->i_file_acl_lo);
	if (sbi->features.incompat & EDUFS_INCOMPAT_64BIT)
		ei->xattr_block |= (u64)le16_to_cpu(raw->i_file_acl_hi) << 32;
}

/* A long symlink's text is in a block, with room for its end. */
static const char *set_symlink(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	u64 own = inode->i_blocks;

	if (ei->xattr_block)
		own -= min_t(u64, own, inode->i_sb->s_blocksize >> 9);
	if (own) {
		if (inode->i_size >= inode->i_sb->s_blocksize)
			return "symlink is too long";
		inode->i_op = &edufs_symlink_inode_operations;
		return NULL;
	}
	if (!inode->i_size || inode->i_size >= sizeof(ei->data) ||
	    strnlen((char *)ei->data, sizeof(ei->data)) != inode->i_size)
		return "wrong length of symlink";
	inode->i_op = &edufs_fast_symlink_inode_operations;
	inode->i_link = (char *)ei->data;
	return NULL;
}

/* The journal's own blocks are not journalled. */
static void set_mapping(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);

	if (sbi->opts & EDUFS_OPT_DATA_JOURNAL &&
	    inode->i_ino != le32_to_cpu(sbi->raw->s_journal_inum)) {
		inode->i_mapping->a_ops = &edufs_data_aops;
	} else {
		inode->i_mapping->a_ops = &edufs_aops;
		mapping_set_large_folios(inode->i_mapping);
	}
}

/**
 * edufs_set_operations - set an inode's tables of operations by its type
 * @inode: the inode, filled in otherwise
 *
 * Return: NULL, or what is wrong with it.
 */
const char *edufs_set_operations(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);

	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &edufs_file_inode_operations;
		inode->i_fop = &edufs_file_operations;
		set_mapping(inode);
		return NULL;
	case S_IFDIR:
		if (inode->i_size & (inode->i_sb->s_blocksize - 1) || !inode->i_size)
			return "wrong size of directory";
		inode->i_op = &edufs_dir_inode_operations;
		inode->i_fop = &edufs_dir_operations;
		return NULL;
	case S_IFLNK:
		return set_symlink(inode);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		inode->i_op = &edufs_special_inode_operations;
		if (ei->data[0])
			init_special_inode(inode, inode->i_mode,
					   old_decode_dev(le32_to_cpu(ei->data[0])));
		else
			init_special_inode(inode, inode->i_mode,
					   new_decode_dev(le32_to_cpu(ei->data[1])));
		return NULL;
	}
	return "wrong file type";
}

static int fill(struct inode *inode, const struct edufs_disk_inode *raw)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct edufs_inode *ei = EDUFS_I(inode);
	const char *why = NULL;

	inode->i_mode = le16_to_cpu(raw->i_mode);
	/* Without a name, but not ended: a crash left it on the orphan list. */
	if (!raw->i_links_count && !(sbi->ending_orphans && inode->i_mode))
		return -ESTALE;
	set_nlink(inode, le16_to_cpu(raw->i_links_count));
	i_uid_write(inode, le16_to_cpu(raw->i_uid_lo) |
		    (u32)le16_to_cpu(raw->i_uid_hi) << 16);
	i_gid_write(inode, le16_to_cpu(raw->i_gid_lo) |
		    (u32)le16_to_cpu(raw->i_gid_hi) << 16);
	inode->i_generation = le32_to_cpu(raw->i_generation);
	memcpy(ei->data, raw->i_block, sizeof(ei->data));
	ei->flags = le32_to_cpu(raw->i_flags);
	ei->extra_isize = sbi->geo.inode_size > EDUFS_GOOD_OLD_INODE ?
		le16_to_cpu(raw->i_extra_isize) : 0;
	ei->csum_seed = csum_inode_seed(sbi->csum_seed, inode->i_ino, inode->i_generation);
	fill_times(inode, raw);
	fill_counts(inode, raw);
	ei->disk_size = inode->i_size;
	edufs_first_tid(inode);
	edufs_set_flags(inode);

	if (inode->i_size < 0 || inode->i_size > inode->i_sb->s_maxbytes)
		why = "size out of range";
	else if (ei->flags & (EDUFS_INLINE_DATA_FL | EDUFS_ENCRYPT_FL |
			      EDUFS_EA_INODE_FL | EDUFS_CASEFOLD_FL))
		why = "flag of a feature that the filesystem does not have";
	else if (ei->xattr_block && !edufs_block_valid(inode->i_sb, ei->xattr_block, 1))
		why = "attribute block out of range";
	else if (ei->flags & EDUFS_EXTENTS_FL &&
		 !(sbi->features.incompat & EDUFS_INCOMPAT_EXTENT))
		why = "extents in a filesystem without them";
	else
		why = edufs_set_operations(inode);
	if (!why && ei->flags & EDUFS_EXTENTS_FL && !inode->i_link)
		why = extent_check_node(ei->data, sizeof(ei->data), -1, 0, EDUFS_MAX_LBLK);
	return why ? edufs_corrupt(inode->i_sb, inode->i_ino, 0, "%s", why) : 0;
}

/**
 * edufs_iget_special - the VFS inode of any number
 * @sb: the filesystem
 * @ino: the inode's number; it may be reserved
 *
 * Context: may sleep.
 * Return: as edufs_iget().
 */
struct inode *edufs_iget_special(struct super_block *sb, u64 ino)
{
	struct inode *inode = iget_locked(sb, ino);
	struct edufs_disk_inode *raw;
	struct buffer_head *bh;
	const char *why;
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!edu_inode_is_new(inode))
		return inode;
	edufs_count(EDUFS_STAT_INODES);
	trace_edufs_load_inode(sb, ino);
	bh = edufs_inode_block(sb, ino, &raw);
	if (IS_ERR(bh)) {
		iget_failed(inode);
		return ERR_CAST(bh);
	}
	why = check(sb, ino, raw);
	err = why ? edufs_corrupt(sb, ino, bh->b_blocknr, "%s", why) : fill(inode, raw);
	brelse(bh);
	if (err) {
		iget_failed(inode);
		return ERR_PTR(err);
	}
	unlock_new_inode(inode);
	return inode;
}

/**
 * edufs_iget - the VFS inode of a number that a name, or a file handle, leads to
 * @sb: the filesystem
 * @ino: the inode's number
 *
 * Context: may sleep.
 * Return: a referenced inode; ERR_PTR of -ENOMEM, -EIO, -ESTALE (a free inode)
 * or -EUCLEAN.
 */
struct inode *edufs_iget(struct super_block *sb, u64 ino)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	if ((ino != EDUFS_ROOT_INO && ino < sbi->geo.first_ino) ||
	    ino == le32_to_cpu(sbi->raw->s_journal_inum) ||
	    (sbi->features.compat & EDUFS_COMPAT_ORPHAN_FILE &&
	     ino == le32_to_cpu(sbi->raw->s_orphan_file_inum)))
		return ERR_PTR(edufs_corrupt(sb, ino, 0, "inode out of range"));
	return edufs_iget_special(sb, ino);
}

/**
 * edufs_getattr - inode_operations.getattr: adds birth time and flags
 * @idmap: the mount's map of ids
 * @path: the file
 * @stat: filled in
 * @mask: STATX_* that are wanted
 * @flags: AT_STATX_*
 *
 * Return: 0.
 */
int edufs_getattr(struct mnt_idmap *idmap, const struct path *path,
		  struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct edufs_inode *ei = EDUFS_I(inode);

	if (mask & STATX_BTIME &&
	    has_field(ei, offsetofend(struct edufs_disk_inode, i_crtime))) {
		stat->result_mask |= STATX_BTIME;
		stat->btime = ei->crtime;
	}
	stat->attributes |= ei->flags & EDUFS_IMMUTABLE_FL ? STATX_ATTR_IMMUTABLE : 0;
	stat->attributes |= ei->flags & EDUFS_APPEND_FL ? STATX_ATTR_APPEND : 0;
	stat->attributes |= ei->flags & EDUFS_NODUMP_FL ? STATX_ATTR_NODUMP : 0;
	stat->attributes_mask |= STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP;
	generic_fillattr(idmap, mask, inode, stat);
	/* What is only in memory yet will have blocks. */
	stat->blocks += READ_ONCE(ei->delayed.sum) << (inode->i_blkbits - 9);
	return 0;
}
