// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/irqdemo/wq: every pool with its workers and works, every
 * queue with its pwqs, as a person would draw them.
 */
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "wq/wq.h"

static const char * const counter_names[POOL_COUNTERS] = {
	[POOL_QUEUED] = "queued",
	[POOL_DEFERRED] = "deferred",
	[POOL_EXECUTED] = "executed",
	[POOL_COLLISIONS] = "collisions",
	[POOL_WAKES] = "wakes",
	[POOL_BLOCKED] = "blocked",
	[POOL_CREATED] = "created",
	[POOL_CREATE_FAILED] = "create_failed",
	[POOL_REAPED] = "reaped",
	[POOL_MAYDAYS] = "maydays",
	[POOL_RESCUED] = "rescued",
	[POOL_STALLS] = "stalls",
	[POOL_LEAKS] = "leaks",
};

/* A list that is longer than this is cut. */
#define SHOW_WORKS	8

static void show_flags(struct seq_file *m, unsigned int flags)
{
	static const struct { unsigned int flag; const char *name; } names[] = {
		{ WORKER_DIE, "DIE" },
		{ WORKER_IDLE, "IDLE" },
		{ WORKER_PREP, "PREP" },
		{ WORKER_CPU_INTENSIVE, "CPU_INTENSIVE" },
		{ WORKER_UNBOUND, "UNBOUND" },
		{ WORKER_REBOUND, "REBOUND" },
	};
	unsigned int i;

	if (!(flags & WORKER_NOT_RUNNING))
		seq_puts(m, " counts");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, " %s", names[i].name);
}

static void show_works(struct seq_file *m, const char *indent,
		       const struct list_head *list)
{
	const struct edu_work *work;
	unsigned int n = 0;

	list_for_each_entry(work, list, entry) {
		struct edu_pwq *pwq = edu_work_pwq(work);

		if (n++ < SHOW_WORKS)
			seq_printf(m, "%s%ps of %s, colour %u%s\n", indent,
				   work->func, pwq ? pwq->wq->name : "?",
				   edu_work_color(work),
				   atomic_long_read(&work->data) & EDU_WORK_LINKED ?
				   ", linked to the next" : "");
	}
	if (n > SHOW_WORKS)
		seq_printf(m, "%sand %u more\n", indent, n - SHOW_WORKS);
}

static void show_worker(struct seq_file *m, struct edu_worker *worker)
{
	seq_printf(m, "  +- %s%s%s, pid %d:", worker->task->comm,
		   worker->rescue_wq ? " (rescuer)" : "",
		   worker == worker->pool->manager ? " (manager)" : "",
		   task_pid_nr(worker->task));
	show_flags(m, worker->flags);
	if (worker->flags & WORKER_IDLE)
		seq_printf(m, ", for %u ms\n",
			   jiffies_to_msecs(jiffies - worker->last_active));
	else if (worker->current_work)
		seq_printf(m, ", in %ps of %s for %llu us%s\n", worker->current_func,
			   worker->current_pwq->wq->name,
			   div_u64(ktime_get_ns() - worker->current_at, 1000),
			   READ_ONCE(worker->sleeping) ? ", blocked" : "");
	else
		seq_putc(m, '\n');
	show_works(m, "  |    then ", &worker->scheduled);
}

static void show_pool(struct edu_pool *pool, void *data)
{
	struct edu_worker *worker;
	struct seq_file *m = data;
	unsigned int i;

	guard(mutex)(&wq_attach_mutex);
	guard(raw_spinlock_irq)(&pool->lock);
	seq_printf(m, "pool %d: ", pool->id);
	if (pool->cpu >= 0)
		seq_printf(m, "cpu %d%s, ", pool->cpu,
			   pool->flags & POOL_DISASSOCIATED ? " (offline)" : "");
	else
		seq_printf(m, "cpus %*pbl, %d references, ",
			   cpumask_pr_args(pool->attrs.cpumask), pool->refcnt);
	seq_printf(m, "nice %d, workers %d, idle %d, running %d\n", pool->attrs.nice,
		   pool->nr_workers, pool->nr_idle, atomic_read(&pool->nr_running));
	seq_puts(m, "  counters:");
	for (i = 0; i < POOL_COUNTERS; i++)
		seq_printf(m, " %s %llu", counter_names[i], pool->count[i]);
	seq_putc(m, '\n');
	show_works(m, "  | ", &pool->worklist);
	list_for_each_entry(worker, &pool->workers, node)
		show_worker(m, worker);
}

static void show_queue(struct seq_file *m, struct edu_workqueue *wq)
{
	static const struct { unsigned int flag; const char *name; } names[] = {
		{ EDU_WQ_UNBOUND, "UNBOUND" },
		{ EDU_WQ_FREEZABLE, "FREEZABLE" },
		{ EDU_WQ_MEM_RECLAIM, "MEM_RECLAIM" },
		{ EDU_WQ_HIGHPRI, "HIGHPRI" },
		{ EDU_WQ_CPU_INTENSIVE, "CPU_INTENSIVE" },
		{ EDU_WQ_POWER_EFFICIENT, "POWER_EFFICIENT" },
		{ __EDU_WQ_DRAINING, "draining" },
		{ __EDU_WQ_ORDERED, "ordered" },
	};
	struct edu_pwq *pwq;
	unsigned int i;

	guard(mutex)(&wq->mutex);
	seq_printf(m, "queue %s:", wq->name);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (wq->flags & names[i].flag)
			seq_printf(m, " %s", names[i].name);
	seq_printf(m, " max_active %d, colour %d, flushing %d, flushes %llu, overflows %llu\n",
		   wq->saved_max_active, wq->work_color, wq->flush_color,
		   wq->flushes, wq->overflows);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		guard(raw_spinlock_irq)(&pwq->pool->lock);
		/* All of them idle would be a page of nothing. */
		if (!pwq->nr_active && list_empty(&pwq->inactive_works))
			continue;
		seq_printf(m, "  +- pool %d: active %d of %d, in flight",
			   pwq->pool->id, pwq->nr_active, pwq->max_active);
		for (i = 0; i < EDU_WORK_NR_COLORS; i++)
			if (pwq->nr_in_flight[i])
				seq_printf(m, " %d (colour %u)",
					   pwq->nr_in_flight[i], i);
		seq_putc(m, '\n');
		show_works(m, "  |    waits: ", &pwq->inactive_works);
	}
}

static int wq_show(struct seq_file *m, void *unused)
{
	struct edu_workqueue *wq;

	edu_walk_pools(show_pool, m);
	guard(mutex)(&wq_pool_mutex);
	list_for_each_entry(wq, &edu_workqueues, list)
		show_queue(m, wq);
	return 0;
}

static int wq_open(struct inode *inode, struct file *file)
{
	return single_open(file, wq_show, NULL);
}

const struct file_operations wq_show_fops = {
	.owner = THIS_MODULE,
	.open = wq_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
