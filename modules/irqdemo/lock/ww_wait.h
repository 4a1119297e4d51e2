/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_WW_WAIT_H
#define _IRQDEMO_WW_WAIT_H

#include <edu/ww_mutex.h>

/**
 * struct edu_ww_waiter - somebody who waits for a wait/wound mutex
 * @list: in its wait_list, or empty
 * @task: to wake
 * @ctx: its transaction, or NULL
 * @granted: the lock is his
 * @die: an older one waits, too: back off
 */
struct edu_ww_waiter {
	struct list_head list;
	struct task_struct *task;
	struct edu_ww_ctx *ctx;
	bool granted;
	bool die;
};

/* All of them under wait_lock. */
int edu_ww_enqueue(struct edu_ww_mutex *lock, struct edu_ww_waiter *waiter);
bool edu_ww_must_die(const struct edu_ww_waiter *waiter);
void edu_ww_recheck(struct edu_ww_mutex *lock);
struct task_struct *edu_ww_hand_over(struct edu_ww_mutex *lock);

#endif /* _IRQDEMO_WW_WAIT_H */
