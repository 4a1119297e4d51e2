// SPDX-License-Identifier: GPL-2.0
/*
 * The worker's thread: made, managed, watched by the scheduler, and ended.
 *
 * The rules, document B 12.6 and 12.8:
 *  1. A worker of a CPU is bound to it; one of a pool without a CPU runs where
 *     the pool's attributes allow.
 *  2. When a worker's task blocks, edu_worker_sleeping() is asked whether
 *     another must run; when it is back, edu_worker_running() is told.
 *  3. The manager makes workers until one is there or none is needed. While
 *     it tries, the mayday timer runs.
 *  4. A worker that was told to die frees itself.
 *
 * How we know that a worker blocks: the kernel has a call in schedule() for
 * its own workers, which a module cannot have. Of what is exported, a preempt
 * notifier costs only the tasks that have one, and tells apart a preempted
 * task (still runnable) from one that blocked; a probe on sched_switch would
 * be called for every switch of every task. The notifier runs under the run
 * queue's lock, where nothing may be woken: it queues an irq_work, which
 * interrupts this CPU as soon as the switch is over, and wakes the next
 * worker. bench/wq test=hook measures the price of the notifier, test=handoff
 * from one worker's blocking to the next one's function.
 */
#include <linux/cpumask.h>
#include <linux/error-injection.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/swait.h>

#include "wq/trace.h"
#include "wq/wq.h"

/* Who belongs to which pool, and where it may run. */
DEFINE_MUTEX(wq_attach_mutex);
/*
 * For who wants to be a pool's last manager: one at a time. A simple wait
 * queue, for it is woken under the pool's raw lock.
 */
static DECLARE_SWAIT_QUEUE_HEAD(manager_wait);

static int fail_create;
module_param_named(wq_fail_create, fail_create, int, 0644);
MODULE_PARM_DESC(wq_fail_create, "So many attempts to make a worker shall fail; -1: all (default 0)");

/* Every thread that was made completes this once, in its last moment. */
static DECLARE_COMPLETION(worker_exited);
static atomic_t workers_made;

static void worker_sched_in(struct preempt_notifier *notifier, int cpu)
{
	edu_worker_running(container_of(notifier, struct edu_worker, notifier));
}

static void worker_sched_out(struct preempt_notifier *notifier,
			     struct task_struct *next)
{
	struct edu_worker *worker;

	/* Preempted: it would go on if it could, and counts as before. */
	if (task_is_runnable(current))
		return;
	worker = container_of(notifier, struct edu_worker, notifier);
	if (edu_worker_sleeping(worker))
		irq_work_queue(&worker->pool->kick);
}

static struct preempt_ops worker_preempt_ops = {
	.sched_in = worker_sched_in,
	.sched_out = worker_sched_out,
};

/* The interrupt after a switch: the last running worker has blocked. */
static void pool_kick(struct irq_work *kick)
{
	struct edu_pool *pool = container_of(kick, struct edu_pool, kick);

	raw_spin_lock(&pool->lock);
	/* It may be back already, or somebody else may have come. */
	if (edu_need_more_worker(pool)) {
		trace_irqdemo_workqueue_blocked(pool);
		pool->count[POOL_BLOCKED]++;
		edu_wake_up_worker(pool);
	}
	raw_spin_unlock(&pool->lock);
}

static void pool_reaper(struct timer_list *timer)
{
	struct edu_pool *pool = container_of(timer, struct edu_pool, idle_timer);

	raw_spin_lock_irq(&pool->lock);
	edu_pool_reap(pool, jiffies);
	raw_spin_unlock_irq(&pool->lock);
}

static void wake(struct edu_worker *worker)
{
	wake_up_process(worker->task);
}

static void arm_reaper(struct edu_pool *pool, unsigned long expires, bool move)
{
	/* The idle time may have been made shorter since it was armed. */
	if (move)
		mod_timer(&pool->idle_timer, expires);
	else
		timer_reduce(&pool->idle_timer, expires);
}

