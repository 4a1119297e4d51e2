// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/timeline.c and of rule 7 of fair.c: who is owed
 * time, whose deadline is the earliest, and what the feature EEVDF changes.
 */
#include "sim.h"

/* Three entities at 0, 10 and 20 with weights 1:1:2: the mean is 12.5. */
static void eevdf_average(struct kunit *test)
{
	static const struct {
		u64 v;
		unsigned long weight;
		bool owed;
	} at[] = { { 0, 1024, true }, { 10, 1024, true }, { 20, 2048, false } };
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_cfs_rq *q = &s->rq->cfs;
	u64 base = q->min_vruntime;
	struct edu_entity se[4] = {};
	int i;

	KUNIT_EXPECT_EQ(test, base, edu_timeline_average(q));
	for (i = 0; i < 3; i++) {
		se[i].weight = at[i].weight;
		se[i].vruntime = base + at[i].v;
		se[i].deadline = base + 100 - i;
		edu_timeline_add(q, &se[i]);
	}
	KUNIT_EXPECT_EQ(test, base + 12, edu_timeline_average(q));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, at[i].owed, edu_timeline_owed(q, &se[i]));
	/* The last has the earliest deadline, but has had its time. */
	KUNIT_EXPECT_PTR_EQ(test, &se[1], edu_timeline_due(q));
	/* A running one counts: (0 + 10 + 2 * 20 + 4 * 50) / 8 = 31.25. */
	se[3].weight = 4096;
	se[3].vruntime = base + 50;
	se[3].on_rq = true;
	q->curr = &se[3];
	KUNIT_EXPECT_EQ(test, base + 31, edu_timeline_average(q));
	KUNIT_EXPECT_PTR_EQ(test, &se[2], edu_timeline_due(q));
	KUNIT_EXPECT_FALSE(test, edu_timeline_owed(q, &se[3]));
	/* min_vruntime moves, the mean does not. */
	edu_timeline_del(q, &se[0]);
	edu_timeline_advance(q);
	KUNIT_EXPECT_EQ(test, base + 10, q->min_vruntime);
	/* (10 + 2 * 20 + 4 * 50) / 7 = 35.7 */
	KUNIT_EXPECT_EQ(test, base + 35, edu_timeline_average(q));
	q->curr = NULL;
	edu_timeline_del(q, &se[1]);
	edu_timeline_del(q, &se[2]);
	KUNIT_EXPECT_EQ(test, 0, q->avg_vruntime);
	KUNIT_EXPECT_EQ(test, 0, q->avg_load);
}

/* Against a search through all, 10^5 times. */
#define MANY 64

static void eevdf_due(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_cfs_rq *q = &s->rq->cfs;
	struct edu_entity *se = kunit_kcalloc(test, MANY, sizeof(*se), GFP_KERNEL);
	u32 seed = 521288629;
	int step, i;

	KUNIT_ASSERT_NOT_NULL(test, se);
	for (step = 0; step < 100000; step++) {
		struct edu_entity *p, *due, *want = NULL;

		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		p = &se[seed % MANY];
		if (p->on_rq) {
			edu_timeline_del(q, p);
		} else {
			p->weight = edu_nice_weight[(seed >> 6) % 40];
			p->vruntime = q->min_vruntime + (seed >> 12) % 4000;
			p->deadline = p->vruntime + (seed >> 3) % 6000;
			edu_timeline_add(q, p);
		}
		p->on_rq = !p->on_rq;
		for (i = 0; i < MANY; i++)
			if (se[i].on_rq && edu_timeline_owed(q, &se[i]) &&
			    (!want || (s64)(se[i].deadline - want->deadline) < 0))
				want = &se[i];
		due = edu_timeline_due(q);
		if (!due != !want || (due && (due->deadline != want->deadline ||
					      !edu_timeline_owed(q, due)))) {
			KUNIT_FAIL(test, "step %d: not the earliest of those owed", step);
			return;
		}
		edu_timeline_advance(q);
		if (!(step % 4096))
			cond_resched();
	}
}

/* Three equal hogs take turns, 0.75 ms each: there is no period. */
static void eevdf_slices(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *t[3];
	int i;

	s->features |= BIT(EDU_F_EEVDF);
	for (i = 0; i < 3; i++) {
		t[i] = sim_task(test, s->rq, i + 1, 0);
		sim_wake(s->rq, t[i], 0);
	}
	sim_pick(s->rq);
	for (i = 0; i < 30; i++) {
		struct edu_task *was = s->rq->curr;

		KUNIT_EXPECT_EQ(test, 750000, edu_fair_left(s->rq, was));
		sim_run(s->rq, 700000, 50000);
		KUNIT_EXPECT_PTR_EQ(test, was, s->rq->curr);
		sim_run(s->rq, 50000, 50000);
		KUNIT_EXPECT_PTR_NE(test, was, s->rq->curr);
	}
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 7500000, t[i]->se.sum_exec);
}

