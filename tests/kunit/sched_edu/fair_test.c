// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/fair.c and weight.c: the numbers of document B's
 * tables 3.1 to 3.9, to the nanosecond, and the invariants of 3.10.
 */
#include "sim.h"

/* Document B 3.2: slice by number of equal tasks, in ns. */
static const struct {
	unsigned int n;
	u64 slice;
} equal_slices[] = {
	{ 1, 6000000 }, { 2, 3000000 }, { 4, 1500000 }, { 8, 750000 },
	{ 9, 750000 }, { 16, 750000 }, { 32, 750000 },
};

static void fair_equal_slices(struct kunit *test)
{
	int i, k;

	for (i = 0; i < ARRAY_SIZE(equal_slices); i++) {
		struct edu_sched *s = sim_machine(test, 1);
		struct edu_task *t = NULL;

		for (k = 0; k < equal_slices[i].n; k++) {
			t = sim_task(test, s->rq, k + 1, 0);
			sim_wake(s->rq, t, 0);
		}
		KUNIT_EXPECT_EQ_MSG(test, equal_slices[i].slice,
				    edu_sched_slice(&s->rq->cfs, &t->se),
				    "%u tasks", equal_slices[i].n);
	}
}

/* Nice 0 against nice n: slices in us, rounded down. */
static const struct {
	int nice;
	u64 us_of_0, us_of_n;
} pair_slices[] = {
	{ -20, 68, 5931 }, { -10, 581, 5418 }, { -5, 1482, 4517 },
	{ -1, 2670, 3329 }, { 1, 3331, 2668 }, { 5, 4520, 1479 },
	{ 10, 5417, 582 }, { 15, 5796, 203 }, { 19, 5913, 86 },
};

static void fair_pair_slices(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pair_slices); i++) {
		struct edu_sched *s = sim_machine(test, 1);
		struct edu_task *a = sim_task(test, s->rq, 1, 0);
		struct edu_task *b = sim_task(test, s->rq, 2, pair_slices[i].nice);
		u64 va, vb;

		sim_wake(s->rq, a, 0);
		sim_wake(s->rq, b, 0);
		va = edu_sched_slice(&s->rq->cfs, &a->se);
		vb = edu_sched_slice(&s->rq->cfs, &b->se);
		KUNIT_EXPECT_EQ(test, pair_slices[i].us_of_0, div_u64(va, 1000));
		KUNIT_EXPECT_EQ(test, pair_slices[i].us_of_n, div_u64(vb, 1000));
		/* The same virtual time for everybody. */
		vb = edu_calc_delta(vb, 1024, b->se.weight);
		KUNIT_EXPECT_LE(test, abs((s64)(va - vb)), 1024 / b->se.weight + 1);

		s->features |= BIT(EDU_F_BASE_SLICE);
		KUNIT_EXPECT_GE(test, edu_sched_slice(&s->rq->cfs, &a->se), 750000);
		KUNIT_EXPECT_GE(test, edu_sched_slice(&s->rq->cfs, &b->se), 750000);
	}
}

/* Shares of a processor for each nice level against nice 0, within 0.5 %. */
static void fair_shares(struct kunit *test)
{
	u64 total = 20ULL * NSEC_PER_SEC;
	int nice;

	for (nice = -20; nice <= 19; nice++) {
		struct edu_sched *s = sim_machine(test, 1);
		struct edu_task *a = sim_task(test, s->rq, 1, 0);
		struct edu_task *b = sim_task(test, s->rq, 2, nice);
		u64 want = div_u64(total * 1024, 1024 + edu_nice_weight[nice + 20]);

		sim_wake(s->rq, a, 0);
		sim_wake(s->rq, b, 0);
		sim_pick(s->rq);
		sim_run(s->rq, total, NSEC_PER_MSEC);
		KUNIT_EXPECT_EQ(test, total, a->se.sum_exec + b->se.sum_exec);
		KUNIT_EXPECT_LE_MSG(test, abs((s64)(a->se.sum_exec - want)),
				    (s64)total / 200, "nice %d", nice);
	}
}

static void fair_vruntime(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *t = sim_task(test, s->rq, 1, 5);
	u64 v = t->se.vruntime;

	sim_wake(s->rq, t, 0);
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(s->rq));
	sim_run(s->rq, 3350000, 3350000);
	/* 3.35 ms * 1024 / 335 */
	KUNIT_EXPECT_EQ(test, 10240000, t->se.vruntime - v);
	KUNIT_EXPECT_EQ(test, 3350000, t->se.sum_exec);
}

