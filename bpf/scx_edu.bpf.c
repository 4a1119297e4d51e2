// SPDX-License-Identifier: GPL-2.0
/*
 * The thin glue between sched_ext and sched_edu.ko: every question goes to the
 * module, every answer is carried out. No policy is here.
 *
 * Built twice: with EDU_PARTIAL only SCHED_EXT tasks are scheduled, the rest stays
 * with the kernel's own classes.
 */
#include <scx/common.bpf.h>

#include "scx_edu.bpf.h"

/*
 * The header makes these variables that a loader has to fill in. bpftool does
 * not; so they are relocated against the running kernel instead.
 */
#undef SCX_DSQ_LOCAL
#undef SCX_DSQ_GLOBAL
#undef SCX_KICK_PREEMPT
#undef SCX_TASK_QUEUED
#undef SCX_DEQ_SCHED_CHANGE
#undef SCX_SLICE_DFL
#define DSQ(name)	bpf_core_enum_value(enum scx_dsq_id_flags, name)
#define KICK(name)	bpf_core_enum_value(enum scx_kick_flags, name)
#define TASK(name)	bpf_core_enum_value(enum scx_ent_flags, name)
/* The number of a cgroup, as in debugfs' groups. */
#define ID(cgrp)	((cgrp)->kn->id)
#define DEQ(name)	bpf_core_enum_value(enum scx_deq_flags, name)
#define CONST(name)	bpf_core_enum_value(enum scx_public_consts, name)

char _license[] SEC("license") = "GPL";

#ifdef EDU_PARTIAL
#define EDU_MODE SCX_OPS_SWITCH_PARTIAL
#else
#define EDU_MODE 0
#endif

/* A pick that turns out to be stale is made again this often. */
#define PICK_TRIES 4
/*
 * What sched_ext is told of slices. The module ends them, by its tick and its timer;
 * none of its own can be set to be longer than this.
 */
#define SLICE (60 * 1000 * 1000 * 1000ULL)
/* More processors than this are kicked by later calls. */
#define KICKS 8
/* Of a dump. */
#define LINE 256

/* Processors that the module wants to reschedule. */
static __always_inline void kick(void)
{
	s32 i, cpu;

	for (i = 0; i < KICKS; i++) {
		cpu = sched_edu_next_kick();
		if (cpu < 0)
			break;
		scx_bpf_kick_cpu(cpu, KICK(SCX_KICK_PREEMPT));
	}
}

s32 BPF_STRUCT_OPS(edu_select_cpu, struct task_struct *p, s32 prev_cpu,
		   u64 wake_flags)
{
	return sched_edu_select_cpu(p, prev_cpu);
}

void BPF_STRUCT_OPS(edu_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 err = sched_edu_enqueue(p, scx_bpf_task_cpu(p), enq_flags);

	if (err && err != -ENOENT)
		scx_bpf_error("sched_edu: error %d for task %d", err, p->pid);
	else if (err)
		scx_bpf_dsq_insert(p, DSQ(SCX_DSQ_GLOBAL), CONST(SCX_SLICE_DFL),
				   enq_flags);
	kick();
}

void BPF_STRUCT_OPS(edu_dequeue, struct task_struct *p, u64 deq_flags)
{
	/* Mostly it is only on its way to run. */
	if (deq_flags & (DEQ(SCX_DEQ_SLEEP) | DEQ(SCX_DEQ_CORE_SCHED_EXEC) |
			 DEQ(SCX_DEQ_SCHED_CHANGE)))
		sched_edu_dequeue(p, deq_flags);
}

void BPF_STRUCT_OPS(edu_dispatch, s32 cpu, struct task_struct *prev)
{
	bool able = prev && (prev->scx.flags & TASK(SCX_TASK_QUEUED));
	struct task_struct *p;
	s32 i;

	for (i = 0; i < PICK_TRIES; i++) {
		p = sched_edu_pick(cpu, able);
		if (!p)
			break;
		if (able && p == prev) {
			scx_bpf_task_set_slice(p, SLICE);
			break;
		}
		scx_bpf_dsq_insert(p, DSQ(SCX_DSQ_LOCAL), SLICE, 0);
		/* What is here cannot have changed. */
		if (scx_bpf_task_cpu(p) == cpu || sched_edu_confirm(p, cpu))
			break;
		scx_bpf_dispatch_cancel();
	}
	/* Others may wait here; nobody else would look. */
	if (i == PICK_TRIES)
		scx_bpf_kick_cpu(cpu, 0);
	kick();
}

void BPF_STRUCT_OPS(edu_tick, struct task_struct *p)
{
	if (sched_edu_tick(p, scx_bpf_task_cpu(p)))
		scx_bpf_task_set_slice(p, 0);
	kick();
}

void BPF_STRUCT_OPS(edu_running, struct task_struct *p)
{
	sched_edu_running(p, scx_bpf_task_cpu(p));
}

void BPF_STRUCT_OPS(edu_stopping, struct task_struct *p, bool runnable)
{
	/* Who blocks is quiescent at once, and that says it all. */
	if (runnable)
		sched_edu_stopping(p);
}

void BPF_STRUCT_OPS(edu_quiescent, struct task_struct *p, u64 deq_flags)
{
	sched_edu_quiescent(p, deq_flags);
}

bool BPF_STRUCT_OPS(edu_yield, struct task_struct *from, struct task_struct *to)
{
	if (to) {
		if (!sched_edu_yield_to(from, to))
			return false;
	} else if (!sched_edu_yield(from)) {
		return false;
	}
	scx_bpf_task_set_slice(from, 0);
	return true;
}

void BPF_STRUCT_OPS(edu_set_weight, struct task_struct *p, u32 weight)
{
	sched_edu_task_changed(p);
}

