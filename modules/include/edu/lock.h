/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The locks of irqdemo, rebuilt: each with the kernel's rules and edu_ before
 * its name. docs/locks.md draws their words.
 */
#ifndef _EDU_LOCK_H
#define _EDU_LOCK_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/* What every lock counts, for good and all. */
enum edu_lock_counter {
	LOCK_ACQUIRED,		/* taken, shared or not */
	LOCK_CONTENDED,		/* of them, not at the first try */
	LOCK_PENDING,		/* queued spinlock: waited as the pending one */
	LOCK_QUEUED,		/* went to the end of a queue */
	LOCK_SPUN,		/* sleeping locks: got it while spinning on the owner */
	LOCK_SLEPT,		/* sleeping locks: slept for it */
	LOCK_HANDED,		/* given by the one before, not taken */
	LOCK_RETRIES,		/* seqlock: reads that were made again */
	LOCK_BACKED_OFF,	/* wait/wound: refused with -EDEADLK */
	LOCK_WOUNDED,		/* wait/wound: an older one told the holder to back off */
	LOCK_COUNTERS
};

/**
 * struct edu_lock_stat - a lock's counters, and its place in lockdep
 * @count: enum edu_lock_counter
 * @dep_map: lockdep's
 */
struct edu_lock_stat {
	atomic_long_t count[LOCK_COUNTERS];
	struct lockdep_map dep_map;
};

static inline void edu_lock_stat_init(struct edu_lock_stat *stat, const char *name,
				      struct lock_class_key *key)
{
	memset(stat->count, 0, sizeof(stat->count));
	lockdep_init_map(&stat->dep_map, name, key, 0);
}

static inline void edu_lock_count(struct edu_lock_stat *stat,
				  enum edu_lock_counter what)
{
	atomic_long_inc(&stat->count[what]);
}

/* The same by the only one who has the lock: no atomic operation. */
static inline void edu_lock_count_held(struct edu_lock_stat *stat,
				       enum edu_lock_counter what)
{
	atomic_long_set(&stat->count[what], atomic_long_read(&stat->count[what]) + 1);
}

/**
 * struct edu_ticket - first come, first served, by numbers
 * @val: both halves, document A 7339
 * @owner: who is served
 * @next: the number that the next comer draws
 * @stat: counters
 */
struct edu_ticket {
	union {
		atomic_t val;
		struct {
#ifdef __LITTLE_ENDIAN
			u16 owner, next;
#else
			u16 next, owner;
#endif
		};
	};
	struct edu_lock_stat stat;
};

/**
 * struct edu_mcs_node - a place in the queue of an MCS lock
 * @next: who comes after, or NULL
 * @locked: set by the one before
 */
struct edu_mcs_node {
	struct edu_mcs_node *next;
	int locked;
};

/**
 * struct edu_mcs - each waiter spins on a word of its own
 * @tail: the last in the queue, or NULL: free
 * @stat: counters
 */
struct edu_mcs {
	struct edu_mcs_node *tail;
	struct edu_lock_stat stat;
};

/*
 * Document A 7352: bits 0-7 locked, bits 8-15 pending, bits 16-31 tail, which
 * is 4 times the CPU's number plus one, plus the context (task, softirq,
 * hardirq, NMI).
 */
#define EDU_Q_LOCKED		1U
#define EDU_Q_LOCKED_MASK	0xffU
#define EDU_Q_PENDING		0x100U
#define EDU_Q_PENDING_MASK	0xff00U
#define EDU_Q_TAIL_SHIFT	16
#define EDU_Q_TAIL_MASK		0xffff0000U

/**
 * struct edu_qspinlock - a spinlock of four bytes with a queue
 * @val: see above
 * @locked: its bits 0-7
 * @pending: its bits 8-15
 * @locked_pending: its bits 0-15
 * @tail: its bits 16-31
 * @reserved: nothing
 * @stat: counters
 */
struct edu_qspinlock {
	union {
		atomic_t val;
#ifdef __LITTLE_ENDIAN
		struct {
			u8 locked, pending;
		};
		struct {
			u16 locked_pending, tail;
		};
#else
		struct {
			u16 tail, locked_pending;
		};
		struct {
			u8 reserved[2], pending, locked;
		};
#endif
	};
	struct edu_lock_stat stat;
};

