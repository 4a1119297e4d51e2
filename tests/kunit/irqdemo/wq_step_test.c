// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wq/step.c: workers on a CPU with virtual time. */
#include "virtual_pool.h"

#define SOME	8

static void queue_some(unsigned int sleep, unsigned int busy)
{
	unsigned int i;

	vcreate();
	for (i = 0; i < SOME; i++) {
		v->work[i].sleep = sleep;
		v->work[i].busy = busy;
		vqueue(i);
	}
}

/* T26: each that sleeps lets the next begin. */
static void step_sleepers(struct kunit *test)
{
	unsigned long start = v->now;

	queue_some(100, 0);
	vrun(test);
	KUNIT_EXPECT_EQ(test, v->most, SOME);
	KUNIT_EXPECT_EQ(test, v->now - start, 100);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_EXECUTED], SOME);
	/* All eight slept in a worker of their own, and one is kept in reserve. */
	KUNIT_EXPECT_EQ(test, v->pool.nr_workers, SOME + 1);
	KUNIT_EXPECT_EQ(test, v->pool.nr_idle, SOME + 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&v->pool.nr_running), 0);
}

/* Works that do not sleep need one worker, and its reserve. */
static void step_busy(struct kunit *test)
{
	unsigned long start = v->now;

	queue_some(0, 10);
	vrun(test);
	KUNIT_EXPECT_EQ(test, v->most, 1);
	KUNIT_EXPECT_EQ(test, v->now - start, SOME * 10);
	KUNIT_EXPECT_EQ(test, v->pool.nr_workers, 2);
}

/* One after the other under max_active 1, asleep or not. */
static void step_serial(struct kunit *test)
{
	unsigned long start = v->now;
	unsigned int i;

	edu_pwq_set_max_active(&vpwq, 1, v->now);
	queue_some(20, 0);
	vrun(test);
	KUNIT_EXPECT_EQ(test, v->most, 1);
	KUNIT_EXPECT_EQ(test, v->now - start, SOME * 20);
	for (i = 0; i < SOME; i++)
		KUNIT_EXPECT_EQ(test, v->work[i].order, i + 1);
}

/* A CPU-intensive work does not count: it wakes the next at its start. */
static void step_intensive(struct kunit *test)
{
	struct vworker *a, *b;

	v->wq.flags = EDU_WQ_CPU_INTENSIVE;
	b = vcreate();
	a = vcreate();
	vqueue(0);
	vqueue(1);
	KUNIT_ASSERT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_EXECUTE);
	KUNIT_EXPECT_EQ(test, atomic_read(&v->pool.nr_running), 0);
	KUNIT_EXPECT_EQ(test, b->state, V_RUNNABLE);
	edu_worker_finish(&a->worker, v->now);
	KUNIT_EXPECT_EQ(test, atomic_read(&v->pool.nr_running), 1);
	/* Nothing is lost if the one that was woken comes too late. */
	KUNIT_EXPECT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_EXECUTE);
	edu_worker_finish(&a->worker, v->now);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_SLEEP);
}

/* Works that need the pool without a CPU chain their workers. */
static void step_unbound(struct kunit *test)
{
	unsigned long start = v->now;

	edu_pool_unbind(&v->pool);
	queue_some(50, 0);
	v->worker[0].worker.flags |= WORKER_UNBOUND;
	vrun(test);
	KUNIT_EXPECT_EQ(test, v->now - start <= 100, true);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_EXECUTED], SOME);
}

/* T25: queued again while it runs, it goes to the worker that runs it. */
static void step_collision(struct kunit *test)
{
	struct vworker *a, *b;

	vcreate();
	b = vcreate();
	a = vcreate();
	vqueue(0);
	KUNIT_ASSERT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_EXECUTE);
	/* It blocks in its function, is queued again, and others with it. */
	edu_worker_sleeping(&a->worker);
	vqueue(0);
	vqueue(1);
	KUNIT_ASSERT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_EXECUTE);
	KUNIT_EXPECT_PTR_EQ(test, b->worker.current_work, &v->work[1].work);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_COLLISIONS], 1);
	edu_worker_running(&a->worker);
	edu_worker_finish(&a->worker, v->now);
	/* Its own, whoever else runs. */
	KUNIT_ASSERT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_EXECUTE);
	KUNIT_EXPECT_PTR_EQ(test, a->worker.current_work, &v->work[0].work);
	edu_worker_finish(&a->worker, v->now);
	edu_worker_finish(&b->worker, v->now);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_SLEEP);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_SLEEP);
	KUNIT_EXPECT_EQ(test, atomic_read(&v->pool.nr_running), 0);
}

