// SPDX-License-Identifier: GPL-2.0
/*
 * What bench/wq runs, on either side. Rows T24 to T30 of the documents' list
 * of what a running system can show, and what costs time.
 *
 *   empty	work N ns: n works that do nothing, 64 at a time
 *   latency	latency_p50, latency_p99 N ns: from queueing to the function
 *   handoff	handoff_p50, handoff_p99 N ns: from a work that blocks to the next
 *   sleepers	makespan N ns, most N: n works that sleep, on one CPU
 *   busy	the same, works that do not sleep; intense: on a queue that is
 *		CPU_INTENSIVE
 *   limit	most N, wrong N: sleepers under max_active; wrong order of starting
 *   order	took N ns, wrong N, most N: an ordered queue, works from all CPUs
 *   twice	first, second, runs: a work queued twice before it runs
 *   self	runs, most: a work queues itself from CPU to CPU: never beside itself
 *   delayed	early N, late_p50 N ns: works after 0 to n - 1 jiffies
 *   flush	wrong N: 20 tasks queue and flush; a work that was not waited for
 *   cancel	wrong N: a work queued by one task, cancelled by another
 *   drain	runs N: a chain of n works, drained
 *   lifo	tasks N: so often did another worker run the next of n works
 *   spread	elsewhere N: works that did not run on their CPU
 *   rescue	first N ns, makespan N ns, rescued N: MEM_RECLAIM queue
 *   mod	idle, pending, early, runs: a delayed work whose time is moved
 *   freeze	frozen N, busy N, runs N: works that ran while all freezable queues
 *		stood still, and in the end (edu only)
 *   attrs	wrong N, runs N: an unbound queue is given one CPU and nice 5 (edu
 *		only)
 *   hook	hook N ns: what the scheduler's hook costs a switch (edu only)
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>

#include "wq/bench.h"
#include "wq/wq.h"

#define BATCH		64
#define FLUSHERS	20

static bool put(struct job *job, int cpu)
{
	job->queued = ktime_get_ns();
	return job->t->side->queue(job->t->wq, cpu, job);
}

static void say(struct trial *t, const char *metric, u64 value)
{
	seq_buf_printf(t->out, "%s %llu\n", metric, value);
}

static void say_percentiles(struct trial *t, const char *what)
{
	seq_buf_printf(t->out, "%s_p50 %llu\n%s_p99 %llu\n", what,
		       hist_percentile(&t->hist, 500), what,
		       hist_percentile(&t->hist, 990));
}

static int other_cpu(int cpu)
{
	int next = cpumask_next(cpu, cpu_online_mask);

	return next < nr_cpu_ids ? next : cpumask_first(cpu_online_mask);
}

static int run_empty(struct trial *t)
{
	unsigned int done, i;
	u64 start = ktime_get_ns();

	for (done = 0; done < t->n; done += i) {
		for (i = 0; i < t->n_jobs && done + i < t->n; i++)
			t->side->queue(t->wq, t->cpu, &t->jobs[i]);
		t->side->flush(t->wq);
	}
	say(t, "work", div_u64(ktime_get_ns() - start, t->n));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

static int run_latency(struct trial *t)
{
	struct job *job = t->jobs;
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		put(job, t->cpu);
		t->side->flush_job(job);
		hist_add(&t->hist, job->started - job->queued);
	}
	say_percentiles(t, "latency");
	return 0;
}

/* Job 0 blocks until job 1 runs. */
static void handoff_fn(struct job *job)
{
	if (job->id) {
		complete(&job->t->gate);
		return;
	}
	/* Job 1 is queued behind us, to this CPU. */
	put(job + 1, raw_smp_processor_id());
	job[1].queued = ktime_get_ns();
	wait_for_completion(&job->t->gate);
}

static int run_handoff(struct trial *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		put(&t->jobs[0], t->cpu);
		t->side->flush_job(&t->jobs[0]);
		t->side->flush_job(&t->jobs[1]);
		hist_add(&t->hist, t->jobs[1].started - t->jobs[1].queued);
	}
	say_percentiles(t, "handoff");
	return 0;
}

