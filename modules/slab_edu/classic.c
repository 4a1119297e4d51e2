// SPDX-License-Identifier: GPL-2.0
/*
 * The classic SLUB: per-CPU slab, per-CPU partial slabs, node list, new slab.
 *
 * Allocating, the first that has an object:
 *  1. The CPU's freelist (fast.h).
 *  2. The CPU's own slab, for objects that other CPUs freed meanwhile.
 *  3. The CPU's partial slabs.
 *  4. The node's partial list: one slab to allocate from, and more for the
 *     CPU's list until it holds over half of cpu_partial objects.
 *  5. A new slab.
 * Freeing:
 *  6. To the CPU's freelist if the object is of its slab (rule 1's cmpxchg).
 *  7. Else to the slab. If some CPU holds it, that is all. If it was full, it
 *     becomes the freeing CPU's partial slab; if that list is as long as
 *     cpu_partial allows, the list goes to the node first. If it is empty now
 *     and the node has min_partial slabs, it goes to the buddy system.
 *
 * Follows kernel book 6.12 and document 10.3; the free side, a gap there, is
 * SLUB 5.x's, from 5.16 on: that counts partial slabs, where it was an estimate
 * of their objects that let fifty empty slabs gather. Slabs on a CPU's partial
 * list are frozen, as the documents say (no longer since 6.8). SLUB from 7.0 on
 * has sheaves instead: see sheaf.c.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/percpu.h>

#include "fast.h"

/**
 * classic_init_cpu - set up one CPU's part of a cache
 * @s: the cache
 * @cpu: the CPU
 */
void classic_init_cpu(struct edu_cache *s, int cpu)
{
	struct edu_cpu *c = per_cpu_ptr(s->cpu, cpu);

	local_lock_init(&c->lock);
	c->tid = cpu;
}

#ifndef EDU_CMPXCHG16
/**
 * classic_exchange_irqoff - the fast paths' exchange without such a cmpxchg
 * @s: the cache
 * @old: head of the freelist as it was read
 * @tid: the transaction id read before
 * @new: the new head
 *
 * Return: false if either is another by now; nothing happened then.
 */
bool classic_exchange_irqoff(struct edu_cache *s, void *old, unsigned long tid,
			     void *new)
{
	unsigned long flags;
	struct edu_cpu *c;
	bool same;

	local_irq_save(flags);
	c = this_cpu_ptr(s->cpu);
	same = c->freelist == old && c->tid == tid;
	if (same) {
		c->freelist = new;
		c->tid = next_tid(tid);
	}
	local_irq_restore(flags);
	return same;
}
EXPORT_SYMBOL_IF_KUNIT(classic_exchange_irqoff);
#endif

/*
 * Take all free objects of a slab that this CPU holds (rule 2). A slab that
 * has none is let go: not frozen, on no list.
 */
static void *take_chain(struct edu_cache *s, struct edu_page *slab)
{
	struct edu_slab_state old, new;

	do {
		old = slab_read(slab);
		new = old;
		new.freelist = NULL;
		new.inuse = old.objects;
		new.frozen = !!old.freelist;
	} while (!slab_change(s, slab, old, new));
	return old.freelist;
}

/*
 * The node's lock is held: give a slab up. What the CPU had of its objects, from
 * @head to @tail, goes back to it, and it on the list it belongs to. True if it
 * is empty and not wanted: it is on no list then.
 */
static bool release(struct edu_cache *s, struct edu_node *n, struct edu_page *slab,
		    void *head, void *tail, unsigned int count)
{
	struct edu_slab_state old, new;

	do {
		old = slab_read(slab);
		new = old;
		new.frozen = 0;
		if (tail) {
			freeptr_set(s, tail, old.freelist);
			new.freelist = head;
			new.inuse -= count;
		}
	} while (!slab_change(s, slab, old, new));
	if (!new.inuse && n->nr_partial >= s->min_partial) {
		edu_stat_inc(s, EDU_DEACTIVATE_EMPTY);
		return true;
	}
	if (new.freelist)
		partial_add(n, slab, true);
	edu_stat_inc(s, new.freelist ? EDU_DEACTIVATE_PARTIAL : EDU_DEACTIVATE_FULL);
	return false;
}

