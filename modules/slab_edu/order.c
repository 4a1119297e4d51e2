// SPDX-License-Identifier: GPL-2.0
/*
 * How large a slab is: the order of its pages for a given object size.
 *
 * The rules, in the order they apply:
 *  1. A slab should hold min_objects, so that the page allocator is asked
 *     seldom; more processors, more objects: 4 * (fls(processors) + 1).
 *  2. It has at most 2^3 pages, unless a single object needs more.
 *  3. Of the orders that are left, the smallest whose unused end is at most
 *     1/16 of the slab is taken; if there is none 1/8 will do, then 1/4, then
 *     1/2.
 *  4. If even that fails, one object a slab.
 *
 * Follows the kernel book, 6.9 to 6.12 (objects per slab and the waste
 * column), and SLUB's own choice, which a test compares for every cache of
 * the running kernel.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "order.h"

/* A slab of more pages than this is hard to get from fragmented memory. */
#define SLAB_MAX_ORDER PAGE_ALLOC_COSTLY_ORDER

/* The kernel counts a slab's objects in 15 bits; so do we. */
#define SLAB_MAX_OBJECTS 32767

static unsigned int objects_in(unsigned int order, unsigned int size)
{
	return ((unsigned int)PAGE_SIZE << order) / size;
}

static unsigned int waste_in(unsigned int order, unsigned int size)
{
	return ((unsigned int)PAGE_SIZE << order) % size;
}

static unsigned int order_for(unsigned int size, unsigned int cpus)
{
	unsigned int wanted = 4 * (fls(cpus) + 1);
	unsigned int lowest, order, fraction;

	wanted = min(wanted, max(objects_in(SLAB_MAX_ORDER, size), 1U));
	lowest = get_order(wanted * size);
	if (objects_in(lowest, size) > SLAB_MAX_OBJECTS)
		return get_order(size * SLAB_MAX_OBJECTS) - 1;

	for (fraction = 16; fraction > 1; fraction /= 2)
		for (order = lowest; order <= SLAB_MAX_ORDER; order++)
			if (waste_in(order, size) <=
			    ((unsigned int)PAGE_SIZE << order) / fraction)
				return order;
	return get_order(size);
}

/**
 * slab_layout_of - choose the order of slabs for objects of one size
 * @size: bytes that one object takes, with its padding and metadata
 * @cpus: processors of the machine
 * @layout: the choice
 *
 * Any context, no locks. Kernel book 6.9, 6.12; rules 1 to 4 above.
 *
 * Return: 0, or -EINVAL for a size of 0 and for one that no order holds.
 */
int slab_layout_of(unsigned int size, unsigned int cpus,
		   struct slab_layout *layout)
{
	if (!size || size > PAGE_SIZE << MAX_PAGE_ORDER)
		return -EINVAL;

	layout->order = order_for(size, cpus);
	layout->objects = objects_in(layout->order, size);
	layout->waste = waste_in(layout->order, size);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(slab_layout_of);
