// SPDX-License-Identifier: GPL-2.0
/*
 * How much of the processors a group may use: a quota in each period.
 *
 * The rules, in the order they apply:
 *  1. A group's pool gets its quota when a period begins. What was not used is
 *     kept, but never more than quota + burst.
 *  2. A processor takes run time from the pool a slice (5 ms) at a time, and
 *     charges what the group's tasks use there, and its subgroups'.
 *  3. When it has none and gets none the group is throttled there: its entity
 *     leaves its parent's queue, so nobody below is picked. What was used too
 *     much is a debt, paid from the next slice.
 *  4. A queue that runs empty gives what it has, but for 1 ms, back to the pool.
 *  5. A throttled queue asks the pool again when the period ends, or when rule 4
 *     puts something there: then its processor is told.
 *  6. A task that waits longer than stall_limit (10 s) runs once in spite of a
 *     throttle (fair.c), at the cost of its group's next slice.
 *
 * Document B names account_cfs_rq_runtime() and throttled queues and draws the
 * rest; constants and rules 1 to 5 are the published ones (Turner, Rao, Rao
 * 2010; burst 2021). The kernel begins periods by a timer for each group and
 * hands slices out to all processors, what rule 4 gives back 5 ms later; here each
 * processor looks for itself, at the time that edu_bandwidth_next() says. Since
 * 6.18 the kernel throttles a task only where it leaves for user space; here, as
 * before, it may sleep in the kernel with a lock. Rule 6 has no model there:
 * sched_ext ends a scheduler under which a task waits for 30 s.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "class.h"
#include "trace.h"

/* What a queue keeps for a task that wakes up soon, ns. */
#define KEEP	NSEC_PER_MSEC

/**
 * edu_bandwidth_init - no limit
 * @bw: of a new group
 */
void edu_bandwidth_init(struct edu_bandwidth *bw)
{
	raw_spin_lock_init(&bw->lock);
}

/* Rule 1. */
static void refill(struct edu_bandwidth *bw, u64 now)
{
	u64 used, n;

	if (!bw->quota)
		return;
	if (!bw->started) {
		bw->started = true;
		WRITE_ONCE(bw->period_start, now);
	}
	if ((s64)(now - bw->period_start) < (s64)bw->period)
		return;
	n = div64_u64(now - bw->period_start, bw->period);
	WRITE_ONCE(bw->period_start, bw->period_start + n * bw->period);
	bw->nr_periods += n;
	if (bw->throttled)
		bw->nr_throttled += n;
	used = bw->snapshot - bw->runtime;
	if (used > bw->quota) {
		bw->nr_burst++;
		bw->burst_time += used - bw->quota;
	}
	WRITE_ONCE(bw->runtime, min(bw->runtime + n * bw->quota, bw->quota + bw->burst));
	bw->snapshot = bw->runtime;
}

/* Rule 2: up to @want ns more for a queue. */
static void take(struct edu_cfs_rq *cfs_rq, s64 want)
{
	struct edu_bandwidth *bw = &cfs_rq->group->bw;
	u64 got;

	raw_spin_lock(&bw->lock);
	refill(bw, cfs_rq->rq->clock);
	got = min_t(u64, want, bw->runtime);
	WRITE_ONCE(bw->runtime, bw->runtime - got);
	raw_spin_unlock(&bw->lock);
	cfs_rq->runtime_remaining += got;
}

static void count(struct edu_cfs_rq *cfs_rq, int n, u64 time)
{
	struct edu_bandwidth *bw = &cfs_rq->group->bw;

	raw_spin_lock(&bw->lock);
	bw->throttled += n;
	bw->throttled_time += time;
	raw_spin_unlock(&bw->lock);
}

