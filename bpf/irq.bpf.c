// SPDX-License-Identifier: GPL-2.0
/*
 * irq: hard interrupt handlers, by line and by CPU: how often, whether the
 * handler said it was its device's, and for how long.
 * Handlers that share a line each get their own call and their own row.
 * irqdemo's events name the handler by its text, where the kernel's have the
 * irqaction; and their exit is without it, hence a program of its own.
 * Reference: the kernel book, 6.12, on __handle_irq_event_percpu().
 *
 * Rows: table 0 by handler (id: line, aux: its irqaction, or its text), 1 by
 * CPU; the histogram is of ns in the handler.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_LINE, BY_CPU };
enum { CALLS, HANDLED, NOT_MINE, WOKE_THREAD };

struct call {
	__u64 since;
	__u64 handler;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

SEC("raw_tp/irq_handler_entry")
int BPF_PROG(irq_enter, int irq, __u64 handler)
{
	__u32 zero = 0;
	struct call *call = bpf_map_lookup_elem(&calls, &zero);

	if (call) {
		call->handler = handler;
		call->since = bpf_ktime_get_ns();
	}
	return 0;
}

static __always_inline int leave(int irq, int ret)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id();
	struct call *call = bpf_map_lookup_elem(&calls, &zero);
	struct edu_row *row[2];
	struct irqaction *action;
	const char *name;
	__u64 took;
	int i;

	if (!call || !call->since)
		return 0;
	took = bpf_ktime_get_ns() - call->since;
	call->since = 0;
	row[0] = edu_row(BY_LINE, cpu, irq, call->handler, NULL);
	row[1] = edu_row(BY_CPU, cpu, cpu, 0, NULL);
	for (i = 0; i < 2; i++) {
		edu_add(row[i], CALLS, 1);
		edu_add(row[i], ret == IRQ_HANDLED ? HANDLED :
			ret == IRQ_WAKE_THREAD ? WOKE_THREAD : NOT_MINE, 1);
		edu_record(row[i], took);
	}
	if (row[0] && !row[0]->comm[0]) {
		name = (const char *)call->handler;
		action = (struct irqaction *)call->handler;
		if (filter.side != EDU_SIDE_TWIN)
			name = BPF_CORE_READ(action, name);
		bpf_probe_read_kernel_str(row[0]->comm, EDU_COMM, name);
	}
	return 0;
}

SEC("raw_tp/irq_handler_exit")
int BPF_PROG(irq_leave, int irq, struct irqaction *action, int ret)
{
	return leave(irq, ret);
}

/* Loaded with plain bpftool, the kernel's side is the one that is watched. */
SEC("raw_tp/irqdemo_irq_handler_exit")
int BPF_PROG(irq_leave_twin, int irq, int ret)
{
	return filter.side == EDU_SIDE_TWIN ? leave(irq, ret) : 0;
}
