// SPDX-License-Identifier: GPL-2.0
/*
 * A slab: from pages to a chain of free objects and back, and the node's
 * list of partial slabs.
 *
 *  1. A new slab is asked for in the cache's preferred order, without any
 *     effort; if that fails, in the smallest order that holds one object.
 *  2. Its objects are chained in random order, and each is constructed once.
 *  3. Free chain and counts change together (slab_change() in slab.h).
 *  4. An empty slab goes back to the buddy system; that of a TYPESAFE_BY_RCU
 *     cache after a grace period.
 *
 * Follows kernel book 6.12 and document 10.3 (allocate_slab, alloc_slab_page).
 */
#include <linux/bitops.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "slab.h"
#include "trace.h"

#ifndef EDU_CMPXCHG16
/**
 * slab_change_locked - slab_change() where the processor has no such cmpxchg
 * @slab: the slab
 * @old: as it was read
 * @new: as it shall be
 *
 * Return: false if it was not @old any more.
 */
bool slab_change_locked(struct edu_page *slab, struct edu_slab_state old,
			struct edu_slab_state new)
{
	unsigned long flags;
	bool same;

	local_irq_save(flags);
	while (cmpxchg_acquire(&slab->locked, 0, 1))
		cpu_relax();
	same = slab->slab.freelist == old.freelist &&
	       slab->slab.counters == old.counters;
	if (same) {
		WRITE_ONCE(slab->slab.freelist, new.freelist);
		WRITE_ONCE(slab->slab.counters, new.counters);
	}
	/* Whoever has the bit next sees both words. */
	smp_store_release(&slab->locked, 0);
	local_irq_restore(flags);
	return same;
}
#endif

/**
 * slab_random_init - draw the order in which new slabs chain their objects
 * @s: laid out
 *
 * Return: 0 or -ENOMEM.
 */
int slab_random_init(struct edu_cache *s)
{
	unsigned int n = s->oo.objects, i;

	if (n < 2)
		return 0;
	s->random_seq = kcalloc(n, sizeof(*s->random_seq), GFP_KERNEL);
	if (!s->random_seq)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		s->random_seq[i] = i;
	for (i = n - 1; i > 0; i--) {
		/* swap() reads its arguments twice: draw before. */
		unsigned int k = get_random_u32_below(i + 1);

		swap(s->random_seq[i], s->random_seq[k]);
	}
	return 0;
}

static void construct(struct edu_cache *s, struct edu_page *slab, void *object)
{
	if (edu_cache_debug(s))
		debug_init_object(s, slab, object);
	if (s->ctor) {
		s->ctor(object);
		edu_stat_inc(s, EDU_CTOR);
	}
}

/* Rule 2. A slab of fewer objects than the sequence skips those it lacks. */
static void chain_objects(struct edu_cache *s, struct edu_page *slab,
			  unsigned int objects)
{
	unsigned int n = s->random_seq ? s->oo.objects : objects;
	unsigned int at = n > 1 ? get_random_u32_below(n) : 0, i;
	bool plain = !edu_cache_debug(s) && !s->ctor;
	void *start = edu_object(s, slab, 0), *last = NULL;

	for (i = 0; i < n; i++, at = at + 1 == n ? 0 : at + 1) {
		unsigned int k = s->random_seq ? s->random_seq[at] : at;
		void *object = start + k * s->size;

		if (unlikely(k >= objects))
			continue;
		if (!plain)
			construct(s, slab, object);
		if (last)
			freeptr_set(s, last, object);
		else
			slab->slab.freelist = object;
		last = object;
	}
	freeptr_set(s, last, NULL);
}

/**
 * slab_create - make a new slab
 * @s: its cache
 * @gfp: as the object was asked for
 * @node: to begin with, or NUMA_NO_NODE
 *
 * Context: any but NMI, no lock of the cache held; sleeps if @gfp allows it.
 *
 * Return: a slab on no list, all objects free, not frozen; or NULL.
 */
struct edu_page *slab_create(struct edu_cache *s, gfp_t gfp, int node)
{
	struct edu_order_objects oo = s->oo;
	gfp_t light, wanted;
	struct edu_page *slab;
	struct edu_node *n;

