// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/bandwidth.c: quota, burst, debts, what goes back to
 * the pool, and that nobody waits for ever. All numbers are exact where the
 * steps of the virtual clock are.
 */
#include "sim.h"

#define MS NSEC_PER_MSEC

/* Let all processors run for @ns, with a tick and a pick each @step. */
static void run_all(struct edu_sched *s, u64 ns, u64 step)
{
	u64 end = s->rq[0].clock + ns;
	int cpu;

	while (s->rq[0].clock < end)
		for (cpu = 0; cpu < s->nr_cpus; cpu++)
			sim_run(&s->rq[cpu], step, step);
}

static void bandwidth_quota(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *hog = sim_member(test, s->rq, g, 1);
	int i;

	edu_bandwidth_set(g, 20 * MS, 100 * MS, 0);
	sim_wake(s->rq, hog, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(s->rq));
	sim_run(s->rq, 20 * MS, MS);
	KUNIT_EXPECT_TRUE(test, g->cpu[0].cfs_rq.throttled);
	KUNIT_EXPECT_TRUE(test, edu_task_throttled(hog));
	KUNIT_EXPECT_NULL(test, s->rq->curr);
	KUNIT_EXPECT_EQ(test, 0, s->rq->nr_running);
	KUNIT_EXPECT_EQ(test, 1, g->cpu[0].cfs_rq.h_nr_running);
	/* The pool is asked when the period ends, and not before. */
	KUNIT_EXPECT_EQ(test, 80 * MS, edu_bandwidth_next(s->rq));
	sim_run(s->rq, 78 * MS, MS);
	KUNIT_EXPECT_EQ(test, 2 * MS, edu_bandwidth_next(s->rq));
	KUNIT_EXPECT_EQ(test, 20 * MS, hog->se.sum_exec);
	sim_run(s->rq, 2 * MS, MS);
	KUNIT_EXPECT_PTR_EQ(test, hog, s->rq->curr);
	for (i = 2; i <= 10; i++) {
		sim_run(s->rq, 100 * MS, MS);
		KUNIT_EXPECT_EQ(test, i * 20 * MS, hog->se.sum_exec);
	}
	KUNIT_EXPECT_EQ(test, 10, g->bw.nr_periods);
	KUNIT_EXPECT_EQ(test, 10, g->bw.nr_throttled);
	KUNIT_EXPECT_EQ(test, 800 * MS, g->bw.throttled_time);
	/* Without a quota it runs at once. */
	sim_run(s->rq, 50 * MS, MS);
	KUNIT_EXPECT_NULL(test, s->rq->curr);
	edu_bandwidth_set(g, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	KUNIT_EXPECT_EQ(test, 1, s->rq->nr_running);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(s->rq));
}

/* Others have what the group does not get. */
static void bandwidth_beside_others(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 102400);
	struct edu_task *in = sim_member(test, s->rq, g, 1);
	struct edu_task *out = sim_task(test, s->rq, 2, 0);

	edu_bandwidth_set(g, 30 * MS, 100 * MS, 0);
	sim_wake(s->rq, in, EDU_WAKEUP);
	sim_wake(s->rq, out, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 3000 * MS, MS);
	KUNIT_EXPECT_EQ(test, 900 * MS, in->se.sum_exec);
	KUNIT_EXPECT_EQ(test, 2100 * MS, out->se.sum_exec);
}

static void bandwidth_two_processors(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *t[2];
	int i;

	edu_bandwidth_set(g, 50 * MS, 100 * MS, 0);
	for (i = 0; i < 2; i++) {
		t[i] = sim_member(test, &s->rq[i], g, i + 1);
		t[i]->mask = BIT(i);
		sim_wake(&s->rq[i], t[i], EDU_WAKEUP);
		sim_pick(&s->rq[i]);
	}
	run_all(s, 1000 * MS, MS);
	KUNIT_EXPECT_EQ(test, 500 * MS, t[0]->se.sum_exec + t[1]->se.sum_exec);
	KUNIT_EXPECT_LE(test, abs((s64)(t[0]->se.sum_exec - t[1]->se.sum_exec)),
			10 * (s64)s->tun.bandwidth_slice);
}

