// SPDX-License-Identifier: GPL-2.0
/*
 * The watchdog: says which pool stands still.
 *
 * The rule, 6.12's: a pool that has works on its list, and has taken none for
 * wq_watchdog_ms (30 s), is stalled. All pools are looked at as often. Each
 * time counts; what is logged is rate limited.
 *
 * Differs from the kernel's: it does not know that a CPU was legitimately kept
 * busy (touch_softlockup_watchdog()), and prints no backtraces.
 */
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/timer.h>

#include "wq/wq.h"

static void look(struct edu_pool *pool, void *unused)
{
	unsigned long now = jiffies;
	edu_work_func_t func;
	unsigned int ms;
	int workers;

	scoped_guard(raw_spinlock_irqsave, &pool->lock) {
		if (!edu_pool_stalled(pool, now))
			return;
		pool->count[POOL_STALLS]++;
		func = list_first_entry(&pool->worklist, struct edu_work, entry)->func;
		ms = jiffies_to_msecs(now - pool->watchdog_ts);
		workers = pool->nr_workers;
	}
	pr_warn_ratelimited("irqdemo: pool %d of %d workers has taken no work for %u ms, %ps is next\n",
			    pool->id, workers, ms, func);
}

static void watchdog(struct timer_list *timer)
{
	edu_walk_pools_rcu(look, NULL);
	mod_timer(timer, jiffies + READ_ONCE(edu_wq_tunables.watchdog));
}

static DEFINE_TIMER(watchdog_timer, watchdog);

/**
 * edu_watchdog_arm - look again after wq_watchdog_ms
 *
 * Does nothing after edu_watchdog_stop().
 */
void edu_watchdog_arm(void)
{
	mod_timer(&watchdog_timer, jiffies + READ_ONCE(edu_wq_tunables.watchdog));
}

/**
 * edu_watchdog_changed - wq_watchdog_ms was written
 *
 * Before edu_watchdog_arm(), as when the module is loaded with it, it does
 * nothing.
 */
void edu_watchdog_changed(void)
{
	if (timer_pending(&watchdog_timer))
		edu_watchdog_arm();
}

/**
 * edu_watchdog_stop - look no more
 */
void edu_watchdog_stop(void)
{
	timer_shutdown_sync(&watchdog_timer);
}
