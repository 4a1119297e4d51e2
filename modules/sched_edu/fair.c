// SPDX-License-Identifier: GPL-2.0
/*
 * The fair class: who of the normal tasks runs, and for how long.
 *
 * The rules, in the order they apply:
 *  1. Run time is charged as virtual time, slower for heavier entities
 *     (entity.c), on each level from the root to the running task.
 *  2. Entities wait in order of vruntime (timeline.c).
 *  3. A wakee is placed at most half a latency behind min_vruntime, a new task
 *     one slice ahead of it or of its parent; nobody gains by that.
 *  4. A task that has waited longer than stall_limit runs, whatever follows.
 *     Else from the root down: the leftmost runs next, unless it yielded; who was
 *     just woken or just preempted goes first if at most one granularity behind.
 *  5. A wakee preempts if it is behind by more than the wakeup granularity,
 *     scaled by the wakee's own weight, on the level where the two are on one
 *     queue. BATCH and IDLE wakees never do, and who is idle gives way.
 *  6. At the tick, a task leaves if on any level its slice is used up, or if it
 *     is a whole slice ahead of the leftmost.
 *  7. With EEVDF rules 3 to 6 are: who comes is placed at the queue's average,
 *     as far off as it was when it left, at most two slices; the earliest
 *     deadline of those that are owed time runs next; it preempts who is not
 *     owed time any more, without RUN_TO_PARITY also who has a later deadline.
 *     A slice is min_granularity, after which there is a new deadline.
 *
 * Document B 3.1 to 3.10 and its section on groups, document A for the older
 * tick rule; the body of place_entity is in neither and follows the kernel before
 * 6.6. That kernel kept the vruntime of a migrating task relative to
 * min_vruntime; here the difference of the two is added when a task comes to
 * another queue. Rule 7 is 6.6's; later kernels' delayed dequeue and slices by
 * request are not here. Put and set walk all levels, where
 * the kernel leaves those alone that the old and the new task share.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "class.h"

static void fair_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_entity *se = &t->se;
	bool place = flags & EDU_WAKEUP, hidden = false;

	/* By its lag whenever it comes, but a new task has its place. */
	if (edu_feature(rq->sched, EEVDF) && !(flags & EDU_NEW))
		place = true;
	edu_fair_join(t, rq);
	edu_fair_charge(rq);
	for (; se; se = se->parent) {
		if (se->on_rq)
			break;
		edu_entity_enqueue(se->cfs_rq, se, place);
		se->cfs_rq->h_nr_running++;
		hidden = se->cfs_rq->throttled;
		if (hidden)
			break;
		place = true;
	}
	if (!hidden)
		for (; se; se = se->parent) {
			edu_group_update(se->cfs_rq);
			se->cfs_rq->h_nr_running++;
			hidden = se->cfs_rq->throttled;
			if (hidden)
				break;
		}
	/* The core counts one more; who is throttled does not count. */
	if (hidden)
		rq->nr_running--;
	t->wait_since = rq->clock;
	list_add_tail(&t->wait_node, &rq->waiting);
}

/* Nobody is running on any level. */
static void put_levels(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *se;

	while (cfs_rq && cfs_rq->curr) {
		se = cfs_rq->curr;
		if (se->on_rq)
			edu_timeline_add(cfs_rq, se);
		cfs_rq->curr = NULL;
		cfs_rq = se->my_q;
	}
}

static void fair_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	bool current_too = t->se.cfs_rq->curr == &t->se, hidden = false;
	struct edu_entity *se = &t->se;

	edu_fair_charge(rq);
	for (; se; se = se->parent) {
		struct edu_cfs_rq *cfs_rq = se->cfs_rq;

		edu_entity_dequeue(cfs_rq, se);
		cfs_rq->h_nr_running--;
		hidden = cfs_rq->throttled;
		if (hidden)
			break;
		if (cfs_rq->load) {
			se = se->parent;
			/* Others of this group are likely to be wanted. */
			if (se && (flags & EDU_SLEEP))
				se->cfs_rq->next = se;
			break;
		}
	}
	if (!hidden)
		for (; se; se = se->parent) {
			edu_group_update(se->cfs_rq);
			se->cfs_rq->h_nr_running--;
			hidden = se->cfs_rq->throttled;
			if (hidden)
				break;
		}
	if (hidden)
		rq->nr_running++;
	/* It is in no tree and does not come into one; the levels above wait. */
	if (current_too)
		put_levels(rq);
	list_del_init(&t->wait_node);
}

