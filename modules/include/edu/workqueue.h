/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The concurrency-managed workqueue of irqdemo: the kernel's interface with
 * edu_ before each name. docs/workqueue.md says what is not there.
 */
#ifndef _EDU_WORKQUEUE_H
#define _EDU_WORKQUEUE_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/timer.h>

struct edu_work;
struct edu_workqueue;

typedef void (*edu_work_func_t)(struct edu_work *work);

/*
 * The word edu_work::data, document B 12.1 and the kernel's workqueue.h:
 *
 *   queued:      pwq address (aligned to 256) | colour << 4 | flags, PWQ set
 *   not queued:  pool id << 5 | CANCELING << 4 | flags, PWQ clear
 *
 * The pool's id is where the work ran last, so that a work that is still
 * running there is found, and is not run beside itself.
 */
enum {
	EDU_WORK_PENDING_BIT	= 0,	/* queued, or about to be */
	EDU_WORK_INACTIVE_BIT	= 1,	/* on pwq->inactive_works */
	EDU_WORK_PWQ_BIT	= 2,	/* data holds a pwq's address */
	EDU_WORK_LINKED_BIT	= 3,	/* the next work goes with this one */
	EDU_WORK_COLOR_SHIFT	= 4,
	EDU_WORK_COLOR_BITS	= 4,
	EDU_WORK_FLAG_BITS	= EDU_WORK_COLOR_SHIFT + EDU_WORK_COLOR_BITS,

	EDU_WORK_CANCELING_BIT	= EDU_WORK_COLOR_SHIFT,
	EDU_WORK_POOL_SHIFT	= EDU_WORK_CANCELING_BIT + 1,

	/* The last value of the colour field means: in no colour. */
	EDU_WORK_NO_COLOR	= (1 << EDU_WORK_COLOR_BITS) - 1,
	EDU_WORK_NR_COLORS	= EDU_WORK_NO_COLOR,

	/* Any CPU: the caller's of a bound queue. */
	EDU_WORK_CPU_UNBOUND	= -1,
};

#define EDU_WORK_PENDING	BIT(EDU_WORK_PENDING_BIT)
#define EDU_WORK_INACTIVE	BIT(EDU_WORK_INACTIVE_BIT)
#define EDU_WORK_PWQ		BIT(EDU_WORK_PWQ_BIT)
#define EDU_WORK_LINKED		BIT(EDU_WORK_LINKED_BIT)
#define EDU_WORK_CANCELING	BIT(EDU_WORK_CANCELING_BIT)
#define EDU_WORK_POOL_NONE	BIT(24)
#define EDU_WORK_NO_POOL	(EDU_WORK_POOL_NONE << EDU_WORK_POOL_SHIFT)

/**
 * struct edu_work - something to be done later, by a worker
 * @data: see the word above; nobody's business but the workqueue's
 * @entry: in a list of works, while it is queued
 * @func: what to do
 */
struct edu_work {
	atomic_long_t data;
	struct list_head entry;
	edu_work_func_t func;
};

/**
 * struct edu_delayed_work - the same, after some time
 * @work: what
 * @timer: queues it
 * @wq: where; set with the timer
 * @cpu: on which CPU; set with the timer
 */
struct edu_delayed_work {
	struct edu_work work;
	struct timer_list timer;
	struct edu_workqueue *wq;
	int cpu;
};

void edu_delayed_work_timer(struct timer_list *timer);

static inline void edu_init_work(struct edu_work *work, edu_work_func_t func)
{
	atomic_long_set(&work->data, EDU_WORK_NO_POOL);
	INIT_LIST_HEAD(&work->entry);
	work->func = func;
}

static inline void edu_init_delayed_work(struct edu_delayed_work *dwork,
					 edu_work_func_t func)
{
	edu_init_work(&dwork->work, func);
	timer_setup(&dwork->timer, edu_delayed_work_timer, TIMER_IRQSAFE);
}

static inline struct edu_delayed_work *edu_to_delayed_work(struct edu_work *work)
{
	return container_of(work, struct edu_delayed_work, work);
}

