// SPDX-License-Identifier: GPL-2.0
/*
 * Queueing a work, at once or after a time.
 *
 * The rules, document B 12.9:
 *  1. Who sets PENDING queues the work; who finds it set does nothing: the
 *     work will run, and will see what was written before.
 *  2. A queue that is being drained takes works only from its own works.
 *  3. A bound queue's work goes to the pool of the CPU, an unbound one's to
 *     the queue's one pool.
 *  4. But if the work's function runs just now in another pool, for this
 *     queue, it goes there: it never runs beside itself.
 *  5. A delay of 0 is no delay; any other is a timer of the kernel's.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "wq/wq.h"

/* Lock the pool that the work must go to; NULL: the pwq is about to be freed. */
static struct edu_pwq *lock_pwq(int cpu, struct edu_workqueue *wq,
				struct edu_work *work)
{
	struct edu_pool *last = edu_work_pool(work);
	struct edu_worker *worker;
	struct edu_pwq *pwq;

	if (wq->flags & EDU_WQ_UNBOUND) {
		pwq = rcu_dereference(wq->dfl_pwq);
	} else {
		if (cpu == EDU_WORK_CPU_UNBOUND)
			cpu = raw_smp_processor_id();
		pwq = *per_cpu_ptr(wq->cpu_pwq, cpu);
	}
	if (last && last != pwq->pool) {
		raw_spin_lock(&last->lock);
		worker = edu_find_worker(last, work);
		if (worker && worker->current_pwq->wq == wq)
			return worker->current_pwq;
		raw_spin_unlock(&last->lock);
	}
	raw_spin_lock(&pwq->pool->lock);
	/* Replaced by edu_apply_workqueue_attrs() meanwhile. */
	if (!pwq->refcnt) {
		raw_spin_unlock(&pwq->pool->lock);
		return NULL;
	}
	return pwq;
}

/**
 * edu_queue - queue a work that the caller has set PENDING of
 * @cpu: where, or EDU_WORK_CPU_UNBOUND
 * @wq: the queue
 * @work: the work
 *
 * Interrupts are off: nobody may interrupt us between PENDING and the queue,
 * and wait for the work.
 */
void edu_queue(int cpu, struct edu_workqueue *wq, struct edu_work *work)
{
	struct edu_pwq *pwq;

	lockdep_assert_irqs_disabled();
	if (unlikely(wq->flags & __EDU_WQ_DRAINING)) {
		struct edu_worker *worker = edu_current_worker();

		if (!worker || !worker->current_pwq || worker->current_pwq->wq != wq) {
			pr_err_once("irqdemo: %ps queued on workqueue %s, which is being drained\n",
				    work->func, wq->name);
			edu_work_clear_pending(work, EDU_WORK_POOL_NONE);
			return;
		}
	}
	guard(rcu)();
	while (!(pwq = lock_pwq(cpu, wq, work)))
		cpu_relax();
	if (!WARN_ON_ONCE(!list_empty(&work->entry)))
		edu_pwq_queue(pwq, work, cpu, jiffies);
	raw_spin_unlock(&pwq->pool->lock);
}

/**
 * edu_queue_work_on - let a function be called by a worker
 * @cpu: whose worker, 0 to nr_cpu_ids - 1, or EDU_WORK_CPU_UNBOUND: the
 *	caller's. An unbound queue does not look at it. The caller keeps @cpu
 *	from going offline, or does not mind where the work runs then.
 * @wq: the queue
 * @work: initialised by edu_init_work()
 *
 * Any context.
 *
 * Return: false if the work was pending already.
 */
bool edu_queue_work_on(int cpu, struct edu_workqueue *wq, struct edu_work *work)
{
	bool mine;

	guard(irqsave)();
	mine = !test_and_set_bit(EDU_WORK_PENDING_BIT,
				 (unsigned long *)&work->data);
	if (mine)
		edu_queue(cpu, wq, work);
	return mine;
}
EXPORT_SYMBOL_GPL(edu_queue_work_on);

/**
 * edu_delayed_work_timer - the time has come
 * @timer: a delayed work's
 */
void edu_delayed_work_timer(struct timer_list *timer)
{
	struct edu_delayed_work *dwork = container_of(timer, struct edu_delayed_work,
						      timer);

	/* TIMER_IRQSAFE: interrupts are off. */
	edu_queue(dwork->cpu, dwork->wq, &dwork->work);
}
EXPORT_SYMBOL_GPL(edu_delayed_work_timer);

/**
 * edu_queue_delayed - the same as edu_queue(), after a time
 * @cpu: where, or EDU_WORK_CPU_UNBOUND
 * @wq: the queue
 * @dwork: the work, PENDING set by the caller
 * @delay: jiffies
 */
void edu_queue_delayed(int cpu, struct edu_workqueue *wq,
		       struct edu_delayed_work *dwork, unsigned long delay)
{
	if (!delay) {
		edu_queue(cpu, wq, &dwork->work);
		return;
	}
	dwork->wq = wq;
	dwork->cpu = cpu;
	dwork->timer.expires = jiffies + delay;
	if (cpu == EDU_WORK_CPU_UNBOUND)
		add_timer(&dwork->timer);
	else
		add_timer_on(&dwork->timer, cpu);
}

/**
 * edu_queue_delayed_work_on - queue a work after some time
 * @cpu: as edu_queue_work_on()
 * @wq: the queue
 * @dwork: initialised by edu_init_delayed_work()
 * @delay: jiffies; 0: at once
 *
 * Any context.
 *
 * Return: false if it was pending already, then its time stays as it was.
 */
bool edu_queue_delayed_work_on(int cpu, struct edu_workqueue *wq,
			       struct edu_delayed_work *dwork,
			       unsigned long delay)
{
	bool mine;

	guard(irqsave)();
	mine = !test_and_set_bit(EDU_WORK_PENDING_BIT,
				 (unsigned long *)&dwork->work.data);
	if (mine)
		edu_queue_delayed(cpu, wq, dwork, delay);
	return mine;
}
EXPORT_SYMBOL_GPL(edu_queue_delayed_work_on);
