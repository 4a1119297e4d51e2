/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scheduling class is, and the queues that the classes share.
 *
 * Follows document B 2 (structures, operations, class order) and the kernel
 * book 4.2 to 4.4. Everything here is plain C over these structures: the clock
 * is a number that the caller writes into the run queue, a processor is an
 * index, so that KUnit drives the same code as the sched_ext glue.
 */
#ifndef _SCHED_EDU_CLASS_H
#define _SCHED_EDU_CLASS_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "cpupri.h"
#include "features.h"

#define EDU_NICE_0_WEIGHT	1024UL
#define EDU_IDLE_WEIGHT		3UL
#define EDU_NAME_LEN		16

/* The numbers are those of the system call interface. */
enum edu_policy {
	EDU_NORMAL = 0,
	EDU_FIFO = 1,
	EDU_RR = 2,
	EDU_BATCH = 3,
	EDU_IDLE = 5,
	EDU_DEADLINE = 6,
	EDU_STOP = 7,		/* ours: above everything else */
};

/* Why a task is enqueued or dequeued. */
#define EDU_WAKEUP	BIT(0)	/* it slept until now */
#define EDU_SLEEP	BIT(1)	/* it sleeps from now on */
#define EDU_NEW		BIT(2)	/* it was just forked */

/* Why the running task has to go, or a task was picked. */
enum edu_reason {
	EDU_WHY_NONE,
	EDU_WHY_CLASS,		/* a higher class has a task */
	EDU_WHY_WAKEUP,		/* wakee's vruntime is behind by its granularity */
	EDU_WHY_SLICE,		/* the slice is used up */
	EDU_WHY_LAG,		/* too far ahead of the leftmost */
	EDU_WHY_PRIO,		/* rt: higher priority */
	EDU_WHY_RR,		/* rt: round robin quantum used up */
	EDU_WHY_DEADLINE,	/* dl: earlier deadline */
	EDU_WHY_THROTTLE,	/* run time used up */
	EDU_WHY_CHILD,		/* child runs first */
	EDU_WHY_LEFTMOST,	/* smallest vruntime */
	EDU_WHY_BUDDY,		/* next or last buddy */
	EDU_WHY_YIELD,		/* it asked for it */
	EDU_WHY_DUE,		/* EEVDF: earliest deadline of those that are owed time */
	EDU_WHY_RESCUE,		/* waited longer than stall_limit */
};

/* Always-on counters, one set for each run queue. */
enum edu_stat {
	EDU_ST_ENQUEUE,		/* tasks that became runnable */
	EDU_ST_DEQUEUE,		/* tasks that stopped being runnable */
	EDU_ST_PICK,		/* choices made */
	EDU_ST_SWITCH,		/* choices of another task than before */
	EDU_ST_FAST,		/* picks by the fast path: only fair tasks */
	EDU_ST_RETRY,		/* picks repeated, a higher class came */
	EDU_ST_PREEMPT_WAKEUP,	/* preemptions decided at a wakeup */
	EDU_ST_PREEMPT_TICK,	/* preemptions decided by tick or timer */
	EDU_ST_BUDDY,		/* a buddy was taken before the leftmost */
	EDU_ST_RT_THROTTLE,	/* real-time queue throttled */
	EDU_ST_DL_THROTTLE,	/* deadline task throttled */
	EDU_ST_MIGRATE,		/* tasks pulled to this queue */
	EDU_ST_BALANCE,		/* periodic balances tried */
	EDU_ST_NEWIDLE,		/* newly idle balances tried */
	EDU_ST_PINNED,		/* tasks that balance could not move */
	EDU_ST_FIXUP,		/* times the kernel ran another task than picked */
	EDU_ST_CANCEL,		/* dispatches cancelled, the task had changed */
	EDU_ST_BW_THROTTLE,	/* groups whose quota was used up here */
	EDU_ST_RESCUE,		/* picks of a task that had waited too long */
	EDU_ST_RT_PUSH,		/* real-time tasks pushed to this queue */
	EDU_ST_RT_PULL,		/* real-time tasks pulled to it */
	EDU_ST_IDLE_PUSH,	/* fair tasks pushed to it, for it was idle */
	EDU_NR_STATS
};

struct edu_rq;
struct edu_task;
struct edu_cfs_rq;
struct edu_sched;
struct edu_group;

