// SPDX-License-Identifier: GPL-2.0
/*
 * The newer front: per-CPU arrays of objects (sheaves), and a barn of them.
 *
 *  1. Allocating takes the last object of the CPU's main sheaf, freeing puts
 *     it there: no cmpxchg, no look at the slab (fast.h).
 *  2. Main is empty (or full, when freeing) and spare is the opposite: they
 *     change places.
 *  3. Else main is exchanged with the node's barn: an empty one for a full
 *     one, or the reverse.
 *  4. Else, allocating, an empty sheaf is filled from the classic path in one
 *     go; freeing, a full one is emptied to it.
 *  5. An object of another node goes to its slab, so that sheaves hold memory
 *     of their own node.
 *
 * An interrupt on top of a task that is at its sheaves (c->busy) takes the
 * classic path. Follows SLUB 7.x (its percpu sheaves and node barn), which the
 * documents do not know. There is no sheaf for kfree_rcu and none prefilled.
 */
#include <linux/preempt.h>

#include "fast.h"

/**
 * barn_init - set up an empty barn
 * @barn: of a node
 */
void barn_init(struct edu_barn *barn)
{
	spin_lock_init(&barn->lock);
	INIT_LIST_HEAD(&barn->sheaves[0]);
	INIT_LIST_HEAD(&barn->sheaves[1]);
}

static struct edu_barn *this_barn(struct edu_cache *s)
{
	return &s->node[edu_node_of_cpu(s->mem, raw_smp_processor_id())].barn;
}

/* False if there is no room. */
static bool barn_put(struct edu_barn *barn, struct edu_sheaf *sheaf)
{
	bool full = sheaf->size, room;
	unsigned long flags;

	spin_lock_irqsave(&barn->lock, flags);
	room = barn->nr[full] < EDU_BARN_SHEAVES;
	if (room) {
		list_add(&sheaf->list, &barn->sheaves[full]);
		barn->nr[full]++;
	}
	spin_unlock_irqrestore(&barn->lock, flags);
	return room;
}

/* A full sheaf, or an empty one; NULL if there is none. */
static struct edu_sheaf *barn_get(struct edu_barn *barn, bool full)
{
	struct edu_sheaf *sheaf;
	unsigned long flags;

	/* A racy look spares the lock. */
	if (!READ_ONCE(barn->nr[full]))
		return NULL;
	spin_lock_irqsave(&barn->lock, flags);
	sheaf = list_first_entry_or_null(&barn->sheaves[full], struct edu_sheaf, list);
	if (sheaf) {
		list_del(&sheaf->list);
		barn->nr[full]--;
	}
	spin_unlock_irqrestore(&barn->lock, flags);
	return sheaf;
}

static void sheaf_empty(struct edu_cache *s, struct edu_sheaf *sheaf)
{
	if (sheaf->size) {
		edu_stat_inc(s, EDU_SHEAF_FLUSH);
		classic_free_bulk(s, sheaf->size, sheaf->objects);
		sheaf->size = 0;
	}
}

/* Back to the barn as it is, or emptied, or not at all. */
static void sheaf_put(struct edu_cache *s, struct edu_sheaf *sheaf)
{
	struct edu_barn *barn = this_barn(s);

	if (sheaf->size == s->sheaf_capacity && barn_put(barn, sheaf))
		return;
	sheaf_empty(s, sheaf);
	if (!barn_put(barn, sheaf))
		kfree(sheaf);
}

/* An empty sheaf, of the barn or a new one, or NULL. */
static struct edu_sheaf *sheaf_new(struct edu_cache *s, gfp_t gfp)
{
	struct edu_sheaf *sheaf = barn_get(this_barn(s), false);

	if (!sheaf)
		sheaf = kmalloc(struct_size(sheaf, objects, edu_sheaf_capacity(s)),
				gfp | __GFP_NOWARN);
	if (sheaf)
		sheaf->size = 0;
	return sheaf;
}

