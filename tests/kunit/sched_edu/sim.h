/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine for the suites: virtual processors, a virtual clock, and tasks
 * that compute. Time passes only when a test says so.
 */
#ifndef _SCHED_EDU_SIM_H
#define _SCHED_EDU_SIM_H

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "class.h"

static inline void sim_free(void *s)
{
	edu_sched_free(s);
}

static inline struct edu_sched *sim_machine(struct kunit *test, int cpus)
{
	struct edu_sched *s = edu_sched_create(cpus);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, sim_free, s));
	return s;
}

/* Nothing of a task stays on a queue or in a group that outlives it. */
static inline void sim_leave(void *task)
{
	struct edu_task *t = task;
	struct edu_rq *rq = t->rq;

	raw_spin_lock_irq(&rq->lock);
	if (t->on_rq)
		edu_dequeue(rq, t, EDU_SLEEP);
	edu_task_set_group(t, NULL);
	raw_spin_unlock_irq(&rq->lock);
}

static inline struct edu_task *sim_task(struct kunit *test, struct edu_rq *rq,
					int pid, int nice)
{
	struct edu_task *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	edu_task_setup(t, rq);
	t->pid = pid;
	edu_task_nice(t, nice);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, sim_leave, t));
	return t;
}

static inline void sim_free_group(void *g)
{
	edu_group_close(g);
	edu_group_free(g);
}

/* Made before the tasks that come to it, so that it goes after them. */
static inline struct edu_group *sim_group(struct kunit *test, struct edu_sched *s,
					  struct edu_group *parent, unsigned long shares)
{
	struct edu_group *g = edu_group_create(s, parent);

	KUNIT_ASSERT_NOT_NULL(test, g);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, sim_free_group, g));
	edu_group_set_shares(g, shares, false);
	return g;
}

static inline void sim_move(struct edu_task *t, struct edu_group *g)
{
	raw_spin_lock_irq(&t->rq->lock);
	edu_task_set_group(t, g);
	raw_spin_unlock_irq(&t->rq->lock);
}

static inline struct edu_task *sim_member(struct kunit *test, struct edu_rq *rq,
					  struct edu_group *g, int pid)
{
	struct edu_task *t = sim_task(test, rq, pid, 0);

	sim_move(t, g);
	return t;
}

static inline void sim_wake(struct edu_rq *rq, struct edu_task *t, int flags)
{
	raw_spin_lock_irq(&rq->lock);
	edu_enqueue(rq, t, flags);
	raw_spin_unlock_irq(&rq->lock);
}

static inline void sim_block(struct edu_rq *rq, struct edu_task *t)
{
	raw_spin_lock_irq(&rq->lock);
	edu_dequeue(rq, t, EDU_SLEEP);
	raw_spin_unlock_irq(&rq->lock);
}

static inline struct edu_task *sim_pick(struct edu_rq *rq)
{
	struct edu_task *t;

	raw_spin_lock_irq(&rq->lock);
	t = edu_pick(rq);
	raw_spin_unlock_irq(&rq->lock);
	return t;
}

static inline int sim_policy(struct edu_task *t, enum edu_policy policy, int prio)
{
	int err;

	raw_spin_lock_irq(&t->rq->lock);
	err = edu_task_policy(t, policy, prio);
	raw_spin_unlock_irq(&t->rq->lock);
	return err;
}

/* Let @ns pass in steps of @step, with a tick and, if asked for, a pick each. */
static inline void sim_run(struct edu_rq *rq, u64 ns, u64 step)
{
	u64 end = rq->clock + ns;

	raw_spin_lock_irq(&rq->lock);
	while (rq->clock < end) {
		rq->clock += step;
		edu_tick(rq, true);
		if (rq->resched || !rq->curr)
			edu_pick(rq);
	}
	raw_spin_unlock_irq(&rq->lock);
}

#endif /* _SCHED_EDU_SIM_H */
