// SPDX-License-Identifier: GPL-2.0
/*
 * The MCS lock (Mellor-Crummey and Scott): a queue in which everybody spins on
 * a word of his own, which the one before writes once.
 *
 * The rules (the kernel's mcs_spinlock.h; the kernel book names it in 10.4):
 *  1. A comer makes himself the tail; who was the tail before is before him.
 *  2. Was there nobody, the lock is his. Else he tells that one his address,
 *     and waits for his own word.
 *  3. Who unlocks writes the word of the one behind. Is nobody there, the tail
 *     is cleared; if that fails, somebody is just coming: wait for his address.
 */
#include <linux/export.h>

#include <edu/lock.h>

#include "lock/trace.h"

/**
 * edu_mcs_lock - take the lock
 * @lock: which
 * @node: the caller's place, which stays where it is until the unlock
 */
void edu_mcs_lock(struct edu_mcs *lock, struct edu_mcs_node *node)
{
	struct edu_mcs_node *prev;

	preempt_disable();
	spin_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	node->next = NULL;
	node->locked = 0;
	/*
	 * A full barrier. Its release half pairs with the address dependency
	 * of who reads the tail after us: he writes into our node, which must
	 * be initialised by then. Its acquire half pairs with cmpxchg_release()
	 * in edu_mcs_unlock(), when the queue was empty.
	 */
	prev = xchg(&lock->tail, node);
	if (prev) {
		lock_contended(&lock->stat.dep_map, _RET_IP_);
		edu_lock_count(&lock->stat, LOCK_CONTENDED);
		edu_lock_count(&lock->stat, LOCK_QUEUED);
		trace_irqdemo_contention_begin(lock, LOCK_F_SPIN);
		WRITE_ONCE(prev->next, node);
		/* Pairs with smp_store_release() in edu_mcs_unlock(). */
		smp_cond_load_acquire(&node->locked, VAL);
		trace_irqdemo_contention_end(lock, 0);
	}
	lock_acquired(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_mcs_lock);

/**
 * edu_mcs_trylock - take the lock if nobody is there
 * @lock: which
 * @node: as edu_mcs_lock()
 *
 * Return: true if nobody was.
 */
bool edu_mcs_trylock(struct edu_mcs *lock, struct edu_mcs_node *node)
{
	preempt_disable();
	node->next = NULL;
	node->locked = 0;
	if (cmpxchg(&lock->tail, NULL, node)) {
		preempt_enable();
		return false;
	}
	spin_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return true;
}
EXPORT_SYMBOL_GPL(edu_mcs_trylock);

/**
 * edu_mcs_unlock - let the next one in
 * @lock: which; held
 * @node: the one of the lock; free afterwards
 */
void edu_mcs_unlock(struct edu_mcs *lock, struct edu_mcs_node *node)
{
	struct edu_mcs_node *next = READ_ONCE(node->next);

	spin_release(&lock->stat.dep_map, _RET_IP_);
	if (!next) {
		if (cmpxchg_release(&lock->tail, node, NULL) == node) {
			preempt_enable();
			return;
		}
		while (!(next = READ_ONCE(node->next)))
			cpu_relax();
	}
	/* Pairs with the acquire of the one who spins there. */
	smp_store_release(&next->locked, 1);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(edu_mcs_unlock);
