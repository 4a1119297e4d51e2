// SPDX-License-Identifier: GPL-2.0
/*
 * The fair class: who of the normal tasks runs, and for how long.
 *
 * The rules, in the order they apply:
 *  1. Run time is charged as virtual time, slower for heavier tasks
 *     (charge). The queue's min_vruntime follows the smallest, never back.
 *  2. Runnable entities stand in a tree by vruntime, the leftmost cached; the
 *     running one is not in the tree.
 *  3. A wakee is placed at most half a latency behind min_vruntime, a new task
 *     one slice ahead; nobody gains by that (place).
 *  4. The leftmost runs next, unless it yielded; the task that was just woken
 *     or just preempted goes first if it is at most one granularity behind.
 *  5. A wakee preempts if it is behind by more than the wakeup granularity,
 *     scaled by the wakee's own weight. BATCH and IDLE wakees never do, and an
 *     IDLE task always gives way to another.
 *  6. At the tick, a task leaves if its slice is used up, or if it is a whole
 *     slice ahead of the leftmost.
 *
 * Document B 3.1 to 3.10, document A for the older tick rule; the body of
 * place_entity is in neither and follows the kernel before 6.6. That kernel
 * kept the vruntime of a migrating task relative to min_vruntime; here the
 * difference of the two min_vruntimes is added when a task comes to another
 * queue, which is the same sum in one place. Today's kernel picks the earliest
 * virtual deadline among those that are not ahead (EEVDF), and has neither
 * latency nor wakeup granularity.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "class.h"

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static u64 delta_fair(u64 delta, const struct edu_entity *se)
{
	if (se->weight == EDU_NICE_0_WEIGHT)
		return delta;
	return edu_calc_delta(delta, EDU_NICE_0_WEIGHT, se->weight);
}

static struct edu_entity *entity_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct edu_entity, node) : NULL;
}

static struct edu_entity *leftmost(struct edu_cfs_rq *cfs_rq)
{
	return entity_of(rb_first_cached(&cfs_rq->timeline));
}

static bool entity_less(struct rb_node *a, const struct rb_node *b)
{
	return before(rb_entry(a, struct edu_entity, node)->vruntime,
		      rb_entry(b, struct edu_entity, node)->vruntime);
}

/**
 * edu_sched_slice - how long an entity may run
 * @cfs_rq: its queue, locked
 * @se: the entity; counted as one more if it is not on the queue
 *
 * Document B 3.2: its share, by weight, of the period.
 *
 * Return: ns.
 */
u64 edu_sched_slice(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	struct edu_sched *s = cfs_rq->rq->sched;
	unsigned long load = cfs_rq->load + (se->on_rq ? 0 : se->weight);
	unsigned int nr = cfs_rq->nr_running + !se->on_rq;
	u64 slice;

	slice = edu_calc_delta(edu_sched_period(&s->tun, nr), se->weight, load);
	if (edu_feature(s, BASE_SLICE))
		slice = max(slice, s->tun.min_granularity);
	return slice;
}
EXPORT_SYMBOL_IF_KUNIT(edu_sched_slice);

static void update_min_vruntime(struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *left = leftmost(cfs_rq), *curr = cfs_rq->curr;
	u64 v = cfs_rq->min_vruntime;

	if (curr && curr->on_rq)
		v = curr->vruntime;
	else
		curr = NULL;
	if (left && (!curr || before(left->vruntime, v)))
		v = left->vruntime;
	if (before(cfs_rq->min_vruntime, v))
		WRITE_ONCE(cfs_rq->min_vruntime, v);
}

/* Rule 1. */
static void charge(struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *curr = cfs_rq->curr;
	struct edu_rq *rq = cfs_rq->rq;
	s64 delta;

	if (!curr)
		return;
	delta = rq->clock - curr->exec_start;
	curr->exec_start = rq->clock;
	if (delta <= 0 || !rq->charging)
		return;
	curr->sum_exec += delta;
	curr->vruntime += delta_fair(delta, curr);
	update_min_vruntime(cfs_rq);
}

static void fair_update_curr(struct edu_rq *rq)
{
	charge(&rq->cfs);
}

static void clear_buddies(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	if (cfs_rq->next == se)
		cfs_rq->next = NULL;
	if (cfs_rq->last == se)
		cfs_rq->last = NULL;
	if (cfs_rq->skip == se)
		cfs_rq->skip = NULL;
}

