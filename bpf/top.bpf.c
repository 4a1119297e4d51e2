// SPDX-License-Identifier: GPL-2.0
/*
 * top: for each CPU what it runs and how many wait, its switches, the wakeups
 * that led to it with their waits, and page faults.
 *
 * What happens is counted where it happens; what is, is looked up in the run
 * queues when user space asks (top_look, run by bpf(2)). The CPU that eduscope
 * itself runs on would always show eduscope: there the task is shown that left
 * the CPU for it, and it is not counted as running.
 * Waits as in wakeup.bpf.c; faults as the kernel counts pgfault: a fault that
 * must be retried does not count, one that failed does.
 */
#include "vmlinux.h"
#include "edu.bpf.h"
#include "top.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EDU_TOP_CPUS);
	__type(key, __u32);
	__type(value, struct edu_top_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} waits SEC(".maps");

extern const struct rq runqueues __ksym;

static __always_inline struct edu_top_cpu *here(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpus, &cpu);
}

static __always_inline int woken(struct task_struct *p)
{
	__u64 *since = bpf_task_storage_get(&waits, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (since)
		*since = bpf_ktime_get_ns();
	else
		edu_lose(EDU_LOST_STATE);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(top_waking, struct task_struct *p)
{
	return woken(p);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(top_wakeup_new, struct task_struct *p)
{
	return woken(p);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(top_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	struct edu_top_cpu *c = here();
	__u64 *since, took;
	__u32 slot;

	if (!c)
		return 0;
	c->switches++;
	if (prev->tgid != filter.self) {
		c->last.tid = prev->pid;
		c->last.class = edu_class(prev);
		bpf_probe_read_kernel_str(c->last.comm, EDU_COMM, prev->comm);
	}
	if (preempt || !prev_state) {
		since = bpf_task_storage_get(&waits, prev, NULL, 0);
		if (since)
			*since = 0;
	}
	since = bpf_task_storage_get(&waits, next, NULL, 0);
	if (!since || !*since)
		return 0;
	took = bpf_ktime_get_ns() - *since;
	*since = 0;
	c->wakeups++;
	c->wait.count++;
	c->wait.sum += took;
	slot = edu_slot(took);
	if (slot < EDU_HIST_SLOTS)
		c->wait.slot[slot]++;
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(top_fault, struct vm_area_struct *vma, unsigned long address, unsigned int flags,
	     struct pt_regs *regs, unsigned int ret)
{
	struct edu_top_cpu *c = here();

	if (c && !(ret & VM_FAULT_RETRY))
		__sync_fetch_and_add(&c->faults, 1);
	return 0;
}

SEC("syscall")
int top_look(void *ctx)
{
	__u32 cpu;

	for (cpu = 0; cpu < EDU_TOP_CPUS; cpu++) {
		const struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);
		struct edu_top_cpu *c;
		struct task_struct *p;
		__u32 key = cpu;

		if (!rq)
			break;
		c = bpf_map_lookup_elem(&cpus, &key);
		if (!c)
			break;
		c->nr_running = BPF_CORE_READ(rq, nr_running);
		p = BPF_CORE_READ(rq, curr);
		if (BPF_CORE_READ(p, tgid) == filter.self) {
			c->nr_running -= c->nr_running > 0;
			c->now = c->last;
			continue;
		}
		c->now.tid = BPF_CORE_READ(p, pid);
		c->now.class = edu_class_of(BPF_CORE_READ(p, sched_class));
		BPF_CORE_READ_STR_INTO(&c->now.comm, p, comm);
	}
	return 0;
}
