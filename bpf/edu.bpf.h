/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every probe shares on the kernel's side: filter, rows, histograms,
 * losses, single events. Include after vmlinux.h; one object, one copy.
 *
 * Counters are added to atomically: an interrupt on the same CPU, or the same
 * class on another one, may be in the same row.
 */
#ifndef EDU_BPF_H
#define EDU_BPF_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "edu.h"

#define TASK_DEAD	0x80
#define PF_KTHREAD	0x00200000
#define ENOENT		2
#define EEXIST		17

const volatile struct edu_filter filter = {};

/* All zeros, for new rows: 1.4 KB would not fit on the stack. */
static const struct edu_row edu_no_row;

/*
 * Preallocated (12 MB): under the run queue's lock a new element cannot wait
 * for memory, and a burst of new rows of this size empties the BPF allocator's
 * small per-CPU stock: seen as a few lost rows in each run.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EDU_ROWS);
	__type(key, struct edu_key);
	__type(value, struct edu_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EDU_LOST_KINDS);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

static __always_inline void edu_lose(__u32 kind)
{
	__u64 *n = bpf_map_lookup_elem(&lost, &kind);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* One probe has events, another has not: the ring is the probe's choice. */
#define EDU_EVENT_RING(bytes)			\
struct {					\
	__uint(type, BPF_MAP_TYPE_RINGBUF);	\
	__uint(max_entries, bytes);		\
} events SEC(".maps")

/* For a probe with stacks; without --folded user space makes it small. */
#define EDU_STACKS					\
struct {						\
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);		\
	__uint(max_entries, 8192);			\
	__uint(key_size, sizeof(__u32));		\
	__uint(value_size, EDU_STACK_DEPTH * sizeof(__u64));	\
} stacks SEC(".maps")

/**
 * edu_wanted() - does the user's filter let this task through?
 * @p: a task, trusted
 *
 * The cgroup is looked for among the task's ancestors, so that a filter on a
 * group includes the groups below it.
 */
static __always_inline bool edu_wanted(struct task_struct *p)
{
	struct cgroup *group, *at = NULL;

	if (filter.tid && p->pid != filter.tid)
		return false;
	if (filter.tgid && p->tgid != filter.tgid)
		return false;
	if (!filter.cgroup)
		return true;
	group = BPF_CORE_READ(p, cgroups, dfl_cgrp);
	if (!group || BPF_CORE_READ(group, level) < (int)filter.level)
		return false;
	bpf_probe_read_kernel(&at, sizeof(at), (void *)group +
			      bpf_core_field_offset(struct cgroup, ancestors) +
			      filter.level * sizeof(at));
	return at && BPF_CORE_READ(at, kn, id) == filter.cgroup;
}

static __always_inline void edu_add(struct edu_row *row, __u32 counter, __u64 n)
{
	if (row && counter < EDU_COUNTERS)
		__sync_fetch_and_add(&row->n[counter], n);
}

/* The slot of a value: see struct edu_hist. */
static __always_inline __u32 edu_slot(__u64 v)
{
	__u32 e = 0, slot;
	__u64 x = v;

	if (v < (1 << EDU_HIST_SUB))
		return v;
	if (x >> 32) {
		e += 32;
		x >>= 32;
	}
	if (x >> 16) {
		e += 16;
		x >>= 16;
	}
	if (x >> 8) {
		e += 8;
		x >>= 8;
	}
	if (x >> 4) {
		e += 4;
		x >>= 4;
	}
	if (x >> 2) {
		e += 2;
		x >>= 2;
	}
	e += x >> 1;
	slot = (e - EDU_HIST_SUB + 1) * (1 << EDU_HIST_SUB) +
	       ((v >> (e - EDU_HIST_SUB)) & ((1 << EDU_HIST_SUB) - 1));
	return slot < EDU_HIST_SLOTS ? slot : EDU_HIST_SLOTS - 1;
}

/*
 * The maximum is not atomic: two CPUs that race for it may keep the smaller
 * of two nearly equal new maxima. Rows of one task or one CPU cannot race.
 */
static __always_inline void edu_record(struct edu_row *row, __u64 value)
{
	__u32 slot = edu_slot(value);

	if (!row)
		return;
	__sync_fetch_and_add(&row->hist.count, 1);
	__sync_fetch_and_add(&row->hist.sum, value);
	if (value > row->hist.max)
		row->hist.max = value;
	if (slot < EDU_HIST_SLOTS)
		__sync_fetch_and_add(&row->hist.slot[slot], 1);
}

/**
 * edu_row() - the row with this name, made if new
 * @table: the probe's own number of a table
 * @cpu: who counts, or 0 when only one CPU can at a time
 * @id: the thing
 * @aux: the rest of its name, or 0
 * @p: a task whose name a new row takes, or NULL
 *
 * Return: the row, or NULL with the loss counted.
 */
