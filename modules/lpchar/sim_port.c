// SPDX-License-Identifier: GPL-2.0
/*
 * A port whose other end is the simulated printer of sim.c.
 *
 * The printer's rules are sim.c's; here it gets a clock, a line and paper:
 *  1. each access first lets the printer's time run up to now;
 *  2. a timer is set for the printer's next own step; it delivers the
 *     interrupt by calling the handler, in hard interrupt context, as a line
 *     would;
 *  3. what it prints is kept (the last 64 KiB) for debugfs.
 *
 * The printer's lock is taken inside the port's.
 */
#include <linux/crc32.h>
#include <linux/hrtimer.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <edu/compat.h>

#include "lpchar.h"
#include "sim.h"

#define PAPER_SIZE SZ_64K

struct sim_port {
	raw_spinlock_t lock;
	struct sim sim;
	struct hrtimer timer;
	struct lpchar_port *port;
};

/* Set the timer for what comes next. Lock held. */
static void sim_schedule(struct sim_port *sp, u64 now)
{
	u64 next = sp->sim.acked ? now : sim_next(&sp->sim);

	if (next)
		hrtimer_start(&sp->timer, ns_to_ktime(next),
			      HRTIMER_MODE_ABS_HARD);
}

static enum hrtimer_restart sim_timer(struct hrtimer *timer)
{
	struct sim_port *sp = container_of(timer, struct sim_port, timer);
	u64 now = ktime_get_ns();
	unsigned long flags;
	bool irq;

	raw_spin_lock_irqsave(&sp->lock, flags);
	sim_advance(&sp->sim, now);
	irq = sp->sim.acked;
	sp->sim.acked = false;
	sim_schedule(sp, now);
	raw_spin_unlock_irqrestore(&sp->lock, flags);
	if (irq)
		lpchar_interrupt(0, sp->port);
	return HRTIMER_NORESTART;
}

static u8 sim_port_status(void *hw)
{
	struct sim_port *sp = hw;
	u64 now = ktime_get_ns();
	unsigned long flags;
	u8 status;

	raw_spin_lock_irqsave(&sp->lock, flags);
	status = sim_read_status(&sp->sim, now);
	if (sp->sim.acked)
		sim_schedule(sp, now);
	raw_spin_unlock_irqrestore(&sp->lock, flags);
	return status;
}

static void sim_port_data(void *hw, u8 value)
{
	struct sim_port *sp = hw;
	unsigned long flags;

	raw_spin_lock_irqsave(&sp->lock, flags);
	sim_write_data(&sp->sim, value, ktime_get_ns());
	raw_spin_unlock_irqrestore(&sp->lock, flags);
}

static void sim_port_write_control(void *hw, u8 value)
{
	struct sim_port *sp = hw;
	u64 now = ktime_get_ns();
	unsigned long flags;

	raw_spin_lock_irqsave(&sp->lock, flags);
	sim_write_control(&sp->sim, value, now);
	sim_schedule(sp, now);
	raw_spin_unlock_irqrestore(&sp->lock, flags);
}

static const struct wires_ops sim_ops = {
	.name		= "sim",
	.read_status	= sim_port_status,
	.write_data	= sim_port_data,
	.write_control	= sim_port_write_control,
};

/**
 * sim_port_open - give a port a simulated printer
 * @port: the port
 *
 * Return: 0 or -ENOMEM.
 */
int sim_port_open(struct lpchar_port *port)
{
	struct sim_port *sp = kzalloc(sizeof(*sp), GFP_KERNEL);
	u8 *paper = vmalloc(PAPER_SIZE);

	if (!sp || !paper) {
		kfree(sp);
		vfree(paper);
		return -ENOMEM;
	}
	raw_spin_lock_init(&sp->lock);
	sim_init(&sp->sim, paper, PAPER_SIZE);
	hrtimer_setup(&sp->timer, sim_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_HARD);
	sp->port = port;
	port->sim = sp;
	port->wires.ops = &sim_ops;
	port->wires.hw = sp;
	port->wires.control = CTRL_IDLE;
	port->irq = -1;
	port->can_interrupt = true;
	return 0;
}

/**
 * sim_port_close - take the printer away
 * @port: the port, which is gone
 *
 * The memory stays until the port's last user has left, see sim_port_free().
 */
void sim_port_close(struct lpchar_port *port)
{
	hrtimer_cancel(&port->sim->timer);
}

/**
 * sim_port_free - free the printer
 * @port: the port, which nobody uses any more
 */
