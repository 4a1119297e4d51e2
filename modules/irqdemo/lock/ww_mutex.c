// SPDX-License-Identifier: GPL-2.0
/*
 * The wait/wound mutex: locks of one class that a transaction takes in any
 * order, and never for ever.
 *
 * Two that take A and B in opposite order wait for each other. Here each
 * transaction has a stamp, and of two that meet it is always the younger that
 * gives way: it is told -EDEADLK, lets go of all it has, waits for the lock it
 * was refused, and begins anew, with its old stamp. So it ages, and gets
 * through. The rules, the kernel book 10.5; the two orders are 6.12's:
 *  1. Who holds nothing may always wait: it is in nobody's way.
 *  2. Wait-die: an older one waits for a younger; a younger that would wait
 *     for an older, be it the holder or in the queue before it, dies.
 *  3. Wound-wait: a younger waits for an older; an older that must wait for a
 *     younger holder wounds it. The wounded one dies when it next would wait,
 *     or does wait, for another lock: not before, it may get by without.
 *  4. The queue is sorted by age; the lock is handed to its first. So the rules
 *     that held when somebody queued still hold when the holder changes.
 *  5. Without a transaction it is a mutex: wait, first come first served.
 *
 * States of (owner, ctx):
 *   0,-  ->  T,-  ->  T,c     taken without a queue: ctx is written second,
 *                             and who queued between the two is looked at again
 *   T|W,c  ->  N|W,d          handed to the first of the queue, N|0 to the last
 *
 * Differs from the kernel's: it hands over always, and neither spins on the
 * owner nor lets a newcomer steal.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/sched/signal.h>

#include "lock/trace.h"
#include "lock/ww_wait.h"

static struct task_struct *owner_task(struct edu_ww_mutex *lock)
{
	return (struct task_struct *)(atomic_long_read(&lock->owner) & ~EDU_MUTEX_FLAGS);
}

/* The stamps wrap: of two that live at the same time the distance counts. */
static bool younger(const struct edu_ww_ctx *a, const struct edu_ww_ctx *b)
{
	return (long)(a->stamp - b->stamp) > 0;
}

/* Rule 3: the holder, a younger one, shall back off for the sake of @ctx. */
static void wound_holder(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx)
{
	struct edu_ww_ctx *holder = READ_ONCE(lock->ctx);

	if (!holder || !ctx->acquired || !younger(holder, ctx))
		return;
	edu_lock_count(&lock->stat, LOCK_WOUNDED);
	/*
	 * Pairs with set_current_state() in sleep_for(): asleep for another
	 * lock it either sees this or is woken by us. It is alive and the
	 * holder until it gets our wait_lock.
	 */
	WRITE_ONCE(holder->wounded, true);
	wake_up_process(owner_task(lock));
}

/* Rule 2: he waits although somebody older has, or wants, the lock. */
static void let_die(struct edu_ww_waiter *waiter)
{
	waiter->die = true;
	wake_up_process(waiter->task);
}

/**
 * edu_ww_enqueue - a place in the queue, if there may be one
 * @lock: which; held by somebody, wait_lock held, EDU_MUTEX_WAITERS set
 * @waiter: task and ctx are set
 *
 * Who has to give way to @waiter is told so.
 *
 * Return: 0, or -EDEADLK: it is @waiter who has to, and is in no queue.
 */
int edu_ww_enqueue(struct edu_ww_mutex *lock, struct edu_ww_waiter *waiter)
{
	struct edu_ww_ctx *ctx = waiter->ctx, *holder = READ_ONCE(lock->ctx);
	struct list_head *before = &lock->wait_list;
	bool wait_die = lock->class->wait_die;
	struct edu_ww_waiter *other;

	if (!ctx) {
		list_add_tail(&waiter->list, before);
		return 0;
	}
	if (edu_ww_must_die(waiter))
		return -EDEADLK;
	if (wait_die && ctx->acquired && holder && younger(ctx, holder))
		return -EDEADLK;
	list_for_each_entry_reverse(other, &lock->wait_list, list) {
		if (!other->ctx)
			continue;
		if (younger(ctx, other->ctx)) {
			if (wait_die && ctx->acquired)
				return -EDEADLK;
			break;
		}
		before = &other->list;
		if (wait_die && other->ctx->acquired)
			let_die(other);
	}
	list_add_tail(&waiter->list, before);
	if (!wait_die)
		wound_holder(lock, ctx);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_ww_enqueue);

