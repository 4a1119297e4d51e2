// SPDX-License-Identifier: GPL-2.0
/*
 * Caches: made, shrunk, switched between fronts, destroyed.
 *
 *  1. A cache begins with no slab. Its name, sizes and limits never change.
 *  2. Flushing takes every CPU's objects back to their slabs: each CPU does it
 *     for itself, in a work item; for one that goes, the hotplug callback.
 *  3. Shrinking flushes, and gives all empty slabs to the buddy system.
 *  4. Reclaim does at once what needs no other CPU: barns, empty slabs, free
 *     blocks. What CPUs hold follows in a work item (main.c).
 *  5. Destroying flushes; if objects are in use it refuses, with a report of
 *     who allocated them, and the cache stays.
 *
 * Follows kernel book 6.10 and 6.11 and document 10.1. Caches are never merged.
 */
#include <kunit/visibility.h>
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/random.h>
#include <linux/workqueue.h>

#include "slab.h"

LIST_HEAD(edu_caches);
/* guards edu_caches */
DEFINE_MUTEX(edu_caches_lock);

static void cache_free(struct edu_cache *s)
{
	free_percpu(s->cpu);
	kfree(s->random_seq);
	kfree(s->name);
	kfree(s);
}

/**
 * cache_create - make a cache on given memory
 * @mem: where its slabs come from
 * @name: shown to people; copied
 * @size: bytes of an object
 * @align: 0 or a power of two
 * @flags: of EDU_CACHE_FLAGS
 * @ctor: called for each object of a new slab, or NULL
 * @kmalloc: it is a kmalloc class
 *
 * Return: the cache, or NULL.
 */
