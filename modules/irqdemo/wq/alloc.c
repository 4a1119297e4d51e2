// SPDX-License-Identifier: GPL-2.0
/*
 * Queues made and destroyed, and the table of pools.
 *
 * The rules, document B 12.3 and 12.4:
 *  1. Each CPU has two pools, of nice 0 and of nice -20 (WQ_HIGHPRI).
 *  2. A bound queue has a pwq for each CPU; an unbound one has one, in the pool
 *     of its attributes (unbound.c).
 *  3. An unbound queue of max_active 1 is ordered: one at a time, in the order
 *     of queueing, on any CPU.
 *  4. max_active 0 is 256; more than 512 is 512 (of an unbound queue, or than
 *     four for each CPU).
 *
 * Differs from the documents: an unbound queue has no pwq for each node.
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <edu/compat.h>

#include "wq/wq.h"

#define HIGHPRI_NICE	(-20)

/* The list of queues, the tables of pools. */
DEFINE_MUTEX(wq_pool_mutex);
LIST_HEAD(edu_workqueues);
struct edu_pool __percpu *edu_cpu_pools;
static DEFINE_XARRAY_ALLOC(pools);
static struct kmem_cache *pwq_cache;
static struct kthread_worker *releaser;

static bool power_efficient;
module_param_named(wq_power_efficient, power_efficient, bool, 0444);
MODULE_PARM_DESC(wq_power_efficient, "Queues that are power-efficient are unbound (default N)");

struct edu_workqueue *edu_system_wq;
EXPORT_SYMBOL_GPL(edu_system_wq);
struct edu_workqueue *edu_system_highpri_wq;
EXPORT_SYMBOL_GPL(edu_system_highpri_wq);
struct edu_workqueue *edu_system_long_wq;
EXPORT_SYMBOL_GPL(edu_system_long_wq);
struct edu_workqueue *edu_system_unbound_wq;
EXPORT_SYMBOL_GPL(edu_system_unbound_wq);
struct edu_workqueue *edu_system_freezable_wq;
EXPORT_SYMBOL_GPL(edu_system_freezable_wq);
struct edu_workqueue *edu_system_power_efficient_wq;
EXPORT_SYMBOL_GPL(edu_system_power_efficient_wq);
struct edu_workqueue *edu_system_freezable_power_efficient_wq;
EXPORT_SYMBOL_GPL(edu_system_freezable_power_efficient_wq);

static const struct {
	struct edu_workqueue **wq;
	const char *name;
	unsigned int flags;
} system_queues[] = {
	{ &edu_system_wq, "events", 0 },
	{ &edu_system_highpri_wq, "events_highpri", EDU_WQ_HIGHPRI },
	{ &edu_system_long_wq, "events_long", 0 },
	{ &edu_system_unbound_wq, "events_unbound", EDU_WQ_UNBOUND },
	{ &edu_system_freezable_wq, "events_freezable", EDU_WQ_FREEZABLE },
	{ &edu_system_power_efficient_wq, "events_power_efficient",
	  EDU_WQ_POWER_EFFICIENT },
	{ &edu_system_freezable_power_efficient_wq,
	  "events_freezable_power_efficient",
	  EDU_WQ_FREEZABLE | EDU_WQ_POWER_EFFICIENT },
};

/**
 * edu_pool_by_id - a pool by its number
 * @id: which
 *
 * Under RCU or wq_pool_mutex.
 *
 * Return: the pool, or NULL.
 */
struct edu_pool *edu_pool_by_id(unsigned int id)
{
	return id == EDU_WORK_POOL_NONE ? NULL : xa_load(&pools, id);
}

/**
 * edu_work_pool - where a work is queued, or ran last
 * @work: which
 *
 * Under RCU. A hint, until that pool's lock is taken.
 *
 * Return: the pool, or NULL.
 */
struct edu_pool *edu_work_pool(const struct edu_work *work)
{
	/* One read: the word may change from one meaning to the other. */
	struct edu_work now = { .data = ATOMIC_LONG_INIT(atomic_long_read(&work->data)) };
	struct edu_pwq *pwq = edu_work_pwq(&now);