static __always_inline struct edu_row *edu_row(__u32 table, __u32 cpu, __u64 id, __u64 aux,
					       struct task_struct *p)
{
	struct edu_key key = { .table = table, .cpu = cpu, .id = id, .aux = aux };
	struct edu_row *row;
	long err;

	row = bpf_map_lookup_elem(&rows, &key);
	if (row)
		return row;
	err = bpf_map_update_elem(&rows, &key, &edu_no_row, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&rows, &key);
	if (!row) {
		edu_lose(EDU_LOST_ROW);
		return NULL;
	}
	if (p && !err)
		bpf_probe_read_kernel_str(row->comm, sizeof(row->comm), p->comm);
	return row;
}

/* A task that runs a program has a new name; its row in a table is told. */
static __always_inline int edu_rename(__u32 table, struct task_struct *p, const char *comm)
{
	struct edu_key key = { .table = table, .id = p->pid };
	struct edu_row *row = bpf_map_lookup_elem(&rows, &key);

	if (row)
		bpf_probe_read_kernel_str(row->comm, sizeof(row->comm), comm);
	return 0;
}

/*
 * Where the current task is, as the id of a row in the table EDU_FOLDED. A user's
 * stack may be out of memory, and a kernel thread has none: that is no loss. A
 * stack that finds its place in the map taken is one.
 */
static __always_inline __u64 edu_stack(void *ctx, void *stacks)
{
	long kernel = bpf_get_stackid(ctx, stacks, 0);
	long user = bpf_get_stackid(ctx, stacks, BPF_F_USER_STACK);

	if (kernel == -EEXIST || user == -EEXIST)
		edu_lose(EDU_LOST_STATE);
	return (__u32)kernel | (__u64)(__u32)user << 32;
}

static __always_inline void edu_fold(__u64 stack, struct task_struct *p, __u64 amount)
{
	struct edu_row *row = edu_row(EDU_FOLDED, 0, stack, p->tgid, p);

	edu_add(row, 0, amount);
	edu_add(row, 1, 1);
}

extern const void stop_sched_class __ksym __weak;
extern const void dl_sched_class __ksym __weak;
extern const void rt_sched_class __ksym __weak;
extern const void fair_sched_class __ksym __weak;
extern const void ext_sched_class __ksym __weak;
extern const void idle_sched_class __ksym __weak;

static __always_inline __u32 edu_class_of(const void *class)
{
	if (class == &fair_sched_class)
		return EDU_CLASS_FAIR;
	if (class == &idle_sched_class)
		return EDU_CLASS_IDLE;
	if (class == &rt_sched_class)
		return EDU_CLASS_RT;
	if (class == &dl_sched_class)
		return EDU_CLASS_DL;
	if (class == &stop_sched_class)
		return EDU_CLASS_STOP;
	if (bpf_ksym_exists(&ext_sched_class) && class == &ext_sched_class)
		return EDU_CLASS_EXT;
	return EDU_CLASS_OTHER;
}

static __always_inline __u32 edu_class(struct task_struct *p)
{
	return edu_class_of(p->sched_class);
}

/*
 * preempt_count moved in 6.15 (Linux commit 46e8fff6d45fe, x86/preempt: Move
 * preempt count to percpu hot section): look for both.
 */
struct pcpu_hot___old {
	int preempt_count;
} __attribute__((preserve_access_index));

extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot___old pcpu_hot __ksym __weak;

static __always_inline __u32 edu_preempt_count(void)
{
	if (bpf_ksym_exists(&__preempt_count))
		return *(int *)bpf_this_cpu_ptr(&__preempt_count);
	if (bpf_ksym_exists(&pcpu_hot))
		return ((struct pcpu_hot___old *)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
	return 0;
}

#define EDU_IN_SOFTIRQ	0x00000100
#define EDU_IN_HARDIRQ	0x00ff0000	/* with NMI's bits; 0x000f0000 is hardirq */

static __always_inline struct edu_event *edu_event(void *ring, __u32 type, struct task_struct *p)
{
	struct edu_event *e;

	if (!filter.events)
		return NULL;
	e = bpf_ringbuf_reserve(ring, sizeof(*e), 0);
	if (!e) {
		edu_lose(EDU_LOST_EVENT);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts = bpf_ktime_get_boot_ns();
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->tid = p->pid;
	e->tgid = p->tgid;
	bpf_probe_read_kernel_str(e->comm, sizeof(e->comm), p->comm);
	return e;
}

char LICENSE[] SEC("license") = "GPL";

#endif
