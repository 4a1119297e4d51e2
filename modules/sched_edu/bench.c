// SPDX-License-Identifier: GPL-2.0
/*
 * What a pick, an enqueue and a dequeue cost with 10 to 10,000 runnable tasks:
 * the real code, on a machine of one virtual processor with a virtual clock, in
 * real nanoseconds. Locks are taken, callbacks of sched_ext are not counted.
 *
 * A pick is that of a task whose slice is over; an enqueue and a dequeue are a
 * wakeup and a sleep of a task that waits. Nothing of the kernel's is touched.
 */
#include <linux/cleanup.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "glue.h"

#define ROUNDS 4096

struct bench_rule {
	const char *name;
	bool eevdf;
	enum edu_policy policy;
};

static const struct bench_rule rules[] = {
	{ "cfs", false, EDU_NORMAL },
	{ "eevdf", true, EDU_NORMAL },
	{ "fifo", false, EDU_FIFO },
};

static void enqueue(struct edu_rq *rq, struct edu_task *t)
{
	raw_spin_lock_irq(&rq->lock);
	edu_enqueue(rq, t, EDU_WAKEUP);
	raw_spin_unlock_irq(&rq->lock);
}

static void dequeue(struct edu_rq *rq, struct edu_task *t)
{
	raw_spin_lock_irq(&rq->lock);
	edu_dequeue(rq, t, EDU_SLEEP);
	raw_spin_unlock_irq(&rq->lock);
}

static u64 time_picks(struct edu_rq *rq)
{
	u64 begin = ktime_get_ns();
	int i;

	for (i = 0; i < ROUNDS; i++) {
		raw_spin_lock_irq(&rq->lock);
		rq->clock += NSEC_PER_MSEC;
		edu_pick(rq);
		raw_spin_unlock_irq(&rq->lock);
	}
	return (ktime_get_ns() - begin) / ROUNDS;
}

/* Blocks of tasks leave and come, so that one reading of the clock is many. */
static void time_moves(struct edu_rq *rq, struct edu_task *tasks, int n, u64 *in, u64 *out)
{
	int block = min(n, 64), i, round, rounds = ROUNDS / block;
	u64 a, b;

	*in = 0;
	*out = 0;
	for (round = 0; round < rounds; round++) {
		struct edu_task *first = &tasks[round * block % (n - block + 1)];

		a = ktime_get_ns();
		for (i = 0; i < block; i++)
			dequeue(rq, &first[i]);
		b = ktime_get_ns();
		for (i = 0; i < block; i++)
			enqueue(rq, &first[i]);
		*in += ktime_get_ns() - b;
		*out += b - a;
		cond_resched();
	}
	*in /= rounds * block;
	*out /= rounds * block;
}

static int bench(struct seq_file *m, const struct bench_rule *rule, int n)
{
	struct edu_sched *s = edu_sched_create(1);
	struct edu_task *tasks = kvcalloc(n, sizeof(*tasks), GFP_KERNEL);
	struct edu_rq *rq;
	u64 pick, in, out;
	int i;

	if (!s || !tasks) {
		edu_sched_free(s);
		kvfree(tasks);
		return -ENOMEM;
	}
	rq = s->rq;
	__assign_bit(EDU_F_EEVDF, &s->features, rule->eevdf);
	clear_bit(EDU_F_RT_THROTTLE, &s->features);
	for (i = 0; i < n; i++) {
		edu_task_setup(&tasks[i], rq);
		raw_spin_lock_irq(&rq->lock);
		edu_task_nice(&tasks[i], i % 40 - 20);
		edu_task_policy(&tasks[i], rule->policy, rule->policy ? i % 99 + 1 : 0);
		raw_spin_unlock_irq(&rq->lock);
		enqueue(rq, &tasks[i]);
		cond_resched();
	}
	pick = time_picks(rq);
	time_moves(rq, tasks, n, &in, &out);
	seq_printf(m, "%s %d %llu %llu %llu\n", rule->name, n, pick, in, out);
	edu_sched_free(s);
	kvfree(tasks);
	return 0;
}

/**
 * edu_bench_show - measure, and print a line for each rule and number of tasks
 * @m: where to
 */
void edu_bench_show(struct seq_file *m)
{
	static DEFINE_MUTEX(one_at_a_time);
	int i, n;

	guard(mutex)(&one_at_a_time);
	seq_puts(m, "rule tasks pick_ns enqueue_ns dequeue_ns\n");
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		for (n = 10; n <= 10000; n *= 10)
			if (bench(m, &rules[i], n))
				return;
}
