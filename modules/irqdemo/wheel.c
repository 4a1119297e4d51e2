// SPDX-License-Identifier: GPL-2.0
/*
 * edu_timer: where a timer waits, and when it runs.
 *
 * The rules, in the order they apply:
 *  1. The wheel has levels of 64 buckets. A bucket of level n stands for
 *     8^n ticks. The farther a timer is, the higher its level, and the coarser
 *     the tick at which it will run: at most an eighth of its distance late.
 *  2. Its bucket is chosen once, when it is armed, by rounding up: a timer is
 *     never early, and it never moves down a level (no cascading). What is
 *     farther than the wheel reaches waits in the last bucket of all, and is
 *     placed again from there (the kernel runs it then, early).
 *  3. A level's clock moves once in 8 ticks of the level below, so a tick
 *     looks at level n only when its bits below are all zero.
 *  4. All due buckets of a tick are collected first, then run from the highest
 *     level down: those have waited longest.
 *  5. A function runs with the lock dropped, and `running` says which. So it
 *     may re-arm itself; del may return while it still runs, del_sync waits,
 *     and must not be called from the function itself or under a lock that
 *     the function takes.
 *  6. A timer that is armed on another CPU's wheel moves there, unless its
 *     function is running here: then it stays, so that del_sync finds it.
 *  7. A function that returns with another preempt_count than it was called
 *     with is reported once, and the count is put right.
 *
 * Follows document A 17.6 (which leaves out the levels) and the kernel book,
 * 12.7. Today's kernel has the same placement; it also has timer migration to
 * an awake CPU for timers that are not pinned, which we have not. The tick is
 * handed in, so the suites turn the wheel by hand.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/processor.h>

#include "clock.h"
#include "trace.h"
#include "wheel.h"

/**
 * edu_wheel_init - an empty wheel
 * @wheel: what to fill
 * @cpu: the CPU that will run it
 * @now: the current tick
 */
void edu_wheel_init(struct edu_wheel *wheel, unsigned int cpu,
		    unsigned long now)
{
	unsigned int i;

	memset(wheel, 0, sizeof(*wheel));
	raw_spin_lock_init(&wheel->lock);
	wheel->cpu = cpu;
	wheel->clk = now;
	wheel->next_expiry = now + WHEEL_NEVER;
	for (i = 0; i < WHEEL_SIZE; i++)
		INIT_HLIST_HEAD(&wheel->buckets[i]);
}
EXPORT_SYMBOL_IF_KUNIT(edu_wheel_init);

static unsigned int bucket_of(unsigned long expires, unsigned int level,
			      unsigned long *due)
{
	expires = (expires >> LVL_SHIFT(level)) + 1;
	*due = expires << LVL_SHIFT(level);
	return level * LVL_SIZE + (expires & LVL_MASK);
}

/**
 * edu_wheel_place - the bucket for a timer (rules 1 and 2)
 * @expires: its tick
 * @clk: the wheel's clock
 * @due: gets the tick at which the bucket is run
 *
 * Any context, no locks.
 *
 * Return: index of the bucket, 0 to WHEEL_SIZE - 1.
 */
unsigned int edu_wheel_place(unsigned long expires, unsigned long clk,
			     unsigned long *due)
{
	unsigned long delta = expires - clk;
	unsigned int level;

	if ((long)delta < 0) {
		*due = clk;
		return clk & LVL_MASK;
	}
	/* Level n begins at 63 * 8^(n - 1): a division and the highest bit. */
	level = (fls_long(delta / (LVL_SIZE - 1)) + LVL_CLK_SHIFT - 1) / LVL_CLK_SHIFT;
	if (level < LVL_DEPTH)
		return bucket_of(expires, level, due);
	return bucket_of(clk + WHEEL_MAX, LVL_DEPTH - 1, due);
}
EXPORT_SYMBOL_IF_KUNIT(edu_wheel_place);

/* Buckets from the current one to the first that holds timers, or -1. */
static int distance(struct edu_wheel *wheel, unsigned int base,
		    unsigned int start)
{
	unsigned int at;

	at = find_next_bit(wheel->map, base + LVL_SIZE, base + start);
	if (at < base + LVL_SIZE)
		return at - base - start;
	at = find_next_bit(wheel->map, base + start, base);
	return at < base + start ? (int)(at - base + LVL_SIZE - start) : -1;
}