static inline bool edu_work_pending(const struct edu_work *work)
{
	return atomic_long_read(&work->data) & EDU_WORK_PENDING;
}

/* What a workqueue may be; those of the second group set themselves. */
#define EDU_WQ_UNBOUND		BIT(1)	/* not tied to the CPU that queues */
#define EDU_WQ_FREEZABLE	BIT(2)	/* stands still while the system sleeps */
#define EDU_WQ_MEM_RECLAIM	BIT(3)	/* has a rescuer */
#define EDU_WQ_HIGHPRI		BIT(4)	/* workers of nice -20 */
#define EDU_WQ_CPU_INTENSIVE	BIT(5)	/* its works do not hold others back */
#define EDU_WQ_POWER_EFFICIENT	BIT(7)	/* unbound if wq_power_efficient is set */

#define __EDU_WQ_DRAINING	BIT(16)
#define __EDU_WQ_ORDERED	BIT(17)
#define __EDU_WQ_ORDERED_EXPLICIT BIT(19)

#define EDU_WQ_MAX_ACTIVE	512
#define EDU_WQ_DFL_ACTIVE	(EDU_WQ_MAX_ACTIVE / 2)

/**
 * struct edu_wq_attrs - what the workers of an unbound queue are like
 * @nice: -20 to 19
 * @cpumask: where they may run
 */
struct edu_wq_attrs {
	int nice;
	cpumask_var_t cpumask;
};

extern struct edu_workqueue *edu_system_wq, *edu_system_highpri_wq,
	*edu_system_long_wq, *edu_system_unbound_wq, *edu_system_freezable_wq,
	*edu_system_power_efficient_wq,
	*edu_system_freezable_power_efficient_wq;

__printf(1, 4)
struct edu_workqueue *edu_alloc_workqueue(const char *fmt, unsigned int flags,
					  int max_active, ...);
#define edu_alloc_ordered_workqueue(fmt, flags, ...)			\
	edu_alloc_workqueue(fmt, EDU_WQ_UNBOUND | __EDU_WQ_ORDERED |	\
			    __EDU_WQ_ORDERED_EXPLICIT | (flags), 1, ##__VA_ARGS__)
void edu_destroy_workqueue(struct edu_workqueue *wq);
void edu_workqueue_set_max_active(struct edu_workqueue *wq, int max_active);
int edu_apply_workqueue_attrs(struct edu_workqueue *wq,
			      const struct edu_wq_attrs *attrs);

bool edu_queue_work_on(int cpu, struct edu_workqueue *wq, struct edu_work *work);
bool edu_queue_delayed_work_on(int cpu, struct edu_workqueue *wq,
			       struct edu_delayed_work *dwork,
			       unsigned long delay);
bool edu_mod_delayed_work_on(int cpu, struct edu_workqueue *wq,
			     struct edu_delayed_work *dwork,
			     unsigned long delay);

void edu_flush_workqueue(struct edu_workqueue *wq);
void edu_drain_workqueue(struct edu_workqueue *wq);
bool edu_flush_work(struct edu_work *work);
bool edu_flush_delayed_work(struct edu_delayed_work *dwork);
bool edu_cancel_work(struct edu_work *work);
bool edu_cancel_work_sync(struct edu_work *work);
bool edu_cancel_delayed_work(struct edu_delayed_work *dwork);
bool edu_cancel_delayed_work_sync(struct edu_delayed_work *dwork);

static inline bool edu_queue_work(struct edu_workqueue *wq, struct edu_work *work)
{
	return edu_queue_work_on(EDU_WORK_CPU_UNBOUND, wq, work);
}

static inline bool edu_queue_delayed_work(struct edu_workqueue *wq,
					  struct edu_delayed_work *dwork,
					  unsigned long delay)
{
	return edu_queue_delayed_work_on(EDU_WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool edu_schedule_work(struct edu_work *work)
{
	return edu_queue_work(edu_system_wq, work);
}

#endif /* _EDU_WORKQUEUE_H */
