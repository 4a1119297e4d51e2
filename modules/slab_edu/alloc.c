// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that users make: which front serves them.
 *
 *  1. A debug cache goes object by object (debug.c).
 *  2. A cache with sheaves asks them, if no node is asked for (sheaf.c).
 *  3. All else is classic (classic.c).
 * A pointer that is freed must lie in a slab, and that slab be of the cache;
 * anything else is reported and refused.
 */
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/sched/mm.h>

#include "slab.h"
#include "trace.h"

/* alloc one object, not traced */
static __always_inline void *alloc_one(struct edu_cache *s, gfp_t gfp, int node,
				       unsigned long caller)
{
	void *object;

	might_alloc(gfp);
	if (edu_cache_debug(s))
		object = debug_alloc(s, gfp, node, s->object_size);
	else if (s->sheaf_capacity && node == NUMA_NO_NODE)
		object = sheaf_alloc(s, gfp);
	else
		object = classic_alloc(s, gfp, node, caller);
	if (unlikely(gfp & __GFP_ZERO) && object)
		memset(object, 0, s->object_size);
	return object;
}

/**
 * edu_alloc - allocate an object of a cache
 * @s: the cache
 * @gfp: as for the kernel's
 * @node: the twin's node, or NUMA_NO_NODE
 * @caller: for a trace
 *
 * Return: the object or NULL.
 */
void *edu_alloc(struct edu_cache *s, gfp_t gfp, int node, unsigned long caller)
{
	return alloc_one(s, gfp, node, caller);
}

static noinline int bad_free(struct edu_cache *s, struct edu_page *slab, void *object)
{
	if (!object)
		return 0;
	debug_report(s, slab, object,
		     slab ? EDU_ERROR_WRONG_CACHE : EDU_ERROR_FOREIGN);
	return -EINVAL;
}

static __always_inline int free_one(struct edu_cache *s, void *object,
				    unsigned long caller)
{
	struct edu_page *slab = edu_slab_of(s->mem, object);

	if (unlikely(!slab || slab->cache != s))
		return bad_free(s, slab, object);
	if (edu_cache_debug(s))
		return debug_free(s, slab, object);
	if (!s->sheaf_capacity || !sheaf_free(s, slab, object))
		classic_free(s, slab, object, caller);
	return 0;
}

/**
 * edu_free - free an object of a cache
 * @s: the cache
 * @object: the object
 * @caller: for a trace
 *
 * Return: 0 or -EINVAL.
 */
int edu_free(struct edu_cache *s, void *object, unsigned long caller)
{
	return free_one(s, object, caller);
}

/**
 * edu_cache_alloc_node - allocate an object, of a given node if possible
 * @s: the cache
 * @gfp: counts only if no object is free; __GFP_THISNODE forbids other nodes
 * @node: of the twin, below its parameter nodes; NUMA_NO_NODE for any
 *
 * Context: any but NMI, as @gfp says. Kernel book 6.10.
 *
 * Return: the object, or NULL.
 */
void *edu_cache_alloc_node(struct edu_cache *s, gfp_t gfp, int node)
{
	void *object;

	if (unlikely(node >= s->mem->nr_nodes || node < 0))
		node = NUMA_NO_NODE;
	object = alloc_one(s, gfp, node, _RET_IP_);
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
	void *object = alloc_one(s, gfp, NUMA_NO_NODE, _RET_IP_);

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
	trace_edu_kmem_cache_free(_RET_IP_, object, s);
	return free_one(s, object, _RET_IP_);
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
 * @objects: they; those that are not of @s are reported and set to NULL
 *
 * Return: 0, or -EINVAL if some were bad; the others are freed.
 */
int edu_cache_free_bulk(struct edu_cache *s, size_t n, void **objects)
{
	size_t good = 0, put = 0, i;
	int err = 0;

	for (i = 0; i < n; i++) {
		struct edu_page *slab = edu_slab_of(s->mem, objects[i]);

		if (unlikely(!slab || slab->cache != s)) {
			if (bad_free(s, slab, objects[i]))
				err = -EINVAL;
			objects[i] = NULL;
		} else if (edu_cache_debug(s)) {
			if (debug_free(s, slab, objects[i]))
				err = -EINVAL;
		} else {
			objects[good++] = objects[i];
		}
	}
	if (s->sheaf_capacity && s->mem->nr_nodes == 1)
		put = sheaf_free_bulk(s, good, objects);
	classic_free_bulk(s, good - put, objects + put);
	return err;
}
EXPORT_SYMBOL_GPL(edu_cache_free_bulk);