/* The earliest tick at which a bucket is due; the caller holds the lock. */
static unsigned long next_due(struct edu_wheel *wheel)
{
	unsigned long clk = wheel->clk, next = clk + WHEEL_NEVER;
	unsigned int level;

	for (level = 0; level < LVL_DEPTH; level++) {
		int away = distance(wheel, level * LVL_SIZE, clk & LVL_MASK);
		unsigned long due = (clk + away) << LVL_SHIFT(level);

		if (away >= 0 && edu_time_after(next, due))
			next = due;
		/* Rule 3: unless it is its turn now, the level's is to come. */
		clk = (clk >> LVL_CLK_SHIFT) + !!(clk & LVL_CLK_MASK);
	}
	wheel->recalc = false;
	return next;
}

/**
 * edu_wheel_next - the tick at which the wheel has something to run
 * @wheel: which
 *
 * Takes the wheel's lock. Any context.
 *
 * Return: the tick; WHEEL_NEVER after the wheel's clock if it is empty.
 */
unsigned long edu_wheel_next(struct edu_wheel *wheel)
{
	unsigned long flags, next;

	raw_spin_lock_irqsave(&wheel->lock, flags);
	if (wheel->recalc)
		wheel->next_expiry = next_due(wheel);
	next = wheel->next_expiry;
	raw_spin_unlock_irqrestore(&wheel->lock, flags);
	return next;
}
EXPORT_SYMBOL_IF_KUNIT(edu_wheel_next);

/* Nothing is due until next_expiry: an idle wheel's clock may jump there. */
static void forward_clock(struct edu_wheel *wheel, unsigned long now)
{
	if (!edu_time_after(now, wheel->clk))
		return;
	if (edu_time_after(wheel->next_expiry, now))
		wheel->clk = now;
	else if (edu_time_after(wheel->next_expiry, wheel->clk))
		wheel->clk = wheel->next_expiry;
}

static void detach(struct edu_wheel *wheel, struct edu_timer *timer)
{
	struct hlist_head *bucket = &wheel->buckets[timer->bucket];

	hlist_del_init(&timer->entry);
	wheel->pending--;
	if (hlist_empty(bucket)) {
		__clear_bit(timer->bucket, wheel->map);
		wheel->recalc = true;
	}
}

static void enqueue(struct edu_wheel *wheel, struct edu_timer *timer,
		    unsigned int bucket, unsigned long due)
{
	timer->bucket = bucket;
	hlist_add_head(&timer->entry, &wheel->buckets[bucket]);
	__set_bit(bucket, wheel->map);
	wheel->count[WHEEL_ADDED]++;
	if (edu_time_after(wheel->next_expiry, due)) {
		wheel->next_expiry = due;
		wheel->recalc = false;
	}
	trace_irqdemo_timer_start(timer, due, wheel->clk);
	if (!wheel->pending++ && wheel->kick)
		wheel->kick(wheel);
}

/* Lock the wheel that a timer belongs to; it may move until we have. */
static struct edu_wheel *lock_wheel(struct edu_timer *timer,
				    unsigned long *flags)
{
	struct edu_wheel *wheel;

	for (;;) {
		wheel = READ_ONCE(timer->wheel);
		if (likely(wheel)) {
			raw_spin_lock_irqsave(&wheel->lock, *flags);
			if (likely(timer->wheel == wheel))
				return wheel;
			raw_spin_unlock_irqrestore(&wheel->lock, *flags);
		}
		cpu_relax();
	}
}

/**
 * edu_timer_setup - make a timer
 * @timer: what to fill; must not be pending
 * @wheel: where it belongs first
 * @function: what it does; softirq context, may re-arm @timer, may free it
 * @flags: EDU_TIMER_*
 */
void edu_timer_setup(struct edu_timer *timer, struct edu_wheel *wheel,
		     void (*function)(struct edu_timer *timer),
		     unsigned int flags)
{
	INIT_HLIST_NODE(&timer->entry);
	timer->expires = 0;
	timer->function = function;
	timer->wheel = wheel;
	timer->bucket = 0;
	timer->flags = flags;
	trace_irqdemo_timer_init(timer);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_setup);

