// SPDX-License-Identifier: GPL-2.0
/*
 * lifecycle: fork, a child's first run, exec, wait and exit as a timeline, with
 * the copies on write that a fork brings (counted for each task until it execs
 * or exits, and told with that event).
 * The order to expect (the kernel book; document A 9): fork in the parent,
 * first run of the child, exec, exit in the child, then the parent's wait
 * returns; a wait begins before or after the exit. The first run is the entry
 * of schedule_tail(), the first thing that a new task does.
 *
 * Rows: table 0 by task; the histogram is of ns from fork to exit.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_TASK };
enum { FORKS, EXECS, EXITS, WAITS, COPIES };
enum { FORK, RUN, EXEC, EXIT, WAIT };

#define VM_SHARED	0x00000008

struct life {
	__u64 born;
	__u64 copies;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct life);
} lives SEC(".maps");

EDU_EVENT_RING(1 << 20);

SEC("tp_btf/sched_process_fork")
int BPF_PROG(lifecycle_fork, struct task_struct *parent, struct task_struct *child)
{
	struct edu_event *e;
	struct life *life;

	if (!edu_wanted(parent))
		return 0;
	edu_add(edu_row(BY_TASK, 0, parent->pid, 0, parent), FORKS, 1);
	life = bpf_task_storage_get(&lives, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (life)
		life->born = bpf_ktime_get_ns();
	else
		edu_lose(EDU_LOST_STATE);
	e = edu_event(&events, FORK, parent);
	if (!e)
		return 0;
	e->arg[0] = child->pid;
	e->arg[1] = child->tgid == parent->tgid;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("fentry/schedule_tail")
int BPF_PROG(lifecycle_run)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_event *e;
	struct life *life;

	if (!edu_wanted(p))
		return 0;
	e = edu_event(&events, RUN, p);
	if (!e)
		return 0;
	life = bpf_task_storage_get(&lives, p, NULL, 0);
	if (life && life->born)
		e->arg[0] = bpf_ktime_get_ns() - life->born;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline __u64 copies_of(struct task_struct *p)
{
	struct life *life = bpf_task_storage_get(&lives, p, NULL, 0);
	__u64 copies = 0;

	if (life) {
		copies = life->copies;
		life->copies = 0;
	}
	return copies;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(lifecycle_exec, struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
{
	struct edu_event *e;

	if (!edu_wanted(p))
		return 0;
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), EXECS, 1);
	e = edu_event(&events, EXEC, p);
	if (!e)
		return 0;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(bprm, filename));
	e->arg[0] = copies_of(p);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(lifecycle_exit, struct task_struct *p)
{
	struct edu_event *e;
	struct edu_row *row;
	struct life *life;

	if (!edu_wanted(p))
		return 0;
	row = edu_row(BY_TASK, 0, p->pid, 0, p);
	edu_add(row, EXITS, 1);
	life = bpf_task_storage_get(&lives, p, NULL, 0);
	if (life && life->born)
		edu_record(row, bpf_ktime_get_ns() - life->born);
	e = edu_event(&events, EXIT, p);
	if (!e)
		return 0;
	e->arg[0] = p->exit_code >> 8 & 0xff;
	e->arg[1] = p->exit_code & 0x7f;
	e->arg[2] = copies_of(p);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp_btf/sched_process_wait")
int BPF_PROG(lifecycle_wait, struct pid *pid)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_event *e;

	if (!edu_wanted(p))
		return 0;
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), WAITS, 1);
	e = edu_event(&events, WAIT, p);
	if (!e)
		return 0;
	e->arg[0] = pid ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("fentry/do_wp_page")
int BPF_PROG(lifecycle_copy, struct vm_fault *vmf)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct life *life;

	/* A page of a shared mapping is written to, not copied. */
	if (!edu_wanted(p) || BPF_CORE_READ(vmf, vma, vm_flags) & VM_SHARED)
		return 0;
	life = bpf_task_storage_get(&lives, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (life)
		life->copies++;
	else
		edu_lose(EDU_LOST_STATE);
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), COPIES, 1);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(lifecycle_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}
