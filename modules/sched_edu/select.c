// SPDX-License-Identifier: GPL-2.0
/*
 * Where a wakee goes.
 *
 * The rules, in the order they apply:
 *  1. A real-time wakee stays on its last processor if that does less important
 *     work; else it goes where the least important is done (cpupri.c).
 *  2. Others go to their last processor if that is idle, else to the waker's if
 *     that is, else to any idle one that they may use.
 *  3. Whoever finds nothing stays, and waits.
 *
 * Document B 5.8 and 6. The kernel looks at the running task for rule 1, and
 * leaves a processor whose real-time task is pinned to it; and for rule 2 at
 * who shares a cache.
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#include "class.h"

/**
 * edu_select_cpu - where a wakee should run
 * @s: the machine
 * @t: the wakee, on no queue
 * @prev: where it ran last
 * @waker: where it is woken
 *
 * No lock is needed: a wrong guess costs a migration later.
 *
 * Return: a processor; @prev if none is better.
 */
int edu_select_cpu(struct edu_sched *s, struct edu_task *t, int prev, int waker)
{
	int cpu = -1;

	if (t->class == &edu_rt_class) {
		int pri = prev >= 0 && prev < s->nr_cpus ? READ_ONCE(s->rq[prev].pri) :
							   EDU_PRI_NONE;

		if (pri != EDU_PRI_NONE && pri < EDU_PRI_RT(t->rt_priority) &&
		    edu_allowed(t, prev))
			return prev;
		cpu = edu_cpupri_find(s, t, prev, waker);
	} else if (edu_feature(s, WAKE_IDLE)) {
		cpu = edu_cpupri_at(s, EDU_PRI_IDLE, t, prev, waker);
	}
	return cpu >= 0 ? cpu : prev;
}
EXPORT_SYMBOL_IF_KUNIT(edu_select_cpu);
