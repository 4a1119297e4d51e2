// SPDX-License-Identifier: GPL-2.0
/*
 * ctl: what a driver may do with its line, by hand. One command a write; the
 * write fails with the errno of what was asked.
 *
 *   attach LINE KIND [late]	request the line; late: the thread acknowledges
 *   detach LINE		free it
 *   raise LINE BITS COUNT	raise so often, without waiting
 *   pulse LINE COUNT		raise, wait for the bottom half, so often
 *   disable LINE		disable_irq(): waits for the handler; nests
 *   disable_nosync LINE	does not wait; nests
 *   enable LINE		undoes one of them; -EPERM if none is left
 *   mute LINE 0|1		the handler claims nothing
 *   affinity LINE CPU		where it shall interrupt
 *   request LINE FLAGS		request it once more, with these IRQF_*, and
 *				free it: only the errno is of interest
 *   reset LINE			forget counters and histograms
 *
 * Follows the kernel book, 11.5 and 11.7.
 */
#include <linux/debugfs.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "line.h"

static irqreturn_t nobody(int irq, void *dev)
{
	return IRQ_NONE;
}

static int try_request(struct irq_line *line, unsigned long flags)
{
	static int cookie;
	int err;

	/* The flags that a driver may choose; no handler is taken as 0. */
	if (flags & ~(unsigned long)(IRQF_SHARED | IRQF_NOBALANCING |
				     IRQF_NO_THREAD))
		return -EINVAL;
	err = request_irq(line->irq, nobody, flags, "irqdemo-try", &cookie);
	if (!err)
		free_irq(line->irq, &cookie);
	return err;
}

static int enable(struct irq_line *line)
{
	struct irq_data *data = irq_get_irq_data(line->irq);

	/* The kernel would warn, with a stack, of what a person just tries. */
	if (!data || !READ_ONCE(irq_data_to_desc(data)->depth))
		return -EPERM;
	enable_irq(line->irq);
	return 0;
}

static int set_affinity(struct irq_line *line, unsigned int cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	return irq_set_affinity(line->irq, cpumask_of(cpu));
}

static int ctl_line(struct irq_line *line, int argc, char **argv)
{
	unsigned int a = 0, b = 0;
	const char *verb = argv[0];
	int kind;

	if (!strcmp(verb, "attach") && argc >= 3) {
		kind = bh_find(argv[2]);
		if (kind < 0)
			return kind;
		return line_attach(line, kind, argc > 3 && !strcmp(argv[3], "late"));
	}
	if ((argc > 2 && kstrtouint(argv[2], 0, &a)) ||
	    (argc > 3 && kstrtouint(argv[3], 0, &b)))
		return -EINVAL;
	if (!strcmp(verb, "detach") && argc == 2) {
		line_detach(line);
		return 0;
	}
	if (!strcmp(verb, "reset") && argc == 2) {
		line_reset(line);
		return 0;
	}
	if (!strcmp(verb, "raise") && argc == 4) {
		if (!(a & line->mine))
			return -EINVAL;
		while (b--) {
			line_raise(line, a);
			if (signal_pending(current))
				return -EINTR;
			cond_resched();
		}
		return 0;
	}
	if (!strcmp(verb, "pulse") && argc == 3)
		return line_pulse(line, a);
	if (!strcmp(verb, "mute") && argc == 3) {
		WRITE_ONCE(line->mute, a);
		return 0;
	}
	if (!strcmp(verb, "affinity") && argc == 3)
		return set_affinity(line, a);
	if (!strcmp(verb, "request") && argc == 3)
		return try_request(line, a);

	/* A free line is disabled by itself, and enabled by request_irq(). */
	if (line->state != LINE_ATTACHED)
		return -ENOTCONN;
	if (!strcmp(verb, "disable") && argc == 2)
		disable_irq(line->irq);
	else if (!strcmp(verb, "disable_nosync") && argc == 2)
		disable_irq_nosync(line->irq);
	else if (!strcmp(verb, "enable") && argc == 2)
		return enable(line);
	else
		return -EINVAL;
	return 0;
}

static ssize_t ctl_write(struct file *file, const char __user *buf, size_t len,
			 loff_t *pos)
{
	char text[80], *rest = text, *argv[5], *word;
	struct irq_line *line;
	unsigned int index;
	int argc = 0, err;

	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	while ((word = strsep(&rest, "\n "))) {
		if (!*word)
			continue;
		if (argc == ARRAY_SIZE(argv))
			return -EINVAL;
		argv[argc++] = word;
	}
	if (argc < 2 || kstrtouint(argv[1], 0, &index))
		return -EINVAL;
	guard(mutex)(&line_mutex);
	line = line_get(index);
	if (!line)
		return -ENXIO;
	err = ctl_line(line, argc, argv);
	return err ?: len;
}

const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = ctl_write,
};