/* Give up the CPU's slab, with what is left of its freelist. */
static void deactivate(struct edu_cache *s, struct edu_page *slab, void *freelist)
{
	struct edu_node *n = edu_node_of(s, slab);
	void *object, *tail = NULL;
	unsigned int count = 0;
	unsigned long flags;
	bool empty;

	for (object = freelist; object; object = freeptr_get(s, object)) {
		tail = object;
		if (++count <= slab->slab.objects)
			continue;
		/* An object is in the chain twice. Whatever is in it stays in use. */
		debug_report(s, slab, object, EDU_ERROR_FREELIST);
		freelist = NULL;
		tail = NULL;
		break;
	}
	spin_lock_irqsave(&n->list_lock, flags);
	empty = release(s, n, slab, freelist, tail, count);
	spin_unlock_irqrestore(&n->list_lock, flags);
	if (empty)
		slab_discard(s, slab);
}

/* Give a chain of a CPU's partial slabs to their nodes. */
static void unfreeze(struct edu_cache *s, struct edu_page *slab)
{
	struct edu_page *next, *empty = NULL;
	struct edu_node *n = NULL;
	unsigned long flags;

	for (; slab; slab = next) {
		next = slab->next;
		if (n != edu_node_of(s, slab)) {
			if (n)
				spin_unlock_irqrestore(&n->list_lock, flags);
			n = edu_node_of(s, slab);
			spin_lock_irqsave(&n->list_lock, flags);
		}
		if (release(s, n, slab, NULL, NULL, 0)) {
			slab->next = empty;
			empty = slab;
		}
	}
	if (n)
		spin_unlock_irqrestore(&n->list_lock, flags);
	for (; empty; empty = next) {
		next = empty->next;
		slab_discard(s, empty);
	}
}

/*
 * Slabs that a CPU may keep so that they hold cpu_partial objects, if each is
 * half free. They are counted since what is free in them is not known: objects
 * are freed to them without telling the CPU.
 */
static unsigned int cpu_partial_slabs(const struct edu_cache *s)
{
	return DIV_ROUND_UP(2 * s->cpu_partial, s->oo.objects);
}

/* Make @slab the CPU's first partial slab; the list grows no longer than it may. */
static void cpu_partial_put(struct edu_cache *s, struct edu_page *slab)
{
	struct edu_page *old, *surplus = NULL;
	struct edu_cpu *c;
	unsigned long flags;

	local_lock_irqsave(&s->cpu->lock, flags);
	c = this_cpu_ptr(s->cpu);
	old = c->partial;
	if (old && old->slabs >= cpu_partial_slabs(s)) {
		surplus = old;
		old = NULL;
	}
	slab->next = old;
	slab->slabs = old ? old->slabs + 1 : 1;
	slab->cpu = smp_processor_id();
	c->partial = slab;
	local_unlock_irqrestore(&s->cpu->lock, flags);

	if (surplus) {
		edu_stat_inc(s, EDU_CPU_PARTIAL_DRAIN);
		unfreeze(s, surplus);
	}
}

/*
 * Freeze a slab of the node's list, under its lock. The first one gives its
 * chain to the CPU, the others keep theirs.
 */
static void *acquire(struct edu_cache *s, struct edu_node *n, struct edu_page *slab,
		     bool take, unsigned int *objects)
{
	struct edu_slab_state old, new;

	do {
		old = slab_read(slab);
		*objects = old.objects - old.inuse;
		new = old;
		if (take) {
			new.inuse = old.objects;
			new.freelist = NULL;
		}
		new.frozen = 1;
	} while (!slab_change(s, slab, old, new));
	partial_remove(n, slab);
	slab->cpu = smp_processor_id();
	return old.freelist;
}

