// SPDX-License-Identifier: GPL-2.0
/*
 * What the sched_ext program asks about tasks: the policy as kfuncs. Those about
 * processors are in cpus.c, those about groups in cgroups.c.
 *
 * Each function translates one callback of sched_ext to the core:
 *   enqueue    a new task: edu_enqueue(); the current one: edu_put_curr()
 *   dispatch   edu_pick()
 *   running    mostly nothing; if the kernel runs somebody else (it has its own
 *              reasons, bypass mode for one) the core is told so; real-time tasks
 *              that wait are pushed
 *   stopping   the time stops
 *   quiescent  edu_dequeue()
 *   tick       edu_tick(), edu_periodic_balance(), edu_push_idle()
 *
 * The program, not the module, acts: it inserts tasks, kicks processors.
 * Which ones to kick waits in a mask until it asks (sched_edu_next_kick()). It runs
 * under RCU, so no task that we look up goes away.
 *
 * A pick charges from its own clock on, as the kernel does, and has put the
 * previous task back; so of one switch the questions after it (stopping and enqueue
 * of that task, running of this one) mostly ask for nothing, and take no lock. What
 * they look at is changed only by this processor, or by who is serialized with it by
 * the kernel's own lock of its queue, under which sched_ext asks.
 *
 * A task taken from another processor may change between our choice and the
 * program's insert, which would then be valid for a task that we meanwhile
 * queued again elsewhere. So the program asks sched_edu_confirm() after the
 * insert, and cancels it if the task's seq is not that of the pick. One that is
 * here cannot change: dispatch holds the kernel's lock of this processor's queue.
 * While one comes from elsewhere that lock is let go, and the kernel may run
 * a task of its own first: so its time starts only when it is running.
 */
#include <linux/btf.h>
#include <linux/sched.h>

#include "glue.h"
#include "kfuncs.h"

/* sched_ext's flags, which it gives to programs only by BTF. */
#define ENQ_WAKEUP	BIT_ULL(0)
#define DEQ_SLEEP	BIT_ULL(0)

/* Tasks that one pick passes over before it starts anew. */
#define PICK_LIMIT	64

/* @t must not stay on another queue than @cpu's. */
static void leave_other_queue(struct edu_task *t, int cpu)
{
	unsigned long flags;
	struct edu_rq *rq;

	if (!READ_ONCE(t->on_rq) || READ_ONCE(t->rq)->cpu == cpu)
		return;
	rq = edu_task_lock(t, &flags);
	if (t->on_rq && rq->cpu != cpu)
		edu_dequeue(rq, t, 0);
	edu_rq_unlock(rq, flags);
}

/* A queue got a task from this one. */
static void tell(struct edu_rq *to)
{
	if (to)
		edu_want_kick(to);
}

static void push_rt(struct edu_rq *rq)
{
	struct edu_rq *to;

	while ((to = edu_rt_push(rq)))
		tell(to);
}

static void enqueue_flags(struct edu_rq *rq, struct edu_task *t, u64 enq_flags)
{
	/* A wakeup that sched_ext did not tell us of is one, too. */
	int flags = (enq_flags & ENQ_WAKEUP) || t->slept ? EDU_WAKEUP : 0;

	if (t->fresh)
		flags = EDU_NEW;
	t->fresh = false;
	t->slept = false;
	edu_enqueue(rq, t, flags);
}

__bpf_kfunc_start_defs();

/**
 * sched_edu_task_init - a task is introduced; may sleep
 * @p: the task
 * @fork: the current task forks it
 * @cgroup: the number of its cgroup
 *
 * Return: 0 or -ENOMEM.
 */
__bpf_kfunc int sched_edu_task_init(struct task_struct *p, bool fork, u64 cgroup)
{
	return edu_task_add(p, fork, cgroup) ? 0 : -ENOMEM;
}

/**
 * sched_edu_task_exit - a task is gone
 * @p: the task
 */
__bpf_kfunc void sched_edu_task_exit(struct task_struct *p)
{
	struct edu_task *t;

	t = edu_task_lookup(p);
	if (t)
		edu_task_remove(t);
}

/**
 * sched_edu_task_changed - nice level or policy of a task changed
 * @p: the task
 */
__bpf_kfunc void sched_edu_task_changed(struct task_struct *p)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t)
		return;
	rq = edu_task_lock(t, &flags);
	if (t->class == &edu_fair_class)
		t->policy = p->policy == SCHED_BATCH ? EDU_BATCH :
			    p->policy == SCHED_IDLE ? EDU_IDLE : EDU_NORMAL;
	edu_task_nice(t, task_nice(p));
	edu_rq_unlock(rq, flags);
}

/**
 * sched_edu_select_cpu - where a wakee should run
 * @p: the wakee
 * @prev_cpu: where it ran last
 *
 * Return: the number of a processor.
 */
__bpf_kfunc s32 sched_edu_select_cpu(struct task_struct *p, s32 prev_cpu)
{
	struct edu_task *t;

	t = edu_task_lookup(p);
	if (!t)
		return prev_cpu;
	return edu_select_cpu(edu_machine, t, prev_cpu, raw_smp_processor_id());
}