/**
 * edu_ww_must_die - was this one told to give way?
 * @waiter: who waits, or is about to
 *
 * Return: true if so.
 */
bool edu_ww_must_die(const struct edu_ww_waiter *waiter)
{
	const struct edu_ww_ctx *ctx = waiter->ctx;

	return waiter->die || (ctx && ctx->acquired && READ_ONCE(ctx->wounded));
}
EXPORT_SYMBOL_IF_KUNIT(edu_ww_must_die);

/**
 * edu_ww_recheck - the holder's transaction has become known
 * @lock: whose queue came while ctx was not written yet; wait_lock held
 */
void edu_ww_recheck(struct edu_ww_mutex *lock)
{
	struct edu_ww_waiter *waiter;

	list_for_each_entry(waiter, &lock->wait_list, list) {
		if (!waiter->ctx)
			continue;
		if (!lock->class->wait_die)
			wound_holder(lock, waiter->ctx);
		else if (waiter->ctx->acquired && younger(waiter->ctx, lock->ctx))
			let_die(waiter);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_ww_recheck);

/**
 * edu_ww_hand_over - let go, for the first of the queue if there is one
 * @lock: its ctx is cleared; wait_lock held
 *
 * Return: the new owner, to be woken, or NULL.
 */
struct task_struct *edu_ww_hand_over(struct edu_ww_mutex *lock)
{
	struct edu_ww_waiter *first;
	unsigned long owner;

	first = list_first_entry_or_null(&lock->wait_list, struct edu_ww_waiter, list);
	if (!first) {
		/* Release: pairs with the acquire in try_take(). */
		atomic_long_set_release(&lock->owner, 0);
		return NULL;
	}
	list_del_init(&first->list);
	first->granted = true;
	WRITE_ONCE(lock->ctx, first->ctx);
	owner = (unsigned long)first->task;
	if (!list_empty(&lock->wait_list))
		owner |= EDU_MUTEX_WAITERS;
	/* He takes wait_lock before he goes on: no barrier is needed. */
	atomic_long_set(&lock->owner, owner);
	edu_lock_count(&lock->stat, LOCK_HANDED);
	return first->task;
}
EXPORT_SYMBOL_IF_KUNIT(edu_ww_hand_over);

static __always_inline bool try_take(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx)
{
	long free = 0;

	/* Acquire: pairs with the releases of who lets go. */
	if (!atomic_long_try_cmpxchg_acquire(&lock->owner, &free, (long)current))
		return false;
	if (!ctx)
		return true;
	WRITE_ONCE(lock->ctx, ctx);
	/*
	 * ctx, and then the flag; take_or_sleep() does the flag, and then
	 * ctx. One of the two sees the other.
	 */
	smp_mb();
	if (unlikely(atomic_long_read(&lock->owner) & EDU_MUTEX_WAITERS)) {
		guard(raw_spinlock)(&lock->wait_lock);
		edu_ww_recheck(lock);
	}
	return true;
}

/* In the queue, under wait_lock, until it is ours or we have to give up. */
static int sleep_for(struct edu_ww_mutex *lock, struct edu_ww_waiter *waiter,
		     unsigned int state)
{
	int err = 0;

	for (;;) {
		/* A full barrier: pairs with wound_holder(). */
		set_current_state(state);
		if (waiter->granted)
			break;
		if (edu_ww_must_die(waiter))
			err = -EDEADLK;
		else if (signal_pending_state(state, current))
			err = -EINTR;
		if (err) {
			list_del(&waiter->list);
			break;
		}
		raw_spin_unlock(&lock->wait_lock);
		edu_lock_count(&lock->stat, LOCK_SLEPT);
		schedule();
		raw_spin_lock(&lock->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

static int take_or_sleep(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx,
			 unsigned int state)
{
	struct edu_ww_waiter waiter = { .task = current, .ctx = ctx };
	int err;

	guard(raw_spinlock)(&lock->wait_lock);
	/* A full barrier: the flag, and then ctx in edu_ww_enqueue(). */
	if (!(atomic_long_fetch_or(EDU_MUTEX_WAITERS, &lock->owner) & ~EDU_MUTEX_FLAGS)) {
		/* Let go meanwhile; had anybody queued, it were his. */
		WRITE_ONCE(lock->ctx, ctx);
		atomic_long_set(&lock->owner, (long)current);
		return 0;
	}
	err = edu_ww_enqueue(lock, &waiter) ?: sleep_for(lock, &waiter, state);
	if (err && list_empty(&lock->wait_list))
		atomic_long_andnot(EDU_MUTEX_WAITERS, &lock->owner);
	return err;
}

static noinline int lock_slow(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx,
			      unsigned int state)
{
	int err;

	lock_contended(&lock->stat.dep_map, _RET_IP_);
	edu_lock_count(&lock->stat, LOCK_CONTENDED);
	trace_irqdemo_contention_begin(lock, LOCK_F_MUTEX);
	err = take_or_sleep(lock, ctx, state);
	trace_irqdemo_contention_end(lock, err);
	if (err == -EDEADLK)
		edu_lock_count(&lock->stat, LOCK_BACKED_OFF);
	if (err)
		mutex_release(&lock->stat.dep_map, _RET_IP_);
	return err;
}

static __always_inline int lock_common(struct edu_ww_mutex *lock,
				       struct edu_ww_ctx *ctx, unsigned int state)
{
	int err;

	might_sleep();
	if (ctx) {
		if (WARN_ONCE(ctx->done || ctx->class != lock->class,
			      "irqdemo: a transaction is done, or the lock of another class\n"))
			return -EINVAL;
		if (READ_ONCE(lock->ctx) == ctx)
			return -EALREADY;
		/* Nobody can wound who holds nothing: this is an old wound. */
		if (!ctx->acquired)
			ctx->wounded = false;
		mutex_acquire_nest(&lock->stat.dep_map, 0, 0, &ctx->dep_map, _RET_IP_);
	} else {
		mutex_acquire(&lock->stat.dep_map, 0, 0, _RET_IP_);
	}
	if (!try_take(lock, ctx)) {
		err = lock_slow(lock, ctx, state);
		if (err)
			return err;
	}
	lock_acquired(&lock->stat.dep_map, _RET_IP_);
	if (ctx)
		ctx->acquired++;
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return 0;
}

/**
 * edu_ww_mutex_init - a lock of a class
 * @lock: which
 * @class: whose
 */
void edu_ww_mutex_init(struct edu_ww_mutex *lock, struct edu_ww_class *class)
{
	atomic_long_set(&lock->owner, 0);
	lock->ctx = NULL;
	raw_spin_lock_init(&lock->wait_lock);
	INIT_LIST_HEAD(&lock->wait_list);
	lock->class = class;
	edu_lock_stat_init(&lock->stat, class->name, &class->mutex_key);
}
EXPORT_SYMBOL_GPL(edu_ww_mutex_init);

/**
 * edu_ww_acquire_init - begin a transaction
 * @ctx: which, of the calling task until edu_ww_acquire_fini()
 * @class: whose locks it will take; they stay in memory until its end
 */
void edu_ww_acquire_init(struct edu_ww_ctx *ctx, struct edu_ww_class *class)
{
	ctx->stamp = atomic_long_inc_return_relaxed(&class->stamp);
	ctx->acquired = 0;
	ctx->wounded = false;
	ctx->done = false;
	ctx->class = class;
	lockdep_init_map(&ctx->dep_map, class->name, &class->acquire_key, 0);
	mutex_acquire(&ctx->dep_map, 0, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_ww_acquire_init);

/**
 * edu_ww_acquire_done - all locks are taken
 * @ctx: which; takes no more. May be left out
 */
void edu_ww_acquire_done(struct edu_ww_ctx *ctx)
{
	ctx->done = true;
}
EXPORT_SYMBOL_GPL(edu_ww_acquire_done);

/**
 * edu_ww_acquire_fini - end a transaction
 * @ctx: which; has let go of all its locks, else that is reported once
 */
void edu_ww_acquire_fini(struct edu_ww_ctx *ctx)
{
	WARN_ONCE(ctx->acquired, "irqdemo: a transaction ends with %u locks\n",
		  ctx->acquired);
	mutex_release(&ctx->dep_map, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_ww_acquire_fini);

/**
 * edu_ww_mutex_lock - take one of the locks, or sleep until it is free
 * @lock: which
 * @ctx: the transaction, or NULL: the lock is taken alone
 *
 * Process context. On -EDEADLK let go of all locks of @ctx, lock this one, and
 * take the others again. As the kernel's ww_mutex_lock().
 *
 * Return: 0; -EDEADLK; -EALREADY if @ctx has it already; -EINVAL, reported
 * once, if @ctx is done or of another class.
 */
int edu_ww_mutex_lock(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx)
{
	return lock_common(lock, ctx, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL_GPL(edu_ww_mutex_lock);

/**
 * edu_ww_mutex_lock_interruptible - the same, until a signal comes
 * @lock: which
 * @ctx: the transaction, or NULL
 *
 * Return: as edu_ww_mutex_lock(); -EINTR: it was not taken.
 */
int edu_ww_mutex_lock_interruptible(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx)
{
	return lock_common(lock, ctx, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL_GPL(edu_ww_mutex_lock_interruptible);

/**
 * edu_ww_mutex_trylock - take one of the locks if it is free
 * @lock: which
 * @ctx: the transaction, not done, or NULL
 *
 * Process context. Wounds nobody, and is never told to back off.
 *
 * Return: 1 if it was, else 0.
 */
int edu_ww_mutex_trylock(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx)
{
	if (!try_take(lock, ctx))
		return 0;
	if (ctx) {
		ctx->acquired++;
		mutex_acquire_nest(&lock->stat.dep_map, 0, 1, &ctx->dep_map, _RET_IP_);
	} else {
		mutex_acquire(&lock->stat.dep_map, 0, 1, _RET_IP_);
	}
	edu_lock_count_held(&lock->stat, LOCK_ACQUIRED);
	return 1;
}
EXPORT_SYMBOL_GPL(edu_ww_mutex_trylock);

/**
 * edu_ww_mutex_unlock - let go
 * @lock: which; the caller is its owner
 *
 * Process context. Somebody else's lock is left alone, and reported once.
 */
void edu_ww_mutex_unlock(struct edu_ww_mutex *lock)
{
	long me = (long)current;
	struct task_struct *next;

	if (WARN_ONCE(owner_task(lock) != current,
		      "irqdemo: a wait/wound mutex is unlocked by %s, who has not locked it\n",
		      current->comm))
		return;
	mutex_release(&lock->stat.dep_map, _RET_IP_);
	if (lock->ctx) {
		lock->ctx->acquired--;
		WRITE_ONCE(lock->ctx, NULL);
	}
	/* Release: pairs with the acquire in try_take(). */
	if (atomic_long_try_cmpxchg_release(&lock->owner, &me, 0))
		return;
	guard(raw_spinlock)(&lock->wait_lock);
	next = edu_ww_hand_over(lock);
	if (next)
		wake_up_process(next);
}
EXPORT_SYMBOL_GPL(edu_ww_mutex_unlock);
