// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/sched_edu/cpupri.c, pushpull.c, select.c and of the pushes in
 * balance.c: document B 5.8 and 5.9 (T12, T13).
 */
#include "sim.h"

#define CPUS 4

/* The machine's own books: each processor in one mask, the one of its level. */
static void check_books(struct kunit *test, struct edu_sched *s)
{
	int longs = BITS_TO_LONGS(s->nr_cpus), pri, cpu, over = 0;

	for (pri = 0; pri < EDU_NR_PRI; pri++) {
		const unsigned long *mask = s->cpupri.mask + pri * longs;

		KUNIT_EXPECT_EQ(test, atomic_read(&s->cpupri.count[pri]),
				bitmap_weight(mask, s->nr_cpus));
		for (cpu = 0; cpu < s->nr_cpus; cpu++)
			KUNIT_EXPECT_EQ(test, s->rq[cpu].pri == pri, test_bit(cpu, mask));
	}
	for (cpu = 0; cpu < s->nr_cpus; cpu++) {
		KUNIT_EXPECT_EQ(test, s->rq[cpu].overloaded,
				test_bit(cpu, s->cpupri.overloaded));
		over += s->rq[cpu].overloaded;
	}
	KUNIT_EXPECT_EQ(test, over, atomic_read(&s->cpupri.nr_overloaded));
}

/* One that runs on a processor: FIFO of @prio, or normal for 0. */
static struct edu_task *runs(struct kunit *test, struct edu_sched *s, int cpu, int prio)
{
	struct edu_task *t = sim_task(test, &s->rq[cpu], 100 * cpu + prio, 0);

	if (prio)
		KUNIT_ASSERT_EQ(test, 0, sim_policy(t, EDU_FIFO, prio));
	sim_wake(&s->rq[cpu], t, EDU_WAKEUP);
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(&s->rq[cpu]));
	return t;
}

static struct edu_task *waits(struct kunit *test, struct edu_sched *s, int cpu, int prio)
{
	struct edu_task *t = sim_task(test, &s->rq[cpu], 1000 * cpu + prio, 0);

	if (prio)
		KUNIT_ASSERT_EQ(test, 0, sim_policy(t, EDU_FIFO, prio));
	sim_wake(&s->rq[cpu], t, EDU_WAKEUP);
	return t;
}

static struct edu_rq *push(struct edu_rq *rq, struct edu_rq *(*how)(struct edu_rq *rq))
{
	struct edu_rq *to;

	raw_spin_lock_irq(&rq->lock);
	to = how(rq);
	raw_spin_unlock_irq(&rq->lock);
	return to;
}

static void cpupri_levels(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, CPUS);
	struct edu_task *dl = sim_task(test, &s->rq[3], 1, 0), *t;

	KUNIT_EXPECT_EQ(test, CPUS, atomic_read(&s->cpupri.count[EDU_PRI_IDLE]));
	runs(test, s, 0, 0);
	t = runs(test, s, 1, 1);
	runs(test, s, 2, 99);
	KUNIT_ASSERT_EQ(test, 0, edu_dl_admit(s, dl, 500000, 0, 1000000));
	KUNIT_ASSERT_EQ(test, 0, sim_policy(dl, EDU_DEADLINE, 0));
	sim_wake(&s->rq[3], dl, EDU_WAKEUP);
	KUNIT_EXPECT_EQ(test, EDU_PRI_NORMAL, s->rq[0].pri);
	KUNIT_EXPECT_EQ(test, EDU_PRI_RT(1), s->rq[1].pri);
	KUNIT_EXPECT_EQ(test, EDU_PRI_RT(99), s->rq[2].pri);
	KUNIT_EXPECT_EQ(test, EDU_PRI_HIGHER, s->rq[3].pri);
	check_books(test, s);
	/* A change of priority, of policy, and the end. */
	sim_policy(t, EDU_RR, 7);
	KUNIT_EXPECT_EQ(test, EDU_PRI_RT(7), s->rq[1].pri);
	sim_policy(t, EDU_NORMAL, 0);
	KUNIT_EXPECT_EQ(test, EDU_PRI_NORMAL, s->rq[1].pri);
	sim_block(&s->rq[1], t);
	KUNIT_EXPECT_EQ(test, EDU_PRI_IDLE, s->rq[1].pri);
	/* A real-time task that waits for a deadline task. */
	waits(test, s, 3, 5);
	KUNIT_EXPECT_TRUE(test, s->rq[3].overloaded);
	check_books(test, s);
}

