// SPDX-License-Identifier: GPL-2.0
/*
 * The ticket lock: draw a number, wait until it is called.
 *
 * The rules, document A 18:
 *  1. Preemption goes off first: a holder that is put aside would keep all
 *     others spinning.
 *  2. A comer draws `next` and adds one to it, in one atomic operation.
 *  3. He has the lock when `owner` is his number; to unlock is to add one.
 * So the lock is fair, and all waiters watch one word: each unlock takes that
 * cache line from every one of them, which is what the queues of mcs.c and
 * qspinlock.c are for.
 */
#include <linux/export.h>

#define CREATE_TRACE_POINTS
#include "lock/trace.h"

#include <edu/lock.h>

/**
 * edu_ticket_lock - take the lock
 * @lock: which
 *
 * Any context, if the lock is always taken in that one; does not sleep.
 */
void edu_ticket_lock(struct edu_ticket *lock)
{
	u32 val;
	u16 mine;

	preempt_disable();
	spin_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	/*
	 * Acquire: pairs with the release in edu_ticket_unlock() if nobody was
	 * there, and what the last holder wrote is seen.
	 */
	val = atomic_fetch_add_acquire(1 << 16, &lock->val);
	mine = val >> 16;
	if ((u16)val != mine) {
		lock_contended(&lock->stat.dep_map, _RET_IP_);
		edu_lock_count(&lock->stat, LOCK_CONTENDED);
		trace_irqdemo_contention_begin(lock, LOCK_F_SPIN);
		/* The same pair, when we had to wait. */
		atomic_cond_read_acquire(&lock->val, !(u16)(VAL - mine));
		trace_irqdemo_contention_end(lock, 0);
	}
	lock_acquired(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_ticket_lock);

/**
 * edu_ticket_trylock - take the lock if it is free
 * @lock: which
 *
 * Return: true if it was.
 */
bool edu_ticket_trylock(struct edu_ticket *lock)
{
	u32 old = atomic_read(&lock->val);

	preempt_disable();
	if (old >> 16 != (u16)old ||
	    !atomic_try_cmpxchg_acquire(&lock->val, &old, old + (1 << 16))) {
		preempt_enable();
		return false;
	}
	spin_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return true;
}
EXPORT_SYMBOL_GPL(edu_ticket_trylock);

/**
 * edu_ticket_unlock - call the next number
 * @lock: which; held
 */
void edu_ticket_unlock(struct edu_ticket *lock)
{
	spin_release(&lock->stat.dep_map, _RET_IP_);
	/*
	 * Release: pairs with both acquires above. Only the holder writes
	 * owner, so a store of that half is enough; it may wrap, next is not
	 * touched.
	 */
	smp_store_release(&lock->owner, READ_ONCE(lock->owner) + 1);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(edu_ticket_unlock);
