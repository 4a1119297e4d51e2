// SPDX-License-Identifier: GPL-2.0
/*
 * bench/wq: the same works on the kernel's workqueue and on ours.
 *
 * Write one line, "side=kernel|edu test=NAME n=N ms=N max=N cpu=N": so many
 * works, so long each, max_active, on this CPU. The write returns when the test
 * is over, or fails with its errno. Then read: lines of "METRIC VALUE". The
 * tests and their metrics are in trial.c.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "wq/bench.h"
#include "wq/wq.h"

#define MOST_JOBS	4096
#define MOST_N		1000000
#define MOST_MS		20000		/* n * ms */

static DEFINE_MUTEX(bench_mutex);
static char result[1024];
static struct seq_buf result_buf;

static void job_run(struct job *job)
{
	struct trial *t = job->t;
	int inside = atomic_inc_return(&t->inside), most = atomic_read(&t->most);

	job->started = ktime_get_ns();
	while (inside > most && !atomic_try_cmpxchg(&t->most, &most, inside))
		;
	job->runs++;
	if (t->fn)
		t->fn(job);
	atomic_inc(&t->runs);
	atomic_dec(&t->inside);
}

static void kernel_func(struct work_struct *work)
{
	job_run(container_of(to_delayed_work(work), struct job, k));
}

static void *kernel_alloc(unsigned int flags, int max_active)
{
	unsigned int f = flags & (Q_UNBOUND | Q_ORDERED) ? 0 : WQ_PERCPU;

	if (flags & Q_ORDERED)
		return alloc_ordered_workqueue("edu_bench", 0);
	f |= flags & Q_UNBOUND ? WQ_UNBOUND : 0;
	f |= flags & Q_HIGHPRI ? WQ_HIGHPRI : 0;
	f |= flags & Q_INTENSIVE ? WQ_CPU_INTENSIVE : 0;
	f |= flags & Q_RECLAIM ? WQ_MEM_RECLAIM : 0;
	return alloc_workqueue("edu_bench", f, max_active);
}

static void kernel_destroy(void *wq)
{
	destroy_workqueue(wq);
}

static void kernel_init(struct job *job)
{
	INIT_DELAYED_WORK(&job->k, kernel_func);
}

static bool kernel_queue(void *wq, int cpu, struct job *job)
{
	return queue_work_on(cpu, wq, &job->k.work);
}

static bool kernel_queue_delayed(void *wq, int cpu, struct job *job,
				 unsigned long delay)
{
	return queue_delayed_work_on(cpu == EDU_WORK_CPU_UNBOUND ? WORK_CPU_UNBOUND : cpu,
				     wq, &job->k, delay);
}

static bool kernel_mod_delayed(void *wq, int cpu, struct job *job,
			       unsigned long delay)
{
	return mod_delayed_work_on(cpu, wq, &job->k, delay);
}

static void kernel_flush(void *wq)
{
	flush_workqueue(wq);
}

static void kernel_drain(void *wq)
{
	drain_workqueue(wq);
}

static void kernel_flush_job(struct job *job)
{
	flush_work(&job->k.work);
}

static bool kernel_cancel_sync(struct job *job)
{
	return cancel_delayed_work_sync(&job->k);
}

static void edu_func(struct edu_work *work)
{
	job_run(container_of(edu_to_delayed_work(work), struct job, e));
}

static void *edu_alloc(unsigned int flags, int max_active)
{
	unsigned int f = 0;

	if (flags & Q_ORDERED)
		return edu_alloc_ordered_workqueue("bench", 0);
	f |= flags & Q_UNBOUND ? EDU_WQ_UNBOUND : 0;
	f |= flags & Q_HIGHPRI ? EDU_WQ_HIGHPRI : 0;
	f |= flags & Q_INTENSIVE ? EDU_WQ_CPU_INTENSIVE : 0;
	f |= flags & Q_RECLAIM ? EDU_WQ_MEM_RECLAIM : 0;
	f |= flags & Q_FREEZABLE ? EDU_WQ_FREEZABLE : 0;
	return edu_alloc_workqueue("bench", f, max_active);
}

static void edu_destroy(void *wq)
{
	edu_destroy_workqueue(wq);
}

static void edu_init(struct job *job)
{
	edu_init_delayed_work(&job->e, edu_func);
}

