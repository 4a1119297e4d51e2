// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is not sched_edu's, and calls a function of sched_edu's: the
 * verifier must refuse it. With PERMITTED it calls one of the kernel's instead,
 * which shows that nothing else is wrong with it. WHO says what it is.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define TRACING 1
#define SYSCALL 2
#define TCP 3
#define SCHED_EXT 4

char _license[] SEC("license") = "GPL";

__ksym s32 sched_edu_next_kick(void);

static __always_inline s32 call(void)
{
#ifdef PERMITTED
	return bpf_get_smp_processor_id();
#else
	return sched_edu_next_kick();
#endif
}

#if WHO == TRACING
SEC("tp_btf/sched_switch")
int stranger(void *ctx)
{
	call();
	return 0;
}
#elif WHO == SYSCALL
SEC("syscall")
int stranger(void *ctx)
{
	return call();
}
#elif WHO == TCP
SEC("struct_ops")
__u32 BPF_PROG(stranger, struct sock *sk)
{
	return call();
}

SEC("struct_ops")
__u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops.link")
struct tcp_congestion_ops stranger_ops = {
	.ssthresh = (void *)stranger,
	.undo_cwnd = (void *)undo_cwnd,
	.cong_avoid = (void *)cong_avoid,
	.name = "stranger",
};
#elif WHO == SCHED_EXT
SEC("struct_ops")
void BPF_PROG(stranger, s32 cpu, struct task_struct *prev)
{
	call();
}

SEC(".struct_ops.link")
struct sched_ext_ops stranger_ops = {
	.dispatch = (void *)stranger,
	.name = "stranger",
};
#endif
