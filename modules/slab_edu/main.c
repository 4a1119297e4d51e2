// SPDX-License-Identifier: GPL-2.0
/*
 * slab_edu: the documents' slab allocator, beside SLUB.
 *
 * So far it decides how objects are laid out in slabs (order.c) and shows its
 * choice for every object size in /sys/kernel/debug/slab_edu/layout.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "order.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static unsigned int cpus;
module_param(cpus, uint, 0444);
MODULE_PARM_DESC(cpus, "Processors to plan slabs for (default 0: those present)");

static struct dentry *debugfs;

/* One line for each object size: what a slab of such objects is like. */
static int layout_show(struct seq_file *m, void *unused)
{
	struct slab_layout layout;
	unsigned int size;
	int err;

	seq_puts(m, "size order objects waste\n");
	for (size = 8; size <= 2 * PAGE_SIZE; size += 8) {
		err = slab_layout_of(size, cpus, &layout);
		if (err)
			return err;
		trace_slab_edu_layout(size, &layout);
		seq_printf(m, "%u %u %u %u\n", size, layout.order,
			   layout.objects, layout.waste);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(layout);

static int __init slab_edu_init(void)
{
	if (!cpus)
		cpus = num_present_cpus();
	debugfs = debugfs_create_dir("slab_edu", NULL);
	debugfs_create_file("layout", 0444, debugfs, NULL, &layout_fops);
	pr_info("slab_edu: plans slabs for %u processors\n", cpus);
	return 0;
}
module_init(slab_edu_init);

static void __exit slab_edu_exit(void)
{
	debugfs_remove(debugfs);
}
module_exit(slab_edu_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The buddy system and the slab allocator, rebuilt to be read");
MODULE_LICENSE("GPL");
