// SPDX-License-Identifier: GPL-2.0
/*
 * The real-time class: FIFO and RR by priority, and the stop class.
 *
 * The rules, in the order they apply:
 *  1. 100 lists and a bitmap; the first set bit is the highest priority, its
 *     first task runs. A running task stays at its place in its list, so a
 *     preempted one continues before its equals.
 *  2. A task that becomes runnable goes to its list's tail; one that yields,
 *     too.
 *  3. A task of higher priority preempts at once, an equal one never.
 *  4. FIFO has no quantum. RR has one of 100 ms; when it is used up the task
 *     goes to the tail, unless it is alone in its list.
 *  5. Real-time tasks use at most 950 ms of each second of a processor; then
 *     none is picked until the second is over.
 *
 * Document B 5.1 to 5.7; kernel book 4.9; the throttle's body is in neither.
 * Today's kernel replaced rule 5 by a deadline server for the fair class,
 * which leaves an otherwise idle processor to the real-time tasks.
 *
 * The stop class is one list above everything, without any rule but arrival.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "class.h"

static unsigned int queue_of(const struct edu_task *t)
{
	return EDU_RT_QUEUES - 1 - t->rt_priority;
}

/**
 * edu_rt_init - empty real-time lists
 * @rt: the lists
 * @now: begin of the first period, ns
 */
void edu_rt_init(struct edu_rt_rq *rt, u64 now)
{
	int i;

	bitmap_zero(rt->bitmap, EDU_RT_QUEUES);
	for (i = 0; i < EDU_RT_QUEUES; i++)
		INIT_LIST_HEAD(&rt->queue[i]);
	rt->period_start = now;
}

/**
 * edu_rt_refresh - begin a new period of the budget if it is time to
 * @rq: locked, its clock set
 *
 * Each period that has passed gives one budget back.
 */
void edu_rt_refresh(struct edu_rq *rq)
{
	const struct edu_tunables *tun = &rq->sched->tun;
	struct edu_rt_rq *rt = &rq->rt;
	u64 periods;

	if ((s64)(rq->clock - rt->period_start) < (s64)tun->rt_period)
		return;
	periods = div64_u64(rq->clock - rt->period_start, tun->rt_period);
	rt->period_start += periods * tun->rt_period;
	rt->rt_time -= min(rt->rt_time, periods * tun->rt_runtime);
	if (rt->throttled && rt->rt_time < tun->rt_runtime) {
		rt->throttled = false;
		rq->nr_running += rt->nr_running;
		if (rt->nr_running)
			edu_resched(rq, EDU_WHY_CLASS);
	}
}

/* Rule 5. */
static void account_budget(struct edu_rq *rq, u64 delta)
{
	struct edu_rt_rq *rt = &rq->rt;

	if (!edu_feature(rq->sched, RT_THROTTLE))
		return;
	rt->rt_time += delta;
	if (rt->throttled || rt->rt_time <= rq->sched->tun.rt_runtime)
		return;
	rt->throttled = true;
	rq->nr_running -= rt->nr_running;
	edu_stat_inc(rq, EDU_ST_RT_THROTTLE);
	edu_resched(rq, EDU_WHY_THROTTLE);
}

static s64 charge(struct edu_rq *rq, struct edu_task *t)
{
	s64 delta = rq->clock - t->rt_exec_start;

	t->rt_exec_start = rq->clock;
	if (delta <= 0 || !rq->charging)
		return 0;
	t->se.sum_exec += delta;
	return delta;
}

static void rt_update_curr(struct edu_rq *rq)
{
	s64 delta = charge(rq, rq->curr);

	edu_rt_refresh(rq);
	if (delta)
		account_budget(rq, delta);
	if (rq->curr->policy == EDU_RR)
		rq->curr->time_slice -= delta;
}

static void rt_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	struct list_head *queue = &rq->rt.queue[queue_of(t)];

	list_add_tail(&t->run_list, queue);
	__set_bit(queue_of(t), rq->rt.bitmap);
	rq->rt.nr_running++;
	/* The core counts one more; a throttled queue does not count. */
	if (rq->rt.throttled)
		rq->nr_running--;
}

static void rt_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if (rq->curr == t)
		rt_update_curr(rq);
	list_del_init(&t->run_list);
	if (list_empty(&rq->rt.queue[queue_of(t)]))
		__clear_bit(queue_of(t), rq->rt.bitmap);
	rq->rt.nr_running--;
	if (rq->rt.throttled)
		rq->nr_running++;
}

