// SPDX-License-Identifier: GPL-2.0
/*
 * The bench's test=stress: many tasks and an interrupt at one cache, in every
 * way that there is, and each object is looked at before it is freed.
 *
 *  1. An object's owner fills it with a tag that no other has. Whoever frees
 *     it finds that tag whole, or somebody else had the object too.
 *  2. Each task keeps objects of its own; others lie in slots that all share,
 *     and are mostly freed by another CPU than allocated them.
 *  3. A timer's interrupt does the same on top of whatever it broke into.
 *  4. Now and then the cache is shrunk, and changes its front.
 *  5. Tasks are bound to no CPU: they are moved, and CPUs may come and go.
 *     Memory may run out or be refused: that is counted, and no error.
 *
 * The same on the kernel's side shows that the test itself is right.
 */
#include <linux/hrtimer.h>
#include <linux/prandom.h>
#include <edu/compat.h>

#include "bench.h"

#define HELD 64
#define BULK 64

static struct bench *interrupted;
static struct hrtimer timer;
static unsigned long *second, second_tag;

static void stamp(struct bench *b, unsigned long *p, unsigned long tag)
{
	unsigned int i;

	for (i = 0; i < b->size / sizeof(*p); i++)
		p[i] = tag + i;
}

static bool is_stamped(struct bench *b, const unsigned long *p, unsigned long tag)
{
	unsigned int i;

	for (i = 0; i < b->size / sizeof(*p); i++)
		if (READ_ONCE(p[i]) != tag + i)
			return false;
	return true;
}

static void expect(struct bench *b, bool good)
{
	if (!good)
		atomic_inc(&b->bad);
}

static unsigned long new_tag(void)
{
	static atomic64_t last;

	/* Far apart: object i of one is never object k of another. */
	return atomic64_add_return(1 << 16, &last);
}

static void *new_object(struct bench *b, gfp_t gfp, unsigned long tag)
{
	void *p = bench_alloc(b, gfp, b->side != BENCH_KERNEL);

	if (p)
		stamp(b, p, tag);
	else
		atomic_inc(&b->refused);
	return p;
}

static void drop_object(struct bench *b, void *p, unsigned long tag)
{
	expect(b, is_stamped(b, p, tag));
	bench_free(b, p, b->side != BENCH_KERNEL);
}

/* Rule 2: put @p, or nothing, where another object may lie, and free that. */
static void exchange(struct bench *b, unsigned int slot, void *p)
{
	unsigned long *old = xchg(&b->shared[slot % BENCH_SHARED], p);

	if (old)
		drop_object(b, old, old[0]);
}

/*
 * One time it takes two objects and gives the first back: a freelist then has
 * the head that it had, but another object behind it, and only the transaction
 * id tells whoever was interrupted. The next time it gives the other away.
 */
static enum hrtimer_restart tick(struct hrtimer *t)
{
	struct bench *b = interrupted;
	static unsigned int slot;
	unsigned long tag = new_tag();
	void *first;

	if (second) {
		/* Who took it meanwhile would have left his own tag. */
		expect(b, is_stamped(b, second, second_tag));
		exchange(b, slot++, second);
		second = NULL;
	} else {
		first = new_object(b, GFP_ATOMIC, tag);
		second_tag = new_tag();
		second = new_object(b, GFP_ATOMIC, second_tag);
		if (first)
			drop_object(b, first, tag);
	}
	hrtimer_forward_now(t, ns_to_ktime(100 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static void bulk(struct bench *b, void **objects, unsigned int n)
{
	unsigned long tag = new_tag();
	unsigned int i;
	bool edu = b->side != BENCH_KERNEL;

	if (!(edu ? edu_cache_alloc_bulk(b->edu, GFP_KERNEL, n, objects) :
		    kmem_cache_alloc_bulk(b->kernel, GFP_KERNEL, n, objects))) {
		atomic_inc(&b->refused);
		return;
	}
	for (i = 0; i < n; i++)
		stamp(b, objects[i], tag + i);
	for (i = 0; i < n; i++)
		expect(b, is_stamped(b, objects[i], tag + i));
	if (edu)
		expect(b, !edu_cache_free_bulk(b->edu, n, objects));
	else
		kmem_cache_free_bulk(b->kernel, n, objects);
}

static void sizes(struct bench *b, u32 r)
{
	size_t size = 8 + r % 9000, larger = size + (r >> 16) % 9000;
	unsigned long tag = new_tag(), *p, *q;

	p = edu_kmalloc(size, GFP_KERNEL | __GFP_ZERO | (r & 1 ? __GFP_RECLAIMABLE : 0));
	if (!p) {
		atomic_inc(&b->refused);
		return;
	}
	expect(b, !memchr_inv(p, 0, size));
	*p = tag;
	q = edu_krealloc(p, larger, GFP_KERNEL);
	if (q)
		p = q;
	else
		atomic_inc(&b->refused);
	expect(b, *p == tag && edu_ksize(p) >= size);
	expect(b, !(r & 2 ? edu_kfree_sensitive(p) : edu_kfree(p)));
}

/* Rule 4. */
static void disturb(struct bench *b, u32 r)
{
	if (b->side == BENCH_KERNEL)
		kmem_cache_shrink(b->kernel);
	else if (r & 1 || !edu_sheaf_capacity(b->edu))
		edu_cache_shrink(b->edu);
	else
		cache_set_front(b->edu, r & 2);
}

/**
 * stress_loop - one task's part
 * @w: the worker
 *
 * Return: true.
 */
bool stress_loop(struct bench_worker *w)
{
	unsigned long held[HELD] = {};
	struct bench *b = w->b;
	struct rnd_state rnd;
	unsigned int i, k;

	prandom_seed_state(&rnd, w->index + 1);
	for (i = 0; i < b->n; i++) {
		u32 r = prandom_u32_state(&rnd);

		k = r / 16 % HELD;
		switch (r % 16) {
		case 0 ... 3:
			exchange(b, r >> 4, new_object(b, GFP_KERNEL, new_tag()));
			break;
		case 4 ... 6:
			exchange(b, r >> 4, NULL);
			break;
		case 7:
			bulk(b, w->objects + HELD, 1 + r / 16 % BULK);
			break;
		case 8:
			if (b->side != BENCH_KERNEL)
				sizes(b, r >> 4);
			break;
		case 9:
			if (!(r / 16 % 512))
				disturb(b, r >> 13);
			break;
		default:
			if (held[k]) {
				drop_object(b, w->objects[k], held[k]);
				held[k] = 0;
				break;
			}
			held[k] = new_tag();
			w->objects[k] = new_object(b, GFP_KERNEL, held[k]);
			if (!w->objects[k])
				held[k] = 0;
		}
		if (!(i % 64))
			cond_resched();
	}
	for (k = 0; k < HELD; k++)
		if (held[k])
			drop_object(b, w->objects[k], held[k]);
	return true;
}

/**
 * stress_interrupts - begin or end with interrupts
 * @b: for whom
 * @on: begin
 *
 * Context: sleeps; one bench at a time.
 */
void stress_interrupts(struct bench *b, bool on)
{
	if (!on) {
		hrtimer_cancel(&timer);
		if (second)
			exchange(b, 0, second);
		second = NULL;
		return;
	}
	interrupted = b;
	hrtimer_setup(&timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL);
}

/**
 * stress_end - free what lies in the shared slots
 * @b: nobody works on it any more
 */
void stress_end(struct bench *b)
{
	unsigned int i;

	for (i = 0; i < BENCH_SHARED; i++)
		exchange(b, i, NULL);
}
