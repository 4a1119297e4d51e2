// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of the locks' fairness: who came first gets it first. We hold the lock,
 * waiters come one after the other, each when the one before is seen in the
 * lock's word or queue; then we let go, and at once want it again. So the order
 * in which they came is known, whatever the machine does meanwhile.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched/task.h>

#include <edu/ww_mutex.h>

#define MOST		4
#define US		MOST		/* our own index */
#define ROUNDS		20
#define PATIENCE	(60 * HZ)	/* for a thread to get a processor */

static DEFINE_EDU_WW_CLASS(order_class);

static struct {
	union {
		struct edu_ticket ticket;
		struct edu_mcs mcs;
		struct edu_qspinlock qspin;
		struct edu_rwlock rwlock;
		struct edu_semaphore sema;
		struct edu_mutex mutex;
		struct edu_rwsem rwsem;
		struct edu_ww_mutex ww;
	};
	struct edu_mcs_node node[MOST + 1];
	int cpu[MOST];
	/* Only grows: waiter i comes in round r when it is above r * MOST + i. */
	int go;
	/* Written by who has the lock. */
	int order[MOST + 1], n;
	atomic_t done;
} o;

struct order_lock {
	void (*lock)(int i);
	void (*unlock)(int i);
	/* Are the waiters up to @i in the queue? */
	bool (*queued)(int i);
	/* A newcomer may slip in between two of the queue, not before the first. */
	bool gaps;
};

#define ORDER_LOCK(_name, take, drop, is_queued, gaps)				\
static void _name##_lock(int i)							\
{										\
	take;									\
}										\
										\
static void _name##_unlock(int i)						\
{										\
	drop;									\
}										\
										\
static bool _name##_queued(int i)						\
{										\
	return is_queued;							\
}										\
										\
static const struct order_lock _name = {					\
	_name##_lock, _name##_unlock, _name##_queued, gaps			\
}

ORDER_LOCK(ticket, edu_ticket_lock(&o.ticket), edu_ticket_unlock(&o.ticket),
	   (u16)(READ_ONCE(o.ticket.next) - o.ticket.owner) == i + 2, false);
ORDER_LOCK(mcs, edu_mcs_lock(&o.mcs, &o.node[i]), edu_mcs_unlock(&o.mcs, &o.node[i]),
	   READ_ONCE(o.mcs.tail) == &o.node[i], false);
ORDER_LOCK(qspin, edu_qspin_lock(&o.qspin), edu_qspin_unlock(&o.qspin),
	   i ? edu_qspin_tail_cpu(atomic_read(&o.qspin.val)) == o.cpu[i] :
	       READ_ONCE(o.qspin.pending), false);
ORDER_LOCK(rwlock, edu_write_lock(&o.rwlock), edu_write_unlock(&o.rwlock),
	   (u16)(READ_ONCE(o.rwlock.wait.next) - READ_ONCE(o.rwlock.wait.owner)) == i + 1 &&
	   atomic_read(&o.rwlock.cnts) & EDU_RW_WAITING, true);
ORDER_LOCK(sema, edu_down(&o.sema), edu_up(&o.sema),
	   list_count_nodes(&o.sema.wait_list) == i + 1, false);
ORDER_LOCK(rwsem, edu_down_write(&o.rwsem), edu_up_write(&o.rwsem),
	   list_count_nodes(&o.rwsem.wait_list) == i + 1, false);

struct order_waiter {
	const struct order_lock *ops;
	int i;
};

static int order_thread(void *data)
{
	struct order_waiter *w = data;
	int turn = w->i;

	while (!kthread_should_stop()) {
		if (READ_ONCE(o.go) <= turn) {
			usleep_range(50, 100);
			continue;
		}
		w->ops->lock(w->i);
		o.order[o.n++] = w->i;
		w->ops->unlock(w->i);
		atomic_inc(&o.done);
		turn += MOST;
	}
	return 0;
}

