// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/rt.c and dl.c: document B 5 (T10, T11), the
 * kernel book 4.9 and 4.10.
 */
#include <linux/errno.h>

#include "sim.h"

static struct edu_task *rt_task(struct kunit *test, struct edu_rq *rq, int pid,
				enum edu_policy policy, int prio)
{
	struct edu_task *t = sim_task(test, rq, pid, 0);

	KUNIT_ASSERT_EQ(test, 0, sim_policy(t, policy, prio));
	return t;
}

static void rt_priorities(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_rq *rq = s->rq;
	struct edu_task *low = rt_task(test, rq, 1, EDU_FIFO, 1);
	struct edu_task *a = rt_task(test, rq, 2, EDU_FIFO, 50);
	struct edu_task *b = rt_task(test, rq, 3, EDU_FIFO, 50);
	struct edu_task *high = rt_task(test, rq, 4, EDU_RR, 99);

	sim_wake(rq, low, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, low, sim_pick(rq));
	sim_wake(rq, a, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_WHY_PRIO, rq->why);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(rq));
	/* An equal one waits, for ever. */
	sim_wake(rq, b, EDU_WAKEUP);
	KUNIT_EXPECT_FALSE(test, rq->resched);
	sim_run(rq, 900 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_PTR_EQ(test, a, rq->curr);
	/* A preempted task goes on before its equals. */
	sim_wake(rq, high, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, high, sim_pick(rq));
	sim_block(rq, high);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(rq));
	/* One that yields goes behind them. */
	raw_spin_lock_irq(&rq->lock);
	edu_yield(rq);
	raw_spin_unlock_irq(&rq->lock);
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(rq));
	KUNIT_EXPECT_EQ(test, -EINVAL, sim_policy(low, EDU_FIFO, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, sim_policy(low, EDU_RR, 100));
	KUNIT_EXPECT_EQ(test, -EINVAL, sim_policy(low, EDU_NORMAL, 1));
}

