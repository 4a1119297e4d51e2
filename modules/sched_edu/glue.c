// SPDX-License-Identifier: GPL-2.0
/*
 * The machine whose processors are the real ones: its clock, the timer of its
 * slices, and who has to reschedule. The kfuncs (kfuncs.c) move its tasks.
 *
 * Slices end by a timer of ours: a hard interrupt on the processor itself. It
 * does what SCX_KICK_PREEMPT does, it clears the slice and asks to reschedule.
 * A concurrent update of the slice by the kernel may undo that; the next tick
 * then decides the same again.
 */
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/ext.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <edu/compat.h>

#include "glue.h"

static struct cpumask kick_mask;
static atomic_t kicks;		/* how many are in it */
static struct hrtimer *slice_timer;
static atomic_t active;

/* Why a program does not use us any more. */
static DEFINE_RAW_SPINLOCK(exit_lock);
static struct exit_info {
	u64 kind;
	char reason[64], msg[128];
} last_exit;

enum edu_fault edu_fault_now;

/**
 * edu_glue_active - is a sched_ext program using us?
 */
bool edu_glue_active(void)
{
	return atomic_read(&active);
}

/**
 * edu_glue_start - a sched_ext program begins to use us
 *
 * Return: 0, or -EBUSY if another one does already.
 */
int edu_glue_start(void)
{
	if (atomic_cmpxchg(&active, 0, 1))
		return -EBUSY;
	cpumask_clear(&kick_mask);
	atomic_set(&kicks, 0);
	return 0;
}

/**
 * edu_glue_stop - it does not any more
 * @kind: of the end, enum scx_exit_kind; 64 to 1023 are wanted ends
 * @reason: of the end
 * @reason_size: its room
 * @msg: more of it, or empty
 * @msg_size: its room
 *
 * A fault that was asked for ends, too.
 */
void edu_glue_stop(u64 kind, const char *reason, size_t reason_size, const char *msg,
		   size_t msg_size)
{
	struct exit_info info = { .kind = kind };

	strscpy(info.reason, reason, min(reason_size, sizeof(info.reason)));
	strscpy(info.msg, msg, min(msg_size, sizeof(info.msg)));
	scoped_guard(raw_spinlock_irqsave, &exit_lock)
		last_exit = info;
	if (kind >= 1024)
		pr_warn("sched_edu: ended by sched_ext: %s (%s)\n", info.reason, info.msg);
	edu_fault_set(EDU_FAULT_NONE);
	atomic_set(&active, 0);
}

/**
 * edu_exit_show - why the last program does not use us any more
 * @m: where to; nothing if there was none
 */
void edu_exit_show(struct seq_file *m)
{
	struct exit_info info;

	scoped_guard(raw_spinlock_irqsave, &exit_lock)
		info = last_exit;
	if (info.kind)
		seq_printf(m, "%llu %s: %s\n", info.kind, info.reason, info.msg);
}

/**
 * edu_rq_clock - let a queue's clock show the present time
 * @rq: locked
 *
 * The time of its processor, as in the kernel: where clocks are unstable ours
 * may be ahead, and who runs there would be charged for the difference.
 *
 * Such a clock stands still a tick after the last tick, and is set when an idle
 * processor is interrupted. Where there is no cpuidle driver the kernel does that
 * only once if tasks are queued (idle_cpu() in tick_irq_exit()); but a throttled
 * task of ours is queued, in its eyes, and its processor idles. The next task would
 * be charged for all that time.
 */
void edu_rq_clock(struct edu_rq *rq)
{
	u64 now;

	if (rq->cpu == smp_processor_id() && is_idle_task(current))
		sched_clock_idle_wakeup_event();
	now = sched_clock_cpu(rq->cpu);
	if ((s64)(now - rq->clock) > 0)
		rq->clock = now;
}

/**
 * edu_want_kick - a processor should reschedule
 * @rq: its queue
 *
 * Done when the program next asks, a tick later at the latest.
 */
void edu_want_kick(struct edu_rq *rq)
{
	if (!cpumask_test_and_set_cpu(rq->cpu, &kick_mask))
		atomic_inc(&kicks);
}

/**
 * edu_may_kick - may the program kick anybody from this processor?
 *
 * A kick is an interrupt to oneself. A processor that is going offline wakes
 * tasks to the very end, but such an interrupt is lost there; and as the kernel
 * takes it for pending, no irq_work of that processor ever runs again when it
 * is back: no kick, no end of a scheduler, no grace period of RCU Tasks.
 */
bool edu_may_kick(void)
{
	return cpu_online(raw_smp_processor_id());
}

/**
 * edu_next_kick - a processor that edu_want_kick() was told of
 *
 * Return: its number, given out once; -1 if there is none, or none for this
 * processor to kick; others ask soon.
 */
int edu_next_kick(void)
{
	int cpu;

	/* Mostly so; and if one is just being added, its processor asks next. */
	if (!atomic_read(&kicks) || !edu_may_kick())
		return -1;
	cpu = cpumask_first(&kick_mask);
	if (cpu >= edu_machine->nr_cpus ||
	    !cpumask_test_and_clear_cpu(cpu, &kick_mask))
		return -1;
	atomic_dec(&kicks);
	return cpu;
}

/**
 * edu_rq_lock - lock a processor's queue, its clock shows the present time
 * @cpu: which
 * @flags: for edu_rq_unlock()
 */
