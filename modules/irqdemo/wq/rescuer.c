// SPDX-License-Identifier: GPL-2.0
/*
 * The rescuer: a thread that every queue with EDU_WQ_MEM_RECLAIM has from the
 * start, for the hour in which no worker can be made.
 *
 * The rules, document B 12.11 (which has the timer and not the thread), the
 * rest as in 6.12:
 *  1. While a manager tries to make a worker, a timer goes off after 10 ms,
 *     and then each 100 ms. It is stopped only when the manager is done.
 *  2. Each time it calls, for every work on the pool's list, the rescuer of
 *     that work's queue, if it has one. Without a rescuer the work waits.
 *  3. A rescuer joins the pool, takes all works of its queue and runs them, one
 *     after the other. It has PREP all its life: it never counts as running.
 *  4. If works of its queue are still there and workers still are not, it
 *     calls itself again, behind the other pools.
 *  5. It leaves, and wakes a worker of the pool if works wait: the worker may
 *     have been asleep because the rescuer was there.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "wq/trace.h"
#include "wq/wq.h"

/* wq->maydays, and the mayday_node of their pwqs; inside pool->lock. */
DEFINE_RAW_SPINLOCK(wq_mayday_lock);

static void call_rescuer(struct edu_pwq *pwq)
{
	struct edu_workqueue *wq = pwq->wq;

	if (!wq->rescuer || !list_empty(&pwq->mayday_node))
		return;
	/* It must not go away between the call and the help. */
	edu_pwq_get(pwq);
	list_add_tail(&pwq->mayday_node, &wq->maydays);
	pwq->pool->count[POOL_MAYDAYS]++;
	wake_up_process(wq->rescuer->task);
}

/**
 * edu_mayday_timer - no worker could be made for too long
 * @timer: the pool's
 */
void edu_mayday_timer(struct timer_list *timer)
{
	struct edu_pool *pool = container_of(timer, struct edu_pool, mayday_timer);
	struct edu_work *work;

	raw_spin_lock_irq(&pool->lock);
	raw_spin_lock(&wq_mayday_lock);
	if (edu_need_to_create_worker(pool)) {
		trace_irqdemo_workqueue_mayday(pool);
		list_for_each_entry(work, &pool->worklist, entry)
			call_rescuer(edu_work_pwq(work));
	}
	raw_spin_unlock(&wq_mayday_lock);
	raw_spin_unlock_irq(&pool->lock);
	mod_timer(timer, jiffies + READ_ONCE(edu_wq_tunables.mayday_interval));
}

static void rescue(struct edu_worker *rescuer, struct edu_pwq *pwq)
{
	struct edu_workqueue *wq = rescuer->rescue_wq;
	struct edu_pool *pool = pwq->pool;

	edu_worker_attach(rescuer, pool);
	raw_spin_lock_irq(&pool->lock);
	if (edu_rescuer_slurp(rescuer, pwq, jiffies)) {
		while (edu_worker_next_scheduled(rescuer))
			edu_worker_execute(rescuer);
		/* New works came, or inactive ones got their turn? */
		if (pwq->nr_active && edu_need_to_create_worker(pool)) {
			raw_spin_lock(&wq_mayday_lock);
			if (list_empty(&pwq->mayday_node)) {
				edu_pwq_get(pwq);
				list_add_tail(&pwq->mayday_node, &wq->maydays);
			}
			raw_spin_unlock(&wq_mayday_lock);
		}
	}
	edu_pwq_put(pwq);
	if (edu_need_more_worker(pool))
		edu_wake_up_worker(pool);
	raw_spin_unlock_irq(&pool->lock);
	/* An unbound pool is freed when its last worker has left it, not before. */
	edu_worker_detach(rescuer);
}

static struct edu_pwq *next_call(struct edu_workqueue *wq)
{
	struct edu_pwq *pwq;

	guard(raw_spinlock_irq)(&wq_mayday_lock);
	pwq = list_first_entry_or_null(&wq->maydays, struct edu_pwq, mayday_node);
	if (pwq)
		list_del_init(&pwq->mayday_node);
	return pwq;
}

/**
 * edu_rescuer_thread - the thread
 * @data: the rescuer
 *
 * Return: 0, when the queue is destroyed.
 */
int edu_rescuer_thread(void *data)
{
	struct edu_worker *rescuer = data;
	struct edu_workqueue *wq = rescuer->rescue_wq;
	struct edu_pwq *pwq;
	bool stop;

	do {
		/*
		 * The state first, and then the questions: a call or a stop
		 * that comes later wakes us. Asked for the end before the last
		 * look at the calls, so that none of them is left. After a
		 * rescue the state stays RUNNING, and all is asked again: the
		 * stop may have come while we were busy.
		 */
		set_current_state(TASK_IDLE);
		stop = kthread_should_stop();
		while ((pwq = next_call(wq))) {
			__set_current_state(TASK_RUNNING);
			rescue(rescuer, pwq);
		}
		if (!stop)
			schedule();
	} while (!stop);
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * edu_rescuer_start - give a queue its rescuer, if its flags ask for one
 * @wq: a new queue
 *
 * Return: 0, -ENOMEM, or what kthread_create() says.
 */
int edu_rescuer_start(struct edu_workqueue *wq)
{
	struct task_struct *task;

	if (!(wq->flags & EDU_WQ_MEM_RECLAIM))
		return 0;
	/* Not edu_worker_alloc(): that one may be told to fail. */
	struct edu_worker *rescuer = kzalloc(sizeof(*rescuer), GFP_KERNEL);

	if (!rescuer)
		return -ENOMEM;
	edu_worker_init(rescuer);
	rescuer->rescue_wq = wq;
	task = kthread_create(edu_rescuer_thread, rescuer, "eduwq-R/%s", wq->name);
	if (IS_ERR(task)) {
		kfree(rescuer);
		return PTR_ERR(task);
	}
	rescuer->task = task;
	set_user_nice(task, MIN_NICE);
	wq->rescuer = rescuer;
	wake_up_process(task);
	return 0;
}

/**
 * edu_rescuer_stop - end it, after it answered all calls
 * @wq: whose, drained
 */
void edu_rescuer_stop(struct edu_workqueue *wq)
{
	struct edu_worker *rescuer = wq->rescuer;

	if (!rescuer)
		return;
	raw_spin_lock_irq(&wq_mayday_lock);
	wq->rescuer = NULL;
	raw_spin_unlock_irq(&wq_mayday_lock);
	kthread_stop(rescuer->task);
	kfree(rescuer);
}
