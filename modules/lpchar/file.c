// SPDX-License-Identifier: GPL-2.0
/*
 * The character device: what open, write, read, poll, fsync and close do.
 *
 * Follows the documents' lp driver (chapter 20: open, write in chunks of
 * LP_BUFFER_SIZE) and lp's errors. A write, in order:
 *  1. takes the port's mutex: interrupted -EINTR (never a restart code, as
 *     lp); with O_NONBLOCK a mutex that is taken gives -EAGAIN, where lp waits;
 *  2. copies the first chunk: a fault gives -EFAULT and no byte is sent;
 *  3. waits while the printer is in trouble: with O_NONBLOCK or LP_ABORT it
 *     returns -ENOSPC or -EIO instead, at a signal -EINTR;
 *  4. hands the chunk over: to the ring (interrupt-driven) or to the printer
 *     (polled). A fault in a later chunk, a signal, or trouble ends the write
 *     with the bytes so far. Only a write that has none returns the error;
 *     -EAGAIN when O_NONBLOCK or LP_ABORT kept it from waiting.
 * A write to the ring returns when the ring has the bytes, not the printer, as
 * a tty's does: fsync() and a blocking close wait for the printer. Under
 * LP_ABORT the writer wants to hear of trouble, so it waits, and what the
 * printer did not take is withdrawn from the ring and not reported as written.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/lp.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "handshake.h"
#include "lpchar.h"
#include "nibble.h"
#include "trace.h"

/* Under LP_ABORT: this long without a byte taken is no progress. */
#define ABORT_WAIT	msecs_to_jiffies(50)

static int lpchar_open(struct inode *inode, struct file *file)
{
	struct lpchar_port *port = container_of(inode->i_cdev,
						struct lpchar_port, cdev);
	int err;

	if (READ_ONCE(port->gone))
		return -ENXIO;
	if (test_and_set_bit(LP_BUSY_BIT_POS, &port->flags))
		return -EBUSY;
	file->private_data = port;
	if (READ_ONCE(port->flags) & LP_ABORTOPEN &&
	    !(file->f_flags & O_NONBLOCK)) {
		u8 status;

		/* Whether LP_CAREFUL is set or not. */
		err = lpchar_look(port, &status);
		if (err != -ENODEV)
			err = handshake_error(handshake_trouble(status, true));
		if (err)
			goto out_busy;
	}
	err = -ENOMEM;
	port->buffer = kmalloc(LPCHAR_BUFFER_SIZE, GFP_KERNEL);
	if (!port->buffer)
		goto out_busy;
	lpchar_count(port, LPCHAR_COUNT_OPENS, 1);
	return 0;

out_busy:
	clear_bit(LP_BUSY_BIT_POS, &port->flags);
	return err;
}

static bool drain_over(struct lpchar_port *port, bool abort)
{
	return !ring_used(&port->ring) || READ_ONCE(port->gone) ||
	       (abort && READ_ONCE(port->trouble));
}

/*
 * Wait until the printer has everything. Returns 0; trouble at once if @abort;
 * -ETIME when it took nothing for @timeout jiffies; -ERESTARTSYS at a signal.
 */
static int lpchar_drain(struct lpchar_port *port, long timeout, bool abort)
{
	unsigned long expire = jiffies + timeout;
	u32 used = ring_used(&port->ring), now;
	u8 trouble;
	long left;

	while (!lpchar_drained(port)) {
		/* One look: trouble that is over at the second is no error, nor the end. */
		trouble = READ_ONCE(port->trouble);
		if (abort && trouble)
			return handshake_error(trouble);
		lpchar_count(port, LPCHAR_COUNT_SLEEPS, 1);
		/* The last byte's acknowledge wakes nobody: look again soon. */
		left = ring_used(&port->ring) ? HZ / 10 : 1;
		left = wait_event_interruptible_timeout(port->waitq,
							drain_over(port, abort),
							left);
		if (left < 0 || signal_pending(current))
			return -ERESTARTSYS;
		now = ring_used(&port->ring);
		if (now != used)
			expire = jiffies + timeout;
		used = now;
		if (time_after(jiffies, expire)) {
			lpchar_count(port, LPCHAR_COUNT_TIMEOUTS, 1);
			return -ETIME;
		}
	}
	return READ_ONCE(port->gone) ? -ENODEV : 0;
}