/* Rule 3. */
static void place(struct edu_cfs_rq *cfs_rq, struct edu_entity *se, bool initial)
{
	struct edu_sched *s = cfs_rq->rq->sched;
	u64 v = cfs_rq->min_vruntime;

	if (initial) {
		if (edu_feature(s, START_DEBIT))
			v += delta_fair(edu_sched_slice(cfs_rq, se), se);
	} else {
		u64 credit = s->tun.latency;

		if (edu_feature(s, GENTLE_FAIR_SLEEPERS))
			credit /= 2;
		if (edu_task_of(se)->policy == EDU_IDLE)
			credit = s->tun.min_granularity;
		v -= credit;
	}
	if (before(se->vruntime, v))
		se->vruntime = v;
}

/* What an entity is behind or ahead of others, it is so on its new queue. */
static void join(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	if (se->cfs_rq == cfs_rq)
		return;
	se->vruntime += cfs_rq->min_vruntime -
			READ_ONCE(se->cfs_rq->min_vruntime);
	se->cfs_rq = cfs_rq;
}

static void fair_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *se = &t->se;

	join(cfs_rq, se);
	charge(cfs_rq);
	if (flags & EDU_WAKEUP)
		place(cfs_rq, se, false);
	se->on_rq = true;
	cfs_rq->load += se->weight;
	cfs_rq->nr_running++;
	rb_add_cached(&se->node, &cfs_rq->timeline, entity_less);
}

static void fair_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *se = &t->se;

	charge(cfs_rq);
	clear_buddies(cfs_rq, se);
	if (cfs_rq->curr == se)
		cfs_rq->curr = NULL;
	else
		rb_erase_cached(&se->node, &cfs_rq->timeline);
	se->on_rq = false;
	cfs_rq->load -= se->weight;
	cfs_rq->nr_running--;
	update_min_vruntime(cfs_rq);
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
	return diff > (s64)delta_fair(s->tun.wakeup_granularity, se);
}
EXPORT_SYMBOL_IF_KUNIT(edu_wakeup_preempt);

/* Rule 5. */
static void fair_check_preempt(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *curr = cfs_rq->curr;

	if (!curr || curr == &t->se || rq->resched)
		return;
	if (edu_feature(rq->sched, NEXT_BUDDY) && (flags & EDU_WAKEUP) &&
	    t->policy != EDU_IDLE)
		cfs_rq->next = &t->se;
	if (edu_task_of(curr)->policy == EDU_IDLE && t->policy != EDU_IDLE) {
		edu_resched(rq, EDU_WHY_WAKEUP);
		return;
	}
	if (t->policy != EDU_NORMAL || !edu_feature(rq->sched, WAKEUP_PREEMPTION))
		return;
	charge(cfs_rq);
	if (edu_wakeup_preempt(rq->sched, curr, &t->se) != 1)
		return;
	edu_stat_inc(rq, EDU_ST_PREEMPT_WAKEUP);
	edu_resched(rq, EDU_WHY_WAKEUP);
	if (edu_feature(rq->sched, LAST_BUDDY) && cfs_rq->nr_running >= 8 &&
	    edu_task_of(curr)->policy != EDU_IDLE)
		cfs_rq->last = curr;
}

/* Rule 4. */
static struct edu_task *fair_pick(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *left = leftmost(cfs_rq), *se = left;

	if (!left)
		return NULL;
	if (cfs_rq->skip == se) {
		struct edu_entity *second = entity_of(rb_next(&se->node));

		if (second && edu_wakeup_preempt(rq->sched, second, left) < 1)
			se = second;
	}
	if (cfs_rq->next && cfs_rq->next != cfs_rq->curr &&
	    edu_wakeup_preempt(rq->sched, cfs_rq->next, left) < 1)
		se = cfs_rq->next;
	else if (cfs_rq->last && cfs_rq->last != cfs_rq->curr &&
		 edu_wakeup_preempt(rq->sched, cfs_rq->last, left) < 1)
		se = cfs_rq->last;
	rq->why = EDU_WHY_LEFTMOST;
	if (se != left) {
		rq->why = EDU_WHY_BUDDY;
		edu_stat_inc(rq, EDU_ST_BUDDY);
	}
	return edu_task_of(se);
}

static void fair_set_next(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;

	clear_buddies(cfs_rq, &t->se);
	if (t->se.on_rq)
		rb_erase_cached(&t->se.node, &cfs_rq->timeline);
	t->se.exec_start = rq->clock;
	t->se.prev_sum_exec = t->se.sum_exec;
	cfs_rq->curr = &t->se;
}

static void fair_put_prev(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;

	charge(cfs_rq);
	if (t->se.on_rq)
		rb_add_cached(&t->se.node, &cfs_rq->timeline, entity_less);
	cfs_rq->curr = NULL;
}