/**
 * struct edu_entity - what the fair class schedules: a task or a group
 * @weight: load, from nice or from the group's shares
 * @node: place in the tree of @cfs_rq, when neither blocked nor running
 * @on_rq: counted in @cfs_rq
 * @exec_start: clock at which the time not yet charged begins, ns
 * @sum_exec: run time so far, ns
 * @prev_sum_exec: @sum_exec when it was last picked, ns
 * @vruntime: weighted run time, ns of a nice 0 task
 * @deadline: EEVDF: vruntime at which its slice should be done
 * @min_deadline: EEVDF: earliest of its part of the tree
 * @vlag: EEVDF: how far behind the average it was when it left its queue
 * @cfs_rq: the queue it belongs to
 * @parent: the entity of the group whose queue that is; NULL at the root
 * @my_q: of a group: the queue that it stands for
 * @depth: levels above it
 */
struct edu_entity {
	unsigned long weight;
	struct rb_node node;
	bool on_rq;
	u64 exec_start;
	u64 sum_exec;
	u64 prev_sum_exec;
	u64 vruntime;
	u64 deadline, min_deadline;
	s64 vlag;
	struct edu_cfs_rq *cfs_rq;
	struct edu_entity *parent;
	struct edu_cfs_rq *my_q;
	int depth;
};

/**
 * struct edu_cfs_rq - a fair queue: a processor's, or a group's on a processor
 * @load: sum of the weights of all entities on it, running one included
 * @nr_running: how many that are
 * @h_nr_running: tasks on it and on the queues below, but for throttled ones
 * @min_vruntime: never decreases; newcomers are placed by it
 * @timeline: entities by vruntime, the running one not among them
 * @curr: the running entity
 * @next: buddy that was just woken, preferred if that is not unfair
 * @last: buddy that was just preempted by a wakeup
 * @skip: buddy that yielded
 * @avg_vruntime: sum of (vruntime - min_vruntime) * weight over @timeline
 * @avg_load: sum of the weights in @timeline
 * @rq: the run queue it is part of
 * @group: whose it is; NULL for a processor's own
 * @contributed: part of the group's load that is from here
 * @limited: the group has a quota
 * @throttled: the quota is used up; the group's entity is on no queue
 * @runtime_remaining: run time taken from the group's pool and not used, ns
 * @throttled_at: clock, ns
 * @throttled_node: in the list of @rq
 */
struct edu_cfs_rq {
	unsigned long load;
	unsigned int nr_running;
	u64 min_vruntime;
	struct rb_root_cached timeline;
	struct edu_entity *curr, *next, *last, *skip;
	s64 avg_vruntime;
	unsigned long avg_load;
	unsigned int h_nr_running;
	struct edu_rq *rq;
	struct edu_group *group;
	unsigned long contributed;
	bool limited, throttled;
	s64 runtime_remaining;
	u64 throttled_at;
	struct list_head throttled_node;
};

/**
 * struct edu_bandwidth - how much processor time a group may use
 * @lock: protects what follows; inside of a rq's lock
 * @quota: in each @period, ns; 0 is without limit
 * @period: ns
 * @burst: what may be saved up beyond @quota, ns
 * @runtime: what is left in the pool, ns
 * @started: somebody has run, so there is a
 * @period_start: clock at which the period began, ns
 * @snapshot: @runtime at that time
 * @throttled: queues that wait for run time
 * @nr_periods: periods that began while there was a quota
 * @nr_throttled: those in which somebody had to wait
 * @throttled_time: how long, summed over processors, ns
 * @nr_burst: periods in which more than @quota was used
 * @burst_time: how much more, ns
 */
struct edu_bandwidth {
	raw_spinlock_t lock;
	u64 quota, period, burst;
	u64 runtime, period_start, snapshot;
	bool started;
	unsigned int throttled;
	u64 nr_periods, nr_throttled, throttled_time, nr_burst, burst_time;
};

/**
 * struct edu_group_cpu - a group on one processor
 * @se: stands for it on its parent's queue
 * @cfs_rq: its own queue
 */
struct edu_group_cpu {
	struct edu_entity se;
	struct edu_cfs_rq cfs_rq;
};