/* T5: a nice 0 wakee needs 1 ms, nice 19 68.27 ms, nice -20 11.5 us. */
static const struct {
	int nice;
	s64 gran;
} grans[] = { { 0, 1000000 }, { 19, 68266666 }, { -20, 11536 } };

static void fair_wakeup_granularity(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	int i;

	for (i = 0; i < ARRAY_SIZE(grans); i++) {
		struct edu_task *curr = sim_task(test, s->rq, 1, 0);
		struct edu_task *t = sim_task(test, s->rq, 2, grans[i].nice);

		t->se.vruntime = -5;	/* the comparison must survive a wrap */
		curr->se.vruntime = t->se.vruntime;
		KUNIT_EXPECT_EQ(test, -1, edu_wakeup_preempt(s, &curr->se, &t->se));
		curr->se.vruntime = t->se.vruntime + grans[i].gran;
		KUNIT_EXPECT_EQ(test, 0, edu_wakeup_preempt(s, &curr->se, &t->se));
		curr->se.vruntime++;
		KUNIT_EXPECT_EQ(test, 1, edu_wakeup_preempt(s, &curr->se, &t->se));
	}
}

static void fair_sleeper_preempts(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *hog = sim_task(test, s->rq, 1, 0);
	struct edu_task *sleeper = sim_task(test, s->rq, 2, 0);

	sim_wake(s->rq, hog, 0);
	sim_pick(s->rq);
	sim_run(s->rq, 100 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	sim_wake(s->rq, sleeper, EDU_WAKEUP);
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	KUNIT_EXPECT_EQ(test, EDU_WHY_WAKEUP, s->rq->why);
	/* Half a latency of credit, no more, however long it slept. */
	KUNIT_EXPECT_EQ(test, 3 * NSEC_PER_MSEC,
			hog->se.vruntime - sleeper->se.vruntime);
	KUNIT_EXPECT_PTR_EQ(test, sleeper, sim_pick(s->rq));

	/* A batch wakee waits. */
	sim_block(s->rq, sleeper);
	sim_policy(sleeper, EDU_BATCH, 0);
	sim_pick(s->rq);
	sim_run(s->rq, 100 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	sim_wake(s->rq, sleeper, EDU_WAKEUP);
	KUNIT_EXPECT_FALSE(test, s->rq->resched);
}

static void fair_fork(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *parent = sim_task(test, s->rq, 1, 0);
	struct edu_task *child = sim_task(test, s->rq, 2, 0);
	u64 v;

	sim_wake(s->rq, parent, 0);
	sim_pick(s->rq);
	sim_run(s->rq, NSEC_PER_MSEC, NSEC_PER_MSEC);
	v = parent->se.vruntime;
	edu_task_inherit(child, parent);
	sim_wake(s->rq, child, EDU_NEW);
	/* One slice of two tasks behind: 3 ms. */
	KUNIT_EXPECT_EQ(test, v, parent->se.vruntime);
	KUNIT_EXPECT_EQ(test, v + 3000000, child->se.vruntime);
	KUNIT_EXPECT_FALSE(test, s->rq->resched);

	s->features |= BIT(EDU_F_CHILD_RUNS_FIRST);
	child = sim_task(test, s->rq, 3, 0);
	edu_task_inherit(child, parent);
	sim_wake(s->rq, child, EDU_NEW);
	KUNIT_EXPECT_EQ(test, v, child->se.vruntime);
	KUNIT_EXPECT_EQ(test, EDU_WHY_CHILD, s->rq->why);
	KUNIT_EXPECT_PTR_EQ(test, child, sim_pick(s->rq));
}

static void fair_yield(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *a = sim_task(test, s->rq, 1, 0);
	struct edu_task *b = sim_task(test, s->rq, 2, 0);

	b->se.vruntime += 500000;
	sim_wake(s->rq, a, 0);
	sim_wake(s->rq, b, 0);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(s->rq));
	/* b is 0.5 ms ahead, within the granularity. */
	raw_spin_lock_irq(&s->rq->lock);
	edu_yield(s->rq);
	raw_spin_unlock_irq(&s->rq->lock);
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(s->rq));
}

