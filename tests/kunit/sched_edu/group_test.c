// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/group.c: shares (T36) on one processor and on two,
 * groups within groups, and a random walk that checks each sum at each step.
 */
#include "sim.h"

#define TOTAL (30ULL * NSEC_PER_SEC)

static void expect_share(struct kunit *test, struct edu_task *t, u64 part, u64 of)
{
	u64 want = div_u64(TOTAL * part, of);

	KUNIT_EXPECT_LE_MSG(test, abs((s64)(t->se.sum_exec - want)),
			    (s64)(TOTAL / 500), "task %d ran %llu of %llu ns",
			    t->pid, t->se.sum_exec, want);
}

static void group_shares(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *a = sim_group(test, s, NULL, 1024);
	struct edu_group *b = sim_group(test, s, NULL, 512);
	struct edu_task *ta = sim_member(test, s->rq, a, 1);
	struct edu_task *tb = sim_member(test, s->rq, b, 2);

	sim_wake(s->rq, ta, EDU_WAKEUP);
	sim_wake(s->rq, tb, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, 1024, a->cpu[0].se.weight);
	KUNIT_EXPECT_EQ(test, 512, b->cpu[0].se.weight);
	KUNIT_EXPECT_EQ(test, 1536, s->rq->cfs.load);
	sim_pick(s->rq);
	sim_run(s->rq, TOTAL, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, TOTAL, ta->se.sum_exec + tb->se.sum_exec);
	expect_share(test, ta, 2, 3);
	expect_share(test, tb, 1, 3);
	/* A third of the weight from now on, the other way round. */
	edu_group_set_shares(a, 256, false);
	ta->se.sum_exec = 0;
	tb->se.sum_exec = 0;
	sim_run(s->rq, TOTAL, NSEC_PER_MSEC);
	expect_share(test, ta, 1, 3);
	expect_share(test, tb, 2, 3);
}

/* A group of many tasks is one against a task at the root. */
static void group_of_many(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *alone = sim_task(test, s->rq, 9, 0), *t[3];
	int i;

	sim_wake(s->rq, alone, EDU_WAKEUP);
	for (i = 0; i < 3; i++) {
		t[i] = sim_member(test, s->rq, g, i + 1);
		sim_wake(s->rq, t[i], EDU_WAKEUP);
	}
	KUNIT_EXPECT_EQ(test, 2, s->rq->cfs.nr_running);
	KUNIT_EXPECT_EQ(test, 4, s->rq->cfs.h_nr_running);
	KUNIT_EXPECT_EQ(test, 4, s->rq->nr_running);
	/* Period of two: 6 ms, half of it for the group, a third of that. */
	KUNIT_EXPECT_EQ(test, 1000000, edu_sched_slice(t[0]->se.cfs_rq, &t[0]->se));
	KUNIT_EXPECT_EQ(test, 3000000, edu_sched_slice(&s->rq->cfs, &alone->se));
	sim_pick(s->rq);
	sim_run(s->rq, TOTAL, 500000);
	expect_share(test, alone, 1, 2);
	for (i = 0; i < 3; i++)
		expect_share(test, t[i], 1, 6);
}