/* One round; false if a waiter did not get its processor in time. */
static bool order_round(const struct order_lock *ops, int waiters, bool spins)
{
	bool queued = true;
	int i, start = o.go;
	u64 until;

	o.n = 0;
	atomic_set(&o.done, 0);
	ops->lock(US);
	until = ktime_get_ns() + NSEC_PER_SEC;
	for (i = 0; i < waiters && queued; i++) {
		WRITE_ONCE(o.go, start + i + 1);
		while (!ops->queued(i)) {
			/* Who spins keeps this processor from all others. */
			if (!spins)
				usleep_range(50, 100);
			else if (ktime_get_ns() > until)
				break;
			cpu_relax();
		}
		queued = ops->queued(i);
	}
	ops->unlock(US);
	ops->lock(US);
	o.order[o.n++] = US;
	ops->unlock(US);
	WRITE_ONCE(o.go, start + MOST);
	while (atomic_read(&o.done) < waiters)
		usleep_range(50, 100);
	return queued;
}

/* The waiters in their order, and we behind them, or behind the first. */
static bool order_right(const struct order_lock *ops, int waiters)
{
	int i, next = 0;

	for (i = 0; i <= waiters; i++) {
		if (o.order[i] == next)
			next++;
		else if (o.order[i] != US || !i || (i < waiters && !ops->gaps))
			return false;
	}
	return true;
}

static void order_run(struct kunit *test, const struct order_lock *ops, bool spins)
{
	struct order_waiter w[MOST];
	struct task_struct *task[MOST];
	int waiters = spins ? 0 : MOST, made, i, cpu, seen = 0, wrong = 0, tries;
	const int here = cpumask_first(cpu_online_mask);

	/* Spinning takes a processor for each, and one for us. */
	for_each_online_cpu(cpu)
		if (cpu != here && spins && waiters < MOST)
			o.cpu[waiters++] = cpu;
	if (!waiters)
		kunit_skip(test, "one processor");
	if (spins)
		set_cpus_allowed_ptr(current, cpumask_of(here));
	o.go = 0;
	for (made = 0; made < waiters; made++) {
		w[made] = (struct order_waiter){ ops, made };
		task[made] = kthread_create(order_thread, &w[made], "edu-order/%d", made);
		if (IS_ERR(task[made]))
			break;
		if (spins)
			kthread_bind(task[made], o.cpu[made]);
		wake_up_process(task[made]);
	}
	for (tries = 0; made == waiters && seen < ROUNDS && tries < 10 * ROUNDS; tries++) {
		if (!order_round(ops, waiters, spins))
			continue;
		seen++;
		wrong += !order_right(ops, waiters);
	}
	for (i = 0; i < made; i++)
		kthread_stop(task[i]);
	if (spins)
		set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, made, waiters);
	KUNIT_EXPECT_GT(test, seen, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	kunit_info(test, "%d rounds of %d, %d waiters", seen, tries, waiters);
}

static void order_ticket(struct kunit *test)
{
	edu_ticket_init(&o.ticket, "order ticket");
	order_run(test, &ticket, true);
}

static void order_mcs(struct kunit *test)
{
	edu_mcs_init(&o.mcs, "order mcs");
	order_run(test, &mcs, true);
}

static void order_qspin(struct kunit *test)
{
	edu_qspin_init(&o.qspin, "order qspin");
	order_run(test, &qspin, true);
}

static void order_rwlock(struct kunit *test)
{
	edu_rwlock_init(&o.rwlock, "order rwlock");
	order_run(test, &rwlock, true);
}

static void order_semaphore(struct kunit *test)
{
	edu_sema_init(&o.sema, 1, "order semaphore");
	order_run(test, &sema, false);
}

static void order_rwsem(struct kunit *test)
{
	edu_rwsem_init(&o.rwsem, "order rwsem");
	order_run(test, &rwsem, false);
}

static struct completion mutex_got, mutex_drop;

static int mutex_thread(void *unused)
{
	edu_mutex_lock(&o.mutex);
	complete(&mutex_got);
	wait_for_completion(&mutex_drop);
	edu_mutex_unlock(&o.mutex);
	return 0;
}