enum mod_when { MOD_ALWAYS, MOD_PENDING, MOD_EARLIER };

static int mod_on(struct edu_timer *timer, struct edu_wheel *to,
		  unsigned long expires, unsigned long now, enum mod_when when)
{
	struct edu_wheel *wheel;
	unsigned int bucket;
	unsigned long flags, due;
	int pending;

	wheel = lock_wheel(timer, &flags);
	if (!timer->function) {
		pending = -ESHUTDOWN;
		goto out;
	}
	pending = edu_timer_pending(timer);
	if (when == MOD_PENDING && !pending)
		goto out;
	if (when == MOD_EARLIER && pending &&
	    !edu_time_after(timer->expires, expires))
		goto out;
	forward_clock(wheel, now);
	bucket = edu_wheel_place(expires, wheel->clk, &due);
	if (pending && wheel == to && timer->bucket == bucket &&
	    !edu_time_after(wheel->clk, expires)) {
		/* The same bucket again: only the caller's number changes. */
		timer->expires = expires;
		wheel->count[WHEEL_UNCHANGED]++;
		goto out;
	}
	if (pending) {
		detach(wheel, timer);
		wheel->count[WHEEL_REQUEUED]++;
	}
	if (unlikely(wheel != to && wheel->running != timer)) {
		WRITE_ONCE(timer->wheel, NULL);
		raw_spin_unlock(&wheel->lock);
		wheel = to;
		raw_spin_lock(&wheel->lock);
		WRITE_ONCE(timer->wheel, wheel);
		forward_clock(wheel, now);
		bucket = edu_wheel_place(expires, wheel->clk, &due);
	}
	timer->expires = expires;
	enqueue(wheel, timer, bucket, due);
out:
	raw_spin_unlock_irqrestore(&wheel->lock, flags);
	return pending;
}

/**
 * edu_timer_mod_on - arm a timer, or arm it anew
 * @timer: which, pending or not
 * @to: the wheel that shall have it (rule 6)
 * @expires: the tick
 * @now: the current tick
 *
 * Takes locks of wheels, never two at once. Any context.
 *
 * Return: 1 if it was pending, 0 if not, -ESHUTDOWN if it was shut down.
 */
int edu_timer_mod_on(struct edu_timer *timer, struct edu_wheel *to,
		     unsigned long expires, unsigned long now)
{
	return mod_on(timer, to, expires, now, MOD_ALWAYS);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_mod_on);

/**
 * edu_timer_mod_pending - arm a timer anew, but only if it is pending
 * @timer: which
 * @to: as edu_timer_mod_on()
 * @expires: the tick
 * @now: the current tick
 *
 * So a timer that was taken out on purpose does not come back. Any context.
 *
 * Return: as edu_timer_mod_on(); with 0 nothing was done.
 */
int edu_timer_mod_pending(struct edu_timer *timer, struct edu_wheel *to,
			  unsigned long expires, unsigned long now)
{
	return mod_on(timer, to, expires, now, MOD_PENDING);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_mod_pending);

/**
 * edu_timer_reduce - arm a timer, or make it earlier, but never later
 * @timer: which
 * @to: as edu_timer_mod_on()
 * @expires: the tick
 * @now: the current tick
 *
 * Any context.
 *
 * Return: as edu_timer_mod_on(), also where it was early enough.
 */
int edu_timer_reduce(struct edu_timer *timer, struct edu_wheel *to,
		     unsigned long expires, unsigned long now)
{
	return mod_on(timer, to, expires, now, MOD_EARLIER);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_reduce);

/**
 * edu_timer_del - take a timer out
 * @timer: which
 *
 * Its function may still be running when this returns: what it uses must not
 * be freed after this, but after edu_timer_del_sync(). Any context.
 *
 * Return: 1 if it was pending, else 0. Kernel book 12.7.
 */
int edu_timer_del(struct edu_timer *timer)
{
	struct edu_wheel *wheel;
	unsigned long flags;
	int pending = 0;

	if (!edu_timer_pending(timer))
		return 0;
	wheel = lock_wheel(timer, &flags);
	if (edu_timer_pending(timer)) {
		detach(wheel, timer);
		wheel->count[WHEEL_CANCELLED]++;
		trace_irqdemo_timer_cancel(timer);
		pending = 1;
	}
	raw_spin_unlock_irqrestore(&wheel->lock, flags);
	return pending;
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_del);

