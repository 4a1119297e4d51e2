// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/lpchar: what a person looks at.
 *
 *	control		write "plug" (one more simulated port), "unplug N"
 *	N/registers	the three registers and the state of the port
 *	N/stats		the counters
 *	N/handshake	the wave picture of the last steps on the wires
 *	N/parked	the tasks of LPCHAR_PARK
 *	N/sim		the simulated printer, see sim_port_command()
 *	N/paper		what it printed
 */
#include <linux/debugfs.h>
#include <linux/lp.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lpchar.h"

static struct dentry *root, *control;

static const char * const count_names[] = {
	[LPCHAR_COUNT_WRITTEN]		= "written",
	[LPCHAR_COUNT_STROBED]		= "strobed",
	[LPCHAR_COUNT_READ]		= "read",
	[LPCHAR_COUNT_TAKEN_BACK]	= "taken_back",
	[LPCHAR_COUNT_DROPPED]		= "dropped",
	[LPCHAR_COUNT_IRQS]		= "irqs",
	[LPCHAR_COUNT_FOREIGN]		= "foreign_irqs",
	[LPCHAR_COUNT_RERAISED]		= "reraised_irqs",
	[LPCHAR_COUNT_LOST]		= "lost_irqs",
	[LPCHAR_COUNT_BURSTS]		= "bursts",
	[LPCHAR_COUNT_STATUS_READS]	= "status_reads",
	[LPCHAR_COUNT_WAKEUPS]		= "wakeups",
	[LPCHAR_COUNT_SLEEPS]		= "sleeps",
	[LPCHAR_COUNT_TIMEOUTS]		= "timeouts",
	[LPCHAR_COUNT_ERRORS]		= "errors",
	[LPCHAR_COUNT_OPENS]		= "opens",
	[LPCHAR_COUNT_IOCTLS]		= "ioctls",
	[LPCHAR_COUNT_PAGE_FAULTS]	= "page_faults",
};

static_assert(ARRAY_SIZE(count_names) == LPCHAR_COUNTS);

static int stats_show(struct seq_file *m, void *unused)
{
	struct lpchar_port *port = m->private;
	int i;

	for (i = 0; i < LPCHAR_COUNTS; i++)
		seq_printf(m, "%s %llu\n", count_names[i], port->page->count[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int registers_show(struct seq_file *m, void *unused)
{
	struct lpchar_port *port = m->private;
	u8 data, control, status;

	spin_lock_irq(&port->lock);
	if (!port->gone && !port->reversing)
		wires_status(&port->wires);
	data = port->wires.data;
	control = port->wires.control;
	status = port->wires.status;
	spin_unlock_irq(&port->lock);
	seq_printf(m, "data 0x%02x\n", data);
	seq_printf(m, "status 0x%02x%s%s%s%s%s\n", status,
		   status & LP_PBUSY ? " ready" : " busy",
		   status & LP_PACK ? "" : " ack",
		   status & LP_POUTPA ? " paper-out" : "",
		   status & LP_PSELECD ? " selected" : " off-line",
		   status & LP_PERRORP ? "" : " fault");
	seq_printf(m, "control 0x%02x%s%s%s%s%s\n", control,
		   control & CTRL_STROBE ? " strobe" : "",
		   control & CTRL_AUTOLF ? " autofeed" : "",
		   control & CTRL_INIT ? "" : " reset",
		   control & CTRL_SELECT ? " select" : "",
		   control & CTRL_INTEN ? " interrupt" : "");
	seq_printf(m, "push %s\nring %u of %u\nwaiting %d\ntrouble 0x%02x\n",
		   push_names[port->push_by], ring_used(&port->ring),
		   port->ring.size, READ_ONCE(port->waiting),
		   READ_ONCE(port->trouble));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

static int handshake_show(struct seq_file *m, void *unused)
{
	struct lpchar_port *port = m->private;
	struct lpchar_event *events;
	unsigned int nr;

	events = kcalloc(WAVE_EVENTS, sizeof(*events), GFP_KERNEL);
	if (!events)
		return -ENOMEM;
	spin_lock_irq(&port->lock);
	nr = wave_copy(&port->wave, events, WAVE_EVENTS);
	spin_unlock_irq(&port->lock);
	wave_draw(m, events, nr);
	kfree(events);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(handshake);

static int parked_tasks_show(struct seq_file *m, void *unused)
{
	parked_show(m, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(parked_tasks);

static int sim_show(struct seq_file *m, void *unused)
{
	sim_port_show(m, m->private);
	return 0;
}

static int sim_open(struct inode *inode, struct file *file)
{
	return single_open(file, sim_show, inode->i_private);
}

/* A command of at most a line. Returns an allocated string. */
static char *take_line(const char __user *from, size_t nr)
{
	return nr < 512 ? memdup_user_nul(from, nr) : ERR_PTR(-EINVAL);
}

static ssize_t sim_write(struct file *file, const char __user *from, size_t nr,
			 loff_t *pos)
{
	struct seq_file *m = file->private_data;
	char *line = take_line(from, nr);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = sim_port_command(m->private, line);
	kfree(line);
	return err ? err : nr;
}

static const struct file_operations sim_fops = {
	.owner		= THIS_MODULE,
	.open		= sim_open,
	.read		= seq_read,
	.write		= sim_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static ssize_t paper_read(struct file *file, char __user *to, size_t nr,
			  loff_t *pos)
{
	return sim_port_paper(file->private_data, to, nr, pos);
}

static const struct file_operations paper_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= paper_read,
	.llseek	= default_llseek,
};

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t nr, loff_t *pos)
{
	char *line = take_line(from, nr);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = lpchar_control(strim(line));
	kfree(line);
	return err ? err : nr;
}

static const struct file_operations control_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= control_write,
	.llseek	= noop_llseek,
};

/**
 * lpchar_debugfs_add - the folder of a port
 * @port: the port; sets its debugfs field
 */
void lpchar_debugfs_add(struct lpchar_port *port)
{
	struct dentry *dir;
	char name[8];

	snprintf(name, sizeof(name), "%d", port->nr);
	dir = debugfs_create_dir(name, root);
	debugfs_create_file("registers", 0444, dir, port, &registers_fops);
	debugfs_create_file("stats", 0444, dir, port, &stats_fops);
	debugfs_create_file("handshake", 0444, dir, port, &handshake_fops);
	debugfs_create_file("parked", 0444, dir, port, &parked_tasks_fops);
	if (port->sim) {
		debugfs_create_file("sim", 0644, dir, port, &sim_fops);
		debugfs_create_file("paper", 0444, dir, port, &paper_fops);
	}
	port->debugfs = dir;
}

void lpchar_debugfs_init(void)
{
	root = debugfs_create_dir("lpchar", NULL);
	control = debugfs_create_file("control", 0200, root, NULL,
				      &control_fops);
}

/**
 * lpchar_debugfs_no_control - no one plugs or unplugs any more
 */
void lpchar_debugfs_no_control(void)
{
	debugfs_remove(control);
}

void lpchar_debugfs_exit(void)
{
	debugfs_remove(root);
}