/* A clock that ticks each 3 ms overruns 20 ms by 1, and pays it back. */
static void bandwidth_debt(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *hog = sim_member(test, s->rq, g, 1);

	edu_bandwidth_set(g, 20 * MS, 100 * MS, 0);
	sim_wake(s->rq, hog, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 30 * MS, 3 * MS);
	KUNIT_EXPECT_EQ(test, 21 * MS, hog->se.sum_exec);
	KUNIT_EXPECT_EQ(test, -(s64)MS, g->cpu[0].cfs_rq.runtime_remaining);
	sim_run(s->rq, 2970 * MS, 3 * MS);
	KUNIT_EXPECT_LE(test, abs((s64)(hog->se.sum_exec - 600 * MS)), 3 * (s64)MS);
}

static void bandwidth_burst(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *hog = sim_member(test, s->rq, g, 1);

	edu_bandwidth_set(g, 20 * MS, 100 * MS, 15 * MS);
	sim_wake(s->rq, hog, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 2 * MS, MS);
	sim_block(s->rq, hog);
	/* It had taken 5, used 2, keeps 1. */
	KUNIT_EXPECT_EQ(test, 1 * MS, g->cpu[0].cfs_rq.runtime_remaining);
	KUNIT_EXPECT_EQ(test, 17 * MS, g->bw.runtime);
	s->rq->clock = 300 * MS;
	sim_wake(s->rq, hog, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 99 * MS, MS);
	/* 35 in the pool, never more, and the one that was kept. */
	KUNIT_EXPECT_EQ(test, (2 + 36) * MS, hog->se.sum_exec);
	sim_run(s->rq, 101 * MS, MS);
	KUNIT_EXPECT_EQ(test, 1, g->bw.nr_burst);
	KUNIT_EXPECT_EQ(test, 15 * MS, g->bw.burst_time);
	KUNIT_EXPECT_EQ(test, (2 + 36 + 20) * MS, hog->se.sum_exec);
}

static void bandwidth_nested(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *up = sim_group(test, s, NULL, 1024);
	struct edu_group *low = sim_group(test, s, up, 1024);
	struct edu_task *a = sim_member(test, s->rq, low, 1);
	struct edu_task *b = sim_member(test, s->rq, up, 2);

	edu_bandwidth_set(up, 40 * MS, 100 * MS, 0);
	edu_bandwidth_set(low, 10 * MS, 100 * MS, 0);
	sim_wake(s->rq, a, EDU_WAKEUP);
	sim_wake(s->rq, b, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 1000 * MS, MS);
	KUNIT_EXPECT_EQ(test, 100 * MS, a->se.sum_exec);
	KUNIT_EXPECT_EQ(test, 300 * MS, b->se.sum_exec);
	/* Now the upper is the tighter one. */
	edu_bandwidth_set(low, 90 * MS, 100 * MS, 0);
	edu_bandwidth_set(up, 40 * MS, 100 * MS, 0);
	a->se.sum_exec = 0;
	b->se.sum_exec = 0;
	sim_run(s->rq, 1000 * MS, MS);
	KUNIT_EXPECT_EQ(test, 400 * MS, a->se.sum_exec + b->se.sum_exec);
}

/* 30 tasks and 1 ms in each second: 30 s for one round, were it not for rule 6. */
static void bandwidth_nobody_starves(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	u64 limit = s->tun.stall_limit, worst = 0;
	struct edu_task *t[30];
	int i, step;

	edu_bandwidth_set(g, MS, 1000 * MS, 0);
	for (i = 0; i < 30; i++) {
		t[i] = sim_member(test, s->rq, g, i + 1);
		sim_wake(s->rq, t[i], EDU_WAKEUP);
	}
	sim_pick(s->rq);
	for (step = 0; step < 60000; step++) {
		sim_run(s->rq, MS, MS);
		if (!list_empty(&s->rq->waiting)) {
			struct edu_task *oldest = list_first_entry(&s->rq->waiting,
								   struct edu_task,
								   wait_node);

			worst = max(worst, s->rq->clock - oldest->wait_since);
		}
	}
	/* All 30 may come due together, each runs for a tick. */
	KUNIT_EXPECT_LE(test, worst, limit + 32 * MS);
	KUNIT_EXPECT_GT(test, s->rq->stats[EDU_ST_RESCUE], 30);
	for (i = 0; i < 30; i++)
		KUNIT_EXPECT_GE(test, t[i]->se.sum_exec, 4 * MS);
	/* They pay: 60 ms in 60 s are theirs, the rest were rescued. */
	KUNIT_EXPECT_TRUE(test, g->cpu[0].cfs_rq.throttled);
}

static unsigned int told[2];

static void count_told(struct edu_rq *rq)
{
	told[rq->cpu]++;
}

