// SPDX-License-Identifier: GPL-2.0
/*
 * The pool's questions and answers: is another worker needed, is one too many,
 * who wakes next, who counts as running.
 *
 * The rules, document B 12.2, 12.6, 12.8 and 12.10:
 *  1. Works wait and nobody runs: another worker is needed.
 *  2. A worker goes on while works wait and it is the only one that runs.
 *  3. The last idle worker stays idle as long as it can: before it works it
 *     makes another one (may_start_working).
 *  4. Idle workers are a stack: the one that slept shortest wakes first, its
 *     cache is warm; the one at the bottom is reaped.
 *  5. Beyond two idle workers, one for each four busy ones is too many.
 *  6. A worker that blocks in its function stops running; if it was the last,
 *     and works wait, one idle worker is woken.
 *
 * Time is handed in, tasks are reached through edu_pool_ops: the suites run
 * this with no task at all. Everything is called under the pool's lock, but
 * edu_worker_sleeping() and edu_worker_running(), which belong to the worker's
 * own task with preemption off.
 *
 * Differs from today's kernel: nr_running is an atomic_t as in the documents,
 * for the hook that we have runs under the run queue's lock and so may not
 * take pool->lock (since 5.16 the kernel's does).
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "wq/trace.h"
#include "wq/wq.h"

/**
 * edu_pool_init - a pool without workers
 * @pool: zeroed memory
 * @ops: how to reach the world
 * @tune: times and ratios; may change while the pool is in use
 * @now: jiffies
 */
void edu_pool_init(struct edu_pool *pool, const struct edu_pool_ops *ops,
		   const struct edu_wq_tunables *tune, unsigned long now)
{
	raw_spin_lock_init(&pool->lock);
	pool->id = -1;
	pool->cpu = -1;
	pool->node = NUMA_NO_NODE;
	pool->flags = POOL_DISASSOCIATED;
	pool->watchdog_ts = now;
	INIT_LIST_HEAD(&pool->worklist);
	INIT_LIST_HEAD(&pool->idle_list);
	hash_init(pool->busy_hash);
	INIT_LIST_HEAD(&pool->workers);
	ida_init(&pool->worker_ida);
	INIT_HLIST_NODE(&pool->hash_node);
	pool->refcnt = 1;
	pool->ops = ops;
	pool->tune = tune;
	atomic_set(&pool->nr_running, 0);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pool_init);

/**
 * edu_need_more_worker - do works wait that nobody is about to take?
 * @pool: which; under its lock, or as a hint
 *
 * Of a pool without a CPU nobody counts as running, so the answer is whether
 * works wait.
 *
 * Return: true if a worker must be woken, or made.
 */
bool edu_need_more_worker(struct edu_pool *pool)
{
	return !list_empty(&pool->worklist) && !atomic_read(&pool->nr_running);
}
EXPORT_SYMBOL_IF_KUNIT(edu_need_more_worker);

/**
 * edu_may_start_working - is there an idle worker behind the one that asks?
 * @pool: which; under its lock
 *
 * Return: false if the caller must see to it first, as the pool's manager.
 */
bool edu_may_start_working(struct edu_pool *pool)
{
	return pool->nr_idle;
}
EXPORT_SYMBOL_IF_KUNIT(edu_may_start_working);

/**
 * edu_keep_working - shall a worker that is done with a work take another?
 * @pool: which; under its lock
 *
 * Return: true if works wait and nobody else runs.
 */
bool edu_keep_working(struct edu_pool *pool)
{
	return !list_empty(&pool->worklist) && atomic_read(&pool->nr_running) <= 1;
}
EXPORT_SYMBOL_IF_KUNIT(edu_keep_working);

/**
 * edu_need_to_create_worker - do works wait with nobody left to wake?
 * @pool: which; under its lock, or as a hint
 *
 * Return: true if the manager must make a worker.
 */
bool edu_need_to_create_worker(struct edu_pool *pool)
{
	return edu_need_more_worker(pool) && !edu_may_start_working(pool);
}
EXPORT_SYMBOL_IF_KUNIT(edu_need_to_create_worker);

/**
 * edu_too_many_workers - are more workers idle than the load asks for?
 * @pool: which; under its lock
 *
 * A manager counts as idle, for it will be.
 *
 * Return: true if idle ones beyond two outweigh the busy ones by the ratio.
 */
bool edu_too_many_workers(struct edu_pool *pool)
{
	int idle = pool->nr_idle + !!(pool->flags & POOL_MANAGER_ACTIVE);
	int busy = pool->nr_workers - idle;
	int ratio = READ_ONCE(pool->tune->idle_ratio);

	return idle > 2 && (idle - 2) * ratio >= busy;
}
EXPORT_SYMBOL_IF_KUNIT(edu_too_many_workers);