/* Rule 3. Nobody below is running. */
static void throttle(struct edu_cfs_rq *cfs_rq)
{
	struct edu_rq *rq = cfs_rq->rq;
	struct edu_entity *se = &cfs_rq->group->cpu[rq->cpu].se;
	unsigned int tasks = cfs_rq->h_nr_running;
	struct edu_cfs_rq *up;

	for (; se; se = se->parent) {
		up = se->cfs_rq;
		if (!se->on_rq)
			goto hidden;	/* something above is throttled, or it is new */
		edu_entity_dequeue(up, se);
		up->h_nr_running -= tasks;
		if (up->throttled)
			goto hidden;
		if (up->load) {
			se = se->parent;
			break;
		}
	}
	for (; se; se = se->parent) {
		up = se->cfs_rq;
		edu_group_update(up);
		up->h_nr_running -= tasks;
		if (up->throttled)
			goto hidden;
	}
	rq->nr_running -= tasks;
hidden:
	WRITE_ONCE(cfs_rq->throttled, true);
	cfs_rq->throttled_at = rq->clock;
	list_add_tail(&cfs_rq->throttled_node, &rq->throttled);
	edu_group_update(cfs_rq);
	count(cfs_rq, 1, 0);
	edu_stat_inc(rq, EDU_ST_BW_THROTTLE);
	trace_sched_edu_throttle(rq, cfs_rq->group->id, true, cfs_rq->runtime_remaining);
}

static void unthrottle(struct edu_cfs_rq *cfs_rq)
{
	struct edu_rq *rq = cfs_rq->rq;
	struct edu_entity *se = &cfs_rq->group->cpu[rq->cpu].se;
	unsigned int tasks = cfs_rq->h_nr_running;
	struct edu_cfs_rq *up;

	WRITE_ONCE(cfs_rq->throttled, false);
	list_del_init(&cfs_rq->throttled_node);
	count(cfs_rq, -1, rq->clock - cfs_rq->throttled_at);
	trace_sched_edu_throttle(rq, cfs_rq->group->id, false, cfs_rq->runtime_remaining);
	edu_group_update(cfs_rq);
	if (!cfs_rq->nr_running)
		return;
	for (; se && !se->on_rq; se = se->parent) {
		up = se->cfs_rq;
		edu_entity_enqueue(up, se, true);
		up->h_nr_running += tasks;
		if (up->throttled)
			return;
	}
	for (; se; se = se->parent) {
		up = se->cfs_rq;
		edu_group_update(up);
		up->h_nr_running += tasks;
		if (up->throttled)
			return;
	}
	rq->nr_running += tasks;
	if (!rq->curr)
		edu_resched(rq, EDU_WHY_THROTTLE);
}

/**
 * edu_bandwidth_charge - rule 2: run time was used on a queue
 * @cfs_rq: locked, clock set
 * @delta: ns
 */
void edu_bandwidth_charge(struct edu_cfs_rq *cfs_rq, u64 delta)
{
	if (!cfs_rq->limited)
		return;
	cfs_rq->runtime_remaining -= delta;
	if (cfs_rq->runtime_remaining > 0 || cfs_rq->throttled)
		return;
	take(cfs_rq, cfs_rq->rq->sched->tun.bandwidth_slice -
		     cfs_rq->runtime_remaining);
	if (cfs_rq->runtime_remaining <= 0)
		edu_resched(cfs_rq->rq, EDU_WHY_THROTTLE);
}

/**
 * edu_bandwidth_check - rule 3, at a moment when that is possible
 * @cfs_rq: locked, clock set, no entity of it or above it running
 */
void edu_bandwidth_check(struct edu_cfs_rq *cfs_rq)
{
	if (!cfs_rq->limited || cfs_rq->throttled || !cfs_rq->nr_running ||
	    cfs_rq->runtime_remaining > 0)
		return;
	take(cfs_rq, cfs_rq->rq->sched->tun.bandwidth_slice -
		     cfs_rq->runtime_remaining);
	if (cfs_rq->runtime_remaining <= 0)
		throttle(cfs_rq);
}

/*
 * Rule 5, for processors that idle; the others look at each tick. Who is being
 * throttled right now finds what is there (edu_bandwidth_next()).
 */
static void tell_throttled(struct edu_group *g)
{
	const struct edu_sched *s = g->sched;
	int cpu;

	for (cpu = 0; s->kick && cpu < s->nr_cpus; cpu++)
		if (READ_ONCE(g->cpu[cpu].cfs_rq.throttled) && !READ_ONCE(s->rq[cpu].curr))
			s->kick(&s->rq[cpu]);
}

/**
 * edu_bandwidth_return - rule 4
 * @cfs_rq: locked, has just become empty
 */
