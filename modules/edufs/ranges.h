/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_RANGES_H
#define _EDUFS_RANGES_H

#include <linux/rbtree.h>
#include <linux/types.h>

/* A set of numbers, kept as ranges that neither overlap nor touch. */
struct ranges {
	struct rb_root root;
	u64 sum;		/* how many numbers are in it */
};

int ranges_add(struct ranges *set, u64 start, u64 count);
u64 ranges_del(struct ranges *set, u64 start, u64 count);
bool ranges_next(const struct ranges *set, u64 from, u64 *start, u64 *count);

#endif /* _EDUFS_RANGES_H */