static bool edu_queue_job(void *wq, int cpu, struct job *job)
{
	return edu_queue_work_on(cpu, wq, &job->e.work);
}

static bool edu_queue_job_delayed(void *wq, int cpu, struct job *job,
				  unsigned long delay)
{
	return edu_queue_delayed_work_on(cpu, wq, &job->e, delay);
}

static bool edu_mod_job(void *wq, int cpu, struct job *job, unsigned long delay)
{
	return edu_mod_delayed_work_on(cpu, wq, &job->e, delay);
}

static void edu_flush(void *wq)
{
	edu_flush_workqueue(wq);
}

static void edu_drain(void *wq)
{
	edu_drain_workqueue(wq);
}

static void edu_flush_job(struct job *job)
{
	edu_flush_work(&job->e.work);
}

static bool edu_cancel_sync(struct job *job)
{
	return edu_cancel_delayed_work_sync(&job->e);
}

static const struct wq_side sides[] = {
	{ "kernel", kernel_alloc, kernel_destroy, kernel_init, kernel_queue,
	  kernel_queue_delayed, kernel_mod_delayed, kernel_flush, kernel_drain, kernel_flush_job,
	  kernel_cancel_sync },
	{ "edu", edu_alloc, edu_destroy, edu_init, edu_queue_job,
	  edu_queue_job_delayed, edu_mod_job, edu_flush, edu_drain, edu_flush_job,
	  edu_cancel_sync },
};

static int run(struct trial *t, const struct wq_test *test)
{
	unsigned int i;
	int err;

	t->fn = test->fn;
	t->out = &result_buf;
	t->n_jobs = test->jobs ?: min(t->n, MOST_JOBS);
	t->jobs = kvcalloc(t->n_jobs, sizeof(*t->jobs), GFP_KERNEL);
	if (!t->jobs)
		return -ENOMEM;
	init_completion(&t->gate);
	t->wq = t->side->alloc(test->flags, test->one ? 1 : t->max);
	if (!t->wq) {
		err = -ENOMEM;
		goto no_wq;
	}
	for (i = 0; i < t->n_jobs; i++) {
		t->jobs[i].t = t;
		t->jobs[i].id = i;
		t->side->init(&t->jobs[i]);
	}
	seq_buf_init(&result_buf, result, sizeof(result));
	seq_buf_printf(&result_buf, "side %s\ntest %s\n", t->side->name, test->name);
	err = test->run(t);
	t->side->destroy(t->wq);
	if (err)
		seq_buf_clear(&result_buf);
no_wq:
	kvfree(t->jobs);
	return err;
}

static int bench_wq_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&bench_mutex);
	if (result_buf.buffer)
		seq_write(m, result_buf.buffer, seq_buf_used(&result_buf));
	return 0;
}

static int bench_wq_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_wq_show, NULL);
}

static ssize_t bench_wq_write(struct file *file, const char __user *buf,
			      size_t len, loff_t *pos)
{
	const struct wq_test *test;
	char text[120], side[8], name[16];
	unsigned int i;
	int err;

	struct trial *t __free(kfree) = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (sscanf(text, "side=%7s test=%15s n=%u ms=%u max=%u cpu=%d", side, name,
		   &t->n, &t->ms, &t->max, &t->cpu) != 6)
		return -EINVAL;
	if (!t->n || t->n > MOST_N || (u64)t->n * t->ms > MOST_MS ||
	    t->max > WQ_MAX_ACTIVE || t->cpu < 0 || t->cpu >= nr_cpu_ids ||
	    !cpu_online(t->cpu))
		return -ERANGE;
	for (i = 0; i < ARRAY_SIZE(sides); i++)
		if (!strcmp(side, sides[i].name))
			t->side = &sides[i];
	for (test = wq_tests; test->name; test++)
		if (!strcmp(name, test->name))
			break;
	if (!t->side || !test->name)
		return -EINVAL;
	guard(mutex)(&bench_mutex);
	err = run(t, test);
	return err ?: len;
}

const struct file_operations bench_wq_fops = {
	.owner = THIS_MODULE,
	.open = bench_wq_open,
	.read = seq_read,
	.write = bench_wq_write,
	.llseek = seq_lseek,
	.release = single_release,
};
