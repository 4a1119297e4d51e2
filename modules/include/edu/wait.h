/* SPDX-License-Identifier: GPL-2.0 */
/* Wait queues and completions of irqdemo: the kernel's, with edu_ before. */
#ifndef _EDU_WAIT_H
#define _EDU_WAIT_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#define EDU_WQ_FLAG_EXCLUSIVE	0x01
#define EDU_WQ_FLAG_WOKEN	0x02

struct edu_wait;

typedef int (*edu_wake_func_t)(struct edu_wait *wait, unsigned int mode, void *key);

/**
 * struct edu_wait - somebody who waits
 * @flags: EDU_WQ_FLAG_*
 * @private: his task
 * @func: wakes him: 1 if it did, 0 if not, less if the walk shall end
 * @entry: in the head's list
 */
struct edu_wait {
	unsigned int flags;
	void *private;
	edu_wake_func_t func;
	struct list_head entry;
};

/**
 * struct edu_wait_head - who waits for one thing
 * @lock: of @head, also from interrupts
 * @head: those who are woken all come first, the exclusive ones last
 */
struct edu_wait_head {
	spinlock_t lock;	/* of the list */
	struct list_head head;
};

int edu_default_wake(struct edu_wait *wait, unsigned int mode, void *key);
int edu_autoremove_wake(struct edu_wait *wait, unsigned int mode, void *key);
int edu_woken_wake(struct edu_wait *wait, unsigned int mode, void *key);

#define edu_wait_head_init(h)						\
do {									\
	struct edu_wait_head *__h = (h);				\
									\
	spin_lock_init(&__h->lock);					\
	INIT_LIST_HEAD(&__h->head);					\
} while (0)

static inline void edu_wait_init(struct edu_wait *wait, edu_wake_func_t func)
{
	wait->flags = 0;
	wait->private = current;
	wait->func = func;
	INIT_LIST_HEAD(&wait->entry);
}

void edu_add_wait(struct edu_wait_head *h, struct edu_wait *wait);
void edu_add_wait_exclusive(struct edu_wait_head *h, struct edu_wait *wait);
void edu_remove_wait(struct edu_wait_head *h, struct edu_wait *wait);
void edu_prepare_to_wait(struct edu_wait_head *h, struct edu_wait *wait,
			 unsigned int state, bool exclusive);
void edu_finish_wait(struct edu_wait_head *h, struct edu_wait *wait);
long edu_wait_woken(struct edu_wait *wait, unsigned int mode, long timeout);
unsigned int edu_wake_up_locked(struct edu_wait_head *h, unsigned int mode, int nr,
				void *key);
unsigned int __edu_wake_up(struct edu_wait_head *h, unsigned int mode, int nr,
			   void *key);

#define edu_wake_up(h)			__edu_wake_up(h, TASK_NORMAL, 1, NULL)
#define edu_wake_up_nr(h, nr)		__edu_wake_up(h, TASK_NORMAL, nr, NULL)
#define edu_wake_up_all(h)		__edu_wake_up(h, TASK_NORMAL, 0, NULL)
#define edu_wake_up_interruptible(h)	__edu_wake_up(h, TASK_INTERRUPTIBLE, 1, NULL)

#define edu_wait_event(h, condition)					\
do {									\
	struct edu_wait_head *__head = (h);				\
	struct edu_wait __wait;						\
									\
	edu_wait_init(&__wait, edu_autoremove_wake);			\
	for (;;) {							\
		edu_prepare_to_wait(__head, &__wait, TASK_UNINTERRUPTIBLE, false); \
		if (condition)						\
			break;						\
		schedule();						\
	}								\
	edu_finish_wait(__head, &__wait);				\
} while (0)

/**
 * struct edu_completion - something that will have happened
 * @done: how often, less the waits that passed; UINT_MAX: for ever
 * @wait: who waits
 */
struct edu_completion {
	unsigned int done;
	struct edu_wait_head wait;
};

#define edu_init_completion(x)						\
do {									\
	struct edu_completion *__x = (x);				\
									\
	__x->done = 0;							\
	edu_wait_head_init(&__x->wait);					\
} while (0)

static inline void edu_reinit_completion(struct edu_completion *x)
{
	x->done = 0;
}

void edu_complete(struct edu_completion *x);
void edu_complete_all(struct edu_completion *x);
void edu_wait_for_completion(struct edu_completion *x);
unsigned long edu_wait_for_completion_timeout(struct edu_completion *x,
					      unsigned long timeout);
int edu_wait_for_completion_interruptible(struct edu_completion *x);
int edu_wait_for_completion_killable(struct edu_completion *x);
bool edu_try_wait_for_completion(struct edu_completion *x);
bool edu_completion_done(struct edu_completion *x);

#endif /* _EDU_WAIT_H */
