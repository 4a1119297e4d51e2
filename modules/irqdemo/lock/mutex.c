// SPDX-License-Identifier: GPL-2.0
/*
 * The mutex: one owner, who may sleep, and for whom others sleep.
 *
 * The rules, the kernel book 10.4; the hand-over is 6.12's:
 *  1. Fast: owner goes from 0 to this task, in one operation.
 *  2. While the owner is on a CPU he will let go soon: spin, and take the lock
 *     when he does. One task spins at a time; spinning ends when the owner
 *     sleeps, or somebody else wants this CPU.
 *  3. Else sleep, in a queue. WAITERS tells the owner to wake the first.
 *  4. Who wakes may find that a spinner was faster. The first in the queue then
 *     asks for a HANDOFF: the owner gives the lock to him by name (PICKUP), and
 *     nobody else can take it. So nobody starves.
 *  5. Only the owner unlocks.
 *
 * States of owner (task | flags):
 *   0 -> T            taken            T|W -> N|W|P   handed to N
 *   T -> 0            released         N|W|P -> N|W   N picks it up
 *   T|W -> 0|W        released, and the first is woken
 *   T|W -> T|W|H      the first waiter asks
 *
 * Differs from the kernel's: one spinner at most, where that has a queue of
 * them (osq) that can be left; the others sleep at once.
 */
#include <linux/export.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include <edu/lock.h>

#include "lock/trace.h"

struct mutex_waiter_edu {
	struct list_head list;
	struct task_struct *task;
};

static struct task_struct *owner_task(unsigned long owner)
{
	return (struct task_struct *)(owner & ~EDU_MUTEX_FLAGS);
}

/* Returns NULL if the lock is ours, else who has it (or is to get it). */
static struct task_struct *try_or_owner(struct edu_mutex *lock, bool handoff)
{
	unsigned long me = (unsigned long)current;
	unsigned long owner = atomic_long_read(&lock->owner);

	for (;;) {
		unsigned long flags = owner & EDU_MUTEX_FLAGS;
		unsigned long task = owner & ~EDU_MUTEX_FLAGS;

		if (!task) {
			task = me;
		} else if (flags & EDU_MUTEX_PICKUP) {
			if (task != me)
				break;
			flags &= ~EDU_MUTEX_PICKUP;
		} else if (handoff && !(flags & EDU_MUTEX_HANDOFF)) {
			flags |= EDU_MUTEX_HANDOFF;
		} else {
			break;
		}
		/* Acquire: pairs with the releases in edu_mutex_unlock(). */
		if (atomic_long_try_cmpxchg_acquire(&lock->owner, &owner, task | flags)) {
			if (task == me)
				return NULL;
			break;
		}
	}
	return owner_task(owner);
}

static bool spin_on_owner(struct edu_mutex *lock)
{
	struct edu_mcs_node node;
	bool got = false;

	/* Somebody spins already: two would only disturb each other. */
	if (need_resched() || !edu_mcs_trylock(&lock->spinners, &node))
		return false;
	for (;;) {
		struct task_struct *owner = try_or_owner(lock, false);

		if (!owner) {
			got = true;
			break;
		}
		/* RCU keeps the task's memory: it may have unlocked and exited. */
		guard(rcu)();
		while (owner_task(atomic_long_read(&lock->owner)) == owner) {
			/* The owner is known to be alive while it is the owner. */
			barrier();
			if (!READ_ONCE(owner->on_cpu) || need_resched())
				goto out;
			cpu_relax();
		}
	}
out:
	edu_mcs_unlock(&lock->spinners, &node);
	if (got)
		edu_lock_count(&lock->stat, LOCK_SPUN);
	return got;
}

static int sleep_for(struct edu_mutex *lock, unsigned int state)
{
	struct mutex_waiter_edu waiter = { .task = current };
	bool first, slept = false;
	int err = 0;

	raw_spin_lock(&lock->wait_lock);
	list_add_tail(&waiter.list, &lock->wait_list);
	/*
	 * The flag, and then the attempt: an owner that let go before it saw
	 * the flag has left the lock for us to take.
	 */
	atomic_long_or(EDU_MUTEX_WAITERS, &lock->owner);
	for (;;) {
		first = list_first_entry(&lock->wait_list, struct mutex_waiter_edu,
					 list) == &waiter;
		/* Once asleep in vain, the first one asks for it. */
		if (!try_or_owner(lock, first && slept))
			break;
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		/* Under wait_lock, which the waker takes. */
		__set_current_state(state);
		raw_spin_unlock(&lock->wait_lock);
		slept = true;
		edu_lock_count(&lock->stat, LOCK_SLEPT);
		schedule();
		raw_spin_lock(&lock->wait_lock);
	}
	list_del(&waiter.list);
	if (list_empty(&lock->wait_list))
		atomic_long_andnot(EDU_MUTEX_WAITERS | EDU_MUTEX_HANDOFF, &lock->owner);
	raw_spin_unlock(&lock->wait_lock);
	return err;
}

