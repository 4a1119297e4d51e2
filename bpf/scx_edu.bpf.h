/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kfuncs of sched_edu.ko, as modules/sched_edu/kfuncs.h has them. To be
 * included after <scx/common.bpf.h>.
 */
#ifndef _SCX_EDU_BPF_H
#define _SCX_EDU_BPF_H

__ksym int sched_edu_start(void);
__ksym void sched_edu_stop(u64 kind, const char *reason, u32 reason__sz, const char *msg,
			   u32 msg__sz);
__ksym int sched_edu_task_init(struct task_struct *p, bool fork, u64 cgroup);
__ksym void sched_edu_task_exit(struct task_struct *p);
__ksym void sched_edu_task_changed(struct task_struct *p);
__ksym s32 sched_edu_select_cpu(struct task_struct *p, s32 prev_cpu);
__ksym int sched_edu_enqueue(struct task_struct *p, s32 cpu, u64 flags);
__ksym void sched_edu_dequeue(struct task_struct *p, u64 flags);
__ksym struct task_struct *sched_edu_pick(s32 cpu, bool prev_able);
__ksym bool sched_edu_confirm(struct task_struct *p, s32 cpu);
__ksym void sched_edu_running(struct task_struct *p, s32 cpu);
__ksym void sched_edu_stopping(struct task_struct *p);
__ksym void sched_edu_quiescent(struct task_struct *p, u64 flags);
__ksym bool sched_edu_tick(struct task_struct *p, s32 cpu);
__ksym bool sched_edu_yield(struct task_struct *p);
__ksym bool sched_edu_yield_to(struct task_struct *from, struct task_struct *to);
__ksym bool sched_edu_idle(s32 cpu, bool idle);
__ksym void sched_edu_online(s32 cpu, bool online);
__ksym s32 sched_edu_next_kick(void);
__ksym void sched_edu_dump(char *buf, u32 buf__sz);
__ksym void sched_edu_dump_cpu(char *buf, u32 buf__sz, s32 cpu);
__ksym void sched_edu_dump_task(char *buf, u32 buf__sz, struct task_struct *p);
__ksym int sched_edu_group_init(struct cgroup *cgrp, u32 weight, u64 period_us,
				u64 quota_us, u64 burst_us);
__ksym void sched_edu_group_exit(u64 id);
__ksym void sched_edu_group_weight(u64 id, u32 weight);
__ksym void sched_edu_group_idle(u64 id, bool idle);
__ksym void sched_edu_group_bandwidth(u64 id, u64 period_us, u64 quota_us, u64 burst_us);
__ksym void sched_edu_group_move(struct task_struct *p, u64 id);

#endif /* _SCX_EDU_BPF_H */
