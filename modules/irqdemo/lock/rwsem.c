// SPDX-License-Identifier: GPL-2.0
/*
 * The reader-writer semaphore: many readers or one writer, who may sleep.
 *
 * The rules, the kernel book 10.7:
 *  1. A reader comes in while no writer has it and nobody waits; a writer,
 *     when nobody at all is there.
 *  2. All others queue, readers and writers in the order in which they came.
 *  3. Who leaves last gives it to the first of the queue: to one writer, or to
 *     that reader and all readers up to the next writer.
 *  4. What is given is counted before its new owner wakes: nobody overtakes.
 *
 * Differs from the kernel's: that lets writers spin and steal, and hands over
 * only to who waited for 4 ms; ours hands over always.
 */
#include <linux/export.h>
#include <linux/sched/signal.h>

#include <edu/lock.h>

#include "lock/trace.h"

struct rwsem_waiter_edu {
	struct list_head list;
	struct task_struct *task;	/* NULL: it has been given */
	bool writer;
};

static bool try_read(struct edu_rwsem *sem)
{
	long count = atomic_long_read(&sem->count);

	do {
		if (count & (EDU_RWSEM_WRITER | EDU_RWSEM_WAITERS))
			return false;
		/* Acquire: pairs with the release of the writer who left. */
	} while (!atomic_long_try_cmpxchg_acquire(&sem->count, &count,
						  count + EDU_RWSEM_READER));
	return true;
}

static bool try_write(struct edu_rwsem *sem)
{
	long free = 0;

	return atomic_long_try_cmpxchg_acquire(&sem->count, &free, EDU_RWSEM_WRITER);
}

static void give(struct edu_rwsem *sem, struct rwsem_waiter_edu *waiter, long what)
{
	struct task_struct *task = waiter->task;

	/*
	 * Acquire on behalf of him: pairs with the release of who left. What we
	 * saw he sees, for he reads task under wait_lock.
	 */
	atomic_long_add_return_acquire(what, &sem->count);
	edu_lock_count(&sem->stat, LOCK_HANDED);
	list_del_init(&waiter->list);
	waiter->task = NULL;
	/* He needs wait_lock to leave: the waiter, on his stack, is there. */
	wake_up_process(task);
}

/*
 * Under wait_lock: let in who can come in. WAITERS is set, so that nobody else
 * comes in meanwhile; those who are in may leave, and then ask for wait_lock.
 */
static void grant(struct edu_rwsem *sem)
{
	struct rwsem_waiter_edu *waiter, *next;

	list_for_each_entry_safe(waiter, next, &sem->wait_list, list) {
		long count = atomic_long_read(&sem->count);

		if (count & EDU_RWSEM_WRITER)
			break;
		if (waiter->writer) {
			if (count < EDU_RWSEM_READER)
				give(sem, waiter, EDU_RWSEM_WRITER);
			break;
		}
		give(sem, waiter, EDU_RWSEM_READER);
	}
	if (list_empty(&sem->wait_list))
		atomic_long_andnot(EDU_RWSEM_WAITERS, &sem->count);
}

static int wait(struct edu_rwsem *sem, bool writer, unsigned int state)
{
	struct rwsem_waiter_edu waiter = { .task = current, .writer = writer };
	int err = 0;

	edu_lock_count(&sem->stat, LOCK_CONTENDED);
	edu_lock_count(&sem->stat, LOCK_SLEPT);
	trace_irqdemo_contention_begin(sem, writer ? LOCK_F_WRITE : LOCK_F_READ);
	raw_spin_lock(&sem->wait_lock);
	list_add_tail(&waiter.list, &sem->wait_list);
	/*
	 * The flag, and then the look: who leaves does it the other way round,
	 * with full barriers in both. One of us sees the other.
	 */
	atomic_long_or(EDU_RWSEM_WAITERS, &sem->count);
	smp_mb__after_atomic(); /* pairs with the barrier of who leaves */
	grant(sem);
	while (waiter.task) {
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			list_del(&waiter.list);
			/* We may have been in the way of those behind us. */
			grant(sem);
			break;
		}
		__set_current_state(state);
		raw_spin_unlock(&sem->wait_lock);
		schedule();
		raw_spin_lock(&sem->wait_lock);
	}
	raw_spin_unlock(&sem->wait_lock);
	trace_irqdemo_contention_end(sem, err);
	return err;
}