const struct edu_pool_ops edu_pool_ops = {
	.wake = wake,
	.arm_reaper = arm_reaper,
	.release = edu_pwq_release,
};

/**
 * edu_pool_edge_init - the timers and the kick of a pool
 * @pool: after edu_pool_init()
 */
void edu_pool_edge_init(struct edu_pool *pool)
{
	timer_setup(&pool->idle_timer, pool_reaper, TIMER_DEFERRABLE);
	timer_setup(&pool->mayday_timer, edu_mayday_timer, 0);
	pool->kick = IRQ_WORK_INIT_HARD(pool_kick);
}

/**
 * edu_worker_alloc - memory for a worker
 * @node: where from
 *
 * The suites let it fail, by wq_fail_create or by the kernel's fail_function.
 *
 * Return: the worker, or NULL.
 */
noinline struct edu_worker *edu_worker_alloc(int node)
{
	struct edu_worker *worker;

	worker = kzalloc_node(sizeof(*worker), GFP_KERNEL, node);
	if (worker)
		edu_worker_init(worker);
	return worker;
}
ALLOW_ERROR_INJECTION(edu_worker_alloc, NULL);

static bool creation_shall_fail(void)
{
	int left = READ_ONCE(fail_create);

	/* A switch for teaching: two managers may both take the last one. */
	if (left > 0)
		WRITE_ONCE(fail_create, left - 1);
	return left;
}

/**
 * edu_worker_affinity - let a worker run where its pool says
 * @worker: attached; wq_attach_mutex held
 *
 * If none of those CPUs is online it stays where it is.
 */
void edu_worker_affinity(struct edu_worker *worker)
{
	struct edu_pool *pool = worker->pool;
	bool anywhere = pool->cpu >= 0 && pool->flags & POOL_DISASSOCIATED;

	set_cpus_allowed_ptr(worker->task,
			     anywhere ? cpu_possible_mask : pool->attrs.cpumask);
}

/**
 * edu_worker_attach - a worker works for a pool from now on
 * @worker: a new one, or a rescuer
 * @pool: which
 */
void edu_worker_attach(struct edu_worker *worker, struct edu_pool *pool)
{
	guard(mutex)(&wq_attach_mutex);
	/* Stable under the mutex: see hotplug.c. */
	if (pool->flags & POOL_DISASSOCIATED)
		worker->flags |= WORKER_UNBOUND;
	else if (!worker->rescue_wq)
		kthread_bind(worker->task, pool->cpu);
	list_add_tail(&worker->node, &pool->workers);
	worker->pool = pool;
	if (worker->rescue_wq)
		edu_worker_affinity(worker);
}

/**
 * edu_worker_detach - and not any more
 * @worker: which; the pool may be gone afterwards
 */
void edu_worker_detach(struct edu_worker *worker)
{
	struct edu_pool *pool = worker->pool;

	guard(mutex)(&wq_attach_mutex);
	list_del_init(&worker->node);
	worker->pool = NULL;
	worker->flags &= ~(WORKER_UNBOUND | WORKER_REBOUND);
	if (list_empty(&pool->workers) && pool->detached)
		complete(pool->detached);
}

/**
 * edu_worker_execute - call the function of the work that was taken
 * @worker: after edu_worker_begin(); its pool's lock is held, and dropped
 *	meanwhile
 */
void edu_worker_execute(struct edu_worker *worker)
{
	struct edu_work *work = worker->current_work;
	edu_work_func_t func = worker->current_func;
	struct edu_pwq *pwq = worker->current_pwq;
	struct edu_pool *pool = worker->pool;
	int before = preempt_count();
	bool leaked;

	lockdep_assert_held(&pool->lock);
	worker->current_at = ktime_get_ns();
	raw_spin_unlock_irq(&pool->lock);

	before = preempt_count();
	lock_map_acquire(&pwq->wq->lockdep_map);
	trace_irqdemo_workqueue_execute_start(work);
	func(work);
	/* From here on @work may be freed memory. */
	trace_irqdemo_workqueue_execute_end(work, func);
	lock_map_release(&pwq->wq->lockdep_map);
	leaked = preempt_count() != before;
	if (leaked) {
		pr_err_once("irqdemo: %ps of workqueue %s left preempt_count %x, was %x\n",
			    func, pwq->wq->name, preempt_count(), before);
		preempt_count_set(before);
	}
	cond_resched();

	raw_spin_lock_irq(&pool->lock);
	pool->count[POOL_LEAKS] += leaked;
	edu_worker_finish(worker, jiffies);
}

