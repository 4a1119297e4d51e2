// SPDX-License-Identifier: GPL-2.0
/*
 * The workqueue's beginning and end, and its parameters.
 */
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/module.h>

#include "lock/contest.h"
#include "wq/wq.h"

/* As the kernel's: 300 s, 4, 10 ms (but two ticks), 100 ms, 1 s, 30 s. */
struct edu_wq_tunables edu_wq_tunables = {
	.idle_timeout = 300 * HZ,
	.idle_ratio = 4,
	.mayday_initial = HZ / 100 >= 2 ? HZ / 100 : 2,
	.mayday_interval = HZ / 10,
	.create_cooldown = HZ,
	.watchdog = 30 * HZ,
};

/* A time in ms, kept in jiffies: at least one. */
static int set_ms(const char *text, const struct kernel_param *param)
{
	unsigned int ms;
	int err = kstrtouint(text, 0, &ms);

	if (err)
		return err;
	if (!ms || ms > 24 * 3600 * 1000)
		return -ERANGE;
	WRITE_ONCE(*(unsigned long *)param->arg, msecs_to_jiffies(ms));
	if (param->arg == &edu_wq_tunables.watchdog)
		edu_watchdog_changed();
	return 0;
}

static int get_ms(char *buf, const struct kernel_param *param)
{
	return sysfs_emit(buf, "%u\n", jiffies_to_msecs(*(unsigned long *)param->arg));
}

static const struct kernel_param_ops ms_ops = { .set = set_ms, .get = get_ms };

module_param_cb(wq_idle_ms, &ms_ops, &edu_wq_tunables.idle_timeout, 0644);
MODULE_PARM_DESC(wq_idle_ms, "A worker this long idle may be reaped (default 300000)");
module_param_cb(wq_mayday_initial_ms, &ms_ops, &edu_wq_tunables.mayday_initial, 0644);
MODULE_PARM_DESC(wq_mayday_initial_ms, "Until rescuers are called (default 10, two ticks at least)");
module_param_cb(wq_mayday_interval_ms, &ms_ops, &edu_wq_tunables.mayday_interval, 0644);
MODULE_PARM_DESC(wq_mayday_interval_ms, "Until they are called again (default 100)");
module_param_cb(wq_cooldown_ms, &ms_ops, &edu_wq_tunables.create_cooldown, 0644);
MODULE_PARM_DESC(wq_cooldown_ms, "Until a worker is tried to be made again (default 1000)");
module_param_cb(wq_watchdog_ms, &ms_ops, &edu_wq_tunables.watchdog, 0644);
MODULE_PARM_DESC(wq_watchdog_ms, "A pool that takes no work for so long is reported (default 30000)");
module_param_named(wq_idle_ratio, edu_wq_tunables.idle_ratio, uint, 0644);
MODULE_PARM_DESC(wq_idle_ratio, "So many busy workers for an idle one beyond two (default 4)");

/**
 * irqdemo_wq_init - pools, workers, the system's queues, files
 * @root: the module's debugfs folder
 *
 * Return: 0, or an errno; then nothing is left but files in @root.
 */
int irqdemo_wq_init(struct dentry *root)
{
	struct dentry *bench;
	int err;

	preempt_notifier_inc();
	err = edu_alloc_init();
	if (err)
		goto no_pools;
	err = edu_hotplug_init();
	if (err)
		goto no_hotplug;
	edu_watchdog_arm();
	debugfs_create_file("wq", 0444, root, NULL, &wq_show_fops);
	bench = debugfs_lookup("bench", root);
	/* Without debugfs there is no such folder, and it may be an error. */
	if (IS_ERR_OR_NULL(bench))
		return 0;
	debugfs_create_file("wq", 0600, bench, NULL, &bench_wq_fops);
	debugfs_create_file("lock", 0600, bench, NULL, &bench_lock_fops);
	debugfs_create_file("wait", 0600, bench, NULL, &bench_wait_fops);
	dput(bench);
	return 0;
no_hotplug:
	edu_alloc_exit();
no_pools:
	preempt_notifier_dec();
	return err;
}

/**
 * irqdemo_wq_exit - the opposite
 */
void irqdemo_wq_exit(void)
{
	edu_watchdog_stop();
	edu_hotplug_exit();
	edu_alloc_exit();
	preempt_notifier_dec();
}
