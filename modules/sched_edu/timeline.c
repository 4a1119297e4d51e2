// SPDX-License-Identifier: GPL-2.0
/*
 * The order of a fair queue: a tree by virtual time.
 *
 * The rules:
 *  1. Entities that wait stand in a tree by vruntime, the leftmost cached; the
 *     running one is not in it.
 *  2. min_vruntime follows the smallest vruntime, and never goes back.
 *  3. The queue's average is the mean of all vruntimes by weight, the running
 *     entity's included. It is kept as a sum relative to min_vruntime. An
 *     entity is owed time if its vruntime is not beyond the average.
 *  4. Each node knows the earliest deadline of its part of the tree, so the
 *     earliest among those that are owed time is found in one descent.
 *
 * Rules 1 and 2: document B 2.2 and 3.10. Rules 3 and 4 are those of EEVDF
 * (Stoica and Abdel-Wahab 1995), which the kernel has had since 6.6, and cost
 * the older rule one multiplication. The kernel's tree is ordered by deadline
 * since 6.8, with the smallest vruntime in each node.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rbtree_augmented.h>

#include "class.h"

static struct edu_entity *entity_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct edu_entity, node);
}

static bool entity_less(struct rb_node *a, const struct rb_node *b)
{
	return edu_before(rb_entry(a, struct edu_entity, node)->vruntime,
		      rb_entry(b, struct edu_entity, node)->vruntime);
}

static bool min_deadline_update(struct edu_entity *se, bool exit)
{
	struct edu_entity *child[] = {
		entity_of(se->node.rb_left), entity_of(se->node.rb_right),
	};
	u64 old = se->min_deadline;
	int i;

	se->min_deadline = se->deadline;
	for (i = 0; i < ARRAY_SIZE(child); i++)
		if (child[i] && edu_before(child[i]->min_deadline, se->min_deadline))
			se->min_deadline = child[i]->min_deadline;
	return exit && se->min_deadline == old;
}

RB_DECLARE_CALLBACKS(static, by_deadline, struct edu_entity, node, min_deadline,
		     min_deadline_update);

static s64 key(const struct edu_cfs_rq *cfs_rq, const struct edu_entity *se)
{
	return (s64)(se->vruntime - cfs_rq->min_vruntime);
}

/**
 * edu_timeline_init - an empty order
 * @cfs_rq: the queue
 *
 * min_vruntime starts shortly before it wraps, so that a comparison that does
 * not survive that is found in the first second.
 */
void edu_timeline_init(struct edu_cfs_rq *cfs_rq)
{
	cfs_rq->timeline = RB_ROOT_CACHED;
	cfs_rq->min_vruntime = (u64)(-(1LL << 20));
}

/**
 * edu_timeline_add - an entity waits from now on
 * @cfs_rq: its queue, locked
 * @se: in no tree; its vruntime, deadline and weight stay while it is in one
 */
void edu_timeline_add(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	cfs_rq->avg_vruntime += key(cfs_rq, se) * (s64)se->weight;
	cfs_rq->avg_load += se->weight;
	se->min_deadline = se->deadline;
	rb_add_augmented_cached(&se->node, &cfs_rq->timeline, entity_less,
				&by_deadline);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_add);

/**
 * edu_timeline_del - an entity runs or leaves
 * @cfs_rq: its queue, locked
 * @se: in the tree
 */
void edu_timeline_del(struct edu_cfs_rq *cfs_rq, struct edu_entity *se)
{
	cfs_rq->avg_vruntime -= key(cfs_rq, se) * (s64)se->weight;
	cfs_rq->avg_load -= se->weight;
	rb_erase_augmented_cached(&se->node, &cfs_rq->timeline, &by_deadline);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_del);

/**
 * edu_timeline_first - the waiting entity with the smallest vruntime
 * @cfs_rq: the queue, locked
 *
 * Return: NULL if none waits.
 */
struct edu_entity *edu_timeline_first(struct edu_cfs_rq *cfs_rq)
{
	return entity_of(rb_first_cached(&cfs_rq->timeline));
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_first);

