// SPDX-License-Identifier: GPL-2.0
/*
 * Directories: finding a name, and listing them all.
 *
 * The rules, in the order they apply:
 *  1. A directory is a file of records, none of which crosses a block. The
 *     last record of a block reaches to its end (or to the block's checksum,
 *     which dresses as a record without an inode).
 *  2. A name is looked for through the index if there is one (htree.c), else
 *     block by block.
 *  3. A directory with an index, or that will get one when its first block is
 *     full, is listed in the order of hashes (hlist.c). Any other goes block by
 *     block: the position is the byte in the directory; one that is no longer the
 *     start of a record goes on with the next that is, for it is found from the
 *     start of its block.
 */
#include <linux/buffer_head.h>
#include <linux/filelock.h>
#include <linux/fs.h>

#include "csum.h"
#include "edufs.h"
#include "record.h"

/**
 * edufs_dir_bread - read a block of a directory, unchecked
 * @dir: the directory
 * @lblk: the block of it
 *
 * Context: may sleep.
 * Return: the block; ERR_PTR of -EIO, -EUCLEAN (a hole, too).
 */
struct buffer_head *edufs_dir_bread(struct inode *dir, u64 lblk)
{
	struct edufs_map map = { .m_lblk = lblk, .m_len = 1 };
	struct buffer_head *bh;
	int err;

	if (lblk >= dir->i_size >> dir->i_blkbits)
		return ERR_PTR(edufs_corrupt(dir->i_sb, dir->i_ino, lblk,
					     "block beyond the end of the directory"));
	err = edufs_map_blocks(dir, &map);
	if (err)
		return ERR_PTR(err);
	if (map.m_flags != EDUFS_MAP_MAPPED)
		return ERR_PTR(edufs_corrupt(dir->i_sb, dir->i_ino, lblk,
					     "hole in a directory"));
	edufs_count(EDUFS_STAT_DIR_BLOCKS);
	bh = sb_bread(dir->i_sb, map.m_pblk);
	return bh ?: ERR_PTR(-EIO);
}

/**
 * edufs_dir_has_index - does a directory have an index that edufs knows of?
 * @dir: the directory
 */
bool edufs_dir_has_index(struct inode *dir)
{
	return edufs_sbi(dir->i_sb)->features.compat & EDUFS_COMPAT_DIR_INDEX &&
		EDUFS_I(dir)->flags & EDUFS_INDEX_FL;
}

/**
 * edufs_dir_block - read a block of a directory, of records or of the index
 * @dir: the directory
 * @lblk: the block of it
 *
 * Context: may sleep.
 * Return: the block, its checksum and, of the index, its form checked; ERR_PTR of
 * -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_dir_block(struct inode *dir, u64 lblk)
{
	struct buffer_head *bh = edufs_dir_bread(dir, lblk);
	const struct edufs_dir_entry *first;
	int err = 0;
	bool bare;

	if (IS_ERR(bh))
		return bh;
	first = record_at(bh->b_data, 0);
	bare = !first->inode && le16_to_cpu(first->rec_len) == bh->b_size;
	if (edufs_dir_has_index(dir) && !lblk)
		err = edufs_htree_check(dir, bh, lblk);
	else if (edufs_dir_has_index(dir) && bare)
		/* A node; without checksums perhaps a leaf that was emptied. No names in either. */
		err = edufs_sbi(dir->i_sb)->csum ? edufs_htree_check(dir, bh, lblk) : 0;
	else if (!edufs_csum_leaf_ok(dir, bh->b_data, bh->b_size))
		err = edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
				    "wrong checksum of directory block");
	if (!err)
		return bh;
	brelse(bh);
	return ERR_PTR(err);
}

/**
 * edufs_record - the record at a place of a directory block
 * @dir: the directory
 * @bh: the block
 * @at: the place
 *
 * Return: the record, checked; ERR_PTR of -EUCLEAN.
 */
const struct edufs_dir_entry *edufs_record(struct inode *dir, struct buffer_head *bh,
					   unsigned int at)
{
	u32 inodes = edufs_sbi(dir->i_sb)->geo.inodes;
	const char *why = record_check(bh->b_data, bh->b_size, at, inodes);

	if (!why)
		return record_at(bh->b_data, at);
	return ERR_PTR(edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
				     "offset %u: %s", at, why));
}

/**
 * edufs_record_type - what a record leads to, as readdir(3) says it
 * @dir: the directory
 * @de: the record
 */
unsigned int edufs_record_type(struct inode *dir, const struct edufs_dir_entry *de)
{
	if (!(edufs_sbi(dir->i_sb)->features.incompat & EDUFS_INCOMPAT_FILETYPE))
		return DT_UNKNOWN;
	return fs_ftype_to_dtype(de->file_type);
}

/**
 * edufs_leaf_find - look for a name in a block of records
 * @dir: the directory
 * @bh: the block
 * @name: the name
 * @at: set to where its record is, if it is found
 *
 * Return: 1 found, 0 not there, -EUCLEAN.
 */
int edufs_leaf_find(struct inode *dir, struct buffer_head *bh,
		    const struct qstr *name, unsigned int *at)
{
	const struct edufs_dir_entry *de;

	for (*at = 0; *at < bh->b_size; *at += le16_to_cpu(de->rec_len)) {
		de = edufs_record(dir, bh, *at);
		if (IS_ERR(de))
			return PTR_ERR(de);
		if (de->inode && de->name_len == name->len &&
		    !memcmp(de->name, name->name, name->len))
			return 1;
	}
	return 0;
}