/**
 * sched_edu_enqueue - a task waits for a processor
 * @p: the task
 * @cpu: whose queue it is on
 * @enq_flags: sched_ext's
 *
 * Return: 0; -ENOENT for a task that was never introduced; -EIO for an error
 * that was asked for.
 */
__bpf_kfunc int sched_edu_enqueue(struct task_struct *p, s32 cpu, u64 enq_flags)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t || edu_bad_cpu(cpu))
		return -ENOENT;
	if (edu_fault(EDU_FAULT_ERROR))
		return -EIO;
	rq = &edu_machine->rq[cpu];
	/* Put back by a pick. Nobody takes it while it is not in our custody. */
	if (READ_ONCE(t->on_rq) && READ_ONCE(t->rq) == rq && READ_ONCE(rq->curr) != t &&
	    !READ_ONCE(rq->active) && !READ_ONCE(rq->overloaded)) {
		if (rq->left == t)
			rq->left = NULL;
		WRITE_ONCE(t->seq, t->seq + 1);
		edu_set_custody(t, true);
		return 0;
	}
	leave_other_queue(t, cpu);
	rq = edu_rq_lock(cpu, &flags);
	if (!t->on_rq)
		enqueue_flags(rq, t, enq_flags);
	else if (rq->curr == t)
		edu_put_curr(rq);
	if (rq->left == t)
		rq->left = NULL;
	WRITE_ONCE(t->seq, t->seq + 1);
	edu_set_custody(t, true);
	if (rq->active)
		tell(edu_push_idle(rq));
	push_rt(rq);
	edu_rq_unlock(rq, flags);
	return 0;
}

/**
 * sched_edu_dequeue - a waiting task is taken back
 * @p: the task
 * @deq_flags: sched_ext's
 */
__bpf_kfunc void sched_edu_dequeue(struct task_struct *p, u64 deq_flags)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t)
		return;
	rq = edu_task_lock(t, &flags);
	if (t->on_rq)
		edu_dequeue(rq, t, deq_flags & DEQ_SLEEP ? EDU_SLEEP : 0);
	if (deq_flags & DEQ_SLEEP)
		t->slept = true;
	edu_set_custody(t, false);
	WRITE_ONCE(t->seq, t->seq + 1);
	edu_rq_unlock(rq, flags);
}

/*
 * A task that is here may run here, whatever its mask says by now: the kernel
 * is about to move it, and does so with what is on a processor. Others have to
 * be moved here, which needs permission, and sched_ext refuses for a processor
 * that goes offline.
 */
static bool may_run(struct edu_task *t, int cpu)
{
	return edu_task_home(t) == cpu || (cpu_active(cpu) && edu_allowed(t, cpu));
}

/* It may not run here: back to where it is. */
static void send_home(struct edu_rq *rq, struct edu_task *t)
{
	struct edu_rq *home = &edu_machine->rq[edu_task_home(t)];

	edu_put_curr(rq);
	if (home == rq)
		return;		/* it just came */
	edu_double_lock(rq, home);
	if (t->on_rq && t->rq == rq && t != rq->curr) {
		edu_migrate(rq, home, t);
		edu_want_kick(home);
	}
	raw_spin_unlock(&home->lock);
}

/**
 * sched_edu_pick - choose who runs next
 * @cpu: where
 * @prev_able: the task that runs there now is one of ours and can go on
 *
 * Called on that processor, in schedule(), so that task is current.
 *
 * Return: the task, may be the one that runs; NULL to idle.
 */
__bpf_kfunc struct task_struct *sched_edu_pick(s32 cpu, bool prev_able)
{
	struct task_struct *prev = prev_able ? current : NULL;
	struct task_struct *p = NULL;
	unsigned long flags;
	struct edu_task *t;
	struct edu_rq *rq;
	bool roused;
	int tries;

	if (edu_bad_cpu(cpu) || edu_fault(EDU_FAULT_STALL))
		return NULL;
	rq = edu_rq_lock(cpu, &flags);
	rq->online = cpu_active(cpu);
	roused = !list_empty(&rq->throttled) ||
		 (rq->resched && rq->why == EDU_WHY_THROTTLE);
	for (tries = 0; tries < PICK_LIMIT; tries++) {
		t = edu_pick(rq);
		if (!t)
			break;
		if (t->task != prev && !edu_in_custody(t)) {
			/* sched_ext has not given it to us; it will. */
			edu_dequeue(rq, t, 0);
			continue;
		}
		if (t->task != prev && !may_run(t, cpu)) {
			send_home(rq, t);
			continue;
		}
		rq->pick_seq = t->seq;
		edu_set_custody(t, false);
		p = t->task;
		WRITE_ONCE(rq->charging, p == prev || edu_task_home(t) == cpu);
		break;
	}
	if (!p)
		edu_put_curr(rq);
	/*
	 * Nobody else will look after those that still wait. And one that was throttled comes
	 * to an idle processor without a wakeup: then the kernel leaves out an update of its
	 * own clock, at the next schedule(). The sooner that is, the less it runs for nothing.
	 */
	if (tries == PICK_LIMIT || (p && roused && is_idle_task(current)))
		edu_want_kick(rq);
	/* It idles on; sched_ext tells us only of one that begins to. */
	if (!p && is_idle_task(current)) {
		rq->idle = true;
		edu_cpupri_update(rq);
	}
	/* For another task that is done when it runs. */
	if (rq->charging || !p)
		edu_arm_timer(rq);
	edu_rq_unlock(rq, flags);
	return p;
}

