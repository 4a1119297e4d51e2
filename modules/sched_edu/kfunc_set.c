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

/*
 * Nobody but our own program may call us: TCP congestion control is struct_ops,
 * too, and another scheduler has not introduced its tasks to us. Ours is known
 * by its functions' names, "edu_" and that of the operation. A name proves
 * nothing; it keeps those away who do not know what they ask for.
 *
 * We are asked about this module's functions only. @kfunc_id is not looked for in
 * our set: the kernel has relocated its copy of the numbers, not ours.
 */
static int only_our_scheduler(const struct bpf_prog *prog, u32 kfunc_id)
{
	const struct bpf_prog_aux *aux = prog->aux;
	char name[BPF_OBJ_NAME_LEN];

	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS)
		return -EACCES;
	/* Not known yet on the verifier's first pass. */
	if (!aux->st_ops)
		return 0;
	if (strcmp(aux->st_ops->name, "sched_ext_ops") || !aux->attach_func_name)
		return -EACCES;
	/* Both are cut off at the same place. */
	snprintf(name, sizeof(name), "edu_%s", aux->attach_func_name);
	return strcmp(name, aux->name) ? -EACCES : 0;
}

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &sched_edu_kfuncs,
	.filter = only_our_scheduler,
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
