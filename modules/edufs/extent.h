/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_EXTENT_H
#define _EDUFS_EXTENT_H

#include "format.h"

struct buffer_head;
struct inode;
struct edufs_map;

#define EDUFS_MAX_LBLK 0xffffffffULL	/* one beyond the last block of a file */

/* An extent in CPU order. */
struct extent_piece {
	u64 lblk, pblk;
	unsigned int len;
	bool unwritten;
};

/* extent.c: reading */
const char *extent_check_node(const void *node, unsigned int size, int depth,
			      u64 low, u64 high);
int extent_search(const void *node, u64 lblk);
u64 extent_key(const void *node, int i);
u64 extent_child(const void *node, int i);
struct buffer_head *extent_read_node(struct inode *inode, u64 block, int depth,
				     u64 low, u64 high);
int extent_map(struct inode *inode, struct edufs_map *map);

static inline int extent_count(const void *node)
{
	return le16_to_cpu(((const struct edufs_extent_header *)node)->eh_entries);
}

static inline int extent_room(const void *node)
{
	return le16_to_cpu(((const struct edufs_extent_header *)node)->eh_max) -
		extent_count(node);
}

static inline int extent_depth(const void *node)
{
	return le16_to_cpu(((const struct edufs_extent_header *)node)->eh_depth);
}

static inline void extent_set_count(void *node, int count)
{
	((struct edufs_extent_header *)node)->eh_entries = cpu_to_le16(count);
}

/* extent_node.c: one node, changed */
void extent_init_node(void *node, unsigned int size, int depth);
struct extent_piece extent_get(const void *node, int i);
void extent_put(void *node, int i, const struct extent_piece *p);
void extent_put_index(void *node, int i, u64 lblk, u64 child);
void extent_set_key(void *node, int i, u64 lblk);
void extent_open(void *node, int i);
void extent_close(void *node, int i);
void extent_move_tail(void *from, void *to, int count);
bool extent_join(void *node, int i);
bool extent_absorb(void *node, int i, const struct extent_piece *p);

/* extent_write.c: the tree, changed; with map_sem held for writing */
int extent_insert(struct inode *inode, const struct extent_piece *p, unsigned int flags);
int extent_remove(struct inode *inode, u64 from, u64 to);
int extent_shift(struct inode *inode, u64 from, s64 by, unsigned int *nodes);
int extent_convert(struct inode *inode, u64 lblk, unsigned int len, unsigned int flags);

#endif /* _EDUFS_EXTENT_H */