/* Rules 2 and 3 of allocating. */
static bool make_nonempty(struct edu_cache *s, struct edu_cpu *c)
{
	struct edu_sheaf *full;

	if (c->spare && c->spare->size) {
		swap(c->main, c->spare);
		edu_stat_inc(s, EDU_SHEAF_SWAP);
		return true;
	}
	full = barn_get(this_barn(s), true);
	if (!full)
		return false;
	edu_stat_inc(s, EDU_BARN_GET);
	if (c->main && !c->spare)
		c->spare = c->main;
	else if (c->main && !barn_put(this_barn(s), c->main))
		kfree(c->main);
	c->main = full;
	return true;
}

static noinline void *classic_alloc_one(struct edu_cache *s, gfp_t gfp)
{
	return classic_alloc(s, gfp, NUMA_NO_NODE);
}

/* Rule 4 of allocating: may sleep, so nothing of a CPU is held meanwhile. */
static void *refill(struct edu_cache *s, gfp_t gfp)
{
	unsigned int capacity = READ_ONCE(s->sheaf_capacity);
	struct edu_sheaf *sheaf, *old;
	struct edu_cpu *c;
	void *object;

	if (!capacity)
		return classic_alloc_one(s, gfp);
	sheaf = sheaf_new(s, gfp & (GFP_KERNEL | GFP_ATOMIC));
	if (!sheaf)
		return classic_alloc_one(s, gfp);
	sheaf->size = classic_alloc_bulk(s, gfp, capacity, sheaf->objects);
	if (!sheaf->size) {
		sheaf_put(s, sheaf);
		return NULL;
	}
	edu_stat_inc(s, EDU_SHEAF_REFILL);
	object = sheaf->objects[--sheaf->size];

	c = sheaf_lock(s);
	if (!c) {
		sheaf_put(s, sheaf);
		return object;
	}
	old = c->main;
	if (!old || !old->size) {
		c->main = sheaf;
		sheaf = old;
	}
	if (sheaf && !c->spare) {
		c->spare = sheaf;
		sheaf = NULL;
	}
	sheaf_unlock(c);
	if (sheaf)
		sheaf_put(s, sheaf);
	return object;
}

/**
 * sheaf_alloc_slow - allocate an object where the main sheaf has none
 * @s: a cache with sheaves
 * @c: ours, unlocked here; NULL if they are taken
 * @gfp: counts only if sheaves and barn are empty
 *
 * Context: any but NMI; may sleep if @gfp allows it.
 *
 * Return: the object or NULL.
 */
void *sheaf_alloc_slow(struct edu_cache *s, struct edu_cpu *c, gfp_t gfp)
{
	void *object;

	if (!c)
		return classic_alloc_one(s, gfp);
	if (!make_nonempty(s, c)) {
		sheaf_unlock(c);
		return refill(s, gfp);
	}
	object = c->main->objects[--c->main->size];
	c->stat[EDU_ALLOC_SHEAF]++;
	sheaf_unlock(c);
	return object;
}

/* Rules 2 to 4 of freeing; the CPU's sheaves are ours. */
static bool make_room(struct edu_cache *s, struct edu_cpu *c)
{
	struct edu_barn *barn = this_barn(s);
	struct edu_sheaf *sheaf;

	if (c->main && c->spare && c->spare->size < s->sheaf_capacity) {
		swap(c->main, c->spare);
		edu_stat_inc(s, EDU_SHEAF_SWAP);
		return true;
	}
	/* A racy look: a full sheaf that finds no room is emptied. */
	if (!c->main || !c->spare || READ_ONCE(barn->nr[true]) < EDU_BARN_SHEAVES) {
		sheaf = sheaf_new(s, GFP_NOWAIT);
		if (sheaf) {
			if (c->main && !c->spare) {
				c->spare = c->main;
			} else if (c->main) {
				if (barn_put(barn, c->main)) {
					edu_stat_inc(s, EDU_BARN_PUT);
				} else {
					sheaf_empty(s, c->main);
					kfree(c->main);
				}
			}
			c->main = sheaf;
			return true;
		}
	}
	if (!c->main)
		return false;
	sheaf_empty(s, c->main);
	return true;
}

/**
 * sheaf_free_slow - free an object where the main sheaf has no room
 * @s: its cache
 * @c: ours, unlocked here
 * @slab: its slab
 * @object: the object
 *
 * Context: any but NMI.
 *
 * Return: 0, or -EINVAL if it was free.
 */
