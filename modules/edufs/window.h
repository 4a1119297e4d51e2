/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_WINDOW_H
#define _EDUFS_WINDOW_H

#include <linux/rbtree.h>
#include <linux/types.h>

#define WINDOW_FIRST	8	/* blocks of a file's first window */
#define WINDOW_MAX	1024	/* and of its largest */

/* Blocks that are kept for one file's next writes; start == end is none. */
struct window {
	struct rb_node node;
	u64 start, end;
	unsigned int size;	/* how long the next one will be */
};

struct window *window_after(const struct rb_root *root, u64 block);
u64 window_room(const struct rb_root *root, const struct window *own, u64 block, u64 count);
u64 window_skip(const struct rb_root *root, const struct window *own, u64 block);
void window_move(struct rb_root *root, struct window *w, u64 start, u64 limit);
void window_drop(struct rb_root *root, struct window *w);

#endif /* _EDUFS_WINDOW_H */