static void rt_round_robin(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_rq *rq = s->rq;
	struct edu_task *a = rt_task(test, rq, 1, EDU_RR, 10);
	struct edu_task *b = rt_task(test, rq, 2, EDU_RR, 10);

	s->features &= ~BIT(EDU_F_RT_THROTTLE);
	sim_wake(rq, a, EDU_WAKEUP);
	sim_pick(rq);
	/* Alone it keeps running. */
	sim_run(rq, 250 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_PTR_EQ(test, a, rq->curr);
	KUNIT_EXPECT_EQ(test, 0, rq->stats[EDU_ST_PREEMPT_TICK]);
	sim_wake(rq, b, EDU_WAKEUP);
	/* 50 ms of its third quantum are left. */
	sim_run(rq, 49 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_PTR_EQ(test, a, rq->curr);
	sim_run(rq, NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_PTR_EQ(test, b, rq->curr);
	sim_run(rq, 100 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_PTR_EQ(test, a, rq->curr);
	KUNIT_EXPECT_EQ(test, 100 * NSEC_PER_MSEC, edu_slice(rq, a));
}

static void rt_throttle(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_rq *rq = s->rq;
	struct edu_task *hog = rt_task(test, rq, 1, EDU_FIFO, 50);
	struct edu_task *normal = sim_task(test, rq, 2, 0);

	sim_wake(rq, hog, EDU_WAKEUP);
	sim_wake(rq, normal, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(rq));
	sim_run(rq, 10ULL * NSEC_PER_SEC, NSEC_PER_MSEC);
	/* The budget is seen to be exceeded 1 ms late, but is paid back. */
	KUNIT_EXPECT_LE(test, abs((s64)(hog->se.sum_exec - 9500 * NSEC_PER_MSEC)),
			2 * (s64)NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 10ULL * NSEC_PER_SEC,
			hog->se.sum_exec + normal->se.sum_exec);
	sim_block(rq, hog);
	KUNIT_EXPECT_EQ(test, 1, rq->nr_running);
}

static void dl_admission(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_task *t[3];
	int i;

	for (i = 0; i < 3; i++)
		t[i] = sim_task(test, s->rq, i + 1, 0);
	KUNIT_EXPECT_EQ(test, 0, edu_dl_admit(s, t[0], 9000000, 0, 10000000));
	KUNIT_EXPECT_EQ(test, 0, edu_dl_admit(s, t[1], 9000000, 0, 10000000));
	KUNIT_EXPECT_EQ(test, -EBUSY, edu_dl_admit(s, t[2], 2000000, 0, 10000000));
	KUNIT_EXPECT_EQ(test, 0, edu_dl_admit(s, t[2], 900000, 0, 10000000));
	/* A change counts only by its difference. */
	KUNIT_EXPECT_EQ(test, 0, edu_dl_admit(s, t[0], 1000000, 0, 10000000));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_dl_admit(s, t[0], 20000, 10000, 30000));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_dl_admit(s, t[0], 20000, 30000, 25000));
	for (i = 0; i < 3; i++) {
		sim_policy(t[i], EDU_DEADLINE, 0);
		sim_policy(t[i], EDU_NORMAL, 0);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&s->dl_bw));
}

static void dl_edf_and_budget(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_rq *rq = s->rq;
	struct edu_task *a = sim_task(test, rq, 1, 0);
	struct edu_task *b = sim_task(test, rq, 2, 0);
	struct edu_task *normal = sim_task(test, rq, 3, 0);

	KUNIT_ASSERT_EQ(test, 0, edu_dl_admit(s, a, 2000000, 0, 10000000));
	KUNIT_ASSERT_EQ(test, 0, edu_dl_admit(s, b, 1000000, 0, 5000000));
	sim_policy(a, EDU_DEADLINE, 0);
	sim_policy(b, EDU_DEADLINE, 0);
	sim_wake(rq, normal, EDU_WAKEUP);
	sim_wake(rq, a, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(rq));
	sim_wake(rq, b, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_WHY_DEADLINE, rq->why);
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(rq));
	/* Each gets 20 % in the long run, the rest is the normal task's. */
	sim_run(rq, NSEC_PER_SEC, 100000);
	KUNIT_EXPECT_LE(test, abs((s64)(a->se.sum_exec - 200 * NSEC_PER_MSEC)),
			(s64)a->dl_runtime);
	KUNIT_EXPECT_LE(test, abs((s64)(b->se.sum_exec - 200 * NSEC_PER_MSEC)),
			(s64)b->dl_runtime);
	KUNIT_EXPECT_GT(test, rq->stats[EDU_ST_DL_THROTTLE], 290);
	sim_policy(a, EDU_NORMAL, 0);
	sim_policy(b, EDU_NORMAL, 0);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&s->dl_bw));
	KUNIT_EXPECT_EQ(test, 3, rq->nr_running);
	KUNIT_EXPECT_EQ(test, 3, rq->cfs.nr_running);
}

/* 900 s left of 1,000, with half the period over: more than its bandwidth. */
static void dl_long_period(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *t = sim_task(test, s->rq, 1, 0);
	u64 second = NSEC_PER_SEC;

	KUNIT_ASSERT_EQ(test, 0, edu_dl_admit(s, t, 1000 * second, 0, 2000 * second));
	sim_policy(t, EDU_DEADLINE, 0);
	t->dl_left = 900 * second;
	t->dl_abs = s->rq->clock + 1000 * second;
	sim_wake(s->rq, t, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, 1000 * second, t->dl_left);
	KUNIT_EXPECT_EQ(test, s->rq->clock + 2000 * second, t->dl_abs);
}

static struct kunit_case rt_cases[] = {
	KUNIT_CASE(dl_long_period),
	KUNIT_CASE(rt_priorities),
	KUNIT_CASE(rt_round_robin),
	KUNIT_CASE(rt_throttle),
	KUNIT_CASE(dl_admission),
	KUNIT_CASE(dl_edf_and_budget),
	{}
};

static struct kunit_suite rt_suite = {
	.name = "sched_edu_rt",
	.test_cases = rt_cases,
};

kunit_test_suite(rt_suite);