static int lpchar_release(struct inode *inode, struct file *file)
{
	struct lpchar_port *port = file->private_data;

	/* What a non-blocking writer leaves goes out by itself. */
	if (!(file->f_flags & O_NONBLOCK) && file->f_mode & FMODE_WRITE)
		lpchar_drain(port, port->timeout, true);
	kfree(port->buffer);
	port->buffer = NULL;
	clear_bit(LP_BUSY_BIT_POS, &port->flags);
	return 0;
}

static bool trouble_over(struct lpchar_port *port)
{
	return READ_ONCE(port->gone) || !READ_ONCE(port->trouble);
}

static long recheck_time(void)
{
	return msecs_to_jiffies(lpchar_recheck_ms) + 1;
}

/* Rule 3: lp_wait_ready(). */
static int wait_ready(struct lpchar_port *port, bool nonblock)
{
	int err;

	for (;;) {
		err = lpchar_look(port, NULL);
		if (err == -ENODEV)
			return err;
		if (err && (nonblock || READ_ONCE(port->flags) & LP_ABORT))
			return err;
		if (signal_pending(current))
			return -EINTR;
		if (!err)
			return 0;
		lpchar_count(port, LPCHAR_COUNT_SLEEPS, 1);
		wait_event_interruptible_timeout(port->waitq,
						 trouble_over(port),
						 recheck_time());
	}
}

static bool room_or_trouble(struct lpchar_port *port)
{
	return ring_space(&port->ring) >= port->ring.size / 2 ||
	       READ_ONCE(port->gone) || READ_ONCE(port->trouble);
}

/* Rule 4, by way of the ring. Returns how many of the bytes count. */
static size_t send_ring(struct lpchar_port *port, const u8 *from, size_t nr,
			bool nonblock)
{
	size_t done = 0;
	long left;

	for (;;) {
		u32 put = ring_put(&port->ring, from + done, nr - done);

		done += put;
		push_kick(port);
		if (done == nr || nonblock)
			break;
		lpchar_count(port, LPCHAR_COUNT_SLEEPS, 1);
		left = wait_event_interruptible_timeout(port->waitq,
							room_or_trouble(port),
							port->timeout);
		if (!left && !ring_space(&port->ring)) {
			lpchar_count(port, LPCHAR_COUNT_TIMEOUTS, 1);
			trace_lpchar_timeout(port->nr, port->wires.status, false);
			break;
		}
		if (left < 0 || READ_ONCE(port->gone) ||
		    (READ_ONCE(port->trouble) && !ring_space(&port->ring)))
			break;
	}
	if (READ_ONCE(port->flags) & LP_ABORT &&
	    lpchar_drain(port, ABORT_WAIT, true))
		done -= push_take_back(port, done);
	return done;
}

static bool dont_wait(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK || iocb->ki_flags & IOCB_NOWAIT;
}

/* Rule 1, of a reader, too. */
static int take_port(struct lpchar_port *port, const struct kiocb *iocb)
{
	if (dont_wait(iocb))
		return mutex_trylock(&port->mutex) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&port->mutex) ? -EINTR : 0;
}

static ssize_t lpchar_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct lpchar_port *port = iocb->ki_filp->private_data;
	bool nonblock = dont_wait(iocb) || READ_ONCE(port->flags) & LP_ABORT;
	size_t chunk, sent;
	ssize_t done = 0;
	int err;

	err = take_port(port, iocb);
	if (err)
		return err;
	chunk = min(iov_iter_count(from), LPCHAR_BUFFER_SIZE);
	err = -EFAULT;
	if (!copy_from_iter_full(port->buffer, chunk, from))
		goto out;
	err = wait_ready(port, nonblock);
	while (!err && chunk) {
		if (port->push_by == PUSH_POLL)
			sent = push_polled(port, port->buffer, chunk, nonblock);
		else
			sent = send_ring(port, port->buffer, chunk, nonblock);
		lpchar_count(port, LPCHAR_COUNT_WRITTEN, sent);
		done += sent;
		if (READ_ONCE(port->gone))
			err = -ENODEV;
		else if (signal_pending(current))
			err = -EINTR;
		if (err)
			break;
		if (sent < chunk) {
			err = wait_ready(port, nonblock);
			if (!err && nonblock)
				err = -EAGAIN;
			memmove(port->buffer, port->buffer + sent, chunk - sent);
			chunk -= sent;
			continue;
		}
		cond_resched();
		chunk = min(iov_iter_count(from), LPCHAR_BUFFER_SIZE);
		if (!copy_from_iter_full(port->buffer, chunk, from))
			err = -EFAULT;
	}
