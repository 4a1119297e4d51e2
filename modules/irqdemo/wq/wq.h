/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The workqueue's own structures: workers in pools, works in queues, and the
 * pool_workqueue that ties a queue to a pool.
 *
 *   edu_work -> edu_workqueue -> pwq -> pool -> worker (a kthread)
 *
 * Locks:
 *  1. wq_pool_mutex: the list of queues, the table of pools
 *  2. wq->mutex: a queue's pwqs, flushers and limits
 *  3. wq_attach_mutex: which workers belong to which pool, and where they run
 *  4. pool->lock (raw, irqs off): everything in the pool, its workers and its
 *     pwqs that has no other lock; inside of it the scheduler's locks
 *  5. wq_mayday_lock (raw): who called for a rescuer
 *
 * The letters at the members: L pool->lock, A wq_attach_mutex, W wq->mutex,
 * P wq_pool_mutex, M wq_mayday_lock, I set once, K written by the worker's own
 * task (or under L while that is asleep), read by its scheduler hooks.
 *
 * States of a worker (flags): PREP after its creation; IDLE on the idle list;
 * neither of them: it works, and is in busy_hash while a function runs; the
 * other flags say why it does not count as running:
 *
 *   create --> PREP|IDLE <--> PREP --> (works) --> PREP --> PREP|IDLE --> DIE
 *                                        |  ^
 *                            CPU_INTENSIVE  UNBOUND (CPU gone), REBOUND (back)
 */
#ifndef _IRQDEMO_WQ_H
#define _IRQDEMO_WQ_H

#include <linux/completion.h>
#include <linux/hashtable.h>
#include <linux/idr.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <edu/workqueue.h>

struct dentry;
struct seq_file;

/* Why a worker does not count in nr_running, and what it is. */
#define WORKER_DIE		BIT(1)	/* leave when you wake up */
#define WORKER_IDLE		BIT(2)
#define WORKER_PREP		BIT(3)	/* looks for work, or manages */
#define WORKER_CPU_INTENSIVE	BIT(6)	/* its work shall not hold others back */
#define WORKER_UNBOUND		BIT(7)	/* its pool has no CPU (any more) */
#define WORKER_REBOUND		BIT(8)	/* the CPU came back; until it is idle */
#define WORKER_NOT_RUNNING	(WORKER_PREP | WORKER_CPU_INTENSIVE | \
				 WORKER_UNBOUND | WORKER_REBOUND)

#define POOL_MANAGER_ACTIVE	BIT(0)	/* a worker makes workers */
#define POOL_DISASSOCIATED	BIT(2)	/* its CPU is offline, or it has none */

#define WQ_NAME_LEN		32
#define WQ_HASH_ORDER		6
#define WQ_STD_POOLS		2	/* of a CPU: nice 0 and nice -20 */

/* What a pool counts, under its lock. */
enum pool_counter {
	POOL_QUEUED,		/* works that came */
	POOL_DEFERRED,		/* of them, to inactive_works first */
	POOL_EXECUTED,		/* functions called */
	POOL_COLLISIONS,	/* handed to the worker that runs the same work */
	POOL_WAKES,		/* wake-ups of an idle worker */
	POOL_BLOCKED,		/* of them, because the last running one blocked */
	POOL_CREATED,		/* workers */
	POOL_CREATE_FAILED,
	POOL_REAPED,		/* idle workers that were too many */
	POOL_MAYDAYS,		/* calls for a rescuer */
	POOL_RESCUED,		/* works that a rescuer ran */
	POOL_STALLS,		/* looks of the watchdog that found it standing still */
	POOL_LEAKS,		/* functions that came back with another preempt_count */
	POOL_COUNTERS
};

struct edu_pool;
struct edu_pwq;
struct edu_worker;

/**
 * struct edu_pool_ops - what a pool needs of the world
 * @wake: let this worker run; under the pool's lock
 * @arm_reaper: call edu_pool_reap() at that time; if not to move, only if it
 *	would be called later than that; under the pool's lock
 * @release: the last reference to an unbound pwq is gone; under the pool's lock
 */
