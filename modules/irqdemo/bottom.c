// SPDX-License-Identifier: GPL-2.0
/*
 * Every bottom half behind one table, and what each says of its context.
 *
 * A bottom half is raised from the hard handler and runs later. The rules that
 * all kinds but the thread share:
 *  1. Raised while it is pending, it runs once (merged).
 *  2. Raised while it runs, it runs once more.
 *  3. It is stopped after free_irq(): from then on nobody raises it.
 *
 * Follows the kernel book, 11.6 to 11.12, and 12.7; its comparison table is
 * filled from bh_ran(), where a bottom half looks about. Newer than the book:
 * BH workqueues (which are to replace tasklets) and irq_poll. A module cannot
 * have a softirq of its own: raise_softirq() is not exported.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <edu/compat.h>

#include "line.h"
#include "trace.h"

static struct workqueue_struct *wq, *wq_highpri, *wq_intensive, *wq_unbound;

/* How late, and in which context? */
static noinline void bh_measure(struct bh *bh)
{
	u64 now = ktime_get_ns();
	struct bh_facts *f = &bh->facts;

	hist_add(&bh->from_edge, now - READ_ONCE(bh->line->edge));
	hist_add(&bh->from_hard, now - READ_ONCE(bh->hard));
	/* Two runs at once may mix their facts, which are the same facts. */
	f->hardirq = in_hardirq();
	f->softirq = in_serving_softirq();
	f->irqs_off = irqs_disabled();
	f->preempt = preempt_count();
	f->may_sleep = !f->preempt && !f->irqs_off;
	f->cpu = raw_smp_processor_id();
	f->policy = current->policy;
	f->rt_priority = current->rt_priority;
	strscpy(f->comm, current->comm);
}

/**
 * bh_ran - called from inside every bottom half
 * @bh: which
 *
 * Any context.
 */
void bh_ran(struct bh *bh)
{
	trace_irqdemo_bh_entry(bh->kind, bh->line->index);
	if (READ_ONCE(bh->hard))
		bh_measure(bh);
	atomic64_inc(&bh->ran);
	trace_irqdemo_bh_exit(bh->kind, bh->line->index);
	if (READ_ONCE(bh->line->pulsing))
		complete(&bh->line->done);
}

/**
 * bh_find - the kind of a name
 * @name: as in bh_table
 *
 * Return: enum bh_kind, or -ENOENT.
 */
int bh_find(const char *name)
{
	int kind;

	for (kind = 0; kind < BH_KINDS; kind++)
		if (bh_table[kind].name && !strcmp(name, bh_table[kind].name))
			return kind;
	return -ENOENT;
}

static bool hard_raise(struct bh *bh)
{
	bh_ran(bh);
	return true;
}

static void tasklet_ran(struct tasklet_struct *tasklet)
{
	bh_ran(container_of(tasklet, struct bh, tasklet));
}

static int tasklet_make(struct bh *bh)
{
	tasklet_setup(&bh->tasklet, tasklet_ran);
	return 0;
}

static void tasklet_stop(struct bh *bh)
{
	tasklet_kill(&bh->tasklet);
}

/* As tasklet_schedule(), which does not say what it found. */
static bool tasklet_raise(struct bh *bh)
{
	if (test_and_set_bit(TASKLET_STATE_SCHED, &bh->tasklet.state))
		return false;
	__tasklet_schedule(&bh->tasklet);
	return true;
}

static bool tasklet_hi_raise(struct bh *bh)
{
	if (test_and_set_bit(TASKLET_STATE_SCHED, &bh->tasklet.state))
		return false;
	__tasklet_hi_schedule(&bh->tasklet);
	return true;
}

static void work_ran(struct work_struct *work)
{
	bh_ran(container_of(work, struct bh, work));
}

static int work_make(struct bh *bh)
{
	INIT_WORK(&bh->work, work_ran);
	return 0;
}

/*
 * lockdep tells works apart by the place that made them: one that runs in a
 * softirq and one that runs in a task must not be made in the same place.
 */
static int bh_work_make(struct bh *bh)
{
	INIT_WORK(&bh->work, work_ran);
	return 0;
}

static void work_stop(struct bh *bh)
{
	cancel_work_sync(&bh->work);
}

static bool bhwq_raise(struct bh *bh)
{
	return queue_work(system_bh_wq, &bh->work);
}

static bool bhwq_hi_raise(struct bh *bh)
{
	return queue_work(system_bh_highpri_wq, &bh->work);
}

static bool wq_raise(struct bh *bh)
{
	return queue_work(wq, &bh->work);
}

static bool wq_highpri_raise(struct bh *bh)
{
	return queue_work(wq_highpri, &bh->work);
}

static bool wq_intensive_raise(struct bh *bh)
{
	return queue_work(wq_intensive, &bh->work);
}