/* 10^6 random steps against a queue without tree, buddies or cached sums. */
#define MODEL_TASKS 24
#define MODEL_STEPS 1000000

static struct edu_task *model_leftmost(struct edu_task **t)
{
	struct edu_task *best = NULL;
	int i;

	for (i = 0; i < MODEL_TASKS; i++)
		if (t[i]->on_rq && t[i]->rq->curr != t[i] &&
		    (!best || (s64)(t[i]->se.vruntime - best->se.vruntime) < 0))
			best = t[i];
	return best;
}

static bool model_agrees(struct edu_rq *rq, struct edu_task **t, u64 *least)
{
	struct edu_entity *cached = edu_timeline_first(&rq->cfs);
	struct edu_task *left = model_leftmost(t);
	unsigned int nr = 0, nodes = 0;
	unsigned long load = 0;
	struct rb_node *node;
	int i;

	for (i = 0; i < MODEL_TASKS; i++)
		if (t[i]->on_rq) {
			nr++;
			load += t[i]->se.weight;
		}
	for (node = rb_first_cached(&rq->cfs.timeline); node; node = rb_next(node)) {
		nodes++;
		if (rq->curr && node == &rq->curr->se.node)
			return false;
	}
	if (!!left != !!cached ||
	    (left && left->se.vruntime != cached->vruntime))
		return false;
	if ((s64)(rq->cfs.min_vruntime - *least) < 0)
		return false;
	*least = rq->cfs.min_vruntime;
	return nr == rq->cfs.nr_running && nr == rq->nr_running &&
	       load == rq->cfs.load && nodes == nr - !!rq->curr;
}

static void fair_random(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *t[MODEL_TASKS];
	struct edu_rq *rq = s->rq;
	u64 least = rq->cfs.min_vruntime;
	u32 seed = 2463534242;
	int i;

	/* Buddies may go before the leftmost; they have tests of their own. */
	s->features &= ~BIT(EDU_F_LAST_BUDDY);
	for (i = 0; i < MODEL_TASKS; i++)
		t[i] = sim_task(test, rq, i + 1, i % 40 - 20);
	for (i = 0; i < MODEL_STEPS; i++) {
		struct edu_task *p, *left;

		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		p = t[(seed >> 8) % MODEL_TASKS];
		raw_spin_lock_irq(&rq->lock);
		rq->clock += seed % 300000;
		switch (seed >> 29) {
		case 0:
		case 1:
			if (!p->on_rq)
				edu_enqueue(rq, p, EDU_WAKEUP);
			break;
		case 2:
			if (p->on_rq)
				edu_dequeue(rq, p, EDU_SLEEP);
			break;
		case 3:
			edu_task_nice(p, (int)(seed % 40) - 20);
			break;
		case 4:
		case 5:
			edu_tick(rq, seed & 1);
			break;
		default:
			edu_put_curr(rq);
			left = model_leftmost(t);
			p = edu_pick(rq);
			if (!!p != !!left ||
			    (p && p->se.vruntime != left->se.vruntime)) {
				raw_spin_unlock_irq(&rq->lock);
				KUNIT_FAIL(test, "step %d: not the leftmost", i);
				return;
			}
		}
		raw_spin_unlock_irq(&rq->lock);
		if (!model_agrees(rq, t, &least)) {
			KUNIT_FAIL(test, "step %d: sums or tree wrong", i);
			return;
		}
		if (!(i % 4096))
			cond_resched();
	}
	KUNIT_EXPECT_GT(test, rq->stats[EDU_ST_PICK], MODEL_STEPS / 5);
}

static struct kunit_case fair_cases[] = {
	KUNIT_CASE(fair_equal_slices),
	KUNIT_CASE(fair_pair_slices),
	KUNIT_CASE(fair_shares),
	KUNIT_CASE(fair_vruntime),
	KUNIT_CASE(fair_wakeup_granularity),
	KUNIT_CASE(fair_sleeper_preempts),
	KUNIT_CASE(fair_fork),
	KUNIT_CASE(fair_yield),
	KUNIT_CASE_SLOW(fair_random),
	{}
};

static struct kunit_suite fair_suite = {
	.name = "sched_edu_fair",
	.test_cases = fair_cases,
};

kunit_test_suite(fair_suite);
