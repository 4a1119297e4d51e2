// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wq/pool.c: predicates, flags, idle workers. */
#include "virtual_pool.h"

/* Every case of document B 12.2, the works and the workers set by hand. */
static void pool_predicates(struct kunit *test)
{
	struct edu_pool *pool = &v->pool;
	int works, running, idle;

	for (works = 0; works < 2; works++) {
		if (works)
			list_add(&v->work[0].work.entry, &pool->worklist);
		for (running = 0; running < 3; running++) {
			atomic_set(&pool->nr_running, running);
			KUNIT_EXPECT_EQ(test, edu_need_more_worker(pool),
					works && !running);
			KUNIT_EXPECT_EQ(test, edu_keep_working(pool),
					works && running <= 1);
			for (idle = 0; idle < 3; idle++) {
				pool->nr_idle = idle;
				KUNIT_EXPECT_EQ(test, edu_may_start_working(pool), idle > 0);
				KUNIT_EXPECT_EQ(test, edu_need_to_create_worker(pool),
						works && !running && !idle);
			}
		}
	}
}

static void pool_too_many(struct kunit *test)
{
	struct edu_pool *pool = &v->pool;
	int busy, idle;

	for (busy = 0; busy < 30; busy++) {
		for (idle = 0; idle < 10; idle++) {
			/* Two for themselves, and one for each four that are busy. */
			bool many = idle == 3 ? busy <= 4 : idle == 4 ? busy <= 8 :
				    idle == 5 ? busy <= 12 : idle > 2 && busy <= (idle - 2) * 4;

			pool->nr_idle = idle;
			pool->nr_workers = idle + busy;
			pool->flags = 0;
			KUNIT_EXPECT_EQ(test, edu_too_many_workers(pool), many);
			if (!idle)
				continue;
			/* A manager is one that will be idle. */
			pool->nr_idle = idle - 1;
			pool->flags = POOL_MANAGER_ACTIVE;
			KUNIT_EXPECT_EQ(test, edu_too_many_workers(pool), many);
		}
	}
}

static void pool_flags(struct kunit *test)
{
	struct vworker *w = vcreate();
	atomic_t *running = &v->pool.nr_running;

	edu_worker_leave_idle(&w->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_clr_flags(&w->worker, WORKER_PREP | WORKER_REBOUND);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
	edu_worker_set_flags(&w->worker, WORKER_CPU_INTENSIVE);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	/* A second reason changes nothing, nor does it when it goes. */
	edu_worker_set_flags(&w->worker, WORKER_UNBOUND);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_clr_flags(&w->worker, WORKER_CPU_INTENSIVE);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_clr_flags(&w->worker, WORKER_UNBOUND);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
	edu_worker_set_flags(&w->worker, WORKER_DIE);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
}

static void pool_blocking(struct kunit *test)
{
	struct vworker *a = vcreate(), *b = vcreate();
	atomic_t *running = &v->pool.nr_running;

	edu_worker_leave_idle(&a->worker);
	edu_worker_leave_idle(&b->worker);
	edu_worker_clr_flags(&a->worker, WORKER_PREP);
	edu_worker_clr_flags(&b->worker, WORKER_PREP);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 2);
	list_add(&v->work[0].work.entry, &v->pool.worklist);

	KUNIT_EXPECT_FALSE(test, edu_worker_sleeping(&a->worker));
	KUNIT_EXPECT_TRUE(test, edu_worker_sleeping(&b->worker));
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	/* Twice is once. */
	KUNIT_EXPECT_FALSE(test, edu_worker_sleeping(&b->worker));
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_running(&a->worker);
	edu_worker_running(&a->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
	/* Nothing waits: nobody is to be woken. */
	list_del_init(&v->work[0].work.entry);
	KUNIT_EXPECT_FALSE(test, edu_worker_sleeping(&a->worker));
	edu_worker_running(&a->worker);
	edu_worker_running(&b->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 2);

	/* Those who do not count do not, whether they block or not. */
	edu_worker_set_flags(&a->worker, WORKER_CPU_INTENSIVE);
	KUNIT_EXPECT_FALSE(test, edu_worker_sleeping(&a->worker));
	edu_worker_running(&a->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
}

/* What the watchdog looks for: works that wait, and nobody takes one. */
static void pool_stalled(struct kunit *test)
{
	struct vworker *w = vcreate();
	struct edu_pool *pool = &v->pool;
	unsigned long came = v->now;

	vcreate();
	v->tune.watchdog = 30;
	KUNIT_EXPECT_FALSE(test, edu_pool_stalled(pool, came + 1000));
	vqueue(0);
	KUNIT_EXPECT_FALSE(test, edu_pool_stalled(pool, came + 30));
	KUNIT_EXPECT_TRUE(test, edu_pool_stalled(pool, came + 31));
	/* One more that comes is no progress; one that is taken is. */
	v->now += 20;
	vqueue(1);
	KUNIT_EXPECT_TRUE(test, edu_pool_stalled(pool, came + 31));
	KUNIT_EXPECT_EQ(test, edu_worker_step(&w->worker, came + 40), STEP_EXECUTE);
	KUNIT_EXPECT_FALSE(test, edu_pool_stalled(pool, came + 70));
	KUNIT_EXPECT_TRUE(test, edu_pool_stalled(pool, came + 71));
}

/* The CPU goes and comes while a worker is blocked. */
static void pool_hotplug(struct kunit *test)
{
	struct vworker *a = vcreate(), *b = vcreate();
	atomic_t *running = &v->pool.nr_running;

	edu_worker_leave_idle(&a->worker);
	edu_worker_leave_idle(&b->worker);
	edu_worker_clr_flags(&a->worker, WORKER_PREP);
	edu_worker_clr_flags(&b->worker, WORKER_PREP);
	edu_worker_sleeping(&a->worker);
	edu_pool_unbind(&v->pool);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_running(&a->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_sleeping(&b->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_pool_rebind(&v->pool);
	KUNIT_EXPECT_EQ(test, v->pool.flags & POOL_DISASSOCIATED, 0);
	/* Not before they look for work again. */
	edu_worker_running(&b->worker);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 0);
	edu_worker_set_flags(&a->worker, WORKER_PREP);
	edu_worker_clr_flags(&a->worker, WORKER_PREP | WORKER_REBOUND);
	KUNIT_EXPECT_EQ(test, atomic_read(running), 1);
}

static void pool_lifo(struct kunit *test)
{
	struct vworker *w[3];
	int i;

	for (i = 0; i < 3; i++)
		w[i] = vcreate();
	KUNIT_EXPECT_TRUE(test, edu_wake_up_worker(&v->pool));
	KUNIT_EXPECT_EQ(test, w[2]->state, V_RUNNABLE);
	/* It has not run yet: a second call wakes nobody else. */
	edu_wake_up_worker(&v->pool);
	KUNIT_EXPECT_EQ(test, w[1]->state, V_ASLEEP);
	edu_worker_leave_idle(&w[2]->worker);
	edu_wake_up_worker(&v->pool);
	KUNIT_EXPECT_EQ(test, w[1]->state, V_RUNNABLE);
	edu_worker_leave_idle(&w[1]->worker);
	edu_worker_leave_idle(&w[0]->worker);
	KUNIT_EXPECT_FALSE(test, edu_wake_up_worker(&v->pool));
}

static void pool_reaping(struct kunit *test)
{
	struct vworker *w[5];
	unsigned long first;
	int i;

	for (i = 0; i < 5; i++) {
		w[i] = vcreate();
		v->now += 10;
		/* The third idle worker is the first that is too many. */
		KUNIT_EXPECT_EQ(test, v->reaper_armed, i >= 2);
	}
	first = w[0]->worker.last_active;
	KUNIT_EXPECT_EQ(test, edu_pool_reap(&v->pool, first + 299), 0);
	KUNIT_EXPECT_EQ(test, v->reaper, first + 300);
	/* Only the oldest is due; the reaper comes back for the next. */
	KUNIT_EXPECT_EQ(test, edu_pool_reap(&v->pool, first + 300), 1);
	KUNIT_EXPECT_EQ(test, v->reaper, first + 310);
	KUNIT_EXPECT_EQ(test, w[0]->state, V_RUNNABLE);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&w[0]->worker, v->now), STEP_DIE);
	KUNIT_EXPECT_EQ(test, edu_pool_reap(&v->pool, first + 10000), 2);
	KUNIT_EXPECT_EQ(test, v->pool.nr_idle, 2);
	KUNIT_EXPECT_EQ(test, v->pool.nr_workers, 2);
	/* Two stay for good: the youngest. */
	KUNIT_EXPECT_EQ(test, edu_pool_reap(&v->pool, first + 20000), 0);
	KUNIT_EXPECT_EQ(test, w[4]->worker.flags & WORKER_DIE, 0);
	KUNIT_EXPECT_EQ(test, w[3]->worker.flags & WORKER_DIE, 0);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_REAPED], 3);
}

