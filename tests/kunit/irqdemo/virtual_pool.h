/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pool whose workers have no threads, on one CPU whose time is handed out
 * here: a work sleeps or is busy for so many ticks.
 */
#ifndef _IRQDEMO_TEST_VIRTUAL_POOL_H
#define _IRQDEMO_TEST_VIRTUAL_POOL_H

#include <kunit/test.h>
#include "wq/wq.h"

#define VWORKERS	24
#define VWORKS		64

enum vstate { V_NONE, V_ASLEEP, V_RUNNABLE, V_BLOCKED, V_GONE };

struct vworker {
	struct edu_worker worker;
	enum vstate state;
	unsigned long until;
	bool in_work;
};

struct vwork {
	struct edu_work work;
	unsigned int sleep, busy;	/* ticks */
	unsigned int runs, inside;
	unsigned long started;
	unsigned int order;
};

struct vworld {
	struct edu_pool pool;
	struct edu_workqueue wq, other_wq;
	struct edu_wq_tunables tune;
	struct vworker worker[VWORKERS];
	struct vwork work[VWORKS];
	unsigned long now, reaper;
	unsigned int creations_to_fail, managed, order, inside, most, released;
	bool reaper_armed;
};

extern struct vworld *v;
extern struct edu_pwq vpwq, vpwq_other;

int vsetup(struct kunit *test);
struct vworker *vcreate(void);
void vfunc(struct edu_work *work);
void vqueue_on(struct edu_pwq *pwq, unsigned int i);
void vqueue(unsigned int i);
void vrun(struct kunit *test);

#endif /* _IRQDEMO_TEST_VIRTUAL_POOL_H */
