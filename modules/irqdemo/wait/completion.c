// SPDX-License-Identifier: GPL-2.0
/*
 * Completions: a counter of what happened, and those who wait for it.
 *
 * The rules, the kernel book 10.9:
 *  1. complete adds one, and wakes the first that waits; each wait that passes
 *     takes one away. Whether the wait or the complete comes first is the same.
 *  2. complete_all makes it so many that all waits pass, now and later, until
 *     it is initialised again.
 */
#include <linux/export.h>
#include <linux/sched/signal.h>

#include <edu/wait.h>

static bool take(struct edu_completion *x)
{
	if (!x->done)
		return false;
	if (x->done != UINT_MAX)
		x->done--;
	return true;
}

static long wait(struct edu_completion *x, unsigned int state, long timeout)
{
	struct edu_wait entry;

	might_sleep();
	edu_wait_init(&entry, edu_default_wake);
	entry.flags = EDU_WQ_FLAG_EXCLUSIVE;
	spin_lock_irq(&x->wait.lock);
	while (!x->done && timeout) {
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			break;
		}
		if (list_empty(&entry.entry))
			list_add_tail(&entry.entry, &x->wait.head);
		/* Under the lock, which the waker takes. */
		__set_current_state(state);
		spin_unlock_irq(&x->wait.lock);
		timeout = schedule_timeout(timeout);
		spin_lock_irq(&x->wait.lock);
	}
	list_del_init(&entry.entry);
	/* It may have come with the last tick: it is ours all the same. */
	if (timeout >= 0 && take(x))
		timeout = timeout ?: 1;
	spin_unlock_irq(&x->wait.lock);
	return timeout;
}

/**
 * edu_complete - it happened
 * @x: what
 *
 * Any context.
 */
void edu_complete(struct edu_completion *x)
{
	guard(spinlock_irqsave)(&x->wait.lock);
	if (x->done != UINT_MAX)
		x->done++;
	edu_wake_up_locked(&x->wait, TASK_NORMAL, 1, NULL);
}
EXPORT_SYMBOL_GPL(edu_complete);

/**
 * edu_complete_all - it happened, for everybody and for good
 * @x: what
 *
 * Any context.
 */
void edu_complete_all(struct edu_completion *x)
{
	guard(spinlock_irqsave)(&x->wait.lock);
	x->done = UINT_MAX;
	edu_wake_up_locked(&x->wait, TASK_NORMAL, 0, NULL);
}
EXPORT_SYMBOL_GPL(edu_complete_all);

/**
 * edu_wait_for_completion - wait until it happened
 * @x: what
 *
 * Process context.
 */
void edu_wait_for_completion(struct edu_completion *x)
{
	wait(x, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(edu_wait_for_completion);

/**
 * edu_wait_for_completion_timeout - the same, for some time
 * @x: what
 * @timeout: jiffies
 *
 * Return: the jiffies that were left, 1 at least, or 0: it did not happen.
 */
unsigned long edu_wait_for_completion_timeout(struct edu_completion *x,
					      unsigned long timeout)
{
	return wait(x, TASK_UNINTERRUPTIBLE, timeout);
}
EXPORT_SYMBOL_GPL(edu_wait_for_completion_timeout);

/**
 * edu_wait_for_completion_interruptible - the same, until a signal comes
 * @x: what
 *
 * Return: 0, or -ERESTARTSYS.
 */
int edu_wait_for_completion_interruptible(struct edu_completion *x)
{
	return min(wait(x, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT), 0L);
}
EXPORT_SYMBOL_GPL(edu_wait_for_completion_interruptible);

/**
 * edu_wait_for_completion_killable - the same, until a deadly signal comes
 * @x: what
 *
 * Return: 0, or -ERESTARTSYS.
 */
int edu_wait_for_completion_killable(struct edu_completion *x)
{
	return min(wait(x, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT), 0L);
}
EXPORT_SYMBOL_GPL(edu_wait_for_completion_killable);

/**
 * edu_try_wait_for_completion - did it happen? Then take it
 * @x: what
 *
 * Any context.
 *
 * Return: true if so.
 */
bool edu_try_wait_for_completion(struct edu_completion *x)
{
	guard(spinlock_irqsave)(&x->wait.lock);
	return take(x);
}
EXPORT_SYMBOL_GPL(edu_try_wait_for_completion);

/**
 * edu_completion_done - did it happen?
 * @x: what
 *
 * Any context. Afterwards @x may be freed: who completed it has let go.
 *
 * Return: true if a wait would pass.
 */
bool edu_completion_done(struct edu_completion *x)
{
	guard(spinlock_irqsave)(&x->wait.lock);
	return x->done;
}
EXPORT_SYMBOL_GPL(edu_completion_done);
