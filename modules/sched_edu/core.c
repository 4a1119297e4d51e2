// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler's core: classes in their order, and the steps common to all.
 *
 * The rules, in the order they apply:
 *  1. stop > dl > rt > fair > idle: the first class that offers a task wins;
 *     if nothing is picked the processor idles. A class that had to let go of
 *     the lock asks for another round with EDU_RETRY_TASK.
 *  2. If every runnable task is a fair one, only that class is asked.
 *  3. A task of a higher class preempts at once, one of a lower class never;
 *     within a class the class decides.
 *  4. A blocked task leaves the queue, a preempted one stays on it.
 *  5. A forked task inherits policy and nice level, or with reset-on-fork is
 *     normal, at nice 0 or more; a deadline parent's child is normal.
 *
 * Document B 2.2 to 2.6 and 8.5; kernel book 4.2 to 4.4. The kernel marks the
 * running task with TIF_NEED_RESCHED; here the run queue is marked (resched)
 * and whoever drives the core acts on it.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "class.h"
#include "trace.h"

const struct edu_sched_class *const edu_classes[4] = {
	&edu_stop_class, &edu_dl_class, &edu_rt_class, &edu_fair_class,
};

static const struct edu_tunables defaults = {
	.latency = 6 * NSEC_PER_MSEC,
	.min_granularity = 750 * NSEC_PER_USEC,
	.wakeup_granularity = NSEC_PER_MSEC,
	.rr_timeslice = 100 * NSEC_PER_MSEC,
	.rt_period = NSEC_PER_SEC,
	.rt_runtime = 950 * NSEC_PER_MSEC,
	.migration_cost = 500 * NSEC_PER_USEC,
	.balance_min = 4 * NSEC_PER_MSEC,
	.balance_max = 64 * NSEC_PER_MSEC,
	.bandwidth_slice = 5 * NSEC_PER_MSEC,
	.stall_limit = 10ULL * NSEC_PER_SEC,
};

static int rank(const struct edu_sched_class *class)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(edu_classes); i++)
		if (edu_classes[i] == class)
			break;
	return i;
}

static const struct edu_sched_class *class_of(enum edu_policy policy)
{
	switch (policy) {
	case EDU_FIFO:
	case EDU_RR:
		return &edu_rt_class;
	case EDU_DEADLINE:
		return &edu_dl_class;
	case EDU_STOP:
		return &edu_stop_class;
	default:
		return &edu_fair_class;
	}
}

/* The rules, by enum edu_feature. */
const struct edu_feature_info edu_features[EDU_NR_FEATURES] = {
	[EDU_F_GENTLE_FAIR_SLEEPERS] = { "GENTLE_FAIR_SLEEPERS", true },
	[EDU_F_START_DEBIT] = { "START_DEBIT", true },
	[EDU_F_NEXT_BUDDY] = { "NEXT_BUDDY", false },
	[EDU_F_LAST_BUDDY] = { "LAST_BUDDY", true },
	[EDU_F_WAKEUP_PREEMPTION] = { "WAKEUP_PREEMPTION", true },
	[EDU_F_LAZY_WAKEUP] = { "LAZY_WAKEUP", true },
	[EDU_F_BASE_SLICE] = { "BASE_SLICE", false },
	[EDU_F_TICK_GRACE] = { "TICK_GRACE", true },
	[EDU_F_CHILD_RUNS_FIRST] = { "CHILD_RUNS_FIRST", false },
	[EDU_F_HRTICK] = { "HRTICK", true },
	[EDU_F_RT_THROTTLE] = { "RT_THROTTLE", true },
	[EDU_F_RT_PUSH] = { "RT_PUSH", true },
	[EDU_F_RT_PULL] = { "RT_PULL", true },
	[EDU_F_NEWIDLE] = { "NEWIDLE", true },
	[EDU_F_BALANCE] = { "BALANCE", true },
	[EDU_F_WAKE_IDLE] = { "WAKE_IDLE", true },
	[EDU_F_EEVDF] = { "EEVDF", false },
	[EDU_F_RUN_TO_PARITY] = { "RUN_TO_PARITY", true },
};