/**
 * struct edu_group - tasks that share the weight of one
 * @sched: the machine
 * @parent: NULL below the root
 * @shares: weight, 1024 as a nice 0 task; of all processors together
 * @idle: counts as a SCHED_IDLE task
 * @load: sum of the loads of its queues
 * @bw: its quota
 * @nr_tasks: tasks that point here
 * @id: the kernel's number of it
 * @path: its name
 * @cpu: by processor
 */
struct edu_group {
	struct edu_sched *sched;
	struct edu_group *parent;
	unsigned long shares;
	bool idle;
	atomic_long_t load;
	struct edu_bandwidth bw;
	atomic_t nr_tasks;
	u64 id;
	char path[64];
	struct hlist_node hash;
	struct rcu_head rcu;
	struct edu_group_cpu cpu[];
};

/**
 * struct edu_rt_rq - real-time lists by priority, lower index first
 * @bitmap: which lists have tasks
 * @queue: the lists; a running task stays in its own
 * @nr_running: tasks in all lists
 * @rt_time: run time used in this period, ns
 * @period_start: clock at which the period began, ns
 * @throttled: used up, no task is picked until the period ends
 */
struct edu_rt_rq {
	DECLARE_BITMAP(bitmap, EDU_RT_QUEUES);
	struct list_head queue[EDU_RT_QUEUES];
	unsigned int nr_running;
	u64 rt_time;
	u64 period_start;
	bool throttled;
};

/**
 * struct edu_dl_rq - deadline tasks, earliest deadline leftmost
 * @root: runnable tasks, the running one included
 * @throttled: tasks that wait for their next period
 * @nr_running: tasks in @root
 */
struct edu_dl_rq {
	struct rb_root_cached root;
	struct list_head throttled;
	unsigned int nr_running;
};

/**
 * struct edu_rq - one processor's run queue
 * @lock: protects all that follows
 * @deferred: sched_ext moves the tasks: only those in our custody may be taken, and who
 *            is picked may be charged only from edu_curr_starts() on
 * @charging: the current task's time runs
 * @online: takes tasks
 * @idle: the processor itself said that it has nothing to run
 * @active: only the current task could go to an idle processor, and shall
 * @overloaded: a real-time task waits here
 * @pri: its level in the machine's cpupri
 * @clock: ns, written by the caller before each operation
 * @resched: the current task has to go, for @why
 * @kicked: the processor was told so
 * @pick_seq: the picked task's seq, when it was picked
 * @timer_at: clock at which the timer fires; it is not armed if that is over
 * @left: stopped runnable, and has neither come to us nor run since; only looked at
 *        under the kernel's own lock of this processor's queue
 * @next_balance: clock of the next periodic balance, ns
 * @balance_interval: its interval, ns; doubles while there is nothing to move
 * @waiting: fair tasks that do not run, the one that waits longest first
 * @throttled: queues of groups whose quota is used up
 * @idle_stamp: clock at which the queue ran empty, ns
 * @avg_idle: how long it stays so, running average, ns
 */
struct edu_rq {
	raw_spinlock_t lock;
	int cpu;
	bool deferred, charging, online, idle, active, overloaded;
	int pri;
	u64 clock;
	unsigned int nr_running;
	struct edu_cfs_rq cfs;
	struct edu_rt_rq rt;
	struct edu_dl_rq dl;
	struct list_head stop;
	struct list_head waiting, throttled;
	struct edu_task *curr;
	bool resched, kicked;
	const struct edu_task *left;
	u32 pick_seq;
	u64 timer_at;
	enum edu_reason why;
	u64 next_balance, balance_interval;
	u64 idle_stamp, avg_idle;
	u64 stats[EDU_NR_STATS];
	struct edu_sched *sched;
} ____cacheline_aligned_in_smp;

/**
 * struct edu_sched_class - the operations of a class, all under the rq's lock
 * @name: for tracepoints and people
 * @enqueue_task: @t becomes runnable
 * @dequeue_task: @t is not runnable any more
 * @yield_task: the current task lets others go first
 * @yield_to_task: the current task wants @t to go first; false if it cannot
 * @check_preempt: @t of the same class became runnable: should it run at once?
 * @pick_next: the best task, not yet current; NULL or EDU_RETRY_TASK
 * @put_prev: @t stops being current, and stays runnable
 * @set_next: @t becomes current
 * @task_tick: a tick, or the timer at the slice's end (@queued)
 * @task_fork: place @t, forked by the current task
 * @task_dead: @t is gone
 * @switched_from: @t leaves this class, is on no queue
 * @switched_to: @t comes to this class, is on no queue
 * @prio_changed: nice level of @t changed, or policy within the class
 * @get_rr_interval: length of the slice of @t, ns; 0 if there is none
 * @update_curr: charge the current task until now
 */
