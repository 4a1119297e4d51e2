// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of lock/ww_mutex.c: who waits, who dies, who is wounded. The queue is
 * filled by hand with transactions of given ages, and nobody sleeps.
 */
#include <kunit/test.h>

#include "lock/ww_wait.h"

static DEFINE_EDU_WD_CLASS(wd_class);
static DEFINE_EDU_WW_CLASS(ww_class);

static struct {
	struct edu_ww_mutex lock, other;
	struct edu_ww_ctx holder, ctx[4];
	struct edu_ww_waiter waiter[4];
} w;

static void age(struct edu_ww_ctx *ctx, struct edu_ww_class *class,
		unsigned long stamp, unsigned int acquired)
{
	*ctx = (struct edu_ww_ctx){ .stamp = stamp, .acquired = acquired, .class = class };
}

/* @lock as it is held by this task with a transaction that others wait for. */
static void held(struct edu_ww_mutex *lock, struct edu_ww_class *class,
		 struct edu_ww_ctx *ctx)
{
	edu_ww_mutex_init(lock, class);
	atomic_long_set(&lock->owner, (long)current | EDU_MUTEX_WAITERS);
	lock->ctx = ctx;
}

/* Waiter @i comes, with a transaction unless @stamp is 0. */
static int comes(int i, unsigned long stamp, unsigned int acquired)
{
	age(&w.ctx[i], w.lock.class, stamp, acquired);
	w.waiter[i] = (struct edu_ww_waiter){ .task = current };
	if (stamp)
		w.waiter[i].ctx = &w.ctx[i];
	return edu_ww_enqueue(&w.lock, &w.waiter[i]);
}

static void queue_is(struct kunit *test, const char *wanted)
{
	struct edu_ww_waiter *waiter;
	char got[8];
	int n = 0;

	list_for_each_entry(waiter, &w.lock.wait_list, list)
		got[n++] = '0' + (int)(waiter - w.waiter);
	got[n] = 0;
	KUNIT_EXPECT_STREQ(test, got, wanted);
}

static void ww_wait_die(struct kunit *test)
{
	age(&w.holder, &wd_class, 50, 1);
	held(&w.lock, &wd_class, &w.holder);
	/* Younger than the holder: dies if it has locks, else it may wait. */
	KUNIT_EXPECT_EQ(test, comes(0, 60, 1), -EDEADLK);
	KUNIT_EXPECT_EQ(test, comes(0, 60, 0), 0);
	/* Older: waits, before the younger. */
	KUNIT_EXPECT_EQ(test, comes(1, 40, 1), 0);
	queue_is(test, "10");
	KUNIT_EXPECT_FALSE(test, edu_ww_must_die(&w.waiter[0]));
	/* Older than the holder, and younger than one that waits: dies, too. */
	KUNIT_EXPECT_EQ(test, comes(2, 45, 1), -EDEADLK);
	queue_is(test, "10");
	/* An older one comes: the one that has locks, and waits, dies. */
	KUNIT_EXPECT_EQ(test, comes(2, 30, 1), 0);
	queue_is(test, "210");
	KUNIT_EXPECT_TRUE(test, edu_ww_must_die(&w.waiter[1]));
	KUNIT_EXPECT_FALSE(test, edu_ww_must_die(&w.waiter[0]));
	KUNIT_EXPECT_FALSE(test, edu_ww_must_die(&w.waiter[2]));
	/* Nobody is wounded here. */
	KUNIT_EXPECT_FALSE(test, w.holder.wounded);
}

static void ww_wound_wait(struct kunit *test)
{
	age(&w.holder, &ww_class, 50, 1);
	held(&w.lock, &ww_class, &w.holder);
	/* Younger: waits, locks or not. */
	KUNIT_EXPECT_EQ(test, comes(0, 60, 1), 0);
	/* Older, without a lock that anybody could wait for: waits. */
	KUNIT_EXPECT_EQ(test, comes(1, 40, 0), 0);
	KUNIT_EXPECT_FALSE(test, w.holder.wounded);
	/* Older, with locks: the holder is to back off. */
	KUNIT_EXPECT_EQ(test, comes(2, 45, 1), 0);
	KUNIT_EXPECT_TRUE(test, w.holder.wounded);
	queue_is(test, "120");
	KUNIT_EXPECT_FALSE(test, edu_ww_must_die(&w.waiter[0]));
	/* When it next would wait it dies; not if it has let go of all. */
	w.waiter[3] = (struct edu_ww_waiter){ .task = current, .ctx = &w.holder };
	held(&w.other, &ww_class, NULL);
	KUNIT_EXPECT_EQ(test, edu_ww_enqueue(&w.other, &w.waiter[3]), -EDEADLK);
	w.holder.acquired = 0;
	KUNIT_EXPECT_EQ(test, edu_ww_enqueue(&w.other, &w.waiter[3]), 0);
}

