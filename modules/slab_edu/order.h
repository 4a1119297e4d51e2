/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLAB_EDU_ORDER_H
#define _SLAB_EDU_ORDER_H

#include <linux/types.h>

/**
 * struct slab_layout - how objects of one size lie in a slab
 * @order: the slab has 2^@order pages
 * @objects: how many objects it holds
 * @waste: bytes at its end that no object uses
 */
struct slab_layout {
	unsigned int order;
	unsigned int objects;
	unsigned int waste;
};

int slab_layout_of(unsigned int size, unsigned int cpus,
		   struct slab_layout *layout);

#endif /* _SLAB_EDU_ORDER_H */
