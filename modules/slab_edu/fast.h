/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fast paths: what nearly every call does, and nothing else. They are
 * inlined into the calls of alloc.c and kmalloc.c; what does not go straight
 * on leaves by a function of classic.c, sheaf.c or debug.c.
 *
 * Which front:
 *  1. A cache with sheaves asks them, if no node is asked for.
 *  2. A debug cache, which has none, goes object by object.
 *  3. All else is classic.
 *
 * Classic: head and transaction id of the CPU's freelist are exchanged by one
 * cmpxchg. Nobody is kept out: whoever was interrupted, preempted or moved to
 * another CPU since he read the id finds another one there, because every
 * change makes a new one and CPUs have none in common; and begins again. So
 * the id is read first, and what is read after it counts only if it holds.
 *
 * Sheaf: with preemption off and the CPU's sheaves marked busy, an array is
 * popped or pushed. An interrupt that finds them busy goes the classic way.
 *
 * Follows kernel book 6.12 and document 10.3 (classic), SLUB 7.x (sheaf).
 */
#ifndef _SLAB_EDU_FAST_H
#define _SLAB_EDU_FAST_H

#include <linux/kasan-checks.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>

#include "slab.h"

/* CPU n's ids are n, n + TID_STEP, ... */
#define TID_STEP roundup_pow_of_two(CONFIG_NR_CPUS)

static inline unsigned long next_tid(unsigned long tid)
{
	return tid + TID_STEP;
}

/* No lock prefix: only this CPU is kept out. */
static __always_inline bool freelist_exchange(struct edu_cache *s, void *old,
					      unsigned long tid, void *new)
{
#ifdef EDU_CMPXCHG16
	u128 *at = (u128 *)(__force unsigned long)&s->cpu->freelist;
	unsigned long high = tid;
	bool same;

	asm volatile("cmpxchg16b %%gs:%[at]"
		     : "=@ccz" (same), [at] "+m" (*at), "+a" (old), "+d" (high)
		     : "b" (new), "c" (next_tid(tid))
		     : "memory");
	return same;
#else
	return classic_exchange_irqoff(s, old, tid, new);
#endif
}

/*
 * @object may be somebody else's by now, its page even given back to the
 * kernel; then what is read here is garbage, and the exchange will fail. Only
 * a fault must not happen.
 */
static __always_inline void *freeptr_get_safe(struct edu_cache *s, void *object)
{
	unsigned long at = (unsigned long)object + s->offset, value;

	if (!debug_pagealloc_enabled_static())
		value = READ_ONCE_NOCHECK(*(unsigned long *)at);
	else if (copy_from_kernel_nofault(&value, (void *)at, sizeof(value)))
		return NULL;
	return (void *)freeptr_mix(s, value, at);
}

/* As above: the CPU's slab may be another one by now, and is then garbage. */
static __always_inline bool cpu_slab_on_node(struct edu_cache *s, int node)
{
	struct edu_page *slab;

	if (likely(node == NUMA_NO_NODE))
		return true;
	slab = this_cpu_read(s->cpu->slab);
	return slab && edu_slab_node(slab) == node;
}

static __always_inline void *classic_alloc(struct edu_cache *s, gfp_t gfp, int node)
{
	for (;;) {
		unsigned long tid = this_cpu_read(s->cpu->tid);
		void *object = this_cpu_read(s->cpu->freelist);

		if (unlikely(!object || !cpu_slab_on_node(s, node)))
			return classic_alloc_slow(s, gfp, node);
		if (likely(freelist_exchange(s, object, tid, freeptr_get_safe(s, object)))) {
			edu_stat_inc(s, EDU_ALLOC_FASTPATH);
			return object;
		}
		edu_stat_inc(s, EDU_CMPXCHG_FAIL);
	}
}

