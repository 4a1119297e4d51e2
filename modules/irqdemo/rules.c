// SPDX-License-Identifier: GPL-2.0
/*
 * rules: what the documents promise of the kernel's bottom halves, tried.
 *
 * Reading the file runs each experiment once; a line is "NAME kept" or "NAME
 * broken", then the promise. Coalescing and order, in the words of the kernel
 * book, 11.9 to 11.12 (tasklets, work queues), and of today's workqueue.rst:
 *  1. of tasklets raised together, those of high priority run first;
 *  2. a tasklet raised twice runs once; while disabled it waits; it never runs
 *     on two CPUs at once;
 *  3. a work that is pending is not queued again; one that runs is, and runs
 *     again afterwards, never beside itself;
 *  4. max_active is how many works of a queue run at once, and an ordered
 *     queue runs them one by one, in the order of queueing;
 *  5. delayed work is not early; mod_delayed_work() moves it;
 *     cancel_delayed_work_sync() says whether it was pending;
 *  6. an irq_work that is pending is not queued again;
 *  7. each complete() lets one waiter pass, complete_all() all.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/module.h>

#include "line.h"

static DEFINE_MUTEX(rules_mutex);

/* How often a function was called, and how many of its calls at once. */
struct seen {
	atomic_t runs, inside, most;
};

static struct seen seen;
static atomic_t place;

static void seen_reset(void)
{
	atomic_set(&seen.runs, 0);
	atomic_set(&seen.inside, 0);
	atomic_set(&seen.most, 0);
	atomic_set(&place, 0);
}

static void enter(void)
{
	int inside = atomic_inc_return(&seen.inside), most = atomic_read(&seen.most);

	atomic_inc(&seen.runs);
	while (most < inside && !atomic_try_cmpxchg(&seen.most, &most, inside))
		;
}

static void leave(void)
{
	atomic_dec(&seen.inside);
}

/* Give it ten seconds: a machine under load is slow. */
static bool reaches(const atomic_t *count, int wanted)
{
	unsigned long end = jiffies + 10 * HZ;

	while (atomic_read(count) < wanted && time_before(jiffies, end))
		usleep_range(1000, 2000);
	return atomic_read(count) >= wanted;
}

static bool until(int runs)
{
	return reaches(&seen.runs, runs);
}

/* Spun, not slept: a tasklet may not sleep. */
enum { BESIDE_US = 30 };

struct placed {
	struct tasklet_struct tasklet;
	int place;
};

static void placed_ran(struct tasklet_struct *tasklet)
{
	struct placed *p = container_of(tasklet, struct placed, tasklet);

	enter();
	p->place = atomic_inc_return(&place);
	/* Long enough for another CPU to come upon it. */
	udelay(BESIDE_US);
	leave();
}

static struct placed one, two;

static bool tasklet_hi_first(void)
{
	bool ran;

	tasklet_setup(&one.tasklet, placed_ran);
	tasklet_setup(&two.tasklet, placed_ran);
	local_irq_disable();
	tasklet_schedule(&one.tasklet);
	tasklet_hi_schedule(&two.tasklet);
	local_irq_enable();
	ran = until(2);
	return ran && two.place == 1 && one.place == 2;
}

static bool tasklet_merges(void)
{
	tasklet_setup(&one.tasklet, placed_ran);
	local_irq_disable();
	tasklet_schedule(&one.tasklet);
	tasklet_schedule(&one.tasklet);
	local_irq_enable();
	until(1);
	msleep(20);
	tasklet_kill(&one.tasklet);
	return atomic_read(&seen.runs) == 1;
}

static bool tasklet_waits_disabled(void)
{
	int meanwhile;

	tasklet_setup(&one.tasklet, placed_ran);
	tasklet_disable(&one.tasklet);
	tasklet_schedule(&one.tasklet);
	msleep(20);
	meanwhile = atomic_read(&seen.runs);
	tasklet_enable(&one.tasklet);
	until(1);
	tasklet_kill(&one.tasklet);
	return !meanwhile && atomic_read(&seen.runs) == 1;
}

static void schedule_here(void *tasklet)
{
	tasklet_schedule(tasklet);
}

static bool tasklet_not_beside_itself(void)
{
	int i;

	tasklet_setup(&one.tasklet, placed_ran);
	for (i = 0; i < 100; i++)
		on_each_cpu(schedule_here, &one.tasklet, 0);
	msleep(20);
	tasklet_kill(&one.tasklet);
	return atomic_read(&seen.runs) > 0 && atomic_read(&seen.most) == 1;
}

static void nap_ran(struct work_struct *work)
{
	enter();
	usleep_range(10000, 11000);
	leave();
}

/* All of one place: lockdep takes them for one kind. */
static struct work_struct works[16];

static bool work_merges(void)
{
	bool first, second;

	INIT_WORK(&works[0], nap_ran);
	/* On this CPU its worker cannot begin meanwhile. */
	preempt_disable();
	first = schedule_work(&works[0]);
	second = schedule_work(&works[0]);
	preempt_enable();
	flush_work(&works[0]);
	return first && !second && atomic_read(&seen.runs) == 1;
}

static bool work_again_while_it_runs(void)
{
	bool again;

	INIT_WORK(&works[0], nap_ran);
	schedule_work(&works[0]);
	until(1);
	again = schedule_work(&works[0]);
	flush_work(&works[0]);
	return again && atomic_read(&seen.runs) == 2 && atomic_read(&seen.most) == 1;
}

