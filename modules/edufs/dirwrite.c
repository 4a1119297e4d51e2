// SPDX-License-Identifier: GPL-2.0
/*
 * Directories, changed: a name goes in, goes out, or leads elsewhere.
 *
 * The rules, in the order they apply:
 *  1. With an index, a name goes where its hash says (hinsert.c). Without, to the
 *     first block that has room.
 *  2. A directory whose one block is full gets an index, if the image may have
 *     any; else, and after that, one block more.
 *  3. A name that goes leaves its record's length to the one before it. Blocks
 *     are never given back, as in ext4.
 *  4. An index in an image that does not have that feature is out of date after
 *     the first change: the flag goes. As in ext2.
 */
#include <linux/buffer_head.h>

#include "csum.h"
#include "edufs.h"
#include "record.h"

/**
 * edufs_leaf_size - the bytes of a directory block that records may fill
 * @dir: the directory
 */
unsigned int edufs_leaf_size(struct inode *dir)
{
	unsigned int size = dir->i_sb->s_blocksize;

	return edufs_sbi(dir->i_sb)->csum ? size - sizeof(struct edufs_dir_tail) : size;
}

/**
 * edufs_leaf_begin - begin to change a directory block
 * @dir: the directory, inside edufs_start()
 * @bh: the block
 */
void edufs_leaf_begin(struct inode *dir, struct buffer_head *bh)
{
	edufs_buffer_begin(dir->i_sb, bh);
}

/* Does this block hold "." and "..", and so perhaps the index's root? */
static bool is_first(struct inode *dir, const struct buffer_head *bh)
{
	const struct edufs_dir_entry *dot = record_at(bh->b_data, 0);

	return le32_to_cpu(dot->inode) == dir->i_ino && dot->name_len == 1 &&
		dot->name[0] == '.';
}

/**
 * edufs_leaf_end - a directory block is as it shall be
 * @dir: the directory
 * @bh: the block of edufs_leaf_begin()
 */
void edufs_leaf_end(struct inode *dir, struct buffer_head *bh)
{
	if (edufs_dir_has_index(dir) && is_first(dir, bh))
		edufs_csum_dx_set(dir, bh->b_data,
				  EDUFS_DX_INFO_OFFSET + sizeof(struct edufs_dx_info));
	else
		edufs_csum_leaf_set(dir, bh->b_data, bh->b_size);
	edufs_buffer_end(dir->i_sb, bh);
}

static unsigned int type_of(struct super_block *sb, umode_t mode)
{
	if (!(edufs_sbi(sb)->features.incompat & EDUFS_INCOMPAT_FILETYPE))
		return 0;
	return fs_umode_to_ftype(mode);
}

/**
 * edufs_leaf_insert - put a name into a block of records
 * @dir: the directory
 * @bh: the block
 * @name: the name
 * @ino: where it leads
 * @mode: what that is
 *
 * Return: 0, -ENOSPC, -EUCLEAN.
 */
int edufs_leaf_insert(struct inode *dir, struct buffer_head *bh, const struct qstr *name,
		      u32 ino, umode_t mode)
{
	int at;

	edufs_leaf_begin(dir, bh);
	at = record_insert(bh->b_data, edufs_leaf_size(dir), edufs_sbi(dir->i_sb)->geo.inodes,
			   name->name, name->len, ino, type_of(dir->i_sb, mode));
	if (at < 0) {
		unlock_buffer(bh);
		return at == -ENOSPC ? at :
			edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
				      "damaged record in directory block");
	}
	edufs_leaf_end(dir, bh);
	return 0;
}

/**
 * edufs_dir_append - make a directory one block longer
 * @dir: the directory, locked
 * @lblk: set to the block of it
 *
 * Context: may sleep.
 * Return: the block, zeroed, not dirty: the caller fills it; ERR_PTR of -ENOSPC,
 * -EROFS, -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_dir_append(struct inode *dir, u64 *lblk)
{
	struct super_block *sb = dir->i_sb;
	struct edufs_map map = { .m_lblk = dir->i_size >> dir->i_blkbits, .m_len = 1 };
	struct edufs_inode *ei = EDUFS_I(dir);
	struct buffer_head *bh;
	int err;

	if (dir->i_size + sb->s_blocksize > S32_MAX &&
	    !(edufs_sbi(sb)->features.incompat & EDUFS_INCOMPAT_LARGE_DIR))
		return ERR_PTR(-ENOSPC);
	edufs_map_lock(ei);
	err = edufs_map_lookup(dir, &map);
	/* Another system may have put a block behind the end. */
	if (!err && !map.m_flags)
		err = edufs_map_create(dir, &map, 0, false);
	edufs_map_unlock(ei);
	if (!err && map.m_flags != EDUFS_MAP_MAPPED)
		err = edufs_corrupt(sb, dir->i_ino, map.m_lblk, "unwritten block in a directory");
	if (err)
		return ERR_PTR(err);
	bh = sb_getblk(sb, map.m_pblk);
	if (!bh)
		return ERR_PTR(-ENOMEM);
	edufs_buffer_new(sb, bh);
	*lblk = map.m_lblk;
	i_size_write(dir, dir->i_size + sb->s_blocksize);
	mark_inode_dirty(dir);
	return bh;
}