struct edu_sched_class {
	const char *name;
	void (*enqueue_task)(struct edu_rq *rq, struct edu_task *t, int flags);
	void (*dequeue_task)(struct edu_rq *rq, struct edu_task *t, int flags);
	void (*yield_task)(struct edu_rq *rq);
	bool (*yield_to_task)(struct edu_rq *rq, struct edu_task *t);
	void (*check_preempt)(struct edu_rq *rq, struct edu_task *t, int flags);
	struct edu_task *(*pick_next)(struct edu_rq *rq);
	void (*put_prev)(struct edu_rq *rq, struct edu_task *t);
	void (*set_next)(struct edu_rq *rq, struct edu_task *t);
	void (*task_tick)(struct edu_rq *rq, struct edu_task *t, bool queued);
	void (*task_fork)(struct edu_rq *rq, struct edu_task *t);
	void (*task_dead)(struct edu_task *t);
	void (*switched_from)(struct edu_rq *rq, struct edu_task *t);
	void (*switched_to)(struct edu_rq *rq, struct edu_task *t);
	void (*prio_changed)(struct edu_rq *rq, struct edu_task *t);
	u64 (*get_rr_interval)(struct edu_rq *rq, struct edu_task *t);
	void (*update_curr)(struct edu_rq *rq);
};

#define EDU_RETRY_TASK ((struct edu_task *)-1L)

/* Highest first; there is no task in the idle class, an empty pick is idle. */
extern const struct edu_sched_class edu_stop_class, edu_dl_class, edu_rt_class,
	edu_fair_class;
extern const struct edu_sched_class *const edu_classes[4];

/**
 * struct edu_task - what we know of one task
 * @class: by @policy
 * @policy: enum edu_policy
 * @nice: -20 to 19, for the fair policies
 * @rt_priority: 1 to 99, for FIFO and RR
 * @reset_on_fork: a child gets the normal policy
 * @on_rq: counted in @rq
 * @custody: sched_ext has handed it to us, other processors may take it
 * @fresh: forked, has never been enqueued
 * @gone: sched_ext has taken it away
 * @slept: has blocked since it was last enqueued
 * @forked_by: pid of the task that forked it
 * @seq: changes whenever it enters or leaves our hands
 * @rq: the queue it is on, or was on last
 * @se: fair
 * @group: NULL is the root
 * @wait_node: in the queue's list of waiting tasks
 * @wait_since: clock from which it waits, ns
 * @run_list: rt and stop
 * @time_slice: what is left of the RR quantum, ns
 * @rt_exec_start: rt, dl and stop: clock from which time is not charged, ns
 * @dl_node: place in the tree of deadlines
 * @dl_runtime: budget in each @dl_period, ns
 * @dl_deadline: relative deadline, ns
 * @dl_left: what is left of the budget, ns (may be below 0)
 * @dl_abs: absolute deadline, ns
 * @dl_throttled: waits for the next period
 * @allowed: may it run on @cpu; NULL: @mask says so
 */
struct edu_task {
	const struct edu_sched_class *class;
	enum edu_policy policy;
	int nice;
	int rt_priority;
	bool reset_on_fork;
	bool on_rq, custody, fresh, slept, gone;
	int forked_by;
	u32 seq;
	struct edu_rq *rq;
	struct edu_entity se;
	struct edu_group *group;
	struct list_head wait_node;
	u64 wait_since;
	struct list_head run_list;
	s64 time_slice;
	u64 rt_exec_start;
	struct rb_node dl_node;
	struct list_head dl_list;
	u64 dl_runtime, dl_deadline, dl_period, dl_abs;
	s64 dl_left;
	bool dl_throttled;
	bool (*allowed)(const struct edu_task *t, int cpu);
	unsigned long mask;
	struct hlist_node hash;
	struct rcu_head rcu;
	struct llist_node free;
	struct task_struct *task;
	int pid;
	char comm[EDU_NAME_LEN];
};

