// SPDX-License-Identifier: GPL-2.0
/* The pool without threads of virtual_pool.h. */
#include "virtual_pool.h"

struct vworld *v;
/* Aligned, which memory of kunit_kzalloc() would not have to be. */
struct edu_pwq vpwq, vpwq_other;

static void vwake(struct edu_worker *worker)
{
	struct vworker *w = container_of(worker, struct vworker, worker);

	if (w->state == V_ASLEEP)
		w->state = V_RUNNABLE;
}

static void varm(struct edu_pool *pool, unsigned long expires, bool move)
{
	if (!move && v->reaper_armed && time_after_eq(expires, v->reaper))
		return;
	v->reaper = expires;
	v->reaper_armed = true;
}

static void vrelease(struct edu_pwq *pwq)
{
	v->released++;
}

static const struct edu_pool_ops vops = {
	.wake = vwake,
	.arm_reaper = varm,
	.release = vrelease,
};

void vfunc(struct edu_work *work)
{
}

struct vworker *vcreate(void)
{
	struct vworker *w;

	for (w = v->worker; w < v->worker + VWORKERS; w++)
		if (w->state == V_NONE)
			break;
	if (w == v->worker + VWORKERS)
		return NULL;
	edu_worker_init(&w->worker);
	w->worker.id = w - v->worker;
	w->worker.pool = &v->pool;
	list_add_tail(&w->worker.node, &v->pool.workers);
	v->pool.nr_workers++;
	edu_worker_enter_idle(&w->worker, v->now);
	w->state = V_ASLEEP;
	return w;
}

static void vqueue_init(struct edu_workqueue *wq, struct edu_pwq *pwq, int max_active)
{
	INIT_LIST_HEAD(&wq->pwqs);
	INIT_LIST_HEAD(&wq->flusher_queue);
	INIT_LIST_HEAD(&wq->flusher_overflow);
	INIT_LIST_HEAD(&wq->maydays);
	memset(pwq, 0, sizeof(*pwq));
	edu_pwq_init(pwq, wq, &v->pool);
	list_add(&pwq->pwqs_node, &wq->pwqs);
	edu_pwq_set_max_active(pwq, max_active, v->now);
}

int vsetup(struct kunit *test)
{
	unsigned int i;

	v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	/* Close to the wrap of the tick counter. */
	v->now = ULONG_MAX - 50;
	v->tune = (struct edu_wq_tunables){ .idle_timeout = 300, .idle_ratio = 4 };
	edu_pool_init(&v->pool, &vops, &v->tune, v->now);
	v->pool.id = 7;
	v->pool.cpu = 0;
	v->pool.flags = 0;
	vqueue_init(&v->wq, &vpwq, 16);
	vqueue_init(&v->other_wq, &vpwq_other, 16);
	for (i = 0; i < VWORKS; i++)
		edu_init_work(&v->work[i].work, vfunc);
	return 0;
}

void vqueue_on(struct edu_pwq *pwq, unsigned int i)
{
	atomic_long_or(EDU_WORK_PENDING, &v->work[i].work.data);
	edu_pwq_queue(pwq, &v->work[i].work, 0, v->now);
}

void vqueue(unsigned int i)
{
	vqueue_on(&vpwq, i);
}

static void vblock(struct vworker *w, unsigned long ticks)
{
	w->state = V_BLOCKED;
	w->until = v->now + ticks;
	/* As the edge does: the kick looks again, for some time has passed. */
	if (edu_worker_sleeping(&w->worker) && edu_need_more_worker(&v->pool))
		edu_wake_up_worker(&v->pool);
}

static void vdone(struct vworker *w, struct vwork *work)
{
	v->inside--;
	work->inside--;
	w->in_work = false;
	edu_worker_finish(&w->worker, v->now);
}

/* A runnable worker does its next thing. */
static void vstep(struct kunit *test, struct vworker *w)
{
	struct vwork *work;

	if (w->in_work) {
		/* Its sleep is over. */
		vdone(w, container_of(w->worker.current_work, struct vwork, work));
		return;
	}
	switch (edu_worker_step(&w->worker, v->now)) {
	case STEP_EXECUTE:
		work = container_of(w->worker.current_work, struct vwork, work);
		KUNIT_EXPECT_EQ(test, work->inside, 0);
		KUNIT_EXPECT_FALSE(test, edu_work_pending(&work->work));
		work->runs++;
		work->inside++;
		work->started = v->now;
		work->order = ++v->order;
		w->in_work = true;
		v->most = max(v->most, ++v->inside);
		v->now += work->busy;
		if (work->sleep)
			vblock(w, work->sleep);
		else
			vdone(w, work);
		break;
	case STEP_MANAGE:
		v->managed++;
		KUNIT_EXPECT_PTR_EQ(test, v->pool.manager, &w->worker);
		if (!v->creations_to_fail) {
			vcreate();
		} else {
			/* The edge waits for a second. */
			v->creations_to_fail--;
			v->now += 250;
		}
		edu_manager_done(&v->pool);
		break;
	case STEP_SLEEP:
		w->state = V_ASLEEP;
		break;
	case STEP_DIE:
		list_del(&w->worker.node);
		w->state = V_GONE;
		break;
	}
}

/* Let the CPU run until nothing is left to do. */
void vrun(struct kunit *test)
{
	unsigned int turns = 0;

	while (turns++ < 10000) {
		struct vworker *w, *run = NULL, *first = NULL;

		for (w = v->worker; w < v->worker + VWORKERS; w++) {
			if (w->state == V_BLOCKED && time_after_eq(v->now, w->until)) {
				w->state = V_RUNNABLE;
				edu_worker_running(&w->worker);
			}
			if (w->state == V_RUNNABLE && !run)
				run = w;
			if (w->state == V_BLOCKED &&
			    (!first || time_before(w->until, first->until)))
				first = w;
		}
		if (run)
			vstep(test, run);
		else if (first)
			v->now = first->until;
		else
			return;
	}
	KUNIT_FAIL(test, "the pool does not come to rest");
}