static int wanted_at_once;

/* Wait for the others, and then whether one too many comes. */
static void together_ran(struct work_struct *work)
{
	enter();
	reaches(&seen.most, wanted_at_once);
	usleep_range(10000, 11000);
	leave();
}

static bool at_once(int max_active)
{
	struct workqueue_struct *wq;
	int i;

	wq = alloc_workqueue("irqdemo_rule", WQ_UNBOUND, max_active);
	if (!wq)
		return false;
	wanted_at_once = max_active;
	for (i = 0; i < 4; i++) {
		INIT_WORK(&works[i], together_ran);
		queue_work(wq, &works[i]);
	}
	destroy_workqueue(wq);
	return atomic_read(&seen.runs) == 4 && atomic_read(&seen.most) == max_active;
}

static bool max_active_1(void)
{
	return at_once(1);
}

static bool max_active_3(void)
{
	return at_once(3);
}

static void ordered_ran(struct work_struct *work)
{
	enter();
	/* place counts those that ran in their turn. */
	if (work == &works[atomic_read(&place)])
		atomic_inc(&place);
	usleep_range(100, 200);
	leave();
}

static bool ordered_in_order(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("irqdemo_rule", 0);
	int i;

	if (!wq)
		return false;
	for (i = 0; i < ARRAY_SIZE(works); i++) {
		INIT_WORK(&works[i], ordered_ran);
		queue_work(wq, &works[i]);
	}
	destroy_workqueue(wq);
	return atomic_read(&place) == ARRAY_SIZE(works) && atomic_read(&seen.most) == 1;
}

static struct delayed_work delayed;
static unsigned long delayed_at;

static void delayed_ran(struct work_struct *work)
{
	enter();
	delayed_at = jiffies;
	leave();
}

static bool delayed_not_early(void)
{
	unsigned long due = jiffies + msecs_to_jiffies(30);
	bool ran;

	INIT_DELAYED_WORK(&delayed, delayed_ran);
	schedule_delayed_work(&delayed, msecs_to_jiffies(30));
	ran = until(1);
	cancel_delayed_work_sync(&delayed);
	return ran && !time_before(delayed_at, due);
}

static bool delayed_moves(void)
{
	bool queued, moved, ran, pending, idle;

	INIT_DELAYED_WORK(&delayed, delayed_ran);
	queued = schedule_delayed_work(&delayed, 1000 * HZ);
	moved = mod_delayed_work(system_percpu_wq, &delayed, 1);
	ran = until(1);
	schedule_delayed_work(&delayed, 1000 * HZ);
	pending = cancel_delayed_work_sync(&delayed);
	idle = cancel_delayed_work_sync(&delayed);
	return queued && moved && ran && pending && !idle &&
	       atomic_read(&seen.runs) == 1;
}

static void irq_ran(struct irq_work *work)
{
	enter();
	leave();
}

static bool irq_work_merges(void)
{
	static struct irq_work work;
	bool first, second;

	work = IRQ_WORK_INIT_HARD(irq_ran);
	local_irq_disable();
	first = irq_work_queue(&work);
	second = irq_work_queue(&work);
	local_irq_enable();
	irq_work_sync(&work);
	return first && !second && atomic_read(&seen.runs) == 1;
}

static bool completion_counts(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	int passed = 0, i;

	for (i = 0; i < 3; i++)
		complete(&done);
	while (passed < 10 && try_wait_for_completion(&done))
		passed++;
	if (passed != 3)
		return false;
	complete_all(&done);
	for (i = 0; i < 10; i++)
		if (!try_wait_for_completion(&done))
			return false;
	reinit_completion(&done);
	return !try_wait_for_completion(&done);
}

static const struct {
	const char *name, *promise;
	bool (*kept)(void);
} rules[] = {
	{ "tasklet_hi_first", "of tasklets raised together, the hi one runs first",
	  tasklet_hi_first },
	{ "tasklet_merges", "raised twice, it runs once", tasklet_merges },
	{ "tasklet_waits_disabled", "disabled, it waits, and is not lost",
	  tasklet_waits_disabled },
	{ "tasklet_not_beside_itself", "raised on all CPUs, it runs on one at a time",
	  tasklet_not_beside_itself },
	{ "work_merges", "pending, it is not queued again", work_merges },
	{ "work_again_while_it_runs", "running, it is queued again, and runs after itself",
	  work_again_while_it_runs },
	{ "max_active_1", "one at a time", max_active_1 },
	{ "max_active_3", "three of four at once", max_active_3 },
	{ "ordered_in_order", "one by one, as they were queued", ordered_in_order },
	{ "delayed_not_early", "not before its time", delayed_not_early },
	{ "delayed_moves", "mod_delayed_work moves it, cancel says what it found",
	  delayed_moves },
	{ "irq_work_merges", "pending, it is not queued again", irq_work_merges },
	{ "completion_counts", "complete() lets one pass, complete_all() all",
	  completion_counts },
};

static int rules_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	guard(mutex)(&rules_mutex);
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		seen_reset();
		seq_printf(m, "%s %s: %s\n", rules[i].name,
			   rules[i].kept() ? "kept" : "broken", rules[i].promise);
	}
	return 0;
}

static int rules_open(struct inode *inode, struct file *file)
{
	return single_open(file, rules_show, NULL);
}

const struct file_operations rules_fops = {
	.owner = THIS_MODULE,
	.open = rules_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