static bool wq_unbound_raise(struct bh *bh)
{
	return queue_work(wq_unbound, &bh->work);
}

#if IS_ENABLED(CONFIG_IRQ_POLL)
static int poll_ran(struct irq_poll *poll, int budget)
{
	struct bh *bh = container_of(poll, struct bh, poll);

	/* Below its budget: it says that it is done, and may be raised again. */
	irq_poll_complete(poll);
	bh_ran(bh);
	return 1;
}

static int poll_make(struct bh *bh)
{
	irq_poll_init(&bh->poll, 4, poll_ran);
	return 0;
}

static void poll_stop(struct bh *bh)
{
	irq_poll_disable(&bh->poll);
}

/* Of another CPU's run that ends in between a raise too many counts as merged. */
static bool poll_raise(struct bh *bh)
{
	bool idle = !test_bit(IRQ_POLL_F_SCHED, &bh->poll.state);

	irq_poll_sched(&bh->poll);
	return idle;
}
#endif

static void irq_work_ran(struct irq_work *work)
{
	bh_ran(container_of(work, struct bh, irq_work));
}

static int irq_work_make(struct bh *bh)
{
	bh->irq_work = IRQ_WORK_INIT_HARD(irq_work_ran);
	return 0;
}

static void irq_work_stop(struct bh *bh)
{
	irq_work_sync(&bh->irq_work);
}

static bool irq_work_raise(struct bh *bh)
{
	return irq_work_queue(&bh->irq_work);
}

static void timer_ran(struct timer_list *timer)
{
	bh_ran(container_of(timer, struct bh, timer));
}

static int timer_make(struct bh *bh)
{
	timer_setup(&bh->timer, timer_ran, TIMER_PINNED);
	return 0;
}

static void timer_stop(struct bh *bh)
{
	timer_shutdown_sync(&bh->timer);
}

static bool timer_raise(struct bh *bh)
{
	return !mod_timer(&bh->timer, jiffies);
}

static enum hrtimer_restart hrtimer_ran(struct hrtimer *hrtimer)
{
	bh_ran(container_of(hrtimer, struct bh, hrtimer));
	return HRTIMER_NORESTART;
}

static int hrtimer_make(struct bh *bh)
{
	hrtimer_setup(&bh->hrtimer, hrtimer_ran, CLOCK_MONOTONIC,
		      bh->kind == BH_HRTIMER ? HRTIMER_MODE_REL_PINNED_HARD :
					       HRTIMER_MODE_REL_PINNED_SOFT);
	return 0;
}

static void hrtimer_stop(struct bh *bh)
{
	hrtimer_cancel(&bh->hrtimer);
}

static bool hrtimer_raise(struct bh *bh)
{
	/* Taken out it was pending; while it runs, it is to run once more. */
	bool idle = hrtimer_try_to_cancel(&bh->hrtimer) <= 0;

	hrtimer_start(&bh->hrtimer, 0,
		      bh->kind == BH_HRTIMER ? HRTIMER_MODE_REL_PINNED_HARD :
					       HRTIMER_MODE_REL_PINNED_SOFT);
	return idle;
}

