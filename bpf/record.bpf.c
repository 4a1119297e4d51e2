// SPDX-License-Identifier: GPL-2.0
/*
 * record: the events of which eduscope record makes a trace: scheduling, the
 * life of tasks, interrupts and softirqs, and whatever the twins say.
 *
 * The kernel's events are taken with their arguments. A twin's event is copied
 * whole, as its tracepoint laid it out: record_twin is attached to each of
 * them, with a number as cookie, and user space knows the fields from tracefs.
 * There the first eight bytes are the kernel's own. Such a program does not run
 * when an interrupt finds another one running on the CPU; that is counted by
 * the kernel, and eduscope adds it to what was lost.
 * No event wakes eduscope: that would be events again. It looks by itself.
 */
#include "vmlinux.h"
#include "edu.bpf.h"
#include "record.h"

EDU_EVENT_RING(16 << 20);

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} dropped SEC(".maps");

/* Its head is filled in; NULL with the loss counted. */
static __always_inline void *reserve(__u32 type, __u64 size)
{
	__u32 zero = 0, *lost_here = bpf_map_lookup_elem(&dropped, &zero);
	struct edu_rec *r = bpf_ringbuf_reserve(&events, size, 0);
	struct task_struct *p = bpf_get_current_task_btf();

	if (!r) {
		if (lost_here)
			__sync_fetch_and_add(lost_here, 1);
		edu_lose(EDU_LOST_EVENT);
		return NULL;
	}
	r->ts = bpf_ktime_get_boot_ns();
	r->type = type;
	r->cpu = bpf_get_smp_processor_id();
	r->tid = p->pid;
	r->lost = lost_here ? *lost_here : 0;
	r->comm[0] = 0;
	r->other[0] = 0;
	return r;
}

static __always_inline int numbers(__u32 type, __u32 a, __u32 b)
{
	struct edu_rec *r = reserve(type, sizeof(*r));

	if (r) {
		r->arg[0] = a;
		r->arg[1] = b;
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	}
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(record_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	struct edu_rec *r = reserve(EDU_REC_SWITCH, sizeof(*r));

	if (!r)
		return 0;
	r->tid = prev->pid;
	r->arg[0] = next->pid;
	r->arg[1] = prev->prio;
	r->arg[2] = next->prio;
	r->arg[3] = preempt ? EDU_REC_PREEMPTED : prev_state;
	r->arg[4] = prev->exit_state;
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, prev->comm);
	bpf_probe_read_kernel_str(r->other, EDU_COMM, next->comm);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline int woken(__u32 type, struct task_struct *p)
{
	struct edu_rec *r = reserve(type, sizeof(*r));

	if (!r)
		return 0;
	r->arg[0] = p->pid;
	r->arg[1] = p->prio;
	r->arg[2] = BPF_CORE_READ(p, thread_info.cpu);
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, p->comm);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(record_waking, struct task_struct *p)
{
	return woken(EDU_REC_WAKING, p);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(record_wakeup_new, struct task_struct *p)
{
	return woken(EDU_REC_WAKEUP_NEW, p);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(record_fork, struct task_struct *parent, struct task_struct *child)
{
	struct edu_rec *r = reserve(EDU_REC_FORK, sizeof(*r));

	if (!r)
		return 0;
	r->arg[0] = child->pid;
	r->arg[1] = child->tgid;
	r->arg[2] = parent->tgid;
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, child->comm);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(record_exec, struct task_struct *p, pid_t old, struct linux_binprm *bprm)
{
	struct edu_long_rec *r = reserve(EDU_REC_EXEC, sizeof(*r));

	if (!r)
		return 0;
	r->head.arg[0] = old;
	r->head.arg[1] = p->tgid;
	r->data[0] = 0;
	bpf_probe_read_kernel_str(r->data, EDU_REC_DATA, BPF_CORE_READ(bprm, filename));
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(record_exit, struct task_struct *p)
{
	struct edu_rec *r = reserve(EDU_REC_EXIT, sizeof(*r));

	if (!r)
		return 0;
	r->arg[0] = p->tgid;
	r->arg[1] = p->prio;
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, p->comm);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(record_rename, struct task_struct *p, const char *comm)
{
	struct edu_rec *r = reserve(EDU_REC_RENAME, sizeof(*r));

	if (!r)
		return 0;
	r->arg[0] = p->pid;
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, p->comm);
	bpf_probe_read_kernel_str(r->other, EDU_COMM, comm);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(record_irq_entry, int irq, struct irqaction *action)
{
	struct edu_rec *r = reserve(EDU_REC_IRQ_ENTRY, sizeof(*r));

	if (!r)
		return 0;
	r->arg[0] = irq;
	bpf_probe_read_kernel_str(r->comm, EDU_COMM, BPF_CORE_READ(action, name));
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(record_irq_exit, int irq, struct irqaction *action, int ret)
{
	return numbers(EDU_REC_IRQ_EXIT, irq, ret);
}

SEC("tp_btf/softirq_raise")
int BPF_PROG(record_softirq_raise, unsigned int nr)
{
	return numbers(EDU_REC_SOFTIRQ_RAISE, nr, 0);
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(record_softirq_entry, unsigned int nr)
{
	return numbers(EDU_REC_SOFTIRQ_ENTRY, nr, 0);
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(record_softirq_exit, unsigned int nr)
{
	return numbers(EDU_REC_SOFTIRQ_EXIT, nr, 0);
}

SEC("tp")
int record_twin(void *ctx)
{
	struct edu_long_rec *r = reserve(EDU_REC_TWIN, sizeof(*r));

	if (!r)
		return 0;
	r->head.arg[0] = bpf_get_attach_cookie(ctx);
	if (bpf_probe_read_kernel(r->data, EDU_REC_DATA, ctx))
		r->data[0] = 0;
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}
