// SPDX-License-Identifier: GPL-2.0
/*
 * bench/timer: what adding, moving and deleting a timer costs while many are
 * pending, and how late timers run; the kernel's and ours alike.
 *
 * Write one line, "side=kernel|edu what=wheel|deferrable|tree pending=N ops=N"; 1 to
 * 1000000 pending, 1 to 100000 ops. The write returns when it is done. Then
 * read; each line is "METRIC VALUE UNIT":
 *
 *   side SIDE what WHAT pending N ops N
 *   add N ns, mod N ns, del N ns	average of one operation
 *   late_p50, late_p99, late_max N ns	how late 100 timers ran, of distances
 *					1 to 25 ms (tree) or 1 to 12 ticks
 *   early N timers			that ran before their time: always 0
 *   bucket FLOOR COUNT		the histogram of how late
 *
 * The pending timers are spread over a minute to an hour from now, all on the
 * CPU of the caller, which holds on to it while an operation is timed.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <edu/compat.h>

#include "line.h"

#define LATE_TIMERS	100

struct any_timer {
	union {
		struct timer_list kernel_wheel;
		struct hrtimer kernel_tree;
		struct edu_timer edu_wheel;
		struct edu_hrtimer edu_tree;
	};
	u64 due;
	unsigned long expires;	/* of a wheel's */
};

/* One way to arm: @ns from now. */
struct timer_way {
	const char *side, *what;
	void (*make)(struct any_timer *t);
	void (*arm)(struct any_timer *t, u64 ns);
	void (*del)(struct any_timer *t);
	void (*stop)(struct any_timer *t);
};

static DEFINE_MUTEX(bench_mutex);
static struct hist late;
static atomic_t early, ran;

static struct {
	const struct timer_way *way;
	unsigned int pending, ops;
	u64 add, mod, del;
} result;

static void any_ran(struct any_timer *t, bool too_soon)
{
	s64 by = ktime_get_ns() - t->due;

	if (too_soon)
		atomic_inc(&early);
	else
		hist_add(&late, by);
	atomic_inc(&ran);
}

/* A wheel keeps the time of the tick, which may lag behind the clock. */
static bool wheel_too_soon(const struct any_timer *t)
{
	return time_before(jiffies, t->expires);
}

static bool tree_too_soon(const struct any_timer *t)
{
	return ktime_get_ns() < t->due;
}

/* Not before its time: a started jiffy counts whole. */
static unsigned long jiffies_after(u64 ns)
{
	return jiffies + nsecs_to_jiffies(ns + TICK_NSEC - 1);
}

static void kernel_wheel_ran(struct timer_list *timer)
{
	struct any_timer *t = container_of(timer, struct any_timer, kernel_wheel);

	any_ran(t, wheel_too_soon(t));
}

static void kernel_wheel_make(struct any_timer *t)
{
	timer_setup(&t->kernel_wheel, kernel_wheel_ran, TIMER_PINNED);
}

static void kernel_wheel_arm(struct any_timer *t, u64 ns)
{
	t->expires = jiffies_after(ns);
	mod_timer(&t->kernel_wheel, t->expires);
}

static void kernel_wheel_del(struct any_timer *t)
{
	timer_delete(&t->kernel_wheel);
}

static void kernel_wheel_stop(struct any_timer *t)
{
	timer_shutdown_sync(&t->kernel_wheel);
}

static void edu_wheel_ran(struct edu_timer *timer)
{
	struct any_timer *t = container_of(timer, struct any_timer, edu_wheel);

	any_ran(t, wheel_too_soon(t));
}

static void edu_wheel_make(struct any_timer *t)
{
	edu_timer_setup(&t->edu_wheel, timebase_wheel(false), edu_wheel_ran, 0);
}

static void edu_wheel_arm(struct any_timer *t, u64 ns)
{
	t->expires = jiffies_after(ns);
	edu_timer_mod_on(&t->edu_wheel, timebase_wheel(false), t->expires, jiffies);
}

static void kernel_deferrable_make(struct any_timer *t)
{
	timer_setup(&t->kernel_wheel, kernel_wheel_ran,
		    TIMER_PINNED | TIMER_DEFERRABLE);
}