/* The last one out. @count is what is left. */
static void leave(struct edu_rwsem *sem, long count)
{
	if (!(count & EDU_RWSEM_WAITERS) || count >= EDU_RWSEM_READER)
		return;
	raw_spin_lock(&sem->wait_lock);
	grant(sem);
	raw_spin_unlock(&sem->wait_lock);
}

/**
 * edu_down_read - come in as a reader, or sleep
 * @sem: which
 *
 * Process context.
 */
void edu_down_read(struct edu_rwsem *sem)
{
	might_sleep();
	rwsem_acquire_read(&sem->stat.dep_map, 0, 0, _RET_IP_);
	if (!try_read(sem))
		wait(sem, false, TASK_UNINTERRUPTIBLE);
	edu_lock_count(&sem->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_down_read);

/**
 * edu_down_read_trylock - come in as a reader if that is possible now
 * @sem: which
 *
 * Return: 1 if so, else 0.
 */
int edu_down_read_trylock(struct edu_rwsem *sem)
{
	if (!try_read(sem))
		return 0;
	rwsem_acquire_read(&sem->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count(&sem->stat, LOCK_ACQUIRED);
	return 1;
}
EXPORT_SYMBOL_GPL(edu_down_read_trylock);

/**
 * edu_up_read - leave
 * @sem: which
 */
void edu_up_read(struct edu_rwsem *sem)
{
	rwsem_release(&sem->stat.dep_map, _RET_IP_);
	leave(sem, atomic_long_sub_return(EDU_RWSEM_READER, &sem->count));
}
EXPORT_SYMBOL_GPL(edu_up_read);

/**
 * edu_down_write - come in alone, or sleep
 * @sem: which
 *
 * Process context.
 */
void edu_down_write(struct edu_rwsem *sem)
{
	might_sleep();
	rwsem_acquire(&sem->stat.dep_map, 0, 0, _RET_IP_);
	if (!try_write(sem))
		wait(sem, true, TASK_UNINTERRUPTIBLE);
	edu_lock_count_held(&sem->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_down_write);

/**
 * edu_down_write_killable - the same, until a deadly signal comes
 * @sem: which
 *
 * Return: 0, or -EINTR: the caller is not in.
 */
int edu_down_write_killable(struct edu_rwsem *sem)
{
	might_sleep();
	rwsem_acquire(&sem->stat.dep_map, 0, 0, _RET_IP_);
	if (!try_write(sem) && wait(sem, true, TASK_KILLABLE)) {
		rwsem_release(&sem->stat.dep_map, _RET_IP_);
		return -EINTR;
	}
	edu_lock_count_held(&sem->stat, LOCK_ACQUIRED);
	return 0;
}
EXPORT_SYMBOL_GPL(edu_down_write_killable);

/**
 * edu_down_write_trylock - come in alone if nobody is there
 * @sem: which
 *
 * Return: 1 if so, else 0.
 */
int edu_down_write_trylock(struct edu_rwsem *sem)
{
	if (!try_write(sem))
		return 0;
	rwsem_acquire(&sem->stat.dep_map, 0, 1, _RET_IP_);
	edu_lock_count_held(&sem->stat, LOCK_ACQUIRED);
	return 1;
}
EXPORT_SYMBOL_GPL(edu_down_write_trylock);

/**
 * edu_up_write - leave
 * @sem: which
 */
void edu_up_write(struct edu_rwsem *sem)
{
	rwsem_release(&sem->stat.dep_map, _RET_IP_);
	leave(sem, atomic_long_sub_return(EDU_RWSEM_WRITER, &sem->count));
}
EXPORT_SYMBOL_GPL(edu_up_write);

/**
 * edu_downgrade_write - stay, as a reader
 * @sem: which; held by the caller as a writer
 *
 * Readers who wait at the head of the queue come in.
 */
void edu_downgrade_write(struct edu_rwsem *sem)
{
	long count;

	lock_downgrade(&sem->stat.dep_map, _RET_IP_);
	count = atomic_long_add_return(EDU_RWSEM_READER - EDU_RWSEM_WRITER, &sem->count);
	if (!(count & EDU_RWSEM_WAITERS))
		return;
	raw_spin_lock(&sem->wait_lock);
	grant(sem);
	raw_spin_unlock(&sem->wait_lock);
}
EXPORT_SYMBOL_GPL(edu_downgrade_write);
