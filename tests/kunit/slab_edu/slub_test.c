// SPDX-License-Identifier: GPL-2.0
/*
 * The eleven cases of the kernel's own slub_kunit, on the twin: same sizes,
 * flags and offences. SLUB counts a repair as a second error, we do not repair.
 * kmalloc_nolock() has no twin: its case is that of a hard interrupt here.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/poison.h>
#include <linux/random.h>
#include <linux/workqueue.h>
#include <edu/compat.h>

#include "slab.h"

static struct edu_cache *make(struct kunit *test, unsigned int size, slab_flags_t flags,
			      bool kmalloc)
{
	struct edu_cache *s = cache_create(edu_memory, "kunit_slub", size, 0, flags, NULL,
					   kmalloc);

	KUNIT_ASSERT_NOT_NULL(test, s);
	return s;
}

static void done(struct kunit *test, struct edu_cache *s)
{
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

static void slub_clobber_zone(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_RED_ZONE, false);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL), *q = edu_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, 0, debug_validate(s));
	OPTIMIZER_HIDE_VAR(p);
	p[64] = 0x12;
	KUNIT_EXPECT_EQ(test, 1, debug_validate(s));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p));
	edu_cache_free(s, q);
	done(test, s);
}

static void slub_next_pointer(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_POISON, false);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL);

	edu_cache_free(s, p);
	p[s->offset] = ~p[s->offset];
	/* the chain, and the count that it no longer gives */
	KUNIT_EXPECT_GE(test, debug_validate(s), 2);
	p[s->offset] = ~p[s->offset];
	KUNIT_EXPECT_EQ(test, 0, debug_validate(s));
	done(test, s);
}

static void clobber_free_byte(struct kunit *test, unsigned int at, u8 value)
{
	struct edu_cache *s = make(test, 64, SLAB_POISON, false);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL);

	edu_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, 0, debug_validate(s));
	p[at] = value;
	KUNIT_EXPECT_EQ(test, 1, debug_validate(s));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_POISON]));
	done(test, s);
}

static void slub_first_word(struct kunit *test)
{
	clobber_free_byte(test, 0, 0x78);
}

static void slub_clobber_50th_byte(struct kunit *test)
{
	clobber_free_byte(test, 50, 0x9a);
}

static void slub_clobber_redzone_free(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_RED_ZONE, false);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL), *q;

	edu_cache_free(s, p);
	OPTIMIZER_HIDE_VAR(p);
	p[64] = 0xab;
	KUNIT_EXPECT_EQ(test, 1, debug_validate(s));
	/* the harmed object is passed over */
	q = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_PTR_NE(test, p, q);
	edu_cache_free(s, q);
	done(test, s);
}

static void slub_kmalloc_redzone_access(struct kunit *test)
{
	struct edu_cache *s = make(test, 32, SLAB_STORE_USER | SLAB_RED_ZONE, true);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL);

	debug_set_asked(s, p, 18);
	KUNIT_EXPECT_EQ(test, 0, debug_validate(s));
	OPTIMIZER_HIDE_VAR(p);
	p[18] = 0xab;
	p[19] = 0xab;
	KUNIT_EXPECT_EQ(test, 1, debug_validate(s));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p));
	done(test, s);
}

/* The head is not where the object begins. */
struct rcu_user {
	long first;
	struct rcu_head rcu;
};

static void slub_kfree_rcu(struct kunit *test)
{
	struct edu_cache *s = make(test, sizeof(struct rcu_user), 0, false);
	struct rcu_user *p = edu_cache_alloc(s, GFP_KERNEL);
	struct rcu_user *large = edu_kmalloc(20000, GFP_KERNEL);
	struct rcu_user here;

	KUNIT_EXPECT_EQ(test, 0, edu_kfree_rcu(&p->rcu));
	/* Destroying waits for it. */
	done(test, s);
	KUNIT_EXPECT_EQ(test, 0, edu_kfree_rcu(&large->rcu));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, 0, edu_ksize(large));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_kfree_rcu(&here.rcu));
}

struct destroy_work {
	struct work_struct work;
	struct edu_cache *s;
	int err;
};

static void destroy(struct work_struct *work)
{
	struct destroy_work *w = container_of(work, struct destroy_work, work);

	w->err = edu_cache_destroy(w->s);
}

static void slub_kfree_rcu_wq_destroy(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_workqueue("edu_destroy", WQ_UNBOUND | WQ_MEM_RECLAIM,
						      0);
	struct destroy_work w = {};
	struct rcu_user *p;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, wq);
	INIT_WORK_ONSTACK(&w.work, destroy);
	for (i = 0; i < 10; i++) {
		w.s = make(test, sizeof(*p), 0, false);
		p = edu_cache_alloc(w.s, GFP_KERNEL);
		edu_kfree_rcu(&p->rcu);
		msleep(get_random_u32_below(20));
		queue_work(wq, &w.work);
		flush_work(&w.work);
		KUNIT_EXPECT_EQ(test, 0, w.err);
	}
	destroy_work_on_stack(&w.work);
	destroy_workqueue(wq);
}