static int append_with(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	struct buffer_head *bh;
	u64 lblk;
	int err;

	bh = edufs_dir_append(dir, &lblk);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	edufs_leaf_begin(dir, bh);
	record_init(bh->b_data, edufs_leaf_size(dir));
	edufs_leaf_end(dir, bh);
	err = edufs_leaf_insert(dir, bh, name, inode->i_ino, inode->i_mode);
	brelse(bh);
	return err;
}

/**
 * edufs_dir_add - put a name into a directory
 * @dir: the directory, locked
 * @name: the name, which is not there
 * @inode: where it leads
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC, -EOPNOTSUPP, -ENOMEM, -EROFS, -EIO, -EUCLEAN.
 */
int edufs_dir_add(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	u64 lblk, blocks = dir->i_size >> dir->i_blkbits;

	if (!name->len || name->len > EDUFS_NAME_LEN)
		return name->len ? -ENAMETOOLONG : -EINVAL;
	if (edufs_dir_has_index(dir))
		return edufs_htree_insert(dir, name, inode);
	EDUFS_I(dir)->flags &= ~EDUFS_INDEX_FL;		/* rule 4 */
	for (lblk = 0; lblk < blocks; lblk++) {
		struct buffer_head *bh = edufs_dir_block(dir, lblk);
		int err;

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		err = edufs_leaf_insert(dir, bh, name, inode->i_ino, inode->i_mode);
		if (err == -ENOSPC && blocks == 1 &&
		    edufs_sbi(dir->i_sb)->features.compat & EDUFS_COMPAT_DIR_INDEX) {
			err = edufs_htree_make(dir, bh, name, inode);
			brelse(bh);
			return err;
		}
		brelse(bh);
		if (err != -ENOSPC)
			return err;
	}
	return append_with(dir, name, inode);
}

static struct buffer_head *find_leading_to(struct inode *dir, const struct qstr *name,
					   struct inode *inode, unsigned int *at)
{
	struct buffer_head *bh = edufs_dir_find_record(dir, name, at);

	if (!bh)
		return ERR_PTR(-ENOENT);
	if (IS_ERR(bh) || !inode ||
	    le32_to_cpu(record_at(bh->b_data, *at)->inode) == inode->i_ino)
		return bh;
	brelse(bh);
	return ERR_PTR(-ENOENT);
}

/**
 * edufs_dir_remove - take a name out of a directory
 * @dir: the directory, locked
 * @name: the name
 * @inode: where it must lead
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EIO, -EUCLEAN.
 */
int edufs_dir_remove(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	unsigned int at;
	struct buffer_head *bh = find_leading_to(dir, name, inode, &at);

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	EDUFS_I(dir)->flags &= edufs_dir_has_index(dir) ? ~0 : ~EDUFS_INDEX_FL;
	edufs_leaf_begin(dir, bh);
	record_remove(bh->b_data, at);
	edufs_leaf_end(dir, bh);
	brelse(bh);
	return 0;
}

/**
 * edufs_dir_replace - let a name of a directory lead to another inode
 * @dir: the directory, locked
 * @name: the name, which is there; may be ".."
 * @inode: where it leads from now on
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EIO, -EUCLEAN.
 */
int edufs_dir_replace(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	unsigned int at;
	struct buffer_head *bh = find_leading_to(dir, name, NULL, &at);
	struct edufs_dir_entry *de;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	de = (void *)bh->b_data + at;
	edufs_leaf_begin(dir, bh);
	de->inode = cpu_to_le32(inode->i_ino);
	de->file_type = type_of(dir->i_sb, inode->i_mode);
	edufs_leaf_end(dir, bh);
	brelse(bh);
	return 0;
}

/**
 * edufs_dir_init - fill a new directory: itself and its parent
 * @dir: the new directory
 * @parent: where it will be
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC, -EROFS, -ENOMEM, -EIO.
 */
int edufs_dir_init(struct inode *dir, struct inode *parent)
{
	unsigned int size = edufs_leaf_size(dir), type = type_of(dir->i_sb, S_IFDIR);
	u32 inodes = edufs_sbi(dir->i_sb)->geo.inodes;
	struct buffer_head *bh;
	u64 lblk;

	bh = edufs_dir_append(dir, &lblk);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	edufs_leaf_begin(dir, bh);
	record_init(bh->b_data, size);
	record_insert(bh->b_data, size, inodes, ".", 1, dir->i_ino, type);
	record_insert(bh->b_data, size, inodes, "..", 2, parent->i_ino, type);
	edufs_leaf_end(dir, bh);
	brelse(bh);
	return 0;
}