#define EDU_RW_WAITING		0x100U	/* a writer waits: no new readers */
#define EDU_RW_LOCKED		0xffU	/* a writer has it */
#define EDU_RW_WMASK		0x1ffU
#define EDU_RW_READER		0x200U	/* one reader; those above count them */

/**
 * struct edu_rwlock - many readers, or one writer
 * @cnts: readers << 9 | a writer waits << 8 | a writer has it
 * @wait: the queue of those who could not
 * @stat: counters
 */
struct edu_rwlock {
	atomic_t cnts;
	struct edu_ticket wait;
	struct edu_lock_stat stat;
};

/**
 * struct edu_seqlock - readers who never wait, and read again
 * @sequence: odd while a writer writes
 * @lock: the writers'
 * @stat: counters
 */
struct edu_seqlock {
	unsigned int sequence;
	struct edu_ticket lock;
	struct edu_lock_stat stat;
};

/**
 * struct edu_semaphore - so many at a time
 * @lock: of what follows
 * @count: how many may still come
 * @wait_list: who waits, first come first served
 * @stat: counters
 */
struct edu_semaphore {
	raw_spinlock_t lock;
	unsigned int count;
	struct list_head wait_list;
	struct edu_lock_stat stat;
};

#define EDU_MUTEX_WAITERS	1UL	/* the wait list is not empty */
#define EDU_MUTEX_HANDOFF	2UL	/* give it to the first waiter */
#define EDU_MUTEX_PICKUP	4UL	/* it was given to the owner named here */
#define EDU_MUTEX_FLAGS		7UL

/**
 * struct edu_mutex - a lock to sleep for
 * @owner: the owner's task and EDU_MUTEX_* in the low bits
 * @wait_lock: of @wait_list
 * @wait_list: who sleeps
 * @spinners: who spins on the owner: one at a time
 * @stat: counters
 */
struct edu_mutex {
	atomic_long_t owner;
	raw_spinlock_t wait_lock;
	struct list_head wait_list;
	struct edu_mcs spinners;
	struct edu_lock_stat stat;
};

#define EDU_RWSEM_WRITER	1L	/* a writer has it */
#define EDU_RWSEM_WAITERS	2L	/* the wait list is not empty */
#define EDU_RWSEM_READER	4L	/* one reader; those above count them */

/**
 * struct edu_rwsem - many readers or one writer, who sleep
 * @count: readers << 2 | waiters << 1 | writer
 * @wait_lock: of @wait_list
 * @wait_list: who sleeps, readers and writers in one queue
 * @stat: counters
 */
struct edu_rwsem {
	atomic_long_t count;
	raw_spinlock_t wait_lock;
	struct list_head wait_list;
	struct edu_lock_stat stat;
};

void edu_ticket_lock(struct edu_ticket *lock);
bool edu_ticket_trylock(struct edu_ticket *lock);
void edu_ticket_unlock(struct edu_ticket *lock);

void edu_mcs_lock(struct edu_mcs *lock, struct edu_mcs_node *node);
bool edu_mcs_trylock(struct edu_mcs *lock, struct edu_mcs_node *node);
void edu_mcs_unlock(struct edu_mcs *lock, struct edu_mcs_node *node);

void edu_qspin_lock(struct edu_qspinlock *lock);
bool edu_qspin_trylock(struct edu_qspinlock *lock);
void edu_qspin_unlock(struct edu_qspinlock *lock);
u32 edu_qspin_tail(int cpu, int context);
int edu_qspin_tail_cpu(u32 val);

void edu_read_lock(struct edu_rwlock *lock);
bool edu_read_trylock(struct edu_rwlock *lock);
void edu_read_unlock(struct edu_rwlock *lock);
void edu_write_lock(struct edu_rwlock *lock);
bool edu_write_trylock(struct edu_rwlock *lock);
void edu_write_unlock(struct edu_rwlock *lock);

unsigned int edu_read_seqbegin(struct edu_seqlock *lock);
bool edu_read_seqretry(struct edu_seqlock *lock, unsigned int start);
void edu_write_seqlock(struct edu_seqlock *lock);
void edu_write_sequnlock(struct edu_seqlock *lock);

void edu_down(struct edu_semaphore *sem);
int edu_down_interruptible(struct edu_semaphore *sem);
int edu_down_killable(struct edu_semaphore *sem);
int edu_down_timeout(struct edu_semaphore *sem, long timeout);
int edu_down_trylock(struct edu_semaphore *sem);
void edu_up(struct edu_semaphore *sem);

