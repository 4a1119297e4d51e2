// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that users of a cache make. Which front serves them: fast.h.
 *
 * A pointer that is freed must lie in a slab, and that slab be of the cache;
 * anything else is reported and refused.
 */
#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "fast.h"
#include "trace.h"

static noinline int bad_free(struct edu_cache *s, struct edu_page *page, void *object)
{
	if (!object)
		return 0;
	if (page && page->cache)
		debug_report(s, page, object, EDU_ERROR_WRONG_CACHE);
	else
		debug_report(s, NULL, object, EDU_ERROR_FOREIGN);
	return -EINVAL;
}

/**
 * edu_cache_alloc_node - allocate an object, of a given node if possible
 * @s: the cache
 * @gfp: counts only if no object is free; __GFP_THISNODE forbids other nodes
 * @node: of the twin, below its parameter nodes; NUMA_NO_NODE for any. A
 *	SLAB_CACHE_DMA cache has one only.
 *
 * Context: any but NMI, as @gfp says. Kernel book 6.10.
 *
 * Return: the object, or NULL.
 */
void *edu_cache_alloc_node(struct edu_cache *s, gfp_t gfp, int node)
{
	void *object;

	if (unlikely(node >= s->mem->nr_nodes || node < 0 || (s->flags & SLAB_CACHE_DMA)))
		node = NUMA_NO_NODE;
	object = edu_alloc(s, gfp, node);
	trace_edu_kmem_cache_alloc(_RET_IP_, object, s, gfp, node);
	return object;
}
EXPORT_SYMBOL_GPL(edu_cache_alloc_node);

/**
 * edu_cache_alloc - allocate an object
 * @s: the cache
 * @gfp: counts only if no object is free
 *
 * Context: any but NMI, as @gfp says. Kernel book 6.10.
 *
 * Return: the object, or NULL.
 */
void *edu_cache_alloc(struct edu_cache *s, gfp_t gfp)
{
	void *object = edu_alloc(s, gfp, NUMA_NO_NODE);

	trace_edu_kmem_cache_alloc(_RET_IP_, object, s, gfp, NUMA_NO_NODE);
	return object;
}
EXPORT_SYMBOL_GPL(edu_cache_alloc);

/**
 * edu_cache_free - free an object
 * @s: the cache that it came from
 * @object: the object; NULL is no error
 *
 * Context: any but NMI.
 *
 * Return: 0; -EINVAL if it is not an object in use of @s. That is reported,
 * once for each cache and kind, and changes nothing. (The kernel's call
 * returns nothing.)
 */
int edu_cache_free(struct edu_cache *s, void *object)
{
	struct edu_page *slab = edu_page_of(s->mem, object);

	trace_edu_kmem_cache_free(_RET_IP_, object, s);
	if (unlikely(!slab || slab->cache != s))
		return bad_free(s, slab, object);
	return edu_free(s, slab, object);
}
EXPORT_SYMBOL_GPL(edu_cache_free);

/**
 * edu_cache_alloc_bulk - allocate many objects
 * @s: the cache
 * @gfp: as for one
 * @n: how many
 * @objects: where they go
 *
 * Return: @n, or 0 if memory ran out; then there are none.
 */
int edu_cache_alloc_bulk(struct edu_cache *s, gfp_t gfp, size_t n, void **objects)
{
	unsigned int got = 0, i;

	might_alloc(gfp);
	if (edu_cache_debug(s)) {
		for (; got < n; got++) {
			objects[got] = debug_alloc(s, gfp, NUMA_NO_NODE, s->object_size);
			if (!objects[got])
				break;
		}
	} else {
		if (s->sheaf_capacity)
			got = sheaf_alloc_bulk(s, n, objects);
		if (got < n)
			got += classic_alloc_bulk(s, gfp, n - got, objects + got);
	}
	if (unlikely(got < n)) {
		edu_cache_free_bulk(s, got, objects);
		return 0;
	}
	if (unlikely(gfp & __GFP_ZERO))
		for (i = 0; i < n; i++)
			memset(objects[i], 0, s->object_size);
	return n;
}
EXPORT_SYMBOL_GPL(edu_cache_alloc_bulk);

/**
 * edu_cache_free_bulk - free many objects of one cache
 * @s: the cache
 * @n: how many
 * @objects: they; those that are not of @s are reported and left out. What is in
 *	the array afterwards means nothing
 *
 * Return: 0, or -EINVAL if some were bad; the others are freed.
 */
int edu_cache_free_bulk(struct edu_cache *s, size_t n, void **objects)
{
	size_t good = 0, put = 0, i, run;
	int err = 0;

	for (i = 0; i < n; i += run) {
		struct edu_page *slab = edu_page_of(s->mem, objects[i]);

		run = 1;
		if (unlikely(!slab || slab->cache != s)) {
			if (bad_free(s, slab, objects[i]))
				err = -EINVAL;
		} else if (edu_cache_debug(s)) {
			if (debug_free(s, slab, objects[i]))
				err = -EINVAL;
		} else {
			run = slab_run(s, slab, n - i, objects + i);
			if (good != i)
				memmove(objects + good, objects + i, run * sizeof(*objects));
			good += run;
		}
	}
	if (READ_ONCE(s->sheaf_capacity) && s->mem->nr_nodes == 1)
		put = sheaf_free_bulk(s, good, objects);
	classic_free_bulk(s, good - put, objects + put);
	return err;
}
EXPORT_SYMBOL_GPL(edu_cache_free_bulk);
