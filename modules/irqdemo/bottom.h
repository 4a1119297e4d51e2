/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_BOTTOM_H
#define _IRQDEMO_BOTTOM_H

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_poll.h>
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "hist.h"
#include "hrtree.h"
#include "wheel.h"

enum bh_kind {
	BH_HARD,		/* nothing: all is done in the handler */
	BH_THREAD,		/* threaded handler */
	BH_TASKLET,
	BH_TASKLET_HI,
	BH_BHWQ,		/* BH workqueue */
	BH_BHWQ_HI,
	BH_IRQ_POLL,		/* the softirq that a module may have */
	BH_IRQ_WORK,
	BH_TIMER,
	BH_HRTIMER,		/* in hard interrupt context */
	BH_HRTIMER_SOFT,
	BH_WQ,			/* bound workqueue */
	BH_WQ_HIGHPRI,
	BH_WQ_CPU_INTENSIVE,
	BH_WQ_UNBOUND,
	BH_COMPLETION,		/* a task that waits */
	BH_POLLER,		/* a reader of /dev/irqdemo */
	BH_EDU_TIMER,		/* our wheel */
	BH_EDU_HRTIMER,		/* our tree */
	BH_KINDS
};

/**
 * struct bh_facts - the context that a bottom half found itself in
 * @hardirq: in_hardirq()
 * @softirq: in_serving_softirq()
 * @irqs_off: irqs_disabled()
 * @may_sleep: it is preemptible, and nothing is held that forbids to sleep
 * @preempt: preempt_count()
 * @cpu: where
 * @policy: scheduling policy of the current task
 * @rt_priority: its real-time priority
 * @comm: its name; in interrupts, that of whoever was interrupted
 */
struct bh_facts {
	bool hardirq;
	bool softirq;
	bool irqs_off;
	bool may_sleep;
	int preempt;
	int cpu;
	unsigned int policy;
	unsigned int rt_priority;
	char comm[TASK_COMM_LEN];
};

struct irq_line;

/**
 * struct bh - a bottom half on a line
 * @kind: which
 * @line: whose
 * @hard: when the handler last raised it, ns; 0: it was not measured
 * @raised: how often
 * @merged: of these, when it was pending already: they run once
 * @ran: how often it ran
 * @facts: see struct bh_facts, of the last run
 * @from_edge: from the device's edge to it
 * @from_hard: from the handler to it
 */
struct bh {
	enum bh_kind kind;
	struct irq_line *line;
	u64 hard;
	atomic64_t raised;
	atomic64_t merged;
	atomic64_t ran;
	struct bh_facts facts;
	struct hist from_edge;
	struct hist from_hard;
	union {
		struct tasklet_struct tasklet;
		struct work_struct work;
		struct irq_poll poll;
		struct irq_work irq_work;
		struct timer_list timer;
		struct hrtimer hrtimer;
		struct edu_timer edu_timer;
		struct edu_hrtimer edu_hrtimer;
		struct {
			struct completion completion;
			struct task_struct *task;
			bool stopping;
		};
	};
};

/**
 * struct bh_ops - a kind of bottom half
 * @name: for people and in bench
 * @side: "kernel" or "edu"
 * @setup: make ready; process context
 * @stop: wait until it does not run, and never will; after free_irq()
 * @raise: from the hard handler; true if it was not pending
 */
struct bh_ops {
	const char *name;
	const char *side;
	int (*setup)(struct bh *bh);
	void (*stop)(struct bh *bh);
	bool (*raise)(struct bh *bh);
};

extern const struct bh_ops bh_table[BH_KINDS];

int bottom_init(void);
void bottom_exit(void);
void bh_ran(struct bh *bh);
int bh_find(const char *name);

/* timebase.c: our timers on the kernel's clock */
int timebase_init(void);
void timebase_exit(void);
struct edu_wheel *timebase_wheel(bool deferrable);
struct edu_hr_cpu *timebase_hr(void);
void timebase_show(struct seq_file *m);

#endif /* _IRQDEMO_BOTTOM_H */
