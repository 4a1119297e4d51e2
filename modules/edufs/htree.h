/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_HTREE_H
#define _EDUFS_HTREE_H

#include "format.h"

struct buffer_head;
struct inode;
struct qstr;

#define HTREE_LEVELS 3		/* of the index, with large_dir; else 2 */

/* A block of the index on the way to a name. */
struct htree_frame {
	struct buffer_head *bh;
	struct edufs_dx_entry *entries;
	unsigned int entries_at;	/* their offset in the block */
	unsigned int count, limit;
	unsigned int at;		/* the entry that was followed */
};

/* The way: the root is frames[0], what leads to the leaf frames[levels]. */
struct htree {
	struct htree_frame frames[HTREE_LEVELS];
	int levels, most;
	unsigned int version;		/* enum edufs_hash */
	u32 hash;
};

int htree_probe(struct inode *dir, const struct qstr *name, struct htree *tree);
int htree_probe_hash(struct inode *dir, u32 hash, struct htree *tree);
int htree_advance(struct inode *dir, struct htree *tree, u32 *hash);
struct buffer_head *htree_leaf(struct inode *dir, struct htree *tree);
u32 htree_hash(struct inode *dir, const struct htree *tree, const char *name, size_t len);
void htree_release(struct htree *tree);

static inline u32 htree_block(const struct htree_frame *frame)
{
	return le32_to_cpu(frame->entries[frame->at].block) & EDUFS_DX_BLOCK_MASK;
}

#endif /* _EDUFS_HTREE_H */
