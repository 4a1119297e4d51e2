// SPDX-License-Identifier: GPL-2.0
/*
 * A queue's works in a pool: which may run, which wait, and in what colour.
 *
 * The rules, document B 12.1, 12.7, 12.9:
 *  1. While fewer than max_active works of the queue are on the pool's list or
 *     running, a new one goes to the list; else to inactive_works.
 *  2. A work that is done makes room for the first inactive one.
 *  3. Each work counts in the colour that the queue had when it came. When no
 *     work of the colour that is being flushed is left here, the flusher knows.
 *  4. A barrier (what flush_work() waits with) is linked to its work: it moves
 *     with it, and counts in no colour.
 *
 * All under the pool's lock; time is handed in.
 *
 * Differs from today's kernel: there max_active of an unbound queue is shared
 * by the CPUs of a node (since 6.9), and barriers are coloured (since 5.15).
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#define CREATE_TRACE_POINTS
#include "wq/trace.h"
#include "wq/wq.h"

/**
 * edu_pwq_init - a queue's share of a pool
 * @pwq: zeroed memory, aligned as the structure says
 * @wq: the queue
 * @pool: the pool
 *
 * It can take no work until edu_pwq_set_max_active().
 */
void edu_pwq_init(struct edu_pwq *pwq, struct edu_workqueue *wq,
		  struct edu_pool *pool)
{
	WARN_ON_ONCE((unsigned long)pwq & (BIT(EDU_WORK_FLAG_BITS) - 1));
	pwq->pool = pool;
	pwq->wq = wq;
	pwq->work_color = wq->work_color;
	pwq->flush_color = -1;
	pwq->refcnt = 1;
	INIT_LIST_HEAD(&pwq->inactive_works);
	INIT_LIST_HEAD(&pwq->pwqs_node);
	INIT_LIST_HEAD(&pwq->mayday_node);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_init);

/**
 * edu_work_pwq - where a work is queued
 * @work: which
 *
 * Stable under the lock of the pool that it names.
 *
 * Return: the pwq, or NULL if it is not queued.
 */
struct edu_pwq *edu_work_pwq(const struct edu_work *work)
{
	unsigned long data = atomic_long_read(&work->data);

	if (!(data & EDU_WORK_PWQ))
		return NULL;
	return (struct edu_pwq *)(data & ~(BIT(EDU_WORK_FLAG_BITS) - 1));
}
EXPORT_SYMBOL_IF_KUNIT(edu_work_pwq);

/**
 * edu_work_pool_id - where a work that is not queued ran last
 * @work: which
 *
 * Return: the pool's number, or EDU_WORK_POOL_NONE.
 */
unsigned int edu_work_pool_id(const struct edu_work *work)
{
	return (unsigned long)atomic_long_read(&work->data) >> EDU_WORK_POOL_SHIFT;
}
EXPORT_SYMBOL_IF_KUNIT(edu_work_pool_id);

/**
 * edu_work_color - a queued work's colour
 * @work: which
 *
 * Return: 0 to EDU_WORK_NO_COLOR.
 */
unsigned int edu_work_color(const struct edu_work *work)
{
	return (atomic_long_read(&work->data) >> EDU_WORK_COLOR_SHIFT) &
	       (BIT(EDU_WORK_COLOR_BITS) - 1);
}
EXPORT_SYMBOL_IF_KUNIT(edu_work_color);

static void set_data(struct edu_work *work, unsigned long data)
{
	WARN_ON_ONCE(!edu_work_pending(work));
	atomic_long_set(&work->data, data);
}

/**
 * edu_work_set_pool - off the queue, but still the caller's
 * @work: a pending one, which the caller owns
 * @id: the pool that it was in, or EDU_WORK_POOL_NONE
 * @flags: EDU_WORK_PENDING, and EDU_WORK_CANCELING maybe
 */
