// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/hrtree.c under a virtual clock. */
#include <kunit/test.h>
#include <linux/math64.h>

#include "virtual.h"

struct probe {
	struct edu_hrtimer timer;
	ktime_t ran_at;
	unsigned int runs;
	u64 interval;
	u64 takes;
	int cancel;
	unsigned int order;
};

static struct edu_hr_cpu *cpu;
static unsigned int sequence;

static enum edu_hr_restart probe_run(struct edu_hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	probe->ran_at = vnow;
	probe->runs++;
	probe->order = ++sequence;
	probe->cancel = edu_hrtimer_try_to_cancel(timer);
	vnow += probe->takes;
	if (!probe->interval)
		return EDU_HR_NORESTART;
	edu_hrtimer_forward(timer, ktime_add(vnow, timer->base->offset),
			    probe->interval);
	return EDU_HR_RESTART;
}

static int hrtree_setup(struct kunit *test)
{
	cpu = kunit_kzalloc(test, sizeof(*cpu), GFP_KERNEL);
	if (!cpu)
		return -ENOMEM;
	vnow = NSEC_PER_SEC;
	vprogrammed = KTIME_MAX;
	vsoft = 0;
	sequence = 0;
	edu_hr_cpu_init(cpu, 0, &virtual_ops);
	return 0;
}

static void probe_init(struct probe *probe, unsigned int base)
{
	*probe = (struct probe){ .cancel = 99 };
	edu_hrtimer_setup(&probe->timer, cpu, base, probe_run);
}

static void hrtree_order(struct kunit *test)
{
	static struct probe p[20];
	unsigned int i;

	for (i = 0; i < 20; i++) {
		probe_init(&p[i], EDU_HR_MONOTONIC);
		edu_hrtimer_start(&p[i].timer, vnow + 1000 + (i * 7 % 20) * 10, 0);
	}
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 1000, vprogrammed);
	virtual_run(cpu, vnow + 5000);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, 1, p[i].runs);
		KUNIT_EXPECT_EQ(test, i * 7 % 20 + 1, p[i].order);
		KUNIT_EXPECT_EQ(test, p[i].timer.softexpires, p[i].ran_at);
	}
	KUNIT_EXPECT_EQ(test, KTIME_MAX, vprogrammed);
}

/* T39: 0 not active, 1 taken out, -1 its own function runs. */
static void hrtree_cancel_codes(struct kunit *test)
{
	struct probe p;

	probe_init(&p, EDU_HR_MONOTONIC);
	KUNIT_EXPECT_EQ(test, 0, edu_hrtimer_try_to_cancel(&p.timer));
	edu_hrtimer_start(&p.timer, vnow + 100, 0);
	KUNIT_EXPECT_TRUE(test, edu_hrtimer_active(&p.timer));
	KUNIT_EXPECT_EQ(test, 1, edu_hrtimer_try_to_cancel(&p.timer));
	KUNIT_EXPECT_EQ(test, KTIME_MAX, vprogrammed);
	edu_hrtimer_start(&p.timer, vnow + 100, 0);
	virtual_run(cpu, vnow + 200);
	KUNIT_EXPECT_EQ(test, -1, p.cancel);
	KUNIT_EXPECT_EQ(test, 0, edu_hrtimer_try_to_cancel(&p.timer));
	KUNIT_EXPECT_FALSE(test, edu_hrtimer_active(&p.timer));
}