	wanted = gfp & ~(__GFP_ZERO | __GFP_NOFAIL | GFP_ZONEMASK | __GFP_RECLAIMABLE);
	wanted |= s->allocflags;
	light = wanted | __GFP_NORETRY;
	if (oo.order > s->min.order)
		light &= ~__GFP_DIRECT_RECLAIM;
	slab = edu_pages_alloc(s->mem, light, oo.order, node);
	if (unlikely(!slab)) {
		oo = s->min;
		slab = edu_pages_alloc(s->mem, wanted, oo.order, node);
		if (!slab)
			return NULL;
		edu_stat_inc(s, EDU_ORDER_FALLBACK);
	}

	slab->slab.counters = 0;
	slab->slab.objects = oo.objects;
	slab->locked = 0;
	if (edu_cache_debug(s))
		debug_init_slab(s, slab);
	chain_objects(s, slab, oo.objects);
	n = edu_node_of(s, slab);
	atomic_long_inc(&n->nr_slabs);
	atomic_long_add(oo.objects, &n->total_objects);
	/* slab_for_each() finds the cache, and then sees the slab whole. */
	smp_store_release(&slab->cache, s);
	return slab;
}

static void slab_free_pages(struct edu_page *slab)
{
	struct edu_memory *mem = slab->cache->mem;

	slab->cache = NULL;
	edu_pages_free(mem, slab);
}

static void slab_free_rcu(struct rcu_head *rcu)
{
	slab_free_pages(container_of(rcu, struct edu_page, rcu));
}

/**
 * slab_discard - give a slab back to the buddy system
 * @s: its cache
 * @slab: on no list, held by no CPU, no object in use
 *
 * Context: any but NMI.
 */
void slab_discard(struct edu_cache *s, struct edu_page *slab)
{
	struct edu_node *n = edu_node_of(s, slab);

	atomic_long_dec(&n->nr_slabs);
	atomic_long_sub(slab->slab.objects, &n->total_objects);
	edu_stat_inc(s, EDU_FREE_SLAB);
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		call_rcu(&slab->rcu, slab_free_rcu);
	else
		slab_free_pages(slab);
}

/**
 * slab_for_each - visit all slabs of a cache, wherever they are
 * @s: the cache
 * @visit: called for each with the number of its block, as it lies on the
 *	node's list; the zone's lock is held
 * @data: handed to it
 *
 * Slabs come and go, and change, while they are visited.
 *
 * Context: any but NMI.
 */
void slab_for_each(struct edu_cache *s,
		   void (*visit)(struct edu_cache *s, struct edu_page *slab,
				 unsigned int block, void *data), void *data)
{
	int z;

	for (z = 0; z < s->mem->nr_zones; z++) {
		struct edu_zone *zone = &s->mem->zone[z];
		struct edu_block *block;
		unsigned int number = 0, i;
		unsigned long flags;

		spin_lock_irqsave(&zone->lock, flags);
		list_for_each_entry(block, &zone->blocks, node) {
			for (i = 0; i < EDU_BLOCK_PAGES; i++)
				/* slab_create() releases it, as the last of the slab */
				if (smp_load_acquire(&block->pages[i].cache) == s)
					visit(s, &block->pages[i], number, data);
			number++;
		}
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

/**
 * partial_add - put a slab on the node's partial list
 * @n: the node, its list_lock held
 * @slab: not frozen, with a free object
 * @tail: at the cold end
 */
void partial_add(struct edu_node *n, struct edu_page *slab, bool tail)
{
	WRITE_ONCE(n->nr_partial, n->nr_partial + 1);
	if (tail)
		list_add_tail(&slab->list, &n->partial);
	else
		list_add(&slab->list, &n->partial);
}

/**
 * partial_remove - take a slab off the node's partial list
 * @n: the node, its list_lock held
 * @slab: on that list
 */
void partial_remove(struct edu_node *n, struct edu_page *slab)
{
	list_del(&slab->list);
	WRITE_ONCE(n->nr_partial, n->nr_partial - 1);
}
