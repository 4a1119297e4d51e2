// SPDX-License-Identifier: GPL-2.0
/*
 * lpchar: the documents' parallel-port printer driver, beside the kernel's lp.
 *
 * Ports are found or made at load, and go at unload or by an unplug. What a
 * port is made of: its registers (wires.h: isa.c or sim_port.c), the handshake
 * (handshake.c), a ring (ring.c), whoever pushes bytes (push.c), and the file
 * that programs see (file.c, ioctl.c, page.c, restart.c).
 *
 * Locks, in the order they are taken:
 *  1. ports_mutex: which ports there are
 *  2. port->mutex: one reader or writer; sleeps for as long as a printer does
 *  3. port->lock: the wires, who waits for what; taken in the interrupt
 *  4. the simulated printer's lock
 *  port->parked_lock and restarters_mutex are taken alone.
 *
 * A port, as the pushing side sees it:
 *
 *	state	ring	waiting	INTEN	what ends it
 *	idle	empty	no	any	a write
 *	flows	some	yes	set	the acknowledge; the watch timer
 *	trouble	some	yes	set	the printer's acknowledge; the watch timer
 *	reads	empty	no	clear	the reader has what it came for
 *	gone	any	no	clear	nothing
 */
#include <linux/debugfs.h>
#include <linux/lp.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <edu/compat.h>

#include "lpchar.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static unsigned int io[LPCHAR_NO] = { 0x378 };
static unsigned int nr_io = 1;
module_param_hw_array(io, uint, ioport, &nr_io, 0444);
MODULE_PARM_DESC(io, "First register of each real port (default 0x378; 0: none)");

static int irq[LPCHAR_NO] = { 7, 5, 7, 5, 7, 5, 7, 5 };
module_param_hw_array(irq, int, irq, NULL, 0444);
MODULE_PARM_DESC(irq, "Interrupt of each real port, 0 to poll (default 7, 5, ...)");

static int sim = -1;
module_param(sim, int, 0444);
MODULE_PARM_DESC(sim, "Simulated ports (default: one, if there is no real one)");

static char *push = "handler";
module_param(push, charp, 0444);
MODULE_PARM_DESC(push, "Who pushes bytes: poll, handler, bh, work, thread");

static unsigned int ring = 64;
module_param(ring, uint, 0444);
MODULE_PARM_DESC(ring, "KiB that wait for the printer, a power of two (64)");

/* Numbers with limits: what they ask for is done with interrupts off. */
#define LIMITED(name, least, most)						\
static int name##_set(const char *text, const struct kernel_param *param)	\
{										\
	return param_set_uint_minmax(text, param, least, most);			\
}										\
										\
