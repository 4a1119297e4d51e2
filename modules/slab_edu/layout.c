// SPDX-License-Identifier: GPL-2.0
/*
 * How an object lies in its slot: where metadata goes, and what it costs.
 *
 * Behind one another, each only where its flag asks for it:
 *   red zone before the object      RED_ZONE
 *   the object                      rounded up to a word
 *   red zone behind it              RED_ZONE, if rounding left no room
 *   pointer to the next free object only where it must not lie in the object:
 *                                   POISON, TYPESAFE_BY_RCU, or a constructor
 *   two tracks                      STORE_USER: who allocated, who freed
 *   the size asked for              STORE_USER, kmalloc only
 *   a last red zone                 RED_ZONE
 * and the whole rounded up to the alignment. A pointer that may lie in the
 * object is put in its middle, away from overruns of its neighbours.
 *
 * Follows kernel book 6.12 (size, object_size, offset, inuse, red_left_pad)
 * and document 10.1 (calculate_sizes, set_min_partial); the number of objects
 * a CPU may keep partial is newer SLUB's, the document names the field only.
 */
#include <kunit/visibility.h>
#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "order.h"
#include "slab.h"

#define WORD sizeof(void *)
#define MIN_PARTIAL 5UL
#define MAX_PARTIAL 10UL

static unsigned int alignment(const struct edu_cache *s, unsigned int align)
{
	if (s->flags & SLAB_HWCACHE_ALIGN) {
		unsigned int line = cache_line_size();

		/* Small objects share a line, but none lies across two. */
		while (s->object_size <= line / 2)
			line /= 2;
		align = max(align, line);
	}
	return round_up(max_t(unsigned int, align, ARCH_SLAB_MINALIGN), WORD);
}

/**
 * edu_cache_layout - compute sizes, offsets, orders and limits of a cache
 * @s: object_size, flags, ctor and kmalloc are set
 * @align: wanted of objects, 0 or a power of two
 * @cpus: of the machine
 *
 * Return: 0; -EINVAL if such a slab cannot be made.
 */
int edu_cache_layout(struct edu_cache *s, unsigned int align, unsigned int cpus)
{
	unsigned int size = round_up(s->object_size, WORD);
	struct slab_layout layout;
	int err;

	s->align = alignment(s, align);
	if ((s->flags & SLAB_RED_ZONE) && size == s->object_size)
		size += WORD;
	s->inuse = size;
	if ((s->flags & (SLAB_TYPESAFE_BY_RCU | SLAB_POISON)) || s->ctor ||
	    ((s->flags & SLAB_RED_ZONE) && (s->object_size < 2 * WORD || s->kmalloc))) {
		s->offset = size;
		size += WORD;
	} else {
		s->offset = round_down(s->object_size / 2, WORD);
	}
	if (s->flags & SLAB_STORE_USER) {
		size += 2 * sizeof(struct edu_track);
		if (s->kmalloc)
			size += WORD;
	}
	s->red_left_pad = 0;
	if (s->flags & SLAB_RED_ZONE) {
		size += WORD;
		s->red_left_pad = round_up(WORD, s->align);
		size += s->red_left_pad;
	}
	s->size = round_up(size, s->align);

	err = slab_layout_of(s->size, cpus, &layout);
	if (err)
		return err;
	s->oo = (struct edu_order_objects){ layout.order, layout.objects };
	s->min.order = get_order(s->size);
	s->min.objects = (PAGE_SIZE << s->min.order) / s->size;
	s->allocflags = (s->flags & SLAB_RECLAIM_ACCOUNT ? __GFP_RECLAIMABLE : 0) |
			(s->flags & SLAB_CACHE_DMA ? __GFP_DMA : 0);

	s->min_partial = clamp(ilog2(s->size) / 2UL, MIN_PARTIAL, MAX_PARTIAL);
	if (s->flags & EDU_DEBUG_FLAGS)
		s->cpu_partial = 0;
	else if (s->size >= PAGE_SIZE)
		s->cpu_partial = 6;
	else if (s->size >= 1024)
		s->cpu_partial = 24;
	else if (s->size >= 256)
		s->cpu_partial = 52;
	else
		s->cpu_partial = 120;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_cache_layout);

/**
 * edu_sheaf_capacity - objects that a sheaf of this cache holds
 * @s: laid out
 *
 * SLUB's rule, 7.x: fewer of larger ones, and such that the sheaf itself
 * fills a kmalloc class.
 *
 * Return: the number; 0 for a cache that cannot have sheaves.
 */
unsigned int edu_sheaf_capacity(const struct edu_cache *s)
{
	unsigned int n = 60;

	if (s->flags & EDU_DEBUG_FLAGS)
		return 0;
	if (s->size >= PAGE_SIZE)
		n = 4;
	else if (s->size >= 1024)
		n = 12;
	else if (s->size >= 256)
		n = 26;
	return (kmalloc_size_roundup(struct_size_t(struct edu_sheaf, objects, n)) -
		sizeof(struct edu_sheaf)) / sizeof(void *);
}
EXPORT_SYMBOL_IF_KUNIT(edu_sheaf_capacity);