/**
 * sched_edu_confirm - is the pick still what it was?
 * @p: picked, and inserted
 * @cpu: by this processor, which asks
 *
 * Return: false if the insert must be cancelled.
 */
__bpf_kfunc bool sched_edu_confirm(struct task_struct *p, s32 cpu)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t || edu_bad_cpu(cpu))
		return true;
	/* If the insert has seen the task come back, we see the seq of that. */
	smp_rmb();
	if (READ_ONCE(t->seq) == edu_machine->rq[cpu].pick_seq)
		return true;
	rq = edu_rq_lock(cpu, &flags);
	edu_stat_inc(rq, EDU_ST_CANCEL);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	return false;
}

/**
 * sched_edu_running - a task runs from now on
 * @p: the task
 * @cpu: where
 */
__bpf_kfunc void sched_edu_running(struct task_struct *p, s32 cpu)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t || edu_bad_cpu(cpu))
		return;
	rq = &edu_machine->rq[cpu];
	/* As picked, and charged since then. */
	if (READ_ONCE(rq->curr) == t && READ_ONCE(rq->charging) &&
	    !READ_ONCE(rq->overloaded)) {
		rq->left = NULL;
		return;
	}
	leave_other_queue(t, cpu);
	rq = edu_rq_lock(cpu, &flags);
	if (!t->on_rq)
		enqueue_flags(rq, t, 0);
	edu_set_custody(t, false);
	rq->left = NULL;
	if (rq->curr != t)
		edu_force_curr(rq, t);
	edu_curr_starts(rq);
	/* If it had to go already, that was told to whoever ran here. */
	rq->kicked = false;
	edu_arm_timer(rq);
	push_rt(rq);
	edu_rq_unlock(rq, flags);
}

/**
 * sched_edu_stopping - a task does not run any more, but could
 * @p: the task
 */
__bpf_kfunc void sched_edu_stopping(struct task_struct *p)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	t = edu_task_lookup(p);
	if (!t)
		return;
	rq = &edu_machine->rq[edu_task_home(t)];
	rq->left = t;
	/* Else a pick has put it back. */
	if (READ_ONCE(rq->curr) != t)
		return;
	rq = edu_rq_lock(rq->cpu, &flags);
	if (rq->curr == t)
		edu_curr_stops(rq);
	edu_rq_unlock(rq, flags);
}

/**
 * sched_edu_quiescent - a task is not runnable any more
 * @p: the task
 * @deq_flags: sched_ext's
 */
__bpf_kfunc void sched_edu_quiescent(struct task_struct *p, u64 deq_flags)
{
	sched_edu_dequeue(p, deq_flags);
}

/**
 * sched_edu_tick - a task runs, and time has passed
 * @p: the task
 * @cpu: where
 *
 * Return: whether it has to go.
 */
__bpf_kfunc bool sched_edu_tick(struct task_struct *p, s32 cpu)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;
	bool go;

	t = edu_task_lookup(p);
	if (!t || edu_bad_cpu(cpu))
		return false;
	rq = edu_rq_lock(cpu, &flags);
	if (rq->curr != t && t->on_rq && t->rq == rq) {
		edu_force_curr(rq, t);
		edu_curr_starts(rq);
	}
	rq->online = cpu_active(cpu);
	edu_tick(rq, false);
	edu_periodic_balance(rq);
	tell(edu_push_idle(rq));
	go = rq->resched;
	edu_rq_unlock(rq, flags);
	return go;
}

static bool task_yields(struct task_struct *from, struct task_struct *towards)
{
	struct edu_task *t, *to = NULL;
	unsigned long flags;
	struct edu_rq *rq;
	bool done;

	t = edu_task_lookup(from);
	if (towards)
		to = edu_task_lookup(towards);
	if (!t || (towards && !to))
		return false;
	rq = edu_task_lock(t, &flags);
	done = rq->curr == t;
	if (done && to)
		done = edu_yield_to(rq, to);
	else if (done)
		edu_yield(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	return done;
}

/**
 * sched_edu_yield - the running task lets others go first
 * @p: the running task
 *
 * Return: whether it does.
 */
__bpf_kfunc bool sched_edu_yield(struct task_struct *p)
{
	return task_yields(p, NULL);
}

/**
 * sched_edu_yield_to - the running task lets one other go first
 * @from: the running task
 * @to: the other
 *
 * Return: whether it does.
 */
__bpf_kfunc bool sched_edu_yield_to(struct task_struct *from,
				    struct task_struct *to)
{
	return task_yields(from, to);
}

__bpf_kfunc_end_defs();
