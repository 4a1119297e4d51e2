// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/core.c and balance.c: the order of the classes
 * (T9), blocking and preemption (T8), fork (T20), and several processors (T13
 * to T15).
 */
#include "sim.h"

static void core_class_order(struct kunit *test)
{
	static const enum edu_policy order[] = {
		EDU_NORMAL, EDU_FIFO, EDU_DEADLINE, EDU_STOP,
	};
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_rq *rq = s->rq;
	struct edu_task *t[4];
	int i;

	KUNIT_EXPECT_NULL(test, sim_pick(rq));
	for (i = 0; i < 4; i++) {
		t[i] = sim_task(test, rq, i + 1, 0);
		if (order[i] == EDU_DEADLINE)
			KUNIT_ASSERT_EQ(test, 0, edu_dl_admit(s, t[i], 500000, 0,
							      1000000));
		sim_policy(t[i], order[i], order[i] == EDU_FIFO ? 1 : 0);
		sim_wake(rq, t[i], EDU_WAKEUP);
		KUNIT_EXPECT_EQ(test, i > 0, rq->resched);
		KUNIT_EXPECT_PTR_EQ(test, t[i], sim_pick(rq));
	}
	/* None of the lower ones preempts. */
	for (i = 0; i < 3; i++) {
		sim_block(rq, t[i]);
		sim_wake(rq, t[i], EDU_WAKEUP);
		KUNIT_EXPECT_FALSE(test, rq->resched);
	}
	for (i = 3; i >= 0; i--) {
		KUNIT_EXPECT_PTR_EQ(test, t[i], sim_pick(rq));
		sim_block(rq, t[i]);
	}
	KUNIT_EXPECT_NULL(test, sim_pick(rq));
	KUNIT_EXPECT_EQ(test, 0, rq->nr_running);
}

/* The processor was told of a wakeup, which may wait; of a class it is told again. */
static void core_class_is_told_again(struct kunit *test)
{
	struct edu_rq *rq = sim_machine(test, 1)->rq;
	struct edu_task *hog = sim_task(test, rq, 1, 0);
	struct edu_task *sleeper = sim_task(test, rq, 2, 0);
	struct edu_task *fifo = sim_task(test, rq, 3, 0);

	sim_wake(rq, hog, 0);
	sim_pick(rq);
	sim_run(rq, 100 * NSEC_PER_MSEC, NSEC_PER_MSEC);
	sim_wake(rq, sleeper, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_WHY_WAKEUP, rq->why);
	rq->kicked = true;
	sim_policy(fifo, EDU_FIFO, 1);
	sim_wake(rq, fifo, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_WHY_CLASS, rq->why);
	KUNIT_EXPECT_FALSE(test, rq->kicked);
}

static void core_fork_reset(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 1);
	struct edu_task *parent = sim_task(test, s->rq, 1, -5);
	struct edu_task *child = sim_task(test, s->rq, 2, 0);

	sim_policy(parent, EDU_RR, 30);
	edu_task_inherit(child, parent);
	KUNIT_EXPECT_EQ(test, EDU_RR, child->policy);
	KUNIT_EXPECT_EQ(test, 30, child->rt_priority);
	parent->reset_on_fork = true;
	child = sim_task(test, s->rq, 3, 0);
	edu_task_inherit(child, parent);
	KUNIT_EXPECT_EQ(test, EDU_NORMAL, child->policy);
	KUNIT_EXPECT_EQ(test, 0, child->rt_priority);
	KUNIT_EXPECT_EQ(test, 0, child->nice);
}

static void smp_newidle(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_task *a = sim_task(test, s->rq, 1, 0);
	struct edu_task *b = sim_task(test, s->rq, 2, 0);
	struct edu_task *c = sim_task(test, s->rq, 3, 0);

	c->mask = BIT(0);
	sim_wake(&s->rq[0], a, 0);
	sim_wake(&s->rq[0], b, 0);
	sim_wake(&s->rq[0], c, 0);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(&s->rq[0]));
	/* The running one stays, the other comes. */
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(&s->rq[1]));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[1], b->rq);
	sim_block(&s->rq[1], b);
	/* The last one is pinned. */
	KUNIT_EXPECT_NULL(test, sim_pick(&s->rq[1]));
	KUNIT_EXPECT_GT(test, s->rq[1].stats[EDU_ST_PINNED], 0);
	/* Not worth it for a processor that is never idle for long. */
	c->mask = ~0UL;
	s->rq[1].avg_idle = s->tun.migration_cost - 1;
	KUNIT_EXPECT_NULL(test, sim_pick(&s->rq[1]));
	s->rq[1].avg_idle = s->tun.migration_cost;
	KUNIT_EXPECT_PTR_EQ(test, c, sim_pick(&s->rq[1]));
}

static void smp_interval(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_rq *rq = &s->rq[1];
	struct edu_task *t[4];
	int i;

	for (i = 0; i < 4; i++) {
		t[i] = sim_task(test, s->rq, i + 1, 0);
		t[i]->mask = BIT(0);
		sim_wake(&s->rq[0], t[i], 0);
	}
	for (i = 0; i < 5; i++) {
		u64 before = rq->balance_interval;

		rq->clock = rq->next_balance;
		raw_spin_lock_irq(&rq->lock);
		KUNIT_EXPECT_FALSE(test, edu_periodic_balance(rq));
		raw_spin_unlock_irq(&rq->lock);
		KUNIT_EXPECT_EQ(test, min(2 * before, s->tun.balance_max),
				rq->balance_interval);
	}
	t[2]->mask = ~0UL;
	rq->clock = rq->next_balance;
	raw_spin_lock_irq(&rq->lock);
	KUNIT_EXPECT_TRUE(test, edu_periodic_balance(rq));
	raw_spin_unlock_irq(&rq->lock);
	KUNIT_EXPECT_EQ(test, s->tun.balance_min, rq->balance_interval);
	KUNIT_EXPECT_PTR_EQ(test, rq, t[2]->rq);
}