/* Make workers until one is there, or none is needed. */
static void manage(struct edu_worker *worker)
{
	struct edu_pool *pool = worker->pool;

	do {
		raw_spin_unlock_irq(&pool->lock);
		mod_timer(&pool->mayday_timer,
			  jiffies + READ_ONCE(edu_wq_tunables.mayday_initial));
		/*
		 * Asked without the lock: a wrong answer costs a worker more,
		 * or one more round.
		 */
		while (!edu_create_worker(pool) && edu_need_to_create_worker(pool)) {
			schedule_timeout_interruptible(READ_ONCE(edu_wq_tunables.create_cooldown));
			if (!edu_need_to_create_worker(pool))
				break;
		}
		timer_delete_sync(&pool->mayday_timer);
		raw_spin_lock_irq(&pool->lock);
	} while (edu_need_to_create_worker(pool));
	edu_manager_done(pool);
	swake_up_one(&manager_wait);
}

static void worker_exit(struct edu_worker *worker)
{
	if (worker->pool->cpu >= 0) {
		preempt_disable();
		preempt_notifier_unregister(&worker->notifier);
		preempt_enable();
	}
	ida_free(&worker->pool->worker_ida, worker->id);
	edu_worker_detach(worker);
	kfree(worker);
	/* The module may be unloaded when all have got here. */
	kthread_complete_and_exit(&worker_exited, 0);
}

static int worker_thread(void *data)
{
	struct edu_worker *worker = data;
	struct edu_pool *pool = worker->pool;

	/* A new thread is given the affinity of all threads: take it back. */
	mutex_lock(&wq_attach_mutex);
	edu_worker_affinity(worker);
	mutex_unlock(&wq_attach_mutex);
	if (pool->cpu >= 0) {
		preempt_notifier_init(&worker->notifier, &worker_preempt_ops);
		preempt_disable();
		preempt_notifier_register(&worker->notifier);
		preempt_enable();
	}
	raw_spin_lock_irq(&pool->lock);
	for (;;) {
		switch (edu_worker_step(worker, jiffies)) {
		case STEP_EXECUTE:
			edu_worker_execute(worker);
			break;
		case STEP_MANAGE:
			manage(worker);
			break;
		case STEP_SLEEP:
			/*
			 * Before the lock is dropped: who wakes us holds it,
			 * so no wake-up comes between the two.
			 */
			__set_current_state(TASK_IDLE);
			raw_spin_unlock_irq(&pool->lock);
			schedule();
			raw_spin_lock_irq(&pool->lock);
			break;
		case STEP_DIE:
			raw_spin_unlock_irq(&pool->lock);
			worker_exit(worker);
		}
	}
}

/**
 * edu_create_worker - one worker more for a pool, idle
 * @pool: which
 *
 * Process context, may sleep.
 *
 * Return: false if there is no memory, or no thread.
 */