/* Rule 1. Slack: run with its neighbour, not in an interrupt of its own. */
static void hrtree_slack(struct kunit *test)
{
	struct probe a, b;

	probe_init(&a, EDU_HR_MONOTONIC);
	probe_init(&b, EDU_HR_MONOTONIC);
	edu_hrtimer_start(&a.timer, vnow + 100, 900);
	edu_hrtimer_start(&b.timer, vnow + 500, 0);
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 500, vprogrammed);
	virtual_run(cpu, vnow + 2000);
	/* a is past its softexpires when b's interrupt comes: it needs none. */
	KUNIT_EXPECT_EQ(test, 1, a.runs);
	KUNIT_EXPECT_EQ(test, 1, b.runs);
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 500, a.ran_at);
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 500, b.ran_at);
	KUNIT_EXPECT_LT(test, b.order, a.order);
	KUNIT_EXPECT_EQ(test, 1, cpu->count[HR_EVENTS]);
	/* The same with both slack: when the first can wait no longer. */
	edu_hrtimer_start(&a.timer, vnow + 100, 300);
	edu_hrtimer_start(&b.timer, vnow + 350, 100);
	virtual_run(cpu, vnow + 2000);
	KUNIT_EXPECT_EQ(test, a.ran_at, b.ran_at);
}

static void hrtree_grid(struct kunit *test)
{
	ktime_t start = vnow;
	struct probe p;

	probe_init(&p, EDU_HR_MONOTONIC);
	p.interval = 1000;
	p.takes = 300;
	edu_hrtimer_start(&p.timer, start + 1000, 0);
	virtual_run(cpu, start + 100 * 1000 + 500);
	KUNIT_EXPECT_EQ(test, 100, p.runs);
	KUNIT_EXPECT_EQ(test, start + 101000, p.timer.softexpires);
	KUNIT_EXPECT_EQ(test, 1, edu_hrtimer_cancel(&p.timer));
	/* Overrun: moved by so many that one less were missed. */
	KUNIT_EXPECT_EQ(test, 0, edu_hrtimer_forward(&p.timer, start, 1000));
	KUNIT_EXPECT_EQ(test, 10, edu_hrtimer_forward(&p.timer, start + 110500, 1000));
	KUNIT_EXPECT_EQ(test, start + 111000, p.timer.softexpires);
}

static void hrtree_soft_and_offsets(struct kunit *test)
{
	struct probe hard, soft, real;

	cpu->base[EDU_HR_REALTIME].offset = 50 * NSEC_PER_SEC;
	probe_init(&hard, EDU_HR_MONOTONIC);
	probe_init(&soft, EDU_HR_SOFT + EDU_HR_MONOTONIC);
	probe_init(&real, EDU_HR_REALTIME);
	edu_hrtimer_start(&soft.timer, vnow + 100, 0);
	edu_hrtimer_start(&hard.timer, vnow + 100, 0);
	edu_hrtimer_start(&real.timer, vnow + 50 * NSEC_PER_SEC + 200, 0);
	virtual_run(cpu, vnow + 1000);
	KUNIT_EXPECT_LT(test, hard.order, soft.order);
	KUNIT_EXPECT_EQ(test, 1, soft.runs);
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 200, real.ran_at);
}

/* T40: three passes, then away for as long as it took, at most 100 ms. */
static struct probe busy[EDU_HR_PASSES + 1];

static enum edu_hr_restart busy_run(struct edu_hrtimer *timer)
{
	struct probe *p = container_of(timer, struct probe, timer);

	p->runs++;
	vnow += p->takes;
	/* Another is due by the time that this one is done. */
	if (p < &busy[EDU_HR_PASSES])
		edu_hrtimer_start(&p[1].timer, vnow - 1, 0);
	return EDU_HR_NORESTART;
}