/* Shares of a processor for each nice level against nice 0, within 0.5 %. */
static void eevdf_shares(struct kunit *test)
{
	u64 total = 20ULL * NSEC_PER_SEC;
	int nice;

	for (nice = -20; nice <= 19; nice += 3) {
		struct edu_sched *s = sim_machine(test, 1);
		struct edu_task *a = sim_task(test, s->rq, 1, 0);
		struct edu_task *b = sim_task(test, s->rq, 2, nice);
		u64 want = div_u64(total * 1024, 1024 + edu_nice_weight[nice + 20]);

		s->features |= BIT(EDU_F_EEVDF);
		sim_wake(s->rq, a, 0);
		sim_wake(s->rq, b, 0);
		sim_pick(s->rq);
		sim_run(s->rq, total, 250000);
		KUNIT_EXPECT_EQ(test, total, a->se.sum_exec + b->se.sum_exec);
		KUNIT_EXPECT_LE_MSG(test, abs((s64)(a->se.sum_exec - want)),
				    (s64)total / 200, "nice %d", nice);
	}
}

/* A sleeper keeps what it was owed, two slices at most, and no more. */
static void eevdf_lag(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *hog = sim_task(test, s->rq, 1, 0);
	struct edu_task *t = sim_task(test, s->rq, 2, 0);
	struct edu_cfs_rq *q = &s->rq->cfs;

	s->features |= BIT(EDU_F_EEVDF);
	sim_wake(s->rq, hog, 0);
	KUNIT_EXPECT_PTR_EQ(test, hog, sim_pick(s->rq));
	sim_wake(s->rq, t, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, 0, (s64)(edu_timeline_average(q) - t->se.vruntime));
	sim_run(s->rq, 400000, 400000);
	/* The hog ran 0.4 ms: the mean is 0.2 ahead of who waits. */
	sim_block(s->rq, t);
	KUNIT_EXPECT_EQ(test, 200000, t->se.vlag);
	sim_run(s->rq, 100 * NSEC_PER_MSEC, 500000);
	sim_wake(s->rq, t, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, 200000, (s64)(edu_timeline_average(q) - t->se.vruntime));
	KUNIT_EXPECT_EQ(test, 400000, (s64)(hog->se.vruntime - t->se.vruntime));
	KUNIT_EXPECT_EQ(test, 750000, (s64)(t->se.deadline - t->se.vruntime));
	/* Owed time and with the earlier deadline: it preempts. */
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(s->rq));
	/* However much it is owed, two slices are kept. */
	sim_block(s->rq, t);
	t->se.vlag = 0;
	sim_wake(s->rq, t, EDU_WAKEUP);
	t->se.vruntime -= 10 * NSEC_PER_MSEC;
	q->avg_vruntime -= 10 * NSEC_PER_MSEC * (s64)t->se.weight;
	sim_block(s->rq, t);
	KUNIT_EXPECT_EQ(test, 1500000, t->se.vlag);
}

/* A child begins where the mean is, and has half a slice to its first deadline. */
static void eevdf_fork(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *parent = sim_task(test, s->rq, 1, 0);
	struct edu_task *child = sim_task(test, s->rq, 2, 0);

	s->features |= BIT(EDU_F_EEVDF);
	sim_wake(s->rq, parent, 0);
	sim_pick(s->rq);
	sim_run(s->rq, 400000, 400000);
	edu_task_inherit(child, parent);
	sim_wake(s->rq, child, EDU_NEW);
	KUNIT_EXPECT_EQ(test, parent->se.vruntime, child->se.vruntime);
	KUNIT_EXPECT_EQ(test, 375000, (s64)(child->se.deadline - child->se.vruntime));
}

/* With an earlier deadline: it preempts who is owed time only without the rule. */
static void eevdf_parity(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *hog = sim_task(test, s->rq, 1, 0);
	struct edu_task *heavy = sim_task(test, s->rq, 2, -10);
	struct edu_task *light = sim_task(test, s->rq, 3, 19);
	int parity;

	s->features |= BIT(EDU_F_EEVDF);
	sim_wake(s->rq, hog, 0);
	sim_pick(s->rq);
	for (parity = 0; parity < 2; parity++) {
		__assign_bit(EDU_F_RUN_TO_PARITY, &s->features, parity);
		s->rq->resched = false;
		sim_wake(s->rq, heavy, EDU_WAKEUP);
		KUNIT_EXPECT_EQ(test, !parity, s->rq->resched);
		sim_block(s->rq, heavy);
	}
	/* Who has run while another waited is not owed any. */
	sim_wake(s->rq, light, EDU_WAKEUP);
	sim_run(s->rq, 100000, 100000);
	KUNIT_EXPECT_PTR_EQ(test, hog, s->rq->curr);
	KUNIT_EXPECT_FALSE(test, s->rq->resched);
	sim_wake(s->rq, heavy, EDU_WAKEUP);
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	KUNIT_EXPECT_PTR_EQ(test, heavy, sim_pick(s->rq));
}

static struct kunit_case eevdf_cases[] = {
	KUNIT_CASE(eevdf_average),
	KUNIT_CASE(eevdf_due),
	KUNIT_CASE(eevdf_slices),
	KUNIT_CASE_SLOW(eevdf_shares),
	KUNIT_CASE(eevdf_lag),
	KUNIT_CASE(eevdf_fork),
	KUNIT_CASE(eevdf_parity),
	{}
};

static struct kunit_suite eevdf_suite = {
	.name = "sched_edu_eevdf",
	.test_cases = eevdf_cases,
};

kunit_test_suite(eevdf_suite);