/* Those without a transaction keep their places, the others theirs by age. */
static void ww_order(struct kunit *test)
{
	age(&w.holder, &ww_class, 50, 1);
	held(&w.lock, &ww_class, &w.holder);
	KUNIT_EXPECT_EQ(test, comes(0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, comes(1, 70, 0), 0);
	KUNIT_EXPECT_EQ(test, comes(2, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, comes(3, 60, 0), 0);
	queue_is(test, "0312");
	/* Handed to each in turn; the flag says whether anybody is left. */
	KUNIT_EXPECT_PTR_EQ(test, edu_ww_hand_over(&w.lock), current);
	KUNIT_EXPECT_TRUE(test, w.waiter[0].granted);
	KUNIT_EXPECT_NULL(test, w.lock.ctx);
	edu_ww_hand_over(&w.lock);
	KUNIT_EXPECT_PTR_EQ(test, w.lock.ctx, &w.ctx[3]);
	queue_is(test, "12");
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w.lock.owner),
			(long)current | EDU_MUTEX_WAITERS);
	edu_ww_hand_over(&w.lock);
	edu_ww_hand_over(&w.lock);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w.lock.owner), (long)current);
	KUNIT_EXPECT_NULL(test, edu_ww_hand_over(&w.lock));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w.lock.owner), 0);
}

/* They came between the owner and its ctx: the same, when that is known. */
static void ww_late_ctx(struct kunit *test)
{
	age(&w.holder, &ww_class, 50, 1);
	held(&w.lock, &ww_class, NULL);
	KUNIT_EXPECT_EQ(test, comes(0, 40, 1), 0);
	KUNIT_EXPECT_FALSE(test, w.holder.wounded);
	w.lock.ctx = &w.holder;
	edu_ww_recheck(&w.lock);
	KUNIT_EXPECT_TRUE(test, w.holder.wounded);

	age(&w.holder, &wd_class, 50, 1);
	held(&w.lock, &wd_class, NULL);
	KUNIT_EXPECT_EQ(test, comes(0, 60, 1), 0);
	w.lock.ctx = &w.holder;
	edu_ww_recheck(&w.lock);
	KUNIT_EXPECT_TRUE(test, edu_ww_must_die(&w.waiter[0]));
	held(&w.lock, &wd_class, NULL);
	KUNIT_EXPECT_EQ(test, comes(0, 40, 1), 0);
	w.lock.ctx = &w.holder;
	edu_ww_recheck(&w.lock);
	KUNIT_EXPECT_FALSE(test, edu_ww_must_die(&w.waiter[0]));
}

/* The stamps of two that live at the same time may lie on both sides of 0. */
static void ww_stamps_wrap(struct kunit *test)
{
	age(&w.holder, &wd_class, ULONG_MAX - 1, 1);
	held(&w.lock, &wd_class, &w.holder);
	KUNIT_EXPECT_EQ(test, comes(0, 3, 1), -EDEADLK);
	w.holder.stamp = 3;
	KUNIT_EXPECT_EQ(test, comes(0, ULONG_MAX - 1, 1), 0);
}

/* A whole transaction: taken, refused, let go of, taken again. */
static void ww_transaction(struct kunit *test)
{
	struct edu_ww_ctx *ctx = &w.ctx[0];

	edu_ww_mutex_init(&w.lock, &wd_class);
	age(&w.holder, &wd_class, atomic_long_read(&wd_class.stamp), 1);
	held(&w.other, &wd_class, &w.holder);
	atomic_long_set(&w.other.owner, (long)current);

	edu_ww_acquire_init(ctx, &wd_class);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_lock(&w.lock, ctx), 0);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_lock(&w.lock, ctx), -EALREADY);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_trylock(&w.other, ctx), 0);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_lock(&w.other, ctx), -EDEADLK);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w.other.stat.count[LOCK_BACKED_OFF]), 1);
	/* Nobody waits there: no flag is left behind. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w.other.owner), (long)current);
	KUNIT_EXPECT_EQ(test, ctx->acquired, 1);
	edu_ww_mutex_unlock(&w.lock);
	KUNIT_EXPECT_EQ(test, ctx->acquired, 0);
	KUNIT_EXPECT_NULL(test, w.lock.ctx);
	atomic_long_set(&w.other.owner, 0);
	w.other.ctx = NULL;
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_lock_interruptible(&w.other, ctx), 0);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_trylock(&w.lock, ctx), 1);
	KUNIT_EXPECT_EQ(test, ctx->acquired, 2);
	edu_ww_acquire_done(ctx);
	edu_ww_mutex_unlock(&w.lock);
	edu_ww_mutex_unlock(&w.other);
	edu_ww_acquire_fini(ctx);

	/* Without a transaction it is a mutex. */
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_lock(&w.lock, NULL), 0);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_trylock(&w.lock, NULL), 0);
	edu_ww_mutex_unlock(&w.lock);
	KUNIT_EXPECT_EQ(test, edu_ww_mutex_trylock(&w.lock, NULL), 1);
	edu_ww_mutex_unlock(&w.lock);
}

static struct kunit_case ww_cases[] = {
	KUNIT_CASE(ww_wait_die),
	KUNIT_CASE(ww_wound_wait),
	KUNIT_CASE(ww_order),
	KUNIT_CASE(ww_late_ctx),
	KUNIT_CASE(ww_stamps_wrap),
	KUNIT_CASE(ww_transaction),
	{}
};

static struct kunit_suite ww_suite = {
	.name = "irqdemo_ww_mutex",
	.test_cases = ww_cases,
};

kunit_test_suite(ww_suite);
