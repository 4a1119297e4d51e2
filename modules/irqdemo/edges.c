// SPDX-License-Identifier: GPL-2.0
/*
 * What irqdemo has on a real machine: made in this order, and taken away in
 * the opposite one, so that nothing is heard of before what serves it.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "irqdemo.h"
#include "line.h"

static bool pci = true;
module_param(pci, bool, 0444);
MODULE_PARM_DESC(pci, "Drive QEMU's edu device where there is one (default Y)");

struct dentry *line_dir;

static int timers_show(struct seq_file *m, void *unused)
{
	timebase_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(timers);

/**
 * irqdemo_edges_init - lines, bottom halves, timers, files
 * @root: the module's debugfs folder
 *
 * Return: 0, or the errno of the first part that failed; then nothing is left.
 */
int irqdemo_edges_init(struct dentry *root)
{
	struct dentry *bench = debugfs_create_dir("bench", root);
	int err;

	line_dir = debugfs_create_dir("line", root);
	err = timebase_init();
	if (err)
		return err;
	err = bottom_init();
	if (err)
		goto no_bottom;
	err = soft_init();
	if (err)
		goto no_soft;
	err = chardev_init();
	if (err)
		goto no_chardev;
	err = pci && IS_ENABLED(CONFIG_PCI) ? edu_pci_init(root) : 0;
	if (err < 0)
		goto no_pci;
	debugfs_create_file("ctl", 0200, root, NULL, &ctl_fops);
	debugfs_create_file("timers", 0444, root, NULL, &timers_fops);
	debugfs_create_file("irq", 0600, bench, NULL, &bench_irq_fops);
	debugfs_create_file("timer", 0600, bench, NULL, &bench_timer_fops);
	debugfs_create_file("posix", 0600, bench, NULL, &bench_posix_fops);
	debugfs_create_file("rules", 0400, root, NULL, &rules_fops);
	pr_info("irqdemo: 4 lines in software, %d of edu devices\n", err);
	pci = pci && IS_ENABLED(CONFIG_PCI);
	return 0;
no_pci:
	chardev_exit();
no_chardev:
	soft_exit();
no_soft:
	bottom_exit();
no_bottom:
	timebase_exit();
	return err;
}

/**
 * irqdemo_edges_exit - the opposite
 */
void irqdemo_edges_exit(void)
{
	if (IS_ENABLED(CONFIG_PCI) && pci)
		edu_pci_exit();
	chardev_exit();
	soft_exit();
	bottom_exit();
	timebase_exit();
}