struct edu_rq *edu_rq_lock(int cpu, unsigned long *flags)
{
	struct edu_rq *rq = &edu_machine->rq[cpu];

	raw_spin_lock_irqsave(&rq->lock, *flags);
	edu_rq_clock(rq);
	return rq;
}

/* As SCX_KICK_PREEMPT does, without a message to ourselves. */
static void preempt_current(void)
{
	WRITE_ONCE(current->scx.slice, 0);
	set_tsk_need_resched(current);
	set_preempt_need_resched();
}

/*
 * May the current task finish its system call? Where the kernel preempts lazily,
 * its own fair class lets it: else a waker is stopped in the middle of each wakeup,
 * and whom it woke often finds nothing to do yet. The tick asks a second time.
 * Who is not charged yet is still on its way, and sched_ext wants a slice for that.
 */
static bool lazily(struct edu_rq *rq)
{
	return rq->why == EDU_WHY_WAKEUP && rq->curr && rq->charging && preempt_model_lazy() &&
	       edu_feature(rq->sched, LAZY_WAKEUP);
}

/* Needs no message to another processor: it looks at the flag by itself. */
static void preempt_lazily(struct task_struct *p)
{
	WRITE_ONCE(p->scx.slice, 0);
	set_tsk_thread_flag(p, TIF_NEED_RESCHED_LAZY);
}

/**
 * edu_rq_unlock - unlock a queue; let its processor know if it must reschedule
 * @rq: locked
 * @flags: of edu_rq_lock() or edu_task_lock()
 *
 * It is told once for each pick; if that is lost the tick asks again.
 */
void edu_rq_unlock(struct edu_rq *rq, unsigned long flags)
{
	if (rq->resched && !rq->kicked) {
		rq->kicked = true;
		if (lazily(rq))
			preempt_lazily(rq->curr->task);
		else if (rq->cpu == smp_processor_id() && rq->curr &&
			 rq->curr->task == current)
			preempt_current();
		else
			edu_want_kick(rq);
	}
	raw_spin_unlock_irqrestore(&rq->lock, flags);
}

/* How long until something happens on this processor by itself; 0: nothing. */
static u64 next_event(struct edu_rq *rq)
{
	struct edu_task *curr = rq->curr;
	u64 next = edu_bandwidth_next(rq);

	if (!curr) {
		if (rq->rt.throttled || !list_empty(&rq->dl.throttled))
			next = min(next, NSEC_PER_MSEC);
	} else if (curr->class == &edu_dl_class) {
		next = min_t(u64, next, max_t(s64, curr->dl_left, 0));
	} else if (curr->class == &edu_fair_class && rq->cfs.h_nr_running > 1 &&
		   edu_feature(rq->sched, HRTICK)) {
		next = min(next, edu_fair_left(rq, curr));
	}
	return next == U64_MAX ? 0 : max(next, (u64)EDU_SLICE_MIN);
}

/**
 * edu_arm_timer - arm the timer for what happens next on this processor by itself
 * @rq: its queue, locked; nothing is done for another's
 *
 * Not at each switch, which is dear: one that fires earlier is left alone, finds
 * out what is left then, and is armed again for that.
 */
void edu_arm_timer(struct edu_rq *rq)
{
	u64 delay, at;

	if (rq->cpu != smp_processor_id())
		return;
	delay = next_event(rq);
	at = rq->clock + delay;
	if (!delay || (edu_before(rq->clock, rq->timer_at) && !edu_before(at, rq->timer_at)))
		return;
	rq->timer_at = at;
	hrtimer_start(&slice_timer[rq->cpu], ns_to_ktime(delay),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static enum hrtimer_restart slice_over(struct hrtimer *timer)
{
	int cpu = smp_processor_id();
	struct edu_rq *rq = &edu_machine->rq[cpu];
	u64 next = 0;
	bool ours;

	/* It was moved here when its processor went offline. */
	if (timer != &slice_timer[cpu])
		return HRTIMER_NORESTART;
	raw_spin_lock(&rq->lock);
	edu_rq_clock(rq);
	edu_tick(rq, true);
	/* Else somebody runs here who is not ours, and later there is a pick. */
	ours = rq->curr ? rq->curr->task == current : is_idle_task(current);
	if (ours && rq->resched)
		preempt_current();
	else if (ours)
		next = next_event(rq);
	rq->timer_at = rq->clock + next;
	raw_spin_unlock(&rq->lock);
	if (!next)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(next));
	return HRTIMER_RESTART;
}

/**
 * edu_glue_init - offer the kfuncs
 *
 * Return: 0, -ENOMEM, or what the registration says.
 */
int edu_glue_init(void)
{
	int cpu, err;

	slice_timer = kcalloc(nr_cpu_ids, sizeof(*slice_timer), GFP_KERNEL);
	if (!slice_timer)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		hrtimer_setup(&slice_timer[cpu], slice_over, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	edu_machine->kick = edu_want_kick;
	err = edu_kfuncs_register();
	if (err)
		kfree(slice_timer);
	return err;
}

/**
 * edu_glue_exit - no program uses us any more; wait for what is under way
 */
void edu_glue_exit(void)
{
	int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		hrtimer_cancel(&slice_timer[cpu]);
	kfree(slice_timer);
	edu_tasks_exit();
}