static int try_to_del(struct edu_timer *timer, bool shutdown)
{
	struct edu_wheel *wheel;
	bool running, pending;
	unsigned long flags;

	wheel = lock_wheel(timer, &flags);
	running = wheel->running == timer;
	pending = edu_timer_pending(timer);
	if (shutdown)
		timer->function = NULL;
	/*
	 * A function that re-armed its timer and is still running: the run that
	 * called it may come to the new bucket without dropping the lock, so
	 * after a shutdown nothing may be found there.
	 */
	if (pending && (shutdown || !running)) {
		detach(wheel, timer);
		wheel->count[WHEEL_CANCELLED]++;
		trace_irqdemo_timer_cancel(timer);
	}
	if (running)
		wheel->count[WHEEL_SYNC_WAITS]++;
	raw_spin_unlock_irqrestore(&wheel->lock, flags);
	return running ? -1 : pending;
}

/**
 * edu_timer_try_to_del_sync - take a timer out unless its function runs
 * @timer: which
 *
 * Any context.
 *
 * Return: 1 if it was pending, 0 if not, -1 if its function runs now; then
 * nothing was changed.
 */
int edu_timer_try_to_del_sync(struct edu_timer *timer)
{
	return try_to_del(timer, false);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_try_to_del_sync);

static int del_sync(struct edu_timer *timer, bool shutdown)
{
	int ret;

	if (in_hardirq() && !(timer->flags & EDU_TIMER_IRQSAFE)) {
		/* The function may be what this interrupt interrupted. */
		pr_warn_once("irqdemo: edu_timer_del_sync in hard interrupt context refused\n");
		return -EDEADLK;
	}
	while ((ret = try_to_del(timer, shutdown)) < 0)
		cpu_relax();
	return ret;
}

/**
 * edu_timer_del_sync - take a timer out, and wait for its function
 * @timer: which
 *
 * Not from the function, nor under a lock that it takes, nor (unless
 * EDU_TIMER_IRQSAFE) from a hard interrupt. If the caller sees to it that
 * nobody arms it again, the timer may be freed after this.
 *
 * Return: 1 if it was pending, 0 if not, -EDEADLK if this is a hard interrupt.
 */
int edu_timer_del_sync(struct edu_timer *timer)
{
	return del_sync(timer, false);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_del_sync);

/**
 * edu_timer_shutdown_sync - as edu_timer_del_sync(), and for good
 * @timer: which; arming it answers -ESHUTDOWN until it is set up again
 *
 * So a function that re-arms itself, or another that arms it, is no race.
 *
 * Return: as edu_timer_del_sync().
 */
int edu_timer_shutdown_sync(struct edu_timer *timer)
{
	return del_sync(timer, true);
}
EXPORT_SYMBOL_IF_KUNIT(edu_timer_shutdown_sync);

static void call_function(struct edu_wheel *wheel, struct edu_timer *timer,
			  void (*function)(struct edu_timer *),
			  unsigned long baseclk)
{
	int count = preempt_count();

	trace_irqdemo_timer_expire_entry(timer, function, wheel->clk, baseclk);
	function(timer);
	/* The timer may be gone: only its address is of use now. */
	trace_irqdemo_timer_expire_exit(timer);
	if (unlikely(count != preempt_count())) {
		wheel->count[WHEEL_PREEMPT_LEAKS]++;
		pr_warn_once("irqdemo: timer %ps preempt leak: %08x -> %08x\n",
			     function, count, preempt_count());
		preempt_count_set(count);
	}
}