	return pwq ? pwq->pool : edu_pool_by_id(edu_work_pool_id(&now));
}

/**
 * edu_pool_register - give a pool its number
 * @pool: a new one; wq_pool_mutex held
 *
 * Return: 0, -ENOMEM, or -EBUSY if no number is left.
 */
int edu_pool_register(struct edu_pool *pool)
{
	u32 id;
	int err = xa_alloc(&pools, &id, pool, XA_LIMIT(0, EDU_WORK_POOL_NONE - 1),
			   GFP_KERNEL);

	if (!err)
		pool->id = id;
	return err;
}

/**
 * edu_walk_pools - do something with every pool
 * @fn: called with each, wq_pool_mutex held
 * @data: handed on
 */
void edu_walk_pools(void (*fn)(struct edu_pool *pool, void *data), void *data)
{
	struct edu_pool *pool;
	unsigned long id;

	guard(mutex)(&wq_pool_mutex);
	xa_for_each(&pools, id, pool) {
		fn(pool, data);
	}
}

/**
 * edu_walk_pools_rcu - the same, from any context
 * @fn: called with each, under RCU
 * @data: handed on
 */
void edu_walk_pools_rcu(void (*fn)(struct edu_pool *pool, void *data), void *data)
{
	struct edu_pool *pool;
	unsigned long id;

	guard(rcu)();
	xa_for_each(&pools, id, pool)
		fn(pool, data);
}

/**
 * edu_pool_unregister - take a pool's number away
 * @pool: which; wq_pool_mutex held
 *
 * The number may be given again: works that remember it find a stranger, who
 * does not run them.
 */
void edu_pool_unregister(struct edu_pool *pool)
{
	xa_erase(&pools, pool->id);
}

static void pwq_free(struct rcu_head *rcu)
{
	kmem_cache_free(pwq_cache, container_of(rcu, struct edu_pwq, rcu));
}

static void pwq_release_work(struct kthread_work *work)
{
	struct edu_pwq *pwq = container_of(work, struct edu_pwq, release_work);
	struct edu_pool *pool = pwq->pool;

	mutex_lock(&pwq->wq->mutex);
	list_del(&pwq->pwqs_node);
	mutex_unlock(&pwq->wq->mutex);
	mutex_lock(&wq_pool_mutex);
	edu_unbound_pool_put(pool);
	mutex_unlock(&wq_pool_mutex);
	call_rcu(&pwq->rcu, pwq_free);
}

/**
 * edu_pwq_release - an unbound pwq that nobody refers to
 * @pwq: which; its pool's lock is held
 *
 * It is freed later, by a thread that may sleep.
 */
void edu_pwq_release(struct edu_pwq *pwq)
{
	kthread_queue_work(releaser, &pwq->release_work);
}

static struct edu_pwq *pwq_new(struct edu_workqueue *wq, struct edu_pool *pool)
{
	struct edu_pwq *pwq = kmem_cache_zalloc(pwq_cache, GFP_KERNEL);

	if (pwq) {
		edu_pwq_init(pwq, wq, pool);
		kthread_init_work(&pwq->release_work, pwq_release_work);
	}
	return pwq;
}

/* From now on it is found by flushers, and takes works. */
static void pwq_link(struct edu_pwq *pwq)
{
	struct edu_workqueue *wq = pwq->wq;
	bool frozen = wq->flags & EDU_WQ_FREEZABLE && READ_ONCE(edu_wq_frozen);

	lockdep_assert_held(&wq->mutex);
	pwq->work_color = wq->work_color;
	list_add(&pwq->pwqs_node, &wq->pwqs);
	guard(raw_spinlock_irq)(&pwq->pool->lock);
	edu_pwq_set_max_active(pwq, frozen ? 0 : wq->saved_max_active, jiffies);
}

