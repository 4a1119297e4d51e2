// SPDX-License-Identifier: GPL-2.0
/*
 * The deadline class: earliest deadline first, each task within its budget.
 *
 * The rules, in the order they apply:
 *  1. A task asks for a runtime in each period, to be had before a relative
 *     deadline: runtime <= deadline <= period. It is admitted if the sum of
 *     runtime / period of all stays below 95 % of the processors, else -EBUSY.
 *  2. The runnable task with the earliest absolute deadline runs.
 *  3. Constant bandwidth server: a wakee keeps its budget and deadline if the
 *     budget left, spread over the time left, is no more than its bandwidth;
 *     else it gets a full budget and a deadline counted from now.
 *  4. A task whose budget is used up waits until its deadline, then gets the
 *     next budget and a deadline one period later. A yield gives up the rest.
 *
 * Kernel book 4.10 names it; neither document has the algorithm, which is the
 * published one (Abeni and Buttazzo 1998) in the kernel's form. The kernel
 * also reclaims unused bandwidth (GRUB) and boosts the holder of a lock; this
 * does neither. It replenishes constrained tasks at the next period, this too.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/math64.h>

#include "class.h"

#define DL_BW_SHIFT 20

static struct edu_task *dl_task(struct rb_node *node)
{
	return node ? rb_entry(node, struct edu_task, dl_node) : NULL;
}

static bool dl_less(struct rb_node *a, const struct rb_node *b)
{
	return (s64)(rb_entry(a, struct edu_task, dl_node)->dl_abs -
		     rb_entry(b, struct edu_task, dl_node)->dl_abs) < 0;
}

static u64 bandwidth(u64 runtime, u64 period)
{
	return period ? div64_u64(runtime << DL_BW_SHIFT, period) : 0;
}

/**
 * edu_dl_admit - rule 1: may the task have this budget?
 * @s: the machine
 * @t: the task; what it had before is given back first
 * @runtime: ns in each @period, at least 1024, at most 2^43
 * @deadline: relative, ns; 0 means @period
 * @period: ns
 *
 * Any context. Return: 0; -EINVAL for values out of order; -EBUSY if the
 * processors are spoken for.
 */
int edu_dl_admit(struct edu_sched *s, struct edu_task *t, u64 runtime,
		 u64 deadline, u64 period)
{
	u64 limit = div_u64((u64)s->nr_cpus * 95 << DL_BW_SHIFT, 100);
	u64 mine, had;

	if (!deadline)
		deadline = period;
	if (runtime < 1024 || runtime > deadline || deadline > period ||
	    period > 1ULL << 43)
		return -EINVAL;
	mine = bandwidth(runtime, period);
	had = bandwidth(t->dl_runtime, t->dl_period);
	if (atomic64_add_return(mine - had, &s->dl_bw) > limit) {
		atomic64_sub(mine - had, &s->dl_bw);
		return -EBUSY;
	}
	t->dl_runtime = runtime;
	t->dl_deadline = deadline;
	t->dl_period = period;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_dl_admit);

static void renew(struct edu_rq *rq, struct edu_task *t)
{
	t->dl_abs = rq->clock + t->dl_deadline;
	t->dl_left = t->dl_runtime;
}

/* Rule 4: whoever's next period has begun competes again. */
void edu_dl_refresh(struct edu_rq *rq)
{
	struct edu_task *t, *n;

	list_for_each_entry_safe(t, n, &rq->dl.throttled, dl_list) {
		u64 next = t->dl_abs - t->dl_deadline + t->dl_period;

		if ((s64)(rq->clock - next) < 0)
			continue;
		list_del_init(&t->dl_list);
		t->dl_throttled = false;
		while (t->dl_left <= 0) {
			t->dl_left += t->dl_runtime;
			t->dl_abs += t->dl_period;
		}
		if ((s64)(t->dl_abs - rq->clock) < 0)
			renew(rq, t);
		rb_add_cached(&t->dl_node, &rq->dl.root, dl_less);
		rq->dl.nr_running++;
		rq->nr_running++;
		edu_resched(rq, EDU_WHY_DEADLINE);
	}
}

static void leave_tree(struct edu_rq *rq, struct edu_task *t)
{
	rb_erase_cached(&t->dl_node, &rq->dl.root);
	rq->dl.nr_running--;
}