/* T13. */
static void cpupri_order(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, CPUS);
	struct edu_task *t = sim_task(test, s->rq, 1, 0), *on[CPUS];
	int cpu;

	sim_policy(t, EDU_FIFO, 50);
	/* All alike: the last one, then the one that searches, then any. */
	KUNIT_EXPECT_EQ(test, 2, edu_cpupri_find(s, t, 2, 1));
	s->rq[2].online = false;
	KUNIT_EXPECT_EQ(test, 1, edu_cpupri_find(s, t, 2, 1));
	t->mask = BIT(3) | BIT(2);
	KUNIT_EXPECT_EQ(test, 3, edu_cpupri_find(s, t, 2, 1));
	t->mask = BIT(2);
	KUNIT_EXPECT_EQ(test, -1, edu_cpupri_find(s, t, 2, 1));
	s->rq[2].online = true;
	t->mask = ~0UL;
	/* The least important goes before the last and the searching one. */
	on[0] = runs(test, s, 0, 20);
	on[1] = runs(test, s, 1, 30);
	on[2] = runs(test, s, 2, 0);
	KUNIT_EXPECT_EQ(test, 3, edu_cpupri_find(s, t, 0, 1));
	on[3] = runs(test, s, 3, 50);
	KUNIT_EXPECT_EQ(test, 2, edu_cpupri_find(s, t, 0, 1));
	sim_policy(on[2], EDU_FIFO, 49);
	KUNIT_EXPECT_EQ(test, 0, edu_cpupri_find(s, t, 3, 1));
	/* An equal one does not make way. */
	for (cpu = 0; cpu < CPUS; cpu++)
		sim_policy(on[cpu], EDU_FIFO, 50);
	KUNIT_EXPECT_EQ(test, -1, edu_cpupri_find(s, t, 3, 1));
	sim_policy(t, EDU_FIFO, 51);
	KUNIT_EXPECT_EQ(test, 3, edu_cpupri_find(s, t, 3, 1));
	check_books(test, s);
}

/* T12. */
static void rt_push_lowest(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, CPUS);
	struct edu_task *t, *pinned;

	runs(test, s, 0, 50);
	runs(test, s, 1, 30);
	runs(test, s, 2, 0);
	runs(test, s, 3, 45);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_rt_push));
	pinned = sim_task(test, s->rq, 7, 0);
	pinned->mask = BIT(0);
	sim_policy(pinned, EDU_FIFO, 48);
	sim_wake(s->rq, pinned, EDU_WAKEUP);
	KUNIT_EXPECT_TRUE(test, s->rq[0].overloaded);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_rt_push));
	t = waits(test, s, 0, 40);
	s->features &= ~BIT(EDU_F_RT_PUSH);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_rt_push));
	s->features |= BIT(EDU_F_RT_PUSH);
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[2], push(s->rq, edu_rt_push));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[2], t->rq);
	KUNIT_EXPECT_TRUE(test, s->rq[2].resched);
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(&s->rq[2]));
	KUNIT_EXPECT_EQ(test, 1, s->rq[2].stats[EDU_ST_RT_PUSH]);
	check_books(test, s);
	/* The next goes over FIFO 30; then nobody is less important than 20. */
	t = waits(test, s, 0, 35);
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[1], push(s->rq, edu_rt_push));
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(&s->rq[1]));
	waits(test, s, 0, 20);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_rt_push));
	/* Who is more important than what runs is not sent away. */
	t = waits(test, s, 0, 60);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_rt_push));
	KUNIT_EXPECT_PTR_EQ(test, t, sim_pick(s->rq));
	check_books(test, s);
}

