// SPDX-License-Identifier: GPL-2.0
/*
 * signal: by number, how many were sent, how many of those were dropped
 * (ignored, already pending, queue full), how many found their target asleep
 * and woke it, how many were delivered, and how long from the last sending to
 * delivery, when the target returns to user mode; then how long its handler
 * ran, until rt_sigreturn.
 *
 * The filter is asked about the target. A signal sent to a process may be
 * delivered to any of its threads: the clock belongs to process and number. The
 * kernel wakes the thread that it chose before its own event of the sending.
 * A handler that was left by longjmp() does not return: rt_sigreturn puts back
 * the stack pointer that the task had at delivery, and so tells which one ends.
 * Reference: the kernel book, 6.12, on send_signal and get_signal().
 *
 * Rows: table 0 by signal; table 1 by signal, of handlers that returned.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_SIGNAL, BY_HANDLER };
enum { SENT, DROPPED, WOKEN, DELIVERED, HANDLED };
enum { RETURNED };
enum { GENERATE, WAKE, DELIVER, RETURN };

struct target {
	__u32 tgid;
	__u32 sig;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct target);
	__type(value, __u64);
} sent SEC(".maps");

/* The signal whose target is being chosen here; that is with interrupts off. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} sending SEC(".maps");

#define HANDLERS 8		/* the innermost that are remembered; a power of two */

struct handler {
	__u64 sp;
	__u64 since;
	__u32 sig;
	__u32 pad;
};

struct handlers {
	struct handler of[HANDLERS];
	__u32 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct handlers);
} handlers SEC(".maps");

EDU_EVENT_RING(1 << 18);

SEC("tp_btf/signal_generate")
int BPF_PROG(signal_sent, int sig, struct kernel_siginfo *info, struct task_struct *p, int group,
	     int result)
{
	bool dropped = result != TRACE_SIGNAL_DELIVERED && result != TRACE_SIGNAL_LOSE_INFO;
	struct target key = { .tgid = p->tgid, .sig = sig };
	__u64 now = bpf_ktime_get_ns();
	struct edu_event *e;
	struct edu_row *row;

	if (!edu_wanted(p))
		return 0;
	row = edu_row(BY_SIGNAL, bpf_get_smp_processor_id(), sig, 0, NULL);
	edu_add(row, SENT, 1);
	if (dropped)
		edu_add(row, DROPPED, 1);
	else if (bpf_map_update_elem(&sent, &key, &now, BPF_ANY))
		edu_lose(EDU_LOST_STATE);
	e = edu_event(&events, GENERATE, bpf_get_current_task_btf());
	if (!e)
		return 0;
	e->arg[0] = sig;
	e->arg[1] = p->pid;
	e->arg[2] = group;
	e->arg[3] = result;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline int choosing(__u32 sig)
{
	__u32 zero = 0, *now = bpf_map_lookup_elem(&sending, &zero);

	if (now)
		*now = sig;
	return 0;
}

SEC("fentry/complete_signal")
int BPF_PROG(signal_choose, int sig)
{
	return choosing(sig);
}

SEC("fexit/complete_signal")
int BPF_PROG(signal_chosen)
{
	return choosing(0);
}

SEC("fexit/wake_up_state")
int BPF_PROG(signal_wake, struct task_struct *p, unsigned int state, int woken)
{
	__u32 zero = 0, *sig = bpf_map_lookup_elem(&sending, &zero);
	struct edu_event *e;

	if (!sig || !*sig || !edu_wanted(p))
		return 0;
	if (woken)
		edu_add(edu_row(BY_SIGNAL, bpf_get_smp_processor_id(), *sig, 0, NULL), WOKEN, 1);
	e = edu_event(&events, WAKE, bpf_get_current_task_btf());
	if (!e)
		return 0;
	e->arg[0] = *sig;
	e->arg[1] = p->pid;
	e->arg[2] = woken;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline __u64 user_sp(struct task_struct *p)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(p);

	return BPF_CORE_READ(regs, sp);
}

static __always_inline void begin_handler(struct task_struct *p, __u32 sig)
{
	struct handlers *all = bpf_task_storage_get(&handlers, p, NULL,
						    BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct handler *h;

	if (!all) {
		edu_lose(EDU_LOST_STATE);
		return;
	}
	h = &all->of[all->n++ & (HANDLERS - 1)];
	h->sp = user_sp(p);
	h->since = bpf_ktime_get_ns();
	h->sig = sig;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(signal_delivered, int sig, struct kernel_siginfo *info, struct k_sigaction *ka)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct target key = { .tgid = p->tgid, .sig = sig };
	unsigned long handler;
	struct edu_event *e;
	struct edu_row *row;
	__u64 *since;

	if (!edu_wanted(p))
		return 0;
	handler = (unsigned long)BPF_CORE_READ(ka, sa.sa_handler);
	row = edu_row(BY_SIGNAL, bpf_get_smp_processor_id(), sig, 0, NULL);
	edu_add(row, DELIVERED, 1);
	if (handler > 1) {
		edu_add(row, HANDLED, 1);
		begin_handler(p, sig);
	}
	since = bpf_map_lookup_elem(&sent, &key);
	if (since) {
		edu_record(row, bpf_ktime_get_ns() - *since);
		bpf_map_delete_elem(&sent, &key);
	}
	e = edu_event(&events, DELIVER, p);
	if (!e)
		return 0;
	e->arg[0] = sig;
	e->arg[1] = handler > 1;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("fexit/__do_sys_rt_sigreturn")
int BPF_PROG(signal_return)
{
	struct task_struct *p = bpf_get_current_task_btf();
	__u64 sp = user_sp(p), now = bpf_ktime_get_ns();
	struct handlers *all;
	struct edu_event *e;
	struct edu_row *row;
	struct handler *h;
	__u32 i;

	if (!edu_wanted(p))
		return 0;
	all = bpf_task_storage_get(&handlers, p, NULL, 0);
	if (!all)
		return 0;
	/* Those within it were left. */
	for (i = 1; i <= HANDLERS; i++) {
		h = &all->of[(all->n - i) & (HANDLERS - 1)];
		if (h->sp == sp)
			break;
	}
	if (i > HANDLERS || !h->since)
		return 0;
	all->n -= i;
	row = edu_row(BY_HANDLER, bpf_get_smp_processor_id(), h->sig, 0, NULL);
	edu_add(row, RETURNED, 1);
	edu_record(row, now - h->since);
	e = edu_event(&events, RETURN, p);
	if (e) {
		e->arg[0] = h->sig;
		e->arg[1] = now - h->since;
		bpf_ringbuf_submit(e, 0);
	}
	h->sp = 0;
	return 0;
}
