/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wait/wound mutex of irqdemo: several locks of one class, taken in any
 * order by one transaction, without deadlock. lock/ww_mutex.c has the rules.
 */
#ifndef _EDU_WW_MUTEX_H
#define _EDU_WW_MUTEX_H

#include <edu/lock.h>

/**
 * struct edu_ww_class - locks that are taken together
 * @stamp: of the youngest transaction
 * @wait_die: the younger one dies (else the older one wounds)
 * @acquire_key: lockdep's, of the transactions
 * @mutex_key: lockdep's, of the locks
 * @name: for lockdep's reports
 */
struct edu_ww_class {
	atomic_long_t stamp;
	bool wait_die;
	struct lock_class_key acquire_key, mutex_key;
	const char *name;
};

#define DEFINE_EDU_WW_CLASS(_name) struct edu_ww_class _name = { .name = #_name }
#define DEFINE_EDU_WD_CLASS(_name) \
	struct edu_ww_class _name = { .name = #_name, .wait_die = true }

/**
 * struct edu_ww_ctx - a transaction
 * @stamp: its age: the smaller, the older
 * @acquired: how many locks it has
 * @wounded: an older one waits for a lock of ours: back off when you next
 *	would wait
 * @done: it takes no more
 * @class: whose locks
 * @dep_map: lockdep's: in it, locks of one class may be held together
 */
struct edu_ww_ctx {
	unsigned long stamp;
	unsigned int acquired;
	bool wounded;
	bool done;
	struct edu_ww_class *class;
	struct lockdep_map dep_map;
};

/**
 * struct edu_ww_mutex - one of the locks
 * @owner: the owner's task and EDU_MUTEX_WAITERS
 * @ctx: the owner's transaction, or NULL
 * @wait_lock: of @wait_list
 * @wait_list: who sleeps: transactions by age, the oldest first; those without
 *	one between them, in the order in which they came
 * @class: of which it is one
 * @stat: counters
 */
struct edu_ww_mutex {
	atomic_long_t owner;
	struct edu_ww_ctx *ctx;
	raw_spinlock_t wait_lock;
	struct list_head wait_list;
	struct edu_ww_class *class;
	struct edu_lock_stat stat;
};

void edu_ww_mutex_init(struct edu_ww_mutex *lock, struct edu_ww_class *class);
void edu_ww_acquire_init(struct edu_ww_ctx *ctx, struct edu_ww_class *class);
void edu_ww_acquire_done(struct edu_ww_ctx *ctx);
void edu_ww_acquire_fini(struct edu_ww_ctx *ctx);
int edu_ww_mutex_lock(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx);
int edu_ww_mutex_lock_interruptible(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx);
int edu_ww_mutex_trylock(struct edu_ww_mutex *lock, struct edu_ww_ctx *ctx);
void edu_ww_mutex_unlock(struct edu_ww_mutex *lock);

#endif /* _EDU_WW_MUTEX_H */