void edu_work_set_pool(struct edu_work *work, unsigned int id, unsigned long flags)
{
	set_data(work, ((unsigned long)id << EDU_WORK_POOL_SHIFT) | flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_work_set_pool);

/**
 * edu_work_clear_pending - from now on it may be queued again
 * @work: a pending one
 * @id: the pool where it will run, or EDU_WORK_POOL_NONE
 */
void edu_work_clear_pending(struct edu_work *work, unsigned int id)
{
	/*
	 * Pairs with the full barrier of test_and_set_bit(PENDING) in
	 * edu_queue_work_on(): who takes the bit next sees the work as we
	 * leave it (its list entry above all).
	 */
	smp_wmb();
	set_data(work, (unsigned long)id << EDU_WORK_POOL_SHIFT);
	/*
	 * Pairs with the same barrier, the other way round: somebody writes
	 * data, tries to queue the work and finds it pending. Then our
	 * function, whose reads come after this, sees that data. Without it
	 * they might be done before the store above is seen: data not seen,
	 * and the work not queued either.
	 */
	smp_mb();
}
EXPORT_SYMBOL_IF_KUNIT(edu_work_clear_pending);

/**
 * edu_pwq_get - one reference more
 * @pwq: to what
 */
void edu_pwq_get(struct edu_pwq *pwq)
{
	WARN_ON_ONCE(pwq->refcnt <= 0);
	pwq->refcnt++;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_get);

/**
 * edu_pwq_put - one less
 * @pwq: to what
 *
 * The last one of an unbound pwq hands it to edu_pool_ops::release.
 */
void edu_pwq_put(struct edu_pwq *pwq)
{
	if (--pwq->refcnt)
		return;
	if (!WARN_ON_ONCE(!(pwq->wq->flags & EDU_WQ_UNBOUND)))
		pwq->pool->ops->release(pwq);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_put);

/**
 * edu_move_linked - a work, and what is linked to it, to another list
 * @work: the first
 * @to: to the end of this list
 * @next: NULL; or where a safe iteration over the old list goes on
 */
void edu_move_linked(struct edu_work *work, struct list_head *to,
		     struct edu_work **next)
{
	for (;;) {
		struct edu_work *after = list_next_entry(work, entry);
		bool linked = atomic_long_read(&work->data) & EDU_WORK_LINKED;

		list_move_tail(&work->entry, to);
		if (next)
			*next = after;
		if (!linked)
			return;
		work = after;
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_move_linked);

/**
 * edu_pwq_insert - put a work into a list, and see that it will be run
 * @pwq: whose
 * @work: a pending one, in no list
 * @head: before this
 * @flags: its colour, and EDU_WORK_INACTIVE or EDU_WORK_LINKED
 */
void edu_pwq_insert(struct edu_pwq *pwq, struct edu_work *work,
		    struct list_head *head, unsigned long flags)
{
	struct edu_pool *pool = pwq->pool;

	set_data(work, (unsigned long)pwq | EDU_WORK_PENDING | EDU_WORK_PWQ | flags);
	list_add_tail(&work->entry, head);
	edu_pwq_get(pwq);
	/*
	 * Pairs with atomic_dec_and_test() in edu_worker_sleeping(), which
	 * comes without the lock: see there.
	 */
	smp_mb();
	if (!atomic_read(&pool->nr_running))
		edu_wake_up_worker(pool);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_insert);

/**
 * edu_pwq_queue - a new work
 * @pwq: whose
 * @work: a pending one, in no list
 * @req_cpu: where its user wanted it, for the trace
 * @now: jiffies
 */
void edu_pwq_queue(struct edu_pwq *pwq, struct edu_work *work, int req_cpu,
		   unsigned long now)
{
	unsigned long flags = (unsigned long)pwq->work_color << EDU_WORK_COLOR_SHIFT;
	struct edu_pool *pool = pwq->pool;
	struct list_head *head = &pool->worklist;

	trace_irqdemo_workqueue_queue_work(req_cpu, pwq, work);
	pool->count[POOL_QUEUED]++;
	pwq->nr_in_flight[pwq->work_color]++;
	/* Nobody overtakes those who wait: max_active may have been raised. */
	if (pwq->nr_active < pwq->max_active && list_empty(&pwq->inactive_works)) {
		trace_irqdemo_workqueue_activate_work(work);
		pwq->nr_active++;
		if (list_empty(head))
			pool->watchdog_ts = now;
	} else {
		flags |= EDU_WORK_INACTIVE;
		head = &pwq->inactive_works;
		pool->count[POOL_DEFERRED]++;
	}
	edu_pwq_insert(pwq, work, head, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_queue);

static void activate(struct edu_work *work, unsigned long now)
{
	struct edu_pwq *pwq = edu_work_pwq(work);
	struct edu_pool *pool = pwq->pool;

	trace_irqdemo_workqueue_activate_work(work);
	if (list_empty(&pool->worklist))
		pool->watchdog_ts = now;
	edu_move_linked(work, &pool->worklist, NULL);
	atomic_long_andnot(EDU_WORK_INACTIVE, &work->data);
	pwq->nr_active++;
}

/**
 * edu_pwq_activate_first - let the first inactive work run
 * @pwq: one that has any
 * @now: jiffies
 */
void edu_pwq_activate_first(struct edu_pwq *pwq, unsigned long now)
{
	activate(list_first_entry(&pwq->inactive_works, struct edu_work, entry), now);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_activate_first);

/**
 * edu_pwq_set_max_active - change the limit
 * @pwq: whose
 * @max_active: 0 (it is frozen) to EDU_WQ_MAX_ACTIVE
 * @now: jiffies
 *
 * What has room now is activated, and a worker woken.
 */
void edu_pwq_set_max_active(struct edu_pwq *pwq, int max_active, unsigned long now)
{
	bool any = false;

	pwq->max_active = max_active;
	while (!list_empty(&pwq->inactive_works) && pwq->nr_active < max_active) {
		edu_pwq_activate_first(pwq, now);
		any = true;
	}
	if (any && edu_need_more_worker(pwq->pool))
		edu_wake_up_worker(pwq->pool);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_set_max_active);

/**
 * edu_pwq_done - a work is done, or was taken out of the list
 * @pwq: whose
 * @color: in which colour it counted
 * @now: jiffies
 *
 * The pwq may be gone afterwards.
 */
void edu_pwq_done(struct edu_pwq *pwq, unsigned int color, unsigned long now)
{
	if (color == EDU_WORK_NO_COLOR) {
		pwq->nr_barriers--;
		goto put;
	}
	pwq->nr_in_flight[color]--;
	pwq->nr_active--;
	if (!list_empty(&pwq->inactive_works) && pwq->nr_active < pwq->max_active)
		edu_pwq_activate_first(pwq, now);

	if (pwq->flush_color != color || pwq->nr_in_flight[color])
		goto put;
	/* The last one here; was it the last anywhere? */
	pwq->flush_color = -1;
	if (atomic_dec_and_test(&pwq->wq->nr_pwqs_to_flush))
		complete(&pwq->wq->first_flusher->done);
put:
	edu_pwq_put(pwq);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_done);

/**
 * edu_pwq_steal - take a work back before a worker takes it
 * @pwq: edu_work_pwq(@work)
 * @work: a queued one
 * @now: jiffies
 *
 * An inactive work is activated first: if barriers are linked to it, they must
 * not be left behind on a list whose works are activated, and counted, by and
 * by. The work stays pending, and is the caller's.
 *
 * Return: true.
 */
bool edu_pwq_steal(struct edu_pwq *pwq, struct edu_work *work, unsigned long now)
{
	unsigned int color = edu_work_color(work);
	unsigned int id = pwq->pool->id;

	if (atomic_long_read(&work->data) & EDU_WORK_INACTIVE)
		activate(work, now);
	list_del_init(&work->entry);
	edu_work_set_pool(work, id, EDU_WORK_PENDING);
	edu_pwq_done(pwq, color, now);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_steal);

/**
 * edu_pwq_barrier - a work that runs right after another one
 * @pwq: whose
 * @barrier: a pending work, in no list
 * @target: after this
 * @worker: who runs @target already, or NULL if it is still in a list
 */
void edu_pwq_barrier(struct edu_pwq *pwq, struct edu_work *barrier,
		     struct edu_work *target, struct edu_worker *worker)
{
	unsigned long flags = EDU_WORK_NO_COLOR << EDU_WORK_COLOR_SHIFT;
	struct list_head *head;

	if (worker) {
		head = worker->scheduled.next;
	} else {
		head = target->entry.next;
		/* Between the target and what was linked to it. */
		flags |= atomic_long_read(&target->data) & EDU_WORK_LINKED;
		atomic_long_or(EDU_WORK_LINKED, &target->data);
	}
	pwq->nr_barriers++;
	edu_pwq_insert(pwq, barrier, head, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_pwq_barrier);