/* What one processor gives back another has, in the same period. */
static void bandwidth_slack(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *nap = sim_member(test, &s->rq[0], g, 1);
	struct edu_task *hog = sim_member(test, &s->rq[1], g, 2);

	nap->mask = BIT(0);
	hog->mask = BIT(1);
	s->kick = count_told;
	memset(told, 0, sizeof(told));
	edu_bandwidth_set(g, 15 * MS, 100 * MS, 0);
	/* It takes 5 of 15 and uses 2 of them; the hog uses the rest. */
	sim_wake(&s->rq[0], nap, EDU_WAKEUP);
	sim_pick(&s->rq[0]);
	sim_run(&s->rq[0], 2 * MS, MS);
	sim_wake(&s->rq[1], hog, EDU_WAKEUP);
	sim_pick(&s->rq[1]);
	sim_run(&s->rq[1], 20 * MS, MS);
	KUNIT_EXPECT_TRUE(test, g->cpu[1].cfs_rq.throttled);
	KUNIT_EXPECT_EQ(test, 10 * MS, hog->se.sum_exec);
	KUNIT_EXPECT_EQ(test, 0, told[1]);
	/* It sleeps, keeps 1, gives back 2. */
	sim_block(&s->rq[0], nap);
	KUNIT_EXPECT_EQ(test, 2 * MS, g->bw.runtime);
	KUNIT_EXPECT_EQ(test, 1, told[1]);
	KUNIT_EXPECT_EQ(test, 0, told[0]);
	/* Whoever is throttled only now is not told, but sees it. */
	KUNIT_EXPECT_EQ(test, 0, edu_bandwidth_next(&s->rq[1]));
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(&s->rq[1]));
	sim_run(&s->rq[1], 20 * MS, MS);
	KUNIT_EXPECT_EQ(test, 12 * MS, hog->se.sum_exec);
	/* More quota counts at once. */
	edu_bandwidth_set(g, 30 * MS, 100 * MS, 0);
	KUNIT_EXPECT_EQ(test, 2, told[1]);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(&s->rq[1]));
}

/* A debt of a whole second: an idle processor comes to the rescue by itself. */
static void bandwidth_rescue_when_idle(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *hog = sim_member(test, s->rq, g, 1);

	edu_bandwidth_set(g, MS, 100 * MS, 0);
	sim_wake(s->rq, hog, EDU_WAKEUP);
	sim_pick(s->rq);
	sim_run(s->rq, 1000 * MS, 1000 * MS);
	KUNIT_EXPECT_NULL(test, s->rq->curr);
	raw_spin_lock_irq(&s->rq->lock);
	s->rq->clock += s->tun.stall_limit;
	edu_tick(s->rq, true);
	KUNIT_EXPECT_FALSE(test, s->rq->resched);
	s->rq->clock++;
	edu_tick(s->rq, true);
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	KUNIT_EXPECT_EQ(test, EDU_WHY_RESCUE, s->rq->why);
	raw_spin_unlock_irq(&s->rq->lock);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(s->rq));
}

/* Nobody takes over what must wait there as well. */
static void bandwidth_not_pulled(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *a = sim_member(test, &s->rq[0], g, 1);
	struct edu_task *b = sim_member(test, &s->rq[0], g, 2);

	edu_bandwidth_set(g, 5 * MS, 1000 * MS, 0);
	sim_wake(&s->rq[0], a, EDU_WAKEUP);
	sim_wake(&s->rq[0], b, EDU_WAKEUP);
	sim_pick(&s->rq[0]);
	sim_run(&s->rq[0], 10 * MS, MS);
	s->rq[1].clock = s->rq[0].clock;
	KUNIT_EXPECT_NULL(test, s->rq[0].curr);
	KUNIT_EXPECT_NULL(test, sim_pick(&s->rq[1]));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[0], a->rq);
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[0], b->rq);
}

static struct kunit_case bandwidth_cases[] = {
	KUNIT_CASE(bandwidth_quota),
	KUNIT_CASE(bandwidth_beside_others),
	KUNIT_CASE(bandwidth_two_processors),
	KUNIT_CASE(bandwidth_debt),
	KUNIT_CASE(bandwidth_burst),
	KUNIT_CASE(bandwidth_nested),
	KUNIT_CASE(bandwidth_nobody_starves),
	KUNIT_CASE(bandwidth_slack),
	KUNIT_CASE(bandwidth_rescue_when_idle),
	KUNIT_CASE(bandwidth_not_pulled),
	{}
};

static struct kunit_suite bandwidth_suite = {
	.name = "sched_edu_bandwidth",
	.test_cases = bandwidth_cases,
};

kunit_test_suite(bandwidth_suite);