/**
 * edufs_dir_find_record - look for a name in a directory
 * @dir: the directory, locked at least shared
 * @name: the name
 * @at: set to where its record is in the block
 *
 * Context: may sleep.
 * Return: the block, which the caller releases; NULL if the name is not there;
 * ERR_PTR of -ENAMETOOLONG, -EINTR, -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_dir_find_record(struct inode *dir, const struct qstr *name,
					  unsigned int *at)
{
	u64 lblk, blocks = dir->i_size >> dir->i_blkbits;
	struct buffer_head *bh;

	if (name->len > EDUFS_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	edufs_count(EDUFS_STAT_LOOKUPS);
	/* The index does not file "." and "..": they are in the first block. */
	if (edufs_dir_has_index(dir) &&
	    !(name->len <= 2 && !memcmp(name->name, "..", name->len))) {
		bh = edufs_htree_find(dir, name, at);
		if (bh != ERR_PTR(-EOPNOTSUPP))
			return bh;
	}
	for (lblk = 0; lblk < blocks; lblk++) {
		int ret;

		bh = edufs_dir_block(dir, lblk);
		if (IS_ERR(bh))
			return bh;
		ret = edufs_leaf_find(dir, bh, name, at);
		if (ret > 0)
			return bh;
		brelse(bh);
		if (ret)
			return ERR_PTR(ret);
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
	}
	return NULL;
}

/**
 * edufs_dir_find - the inode number that a name in a directory leads to
 * @dir: the directory, locked at least shared
 * @name: the name
 * @ino: set if it is found
 *
 * Context: may sleep.
 * Return: 1 found, 0 not there, or as edufs_dir_find_record().
 */
int edufs_dir_find(struct inode *dir, const struct qstr *name, u32 *ino)
{
	unsigned int at;
	struct buffer_head *bh = edufs_dir_find_record(dir, name, &at);

	if (IS_ERR_OR_NULL(bh))
		return PTR_ERR_OR_ZERO(bh);
	*ino = le32_to_cpu(record_at(bh->b_data, at)->inode);
	brelse(bh);
	return 1;
}

static int emit_block(struct file *file, struct dir_context *ctx,
		      struct buffer_head *bh, u64 base)
{
	struct inode *dir = file_inode(file);
	const struct edufs_dir_entry *de;
	unsigned int at;

	for (at = 0; at < bh->b_size; at += le16_to_cpu(de->rec_len)) {
		de = edufs_record(dir, bh, at);
		if (IS_ERR(de))
			return PTR_ERR(de);
		if (base + at < ctx->pos)
			continue;
		ctx->pos = base + at;
		if (de->inode && !dir_emit(ctx, de->name, de->name_len,
					   le32_to_cpu(de->inode), edufs_record_type(dir, de)))
			return 1;
	}
	ctx->pos = base + bh->b_size;
	return 0;
}

static int edufs_iterate(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);

	if (edufs_lists_by_hash(dir)) {
		int err = edufs_list_by_hash(file, ctx);

		if (err != -EOPNOTSUPP)
			return err;
	}
	while (ctx->pos < dir->i_size) {
		u64 lblk = (u64)ctx->pos >> dir->i_blkbits;
		struct buffer_head *bh;
		int ret;

		if (fatal_signal_pending(current))
			return -EINTR;
		bh = edufs_dir_block(dir, lblk);
		if (IS_ERR(bh))
			return PTR_ERR(bh);
		ret = emit_block(file, ctx, bh, lblk << dir->i_blkbits);
		brelse(bh);
		if (ret)
			return ret < 0 ? ret : 0;
	}
	return 0;
}

/* The positions of a listing by hash are no places in the file. */
static loff_t edufs_dir_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence, 1ULL << 48,
					i_size_read(file_inode(file)));
}

/**
 * edufs_dir_empty - is nothing in a directory but itself and its parent?
 * @dir: the directory, locked
 *
 * Context: may sleep.
 * Return: 1 empty, 0 not, -EIO, -EUCLEAN.
 */
int edufs_dir_empty(struct inode *dir)
{
	u64 lblk, blocks = dir->i_size >> dir->i_blkbits;

	for (lblk = 0; lblk < blocks; lblk++) {
		struct buffer_head *bh = edufs_dir_block(dir, lblk);
		const struct edufs_dir_entry *de;
		unsigned int at;
		int ret = 1;

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		for (at = 0; ret > 0 && at < bh->b_size; at += le16_to_cpu(de->rec_len)) {
			de = edufs_record(dir, bh, at);
			if (IS_ERR(de)) {
				ret = PTR_ERR(de);
				break;
			}
			if (de->inode && !(de->name_len <= 2 &&
					   !memcmp(de->name, "..", de->name_len)))
				ret = 0;
		}
		brelse(bh);
		if (ret <= 0)
			return ret;
	}
	return 1;
}

const struct file_operations edufs_dir_operations = {
	.llseek = edufs_dir_llseek,
	.read = generic_read_dir,
	.iterate_shared = edufs_iterate,
	.fsync = edufs_fsync,
	.unlocked_ioctl = edufs_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.setlease = generic_setlease,
};
