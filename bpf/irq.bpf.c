// SPDX-License-Identifier: GPL-2.0
/*
 * irq: hard interrupt handlers, by line and by CPU: how often, whether the
 * handler said it was its device's, and for how long.
 * Handlers that share a line each get their own call and their own row.
 * Reference: the kernel book, 6.12, on __handle_irq_event_percpu().
 *
 * Rows: table 0 by handler (id: line, aux: its irqaction), 1 by CPU; the
 * histogram is of ns in the handler.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_LINE, BY_CPU };
enum { CALLS, HANDLED, NOT_MINE, WOKE_THREAD };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(irq_enter, int irq, struct irqaction *action)
{
	__u32 zero = 0;
	__u64 *start = bpf_map_lookup_elem(&starts, &zero);

	if (start)
		*start = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(irq_leave, int irq, struct irqaction *action, int ret)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id();
	__u64 *start = bpf_map_lookup_elem(&starts, &zero), took;
	struct edu_row *row[2];
	int i;

	if (!start || !*start)
		return 0;
	took = bpf_ktime_get_ns() - *start;
	*start = 0;
	row[0] = edu_row(BY_LINE, cpu, irq, (__u64)action, NULL);
	row[1] = edu_row(BY_CPU, cpu, cpu, 0, NULL);
	for (i = 0; i < 2; i++) {
		edu_add(row[i], CALLS, 1);
		edu_add(row[i], ret == IRQ_HANDLED ? HANDLED :
			ret == IRQ_WAKE_THREAD ? WOKE_THREAD : NOT_MINE, 1);
		edu_record(row[i], took);
	}
	if (row[0] && !row[0]->comm[0])
		bpf_probe_read_kernel_str(row[0]->comm, EDU_COMM, BPF_CORE_READ(action, name));
	return 0;
}