static void group_hierarchy(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *a = sim_group(test, s, NULL, 2048);
	struct edu_group *a1 = sim_group(test, s, a, 1024);
	struct edu_group *a2 = sim_group(test, s, a, 3072);
	struct edu_group *deep = sim_group(test, s, a2, 77);
	struct edu_group *b = sim_group(test, s, NULL, 1024);
	struct edu_task *t1 = sim_member(test, s->rq, a1, 1);
	struct edu_task *t2 = sim_member(test, s->rq, deep, 2);
	struct edu_task *t3 = sim_member(test, s->rq, b, 3);

	KUNIT_EXPECT_EQ(test, 3, t2->se.depth);
	sim_wake(s->rq, t1, EDU_WAKEUP);
	sim_wake(s->rq, t2, EDU_WAKEUP);
	sim_wake(s->rq, t3, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, 2, a->cpu[0].cfs_rq.h_nr_running);
	KUNIT_EXPECT_EQ(test, 1, a2->cpu[0].cfs_rq.h_nr_running);
	KUNIT_EXPECT_EQ(test, 3, s->rq->cfs.h_nr_running);
	sim_pick(s->rq);
	sim_run(s->rq, TOTAL, 500000);
	expect_share(test, t1, 1, 6);
	expect_share(test, t2, 3, 6);
	expect_share(test, t3, 2, 6);
	/* What the deep one leaves goes to its cousin first. */
	sim_block(s->rq, t2);
	KUNIT_EXPECT_FALSE(test, deep->cpu[0].se.on_rq);
	KUNIT_EXPECT_FALSE(test, a2->cpu[0].se.on_rq);
	t1->se.sum_exec = 0;
	t3->se.sum_exec = 0;
	sim_pick(s->rq);
	sim_run(s->rq, TOTAL, 500000);
	expect_share(test, t1, 2, 3);
	expect_share(test, t3, 1, 3);
}

/* The shares are for all processors together. */
static void group_two_processors(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_group *g = sim_group(test, s, NULL, 1024);
	struct edu_task *t[3];
	int i;

	for (i = 0; i < 3; i++) {
		t[i] = sim_member(test, &s->rq[i / 2], g, i + 1);
		sim_wake(&s->rq[i / 2], t[i], EDU_WAKEUP);
	}
	KUNIT_EXPECT_EQ(test, 3072, atomic_long_read(&g->load));
	/* The first is told at its next tick. */
	KUNIT_EXPECT_EQ(test, 1024, g->cpu[0].se.weight);
	KUNIT_EXPECT_EQ(test, 341, g->cpu[1].se.weight);
	sim_pick(&s->rq[0]);
	sim_run(&s->rq[0], NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 682, g->cpu[0].se.weight);
	sim_block(&s->rq[1], t[2]);
	KUNIT_EXPECT_EQ(test, 2048, atomic_long_read(&g->load));
	sim_run(&s->rq[0], NSEC_PER_MSEC, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 1024, g->cpu[0].se.weight);
}

static void group_idle(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *g = sim_group(test, s, NULL, 10240);
	struct edu_task *in = sim_member(test, s->rq, g, 1);
	struct edu_task *out = sim_task(test, s->rq, 2, 19);

	edu_group_set_shares(g, 10240, true);
	sim_wake(s->rq, in, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_IDLE_WEIGHT, g->cpu[0].se.weight);
	KUNIT_EXPECT_PTR_EQ(test, in, sim_pick(s->rq));
	/* It gives way at once, even to nice 19. */
	sim_wake(s->rq, out, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_WHY_WAKEUP, s->rq->why);
	KUNIT_EXPECT_TRUE(test, s->rq->resched);
	edu_group_set_shares(g, 10240, false);
	KUNIT_EXPECT_EQ(test, 10240, g->cpu[0].se.weight);
}

static void group_move(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_group *a = sim_group(test, s, NULL, 1024);
	struct edu_group *b = sim_group(test, s, NULL, 1024);
	struct edu_task *t = sim_member(test, s->rq, a, 1);
	struct edu_task *mate = sim_member(test, s->rq, a, 2);
	s64 lead;

	sim_wake(s->rq, t, EDU_WAKEUP);
	sim_wake(s->rq, mate, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(s->rq));
	sim_run(s->rq, NSEC_PER_MSEC, NSEC_PER_MSEC);
	lead = t->se.vruntime - a->cpu[0].cfs_rq.min_vruntime;
	KUNIT_EXPECT_EQ(test, 1000000, lead);
	sim_move(t, b);
	KUNIT_EXPECT_EQ(test, lead, t->se.vruntime - b->cpu[0].cfs_rq.min_vruntime);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&a->nr_tasks));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&b->nr_tasks));
	KUNIT_EXPECT_EQ(test, 1, a->cpu[0].cfs_rq.nr_running);
	KUNIT_EXPECT_PTR_EQ(test, t, s->rq->curr);
	KUNIT_EXPECT_PTR_EQ(test, &t->se, b->cpu[0].cfs_rq.curr);
	sim_move(mate, NULL);
	sim_move(t, NULL);
	KUNIT_EXPECT_EQ(test, 2, s->rq->cfs.nr_running);
	KUNIT_EXPECT_EQ(test, 2048, s->rq->cfs.load);
	KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&a->load));
}

