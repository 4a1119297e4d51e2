// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wheel.c, the tick turned by hand. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/prandom.h>

#include "clock.h"
#include "wheel.h"

/* Close to the wrap of the tick counter, as the kernel boots. */
#define START	(ULONG_MAX - 5000)

struct probe {
	struct edu_timer timer;
	unsigned long ran_at;
	unsigned int runs;
	unsigned int rearm;
	unsigned int order;
};

static struct edu_wheel *wheel, *other;
static unsigned long now;
static unsigned int sequence;

static void probe_run(struct edu_timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	probe->ran_at = now;
	probe->runs++;
	probe->order = ++sequence;
	if (probe->rearm)
		edu_timer_mod_on(timer, wheel, now + probe->rearm, now);
}

static int wheel_setup(struct kunit *test)
{
	wheel = kunit_kzalloc(test, sizeof(*wheel), GFP_KERNEL);
	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	if (!wheel || !other)
		return -ENOMEM;
	now = START;
	sequence = 0;
	edu_wheel_init(wheel, 0, now);
	edu_wheel_init(other, 1, now);
	return 0;
}

static void turn_to(unsigned long tick)
{
	while (edu_time_after(tick, now)) {
		now++;
		edu_wheel_run(wheel, now);
	}
}

static void arm(struct probe *probe, unsigned long expires)
{
	*probe = (struct probe){};
	edu_timer_setup(&probe->timer, wheel, probe_run, 0);
	edu_timer_mod_on(&probe->timer, wheel, expires, now);
}

/* The table in the head of the kernel's timer.c, and never early. */
static void wheel_placement(struct kunit *test)
{
	static const unsigned long clks[] = { 0, 1, 7, 8, 63, 64, 511, 4711 };
	unsigned long delta, due;
	unsigned int i, bucket, level;

	for (i = 0; i < ARRAY_SIZE(clks); i++) {
		for (delta = 0; delta < WHEEL_CUTOFF; delta += delta / 50 + 1) {
			bucket = edu_wheel_place(clks[i] + delta, clks[i], &due);
			level = bucket / LVL_SIZE;
			KUNIT_ASSERT_LT(test, bucket, WHEEL_SIZE);
			KUNIT_ASSERT_GT(test, due, clks[i] + delta);
			KUNIT_ASSERT_LE(test, due - clks[i] - delta, LVL_GRAN(level));
			if (level)
				KUNIT_ASSERT_GE(test, delta, LVL_START(level));
		}
	}
	KUNIT_EXPECT_EQ(test, 1, edu_wheel_place(0, 0, &due));
	KUNIT_EXPECT_EQ(test, 63, edu_wheel_place(62, 0, &due));
	KUNIT_EXPECT_EQ(test, LVL_SIZE + 8, edu_wheel_place(63, 0, &due));
	KUNIT_EXPECT_EQ(test, 64, due);
	KUNIT_EXPECT_EQ(test, 100 & LVL_MASK, edu_wheel_place(50, 100, &due));
	KUNIT_EXPECT_EQ(test, 100, due);
}

static void wheel_never_early(struct kunit *test)
{
	const unsigned int n = 2000;
	struct rnd_state rnd;
	struct probe *probes;
	unsigned int i;

	probes = kunit_kcalloc(test, n, sizeof(*probes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, probes);
	prandom_seed_state(&rnd, 9);
	for (i = 0; i < n; i++) {
		arm(&probes[i], now + (prandom_u32_state(&rnd) >> (12 + i % 20)) % 40000);
		if (i % 50 == 0)
			turn_to(now + 1);
	}
	turn_to(now + 50000);
	for (i = 0; i < n; i++) {
		long late = probes[i].ran_at - probes[i].timer.expires;

		KUNIT_ASSERT_EQ(test, 1, probes[i].runs);
		KUNIT_EXPECT_GE(test, late, 1);
		KUNIT_EXPECT_LE(test, late, LVL_GRAN(4));
	}
	KUNIT_EXPECT_EQ(test, 0, wheel->pending);
	KUNIT_EXPECT_EQ(test, n, wheel->count[WHEEL_EXPIRED]);
}

/* An idle CPU's wheel is asked when to wake, and sees the tick jump. */
static void wheel_idle_jump(struct kunit *test)
{
	static const unsigned long away[] = { 1, 62, 63, 500, 4000, 31000 };
	struct probe probe;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(away); i++) {
		unsigned long due, next;

		arm(&probe, now + away[i]);
		edu_wheel_place(probe.timer.expires, wheel->clk, &due);
		next = edu_wheel_next(wheel);
		KUNIT_EXPECT_EQ(test, due, next);
		now = next - 1;
		KUNIT_EXPECT_EQ(test, 0, edu_wheel_run(wheel, now));
		now = next;
		KUNIT_EXPECT_EQ(test, 1, edu_wheel_run(wheel, now));
		now += 13;
	}
	/* A farther timer taken out must not leave a wake-up behind. */
	arm(&probe, now + 100);
	edu_timer_del(&probe.timer);
	KUNIT_EXPECT_EQ(test, wheel->clk + WHEEL_NEVER, edu_wheel_next(wheel));
}

