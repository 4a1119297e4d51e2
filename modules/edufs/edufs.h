/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of edufs share; their order and locks are told in main.c. */
#ifndef _EDUFS_H
#define _EDUFS_H

#include <linux/bug.h>
#include <linux/fs.h>
#include <linux/types.h>

#include "geometry.h"
#include "stats.h"

struct buffer_head;
struct iomap_ops;

/* A mounted filesystem. Nothing of it changes after the mount but opts. */
struct edufs_sb_info {
	struct edufs_geometry geo;
	struct edufs_features features;
	struct buffer_head *super_bh;	/* holds raw */
	const struct edufs_super *raw;
	u64 super_block;		/* where raw was read from */
	struct buffer_head **desc_bh;	/* geo.desc_blocks of them */
	bool csum;			/* metadata_csum */
	u32 csum_seed;
	u32 hash_seed[4];
	unsigned int hash_unsigned;	/* added to the hash's kind: 0 or 3 */
	u64 overhead;
	unsigned int opts;
	u32 opt_sb;			/* the sb= option, in units of 1 KiB */
};

#define EDUFS_OPT_ACL		0x1
#define EDUFS_OPT_USER_XATTR	0x2
#define EDUFS_OPT_MINIXDF	0x4

struct edufs_inode {
	__le32 data[EDUFS_N_BLOCKS];	/* i_block: map, symlink or device */
	u32 flags;
	u32 csum_seed;
	u64 xattr_block;
	unsigned int extra_isize;
	struct timespec64 crtime;	/* 0 if the inode has no room for it */
	struct inode vfs_inode;
};

static inline struct edufs_inode *EDUFS_I(struct inode *inode)
{
	return container_of(inode, struct edufs_inode, vfs_inode);
}

static inline struct edufs_sb_info *edufs_sbi(struct super_block *sb)
{
	return sb->s_fs_info;
}

/* A piece of a file: m_len blocks from m_lblk on lie at m_pblk, or nowhere. */
struct edufs_map {
	u64 m_lblk;
	u64 m_pblk;
	unsigned int m_len;
	unsigned int m_flags;	/* 0 is a hole */
};

#define EDUFS_MAP_MAPPED	0x1
#define EDUFS_MAP_UNWRITTEN	0x2

/* Do @count blocks from @block on lie behind the first superblock and in the filesystem? */
static inline bool edufs_block_valid(struct super_block *sb, u64 block, u64 count)
{
	const struct edufs_geometry *geo = &edufs_sbi(sb)->geo;

	return block > geo->first_data_block && block < geo->blocks &&
		count <= geo->blocks - block;
}

__printf(4, 5)
int edufs_corrupt(struct super_block *sb, u64 ino, u64 block, const char *fmt, ...);

int edufs_fill_super(struct super_block *sb, bool silent);

int edufs_groups_load(struct super_block *sb);
void edufs_groups_release(struct edufs_sb_info *sbi);
const struct edufs_group_desc *edufs_group(struct edufs_sb_info *sbi, u32 group);
u64 edufs_group_table(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc);
u64 edufs_groups_free_blocks(struct edufs_sb_info *sbi);
u64 edufs_groups_free_inodes(struct edufs_sb_info *sbi);

struct inode *edufs_iget(struct super_block *sb, u64 ino);
struct buffer_head *edufs_inode_read(struct super_block *sb, u64 ino,
				     struct edufs_disk_inode **raw);
int edufs_getattr(struct mnt_idmap *idmap, const struct path *path,
		  struct kstat *stat, u32 mask, unsigned int flags);

int edufs_map_blocks(struct inode *inode, struct edufs_map *map);
struct buffer_head *edufs_dir_bread(struct inode *dir, u64 lblk);
int edufs_dir_find(struct inode *dir, const struct qstr *name, u32 *ino);
int edufs_leaf_find(struct inode *dir, struct buffer_head *bh,
		    const struct qstr *name, u32 *ino);
int edufs_htree_find(struct inode *dir, const struct qstr *name, u32 *ino);
int edufs_htree_check(struct inode *dir, struct buffer_head *bh, u64 lblk);

int edufs_xattr_get(struct inode *inode, int index, const char *name,
		    void *buffer, size_t size);
ssize_t edufs_listxattr(struct dentry *dentry, char *buffer, size_t size);

#ifdef CONFIG_FS_POSIX_ACL
struct posix_acl *edufs_get_acl(struct inode *inode, int type, bool rcu);
#else
#define edufs_get_acl NULL
#endif

extern const struct iomap_ops edufs_iomap_ops;
extern const struct address_space_operations edufs_aops;
extern const struct file_operations edufs_file_operations;
extern const struct file_operations edufs_dir_operations;
extern const struct inode_operations edufs_file_inode_operations;
extern const struct inode_operations edufs_dir_inode_operations;
extern const struct inode_operations edufs_special_inode_operations;
extern const struct inode_operations edufs_symlink_inode_operations;
extern const struct inode_operations edufs_fast_symlink_inode_operations;
extern const struct xattr_handler * const edufs_xattr_handlers[];
extern const struct export_operations edufs_export_operations;
extern struct kmem_cache *edufs_inode_cache;

#endif /* _EDUFS_H */
