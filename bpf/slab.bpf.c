// SPDX-License-Identifier: GPL-2.0
/*
 * slab: objects taken and given back, by cache and by task, and how long
 * kmem_cache_alloc() took. kmalloc() is counted by size class: its event does
 * not name a cache, but the bytes that were handed out are the class.
 * An allocation that failed is counted too: the verifier of 6.12 does not let
 * a program read the event's pointer, a const void *.
 * Reference: the kernel book, 6.12, on slab_alloc_node().
 *
 * Rows: table 0 by cache, 1 by kmalloc class, 2 by task; the histogram of
 * table 0 is of ns in kmem_cache_alloc(), for the caller's filter.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_CACHE, BY_CLASS, BY_TASK };
enum { ALLOCS, FREES, BYTES, WASTED };

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} starts SEC(".maps");

static __always_inline struct edu_row *cache_row(const struct kmem_cache *s)
{
	struct edu_row *row = edu_row(BY_CACHE, bpf_get_smp_processor_id(), (__u64)s, 0, NULL);

	if (row && !row->comm[0])
		bpf_probe_read_kernel_str(row->comm, EDU_COMM, BPF_CORE_READ(s, name));
	return row;
}

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(slab_alloc, unsigned long call_site, const void *ptr, struct kmem_cache *s)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_row *row;

	if (!edu_wanted(p))
		return 0;
	row = cache_row(s);
	edu_add(row, ALLOCS, 1);
	edu_add(row, BYTES, BPF_CORE_READ(s, object_size));
	edu_add(edu_row(BY_TASK, bpf_get_smp_processor_id(), p->pid, 0, p), ALLOCS, 1);
	return 0;
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(slab_free, unsigned long call_site, const void *ptr, const struct kmem_cache *s)
{
	struct task_struct *p = bpf_get_current_task_btf();

	if (!edu_wanted(p))
		return 0;
	edu_add(cache_row(s), FREES, 1);
	edu_add(edu_row(BY_TASK, bpf_get_smp_processor_id(), p->pid, 0, p), FREES, 1);
	return 0;
}

SEC("tp_btf/kmalloc")
int BPF_PROG(slab_kmalloc, unsigned long call_site, const void *ptr, size_t wanted, size_t got)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_row *row;

	if (!edu_wanted(p))
		return 0;
	row = edu_row(BY_CLASS, bpf_get_smp_processor_id(), got, 0, NULL);
	edu_add(row, ALLOCS, 1);
	edu_add(row, BYTES, got);
	edu_add(row, WASTED, got - wanted);
	return 0;
}

SEC("fentry/kmem_cache_alloc_noprof")
int BPF_PROG(slab_enter, struct kmem_cache *s)
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
int BPF_PROG(slab_leave, struct kmem_cache *s)
{
	__u64 *start;

	if (edu_preempt_count() & (EDU_IN_HARDIRQ | EDU_IN_SOFTIRQ))
		return 0;
	start = bpf_task_storage_get(&starts, bpf_get_current_task_btf(), NULL, 0);
	if (!start || !*start)
		return 0;
	edu_record(cache_row(s), bpf_ktime_get_ns() - *start);
	*start = 0;
	return 0;
}