/* Out of line: the registers and the stack that it needs cost the fast way nothing. */
static noinline int lock_slow(struct edu_mutex *lock, unsigned int state)
{
	int err = 0;

	if (!try_or_owner(lock, false))
		return 0;
	lock_contended(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count(&lock->stat, LOCK_CONTENDED);
	trace_irqdemo_contention_begin(lock, LOCK_F_MUTEX);
	if (!spin_on_owner(lock))
		err = sleep_for(lock, state);
	trace_irqdemo_contention_end(lock, err);
	if (err)
		mutex_release(&lock->stat.dep_map, _RET_IP_);
	return err;
}

static __always_inline int lock_common(struct edu_mutex *lock, unsigned int state)
{
	long free = 0;
	int err;

	might_sleep();
	mutex_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	/* Acquire: pairs with the release in edu_mutex_unlock(). */
	if (!atomic_long_try_cmpxchg_acquire(&lock->owner, &free, (long)current)) {
		err = lock_slow(lock, state);
		if (err)
			return err;
	}
	lock_acquired(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return 0;
}

/**
 * edu_mutex_lock - take the lock, or sleep until it is free
 * @lock: which; not held by the caller
 *
 * Process context.
 */
void edu_mutex_lock(struct edu_mutex *lock)
{
	lock_common(lock, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL_GPL(edu_mutex_lock);

/**
 * edu_mutex_lock_interruptible - the same, until a signal comes
 * @lock: which
 *
 * Return: 0, or -EINTR: it was not taken.
 */
int edu_mutex_lock_interruptible(struct edu_mutex *lock)
{
	return lock_common(lock, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL_GPL(edu_mutex_lock_interruptible);

/**
 * edu_mutex_lock_killable - the same, until a deadly signal comes
 * @lock: which
 *
 * Return: 0, or -EINTR: it was not taken.
 */
int edu_mutex_lock_killable(struct edu_mutex *lock)
{
	return lock_common(lock, TASK_KILLABLE);
}
EXPORT_SYMBOL_GPL(edu_mutex_lock_killable);

/**
 * edu_mutex_trylock - take the lock if it is free
 * @lock: which
 *
 * Process context.
 *
 * Return: 1 if it was, else 0: the opposite of edu_down_trylock().
 */
int edu_mutex_trylock(struct edu_mutex *lock)
{
	if (try_or_owner(lock, false))
		return 0;
	mutex_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return 1;
}
EXPORT_SYMBOL_GPL(edu_mutex_trylock);

/* HANDOFF: by name to the first one. Nobody but the owner changes the task. */
static void hand_over(struct edu_mutex *lock, struct task_struct *to)
{
	unsigned long owner = atomic_long_read(&lock->owner), new;

	do {
		new = owner & EDU_MUTEX_WAITERS;
		if (to)
			new |= (unsigned long)to | EDU_MUTEX_PICKUP;
	} while (!atomic_long_try_cmpxchg_release(&lock->owner, &owner, new));
}

/* Somebody waits. @owner is the word as it was. */
static noinline void unlock_slow(struct edu_mutex *lock, unsigned long owner)
{
	struct mutex_waiter_edu *first;

	while (!(owner & EDU_MUTEX_HANDOFF)) {
		if (!atomic_long_try_cmpxchg_release(&lock->owner, &owner,
						     owner & EDU_MUTEX_FLAGS))
			continue;
		if (!(owner & EDU_MUTEX_WAITERS))
			return;
		break;
	}
	raw_spin_lock(&lock->wait_lock);
	first = list_first_entry_or_null(&lock->wait_list, struct mutex_waiter_edu,
					 list);
	if (owner & EDU_MUTEX_HANDOFF) {
		hand_over(lock, first ? first->task : NULL);
		edu_lock_count(&lock->stat, LOCK_HANDED);
	}
	/* He needs wait_lock to leave: the waiter, on his stack, is there. */
	if (first)
		wake_up_process(first->task);
	raw_spin_unlock(&lock->wait_lock);
}

/**
 * edu_mutex_unlock - let go
 * @lock: which; the caller is its owner
 *
 * Process context. Somebody else's lock is left alone, and reported once.
 */
void edu_mutex_unlock(struct edu_mutex *lock)
{
	unsigned long owner = atomic_long_read(&lock->owner);

	if (WARN_ONCE(owner_task(owner) != current,
		      "irqdemo: a mutex is unlocked by %s, who has not locked it\n",
		      current->comm))
		return;
	mutex_release(&lock->stat.dep_map, _RET_IP_);
	/* Release: pairs with the acquires of lock_common() and try_or_owner(). */
	if (owner & EDU_MUTEX_FLAGS ||
	    !atomic_long_try_cmpxchg_release(&lock->owner, &owner, 0))
		unlock_slow(lock, owner);
}
EXPORT_SYMBOL_GPL(edu_mutex_unlock);