/* A chain of @count objects of @slab, @head to @tail. */
static __always_inline int classic_free(struct edu_cache *s, struct edu_page *slab,
					void *head, void *tail, unsigned int count)
{
	for (;;) {
		unsigned long tid = this_cpu_read(s->cpu->tid);
		void *freelist;

		if (unlikely(slab != this_cpu_read(s->cpu->slab))) {
			classic_free_slow(s, slab, head, tail, count);
			return 0;
		}
		freelist = this_cpu_read(s->cpu->freelist);
		/* Of whatever CPU it is: an object in use heads no freelist. */
		if (unlikely(freelist == head))
			return debug_double_free(s, slab, head);
		freeptr_set(s, tail, freelist);
		if (likely(freelist_exchange(s, freelist, tid, head))) {
			edu_stat_inc(s, EDU_FREE_FASTPATH);
			return 0;
		}
		edu_stat_inc(s, EDU_CMPXCHG_FAIL);
	}
}

/* The sheaves of this CPU, ours until sheaf_unlock(); NULL if they are taken. */
static __always_inline struct edu_cpu *sheaf_lock(struct edu_cache *s)
{
	struct edu_cpu *c;

	preempt_disable();
	c = this_cpu_ptr(s->cpu);
	if (unlikely(READ_ONCE(c->busy))) {
		preempt_enable();
		return NULL;
	}
	WRITE_ONCE(c->busy, 1);
	barrier();
	return c;
}

static __always_inline void sheaf_unlock(struct edu_cpu *c)
{
	barrier();
	WRITE_ONCE(c->busy, 0);
	preempt_enable();
}

/* Was @object the last that was freed to the sheaf? */
static __always_inline bool sheaf_top_is(const struct edu_sheaf *sheaf, const void *object)
{
	return sheaf->size && sheaf->objects[sheaf->size - 1] == object;
}

static __always_inline void *sheaf_alloc(struct edu_cache *s, gfp_t gfp)
{
	struct edu_cpu *c = sheaf_lock(s);
	struct edu_sheaf *main;
	void *object;

	if (unlikely(!c))
		return sheaf_alloc_slow(s, NULL, gfp);
	main = c->main;
	if (unlikely(!main || !main->size))
		return sheaf_alloc_slow(s, c, gfp);
	object = main->objects[--main->size];
	c->stat[EDU_ALLOC_SHEAF]++;
	sheaf_unlock(c);
	return object;
}

static __always_inline int sheaf_free(struct edu_cache *s, struct edu_page *slab,
				      void *object)
{
	struct edu_sheaf *main;
	struct edu_cpu *c;

	if (unlikely(s->mem->nr_nodes > 1) && !edu_slab_is_local(slab)) {
		edu_stat_inc(s, EDU_FREE_REMOTE);
		return classic_free_one(s, slab, object);
	}
	c = sheaf_lock(s);
	if (unlikely(!c))
		return classic_free_one(s, slab, object);
	main = c->main;
	if (unlikely(!main || main->size >= READ_ONCE(s->sheaf_capacity)))
		return sheaf_free_slow(s, c, slab, object);
	if (unlikely(sheaf_top_is(main, object))) {
		sheaf_unlock(c);
		return debug_double_free(s, slab, object);
	}
	main->objects[main->size++] = object;
	c->stat[EDU_FREE_SHEAF]++;
	sheaf_unlock(c);
	return 0;
}

/*
 * edu_alloc - allocate an object of a cache, not traced
 *
 * @node is one of the twin's, or NUMA_NO_NODE.
 */
static __always_inline void *edu_alloc(struct edu_cache *s, gfp_t gfp, int node)
{
	void *object;

	might_alloc(gfp);
	if (READ_ONCE(s->sheaf_capacity) && node == NUMA_NO_NODE)
		object = sheaf_alloc(s, gfp);
	else if (edu_cache_debug(s))
		object = debug_alloc(s, gfp, node, s->object_size);
	else
		object = classic_alloc(s, gfp, node);
	if (unlikely(gfp & __GFP_ZERO) && object)
		memset(object, 0, s->object_size);
	return object;
}

/* edu_free - free an object of @slab, which is one of @s; 0 or -EINVAL */
static __always_inline int edu_free(struct edu_cache *s, struct edu_page *slab,
				    void *object)
{
	if (READ_ONCE(s->sheaf_capacity))
		return sheaf_free(s, slab, object);
	if (edu_cache_debug(s))
		return debug_free(s, slab, object);
	return classic_free(s, slab, object, object, 1);
}

#endif /* _SLAB_EDU_FAST_H */
