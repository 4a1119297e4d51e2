// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/irqdemo/clock.c: the golden values of the kernel book
 * (12.3, 12.4), and the kernel's own functions as a second opinion.
 */
#include <kunit/test.h>
#include <linux/clocksource.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "clock.h"

static const struct {
	u32 hz, maxsec, mult, shift;
} golden[] = {
	{ 1193182, 10, 3515225674U, 22 },
	{ 1193182, 600, 3515225674U, 22 },
	{ 3579545, 10, 2343484437U, 23 },
	{ 3579545, 600, 2343484437U, 23 },
	{ 14318180, 10, 2343484437U, 25 },
	{ 14318180, 600, 585871109, 23 },
	{ 24000000, 10, 2796202667U, 26 },
	{ 24000000, 600, 699050667, 24 },
	{ 1000000000, 10, 536870912, 29 },
	{ 1000000000, 600, 8388608, 23 },
	{ 2400000000U, 10, 447392427, 30 },
	{ 2400000000U, 600, 6990507, 24 },
};

static void clock_golden(struct kunit *test)
{
	u32 mult, shift, i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		edu_calc_mult_shift(&mult, &shift, golden[i].hz, NSEC_PER_SEC,
				    golden[i].maxsec);
		KUNIT_EXPECT_EQ_MSG(test, golden[i].mult, mult, "%u Hz", golden[i].hz);
		KUNIT_EXPECT_EQ_MSG(test, golden[i].shift, shift, "%u Hz", golden[i].hz);
	}
	/* The book's remark: 2.4 GHz for 600 s errs by 47 ns in a second. */
	KUNIT_EXPECT_EQ(test, NSEC_PER_SEC + 47,
			edu_cyc2ns(2400000000U, 6990507, 24));
}

static void clock_as_the_kernel(struct kunit *test)
{
	u32 hz, mult, shift, kmult, kshift;

	for (hz = 1000; hz < 4000000000U - hz / 3; hz += hz / 3) {
		edu_calc_mult_shift(&mult, &shift, hz, NSEC_PER_SEC, 600);
		clocks_calc_mult_shift(&kmult, &kshift, hz, NSEC_PER_SEC, 600);
		KUNIT_EXPECT_EQ_MSG(test, kmult, mult, "%u Hz", hz);
		KUNIT_EXPECT_EQ_MSG(test, kshift, shift, "%u Hz", hz);
	}
}

static void clock_wraps(struct kunit *test)
{
	const u32 hz = 3579545;
	const u64 mask = (1 << 24) - 1;
	struct edu_clock clock;
	u64 cycles = 0xfffff0, end = cycles + 20ULL * hz, ns, last = 0;

	edu_clock_init(&clock, hz, mask, cycles);
	KUNIT_EXPECT_EQ(test, 0, edu_clock_read(&clock, cycles));
	while (cycles < end) {
		cycles += 100003;
		ns = edu_clock_read(&clock, cycles & mask);
		KUNIT_ASSERT_GT(test, ns, last);
		last = ns;
		if (cycles & 1)
			edu_clock_advance(&clock, cycles & mask);
	}
	/* No fraction was lost: within what the rounding of mult explains. */
	ns = mul_u64_u64_div_u64(cycles - 0xfffff0, NSEC_PER_SEC, hz);
	KUNIT_EXPECT_LE(test, abs((s64)(ns - last)), 20);
}

static void clock_no_overflow(struct kunit *test)
{
	u32 mult, shift, i;
	u64 cycles;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		cycles = (u64)golden[i].hz * golden[i].maxsec;
		edu_calc_mult_shift(&mult, &shift, golden[i].hz, NSEC_PER_SEC,
				    golden[i].maxsec);
		KUNIT_EXPECT_GE(test, edu_max_cycles(mult, U64_MAX), cycles);
	}
	KUNIT_EXPECT_EQ(test, 0xffff, edu_max_cycles(3, 0xffff));
}

static void clock_ticks_compare(struct kunit *test)
{
	unsigned long edge = ULONG_MAX;

	KUNIT_EXPECT_TRUE(test, edu_time_after(edge + 2, edge));
	KUNIT_EXPECT_FALSE(test, edu_time_after(edge, edge + 2));
	KUNIT_EXPECT_FALSE(test, edu_time_after(edge, edge));
	KUNIT_EXPECT_TRUE(test, edu_time_after_eq(edge, edge));
	KUNIT_EXPECT_TRUE(test, edu_time_after(edge + LONG_MAX, edge));
	KUNIT_EXPECT_TRUE(test, edu_time_after_eq(edge + 1, edge));
}

static void clock_ticks_to_ms(struct kunit *test)
{
	unsigned int j;

	for (j = 0; j < 100000; j += 77)
		KUNIT_EXPECT_EQ(test, jiffies_to_msecs(j), edu_ticks_to_ms(j, HZ));
	KUNIT_EXPECT_EQ(test, 400, edu_ticks_to_ms(100, 250));
	KUNIT_EXPECT_EQ(test, 1, edu_ticks_to_ms(1, 2000));
	KUNIT_EXPECT_EQ(test, 500, edu_ticks_to_ms(512, 1024));
}

static struct kunit_case clock_cases[] = {
	KUNIT_CASE(clock_golden),
	KUNIT_CASE(clock_as_the_kernel),
	KUNIT_CASE(clock_wraps),
	KUNIT_CASE(clock_no_overflow),
	KUNIT_CASE(clock_ticks_compare),
	KUNIT_CASE(clock_ticks_to_ms),
	{}
};

static struct kunit_suite clock_suite = {
	.name = "irqdemo_clock",
	.test_cases = clock_cases,
};

kunit_test_suite(clock_suite);
