/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_ORLOV_H
#define _EDUFS_ORLOV_H

#include <linux/types.h>

struct orlov_group {
	u32 free_inodes, free_blocks, dirs;
};

/* What the choice depends on. */
struct orlov {
	u32 groups, inodes_per_group, blocks_per_group;
	u64 free_inodes, free_blocks, dirs;	/* in all groups */
	u32 parent;		/* the parent directory's group */
	bool top;		/* the parent is the root, or a top directory */
	u32 start;		/* where a top directory's search begins: random */
	void (*group)(void *arg, u32 group, struct orlov_group *g);
	void *arg;
};

s64 orlov_dir(const struct orlov *o);
s64 orlov_file(const struct orlov *o);

#endif /* _EDUFS_ORLOV_H */