struct edu_pool_ops {
	void (*wake)(struct edu_worker *worker);
	void (*arm_reaper)(struct edu_pool *pool, unsigned long expires, bool move);
	void (*release)(struct edu_pwq *pwq);
};

/**
 * struct edu_wq_tunables - the times and ratios of the documents
 * @idle_timeout: a worker this long idle may be reaped, in jiffies (300 s)
 * @idle_ratio: so many busy workers for an idle one beyond two (4)
 * @mayday_initial: from the manager's start to the first mayday (10 ms)
 * @mayday_interval: from mayday to mayday (100 ms)
 * @create_cooldown: from a failed creation to the next attempt (1 s)
 * @watchdog: a pool that takes no work for so long is stalled (30 s)
 */
struct edu_wq_tunables {
	unsigned long idle_timeout;
	unsigned int idle_ratio;
	unsigned long mayday_initial;
	unsigned long mayday_interval;
	unsigned long create_cooldown;
	unsigned long watchdog;
};

/**
 * struct edu_pool - workers, and the works that wait for them
 * @lock: L
 * @cpu: I: whose, or -1
 * @node: I: where its workers' memory comes from
 * @id: I: in the table of pools
 * @flags: L: POOL_*
 * @watchdog_ts: L: when a work was last taken, or came to an empty list
 * @worklist: L: works, first come first served
 * @nr_workers: L: all, idle ones included
 * @nr_idle: L: those on @idle_list
 * @idle_list: L: the last to become idle is first
 * @busy_hash: L: workers by the work whose function they run
 * @idle_timer: reaps
 * @mayday_timer: calls rescuers while the manager fails
 * @kick: wakes a worker when the running one blocked
 * @manager: L: who makes workers just now
 * @workers: A: all, rescuers that help included
 * @detached: A: completed when the last worker has left
 * @worker_ida: numbers of workers
 * @attrs: I: what the workers are like
 * @hash_node: P: unbound pools by attributes
 * @refcnt: P: queues that use an unbound pool
 * @ops: I
 * @tune: I
 * @count: L
 * @rcu: a work's data may name a pool that goes
 * @nr_running: workers that are on their CPU or could be, and whose work is
 *	not marked as another's business; changed by the scheduler's hooks on
 *	the pool's CPU, read by all
 */
struct edu_pool {
	raw_spinlock_t lock;
	int cpu;
	int node;
	int id;
	unsigned int flags;
	unsigned long watchdog_ts;
	struct list_head worklist;
	int nr_workers;
	int nr_idle;
	struct list_head idle_list;
	DECLARE_HASHTABLE(busy_hash, WQ_HASH_ORDER);
	struct timer_list idle_timer;
	struct timer_list mayday_timer;
	struct irq_work kick;
	struct edu_worker *manager;
	struct list_head workers;
	struct completion *detached;
	struct ida worker_ida;
	struct edu_wq_attrs attrs;
	struct hlist_node hash_node;
	int refcnt;
	const struct edu_pool_ops *ops;
	const struct edu_wq_tunables *tune;
	u64 count[POOL_COUNTERS];
	struct rcu_head rcu;
	atomic_t nr_running ____cacheline_aligned_in_smp;
};

/**
 * struct edu_pwq - a workqueue's share of a pool
 * @pool: I
 * @wq: I
 * @work_color: L: what new works get
 * @flush_color: L: what is being flushed, or -1
 * @refcnt: L: one for being in use, one for each work
 * @nr_in_flight: L: works not yet done, by colour
 * @nr_active: L: works on the worklist or running
 * @nr_barriers: L: barriers not yet done: they count in nothing else
 * @max_active: L: as many at most
 * @inactive_works: L: the others, in order
 * @pwqs_node: W: in the queue's list
 * @mayday_node: M: in the queue's list of calls
 * @release_work: frees an unbound one
 * @rcu: a work's data may name a pwq that goes
 *
 * Aligned, for a work's data has flags in the low bits of its address.
 */
