// SPDX-License-Identifier: GPL-2.0
/*
 * What the sched_ext program tells us of processors, and which ones it has to
 * kick; its own beginning and end.
 *
 * A pulled task stays where sched_ext has it until it is picked; so a processor
 * that goes offline gives its pulled tasks back (edu_drain()), and does not
 * pull from the moment on that it is not active any more.
 */
#include <linux/btf.h>
#include <linux/sched.h>

#include "glue.h"
#include "kfuncs.h"

__bpf_kfunc_start_defs();

/**
 * sched_edu_start - a sched_ext program begins to ask
 *
 * Return: 0, or -EBUSY if another one does already.
 */
__bpf_kfunc int sched_edu_start(void)
{
	int cpu, err;

	err = edu_glue_start();
	if (err)
		return err;
	for (cpu = 0; cpu < edu_machine->nr_cpus; cpu++) {
		struct edu_rq *rq = &edu_machine->rq[cpu];

		raw_spin_lock_irq(&rq->lock);
		rq->deferred = true;
		rq->resched = false;
		rq->online = cpu_online(cpu);
		rq->idle = false;
		edu_cpupri_update(rq);
		raw_spin_unlock_irq(&rq->lock);
	}
	return 0;
}

/**
 * sched_edu_stop - the program that started does not ask any more
 * @kind: of the end, enum scx_exit_kind
 * @reason: of the end, in sched_ext's words
 * @reason__sz: its room
 * @msg: more of them, or empty
 * @msg__sz: its room
 */
__bpf_kfunc void sched_edu_stop(u64 kind, const char *reason, u32 reason__sz,
				const char *msg, u32 msg__sz)
{
	edu_glue_stop(kind, reason, reason__sz, msg, msg__sz);
}

/**
 * sched_edu_idle - a processor has nothing to run, or has again
 * @cpu: which
 * @idle: nothing
 *
 * With SCX_OPS_ENQ_LAST a task that is not picked again comes back to us before
 * its processor idles. One that is not online (hotplug) keeps it to itself, and
 * sched_ext idles without another look.
 *
 * Return: whether there is such a task, so that the processor must be kicked.
 */
__bpf_kfunc bool sched_edu_idle(s32 cpu, bool idle)
{
	unsigned long flags;
	struct edu_rq *rq;
	bool again;

	if (edu_bad_cpu(cpu))
		return false;
	rq = edu_rq_lock(cpu, &flags);
	rq->idle = idle;
	edu_cpupri_update(rq);
	again = idle && rq->left && edu_may_kick();
	rq->left = NULL;
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	return again;
}

/**
 * sched_edu_online - a processor comes or goes
 * @cpu: which
 * @online: it comes
 */
__bpf_kfunc void sched_edu_online(s32 cpu, bool online)
{
	unsigned long flags;
	struct edu_rq *rq;

	if (edu_bad_cpu(cpu))
		return;
	rq = edu_rq_lock(cpu, &flags);
	rq->online = online;
	/* When it went its timer was moved elsewhere, and ended there. */
	rq->timer_at = rq->clock;
	edu_cpupri_update(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	if (online)
		return;
	edu_drain(rq, edu_task_home);
	for (cpu = 0; cpu < edu_machine->nr_cpus; cpu++) {
		rq = edu_rq_lock(cpu, &flags);
		edu_rq_unlock(rq, flags);
	}
}

/**
 * sched_edu_next_kick - a processor that has to reschedule
 *
 * Return: its number, given out once; -1 if there is none.
 */
__bpf_kfunc s32 sched_edu_next_kick(void)
{
	return edu_next_kick();
}

__bpf_kfunc_end_defs();