struct edu_cache *cache_create(struct edu_memory *mem, const char *name,
			       unsigned int size, unsigned int align,
			       slab_flags_t flags, void (*ctor)(void *object),
			       bool kmalloc)
{
	struct edu_cache *s;
	int cpu, node;

	if (!name || size < 1 || size > EDU_KMALLOC_MAX_SIZE ||
	    (align & (align - 1)) || align > PAGE_SIZE || (flags & ~EDU_CACHE_FLAGS))
		return NULL;
	s = kzalloc_obj(*s, GFP_KERNEL);
	if (!s)
		return NULL;
	s->mem = mem;
	/* Without room for a pointer there is no chain. */
	s->object_size = max_t(unsigned int, size, sizeof(void *));
	s->flags = (flags | edu_debug) & ~(SLAB_PANIC | SLAB_ACCOUNT);
	s->ctor = ctor;
	s->kmalloc = kmalloc;
	s->random = get_random_long();
	s->name = kstrdup(name, GFP_KERNEL);
	s->cpu = __alloc_percpu(sizeof(*s->cpu), 2 * sizeof(void *));
	if (!s->name || !s->cpu || edu_cache_layout(s, align, edu_cpus) ||
	    slab_random_init(s)) {
		cache_free(s);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		classic_init_cpu(s, cpu);
	for (node = 0; node < EDU_MAX_NODES; node++) {
		spin_lock_init(&s->node[node].list_lock);
		INIT_LIST_HEAD(&s->node[node].partial);
		INIT_LIST_HEAD(&s->node[node].full);
		barn_init(&s->node[node].barn);
	}
	mutex_lock(&edu_caches_lock);
	list_add_tail(&s->list, &edu_caches);
	mutex_unlock(&edu_caches_lock);
	slabinfo_add(s);
	return s;
}
EXPORT_SYMBOL_IF_KUNIT(cache_create);

/**
 * edu_cache_create - make a cache
 * @name: shown in slabinfo; should be unique
 * @size: bytes of an object, 1 to 4 MiB
 * @align: of objects, 0 or a power of two up to a page
 * @flags: SLAB_HWCACHE_ALIGN, SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER,
 *	SLAB_CONSISTENCY_CHECKS, SLAB_TYPESAFE_BY_RCU, SLAB_RECLAIM_ACCOUNT,
 *	SLAB_CACHE_DMA;
 *	SLAB_NO_MERGE, SLAB_PANIC and SLAB_ACCOUNT are accepted and mean nothing
 * @ctor: called once for each object of a new slab, or NULL
 *
 * Context: sleeps. Kernel book 6.10.
 *
 * Return: the cache; NULL for arguments out of range or no memory.
 */
struct edu_cache *edu_cache_create(const char *name, unsigned int size,
				   unsigned int align, slab_flags_t flags,
				   void (*ctor)(void *object))
{
	return cache_create(edu_memory, name, size, align, flags, ctor, false);
}
EXPORT_SYMBOL_GPL(edu_cache_create);

/* One flush at a time: what it gives to each CPU. */
struct flush {
	struct work_struct work;
	struct edu_cache *s;
};

static DEFINE_PER_CPU(struct flush, flushes);
/* guards flushes */
static DEFINE_MUTEX(flush_lock);
static struct workqueue_struct *flush_queue;

/**
 * cache_init - prepare for caches
 *
 * Return: 0 or -ENOMEM.
 */
int cache_init(void)
{
	/* Caches are destroyed by works that memory may be waiting for. */
	flush_queue = alloc_workqueue("slab_edu", WQ_MEM_RECLAIM | WQ_PERCPU, 0);
	return flush_queue ? 0 : -ENOMEM;
}

/**
 * cache_exit - the last cache is gone
 */
void cache_exit(void)
{
	destroy_workqueue(flush_queue);
}

static void flush_this_cpu(struct work_struct *work)
{
	struct edu_cache *s = container_of(work, struct flush, work)->s;
	int cpu = raw_smp_processor_id();

	sheaf_flush_cpu(s, cpu);
	classic_flush_cpu(s, cpu);
}

static bool cpu_has_objects(struct edu_cache *s, int cpu)
{
	struct edu_cpu *c = per_cpu_ptr(s->cpu, cpu);

	return READ_ONCE(c->slab) || READ_ONCE(c->partial) ||
	       READ_ONCE(c->main) || READ_ONCE(c->spare);
}

/* CPUs are kept from coming and going. */
static void flush_cpus(struct edu_cache *s)
{
	int cpu;

	mutex_lock(&flush_lock);
	/* One that is gone was flushed when it went, and has nothing since. */
	for_each_online_cpu(cpu) {
		struct flush *f = per_cpu_ptr(&flushes, cpu);

		f->s = NULL;
		if (!cpu_has_objects(s, cpu))
			continue;
		f->s = s;
		INIT_WORK(&f->work, flush_this_cpu);
		queue_work_on(cpu, flush_queue, &f->work);
	}
	for_each_online_cpu(cpu)
		if (per_cpu_ptr(&flushes, cpu)->s)
			flush_work(&per_cpu_ptr(&flushes, cpu)->work);
	mutex_unlock(&flush_lock);
}

static void flush(struct edu_cache *s)
{
	flush_cpus(s);
	sheaf_flush_barns(s);
	/* Barns may have given objects to slabs that CPUs then held. */
	flush_cpus(s);
}

/**
 * cache_flush - give all objects that CPUs and barns hold to their slabs
 * @s: the cache; others may go on using it
 *
 * Context: sleeps.
 */
void cache_flush(struct edu_cache *s)
{
	cpus_read_lock();
	flush(s);
	cpus_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(cache_flush);

/**
 * cache_shrink_nodes - give empty slabs on the nodes' lists back
 * @s: the cache
 *
 * Context: any but NMI.
 *
 * Return: pages that went to the buddy system.
 */
unsigned long cache_shrink_nodes(struct edu_cache *s)
{
	unsigned long pages = 0;
	int node;

	for (node = 0; node < s->mem->nr_nodes; node++) {
		struct edu_node *n = &s->node[node];
		struct edu_page *slab, *next;
		unsigned long flags;
		LIST_HEAD(empty);

		if (!READ_ONCE(n->nr_partial))
			continue;
		spin_lock_irqsave(&n->list_lock, flags);
		list_for_each_entry_safe(slab, next, &n->partial, list) {
			/* Not frozen and empty: only we can reach it. */
			if (slab->slab.inuse)
				continue;
			partial_remove(n, slab);
			list_add(&slab->list, &empty);
		}
		spin_unlock_irqrestore(&n->list_lock, flags);
		list_for_each_entry_safe(slab, next, &empty, list) {
			pages += 1UL << slab->order;
			slab_discard(s, slab);
		}
	}
	return pages;
}
EXPORT_SYMBOL_IF_KUNIT(cache_shrink_nodes);

/**
 * edu_cache_shrink - give back what a cache does not need
 * @s: the cache
 *
 * Context: sleeps. Kernel book 6.11.
 *
 * Return: pages that went to the buddy system.
 */
unsigned long edu_cache_shrink(struct edu_cache *s)
{
	cache_flush(s);
	return cache_shrink_nodes(s);
}
EXPORT_SYMBOL_GPL(edu_cache_shrink);

/**
 * cache_reclaim - help when memory is short
 * @mem: of the caches
 * @pages: wanted
 *
 * Every cache gives its barns and empty slabs. Called from the kernel's
 * reclaim too, maybe by somebody who holds the list of caches: then nothing.
 *
 * Context: any task.
 *
 * Return: pages that went to the buddy system.
 */
unsigned long cache_reclaim(struct edu_memory *mem, unsigned long pages)
{
	unsigned long freed = 0;
	struct edu_cache *s;

	if (!mutex_trylock(&edu_caches_lock))
		return 0;
	list_for_each_entry(s, &edu_caches, list) {
		if (s->mem != mem)
			continue;
		sheaf_flush_barns(s);
		freed += cache_shrink_nodes(s);
	}
	mutex_unlock(&edu_caches_lock);
	return freed;
}
EXPORT_SYMBOL_IF_KUNIT(cache_reclaim);

/**
 * cache_shrink_all - give back what no cache needs, of all CPUs
 *
 * Context: sleeps; not from reclaim.
 */
void cache_shrink_all(void)
{
	struct edu_cache *s;

	/* In the order in which a CPU that goes takes them. */
	cpus_read_lock();
	mutex_lock(&edu_caches_lock);
	list_for_each_entry(s, &edu_caches, list) {
		flush(s);
		cache_shrink_nodes(s);
	}
	mutex_unlock(&edu_caches_lock);
	cpus_read_unlock();
}

/**
 * cache_set_front - choose between the classic front and sheaves
 * @s: the cache; others may go on using it
 * @sheaves: the newer one; a debug cache has none
 *
 * Context: sleeps.
 */
void cache_set_front(struct edu_cache *s, bool sheaves)
{
	WRITE_ONCE(s->sheaf_capacity, sheaves ? edu_sheaf_capacity(s) : 0);
	cache_flush(s);
}
EXPORT_SYMBOL_IF_KUNIT(cache_set_front);

/**
 * cache_stat - how often something happened
 * @s: the cache
 * @item: what
 *
 * Return: the sum over CPUs.
 */
unsigned long cache_stat(const struct edu_cache *s, enum edu_stat item)
{
	unsigned long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		/* others count on meanwhile */
		n += data_race(per_cpu_ptr(s->cpu, cpu)->stat[item]);
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(cache_stat);

static void discard_quarantine(struct edu_cache *s)
{
	int node;

	for (node = 0; node < s->mem->nr_nodes; node++) {
		struct edu_node *n = &s->node[node];
		struct edu_page *slab, *next;
		unsigned long flags;
		LIST_HEAD(rest);

		spin_lock_irqsave(&n->list_lock, flags);
		list_splice_init(&n->full, &rest);
		list_splice_init(&n->partial, &rest);
		n->nr_partial = 0;
		spin_unlock_irqrestore(&n->list_lock, flags);
		list_for_each_entry_safe(slab, next, &rest, list)
			slab_discard(s, slab);
	}
}

/**
 * cache_destroy - destroy a cache, if no object is in use
 * @s: nobody allocates from it any more
 *
 * Context: sleeps.
 *
 * Return: 0, or -EBUSY: objects are in use; they were reported by who
 * allocated them, and the cache is as it was.
 */
int cache_destroy(struct edu_cache *s)
{
	/* Users of the one free by call_rcu() what they had, the other we do. */
	if ((s->flags & SLAB_TYPESAFE_BY_RCU) || READ_ONCE(s->rcu_frees))
		rcu_barrier();
	cache_flush(s);
	if (cache_objects_in_use(s)) {
		atomic_long_inc(&s->errors[EDU_ERROR_LEAK]);
		debug_report_leaks(s);
		return -EBUSY;
	}
	slabinfo_remove(s);
	mutex_lock(&edu_caches_lock);
	list_del(&s->list);
	mutex_unlock(&edu_caches_lock);
	cache_shrink_nodes(s);
	discard_quarantine(s);
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		rcu_barrier();
	cache_free(s);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(cache_destroy);

/**
 * edu_cache_destroy - destroy a cache
 * @s: nobody allocates from it any more; NULL is no error
 *
 * Context: sleeps. Kernel book 6.10: only when all objects are free.
 *
 * Return: 0, or -EBUSY with a report if objects are in use; the cache stays
 * (the kernel warns, and leaks it).
 */
int edu_cache_destroy(struct edu_cache *s)
{
	return s ? cache_destroy(s) : 0;
}
EXPORT_SYMBOL_GPL(edu_cache_destroy);
