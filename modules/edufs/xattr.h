/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_XATTR_H
#define _EDUFS_XATTR_H

#include <linux/math.h>

#include "format.h"

struct buffer_head;
struct inode;

/* The numbers of prefixes. */
#define EDUFS_XATTR_USER		1
#define EDUFS_XATTR_ACL_ACCESS		2
#define EDUFS_XATTR_ACL_DEFAULT		3
#define EDUFS_XATTR_TRUSTED		4
#define EDUFS_XATTR_SECURITY		6

/* A list of entries and what its values may fill. */
struct xattr_list {
	struct buffer_head *bh;
	const void *first;	/* entry; NULL if there are no attributes */
	const void *base;	/* from where values count */
	const void *end;
};

static inline const struct edufs_xattr_entry *xattr_next(const struct edufs_xattr_entry *e)
{
	return (const void *)e + sizeof(*e) + round_up(e->e_name_len, 4);
}

static inline bool xattr_is_last(const void *e)
{
	return !*(const u32 *)e;
}

int edufs_xattr_open_inode(struct inode *inode, struct xattr_list *list);
int edufs_xattr_open_block(struct inode *inode, struct xattr_list *list);

/* xattr_list.c: one attribute, wherever it is */
struct xattr_item {
	const char *name;
	const void *value;
	unsigned int index, name_len, size;
};

int xattr_items(const struct xattr_list *list, struct xattr_item *items, int room);
int xattr_find(const struct xattr_item *items, int count, const struct xattr_item *key);
int xattr_change(struct xattr_item *items, int count, const struct xattr_item *item);
int xattr_build(void *first, unsigned int room, unsigned int base,
		const struct xattr_item *items, int count, bool hashed);
u32 xattr_block_hash(const void *first);

#endif /* _EDUFS_XATTR_H */