/**
 * edu_worker_init - a worker that belongs to no pool
 * @worker: zeroed memory
 */
void edu_worker_init(struct edu_worker *worker)
{
	INIT_LIST_HEAD(&worker->entry);
	INIT_LIST_HEAD(&worker->scheduled);
	INIT_LIST_HEAD(&worker->node);
	/* Not running until it asks for work. */
	worker->flags = WORKER_PREP;
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_init);

/**
 * edu_worker_set_flags - a reason more not to count as running
 * @worker: the caller's own, or one of a pool that is stood still
 * @flags: WORKER_*
 */
void edu_worker_set_flags(struct edu_worker *worker, unsigned int flags)
{
	if ((flags & WORKER_NOT_RUNNING) && !(worker->flags & WORKER_NOT_RUNNING))
		atomic_dec(&worker->pool->nr_running);
	WRITE_ONCE(worker->flags, worker->flags | flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_set_flags);

/**
 * edu_worker_clr_flags - a reason less
 * @worker: as edu_worker_set_flags()
 * @flags: WORKER_*
 *
 * It counts again when no reason is left: WORKER_NOT_RUNNING is several.
 */
void edu_worker_clr_flags(struct edu_worker *worker, unsigned int flags)
{
	unsigned int before = worker->flags;

	WRITE_ONCE(worker->flags, before & ~flags);
	if ((before & WORKER_NOT_RUNNING) && !(worker->flags & WORKER_NOT_RUNNING))
		atomic_inc(&worker->pool->nr_running);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_clr_flags);

/**
 * edu_worker_enter_idle - nothing to do
 * @worker: neither idle nor busy
 * @now: jiffies
 */
void edu_worker_enter_idle(struct edu_worker *worker, unsigned long now)
{
	struct edu_pool *pool = worker->pool;

	if (WARN_ON_ONCE(worker->flags & WORKER_IDLE || worker->current_work))
		return;
	WRITE_ONCE(worker->flags, worker->flags | WORKER_IDLE);
	pool->nr_idle++;
	worker->last_active = now;
	list_add(&worker->entry, &pool->idle_list);
	if (edu_too_many_workers(pool))
		pool->ops->arm_reaper(pool, now + READ_ONCE(pool->tune->idle_timeout),
				      false);
	/* All asleep, and somebody runs? Then somebody was miscounted. */
	WARN_ON_ONCE(pool->nr_workers == pool->nr_idle &&
		     atomic_read(&pool->nr_running));
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_enter_idle);

/**
 * edu_worker_leave_idle - awake
 * @worker: an idle one
 */
void edu_worker_leave_idle(struct edu_worker *worker)
{
	if (WARN_ON_ONCE(!(worker->flags & WORKER_IDLE)))
		return;
	WRITE_ONCE(worker->flags, worker->flags & ~WORKER_IDLE);
	worker->pool->nr_idle--;
	list_del_init(&worker->entry);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_leave_idle);

/**
 * edu_wake_up_worker - wake the worker that became idle last
 * @pool: whose
 *
 * It stays on the idle list until it runs: two calls may wake the same one,
 * which is enough, for a worker that starts to work wakes the next if needed.
 *
 * Return: false if none is idle.
 */
bool edu_wake_up_worker(struct edu_pool *pool)
{
	struct edu_worker *worker;

	worker = list_first_entry_or_null(&pool->idle_list, struct edu_worker, entry);
	if (!worker)
		return false;
	pool->count[POOL_WAKES]++;
	pool->ops->wake(worker);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(edu_wake_up_worker);

/**
 * edu_find_worker - who runs a work's function just now?
 * @pool: where to look
 * @work: the work
 *
 * A work that was freed, and its memory used for another one, has the address
 * but not the function: without the second test that one would wait for a
 * stranger. With both the same, it waits needlessly, which is harmless.
 *
 * Return: the worker, or NULL.
 */
struct edu_worker *edu_find_worker(struct edu_pool *pool, struct edu_work *work)
{
	struct edu_worker *worker;

	hash_for_each_possible(pool->busy_hash, worker, hentry, (unsigned long)work)
		if (worker->current_work == work &&
		    worker->current_func == work->func)
			return worker;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(edu_find_worker);

/**
 * edu_worker_retire - tell an idle worker to go
 * @worker: an idle one
 */
void edu_worker_retire(struct edu_worker *worker)
{
	struct edu_pool *pool = worker->pool;

	if (WARN_ON_ONCE(worker->current_work || !list_empty(&worker->scheduled) ||
			 !(worker->flags & WORKER_IDLE)))
		return;
	pool->nr_workers--;
	pool->nr_idle--;
	list_del_init(&worker->entry);
	WRITE_ONCE(worker->flags, worker->flags | WORKER_DIE);
	pool->ops->wake(worker);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_retire);

/**
 * edu_pool_reap - let workers go that were idle for too long
 * @pool: whose
 * @now: jiffies
 *
 * The oldest first. If it is too early for the oldest, the reaper comes back
 * when it is not.
 *
 * Return: how many went.
 */
unsigned int edu_pool_reap(struct edu_pool *pool, unsigned long now)
{
	unsigned int gone = 0;

	while (edu_too_many_workers(pool)) {
		struct edu_worker *worker;
		unsigned long expires;

		worker = list_last_entry(&pool->idle_list, struct edu_worker, entry);
		expires = worker->last_active + READ_ONCE(pool->tune->idle_timeout);
		if (time_before(now, expires)) {
			pool->ops->arm_reaper(pool, expires, true);
			break;
		}
		edu_worker_retire(worker);
		pool->count[POOL_REAPED]++;
		gone++;
	}
	if (gone)
		trace_irqdemo_workqueue_reap(pool);
	return gone;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pool_reap);

/**
 * edu_worker_sleeping - the worker's task blocks
 * @worker: the caller's own; on its pool's CPU, preemption off, no lock of ours
 *
 * A worker that is preempted has not blocked: it still counts, for it would go
 * on if the scheduler let it.
 *
 * Return: true if nobody runs any more while works wait: wake one.
 */
bool edu_worker_sleeping(struct edu_worker *worker)
{
	struct edu_pool *pool = worker->pool;

	/*
	 * Without this test workers that do not count would be subtracted; the
	 * documents' own graph (B 7188) forgets it.
	 */
	if (READ_ONCE(worker->flags) & WORKER_NOT_RUNNING || worker->sleeping)
		return false;
	worker->sleeping = true;
	/*
	 * The full barrier of atomic_dec_and_test() pairs with the smp_mb() in
	 * edu_pwq_insert(): either we see its work, or it sees that nobody runs.
	 */
	return atomic_dec_and_test(&pool->nr_running) && !list_empty(&pool->worklist);
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_sleeping);

/**
 * edu_worker_running - the worker's task is on a CPU again
 * @worker: the caller's own, preemption off
 *
 * If its CPU went offline meanwhile, the pool's count was set to 0 and it does
 * not count any more: edu_pool_unbind().
 */
void edu_worker_running(struct edu_worker *worker)
{
	if (!worker->sleeping)
		return;
	if (!(READ_ONCE(worker->flags) & WORKER_NOT_RUNNING))
		atomic_inc(&worker->pool->nr_running);
	worker->sleeping = false;
}
EXPORT_SYMBOL_IF_KUNIT(edu_worker_running);

/**
 * edu_pool_stalled - does nobody take the works that wait?
 * @pool: which; under its lock
 * @now: jiffies
 *
 * Return: true if the list is not empty, and none was taken for too long.
 */
bool edu_pool_stalled(struct edu_pool *pool, unsigned long now)
{
	return !list_empty(&pool->worklist) &&
	       time_after(now, pool->watchdog_ts + READ_ONCE(pool->tune->watchdog));
}
EXPORT_SYMBOL_IF_KUNIT(edu_pool_stalled);

/**
 * edu_pool_unbind - the pool's CPU goes offline
 * @pool: which; its workers' list does not change meanwhile
 *
 * Called on that CPU: none of its workers is in a scheduler hook. From now on
 * nobody counts as running, and the pool is served like an unbound one. The
 * caller wakes a worker, since one that blocks will not.
 */
void edu_pool_unbind(struct edu_pool *pool)
{
	struct edu_worker *worker;

	list_for_each_entry(worker, &pool->workers, node)
		WRITE_ONCE(worker->flags, worker->flags | WORKER_UNBOUND);
	pool->flags |= POOL_DISASSOCIATED;
	atomic_set(&pool->nr_running, 0);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pool_unbind);

/**
 * edu_pool_rebind - the pool's CPU is back
 * @pool: as edu_pool_unbind(), but its workers may be busy anywhere
 *
 * UNBOUND becomes REBOUND in one store: a busy worker must not count before it
 * itself says so, when it looks for work the next time.
 */
void edu_pool_rebind(struct edu_pool *pool)
{
	struct edu_worker *worker;

	pool->flags &= ~POOL_DISASSOCIATED;
	list_for_each_entry(worker, &pool->workers, node)
		WRITE_ONCE(worker->flags,
			   (worker->flags & ~WORKER_UNBOUND) | WORKER_REBOUND);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pool_rebind);
