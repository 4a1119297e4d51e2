/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_INDIRECT_H
#define _EDUFS_INDIRECT_H

#include <linux/types.h>

struct inode;
struct edufs_map;

/* The way from i_block to a block: one index a level, outermost first. */
struct indirect_path {
	int depth;		/* 1 direct ... 4 triple indirect */
	u32 index[4];
};

int indirect_path_of(u64 lblk, unsigned int bits, struct indirect_path *path);
u64 indirect_span(const struct indirect_path *path, int level, unsigned int bits);
int indirect_map(struct inode *inode, struct edufs_map *map);

/* indirect_write.c: with map_sem held for writing */
int indirect_insert(struct inode *inode, u64 lblk, u64 pblk, unsigned int len,
		    unsigned int flags);
int indirect_remove(struct inode *inode, u64 from, u64 to);

#endif /* _EDUFS_INDIRECT_H */
