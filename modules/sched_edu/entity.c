// SPDX-License-Identifier: GPL-2.0
/*
 * One entity of the fair class, a task or a group, on one queue: what its run
 * time costs, where it is placed when it comes, what changes with its weight.
 *
 * The rules are 1, 3 and 7 of fair.c, which applies them from a task up to the
 * root. Document B 3.2, 3.3, 3.5 to 3.7.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "class.h"

/* What rule 7 keeps of a lead or a debt, in slices. */
#define LAG_SLICES	2

/**
 * edu_delta_fair - run time as virtual time
 * @delta: ns
 * @se: whose
 */
u64 edu_delta_fair(u64 delta, const struct edu_entity *se)
{
	if (se->weight == EDU_NICE_0_WEIGHT)
		return delta;
	return edu_calc_delta(delta, EDU_NICE_0_WEIGHT, se->weight);
}

/**
 * edu_entity_idle - does an entity give way to all others?
 * @se: a SCHED_IDLE task or a group with cpu.idle
 */
bool edu_entity_idle(const struct edu_entity *se)
{
	if (se->my_q)
		return READ_ONCE(se->my_q->group->idle);
	return container_of(se, struct edu_task, se)->policy == EDU_IDLE;
}

/**
 * edu_sched_slice - how long an entity may run
 * @cfs_rq: its queue, locked
 * @se: the entity; counted as one more if it is not on the queue
 *
 * Document B 3.2: its share, by weight, of the period, on each level.
 *
 * Return: ns.
 */
u64 edu_sched_slice(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	struct edu_sched *s = cfs_rq->rq->sched;
	unsigned int nr = cfs_rq->nr_running + !se->on_rq;
	u64 slice = edu_sched_period(&s->tun, nr);

	if (edu_feature(s, EEVDF))
		return s->tun.min_granularity;
	for (; se; se = se->parent)
		slice = edu_calc_delta(slice, se->weight, se->cfs_rq->load +
				       (se->on_rq ? 0 : se->weight));
	if (edu_feature(s, BASE_SLICE))
		slice = max(slice, s->tun.min_granularity);
	return slice;
}
EXPORT_SYMBOL_IF_KUNIT(edu_sched_slice);

/**
 * edu_clear_buddies - nobody prefers an entity any more
 * @cfs_rq: its queue, locked
 * @se: the entity
 */
void edu_clear_buddies(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	if (cfs_rq->next == se)
		cfs_rq->next = NULL;
	if (cfs_rq->last == se)
		cfs_rq->last = NULL;
	if (cfs_rq->skip == se)
		cfs_rq->skip = NULL;
}

static void new_deadline(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	se->deadline = se->vruntime +
		       edu_delta_fair(cfs_rq->rq->sched->tun.min_granularity, se);
}

/* Rule 1, on one level. */
static void charge_level(struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *curr = cfs_rq->curr;
	struct edu_rq *rq = cfs_rq->rq;
	s64 delta = rq->clock - curr->exec_start;

	curr->exec_start = rq->clock;
	if (delta <= 0 || !rq->charging)
		return;
	curr->sum_exec += delta;
	curr->vruntime += edu_delta_fair(delta, curr);
	if (!edu_before(curr->vruntime, curr->deadline)) {
		new_deadline(cfs_rq, curr);
		if (edu_feature(rq->sched, EEVDF) && cfs_rq->nr_running > 1) {
			edu_clear_buddies(cfs_rq, curr);
			edu_resched(rq, EDU_WHY_SLICE);
		}
	}
	edu_timeline_advance(cfs_rq);
	edu_bandwidth_charge(cfs_rq, delta);
}

/**
 * edu_fair_charge - charge the running task and the groups above it until now
 * @rq: locked, clock set
 */
void edu_fair_charge(struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq = &rq->cfs;

	while (cfs_rq && cfs_rq->curr) {
		charge_level(cfs_rq);
		cfs_rq = cfs_rq->curr->my_q;
	}
}

/* Rule 7: where it was is where it is, among those who are there now. */
static void place_by_lag(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	struct edu_entity *curr = cfs_rq->curr;
	s64 lag = 0, load = cfs_rq->avg_load;

	if (curr && curr->on_rq)
		load += curr->weight;
	/* Its own arrival moves the average towards it. */
	if (load)
		lag = div64_s64(se->vlag * (s64)(load + se->weight), load);
	se->vruntime = edu_timeline_average(cfs_rq) - lag;
	new_deadline(cfs_rq, se);
}

/**
 * edu_entity_place - rule 3, or 7: where an entity begins
 * @cfs_rq: its queue, locked, charged
 * @se: on no queue
 * @initial: it was just forked; else it slept
 */
