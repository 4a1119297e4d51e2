// SPDX-License-Identifier: GPL-2.0
/*
 * signal: by number, how many were sent, how many of those were dropped
 * (ignored, already pending, queue full), how many were delivered, and how
 * long from the last sending to delivery, when the target returns to user
 * mode. The filter is asked about the target. A signal sent to a process may
 * be delivered to any of its threads: the clock belongs to process and number.
 * Reference: the kernel book, 6.12, on send_signal and get_signal().
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_SIGNAL };
enum { SENT, DROPPED, DELIVERED, HANDLED };
enum { GENERATE, DELIVER };

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

EDU_EVENT_RING(1 << 18);

SEC("tp_btf/signal_generate")
int BPF_PROG(signal_sent, int sig, struct kernel_siginfo *info, struct task_struct *p, int group,
	     int result)
{
	struct target key = { .tgid = p->tgid, .sig = sig };
	__u64 now = bpf_ktime_get_ns();
	struct edu_event *e;
	struct edu_row *row;

	if (!edu_wanted(p))
		return 0;
	row = edu_row(BY_SIGNAL, bpf_get_smp_processor_id(), sig, 0, NULL);
	edu_add(row, SENT, 1);
	if (result)
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
	if (handler > 1)
		edu_add(row, HANDLED, 1);
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
