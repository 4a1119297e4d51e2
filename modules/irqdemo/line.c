// SPDX-License-Identifier: GPL-2.0
/*
 * A line: one interrupt source, its handler, and what is measured on the way.
 *
 * The way of one interrupt, in order:
 *  1. line_raise() notes the time (the edge) and tells the device.
 *  2. The controller interrupts a CPU; the kernel finds the descriptor, whose
 *     flow handler calls line_handler() for each action of a shared line, in
 *     the order of their registration.
 *  3. The handler asks the device. No bits of ours: IRQ_NONE, and if nobody on
 *     the line wants 99,900 of 100,000, the kernel turns the line off.
 *  4. It acknowledges, before it raises its bottom half: an edge that comes
 *     between is then a new interrupt, not a lost one.
 *  5. The bottom half is raised (bottom.c) and runs when its kind may.
 *
 * Follows document B chapter 21 and the kernel book, 11.5 to 11.7. With
 * `late`, step 4 is left to the thread: what IRQF_ONESHOT is for, because a
 * level line would otherwise interrupt for ever before the thread could run.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/error-injection.h>
#include <linux/sched/signal.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "line.h"
#include "trace.h"

/* Of the lines, their states and kinds. */
DEFINE_MUTEX(line_mutex);
static struct irq_line *lines[LINES_MAX];

/* A machine under load is slow; only what is lost for good may end the wait. */
#define PULSE_PATIENCE	(10 * HZ)

static bool measure = true;
module_param(measure, bool, 0644);
MODULE_PARM_DESC(measure, "Latencies and contexts are measured; without, a handler only counts (default Y)");

static const char * const counter_names[LINE_COUNTERS] = {
	[LINE_RAISED] = "raised",
	[LINE_MERGED] = "merged",
	[LINE_CALLED] = "called",
	[LINE_HANDLED] = "handled",
	[LINE_SPURIOUS] = "spurious",
	[LINE_MUTED] = "muted",
	[LINE_THREADED] = "threaded",
	[LINE_NESTED] = "nested",
	[LINE_LOST] = "lost",
};

/**
 * line_counter_name - what a counter is called in line/<n>
 * @counter: which
 *
 * Return: the name.
 */
const char *line_counter_name(enum line_counter counter)
{
	return counter_names[counter];
}

static void line_take(struct irq_line *line, u32 bits)
{
	if (line->source->event)
		line->source->event(line, bits);
	line->source->ack(line, bits);
	atomic_or(bits, &line->heard);
}

static irqreturn_t line_handle(struct irq_line *line)
{
	u64 now = READ_ONCE(measure) ? ktime_get_ns() : 0;
	struct bh *bh = line->bh;
	u32 bits;

	atomic64_inc(&line->count[LINE_CALLED]);
	if (READ_ONCE(line->in_thread))
		atomic64_inc(&line->count[LINE_NESTED]);
	if (READ_ONCE(line->mute)) {
		atomic64_inc(&line->count[LINE_MUTED]);
		return IRQ_NONE;
	}
	bits = line->source->status(line) & line->mine;
	if (!bits) {
		atomic64_inc(&line->count[LINE_SPURIOUS]);
		return IRQ_NONE;
	}
	atomic64_inc(&line->count[LINE_HANDLED]);
	if (now)
		hist_add(&line->hard, now - READ_ONCE(line->edge));
	if (!line->late)
		line_take(line, bits);

	bh->hard = now;
	atomic64_inc(&bh->raised);
	trace_irqdemo_bh_raise(bh->kind, line->index);
	if (bh->kind == BH_THREAD)
		return IRQ_WAKE_THREAD;
	if (!bh_table[bh->kind].raise(bh))
		atomic64_inc(&bh->merged);
	return IRQ_HANDLED;
}

/**
 * line_handler - what a line registers
 * @irq: the kernel's number
 * @dev: the line
 *
 * Hard interrupt context.
 *
 * Return: IRQ_HANDLED, IRQ_NONE, or IRQ_WAKE_THREAD with BH_THREAD.
 */