static void slub_leak_destroy(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, 0, false);
	void *p = edu_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, -EBUSY, edu_cache_destroy(s));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_LEAK]));
	/* The cache is as it was. */
	KUNIT_EXPECT_EQ(test, 0, edu_cache_free(s, p));
	done(test, s);
}

static void expect_bytes(struct kunit *test, const u8 *p, int from, int to, u8 value)
{
	for (; from < to; from++)
		KUNIT_EXPECT_EQ_MSG(test, value, p[from], "byte %d", from);
}

static void slub_krealloc_redzone_zeroing(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_STORE_USER | SLAB_RED_ZONE, true);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL);

	debug_set_asked(s, p, 48);
	memset(p, 0xff, 48);
	OPTIMIZER_HIDE_VAR(p);
	p = edu_krealloc(p, 40, GFP_KERNEL | __GFP_ZERO);
	expect_bytes(test, p, 40, 64, SLUB_RED_ACTIVE);
	p = edu_krealloc(p, 56, GFP_KERNEL | __GFP_ZERO);
	expect_bytes(test, p, 40, 56, 0);
	expect_bytes(test, p, 56, 64, SLUB_RED_ACTIVE);
	KUNIT_EXPECT_EQ(test, 0, debug_validate(s));
	memset(p, 0xff, 56);
	p = edu_krealloc(p, 112, GFP_KERNEL | __GFP_ZERO);
	expect_bytes(test, p, 0, 56, 0xff);
	expect_bytes(test, p, 56, 112, 0);
	KUNIT_EXPECT_EQ(test, 0, edu_kfree(p));
	done(test, s);
}

#define INTERRUPTS 400
#define PATIENCE (100 * NSEC_PER_SEC)	/* a machine under load is slow to interrupt */
#define MAGIC 0x1234567887654321UL

struct interrupt {
	struct hrtimer timer;
	struct edu_cache *s;
	unsigned long *object;
	int done;
	int bad;
	struct completion last;
};

static enum hrtimer_restart interrupt(struct hrtimer *t)
{
	struct interrupt *i = container_of(t, struct interrupt, timer);

	if (i->object) {
		i->bad += *i->object != MAGIC;
		i->bad += !!edu_cache_free(i->s, i->object);
		i->object = NULL;
	} else {
		/* The head is as before, what follows it is not. */
		void *first = edu_cache_alloc(i->s, GFP_NOWAIT);

		i->object = edu_cache_alloc(i->s, GFP_NOWAIT);
		if (i->object)
			*i->object = MAGIC;
		edu_cache_free(i->s, first);
	}
	if (++i->done == INTERRUPTS) {
		complete(&i->last);
		return HRTIMER_NORESTART;
	}
	hrtimer_forward_now(t, ns_to_ktime(100 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

/* On top of a task that does nothing else, on either front. */
static void slub_interrupt(struct kunit *test)
{
	struct interrupt *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);
	int front;

	KUNIT_ASSERT_NOT_NULL(test, i);
	for (front = 0; front < 2; front++) {
		u64 end = ktime_get_ns() + PATIENCE;
		unsigned long n = 0, bad = 0;

		*i = (struct interrupt){ .s = make(test, 64, 0, false) };
		cache_set_front(i->s, front);
		init_completion(&i->last);
		hrtimer_setup(&i->timer, interrupt, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
		hrtimer_start(&i->timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL);
		while (!completion_done(&i->last) && ktime_get_ns() < end) {
			unsigned long *p = edu_cache_alloc(i->s, GFP_KERNEL);

			*p = n++;
			barrier();
			bad += *p != n - 1;
			bad += !!edu_cache_free(i->s, p);
		}
		hrtimer_cancel(&i->timer);
		KUNIT_EXPECT_EQ(test, INTERRUPTS, i->done);
		KUNIT_EXPECT_EQ(test, 0, bad + i->bad);
		edu_cache_free(i->s, i->object);
		done(test, i->s);
	}
}

static struct kunit_case slub_cases[] = {
	KUNIT_CASE(slub_clobber_zone),
	KUNIT_CASE(slub_next_pointer),
	KUNIT_CASE(slub_first_word),
	KUNIT_CASE(slub_clobber_50th_byte),
	KUNIT_CASE(slub_clobber_redzone_free),
	KUNIT_CASE(slub_kmalloc_redzone_access),
	KUNIT_CASE(slub_kfree_rcu),
	KUNIT_CASE(slub_kfree_rcu_wq_destroy),
	KUNIT_CASE(slub_leak_destroy),
	KUNIT_CASE(slub_krealloc_redzone_zeroing),
	KUNIT_CASE(slub_interrupt),
	{}
};

static struct kunit_suite slub_suite = {
	.name = "slab_edu_slub",
	.test_cases = slub_cases,
};

kunit_test_suite(slub_suite);
