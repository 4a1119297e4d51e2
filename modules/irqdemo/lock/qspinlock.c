// SPDX-License-Identifier: GPL-2.0
/*
 * The queued spinlock: an MCS queue behind a word of four bytes.
 *
 * Document A 18 shows the word and the fast path; the slow path it leaves out
 * is here. States of (tail, pending, locked):
 *
 *   0,0,0 --lock--> 0,0,1 --2nd comes--> 0,1,1 --unlock--> 0,1,0 --> 0,0,1
 *                                          | 3rd comes
 *                                          v
 *                                        n,1,1 ... n,0,1 --unlock--> n,0,0
 *                                        the queue's head takes it: m,0,1,
 *                                        or 0,0,1 if nobody is behind him
 *  1. Free: take it.
 *  2. One has it, nobody waits: be the pending one, and spin on `locked`. No
 *     node is touched: two CPUs get by with the word alone.
 *  3. Else join the queue, with a node of this CPU's, one for each context that
 *     may interrupt the other. Only the head of the queue looks at the word.
 *  4. The head waits until neither locked nor pending is set, takes the lock,
 *     and makes the next one head.
 */
#include <linux/export.h>
#include <linux/percpu.h>

#include <edu/lock.h>

#include "lock/trace.h"

#define CONTEXTS	4	/* task, softirq, hardirq, NMI */
#define PENDING_SPINS	512	/* for a hand-over in progress */

struct qnode {
	struct edu_mcs_node mcs[CONTEXTS];
	int used;
};

static DEFINE_PER_CPU_ALIGNED(struct qnode, qnodes);

/**
 * edu_qspin_tail - the tail that names a node
 * @cpu: whose
 * @context: 0 to 3
 *
 * Return: the bits of the word; never 0.
 */
u32 edu_qspin_tail(int cpu, int context)
{
	return (u32)((cpu + 1) << 2 | context) << EDU_Q_TAIL_SHIFT;
}
EXPORT_SYMBOL_GPL(edu_qspin_tail);

/**
 * edu_qspin_tail_cpu - whose node a tail names
 * @val: the word, or its tail
 *
 * Return: the CPU, -1 if there is no tail.
 */
int edu_qspin_tail_cpu(u32 val)
{
	return (int)(val >> (EDU_Q_TAIL_SHIFT + 2)) - 1;
}
EXPORT_SYMBOL_GPL(edu_qspin_tail_cpu);

static struct edu_mcs_node *tail_node(u32 val)
{
	return &per_cpu_ptr(&qnodes, edu_qspin_tail_cpu(val))->mcs[val >> EDU_Q_TAIL_SHIFT & 3];
}

static bool try_lock(struct edu_qspinlock *lock)
{
	int old = 0;

	return !atomic_read(&lock->val) &&
	       atomic_try_cmpxchg_acquire(&lock->val, &old, EDU_Q_LOCKED);
}

/* The second one: spins on the word. False: there is somebody else. */
static bool wait_pending(struct edu_qspinlock *lock)
{
	int spins = PENDING_SPINS;
	u32 val = atomic_read(&lock->val);

	/* 0,1,0 is on its way to 0,0,1: a short wait, and we can be pending. */
	if (val == EDU_Q_PENDING)
		val = atomic_cond_read_relaxed(&lock->val,
					       (VAL ^ EDU_Q_PENDING) || !spins--);
	if (val & ~EDU_Q_LOCKED_MASK)
		return false;
	val = atomic_fetch_or_acquire(EDU_Q_PENDING, &lock->val);
	if (val & ~EDU_Q_LOCKED_MASK) {
		/* Somebody was faster. If the bit is ours, take it back. */
		if (!(val & EDU_Q_PENDING_MASK))
			atomic_andnot(EDU_Q_PENDING, &lock->val);
		return false;
	}
	/*
	 * Pairs with the release in edu_qspin_unlock(). Nobody but us may go
	 * from 0,1,0 anywhere: so the store below needs no atomic operation,
	 * and it leaves a tail that came meanwhile alone.
	 */
	if (val & EDU_Q_LOCKED_MASK)
		smp_cond_load_acquire(&lock->locked, !VAL);
	WRITE_ONCE(lock->locked_pending, EDU_Q_LOCKED);
	edu_lock_count(&lock->stat, LOCK_PENDING);
	return true;
}

