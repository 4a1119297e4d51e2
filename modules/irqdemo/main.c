// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo: interrupts, everything that may be done after them, and timers,
 * to be seen and measured.
 *
 * Pure units (hist, clock, wheel, hrtree, posix) know nothing of the machine.
 * The edges (line and below) put them to work on real interrupts.
 *
 * States of a line (line.h, enum line_state; changed under line_mutex):
 *  1. FREE      no action; the source may raise, nobody hears
 *  2. ATTACHED  an action is registered, with one kind of bottom half
 *  3. FREE again: free_irq() has waited for the handler, then the bottom half
 *     is stopped: from then on nothing runs, and the line may be freed.
 *
 * The workqueue (wq/wq.h) has its states and its lock order there.
 *
 * Lock order:
 *  1. bench_mutex
 *  2. line_mutex, process context
 *  3. a line's reader lock (irqs off): the list of open files
 *  4. soft_line.lock (irqs off): the simulated device's registers
 *  5. wheel.lock, hr_cpu.lock (irqs off), inside of which the kernel's own
 *     hrtimer locks are taken, never the other way round
 * irq_desc.lock is the kernel's: soft.c's chip is called under it and takes 4.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "irqdemo.h"
#include "wq/wq.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static struct dentry *root;

static int __init irqdemo_init(void)
{
	int err;

	root = debugfs_create_dir("irqdemo", NULL);
	err = irqdemo_edges_init(root);
	if (err)
		goto no_edges;
	err = irqdemo_wq_init(root);
	if (err)
		goto no_wq;
	return 0;
no_wq:
	irqdemo_edges_exit();
no_edges:
	debugfs_remove(root);
	return err;
}
module_init(irqdemo_init);

static void __exit irqdemo_exit(void)
{
	irqdemo_wq_exit();
	irqdemo_edges_exit();
	debugfs_remove(root);
}
module_exit(irqdemo_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("Interrupts, bottom halves and timers, seen and measured");
MODULE_LICENSE("GPL");
