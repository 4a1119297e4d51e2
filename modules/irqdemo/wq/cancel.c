// SPDX-License-Identifier: GPL-2.0
/*
 * Taking works back.
 *
 * The rules (6.12's way up to 6.9; the documents have no cancel):
 *  1. Who wants a work back takes PENDING: from the timer, from the queue, or
 *     because it is not queued at all. Then nobody else can queue it.
 *  2. If PENDING is held by somebody who is just queueing the work, the taker
 *     tries again: that one has interrupts off, and is done in a moment.
 *  3. A synchronous cancel keeps PENDING, with CANCELING beside it, while it
 *     waits for a running function; a second canceler sleeps until the first
 *     is done, and does not spin.
 *
 * Differs from today's kernel: since 6.10 a cancel disables the work instead
 * (disable_work()), which we do not have.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>

#include "wq/wq.h"

/* Where those wait whose work is being cancelled by somebody else. */
static DECLARE_WAIT_QUEUE_HEAD(cancel_wait);

static bool canceling(const struct edu_work *work)
{
	unsigned long data = atomic_long_read(&work->data);

	return !(data & EDU_WORK_PWQ) && (data & EDU_WORK_CANCELING);
}

/* One attempt; interrupts are off. */
static int try_to_grab(struct edu_work *work, bool delayed)
{
	struct edu_pool *pool;
	struct edu_pwq *pwq;
	bool ours = false;

	if (delayed && timer_delete(&edu_to_delayed_work(work)->timer))
		return 1;
	if (!test_and_set_bit(EDU_WORK_PENDING_BIT, (unsigned long *)&work->data))
		return 0;
	guard(rcu)();
	pool = edu_work_pool(work);
	if (pool) {
		raw_spin_lock(&pool->lock);
		/* Only under the lock of the pool that it names is it queued. */
		pwq = edu_work_pwq(work);
		if (pwq && pwq->pool == pool)
			ours = edu_pwq_steal(pwq, work, jiffies);
		raw_spin_unlock(&pool->lock);
	}
	if (ours)
		return 1;
	return canceling(work) ? -ENOENT : -EAGAIN;
}

/*
 * Take PENDING. With interrupts off on return: whoever waits for PENDING from
 * an interrupt on this CPU would wait for ever. 1: it was queued, 0: it was
 * not, -ENOENT: somebody cancels it, interrupts as before.
 */
static int grab(struct edu_work *work, bool delayed, unsigned long *flags)
{
	int ret;

	for (;;) {
		local_irq_save(*flags);
		ret = try_to_grab(work, delayed);
		if (ret >= 0)
			return ret;
		local_irq_restore(*flags);
		if (ret == -ENOENT)
			return ret;
		cpu_relax();
	}
}

static unsigned int last_pool_id(struct edu_work *work)
{
	/* PENDING is ours and the work is on no queue: data has the id. */
	return edu_work_pool_id(work);
}

static bool cancel(struct edu_work *work, bool delayed)
{
	unsigned long flags;
	int ret = grab(work, delayed, &flags);

	if (ret < 0)
		return false;
	edu_work_clear_pending(work, last_pool_id(work));
	local_irq_restore(flags);
	return ret;
}

static bool cancel_sync(struct edu_work *work, bool delayed)
{
	unsigned long flags;
	int ret;

	/*
	 * Not a loop over grab() alone: the first canceler may sleep for the
	 * function while we, of a higher priority, keep him from running.
	 */
	while ((ret = grab(work, delayed, &flags)) < 0)
		wait_event(cancel_wait, !canceling(work));
	edu_work_set_pool(work, last_pool_id(work),
			  EDU_WORK_PENDING | EDU_WORK_CANCELING);
	local_irq_restore(flags);

	edu_wait_for_work(work, true);
	edu_work_clear_pending(work, EDU_WORK_POOL_NONE);
	/*
	 * The full barrier at the end of edu_work_clear_pending() pairs with
	 * the one in prepare_to_wait(): either we see the sleeper, or it sees
	 * that CANCELING is gone.
	 */
	if (waitqueue_active(&cancel_wait))
		wake_up_all(&cancel_wait);
	return ret;
}

/**
 * edu_cancel_work - take a work off its queue
 * @work: which
 *
 * Any context but NMI. Its function may be running, or run to its end later.
 *
 * Return: true if it was pending.
 */
bool edu_cancel_work(struct edu_work *work)
{
	return cancel(work, false);
}
EXPORT_SYMBOL_GPL(edu_cancel_work);

/**
 * edu_cancel_work_sync - the same, and wait until its function does not run
 * @work: which; may queue itself, and is kept from it
 *
 * Process context; not from the work's own function.
 *
 * Return: true if it was pending.
 */
bool edu_cancel_work_sync(struct edu_work *work)
{
	return cancel_sync(work, false);
}
EXPORT_SYMBOL_GPL(edu_cancel_work_sync);

/**
 * edu_cancel_delayed_work - take a work off its timer or its queue
 * @dwork: which
 *
 * As edu_cancel_work().
 *
 * Return: true if it was pending.
 */
bool edu_cancel_delayed_work(struct edu_delayed_work *dwork)
{
	return cancel(&dwork->work, true);
}
EXPORT_SYMBOL_GPL(edu_cancel_delayed_work);

/**
 * edu_cancel_delayed_work_sync - the same, and wait for its function
 * @dwork: which
 *
 * As edu_cancel_work_sync().
 *
 * Return: true if it was pending.
 */
bool edu_cancel_delayed_work_sync(struct edu_delayed_work *dwork)
{
	return cancel_sync(&dwork->work, true);
}
EXPORT_SYMBOL_GPL(edu_cancel_delayed_work_sync);

/**
 * edu_mod_delayed_work_on - queue a delayed work, or move its time
 * @cpu: as edu_queue_work_on()
 * @wq: the queue
 * @dwork: which
 * @delay: jiffies from now
 *
 * Any context but NMI. Of a work that is being cancelled, nothing.
 *
 * Return: true if it was pending, and has a new time.
 */
bool edu_mod_delayed_work_on(int cpu, struct edu_workqueue *wq,
			     struct edu_delayed_work *dwork, unsigned long delay)
{
	unsigned long flags;
	int ret = grab(&dwork->work, true, &flags);

	if (ret < 0)
		return false;
	edu_queue_delayed(cpu, wq, dwork, delay);
	local_irq_restore(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(edu_mod_delayed_work_on);

/**
 * edu_flush_delayed_work - do not wait for the time, and wait for the function
 * @dwork: which
 *
 * Process context.
 *
 * Return: true if there was anything to wait for.
 */
bool edu_flush_delayed_work(struct edu_delayed_work *dwork)
{
	scoped_guard(irqsave)
		if (timer_delete(&dwork->timer))
			edu_queue(dwork->cpu, dwork->wq, &dwork->work);
	return edu_flush_work(&dwork->work);
}
EXPORT_SYMBOL_GPL(edu_flush_delayed_work);