bool edu_create_worker(struct edu_pool *pool)
{
	struct edu_worker *worker = NULL;
	struct task_struct *task;
	int id;

	id = ida_alloc(&pool->worker_ida, GFP_KERNEL);
	if (id < 0)
		goto fail;
	if (!creation_shall_fail())
		worker = edu_worker_alloc(pool->node);
	if (!worker)
		goto no_worker;
	worker->id = id;
	worker->pool = pool;
	if (pool->cpu >= 0)
		task = kthread_create_on_node(worker_thread, worker, pool->node,
					      "eduwq/%d:%d%s", pool->cpu, id,
					      pool->attrs.nice < 0 ? "H" : "");
	else
		task = kthread_create_on_node(worker_thread, worker, pool->node,
					      "eduwq/u%d:%d", pool->id, id);
	if (IS_ERR(task))
		goto no_task;
	worker->task = task;
	set_user_nice(task, pool->attrs.nice);
	atomic_inc(&workers_made);
	edu_worker_attach(worker, pool);

	raw_spin_lock_irq(&pool->lock);
	pool->nr_workers++;
	pool->count[POOL_CREATED]++;
	edu_worker_enter_idle(worker, jiffies);
	wake_up_process(task);
	raw_spin_unlock_irq(&pool->lock);
	return true;
no_task:
	kfree(worker);
no_worker:
	ida_free(&pool->worker_ida, id);
fail:
	raw_spin_lock_irq(&pool->lock);
	pool->count[POOL_CREATE_FAILED]++;
	raw_spin_unlock_irq(&pool->lock);
	return false;
}

/**
 * edu_current_worker - whose function calls this?
 *
 * Any context of a task.
 *
 * Return: the worker or rescuer, or NULL.
 */
struct edu_worker *edu_current_worker(void)
{
	void *func;

	if (!in_task() || !(current->flags & PF_KTHREAD))
		return NULL;
	func = kthread_func(current);
	if (func != worker_thread && func != edu_rescuer_thread)
		return NULL;
	return kthread_data(current);
}

/**
 * edu_pool_stop - send all workers of a pool away
 * @pool: one that nobody queues to any more; its last work is done
 *
 * Process context, one call at a time; returns when they have let go of @pool.
 */
void edu_pool_stop(struct edu_pool *pool)
{
	DECLARE_COMPLETION_ONSTACK(detached);
	struct edu_worker *worker;

	/* Be the manager: nobody makes a worker behind our back. */
	raw_spin_lock_irq(&pool->lock);
	while (pool->flags & POOL_MANAGER_ACTIVE) {
		raw_spin_unlock_irq(&pool->lock);
		swait_event_exclusive(manager_wait,
				      !(READ_ONCE(pool->flags) & POOL_MANAGER_ACTIVE));
		raw_spin_lock_irq(&pool->lock);
	}
	pool->flags |= POOL_MANAGER_ACTIVE;
	while ((worker = list_first_entry_or_null(&pool->idle_list,
						  struct edu_worker, entry)))
		edu_worker_retire(worker);
	WARN_ON_ONCE(pool->nr_workers || pool->nr_idle);
	raw_spin_unlock_irq(&pool->lock);

	mutex_lock(&wq_attach_mutex);
	if (!list_empty(&pool->workers))
		pool->detached = &detached;
	mutex_unlock(&wq_attach_mutex);
	if (pool->detached)
		wait_for_completion(&detached);
	timer_shutdown_sync(&pool->idle_timer);
	timer_shutdown_sync(&pool->mayday_timer);
	irq_work_sync(&pool->kick);
	ida_destroy(&pool->worker_ida);
}

/**
 * edu_workers_wait - wait until no worker's thread runs our code
 *
 * All pools are stopped.
 */
void edu_workers_wait(void)
{
	int left = atomic_read(&workers_made);

	while (left--)
		wait_for_completion(&worker_exited);
}

/**
 * edu_worker_hook_ns - what the notifier costs a switch
 * @rounds: how often, 1 at least
 *
 * From a work's function on a bound queue.
 *
 * Return: ns for one time out and in again, the scheduler's part not included;
 * 0 if the caller has no notifier.
 */
u64 edu_worker_hook_ns(unsigned int rounds)
{
	struct edu_worker *worker = edu_current_worker();
	unsigned int i;
	u64 start;

	if (!worker || worker->pool->cpu < 0)
		return 0;
	preempt_disable();
	start = ktime_get_ns();
	for (i = 0; i < rounds; i++) {
		edu_worker_sleeping(worker);
		edu_worker_running(worker);
	}
	start = ktime_get_ns() - start;
	preempt_enable();
	return start / rounds;
}