void edu_mutex_lock(struct edu_mutex *lock);
int edu_mutex_lock_interruptible(struct edu_mutex *lock);
int edu_mutex_lock_killable(struct edu_mutex *lock);
int edu_mutex_trylock(struct edu_mutex *lock);
void edu_mutex_unlock(struct edu_mutex *lock);

void edu_down_read(struct edu_rwsem *sem);
int edu_down_read_trylock(struct edu_rwsem *sem);
void edu_up_read(struct edu_rwsem *sem);
void edu_down_write(struct edu_rwsem *sem);
int edu_down_write_killable(struct edu_rwsem *sem);
int edu_down_write_trylock(struct edu_rwsem *sem);
void edu_up_write(struct edu_rwsem *sem);
void edu_downgrade_write(struct edu_rwsem *sem);

static inline void __edu_ticket_init(struct edu_ticket *lock, const char *name,
				     struct lock_class_key *key)
{
	atomic_set(&lock->val, 0);
	edu_lock_stat_init(&lock->stat, name, key);
}

static inline void __edu_mcs_init(struct edu_mcs *lock, const char *name,
				  struct lock_class_key *key)
{
	lock->tail = NULL;
	edu_lock_stat_init(&lock->stat, name, key);
}

static inline void __edu_qspin_init(struct edu_qspinlock *lock, const char *name,
				    struct lock_class_key *key)
{
	atomic_set(&lock->val, 0);
	edu_lock_stat_init(&lock->stat, name, key);
}

/* Those that have another lock inside have a second key for it. */
static inline void __edu_rwlock_init(struct edu_rwlock *lock, const char *name,
				     struct lock_class_key *key)
{
	atomic_set(&lock->cnts, 0);
	__edu_ticket_init(&lock->wait, "edu_rwlock's queue", key + 1);
	edu_lock_stat_init(&lock->stat, name, key);
}

static inline void __edu_seqlock_init(struct edu_seqlock *sl, const char *name,
				      struct lock_class_key *key)
{
	sl->sequence = 0;
	__edu_ticket_init(&sl->lock, "edu_seqlock's writers", key + 1);
	edu_lock_stat_init(&sl->stat, name, key);
}

static inline void __edu_mutex_init(struct edu_mutex *lock, const char *name,
				    struct lock_class_key *key)
{
	atomic_long_set(&lock->owner, 0);
	raw_spin_lock_init(&lock->wait_lock);
	INIT_LIST_HEAD(&lock->wait_list);
	__edu_mcs_init(&lock->spinners, "edu_mutex's spinner", key + 1);
	edu_lock_stat_init(&lock->stat, name, key);
}

static inline void __edu_rwsem_init(struct edu_rwsem *sem, const char *name,
				    struct lock_class_key *key)
{
	atomic_long_set(&sem->count, 0);
	raw_spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->wait_list);
	edu_lock_stat_init(&sem->stat, name, key);
}

static inline void __edu_sema_init(struct edu_semaphore *sem, unsigned int val,
				   const char *name, struct lock_class_key *key)
{
	raw_spin_lock_init(&sem->lock);
	sem->count = val;
	INIT_LIST_HEAD(&sem->wait_list);
	edu_lock_stat_init(&sem->stat, name, key);
}

/* lockdep takes all locks that are initialised at one place for one class. */
#define EDU_LOCK_INIT(make, ...)						\
do {									\
	static struct lock_class_key __key[2];				\
									\
	make(__VA_ARGS__, __key);					\
} while (0)

#define edu_ticket_init(lock, name)	EDU_LOCK_INIT(__edu_ticket_init, lock, name)
#define edu_mcs_init(lock, name)	EDU_LOCK_INIT(__edu_mcs_init, lock, name)
#define edu_qspin_init(lock, name)	EDU_LOCK_INIT(__edu_qspin_init, lock, name)
#define edu_rwlock_init(lock, name)	EDU_LOCK_INIT(__edu_rwlock_init, lock, name)
#define edu_seqlock_init(lock, name)	EDU_LOCK_INIT(__edu_seqlock_init, lock, name)
#define edu_mutex_init(lock, name)	EDU_LOCK_INIT(__edu_mutex_init, lock, name)
#define edu_rwsem_init(lock, name)	EDU_LOCK_INIT(__edu_rwsem_init, lock, name)
#define edu_sema_init(sem, val, name)	EDU_LOCK_INIT(__edu_sema_init, sem, val, name)

#endif /* _EDU_LOCK_H */
