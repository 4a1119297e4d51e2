// SPDX-License-Identifier: GPL-2.0
/*
 * The reader-writer lock: many readers at once, or one writer.
 *
 * The rules (the kernel book, 10.3; the algorithm is 6.12's qrwlock):
 *  1. A reader counts himself in; with no writer there or waiting he has it.
 *  2. Else he takes himself out, and queues, behind one ticket lock for
 *     readers and writers: nobody starves. Who comes when the lock is free may
 *     slip in between two of the queue, never before its first.
 *  3. A writer at the head of the queue says that he waits, which keeps new
 *     readers out, and goes in when the last reader has left.
 *  4. A reader in an interrupt waits for a writer that writes only: the one
 *     that waits may be waiting for the task that was interrupted.
 */
#include <linux/export.h>
#include <linux/preempt.h>

#include <edu/lock.h>

#include "lock/trace.h"

static void read_slow(struct edu_rwlock *lock)
{
	edu_lock_count(&lock->stat, LOCK_CONTENDED);
	trace_irqdemo_contention_begin(lock, LOCK_F_SPIN | LOCK_F_READ);
	if (in_hardirq() || in_serving_softirq()) {
		/* Pairs with the release in edu_write_unlock(). */
		atomic_cond_read_acquire(&lock->cnts, !(VAL & EDU_RW_LOCKED));
		trace_irqdemo_contention_end(lock, 0);
		return;
	}
	atomic_sub(EDU_RW_READER, &lock->cnts);
	edu_lock_count(&lock->stat, LOCK_QUEUED);
	edu_ticket_lock(&lock->wait);
	/*
	 * We are in: a writer that comes now waits for us, he is behind us in
	 * the queue. Only the one that writes just now is to be waited for.
	 */
	atomic_add(EDU_RW_READER, &lock->cnts);
	atomic_cond_read_acquire(&lock->cnts, !(VAL & EDU_RW_LOCKED));
	edu_ticket_unlock(&lock->wait);
	trace_irqdemo_contention_end(lock, 0);
}

/**
 * edu_read_lock - go in as a reader
 * @lock: which
 *
 * Does not sleep. Readers may nest in an interrupt, not in a task.
 */
void edu_read_lock(struct edu_rwlock *lock)
{
	preempt_disable();
	rwlock_acquire_read(&lock->stat.dep_map, 0, 0, _RET_IP_);
	/* Acquire: pairs with the release in edu_write_unlock(). */
	if (atomic_add_return_acquire(EDU_RW_READER, &lock->cnts) & EDU_RW_WMASK)
		read_slow(lock);
	edu_lock_count(&lock->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_read_lock);

/**
 * edu_read_trylock - go in as a reader if no writer is there or waiting
 * @lock: which
 *
 * Return: true if so.
 */
bool edu_read_trylock(struct edu_rwlock *lock)
{
	preempt_disable();
	if (!(atomic_read(&lock->cnts) & EDU_RW_WMASK)) {
		if (!(atomic_add_return_acquire(EDU_RW_READER, &lock->cnts) &
		      EDU_RW_WMASK)) {
			rwlock_acquire_read(&lock->stat.dep_map, 0, 1, _RET_IP_);
			edu_lock_count(&lock->stat, LOCK_ACQUIRED);
			return true;
		}
		atomic_sub(EDU_RW_READER, &lock->cnts);
	}
	preempt_enable();
	return false;
}
EXPORT_SYMBOL_GPL(edu_read_trylock);

/**
 * edu_read_unlock - leave
 * @lock: which
 */
void edu_read_unlock(struct edu_rwlock *lock)
{
	rwlock_release(&lock->stat.dep_map, _RET_IP_);
	/* Release: pairs with the acquire of the writer that goes in. */
	atomic_sub_return_release(EDU_RW_READER, &lock->cnts);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(edu_read_unlock);

/**
 * edu_write_lock - go in alone
 * @lock: which
 *
 * Does not sleep.
 */
void edu_write_lock(struct edu_rwlock *lock)
{
	int old = 0;

	preempt_disable();
	rwlock_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	if (!atomic_try_cmpxchg_acquire(&lock->cnts, &old, EDU_RW_LOCKED)) {
		edu_lock_count(&lock->stat, LOCK_CONTENDED);
		edu_lock_count(&lock->stat, LOCK_QUEUED);
		trace_irqdemo_contention_begin(lock, LOCK_F_SPIN | LOCK_F_WRITE);
		edu_ticket_lock(&lock->wait);
		atomic_or(EDU_RW_WAITING, &lock->cnts);
		do {
			/* A new reader may come and go between the two. */
			old = atomic_cond_read_relaxed(&lock->cnts, VAL == EDU_RW_WAITING);
		} while (!atomic_try_cmpxchg_acquire(&lock->cnts, &old, EDU_RW_LOCKED));
		edu_ticket_unlock(&lock->wait);
		trace_irqdemo_contention_end(lock, 0);
	}
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_write_lock);

/**
 * edu_write_trylock - go in alone if nobody is there
 * @lock: which
 *
 * Return: true if so.
 */
bool edu_write_trylock(struct edu_rwlock *lock)
{
	int old = 0;

	preempt_disable();
	if (!atomic_try_cmpxchg_acquire(&lock->cnts, &old, EDU_RW_LOCKED)) {
		preempt_enable();
		return false;
	}
	rwlock_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return true;
}
EXPORT_SYMBOL_GPL(edu_write_trylock);

/**
 * edu_write_unlock - leave
 * @lock: which
 */
void edu_write_unlock(struct edu_rwlock *lock)
{
	rwlock_release(&lock->stat.dep_map, _RET_IP_);
	/* Readers and a waiting writer may have come: take out our bits only. */
	atomic_sub_return_release(EDU_RW_LOCKED, &lock->cnts);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(edu_write_unlock);
