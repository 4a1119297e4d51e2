// SPDX-License-Identifier: GPL-2.0
/*
 * Wait queues: how to sleep until something is true, and miss nothing.
 *
 * The rules, document A 7 (A:1309 to 1518):
 *  1. A wake-up walks the list from its head: it calls each one's func, and
 *     ends after so many exclusive ones that were woken. 0 never gets there:
 *     all are woken.
 *  2. Who is not exclusive is put at the head, who is, at the tail: so one
 *     wake-up wakes all of the first kind and one of the second, first come
 *     first served.
 *  3. Who waits sets his state first and looks at the condition afterwards; who
 *     wakes makes it true first and looks for sleepers afterwards.
 *  4. autoremove: who was woken is out of the list, and is not woken in vain
 *     while he is on his way.
 *  5. wait_woken: the flag WOKEN remembers a wake-up that came before the sleep,
 *     for those whose condition takes locks, and cannot be looked at between
 *     the state and the sleep.
 *
 * Differs from the documents: the walk is done in one go, with no bookmark
 * after 64 entries; the kernel has given them up, too (6.7).
 */
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include <edu/wait.h>

/**
 * edu_default_wake - wake the task
 * @wait: whose
 * @mode: the states in which it is to be woken
 * @key: not used
 *
 * Return: 1 if it was asleep in such a state.
 */
int edu_default_wake(struct edu_wait *wait, unsigned int mode, void *key)
{
	/* try_to_wake_up() is not exported; this passes it on. */
	struct wait_queue_entry entry = { .private = wait->private };

	return default_wake_function(&entry, mode, 0, key);
}
EXPORT_SYMBOL_GPL(edu_default_wake);

/**
 * edu_autoremove_wake - wake the task, and take it off the list if it was asleep
 * @wait: whose; its head's lock is held
 * @mode: as edu_default_wake()
 * @key: not used
 *
 * Return: as edu_default_wake().
 */
int edu_autoremove_wake(struct edu_wait *wait, unsigned int mode, void *key)
{
	int woken = edu_default_wake(wait, mode, key);

	if (woken)
		list_del_init_careful(&wait->entry);
	return woken;
}
EXPORT_SYMBOL_GPL(edu_autoremove_wake);

/**
 * edu_woken_wake - remember the wake-up, and wake the task
 * @wait: of who calls edu_wait_woken()
 * @mode: as edu_default_wake()
 * @key: not used
 *
 * Return: as edu_default_wake().
 */
int edu_woken_wake(struct edu_wait *wait, unsigned int mode, void *key)
{
	/*
	 * (C) Pairs with smp_store_mb() (B) in edu_wait_woken(): either it sees
	 * our flag, or who calls it sees the condition that was made true
	 * before this.
	 */
	smp_mb();
	WRITE_ONCE(wait->flags, wait->flags | EDU_WQ_FLAG_WOKEN);
	return edu_default_wake(wait, mode, key);
}
EXPORT_SYMBOL_GPL(edu_woken_wake);

static void add(struct edu_wait_head *h, struct edu_wait *wait)
{
	if (wait->flags & EDU_WQ_FLAG_EXCLUSIVE)
		list_add_tail(&wait->entry, &h->head);
	else
		list_add(&wait->entry, &h->head);
}

/**
 * edu_add_wait - wait, with everybody
 * @h: for what
 * @wait: initialised, in no list
 */
void edu_add_wait(struct edu_wait_head *h, struct edu_wait *wait)
{
	guard(spinlock_irqsave)(&h->lock);
	wait->flags &= ~EDU_WQ_FLAG_EXCLUSIVE;
	add(h, wait);
}
EXPORT_SYMBOL_GPL(edu_add_wait);

/**
 * edu_add_wait_exclusive - wait for a wake-up of one's own
 * @h: for what
 * @wait: initialised, in no list
 */
void edu_add_wait_exclusive(struct edu_wait_head *h, struct edu_wait *wait)
{
	guard(spinlock_irqsave)(&h->lock);
	wait->flags |= EDU_WQ_FLAG_EXCLUSIVE;
	add(h, wait);
}
EXPORT_SYMBOL_GPL(edu_add_wait_exclusive);

/**
 * edu_remove_wait - wait no longer
 * @h: for what
 * @wait: in its list
 */
