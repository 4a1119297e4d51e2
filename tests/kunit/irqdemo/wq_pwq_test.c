// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wq/pwq.c: a work's word, max_active, barriers. */
#include "virtual_pool.h"

static void pwq_word(struct kunit *test)
{
	struct edu_work *work = &v->work[0].work;

	KUNIT_EXPECT_NULL(test, edu_work_pwq(work));
	KUNIT_EXPECT_EQ(test, edu_work_pool_id(work), EDU_WORK_POOL_NONE);
	vpwq.work_color = 11;
	vqueue(0);
	KUNIT_EXPECT_PTR_EQ(test, edu_work_pwq(work), &vpwq);
	KUNIT_EXPECT_EQ(test, edu_work_color(work), 11);
	KUNIT_EXPECT_TRUE(test, edu_work_pending(work));
	edu_pwq_steal(&vpwq, work, v->now);
	KUNIT_EXPECT_NULL(test, edu_work_pwq(work));
	KUNIT_EXPECT_EQ(test, edu_work_pool_id(work), 7);
	KUNIT_EXPECT_TRUE(test, edu_work_pending(work));
	edu_work_set_pool(work, 7, EDU_WORK_PENDING | EDU_WORK_CANCELING);
	KUNIT_EXPECT_EQ(test, edu_work_pool_id(work), 7);
	KUNIT_EXPECT_NULL(test, edu_work_pwq(work));
	edu_work_clear_pending(work, EDU_WORK_POOL_NONE);
	KUNIT_EXPECT_FALSE(test, edu_work_pending(work));
	KUNIT_EXPECT_EQ(test, edu_work_pool_id(work), EDU_WORK_POOL_NONE);
	KUNIT_EXPECT_EQ(test, vpwq.refcnt, 1);
}

/* T27: so many on the list, the others wait in order, and come in order. */
static void pwq_max_active(struct kunit *test)
{
	unsigned int i;

	edu_pwq_set_max_active(&vpwq, 3, v->now);
	for (i = 0; i < 8; i++)
		vqueue(i);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 3);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&v->pool.worklist), 3);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&vpwq.inactive_works), 5);
	KUNIT_EXPECT_EQ(test, vpwq.nr_in_flight[0], 8);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_DEFERRED], 5);
	/* Raised: two more, and those that come then stay behind the rest. */
	edu_pwq_set_max_active(&vpwq, 5, v->now);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&vpwq.inactive_works), 3);
	vqueue(8);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&vpwq.inactive_works), 4);
	/* Frozen: whatever is done, nobody follows. */
	edu_pwq_set_max_active(&vpwq, 0, v->now);
	edu_pwq_steal(&vpwq, &v->work[0].work, v->now);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 4);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&vpwq.inactive_works), 4);
	edu_pwq_set_max_active(&vpwq, 2, v->now);
	vcreate();
	edu_wake_up_worker(&v->pool);
	vrun(test);
	for (i = 1; i < 9; i++) {
		KUNIT_EXPECT_EQ(test, v->work[i].runs, 1);
		KUNIT_EXPECT_EQ(test, v->work[i].order, i);
	}
	KUNIT_EXPECT_EQ(test, v->work[0].runs, 0);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 0);
	KUNIT_EXPECT_EQ(test, vpwq.refcnt, 1);
}

/* A barrier runs right after its work, wherever that is. */
static void pwq_barriers(struct kunit *test)
{
	struct vwork *w = v->work;
	unsigned int i;

	edu_pwq_set_max_active(&vpwq, 1, v->now);
	for (i = 0; i < 3; i++)
		vqueue(i);
	for (i = 10; i < 13; i++)
		atomic_long_or(EDU_WORK_PENDING, &w[i].work.data);
	/* Two behind an active one, one behind the last of the inactive. */
	edu_pwq_barrier(&vpwq, &w[10].work, &w[0].work, NULL);
	edu_pwq_barrier(&vpwq, &w[11].work, &w[0].work, NULL);
	edu_pwq_barrier(&vpwq, &w[12].work, &w[2].work, NULL);
	KUNIT_EXPECT_EQ(test, edu_work_color(&w[12].work), EDU_WORK_NO_COLOR);
	KUNIT_EXPECT_EQ(test, vpwq.nr_barriers, 3);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 1);
	KUNIT_EXPECT_FALSE(test, edu_wq_drained(&v->wq));
	vcreate();
	edu_wake_up_worker(&v->pool);
	vrun(test);
	KUNIT_EXPECT_EQ(test, w[0].order, 1);
	KUNIT_EXPECT_EQ(test, w[11].order, 2);
	KUNIT_EXPECT_EQ(test, w[10].order, 3);
	KUNIT_EXPECT_EQ(test, w[1].order, 4);
	KUNIT_EXPECT_EQ(test, w[2].order, 5);
	KUNIT_EXPECT_EQ(test, w[12].order, 6);
	KUNIT_EXPECT_EQ(test, vpwq.nr_barriers, 0);
	KUNIT_EXPECT_TRUE(test, edu_wq_drained(&v->wq));
}

/* An inactive work with a barrier is taken back: the barrier still runs. */
static void pwq_steal_inactive(struct kunit *test)
{
	struct vwork *w = v->work;

	edu_pwq_set_max_active(&vpwq, 1, v->now);
	vqueue(0);
	vqueue(1);
	vqueue(2);
	atomic_long_or(EDU_WORK_PENDING, &w[10].work.data);
	edu_pwq_barrier(&vpwq, &w[10].work, &w[1].work, NULL);
	edu_pwq_steal(&vpwq, &w[1].work, v->now);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 1);
	vcreate();
	edu_wake_up_worker(&v->pool);
	vrun(test);
	KUNIT_EXPECT_EQ(test, w[0].runs, 1);
	KUNIT_EXPECT_EQ(test, w[1].runs, 0);
	KUNIT_EXPECT_EQ(test, w[2].runs, 1);
	KUNIT_EXPECT_EQ(test, w[10].runs, 1);
	KUNIT_EXPECT_TRUE(test, edu_wq_drained(&v->wq));
}

/* The last reference to an unbound pwq hands it over, no other does. */
static void pwq_release(struct kunit *test)
{
	v->wq.flags = EDU_WQ_UNBOUND;
	vqueue(0);
	edu_pwq_put(&vpwq);
	KUNIT_EXPECT_EQ(test, v->released, 0);
	edu_pwq_steal(&vpwq, &v->work[0].work, v->now);
	KUNIT_EXPECT_EQ(test, v->released, 1);
}

static struct kunit_case pwq_cases[] = {
	KUNIT_CASE(pwq_word),
	KUNIT_CASE(pwq_max_active),
	KUNIT_CASE(pwq_barriers),
	KUNIT_CASE(pwq_steal_inactive),
	KUNIT_CASE(pwq_release),
	{}
};

static struct kunit_suite pwq_suite = {
	.name = "irqdemo_wq_pwq",
	.init = vsetup,
	.test_cases = pwq_cases,
};

kunit_test_suite(pwq_suite);