/* Rule 4; interrupts are off, c is ours. */
static void *take_partial_node(struct edu_cache *s, struct edu_node *n,
			       struct edu_cpu *c)
{
	unsigned int available = 0, objects;
	struct edu_page *slab, *next;
	void *freelist = NULL;

	/* A racy look spares the lock; a miss costs one new slab. */
	if (!READ_ONCE(n->nr_partial))
		return NULL;
	spin_lock(&n->list_lock);
	list_for_each_entry_safe(slab, next, &n->partial, list) {
		void *chain = acquire(s, n, slab, !freelist, &objects);

		available += objects;
		if (!freelist) {
			c->slab = slab;
			freelist = chain;
			edu_stat_inc(s, EDU_ALLOC_FROM_PARTIAL);
		} else {
			struct edu_page *old = c->partial;

			slab->next = old;
			slab->slabs = old ? old->slabs + 1 : 1;
			c->partial = slab;
			edu_stat_inc(s, EDU_CPU_PARTIAL_NODE);
		}
		if (!s->cpu_partial || available > s->cpu_partial / 2)
			break;
	}
	spin_unlock(&n->list_lock);
	return freelist;
}

static void *take_partial(struct edu_cache *s, gfp_t gfp, int node, struct edu_cpu *c)
{
	int nodes = s->mem->nr_nodes;
	int first = node, i;
	void *freelist;

	if (node == NUMA_NO_NODE)
		first = edu_node_of_cpu(s->mem, smp_processor_id());
	freelist = take_partial_node(s, &s->node[first], c);
	/* A node that was asked for gets a new slab before another is tried. */
	if (freelist || node != NUMA_NO_NODE)
		return freelist;
	for (i = 1; i < nodes && !freelist; i++)
		freelist = take_partial_node(s, &s->node[(first + i) % nodes], c);
	return freelist;
}

/* The local lock is held: forget the CPU's slab and return it with its chain. */
static struct edu_page *detach(struct edu_cpu *c, void **freelist)
{
	struct edu_page *slab = c->slab;

	*freelist = c->freelist;
	c->slab = NULL;
	c->freelist = NULL;
	c->tid = next_tid(c->tid);
	return slab;
}

/**
 * classic_alloc_slow - allocate an object where the fast path has none
 * @s: not a debug cache
 * @gfp: counts only if a new slab is needed
 * @node: the twin's node, or NUMA_NO_NODE
 *
 * Context: any but NMI; may sleep if @gfp allows it. Rules 2 to 5.
 *
 * Return: the object, not zeroed, or NULL.
 */