void edu_entity_place(struct edu_cfs_rq *cfs_rq, struct edu_entity *se, bool initial)
{
	struct edu_sched *s = cfs_rq->rq->sched;
	u64 v = cfs_rq->min_vruntime;

	if (edu_feature(s, EEVDF)) {
		place_by_lag(cfs_rq, se);
		/* A new task has half a slice until its first deadline. */
		if (initial)
			se->deadline -= (se->deadline - se->vruntime) / 2;
		return;
	}
	if (initial) {
		if (edu_feature(s, START_DEBIT))
			v += edu_delta_fair(edu_sched_slice(cfs_rq, se), se);
	} else {
		u64 credit = s->tun.latency;

		if (edu_feature(s, GENTLE_FAIR_SLEEPERS))
			credit /= 2;
		if (edu_entity_idle(se))
			credit = s->tun.min_granularity;
		v -= credit;
	}
	if (edu_before(se->vruntime, v))
		se->vruntime = v;
	new_deadline(cfs_rq, se);
}

/**
 * edu_fair_join - make a task one of the queue of its group on a processor
 * @t: on no queue
 * @rq: the processor's
 *
 * What it was behind or ahead of others, it is so on its new queue.
 */
void edu_fair_join(struct edu_task *t, struct edu_rq *rq)
{
	struct edu_cfs_rq *cfs_rq = edu_group_queue(t->group, rq);
	struct edu_entity *se = &t->se;

	if (se->cfs_rq != cfs_rq) {
		u64 off = READ_ONCE(cfs_rq->min_vruntime) -
			  READ_ONCE(se->cfs_rq->min_vruntime);

		se->vruntime += off;
		se->deadline += off;
		se->cfs_rq = cfs_rq;
	}
	se->parent = t->group ? &t->group->cpu[rq->cpu].se : NULL;
	se->depth = se->parent ? se->parent->depth + 1 : 0;
}

/**
 * edu_entity_enqueue - an entity comes to a queue
 * @cfs_rq: the queue, locked, charged
 * @se: on no queue
 * @place: as one that slept; else it stands where it was
 */
void edu_entity_enqueue(struct edu_cfs_rq *cfs_rq, struct edu_entity *se, bool place)
{
	if (place)
		edu_entity_place(cfs_rq, se, false);
	se->on_rq = true;
	cfs_rq->load += se->weight;
	cfs_rq->nr_running++;
	/* A throttled group's may be running, by rule 4. */
	if (cfs_rq->curr != se)
		edu_timeline_add(cfs_rq, se);
	if (cfs_rq->nr_running == 1)
		edu_bandwidth_check(cfs_rq);
	edu_group_update(cfs_rq);
}

/**
 * edu_entity_dequeue - an entity leaves its queue
 * @cfs_rq: the queue, locked, charged
 * @se: on it
 */
void edu_entity_dequeue(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	struct edu_sched *s = cfs_rq->rq->sched;

	se->vlag = 0;
	if (edu_feature(s, EEVDF)) {
		s64 limit = edu_delta_fair(LAG_SLICES * s->tun.min_granularity, se);

		se->vlag = clamp((s64)(edu_timeline_average(cfs_rq) - se->vruntime),
				 -limit, limit);
	}
	edu_clear_buddies(cfs_rq, se);
	/*
	 * Who runs is in no tree: a task that blocks, the groups that it leaves
	 * empty, and a group that leaves while a rescued task below it is charged on.
	 */
	if (cfs_rq->curr != se)
		edu_timeline_del(cfs_rq, se);
	se->on_rq = false;
	cfs_rq->load -= se->weight;
	cfs_rq->nr_running--;
	edu_timeline_advance(cfs_rq);
	if (!cfs_rq->nr_running)
		edu_bandwidth_return(cfs_rq);
	edu_group_update(cfs_rq);
}

/**
 * edu_entity_reweight - change an entity's weight
 * @cfs_rq: its queue, locked, clock set
 * @se: on the queue or not
 * @weight: the new one
 *
 * A lead in virtual time is a debt of run time, which a heavier entity pays
 * faster: else a task that was SCHED_IDLE would wait for seconds.
 */
void edu_entity_reweight(struct edu_cfs_rq *cfs_rq, struct edu_entity *se,
			 unsigned long weight)
{
	bool waits = se->on_rq && cfs_rq->curr != se;
	s64 lead, left;

	if (se->weight == weight)
		return;
	if (se->on_rq)
		edu_fair_charge(cfs_rq->rq);
	if (waits)
		edu_timeline_del(cfs_rq, se);
	if (se->on_rq)
		cfs_rq->load += weight - se->weight;
	left = se->deadline - se->vruntime;
	lead = se->vruntime - READ_ONCE(cfs_rq->min_vruntime);
	if (lead > 0 && weight > se->weight)
		se->vruntime -= lead - edu_calc_delta(lead, se->weight, weight);
	se->deadline = se->vruntime;
	if (left > 0)
		se->deadline += edu_calc_delta(left, se->weight, weight);
	se->weight = weight;
	if (waits)
		edu_timeline_add(cfs_rq, se);
}
