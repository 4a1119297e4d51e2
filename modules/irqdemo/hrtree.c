// SPDX-License-Identifier: GPL-2.0
/*
 * edu_hrtimer: timers ordered by their time, to the nanosecond.
 *
 * The rules, in the order they apply:
 *  1. A CPU has a tree for each clock, and each clock has a hard and a soft
 *     one. The tree's order is `expires`; a timer runs as soon as its
 *     `softexpires` is past, so timers with slack are run together.
 *  2. The interrupt runs all due hard timers; if a soft timer is due it
 *     raises the softirq once, and leaves soft timers out of the next event
 *     until that has run.
 *  3. A function runs with the lock dropped. If it says restart and nobody
 *     else has started the timer meanwhile, the timer goes back into the tree.
 *  4. Then the hardware is asked for the next event. If that is past already,
 *     the interrupt makes another pass: at most three.
 *  5. After the third it has hung: it stays away for as long as it took, but
 *     for 100 ms at most, so that the machine can go on.
 *  6. Cancel answers 0 for a timer that was not active, 1 for one taken out,
 *     -1 for one whose function runs now.
 *
 * Follows document A 17.5 and 17.7. Where we differ from today's kernel: a
 * timer stays on the CPU that it was set up for until that goes offline; there
 * is no low-resolution mode; who drives it sets the clocks' offsets. Time and
 * hardware are handed in, so the suites bring their own.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/string.h>

#include "hrtree.h"
#include "trace.h"

/**
 * edu_hr_cpu_init - empty trees
 * @cpu: what to fill
 * @number: which CPU
 * @ops: the world
 */
void edu_hr_cpu_init(struct edu_hr_cpu *cpu, unsigned int number,
		     const struct edu_hr_ops *ops)
{
	unsigned int i;

	memset(cpu, 0, sizeof(*cpu));
	raw_spin_lock_init(&cpu->lock);
	cpu->number = number;
	cpu->ops = ops;
	cpu->expires_next = KTIME_MAX;
	for (i = 0; i < EDU_HR_BASES; i++) {
		struct edu_hr_base *base = &cpu->base[i];

		base->cpu = cpu;
		base->index = i;
		base->active = RB_ROOT_CACHED;
		seqcount_raw_spinlock_init(&base->seq, &cpu->lock);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_hr_cpu_init);

/**
 * edu_hrtimer_setup - make a timer
 * @timer: what to fill
 * @cpu: where it will run
 * @base: enum edu_hr_clock, plus EDU_HR_SOFT to run in softirq context
 * @function: hard: interrupts off; may move @timer with edu_hrtimer_forward()
 */
void edu_hrtimer_setup(struct edu_hrtimer *timer, struct edu_hr_cpu *cpu,
		       unsigned int base,
		       enum edu_hr_restart (*function)(struct edu_hrtimer *))
{
	memset(timer, 0, sizeof(*timer));
	RB_CLEAR_NODE(&timer->node);
	timer->base = &cpu->base[base];
	timer->function = function;
	trace_irqdemo_hrtimer_init(timer, base % EDU_HR_CLOCKS, base);
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_setup);

static bool earlier(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct edu_hrtimer, node)->expires <
	       rb_entry(b, struct edu_hrtimer, node)->expires;
}

/* Put into the tree; true if it is now the first there. */
static bool enqueue(struct edu_hrtimer *timer)
{
	timer->queued = true;
	timer->base->cpu->count[HR_STARTED]++;
	trace_irqdemo_hrtimer_start(timer);
	return rb_add_cached(&timer->node, &timer->base->active, earlier);
}

static void dequeue(struct edu_hrtimer *timer)
{
	rb_erase_cached(&timer->node, &timer->base->active);
	RB_CLEAR_NODE(&timer->node);
	timer->queued = false;
}

static struct edu_hrtimer *first(struct edu_hr_base *base)
{
	return rb_entry_safe(rb_first_cached(&base->active),
			     struct edu_hrtimer, node);
}

/* The earliest time, on the monotonic clock, that bases from..to wait for. */
static ktime_t next_event(struct edu_hr_cpu *cpu, unsigned int from,
			  unsigned int to)
{
	ktime_t next = KTIME_MAX;

	for (; from < to; from++) {
		struct edu_hrtimer *timer = first(&cpu->base[from]);
		ktime_t expires;

		if (!timer)
			continue;
		expires = ktime_sub(timer->expires, cpu->base[from].offset);
		if (expires < next)
			next = expires < 0 ? 0 : expires;
	}
	return next;
}

static ktime_t next_of_all(struct edu_hr_cpu *cpu)
{
	return next_event(cpu, 0, cpu->soft_raised ? EDU_HR_SOFT : EDU_HR_BASES);
}