void *classic_alloc_slow(struct edu_cache *s, gfp_t gfp, int node)
{
	struct edu_page *slab, *old;
	struct edu_cpu *c;
	unsigned long flags;
	void *freelist, *old_chain;

	edu_stat_inc(s, EDU_ALLOC_SLOWPATH);
	local_lock_irqsave(&s->cpu->lock, flags);
again:
	c = this_cpu_ptr(s->cpu);
	slab = c->slab;
	if (slab && node != NUMA_NO_NODE && edu_slab_node(slab) != node) {
		edu_stat_inc(s, EDU_ALLOC_NODE_MISMATCH);
		old = detach(c, &old_chain);
		deactivate(s, old, old_chain);
		slab = NULL;
	}
	if (slab) {
		freelist = c->freelist;
		if (freelist)
			goto load;
		freelist = take_chain(s, slab);
		if (freelist) {
			edu_stat_inc(s, EDU_ALLOC_REFILL);
			goto load;
		}
		edu_stat_inc(s, EDU_DEACTIVATE_BYPASS);
		detach(c, &old_chain);
	}

	if (c->partial) {
		c->slab = c->partial;
		c->partial = c->slab->next;
		c->tid = next_tid(c->tid);
		edu_stat_inc(s, EDU_CPU_PARTIAL_ALLOC);
		goto again;
	}
	freelist = take_partial(s, gfp, node, c);
	if (freelist)
		goto load;
	local_unlock_irqrestore(&s->cpu->lock, flags);

	slab = slab_create(s, gfp, node);
	if (!slab)
		return NULL;
	freelist = slab->slab.freelist;
	slab->slab.freelist = NULL;
	slab->slab.inuse = slab->slab.objects;
	slab->slab.frozen = 1;
	edu_stat_inc(s, EDU_ALLOC_SLAB);

	local_lock_irqsave(&s->cpu->lock, flags);
	c = this_cpu_ptr(s->cpu);
	if (c->slab) {
		/* We slept, or an interrupt came: the newer slab is kept. */
		edu_stat_inc(s, EDU_CPUSLAB_FLUSH);
		old = detach(c, &old_chain);
		deactivate(s, old, old_chain);
	}
	slab->cpu = smp_processor_id();
	c->slab = slab;
load:
	c->freelist = freeptr_get(s, freelist);
	c->tid = next_tid(c->tid);
	local_unlock_irqrestore(&s->cpu->lock, flags);
	return freelist;
}

/* Rule 7, where the slab may have to go to a list, or from one. */
static noinline void free_and_move(struct edu_cache *s, struct edu_page *slab,
				   void *head, void *tail, unsigned int count)
{
	struct edu_node *n = NULL;
	struct edu_slab_state old, new;
	unsigned long flags = 0;

	do {
		if (unlikely(n)) {
			spin_unlock_irqrestore(&n->list_lock, flags);
			n = NULL;
		}
		old = slab_read(slab);
		freeptr_set(s, tail, old.freelist);
		new = old;
		new.freelist = head;
		new.inuse -= count;
		if ((!new.inuse || !old.freelist) && !old.frozen) {
			if (!old.freelist && s->cpu_partial) {
				new.frozen = 1;
			} else {
				/* Its place in the list may change with it. */
				n = edu_node_of(s, slab);
				spin_lock_irqsave(&n->list_lock, flags);
			}
		}
	} while (!slab_change(s, slab, old, new));

	if (likely(!n)) {
		if (old.frozen) {
			edu_stat_inc(s, EDU_FREE_FROZEN);
		} else if (new.frozen) {
			edu_stat_inc(s, EDU_CPU_PARTIAL_FREE);
			cpu_partial_put(s, slab);
		}
		return;
	}

	if (!new.inuse && n->nr_partial >= s->min_partial) {
		if (old.freelist) {
			partial_remove(n, slab);
			edu_stat_inc(s, EDU_FREE_REMOVE_PARTIAL);
		}
		spin_unlock_irqrestore(&n->list_lock, flags);
		slab_discard(s, slab);
		return;
	}
	if (!old.freelist) {
		partial_add(n, slab, true);
		edu_stat_inc(s, EDU_FREE_ADD_PARTIAL);
	}
	spin_unlock_irqrestore(&n->list_lock, flags);
}

/**
 * classic_free_slow - free objects that are not of the CPU's slab
 * @s: not a debug cache
 * @slab: of it
 * @head: first of a chain of its objects
 * @tail: the last
 * @count: how many
 *
 * Context: any but NMI. Rule 7; here the part that concerns no list.
 */
void classic_free_slow(struct edu_cache *s, struct edu_page *slab, void *head,
		       void *tail, unsigned int count)
{
	struct edu_slab_state old, new;

	edu_stat_inc(s, EDU_FREE_SLOWPATH);
	do {
		old = slab_read(slab);
		if (!old.frozen && (!old.freelist || old.inuse == count)) {
			free_and_move(s, slab, head, tail, count);
			return;
		}
		freeptr_set(s, tail, old.freelist);
		new = old;
		new.freelist = head;
		new.inuse -= count;
	} while (!slab_change(s, slab, old, new));
	if (old.frozen)
		edu_stat_inc(s, EDU_FREE_FROZEN);
}

