/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_WHEEL_H
#define _IRQDEMO_WHEEL_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/param.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define LVL_CLK_SHIFT	3
#define LVL_CLK_MASK	((1UL << LVL_CLK_SHIFT) - 1)
#define LVL_SHIFT(n)	((n) * LVL_CLK_SHIFT)
#define LVL_GRAN(n)	BIT(LVL_SHIFT(n))
#define LVL_SIZE	64U
#define LVL_MASK	(LVL_SIZE - 1)
#define LVL_DEPTH	(HZ > 100 ? 9 : 8)
/* The first distance that belongs to level n, n > 0. */
#define LVL_START(n)	((unsigned long)(LVL_SIZE - 1) << (((n) - 1) * LVL_CLK_SHIFT))
#define WHEEL_SIZE	(LVL_SIZE * LVL_DEPTH)
#define WHEEL_CUTOFF	LVL_START(LVL_DEPTH)
#define WHEEL_MAX	(WHEEL_CUTOFF - LVL_GRAN(LVL_DEPTH - 1))
#define WHEEL_NEVER	(LONG_MAX >> 1)

#define EDU_TIMER_DEFERRABLE	0x1	/* does not wake an idle CPU */
#define EDU_TIMER_IRQSAFE	0x2	/* function runs with interrupts off */

struct edu_wheel;

/**
 * struct edu_timer - a timer of the wheel
 * @entry: place in a bucket
 * @expires: tick at which it is due; not run before it is past
 * @function: what runs then; NULL for one that was shut down
 * @wheel: the wheel whose lock guards it; NULL while it moves
 * @bucket: index of its bucket
 * @flags: EDU_TIMER_*
 */
struct edu_timer {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct edu_timer *timer);
	struct edu_wheel *wheel;
	u16 bucket;
	u16 flags;
};

enum wheel_counter {
	WHEEL_ADDED,		/* timers put into a bucket */
	WHEEL_REQUEUED,		/* of these, that were pending already */
	WHEEL_UNCHANGED,	/* mod that found the timer in its bucket */
	WHEEL_CANCELLED,	/* taken out before they were due */
	WHEEL_EXPIRED,		/* functions called */
	WHEEL_RUNS,		/* times that the wheel was looked at and due */
	WHEEL_PREEMPT_LEAKS,	/* functions that left preempt_count changed */
	WHEEL_SYNC_WAITS,	/* del_sync that found the function running */
	WHEEL_COUNTERS
};

/**
 * struct edu_wheel - one CPU's timers
 * @lock: guards all of it
 * @running: the timer whose function runs now, with @lock dropped
 * @clk: next tick to be looked at
 * @next_expiry: earliest tick at which a bucket is due
 * @recalc: @next_expiry may be too early, for a timer was taken out
 * @cpu: whose wheel
 * @pending: timers in it
 * @count: see enum wheel_counter
 * @kick: called under @lock, by any CPU, when the wheel was empty and no longer is
 * @map: buckets that hold timers
 * @buckets: LVL_DEPTH levels of LVL_SIZE
 */
struct edu_wheel {
	raw_spinlock_t lock;
	struct edu_timer *running;
	unsigned long clk;
	unsigned long next_expiry;
	bool recalc;
	unsigned int cpu;
	unsigned int pending;
	u64 count[WHEEL_COUNTERS];
	void (*kick)(struct edu_wheel *wheel);
	unsigned long map[BITS_TO_LONGS(LVL_SIZE * 9)];
	struct hlist_head buckets[LVL_SIZE * 9];
};

void edu_wheel_init(struct edu_wheel *wheel, unsigned int cpu,
		    unsigned long now);
unsigned int edu_wheel_place(unsigned long expires, unsigned long clk,
			     unsigned long *due);
unsigned long edu_wheel_next(struct edu_wheel *wheel);
unsigned int edu_wheel_run(struct edu_wheel *wheel, unsigned long now);
unsigned int edu_wheel_migrate(struct edu_wheel *from, struct edu_wheel *to,
			       unsigned long now);

void edu_timer_setup(struct edu_timer *timer, struct edu_wheel *wheel,
		     void (*function)(struct edu_timer *timer),
		     unsigned int flags);
int edu_timer_mod_on(struct edu_timer *timer, struct edu_wheel *wheel,
		     unsigned long expires, unsigned long now);
int edu_timer_mod_pending(struct edu_timer *timer, struct edu_wheel *to,
			  unsigned long expires, unsigned long now);
int edu_timer_reduce(struct edu_timer *timer, struct edu_wheel *to,
		     unsigned long expires, unsigned long now);
int edu_timer_del(struct edu_timer *timer);
int edu_timer_try_to_del_sync(struct edu_timer *timer);
int edu_timer_del_sync(struct edu_timer *timer);
int edu_timer_shutdown_sync(struct edu_timer *timer);

static inline bool edu_timer_pending(const struct edu_timer *timer)
{
	return !hlist_unhashed_lockless(&timer->entry);
}

#endif /* _IRQDEMO_WHEEL_H */