static const struct kernel_param_ops name##_ops = {				\
	.set = name##_set,							\
	.get = param_get_uint,							\
};										\
module_param_cb(name, &name##_ops, &lpchar_##name, 0644)

unsigned int lpchar_burst = 32;
LIMITED(burst, 1, 4096);
MODULE_PARM_DESC(burst, "Bytes that one interrupt may bring (32; 1 to 4096)");

unsigned int lpchar_spin = 8;
LIMITED(spin, 1, 1000);
MODULE_PARM_DESC(spin, "Status reads before waiting for an interrupt (8; 1 to 1000)");

unsigned int lpchar_lost_ms = 20;
module_param_named(lost_ms, lpchar_lost_ms, uint, 0644);
MODULE_PARM_DESC(lost_ms, "Time until an interrupt counts as lost (20)");

unsigned int lpchar_recheck_ms = 250;
module_param_named(recheck_ms, lpchar_recheck_ms, uint, 0644);
MODULE_PARM_DESC(recheck_ms, "Time between looks at a printer in trouble (250; lp: 10000)");

unsigned int lpchar_strobe_ns = 500;
LIMITED(strobe_ns, 0, 50000);
MODULE_PARM_DESC(strobe_ns, "Each interval of the handshake (500, the least that printers must accept; 0 to 50000)");

static bool wave = true;
module_param(wave, bool, 0444);
MODULE_PARM_DESC(wave, "Record the steps on the wires from the beginning (Y)");

static const struct class lpchar_class = {
	.name = "lpchar",
};

static DEFINE_MUTEX(ports_mutex);
static struct lpchar_port *ports[LPCHAR_NO];
static dev_t first;

static void port_release(struct device *dev)
{
	struct lpchar_port *port = container_of(dev, struct lpchar_port, dev);

	sim_port_free(port);
	vfree(port->ring.buffer);
	free_page((unsigned long)port->page);
	kfree(port);
}

/* A port without hardware, in no list; device_initialize() is done. */
static struct lpchar_port *port_alloc(int nr)
{
	struct lpchar_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	device_initialize(&port->dev);
	port->dev.class = &lpchar_class;
	port->dev.release = port_release;
	port->dev.groups = lpchar_groups;
	port->dev.devt = first + nr;
	port->nr = nr;
	port->irq = -1;
	mutex_init(&port->mutex);
	init_waitqueue_head(&port->waitq);
	init_waitqueue_head(&port->parking);
	spin_lock_init(&port->parked_lock);
	INIT_LIST_HEAD(&port->parked);
	push_init(port);
	port->flags = LP_EXIST;
	port->chars = LP_INIT_CHAR;
	port->time = LP_INIT_TIME;
	port->wait = LP_INIT_WAIT;
	port->timeout = 10 * HZ;
	port->wires.wave = &port->wave;
	port->wave.on = wave;
	port->ring.size = ring * 1024;
	port->ring.buffer = vmalloc(port->ring.size);
	port->page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!port->ring.buffer || !port->page ||
	    dev_set_name(&port->dev, "lpchar%d", nr)) {
		put_device(&port->dev);
		return NULL;
	}
	port->page->version = LPCHAR_VERSION;
	port->page->counts = LPCHAR_COUNTS;
	return port;
}

static void port_close(struct lpchar_port *port)
{
	if (port->sim)
		sim_port_close(port);
	else
		isa_close(port);
}

/*
 * Make a port: real at @at, simulated if @at is 0. Called with ports_mutex.
 * -ENOSPC: there are %LPCHAR_NO already.
 */
static int port_add(unsigned int at, int line)
{
	struct lpchar_port *port;
	int nr, by, err;

	for (nr = 0; nr < LPCHAR_NO && ports[nr]; nr++)
		;
	if (nr == LPCHAR_NO)
		return -ENOSPC;
	port = port_alloc(nr);
	if (!port)
		return -ENOMEM;
	port->io = at;
	port->irq = line;
	err = at ? isa_open(port) : sim_port_open(port);
	if (err)
		goto out_put;
	err = push_start(port);
	if (err)
		goto out_close;
	by = match_string(push_names, PUSH_WAYS, push);
	port->push_by = port->can_interrupt ? by : PUSH_POLL;
	cdev_init(&port->cdev, &lpchar_fops);
	port->cdev.owner = THIS_MODULE;
	err = cdev_device_add(&port->cdev, &port->dev);
	if (err)
		goto out_close;
	lpchar_debugfs_add(port);
	ports[nr] = port;
	if (at)
		pr_info("lpchar%d: port 0x%x, %s%.0d, push=%s\n", nr, at,
			port->irq > 0 ? "interrupt " : "polling",
			max(port->irq, 0), push_names[port->push_by]);
	else
		pr_info("lpchar%d: simulated printer, push=%s\n", nr,
			push_names[port->push_by]);
	return 0;

out_close:
	spin_lock_irq(&port->lock);
	port->gone = true;
	spin_unlock_irq(&port->lock);
	port_close(port);
	push_stop(port);
out_put:
	put_device(&port->dev);
	return err;
}

/**
 * lpchar_unplug - a port goes, whoever uses it
 * @port: the port
 *
 * Sleepers wake and get -ENODEV; files stay open until their owners close
 * them. Context: process, with ports_mutex.
 */