/* Have the hardware wake us for what is next, outside of the interrupt. */
static void reprogram(struct edu_hr_cpu *cpu)
{
	ktime_t next;

	/* The interrupt does it at its end; while hung, it stays as it is. */
	if (cpu->in_irq || cpu->hang)
		return;
	next = next_of_all(cpu);
	if (next == cpu->expires_next)
		return;
	cpu->expires_next = next;
	cpu->count[HR_REPROGRAMMED]++;
	cpu->ops->program(cpu, next, true);
}

/* Lock the trees that a timer belongs to; it may move until we have. */
static struct edu_hr_cpu *lock_cpu(struct edu_hrtimer *timer,
				   unsigned long *flags)
{
	for (;;) {
		struct edu_hr_base *base = READ_ONCE(timer->base);

		raw_spin_lock_irqsave(&base->cpu->lock, *flags);
		if (likely(base == timer->base))
			return base->cpu;
		raw_spin_unlock_irqrestore(&base->cpu->lock, *flags);
	}
}

/**
 * edu_hrtimer_start - arm a timer, or arm it anew
 * @timer: which
 * @expires: earliest time, ns of its clock
 * @slack: how much later is as good, ns
 *
 * Takes the CPU's lock. Any context; on @timer's CPU if the world's program()
 * asks for that.
 *
 * Return: 1 if it was in the tree, else 0.
 */
int edu_hrtimer_start(struct edu_hrtimer *timer, ktime_t expires, u64 slack)
{
	bool was_first = false;
	struct edu_hr_cpu *cpu;
	unsigned long flags;
	int queued;

	cpu = lock_cpu(timer, &flags);
	queued = timer->queued;
	if (queued) {
		was_first = first(timer->base) == timer;
		dequeue(timer);
	}
	timer->softexpires = expires;
	timer->expires = ktime_add_safe(expires, slack);
	if (enqueue(timer) || was_first)
		reprogram(cpu);
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
	return queued;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_start);

/**
 * edu_hrtimer_active - is a timer waiting, or its function running
 * @timer: which
 *
 * No lock: the base's sequence tells whether a function started or ended
 * between the two questions. Any context.
 *
 * Return: true if so.
 */
bool edu_hrtimer_active(const struct edu_hrtimer *timer)
{
	struct edu_hr_base *base;
	unsigned int seq;

	do {
		base = READ_ONCE(timer->base);
		seq = raw_read_seqcount_begin(&base->seq);
		if (READ_ONCE(timer->queued) || READ_ONCE(base->running) == timer)
			return true;
	} while (read_seqcount_retry(&base->seq, seq) ||
		 base != READ_ONCE(timer->base));
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_active);

/**
 * edu_hrtimer_try_to_cancel - take a timer out
 * @timer: which
 *
 * Takes the CPU's lock. Any context.
 *
 * Return: 0 if it was not active, 1 if it was taken out, -1 if its function
 * runs now. Document A 17.7.
 */
int edu_hrtimer_try_to_cancel(struct edu_hrtimer *timer)
{
	struct edu_hr_cpu *cpu;
	unsigned long flags;
	bool was_first;
	int ret = -1;

	if (!edu_hrtimer_active(timer))
		return 0;
	cpu = lock_cpu(timer, &flags);
	if (timer->base->running != timer) {
		ret = timer->queued;
		if (ret) {
			was_first = first(timer->base) == timer;
			dequeue(timer);
			cpu->count[HR_CANCELLED]++;
			trace_irqdemo_hrtimer_cancel(timer);
			if (was_first)
				reprogram(cpu);
		}
	}
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_try_to_cancel);

/**
 * edu_hrtimer_cancel - take a timer out, and wait for its function
 * @timer: which; not from its own function
 *
 * Return: 1 if it was taken out, 0 if it was not active (any more).
 */
int edu_hrtimer_cancel(struct edu_hrtimer *timer)
{
	int ret;

	while ((ret = edu_hrtimer_try_to_cancel(timer)) < 0)
		cpu_relax();
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_cancel);

/**
 * edu_hrtimer_forward - move a timer past now, on its own grid
 * @timer: which; not in the tree
 * @now: time of its clock
 * @interval: the grid, ns, not 0
 *
 * Any context; from the timer's function, or when it is not active.
 *
 * Return: by how many intervals it moved; one less were missed (overrun).
 */
u64 edu_hrtimer_forward(struct edu_hrtimer *timer, ktime_t now, u64 interval)
{
	s64 late = ktime_sub(now, timer->softexpires);
	u64 steps;

	if (late < 0 || timer->queued || !interval)
		return 0;
	steps = div64_u64(late, interval) + 1;
	timer->softexpires = ktime_add_safe(timer->softexpires, steps * interval);
	timer->expires = ktime_add_safe(timer->expires, steps * interval);
	return steps;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hrtimer_forward);