/**
 * edu_wq_adjust_max_active - tell all pwqs of a queue their limit
 * @wq: whose; its mutex held
 * @frozen: none at all, if the queue can be frozen
 */
void edu_wq_adjust_max_active(struct edu_workqueue *wq, bool frozen)
{
	int max_active = frozen && wq->flags & EDU_WQ_FREEZABLE ? 0 : wq->saved_max_active;
	struct edu_pwq *pwq;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		guard(raw_spinlock_irq)(&pwq->pool->lock);
		edu_pwq_set_max_active(pwq, max_active, jiffies);
	}
}

static int clamp_max_active(unsigned int flags, int max_active)
{
	int limit = EDU_WQ_MAX_ACTIVE;

	if (flags & EDU_WQ_UNBOUND)
		limit = max_t(int, limit, 4 * num_possible_cpus());
	return clamp(max_active ?: EDU_WQ_DFL_ACTIVE, 1, limit);
}

static int alloc_bound(struct edu_workqueue *wq)
{
	int cpu, highpri = !!(wq->flags & EDU_WQ_HIGHPRI);

	wq->cpu_pwq = alloc_percpu(struct edu_pwq *);
	if (!wq->cpu_pwq)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct edu_pwq *pwq = pwq_new(wq, per_cpu_ptr(edu_cpu_pools, cpu) + highpri);

		if (!pwq)
			return -ENOMEM;
		*per_cpu_ptr(wq->cpu_pwq, cpu) = pwq;
		guard(mutex)(&wq->mutex);
		pwq_link(pwq);
	}
	return 0;
}

static int replace_pwq(struct edu_workqueue *wq, const struct edu_wq_attrs *attrs)
{
	struct edu_pool *pool;
	struct edu_pwq *pwq, *old;

	mutex_lock(&wq_pool_mutex);
	pool = edu_unbound_pool_get(attrs);
	mutex_unlock(&wq_pool_mutex);
	if (!pool)
		return -ENOMEM;
	pwq = pwq_new(wq, pool);
	if (!pwq) {
		mutex_lock(&wq_pool_mutex);
		edu_unbound_pool_put(pool);
		mutex_unlock(&wq_pool_mutex);
		return -ENOMEM;
	}
	guard(mutex)(&wq->mutex);
	old = rcu_dereference_protected(wq->dfl_pwq, lockdep_is_held(&wq->mutex));
	pwq_link(pwq);
	rcu_assign_pointer(wq->dfl_pwq, pwq);
	if (old) {
		guard(raw_spinlock_irq)(&old->pool->lock);
		edu_pwq_put(old);
	}
	return 0;
}

/**
 * edu_apply_workqueue_attrs - change what an unbound queue's workers are like
 * @wq: an unbound queue
 * @attrs: nice and CPUs; copied
 *
 * Process context. Works that are queued already stay with the old workers.
 *
 * Return: 0; -EINVAL if the queue is bound, or was asked to be ordered, or no
 * CPU is left; -ENOMEM.
 */
int edu_apply_workqueue_attrs(struct edu_workqueue *wq,
			      const struct edu_wq_attrs *attrs)
{
	if (!(wq->flags & EDU_WQ_UNBOUND) ||
	    wq->flags & __EDU_WQ_ORDERED_EXPLICIT ||
	    !cpumask_intersects(attrs->cpumask, cpu_possible_mask))
		return -EINVAL;
	/* Old and new works may run side by side for a while. */
	scoped_guard(mutex, &wq->mutex)
		wq->flags &= ~__EDU_WQ_ORDERED;
	return replace_pwq(wq, attrs);
}
EXPORT_SYMBOL_GPL(edu_apply_workqueue_attrs);

