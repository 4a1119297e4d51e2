// SPDX-License-Identifier: GPL-2.0
/*
 * The counting semaphore: so many may be in at once; the others sleep.
 *
 * The rules, the kernel book 10.6:
 *  1. down takes one if one is left, else it queues and sleeps.
 *  2. up gives to the first in the queue, and only then adds to the count: who
 *     comes in between cannot take it away from the one who waited.
 *  3. up may be called by anybody, from anywhere: there is no owner.
 */
#include <linux/export.h>
#include <linux/sched/signal.h>

#include <edu/lock.h>

#include "lock/trace.h"

struct sema_waiter {
	struct list_head list;
	struct task_struct *task;
	bool up;
};

/* Under sem->lock, interrupts off; it is dropped while asleep. */
static int wait(struct edu_semaphore *sem, unsigned int state, long timeout)
{
	struct sema_waiter waiter = { .task = current };
	int err = 0;

	edu_lock_count(&sem->stat, LOCK_CONTENDED);
	edu_lock_count(&sem->stat, LOCK_SLEPT);
	trace_irqdemo_contention_begin(sem, 0);
	list_add_tail(&waiter.list, &sem->wait_list);
	do {
		if (signal_pending_state(state, current))
			err = -EINTR;
		else if (timeout <= 0)
			err = -ETIME;
		if (err) {
			list_del(&waiter.list);
			break;
		}
		/* Under the lock, which edu_up() takes to wake us. */
		__set_current_state(state);
		raw_spin_unlock_irq(&sem->lock);
		timeout = schedule_timeout(timeout);
		raw_spin_lock_irq(&sem->lock);
	} while (!waiter.up);
	trace_irqdemo_contention_end(sem, err);
	return err;
}

static int down_common(struct edu_semaphore *sem, unsigned int state, long timeout)
{
	int err = 0;

	might_sleep();
	raw_spin_lock_irq(&sem->lock);
	if (sem->count)
		sem->count--;
	else
		err = wait(sem, state, timeout);
	if (!err)
		edu_lock_count_held(&sem->stat, LOCK_ACQUIRED);
	raw_spin_unlock_irq(&sem->lock);
	return err;
}

/**
 * edu_down - take one, or sleep until one is given
 * @sem: which
 *
 * Process context.
 */
void edu_down(struct edu_semaphore *sem)
{
	down_common(sem, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(edu_down);

/**
 * edu_down_interruptible - the same, until a signal comes
 * @sem: which
 *
 * Return: 0, or -EINTR: nothing was taken.
 */
int edu_down_interruptible(struct edu_semaphore *sem)
{
	return down_common(sem, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(edu_down_interruptible);

/**
 * edu_down_killable - the same, until a deadly signal comes
 * @sem: which
 *
 * Return: 0, or -EINTR: nothing was taken.
 */
int edu_down_killable(struct edu_semaphore *sem)
{
	return down_common(sem, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(edu_down_killable);

/**
 * edu_down_timeout - the same, for some time
 * @sem: which
 * @timeout: jiffies
 *
 * Return: 0, or -ETIME: nothing was taken.
 */
int edu_down_timeout(struct edu_semaphore *sem, long timeout)
{
	return down_common(sem, TASK_UNINTERRUPTIBLE, timeout);
}
EXPORT_SYMBOL_GPL(edu_down_timeout);

/**
 * edu_down_trylock - take one if one is left
 * @sem: which
 *
 * Any context.
 *
 * Return: 0 if it was taken, 1 if not: the opposite of edu_mutex_trylock().
 */
int edu_down_trylock(struct edu_semaphore *sem)
{
	guard(raw_spinlock_irqsave)(&sem->lock);
	if (!sem->count)
		return 1;
	sem->count--;
	edu_lock_count_held(&sem->stat, LOCK_ACQUIRED);
	return 0;
}
EXPORT_SYMBOL_GPL(edu_down_trylock);

/**
 * edu_up - give one back, or give one more
 * @sem: which
 *
 * Any context, any task.
 */
void edu_up(struct edu_semaphore *sem)
{
	struct sema_waiter *waiter;

	guard(raw_spinlock_irqsave)(&sem->lock);
	waiter = list_first_entry_or_null(&sem->wait_list, struct sema_waiter, list);
	if (!waiter) {
		sem->count++;
		return;
	}
	list_del(&waiter->list);
	waiter->up = true;
	edu_lock_count_held(&sem->stat, LOCK_HANDED);
	/* He needs the lock to leave: the waiter, on his stack, is there. */
	wake_up_process(waiter->task);
}
EXPORT_SYMBOL_GPL(edu_up);
