/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bpf/scx_edu.bpf.c calls. No C file of ours does: the prototypes tell
 * the compiler and sparse that these functions are meant to be seen.
 */
#ifndef _SCHED_EDU_KFUNCS_H
#define _SCHED_EDU_KFUNCS_H

#include <linux/cgroup.h>
#include <linux/sched.h>

int sched_edu_start(void);
void sched_edu_stop(u64 kind, const char *reason, u32 reason__sz, const char *msg,
		    u32 msg__sz);
int sched_edu_task_init(struct task_struct *p, bool fork, u64 cgroup);
void sched_edu_task_exit(struct task_struct *p);
void sched_edu_task_changed(struct task_struct *p);
s32 sched_edu_select_cpu(struct task_struct *p, s32 prev_cpu);
int sched_edu_enqueue(struct task_struct *p, s32 cpu, u64 enq_flags);
void sched_edu_dequeue(struct task_struct *p, u64 deq_flags);
struct task_struct *sched_edu_pick(s32 cpu, bool prev_able);
bool sched_edu_confirm(struct task_struct *p, s32 cpu);
void sched_edu_running(struct task_struct *p, s32 cpu);
void sched_edu_stopping(struct task_struct *p);
void sched_edu_quiescent(struct task_struct *p, u64 deq_flags);
bool sched_edu_tick(struct task_struct *p, s32 cpu);
bool sched_edu_yield(struct task_struct *p);
bool sched_edu_yield_to(struct task_struct *from, struct task_struct *to);
bool sched_edu_idle(s32 cpu, bool idle);
void sched_edu_online(s32 cpu, bool online);
s32 sched_edu_next_kick(void);
void sched_edu_dump(char *buf, u32 buf__sz);
void sched_edu_dump_cpu(char *buf, u32 buf__sz, s32 cpu);
void sched_edu_dump_task(char *buf, u32 buf__sz, struct task_struct *p);
int sched_edu_group_init(struct cgroup *cgrp, u32 weight, u64 period_us,
			 u64 quota_us, u64 burst_us);
void sched_edu_group_exit(u64 id);
void sched_edu_group_weight(u64 id, u32 weight);
void sched_edu_group_idle(u64 id, bool idle);
void sched_edu_group_bandwidth(u64 id, u64 period_us, u64 quota_us, u64 burst_us);
void sched_edu_group_move(struct task_struct *p, u64 id);

#endif /* _SCHED_EDU_KFUNCS_H */