static void hrtree_hang_limit(struct kunit *test)
{
	static const u64 takes[] = { 10 * NSEC_PER_MSEC, 90 * NSEC_PER_MSEC };
	static const u64 away[] = { 30 * NSEC_PER_MSEC, 100 * NSEC_PER_MSEC };
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, 0, hrtree_setup(test));
		for (k = 0; k <= EDU_HR_PASSES; k++) {
			probe_init(&busy[k], EDU_HR_MONOTONIC);
			busy[k].timer.function = busy_run;
			busy[k].takes = takes[i];
		}
		edu_hrtimer_start(&busy[0].timer, vnow, 0);
		edu_hr_interrupt(cpu);
		KUNIT_EXPECT_EQ(test, 1, cpu->count[HR_HANGS]);
		KUNIT_EXPECT_EQ(test, EDU_HR_PASSES - 1, cpu->count[HR_RETRIES]);
		KUNIT_EXPECT_TRUE(test, cpu->hang);
		KUNIT_EXPECT_EQ(test, 3 * takes[i], cpu->max_hang);
		KUNIT_EXPECT_EQ(test, vnow + away[i], vprogrammed);
		KUNIT_EXPECT_EQ(test, 0, busy[EDU_HR_PASSES].runs);
		/* Nothing earlier is asked for until it is over. */
		edu_hrtimer_start(&busy[0].timer, vnow + 1, 0);
		KUNIT_EXPECT_EQ(test, vnow + away[i], vprogrammed);
		edu_hrtimer_cancel(&busy[0].timer);
		busy[EDU_HR_PASSES].takes = 0;
		virtual_run(cpu, vprogrammed);
		KUNIT_EXPECT_FALSE(test, cpu->hang);
		KUNIT_EXPECT_EQ(test, 1, busy[EDU_HR_PASSES].runs);
	}
}

/* A CPU goes: its timers run on another, at their time, each once. */
static void hrtree_migrates(struct kunit *test)
{
	struct edu_hr_cpu *heir = kunit_kzalloc(test, sizeof(*heir), GFP_KERNEL);
	static const unsigned int bases[] = {
		EDU_HR_MONOTONIC, EDU_HR_REALTIME, EDU_HR_SOFT + EDU_HR_MONOTONIC,
	};
	static struct probe p[6];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, heir);
	edu_hr_cpu_init(heir, 1, &virtual_ops);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		probe_init(&p[i], bases[i % 3]);
		edu_hrtimer_start(&p[i].timer, vnow + 1000 - i * 100, 0);
	}
	vprogrammed = KTIME_MAX;
	KUNIT_EXPECT_EQ(test, 6, edu_hr_migrate(cpu, heir));
	KUNIT_EXPECT_EQ(test, 0, edu_hr_migrate(cpu, heir));
	KUNIT_EXPECT_EQ(test, KTIME_MAX, vprogrammed);
	edu_hr_retrigger(heir);
	KUNIT_EXPECT_EQ(test, vnow + 500, vprogrammed);
	/* Cancelled where they are now. */
	KUNIT_EXPECT_EQ(test, 1, edu_hrtimer_cancel(&p[5].timer));
	KUNIT_EXPECT_EQ(test, 1, heir->count[HR_CANCELLED]);
	virtual_run(heir, vnow + 2000);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		KUNIT_EXPECT_EQ(test, i != 5, p[i].runs);
		KUNIT_EXPECT_PTR_EQ(test, heir, p[i].timer.base->cpu);
		if (i != 5)
			KUNIT_EXPECT_EQ(test, p[i].timer.softexpires, p[i].ran_at);
	}
	/* The CPU comes back, and begins with nothing. */
	edu_hrtimer_setup(&p[0].timer, cpu, EDU_HR_MONOTONIC, probe_run);
	edu_hrtimer_start(&p[0].timer, vnow + 50, 0);
	KUNIT_EXPECT_EQ(test, vnow + 50, vprogrammed);
	virtual_run(cpu, vnow + 100);
	KUNIT_EXPECT_EQ(test, 2, p[0].runs);
}

static struct kunit_case hrtree_cases[] = {
	KUNIT_CASE(hrtree_order),
	KUNIT_CASE(hrtree_cancel_codes),
	KUNIT_CASE(hrtree_slack),
	KUNIT_CASE(hrtree_grid),
	KUNIT_CASE(hrtree_soft_and_offsets),
	KUNIT_CASE(hrtree_hang_limit),
	KUNIT_CASE(hrtree_migrates),
	{}
};

static struct kunit_suite hrtree_suite = {
	.name = "irqdemo_hrtree",
	.init = hrtree_setup,
	.test_cases = hrtree_cases,
};

kunit_test_suite(hrtree_suite);
