// SPDX-License-Identifier: GPL-2.0
/*
 * syscall: calls by number and by task: how many, how many failed, how many
 * were left with a restart code (the tracepoint comes before the signal work
 * that turns it into a restart or into EINTR), and how long they took.
 * With events: entry with the six arguments in the order of the ABI's
 * registers (x86-64: rdi, rsi, rdx, r10, r8, r9), and exit with the result.
 * A call that does not return (exit, a successful exec's first half) has an
 * entry only.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_CALL, BY_TASK };
enum { CALLS, FAILED, RESTARTED };
enum { ENTER, EXIT };

struct call {
	__u64 since;
	__u64 nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call);
} calls SEC(".maps");

EDU_EVENT_RING(1 << 20);

SEC("tp_btf/sys_enter")
int BPF_PROG(syscall_enter, struct pt_regs *regs, long nr)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_event *e;
	struct call *call;

	if (!edu_wanted(p) || p->tgid == filter.self || nr < 0)
		return 0;
	call = bpf_task_storage_get(&calls, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (call) {
		call->since = bpf_ktime_get_ns();
		call->nr = nr;
	} else {
		edu_lose(EDU_LOST_STATE);
	}
	edu_add(edu_row(BY_CALL, bpf_get_smp_processor_id(), nr, 0, NULL), CALLS, 1);
	edu_add(edu_row(BY_TASK, 0, p->pid, 0, p), CALLS, 1);
	e = edu_event(&events, ENTER, p);
	if (!e)
		return 0;
	e->arg[0] = nr;
	e->arg[1] = BPF_CORE_READ(regs, di);
	e->arg[2] = BPF_CORE_READ(regs, si);
	e->arg[3] = BPF_CORE_READ(regs, dx);
	e->arg[4] = BPF_CORE_READ(regs, r10);
	e->arg[5] = BPF_CORE_READ(regs, r8);
	e->arg[6] = BPF_CORE_READ(regs, r9);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(syscall_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct edu_row *row[2];
	struct edu_event *e;
	struct call *call;
	__u64 took;
	int i;

	if (!edu_wanted(p) || p->tgid == filter.self)
		return 0;
	call = bpf_task_storage_get(&calls, p, NULL, 0);
	if (!call || !call->since)
		return 0;
	took = bpf_ktime_get_ns() - call->since;
	call->since = 0;
	row[0] = edu_row(BY_CALL, bpf_get_smp_processor_id(), call->nr, 0, NULL);
	row[1] = edu_row(BY_TASK, 0, p->pid, 0, p);
	for (i = 0; i < 2; i++) {
		edu_record(row[i], took);
		if (ret <= -512 && ret >= -516)
			edu_add(row[i], RESTARTED, 1);
		else if (ret < 0 && ret >= -4095)
			edu_add(row[i], FAILED, 1);
	}
	e = edu_event(&events, EXIT, p);
	if (!e)
		return 0;
	e->arg[0] = call->nr;
	e->arg[1] = ret;
	e->arg[2] = took;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(syscall_rename, struct task_struct *p, const char *comm)
{
	return edu_rename(BY_TASK, p, comm);
}