/**
 * edu_wakeup_preempt - should @se run instead of @curr?
 * @s: the wakeup granularity
 * @curr: running
 * @se: just woken
 *
 * Document B 3.9. Return: -1 if @se is not behind, 1 if it is behind by more
 * than the granularity of its weight, else 0.
 */
int edu_wakeup_preempt(const struct edu_sched *s, const struct edu_entity *curr,
		       const struct edu_entity *se)
{
	s64 diff = curr->vruntime - se->vruntime;

	if (diff <= 0)
		return -1;
	return diff > (s64)edu_delta_fair(s->tun.wakeup_granularity, se);
}
EXPORT_SYMBOL_IF_KUNIT(edu_wakeup_preempt);

/* Go up until both are on one queue. */
static void find_matching(struct edu_entity **a, struct edu_entity **b)
{
	while ((*a)->depth > (*b)->depth)
		*a = (*a)->parent;
	while ((*b)->depth > (*a)->depth)
		*b = (*b)->parent;
	while ((*a)->cfs_rq != (*b)->cfs_rq) {
		*a = (*a)->parent;
		*b = (*b)->parent;
	}
}

static bool preempts(struct edu_rq *rq, struct edu_entity *curr, struct edu_entity *se)
{
	struct edu_cfs_rq *cfs_rq = se->cfs_rq;

	if (!edu_feature(rq->sched, EEVDF))
		return edu_wakeup_preempt(rq->sched, curr, se) == 1;
	if (edu_timeline_due(cfs_rq) != se)
		return false;
	return !edu_timeline_owed(cfs_rq, curr) ||
	       (!edu_feature(rq->sched, RUN_TO_PARITY) &&
		edu_before(se->deadline, curr->deadline));
}

/* Rule 5. */
static void fair_check_preempt(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_task *running = rq->curr;
	struct edu_entity *curr = &running->se, *se = &t->se;

	if (rq->resched || edu_task_throttled(t))
		return;
	if (edu_feature(rq->sched, NEXT_BUDDY) && (flags & EDU_WAKEUP) &&
	    t->policy != EDU_IDLE)
		for (; se; se = se->parent)
			se->cfs_rq->next = se;
	if (running->policy == EDU_IDLE && t->policy != EDU_IDLE) {
		edu_stat_inc(rq, EDU_ST_PREEMPT_WAKEUP);
		edu_resched(rq, EDU_WHY_WAKEUP);
		return;
	}
	if (t->policy != EDU_NORMAL || !edu_feature(rq->sched, WAKEUP_PREEMPTION))
		return;
	edu_fair_charge(rq);
	se = &t->se;
	find_matching(&curr, &se);
	if (edu_entity_idle(curr) != edu_entity_idle(se)) {
		if (!edu_entity_idle(curr))
			return;
	} else if (!preempts(rq, curr, se)) {
		return;
	}
	edu_stat_inc(rq, EDU_ST_PREEMPT_WAKEUP);
	edu_resched(rq, EDU_WHY_WAKEUP);
	if (edu_feature(rq->sched, LAST_BUDDY) && rq->cfs.h_nr_running >= 8 &&
	    running->policy != EDU_IDLE)
		for (curr = &running->se; curr; curr = curr->parent)
			curr->cfs_rq->last = curr;
}

/* Rule 4 on one level. */
static struct edu_entity *pick_entity(struct edu_rq *rq, struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *left = edu_timeline_first(cfs_rq), *se = left;

	if (!left)
		return NULL;
	if (edu_feature(rq->sched, EEVDF)) {
		rq->why = EDU_WHY_DUE;
		return edu_timeline_due(cfs_rq);
	}
	if (cfs_rq->skip == se) {
		struct edu_entity *second = edu_timeline_second(se);

		if (second && edu_wakeup_preempt(rq->sched, second, left) < 1)
			se = second;
	}
	if (cfs_rq->next && cfs_rq->next->on_rq &&
	    edu_wakeup_preempt(rq->sched, cfs_rq->next, left) < 1)
		se = cfs_rq->next;
	else if (cfs_rq->last && cfs_rq->last->on_rq &&
		 edu_wakeup_preempt(rq->sched, cfs_rq->last, left) < 1)
		se = cfs_rq->last;
	rq->why = EDU_WHY_LEFTMOST;
	if (se != left) {
		rq->why = EDU_WHY_BUDDY;
		edu_stat_inc(rq, EDU_ST_BUDDY);
	}
	return se;
}

