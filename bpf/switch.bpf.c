// SPDX-License-Identifier: GPL-2.0
/*
 * switch: who left the CPU, why, and after how long.
 *
 * The cause, in the order in which it is decided:
 *   exited      the task is dead
 *   blocked     the kernel counted a voluntary switch (task_struct::nvcsw went
 *               up since the task was put on the CPU; that includes a task
 *               that wanted to sleep and was kept from it by a signal)
 *   yielded     it is inside sched_yield()
 *   higher      the next task's class is above its own
 *   slice       its slice or budget was used up: for fair, the deadline was
 *               moved on while it ran; for round robin, an equal took over; for
 *               ext, scx.slice is 0; or a lower class got the CPU (throttled)
 *   same        somebody in its own class took the CPU before that
 * Reference: the kernel book, 6.12, on __schedule(); document B 2.3. Today's
 * EEVDF ends a slice at a virtual deadline, where the documents' CFS compared
 * run time with sched_slice(). With group scheduling the deadline looked at is
 * the task's own, not its group's.
 *
 * Rows: table 0 by task, 1 by class on each CPU (a migration counts for the CPU
 * that it leads to); counters: enum below; the histogram is of ns on the CPU
 * without leaving it. By stack: ns off the CPU, waiting or ready, by where the
 * task left it.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_TASK, BY_CLASS };
enum {
	BLOCKED,
	HIGHER,
	SLICE,
	SAME,
	YIELDED,
	EXITED,
	VOLUNTARY,		/* as /proc/PID/status counts them */
	INVOLUNTARY,
	MIGRATIONS
};

#define SCHED_RR 2

struct run {
	__u64 since;		/* on the CPU since then; 0: not seen arriving */
	__u64 nvcsw;
	__u64 deadline;
	__u32 yielding;
	__u32 pad;
	__u64 off;		/* left the CPU then, with --folded */
	__u64 stack;		/* from there */
};

EDU_STACKS;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct run);
} runs SEC(".maps");

static __always_inline bool slice_used(struct task_struct *p, struct run *run, __u32 class,
				       struct task_struct *next, __u32 next_class)
{
	if (next_class > class)
		return true;
	if (class == EDU_CLASS_FAIR)
		return run && run->since && p->se.deadline != run->deadline;
	if (class == EDU_CLASS_RT)
		return p->policy == SCHED_RR && next->prio == p->prio;
	if (class == EDU_CLASS_EXT && bpf_core_field_exists(p->scx))
		return !p->scx.slice;
	return false;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(switch_tasks, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	__u32 cpu = bpf_get_smp_processor_id(), class, cause, next_class;
	__u64 now = bpf_ktime_get_ns();
	struct edu_row *row[2];
	struct run *run;
	bool voluntary;
	int i;

	if (edu_wanted(prev)) {
		run = bpf_task_storage_get(&runs, prev, NULL, 0);
		class = edu_class(prev);
		next_class = edu_class(next);
		if (run && run->since)
			voluntary = prev->nvcsw != run->nvcsw;
		else
			voluntary = !preempt && prev_state;
		if (prev_state & TASK_DEAD)
			cause = EXITED;
		else if (voluntary)
			cause = BLOCKED;
		else if (run && run->yielding)
			cause = YIELDED;
		else if (next_class < class)
			cause = HIGHER;
		else if (slice_used(prev, run, class, next, next_class))
			cause = SLICE;
		else
			cause = SAME;

		/* The idle tasks of all CPUs are number 0: a row for each. */
		row[0] = edu_row(BY_TASK, prev->pid ? 0 : cpu, prev->pid, 0, prev);
		row[1] = edu_row(BY_CLASS, cpu, class, 0, NULL);
		for (i = 0; i < 2; i++) {
			edu_add(row[i], cause, 1);
			edu_add(row[i], voluntary ? VOLUNTARY : INVOLUNTARY, 1);
			if (run && run->since)
				edu_record(row[i], now - run->since);
		}
		if (run)
			run->since = 0;
		/* The idle tasks do not wait while others run. */
		if (filter.stacks && prev->pid) {
			run = bpf_task_storage_get(&runs, prev, NULL,
						   BPF_LOCAL_STORAGE_GET_F_CREATE);
			if (run) {
				run->off = now;
				run->stack = edu_stack(ctx, &stacks);
			} else {
				edu_lose(EDU_LOST_STATE);
			}
		}
	}
	if (edu_wanted(next)) {
		run = bpf_task_storage_get(&runs, next, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!run) {
			edu_lose(EDU_LOST_STATE);
			return 0;
		}
		if (run->off)
			edu_fold(run->stack, next, now - run->off);
		run->off = 0;
		run->since = now;
		run->nvcsw = next->nvcsw;
		run->deadline = next->se.deadline;
	}
	return 0;
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(switch_migrate, struct task_struct *p, int to)
{
	if (!edu_wanted(p))
		return 0;
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), MIGRATIONS, 1);
	edu_add(edu_row(BY_CLASS, to, edu_class(p), 0, NULL), MIGRATIONS, 1);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(switch_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}

SEC("fentry/do_sched_yield")
int BPF_PROG(switch_yield)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct run *run;

	if (!edu_wanted(p))
		return 0;
	run = bpf_task_storage_get(&runs, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (run)
		run->yielding = 1;
	else
		edu_lose(EDU_LOST_STATE);
	return 0;
}

SEC("fexit/do_sched_yield")
int BPF_PROG(switch_yielded)
{
	struct run *run = bpf_task_storage_get(&runs, bpf_get_current_task_btf(), NULL, 0);

	if (run)
		run->yielding = 0;
	return 0;
}
