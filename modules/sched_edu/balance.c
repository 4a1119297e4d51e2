// SPDX-License-Identifier: GPL-2.0
/*
 * Several processors: who takes fair tasks from whom.
 *
 * The rules:
 *  1. A queue that runs empty takes a waiting task from the queue with the
 *     most, unless it is never empty for long: below migration_cost on average
 *     the search would cost more than it gains.
 *  2. Every balance_interval, a queue that has at least two tasks less than
 *     the fullest takes one. If there is nothing to take, the interval
 *     doubles; if something was taken it starts anew.
 *  3. At the tick, a queue where somebody waits gives one to an idle processor,
 *     which has no tick and would not ask again. If only the running task may
 *     go there (active balance), it does so when it is next preempted.
 *  4. A task that runs, that is pinned elsewhere, or that has not been handed
 *     over completely is never taken.
 *
 * Document B 6; what neither document shows (how the busiest is found,
 * what makes a task too hot to move) is simple here: counts, and no cache
 * model. The kernel balances by load and capacity within domains; it has a busy
 * processor wake an idle one to balance, and a stopper for active balance.
 *
 * Two locks are taken in the order of their addresses.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>

#include "class.h"
#include "glue.h"
#include "trace.h"

/* How many tasks of a queue are looked at for one that may be moved. */
#define BALANCE_DEPTH 32

/**
 * edu_double_lock - hold two queues, in the order of their addresses
 * @this: locked; may be let go and taken again
 * @other: not locked
 */
void edu_double_lock(struct edu_rq *this, struct edu_rq *other)
{
	if (this < other) {
		raw_spin_lock_nested(&other->lock, SINGLE_DEPTH_NESTING);
		return;
	}
	if (raw_spin_trylock(&other->lock))
		return;
	raw_spin_unlock(&this->lock);
	raw_spin_lock(&other->lock);
	raw_spin_lock_nested(&this->lock, SINGLE_DEPTH_NESTING);
}

/**
 * edu_movable - rule 4: may a runnable task be taken to another queue?
 * @from: its queue
 * @to: the other; both are locked
 * @t: the task
 */
bool edu_movable(struct edu_rq *from, struct edu_rq *to, struct edu_task *t)
{
	if (t == from->curr || (from->deferred && !edu_in_custody(t)) ||
	    edu_task_throttled(t) || edu_queue_throttled(t->group, to))
		return false;
	if (edu_allowed(t, to->cpu))
		return true;
	edu_stat_inc(to, EDU_ST_PINNED);
	return false;
}

/* @waiting stays in order. Who is moved has mostly waited the longest. */
static void wait_since(struct edu_rq *rq, struct edu_task *t, u64 since)
{
	struct edu_task *next;

	t->wait_since = since;
	list_for_each_entry(next, &rq->waiting, wait_node)
		if (next == t || edu_before(since, next->wait_since))
			break;
	if (next != t)
		list_move_tail(&t->wait_node, &next->wait_node);
}

/**
 * edu_migrate - move a runnable task to another queue
 * @from: its queue
 * @to: the other; both are locked
 * @t: not current
 */
void edu_migrate(struct edu_rq *from, struct edu_rq *to, struct edu_task *t)
{
	u64 since = t->wait_since;

	edu_dequeue(from, t, 0);
	edu_enqueue(to, t, 0);
	if (t->class == &edu_fair_class)
		wait_since(to, t, since);
	edu_stat_inc(to, EDU_ST_MIGRATE);
	trace_sched_edu_migrate(t, from->cpu, to->cpu);
}
EXPORT_SYMBOL_IF_KUNIT(edu_migrate);

static struct edu_task *movable_fair(struct edu_rq *from, struct edu_rq *to)
{
	struct edu_task *t;
	unsigned int n = 0;

	/* Who waits longest, its cache is the coldest. */
	list_for_each_entry(t, &from->waiting, wait_node) {
		if (edu_movable(from, to, t))
			return t;
		if (++n == BALANCE_DEPTH)
			break;
	}
	return NULL;
}

/* A task that waits on @from and comes from @to. */
static struct edu_task *stray(struct edu_rq *from, struct edu_rq *to,
			      int (*home)(const struct edu_task *t))
{
	struct edu_task *t;
	unsigned int idx;

	for_each_set_bit(idx, from->rt.bitmap, EDU_RT_QUEUES)
		list_for_each_entry(t, &from->rt.queue[idx], run_list)
			if (t != from->curr && home(t) == to->cpu)
				return t;
	list_for_each_entry(t, &from->waiting, wait_node)
		if (home(t) == to->cpu)
			return t;
	return NULL;
}

/**
 * edu_drain - a queue closes: its tasks go back to where they came from
 * @from: not online any more
 * @home: the processor on which sched_ext has a task
 *
 * A pulled task is moved by sched_ext only when it is picked, and a processor
 * that is offline picks nothing. Those at home here are sched_ext's to move.
 */
