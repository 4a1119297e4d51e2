/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SCHED_EDU_CPUPRI_H
#define _SCHED_EDU_CPUPRI_H

#include <linux/atomic.h>

struct edu_rq;
struct edu_sched;
struct edu_task;

#define EDU_RT_QUEUES		100

/* Levels of processors, see cpupri.c. */
#define EDU_PRI_NONE	(-1)
#define EDU_PRI_IDLE	0
#define EDU_PRI_NORMAL	1
#define EDU_PRI_RT(prio) ((prio) + 1)
#define EDU_PRI_HIGHER	EDU_PRI_RT(EDU_RT_QUEUES)
#define EDU_NR_PRI	(EDU_PRI_HIGHER + 1)

/**
 * struct edu_cpupri - processors by the most important task on them
 * @count: how many have a level
 * @mask: which, a bitmap for each level
 * @overloaded: where a real-time task waits
 * @nr_overloaded: how many these are
 */
struct edu_cpupri {
	atomic_t count[EDU_NR_PRI];
	unsigned long *mask, *overloaded;
	atomic_t nr_overloaded;
};

int edu_cpupri_init(struct edu_sched *s);
void edu_cpupri_free(struct edu_sched *s);
void edu_cpupri_update(struct edu_rq *rq);
int edu_cpupri_at(struct edu_sched *s, int pri, const struct edu_task *t, int prev,
		  int this);
int edu_cpupri_find(struct edu_sched *s, const struct edu_task *t, int prev, int this);

#endif /* _SCHED_EDU_CPUPRI_H */