static int waiter(void *data)
{
	struct bh *bh = data;

	for (;;) {
		wait_for_completion_interruptible(&bh->completion);
		if (READ_ONCE(bh->stopping))
			break;
		bh_ran(bh);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int completion_make(struct bh *bh)
{
	struct task_struct *task;

	init_completion(&bh->completion);
	bh->stopping = false;
	task = kthread_run(waiter, bh, "irqdemo/wait%u", bh->line->index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	bh->task = task;
	return 0;
}

static void completion_stop(struct bh *bh)
{
	/* This completion is no interrupt: the task must not count it. */
	WRITE_ONCE(bh->stopping, true);
	complete(&bh->completion);
	kthread_stop(bh->task);
}

static bool completion_raise(struct bh *bh)
{
	complete(&bh->completion);
	return true;
}

static bool poller_raise(struct bh *bh)
{
	chardev_event(bh);
	return true;
}

static void edu_timer_ran(struct edu_timer *timer)
{
	bh_ran(container_of(timer, struct bh, edu_timer));
}

static int edu_timer_make(struct bh *bh)
{
	edu_timer_setup(&bh->edu_timer, timebase_wheel(false), edu_timer_ran, 0);
	return 0;
}

static void edu_timer_stop(struct bh *bh)
{
	edu_timer_shutdown_sync(&bh->edu_timer);
}

static bool edu_timer_raise(struct bh *bh)
{
	return !edu_timer_mod_on(&bh->edu_timer, timebase_wheel(false), jiffies,
				 jiffies);
}

static enum edu_hr_restart edu_hrtimer_ran(struct edu_hrtimer *timer)
{
	bh_ran(container_of(timer, struct bh, edu_hrtimer));
	return EDU_HR_NORESTART;
}

/* The timer moves to the CPU on which its line interrupts. */
static int edu_hrtimer_make(struct bh *bh)
{
	edu_hrtimer_setup(&bh->edu_hrtimer, timebase_hr(), EDU_HR_MONOTONIC,
			  edu_hrtimer_ran);
	return 0;
}

static void edu_hrtimer_stop(struct bh *bh)
{
	edu_hrtimer_cancel(&bh->edu_hrtimer);
}

static bool edu_hrtimer_raise(struct bh *bh)
{
	struct edu_hr_cpu *cpu = timebase_hr();
	int pending = 0;

	if (bh->edu_hrtimer.base->cpu != cpu) {
		/* It may run on the other CPU, with interrupts off: not for long. */
		pending = edu_hrtimer_cancel(&bh->edu_hrtimer);
		edu_hrtimer_setup(&bh->edu_hrtimer, cpu, EDU_HR_MONOTONIC,
				  edu_hrtimer_ran);
	}
	return !(edu_hrtimer_start(&bh->edu_hrtimer, ktime_get(), 0) | pending);
}

/**
 * bottom_init - make what the table's kinds share
 *
 * Return: 0 or -ENOMEM.
 */
int bottom_init(void)
{
	wq = alloc_workqueue("irqdemo", WQ_PERCPU, 0);
	wq_highpri = alloc_workqueue("irqdemo_hi", WQ_PERCPU | WQ_HIGHPRI, 0);
	wq_intensive = alloc_workqueue("irqdemo_cpu",
				       WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	wq_unbound = alloc_workqueue("irqdemo_unbound", WQ_UNBOUND, 0);
	if (wq && wq_highpri && wq_intensive && wq_unbound)
		return 0;
	bottom_exit();
	return -ENOMEM;
}

/**
 * bottom_exit - the opposite; no line is attached any more
 */
void bottom_exit(void)
{
	struct workqueue_struct *all[] = { wq, wq_highpri, wq_intensive, wq_unbound };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			destroy_workqueue(all[i]);
}

#define KERNEL(n, s, t, r) \
	{ .name = n, .side = "kernel", .setup = s, .stop = t, .raise = r }
#define EDU(n, s, t, r) \
	{ .name = n, .side = "edu", .setup = s, .stop = t, .raise = r }

const struct bh_ops bh_table[BH_KINDS] = {
	[BH_HARD] = KERNEL("hard", NULL, NULL, hard_raise),
	[BH_THREAD] = KERNEL("thread", NULL, NULL, NULL),
	[BH_TASKLET] = KERNEL("tasklet", tasklet_make, tasklet_stop, tasklet_raise),
	[BH_TASKLET_HI] = KERNEL("tasklet_hi", tasklet_make, tasklet_stop,
				 tasklet_hi_raise),
	[BH_BHWQ] = KERNEL("bh_wq", bh_work_make, work_stop, bhwq_raise),
	[BH_BHWQ_HI] = KERNEL("bh_wq_hi", bh_work_make, work_stop, bhwq_hi_raise),
#if IS_ENABLED(CONFIG_IRQ_POLL)
	[BH_IRQ_POLL] = KERNEL("irq_poll", poll_make, poll_stop, poll_raise),
#endif
	[BH_IRQ_WORK] = KERNEL("irq_work", irq_work_make, irq_work_stop,
			       irq_work_raise),
	[BH_TIMER] = KERNEL("timer", timer_make, timer_stop, timer_raise),
	[BH_HRTIMER] = KERNEL("hrtimer", hrtimer_make, hrtimer_stop, hrtimer_raise),
	[BH_HRTIMER_SOFT] = KERNEL("hrtimer_soft", hrtimer_make, hrtimer_stop,
				   hrtimer_raise),
	[BH_WQ] = KERNEL("wq", work_make, work_stop, wq_raise),
	[BH_WQ_HIGHPRI] = KERNEL("wq_highpri", work_make, work_stop,
				 wq_highpri_raise),
	[BH_WQ_CPU_INTENSIVE] = KERNEL("wq_cpu_intensive", work_make, work_stop,
				       wq_intensive_raise),
	[BH_WQ_UNBOUND] = KERNEL("wq_unbound", work_make, work_stop,
				 wq_unbound_raise),
	[BH_COMPLETION] = KERNEL("completion", completion_make, completion_stop,
				 completion_raise),
	[BH_POLLER] = KERNEL("poller", NULL, NULL, poller_raise),
	[BH_EDU_TIMER] = EDU("edu_timer", edu_timer_make, edu_timer_stop,
			     edu_timer_raise),
	[BH_EDU_HRTIMER] = EDU("edu_hrtimer", edu_hrtimer_make, edu_hrtimer_stop,
			       edu_hrtimer_raise),
};