/**
 * classic_free_one - classic_free() of one object, for who is not in a hurry
 * @s: not a debug cache
 * @slab: of it
 * @object: of it
 *
 * Return: 0, or -EINVAL if it was free.
 */
int classic_free_one(struct edu_cache *s, struct edu_page *slab, void *object)
{
	return classic_free(s, slab, object, object, 1);
}

/**
 * classic_alloc_bulk - allocate many objects
 * @s: not a debug cache
 * @gfp: as for one
 * @n: how many
 * @objects: where they go
 *
 * The CPU's chain is walked with interrupts off, one transaction for all.
 *
 * Return: how many there are; fewer than @n if memory ran out.
 */
unsigned int classic_alloc_bulk(struct edu_cache *s, gfp_t gfp, unsigned int n,
				void **objects)
{
	unsigned int got = 0, from;
	unsigned long flags;
	struct edu_cpu *c;
	void *next;

	for (;;) {
		from = got;
		local_lock_irqsave(&s->cpu->lock, flags);
		c = this_cpu_ptr(s->cpu);
		for (next = c->freelist; next && got < n; got++) {
			objects[got] = next;
			next = freeptr_get(s, next);
		}
		c->freelist = next;
		c->tid = next_tid(c->tid);
		c->stat[EDU_ALLOC_FASTPATH] += got - from;
		local_unlock_irqrestore(&s->cpu->lock, flags);
		if (got == n)
			break;
		objects[got] = classic_alloc_slow(s, gfp, NUMA_NO_NODE);
		if (!objects[got])
			break;
		if (++got == n)
			break;
	}
	return got;
}

/**
 * slab_run - how many pointers in a row lie in one slab
 * @s: its cache
 * @slab: where the first one does
 * @n: how many there are, 1 or more
 * @objects: they
 *
 * Return: from 1 to @n.
 */
unsigned int slab_run(const struct edu_cache *s, const struct edu_page *slab,
		      unsigned int n, void **objects)
{
	unsigned long bytes = PAGE_SIZE << slab->order, i = 1;
	void *start = edu_page_address(slab);

	while (i < n && (unsigned long)(objects[i] - start) < bytes)
		i++;
	return i;
}

/**
 * classic_free_bulk - free many objects of one cache
 * @s: not a debug cache
 * @n: how many
 * @objects: they; each is one of @s
 *
 * Neighbours of one slab are chained first and go to it in one exchange.
 */
void classic_free_bulk(struct edu_cache *s, unsigned int n, void **objects)
{
	while (n) {
		struct edu_page *slab = edu_page_of(s->mem, objects[0]);
		unsigned int count = slab_run(s, slab, n, objects), i;

		for (i = 1; i < count; i++)
			freeptr_set(s, objects[i], objects[i - 1]);
		classic_free(s, slab, objects[count - 1], objects[0], count);
		objects += count;
		n -= count;
	}
}

/**
 * classic_flush_cpu - give a CPU's slabs to their nodes
 * @s: the cache
 * @cpu: the one we run on, or one that is dead
 */
void classic_flush_cpu(struct edu_cache *s, int cpu)
{
	struct edu_cpu *c = per_cpu_ptr(s->cpu, cpu);
	struct edu_page *slab, *partial;
	void *chain = NULL;
	unsigned long flags;

	local_lock_irqsave(&s->cpu->lock, flags);
	slab = detach(c, &chain);
	partial = c->partial;
	c->partial = NULL;
	local_unlock_irqrestore(&s->cpu->lock, flags);

	if (slab) {
		edu_stat_inc(s, EDU_CPUSLAB_FLUSH);
		deactivate(s, slab, chain);
	}
	unfreeze(s, partial);
}
EXPORT_SYMBOL_IF_KUNIT(classic_flush_cpu);