/* Random steps on two processors; the sums are made anew each time. */
#define WALK_TASKS	16
#define WALK_GROUPS	6
#define WALK_STEPS	200000

struct walk {
	struct edu_sched *s;
	struct edu_task *t[WALK_TASKS];
	struct edu_group *g[WALK_GROUPS];
};

struct sums {
	unsigned long load;
	unsigned int nr, visible;
};

static bool below(const struct edu_entity *se, const struct edu_cfs_rq *q)
{
	for (; se; se = se->parent)
		if (se->cfs_rq == q)
			return true;
	return false;
}

/* Not hidden from @q by a throttled queue between the two. */
static bool visible(const struct edu_entity *se, const struct edu_cfs_rq *q)
{
	for (; se->cfs_rq != q; se = se->parent)
		if (se->cfs_rq->throttled)
			return false;
	return true;
}

static struct sums sums_of(struct walk *w, struct edu_cfs_rq *q)
{
	struct sums sum = {};
	int i;

	for (i = 0; i < WALK_TASKS; i++) {
		struct edu_entity *se = &w->t[i]->se;

		if (!se->on_rq)
			continue;
		if (se->cfs_rq == q) {
			sum.load += se->weight;
			sum.nr++;
		}
		if (below(se, q) && visible(se, q))
			sum.visible++;
	}
	for (i = 0; i < WALK_GROUPS; i++) {
		struct edu_entity *se = &w->g[i]->cpu[q->rq->cpu].se;

		if (se->on_rq && se->cfs_rq == q) {
			sum.load += se->weight;
			sum.nr++;
		}
	}
	return sum;
}

static const char *queue_wrong(struct walk *w, struct edu_cfs_rq *q)
{
	struct sums sum = sums_of(w, q);
	unsigned int nodes = 0;
	s64 avg = 0;
	struct rb_node *node;

	for (node = rb_first_cached(&q->timeline); node; node = rb_next(node)) {
		struct edu_entity *se = rb_entry(node, struct edu_entity, node);

		nodes++;
		avg += (s64)(se->vruntime - q->min_vruntime) * (s64)se->weight;
		if (se == q->curr)
			return "current in the tree";
		if (se->my_q && (se->my_q->throttled || !se->my_q->nr_running))
			return "a throttled or empty group in the tree";
	}
	if (sum.load != q->load)
		return "load";
	if (sum.nr != q->nr_running)
		return "nr_running";
	if (sum.visible != q->h_nr_running)
		return "h_nr_running";
	if (nodes != q->nr_running - (q->curr && q->curr->on_rq))
		return "nodes";
	if (avg != q->avg_vruntime)
		return "avg_vruntime";
	return NULL;
}

/* What runs is current on each level, and nothing else is. */
static const char *chain_wrong(struct edu_rq *rq)
{
	struct edu_cfs_rq *q = &rq->cfs;
	struct edu_entity *se = NULL;

	while (q && q->curr) {
		se = q->curr;
		q = se->my_q;
	}
	if (q && se)
		return "current group without current task";
	return se == (rq->curr ? &rq->curr->se : NULL) ? NULL : "current task";
}

static const char *walk_wrong(struct walk *w, struct edu_rq *rq)
{
	const char *wrong = queue_wrong(w, &rq->cfs);
	int i;

	for (i = 0; i < WALK_GROUPS && !wrong; i++)
		wrong = queue_wrong(w, &w->g[i]->cpu[rq->cpu].cfs_rq);
	if (!wrong && rq->nr_running != rq->cfs.h_nr_running)
		wrong = "nr_running of the processor";
	return wrong ?: chain_wrong(rq);
}