void lpchar_unplug(struct lpchar_port *port)
{
	ports[port->nr] = NULL;
	spin_lock_irq(&port->lock);
	port->gone = true;
	port->waiting = false;
	spin_unlock_irq(&port->lock);
	wake_up_all(&port->parking);
	lpchar_wake(port);
	debugfs_remove(port->debugfs);
	cdev_device_del(&port->cdev, &port->dev);
	/* A reader has the wires to itself for as long as it holds this. */
	mutex_lock(&port->mutex);
	port_close(port);
	push_stop(port);
	lpchar_count(port, LPCHAR_COUNT_DROPPED, ring_used(&port->ring));
	mutex_unlock(&port->mutex);
	if (ring_used(&port->ring))
		pr_warn("lpchar%d: %u bytes were not printed\n", port->nr,
			ring_used(&port->ring));
	put_device(&port->dev);
}

/**
 * lpchar_control - a line written to debugfs
 * @command: "plug" or "unplug N"
 *
 * Return: 0; -EINVAL for another line; -ENODEV without such a port; as
 * port_add().
 */
int lpchar_control(char *command)
{
	unsigned int nr;
	int err = -EINVAL;

	mutex_lock(&ports_mutex);
	if (!strcmp(command, "plug")) {
		err = port_add(0, -1);
	} else if (sscanf(command, "unplug %u", &nr) == 1) {
		err = -ENODEV;
		if (nr < LPCHAR_NO && ports[nr]) {
			lpchar_unplug(ports[nr]);
			err = 0;
		}
	}
	mutex_unlock(&ports_mutex);
	return err;
}

static void remove_all(void)
{
	int i;

	mutex_lock(&ports_mutex);
	for (i = 0; i < LPCHAR_NO; i++)
		if (ports[i])
			lpchar_unplug(ports[i]);
	mutex_unlock(&ports_mutex);
}

/* Every port that was asked for. Returns how many there are, or an error. */
static int add_all(void)
{
	int real = 0, wanted, i, err = 0;

	mutex_lock(&ports_mutex);
	for (i = 0; i < nr_io; i++) {
		if (!io[i])
			continue;
		err = port_add(io[i], irq[i]);
		if (!err)
			real++;
		else if (err != -EBUSY && err != -ENODEV)
			goto out;
	}
	wanted = sim < 0 ? !real : min(sim, LPCHAR_NO - real);
	for (i = 0; i < wanted; i++) {
		err = port_add(0, -1);
		if (err)
			goto out;
	}
	/* Asked for real ports only, and there are none. */
	if (real + wanted)
		err = 0;
	else if (!err)
		err = -ENODEV;
out:
	mutex_unlock(&ports_mutex);
	return err;
}

static int __init lpchar_init(void)
{
	int err;

	if (match_string(push_names, PUSH_WAYS, push) < 0 || !is_power_of_2(ring) ||
	    ring < 4 || ring > 16384) {
		pr_err("lpchar: push= is one of poll, handler, bh, work, thread; ring= a power of two from 4 to 16384\n");
		return -EINVAL;
	}
	err = alloc_chrdev_region(&first, 0, LPCHAR_NO, "lpchar");
	if (err)
		return err;
	err = class_register(&lpchar_class);
	if (err)
		goto out_region;
	lpchar_debugfs_init();
	err = add_all();
	if (err)
		goto out_ports;
	return 0;

out_ports:
	lpchar_debugfs_no_control();
	remove_all();
	lpchar_debugfs_exit();
	class_unregister(&lpchar_class);
out_region:
	unregister_chrdev_region(first, LPCHAR_NO);
	return err;
}
module_init(lpchar_init);

static void __exit lpchar_exit(void)
{
	lpchar_debugfs_no_control();
	remove_all();
	lpchar_debugfs_exit();
	class_unregister(&lpchar_class);
	unregister_chrdev_region(first, LPCHAR_NO);
	restart_exit();
}
module_exit(lpchar_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The parallel-port printer driver, rebuilt to be read");
MODULE_LICENSE("GPL");
