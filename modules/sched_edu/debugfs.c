// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/sched_edu: what is on the queues, and the switches.
 *
 *  rq        one line for each processor
 *  groups    one line for each cgroup with the cpu controller
 *  stats     one line for each counter, one column for each processor
 *  features  the rules that are on, NO_ before those that are off; write
 *            NAME or NO_NAME, as in the kernel's own sched/features
 *  tunables  NAME NS lines; write one
 *  policy    tasks outside the fair class; write "PID POLICY [ARGS] [reset]":
 *            fifo|rr PRIO, deadline RUNTIME DEADLINE PERIOD (ns), stop, normal
 *  weights   NICE WEIGHT lines
 *  bench     what the operations cost by number of tasks, measured on reading
 *  fault     write "stall" or "error": the policy then breaks, once
 *  exit      why the last program ended: sched_ext's number, reason, message
 *  state     "kernel" or "edu": who schedules; why not, if it cannot be edu
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "glue.h"

static struct dentry *dir;

static const char *const stat_names[EDU_NR_STATS] = {
	[EDU_ST_ENQUEUE] = "enqueue",
	[EDU_ST_DEQUEUE] = "dequeue",
	[EDU_ST_PICK] = "pick",
	[EDU_ST_SWITCH] = "switch",
	[EDU_ST_FAST] = "pick_fast_path",
	[EDU_ST_RETRY] = "pick_retry",
	[EDU_ST_PREEMPT_WAKEUP] = "preempt_wakeup",
	[EDU_ST_PREEMPT_TICK] = "preempt_tick",
	[EDU_ST_BUDDY] = "buddy",
	[EDU_ST_RT_THROTTLE] = "rt_throttle",
	[EDU_ST_DL_THROTTLE] = "dl_throttle",
	[EDU_ST_MIGRATE] = "migrate",
	[EDU_ST_BALANCE] = "balance",
	[EDU_ST_NEWIDLE] = "newidle",
	[EDU_ST_PINNED] = "pinned",
	[EDU_ST_FIXUP] = "fixup",
	[EDU_ST_CANCEL] = "cancel",
	[EDU_ST_BW_THROTTLE] = "group_throttle",
	[EDU_ST_RESCUE] = "rescue",
	[EDU_ST_RT_PUSH] = "rt_push",
	[EDU_ST_RT_PULL] = "rt_pull",
	[EDU_ST_IDLE_PUSH] = "idle_push",
};

#define TUNABLE(name) { #name, offsetof(struct edu_tunables, name) }
static const struct {
	const char *name;
	size_t offset;
} tunables[] = {
	TUNABLE(latency), TUNABLE(min_granularity), TUNABLE(wakeup_granularity),
	TUNABLE(rr_timeslice), TUNABLE(rt_period), TUNABLE(rt_runtime),
	TUNABLE(migration_cost), TUNABLE(balance_min), TUNABLE(balance_max),
	TUNABLE(bandwidth_slice), TUNABLE(stall_limit),
};

/**
 * edu_policy_name - a policy in words
 * @policy: of a task
 */
const char *edu_policy_name(enum edu_policy policy)
{
	switch (policy) {
	case EDU_FIFO:
		return "fifo";
	case EDU_RR:
		return "rr";
	case EDU_BATCH:
		return "batch";
	case EDU_IDLE:
		return "idle";
	case EDU_DEADLINE:
		return "deadline";
	case EDU_STOP:
		return "stop";
	default:
		return "normal";
	}
}

static u64 *tunable(int i)
{
	return (void *)&edu_machine->tun + tunables[i].offset;
}

