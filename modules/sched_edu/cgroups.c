// SPDX-License-Identifier: GPL-2.0
/*
 * cgroup v2's cpu controller as task groups: cpu.weight, cpu.idle, cpu.max and
 * cpu.max.burst become shares and quotas (group.c, bandwidth.c).
 *
 * sched_ext introduces each cgroup before its children and its tasks, and takes
 * it away after its children; when a scheduler ends, before the tasks. A group
 * is found by the cgroup's number; what is not found is the root, as is a
 * cgroup without the controller.
 *
 * A weight of 100, the default, is 1024 shares. The root itself has neither
 * weight nor quota.
 */
#include <linux/btf.h>
#include <linux/cgroup.h>
#include <linux/hash.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "glue.h"
#include "kfuncs.h"

#define TABLE_BITS 8

/* Written under the mutex, read under RCU. */
static struct hlist_head table[1 << TABLE_BITS];
static DEFINE_MUTEX(table_mutex);

static struct hlist_head *slot(u64 id)
{
	return &table[hash_64(id, TABLE_BITS)];
}

/**
 * edu_group_lookup - the group of a cgroup
 * @id: the cgroup's number
 *
 * Under rcu_read_lock() or the mutex. Return: NULL for the root.
 */
struct edu_group *edu_group_lookup(u64 id)
{
	struct edu_group *g;

	hlist_for_each_entry_rcu(g, slot(id), hash, lockdep_is_held(&table_mutex))
		if (g->id == id)
			return g;
	return NULL;
}

static unsigned long shares_of(u32 weight)
{
	return max(DIV_ROUND_CLOSEST(weight * EDU_NICE_0_WEIGHT, 100), 1UL);
}

/* "max" comes as the largest number that fits. */
static void set_bandwidth(struct edu_group *g, u64 period_us, u64 quota_us,
			  u64 burst_us)
{
	bool none = quota_us >= U64_MAX / (4 * NSEC_PER_USEC);

	edu_bandwidth_set(g, none ? 0 : quota_us * NSEC_PER_USEC,
			  period_us * NSEC_PER_USEC,
			  none ? 0 : burst_us * NSEC_PER_USEC);
}

__bpf_kfunc_start_defs();

/**
 * sched_edu_group_init - a cgroup is introduced; may sleep
 * @cgrp: the cgroup
 * @weight: cpu.weight, 1 to 10000
 * @period_us: of cpu.max
 * @quota_us: of cpu.max
 * @burst_us: cpu.max.burst
 *
 * Return: 0 or -ENOMEM.
 */
__bpf_kfunc int sched_edu_group_init(struct cgroup *cgrp, u32 weight, u64 period_us,
				     u64 quota_us, u64 burst_us)
{
	struct cgroup *up = cgroup_parent(cgrp);
	struct edu_group *g, *parent;

	if (!up)
		return 0;
	rcu_read_lock();
	parent = edu_group_lookup(cgroup_id(up));
	rcu_read_unlock();
	g = edu_group_create(edu_machine, parent);
	if (!g)
		return -ENOMEM;
	g->id = cgroup_id(cgrp);
	cgroup_path(cgrp, g->path, sizeof(g->path));
	edu_group_set_shares(g, shares_of(weight), false);
	set_bandwidth(g, period_us, quota_us, burst_us);
	mutex_lock(&table_mutex);
	hlist_add_head_rcu(&g->hash, slot(g->id));
	mutex_unlock(&table_mutex);
	return 0;
}

/**
 * sched_edu_group_exit - a cgroup goes; may sleep
 * @id: its number
 */
__bpf_kfunc void sched_edu_group_exit(u64 id)
{
	struct edu_group *g;

	scoped_guard(mutex, &table_mutex) {
		g = edu_group_lookup(id);
		if (!g)
			return;
		hlist_del_rcu(&g->hash);
	}
	edu_tasks_leave(g);
	edu_group_close(g);
	kvfree_rcu(g, rcu);
}

/**
 * sched_edu_group_weight - cpu.weight was written
 * @id: the cgroup's number
 * @weight: 1 to 10000
 */
__bpf_kfunc void sched_edu_group_weight(u64 id, u32 weight)
{
	struct edu_group *g;

	guard(rcu)();
	g = edu_group_lookup(id);
	if (g)
		edu_group_set_shares(g, shares_of(weight), g->idle);
}

/**
 * sched_edu_group_idle - cpu.idle was written
 * @id: the cgroup's number
 * @idle: whether it is idle now
 */
__bpf_kfunc void sched_edu_group_idle(u64 id, bool idle)
{
	struct edu_group *g;

	guard(rcu)();
	g = edu_group_lookup(id);
	if (g)
		edu_group_set_shares(g, g->shares, idle);
}

/**
 * sched_edu_group_bandwidth - cpu.max or cpu.max.burst was written
 * @id: the cgroup's number
 * @period_us: of cpu.max
 * @quota_us: of cpu.max
 * @burst_us: cpu.max.burst
 */
__bpf_kfunc void sched_edu_group_bandwidth(u64 id, u64 period_us, u64 quota_us,
					   u64 burst_us)
{
	struct edu_group *g;

	guard(rcu)();
	g = edu_group_lookup(id);
	if (g)
		set_bandwidth(g, period_us, quota_us, burst_us);
}

/**
 * sched_edu_group_move - a task goes to another cgroup
 * @p: the task, on no queue of sched_ext's
 * @id: the cgroup's number
 */
__bpf_kfunc void sched_edu_group_move(struct task_struct *p, u64 id)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;

	guard(rcu)();
	t = edu_task_lookup(p);
	if (!t)
		return;
	rq = edu_task_lock(t, &flags);
	edu_task_set_group(t, edu_group_lookup(id));
	edu_rq_unlock(rq, flags);
}

__bpf_kfunc_end_defs();

/**
 * edu_groups_show - one line for each group
 * @m: where to
 */
void edu_groups_show(struct seq_file *m)
{
	struct edu_group *g;
	int i, cpu;

	seq_puts(m, "id shares idle tasks quota period burst nr_periods nr_throttled throttled_ns nr_burst burst_ns path\n");
	mutex_lock(&table_mutex);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry(g, &table[i], hash) {
			unsigned int nr = 0;
			struct edu_bandwidth bw;

			raw_spin_lock_irq(&g->bw.lock);
			bw = g->bw;
			raw_spin_unlock_irq(&g->bw.lock);
			for (cpu = 0; cpu < edu_machine->nr_cpus; cpu++)
				nr += READ_ONCE(g->cpu[cpu].cfs_rq.h_nr_running);
			seq_printf(m, "%llu %lu %d %u %llu %llu %llu %llu %llu %llu %llu %llu %s\n",
				   g->id, g->shares, g->idle, nr, bw.quota, bw.period,
				   bw.burst, bw.nr_periods, bw.nr_throttled,
				   bw.throttled_time, bw.nr_burst, bw.burst_time,
				   g->path);
		}
	mutex_unlock(&table_mutex);
}
