// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/hist.c. */
#include <kunit/test.h>

#include "hist.h"

static void hist_buckets_join(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		KUNIT_EXPECT_EQ(test, i, hist_bucket(hist_floor(i)));
		if (i)
			KUNIT_EXPECT_EQ(test, i - 1, hist_bucket(hist_floor(i) - 1));
	}
	KUNIT_EXPECT_EQ(test, HIST_BUCKETS - 1, hist_bucket(U64_MAX));
}

static void hist_width(struct kunit *test)
{
	unsigned int i;

	for (i = HIST_SUB; i < HIST_BUCKETS - 1; i++)
		KUNIT_EXPECT_LE(test, hist_floor(i + 1) - hist_floor(i),
				hist_floor(i) / HIST_SUB);
}

static void hist_percentiles(struct kunit *test)
{
	struct hist *hist = kunit_kzalloc(test, sizeof(*hist), GFP_KERNEL);
	u64 i, p;

	KUNIT_ASSERT_NOT_NULL(test, hist);
	KUNIT_EXPECT_EQ(test, 0, hist_percentile(hist, 500));
	for (i = 1; i <= 1000; i++)
		hist_add(hist, i * 1000);
	for (p = 10; p <= 1000; p += 10) {
		u64 got = hist_percentile(hist, p), want = p * 1000;

		KUNIT_EXPECT_LE(test, got, want + want / HIST_SUB + 1);
		KUNIT_EXPECT_GE(test, got, want - want / HIST_SUB - 1);
	}
	KUNIT_EXPECT_EQ(test, 1000000, atomic64_read(&hist->max));
	KUNIT_EXPECT_EQ(test, 1000, hist_total(hist));
	hist_reset(hist);
	KUNIT_EXPECT_EQ(test, 0, hist_percentile(hist, 1000));
}

/* The clock was read before what it is compared with. */
static void hist_backwards(struct kunit *test)
{
	struct hist *hist = kunit_kzalloc(test, sizeof(*hist), GFP_KERNEL);
	u64 early = 1000, late = 1001;

	KUNIT_ASSERT_NOT_NULL(test, hist);
	hist_add(hist, early - late);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&hist->count[0]));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&hist->max));
}

static struct kunit_case hist_cases[] = {
	KUNIT_CASE(hist_buckets_join),
	KUNIT_CASE(hist_width),
	KUNIT_CASE(hist_percentiles),
	KUNIT_CASE(hist_backwards),
	{}
};

static struct kunit_suite hist_suite = {
	.name = "irqdemo_hist",
	.test_cases = hist_cases,
};

kunit_test_suite(hist_suite);
