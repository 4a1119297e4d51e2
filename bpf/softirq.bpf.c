// SPDX-License-Identifier: GPL-2.0
/*
 * softirq: by vector, how often it was raised and run, how long from the first
 * raise to the start (table 0), and how long it ran (table 1).
 * A vector that is raised again before it ran is one pending bit: the clock
 * goes on from the first raise, and again counts the others.
 * The twin's vectors are irqdemo's bottom halves. The kernel has a set of
 * vectors for each CPU, irqdemo one for each line: what is pending is kept by
 * that number, and a bottom half may run where it was not raised.
 * Reference: the kernel book, 6.12, on __do_softirq().
 *
 * Rows: id is the vector, aux on the twin's side the line.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { DELAY, RUN };
enum { RAISED, AGAIN, RUNS };

#define VECTORS 32
#define PLACES 512		/* CPUs, or lines */

struct vector {
	__u64 raised;
	__u64 entered;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES * VECTORS);
	__type(key, __u32);
	__type(value, struct vector);
} pending SEC(".maps");

static __always_inline struct vector *vector(__u32 place, __u32 nr)
{
	__u32 index = place * VECTORS + nr;
	struct vector *v = NULL;

	if (place < PLACES && nr < VECTORS)
		v = bpf_map_lookup_elem(&pending, &index);
	if (!v)
		edu_lose(EDU_LOST_STATE);
	return v;
}

static __always_inline int raise(__u32 place, __u32 nr, __u64 line)
{
	struct vector *v = vector(place, nr);

	if (!v)
		return 0;
	edu_add(edu_row(DELAY, bpf_get_smp_processor_id(), nr, line, NULL),
		v->raised ? AGAIN : RAISED, 1);
	if (!v->raised)
		v->raised = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int enter(__u32 place, __u32 nr, __u64 line)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct vector *v = vector(place, nr);
	__u64 now = bpf_ktime_get_ns();

	if (!v)
		return 0;
	if (v->raised)
		edu_record(edu_row(DELAY, cpu, nr, line, NULL), now - v->raised);
	v->raised = 0;
	v->entered = now;
	edu_add(edu_row(RUN, cpu, nr, line, NULL), RUNS, 1);
	return 0;
}

static __always_inline int leave(__u32 place, __u32 nr, __u64 line)
{
	struct vector *v = vector(place, nr);

	if (!v || !v->entered)
		return 0;
	edu_record(edu_row(RUN, bpf_get_smp_processor_id(), nr, line, NULL),
		   bpf_ktime_get_ns() - v->entered);
	v->entered = 0;
	return 0;
}

SEC("raw_tp/softirq_raise")
int BPF_PROG(softirq_raised, unsigned int nr)
{
	return raise(bpf_get_smp_processor_id(), nr, 0);
}

SEC("raw_tp/softirq_entry")
int BPF_PROG(softirq_enter, unsigned int nr)
{
	return enter(bpf_get_smp_processor_id(), nr, 0);
}

SEC("raw_tp/softirq_exit")
int BPF_PROG(softirq_leave, unsigned int nr)
{
	return leave(bpf_get_smp_processor_id(), nr, 0);
}

/* Loaded with plain bpftool, the kernel's side is the one that is watched. */
SEC("raw_tp/irqdemo_bh_raise")
int BPF_PROG(bh_raised, unsigned int kind, unsigned int line)
{
	return filter.side == EDU_SIDE_TWIN ? raise(line, kind, line) : 0;
}

SEC("raw_tp/irqdemo_bh_entry")
int BPF_PROG(bh_enter, unsigned int kind, unsigned int line)
{
	return filter.side == EDU_SIDE_TWIN ? enter(line, kind, line) : 0;
}

SEC("raw_tp/irqdemo_bh_exit")
int BPF_PROG(bh_leave, unsigned int kind, unsigned int line)
{
	return filter.side == EDU_SIDE_TWIN ? leave(line, kind, line) : 0;
}
