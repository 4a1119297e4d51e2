/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_CSUM_H
#define _EDUFS_CSUM_H

#include "format.h"

struct inode;
struct super_block;

u32 csum_super(const struct edufs_super *raw);
u32 csum_uuid(const u8 uuid[16]);
u16 csum_desc_crc16(const u8 uuid[16], u32 group, const void *desc, unsigned int size);
u16 csum_desc_crc32c(u32 seed, u32 group, const void *desc, unsigned int size);
u32 csum_inode_seed(u32 seed, u32 ino, u32 generation);
u32 csum_inode(u32 inode_seed, const void *raw, unsigned int size);
bool csum_inode_has_hi(const struct edufs_disk_inode *raw, unsigned int size);
u32 csum_bitmap(u32 seed, const void *map, unsigned int bytes);
bool csum_bitmap_ok(u32 seed, const void *map, unsigned int bytes, u32 found, bool whole);

bool edufs_csum_extent_ok(struct inode *inode, const void *node, unsigned int size);
bool edufs_csum_leaf_ok(struct inode *dir, const void *block, unsigned int size);
bool edufs_csum_dx_ok(struct inode *dir, const void *block, unsigned int size,
		      unsigned int entries_at);
bool edufs_csum_xattr_ok(struct super_block *sb, u64 nr, const void *block,
			 unsigned int size);

void edufs_csum_extent_set(struct inode *inode, void *node);
void edufs_csum_leaf_set(struct inode *dir, void *block, unsigned int size);
void edufs_csum_dx_set(struct inode *dir, void *block, unsigned int entries_at);
void edufs_csum_xattr_set(struct super_block *sb, u64 nr, void *block, unsigned int size);

#endif /* _EDUFS_CSUM_H */