void BPF_STRUCT_OPS(edu_update_idle, s32 cpu, bool idle)
{
	if (sched_edu_idle(cpu, idle))
		scx_bpf_kick_cpu(cpu, 0);
}

void BPF_STRUCT_OPS(edu_cpu_online, s32 cpu)
{
	sched_edu_online(cpu, true);
}

void BPF_STRUCT_OPS(edu_cpu_offline, s32 cpu)
{
	sched_edu_online(cpu, false);
	kick();
}

s32 BPF_STRUCT_OPS_SLEEPABLE(edu_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	return sched_edu_task_init(p, args->fork, ID(args->cgroup));
}

void BPF_STRUCT_OPS(edu_exit_task, struct task_struct *p,
		    struct scx_exit_task_args *args)
{
	sched_edu_task_exit(p);
}

void BPF_STRUCT_OPS(edu_enable, struct task_struct *p)
{
	sched_edu_task_changed(p);
}

/* The kernel hands over weight and quota, but not this. */
static __always_inline bool is_idle(struct cgroup *cgrp)
{
	u32 cpu = bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	struct task_group *tg = (void *)BPF_CORE_READ(cgrp, subsys[cpu]);

	return tg && BPF_CORE_READ(tg, scx.idle);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(edu_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	s32 err = sched_edu_group_init(cgrp, args->weight, args->bw_period_us,
				       args->bw_quota_us, args->bw_burst_us);

	if (!err && is_idle(cgrp))
		sched_edu_group_idle(ID(cgrp), true);
	return err;
}

void BPF_STRUCT_OPS_SLEEPABLE(edu_cgroup_exit, struct cgroup *cgrp)
{
	sched_edu_group_exit(ID(cgrp));
}

void BPF_STRUCT_OPS(edu_cgroup_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	sched_edu_group_move(p, ID(to));
}

void BPF_STRUCT_OPS(edu_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	sched_edu_group_weight(ID(cgrp), weight);
	kick();
}

void BPF_STRUCT_OPS(edu_cgroup_set_idle, struct cgroup *cgrp, bool idle)
{
	sched_edu_group_idle(ID(cgrp), idle);
	kick();
}

void BPF_STRUCT_OPS(edu_cgroup_set_bandwidth, struct cgroup *cgrp, u64 period_us,
		    u64 quota_us, u64 burst_us)
{
	sched_edu_group_bandwidth(ID(cgrp), period_us, quota_us, burst_us);
	kick();
}

void BPF_STRUCT_OPS(edu_dump, struct scx_dump_ctx *dctx)
{
	char line[LINE] = "";

	sched_edu_dump(line, sizeof(line));
	scx_bpf_dump("%s", line);
}

void BPF_STRUCT_OPS(edu_dump_cpu, struct scx_dump_ctx *dctx, s32 cpu, bool idle)
{
	char line[LINE] = "";

	sched_edu_dump_cpu(line, sizeof(line), cpu);
	scx_bpf_dump("%s", line);
}

void BPF_STRUCT_OPS(edu_dump_task, struct scx_dump_ctx *dctx, struct task_struct *p)
{
	char line[LINE] = "";

	sched_edu_dump_task(line, sizeof(line), p);
	scx_bpf_dump("%s", line);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(edu_init)
{
	return sched_edu_start();
}

void BPF_STRUCT_OPS(edu_exit, struct scx_exit_info *ei)
{
	char reason[64] = "", msg[128] = "";

	bpf_probe_read_kernel_str(reason, sizeof(reason), BPF_CORE_READ(ei, reason));
	bpf_probe_read_kernel_str(msg, sizeof(msg), BPF_CORE_READ(ei, msg));
	sched_edu_stop(BPF_CORE_READ(ei, kind), reason, sizeof(reason), msg, sizeof(msg));
}

SCX_OPS_DEFINE(edu_ops,
	       .select_cpu	= (void *)edu_select_cpu,
	       .enqueue		= (void *)edu_enqueue,
	       .dequeue		= (void *)edu_dequeue,
	       .dispatch	= (void *)edu_dispatch,
	       .tick		= (void *)edu_tick,
	       .running		= (void *)edu_running,
	       .stopping	= (void *)edu_stopping,
	       .quiescent	= (void *)edu_quiescent,
	       .yield		= (void *)edu_yield,
	       .set_weight	= (void *)edu_set_weight,
	       .update_idle	= (void *)edu_update_idle,
	       .cpu_online	= (void *)edu_cpu_online,
	       .cpu_offline	= (void *)edu_cpu_offline,
	       .init_task	= (void *)edu_init_task,
	       .exit_task	= (void *)edu_exit_task,
	       .enable		= (void *)edu_enable,
	       .cgroup_init	= (void *)edu_cgroup_init,
	       .cgroup_exit	= (void *)edu_cgroup_exit,
	       .cgroup_move	= (void *)edu_cgroup_move,
	       .cgroup_set_weight = (void *)edu_cgroup_set_weight,
	       .cgroup_set_idle	= (void *)edu_cgroup_set_idle,
	       .cgroup_set_bandwidth = (void *)edu_cgroup_set_bandwidth,
	       .dump		= (void *)edu_dump,
	       .dump_cpu	= (void *)edu_dump_cpu,
	       .dump_task	= (void *)edu_dump_task,
	       .init		= (void *)edu_init,
	       .exit		= (void *)edu_exit,
	       /* Nothing picked is idle: who is throttled does not run on. */
	       .flags		= EDU_MODE | SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING |
				  SCX_OPS_KEEP_BUILTIN_IDLE |
				  SCX_OPS_ENQ_MIGRATION_DISABLED,
	       .timeout_ms	= 30000,
	       .name		= "edu");