void edu_bandwidth_return(struct edu_cfs_rq *cfs_rq)
{
	s64 slack = cfs_rq->runtime_remaining - (s64)KEEP;
	struct edu_bandwidth *bw;
	bool wanted;

	if (!cfs_rq->limited || cfs_rq->throttled || slack <= 0)
		return;
	bw = &cfs_rq->group->bw;
	raw_spin_lock(&bw->lock);
	WRITE_ONCE(bw->runtime, min(bw->runtime + slack, bw->quota + bw->burst));
	wanted = bw->throttled;
	raw_spin_unlock(&bw->lock);
	cfs_rq->runtime_remaining = KEEP;
	if (wanted)
		tell_throttled(cfs_rq->group);
}

/**
 * edu_bandwidth_refresh - rule 5 for all throttled queues of a processor
 * @rq: locked, clock set
 */
void edu_bandwidth_refresh(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq, *n;

	list_for_each_entry_safe(cfs_rq, n, &rq->throttled, throttled_node) {
		take(cfs_rq, 1 - cfs_rq->runtime_remaining);
		if (cfs_rq->runtime_remaining > 0)
			unthrottle(cfs_rq);
	}
}

/**
 * edu_bandwidth_next - when a processor has to look at its groups again
 * @rq: locked, clock set
 *
 * Return: ns from now; U64_MAX if nothing is limited here.
 */
u64 edu_bandwidth_next(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq;
	u64 next = U64_MAX;

	list_for_each_entry(cfs_rq, &rq->throttled, throttled_node) {
		struct edu_bandwidth *bw = &cfs_rq->group->bw;
		s64 rest = READ_ONCE(bw->period_start) + READ_ONCE(bw->period) -
			   rq->clock;

		/* It came between our question and our being counted as throttled. */
		if (READ_ONCE(bw->runtime) || rest < 0)
			rest = 0;
		next = min_t(u64, next, rest);
	}
	for (cfs_rq = &rq->cfs; cfs_rq && cfs_rq->curr;) {
		cfs_rq = cfs_rq->curr->my_q;
		if (cfs_rq && cfs_rq->limited)
			next = min(next, (u64)max(cfs_rq->runtime_remaining, 0LL));
	}
	return next;
}
EXPORT_SYMBOL_IF_KUNIT(edu_bandwidth_next);

/**
 * edu_task_throttled - is a task kept from running by a throttle?
 * @t: its queue is locked
 */
bool edu_task_throttled(const struct edu_task *t)
{
	const struct edu_entity *se;

	for (se = &t->se; se; se = se->parent)
		if (se->cfs_rq->throttled)
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(edu_task_throttled);

/**
 * edu_queue_throttled - would a task of a group wait on a processor?
 * @g: its group; NULL is the root
 * @rq: the processor's queue, locked
 */
bool edu_queue_throttled(struct edu_group *g, const struct edu_rq *rq)
{
	for (; g; g = g->parent)
		if (g->cpu[rq->cpu].cfs_rq.throttled)
			return true;
	return false;
}

/**
 * edu_bandwidth_set - change a group's quota
 * @g: the group
 * @quota: in each @period, ns; 0 is without limit
 * @period: ns
 * @burst: what may be saved up beyond @quota, ns
 *
 * No lock of a queue may be held. The first period begins now, with a full
 * pool, and with all debts forgiven.
 */
void edu_bandwidth_set(struct edu_group *g, u64 quota, u64 period, u64 burst)
{
	struct edu_bandwidth *bw = &g->bw;
	unsigned long flags;
	int cpu;

	raw_spin_lock_irqsave(&bw->lock, flags);
	bw->quota = quota;
	WRITE_ONCE(bw->period, period);
	bw->burst = burst;
	WRITE_ONCE(bw->runtime, quota);
	bw->snapshot = quota;
	/* The queue that asks first tells the time. */
	bw->started = false;
	raw_spin_unlock_irqrestore(&bw->lock, flags);
	for (cpu = 0; cpu < g->sched->nr_cpus; cpu++) {
		struct edu_cfs_rq *cfs_rq = &g->cpu[cpu].cfs_rq;
		struct edu_rq *rq = cfs_rq->rq;

		raw_spin_lock_irqsave(&rq->lock, flags);
		cfs_rq->limited = quota;
		cfs_rq->runtime_remaining = 0;
		if (cfs_rq->throttled) {
			unthrottle(cfs_rq);
			if (g->sched->kick && !rq->curr)
				g->sched->kick(rq);
		}
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_bandwidth_set);