out:
	mutex_unlock(&port->mutex);
	return done ? done : err;
}

static void reverse_wait_us(unsigned long us)
{
	usleep_range(us, 2 * us);
}

/* Take the wires for the way back, ask, read, give them back. */
static int read_reverse(struct lpchar_port *port, u8 *to, unsigned int max)
{
	bool gone;
	int ret;

	spin_lock_irq(&port->lock);
	port->reversing = true;
	gone = port->gone;
	spin_unlock_irq(&port->lock);
	ret = -ENODEV;
	if (!gone) {
		ret = nibble_negotiate(&port->wires, reverse_wait_us);
		if (!ret) {
			ret = nibble_read(&port->wires, to, max, reverse_wait_us);
			nibble_terminate(&port->wires, reverse_wait_us);
		}
	}
	spin_lock_irq(&port->lock);
	port->reversing = false;
	spin_unlock_irq(&port->lock);
	return ret;
}

static bool data_or_gone(struct lpchar_port *port)
{
	return READ_ONCE(port->gone) || sim_port_has_reverse(port);
}

static ssize_t lpchar_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct lpchar_port *port = iocb->ki_filp->private_data;
	bool nonblock = dont_wait(iocb) || READ_ONCE(port->flags) & LP_ABORT;
	unsigned int max = min(iov_iter_count(to), LPCHAR_BUFFER_SIZE);
	ssize_t ret;

	ret = take_port(port, iocb);
	if (ret)
		return ret;
	/* Forward data first: the wires carry one direction at a time. */
	if (ring_used(&port->ring)) {
		if (nonblock)
			ret = -EAGAIN;
		else
			ret = lpchar_drain(port, port->timeout, true);
		if (ret == -ETIME)
			ret = -EIO;
	}
	while (!ret && max) {
		ret = read_reverse(port, port->buffer, max);
		if (ret)
			break;
		if (nonblock)
			ret = -EAGAIN;
		else if (wait_event_interruptible_timeout(port->waitq,
							  data_or_gone(port),
							  recheck_time()) < 0)
			ret = -ERESTARTSYS;
	}
	if (ret > 0) {
		lpchar_count(port, LPCHAR_COUNT_READ, ret);
		if (copy_to_iter(port->buffer, ret, to) != ret)
			ret = -EFAULT;
	}
	mutex_unlock(&port->mutex);
	return ret;
}

static __poll_t lpchar_poll(struct file *file, poll_table *wait)
{
	struct lpchar_port *port = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &port->waitq, wait);
	if (READ_ONCE(port->gone))
		return EPOLLHUP | EPOLLERR;
	if (READ_ONCE(port->trouble))
		mask |= EPOLLERR;
	/* A polled port takes bytes whenever a writer comes, as lp's does. */
	if (ring_space(&port->ring) >= port->ring.size / 2)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (sim_port_has_reverse(port))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int lpchar_fasync(int fd, struct file *file, int on)
{
	struct lpchar_port *port = file->private_data;

	return fasync_helper(fd, file, on, &port->fasync);
}

/* Success means that the printer has every byte. */
static int lpchar_fsync(struct file *file, loff_t start, loff_t end,
			int datasync)
{
	struct lpchar_port *port = file->private_data;
	int err;

	do {
		err = lpchar_drain(port, port->timeout,
				   READ_ONCE(port->flags) & LP_ABORT);
	} while (err == -ETIME && !(READ_ONCE(port->flags) & LP_ABORT));
	return err == -ETIME ? -EIO : err;
}

const struct file_operations lpchar_fops = {
	.owner		= THIS_MODULE,
	.open		= lpchar_open,
	.release	= lpchar_release,
	.write_iter	= lpchar_write_iter,
	.read_iter	= lpchar_read_iter,
	.splice_write	= iter_file_splice_write,
	.splice_read	= copy_splice_read,
	.poll		= lpchar_poll,
	.fasync		= lpchar_fasync,
	.fsync		= lpchar_fsync,
	.mmap		= lpchar_mmap,
	.unlocked_ioctl	= lpchar_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= lpchar_compat_ioctl,
#endif
	.llseek		= noop_llseek,
};