void sim_port_free(struct lpchar_port *port)
{
	if (!port->sim)
		return;
	vfree(port->sim->sim.paper);
	kfree(port->sim);
}

/**
 * sim_port_has_reverse - does the printer want to send?
 * @port: any port
 */
bool sim_port_has_reverse(struct lpchar_port *port)
{
	struct sim_port *sp = port->sim;

	return sp && READ_ONCE(sp->sim.reverse_at) <
		     READ_ONCE(sp->sim.reverse_used);
}

/**
 * sim_port_show - what the printer has done
 * @m: where to
 * @port: a simulated port
 */
void sim_port_show(struct seq_file *m, struct lpchar_port *port)
{
	struct sim_port *sp = port->sim;
	unsigned long flags;
	struct sim sim;

	raw_spin_lock_irqsave(&sp->lock, flags);
	sim = sp->sim;
	raw_spin_unlock_irqrestore(&sp->lock, flags);
	seq_printf(m, "printed %llu\nlost %llu\ncrc32 %08x\nfault %s\n",
		   sim.printed, sim.lost, sim.crc, sim_fault_names[sim.fault]);
	seq_printf(m, "byte_ns %llu\nack_ns %llu\nnoack %u\nreverse %u\n",
		   sim.byte_ns, sim.ack_ns, sim.drop_acks,
		   sim.reverse_used - sim.reverse_at);
}

/* One "what value" of the user. Lock held. */
static int sim_command(struct sim_port *sp, const char *what, char *value,
		       u64 now)
{
	u64 number = 0;
	int i;

	if (!strcmp(what, "fault")) {
		i = match_string(sim_fault_names, SIM_FAULTS, value);
		if (i < 0)
			return -EINVAL;
		sim_set_fault(&sp->sim, i, now);
		return 0;
	}
	if (!strcmp(what, "reverse"))
		return sim_say(&sp->sim, value, strlen(value)) ? 0 : -ENOSPC;
	if (kstrtou64(value, 0, &number) || number > NSEC_PER_SEC)
		return -EINVAL;
	if (!strcmp(what, "byte_ns"))
		sp->sim.byte_ns = number;
	else if (!strcmp(what, "ack_ns"))
		sp->sim.ack_ns = number;
	else if (!strcmp(what, "noack"))
		sp->sim.drop_acks = number;
	else
		return -EINVAL;
	return 0;
}

/**
 * sim_port_command - change the printer
 * @port: a simulated port
 * @command: "fault NAME", "byte_ns N", "ack_ns N", "noack N" or "reverse TEXT"
 *
 * Return: 0; -EINVAL; -ENOSPC when the printer cannot keep the text.
 */
int sim_port_command(struct lpchar_port *port, char *command)
{
	char *value = strim(command), *what = strsep(&value, " ");
	struct sim_port *sp = port->sim;
	u64 now = ktime_get_ns();
	unsigned long flags;
	int err;

	if (!value)
		return -EINVAL;
	raw_spin_lock_irqsave(&sp->lock, flags);
	err = sim_command(sp, what, value, now);
	sim_schedule(sp, now);
	raw_spin_unlock_irqrestore(&sp->lock, flags);
	if (!err && !strcmp(what, "reverse")) {
		lpchar_wake(port);
		kill_fasync(&port->fasync, SIGIO, POLL_IN);
	}
	return err;
}

/**
 * sim_port_paper - read what was printed
 * @port: a simulated port
 * @to: user memory
 * @nr: its size
 * @pos: how many of all printed bytes the reader has
 *
 * Return: the number of bytes copied, 0 at the end, -EFAULT.
 */
ssize_t sim_port_paper(struct lpchar_port *port, char __user *to, size_t nr,
		       loff_t *pos)
{
	struct sim_port *sp = port->sim;
	u64 printed, oldest;
	u32 at;

	raw_spin_lock_irq(&sp->lock);
	printed = sp->sim.printed;
	raw_spin_unlock_irq(&sp->lock);
	oldest = printed > PAPER_SIZE ? printed - PAPER_SIZE : 0;
	if (*pos < oldest)
		*pos = oldest;
	if (*pos >= printed)
		return 0;
	at = *pos & (PAPER_SIZE - 1);
	nr = min3(nr, (size_t)(printed - *pos), (size_t)(PAPER_SIZE - at));
	if (copy_to_user(to, sp->sim.paper + at, nr))
		return -EFAULT;
	*pos += nr;
	return nr;
}