int sheaf_free_slow(struct edu_cache *s, struct edu_cpu *c, struct edu_page *slab,
		    void *object)
{
	bool room;

	if (c->main && sheaf_top_is(c->main, object)) {
		sheaf_unlock(c);
		return debug_double_free(s, slab, object);
	}
	room = s->sheaf_capacity && make_room(s, c);
	if (room) {
		c->main->objects[c->main->size++] = object;
		c->stat[EDU_FREE_SHEAF]++;
	}
	sheaf_unlock(c);
	return room ? 0 : classic_free_one(s, slab, object);
}

/**
 * sheaf_alloc_bulk - allocate many, as far as full sheaves go
 * @s: a cache with sheaves
 * @n: how many
 * @objects: where they go
 *
 * Return: how many came; the rest is the classic path's.
 */
unsigned int sheaf_alloc_bulk(struct edu_cache *s, unsigned int n, void **objects)
{
	struct edu_cpu *c = sheaf_lock(s);
	unsigned int got = 0;

	if (!c)
		return 0;
	while (got < n) {
		struct edu_sheaf *main = c->main;
		unsigned int batch;

		if (!main || !main->size) {
			if (!make_nonempty(s, c))
				break;
			main = c->main;
		}
		batch = min(n - got, main->size);
		main->size -= batch;
		memcpy(objects + got, main->objects + main->size, batch * sizeof(void *));
		got += batch;
	}
	c->stat[EDU_ALLOC_SHEAF] += got;
	sheaf_unlock(c);
	return got;
}

/**
 * sheaf_free_bulk - free many, as far as there is room
 * @s: a cache with sheaves, on one node
 * @n: how many
 * @objects: they
 *
 * Return: how many of the first were taken.
 */
unsigned int sheaf_free_bulk(struct edu_cache *s, unsigned int n, void **objects)
{
	/* Read once: it may become 0 at any time, when the other front is chosen. */
	unsigned int capacity = READ_ONCE(s->sheaf_capacity), put = 0;
	struct edu_cpu *c = sheaf_lock(s);

	if (!c)
		return 0;
	while (put < n && capacity) {
		struct edu_sheaf *main = c->main;
		unsigned int batch;

		if (!main || main->size >= capacity) {
			if (!make_room(s, c))
				break;
			main = c->main;
		}
		batch = min(n - put, capacity - main->size);
		memcpy(main->objects + main->size, objects + put, batch * sizeof(void *));
		main->size += batch;
		put += batch;
	}
	c->stat[EDU_FREE_SHEAF] += put;
	sheaf_unlock(c);
	return put;
}

/**
 * sheaf_flush_cpu - give a CPU's sheaves up
 * @s: the cache
 * @cpu: the one we run on, in a task, or one that is dead
 */
void sheaf_flush_cpu(struct edu_cache *s, int cpu)
{
	struct edu_cpu *c = per_cpu_ptr(s->cpu, cpu);
	struct edu_sheaf *sheaf[2];
	int i;

	preempt_disable();
	WRITE_ONCE(c->busy, 1);
	barrier();
	sheaf[0] = c->main;
	sheaf[1] = c->spare;
	c->main = NULL;
	c->spare = NULL;
	sheaf_unlock(c);
	for (i = 0; i < ARRAY_SIZE(sheaf); i++) {
		if (sheaf[i]) {
			sheaf_empty(s, sheaf[i]);
			kfree(sheaf[i]);
		}
	}
}

/**
 * sheaf_flush_barns - empty the barns of all nodes
 * @s: the cache
 *
 * Context: any but NMI.
 */
void sheaf_flush_barns(struct edu_cache *s)
{
	int node;

	for (node = 0; node < s->mem->nr_nodes; node++) {
		struct edu_barn *barn = &s->node[node].barn;
		struct edu_sheaf *sheaf;

		while ((sheaf = barn_get(barn, true))) {
			sheaf_empty(s, sheaf);
			kfree(sheaf);
		}
		while ((sheaf = barn_get(barn, false)))
			kfree(sheaf);
	}
}
