// SPDX-License-Identifier: GPL-2.0
/*
 * Real-time tasks that wait are taken to where less important work is done.
 *
 * The rules:
 *  1. Push: a processor that has just begun to run one task, or was given a
 *     task that must wait, moves the most important of those that wait and may
 *     run elsewhere to the processor that cpupri.c finds for it.
 *  2. One that is more important than what runs is not pushed: it runs here.
 *  3. Pull: a processor that is about to choose takes from each overloaded one
 *     the best task that waits there, if it is more important than all that is
 *     here.
 *  4. The second queue's lock may need the first to be let go; then all is
 *     looked at again, three times at most.
 *
 * Document B 5.9 (T12); the body of pull_rt_task() is empty there, rule 3 is the
 * kernel's. The kernel keeps those that may be pushed in a list of their own;
 * here they are looked for in the lists of rt.c. It stops a processor to push a
 * task that cannot migrate at the moment; here that one waits.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>

#include "class.h"
#include "glue.h"

#define PUSH_TRIES 3

/* Rule 2, and for rule 3: would @t run where it is? */
static bool runs_next(const struct edu_rq *rq, const struct edu_task *t)
{
	const struct edu_task *curr = rq->curr;

	if (!curr || curr->class == &edu_fair_class)
		return true;
	return curr->class == &edu_rt_class && t->rt_priority > curr->rt_priority;
}

static struct edu_task *pushable(struct edu_rq *rq, int *cpu)
{
	struct edu_task *t;
	unsigned int idx;

	for_each_set_bit(idx, rq->rt.bitmap, EDU_RT_QUEUES)
		list_for_each_entry(t, &rq->rt.queue[idx], run_list) {
			if (t == rq->curr || (rq->deferred && !edu_in_custody(t)))
				continue;
			if (runs_next(rq, t))
				return NULL;
			*cpu = edu_cpupri_find(rq->sched, t, rq->cpu, rq->cpu);
			if (*cpu >= 0)
				return t;
		}
	return NULL;
}

/**
 * edu_rt_push - rules 1 and 2 for one task
 * @rq: locked, clock set; the lock may be let go and taken again
 *
 * Under rcu_read_lock(), where tasks may go.
 *
 * Return: the queue that it went to, to be told; NULL if there was nothing to do.
 */
struct edu_rq *edu_rt_push(struct edu_rq *rq)
{
	struct edu_rq *to;
	struct edu_task *t;
	int tries, cpu;
	bool push;

	if (!rq->overloaded || rq->rt.throttled || !edu_feature(rq->sched, RT_PUSH))
		return NULL;
	for (tries = 0; tries < PUSH_TRIES; tries++) {
		t = pushable(rq, &cpu);
		if (!t)
			return NULL;
		to = &rq->sched->rq[cpu];
		edu_double_lock(rq, to);
		push = t->on_rq && t->rq == rq && t->class == &edu_rt_class &&
		       to->pri < EDU_PRI_RT(t->rt_priority) && edu_movable(rq, to, t);
		if (push) {
			edu_migrate(rq, to, t);
			edu_stat_inc(to, EDU_ST_RT_PUSH);
			edu_resched(to, EDU_WHY_PRIO);
		}
		raw_spin_unlock(&to->lock);
		if (push)
			return to;
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(edu_rt_push);

static struct edu_task *pullable(struct edu_rq *from, struct edu_rq *to)
{
	struct edu_task *t;
	unsigned int idx;

	for_each_set_bit(idx, from->rt.bitmap, EDU_RT_QUEUES)
		list_for_each_entry(t, &from->rt.queue[idx], run_list) {
			if (EDU_PRI_RT(t->rt_priority) <= to->pri)
				return NULL;
			if (!runs_next(from, t) && edu_movable(from, to, t))
				return t;
		}
	return NULL;
}

/**
 * edu_rt_pull - rule 3
 * @this: locked, clock set, nobody current; the lock may be let go and taken again
 */
void edu_rt_pull(struct edu_rq *this)
{
	struct edu_sched *s = this->sched;
	struct edu_task *t;
	int cpu;

	if (!atomic_read(&s->cpupri.nr_overloaded) || !edu_feature(s, RT_PULL) ||
	    this->rt.throttled)
		return;
	for_each_set_bit(cpu, s->cpupri.overloaded, s->nr_cpus) {
		struct edu_rq *from = &s->rq[cpu];

		if (from == this || !this->online || READ_ONCE(from->pri) <= this->pri)
			continue;
		edu_double_lock(this, from);
		t = pullable(from, this);
		if (t) {
			edu_migrate(from, this, t);
			edu_stat_inc(this, EDU_ST_RT_PULL);
		}
		raw_spin_unlock(&from->lock);
	}
}
