// SPDX-License-Identifier: GPL-2.0
/*
 * Task groups: the tasks of a group share the weight of one.
 *
 * The rules:
 *  1. On each processor a group has a queue of its own and an entity that
 *     stands for it on its parent's queue, weighted as a task is. Groups nest
 *     to any depth; fair.c walks from the root down to a task, and back.
 *  2. A group's shares are for all processors together. Each of its entities
 *     weighs that part of them which its queue has of the group's load.
 *  3. An idle group weighs as little as a SCHED_IDLE task, and gives way as
 *     one.
 *
 * Document B, section on task groups (calc_group_shares() is empty there; the
 * sum is the published one). The kernel takes the decayed averages of the loads
 * for rule 2, here it is what is runnable now: exact at once, and it jumps. Both
 * look at a queue only when something happens on it, or at its tick; so after a
 * task came to one processor, the group's weight on another is old until then.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "class.h"

#define MIN_SHARES	2UL

/**
 * edu_group_create - a group without tasks
 * @s: the machine
 * @parent: NULL is the root
 *
 * May sleep. Return: the group with the shares of a nice 0 task and without
 * quota, or NULL without memory.
 */
struct edu_group *edu_group_create(struct edu_sched *s, struct edu_group *parent)
{
	struct edu_group *g = kvzalloc(struct_size(g, cpu, s->nr_cpus), GFP_KERNEL);
	int cpu;

	if (!g)
		return NULL;
	g->sched = s;
	g->parent = parent;
	g->shares = EDU_NICE_0_WEIGHT;
	edu_bandwidth_init(&g->bw);
	for (cpu = 0; cpu < s->nr_cpus; cpu++) {
		struct edu_rq *rq = &s->rq[cpu];
		struct edu_entity *se = &g->cpu[cpu].se;
		struct edu_cfs_rq *cfs_rq = &g->cpu[cpu].cfs_rq;

		edu_fair_init(cfs_rq, rq);
		cfs_rq->group = g;
		se->my_q = cfs_rq;
		se->weight = g->shares;
		se->cfs_rq = edu_group_queue(parent, rq);
		se->parent = parent ? &parent->cpu[cpu].se : NULL;
		se->depth = parent ? se->parent->depth + 1 : 0;
		se->vruntime = READ_ONCE(se->cfs_rq->min_vruntime);
	}
	return g;
}
EXPORT_SYMBOL_IF_KUNIT(edu_group_create);

/**
 * edu_group_close - nobody comes to a group any more
 * @g: without tasks and groups below
 */
void edu_group_close(struct edu_group *g)
{
	edu_bandwidth_set(g, 0, 0, 0);
}
EXPORT_SYMBOL_IF_KUNIT(edu_group_close);

/**
 * edu_group_free - forget a group
 * @g: closed, and no reader has it any more; NULL is fine
 */
void edu_group_free(struct edu_group *g)
{
	kvfree(g);
}
EXPORT_SYMBOL_IF_KUNIT(edu_group_free);

/**
 * edu_group_update - rules 2 and 3 for one queue, whose load may have changed
 * @cfs_rq: locked, clock set; a processor's own has no group and nothing to do
 */
void edu_group_update(struct edu_cfs_rq *cfs_rq)
{
	struct edu_group *g = cfs_rq->group;
	struct edu_entity *se;
	unsigned long mine, total, weight;

	if (!g)
		return;
	se = &g->cpu[cfs_rq->rq->cpu].se;
	mine = cfs_rq->throttled ? 0 : cfs_rq->load;
	total = atomic_long_add_return(mine - cfs_rq->contributed, &g->load);
	cfs_rq->contributed = mine;
	if (READ_ONCE(g->idle))
		weight = EDU_IDLE_WEIGHT;
	else if (mine)
		weight = clamp(READ_ONCE(g->shares) * mine / max(total, mine),
			       MIN_SHARES, max(READ_ONCE(g->shares), MIN_SHARES));
	else
		return;		/* it is on no queue */
	edu_entity_reweight(se->cfs_rq, se, weight);
}

/**
 * edu_group_set_shares - change a group's weight
 * @g: the group
 * @shares: of all processors together, at least 1; 1024 as a nice 0 task
 * @idle: rule 3; then @shares wait for better times
 *
 * No lock of a queue may be held. The weights of the groups above follow.
 */
void edu_group_set_shares(struct edu_group *g, unsigned long shares, bool idle)
{
	int cpu;

	WRITE_ONCE(g->shares, shares);
	WRITE_ONCE(g->idle, idle);
	for (cpu = 0; cpu < g->sched->nr_cpus; cpu++) {
		struct edu_cfs_rq *cfs_rq = &g->cpu[cpu].cfs_rq;
		struct edu_rq *rq = cfs_rq->rq;
		struct edu_group *up;
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		for (up = g; up; up = up->parent)
			edu_group_update(&up->cpu[cpu].cfs_rq);
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_group_set_shares);
