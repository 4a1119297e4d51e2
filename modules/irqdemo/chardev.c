// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/irqdemo: user space as the last bottom half.
 *
 * The rules:
 *  1. Every open file has a queue of its own. An interrupt of a line with the
 *     kind `poller` puts an event into each, and wakes who waits.
 *  2. A full queue loses the newest, and says so in the next that it takes.
 *  3. read() gives whole events, as many as there are and fit; it waits for
 *     the first, unless O_NONBLOCK (-EAGAIN). Too small a buffer is -EINVAL.
 *  4. An eventfd is told as well: who only counts need not read.
 */
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <edu/irqdemo.h>

#include "line.h"

struct reader {
	struct list_head node;
	wait_queue_head_t wait;
	DECLARE_KFIFO(events, struct irqdemo_event, 256);
	struct eventfd_ctx *eventfd;
	u32 lost;
};

/* Of the list, and of the queues in it: events come in hard interrupts. */
static DEFINE_SPINLOCK(readers_lock);
static LIST_HEAD(readers);

/**
 * chardev_event - tell all readers of an interrupt
 * @bh: what was raised
 *
 * Hard interrupt context.
 */
void chardev_event(struct bh *bh)
{
	struct irqdemo_event event = {
		.edge = READ_ONCE(bh->line->edge),
		.hard = bh->hard,
		.line = bh->line->index,
	};
	struct reader *reader;

	guard(spinlock_irqsave)(&readers_lock);
	list_for_each_entry(reader, &readers, node) {
		event.lost = reader->lost;
		if (kfifo_put(&reader->events, event))
			reader->lost = 0;
		else
			reader->lost++;
		if (reader->eventfd)
			eventfd_signal(reader->eventfd);
		wake_up_interruptible(&reader->wait);
	}
}

static int dev_open(struct inode *inode, struct file *file)
{
	struct reader *reader = kzalloc_obj(*reader);

	if (!reader)
		return -ENOMEM;
	init_waitqueue_head(&reader->wait);
	INIT_KFIFO(reader->events);
	file->private_data = reader;
	guard(spinlock_irqsave)(&readers_lock);
	list_add_tail(&reader->node, &readers);
	return stream_open(inode, file);
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct reader *reader = file->private_data;

	scoped_guard(spinlock_irqsave, &readers_lock)
		list_del(&reader->node);
	if (reader->eventfd)
		eventfd_ctx_put(reader->eventfd);
	kfree(reader);
	return 0;
}

static bool take(struct reader *reader, struct irqdemo_event *event)
{
	guard(spinlock_irqsave)(&readers_lock);
	return kfifo_get(&reader->events, event);
}

/* The reader is the bottom half: it has run when it has its event. */
static void reader_ran(unsigned int index)
{
	struct irq_line *line;

	guard(mutex)(&line_mutex);
	line = line_get(index);
	if (line && line->state == LINE_ATTACHED && line->bh->kind == BH_POLLER)
		bh_ran(line->bh);
}

static ssize_t dev_read(struct file *file, char __user *buf, size_t len,
			loff_t *pos)
{
	struct reader *reader = file->private_data;
	struct irqdemo_event event;
	size_t done = 0;
	int err;

	if (len < sizeof(event))
		return -EINVAL;
	while (len - done >= sizeof(event)) {
		if (!take(reader, &event)) {
			if (done)
				break;
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(reader->wait,
						       !kfifo_is_empty(&reader->events));
			if (err)
				return err;
			continue;
		}
		if (copy_to_user(buf + done, &event, sizeof(event)))
			return done ?: -EFAULT;
		done += sizeof(event);
		reader_ran(event.line);
	}
	return done;
}

static __poll_t dev_poll(struct file *file, poll_table *wait)
{
	struct reader *reader = file->private_data;

	poll_wait(file, &reader->wait, wait);
	return kfifo_is_empty(&reader->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static int set_eventfd(struct reader *reader, int fd)
{
	struct eventfd_ctx *ctx = NULL, *old;

	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	scoped_guard(spinlock_irqsave, &readers_lock) {
		old = reader->eventfd;
		reader->eventfd = ctx;
	}
	if (old)
		eventfd_ctx_put(old);
	return 0;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct irq_line *line;
	int value;

	if (cmd != IRQDEMO_EVENTFD && cmd != IRQDEMO_RAISE)
		return -ENOTTY;
	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	if (cmd == IRQDEMO_EVENTFD)
		return set_eventfd(file->private_data, value);
	guard(mutex)(&line_mutex);
	line = line_get(value);
	if (!line)
		return -ENXIO;
	line_raise(line, 1U << __ffs(line->mine));
	return 0;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.read = dev_read,
	.poll = dev_poll,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "irqdemo",
	.fops = &dev_fops,
};

/**
 * chardev_init - make /dev/irqdemo
 *
 * Return: what misc_register() says.
 */
int chardev_init(void)
{
	return misc_register(&device);
}

/**
 * chardev_exit - take it away; nobody has it open
 */
void chardev_exit(void)
{
	misc_deregister(&device);
}