static void run_timer(struct edu_hr_base *base, struct edu_hrtimer *timer,
		      ktime_t now, unsigned long *flags)
{
	struct edu_hr_cpu *cpu = base->cpu;
	enum edu_hr_restart restart;

	base->running = timer;
	/* A reader sees it queued, or running, or the sequence moved. */
	raw_write_seqcount_barrier(&base->seq);
	dequeue(timer);
	cpu->count[HR_EXPIRED]++;
	raw_spin_unlock_irqrestore(&cpu->lock, *flags);
	trace_irqdemo_hrtimer_expire_entry(timer, now);
	restart = timer->function(timer);
	trace_irqdemo_hrtimer_expire_exit(timer);
	raw_spin_lock_irqsave(&cpu->lock, *flags);
	if (restart == EDU_HR_RESTART && !timer->queued)
		enqueue(timer);
	raw_write_seqcount_barrier(&base->seq);
	base->running = NULL;
}

static void run_bases(struct edu_hr_cpu *cpu, unsigned int from,
		      unsigned int to, ktime_t now, unsigned long *flags)
{
	for (; from < to; from++) {
		struct edu_hr_base *base = &cpu->base[from];
		ktime_t basenow = ktime_add(now, base->offset);
		struct edu_hrtimer *timer;

		while ((timer = first(base)) && basenow >= timer->softexpires)
			run_timer(base, timer, basenow, flags);
	}
}

/**
 * edu_hr_interrupt - the hardware's interrupt (rules 2 to 5)
 * @cpu: whose
 *
 * Interrupts off, on @cpu. Takes its lock, dropped around each function.
 */
void edu_hr_interrupt(struct edu_hr_cpu *cpu)
{
	ktime_t entry, now, next;
	unsigned long flags;
	unsigned int pass;
	u64 took;

	raw_spin_lock_irqsave(&cpu->lock, flags);
	cpu->count[HR_EVENTS]++;
	cpu->in_irq = true;
	cpu->hang = false;
	now = cpu->ops->now(cpu);
	entry = now;
	for (pass = 1; ; pass++) {
		if (!cpu->soft_raised &&
		    next_event(cpu, EDU_HR_SOFT, EDU_HR_BASES) <= now) {
			cpu->soft_raised = true;
			cpu->ops->raise_soft(cpu);
		}
		run_bases(cpu, 0, EDU_HR_SOFT, now, &flags);
		next = next_of_all(cpu);
		if (!cpu->ops->program(cpu, next, false))
			break;
		now = cpu->ops->now(cpu);
		if (pass == EDU_HR_PASSES) {
			took = ktime_sub(now, entry);
			cpu->count[HR_HANGS]++;
			cpu->hang = true;
			cpu->max_hang = max(cpu->max_hang, took);
			next = ktime_add_ns(now, min_t(u64, took, EDU_HR_HANG_MAX));
			cpu->ops->program(cpu, next, true);
			break;
		}
		cpu->count[HR_RETRIES]++;
	}
	cpu->expires_next = next;
	cpu->in_irq = false;
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_hr_interrupt);

/**
 * edu_hr_run_soft - run due soft timers
 * @cpu: whose
 *
 * Softirq context on @cpu. Takes its lock, dropped around each function.
 */
void edu_hr_run_soft(struct edu_hr_cpu *cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&cpu->lock, flags);
	run_bases(cpu, EDU_HR_SOFT, EDU_HR_BASES, cpu->ops->now(cpu), &flags);
	cpu->soft_raised = false;
	reprogram(cpu);
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_hr_run_soft);

/**
 * edu_hr_migrate - give another CPU the timers of one that went away
 * @from: trees whose CPU runs no more: no function of theirs is running
 * @to: trees that get them; not @from. Then edu_hr_retrigger() on their CPU
 *
 * Process context. Takes both locks, @from's first: nobody else takes two.
 *
 * Return: how many timers moved.
 */
unsigned int edu_hr_migrate(struct edu_hr_cpu *from, struct edu_hr_cpu *to)
{
	unsigned int i, moved = 0;

	raw_spin_lock_irq(&from->lock);
	raw_spin_lock_nested(&to->lock, SINGLE_DEPTH_NESTING);
	for (i = 0; i < EDU_HR_BASES; i++) {
		struct edu_hrtimer *timer;

		while ((timer = first(&from->base[i]))) {
			dequeue(timer);
			WRITE_ONCE(timer->base, &to->base[i]);
			enqueue(timer);
			moved++;
		}
	}
	/* Should the CPU come back, it begins anew. */
	from->expires_next = KTIME_MAX;
	from->soft_raised = false;
	from->hang = false;
	raw_spin_unlock(&to->lock);
	raw_spin_unlock_irq(&from->lock);
	return moved;
}
EXPORT_SYMBOL_IF_KUNIT(edu_hr_migrate);

/**
 * edu_hr_retrigger - ask the hardware for what is next now
 * @cpu: whose trees have got timers from elsewhere
 *
 * On @cpu, if the world's program() asks for that. Any context.
 */
void edu_hr_retrigger(struct edu_hr_cpu *cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&cpu->lock, flags);
	reprogram(cpu);
	raw_spin_unlock_irqrestore(&cpu->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(edu_hr_retrigger);