/**
 * edu_sched_create - a machine of idle processors
 * @nr_cpus: how many, at least 1
 *
 * May sleep. Return: the machine, or NULL without memory.
 */
struct edu_sched *edu_sched_create(int nr_cpus)
{
	struct edu_sched *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int cpu, i;

	if (!s)
		return NULL;
	s->nr_cpus = nr_cpus;
	s->rq = kvcalloc(nr_cpus, sizeof(*s->rq), GFP_KERNEL);
	if (!s->rq || edu_cpupri_init(s)) {
		edu_sched_free(s);
		return NULL;
	}
	s->tun = defaults;
	for (i = 0; i < EDU_NR_FEATURES; i++)
		__assign_bit(i, &s->features, edu_features[i].on);
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct edu_rq *rq = &s->rq[cpu];

		raw_spin_lock_init(&rq->lock);
		rq->cpu = cpu;
		rq->sched = s;
		rq->online = true;
		rq->idle = true;
		rq->pri = EDU_PRI_NONE;
		rq->balance_interval = s->tun.balance_min;
		rq->avg_idle = 2 * s->tun.migration_cost;
		edu_fair_init(&rq->cfs, rq);
		edu_rt_init(&rq->rt, 0);
		rq->dl.root = RB_ROOT_CACHED;
		INIT_LIST_HEAD(&rq->dl.throttled);
		INIT_LIST_HEAD(&rq->stop);
		INIT_LIST_HEAD(&rq->waiting);
		INIT_LIST_HEAD(&rq->throttled);
		edu_cpupri_update(rq);
	}
	return s;
}
EXPORT_SYMBOL_IF_KUNIT(edu_sched_create);

/**
 * edu_sched_free - the machine is not needed any more
 * @s: no task is on any of its queues; NULL is fine
 */
void edu_sched_free(struct edu_sched *s)
{
	if (!s)
		return;
	edu_cpupri_free(s);
	kvfree(s->rq);
	kfree(s);
}
EXPORT_SYMBOL_IF_KUNIT(edu_sched_free);

/**
 * edu_task_setup - a normal task of nice 0, blocked
 * @t: zeroed
 * @rq: the queue that it counts as having been on
 */
void edu_task_setup(struct edu_task *t, struct edu_rq *rq)
{
	t->policy = EDU_NORMAL;
	t->class = &edu_fair_class;
	WRITE_ONCE(t->rq, rq);
	t->mask = ~0UL;
	t->se.cfs_rq = &rq->cfs;
	t->se.weight = EDU_NICE_0_WEIGHT;
	t->se.vruntime = READ_ONCE(rq->cfs.min_vruntime);
	INIT_LIST_HEAD(&t->run_list);
	INIT_LIST_HEAD(&t->wait_node);
	INIT_LIST_HEAD(&t->dl_list);
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_setup);

/**
 * edu_allowed - may a task run on a processor?
 * @t: the task
 * @cpu: the processor
 */
bool edu_allowed(const struct edu_task *t, int cpu)
{
	if (t->allowed)
		return t->allowed(t, cpu);
	return cpu < BITS_PER_LONG && (t->mask & BIT(cpu));
}
EXPORT_SYMBOL_IF_KUNIT(edu_allowed);

/**
 * edu_resched - the current task of a queue has to go
 * @rq: locked
 * @why: the rule
 */
void edu_resched(struct edu_rq *rq, enum edu_reason why)
{
	/* A higher class does not wait as long as a wakeup may have to (glue.c, lazily()). */
	if (rq->resched && (why != EDU_WHY_CLASS || rq->why != EDU_WHY_WAKEUP))
		return;
	rq->kicked = false;
	rq->resched = true;
	rq->why = why;
	trace_sched_edu_preempt(rq, why);
}
EXPORT_SYMBOL_IF_KUNIT(edu_resched);