/**
 * edu_timeline_second - who comes after an entity
 * @first: in the tree
 *
 * Return: NULL if it is the last.
 */
struct edu_entity *edu_timeline_second(struct edu_entity *first)
{
	return entity_of(rb_next(&first->node));
}

/**
 * edu_timeline_advance - rule 2
 * @cfs_rq: the queue, locked, the running entity charged
 */
void edu_timeline_advance(struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *left = edu_timeline_first(cfs_rq);
	struct edu_entity *curr = cfs_rq->curr;
	u64 v = cfs_rq->min_vruntime;

	if (curr && curr->on_rq)
		v = curr->vruntime;
	else
		curr = NULL;
	if (left && (!curr || edu_before(left->vruntime, v)))
		v = left->vruntime;
	if (!edu_before(cfs_rq->min_vruntime, v))
		return;
	cfs_rq->avg_vruntime -= (s64)(v - cfs_rq->min_vruntime) *
				(s64)cfs_rq->avg_load;
	WRITE_ONCE(cfs_rq->min_vruntime, v);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_advance);

/* Sum of keys by weight, and of weights, the running entity's included. */
static s64 sums(struct edu_cfs_rq *cfs_rq, s64 *load)
{
	struct edu_entity *curr = cfs_rq->curr;
	s64 sum = cfs_rq->avg_vruntime;

	*load = cfs_rq->avg_load;
	if (curr && curr->on_rq) {
		sum += key(cfs_rq, curr) * (s64)curr->weight;
		*load += curr->weight;
	}
	return sum;
}

/**
 * edu_timeline_average - rule 3
 * @cfs_rq: the queue, locked
 *
 * Return: the mean, rounded down; min_vruntime if nobody is there.
 */
u64 edu_timeline_average(struct edu_cfs_rq *cfs_rq)
{
	s64 load, sum = sums(cfs_rq, &load);

	if (!load)
		return cfs_rq->min_vruntime;
	if (sum < 0)
		sum -= load - 1;
	return cfs_rq->min_vruntime + div64_s64(sum, load);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_average);

/**
 * edu_timeline_owed - is an entity owed time?
 * @cfs_rq: the queue, locked
 * @se: on it
 *
 * Exact, where a comparison with the rounded average would not be.
 */
bool edu_timeline_owed(struct edu_cfs_rq *cfs_rq, const struct edu_entity *se)
{
	s64 load, sum = sums(cfs_rq, &load);

	return sum >= key(cfs_rq, se) * load;
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_owed);

/**
 * edu_timeline_due - rule 4
 * @cfs_rq: the queue, locked
 *
 * Return: of the waiting entities that are owed time, the one with the
 * earliest deadline; the leftmost if the running one is all that is owed;
 * NULL if none waits.
 */
struct edu_entity *edu_timeline_due(struct edu_cfs_rq *cfs_rq)
{
	struct edu_entity *best = NULL, *part = NULL, *se, *left;
	struct rb_node *node = cfs_rq->timeline.rb_root.rb_node;

	while (node) {
		se = entity_of(node);
		if (!edu_timeline_owed(cfs_rq, se)) {
			node = node->rb_left;
			continue;
		}
		/* So is everybody on its left. */
		left = entity_of(node->rb_left);
		if (!best || edu_before(se->deadline, best->deadline))
			best = se;
		if (left && (!part || edu_before(left->min_deadline, part->min_deadline)))
			part = left;
		node = node->rb_right;
	}
	if (!best)
		return edu_timeline_first(cfs_rq);
	if (!part || !edu_before(part->min_deadline, best->deadline))
		return best;
	while (part->deadline != part->min_deadline) {
		left = entity_of(part->node.rb_left);
		part = left && left->min_deadline == part->min_deadline ?
		       left : entity_of(part->node.rb_right);
	}
	return part;
}
EXPORT_SYMBOL_IF_KUNIT(edu_timeline_due);
