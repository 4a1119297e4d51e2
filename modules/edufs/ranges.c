// SPDX-License-Identifier: GPL-2.0
/*
 * A set of block numbers, as ranges in a tree: the blocks of a file that are
 * written in the page cache but have no place on disk yet.
 *
 * The rules: what is added is joined with what it touches, so a file that is
 * written from front to back has one range; what is taken out of the middle
 * leaves two. The caller locks.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "ranges.h"

struct span {
	struct rb_node node;
	u64 start, end;
};

/* The first range that ends at or behind a number. */
static struct span *range_at(const struct ranges *set, u64 at)
{
	struct rb_node *n = set->root.rb_node;
	struct span *found = NULL;

	while (n) {
		struct span *r = rb_entry(n, struct span, node);

		if (r->end >= at) {
			found = r;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return found;
}

static struct span *range_after(struct span *r)
{
	struct rb_node *n = rb_next(&r->node);

	return n ? rb_entry(n, struct span, node) : NULL;
}

static struct span *new_span(u64 start, u64 end, gfp_t gfp)
{
	struct span *r = kmalloc(sizeof(*r), gfp);

	if (r) {
		r->start = start;
		r->end = end;
	}
	return r;
}

static void insert(struct ranges *set, struct span *new)
{
	struct rb_node **link = &set->root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (new->start < rb_entry(parent, struct span, node)->start)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &set->root);
}

static void drop(struct ranges *set, struct span *r)
{
	rb_erase(&r->node, &set->root);
	kfree(r);
}

/**
 * ranges_add - add numbers to the set
 * @set: the set
 * @start: the first
 * @count: how many, at least 1; those that are in it already do no harm
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int ranges_add(struct ranges *set, u64 start, u64 count)
{
	u64 end = start + count;
	struct span *r = range_at(set, start), *next;

	if (!r || r->start > end) {
		r = new_span(start, end, GFP_NOFS);
		if (!r)
			return -ENOMEM;
		insert(set, r);
		set->sum += count;
		return 0;
	}
	/* It touches: make that one larger, and swallow those behind it. */
	set->sum -= r->end - r->start;
	r->start = min(r->start, start);
	r->end = max(r->end, end);
	while ((next = range_after(r)) && next->start <= r->end) {
		set->sum -= next->end - next->start;
		r->end = max(r->end, next->end);
		drop(set, next);
	}
	set->sum += r->end - r->start;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ranges_add);

/**
 * ranges_del - take numbers out of the set
 * @set: the set
 * @start: the first
 * @count: how many; those that are not in it do no harm
 *
 * Context: may sleep; waits for memory if a range falls in two.
 * Return: how many were in it.
 */
u64 ranges_del(struct ranges *set, u64 start, u64 count)
{
	struct span *r = range_at(set, start), *next;
	u64 end = start + count, gone = 0;

	for (; r && r->start < end; r = next) {
		u64 low = max(r->start, start), high = min(r->end, end);

		next = range_after(r);
		if (low >= high)
			continue;
		gone += high - low;
		if (r->start < low && high < r->end) {
			insert(set, new_span(high, r->end, GFP_NOFS | __GFP_NOFAIL));
			r->end = low;
		} else if (r->start < low) {
			r->end = low;
		} else if (high < r->end) {
			r->start = high;
		} else {
			drop(set, r);
		}
	}
	set->sum -= gone;
	return gone;
}
EXPORT_SYMBOL_IF_KUNIT(ranges_del);

/**
 * ranges_next - the first piece of the set from a number on
 * @set: the set
 * @from: the number
 * @start: set to where the piece begins, at or behind @from
 * @count: set to how long it is
 *
 * Return: false if nothing is there.
 */
bool ranges_next(const struct ranges *set, u64 from, u64 *start, u64 *count)
{
	const struct span *r = range_at(set, from + 1);

	if (!r)
		return false;
	*start = max(r->start, from);
	*count = r->end - *start;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(ranges_next);
