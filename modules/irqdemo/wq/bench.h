/* SPDX-License-Identifier: GPL-2.0 */
/* What bench.c and trial.c know of each other. */
#ifndef _IRQDEMO_WQ_BENCH_H
#define _IRQDEMO_WQ_BENCH_H

#include <linux/completion.h>
#include <linux/seq_buf.h>
#include <linux/workqueue.h>
#include <edu/workqueue.h>

#include "hist.h"

struct trial;

/* A work of either side. A delayed work begins with a work. */
struct job {
	union {
		struct delayed_work k;
		struct edu_delayed_work e;
	};
	struct trial *t;
	unsigned int id;
	unsigned int runs;
	u64 queued, started;
	unsigned long due;
};

/* Queues of either side. */
enum {
	Q_UNBOUND = 1,
	Q_HIGHPRI = 2,
	Q_INTENSIVE = 4,
	Q_RECLAIM = 8,
	Q_ORDERED = 16,
	Q_FREEZABLE = 32,
};

struct wq_side {
	const char *name;
	void *(*alloc)(unsigned int flags, int max_active);
	void (*destroy)(void *wq);
	void (*init)(struct job *job);
	bool (*queue)(void *wq, int cpu, struct job *job);
	bool (*queue_delayed)(void *wq, int cpu, struct job *job, unsigned long delay);
	bool (*mod_delayed)(void *wq, int cpu, struct job *job, unsigned long delay);
	void (*flush)(void *wq);
	void (*drain)(void *wq);
	void (*flush_job)(struct job *job);
	bool (*cancel_sync)(struct job *job);
};

/* One run of one test. */
struct trial {
	const struct wq_side *side;
	void *wq;
	unsigned int n, ms, max;
	int cpu;
	struct job *jobs;
	unsigned int n_jobs;
	void (*fn)(struct job *job);
	atomic_t inside, most, runs, wrong, sequence;
	struct completion gate;
	struct hist hist;
	struct seq_buf *out;
};

struct wq_test {
	const char *name;
	unsigned int flags;		/* of the queue */
	bool one;			/* max_active is 1, not max */
	unsigned int jobs;		/* so many; 0: n of them */
	void (*fn)(struct job *job);	/* in each work */
	int (*run)(struct trial *t);
};

extern const struct wq_test wq_tests[];

#endif /* _IRQDEMO_WQ_BENCH_H */