/* Others may overtake a mutex's waiter, until it woke up once in vain. */
static void order_mutex(struct kunit *test)
{
	unsigned long until = jiffies + PATIENCE;
	struct task_struct *task;
	bool asked, overtaken;

	edu_mutex_init(&o.mutex, "order mutex");
	init_completion(&mutex_got);
	init_completion(&mutex_drop);
	edu_mutex_lock(&o.mutex);
	task = kthread_create(mutex_thread, NULL, "edu-order/m");
	if (IS_ERR(task)) {
		edu_mutex_unlock(&o.mutex);
		KUNIT_FAIL_AND_ABORT(test, "no thread");
	}
	get_task_struct(task);
	do {
		wake_up_process(task);
		usleep_range(50, 100);
		asked = atomic_long_read(&o.mutex.owner) & EDU_MUTEX_HANDOFF;
	} while (!asked && time_before(jiffies, until));
	edu_mutex_unlock(&o.mutex);
	overtaken = edu_mutex_trylock(&o.mutex);
	if (overtaken)
		edu_mutex_unlock(&o.mutex);
	wait_for_completion(&mutex_got);
	complete(&mutex_drop);
	kthread_stop(task);
	put_task_struct(task);
	KUNIT_EXPECT_TRUE(test, asked);
	KUNIT_EXPECT_FALSE(test, overtaken);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&o.mutex.stat.count[LOCK_HANDED]), 1);
}

static struct edu_ww_ctx order_ctx[MOST];

static int ww_thread(void *data)
{
	struct order_waiter *w = data;

	/* Born in the order of their numbers, they come in the opposite one. */
	while (READ_ONCE(o.go) < w->i)
		usleep_range(50, 100);
	edu_ww_acquire_init(&order_ctx[w->i], &order_class);
	WRITE_ONCE(o.go, w->i + 1);
	while (READ_ONCE(o.go) < MOST + (MOST - w->i))
		usleep_range(50, 100);
	edu_ww_mutex_lock(&o.ww, &order_ctx[w->i]);
	o.order[o.n++] = w->i;
	edu_ww_mutex_unlock(&o.ww);
	edu_ww_acquire_fini(&order_ctx[w->i]);
	atomic_inc(&o.done);
	while (!kthread_should_stop())
		usleep_range(50, 100);
	return 0;
}

/* Of transactions that wait the oldest is first, whenever it came. */
static void order_ww_mutex(struct kunit *test)
{
	struct order_waiter w[MOST];
	struct task_struct *task[MOST];
	int i;

	o.n = 0;
	o.go = -1;
	atomic_set(&o.done, 0);
	edu_ww_mutex_init(&o.ww, &order_class);
	for (i = 0; i < MOST; i++) {
		w[i].i = i;
		task[i] = kthread_create(ww_thread, &w[i], "edu-order/%d", i);
		if (IS_ERR(task[i])) {
			while (i--)
				kthread_stop(task[i]);
			KUNIT_FAIL_AND_ABORT(test, "no thread");
		}
	}
	edu_ww_mutex_lock(&o.ww, NULL);
	WRITE_ONCE(o.go, 0);
	for (i = 0; i < MOST; i++)
		wake_up_process(task[i]);
	while (READ_ONCE(o.go) < MOST)
		usleep_range(50, 100);
	for (i = 1; i <= MOST; i++) {
		WRITE_ONCE(o.go, MOST + i);
		while (list_count_nodes(&o.ww.wait_list) < i)
			usleep_range(50, 100);
	}
	edu_ww_mutex_unlock(&o.ww);
	while (atomic_read(&o.done) < MOST)
		usleep_range(50, 100);
	for (i = 0; i < MOST; i++)
		kthread_stop(task[i]);
	for (i = 0; i < MOST; i++)
		KUNIT_EXPECT_EQ(test, o.order[i], i);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(order_ticket),
	KUNIT_CASE(order_mcs),
	KUNIT_CASE(order_qspin),
	KUNIT_CASE(order_rwlock),
	KUNIT_CASE(order_semaphore),
	KUNIT_CASE(order_rwsem),
	KUNIT_CASE(order_mutex),
	KUNIT_CASE(order_ww_mutex),
	{}
};

static struct kunit_suite order_suite = {
	.name = "irqdemo_lock_order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