static void wheel_highest_level_first(struct kunit *test)
{
	struct probe far, near;

	now = 64;
	edu_wheel_init(wheel, 0, now);
	arm(&far, now + 511);
	turn_to(560);
	arm(&near, 575);
	KUNIT_ASSERT_LT(test, near.timer.bucket, LVL_SIZE);
	KUNIT_ASSERT_GE(test, far.timer.bucket, LVL_SIZE);
	turn_to(700);
	KUNIT_EXPECT_EQ(test, far.ran_at, near.ran_at);
	KUNIT_EXPECT_LT(test, far.order, near.order);
}

static void wheel_mod_and_del(struct kunit *test)
{
	struct probe probe;

	arm(&probe, now + 10);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_mod_on(&probe.timer, wheel, now + 300, now));
	turn_to(now + 100);
	KUNIT_EXPECT_EQ(test, 0, probe.runs);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_mod_on(&probe.timer, wheel, now + 5, now));
	turn_to(now + 6);
	KUNIT_EXPECT_EQ(test, 1, probe.runs);
	KUNIT_EXPECT_EQ(test, 0, edu_timer_del(&probe.timer));
	KUNIT_EXPECT_EQ(test, 0, edu_timer_mod_on(&probe.timer, wheel, now + 5, now));
	KUNIT_EXPECT_EQ(test, 1, edu_timer_del(&probe.timer));
	turn_to(now + 100);
	KUNIT_EXPECT_EQ(test, 1, probe.runs);

	/* The same bucket again costs nothing. */
	edu_timer_mod_on(&probe.timer, wheel, now + 3000, now);
	edu_timer_mod_on(&probe.timer, wheel, now + 3001, now);
	KUNIT_EXPECT_EQ(test, 1, wheel->count[WHEEL_UNCHANGED]);

	KUNIT_EXPECT_EQ(test, 1, edu_timer_shutdown_sync(&probe.timer));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			edu_timer_mod_on(&probe.timer, wheel, now + 5, now));
	KUNIT_EXPECT_EQ(test, 0, wheel->pending);
}

/* mod_pending does not bring back what was taken out; reduce only hastens. */
static void wheel_mod_pending_and_reduce(struct kunit *test)
{
	struct probe probe;

	arm(&probe, now + 20);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_reduce(&probe.timer, wheel, now + 30, now));
	KUNIT_EXPECT_EQ(test, now + 20, probe.timer.expires);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_reduce(&probe.timer, wheel, now + 10, now));
	KUNIT_EXPECT_EQ(test, now + 10, probe.timer.expires);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_mod_pending(&probe.timer, wheel, now + 40, now));
	turn_to(now + 30);
	KUNIT_EXPECT_EQ(test, 0, probe.runs);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_del(&probe.timer));
	KUNIT_EXPECT_EQ(test, 0, edu_timer_mod_pending(&probe.timer, wheel, now + 5, now));
	KUNIT_EXPECT_FALSE(test, edu_timer_pending(&probe.timer));
	KUNIT_EXPECT_EQ(test, 0, edu_timer_reduce(&probe.timer, wheel, now + 5, now));
	turn_to(now + 10);
	KUNIT_EXPECT_EQ(test, 1, probe.runs);
	edu_timer_shutdown_sync(&probe.timer);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			edu_timer_mod_pending(&probe.timer, wheel, now + 5, now));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			edu_timer_reduce(&probe.timer, wheel, now + 5, now));
}

/*
 * Driven once a tick, a timer of level 0 runs in the first tick after its own:
 * one tick is what rounding up costs, and there is no second one.
 */
static void wheel_one_tick_late(struct kunit *test)
{
	struct probe probe;
	unsigned long away;

	for (away = 0; away < LVL_SIZE - 1; away++) {
		arm(&probe, now + away);
		turn_to(now + LVL_SIZE + 1);
		KUNIT_ASSERT_EQ(test, 1, probe.runs);
		KUNIT_EXPECT_EQ(test, probe.timer.expires + 1, probe.ran_at);
	}
}

static void wheel_periodic(struct kunit *test)
{
	struct probe probe;

	arm(&probe, now + 9);
	probe.rearm = 9;
	turn_to(now + 1000);
	/* Each period is rounded up by the one tick of level 0. */
	KUNIT_EXPECT_EQ(test, 100, probe.runs);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_del_sync(&probe.timer));
}

/* Farther than the wheel reaches: it runs at its time all the same. */
static void wheel_beyond_capacity(struct kunit *test)
{
	unsigned long expires = now + WHEEL_CUTOFF + WHEEL_CUTOFF / 2;
	struct probe probe;
	unsigned int hops = 0;

	arm(&probe, expires);
	while (!probe.runs && hops++ < 20) {
		now = edu_wheel_next(wheel);
		edu_wheel_run(wheel, now);
	}
	KUNIT_EXPECT_EQ(test, 1, probe.runs);
	KUNIT_EXPECT_TRUE(test, edu_time_after_eq(probe.ran_at, expires));
	KUNIT_EXPECT_GT(test, hops, 1);
}