/* Settable, so that nobody has to wait for 300 s. */
static void pool_reaping_sooner(struct kunit *test)
{
	int i;

	for (i = 0; i < 3; i++)
		vcreate();
	v->tune.idle_timeout = 5;
	vcreate();
	KUNIT_EXPECT_EQ(test, v->reaper, v->now + 5);
	KUNIT_EXPECT_EQ(test, edu_pool_reap(&v->pool, v->now + 5), 2);
}

static void other_func(struct edu_work *work)
{
}

static void pool_find(struct kunit *test)
{
	struct vworker *w = vcreate();
	struct edu_work *work = &v->work[0].work;

	vqueue(0);
	KUNIT_EXPECT_NULL(test, edu_find_worker(&v->pool, work));
	KUNIT_ASSERT_EQ(test, edu_worker_step(&w->worker, v->now), STEP_MANAGE);
	edu_manager_done(&v->pool);
	vcreate();
	KUNIT_ASSERT_EQ(test, edu_worker_step(&w->worker, v->now), STEP_EXECUTE);
	KUNIT_EXPECT_PTR_EQ(test, edu_find_worker(&v->pool, work), &w->worker);
	KUNIT_EXPECT_NULL(test, edu_find_worker(&v->pool, &v->work[1].work));
	/* The memory became another work: nobody runs that one. */
	work->func = other_func;
	KUNIT_EXPECT_NULL(test, edu_find_worker(&v->pool, work));
	work->func = vfunc;
	edu_worker_finish(&w->worker, v->now);
	KUNIT_EXPECT_NULL(test, edu_find_worker(&v->pool, work));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_predicates),
	KUNIT_CASE(pool_too_many),
	KUNIT_CASE(pool_flags),
	KUNIT_CASE(pool_blocking),
	KUNIT_CASE(pool_hotplug),
	KUNIT_CASE(pool_stalled),
	KUNIT_CASE(pool_lifo),
	KUNIT_CASE(pool_reaping),
	KUNIT_CASE(pool_reaping_sooner),
	KUNIT_CASE(pool_find),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "irqdemo_wq_pool",
	.init = vsetup,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);