/* Rule 3. */
static void check_preempt(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_task *curr = rq->curr;

	if (!curr || curr == t)
		return;
	if (curr->class == t->class)
		t->class->check_preempt(rq, t, flags);
	else if (rank(t->class) < rank(curr->class) &&
		 !(t->class == &edu_rt_class && rq->rt.throttled))
		edu_resched(rq, EDU_WHY_CLASS);
}

/**
 * edu_enqueue - a task is runnable from now on
 * @rq: its queue, locked, clock set
 * @t: not on any queue
 * @flags: EDU_WAKEUP, EDU_NEW
 *
 * Sets @rq->resched if the current task has to make way.
 */
void edu_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	lockdep_assert_held(&rq->lock);
	if ((flags & EDU_NEW) && t->class->task_fork)
		t->class->task_fork(rq, t);
	WRITE_ONCE(t->rq, rq);
	rq->nr_running++;
	t->class->enqueue_task(rq, t, flags);
	WRITE_ONCE(t->on_rq, true);
	edu_cpupri_update(rq);
	edu_stat_inc(rq, EDU_ST_ENQUEUE);
	trace_sched_edu_enqueue(rq, t, flags);
	check_preempt(rq, t, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_enqueue);

/**
 * edu_dequeue - a task is not runnable any more, or leaves for another queue
 * @rq: its queue, locked, clock set
 * @t: on @rq, maybe current; then nobody is current afterwards
 * @flags: EDU_SLEEP if it blocks
 */
void edu_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	lockdep_assert_held(&rq->lock);
	t->class->dequeue_task(rq, t, flags);
	rq->nr_running--;
	WRITE_ONCE(t->on_rq, false);
	if (rq->curr == t) {
		WRITE_ONCE(rq->curr, NULL);
		WRITE_ONCE(rq->charging, false);
	}
	edu_cpupri_update(rq);
	edu_stat_inc(rq, EDU_ST_DEQUEUE);
	trace_sched_edu_dequeue(rq, t, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_dequeue);

/**
 * edu_put_curr - nobody is current from now on; the task stays runnable
 * @rq: locked, clock set
 */
void edu_put_curr(struct edu_rq *rq)
{
	if (rq->curr)
		rq->curr->class->put_prev(rq, rq->curr);
	WRITE_ONCE(rq->curr, NULL);
	WRITE_ONCE(rq->charging, false);
}
EXPORT_SYMBOL_IF_KUNIT(edu_put_curr);

static void set_curr(struct edu_rq *rq, struct edu_task *t)
{
	t->class->set_next(rq, t);
	WRITE_ONCE(rq->curr, t);
	WRITE_ONCE(rq->charging, !rq->deferred);
}

/* Rules 1 and 2. */
static struct edu_task *choose(struct edu_rq *rq)
{
	struct edu_task *t;
	int i;

again:
	edu_rt_refresh(rq);
	edu_dl_refresh(rq);
	edu_bandwidth_refresh(rq);
	if (rq->nr_running == rq->cfs.h_nr_running) {
		edu_stat_inc(rq, EDU_ST_FAST);
		return edu_fair_class.pick_next(rq);
	}
	for (i = 0; i < ARRAY_SIZE(edu_classes); i++) {
		t = edu_classes[i]->pick_next(rq);
		if (t == EDU_RETRY_TASK) {
			edu_stat_inc(rq, EDU_ST_RETRY);
			goto again;
		}
		if (t)
			return t;
	}
	return NULL;
}

/**
 * edu_pick - choose who runs next and make it current
 * @rq: locked, clock set
 *
 * The task that was current goes back among the others first, so it may be
 * chosen again. If the queue is empty it pulls one from another processor,
 * for which the lock may be let go and taken again.
 *
 * Return: the task, or NULL to idle.
 */
struct edu_task *edu_pick(struct edu_rq *rq)
{
	struct edu_task *prev = rq->curr, *next;