irqreturn_t line_handler(int irq, void *dev)
{
	struct irq_line *line = dev;
	irqreturn_t ret;

	trace_irqdemo_irq_handler_entry(irq, line->name);
	ret = line_handle(line);
	trace_irqdemo_irq_handler_exit(irq, ret);
	return ret;
}

static irqreturn_t line_thread(int irq, void *dev)
{
	struct irq_line *line = dev;

	WRITE_ONCE(line->in_thread, true);
	atomic64_inc(&line->count[LINE_THREADED]);
	if (line->late) {
		/* Long enough for a line that is not masked to interrupt. */
		usleep_range(100, 200);
		line_take(line, line->source->status(line) & line->mine);
	}
	WRITE_ONCE(line->in_thread, false);
	bh_ran(line->bh);
	return IRQ_HANDLED;
}

/**
 * line_request - ask for a line's interrupt
 * @line: its bottom half is set
 * @flags: IRQF_*
 *
 * A function of its own, so that the kernel's fail_function can refuse it.
 *
 * Return: what request_threaded_irq() says.
 */
noinline int line_request(struct irq_line *line, unsigned long flags)
{
	return request_threaded_irq(line->irq, line_handler,
				    line->bh->kind == BH_THREAD ? line_thread : NULL,
				    flags, line->name, line);
}
ALLOW_ERROR_INJECTION(line_request, ERRNO);

/**
 * line_attach - register the handler, with a bottom half
 * @line: which
 * @kind: the bottom half
 * @late: the thread acknowledges; only with BH_THREAD on a line of its own
 *
 * line_mutex held.
 *
 * Return: 0; -EBUSY if it is attached; -EINVAL for @late with another kind;
 * -ENOMEM; -EOPNOTSUPP for a kind that this kernel lacks; what
 * request_threaded_irq() says.
 */
int line_attach(struct irq_line *line, enum bh_kind kind, bool late)
{
	unsigned long flags = line->flags;
	struct bh *bh = line->kinds[kind];
	int err;

	if (line->state == LINE_ATTACHED)
		return -EBUSY;
	if (late && (kind != BH_THREAD || (flags & IRQF_SHARED)))
		return -EINVAL;
	if (!bh_table[kind].name)
		return -EOPNOTSUPP;
	if (!bh) {
		bh = kzalloc_obj(*bh);
		if (!bh)
			return -ENOMEM;
		line->kinds[kind] = bh;
		bh->kind = kind;
		bh->line = line;
	}
	if (bh_table[kind].setup) {
		err = bh_table[kind].setup(bh);
		if (err)
			return err;
	}
	line->bh = bh;
	line->late = late;
	/* Others on a shared line have no ONESHOT, so we may not either. */
	if (kind == BH_THREAD && !(flags & IRQF_SHARED))
		flags |= IRQF_ONESHOT;
	err = line_request(line, flags);
	if (err) {
		if (bh_table[kind].stop)
			bh_table[kind].stop(bh);
		line->bh = NULL;
		return err;
	}
	line->state = LINE_ATTACHED;
	return 0;
}

/**
 * line_detach - take the handler away, then stop its bottom half
 * @line: which; nothing happens if it is FREE
 *
 * line_mutex held. Waits for the handler, its thread and the bottom half.
 */
void line_detach(struct irq_line *line)
{
	if (line->state != LINE_ATTACHED)
		return;
	free_irq(line->irq, line);
	if (bh_table[line->bh->kind].stop)
		bh_table[line->bh->kind].stop(line->bh);
	line->bh = NULL;
	line->state = LINE_FREE;
}

/**
 * line_raise - have the device interrupt
 * @line: which
 * @bits: of its status; those of @line->mine are used, not 0
 *
 * Any context.
 */
void line_raise(struct irq_line *line, u32 bits)
{
	atomic64_inc(&line->count[LINE_RAISED]);
	WRITE_ONCE(line->edge, ktime_get_ns());
	line->source->raise(line, bits & line->mine);
}