/* A worker that woke beside a running one does one work, and no more. */
static void step_keep(struct kunit *test)
{
	struct vworker *a, *b;

	vcreate();
	b = vcreate();
	a = vcreate();
	vqueue(0);
	KUNIT_ASSERT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_EXECUTE);
	edu_worker_sleeping(&a->worker);
	vqueue(1);
	vqueue(2);
	vqueue(3);
	KUNIT_ASSERT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_EXECUTE);
	edu_worker_running(&a->worker);
	edu_worker_finish(&a->worker, v->now);
	/* Two run, works wait: the one that asks first leaves. */
	KUNIT_EXPECT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_SLEEP);
	edu_worker_finish(&b->worker, v->now);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_EXECUTE);
	edu_worker_finish(&b->worker, v->now);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_EXECUTE);
	edu_worker_finish(&b->worker, v->now);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_SLEEP);
}

/* One manager at a time; who comes meanwhile works instead. */
static void step_manager(struct kunit *test)
{
	struct vworker *a, *b;

	b = vcreate();
	a = vcreate();
	edu_worker_leave_idle(&b->worker);
	vqueue(0);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_MANAGE);
	KUNIT_EXPECT_EQ(test, v->pool.flags & POOL_MANAGER_ACTIVE, POOL_MANAGER_ACTIVE);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_EXECUTE);
	edu_worker_finish(&b->worker, v->now);
	edu_manager_done(&v->pool);
	/* The other one did the work: nothing is left. */
	KUNIT_EXPECT_EQ(test, edu_worker_step(&a->worker, v->now), STEP_SLEEP);
	KUNIT_EXPECT_EQ(test, edu_worker_step(&b->worker, v->now), STEP_SLEEP);
}

/* Creation fails for a while: the works wait, and then they run. */
static void step_creation_fails(struct kunit *test)
{
	v->creations_to_fail = 3;
	queue_some(100, 0);
	vrun(test);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_EXECUTED], SOME);
	KUNIT_EXPECT_GE(test, v->managed, SOME + 3);
}

/* T30's pure part: a rescuer takes its queue's works, and no others. */
static void step_rescuer(struct kunit *test)
{
	static struct edu_worker rescuer;
	unsigned int i, ran = 0;

	memset(&rescuer, 0, sizeof(rescuer));
	edu_worker_init(&rescuer);
	rescuer.pool = &v->pool;
	rescuer.rescue_wq = &v->wq;
	for (i = 0; i < 6; i++)
		vqueue_on(i % 2 ? &vpwq_other : &vpwq, i);
	KUNIT_EXPECT_EQ(test, edu_rescuer_slurp(&rescuer, &vpwq, v->now), 3);
	while (edu_worker_next_scheduled(&rescuer)) {
		KUNIT_EXPECT_PTR_EQ(test, rescuer.current_work, &v->work[ran * 2].work);
		ran++;
		/* It never counts, so it never keeps a worker from waking. */
		KUNIT_EXPECT_FALSE(test, edu_worker_sleeping(&rescuer));
		KUNIT_EXPECT_EQ(test, atomic_read(&v->pool.nr_running), 0);
		edu_worker_finish(&rescuer, v->now);
	}
	KUNIT_EXPECT_EQ(test, ran, 3);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&v->pool.worklist), 3);
	KUNIT_EXPECT_EQ(test, vpwq.nr_active, 0);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_RESCUED], 3);
	KUNIT_EXPECT_TRUE(test, edu_need_to_create_worker(&v->pool));
}

/* Before its function is called, a work may be queued again. */
static void step_requeue(struct kunit *test)
{
	struct vworker *w = vcreate();
	unsigned int i;

	vcreate();
	edu_worker_leave_idle(&w->worker);
	vqueue(0);
	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test, edu_worker_step(&w->worker, v->now), STEP_EXECUTE);
		KUNIT_EXPECT_FALSE(test, edu_work_pending(&v->work[0].work));
		KUNIT_EXPECT_EQ(test, edu_work_pool_id(&v->work[0].work), 7);
		if (i < 4)
			vqueue(0);
		edu_worker_finish(&w->worker, v->now);
	}
	KUNIT_EXPECT_EQ(test, edu_worker_step(&w->worker, v->now), STEP_SLEEP);
	KUNIT_EXPECT_EQ(test, v->pool.count[POOL_EXECUTED], 5);
}

static struct kunit_case step_cases[] = {
	KUNIT_CASE(step_sleepers),
	KUNIT_CASE(step_busy),
	KUNIT_CASE(step_serial),
	KUNIT_CASE(step_intensive),
	KUNIT_CASE(step_unbound),
	KUNIT_CASE(step_collision),
	KUNIT_CASE(step_keep),
	KUNIT_CASE(step_manager),
	KUNIT_CASE(step_creation_fails),
	KUNIT_CASE(step_rescuer),
	KUNIT_CASE(step_requeue),
	{}
};

static struct kunit_suite step_suite = {
	.name = "irqdemo_wq_step",
	.init = vsetup,
	.test_cases = step_cases,
};

kunit_test_suite(step_suite);