/**
 * struct edu_tunables - times in ns that rules use, see features.h for rules
 * @latency: period in which each of few tasks runs once
 * @min_granularity: slice when there are many
 * @wakeup_granularity: lag a nice 0 wakee needs to preempt
 * @rr_timeslice: quantum of RR
 * @rt_period: period of the real-time budget
 * @rt_runtime: the budget
 * @migration_cost: a queue that stays empty shorter than this does not pull
 * @balance_min: shortest interval of the periodic balance
 * @balance_max: longest
 * @bandwidth_slice: run time that a processor takes from a group's pool at once
 * @stall_limit: a fair task that waits longer goes first, throttled or not
 */
struct edu_tunables {
	u64 latency, min_granularity, wakeup_granularity;
	u64 rr_timeslice, rt_period, rt_runtime;
	u64 migration_cost, balance_min, balance_max;
	u64 bandwidth_slice, stall_limit;
};

/**
 * struct edu_sched - a whole machine
 * @nr_cpus: run queues in @rq
 * @features: bits of enum edu_feature
 * @tun: the times
 * @dl_bw: admitted deadline bandwidth, 1 << 20 is one processor
 * @cpupri: how important the work of each processor is
 * @kick: have a processor look at its queue, soon: any queue may be locked; NULL where
 *        a test decides when that is
 * @rq: the run queues
 */
struct edu_sched {
	int nr_cpus;
	unsigned long features;
	struct edu_tunables tun;
	atomic64_t dl_bw;
	struct edu_cpupri cpupri;
	void (*kick)(struct edu_rq *rq);
	struct edu_rq *rq;
};

#define edu_feature(s, name) (READ_ONCE((s)->features) & BIT(EDU_F_##name))

/* Of two clocks or virtual times, which may wrap. */
static inline bool edu_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static inline bool edu_in_custody(const struct edu_task *t)
{
	/* With it comes what was written before: its seq. */
	return smp_load_acquire(&t->custody);
}

static inline void edu_set_custody(struct edu_task *t, bool is)
{
	/* See edu_in_custody(). */
	smp_store_release(&t->custody, is);
}

static inline u64 edu_stat_inc(struct edu_rq *rq, enum edu_stat what)
{
	return rq->stats[what]++;
}

/* core.c */
struct edu_sched *edu_sched_create(int nr_cpus);
void edu_sched_free(struct edu_sched *s);
void edu_task_setup(struct edu_task *t, struct edu_rq *rq);
int edu_task_policy(struct edu_task *t, enum edu_policy policy, int prio);
void edu_task_nice(struct edu_task *t, int nice);
void edu_task_inherit(struct edu_task *t, const struct edu_task *parent);
void edu_enqueue(struct edu_rq *rq, struct edu_task *t, int flags);
void edu_dequeue(struct edu_rq *rq, struct edu_task *t, int flags);
struct edu_task *edu_pick(struct edu_rq *rq);
void edu_put_curr(struct edu_rq *rq);
void edu_force_curr(struct edu_rq *rq, struct edu_task *t);
void edu_curr_starts(struct edu_rq *rq);
void edu_curr_stops(struct edu_rq *rq);
void edu_tick(struct edu_rq *rq, bool queued);
void edu_yield(struct edu_rq *rq);
bool edu_yield_to(struct edu_rq *rq, struct edu_task *t);
u64 edu_slice(struct edu_rq *rq, struct edu_task *t);
void edu_resched(struct edu_rq *rq, enum edu_reason why);
bool edu_allowed(const struct edu_task *t, int cpu);

/* weight.c */
extern const unsigned int edu_nice_weight[40];
unsigned long edu_weight_of(enum edu_policy policy, int nice);
u64 edu_calc_delta(u64 delta, unsigned long weight, unsigned long load);
u64 edu_sched_period(const struct edu_tunables *tun, unsigned int nr);

/* timeline.c */
void edu_timeline_init(struct edu_cfs_rq *cfs_rq);
void edu_timeline_add(struct edu_cfs_rq *cfs_rq, struct edu_entity *se);
void edu_timeline_del(struct edu_cfs_rq *cfs_rq, struct edu_entity *se);
struct edu_entity *edu_timeline_first(struct edu_cfs_rq *cfs_rq);
struct edu_entity *edu_timeline_second(struct edu_entity *first);
void edu_timeline_advance(struct edu_cfs_rq *cfs_rq);
u64 edu_timeline_average(struct edu_cfs_rq *cfs_rq);
bool edu_timeline_owed(struct edu_cfs_rq *cfs_rq, const struct edu_entity *se);
struct edu_entity *edu_timeline_due(struct edu_cfs_rq *cfs_rq);

