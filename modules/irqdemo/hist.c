// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of latencies: which bucket a time falls into.
 *
 * The rules:
 *  1. Below 8 every value has a bucket of its own.
 *  2. Above, every power of two has 8 buckets of equal width, so a bucket is
 *     never wider than an eighth of the values in it.
 *  3. What does not fit shares the last bucket; the maximum is kept exactly.
 *  4. A time that ended before it began is 0: a device raised again, by another
 *     CPU, since the handler looked at the clock.
 *
 * Adding is a handful of atomic operations: it is done in hard interrupt
 * context. Not in the documents; today's tracers (bpftrace's hist) have the
 * first rule with one bucket a power of two, too coarse to tell a tasklet from
 * a BH workqueue.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "hist.h"

/**
 * hist_bucket - the bucket of a value
 * @value: any
 *
 * Any context.
 *
 * Return: 0 to HIST_BUCKETS - 1, growing with @value.
 */
unsigned int hist_bucket(u64 value)
{
	unsigned int power;

	if (value < HIST_SUB)
		return value;
	power = fls64(value) - 1;
	if (power >= HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	return (power - HIST_SUB_BITS + 1) * HIST_SUB +
	       ((value >> (power - HIST_SUB_BITS)) & (HIST_SUB - 1));
}
EXPORT_SYMBOL_IF_KUNIT(hist_bucket);

/**
 * hist_floor - the smallest value of a bucket
 * @bucket: 0 to HIST_BUCKETS - 1
 *
 * Any context.
 *
 * Return: the value, for which hist_bucket() gives @bucket.
 */
u64 hist_floor(unsigned int bucket)
{
	unsigned int power = bucket / HIST_SUB;

	if (!power)
		return bucket;
	return (u64)(HIST_SUB + bucket % HIST_SUB) << (power - 1);
}
EXPORT_SYMBOL_IF_KUNIT(hist_floor);

/**
 * hist_add - count a value
 * @hist: where
 * @value: what, in the unit that the histogram has (here always ns); below 0 is 0
 *
 * Any context, no locks.
 */
void hist_add(struct hist *hist, s64 value)
{
	s64 max = atomic64_read(&hist->max);

	value = max_t(s64, value, 0);
	atomic_inc(&hist->count[hist_bucket(value)]);
	while (max < value &&
	       !atomic64_try_cmpxchg(&hist->max, &max, value))
		;
}
EXPORT_SYMBOL_IF_KUNIT(hist_add);

/**
 * hist_total - how many values were added
 * @hist: what to read
 *
 * Any context. While others add, the answer is of about now.
 *
 * Return: their number.
 */
u64 hist_total(const struct hist *hist)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++)
		total += atomic_read(&hist->count[i]);
	return total;
}
EXPORT_SYMBOL_IF_KUNIT(hist_total);

/**
 * hist_percentile - the value that so many of the values do not exceed
 * @hist: what to read
 * @permille: 0 to 1000: 500 is the median, 990 the 99th percentile
 *
 * Any context. While others add, the answer is of about now.
 *
 * Return: the middle of the bucket that holds it, or 0 of an empty histogram.
 */
u64 hist_percentile(const struct hist *hist, unsigned int permille)
{
	u64 total = hist_total(hist), rank, seen = 0;
	unsigned int i;

	if (!total)
		return 0;
	rank = max_t(u64, div_u64(total * permille + 999, 1000), 1);
	for (i = 0; i < HIST_BUCKETS - 1; i++) {
		seen += atomic_read(&hist->count[i]);
		if (seen >= rank)
			return (hist_floor(i) + hist_floor(i + 1)) / 2;
	}
	return atomic64_read(&hist->max);
}
EXPORT_SYMBOL_IF_KUNIT(hist_percentile);

/**
 * hist_reset - forget all values
 * @hist: what to empty
 *
 * Values that are added meanwhile may be forgotten too.
 */
void hist_reset(struct hist *hist)
{
	memset(hist, 0, sizeof(*hist));
}
EXPORT_SYMBOL_IF_KUNIT(hist_reset);
