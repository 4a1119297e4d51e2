// SPDX-License-Identifier: GPL-2.0
/*
 * Two demonstrations on a sleeping task: how an interrupted system call is
 * restarted, and what the states of a sleeping task mean.
 *
 * LPCHAR_RESTART sleeps interruptibly and, at a signal, ends with the code its
 * caller chose. What the kernel makes of it (the kernel book, 5.7):
 *
 *	disposition	EINTR	ERESTARTSYS	NOHAND, RESTARTBLOCK	NOINTR
 *	default, ignore	no	restart		restart			restart
 *	own handler	no	with SA_RESTART	no			restart
 *
 * ERESTART_RESTARTBLOCK does not repeat the ioctl: the kernel calls a function
 * that the task's restart_block names, ours. That function must be there for
 * as long as any task may still call it, and no one tells when that is over.
 * So each task that left with this code is remembered and pins the module,
 * until the task has ended or its restart_block names another function.
 *
 * LPCHAR_PARK sleeps in the state its caller chose, on a wait queue that
 * debugfs shows, until LPCHAR_UNPARK, the end of its time, or a signal that
 * this state heeds. An uninterruptible sleep is limited to a minute, below the
 * kernel's own complaint about hung tasks.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lpchar.h"

#define MAX_MS 60000

/* The codes of linux/errno.h that user space must never see. */
static bool restart_code(u32 code)
{
	switch (code) {
	case EINTR:
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return true;
	default:
		return false;
	}
}

/* A task whose restart_block may name our function. */
struct restarter {
	struct list_head list;
	struct task_struct *task;
};

static DEFINE_MUTEX(restarters_mutex);
static LIST_HEAD(restarters);
static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

static long restart_continue(struct restart_block *block);

/* Forget those who cannot come back; look again for the others. */
static void reap(struct work_struct *work)
{
	struct restarter *r, *next;

	mutex_lock(&restarters_mutex);
	list_for_each_entry_safe(r, next, &restarters, list) {
		if (!READ_ONCE(r->task->exit_state) &&
		    READ_ONCE(r->task->restart_block.fn) == restart_continue)
			continue;
		list_del(&r->list);
		put_task_struct(r->task);
		kfree(r);
		module_put(THIS_MODULE);
	}
	if (!list_empty(&restarters))
		schedule_delayed_work(&reaper, HZ / 4);
	mutex_unlock(&restarters_mutex);
}

/**
 * restart_exit - at the module's end
 *
 * No task is remembered any more. One that was may still be about to return
 * from our function: wait until every task has been elsewhere.
 */
void restart_exit(void)
{
	cancel_delayed_work_sync(&reaper);
	synchronize_rcu_tasks();
}

static int count_start(struct lpchar_restart __user *arg)
{
	u32 starts;

	if (get_user(starts, &arg->starts) ||
	    put_user(starts + 1, &arg->starts))
		return -EFAULT;
	return 0;
}

/* Sleep until jiffies are @until. Returns 0 or 1: a signal came. */
static int sleep_until(unsigned long until)
{
	long left;

	/* One look at jiffies: the time may be over at the next. */
	while ((left = until - jiffies) > 0) {
		if (signal_pending(current))
			return 1;
		schedule_timeout_interruptible(left);
	}
	return 0;
}

/* What restart_continue() needs goes where futex_wait() keeps the like. */
static long leave_block(struct lpchar_restart __user *arg, unsigned long until)
{
	struct restart_block *block = &current->restart_block;

	block->futex.uaddr = (u32 __user *)arg;
	block->futex.time = until;
	return set_restart_fn(block, restart_continue);
}

static long restart_continue(struct restart_block *block)
{
	struct lpchar_restart __user *arg =
		(struct lpchar_restart __user *)block->futex.uaddr;
	unsigned long until = block->futex.time;
	long ret;

	ret = count_start(arg);
	if (!ret && sleep_until(until))
		return leave_block(arg, until);
	return ret;
}

/* Leave by way of the restart_block, once remembered. */
static long remember(struct lpchar_restart __user *arg, unsigned long until)
{
	struct restarter *r;
	long ret = -ENOMEM;

	/* Under the mutex the reaper cannot come before the block is set. */
	mutex_lock(&restarters_mutex);
	list_for_each_entry(r, &restarters, list)
		if (r->task == current)
			goto known;
	r = kmalloc_obj(*r);
	if (!r)
		goto out;
	/* The open file holds the module now. */
	__module_get(THIS_MODULE);
	r->task = get_task_struct(current);
	list_add(&r->list, &restarters);
	schedule_delayed_work(&reaper, HZ / 4);
known:
	ret = leave_block(arg, until);
out:
	mutex_unlock(&restarters_mutex);
	return ret;
}