/* fair.c */
void edu_fair_init(struct edu_cfs_rq *cfs_rq, struct edu_rq *rq);
int edu_wakeup_preempt(const struct edu_sched *s, const struct edu_entity *curr,
		       const struct edu_entity *se);
u64 edu_fair_left(struct edu_rq *rq, struct edu_task *t);
struct edu_task *edu_fair_overdue(struct edu_rq *rq);

/* entity.c */
u64 edu_sched_slice(struct edu_cfs_rq *cfs_rq, struct edu_entity *se);
u64 edu_delta_fair(u64 delta, const struct edu_entity *se);
bool edu_entity_idle(const struct edu_entity *se);
void edu_clear_buddies(struct edu_cfs_rq *cfs_rq, struct edu_entity *se);
void edu_fair_charge(struct edu_rq *rq);
void edu_fair_join(struct edu_task *t, struct edu_rq *rq);
void edu_entity_place(struct edu_cfs_rq *cfs_rq, struct edu_entity *se, bool initial);
void edu_entity_enqueue(struct edu_cfs_rq *cfs_rq, struct edu_entity *se, bool place);
void edu_entity_dequeue(struct edu_cfs_rq *cfs_rq, struct edu_entity *se);
void edu_entity_reweight(struct edu_cfs_rq *cfs_rq, struct edu_entity *se,
			 unsigned long weight);

/* group.c */
struct edu_group *edu_group_create(struct edu_sched *s, struct edu_group *parent);
void edu_group_close(struct edu_group *g);
void edu_group_free(struct edu_group *g);
void edu_group_set_shares(struct edu_group *g, unsigned long shares, bool idle);
void edu_group_update(struct edu_cfs_rq *cfs_rq);
void edu_task_set_group(struct edu_task *t, struct edu_group *g);

/* bandwidth.c */
void edu_bandwidth_init(struct edu_bandwidth *bw);
void edu_bandwidth_set(struct edu_group *g, u64 quota, u64 period, u64 burst);
void edu_bandwidth_charge(struct edu_cfs_rq *cfs_rq, u64 delta);
void edu_bandwidth_check(struct edu_cfs_rq *cfs_rq);
void edu_bandwidth_return(struct edu_cfs_rq *cfs_rq);
void edu_bandwidth_refresh(struct edu_rq *rq);
u64 edu_bandwidth_next(struct edu_rq *rq);
bool edu_task_throttled(const struct edu_task *t);
bool edu_queue_throttled(struct edu_group *g, const struct edu_rq *rq);

/* rt.c, dl.c */
void edu_rt_init(struct edu_rt_rq *rt, u64 now);
void edu_rt_refresh(struct edu_rq *rq);
void edu_dl_refresh(struct edu_rq *rq);
int edu_dl_admit(struct edu_sched *s, struct edu_task *t, u64 runtime,
		 u64 deadline, u64 period);

/* pushpull.c */
struct edu_rq *edu_rt_push(struct edu_rq *rq);
void edu_rt_pull(struct edu_rq *this);

/* select.c */
int edu_select_cpu(struct edu_sched *s, struct edu_task *t, int prev, int waker);

/* balance.c */
bool edu_movable(struct edu_rq *from, struct edu_rq *to, struct edu_task *t);
struct edu_task *edu_pull(struct edu_rq *this, bool newidle);
bool edu_periodic_balance(struct edu_rq *rq);
struct edu_rq *edu_push_idle(struct edu_rq *rq);
void edu_migrate(struct edu_rq *from, struct edu_rq *to, struct edu_task *t);
void edu_drain(struct edu_rq *from, int (*home)(const struct edu_task *t));

/* The queue on which the tasks of a group stand; @g NULL is the root. */
static inline struct edu_cfs_rq *edu_group_queue(struct edu_group *g,
						 struct edu_rq *rq)
{
	return g ? &g->cpu[rq->cpu].cfs_rq : &rq->cfs;
}

/* Not for a group's entity. */
static inline struct edu_task *edu_task_of(struct edu_entity *se)
{
	return container_of(se, struct edu_task, se);
}

#endif /* _SCHED_EDU_CLASS_H */