/**
 * edu_fair_overdue - rule 4: who must run, whatever follows
 * @rq: locked, clock set
 *
 * Return: NULL if nobody has waited for longer than stall_limit.
 */
struct edu_task *edu_fair_overdue(struct edu_rq *rq)
{
	struct edu_task *t = list_first_entry_or_null(&rq->waiting, struct edu_task,
						      wait_node);

	if (t && (s64)(rq->clock - t->wait_since) > (s64)rq->sched->tun.stall_limit)
		return t;
	return NULL;
}

/* Rule 4. Nobody is current. */
static struct edu_task *fair_pick(struct edu_rq *rq)
{
	struct edu_task *t = edu_fair_overdue(rq);
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *se;

	if (t) {
		edu_stat_inc(rq, EDU_ST_RESCUE);
		rq->why = EDU_WHY_RESCUE;
		return t;
	}
	do {
		se = pick_entity(rq, cfs_rq);
		if (!se)
			return NULL;
		cfs_rq = se->my_q;
	} while (cfs_rq);
	return edu_task_of(se);
}

static void fair_set_next(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_entity *se = &t->se;

	for (; se; se = se->parent) {
		edu_clear_buddies(se->cfs_rq, se);
		if (se->on_rq)
			edu_timeline_del(se->cfs_rq, se);
		se->exec_start = rq->clock;
		se->prev_sum_exec = se->sum_exec;
		se->cfs_rq->curr = se;
	}
	list_del_init(&t->wait_node);
}

static void fair_put_prev(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_entity *se = &t->se;

	edu_fair_charge(rq);
	put_levels(rq);
	for (; se; se = se->parent)
		edu_bandwidth_check(se->cfs_rq);
	t->wait_since = rq->clock;
	list_add_tail(&t->wait_node, &rq->waiting);
}

/* Rule 6, in the newer form of document B, or without its two additions. */
static void check_tick(struct edu_cfs_rq *cfs_rq, struct edu_entity *curr, bool queued)
{
	struct edu_rq *rq = cfs_rq->rq;
	bool grace = edu_feature(rq->sched, TICK_GRACE);
	struct edu_entity *left;
	u64 ideal, ran;
	s64 ahead;

	ideal = edu_sched_slice(cfs_rq, curr);
	if (grace)
		ideal = min(ideal, rq->sched->tun.latency);
	ran = curr->sum_exec - curr->prev_sum_exec;
	if (ran > ideal || (queued && ran == ideal)) {
		edu_stat_inc(rq, EDU_ST_PREEMPT_TICK);
		edu_resched(rq, EDU_WHY_SLICE);
		if (grace)
			edu_clear_buddies(cfs_rq, curr);
		return;
	}
	if (grace && ran < rq->sched->tun.min_granularity)
		return;
	left = edu_timeline_first(cfs_rq);
	if (!left)
		return;
	ahead = curr->vruntime - left->vruntime;
	if (ahead > (s64)ideal) {
		edu_stat_inc(rq, EDU_ST_PREEMPT_TICK);
		edu_resched(rq, EDU_WHY_LAG);
	}
}

static void fair_tick(struct edu_rq *rq, struct edu_task *t, bool queued)
{
	struct edu_entity *se = &t->se;

	edu_fair_charge(rq);
	/* A rescued task gets no more than this. */
	if (edu_task_throttled(t) &&
	    se->sum_exec - se->prev_sum_exec >= rq->sched->tun.min_granularity)
		edu_resched(rq, EDU_WHY_THROTTLE);
	for (; se; se = se->parent) {
		edu_group_update(se->cfs_rq);
		if (se->cfs_rq->nr_running > 1 && !edu_feature(rq->sched, EEVDF))
			check_tick(se->cfs_rq, se, queued);
	}
}