static int pulse(struct irq_line *line, u32 bits)
{
	atomic_set(&line->heard, 0);
	reinit_completion(&line->done);
	line_raise(line, bits);
	if (!wait_for_completion_timeout(&line->done, PULSE_PATIENCE)) {
		atomic64_inc(&line->count[LINE_LOST]);
		return -ETIMEDOUT;
	}
	if (atomic_read(&line->heard) != bits)
		return -EPROTO;
	return signal_pending(current) ? -EINTR : 0;
}

/**
 * line_pulse - raise, and wait until the bottom half has run, again and again
 * @line: which; attached
 * @count: how often
 *
 * line_mutex held. Each pulse has bits of its own: what the handler read in
 * the device must be what was raised, so a lost one cannot hide.
 *
 * Return: 0; -ENOTCONN if it is not attached; -EINVAL if user space is its
 * bottom half, which may need line_mutex to run; -ETIMEDOUT if one was not heard
 * within ten seconds; -EPROTO if one was heard with other bits; -EINTR.
 */
int line_pulse(struct irq_line *line, unsigned int count)
{
	u32 low = 1U << __ffs(line->mine), range = line->mine / low;
	unsigned int i;
	int err = 0;

	if (line->state != LINE_ATTACHED)
		return -ENOTCONN;
	if (line->bh->kind == BH_POLLER)
		return -EINVAL;
	WRITE_ONCE(line->pulsing, true);
	/* 1 to 0xfe: eight bits that change from pulse to pulse. */
	for (i = 0; i < count && !err; i++)
		err = pulse(line, (i % min(range, 0xfeU) + 1) * low);
	WRITE_ONCE(line->pulsing, false);
	return err;
}

/**
 * line_reset - forget what was counted and measured
 * @line: which
 *
 * line_mutex held.
 */
void line_reset(struct irq_line *line)
{
	unsigned int i;

	for (i = 0; i < LINE_COUNTERS; i++)
		atomic64_set(&line->count[i], 0);
	hist_reset(&line->hard);
	for (i = 0; i < BH_KINDS; i++) {
		struct bh *bh = line->kinds[i];

		if (!bh)
			continue;
		hist_reset(&bh->from_edge);
		hist_reset(&bh->from_hard);
		atomic64_set(&bh->raised, 0);
		atomic64_set(&bh->merged, 0);
		atomic64_set(&bh->ran, 0);
	}
}

/**
 * line_get - the line of a number
 * @index: any
 *
 * line_mutex held.
 *
 * Return: the line, or NULL.
 */
struct irq_line *line_get(unsigned int index)
{
	return index < LINES_MAX ? lines[index] : NULL;
}

/**
 * line_add - a source has a line
 * @line: @irq, @name, @trigger, @source, @priv, @flags and @mine are set
 *
 * Process context; takes line_mutex.
 *
 * Return: 0, -ENOSPC if there are LINES_MAX.
 */
int line_add(struct irq_line *line)
{
	char number[4];

	init_completion(&line->done);
	guard(mutex)(&line_mutex);
	for (line->index = 0; line->index < LINES_MAX; line->index++)
		if (!lines[line->index])
			break;
	if (line->index == LINES_MAX)
		return -ENOSPC;
	lines[line->index] = line;
	snprintf(number, sizeof(number), "%u", line->index);
	line->file = debugfs_create_file(number, 0444, line_dir, line, &line_fops);
	return 0;
}

/**
 * line_remove - the source goes
 * @line: what line_add() had; detached here if it is attached
 *
 * Process context; takes line_mutex.
 */
void line_remove(struct irq_line *line)
{
	unsigned int i;

	debugfs_remove(line->file);
	guard(mutex)(&line_mutex);
	line_detach(line);
	lines[line->index] = NULL;
	for (i = 0; i < BH_KINDS; i++)
		kfree(line->kinds[i]);
}
