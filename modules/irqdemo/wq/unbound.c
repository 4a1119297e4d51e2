// SPDX-License-Identifier: GPL-2.0
/*
 * Pools without a CPU: shared by all queues that want the same attributes.
 *
 * Document B 12.5: equal attributes, found by their hash, share a pool and
 * count as references; the last queue that goes takes the pool with it.
 * Differs: no pool for each NUMA node.
 */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "wq/wq.h"

#define UNBOUND_HASH_ORDER	6

static DEFINE_HASHTABLE(unbound_pools, UNBOUND_HASH_ORDER);

static u32 attrs_hash(const struct edu_wq_attrs *attrs)
{
	return jhash(cpumask_bits(attrs->cpumask),
		     BITS_TO_LONGS(nr_cpumask_bits) * sizeof(long),
		     (u32)attrs->nice);
}

static bool attrs_equal(const struct edu_wq_attrs *a, const struct edu_wq_attrs *b)
{
	return a->nice == b->nice && cpumask_equal(a->cpumask, b->cpumask);
}

static void pool_free(struct rcu_head *rcu)
{
	struct edu_pool *pool = container_of(rcu, struct edu_pool, rcu);

	free_cpumask_var(pool->attrs.cpumask);
	kfree(pool);
}

/**
 * edu_unbound_pool_get - the pool of these attributes
 * @attrs: nice and CPUs; copied
 *
 * wq_pool_mutex held.
 *
 * Return: the pool with a reference, made with one worker if there was none;
 * NULL if that failed.
 */
struct edu_pool *edu_unbound_pool_get(const struct edu_wq_attrs *attrs)
{
	u32 hash = attrs_hash(attrs);
	struct edu_pool *pool;

	lockdep_assert_held(&wq_pool_mutex);
	hash_for_each_possible(unbound_pools, pool, hash_node, hash) {
		if (attrs_equal(&pool->attrs, attrs)) {
			pool->refcnt++;
			return pool;
		}
	}
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return NULL;
	edu_pool_init(pool, &edu_pool_ops, &edu_wq_tunables, jiffies);
	edu_pool_edge_init(pool);
	if (!alloc_cpumask_var(&pool->attrs.cpumask, GFP_KERNEL))
		goto no_mask;
	cpumask_copy(pool->attrs.cpumask, attrs->cpumask);
	pool->attrs.nice = attrs->nice;
	if (edu_pool_register(pool))
		goto no_id;
	/* Without a first worker there is nobody who could make one later. */
	if (!edu_create_worker(pool))
		goto no_worker;
	hash_add(unbound_pools, &pool->hash_node, hash);
	return pool;
no_worker:
	/* It had a number: somebody may be looking at it. */
	edu_pool_unregister(pool);
	call_rcu(&pool->rcu, pool_free);
	return NULL;
no_id:
	free_cpumask_var(pool->attrs.cpumask);
no_mask:
	kfree(pool);
	return NULL;
}

/**
 * edu_unbound_pool_put - a reference less
 * @pool: which; with the last one it goes
 *
 * wq_pool_mutex held; may sleep until the workers have left.
 */
void edu_unbound_pool_put(struct edu_pool *pool)
{
	lockdep_assert_held(&wq_pool_mutex);
	if (--pool->refcnt)
		return;
	edu_pool_unregister(pool);
	hash_del(&pool->hash_node);
	edu_pool_stop(pool);
	call_rcu(&pool->rcu, pool_free);
}
