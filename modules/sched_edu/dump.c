// SPDX-License-Identifier: GPL-2.0
/*
 * What sched_ext is told of us when it ends a scheduler with an error, or at
 * SysRq-D: one line about the machine, one a processor, one a task.
 *
 * Any policy may be at fault, so nothing here waits: a queue whose lock is held
 * is said to be that. A task is read without its lock: it may change meanwhile,
 * and a line that is torn is better than none.
 */
#include <linux/btf.h>
#include <linux/seq_buf.h>

#include "glue.h"
#include "kfuncs.h"

static const char *const faults[] = {
	[EDU_FAULT_NONE] = "none",
	[EDU_FAULT_STALL] = "stall",
	[EDU_FAULT_ERROR] = "error",
};

__bpf_kfunc_start_defs();

/**
 * sched_edu_dump - the machine in a line
 * @buf: where to
 * @buf__sz: its room
 *
 * Only the rules that are not as they are by default.
 */
__bpf_kfunc void sched_edu_dump(char *buf, u32 buf__sz)
{
	unsigned long on = READ_ONCE(edu_machine->features);
	struct seq_buf s;
	int i;

	seq_buf_init(&s, buf, buf__sz);
	seq_buf_printf(&s, "sched_edu: cpus=%d fault=%s rules=default", edu_machine->nr_cpus,
		       faults[READ_ONCE(edu_fault_now)]);
	for (i = 0; i < EDU_NR_FEATURES; i++)
		if (edu_features[i].on != !!(on & BIT(i)))
			seq_buf_printf(&s, ",%s%s", on & BIT(i) ? "" : "NO_",
				       edu_features[i].name);
	seq_buf_str(&s);
}

/**
 * sched_edu_dump_cpu - a processor's queue in a line
 * @buf: where to
 * @buf__sz: its room
 * @cpu: which
 */
__bpf_kfunc void sched_edu_dump_cpu(char *buf, u32 buf__sz, s32 cpu)
{
	const struct edu_task *first;
	unsigned long flags;
	struct edu_rq *rq;
	struct seq_buf s;

	seq_buf_init(&s, buf, buf__sz);
	if (edu_bad_cpu(cpu))
		goto out;
	rq = &edu_machine->rq[cpu];
	if (!raw_spin_trylock_irqsave(&rq->lock, flags)) {
		seq_buf_puts(&s, "sched_edu: the queue is locked");
		goto out;
	}
	edu_rq_clock(rq);
	first = list_first_entry_or_null(&rq->waiting, struct edu_task, wait_node);
	seq_buf_printf(&s, "sched_edu: runnable=%u fair=%u rt=%u dl=%u curr=%d", rq->nr_running,
		       rq->cfs.h_nr_running, rq->rt.nr_running, rq->dl.nr_running,
		       rq->curr ? rq->curr->pid : 0);
	seq_buf_printf(&s, " online=%d resched=%d kicked=%d throttled=%d", rq->online,
		       rq->resched, rq->kicked, rq->rt.throttled);
	if (first)
		seq_buf_printf(&s, " longest=%d/%llums", first->pid,
			       (rq->clock - first->wait_since) / NSEC_PER_MSEC);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
out:
	seq_buf_str(&s);
}

/**
 * sched_edu_dump_task - a task in a line
 * @buf: where to
 * @buf__sz: its room
 * @p: the task
 */
__bpf_kfunc void sched_edu_dump_task(char *buf, u32 buf__sz, struct task_struct *p)
{
	struct edu_task *t;
	struct seq_buf s;

	seq_buf_init(&s, buf, buf__sz);
	guard(rcu)();
	t = edu_task_lookup(p);
	if (t)
		seq_buf_printf(&s, "sched_edu: %s nice=%d prio=%d rq=%d %s vruntime=%llu",
			       edu_policy_name(READ_ONCE(t->policy)), READ_ONCE(t->nice),
			       READ_ONCE(t->rt_priority), READ_ONCE(t->rq)->cpu,
			       !READ_ONCE(t->on_rq) ? "blocked" :
			       READ_ONCE(t->custody) ? "waits" : "runs",
			       READ_ONCE(t->se.vruntime));
	else
		seq_buf_puts(&s, "sched_edu: unknown");
	seq_buf_str(&s);
}

__bpf_kfunc_end_defs();
