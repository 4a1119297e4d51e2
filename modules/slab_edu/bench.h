/* SPDX-License-Identifier: GPL-2.0 */
/* What the bench's protocol, its loops and its stress test share. */
#ifndef _SLAB_EDU_BENCH_H
#define _SLAB_EDU_BENCH_H

#include <linux/completion.h>
#include <linux/ktime.h>

#include "slab.h"

enum bench_test {
	BENCH_REUSE, BENCH_HOLD, BENCH_RANDOM, BENCH_BULK, BENCH_REMOTE, BENCH_KMALLOC,
	BENCH_RBTREE, BENCH_FILL, BENCH_STRESS, BENCH_NR_TESTS
};

enum bench_side { BENCH_KERNEL, BENCH_EDU, BENCH_SHEAF, BENCH_NR_SIDES };

/**
 * struct bench - one line that was written
 * @test: which loop
 * @side: whose turn it is
 * @size: bytes of an object
 * @n: objects, or operations, of each worker
 * @batch: objects at a time
 * @cpus: workers
 * @rounds: how often each side has its turn
 * @nr_sides: how many of @sides
 * @sides: in this order
 * @kernel: SLUB's cache
 * @edu: ours
 * @ready: workers that wait for the others to begin
 * @failed: memory ran out
 * @refused: stress: allocations that failed
 * @bad: stress: objects that were not what their owner had left there
 * @shared: stress: objects that anybody may take
 * @worker: @cpus of them
 */
struct bench {
	enum bench_test test;
	enum bench_side side;
	unsigned int size, n, batch, cpus, rounds;
	unsigned int nr_sides;
	enum bench_side sides[BENCH_NR_SIDES];
	struct kmem_cache *kernel;
	struct edu_cache *edu;
	atomic_t ready, failed, refused, bad;
	void **shared;
	struct bench_worker *worker;
};

/**
 * struct bench_worker - one kernel thread
 * @b: the bench
 * @index: of it, and the number of its CPU
 * @objects: room for @batch (fill: @n)
 * @order: random: the order of freeing
 * @ns: time between bench_start() and bench_stop()
 * @turn: remote: the batch is ours
 * @done: it is at its end
 */
struct bench_worker {
	struct bench *b;
	unsigned int index;
	void **objects;
	u32 *order;
	u64 ns;
	struct completion turn;
	struct completion done;
};

#define BENCH_SHARED 512U

static inline void bench_start(struct bench_worker *w)
{
	w->ns -= ktime_get_ns();
}

static inline void bench_stop(struct bench_worker *w)
{
	w->ns += ktime_get_ns();
}

static __always_inline void *bench_alloc(struct bench *b, gfp_t gfp, bool edu)
{
	return edu ? edu_cache_alloc(b->edu, gfp) : kmem_cache_alloc(b->kernel, gfp);
}

static __always_inline void bench_free(struct bench *b, void *p, bool edu)
{
	if (edu)
		edu_cache_free(b->edu, p);
	else
		kmem_cache_free(b->kernel, p);
}

/* bench_loops.c */
bool bench_loop(struct bench_worker *w);
void bench_release(struct bench_worker *w, unsigned int n);

/* stress.c */
bool stress_loop(struct bench_worker *w);
void stress_interrupts(struct bench *b, bool on);
void stress_end(struct bench *b);

#endif /* _SLAB_EDU_BENCH_H */
