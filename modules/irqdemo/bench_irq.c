// SPDX-License-Identifier: GPL-2.0
/*
 * bench/irq: the latency of one kind of bottom half.
 *
 * Write one line, "line=N kind=NAME count=N": the line is attached with that
 * kind, raised so often, each time waiting until the bottom half has run, and
 * detached. The write returns when this is done, or fails with its errno.
 * Then read; each line is "METRIC VALUE UNIT":
 *
 *   kind NAME side SIDE line N trigger TRIGGER
 *   hard_p50 N ns		from the device's edge to the handler
 *   edge_p50 N ns		from the edge to the bottom half
 *   wait_p50 N ns		from the handler to the bottom half
 *   ..._p90, ..._p99, ..._max	for each of the three
 *   bucket WHAT FLOOR COUNT	the histograms; WHAT is hard, edge or wait
 *
 * "kinds" as the request gives the names of all kinds, with their sides.
 *
 * "handler line=N count=N" measures the handler itself, without its interrupt:
 * the line's own, with counters and histogram, and the least that a driver of
 * this device can do (ask, acknowledge). "handler_own", "handler_least" and, as
 * what a measurement adds that is already taken off, "clock".
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "line.h"

/* The last request's result: under line_mutex. */
static int last_kind = -1;
static unsigned int last_line;

static u64 own_ns, least_ns, clock_ns;

static noinline irqreturn_t least_handler(int irq, void *dev)
{
	struct irq_line *line = dev;
	u32 bits = line->source->status(line) & line->mine;

	if (!bits)
		return IRQ_NONE;
	line->source->ack(line, bits);
	return IRQ_HANDLED;
}

static u64 time_handler(struct irq_line *line, unsigned int count,
			irqreturn_t (*handler)(int irq, void *dev))
{
	unsigned long flags;
	u64 sum = 0, start;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (handler)
			line_raise(line, 1U << __ffs(line->mine));
		local_irq_save(flags);
		start = ktime_get_ns();
		if (handler)
			handler(line->irq, line);
		sum += ktime_get_ns() - start;
		local_irq_restore(flags);
		cond_resched();
	}
	return div_u64(sum, count);
}

static int run_handler(unsigned int index, unsigned int count)
{
	struct irq_line *line;
	int err;

	if (!count || count > 1000000)
		return -EINVAL;
	guard(mutex)(&line_mutex);
	line = line_get(index);
	if (!line)
		return -ENXIO;
	err = line_attach(line, BH_HARD, false);
	if (err)
		return err;
	/* The device raises, and nobody but we call the handler. */
	disable_irq(line->irq);
	clock_ns = time_handler(line, count, NULL);
	own_ns = time_handler(line, count, line_handler);
	least_ns = time_handler(line, count, least_handler);
	/* Of a few turns on a busy machine the clock alone may take longer. */
	own_ns -= min(own_ns, clock_ns);
	least_ns -= min(least_ns, clock_ns);
	enable_irq(line->irq);
	line_detach(line);
	last_kind = -1;
	return 0;
}

static int run(unsigned int index, const char *name, unsigned int count)
{
	struct irq_line *line;
	int err, kind = bh_find(name);

	if (kind < 0)
		return kind;
	/* A reader runs when it likes: it measures for itself. */
	if (kind == BH_POLLER || count > 10000000)
		return -EINVAL;
	guard(mutex)(&line_mutex);
	line = line_get(index);
	if (!line)
		return -ENXIO;
	last_kind = -1;
	err = line_attach(line, kind, false);
	if (err)
		return err;
	line_reset(line);
	err = line_pulse(line, count);
	line_detach(line);
	if (err)
		return err;
	last_kind = kind;
	last_line = index;
	return 0;
}

static void show_one(struct seq_file *m, const char *what, const struct hist *h)
{
	unsigned int i;

	seq_printf(m, "%s_p50 %llu ns\n", what, hist_percentile(h, 500));
	seq_printf(m, "%s_p90 %llu ns\n", what, hist_percentile(h, 900));
	seq_printf(m, "%s_p99 %llu ns\n", what, hist_percentile(h, 990));
	seq_printf(m, "%s_max %llu ns\n", what, (u64)atomic64_read(&h->max));
	for (i = 0; i < HIST_BUCKETS; i++)
		if (atomic_read(&h->count[i]))
			seq_printf(m, "bucket %s %llu %d\n", what, hist_floor(i),
				   atomic_read(&h->count[i]));
}

static int bench_irq_show(struct seq_file *m, void *unused)
{
	struct irq_line *line;
	int kind;

	guard(mutex)(&line_mutex);
	line = line_get(last_line);
	if (own_ns)
		seq_printf(m, "handler_own %llu ns\nhandler_least %llu ns\nclock %llu ns\n",
			   own_ns, least_ns, clock_ns);
	if (last_kind < 0 || !line || !line->kinds[last_kind]) {
		for (kind = 0; kind < BH_KINDS; kind++)
			if (bh_table[kind].name)
				seq_printf(m, "kind %s side %s\n",
					   bh_table[kind].name,
					   bh_table[kind].side);
		return 0;
	}
	seq_printf(m, "kind %s side %s line %u trigger %s\n",
		   bh_table[last_kind].name, bh_table[last_kind].side,
		   last_line, line->trigger);
	show_one(m, "hard", &line->hard);
	show_one(m, "edge", &line->kinds[last_kind]->from_edge);
	show_one(m, "wait", &line->kinds[last_kind]->from_hard);
	return 0;
}

static int bench_irq_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_irq_show, NULL);
}

static ssize_t bench_irq_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	unsigned int index, count;
	char text[80], name[24];
	int err;

	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (!strncmp(text, "kinds", 5)) {
		guard(mutex)(&line_mutex);
		last_kind = -1;
		return len;
	}
	if (sscanf(text, "handler line=%u count=%u", &index, &count) == 2) {
		err = run_handler(index, count);
		return err ?: len;
	}
	if (sscanf(text, "line=%u kind=%23s count=%u", &index, name, &count) != 3)
		return -EINVAL;
	err = run(index, name, count);
	return err ?: len;
}

const struct file_operations bench_irq_fops = {
	.owner = THIS_MODULE,
	.open = bench_irq_open,
	.read = seq_read,
	.write = bench_irq_write,
	.llseek = seq_lseek,
	.release = single_release,
};
