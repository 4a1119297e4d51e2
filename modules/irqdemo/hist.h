/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_HIST_H
#define _IRQDEMO_HIST_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/types.h>

/* Each power of two is divided into 2^HIST_SUB_BITS equal buckets. */
#define HIST_SUB_BITS	3
#define HIST_SUB	BIT(HIST_SUB_BITS)
/* Values from 2^HIST_MAX_BITS on (18 minutes, in ns) share the last bucket. */
#define HIST_MAX_BITS	40
#define HIST_BUCKETS	((HIST_MAX_BITS - HIST_SUB_BITS + 1) * HIST_SUB)

/**
 * struct hist - a histogram of times
 * @count: values per bucket
 * @max: the largest
 *
 * All members are atomic, for a bottom half may run on several CPUs at once.
 * A reader may see a value counted in some members and not yet in others.
 */
struct hist {
	atomic_t count[HIST_BUCKETS];
	atomic64_t max;
};

unsigned int hist_bucket(u64 value);
u64 hist_floor(unsigned int bucket);
void hist_add(struct hist *hist, s64 value);
u64 hist_total(const struct hist *hist);
u64 hist_percentile(const struct hist *hist, unsigned int permille);
void hist_reset(struct hist *hist);

#endif /* _IRQDEMO_HIST_H */