/* Rule 6, in the newer form of document B, or without its two additions. */
static void fair_tick(struct edu_rq *rq, struct edu_task *t, bool queued)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *left, *curr = &t->se;
	bool grace = edu_feature(rq->sched, TICK_GRACE);
	u64 ideal, ran;
	s64 ahead;

	charge(cfs_rq);
	if (cfs_rq->nr_running < 2)
		return;
	ideal = edu_sched_slice(cfs_rq, curr);
	if (grace)
		ideal = min(ideal, rq->sched->tun.latency);
	ran = curr->sum_exec - curr->prev_sum_exec;
	if (ran > ideal || (queued && ran == ideal)) {
		edu_stat_inc(rq, EDU_ST_PREEMPT_TICK);
		edu_resched(rq, EDU_WHY_SLICE);
		if (grace)
			clear_buddies(cfs_rq, curr);
		return;
	}
	if (grace && ran < rq->sched->tun.min_granularity)
		return;
	left = leftmost(cfs_rq);
	if (!left)
		return;
	ahead = curr->vruntime - left->vruntime;
	if (ahead > (s64)ideal) {
		edu_stat_inc(rq, EDU_ST_PREEMPT_TICK);
		edu_resched(rq, EDU_WHY_LAG);
	}
}

static void fair_fork(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;
	struct edu_entity *curr = cfs_rq->curr;

	charge(cfs_rq);
	join(cfs_rq, &t->se);
	place(cfs_rq, &t->se, true);
	if (edu_feature(rq->sched, CHILD_RUNS_FIRST) && curr &&
	    edu_task_of(curr)->pid == t->forked_by &&
	    before(curr->vruntime, t->se.vruntime)) {
		swap(curr->vruntime, t->se.vruntime);
		edu_resched(rq, EDU_WHY_CHILD);
	}
}

static void fair_yield(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;

	if (!cfs_rq->curr || cfs_rq->nr_running < 2)
		return;
	charge(cfs_rq);
	clear_buddies(cfs_rq, cfs_rq->curr);
	cfs_rq->skip = cfs_rq->curr;
	edu_resched(rq, EDU_WHY_YIELD);
}

static bool fair_yield_to(struct edu_rq *rq, struct edu_task *t)
{
	if (!t->se.on_rq || t->se.cfs_rq != &rq->cfs)
		return false;
	rq->cfs.next = &t->se;
	fair_yield(rq);
	return true;
}

static u64 fair_rr_interval(struct edu_rq *rq, struct edu_task *t)
{
	return rq->cfs.load ? edu_sched_slice(&rq->cfs, &t->se) : 0;
}

/**
 * edu_fair_reweight - give a task the weight of its policy and nice level
 * @rq: its queue, locked
 * @t: the task, runnable or not
 */
void edu_fair_reweight(struct edu_rq *rq, struct edu_task *t)
{
	unsigned long weight = edu_weight_of(t->policy, t->nice);

	if (t->se.on_rq) {
		charge(&rq->cfs);
		rq->cfs.load += weight - t->se.weight;
	}
	t->se.weight = weight;
}

static void fair_switched_to(struct edu_rq *rq, struct edu_task *t)
{
	/* It comes from a class without virtual time: no debt, no credit. */
	if (before(t->se.vruntime, rq->cfs.min_vruntime))
		t->se.vruntime = rq->cfs.min_vruntime;
}

/**
 * edu_fair_nth - the entity that stands @n places after the leftmost
 * @rq: locked
 * @n: 0 is the leftmost
 *
 * Return: NULL if there are fewer.
 */
struct edu_task *edu_fair_nth(struct edu_rq *rq, unsigned int n)
{
	struct rb_node *node = rb_first_cached(&rq->cfs.timeline);

	while (node && n--)
		node = rb_next(node);
	return node ? edu_task_of(entity_of(node)) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(edu_fair_nth);

/**
 * edu_fair_init - an empty fair queue
 * @cfs_rq: the queue
 * @rq: the run queue it is part of
 *
 * min_vruntime starts shortly before it wraps, so that a comparison that does
 * not survive that is found in the first second.
 */
void edu_fair_init(struct edu_cfs_rq *cfs_rq, struct edu_rq *rq)
{
	cfs_rq->timeline = RB_ROOT_CACHED;
	cfs_rq->min_vruntime = (u64)(-(1LL << 20));
	cfs_rq->rq = rq;
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
	.prio_changed = NULL,
	.get_rr_interval = fair_rr_interval,
	.update_curr = fair_update_curr,
};