static void edu_deferrable_make(struct any_timer *t)
{
	edu_timer_setup(&t->edu_wheel, timebase_wheel(true), edu_wheel_ran,
			EDU_TIMER_DEFERRABLE);
}

static void edu_deferrable_arm(struct any_timer *t, u64 ns)
{
	t->expires = jiffies_after(ns);
	edu_timer_mod_on(&t->edu_wheel, timebase_wheel(true), t->expires, jiffies);
}

static void edu_wheel_del(struct any_timer *t)
{
	edu_timer_del(&t->edu_wheel);
}

static void edu_wheel_stop(struct any_timer *t)
{
	edu_timer_shutdown_sync(&t->edu_wheel);
}

static enum hrtimer_restart kernel_tree_ran(struct hrtimer *timer)
{
	struct any_timer *t = container_of(timer, struct any_timer, kernel_tree);

	any_ran(t, tree_too_soon(t));
	return HRTIMER_NORESTART;
}

static void kernel_tree_make(struct any_timer *t)
{
	hrtimer_setup(&t->kernel_tree, kernel_tree_ran, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

static void kernel_tree_arm(struct any_timer *t, u64 ns)
{
	hrtimer_start(&t->kernel_tree, ktime_add_ns(ktime_get(), ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

static void kernel_tree_del(struct any_timer *t)
{
	hrtimer_try_to_cancel(&t->kernel_tree);
}

static void kernel_tree_stop(struct any_timer *t)
{
	hrtimer_cancel(&t->kernel_tree);
}

static enum edu_hr_restart edu_tree_ran(struct edu_hrtimer *timer)
{
	struct any_timer *t = container_of(timer, struct any_timer, edu_tree);

	any_ran(t, tree_too_soon(t));
	return EDU_HR_NORESTART;
}

static void edu_tree_make(struct any_timer *t)
{
	edu_hrtimer_setup(&t->edu_tree, timebase_hr(), EDU_HR_MONOTONIC,
			  edu_tree_ran);
}

static void edu_tree_arm(struct any_timer *t, u64 ns)
{
	edu_hrtimer_start(&t->edu_tree, ktime_add_ns(ktime_get(), ns), 0);
}

static void edu_tree_del(struct any_timer *t)
{
	edu_hrtimer_try_to_cancel(&t->edu_tree);
}

static void edu_tree_stop(struct any_timer *t)
{
	edu_hrtimer_cancel(&t->edu_tree);
}

static const struct timer_way ways[] = {
	{ "kernel", "wheel", kernel_wheel_make, kernel_wheel_arm,
	  kernel_wheel_del, kernel_wheel_stop },
	{ "edu", "wheel", edu_wheel_make, edu_wheel_arm, edu_wheel_del,
	  edu_wheel_stop },
	{ "kernel", "deferrable", kernel_deferrable_make, kernel_wheel_arm,
	  kernel_wheel_del, kernel_wheel_stop },
	{ "edu", "deferrable", edu_deferrable_make, edu_deferrable_arm,
	  edu_wheel_del, edu_wheel_stop },
	{ "kernel", "tree", kernel_tree_make, kernel_tree_arm, kernel_tree_del,
	  kernel_tree_stop },
	{ "edu", "tree", edu_tree_make, edu_tree_arm, edu_tree_del, edu_tree_stop },
};

static u64 far_away(struct rnd_state *rnd)
{
	return (u64)(60000 + prandom_u32_state(rnd) % 3540000) * NSEC_PER_MSEC;
}

static u64 timed(const struct timer_way *way, struct any_timer *timers,
		 const u64 *when, unsigned int ops)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < ops; i++) {
		if (when)
			way->arm(&timers[i], when[i]);
		else
			way->del(&timers[i]);
	}
	return div_u64(ktime_get_ns() - start, ops);
}

static int measure_lateness(const struct timer_way *way,
			    struct any_timer *timers)
{
	bool tree = !strcmp(way->what, "tree");
	unsigned int i;

	for (i = 0; i < LATE_TIMERS; i++) {
		u64 ns = tree ? (1 + i % 25) * NSEC_PER_MSEC :
				(1 + i % 12) * (u64)TICK_NSEC;

		/* A wheel's time is its tick: due is no later than that. */
		timers[i].due = ktime_get_ns() + (tree ? ns : ns - TICK_NSEC);
		way->arm(&timers[i], ns);
	}
	for (i = 0; i < 100 && atomic_read(&ran) < LATE_TIMERS; i++)
		msleep(20);
	return atomic_read(&ran) == LATE_TIMERS ? 0 : -ETIMEDOUT;
}

static int run(const struct timer_way *way, unsigned int pending,
	       unsigned int ops)
{
	unsigned int i, made = 0, all = pending + ops + LATE_TIMERS;
	struct any_timer *timers = vzalloc(array_size(all, sizeof(*timers)));
	u64 *when = vmalloc(array_size(ops, sizeof(*when)));
	struct rnd_state rnd;
	int err = -ENOMEM;

	if (!timers || !when)
		goto out;
	prandom_seed_state(&rnd, 9);
	hist_reset(&late);
	atomic_set(&early, 0);
	atomic_set(&ran, 0);
	result.way = NULL;
	/* All on this CPU: our tree's timers cannot be armed from another. */
	migrate_disable();
	for (; made < all; made++)
		way->make(&timers[made]);
	for (i = 0; i < pending; i++) {
		way->arm(&timers[ops + i], far_away(&rnd));
		if (i % 4096 == 0)
			cond_resched();
	}
	for (i = 0; i < ops; i++)
		when[i] = far_away(&rnd);
	result.add = timed(way, timers, when, ops);
	for (i = 0; i < ops; i++)
		when[i] = far_away(&rnd);
	result.mod = timed(way, timers, when, ops);
	result.del = timed(way, timers, NULL, ops);
	err = measure_lateness(way, timers + pending + ops);
	for (i = 0; i < all; i++) {
		way->stop(&timers[i]);
		if (i % 4096 == 0)
			cond_resched();
	}
	migrate_enable();
	result.pending = pending;
	result.ops = ops;
	if (!err)
		result.way = way;
out:
	vfree(timers);
	vfree(when);
	return err;
}

static int bench_timer_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	guard(mutex)(&bench_mutex);
	if (!result.way)
		return 0;
	seq_printf(m, "side %s what %s pending %u ops %u\n", result.way->side,
		   result.way->what, result.pending, result.ops);
	seq_printf(m, "add %llu ns\nmod %llu ns\ndel %llu ns\n", result.add,
		   result.mod, result.del);
	seq_printf(m, "late_p50 %llu ns\nlate_p99 %llu ns\nlate_max %llu ns\n",
		   hist_percentile(&late, 500), hist_percentile(&late, 990),
		   (u64)atomic64_read(&late.max));
	seq_printf(m, "early %d timers\n", atomic_read(&early));
	for (i = 0; i < HIST_BUCKETS; i++)
		if (atomic_read(&late.count[i]))
			seq_printf(m, "bucket %llu %d\n", hist_floor(i),
				   atomic_read(&late.count[i]));
	return 0;
}

static int bench_timer_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_timer_show, NULL);
}

static ssize_t bench_timer_write(struct file *file, const char __user *buf,
				 size_t len, loff_t *pos)
{
	char text[80], side[8], what[12];
	unsigned int pending, ops, i;
	int err;

	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (sscanf(text, "side=%7s what=%11s pending=%u ops=%u", side, what,
		   &pending, &ops) != 4)
		return -EINVAL;
	if (!pending || pending > 1000000 || !ops || ops > 100000)
		return -ERANGE;
	guard(mutex)(&bench_mutex);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(side, ways[i].side) || strcmp(what, ways[i].what))
			continue;
		err = run(&ways[i], pending, ops);
		return err ?: len;
	}
	return -EINVAL;
}

const struct file_operations bench_timer_fops = {
	.owner = THIS_MODULE,
	.open = bench_timer_open,
	.read = seq_read,
	.write = bench_timer_write,
	.llseek = seq_lseek,
	.release = single_release,
};
