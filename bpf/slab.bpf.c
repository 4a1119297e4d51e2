// SPDX-License-Identifier: GPL-2.0
/*
 * slab: objects taken and given back, by cache and by task, and how long
 * kmem_cache_alloc() took. kmalloc() is counted by size class: its event does
 * not name a cache, but the bytes that were handed out are the class.
 * slab_edu's events have the arguments of the kernel's, save that a cache is a
 * struct edu_cache: the same programs watch either. What an interrupt takes or
 * gives back is counted for the task that it interrupted, also by the filter.
 * Reference: the kernel book, 6.12, on slab_alloc_node().
 *
 * Rows: table 0 by cache, 1 by kmalloc class, 2 by task; the histogram of
 * table 0 is of ns in kmem_cache_alloc(), for the caller's filter. By stack:
 * bytes of objects taken.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_CACHE, BY_CLASS, BY_TASK };
enum { ALLOCS, FREES, BYTES, WASTED, FAILED };

/* slab_edu's, as far as it is read here; found in the module's BTF by its name. */
struct edu_cache {
	unsigned int object_size;
	char *name;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} starts SEC(".maps");

EDU_STACKS;

static __always_inline struct edu_row *cache_row(const void *cache)
{
	struct edu_row *row = edu_row(BY_CACHE, bpf_get_smp_processor_id(), (__u64)cache, 0, NULL);
	const char *name;

	if (!row || row->comm[0])
		return row;
	if (filter.side == EDU_SIDE_TWIN)
		name = BPF_CORE_READ((const struct edu_cache *)cache, name);
	else
		name = BPF_CORE_READ((const struct kmem_cache *)cache, name);
	bpf_probe_read_kernel_str(row->comm, EDU_COMM, name);
	return row;
}

static __always_inline __u32 object_size(const void *cache)
{
	if (filter.side == EDU_SIDE_TWIN)
		return BPF_CORE_READ((const struct edu_cache *)cache, object_size);
	return BPF_CORE_READ((const struct kmem_cache *)cache, object_size);
}

SEC("raw_tp/kmem_cache_alloc")
int BPF_PROG(slab_alloc, unsigned long call_site, const void *ptr, const void *cache)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_row *row, *task;

	if (!edu_wanted(p))
		return 0;
	row = cache_row(cache);
	task = edu_row(BY_TASK, 0, p->pid, 0, p);
	if (!ptr) {
		edu_add(row, FAILED, 1);
		edu_add(task, FAILED, 1);
		return 0;
	}
	edu_add(row, ALLOCS, 1);
	edu_add(row, BYTES, object_size(cache));
	edu_add(task, ALLOCS, 1);
	if (filter.stacks)
		edu_fold(edu_stack(ctx, &stacks), p, object_size(cache));
	return 0;
}

SEC("raw_tp/kmem_cache_free")
int BPF_PROG(slab_free, unsigned long call_site, const void *ptr, const void *cache)
{
	struct task_struct *p = bpf_get_current_task_btf();

	if (!edu_wanted(p))
		return 0;
	edu_add(cache_row(cache), FREES, 1);
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), FREES, 1);
	return 0;
}

SEC("raw_tp/kmalloc")
int BPF_PROG(slab_kmalloc, unsigned long call_site, const void *ptr, size_t wanted, size_t got)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_row *row;

	if (!edu_wanted(p))
		return 0;
	row = edu_row(BY_CLASS, bpf_get_smp_processor_id(), got, 0, NULL);
	if (!ptr) {
		edu_add(row, FAILED, 1);
		return 0;
	}
	edu_add(row, ALLOCS, 1);
	edu_add(row, BYTES, got);
	edu_add(row, WASTED, got - wanted);
	if (filter.stacks)
		edu_fold(edu_stack(ctx, &stacks), p, got);
	return 0;
}

SEC("fentry/kmem_cache_alloc_noprof")
int BPF_PROG(slab_enter)
{
	struct task_struct *p = bpf_get_current_task_btf();
	__u64 *start;

	/* an interrupt would overwrite its task's clock */
	if ((edu_preempt_count() & (EDU_IN_HARDIRQ | EDU_IN_SOFTIRQ)) || !edu_wanted(p))
		return 0;
	start = bpf_task_storage_get(&starts, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (start)
		*start = bpf_ktime_get_ns();
	else
		edu_lose(EDU_LOST_STATE);
	return 0;
}

SEC("fexit/kmem_cache_alloc_noprof")
int BPF_PROG(slab_leave, const void *cache)
{
	__u64 *start;

	if (edu_preempt_count() & (EDU_IN_HARDIRQ | EDU_IN_SOFTIRQ))
		return 0;
	start = bpf_task_storage_get(&starts, bpf_get_current_task_btf(), NULL, 0);
	if (!start || !*start)
		return 0;
	edu_record(cache_row(cache), bpf_ktime_get_ns() - *start);
	*start = 0;
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(slab_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}