static int rq_show(struct seq_file *m, void *unused)
{
	int cpu;

	seq_puts(m, "cpu online nr_running fair rt dl load min_vruntime curr longest_wait\n");
	for (cpu = 0; cpu < edu_machine->nr_cpus; cpu++) {
		struct edu_rq *rq = &edu_machine->rq[cpu];
		unsigned int nr, fair, rt, dl;
		unsigned long load;
		u64 v;
		u64 wait = 0;
		int pid;

		raw_spin_lock_irq(&rq->lock);
		nr = rq->nr_running;
		fair = rq->cfs.h_nr_running;
		rt = rq->rt.nr_running;
		dl = rq->dl.nr_running;
		load = rq->cfs.load;
		v = rq->cfs.min_vruntime;
		pid = rq->curr ? rq->curr->pid : 0;
		if (!list_empty(&rq->waiting))
			wait = rq->clock - list_first_entry(&rq->waiting, struct edu_task,
							    wait_node)->wait_since;
		raw_spin_unlock_irq(&rq->lock);
		seq_printf(m, "%d %d %u %u %u %u %lu %llu %d %llu\n", cpu, rq->online,
			   nr, fair, rt, dl, load, v, pid, wait);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rq);

static int stats_show(struct seq_file *m, void *unused)
{
	int i, cpu;

	for (i = 0; i < EDU_NR_STATS; i++) {
		seq_puts(m, stat_names[i]);
		for (cpu = 0; cpu < edu_machine->nr_cpus; cpu++)
			seq_printf(m, " %llu", edu_machine->rq[cpu].stats[i]);
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int weights_show(struct seq_file *m, void *unused)
{
	int nice;

	for (nice = -20; nice <= 19; nice++)
		seq_printf(m, "%d %lu\n", nice, edu_weight_of(EDU_NORMAL, nice));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(weights);

static int groups_show(struct seq_file *m, void *unused)
{
	edu_groups_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(groups);

static int bench_show(struct seq_file *m, void *unused)
{
	edu_bench_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bench);

static int exit_show(struct seq_file *m, void *unused)
{
	edu_exit_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(exit);

static int state_show(struct seq_file *m, void *unused)
{
	if (!IS_ENABLED(CONFIG_SCHED_CLASS_EXT))
		seq_puts(m, "kernel: no sched_ext (CONFIG_SCHED_CLASS_EXT)\n");
	else if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF_MODULES))
		seq_puts(m, "kernel: no module types (CONFIG_DEBUG_INFO_BTF_MODULES)\n");
	else
		seq_puts(m, edu_glue_active() ? "edu\n" : "kernel\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

/* The words of a write, in a copy that the caller frees. */
static char *copy_words(const char __user *from, size_t count)
{
	if (count > 256)
		return ERR_PTR(-EINVAL);
	return memdup_user_nul(from, count);
}

static int features_show(struct seq_file *m, void *unused)
{
	int i;

	for (i = 0; i < EDU_NR_FEATURES; i++)
		seq_printf(m, "%s%s ",
			   test_bit(i, &edu_machine->features) ? "" : "NO_",
			   edu_features[i].name);
	seq_putc(m, '\n');
	return 0;
}

static ssize_t features_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos)
{
	char *copy = copy_words(from, count), *word;
	bool off;
	int i;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	word = strim(copy);
	off = !strncmp(word, "NO_", 3);
	for (i = 0; i < EDU_NR_FEATURES; i++)
		if (!strcmp(word + 3 * off, edu_features[i].name))
			break;
	kfree(copy);
	if (i == EDU_NR_FEATURES)
		return -EINVAL;
	if (off)
		clear_bit(i, &edu_machine->features);
	else
		set_bit(i, &edu_machine->features);
	return count;
}

static int features_open(struct inode *inode, struct file *file)
{
	return single_open(file, features_show, NULL);
}

static const struct file_operations features_fops = {
	.owner = THIS_MODULE,
	.open = features_open,
	.read = seq_read,
	.write = features_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int tunables_show(struct seq_file *m, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		seq_printf(m, "%s %llu\n", tunables[i].name, *tunable(i));
	return 0;
}

static ssize_t tunables_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos)
{
	char *copy = copy_words(from, count);
	char name[32];
	int i, err = -EINVAL;
	u64 ns;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	if (sscanf(copy, "%31s %llu", name, &ns) == 2 && ns >= 1000 &&
	    ns <= 60 * NSEC_PER_SEC)
		for (i = 0; i < ARRAY_SIZE(tunables); i++)
			if (!strcmp(name, tunables[i].name)) {
				WRITE_ONCE(*tunable(i), ns);
				err = count;
			}
	kfree(copy);
	return err;
}

static int tunables_open(struct inode *inode, struct file *file)
{
	return single_open(file, tunables_show, NULL);
}

static const struct file_operations tunables_fops = {
	.owner = THIS_MODULE,
	.open = tunables_open,
	.read = seq_read,
	.write = tunables_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int policy_show(struct seq_file *m, void *unused)
{
	edu_tasks_show(m);
	return 0;
}

static int policy_of(const char *name)
{
	static const int all[] = { EDU_NORMAL, EDU_FIFO, EDU_RR, EDU_DEADLINE,
				   EDU_STOP };
	int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(name, edu_policy_name(all[i])))
			return all[i];
	return -EINVAL;
}

static ssize_t policy_write(struct file *file, const char __user *from,
			    size_t count, loff_t *pos)
{
	char *copy = copy_words(from, count), *rest, *word;
	int pid, policy, nargs = 0, err = -EINVAL;
	bool reset = false;
	u64 args[3];

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	rest = strim(copy);
	word = strsep(&rest, " ");
	if (kstrtoint(word, 10, &pid) || pid < 1 || !rest)
		goto out;
	policy = policy_of(strsep(&rest, " "));
	if (policy < 0)
		goto out;
	while ((word = strsep(&rest, " "))) {
		if (!strcmp(word, "reset"))
			reset = true;
		else if (nargs == 3 || kstrtou64(word, 10, &args[nargs++]))
			goto out;
	}
	err = edu_tasks_set(pid, policy, reset, args, nargs);
out:
	kfree(copy);
	return err ?: count;
}

static int policy_open(struct inode *inode, struct file *file)
{
	return single_open(file, policy_show, NULL);
}

static const struct file_operations policy_fops = {
	.owner = THIS_MODULE,
	.open = policy_open,
	.read = seq_read,
	.write = policy_write,
	.llseek = seq_lseek,
	.release = single_release,
};

#if defined(CONFIG_SCHED_CLASS_EXT) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)
static ssize_t fault_write(struct file *file, const char __user *from, size_t count,
			   loff_t *pos)
{
	char *copy = copy_words(from, count);
	ssize_t err = count;

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	if (!edu_glue_active())
		err = -ENODEV;
	else if (!strcmp(strim(copy), "stall"))
		edu_fault_set(EDU_FAULT_STALL);
	else if (!strcmp(strim(copy), "error"))
		edu_fault_set(EDU_FAULT_ERROR);
	else
		err = -EINVAL;
	kfree(copy);
	return err;
}

static const struct file_operations fault_fops = {
	.owner = THIS_MODULE,
	.write = fault_write,
};

static void add_fault(void)
{
	debugfs_create_file("fault", 0200, dir, NULL, &fault_fops);
}
#else
static void add_fault(void) {}
#endif

/**
 * edu_debugfs_init - make the folder; it is no failure if that fails
 */
void edu_debugfs_init(void)
{
	dir = debugfs_create_dir("sched_edu", NULL);
	debugfs_create_file("rq", 0444, dir, NULL, &rq_fops);
	debugfs_create_file("groups", 0444, dir, NULL, &groups_fops);
	debugfs_create_file("stats", 0444, dir, NULL, &stats_fops);
	debugfs_create_file("weights", 0444, dir, NULL, &weights_fops);
	debugfs_create_file("state", 0444, dir, NULL, &state_fops);
	debugfs_create_file("bench", 0400, dir, NULL, &bench_fops);
	debugfs_create_file("exit", 0444, dir, NULL, &exit_fops);
	add_fault();
	debugfs_create_file("features", 0644, dir, NULL, &features_fops);
	debugfs_create_file("tunables", 0644, dir, NULL, &tunables_fops);
	debugfs_create_file("policy", 0644, dir, NULL, &policy_fops);
}

/**
 * edu_debugfs_exit - remove the folder
 */
void edu_debugfs_exit(void)
{
	debugfs_remove(dir);
}
