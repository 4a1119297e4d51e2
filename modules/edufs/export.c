// SPDX-License-Identifier: GPL-2.0
/* File handles, for NFS and open_by_handle_at(2): inode and generation. */
#include <linux/exportfs.h>
#include <linux/fs.h>

#include "edufs.h"

static struct inode *get_inode(struct super_block *sb, u64 ino, u32 generation)
{
	const struct edufs_geometry *geo = &edufs_sbi(sb)->geo;
	struct inode *inode;

	/* A handle comes from outside: nonsense in it is no damage. */
	if ((ino != EDUFS_ROOT_INO && ino < geo->first_ino) || ino > geo->inodes)
		return ERR_PTR(-ESTALE);
	inode = edufs_iget(sb, ino);
	if (IS_ERR(inode))
		return inode;
	if (generation && inode->i_generation != generation) {
		iput(inode);
		return ERR_PTR(-ESTALE);
	}
	return inode;
}

static struct dentry *edufs_fh_to_dentry(struct super_block *sb, struct fid *fid,
					 int len, int type)
{
	return generic_fh_to_dentry(sb, fid, len, type, get_inode);
}

static struct dentry *edufs_fh_to_parent(struct super_block *sb, struct fid *fid,
					 int len, int type)
{
	return generic_fh_to_parent(sb, fid, len, type, get_inode);
}

static struct dentry *edufs_get_parent(struct dentry *child)
{
	struct inode *dir = d_inode(child);
	u32 ino;
	int found = edufs_dir_find(dir, &dotdot_name, &ino);

	if (found < 0)
		return ERR_PTR(found);
	if (!found)
		return ERR_PTR(edufs_corrupt(dir->i_sb, dir->i_ino, 0, "no \"..\""));
	return d_obtain_alias(edufs_iget(dir->i_sb, ino));
}

const struct export_operations edufs_export_operations = {
	.encode_fh = generic_encode_ino32_fh,
	.fh_to_dentry = edufs_fh_to_dentry,
	.fh_to_parent = edufs_fh_to_parent,
	.get_parent = edufs_get_parent,
};
