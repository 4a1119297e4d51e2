// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wq/color.c: flushers, colours, the overflow. */
#include "virtual_pool.h"

#define FLUSHERS	24

static struct edu_flusher flusher[FLUSHERS];

static bool start(unsigned int i)
{
	init_completion(&flusher[i].done);
	return edu_flush_start(&v->wq, &flusher[i]);
}

static bool done(unsigned int i)
{
	return completion_done(&flusher[i].done);
}

/* Take a work back: it is done, as far as the colours are concerned. */
static void finish(unsigned int work)
{
	edu_pwq_steal(&vpwq, &v->work[work].work, v->now);
	edu_work_clear_pending(&v->work[work].work, EDU_WORK_POOL_NONE);
}

/* What each flusher that was woken does. */
static void cascade(unsigned int flushers)
{
	unsigned int i;

	for (i = 0; i < flushers; i++)
		if (done(i))
			edu_flush_cascade(&v->wq, &flusher[i]);
}

static void color_nothing(struct kunit *test)
{
	unsigned int i;

	/* More often than there are colours. */
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_FALSE(test, start(0));
	KUNIT_EXPECT_EQ(test, v->wq.work_color, v->wq.flush_color);
	KUNIT_EXPECT_EQ(test, vpwq.work_color, v->wq.work_color);
}

/* What comes later is not waited for. */
static void color_later(struct kunit *test)
{
	vqueue(0);
	vqueue(1);
	KUNIT_EXPECT_TRUE(test, start(0));
	vqueue(2);
	KUNIT_EXPECT_NE(test, edu_work_color(&v->work[2].work),
			edu_work_color(&v->work[1].work));
	finish(0);
	KUNIT_EXPECT_FALSE(test, done(0));
	finish(1);
	KUNIT_EXPECT_TRUE(test, done(0));
	cascade(1);
	KUNIT_EXPECT_NULL(test, v->wq.first_flusher);
	KUNIT_EXPECT_EQ(test, v->wq.flush_color, v->wq.work_color);
	finish(2);
}

/* Several wait, each for his own; done in another order, woken in this one. */
static void color_queue(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		vqueue(i);
		KUNIT_EXPECT_TRUE(test, start(i));
	}
	for (i = 4; i > 0; i--)
		finish(i);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_FALSE(test, done(i));
	finish(0);
	KUNIT_EXPECT_TRUE(test, done(0));
	KUNIT_EXPECT_FALSE(test, done(1));
	cascade(1);
	/* Nothing of theirs is left: one cascade lets them all go. */
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, done(i));
	KUNIT_EXPECT_NULL(test, v->wq.first_flusher);
	KUNIT_EXPECT_TRUE(test, list_empty(&v->wq.flusher_queue));
}

/* More flushers than colours: the others share the next that is free. */
static void color_overflow(struct kunit *test)
{
	unsigned int i, woken = 0;

	for (i = 0; i < FLUSHERS; i++) {
		vqueue(i);
		KUNIT_EXPECT_TRUE(test, start(i));
	}
	/* One colour always stays free, and one is that of new works. */
	KUNIT_EXPECT_EQ(test, v->wq.overflows, FLUSHERS - (EDU_WORK_NR_COLORS - 1));
	for (i = 0; i < FLUSHERS; i++) {
		/* A work after the flush: of no interest to anybody. */
		vqueue(FLUSHERS + i);
		KUNIT_EXPECT_FALSE_MSG(test, done(i), "flusher %u before its work", i);
		finish(i);
		cascade(FLUSHERS);
	}
	/* The last ones share a colour with works that came after them. */
	for (i = 0; i < FLUSHERS; i++)
		woken += done(i);
	KUNIT_EXPECT_GE(test, woken, EDU_WORK_NR_COLORS - 1);
	for (i = 0; i < FLUSHERS; i++)
		finish(FLUSHERS + i);
	cascade(FLUSHERS);
	for (i = 0; i < FLUSHERS; i++)
		KUNIT_EXPECT_TRUE(test, done(i));
	KUNIT_EXPECT_NULL(test, v->wq.first_flusher);
	KUNIT_EXPECT_TRUE(test, list_empty(&v->wq.flusher_overflow));
	KUNIT_EXPECT_TRUE(test, list_empty(&v->wq.flusher_queue));
	KUNIT_EXPECT_EQ(test, v->wq.flush_color, v->wq.work_color);
	/* And it goes on. */
	vqueue(0);
	KUNIT_EXPECT_TRUE(test, start(0));
	finish(0);
	KUNIT_EXPECT_TRUE(test, done(0));
	cascade(1);
}

/* Inactive works are waited for as well. */
static void color_inactive(struct kunit *test)
{
	edu_pwq_set_max_active(&vpwq, 1, v->now);
	vqueue(0);
	vqueue(1);
	KUNIT_EXPECT_TRUE(test, start(0));
	finish(0);
	KUNIT_EXPECT_FALSE(test, done(0));
	finish(1);
	KUNIT_EXPECT_TRUE(test, done(0));
	cascade(1);
}

static struct kunit_case color_cases[] = {
	KUNIT_CASE(color_nothing),
	KUNIT_CASE(color_later),
	KUNIT_CASE(color_queue),
	KUNIT_CASE(color_overflow),
	KUNIT_CASE(color_inactive),
	{}
};

static struct kunit_suite color_suite = {
	.name = "irqdemo_wq_color",
	.init = vsetup,
	.test_cases = color_cases,
};

kunit_test_suite(color_suite);
