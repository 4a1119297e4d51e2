// SPDX-License-Identifier: GPL-2.0
/*
 * sched_edu: the documents' scheduler, for simulated and for real tasks.
 *
 * The policy is in core.c (classes and their order), fair.c, rt.c, dl.c and
 * balance.c, all without knowledge of the kernel's tasks. glue.c lets a
 * sched_ext program (bpf/scx_edu.bpf.c) ask it about real ones.
 *
 * Lock order:
 *  1. the kernel's own run queue lock(s), held when sched_ext asks us
 *  2. rq->lock of ours, two of them in the order of their addresses
 *  3. the lock of the table of tasks (tasks.c)
 * Under 1 and 2 nothing may wake, sleep, print or allocate.
 *
 * States of a task, and where the fair class keeps it:
 *            on_rq  custody  rq->curr
 *  blocked     0       0        -      nowhere
 *  waiting     1       1        -      in the tree; others may take it
 *  picked      1       0       yes     not in the tree, in sched_ext's local queue
 *  running     1       0       yes     not in the tree, charged
 *  leaving     1       0        -      in the tree, sched_ext has yet to hand it
 *                                      over; only its own processor may pick it
 * Outside of sched_ext (in the simulator) custody does not matter.
 */
#include <linux/module.h>

#include "glue.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static bool hrtick = true;
module_param(hrtick, bool, 0444);
MODULE_PARM_DESC(hrtick, "End slices by a timer from the start (feature HRTICK; default on)");

struct edu_sched *edu_machine;

static int __init sched_edu_init(void)
{
	int err;

	edu_machine = edu_sched_create(nr_cpu_ids);
	if (!edu_machine)
		return -ENOMEM;
	if (!hrtick)
		edu_machine->features &= ~BIT(EDU_F_HRTICK);
	err = edu_glue_init();
	if (err) {
		edu_sched_free(edu_machine);
		return err;
	}
	edu_debugfs_init();
	if (IS_ENABLED(CONFIG_SCHED_CLASS_EXT))
		pr_info("sched_edu: ready for %u processors, start it with scx_edu.bpf.o\n",
			nr_cpu_ids);
	else
		pr_info("sched_edu: simulator only, this kernel has no sched_ext (CONFIG_SCHED_CLASS_EXT)\n");
	return 0;
}
module_init(sched_edu_init);

static void __exit sched_edu_exit(void)
{
	edu_debugfs_exit();
	edu_glue_exit();
	edu_sched_free(edu_machine);
}
module_exit(sched_edu_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The documents' scheduler, to be read and to be run");
MODULE_LICENSE("GPL");