static int alloc_unbound(struct edu_workqueue *wq)
{
	struct edu_wq_attrs attrs;
	int err;

	if (!alloc_cpumask_var(&attrs.cpumask, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(attrs.cpumask, cpu_possible_mask);
	attrs.nice = wq->flags & EDU_WQ_HIGHPRI ? HIGHPRI_NICE : 0;
	err = replace_pwq(wq, &attrs);
	free_cpumask_var(attrs.cpumask);
	return err;
}

static void free_pwqs(struct edu_workqueue *wq)
{
	struct edu_pwq *pwq;
	int cpu;

	if (wq->cpu_pwq) {
		for_each_possible_cpu(cpu) {
			pwq = *per_cpu_ptr(wq->cpu_pwq, cpu);
			if (pwq)
				call_rcu(&pwq->rcu, pwq_free);
		}
		free_percpu(wq->cpu_pwq);
	}
	pwq = rcu_access_pointer(wq->dfl_pwq);
	if (pwq) {
		scoped_guard(raw_spinlock_irq, &pwq->pool->lock)
			edu_pwq_put(pwq);
	}
	/* Those that were replaced before go the same way. */
	kthread_flush_worker(releaser);
}

static void wq_free(struct edu_workqueue *wq)
{
	free_pwqs(wq);
	lockdep_unregister_key(&wq->key);
	kfree(wq);
}

/**
 * edu_alloc_workqueue - a new queue
 * @fmt: its name, as printf's, 31 characters are kept
 * @flags: EDU_WQ_*
 * @max_active: so many works at most on the list or running, for each CPU; of
 *	an unbound queue in all; 0 is the default
 * @...: for @fmt
 *
 * Process context.
 *
 * Return: the queue, or NULL.
 */
struct edu_workqueue *edu_alloc_workqueue(const char *fmt, unsigned int flags,
					  int max_active, ...)
{
	struct edu_workqueue *wq = kzalloc(sizeof(*wq), GFP_KERNEL);
	va_list args;
	int err;

	if (!wq)
		return NULL;
	if (flags & EDU_WQ_UNBOUND && max_active == 1)
		flags |= __EDU_WQ_ORDERED;
	if (flags & EDU_WQ_POWER_EFFICIENT && power_efficient)
		flags |= EDU_WQ_UNBOUND;
	va_start(args, max_active);
	vscnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	wq->flags = flags;
	wq->saved_max_active = clamp_max_active(flags, max_active);
	mutex_init(&wq->mutex);
	INIT_LIST_HEAD(&wq->pwqs);
	INIT_LIST_HEAD(&wq->list);
	INIT_LIST_HEAD(&wq->flusher_queue);
	INIT_LIST_HEAD(&wq->flusher_overflow);
	INIT_LIST_HEAD(&wq->maydays);
	lockdep_register_key(&wq->key);
	lockdep_init_map(&wq->lockdep_map, "(edu_wq_completion)", &wq->key, 0);

	err = flags & EDU_WQ_UNBOUND ? alloc_unbound(wq) : alloc_bound(wq);
	if (!err)
		err = edu_rescuer_start(wq);
	if (err) {
		wq_free(wq);
		return NULL;
	}
	guard(mutex)(&wq_pool_mutex);
	/* A freeze may have begun between pwq_link() and now. */
	scoped_guard(mutex, &wq->mutex)
		edu_wq_adjust_max_active(wq, edu_wq_frozen);
	list_add_tail(&wq->list, &edu_workqueues);
	return wq;
}
EXPORT_SYMBOL_GPL(edu_alloc_workqueue);

/**
 * edu_destroy_workqueue - the opposite, after all works have run
 * @wq: whose; nobody else uses it any more
 *
 * Process context.
 */
void edu_destroy_workqueue(struct edu_workqueue *wq)
{
	edu_drain_workqueue(wq);
	edu_rescuer_stop(wq);
	scoped_guard(mutex, &wq_pool_mutex)
		list_del(&wq->list);
	wq_free(wq);
}
EXPORT_SYMBOL_GPL(edu_destroy_workqueue);

/**
 * edu_workqueue_set_max_active - change how many works may be active
 * @wq: whose; not an ordered one
 * @max_active: as edu_alloc_workqueue()
 *
 * Process context.
 */
void edu_workqueue_set_max_active(struct edu_workqueue *wq, int max_active)
{
	if (wq->flags & __EDU_WQ_ORDERED) {
		pr_err_once("irqdemo: max_active of the ordered workqueue %s stays 1\n",
			    wq->name);
		return;
	}
	guard(mutex)(&wq->mutex);
	wq->saved_max_active = clamp_max_active(wq->flags, max_active);
	edu_wq_adjust_max_active(wq, edu_wq_frozen);
}
EXPORT_SYMBOL_GPL(edu_workqueue_set_max_active);

static void stop_cpu_pools(void)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		for (i = 0; i < WQ_STD_POOLS; i++) {
			struct edu_pool *pool = per_cpu_ptr(edu_cpu_pools, cpu) + i;

			if (!pool->ops)
				continue;
			edu_pool_stop(pool);
			free_cpumask_var(pool->attrs.cpumask);
		}
	}
	edu_workers_wait();
	/* Pools that were looked up under RCU, pwqs that wait to be freed. */
	rcu_barrier();
	free_percpu(edu_cpu_pools);
	xa_destroy(&pools);
}