void edu_remove_wait(struct edu_wait_head *h, struct edu_wait *wait)
{
	guard(spinlock_irqsave)(&h->lock);
	list_del_init(&wait->entry);
}
EXPORT_SYMBOL_GPL(edu_remove_wait);

/**
 * edu_prepare_to_wait - be in the list and in the state, before the last look
 * @h: for what
 * @wait: initialised; in the list already, or not
 * @state: to sleep in
 * @exclusive: whether to be woken alone
 */
void edu_prepare_to_wait(struct edu_wait_head *h, struct edu_wait *wait,
			 unsigned int state, bool exclusive)
{
	guard(spinlock_irqsave)(&h->lock);
	if (list_empty(&wait->entry)) {
		wait->flags &= ~EDU_WQ_FLAG_EXCLUSIVE;
		if (exclusive)
			wait->flags |= EDU_WQ_FLAG_EXCLUSIVE;
		add(h, wait);
	}
	/*
	 * With a full barrier after the store. Pairs with the one that every
	 * try_to_wake_up() begins with: either the waker sees our state, or we
	 * see the condition that it made true before.
	 */
	set_current_state(state);
}
EXPORT_SYMBOL_GPL(edu_prepare_to_wait);

/**
 * edu_finish_wait - run, and be out of the list
 * @h: for what
 * @wait: after edu_prepare_to_wait()
 */
void edu_finish_wait(struct edu_wait_head *h, struct edu_wait *wait)
{
	__set_current_state(TASK_RUNNING);
	/*
	 * Without the lock if autoremove was there: its careful deletion pairs
	 * with the acquire in here, and @wait, on our stack, is not touched by
	 * it afterwards.
	 */
	if (list_empty_careful(&wait->entry))
		return;
	guard(spinlock_irqsave)(&h->lock);
	list_del_init(&wait->entry);
}
EXPORT_SYMBOL_GPL(edu_finish_wait);

/**
 * edu_wait_woken - sleep, unless woken since the last time
 * @wait: in a list, with edu_woken_wake()
 * @mode: the state to sleep in
 * @timeout: jiffies
 *
 * Return: the jiffies that are left.
 */
long edu_wait_woken(struct edu_wait *wait, unsigned int mode, long timeout)
{
	/*
	 * (A) With a full barrier. Pairs with the one of try_to_wake_up(): the
	 * flag that is not seen below was set by a waker who sees our state.
	 */
	set_current_state(mode);
	if (!(READ_ONCE(wait->flags) & EDU_WQ_FLAG_WOKEN) &&
	    !(current->flags & PF_KTHREAD && kthread_should_stop()))
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	/*
	 * (B) Pairs with (C): the condition, which the caller looks at next, is
	 * read after the flag is cleared. A wake-up from now on sets it anew.
	 */
	smp_store_mb(wait->flags, wait->flags & ~EDU_WQ_FLAG_WOKEN);
	return timeout;
}
EXPORT_SYMBOL_GPL(edu_wait_woken);

/**
 * edu_wake_up_locked - wake who waits
 * @h: for what; its lock is held
 * @mode: the states in which tasks are to be woken
 * @nr: so many exclusive ones; 0: all
 * @key: for their func
 *
 * Return: how many funcs were called.
 */
unsigned int edu_wake_up_locked(struct edu_wait_head *h, unsigned int mode, int nr,
				void *key)
{
	struct edu_wait *wait, *next;
	unsigned int called = 0;

	list_for_each_entry_safe(wait, next, &h->head, entry) {
		unsigned int flags = wait->flags;
		int woken = wait->func(wait, mode, key);

		called++;
		if (woken < 0)
			break;
		if (woken && flags & EDU_WQ_FLAG_EXCLUSIVE && !--nr)
			break;
	}
	return called;
}
EXPORT_SYMBOL_GPL(edu_wake_up_locked);

/**
 * __edu_wake_up - wake who waits
 * @h: for what
 * @mode: as edu_wake_up_locked()
 * @nr: as edu_wake_up_locked()
 * @key: as edu_wake_up_locked()
 *
 * Any context.
 *
 * Return: how many funcs were called.
 */
unsigned int __edu_wake_up(struct edu_wait_head *h, unsigned int mode, int nr,
			   void *key)
{
	guard(spinlock_irqsave)(&h->lock);
	return edu_wake_up_locked(h, mode, nr, key);
}
EXPORT_SYMBOL_GPL(__edu_wake_up);
