/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_HRTREE_H
#define _IRQDEMO_HRTREE_H

#include <linux/ktime.h>
#include <linux/rbtree.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

/* Clocks; each has a hard base and a soft one. */
enum edu_hr_clock {
	EDU_HR_MONOTONIC,
	EDU_HR_REALTIME,
	EDU_HR_BOOTTIME,
	EDU_HR_TAI,
	EDU_HR_CLOCKS
};

#define EDU_HR_BASES	(2 * EDU_HR_CLOCKS)
#define EDU_HR_SOFT	EDU_HR_CLOCKS	/* first soft base */

/* The passes that one interrupt makes before it calls itself hung. */
#define EDU_HR_PASSES	3
/* The longest that a hung interrupt stays away. */
#define EDU_HR_HANG_MAX	(100 * NSEC_PER_MSEC)

enum edu_hr_restart { EDU_HR_NORESTART, EDU_HR_RESTART };

struct edu_hr_cpu;

/**
 * struct edu_hrtimer - a timer of the tree
 * @node: place in the tree
 * @softexpires: earliest time at which it may run, ns of its clock
 * @expires: latest time at which the hardware is asked to wake, ns
 * @function: what runs; says whether the timer goes back into the tree
 * @base: the base whose lock guards it
 * @queued: it is in the tree
 */
struct edu_hrtimer {
	struct rb_node node;
	ktime_t softexpires;
	ktime_t expires;
	enum edu_hr_restart (*function)(struct edu_hrtimer *timer);
	struct edu_hr_base *base;
	bool queued;
};

/**
 * struct edu_hr_base - the timers of one clock, hard or soft, on one CPU
 * @cpu: the CPU's whole
 * @index: enum edu_hr_clock, plus EDU_HR_SOFT if soft
 * @seq: moves when a function starts and ends, for edu_hrtimer_active()
 * @running: timer whose function runs now
 * @active: the tree, by @expires; of equals, the first come first
 * @offset: what to add to the monotonic clock
 */
struct edu_hr_base {
	struct edu_hr_cpu *cpu;
	unsigned int index;
	seqcount_raw_spinlock_t seq;
	struct edu_hrtimer *running;
	struct rb_root_cached active;
	ktime_t offset;
};

/**
 * struct edu_hr_ops - what the tree needs of the world
 * @now: the monotonic clock, ns
 * @program: ask for an interrupt at @expires (KTIME_MAX: none); -ETIME if that
 *	is past and not @force
 * @raise_soft: have edu_hr_run_soft() called soon
 */
struct edu_hr_ops {
	ktime_t (*now)(struct edu_hr_cpu *cpu);
	int (*program)(struct edu_hr_cpu *cpu, ktime_t expires, bool force);
	void (*raise_soft)(struct edu_hr_cpu *cpu);
};

enum hr_counter {
	HR_EVENTS,		/* interrupts */
	HR_RETRIES,		/* passes after the first */
	HR_HANGS,		/* interrupts that gave up after the last pass */
	HR_STARTED,		/* timers put into a tree */
	HR_CANCELLED,		/* taken out before they ran */
	HR_EXPIRED,		/* functions called */
	HR_REPROGRAMMED,	/* the hardware was asked anew */
	HR_COUNTERS
};

/**
 * struct edu_hr_cpu - all trees of one CPU
 * @lock: guards all of it
 * @number: which CPU
 * @in_irq: edu_hr_interrupt() runs: it will program the hardware itself
 * @hang: the last interrupt gave up; until it is over the hardware is not
 *	asked for anything earlier
 * @soft_raised: edu_hr_run_soft() is to come
 * @expires_next: what the hardware was asked for
 * @max_hang: longest time that an interrupt that gave up had taken, ns
 * @count: see enum hr_counter
 * @ops: the world
 * @base: the trees
 */
struct edu_hr_cpu {
	raw_spinlock_t lock;
	unsigned int number;
	bool in_irq;
	bool hang;
	bool soft_raised;
	ktime_t expires_next;
	u64 max_hang;
	u64 count[HR_COUNTERS];
	const struct edu_hr_ops *ops;
	struct edu_hr_base base[EDU_HR_BASES];
};

void edu_hr_cpu_init(struct edu_hr_cpu *cpu, unsigned int number,
		     const struct edu_hr_ops *ops);
void edu_hr_interrupt(struct edu_hr_cpu *cpu);
void edu_hr_run_soft(struct edu_hr_cpu *cpu);
unsigned int edu_hr_migrate(struct edu_hr_cpu *from, struct edu_hr_cpu *to);
void edu_hr_retrigger(struct edu_hr_cpu *cpu);

void edu_hrtimer_setup(struct edu_hrtimer *timer, struct edu_hr_cpu *cpu,
		       unsigned int base,
		       enum edu_hr_restart (*function)(struct edu_hrtimer *));
int edu_hrtimer_start(struct edu_hrtimer *timer, ktime_t expires, u64 slack);
bool edu_hrtimer_active(const struct edu_hrtimer *timer);
int edu_hrtimer_try_to_cancel(struct edu_hrtimer *timer);
int edu_hrtimer_cancel(struct edu_hrtimer *timer);
u64 edu_hrtimer_forward(struct edu_hrtimer *timer, ktime_t now, u64 interval);

#endif /* _IRQDEMO_HRTREE_H */
