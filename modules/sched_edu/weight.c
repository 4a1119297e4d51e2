// SPDX-License-Identifier: GPL-2.0
/*
 * What a nice level is worth, and how long a period is.
 *
 * The rules:
 *  1. 40 weights, nice 0 is 1024; one level is about 1.25, so that of two
 *     tasks that differ by one level one gets 10 % of the processor more.
 *  2. A SCHED_IDLE task weighs 3, whatever its nice level.
 *  3. Time charged to virtual time: delta * 1024 / weight.
 *  4. Up to latency / min_granularity (8) tasks share one latency (6 ms); more
 *     tasks make the period longer: min_granularity (0.75 ms) each.
 *
 * Document B 3.1 and 3.2; kernel book 4.6. The kernel multiplies by a stored
 * inverse of the weight and shifts; this divides exactly. Since 6.6 it has no
 * period any more: a task has a fixed slice and a deadline.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "class.h"

const unsigned int edu_nice_weight[40] = {
	/* -20 */ 88761, 71755, 56483, 46273, 36291,
	/* -15 */ 29154, 23254, 18705, 14949, 11916,
	/* -10 */ 9548, 7620, 6100, 4904, 3906,
	/*  -5 */ 3121, 2501, 1991, 1586, 1277,
	/*   0 */ 1024, 820, 655, 526, 423,
	/*   5 */ 335, 272, 215, 172, 137,
	/*  10 */ 110, 87, 70, 56, 45,
	/*  15 */ 36, 29, 23, 18, 15,
};
EXPORT_SYMBOL_IF_KUNIT(edu_nice_weight);

/**
 * edu_weight_of - the load of a task
 * @policy: only EDU_IDLE matters
 * @nice: -20 to 19; a value outside counts as the nearest
 *
 * Any context. Return: the weight, 3 to 88761.
 */
unsigned long edu_weight_of(enum edu_policy policy, int nice)
{
	if (policy == EDU_IDLE)
		return EDU_IDLE_WEIGHT;
	return edu_nice_weight[clamp(nice, -20, 19) + 20];
}
EXPORT_SYMBOL_IF_KUNIT(edu_weight_of);

/**
 * edu_calc_delta - scale a time: @delta * @weight / @load
 * @delta: ns
 * @weight: of the part
 * @load: of the whole; 0 counts as 1
 *
 * Any context. Rounds down; does not overflow on the way.
 */
u64 edu_calc_delta(u64 delta, unsigned long weight, unsigned long load)
{
	return mul_u64_u64_div_u64(delta, weight, max(load, 1UL));
}
EXPORT_SYMBOL_IF_KUNIT(edu_calc_delta);

/**
 * edu_sched_period - the time in which each of @nr tasks runs once
 * @tun: latency and min_granularity
 * @nr: runnable tasks
 *
 * Any context. Return: ns.
 */
u64 edu_sched_period(const struct edu_tunables *tun, unsigned int nr)
{
	if (nr * tun->min_granularity > tun->latency)
		return nr * tun->min_granularity;
	return tun->latency;
}
EXPORT_SYMBOL_IF_KUNIT(edu_sched_period);
