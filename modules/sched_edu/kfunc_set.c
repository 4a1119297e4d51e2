// SPDX-License-Identifier: GPL-2.0
/*
 * Which functions a sched_ext program may call, and that no other program may.
 * The functions are in kfuncs.c, cpus.c, cgroups.c and dump.c; a module has one set.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "glue.h"
#include "kfuncs.h"

BTF_KFUNCS_START(sched_edu_kfuncs)
BTF_ID_FLAGS(func, sched_edu_start)
BTF_ID_FLAGS(func, sched_edu_stop)
BTF_ID_FLAGS(func, sched_edu_task_init, KF_SLEEPABLE | KF_RCU)
BTF_ID_FLAGS(func, sched_edu_task_exit, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_task_changed, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_select_cpu, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_enqueue, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_dequeue, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_pick, KF_RET_NULL | KF_RCU_PROTECTED)
BTF_ID_FLAGS(func, sched_edu_slice)
BTF_ID_FLAGS(func, sched_edu_confirm, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_running, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_stopping, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_quiescent, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_tick, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_yield, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_yield_to, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_idle)
BTF_ID_FLAGS(func, sched_edu_online)
BTF_ID_FLAGS(func, sched_edu_next_kick)
BTF_ID_FLAGS(func, sched_edu_dump)
BTF_ID_FLAGS(func, sched_edu_dump_cpu)
BTF_ID_FLAGS(func, sched_edu_dump_task, KF_RCU)
BTF_ID_FLAGS(func, sched_edu_group_init, KF_SLEEPABLE | KF_RCU)
BTF_ID_FLAGS(func, sched_edu_group_exit, KF_SLEEPABLE)
BTF_ID_FLAGS(func, sched_edu_group_weight)
BTF_ID_FLAGS(func, sched_edu_group_idle)
BTF_ID_FLAGS(func, sched_edu_group_bandwidth)
BTF_ID_FLAGS(func, sched_edu_group_move, KF_RCU)
BTF_KFUNCS_END(sched_edu_kfuncs)

/* Nobody but a scheduler may call us; TCP congestion control is struct_ops, too. */
static int only_sched_ext(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&sched_edu_kfuncs, kfunc_id))
		return 0;
	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS)
		return -EACCES;
	/* Not known yet on the verifier's first pass. */
	if (!prog->aux->st_ops)
		return 0;
	return strcmp(prog->aux->st_ops->name, "sched_ext_ops") ? -EACCES : 0;
}

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &sched_edu_kfuncs,
	.filter = only_sched_ext,
};

/**
 * edu_kfuncs_register - offer the kfuncs
 *
 * Return: 0, or what the registration says.
 */
int edu_kfuncs_register(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &kfunc_set);
}
