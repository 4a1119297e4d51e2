// SPDX-License-Identifier: GPL-2.0
/*
 * What we know of the kernel's tasks: a table from task_struct to edu_task.
 *
 * An entry is made when sched_ext introduces a task (init_task, may sleep) and
 * goes when it says that the task is gone (exit_task, under the run queue's
 * lock). There nothing may be freed that could wake somebody, so entries are
 * handed to an irq_work, which lets RCU free them.
 */
#include <linux/hash.h>
#include <linux/irq_work.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "glue.h"

#define TABLE_BITS 12

static struct hlist_head table[1 << TABLE_BITS];
static DEFINE_RAW_SPINLOCK(table_lock);
static LLIST_HEAD(dead);

static void free_dead(struct irq_work *work)
{
	struct edu_task *t, *n;

	llist_for_each_entry_safe(t, n, llist_del_all(&dead), free)
		kfree_rcu(t, rcu);
}

static DEFINE_IRQ_WORK(dead_work, free_dead);

static struct hlist_head *slot(struct task_struct *p)
{
	return &table[hash_ptr(p, TABLE_BITS)];
}

/**
 * edu_task_lookup - what we know of a task
 * @p: the task
 *
 * Under rcu_read_lock(). Return: NULL if it was never introduced.
 */
struct edu_task *edu_task_lookup(struct task_struct *p)
{
	struct edu_task *t;

	hlist_for_each_entry_rcu(t, slot(p), hash)
		if (t->task == p)
			return t;
	return NULL;
}

static bool task_allowed(const struct edu_task *t, int cpu)
{
	if (!cpumask_test_cpu(cpu, t->task->cpus_ptr))
		return false;
	return !t->task->migration_disabled || task_cpu(t->task) == cpu;
}

/**
 * edu_task_home - the processor on which the kernel has a task
 * @t: the task
 */
int edu_task_home(const struct edu_task *t)
{
	return task_cpu(t->task);
}

/**
 * edu_task_add - a task is introduced
 * @p: the task
 * @fork: by the current task, which forks it; else it existed before
 * @cgroup: the number of its group
 *
 * May sleep. Return: NULL without memory.
 */
struct edu_task *edu_task_add(struct task_struct *p, bool fork, u64 cgroup)
{
	struct edu_task *t = kzalloc(sizeof(*t), GFP_KERNEL), *parent;
	unsigned long flags;

	if (!t)
		return NULL;
	edu_task_setup(t, &edu_machine->rq[task_cpu(p)]);
	t->task = p;
	t->pid = p->pid;
	t->allowed = task_allowed;
	strscpy(t->comm, p->comm, sizeof(t->comm));
	rcu_read_lock();
	parent = fork ? edu_task_lookup(current) : NULL;
	if (parent)
		edu_task_inherit(t, parent);
	t->group = edu_group_lookup(cgroup);
	if (t->group)
		atomic_inc(&t->group->nr_tasks);
	edu_fair_join(t, t->rq);
	rcu_read_unlock();
	if (t->class == &edu_fair_class) {
		t->policy = p->policy == SCHED_BATCH ? EDU_BATCH :
			    p->policy == SCHED_IDLE ? EDU_IDLE : EDU_NORMAL;
		t->nice = task_nice(p);
		t->se.weight = edu_weight_of(t->policy, t->nice);
	}
	raw_spin_lock_irqsave(&table_lock, flags);
	hlist_add_head_rcu(&t->hash, slot(p));
	raw_spin_unlock_irqrestore(&table_lock, flags);
	return t;
}

/**
 * edu_task_lock - lock the queue that a task belongs to
 * @t: the task
 * @flags: of the interrupts, to be given back at unlock
 *
 * Return: the queue, its clock set.
 */
struct edu_rq *edu_task_lock(struct edu_task *t, unsigned long *flags)
{
	struct edu_rq *rq;

	for (;;) {
		rq = READ_ONCE(t->rq);
		raw_spin_lock_irqsave(&rq->lock, *flags);
		if (rq == READ_ONCE(t->rq))
			break;
		raw_spin_unlock_irqrestore(&rq->lock, *flags);
	}
	edu_rq_clock(rq);
	return rq;
}

