// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that come and go, and systems that go to sleep.
 *
 * The rules (6.12; the documents name the flags only):
 *  1. A CPU comes: its pools get a first worker if they have none; their
 *     workers are bound to it again, and count again when they next look for
 *     work (REBOUND).
 *  2. A CPU goes: its pools' workers run anywhere and do not count (UNBOUND),
 *     so that each wakes the next. Nothing that is queued is lost.
 *  3. While the system sleeps, queues with EDU_WQ_FREEZABLE have max_active 0:
 *     what comes is kept in inactive_works. It does not go to sleep while one
 *     of their works runs; after 20 s it is told that it cannot.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/suspend.h>

#include "wq/wq.h"

bool edu_wq_frozen;	/* under wq_pool_mutex */
static int hotplug_state;

static void move_workers(struct edu_pool *pool)
{
	struct edu_worker *worker;

	lockdep_assert_held(&wq_attach_mutex);
	list_for_each_entry(worker, &pool->workers, node)
		edu_worker_affinity(worker);
}

/* An unbound pool: a CPU that came may be one of its own. */
static void refresh_unbound(struct edu_pool *pool, void *unused)
{
	guard(mutex)(&wq_attach_mutex);
	if (pool->cpu < 0)
		move_workers(pool);
}

static int cpu_online_pools(unsigned int cpu)
{
	int i;

	for (i = 0; i < WQ_STD_POOLS; i++) {
		struct edu_pool *pool = per_cpu_ptr(edu_cpu_pools, cpu) + i;

		scoped_guard(mutex, &wq_attach_mutex) {
			scoped_guard(raw_spinlock_irq, &pool->lock)
				edu_pool_rebind(pool);
			move_workers(pool);
		}
		if (!pool->nr_workers && !edu_create_worker(pool))
			return -ENOMEM;
	}
	edu_walk_pools(refresh_unbound, NULL);
	return 0;
}

/* On the CPU that goes: no worker of its pools is just blocking. */
static int cpu_offline_pools(unsigned int cpu)
{
	int i;

	for (i = 0; i < WQ_STD_POOLS; i++) {
		struct edu_pool *pool = per_cpu_ptr(edu_cpu_pools, cpu) + i;

		guard(mutex)(&wq_attach_mutex);
		scoped_guard(raw_spinlock_irq, &pool->lock) {
			edu_pool_unbind(pool);
			if (edu_need_more_worker(pool))
				edu_wake_up_worker(pool);
		}
		move_workers(pool);
	}
	return 0;
}

/**
 * edu_wq_freeze - let all freezable queues stand still, or go on
 * @freeze: which
 *
 * Process context. Works that are on the list, or run, go on:
 * edu_wq_frozen_busy().
 */
void edu_wq_freeze(bool freeze)
{
	struct edu_workqueue *wq;

	guard(mutex)(&wq_pool_mutex);
	edu_wq_frozen = freeze;
	list_for_each_entry(wq, &edu_workqueues, list) {
		guard(mutex)(&wq->mutex);
		edu_wq_adjust_max_active(wq, freeze);
	}
}

/**
 * edu_wq_frozen_busy - does a work of a frozen queue still run?
 *
 * Process context.
 *
 * Return: true if so.
 */
bool edu_wq_frozen_busy(void)
{
	struct edu_workqueue *wq;
	struct edu_pwq *pwq;

	guard(mutex)(&wq_pool_mutex);
	list_for_each_entry(wq, &edu_workqueues, list) {
		if (!(wq->flags & EDU_WQ_FREEZABLE))
			continue;
		guard(mutex)(&wq->mutex);
		list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
			if (READ_ONCE(pwq->nr_active))
				return true;
	}
	return false;
}

/* The system wants to sleep: wait until the freezable queues are quiet. */
static int freeze_and_wait(void)
{
	unsigned long until = jiffies + 20 * HZ;

	edu_wq_freeze(true);
	while (edu_wq_frozen_busy()) {
		if (time_after(jiffies, until)) {
			edu_wq_freeze(false);
			return notifier_from_errno(-EBUSY);
		}
		msleep(20);
	}
	return NOTIFY_DONE;
}

static int pm_event(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
		return freeze_and_wait();
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
		edu_wq_freeze(false);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pm_nb = { .notifier_call = pm_event };

/**
 * edu_hotplug_init - bind the pools to the CPUs that are there, and listen
 *
 * Return: 0, or an errno.
 */
int edu_hotplug_init(void)
{
	int state, err;

	/* Calls cpu_online_pools() for every CPU that is online. */
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "irqdemo:wq",
				  cpu_online_pools, cpu_offline_pools);
	if (state < 0)
		return state;
	hotplug_state = state;
	err = register_pm_notifier(&pm_nb);
	if (err)
		cpuhp_remove_state_nocalls(state);
	return err;
}

/**
 * edu_hotplug_exit - the opposite
 */
void edu_hotplug_exit(void)
{
	unregister_pm_notifier(&pm_nb);
	cpuhp_remove_state_nocalls(hotplug_state);
}