	lockdep_assert_held(&rq->lock);
	edu_put_curr(rq);
	rq->resched = false;
	rq->kicked = false;
	edu_cpupri_update(rq);
	edu_rt_pull(rq);
	next = choose(rq);
	if (!next) {
		edu_pull(rq, true);
		next = choose(rq);
	}
	rq->resched = false;
	edu_cpupri_update(rq);
	edu_stat_inc(rq, EDU_ST_PICK);
	trace_sched_edu_pick(rq, next, rq->why);
	if (!next) {
		if (!rq->idle_stamp)
			rq->idle_stamp = rq->clock;
		return NULL;
	}
	if (rq->idle_stamp) {
		u64 idle = min(rq->clock - rq->idle_stamp,
			       4 * rq->sched->tun.migration_cost);

		rq->avg_idle += ((s64)idle - (s64)rq->avg_idle) / 8;
		rq->idle_stamp = 0;
	}
	if (next != prev)
		edu_stat_inc(rq, EDU_ST_SWITCH);
	set_curr(rq, next);
	return next;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pick);

/**
 * edu_force_curr - somebody else has decided that a task runs
 * @rq: locked, clock set
 * @t: on @rq
 */
void edu_force_curr(struct edu_rq *rq, struct edu_task *t)
{
	edu_put_curr(rq);
	edu_stat_inc(rq, EDU_ST_FIXUP);
	set_curr(rq, t);
}

/**
 * edu_curr_starts - the current task really runs from now on
 * @rq: locked, clock set, deferred
 */
void edu_curr_starts(struct edu_rq *rq)
{
	if (!rq->curr)
		return;
	/* Not charged yet, so this only moves the begin. */
	rq->curr->class->update_curr(rq);
	WRITE_ONCE(rq->charging, true);
}

/**
 * edu_curr_stops - the current task does not run, but stays current
 * @rq: locked, clock set, deferred
 */
void edu_curr_stops(struct edu_rq *rq)
{
	if (rq->curr)
		rq->curr->class->update_curr(rq);
	WRITE_ONCE(rq->charging, false);
}

/**
 * edu_tick - time has passed
 * @rq: locked, clock set
 * @queued: the timer at the end of the slice, not the tick
 */
void edu_tick(struct edu_rq *rq, bool queued)
{
	edu_rt_refresh(rq);
	edu_dl_refresh(rq);
	edu_bandwidth_refresh(rq);
	if (rq->curr)
		rq->curr->class->task_tick(rq, rq->curr, queued);
	else if (edu_fair_overdue(rq))
		edu_resched(rq, EDU_WHY_RESCUE);
	edu_cpupri_update(rq);
}
EXPORT_SYMBOL_IF_KUNIT(edu_tick);

/**
 * edu_yield - the current task lets others go first
 * @rq: locked, clock set
 */
void edu_yield(struct edu_rq *rq)
{
	if (rq->curr)
		rq->curr->class->yield_task(rq);
}
EXPORT_SYMBOL_IF_KUNIT(edu_yield);

/**
 * edu_yield_to - the current task wants another to go first
 * @rq: locked, clock set
 * @t: the other
 *
 * Return: false if that is not possible: another class or queue, or blocked.
 */
bool edu_yield_to(struct edu_rq *rq, struct edu_task *t)
{
	if (!rq->curr || rq->curr->class != t->class ||
	    !t->class->yield_to_task || !t->on_rq || t->rq != rq)
		return false;
	return t->class->yield_to_task(rq, t);
}
EXPORT_SYMBOL_IF_KUNIT(edu_yield_to);

/**
 * edu_slice - how long a task may run
 * @rq: its queue, locked
 * @t: the task
 *
 * Return: ns; 0 without limit.
 */
u64 edu_slice(struct edu_rq *rq, struct edu_task *t)
{
	return t->class->get_rr_interval ? t->class->get_rr_interval(rq, t) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_slice);

/* A task is off its queue while what decides its place changes. */
struct change {
	bool queued, current_too, charging;
};

