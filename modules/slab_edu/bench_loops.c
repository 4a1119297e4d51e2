// SPDX-License-Identifier: GPL-2.0
/*
 * What the bench measures. Each loop is written once and compiled for either
 * side: @edu is a constant where they are inlined, so that a call is a call
 * and nothing else stands between.
 *
 *  reuse	an object is allocated and freed at once
 *  hold	batch objects are allocated, then freed in the same order
 *  random	... in a random order
 *  bulk	batch objects by one call, and freed by one
 *  remote	CPU 0 allocates batch objects, then CPU 1 frees them; only what
 *		each does counts, not how they wait for each other
 *  kmalloc	16 objects of 8, 16, ... 4096 bytes, then freed
 *  rbtree	real work: a tree of n entries is built, each entry is looked
 *		up, taken out and freed
 *  fill	n objects are allocated and stay
 */
#include <linux/rbtree.h>

#include "bench.h"

static __always_inline bool loop_reuse(struct bench_worker *w, bool edu)
{
	struct bench *b = w->b;
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		void *p = bench_alloc(b, GFP_KERNEL, edu);

		if (!p)
			return false;
		/* The compiler must not see that nobody uses it. */
		barrier_data(p);
		bench_free(b, p, edu);
	}
	return true;
}

/* Allocate up to @n objects; how many there are. */
static __always_inline unsigned int take(struct bench_worker *w, unsigned int n, bool edu)
{
	unsigned int got;

	for (got = 0; got < n; got++) {
		w->objects[got] = bench_alloc(w->b, GFP_KERNEL, edu);
		if (!w->objects[got])
			break;
	}
	return got;
}

static __always_inline bool loop_hold(struct bench_worker *w, bool edu)
{
	struct bench *b = w->b;
	unsigned int i, k, got;

	for (i = 0; i < b->n; i += b->batch) {
		got = take(w, b->batch, edu);
		for (k = 0; k < got; k++)
			bench_free(b, w->objects[w->order ? w->order[k] : k], edu);
		if (got < b->batch)
			return false;
	}
	return true;
}

static __always_inline bool loop_bulk(struct bench_worker *w, bool edu)
{
	struct bench *b = w->b;
	unsigned int i;

	for (i = 0; i < b->n; i += b->batch) {
		if (edu) {
			if (!edu_cache_alloc_bulk(b->edu, GFP_KERNEL, b->batch, w->objects))
				return false;
			edu_cache_free_bulk(b->edu, b->batch, w->objects);
		} else {
			if (!kmem_cache_alloc_bulk(b->kernel, GFP_KERNEL, b->batch, w->objects))
				return false;
			kmem_cache_free_bulk(b->kernel, b->batch, w->objects);
		}
	}
	return true;
}

static __always_inline bool loop_remote(struct bench_worker *w, bool edu)
{
	struct bench *b = w->b;
	struct bench_worker *giver = &b->worker[0], *taker = &b->worker[1];
	unsigned int i, k;

	for (i = 0; i < b->n && !atomic_read(&b->failed); i += b->batch) {
		if (w == giver) {
			bench_start(w);
			k = take(w, b->batch, edu);
			bench_stop(w);
			/* The taker stops at what is not there. */
			if (k < b->batch) {
				w->objects[k] = NULL;
				atomic_set(&b->failed, 1);
			}
			complete(&taker->turn);
			wait_for_completion(&giver->turn);
		} else {
			wait_for_completion(&taker->turn);
			bench_start(w);
			for (k = 0; k < b->batch && giver->objects[k]; k++)
				bench_free(b, giver->objects[k], edu);
			bench_stop(w);
			complete(&giver->turn);
		}
	}
	return !atomic_read(&b->failed);
}

static __always_inline bool loop_kmalloc(struct bench_worker *w, bool edu)
{
	unsigned int i, k;

	for (i = 0; i < w->b->n; i += 16) {
		for (k = 0; k < 16; k++) {
			size_t size = 8U << (k % 10);

			/* A size known to the compiler would spare the kernel its look-up. */
			OPTIMIZER_HIDE_VAR(size);
			w->objects[k] = edu ? edu_kmalloc(size, GFP_KERNEL) :
					      kmalloc(size, GFP_KERNEL);
		}
		for (k = 0; k < 16; k++)
			if (edu)
				edu_kfree(w->objects[k]);
			else
				kfree(w->objects[k]);
	}
	return true;
}

struct entry {
	struct rb_node node;
	u32 key;
};

static bool entry_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct entry, node)->key < rb_entry(b, struct entry, node)->key;
}

static int entry_compare(const void *key, const struct rb_node *node)
{
	u32 a = *(const u32 *)key, b = rb_entry(node, struct entry, node)->key;

	return a < b ? -1 : a > b;
}

static __always_inline bool loop_rbtree(struct bench_worker *w, bool edu)
{
	struct rb_root root = RB_ROOT;
	struct bench *b = w->b;
	unsigned int i, n;

	for (n = 0; n < b->n; n++) {
		struct entry *e = bench_alloc(b, GFP_KERNEL, edu);

		if (!e)
			break;
		/* An odd factor: each key once, in no order. */
		e->key = n * 0x9e3779b1U;
		rb_add(&e->node, &root, entry_less);
		if (!(n % 4096))
			cond_resched();
	}
	for (i = 0; i < n; i++) {
		u32 key = i * 0x9e3779b1U;
		struct rb_node *node = rb_find(&key, &root, entry_compare);

		if (!node) {
			atomic_inc(&b->bad);
			continue;
		}
		rb_erase(node, &root);
		bench_free(b, rb_entry(node, struct entry, node), edu);
		if (!(i % 4096))
			cond_resched();
	}
	return n == b->n;
}

static __always_inline bool loop_fill(struct bench_worker *w, bool edu)
{
	unsigned int got = take(w, w->b->n, edu);

	if (got == w->b->n)
		return true;
	bench_release(w, got);
	return false;
}

static __always_inline bool loop(struct bench_worker *w, bool edu)
{
	switch (w->b->test) {
	case BENCH_REUSE:
		return loop_reuse(w, edu);
	case BENCH_HOLD:
	case BENCH_RANDOM:
		return loop_hold(w, edu);
	case BENCH_BULK:
		return loop_bulk(w, edu);
	case BENCH_REMOTE:
		return loop_remote(w, edu);
	case BENCH_KMALLOC:
		return loop_kmalloc(w, edu);
	case BENCH_RBTREE:
		return loop_rbtree(w, edu);
	case BENCH_FILL:
		return loop_fill(w, edu);
	default:
		return stress_loop(w);
	}
}

static noinline bool kernel_loop(struct bench_worker *w)
{
	return loop(w, false);
}

static noinline bool edu_loop(struct bench_worker *w)
{
	return loop(w, true);
}

/**
 * bench_loop - run a worker's loop
 * @w: the worker
 *
 * Return: false if memory ran out.
 */
bool bench_loop(struct bench_worker *w)
{
	return w->b->side == BENCH_KERNEL ? kernel_loop(w) : edu_loop(w);
}

/**
 * bench_release - free what fill allocated
 * @w: the worker
 * @n: how many there are
 */
void bench_release(struct bench_worker *w, unsigned int n)
{
	while (n--)
		bench_free(w->b, w->objects[n], w->b->side != BENCH_KERNEL);
}