static unsigned int run_bucket(struct edu_wheel *wheel, struct hlist_head *head,
			       unsigned long baseclk)
{
	unsigned int ran = 0;

	while (!hlist_empty(head)) {
		void (*function)(struct edu_timer *timer);
		struct edu_timer *timer;

		timer = hlist_entry(head->first, struct edu_timer, entry);
		hlist_del_init(&timer->entry);
		wheel->pending--;
		if (unlikely(edu_time_after(timer->expires, baseclk))) {
			unsigned int bucket;
			unsigned long due;

			bucket = edu_wheel_place(timer->expires, wheel->clk, &due);
			enqueue(wheel, timer, bucket, due);
			continue;
		}
		wheel->running = timer;
		function = timer->function;
		wheel->count[WHEEL_EXPIRED]++;
		ran++;
		if (timer->flags & EDU_TIMER_IRQSAFE) {
			raw_spin_unlock(&wheel->lock);
			call_function(wheel, timer, function, baseclk);
			raw_spin_lock(&wheel->lock);
		} else {
			raw_spin_unlock_irq(&wheel->lock);
			call_function(wheel, timer, function, baseclk);
			raw_spin_lock_irq(&wheel->lock);
		}
		wheel->running = NULL;
	}
	return ran;
}

/**
 * edu_wheel_run - run what is due
 * @wheel: which
 * @now: the current tick
 *
 * Interrupts on; one caller at a time for a wheel (its CPU's softirq). Takes
 * the wheel's lock and drops it around each function. Document A 17.6.
 *
 * Return: how many functions were called.
 */
unsigned int edu_wheel_run(struct edu_wheel *wheel, unsigned long now)
{
	struct hlist_head due[9];
	unsigned int ran = 0;

	raw_spin_lock_irq(&wheel->lock);
	if (wheel->recalc)
		wheel->next_expiry = next_due(wheel);
	while (edu_time_after_eq(now, wheel->clk) &&
	       edu_time_after_eq(now, wheel->next_expiry)) {
		unsigned long clk, baseclk;
		unsigned int level, levels = 0;

		/* Nothing lies between: the clock jumps. */
		if (edu_time_after(wheel->next_expiry, wheel->clk))
			wheel->clk = wheel->next_expiry;
		baseclk = wheel->clk;
		for (level = 0, clk = baseclk; level < LVL_DEPTH; level++) {
			unsigned int index = level * LVL_SIZE + (clk & LVL_MASK);

			/* What is armed for this bucket from now on is for later. */
			if (__test_and_clear_bit(index, wheel->map))
				hlist_move_list(&wheel->buckets[index],
						&due[levels++]);
			if (clk & LVL_CLK_MASK)
				break;
			clk >>= LVL_CLK_SHIFT;
		}
		wheel->clk++;
		wheel->count[WHEEL_RUNS]++;
		while (levels--)
			ran += run_bucket(wheel, &due[levels], baseclk);
		wheel->next_expiry = next_due(wheel);
	}
	raw_spin_unlock_irq(&wheel->lock);
	return ran;
}
EXPORT_SYMBOL_IF_KUNIT(edu_wheel_run);

/**
 * edu_wheel_migrate - give another wheel the timers of a CPU that went away
 * @from: wheel whose CPU runs no more: no function of it is running
 * @to: wheel that gets them; not @from
 * @now: the current tick
 *
 * Process context. Takes both locks, @from's first: nobody else takes two.
 *
 * Return: how many timers moved.
 */
unsigned int edu_wheel_migrate(struct edu_wheel *from, struct edu_wheel *to,
			       unsigned long now)
{
	unsigned int index, moved = 0;
	struct hlist_node *next;
	struct edu_timer *timer;

	raw_spin_lock_irq(&from->lock);
	raw_spin_lock_nested(&to->lock, SINGLE_DEPTH_NESTING);
	forward_clock(to, now);
	for_each_set_bit(index, from->map, WHEEL_SIZE) {
		hlist_for_each_entry_safe(timer, next, &from->buckets[index],
					  entry) {
			unsigned long due;
			unsigned int bucket;

			detach(from, timer);
			WRITE_ONCE(timer->wheel, to);
			bucket = edu_wheel_place(timer->expires, to->clk, &due);
			enqueue(to, timer, bucket, due);
			moved++;
		}
	}
	/* Should the CPU come back, nothing is due: its clock may jump to then. */
	from->next_expiry = from->clk + WHEEL_NEVER;
	from->recalc = false;
	raw_spin_unlock(&to->lock);
	raw_spin_unlock_irq(&from->lock);
	return moved;
}
EXPORT_SYMBOL_IF_KUNIT(edu_wheel_migrate);
