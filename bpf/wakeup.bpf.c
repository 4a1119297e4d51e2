// SPDX-License-Identifier: GPL-2.0
/*
 * wakeup: from the moment a task is woken until it runs, and who woke it.
 *
 * The clock starts at sched_waking, in the waker, before the run queue's lock
 * is asked for, and stops when sched_switch puts the task on a CPU. A task
 * that is woken while it still runs (it was about to sleep) never left the
 * CPU: its clock is dropped when it next leaves it as runnable, else a later
 * preemption would be taken for a slow wakeup. While a task that blocks is
 * leaving its CPU, sched_waking may come before or after its sched_switch; its
 * clock is kept either way.
 *
 * The filter is asked about the wakee: the waker may be anybody, and is an
 * interrupt when preempt_count says so. sched_wake_idle_without_ipi does not
 * name a wakee: it is counted only when there is no filter.
 * Reference: the kernel book, 6.12, on try_to_wake_up(); document A 2.4.
 *
 * Rows: table 0 by wakee, 1 by class of the wakee on each CPU, 2 waker to wakee
 * (id: waker in the upper half), 3 by CPU, NO_IPI alone; the histogram is of ns
 * from waking to running.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_TASK, BY_CLASS, GRAPH, BY_CPU };
enum {
	WAKEUPS,		/* sched_waking */
	NEW,			/* sched_wakeup_new */
	RUNNING,		/* was still on a CPU: no wait */
	NO_IPI			/* an idle CPU that polled was told without one */
};

struct wait {
	__u64 since;
	__u64 waker;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct wait);
} waits SEC(".maps");

static __always_inline int woken(struct task_struct *p, __u32 counter)
{
	struct task_struct *current = bpf_get_current_task_btf();
	__u32 count = edu_preempt_count(), waker = current->pid, cpu = bpf_get_smp_processor_id();
	struct edu_row *row;
	struct wait *wait;

	if (!edu_wanted(p))
		return 0;
	if (count & EDU_IN_HARDIRQ)
		waker = EDU_WAKER_HARDIRQ;
	else if (count & EDU_IN_SOFTIRQ)
		waker = EDU_WAKER_SOFTIRQ;

	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), counter, 1);
	edu_add(edu_row(BY_CLASS, cpu, edu_class(p), 0, NULL), counter, 1);
	row = edu_row(GRAPH, 0, (__u64)waker << 32 | p->pid, 0, current);
	if (row && !row->peer[0])
		bpf_probe_read_kernel_str(row->peer, sizeof(row->peer), p->comm);
	edu_add(row, counter, 1);

	wait = bpf_task_storage_get(&waits, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!wait) {
		edu_lose(EDU_LOST_STATE);
		return 0;
	}
	wait->since = bpf_ktime_get_ns();
	wait->waker = waker;
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(wakeup_waking, struct task_struct *p)
{
	return woken(p, WAKEUPS);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(wakeup_new, struct task_struct *p)
{
	return woken(p, NEW);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(wakeup_run, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct edu_key key = { .table = GRAPH };
	struct wait *wait;
	__u64 took;

	if (preempt || !prev_state) {
		wait = bpf_task_storage_get(&waits, prev, NULL, 0);
		if (wait && wait->since) {
			wait->since = 0;
			edu_add(edu_row(BY_TASK, 0, prev->pid, 0, prev), RUNNING, 1);
			edu_add(edu_row(BY_CLASS, cpu, edu_class(prev), 0, NULL), RUNNING, 1);
		}
	}
	wait = bpf_task_storage_get(&waits, next, NULL, 0);
	if (!wait || !wait->since)
		return 0;
	took = bpf_ktime_get_ns() - wait->since;
	wait->since = 0;
	edu_record(edu_row(BY_TASK, 0, next->pid, 0, next), took);
	edu_record(edu_row(BY_CLASS, cpu, edu_class(next), 0, NULL), took);
	key.id = wait->waker << 32 | next->pid;
	edu_record(bpf_map_lookup_elem(&rows, &key), took);
	return 0;
}

SEC("tp_btf/sched_wake_idle_without_ipi")
int BPF_PROG(wakeup_without_ipi, int cpu)
{
	if (!filter.tid && !filter.tgid && !filter.cgroup)
		edu_add(edu_row(BY_CPU, bpf_get_smp_processor_id(), cpu, 0, NULL), NO_IPI, 1);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(wakeup_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}