struct edu_pwq {
	struct edu_pool *pool;
	struct edu_workqueue *wq;
	int work_color;
	int flush_color;
	int refcnt;
	int nr_in_flight[EDU_WORK_NR_COLORS];
	int nr_active;
	int nr_barriers;
	int max_active;
	struct list_head inactive_works;
	struct list_head pwqs_node;
	struct list_head mayday_node;
	struct kthread_work release_work;
	struct rcu_head rcu;
} __aligned(1 << EDU_WORK_FLAG_BITS);

/**
 * struct edu_worker - a task that runs works
 * @entry: L: in idle_list while idle
 * @hentry: L: in busy_hash while busy
 * @current_work: L: whose function runs; only its address is of use
 * @current_func: L: that function
 * @current_pwq: L: and whose work it is
 * @current_color: L: and in which colour
 * @scheduled: L: works that this worker, and no other, runs next
 * @task: I: the thread
 * @pool: A, L: for which it works; a rescuer's changes
 * @node: A: in the pool's list
 * @last_active: L: when it became idle
 * @current_at: L: when the function was called, ns
 * @flags: L, K: WORKER_*
 * @id: I: its number in the pool
 * @sleeping: K: it blocked, and does not count as running
 * @rescue_wq: I: whose rescuer it is, or NULL
 * @notifier: tells when it blocks and comes back
 */
struct edu_worker {
	union {
		struct list_head entry;
		struct hlist_node hentry;
	};
	struct edu_work *current_work;
	edu_work_func_t current_func;
	struct edu_pwq *current_pwq;
	unsigned int current_color;
	struct list_head scheduled;
	struct task_struct *task;
	struct edu_pool *pool;
	struct list_head node;
	unsigned long last_active;
	u64 current_at;
	unsigned int flags;
	int id;
	bool sleeping;
	struct edu_workqueue *rescue_wq;
#ifdef CONFIG_PREEMPT_NOTIFIERS
	struct preempt_notifier notifier;
#endif
};

/**
 * struct edu_flusher - somebody who waits for a colour
 * @list: W: in flusher_queue or flusher_overflow
 * @flush_color: W: the colour
 * @done: completed when the colour is
 */
struct edu_flusher {
	struct list_head list;
	int flush_color;
	struct completion done;
};

/**
 * struct edu_workqueue - a queue, as its users see it
 * @pwqs: W, and RCU to read: all its pwqs
 * @list: P: all queues
 * @mutex: W
 * @work_color: W: of new works
 * @flush_color: W: that is flushed now
 * @nr_pwqs_to_flush: pwqs that still have works of it
 * @first_flusher: W: who waits for that colour, and advances it
 * @flusher_queue: W: who waits for later colours
 * @flusher_overflow: W: who waits for a colour to be free
 * @maydays: M: pwqs that need the rescuer
 * @rescuer: I: or NULL
 * @nr_drainers: W
 * @saved_max_active: W: the limit when not frozen
 * @flags: I, but DRAINING and ORDERED: W
 * @cpu_pwq: I: of a bound queue
 * @dfl_pwq: W, RCU: of an unbound one
 * @flushes: W: how often it was flushed
 * @overflows: W: of them, with no colour free
 * @key: lockdep's
 * @lockdep_map: held while a work runs, and taken by who waits for it
 * @name: for people
 */
struct edu_workqueue {
	struct list_head pwqs;
	struct list_head list;
	struct mutex mutex; /* the colours and the flushers below */
	int work_color;
	int flush_color;
	atomic_t nr_pwqs_to_flush;
	struct edu_flusher *first_flusher;
	struct list_head flusher_queue;
	struct list_head flusher_overflow;
	struct list_head maydays;
	struct edu_worker *rescuer;
	int nr_drainers;
	int saved_max_active;
	unsigned int flags;
	struct edu_pwq * __percpu *cpu_pwq;
	struct edu_pwq __rcu *dfl_pwq;
	u64 flushes;
	u64 overflows;
	struct lock_class_key key;
	struct lockdep_map lockdep_map;
	char name[WQ_NAME_LEN];
};