/**
 * edu_task_remove - a task is gone
 * @t: the task; readers under RCU may still see it
 */
void edu_task_remove(struct edu_task *t)
{
	unsigned long flags;
	struct edu_rq *rq;

	rq = edu_task_lock(t, &flags);
	if (t->on_rq)
		edu_dequeue(rq, t, EDU_SLEEP);
	edu_set_custody(t, false);
	t->gone = true;
	if (t->group)
		atomic_dec(&t->group->nr_tasks);
	t->group = NULL;
	edu_fair_join(t, rq);
	if (t->class->task_dead)
		t->class->task_dead(t);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	raw_spin_lock_irqsave(&table_lock, flags);
	hlist_del_rcu(&t->hash);
	raw_spin_unlock_irqrestore(&table_lock, flags);
	llist_add(&t->free, &dead);
	/* Else a later one does it, or the end. */
	if (edu_may_kick())
		irq_work_queue(&dead_work);
}

/**
 * edu_tasks_set - change the policy of a task
 * @pid: as root sees it
 * @policy: the new one
 * @reset_on_fork: its children get the normal policy
 * @args: a priority, or runtime, deadline and period in ns
 * @nargs: how many there are
 *
 * May sleep. Return: 0; -ESRCH if it is not ours; -EINVAL for wrong numbers;
 * -EBUSY if the deadline class is full.
 */
int edu_tasks_set(int pid, enum edu_policy policy, bool reset_on_fork,
		  const u64 *args, int nargs)
{
	struct task_struct *p;
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;
	int err = 0;

	if (nargs != (policy == EDU_DEADLINE ? 3 :
		      policy == EDU_FIFO || policy == EDU_RR))
		return -EINVAL;
	rcu_read_lock();
	p = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	t = p ? edu_task_lookup(p) : NULL;
	if (!t) {
		rcu_read_unlock();
		return -ESRCH;
	}
	rq = edu_task_lock(t, &flags);
	if (t->gone)
		err = -ESRCH;
	else if (policy == EDU_DEADLINE)
		err = edu_dl_admit(rq->sched, t, args[0], args[1], args[2]);
	if (!err)
		err = edu_task_policy(t, policy, policy == EDU_DEADLINE ? 0 :
				      nargs ? min_t(u64, args[0], 1000) : 0);
	if (!err)
		t->reset_on_fork = reset_on_fork;
	if (rq->resched)
		edu_want_kick(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	rcu_read_unlock();
	return err;
}

/**
 * edu_tasks_show - the tasks that are not in the fair class
 * @m: where to
 */
void edu_tasks_show(struct seq_file *m)
{
	struct edu_task *t;
	int i;

	rcu_read_lock();
	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry_rcu(t, &table[i], hash)
			if (t->class != &edu_fair_class)
				seq_printf(m, "%d %s %d %llu %llu %llu\n",
					   t->pid, edu_policy_name(t->policy),
					   t->rt_priority, t->dl_runtime,
					   t->dl_deadline, t->dl_period);
	rcu_read_unlock();
}

/**
 * edu_tasks_leave - the tasks of a group become its parent's
 * @g: goes; sched_ext takes groups away before tasks when it ends
 */
void edu_tasks_leave(struct edu_group *g)
{
	struct edu_task *t;
	unsigned long flags;
	struct edu_rq *rq;
	int i;

	if (!atomic_read(&g->nr_tasks))
		return;
	rcu_read_lock();
	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry_rcu(t, &table[i], hash) {
			if (READ_ONCE(t->group) != g)
				continue;
			rq = edu_task_lock(t, &flags);
			if (t->group == g)
				edu_task_set_group(t, g->parent);
			edu_rq_unlock(rq, flags);
		}
	rcu_read_unlock();
}

/**
 * edu_tasks_exit - RCU is given all that is dead, it does not need us to free it
 */
void edu_tasks_exit(void)
{
	irq_work_sync(&dead_work);
	free_dead(&dead_work);
}