static void rt_pull_best(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, CPUS);
	struct edu_task *own, *a, *b;

	s->features &= ~(BIT(EDU_F_NEWIDLE) | BIT(EDU_F_RT_PUSH));
	runs(test, s, 0, 50);
	a = waits(test, s, 0, 40);
	runs(test, s, 1, 60);
	b = waits(test, s, 1, 45);
	own = waits(test, s, 2, 42);
	/* From each the best, but none that is less important than what is here. */
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(&s->rq[2]));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[0], a->rq);
	KUNIT_EXPECT_EQ(test, 1, s->rq[2].stats[EDU_ST_RT_PULL]);
	check_books(test, s);
	/* One that is idle takes the best of each, and runs the best of these. */
	s->features &= ~BIT(EDU_F_RT_PULL);
	KUNIT_EXPECT_NULL(test, sim_pick(&s->rq[3]));
	s->features |= BIT(EDU_F_RT_PULL);
	KUNIT_EXPECT_PTR_EQ(test, own, sim_pick(&s->rq[3]));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[3], a->rq);
	KUNIT_EXPECT_EQ(test, 2, s->rq[3].stats[EDU_ST_RT_PULL]);
	sim_block(&s->rq[3], own);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(&s->rq[3]));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->cpupri.nr_overloaded));
	check_books(test, s);
}

static void smp_push_idle(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, 2);
	struct edu_task *a = runs(test, s, 0, 0), *b = waits(test, s, 0, 0);

	/* A normal task that waits goes to an idle processor, which is told. */
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[1], push(s->rq, edu_push_idle));
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(&s->rq[1]));
	KUNIT_EXPECT_FALSE(test, s->rq[0].active);
	sim_block(&s->rq[1], b);
	/* Only the running one may go: it does when it does not run any more. */
	b->mask = BIT(0);
	sim_wake(s->rq, b, EDU_WAKEUP);
	KUNIT_EXPECT_NULL(test, push(s->rq, edu_push_idle));
	KUNIT_EXPECT_TRUE(test, s->rq[0].active);
	s->rq[0].clock += 10 * NSEC_PER_MSEC;
	KUNIT_EXPECT_PTR_EQ(test, b, sim_pick(s->rq));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[1], push(s->rq, edu_push_idle));
	KUNIT_EXPECT_PTR_EQ(test, &s->rq[1], a->rq);
	KUNIT_EXPECT_FALSE(test, s->rq[0].active);
	KUNIT_EXPECT_PTR_EQ(test, a, sim_pick(&s->rq[1]));
	check_books(test, s);
}

/* Tasks come and go at random: the books are right after each step. */
static void cpupri_random(struct kunit *test)
{
	struct edu_sched *s = sim_machine(test, CPUS);
	struct edu_task *t[12];
	u32 seed = 1;
	int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		t[i] = sim_task(test, &s->rq[i % CPUS], i, 0);
	for (i = 0; i < 20000; i++) {
		struct edu_task *one = t[(seed >> 8) % ARRAY_SIZE(t)];
		struct edu_rq *rq = &s->rq[(seed >> 16) % CPUS];

		seed = seed * 1664525 + 1013904223;
		switch ((seed >> 24) % 5) {
		case 0:
			if (!one->on_rq)
				sim_wake(rq, one, EDU_WAKEUP);
			break;
		case 1:
			if (one->on_rq)
				sim_block(one->rq, one);
			break;
		case 2:
			sim_policy(one, (seed >> 4) & 1 ? EDU_RR : EDU_NORMAL,
				   (seed >> 4) & 1 ? 1 + seed % 99 : 0);
			break;
		case 3:
			rq->clock += NSEC_PER_MSEC;
			sim_pick(rq);
			push(rq, edu_rt_push);
			break;
		case 4:
			push(rq, edu_push_idle);
			break;
		}
		if (i % 64 == 0)
			check_books(test, s);
	}
}

static struct kunit_case cpupri_cases[] = {
	KUNIT_CASE(cpupri_levels),
	KUNIT_CASE(cpupri_order),
	KUNIT_CASE(cpupri_random),
	KUNIT_CASE(rt_push_lowest),
	KUNIT_CASE(rt_pull_best),
	KUNIT_CASE(smp_push_idle),
	{}
};

static struct kunit_suite cpupri_suite = {
	.name = "sched_edu_cpupri",
	.test_cases = cpupri_cases,
};

kunit_test_suite(cpupri_suite);
