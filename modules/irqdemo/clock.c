// SPDX-License-Identifier: GPL-2.0
/*
 * Clocksource arithmetic: from a counter that runs at some rate to
 * nanoseconds, without a division and without floating point.
 *
 * The rules, in order:
 *  1. ns = (cycles * mult) >> shift. shift is the largest up to 32 for which
 *     cycles of maxsec seconds times mult still fit into 64 bits: so precision
 *     is bought as far as the time between two readings allows.
 *  2. The counter wraps: a difference is taken modulo its mask.
 *  3. Time is carried forward before cycles * mult can overflow; what is over
 *     is kept in ns << shift, so that no fraction is ever lost.
 *  4. Two tick counts are compared by the sign of their difference, which is
 *     right as long as they are less than half the range apart.
 *
 * Follows the kernel book, 12.3 to 12.5 (its golden values are the suite's).
 * Where we differ from today's kernel: no NTP, so no error term is steered,
 * and a reading has no seqcount of its own: the caller orders it.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "clock.h"

/**
 * edu_calc_mult_shift - choose the factors of rule 1
 * @mult: gets the multiplier
 * @shift: gets the shift, 1 to 32
 * @from: rate of the counter in Hz, not 0
 * @to: units per second that are wanted (10^9 for ns)
 * @maxsec: seconds that must be convertible without overflow
 *
 * Any context. Kernel book 12.3.
 */
void edu_calc_mult_shift(u32 *mult, u32 *shift, u32 from, u32 to, u32 maxsec)
{
	/* Bits that cycles of maxsec leave free above 32. */
	u32 room = 32 - fls64(((u64)maxsec * from) >> 32);
	u64 factor = 0;
	u32 sft;

	for (sft = 32; sft > 0; sft--) {
		factor = div_u64(((u64)to << sft) + from / 2, from);
		if (factor >> room == 0)
			break;
	}
	*mult = factor;
	*shift = sft;
}
EXPORT_SYMBOL_IF_KUNIT(edu_calc_mult_shift);

/**
 * edu_cyc2ns - cycles to ns
 * @cycles: at most edu_max_cycles() of them
 * @mult: see rule 1
 * @shift: see rule 1
 *
 * Return: ns, rounded down.
 */
u64 edu_cyc2ns(u64 cycles, u32 mult, u32 shift)
{
	return (cycles * mult) >> shift;
}
EXPORT_SYMBOL_IF_KUNIT(edu_cyc2ns);

/**
 * edu_max_cycles - how far two readings may be apart
 * @mult: see rule 1, not 0
 * @mask: the counter's bits
 *
 * Return: the largest difference that edu_cyc2ns() takes.
 */
u64 edu_max_cycles(u32 mult, u64 mask)
{
	return min_t(u64, div_u64(U64_MAX, mult), mask);
}
EXPORT_SYMBOL_IF_KUNIT(edu_max_cycles);

/**
 * edu_clock_init - start a clock at zero
 * @clock: what to fill
 * @hz: the counter's rate
 * @mask: the counter's bits
 * @now: the counter's value
 */
void edu_clock_init(struct edu_clock *clock, u32 hz, u64 mask, u64 now)
{
	*clock = (struct edu_clock){ .mask = mask, .last = now & mask };
	edu_calc_mult_shift(&clock->mult, &clock->shift, hz, NSEC_PER_SEC, 600);
}
EXPORT_SYMBOL_IF_KUNIT(edu_clock_init);

/**
 * edu_clock_read - the time
 * @clock: which
 * @now: the counter's value, less than edu_max_cycles() after the last advance
 *
 * Return: ns since edu_clock_init(). Kernel book 12.5 (timekeeping_get_ns).
 */
u64 edu_clock_read(const struct edu_clock *clock, u64 now)
{
	u64 delta = (now - clock->last) & clock->mask;

	return clock->sec * NSEC_PER_SEC +
	       ((delta * clock->mult + clock->nsec) >> clock->shift);
}
EXPORT_SYMBOL_IF_KUNIT(edu_clock_read);

/**
 * edu_clock_advance - carry time forward (rule 3), as a tick does
 * @clock: which
 * @now: the counter's value
 */
void edu_clock_advance(struct edu_clock *clock, u64 now)
{
	u64 second = (u64)NSEC_PER_SEC << clock->shift;
	u64 delta = (now - clock->last) & clock->mask;

	clock->last = now & clock->mask;
	clock->nsec += delta * clock->mult;
	while (clock->nsec >= second) {
		clock->nsec -= second;
		clock->sec++;
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_clock_advance);

/**
 * edu_ticks_to_ms - ticks to ms
 * @ticks: how many
 * @hz: ticks per second, not 0
 *
 * The book's three cases: HZ divides 1000, HZ is a multiple of 1000 (rounded
 * up there), and neither.
 *
 * Return: ms. Kernel book 12.4.
 */
u64 edu_ticks_to_ms(u64 ticks, unsigned int hz)
{
	if (hz <= MSEC_PER_SEC && !(MSEC_PER_SEC % hz))
		return ticks * (MSEC_PER_SEC / hz);
	if (hz > MSEC_PER_SEC && !(hz % MSEC_PER_SEC))
		return div_u64(ticks + hz / MSEC_PER_SEC - 1, hz / MSEC_PER_SEC);
	return div_u64(ticks * MSEC_PER_SEC, hz);
}
EXPORT_SYMBOL_IF_KUNIT(edu_ticks_to_ms);