/* pool.c: pure */
void edu_pool_init(struct edu_pool *pool, const struct edu_pool_ops *ops,
		   const struct edu_wq_tunables *tune, unsigned long now);
bool edu_need_more_worker(struct edu_pool *pool);
bool edu_may_start_working(struct edu_pool *pool);
bool edu_keep_working(struct edu_pool *pool);
bool edu_need_to_create_worker(struct edu_pool *pool);
bool edu_too_many_workers(struct edu_pool *pool);
void edu_worker_init(struct edu_worker *worker);
void edu_worker_set_flags(struct edu_worker *worker, unsigned int flags);
void edu_worker_clr_flags(struct edu_worker *worker, unsigned int flags);
void edu_worker_enter_idle(struct edu_worker *worker, unsigned long now);
void edu_worker_leave_idle(struct edu_worker *worker);
bool edu_wake_up_worker(struct edu_pool *pool);
struct edu_worker *edu_find_worker(struct edu_pool *pool, struct edu_work *work);
void edu_worker_retire(struct edu_worker *worker);
unsigned int edu_pool_reap(struct edu_pool *pool, unsigned long now);
bool edu_worker_sleeping(struct edu_worker *worker);
void edu_worker_running(struct edu_worker *worker);
bool edu_pool_stalled(struct edu_pool *pool, unsigned long now);
void edu_pool_unbind(struct edu_pool *pool);
void edu_pool_rebind(struct edu_pool *pool);

/* pwq.c: pure */
void edu_pwq_init(struct edu_pwq *pwq, struct edu_workqueue *wq,
		  struct edu_pool *pool);
struct edu_pwq *edu_work_pwq(const struct edu_work *work);
unsigned int edu_work_pool_id(const struct edu_work *work);
unsigned int edu_work_color(const struct edu_work *work);
void edu_work_set_pool(struct edu_work *work, unsigned int id, unsigned long flags);
void edu_work_clear_pending(struct edu_work *work, unsigned int id);
void edu_pwq_get(struct edu_pwq *pwq);
void edu_pwq_put(struct edu_pwq *pwq);
void edu_move_linked(struct edu_work *work, struct list_head *to,
		     struct edu_work **next);
void edu_pwq_insert(struct edu_pwq *pwq, struct edu_work *work,
		    struct list_head *head, unsigned long flags);
void edu_pwq_queue(struct edu_pwq *pwq, struct edu_work *work, int req_cpu,
		   unsigned long now);
void edu_pwq_activate_first(struct edu_pwq *pwq, unsigned long now);
void edu_pwq_set_max_active(struct edu_pwq *pwq, int max_active, unsigned long now);
void edu_pwq_done(struct edu_pwq *pwq, unsigned int color, unsigned long now);
bool edu_pwq_steal(struct edu_pwq *pwq, struct edu_work *work, unsigned long now);
void edu_pwq_barrier(struct edu_pwq *pwq, struct edu_work *barrier,
		     struct edu_work *target, struct edu_worker *worker);

/* step.c: pure */
enum edu_step {
	STEP_EXECUTE,		/* call worker->current_func, then edu_worker_finish() */
	STEP_MANAGE,		/* make workers, then edu_manager_done() */
	STEP_SLEEP,		/* until woken */
	STEP_DIE,		/* the worker is nobody's any more */
};

enum edu_step edu_worker_step(struct edu_worker *worker, unsigned long now);
bool edu_worker_begin(struct edu_worker *worker, struct edu_work *work);
bool edu_worker_next_scheduled(struct edu_worker *worker);
void edu_worker_finish(struct edu_worker *worker, unsigned long now);
void edu_manager_done(struct edu_pool *pool);
unsigned int edu_rescuer_slurp(struct edu_worker *rescuer, struct edu_pwq *pwq,
			       unsigned long now);