/**
 * lpchar_restart - LPCHAR_RESTART
 * @port: the port
 * @arg: the user's structure
 *
 * Return: 0 when the time is over; -EINVAL for a code that is none, or too
 * long a time; -EFAULT; -ENOMEM; else the chosen code.
 */
long lpchar_restart(struct lpchar_port *port, struct lpchar_restart __user *arg)
{
	struct lpchar_restart restart;
	unsigned long until;
	long err;

	if (copy_from_user(&restart, arg, sizeof(restart)))
		return -EFAULT;
	if (!restart_code(restart.code) || restart.timeout_ms > MAX_MS ||
	    restart.reserved)
		return -EINVAL;
	err = count_start(arg);
	if (err)
		return err;
	until = jiffies + msecs_to_jiffies(restart.timeout_ms);
	if (!sleep_until(until))
		return 0;
	if (restart.code != ERESTART_RESTARTBLOCK)
		return -(long)restart.code;
	return remember(arg, until);
}

/* A task that is parked, on its own stack. */
struct parked {
	struct list_head list;
	struct task_struct *task;
	unsigned int state;
};

static const char * const park_names[] = {
	[LPCHAR_PARK_INTERRUPTIBLE]	= "interruptible",
	[LPCHAR_PARK_UNINTERRUPTIBLE]	= "uninterruptible",
	[LPCHAR_PARK_KILLABLE]		= "killable",
};

static const unsigned int park_states[] = {
	[LPCHAR_PARK_INTERRUPTIBLE]	= TASK_INTERRUPTIBLE,
	[LPCHAR_PARK_UNINTERRUPTIBLE]	= TASK_UNINTERRUPTIBLE,
	[LPCHAR_PARK_KILLABLE]		= TASK_KILLABLE,
};

/**
 * lpchar_park - LPCHAR_PARK
 * @port: where
 * @park: how
 *
 * Return: 0 when unparked; -ETIME; -EINTR by a signal that the state heeds;
 * -EINVAL; -ENODEV when the port is gone.
 */
long lpchar_park(struct lpchar_port *port, const struct lpchar_park *park)
{
	struct parked me = { .task = current, .state = park->state };
	unsigned int unparkings, state;
	DEFINE_WAIT(wait);
	long left, ret;

	if (park->state >= ARRAY_SIZE(park_states) || !park->timeout_ms ||
	    park->timeout_ms > MAX_MS)
		return -EINVAL;
	state = park_states[park->state];
	left = msecs_to_jiffies(park->timeout_ms);
	spin_lock(&port->parked_lock);
	unparkings = port->unparkings;
	list_add_tail(&me.list, &port->parked);
	spin_unlock(&port->parked_lock);
	for (;;) {
		prepare_to_wait(&port->parking, &wait, state);
		ret = 0;
		if (READ_ONCE(port->unparkings) != unparkings)
			break;
		ret = -ENODEV;
		if (READ_ONCE(port->gone))
			break;
		ret = -EINTR;
		if (signal_pending_state(state, current))
			break;
		ret = -ETIME;
		if (!left)
			break;
		left = schedule_timeout(left);
	}
	finish_wait(&port->parking, &wait);
	spin_lock(&port->parked_lock);
	list_del(&me.list);
	spin_unlock(&port->parked_lock);
	return ret;
}

/**
 * lpchar_unpark - LPCHAR_UNPARK: wake all that are parked now
 * @port: where
 */
void lpchar_unpark(struct lpchar_port *port)
{
	spin_lock(&port->parked_lock);
	WRITE_ONCE(port->unparkings, port->unparkings + 1);
	spin_unlock(&port->parked_lock);
	wake_up_all(&port->parking);
}

/**
 * parked_show - a line for each task that is parked
 * @m: where to
 * @port: the port
 */
void parked_show(struct seq_file *m, struct lpchar_port *port)
{
	struct parked *p;

	seq_puts(m, "pid command state\n");
	spin_lock(&port->parked_lock);
	list_for_each_entry(p, &port->parked, list)
		seq_printf(m, "%d %s %s\n", task_pid_nr(p->task), p->task->comm,
			   park_names[p->state]);
	spin_unlock(&port->parked_lock);
}
