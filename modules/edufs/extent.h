/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_EXTENT_H
#define _EDUFS_EXTENT_H

#include "format.h"

struct inode;
struct edufs_map;

#define EDUFS_MAX_LBLK 0xffffffffULL	/* one beyond the last block of a file */

const char *extent_check_node(const void *node, unsigned int size, int depth,
			      u64 low, u64 high);
int extent_search(const void *node, u64 lblk);
u64 extent_key(const void *node, int i);
u64 extent_child(const void *node, int i);
int extent_map(struct inode *inode, struct edufs_map *map);

#endif /* _EDUFS_EXTENT_H */