/* color.c: pure */
int edu_next_color(int color);
bool edu_flush_start(struct edu_workqueue *wq, struct edu_flusher *flusher);
void edu_flush_cascade(struct edu_workqueue *wq, struct edu_flusher *first);
bool edu_wq_drained(struct edu_workqueue *wq);

/* worker.c */
extern const struct edu_pool_ops edu_pool_ops;
extern struct edu_wq_tunables edu_wq_tunables;
extern struct mutex wq_attach_mutex;	/* which worker is in which pool */
struct edu_worker *edu_worker_alloc(int node);
bool edu_create_worker(struct edu_pool *pool);
void edu_worker_attach(struct edu_worker *worker, struct edu_pool *pool);
void edu_worker_detach(struct edu_worker *worker);
void edu_worker_execute(struct edu_worker *worker);
struct edu_worker *edu_current_worker(void);
void edu_pool_edge_init(struct edu_pool *pool);
void edu_pool_stop(struct edu_pool *pool);
void edu_workers_wait(void);
void edu_worker_affinity(struct edu_worker *worker);
u64 edu_worker_hook_ns(unsigned int rounds);

/* watchdog.c */
void edu_watchdog_arm(void);
void edu_watchdog_changed(void);
void edu_watchdog_stop(void);

/* rescuer.c */
extern raw_spinlock_t wq_mayday_lock;
void edu_mayday_timer(struct timer_list *timer);
int edu_rescuer_start(struct edu_workqueue *wq);
void edu_rescuer_stop(struct edu_workqueue *wq);
int edu_rescuer_thread(void *data);

/* alloc.c */
extern struct mutex wq_pool_mutex;	/* the queues, the table of pools */
extern struct list_head edu_workqueues;
extern struct edu_pool __percpu *edu_cpu_pools;
struct edu_pool *edu_pool_by_id(unsigned int id);
struct edu_pool *edu_work_pool(const struct edu_work *work);
int edu_pool_register(struct edu_pool *pool);
void edu_pool_unregister(struct edu_pool *pool);
void edu_walk_pools(void (*fn)(struct edu_pool *pool, void *data), void *data);
void edu_walk_pools_rcu(void (*fn)(struct edu_pool *pool, void *data), void *data);
void edu_pwq_release(struct edu_pwq *pwq);
void edu_wq_adjust_max_active(struct edu_workqueue *wq, bool frozen);

/* unbound.c */
struct edu_pool *edu_unbound_pool_get(const struct edu_wq_attrs *attrs);
void edu_unbound_pool_put(struct edu_pool *pool);

/* hotplug.c */
extern bool edu_wq_frozen;
int edu_hotplug_init(void);
void edu_hotplug_exit(void);
void edu_wq_freeze(bool freeze);
bool edu_wq_frozen_busy(void);

/* queue.c */
void edu_queue(int cpu, struct edu_workqueue *wq, struct edu_work *work);
void edu_queue_delayed(int cpu, struct edu_workqueue *wq,
		       struct edu_delayed_work *dwork, unsigned long delay);

/* flush.c */
bool edu_wait_for_work(struct edu_work *work, bool cancel);

/* alloc.c, for init.c */
int edu_alloc_init(void);
void edu_alloc_exit(void);

/* show.c, bench.c */
extern const struct file_operations wq_show_fops, bench_wq_fops;

/* init.c: without the notifiers nobody says when a worker blocks. */
#ifdef CONFIG_PREEMPT_NOTIFIERS
int irqdemo_wq_init(struct dentry *root);
void irqdemo_wq_exit(void);
#else
static inline int irqdemo_wq_init(struct dentry *root) { return 0; }
static inline void irqdemo_wq_exit(void) { }
#endif

#endif /* _IRQDEMO_WQ_H */