/* Put our tail into the word. Returns the word as it was. */
static u32 swap_tail(struct edu_qspinlock *lock, u32 tail)
{
	int old = atomic_read(&lock->val);

	/*
	 * Release: pairs with the address dependency of the next comer, who
	 * writes into our node: it must be initialised.
	 */
	while (!atomic_try_cmpxchg_release(&lock->val, &old,
					   (old & ~EDU_Q_TAIL_MASK) | tail))
		;
	return old;
}

static void wait_queued(struct edu_qspinlock *lock)
{
	struct qnode *qnode = this_cpu_ptr(&qnodes);
	int context = qnode->used++;
	struct edu_mcs_node *node, *next = NULL;
	u32 tail, val;
	int expected;

	/*
	 * An interrupt that comes from here on takes the node behind ours:
	 * used must have been counted up before ours is touched.
	 */
	barrier();
	if (unlikely(context >= CONTEXTS)) {
		while (!try_lock(lock))
			cpu_relax();
		goto out;
	}
	node = &qnode->mcs[context];
	node->next = NULL;
	node->locked = 0;
	/* That took time: is it free by now? */
	if (try_lock(lock))
		goto out;
	edu_lock_count(&lock->stat, LOCK_QUEUED);
	tail = edu_qspin_tail(smp_processor_id(), context);
	val = swap_tail(lock, tail);
	if (val & EDU_Q_TAIL_MASK) {
		WRITE_ONCE(tail_node(val)->next, node);
		/* Pairs with smp_store_release() below, done by him. */
		smp_cond_load_acquire(&node->locked, VAL);
		next = READ_ONCE(node->next);
	}
	/*
	 * The head of the queue. Acquire: pairs with the release of the holder.
	 * Nobody takes the lock while there is a tail but the pending one, who
	 * is waited for, and us.
	 */
	val = atomic_cond_read_acquire(&lock->val,
				       !(VAL & (EDU_Q_LOCKED_MASK | EDU_Q_PENDING_MASK)));
	expected = val;
	if ((val & EDU_Q_TAIL_MASK) == tail &&
	    atomic_try_cmpxchg_relaxed(&lock->val, &expected, EDU_Q_LOCKED))
		goto out;	/* the last one: the queue is gone */
	/* Somebody is behind us. A pending bit may come and go beside this. */
	WRITE_ONCE(lock->locked, EDU_Q_LOCKED);
	if (!next)
		next = smp_cond_load_relaxed(&node->next, VAL);
	/* Pairs with the acquire of the one who spins there. */
	smp_store_release(&next->locked, 1);
out:
	qnode->used--;
}

/**
 * edu_qspin_lock - take the lock
 * @lock: which
 *
 * Any context, if the lock is always taken in that one; does not sleep.
 */
void edu_qspin_lock(struct edu_qspinlock *lock)
{
	int old = 0;

	preempt_disable();
	spin_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	/* Acquire: pairs with the release in edu_qspin_unlock(). */
	if (!atomic_try_cmpxchg_acquire(&lock->val, &old, EDU_Q_LOCKED)) {
		lock_contended(&lock->stat.dep_map, _RET_IP_);
		edu_lock_count(&lock->stat, LOCK_CONTENDED);
		trace_irqdemo_contention_begin(lock, LOCK_F_SPIN);
		if (!wait_pending(lock))
			wait_queued(lock);
		trace_irqdemo_contention_end(lock, 0);
	}
	lock_acquired(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_qspin_lock);

/**
 * edu_qspin_trylock - take the lock if it is free, and nobody waits
 * @lock: which
 *
 * Return: true if so.
 */
bool edu_qspin_trylock(struct edu_qspinlock *lock)
{
	preempt_disable();
	if (!try_lock(lock)) {
		preempt_enable();
		return false;
	}
	spin_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return true;
}
EXPORT_SYMBOL_GPL(edu_qspin_trylock);

/**
 * edu_qspin_unlock - let go
 * @lock: which; held
 */
void edu_qspin_unlock(struct edu_qspinlock *lock)
{
	spin_release(&lock->stat.dep_map, _RET_IP_);
	/* Release: pairs with every acquire above. One byte, no atomic. */
	smp_store_release(&lock->locked, 0);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(edu_qspin_unlock);