static int init_cpu_pools(void)
{
	int cpu, i, err;

	edu_cpu_pools = __alloc_percpu(sizeof(struct edu_pool) * WQ_STD_POOLS,
				       __alignof__(struct edu_pool));
	if (!edu_cpu_pools)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		for (i = 0; i < WQ_STD_POOLS; i++) {
			struct edu_pool *pool = per_cpu_ptr(edu_cpu_pools, cpu) + i;

			edu_pool_init(pool, &edu_pool_ops, &edu_wq_tunables, jiffies);
			edu_pool_edge_init(pool);
			pool->cpu = cpu;
			pool->node = cpu_to_node(cpu);
			pool->attrs.nice = i ? HIGHPRI_NICE : 0;
			if (!zalloc_cpumask_var(&pool->attrs.cpumask, GFP_KERNEL))
				return -ENOMEM;
			cpumask_set_cpu(cpu, pool->attrs.cpumask);
			scoped_guard(mutex, &wq_pool_mutex)
				err = edu_pool_register(pool);
			if (err)
				return err;
		}
	}
	return 0;
}

static void destroy_system_queues(void)
{
	int i;

	for (i = ARRAY_SIZE(system_queues) - 1; i >= 0; i--)
		if (*system_queues[i].wq)
			edu_destroy_workqueue(*system_queues[i].wq);
}

/**
 * edu_alloc_init - the pools, without workers, and the system's queues
 *
 * Return: 0 or an errno; then nothing is left.
 */
int edu_alloc_init(void)
{
	int i, err = -ENOMEM;

	pwq_cache = kmem_cache_create("edu_pwq", sizeof(struct edu_pwq),
				      BIT(EDU_WORK_FLAG_BITS), 0, NULL);
	if (!pwq_cache)
		return -ENOMEM;
	releaser = kthread_run_worker(0, "eduwq-release");
	if (IS_ERR(releaser)) {
		err = PTR_ERR(releaser);
		goto no_releaser;
	}
	err = init_cpu_pools();
	if (err)
		goto no_pools;
	for (i = 0; i < ARRAY_SIZE(system_queues); i++) {
		*system_queues[i].wq = edu_alloc_workqueue("%s", system_queues[i].flags,
							   0, system_queues[i].name);
		if (!*system_queues[i].wq) {
			err = -ENOMEM;
			goto no_queues;
		}
	}
	return 0;
no_queues:
	destroy_system_queues();
no_pools:
	if (edu_cpu_pools)
		stop_cpu_pools();
	kthread_destroy_worker(releaser);
no_releaser:
	kmem_cache_destroy(pwq_cache);
	return err;
}

/**
 * edu_alloc_exit - the opposite; all other queues are destroyed
 */
void edu_alloc_exit(void)
{
	destroy_system_queues();
	stop_cpu_pools();
	kthread_destroy_worker(releaser);
	kmem_cache_destroy(pwq_cache);
}
