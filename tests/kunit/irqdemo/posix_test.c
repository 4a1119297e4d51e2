// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/posix.c under a virtual clock (T41). */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "posix.h"
#include "virtual.h"

static struct edu_hr_cpu *cpu;
static struct edu_posix posix;

static int posix_setup(struct kunit *test)
{
	cpu = kunit_kzalloc(test, sizeof(*cpu), GFP_KERNEL);
	if (!cpu)
		return -ENOMEM;
	vnow = NSEC_PER_SEC;
	vprogrammed = KTIME_MAX;
	edu_hr_cpu_init(cpu, 0, &virtual_ops);
	edu_posix_init(&posix, cpu);
	return 0;
}

static void posix_one_shot(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, edu_posix_set(&posix, vnow + 100, 0));
	virtual_run(cpu, vnow + 1000);
	KUNIT_EXPECT_EQ(test, 1, posix.signals);
	edu_posix_deliver(&posix, vnow);
	KUNIT_EXPECT_EQ(test, 0, posix.last_overrun);
	KUNIT_EXPECT_FALSE(test, posix.armed);
}

static void posix_taken_late(struct kunit *test)
{
	const u64 interval = 20 * NSEC_PER_MSEC;
	ktime_t start = vnow;

	edu_posix_set(&posix, start + interval, interval);
	/* Blocked for ten intervals: one signal, no interrupt but the first. */
	virtual_run(cpu, start + 10 * interval + 5);
	KUNIT_EXPECT_EQ(test, 1, posix.signals);
	KUNIT_EXPECT_EQ(test, 1, cpu->count[HR_EXPIRED]);
	edu_posix_deliver(&posix, vnow);
	KUNIT_EXPECT_EQ(test, 9, posix.last_overrun);
	/* Back on its grid. */
	KUNIT_EXPECT_EQ(test, start + 11 * interval, vprogrammed);
	virtual_run(cpu, start + 11 * interval + 5);
	edu_posix_deliver(&posix, vnow);
	KUNIT_EXPECT_EQ(test, 0, posix.last_overrun);
	KUNIT_EXPECT_EQ(test, 2, posix.signals);
}

static void posix_ignored(struct kunit *test)
{
	const u64 interval = 20 * NSEC_PER_MSEC;

	posix.ignored = true;
	edu_posix_set(&posix, vnow + interval, interval);
	virtual_run(cpu, vnow + 10 * interval);
	KUNIT_EXPECT_EQ(test, 0, posix.signals);
	KUNIT_EXPECT_EQ(test, 10 - 1, posix.overrun);
	KUNIT_EXPECT_TRUE(test, posix.armed);
}

/* Shorter than a tick and ignored: throttled to ticks, none uncounted. */
static void posix_throttled(struct kunit *test)
{
	const u64 interval = TICK_NSEC / 100;
	ktime_t start = vnow;

	posix.ignored = true;
	edu_posix_set(&posix, start + interval, interval);
	virtual_run(cpu, start + 50 * TICK_NSEC);
	KUNIT_EXPECT_LE(test, cpu->count[HR_EXPIRED], 51);
	KUNIT_EXPECT_GE(test, posix.overrun, 50 * 100 - 101);
}

static void posix_disarm(struct kunit *test)
{
	edu_posix_set(&posix, vnow + 100, 100);
	edu_posix_set(&posix, 0, 0);
	virtual_run(cpu, vnow + 1000);
	KUNIT_EXPECT_EQ(test, 0, posix.signals);
	KUNIT_EXPECT_EQ(test, KTIME_MAX, vprogrammed);
}

static struct kunit_case posix_cases[] = {
	KUNIT_CASE(posix_one_shot),
	KUNIT_CASE(posix_taken_late),
	KUNIT_CASE(posix_ignored),
	KUNIT_CASE(posix_throttled),
	KUNIT_CASE(posix_disarm),
	{}
};

static struct kunit_suite posix_suite = {
	.name = "irqdemo_posix",
	.init = posix_setup,
	.test_cases = posix_cases,
};

kunit_test_suite(posix_suite);
