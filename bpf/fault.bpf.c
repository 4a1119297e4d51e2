// SPDX-License-Identifier: GPL-2.0
/*
 * fault: page faults by kind, by mapping and by filesystem, and how long the
 * handler took.
 *
 * Counted at the end of handle_mm_fault() by the kernel's own rule
 * (mm_account_fault()): a fault that must be retried or that failed does not
 * count; one whose page had to be read, or that was retried, is major. So the
 * totals are minflt and majflt of /proc/PID/stat.
 * The kind, in the order in which it is decided: what the handler went through
 * inside (swap; write to a shared page or copy; anonymous; file), then whether
 * it wrote and to what kind of mapping; a fault on a file that went through
 * none of them found its page already right: spurious. Compilers inline
 * do_anonymous_page(), so a fault without a file that met neither swap nor a
 * write-protected page is taken for anonymous; a spurious one among them (two
 * threads at one page) is not told apart. stack counts, besides, the faults
 * before which the stack was made larger.
 * Reference: document B 7 (do_page_fault, handle_mm_fault); the kernel book.
 *
 * Rows: table 0 by kind, 1 by task, 2 by mapping (aux: start; counter 11:
 * bytes), 3 by filesystem; the histogram is of ns in the handler. By stack: faults.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_KIND, BY_TASK, BY_MAPPING, BY_FS };
enum { ANON, FILE_READ, FILE_WRITE, SHARED_WRITE, COW, SWAP, SPURIOUS, KINDS };
enum { MINOR = KINDS, MAJOR, STACK, BYTES = EDU_COUNTERS - 1 };

#define VM_SHARED	0x00000008
#define VM_GROWSDOWN	0x00000100
#define FAILED_OR_RETRY	(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON |		\
			 VM_FAULT_HWPOISON_LARGE | VM_FAULT_SIGSEGV | VM_FAULT_FALLBACK |	\
			 VM_FAULT_RETRY)

struct fault {
	__u64 since;
	__u32 through;		/* 1 << kind, for what was called inside */
	__u32 grew;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct fault);
} faults SEC(".maps");

EDU_STACKS;

static __always_inline struct fault *fault_of(bool make)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct fault *f;

	if (!edu_wanted(p))
		return NULL;
	f = bpf_task_storage_get(&faults, p, NULL, make ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (!f && make)
		edu_lose(EDU_LOST_STATE);
	return f;
}

static __always_inline int through(__u32 kind)
{
	struct fault *f = fault_of(false);

	if (f)
		f->through |= 1 << kind;
	return 0;
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(fault_enter)
{
	struct fault *f = fault_of(true);

	if (!f)
		return 0;
	f->through = 0;
	f->since = bpf_ktime_get_ns();
	return 0;
}

SEC("fentry/do_fault")
int BPF_PROG(fault_file)
{
	return through(FILE_READ);
}

SEC("fentry/do_wp_page")
int BPF_PROG(fault_write_protected)
{
	return through(COW);
}

SEC("fentry/do_swap_page")
int BPF_PROG(fault_swap)
{
	return through(SWAP);
}

SEC("fentry/do_huge_pmd_anonymous_page")
int BPF_PROG(fault_huge)
{
	return through(ANON);
}

SEC("fexit/expand_downwards")
int BPF_PROG(fault_grow, struct vm_area_struct *vma, unsigned long address, int ret)
{
	struct fault *f = ret ? NULL : fault_of(true);

	if (f)
		f->grew = 1;
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(fault_exit, struct vm_area_struct *vma, unsigned long address, unsigned int flags,
	     struct pt_regs *regs, unsigned int ret)
{
	struct task_struct *p = bpf_get_current_task_btf();
	bool write = flags & FAULT_FLAG_WRITE, shared, major;
	__u32 cpu = bpf_get_smp_processor_id(), kind;
	struct fault *f = fault_of(false);
	struct edu_row *row[4];
	struct file *file;
	__u64 took;
	int i;

	if (!f || !f->since)
		return 0;
	took = bpf_ktime_get_ns() - f->since;
	f->since = 0;
	if (ret & FAILED_OR_RETRY)
		return 0;
	major = (ret & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED);

	/*
	 * A vma that handle_mm_fault() let go of may be gone by now, but one
	 * that did not need a retry is still locked by the caller.
	 */
	shared = BPF_CORE_READ(vma, vm_flags) & VM_SHARED;
	if (f->through & (1 << SWAP))
		kind = SWAP;
	else if (f->through & (1 << COW))
		kind = shared ? SHARED_WRITE : COW;
	else if ((f->through & (1 << ANON)) || !BPF_CORE_READ(vma, vm_ops))
		kind = ANON;
	else if (f->through & (1 << FILE_READ))
		kind = shared && write ? SHARED_WRITE : write ? FILE_WRITE : FILE_READ;
	else
		kind = SPURIOUS;

	row[0] = edu_row(BY_KIND, cpu, kind, 0, NULL);
	row[1] = edu_row(BY_TASK, 0, p->pid, 0, p);
	row[2] = edu_row(BY_MAPPING, cpu, p->tgid, BPF_CORE_READ(vma, vm_start), NULL);
	file = BPF_CORE_READ(vma, vm_file);
	row[3] = edu_row(BY_FS, cpu, (__u64)BPF_CORE_READ(file, f_inode, i_sb, s_type), 0, NULL);
	for (i = 0; i < 4; i++) {
		edu_add(row[i], kind, 1);
		edu_add(row[i], major ? MAJOR : MINOR, 1);
		if (f->grew)
			edu_add(row[i], STACK, 1);
		edu_record(row[i], took);
	}
	f->grew = 0;
	if (filter.stacks)
		edu_fold(edu_stack(ctx, &stacks), p, 1);
	if (row[2])
		row[2]->n[BYTES] = BPF_CORE_READ(vma, vm_end) - BPF_CORE_READ(vma, vm_start);
	if (row[2] && !row[2]->comm[0]) {
		if (file)
			bpf_probe_read_kernel_str(row[2]->comm, EDU_COMM,
						  BPF_CORE_READ(file, f_path.dentry, d_name.name));
		else if (BPF_CORE_READ(vma, vm_flags) & VM_GROWSDOWN)
			__builtin_memcpy(row[2]->comm, "[stack]", 8);
		else
			__builtin_memcpy(row[2]->comm, "[anon]", 7);
	}
	if (row[3] && !row[3]->comm[0]) {
		if (file)
			bpf_probe_read_kernel_str(row[3]->comm, EDU_COMM,
						  BPF_CORE_READ(file, f_inode, i_sb, s_type, name));
		else
			__builtin_memcpy(row[3]->comm, "none", 5);
	}
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(fault_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}