static void throttle(struct edu_rq *rq, struct edu_task *t)
{
	leave_tree(rq, t);
	rq->nr_running--;
	t->dl_throttled = true;
	list_add_tail(&t->dl_list, &rq->dl.throttled);
	edu_stat_inc(rq, EDU_ST_DL_THROTTLE);
	edu_resched(rq, EDU_WHY_THROTTLE);
}

static void dl_update_curr(struct edu_rq *rq)
{
	struct edu_task *t = rq->curr;
	s64 delta = rq->clock - t->rt_exec_start;

	t->rt_exec_start = rq->clock;
	if (delta <= 0 || !rq->charging)
		return;
	t->se.sum_exec += delta;
	t->dl_left -= delta;
	if (t->dl_left <= 0 && !t->dl_throttled)
		throttle(rq, t);
}

/* Rule 3: left / (deadline - now) > runtime / deadline, without dividing. */
static bool overflows(struct edu_rq *rq, struct edu_task *t)
{
	s64 rest = t->dl_abs - rq->clock;

	if (rest <= 0)
		return true;
	if (t->dl_left <= 0)
		return false;
	return (u128)t->dl_left * t->dl_deadline > (u128)t->dl_runtime * rest;
}

static void dl_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if ((flags & EDU_WAKEUP) && overflows(rq, t))
		renew(rq, t);
	if (t->dl_left <= 0) {
		t->dl_throttled = true;
		list_add_tail(&t->dl_list, &rq->dl.throttled);
		rq->nr_running--;	/* the core counts one more */
		return;
	}
	rb_add_cached(&t->dl_node, &rq->dl.root, dl_less);
	rq->dl.nr_running++;
}

static void dl_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if (rq->curr == t)
		dl_update_curr(rq);
	if (t->dl_throttled) {
		list_del_init(&t->dl_list);
		t->dl_throttled = false;
		rq->nr_running++;
		return;
	}
	leave_tree(rq, t);
}

static void dl_yield(struct edu_rq *rq)
{
	dl_update_curr(rq);
	if (!rq->curr->dl_throttled) {
		rq->curr->dl_left = 0;
		throttle(rq, rq->curr);
	}
}

static void dl_check_preempt(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if (!t->dl_throttled && (s64)(t->dl_abs - rq->curr->dl_abs) < 0)
		edu_resched(rq, EDU_WHY_DEADLINE);
}

static struct edu_task *dl_pick(struct edu_rq *rq)
{
	edu_dl_refresh(rq);
	rq->why = EDU_WHY_DEADLINE;
	return dl_task(rb_first_cached(&rq->dl.root));
}

static void dl_put_prev(struct edu_rq *rq, struct edu_task *t)
{
	dl_update_curr(rq);
}

static void dl_set_next(struct edu_rq *rq, struct edu_task *t)
{
	t->rt_exec_start = rq->clock;
	t->se.prev_sum_exec = t->se.sum_exec;
}

static void dl_tick(struct edu_rq *rq, struct edu_task *t, bool queued)
{
	dl_update_curr(rq);
}

/* The bandwidth is free again. */
static void dl_dead(struct edu_task *t)
{
	atomic64_sub(bandwidth(t->dl_runtime, t->dl_period), &t->rq->sched->dl_bw);
	t->dl_runtime = 0;
	t->dl_deadline = 0;
	t->dl_period = 0;
}

static void dl_switched_from(struct edu_rq *rq, struct edu_task *t)
{
	dl_dead(t);
}

static void dl_switched_to(struct edu_rq *rq, struct edu_task *t)
{
	renew(rq, t);
}

static u64 dl_rr_interval(struct edu_rq *rq, struct edu_task *t)
{
	return max_t(s64, t->dl_left, 0);
}

const struct edu_sched_class edu_dl_class = {
	.name = "dl",
	.enqueue_task = dl_enqueue,
	.dequeue_task = dl_dequeue,
	.yield_task = dl_yield,
	.check_preempt = dl_check_preempt,
	.pick_next = dl_pick,
	.put_prev = dl_put_prev,
	.set_next = dl_set_next,
	.task_tick = dl_tick,
	.task_dead = dl_dead,
	.switched_from = dl_switched_from,
	.switched_to = dl_switched_to,
	.get_rr_interval = dl_rr_interval,
	.update_curr = dl_update_curr,
};
