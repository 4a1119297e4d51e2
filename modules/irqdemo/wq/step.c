// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker does next. The thread (worker.c) only does what is said here;
 * the suites step workers that have no thread.
 *
 * The rules, document B 12.6 and 12.7 (worker_thread, process_one_work):
 *  1. Woken up: leave the idle list, or the pool if told to.
 *  2. Nothing to do: back to the idle list.
 *  3. Nobody idle behind us: be the manager first, unless somebody is.
 *  4. Count as running, and take works until the list is empty or somebody
 *     else runs, too.
 *  5. A work that another worker is running goes to that worker: it never runs
 *     beside itself.
 *  6. What is linked to a work is run by the same worker, right after it.
 *  7. Before the function is called, the work is not pending any more: it may
 *     be queued again, and its memory freed, by its own function.
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#include "wq/trace.h"
#include "wq/wq.h"

/**
 * edu_worker_begin - take a work
 * @worker: a running one, or a rescuer
 * @work: the first of the pool's list, or of @worker's own
 *
 * Under the pool's lock. Afterwards @worker->current_func is to be called with
 * @worker->current_work, without the lock.
 *
 * Return: false if another worker is running @work, and was given it.
 */
bool edu_worker_begin(struct edu_worker *worker, struct edu_work *work)
{
	struct edu_pool *pool = worker->pool;
	struct edu_pwq *pwq = edu_work_pwq(work);
	struct edu_worker *other = edu_find_worker(pool, work);

	if (other) {
		pool->count[POOL_COLLISIONS]++;
		edu_move_linked(work, &other->scheduled, NULL);
		return false;
	}
	worker->current_work = work;
	worker->current_func = work->func;
	worker->current_pwq = pwq;
	worker->current_color = edu_work_color(work);
	hash_add(pool->busy_hash, &worker->hentry, (unsigned long)work);
	list_del_init(&work->entry);
	pool->count[POOL_EXECUTED]++;

	if (pwq->wq->flags & EDU_WQ_CPU_INTENSIVE)
		edu_worker_set_flags(worker, WORKER_CPU_INTENSIVE);
	/*
	 * Never so for an ordinary worker of a CPU, which counts itself. Those
	 * who do not count wake the next one here, and so on.
	 */
	if (edu_need_more_worker(pool))
		edu_wake_up_worker(pool);
	edu_work_clear_pending(work, pool->id);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_begin);

/**
 * edu_worker_finish - the function came back
 * @worker: whose; under the pool's lock
 * @now: jiffies
 */
void edu_worker_finish(struct edu_worker *worker, unsigned long now)
{
	struct edu_pwq *pwq = worker->current_pwq;

	if (worker->flags & WORKER_CPU_INTENSIVE)
		edu_worker_clr_flags(worker, WORKER_CPU_INTENSIVE);
	hash_del(&worker->hentry);
	worker->current_work = NULL;
	worker->current_func = NULL;
	worker->current_pwq = NULL;
	edu_pwq_done(pwq, worker->current_color, now);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_finish);

/**
 * edu_worker_next_scheduled - take the next of a worker's own works
 * @worker: whose; under the pool's lock
 *
 * Return: false if there is none; else its function is to be called.
 */
bool edu_worker_next_scheduled(struct edu_worker *worker)
{
	while (!list_empty(&worker->scheduled))
		if (edu_worker_begin(worker, list_first_entry(&worker->scheduled,
							      struct edu_work, entry)))
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_next_scheduled);

/* The first of the list, with what is linked to it. */
static bool take(struct edu_worker *worker, unsigned long now)
{
	struct edu_pool *pool = worker->pool;
	struct edu_work *work;

	work = list_first_entry(&pool->worklist, struct edu_work, entry);
	pool->watchdog_ts = now;
	if (!(atomic_long_read(&work->data) & EDU_WORK_LINKED))
		return edu_worker_begin(worker, work);
	edu_move_linked(work, &worker->scheduled, NULL);
	return edu_worker_next_scheduled(worker);
}

/**
 * edu_worker_step - what is next?
 * @worker: one that was woken, or did what the step before said
 * @now: jiffies
 *
 * Under the pool's lock, which the caller keeps from one step to the next, but
 * while it sleeps, manages or executes.
 *
 * Return: what to do. STEP_SLEEP has put the worker on the idle list: the task
 * must be asleep, or about to be, before the lock is dropped.
 */
enum edu_step edu_worker_step(struct edu_worker *worker, unsigned long now)
{
	struct edu_pool *pool = worker->pool;
	bool fresh = false;

	if (worker->flags & WORKER_DIE)
		return STEP_DIE;
	if (worker->flags & WORKER_IDLE)
		edu_worker_leave_idle(worker);
	if (worker->flags & WORKER_PREP) {
		if (!edu_need_more_worker(pool))
			goto idle;
		if (!edu_may_start_working(pool) &&
		    !(pool->flags & POOL_MANAGER_ACTIVE)) {
			pool->flags |= POOL_MANAGER_ACTIVE;
			pool->manager = worker;
			return STEP_MANAGE;
		}
		edu_worker_clr_flags(worker, WORKER_PREP | WORKER_REBOUND);
		/* We were asked for: the first work is ours in any case. */
		fresh = true;
	}
	if (edu_worker_next_scheduled(worker))
		return STEP_EXECUTE;
	while (fresh || edu_keep_working(pool)) {
		fresh = false;
		if (take(worker, now))
			return STEP_EXECUTE;
	}
	edu_worker_set_flags(worker, WORKER_PREP);
idle:
	edu_worker_enter_idle(worker, now);
	return STEP_SLEEP;
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_step);

/**
 * edu_manager_done - a worker was made, or none is needed any more
 * @pool: whose; under its lock
 */
void edu_manager_done(struct edu_pool *pool)
{
	pool->manager = NULL;
	pool->flags &= ~POOL_MANAGER_ACTIVE;
}
EXPORT_SYMBOL_IF_KUNIT(edu_manager_done);

/**
 * edu_rescuer_slurp - take all works of a queue off a pool's list
 * @rescuer: the queue's, attached to @pwq's pool
 * @pwq: the queue's share of it
 * @now: jiffies
 *
 * Under the pool's lock. Works of other queues stay: theirs is another rescuer.
 *
 * Return: how many, without what is linked to them.
 */
unsigned int edu_rescuer_slurp(struct edu_worker *rescuer, struct edu_pwq *pwq,
			       unsigned long now)
{
	struct edu_pool *pool = pwq->pool;
	struct edu_work *work, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(work, next, &pool->worklist, entry) {
		if (edu_work_pwq(work) != pwq)
			continue;
		if (!n++)
			pool->watchdog_ts = now;
		edu_move_linked(work, &rescuer->scheduled, &next);
	}
	pool->count[POOL_RESCUED] += n;
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(edu_rescuer_slurp);