static void requeue_tail(struct edu_rq *rq, struct edu_task *t)
{
	list_move_tail(&t->run_list, &rq->rt.queue[queue_of(t)]);
}

static void rt_yield(struct edu_rq *rq)
{
	requeue_tail(rq, rq->curr);
	edu_resched(rq, EDU_WHY_YIELD);
}

static void rt_check_preempt(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if (!rq->rt.throttled && t->rt_priority > rq->curr->rt_priority)
		edu_resched(rq, EDU_WHY_PRIO);
}

static struct edu_task *rt_pick(struct edu_rq *rq)
{
	unsigned int idx;

	edu_rt_refresh(rq);
	if (rq->rt.throttled && edu_feature(rq->sched, RT_THROTTLE))
		return NULL;
	idx = find_first_bit(rq->rt.bitmap, EDU_RT_QUEUES);
	if (idx >= EDU_RT_QUEUES)
		return NULL;
	rq->why = EDU_WHY_PRIO;
	return list_first_entry(&rq->rt.queue[idx], struct edu_task, run_list);
}

static void rt_put_prev(struct edu_rq *rq, struct edu_task *t)
{
	rt_update_curr(rq);
}

static void rt_set_next(struct edu_rq *rq, struct edu_task *t)
{
	t->rt_exec_start = rq->clock;
	t->se.prev_sum_exec = t->se.sum_exec;
}

/* Rule 4. */
static void rt_tick(struct edu_rq *rq, struct edu_task *t, bool queued)
{
	struct list_head *queue = &rq->rt.queue[queue_of(t)];

	rt_update_curr(rq);
	if (t->policy != EDU_RR || t->time_slice > 0)
		return;
	t->time_slice = rq->sched->tun.rr_timeslice;
	if (list_is_singular(queue))
		return;
	requeue_tail(rq, t);
	edu_stat_inc(rq, EDU_ST_PREEMPT_TICK);
	edu_resched(rq, EDU_WHY_RR);
}

static void rt_switched_to(struct edu_rq *rq, struct edu_task *t)
{
	t->time_slice = rq->sched->tun.rr_timeslice;
}

static u64 rt_rr_interval(struct edu_rq *rq, struct edu_task *t)
{
	return t->policy == EDU_RR ? rq->sched->tun.rr_timeslice : 0;
}

const struct edu_sched_class edu_rt_class = {
	.name = "rt",
	.enqueue_task = rt_enqueue,
	.dequeue_task = rt_dequeue,
	.yield_task = rt_yield,
	.check_preempt = rt_check_preempt,
	.pick_next = rt_pick,
	.put_prev = rt_put_prev,
	.set_next = rt_set_next,
	.task_tick = rt_tick,
	.switched_to = rt_switched_to,
	.get_rr_interval = rt_rr_interval,
	.update_curr = rt_update_curr,
};

static void stop_update_curr(struct edu_rq *rq)
{
	charge(rq, rq->curr);
}

static void stop_enqueue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	list_add_tail(&t->run_list, &rq->stop);
}

static void stop_dequeue(struct edu_rq *rq, struct edu_task *t, int flags)
{
	if (rq->curr == t)
		stop_update_curr(rq);
	list_del_init(&t->run_list);
}

static void stop_nothing(struct edu_rq *rq, struct edu_task *t, int flags)
{
}

static struct edu_task *stop_pick(struct edu_rq *rq)
{
	return list_first_entry_or_null(&rq->stop, struct edu_task, run_list);
}

static void stop_put_prev(struct edu_rq *rq, struct edu_task *t)
{
	stop_update_curr(rq);
}

static void stop_tick(struct edu_rq *rq, struct edu_task *t, bool queued)
{
	stop_update_curr(rq);
}

static void stop_yield(struct edu_rq *rq)
{
	list_move_tail(&rq->curr->run_list, &rq->stop);
	edu_resched(rq, EDU_WHY_YIELD);
}

const struct edu_sched_class edu_stop_class = {
	.name = "stop",
	.enqueue_task = stop_enqueue,
	.dequeue_task = stop_dequeue,
	.yield_task = stop_yield,
	.check_preempt = stop_nothing,
	.pick_next = stop_pick,
	.put_prev = stop_put_prev,
	.set_next = rt_set_next,
	.task_tick = stop_tick,
	.update_curr = stop_update_curr,
};
