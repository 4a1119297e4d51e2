/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_CLOCK_H
#define _IRQDEMO_CLOCK_H

#include <linux/types.h>

/**
 * struct edu_clock - a counter and how to make time of it
 * @mask: the counter's bits
 * @mult: ns = (cycles * @mult) >> @shift
 * @shift: see @mult
 * @last: the counter when time was last carried forward
 * @sec: whole seconds up to @last
 * @nsec: what is over, in ns << @shift, less than a second
 */
struct edu_clock {
	u64 mask;
	u32 mult;
	u32 shift;
	u64 last;
	u64 sec;
	u64 nsec;
};

void edu_calc_mult_shift(u32 *mult, u32 *shift, u32 from, u32 to, u32 maxsec);
u64 edu_cyc2ns(u64 cycles, u32 mult, u32 shift);
u64 edu_max_cycles(u32 mult, u64 mask);
void edu_clock_init(struct edu_clock *clock, u32 hz, u64 mask, u64 now);
u64 edu_clock_read(const struct edu_clock *clock, u64 now);
void edu_clock_advance(struct edu_clock *clock, u64 now);
u64 edu_ticks_to_ms(u64 ticks, unsigned int hz);

/**
 * edu_time_after - is tick count @a later than @b (rule 4)
 * @a: tick count
 * @b: tick count
 *
 * Return: true if it is. Kernel book 12.4.
 */
static inline bool edu_time_after(unsigned long a, unsigned long b)
{
	return (long)(b - a) < 0;
}

/**
 * edu_time_after_eq - is tick count @a later than @b, or the same
 * @a: tick count
 * @b: tick count
 *
 * Return: true if it is. Kernel book 12.4.
 */
static inline bool edu_time_after_eq(unsigned long a, unsigned long b)
{
	return (long)(a - b) >= 0;
}

#endif /* _IRQDEMO_CLOCK_H */