static void fair_fork(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_entity *curr;

	edu_fair_join(t, rq);
	edu_fair_charge(rq);
	edu_entity_place(t->se.cfs_rq, &t->se, true);
	curr = t->se.cfs_rq->curr;
	if (edu_feature(rq->sched, CHILD_RUNS_FIRST) && curr && !curr->my_q &&
	    edu_task_of(curr)->pid == t->forked_by &&
	    edu_before(curr->vruntime, t->se.vruntime)) {
		swap(curr->vruntime, t->se.vruntime);
		edu_resched(rq, EDU_WHY_CHILD);
	}
}

static void fair_yield(struct edu_rq *rq)
{
	struct edu_entity *se = &rq->curr->se;

	if (rq->cfs.h_nr_running < 2)
		return;
	edu_fair_charge(rq);
	for (; se; se = se->parent) {
		edu_clear_buddies(se->cfs_rq, se);
		se->cfs_rq->skip = se;
	}
	if (edu_feature(rq->sched, EEVDF))
		rq->curr->se.deadline +=
			edu_delta_fair(rq->sched->tun.min_granularity, &rq->curr->se);
	edu_resched(rq, EDU_WHY_YIELD);
}

static bool fair_yield_to(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_entity *se = &t->se;

	if (!se->on_rq || edu_task_throttled(t))
		return false;
	for (; se; se = se->parent)
		se->cfs_rq->next = se;
	fair_yield(rq);
	return true;
}

static u64 fair_rr_interval(struct edu_rq *rq, struct edu_task *t)
{
	return rq->cfs.load ? edu_sched_slice(t->se.cfs_rq, &t->se) : 0;
}

/**
 * edu_fair_left - how much of its slice the running task has left
 * @rq: locked, clock set
 * @t: running, of this class
 *
 * Return: ns, 0 if it is used up.
 */
u64 edu_fair_left(struct edu_rq *rq, struct edu_task *t)
{
	const struct edu_entity *se = &t->se;
	s64 left;

	if (edu_task_throttled(t))
		left = rq->sched->tun.min_granularity;
	else if (edu_feature(rq->sched, EEVDF))
		return edu_before(se->deadline, se->vruntime) ? 0 :
		       edu_calc_delta(se->deadline - se->vruntime, se->weight,
				      EDU_NICE_0_WEIGHT);
	else
		left = edu_sched_slice(se->cfs_rq, &t->se);
	left -= se->sum_exec - se->prev_sum_exec;
	return max(left, 0LL);
}
EXPORT_SYMBOL_IF_KUNIT(edu_fair_left);

static void fair_prio_changed(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_entity *se = &t->se;

	edu_entity_reweight(se->cfs_rq, se, edu_weight_of(t->policy, t->nice));
	if (se->on_rq)
		for (; se; se = se->parent)
			edu_group_update(se->cfs_rq);
}

static void fair_switched_to(struct edu_rq *rq, struct edu_task *t)
{
	u64 v = READ_ONCE(t->se.cfs_rq->min_vruntime);

	fair_prio_changed(rq, t);
	/* It comes from a class without virtual time: no debt, no credit. */
	if (edu_before(t->se.vruntime, v))
		t->se.vruntime = v;
}

/**
 * edu_fair_init - an empty fair queue
 * @cfs_rq: the queue
 * @rq: the run queue it is part of
 */
void edu_fair_init(struct edu_cfs_rq *cfs_rq, struct edu_rq *rq)
{
	edu_timeline_init(cfs_rq);
	cfs_rq->rq = rq;
	INIT_LIST_HEAD(&cfs_rq->throttled_node);
}

const struct edu_sched_class edu_fair_class = {
	.name = "fair",
	.enqueue_task = fair_enqueue,
	.dequeue_task = fair_dequeue,
	.yield_task = fair_yield,
	.yield_to_task = fair_yield_to,
	.check_preempt = fair_check_preempt,
	.pick_next = fair_pick,
	.put_prev = fair_put_prev,
	.set_next = fair_set_next,
	.task_tick = fair_tick,
	.task_fork = fair_fork,
	.switched_to = fair_switched_to,
	.prio_changed = fair_prio_changed,
	.get_rr_interval = fair_rr_interval,
	.update_curr = edu_fair_charge,
};