static struct change change_begin(struct edu_rq *rq, struct edu_task *t)
{
	struct change c = { t->on_rq, rq->curr == t, rq->charging };

	if (c.current_too)
		edu_put_curr(rq);
	if (c.queued)
		edu_dequeue(rq, t, 0);
	return c;
}

static void change_end(struct edu_rq *rq, struct edu_task *t, struct change c)
{
	if (c.queued)
		edu_enqueue(rq, t, 0);
	if (c.current_too) {
		set_curr(rq, t);
		WRITE_ONCE(rq->charging, c.charging);
		/* It may not be the best any more. */
		edu_resched(rq, EDU_WHY_CLASS);
	}
}

/**
 * edu_task_policy - change a task's policy
 * @t: its queue is locked and has its clock set
 * @policy: the new one; EDU_DEADLINE only after edu_dl_admit()
 * @prio: 1 to 99 for FIFO and RR, else 0
 *
 * A runnable task changes queues, and may preempt or be preempted for it.
 *
 * Return: 0, or -EINVAL for a priority that the policy does not have.
 */
int edu_task_policy(struct edu_task *t, enum edu_policy policy, int prio)
{
	bool rt = policy == EDU_FIFO || policy == EDU_RR;
	const struct edu_sched_class *old = t->class;
	struct edu_rq *rq = t->rq;
	struct change change;

	if (rt ? prio < 1 || prio > 99 : prio != 0)
		return -EINVAL;
	change = change_begin(rq, t);
	t->policy = policy;
	t->rt_priority = prio;
	t->class = class_of(policy);
	if (old != t->class && old->switched_from)
		old->switched_from(rq, t);
	if (old != t->class && t->class->switched_to)
		t->class->switched_to(rq, t);
	if (old == t->class && t->class->prio_changed)
		t->class->prio_changed(rq, t);
	change_end(rq, t, change);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_policy);

/**
 * edu_task_set_group - a task comes to a group
 * @t: its queue is locked and has its clock set
 * @g: NULL is the root
 */
void edu_task_set_group(struct edu_task *t, struct edu_group *g)
{
	struct edu_rq *rq = t->rq;
	struct change change;

	if (t->group == g)
		return;
	change = change_begin(rq, t);
	if (t->group)
		atomic_dec(&t->group->nr_tasks);
	if (g)
		atomic_inc(&g->nr_tasks);
	t->group = g;
	edu_fair_join(t, rq);
	change_end(rq, t, change);
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_set_group);

/**
 * edu_task_nice - change a task's nice level
 * @t: its queue is locked and has its clock set
 * @nice: -20 to 19
 */
void edu_task_nice(struct edu_task *t, int nice)
{
	t->nice = clamp(nice, -20, 19);
	if (t->class->prio_changed)
		t->class->prio_changed(t->rq, t);
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_nice);

/**
 * edu_task_inherit - what a forked task gets of its parent (rule 5)
 * @t: set up, not yet enqueued
 * @parent: read without its lock, a change at this moment may be missed
 */
void edu_task_inherit(struct edu_task *t, const struct edu_task *parent)
{
	enum edu_policy policy = READ_ONCE(parent->policy);
	int prio = READ_ONCE(parent->rt_priority);

	t->nice = parent->nice;
	t->fresh = true;
	t->forked_by = parent->pid;
	/* Where it stands among others is where its parent stands. */
	t->se.cfs_rq = READ_ONCE(parent->se.cfs_rq);
	t->se.vruntime = READ_ONCE(parent->se.vruntime);
	if (parent->reset_on_fork || policy == EDU_DEADLINE ||
	    policy == EDU_STOP) {
		if (policy != EDU_NORMAL)
			t->nice = 0;
		t->nice = max(t->nice, 0);
		policy = EDU_NORMAL;
		prio = 0;
	}
	t->policy = policy;
	t->rt_priority = prio;
	t->class = class_of(policy);
	t->time_slice = t->rq->sched->tun.rr_timeslice;
	t->se.weight = edu_weight_of(policy, t->nice);
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_inherit);