void edu_drain(struct edu_rq *from, int (*home)(const struct edu_task *t))
{
	struct edu_sched *s = from->sched;
	struct edu_task *t;
	int cpu;

	for (cpu = 0; cpu < s->nr_cpus; cpu++) {
		struct edu_rq *to = &s->rq[cpu];
		unsigned long flags;

		if (to == from)
			continue;
		raw_spin_lock_irqsave(&from->lock, flags);
		edu_double_lock(from, to);
		while ((t = stray(from, to, home))) {
			edu_migrate(from, to, t);
			edu_resched(to, EDU_WHY_NONE);
		}
		raw_spin_unlock(&to->lock);
		raw_spin_unlock_irqrestore(&from->lock, flags);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_drain);

static unsigned int load_of(struct edu_rq *rq)
{
	return READ_ONCE(rq->nr_running);
}

static struct edu_rq *busiest(struct edu_rq *this, unsigned long skip)
{
	struct edu_sched *s = this->sched;
	struct edu_rq *best = NULL;
	int i;

	/* Begin after ourselves, so that not all go to the same. */
	for (i = 1; i < s->nr_cpus; i++) {
		struct edu_rq *rq = &s->rq[(this->cpu + i) % s->nr_cpus];

		if (rq->cpu < BITS_PER_LONG && (skip & BIT(rq->cpu)))
			continue;
		if (load_of(rq) && (!best || load_of(rq) > load_of(best)))
			best = rq;
	}
	return best;
}

/**
 * edu_pull - take a waiting task from another queue
 * @this: locked, clock set; the lock may be let go and taken again
 * @newidle: it has run empty; else for the periodic balance
 *
 * Rules 1 and 4. Return: the task, now on @this, or NULL.
 */
struct edu_task *edu_pull(struct edu_rq *this, bool newidle)
{
	struct edu_sched *s = this->sched;
	unsigned long tried = 0;
	struct edu_task *t = NULL;
	int i;

	if (s->nr_cpus < 2 || !this->online)
		return NULL;
	if (newidle) {
		if (!edu_feature(s, NEWIDLE) ||
		    this->avg_idle < s->tun.migration_cost)
			return NULL;
		edu_stat_inc(this, EDU_ST_NEWIDLE);
	}
	for (i = 1; i < s->nr_cpus && !t; i++) {
		struct edu_rq *from = busiest(this, tried);

		if (!from)
			return NULL;
		if (from->cpu < BITS_PER_LONG)
			tried |= BIT(from->cpu);
		edu_double_lock(this, from);
		if (newidle ? from->nr_running > !!from->curr :
			      from->nr_running > this->nr_running + 1) {
			t = movable_fair(from, this);
			if (t)
				edu_migrate(from, this, t);
		}
		raw_spin_unlock(&from->lock);
		if (newidle && this->nr_running)
			break;
	}
	return t;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pull);

/**
 * edu_periodic_balance - even out, if it is time to
 * @rq: locked, clock set; the lock may be let go and taken again
 *
 * Rule 2. Return: whether a task came.
 */
bool edu_periodic_balance(struct edu_rq *rq)
{
	struct edu_tunables *tun = &rq->sched->tun;
	bool moved;

	if (!edu_feature(rq->sched, BALANCE) ||
	    (s64)(rq->clock - rq->next_balance) < 0)
		return false;
	edu_stat_inc(rq, EDU_ST_BALANCE);
	moved = edu_pull(rq, false);
	if (moved)
		rq->balance_interval = tun->balance_min;
	else
		rq->balance_interval = min(2 * rq->balance_interval,
					   tun->balance_max);
	rq->next_balance = rq->clock + rq->balance_interval;
	trace_sched_edu_balance(rq, moved);
	return moved;
}
EXPORT_SYMBOL_IF_KUNIT(edu_periodic_balance);

/* The idle processor that @t may go to. */
static int idle_for(struct edu_rq *rq, struct edu_task *t)
{
	return edu_cpupri_at(rq->sched, EDU_PRI_IDLE, t, -1, -1);
}

/**
 * edu_push_idle - rule 3
 * @rq: locked, clock set; the lock may be let go and taken again
 *
 * Under rcu_read_lock(), where tasks may go.
 *
 * Return: the queue that a task went to, to be told; or NULL.
 */
struct edu_rq *edu_push_idle(struct edu_rq *rq)
{
	struct edu_task *t, *curr = rq->curr;
	unsigned int n = 0;
	struct edu_rq *to;
	int cpu = -1;
	bool push;

	WRITE_ONCE(rq->active, false);
	if (list_empty(&rq->waiting) || !edu_feature(rq->sched, BALANCE) ||
	    !atomic_read(&rq->sched->cpupri.count[EDU_PRI_IDLE]))
		return NULL;
	list_for_each_entry(t, &rq->waiting, wait_node) {
		if ((!rq->deferred || edu_in_custody(t)) && !edu_task_throttled(t))
			cpu = idle_for(rq, t);
		if (cpu >= 0 || ++n == BALANCE_DEPTH)
			break;
	}
	if (cpu < 0) {
		WRITE_ONCE(rq->active, curr && curr->class == &edu_fair_class &&
			   rq->cfs.h_nr_running > 1 && idle_for(rq, curr) >= 0);
		return NULL;
	}
	to = &rq->sched->rq[cpu];
	edu_double_lock(rq, to);
	push = t->on_rq && t->rq == rq && to->pri == EDU_PRI_IDLE &&
	       edu_movable(rq, to, t);
	if (push) {
		edu_migrate(rq, to, t);
		edu_stat_inc(to, EDU_ST_IDLE_PUSH);
		edu_resched(to, EDU_WHY_NONE);
	}
	raw_spin_unlock(&to->lock);
	return push ? to : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(edu_push_idle);