static void smp_select(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 4);
	struct edu_task *t = sim_task(test, s->rq, 1, 0);
	struct edu_task *busy[3];
	int i;

	KUNIT_EXPECT_EQ(test, 2, edu_select_cpu(s, t, 2, 0));
	for (i = 0; i < 3; i++) {
		busy[i] = sim_task(test, &s->rq[i], i + 2, 0);
		sim_wake(&s->rq[i], busy[i], 0);
	}
	KUNIT_EXPECT_EQ(test, 3, edu_select_cpu(s, t, 2, 0));
	t->mask = BIT(0) | BIT(2);
	KUNIT_EXPECT_EQ(test, 2, edu_select_cpu(s, t, 2, 0));
	s->rq[3].online = false;
	t->mask = ~0UL;
	KUNIT_EXPECT_EQ(test, 2, edu_select_cpu(s, t, 2, 0));
	/* A real-time task goes where the least important one runs. */
	s->rq[3].online = true;
	sim_policy(busy[2], EDU_FIFO, 50);
	sim_policy(t, EDU_FIFO, 40);
	KUNIT_EXPECT_EQ(test, 0, edu_select_cpu(s, t, 2, 2) % 3);
	sim_policy(t, EDU_FIFO, 60);
	KUNIT_EXPECT_EQ(test, 2, edu_select_cpu(s, t, 2, 0));
}

static int home_of_pid(const struct edu_task *t)
{
	return t->pid % 3;
}

/* A queue that closes gives everybody back but those who are at home there. */
static void smp_drain(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 3);
	struct edu_task *t[9];
	int i;

	for (i = 0; i < 9; i++) {
		t[i] = sim_task(test, &s->rq[2], i, 0);
		if (i >= 6)
			KUNIT_ASSERT_EQ(test, 0, sim_policy(t[i], EDU_FIFO, 10 + i));
		sim_wake(&s->rq[2], t[i], 0);
	}
	s->rq[2].online = false;
	edu_drain(&s->rq[2], home_of_pid);
	for (i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, i % 3, t[i]->rq->cpu);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, 3, s->rq[i].nr_running);
		KUNIT_EXPECT_EQ(test, 1, s->rq[i].rt.nr_running);
		/* Those who got something are told. */
		KUNIT_EXPECT_EQ(test, i < 2, s->rq[i].resched);
	}
	/* And the closed one takes nothing back. */
	for (i = 0; i < 9; i++)
		if (i % 3 == 2)
			sim_block(&s->rq[2], t[i]);
	KUNIT_EXPECT_NULL(test, sim_pick(&s->rq[2]));
	KUNIT_EXPECT_EQ(test, 3, s->rq[0].nr_running);
}

/* What a task is ahead, until its deadline too, it is on another queue. */
static void smp_place(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_task *t = sim_task(test, s->rq, 1, 0);

	s->rq[1].cfs.min_vruntime += 100ULL * NSEC_PER_SEC;
	t->se.vruntime = s->rq[0].cfs.min_vruntime + 2000;
	t->se.deadline = t->se.vruntime + 750000;
	sim_wake(&s->rq[1], t, 0);
	KUNIT_EXPECT_EQ(test, s->rq[1].cfs.min_vruntime + 2000, t->se.vruntime);
	KUNIT_EXPECT_EQ(test, t->se.vruntime + 750000, t->se.deadline);
}

/* Who waits longest stays the first, whoever comes from elsewhere. */
static void smp_wait_order(struct kunit *test)
{
	static const u64 since[] = { 4, 2, 3, 1 };
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_rq *from = &s->rq[0], *to = &s->rq[1];
	struct edu_task *t;
	u64 last = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(since); i++) {
		t = sim_task(test, from, i + 1, 0);
		sim_wake(from, t, 0);
		t->wait_since = since[i];
		raw_spin_lock_irq(&from->lock);
		raw_spin_lock_nested(&to->lock, SINGLE_DEPTH_NESTING);
		edu_migrate(from, to, t);
		raw_spin_unlock(&to->lock);
		raw_spin_unlock_irq(&from->lock);
	}
	i = 0;
	list_for_each_entry(t, &to->waiting, wait_node) {
		KUNIT_EXPECT_GT(test, t->wait_since, last);
		last = t->wait_since;
		i++;
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(since), i);
}

static struct kunit_case core_cases[] = {
	KUNIT_CASE(smp_place),
	KUNIT_CASE(smp_wait_order),
	KUNIT_CASE(smp_drain),
	KUNIT_CASE(core_class_order),
	KUNIT_CASE(core_class_is_told_again),
	KUNIT_CASE(core_fork_reset),
	KUNIT_CASE(smp_newidle),
	KUNIT_CASE(smp_interval),
	KUNIT_CASE(smp_select),
	{}
};

static struct kunit_suite core_suite = {
	.name = "sched_edu_core",
	.test_cases = core_cases,
};

kunit_test_suite(core_suite);