static void sleep_fn(struct job *job)
{
	if (job->id != atomic_inc_return(&job->t->sequence) - 1)
		atomic_inc(&job->t->wrong);
	msleep(job->t->ms);
}

static void spin(u64 ns)
{
	u64 until = ktime_get_ns() + ns;

	/* Where the kernel is not preempted, others need to be let. */
	while (ktime_get_ns() < until)
		cond_resched();
}

static void busy_fn(struct job *job)
{
	spin((u64)job->t->ms * NSEC_PER_MSEC);
}

static u64 run_all(struct trial *t, bool every_cpu)
{
	u64 start = ktime_get_ns();
	int cpu = t->cpu;
	unsigned int i;

	for (i = 0; i < t->n_jobs; i++) {
		put(&t->jobs[i], cpu);
		if (every_cpu)
			cpu = other_cpu(cpu);
	}
	t->side->flush(t->wq);
	return ktime_get_ns() - start;
}

static int run_makespan(struct trial *t)
{
	say(t, "makespan", run_all(t, false));
	say(t, "most", atomic_read(&t->most));
	say(t, "wrong", atomic_read(&t->wrong));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

static void order_fn(struct job *job)
{
	if (job->id != atomic_inc_return(&job->t->sequence) - 1)
		atomic_inc(&job->t->wrong);
	if (job->id % 8 == 0)
		usleep_range(50, 100);
}

static int run_order(struct trial *t)
{
	say(t, "took", run_all(t, true));
	say(t, "wrong", atomic_read(&t->wrong));
	say(t, "most", atomic_read(&t->most));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

/* Job 0 holds the queue, whose max_active is 1. */
static void twice_fn(struct job *job)
{
	if (!job->id)
		wait_for_completion(&job->t->gate);
}

static int run_twice(struct trial *t)
{
	put(&t->jobs[0], t->cpu);
	say(t, "first", put(&t->jobs[1], t->cpu));
	say(t, "second", put(&t->jobs[1], t->cpu));
	complete(&t->gate);
	t->side->flush(t->wq);
	say(t, "runs", t->jobs[1].runs);
	return 0;
}

static void self_fn(struct job *job)
{
	if (job->runs >= job->t->n)
		return;
	put(job, other_cpu(raw_smp_processor_id()));
	/* Long enough for the other CPU to begin, if it were let. */
	spin(50 * NSEC_PER_USEC);
	if (job->runs % 16 == 0)
		usleep_range(50, 100);
}

static int run_self(struct trial *t)
{
	put(t->jobs, t->cpu);
	t->side->drain(t->wq);
	say(t, "runs", t->jobs[0].runs);
	say(t, "most", atomic_read(&t->most));
	return 0;
}

static void delayed_fn(struct job *job)
{
	if (time_before(jiffies, job->due))
		atomic_inc(&job->t->wrong);
}

static int run_delayed(struct trial *t)
{
	unsigned int i;

	for (i = 0; i < t->n_jobs; i++) {
		struct job *job = &t->jobs[i];

		job->queued = ktime_get_ns();
		job->due = jiffies + i;
		t->side->queue_delayed(t->wq, EDU_WORK_CPU_UNBOUND, job, i);
	}
	msleep(jiffies_to_msecs(t->n_jobs) + 100);
	for (i = 0; i < t->n_jobs; i++) {
		struct job *job = &t->jobs[i];

		hist_add(&t->hist, job->started - job->queued - (u64)i * TICK_NSEC);
	}
	say(t, "runs", atomic_read(&t->runs));
	say(t, "early", atomic_read(&t->wrong));
	say(t, "at_once", t->jobs[0].started - t->jobs[0].queued);
	say_percentiles(t, "late");
	return 0;
}

static int flusher(void *data)
{
	struct job *job = data;
	unsigned int i;

	for (i = 0; i < job->t->n; i++) {
		unsigned int before = job->runs;

		put(job, raw_smp_processor_id());
		job->t->side->flush(job->t->wq);
		if (job->runs == before)
			atomic_inc(&job->t->wrong);
	}
	/* Not a return to us: we may be unloaded as soon as this is known. */
	kthread_complete_and_exit(&job->t->gate, 0);
}

static void flush_fn(struct job *job)
{
	usleep_range(100, 1000);
}

static int run_flush(struct trial *t)
{
	unsigned int i, started = 0;

	for (i = 0; i < t->n_jobs; i++)
		if (!IS_ERR(kthread_run(flusher, &t->jobs[i], "edu-flush")))
			started++;
	for (i = 0; i < started; i++)
		wait_for_completion(&t->gate);
	say(t, "tasks", started);
	say(t, "wrong", atomic_read(&t->wrong));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

static int queuer(void *data)
{
	struct job *job = data;
	int cpu = job->t->cpu;

	while (!kthread_should_stop()) {
		put(job, cpu);
		cpu = other_cpu(cpu);
		usleep_range(10, 50);
	}
	return 0;
}

static void cancel_fn(struct job *job)
{
	usleep_range(20, 60);
}

static int run_cancel(struct trial *t)
{
	struct task_struct *task = kthread_run(queuer, t->jobs, "edu-queue");
	unsigned int i, was_pending = 0;

	if (IS_ERR(task))
		return PTR_ERR(task);
	for (i = 0; i < t->n; i++) {
		was_pending += t->side->cancel_sync(t->jobs);
		usleep_range(10, 40);
	}
	kthread_stop(task);
	t->side->cancel_sync(t->jobs);
	say(t, "pending", was_pending);
	say(t, "runs", atomic_read(&t->runs));
	say(t, "most", atomic_read(&t->most));
	say(t, "wrong", atomic_read(&t->inside));
	return 0;
}

static void chain_fn(struct job *job)
{
	if (job->runs < job->t->n)
		put(job, raw_smp_processor_id());
}

static int run_drain(struct trial *t)
{
	put(t->jobs, t->cpu);
	t->side->drain(t->wq);
	say(t, "runs", t->jobs[0].runs);
	return 0;
}

static void lifo_fn(struct job *job)
{
	if (atomic_xchg(&job->t->sequence, current->pid) != current->pid)
		atomic_inc(&job->t->wrong);
}

static int run_lifo(struct trial *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		put(t->jobs, t->cpu);
		t->side->flush_job(t->jobs);
	}
	say(t, "tasks", atomic_read(&t->wrong));
	return 0;
}

static void spread_fn(struct job *job)
{
	if (raw_smp_processor_id() != job->t->cpu)
		atomic_inc(&job->t->wrong);
	msleep(job->t->ms);
}

static int run_spread(struct trial *t)
{
	run_all(t, false);
	say(t, "runs", atomic_read(&t->runs));
	say(t, "elsewhere", atomic_read(&t->wrong));
	return 0;
}

static void rescue_fn(struct job *job)
{
	struct edu_worker *worker = edu_current_worker();

	if (worker && worker->rescue_wq)
		atomic_inc(&job->t->wrong);
	msleep(job->t->ms);
}

static int run_rescue(struct trial *t)
{
	u64 first = U64_MAX, took = run_all(t, false);
	unsigned int i;

	for (i = 0; i < t->n_jobs; i++)
		first = min(first, t->jobs[i].started - t->jobs[0].queued);
	say(t, "first", first);
	/* Job 0 may have found a worker: the second is the one that waits. */
	if (t->n_jobs > 1)
		say(t, "second", t->jobs[1].started - t->jobs[1].queued);
	say(t, "makespan", took);
	say(t, "rescued", atomic_read(&t->wrong));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

static void mod_fn(struct job *job)
{
	if (time_before(jiffies, job->due))
		atomic_inc(&job->t->wrong);
	complete(&job->t->gate);
}

/* Idle it is queued; pending, and due in an hour, it comes in two jiffies. */
static int run_mod(struct trial *t)
{
	struct job *job = t->jobs;

	say(t, "idle", t->side->mod_delayed(t->wq, t->cpu, job, 3600 * HZ));
	job->due = jiffies + 2;
	say(t, "pending", t->side->mod_delayed(t->wq, t->cpu, job, 2));
	wait_for_completion(&t->gate);
	t->side->flush(t->wq);
	say(t, "early", atomic_read(&t->wrong));
	say(t, "runs", job->runs);
	return 0;
}

/* The first job is on another queue, which goes on. */
static int run_freeze(struct trial *t)
{
	unsigned int i;

	if (strcmp(t->side->name, "edu"))
		return -EINVAL;
	edu_wq_freeze(true);
	for (i = 1; i < t->n_jobs; i++)
		put(&t->jobs[i], t->cpu);
	t->side->queue(edu_system_wq, t->cpu, &t->jobs[0]);
	t->side->flush_job(&t->jobs[0]);
	say(t, "frozen", atomic_read(&t->runs) - 1);
	say(t, "busy", edu_wq_frozen_busy());
	edu_wq_freeze(false);
	t->side->flush(t->wq);
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

#define ATTRS_NICE	5

static void attrs_fn(struct job *job)
{
	if (raw_smp_processor_id() != job->t->cpu || task_nice(current) != ATTRS_NICE)
		atomic_inc(&job->t->wrong);
}

static int run_attrs(struct trial *t)
{
	struct edu_wq_attrs attrs = { .nice = ATTRS_NICE };
	int err;

	if (strcmp(t->side->name, "edu"))
		return -EINVAL;
	if (!zalloc_cpumask_var(&attrs.cpumask, GFP_KERNEL))
		return -ENOMEM;
	cpumask_set_cpu(t->cpu, attrs.cpumask);
	err = edu_apply_workqueue_attrs(t->wq, &attrs);
	free_cpumask_var(attrs.cpumask);
	if (err)
		return err;
	run_all(t, true);
	say(t, "wrong", atomic_read(&t->wrong));
	say(t, "runs", atomic_read(&t->runs));
	return 0;
}

static void hook_fn(struct job *job)
{
	job->queued = edu_worker_hook_ns(job->t->n);
}

static int run_hook(struct trial *t)
{
	if (strcmp(t->side->name, "edu"))
		return -EINVAL;
	put(t->jobs, t->cpu);
	t->side->flush(t->wq);
	say(t, "hook", t->jobs[0].queued);
	return 0;
}

const struct wq_test wq_tests[] = {
	{ "empty", .jobs = BATCH, .run = run_empty },
	{ "latency", .jobs = 1, .run = run_latency },
	{ "handoff", .jobs = 2, .fn = handoff_fn, .run = run_handoff },
	{ "sleepers", .fn = sleep_fn, .run = run_makespan },
	{ "busy", .fn = busy_fn, .run = run_makespan },
	{ "intense", Q_INTENSIVE, .fn = busy_fn, .run = run_makespan },
	{ "unbound", Q_UNBOUND, .fn = sleep_fn, .run = run_makespan },
	{ "highpri", Q_HIGHPRI, .fn = sleep_fn, .run = run_makespan },
	{ "limit", .fn = sleep_fn, .run = run_makespan },
	{ "order", Q_ORDERED, .fn = order_fn, .run = run_order },
	{ "twice", .one = true, .jobs = 2, .fn = twice_fn, .run = run_twice },
	{ "self", .jobs = 1, .fn = self_fn, .run = run_self },
	{ "delayed", .fn = delayed_fn, .run = run_delayed },
	{ "flush", .jobs = FLUSHERS, .fn = flush_fn, .run = run_flush },
	{ "cancel", .jobs = 1, .fn = cancel_fn, .run = run_cancel },
	{ "drain", .jobs = 1, .fn = chain_fn, .run = run_drain },
	{ "lifo", .jobs = 1, .fn = lifo_fn, .run = run_lifo },
	{ "spread", .fn = spread_fn, .run = run_spread },
	{ "rescue", Q_RECLAIM, .fn = rescue_fn, .run = run_rescue },
	{ "mod", .jobs = 1, .fn = mod_fn, .run = run_mod },
	{ "freeze", Q_FREEZABLE, .run = run_freeze },
	{ "attrs", Q_UNBOUND, .fn = attrs_fn, .run = run_attrs },
	{ "hook", .jobs = 1, .fn = hook_fn, .run = run_hook },
	{}
};
