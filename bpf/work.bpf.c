// SPDX-License-Identifier: GPL-2.0
/*
 * work: work items by function: how long from being queued to being run
 * (table 0), and how long they ran (table 1). A delayed work's clock starts
 * when its timer hands it to the pool, which is when it is queued. An item may
 * be queued again while it runs: each has its own clock.
 * irqdemo's events have the arguments of the kernel's, with a work item of its
 * own kind.
 * Reference: document B, the concurrency-managed workqueue.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { DELAY, RUN };
enum { QUEUED, RUNS };

struct times {
	__u64 queued;
	__u64 started;
	__u64 function;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct times);
} works SEC(".maps");

/* irqdemo's work item, as far as it is read here. */
struct edu_work {
	void *func;
} __attribute__((preserve_access_index));

static __always_inline __u64 function_of(const void *item)
{
	const struct work_struct *work = item;
	const struct edu_work *twin = item;

	if (filter.side == EDU_SIDE_TWIN)
		return (__u64)BPF_CORE_READ(twin, func);
	return (__u64)BPF_CORE_READ(work, func);
}

static __always_inline struct times *times_of(__u64 item)
{
	struct times *t = bpf_map_lookup_elem(&works, &item), none = {};

	if (t)
		return t;
	bpf_map_update_elem(&works, &item, &none, BPF_NOEXIST);
	t = bpf_map_lookup_elem(&works, &item);
	if (!t)
		edu_lose(EDU_LOST_STATE);
	return t;
}

SEC("raw_tp/workqueue_queue_work")
int BPF_PROG(work_queue, int req_cpu, void *pwq, void *item)
{
	struct times *t = times_of((__u64)item);

	if (t)
		t->queued = bpf_ktime_get_ns();
	edu_add(edu_row(DELAY, bpf_get_smp_processor_id(), function_of(item), 0, NULL), QUEUED, 1);
	return 0;
}

SEC("raw_tp/workqueue_execute_start")
int BPF_PROG(work_start, void *item)
{
	__u64 now = bpf_ktime_get_ns(), function = function_of(item);
	struct times *t = times_of((__u64)item);
	__u32 cpu = bpf_get_smp_processor_id();

	edu_add(edu_row(RUN, cpu, function, 0, NULL), RUNS, 1);
	if (!t)
		return 0;
	if (t->queued)
		edu_record(edu_row(DELAY, cpu, function, 0, NULL), now - t->queued);
	t->queued = 0;
	t->started = now;
	t->function = function;
	return 0;
}

/* The item may have been freed by its function: only its address is used. */
SEC("raw_tp/workqueue_execute_end")
int BPF_PROG(work_end, void *item)
{
	__u64 id = (__u64)item, start;
	struct times *t = bpf_map_lookup_elem(&works, &id);

	if (!t || !t->started)
		return 0;
	start = t->started;
	t->started = 0;
	edu_record(edu_row(RUN, bpf_get_smp_processor_id(), t->function, 0, NULL),
		   bpf_ktime_get_ns() - start);
	if (!t->queued)
		bpf_map_delete_elem(&works, &id);
	return 0;
}