static void wheel_moves(struct kunit *test)
{
	struct probe a, b;

	arm(&a, now + 50);
	arm(&b, now + 70);
	KUNIT_EXPECT_EQ(test, 1, edu_timer_mod_on(&a.timer, other, now + 50, now));
	KUNIT_EXPECT_PTR_EQ(test, other, a.timer.wheel);
	KUNIT_EXPECT_EQ(test, 1, wheel->pending);
	KUNIT_EXPECT_EQ(test, 1, other->pending);
	KUNIT_EXPECT_EQ(test, 1, edu_wheel_migrate(other, wheel, now));
	turn_to(now + 100);
	KUNIT_EXPECT_EQ(test, 1, a.runs);
	KUNIT_EXPECT_EQ(test, 1, b.runs);
}

/* A CPU that was away for long: its timers are as exact as before. */
static void wheel_comes_back(struct kunit *test)
{
	struct probe a, b;

	arm(&a, now + 5000);
	KUNIT_EXPECT_EQ(test, 1, edu_wheel_migrate(wheel, other, now));
	now += 1000000;
	arm(&b, now + 10);
	turn_to(now + 12);
	KUNIT_EXPECT_EQ(test, 1, b.runs);
	edu_timer_del_sync(&b.timer);
	edu_timer_del_sync(&a.timer);
}

static void leak(struct edu_timer *timer)
{
	preempt_disable();
}

static void wheel_preempt_leak(struct kunit *test)
{
	int count = preempt_count();
	struct edu_timer timer;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		kunit_skip(test, "no preempt count in this kernel");
	edu_timer_setup(&timer, wheel, leak, 0);
	edu_timer_mod_on(&timer, wheel, now, now);
	turn_to(now + 2);
	KUNIT_EXPECT_EQ(test, 1, wheel->count[WHEEL_PREEMPT_LEAKS]);
	KUNIT_EXPECT_EQ(test, count, preempt_count());
}

/* del_sync against a function that runs, and re-arms itself, elsewhere. */
static atomic_t inside, bodies;

/* Spun, not slept: the function is atomic, and its caller is to race with it. */
enum { SLOW_US = 200, HEAD_START_US = 100 };

static void slow_run(struct edu_timer *timer)
{
	atomic_inc(&inside);
	udelay(SLOW_US);
	edu_timer_mod_on(timer, wheel, READ_ONCE(now), READ_ONCE(now));
	atomic_inc(&bodies);
	atomic_dec(&inside);
}

static int turner(void *unused)
{
	while (!kthread_should_stop()) {
		WRITE_ONCE(now, now + 1);
		edu_wheel_run(wheel, now);
		cond_resched();
	}
	return 0;
}

static void wheel_del_sync_race(struct kunit *test)
{
	struct edu_timer timer;
	struct task_struct *task;
	int i;

	edu_timer_setup(&timer, wheel, slow_run, 0);
	task = kthread_run(turner, NULL, "edu_wheel_turner");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (i = 0; i < 200; i++) {
		edu_timer_setup(&timer, wheel, slow_run, 0);
		edu_timer_mod_on(&timer, wheel, READ_ONCE(now), READ_ONCE(now));
		if (i & 1)
			udelay(HEAD_START_US);
		else
			schedule_timeout_uninterruptible(1);
		edu_timer_shutdown_sync(&timer);
		KUNIT_ASSERT_EQ(test, 0, atomic_read(&inside));
		KUNIT_ASSERT_FALSE(test, edu_timer_pending(&timer));
	}
	kthread_stop(task);
	KUNIT_EXPECT_GT(test, atomic_read(&bodies), 0);
}

static struct kunit_case wheel_cases[] = {
	KUNIT_CASE(wheel_placement),
	KUNIT_CASE(wheel_never_early),
	KUNIT_CASE(wheel_idle_jump),
	KUNIT_CASE(wheel_highest_level_first),
	KUNIT_CASE(wheel_mod_and_del),
	KUNIT_CASE(wheel_mod_pending_and_reduce),
	KUNIT_CASE(wheel_one_tick_late),
	KUNIT_CASE(wheel_periodic),
	KUNIT_CASE(wheel_beyond_capacity),
	KUNIT_CASE(wheel_moves),
	KUNIT_CASE(wheel_comes_back),
	KUNIT_CASE(wheel_preempt_leak),
	KUNIT_CASE(wheel_del_sync_race),
	{}
};

static struct kunit_suite wheel_suite = {
	.name = "irqdemo_wheel",
	.init = wheel_setup,
	.test_cases = wheel_cases,
};

kunit_test_suite(wheel_suite);
