// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting: for all works of a queue (by colours, color.c), for all and those
 * that they queue in turn (drain), for one work (by a barrier behind it).
 *
 * The caller takes the queue's lockdep_map, which a worker holds while it runs
 * one of the queue's works: a work that waits for its own queue, or for a lock
 * that such a work wants, is reported even if it went well this time.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "wq/wq.h"

struct barrier {
	struct edu_work work;
	struct completion done;
};

static void barrier_func(struct edu_work *work)
{
	complete(&container_of(work, struct barrier, work)->done);
}

/**
 * edu_flush_workqueue - wait for all works that are queued now
 * @wq: whose
 *
 * Process context. Works that are queued later are not waited for.
 */
void edu_flush_workqueue(struct edu_workqueue *wq)
{
	struct edu_flusher flusher;
	bool wait;

	init_completion(&flusher.done);
	lock_map_acquire(&wq->lockdep_map);
	lock_map_release(&wq->lockdep_map);
	mutex_lock(&wq->mutex);
	wait = edu_flush_start(wq, &flusher);
	mutex_unlock(&wq->mutex);
	if (!wait)
		return;
	wait_for_completion(&flusher.done);
	guard(mutex)(&wq->mutex);
	edu_flush_cascade(wq, &flusher);
}
EXPORT_SYMBOL_GPL(edu_flush_workqueue);

/**
 * edu_drain_workqueue - wait until a queue is empty
 * @wq: whose
 *
 * Process context. Meanwhile only the queue's own works may queue works: a
 * chain is followed to its end.
 */
void edu_drain_workqueue(struct edu_workqueue *wq)
{
	bool drained;

	mutex_lock(&wq->mutex);
	if (!wq->nr_drainers++)
		wq->flags |= __EDU_WQ_DRAINING;
	mutex_unlock(&wq->mutex);
	for (;;) {
		edu_flush_workqueue(wq);
		mutex_lock(&wq->mutex);
		drained = edu_wq_drained(wq);
		if (drained)
			break;
		mutex_unlock(&wq->mutex);
		schedule_timeout_uninterruptible(1);
	}
	if (!--wq->nr_drainers)
		wq->flags &= ~__EDU_WQ_DRAINING;
	mutex_unlock(&wq->mutex);
}
EXPORT_SYMBOL_GPL(edu_drain_workqueue);

static bool insert_barrier(struct edu_work *work, struct barrier *barrier,
			   bool cancel)
{
	struct edu_worker *worker = NULL;
	struct edu_pool *pool;
	struct edu_pwq *pwq;

	guard(rcu)();
	pool = edu_work_pool(work);
	if (!pool)
		return false;
	scoped_guard(raw_spinlock_irq, &pool->lock) {
		/* As in try_to_grab(): is it still where it said? */
		pwq = edu_work_pwq(work);
		if (pwq) {
			if (pwq->pool != pool)
				return false;
		} else {
			worker = edu_find_worker(pool, work);
			if (!worker)
				return false;
			pwq = worker->current_pwq;
		}
		edu_pwq_barrier(pwq, &barrier->work, work, worker);
	}
	/*
	 * The barrier keeps the pwq, and RCU its memory when that is done.
	 * A work may cancel another one of its own queue while that one is not
	 * running, which lockdep would take for waiting for itself.
	 */
	if (!cancel) {
		lock_map_acquire(&pwq->wq->lockdep_map);
		lock_map_release(&pwq->wq->lockdep_map);
	}
	return true;
}

/**
 * edu_wait_for_work - wait for a work that is queued or running
 * @work: which
 * @cancel: the caller holds its PENDING: it can only be running
 *
 * Process context.
 *
 * Return: false if there was nothing to wait for.
 */
bool edu_wait_for_work(struct edu_work *work, bool cancel)
{
	struct barrier barrier;

	edu_init_work(&barrier.work, barrier_func);
	atomic_long_or(EDU_WORK_PENDING, &barrier.work.data);
	init_completion(&barrier.done);
	if (!insert_barrier(work, &barrier, cancel))
		return false;
	wait_for_completion(&barrier.done);
	return true;
}

/**
 * edu_flush_work - wait until a work's function has run
 * @work: which; the call that is queued now, or else the one that runs
 *
 * Process context.
 *
 * Return: false if it was neither queued nor running.
 */
bool edu_flush_work(struct edu_work *work)
{
	return edu_wait_for_work(work, false);
}
EXPORT_SYMBOL_GPL(edu_flush_work);
