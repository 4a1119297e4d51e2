// SPDX-License-Identifier: GPL-2.0
/*
 * softirq: by vector, how often it was raised and run, how long from the first
 * raise to the start (table 0), and how long it ran (table 1).
 * A vector that is raised again before it ran is one pending bit: the clock
 * goes on from the first raise, and again counts the others.
 * Reference: the kernel book, 6.12, on __do_softirq().
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { DELAY, RUN };
enum { RAISED, AGAIN, RUNS };

#define VECTORS 16

struct vectors {
	__u64 raised[VECTORS];
	__u64 entered;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vectors);
} pending SEC(".maps");

SEC("tp_btf/softirq_raise")
int BPF_PROG(softirq_raised, unsigned int nr)
{
	__u32 zero = 0;
	struct vectors *v = bpf_map_lookup_elem(&pending, &zero);
	struct edu_row *row = edu_row(DELAY, bpf_get_smp_processor_id(), nr, 0, NULL);

	if (!v)
		return 0;
	nr &= VECTORS - 1;
	edu_add(row, v->raised[nr] ? AGAIN : RAISED, 1);
	if (!v->raised[nr])
		v->raised[nr] = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(softirq_enter, unsigned int nr)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id();
	struct vectors *v = bpf_map_lookup_elem(&pending, &zero);
	__u64 now = bpf_ktime_get_ns();

	if (!v)
		return 0;
	nr &= VECTORS - 1;
	if (v->raised[nr])
		edu_record(edu_row(DELAY, cpu, nr, 0, NULL), now - v->raised[nr]);
	v->raised[nr] = 0;
	v->entered = now;
	edu_add(edu_row(RUN, cpu, nr, 0, NULL), RUNS, 1);
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(softirq_leave, unsigned int nr)
{
	__u32 zero = 0;
	struct vectors *v = bpf_map_lookup_elem(&pending, &zero);

	if (!v || !v->entered)
		return 0;
	edu_record(edu_row(RUN, bpf_get_smp_processor_id(), nr, 0, NULL),
		   bpf_ktime_get_ns() - v->entered);
	v->entered = 0;
	return 0;
}