static void walk_step(struct walk *w, u32 seed)
{
	struct edu_task *t = w->t[(seed >> 8) % WALK_TASKS];
	struct edu_group *g = w->g[(seed >> 13) % WALK_GROUPS];
	struct edu_rq *rq = t->rq;

	switch (seed >> 28) {
	case 0:
		edu_group_set_shares(g, 2 + seed % 4000, !(seed & 0x70));
		return;
	case 1:
		if (seed & 0x80)
			edu_bandwidth_set(g, NSEC_PER_MSEC + seed % 5000000,
					  10 * NSEC_PER_MSEC, seed & 0xfffff);
		else if (seed & 0x40)
			edu_bandwidth_set(g, 0, 0, 0);
		return;
	}
	raw_spin_lock_irq(&rq->lock);
	rq->clock += seed % 1000000;
	switch (seed >> 28) {
	case 2:
	case 3:
	case 4:
		if (!t->on_rq)
			edu_enqueue(rq, t, EDU_WAKEUP);
		break;
	case 5:
	case 6:
		if (t->on_rq)
			edu_dequeue(rq, t, EDU_SLEEP);
		break;
	case 7:
		edu_task_set_group(t, seed & 0x80 ? g : NULL);
		break;
	case 8:
		edu_task_nice(t, (int)(seed % 40) - 20);
		break;
	case 9:
		edu_periodic_balance(rq);
		break;
	case 10:
	case 11:
		edu_tick(rq, seed & 1);
		break;
	default:
		edu_pick(rq);
	}
	raw_spin_unlock_irq(&rq->lock);
}

static void walk(struct kunit *test, bool eevdf)
{
	struct walk *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	/* g0 > g1 > g2, g0 > g3, g4, g5 */
	static const int parent[WALK_GROUPS] = { -1, 0, 1, 0, -1, -1 };
	u32 seed = 88172645;
	int i, cpu;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->s = sim_machine(test, 2);
	if (eevdf)
		w->s->features |= BIT(EDU_F_EEVDF);
	for (i = 0; i < WALK_GROUPS; i++)
		w->g[i] = sim_group(test, w->s, parent[i] < 0 ? NULL : w->g[parent[i]],
				    1024);
	for (i = 0; i < WALK_TASKS; i++)
		w->t[i] = sim_task(test, &w->s->rq[i % 2], i + 1, 0);
	for (i = 0; i < WALK_STEPS; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		walk_step(w, seed);
		for (cpu = 0; cpu < 2; cpu++) {
			const char *wrong = walk_wrong(w, &w->s->rq[cpu]);

			if (wrong) {
				KUNIT_FAIL(test, "step %d (kind %d), processor %d: %s",
					   i, seed >> 28, cpu, wrong);
				return;
			}
		}
		if (!(i % 4096))
			cond_resched();
	}
	/* It was not all idle. */
	KUNIT_EXPECT_GT(test, w->s->rq[0].stats[EDU_ST_SWITCH], WALK_STEPS / 50);
	KUNIT_EXPECT_GT(test, w->s->rq[0].stats[EDU_ST_BW_THROTTLE], WALK_STEPS / 500);
	KUNIT_EXPECT_GT(test, w->s->rq[1].stats[EDU_ST_MIGRATE], 10);
}

static void group_walk(struct kunit *test)
{
	walk(test, false);
}

static void group_walk_eevdf(struct kunit *test)
{
	walk(test, true);
}

static struct kunit_case group_cases[] = {
	KUNIT_CASE(group_shares),
	KUNIT_CASE(group_of_many),
	KUNIT_CASE(group_hierarchy),
	KUNIT_CASE(group_two_processors),
	KUNIT_CASE(group_idle),
	KUNIT_CASE(group_move),
	KUNIT_CASE_SLOW(group_walk),
	KUNIT_CASE_SLOW(group_walk_eevdf),
	{}
};

static struct kunit_suite group_suite = {
	.name = "sched_edu_group",
	.test_cases = group_cases,
};

kunit_test_suite(group_suite);
