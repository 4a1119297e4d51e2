// SPDX-License-Identifier: GPL-2.0
/*
 * Reservation windows: so that two files that grow together do not interleave.
 *
 * The rules, in the order they apply:
 *  1. Behind the last block that a file was given, the next few are its window.
 *     It is kept in memory only: nothing on disk is marked.
 *  2. Another file's search goes around windows, until nothing else is free;
 *     then they do not count.
 *  3. A file that uses its window up gets one twice as long, from 8 blocks to
 *     1024. The window ends where the group, the limit or another begins.
 *
 * The windows of a filesystem do not overlap; they hang in a tree, by place.
 * This is ext3's scheme, which ext2 still has; ext4 takes blocks out of the
 * bitmap in advance instead (mballoc), which a crash must then undo.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "window.h"

/**
 * window_after - the first window that ends behind a block
 * @root: the filesystem's windows
 * @block: the block
 *
 * Return: the window, which may begin before or behind @block; NULL.
 */
struct window *window_after(const struct rb_root *root, u64 block)
{
	struct rb_node *n = root->rb_node;
	struct window *found = NULL;

	while (n) {
		struct window *w = rb_entry(n, struct window, node);

		if (w->end > block) {
			found = w;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(window_after);

static struct window *others_after(const struct rb_root *root, const struct window *own,
				   u64 block)
{
	struct window *w = window_after(root, block);

	if (w && w == own) {
		struct rb_node *n = rb_next(&w->node);

		w = n ? rb_entry(n, struct window, node) : NULL;
	}
	return w;
}

/**
 * window_room - how much of a run is in nobody else's window
 * @root: the filesystem's windows
 * @own: the one that does not count; may be NULL
 * @block: the run's first block
 * @count: its length
 *
 * Return: how many blocks from @block on; 0 if it is inside a window.
 */
u64 window_room(const struct rb_root *root, const struct window *own, u64 block, u64 count)
{
	struct window *w = others_after(root, own, block);

	if (!w || w->start >= block + count)
		return count;
	return w->start > block ? w->start - block : 0;
}
EXPORT_SYMBOL_IF_KUNIT(window_room);

/**
 * window_skip - where the window that a block is in ends
 * @root: the filesystem's windows
 * @own: the one that does not count; may be NULL
 * @block: the block
 *
 * Return: the first block behind it; @block if it is in none.
 */
u64 window_skip(const struct rb_root *root, const struct window *own, u64 block)
{
	struct window *w = others_after(root, own, block);

	return w && w->start <= block ? w->end : block;
}
EXPORT_SYMBOL_IF_KUNIT(window_skip);

/**
 * window_drop - give a window up
 * @root: the filesystem's windows
 * @w: the window, or none
 */
void window_drop(struct rb_root *root, struct window *w)
{
	if (w->start == w->end)
		return;
	rb_erase(&w->node, root);
	w->start = 0;
	w->end = 0;
}
EXPORT_SYMBOL_IF_KUNIT(window_drop);

/**
 * window_move - give a file the window behind its last block
 * @root: the filesystem's windows
 * @w: the file's window
 * @start: where it begins
 * @limit: where it must end
 *
 * What is left of the old window is kept if the new one begins inside it.
 */
void window_move(struct rb_root *root, struct window *w, u64 start, u64 limit)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	u64 end = w->end;

	if (start >= w->start && start < end) {
		/* Its own place in the tree stays: only its front moves. */
		w->start = start;
		return;
	}
	w->size = w->size ? min_t(unsigned int, w->size * 2, WINDOW_MAX) : WINDOW_FIRST;
	window_drop(root, w);
	end = start + window_room(root, NULL, start, w->size);
	end = min(end, limit);
	if (end <= start)
		return;
	w->start = start;
	w->end = end;
	while (*link) {
		parent = *link;
		if (start < rb_entry(parent, struct window, node)->start)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&w->node, parent, link);
	rb_insert_color(&w->node, root);
}
EXPORT_SYMBOL_IF_KUNIT(window_move);
