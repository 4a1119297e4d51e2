/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_GEOMETRY_H
#define _EDUFS_GEOMETRY_H

#include "feature.h"

/* What the superblock says about sizes and places, checked and in CPU order. */
struct edufs_geometry {
	unsigned int block_bits;	/* log2 of the block's bytes */
	unsigned int inode_size;	/* bytes of an inode on disk */
	unsigned int desc_size;		/* bytes of a group descriptor */
	u32 first_data_block;		/* first block of group 0 */
	u32 blocks_per_group;
	u32 inodes_per_group;
	u32 inodes;			/* in the whole filesystem */
	u32 first_ino;			/* first inode that is not reserved */
	u32 groups;
	u32 desc_blocks;		/* blocks full of descriptors */
	u32 table_blocks;		/* blocks of a group's inode table */
	u64 blocks;			/* in the whole filesystem */
};

const char *geometry_of(const struct edufs_super *raw,
			const struct edufs_features *f, struct edufs_geometry *geo);
bool geometry_has_super(const struct edufs_super *raw,
			const struct edufs_features *f, u32 group);
u64 geometry_desc_block(const struct edufs_super *raw, const struct edufs_features *f,
			const struct edufs_geometry *geo, u64 super_block, u32 nr);
u32 geometry_base_blocks(const struct edufs_super *raw, const struct edufs_features *f,
			 const struct edufs_geometry *geo, u32 group);
u64 geometry_overhead(const struct edufs_super *raw, const struct edufs_features *f,
		      const struct edufs_geometry *geo);

#endif /* _EDUFS_GEOMETRY_H */
