// SPDX-License-Identifier: GPL-2.0
/*
 * lp's ioctls, number for number, and our own.
 *
 * What lp does and its header does not tell:
 *  1. ioctls of one port exclude each other, and LPGETSTATUS also excludes
 *     writers (-EINTR when a signal ends its wait);
 *  2. LPCHAR, LPTIME and LPWAIT are stored and never used. LPTIME refuses more
 *     than UINT_MAX / HZ hundredths of a second with -EINVAL;
 *  3. LPSETIRQ is always -EINVAL; LPGETIRQ is -1 for a polled port;
 *  4. LPGETSTATS is compiled out, so it is -EINVAL, as is any number that is
 *     not known: lp never says -ENOTTY;
 *  5. LPSETTIMEOUT_OLD has 64-bit fields in a 64-bit program and 32-bit fields
 *     in a 32-bit one, LPSETTIMEOUT_NEW always 64-bit fields.
 * Where it differs: lp serialises the ioctls of all ports with one mutex. Our
 * ports are independent, and those of our own ioctls that sleep take no mutex.
 */
#include <linux/compat.h>
#include <linux/delay.h>
#include <linux/lp.h>
#include <linux/uaccess.h>

#include "handshake.h"
#include "lpchar.h"
#include "trace.h"

/* The numbers of <linux/lp.h> that its own #ifdef hides, see rule 4. */
#define LPGETSTATS_HIDDEN 0x060d

static int put_int(int value, void __user *to)
{
	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}

static int set_flag(struct lpchar_port *port, unsigned long flag, bool on)
{
	if (on)
		set_bit(__ffs(flag), &port->flags);
	else
		clear_bit(__ffs(flag), &port->flags);
	return 0;
}

static int get_status(struct lpchar_port *port, void __user *to)
{
	u8 status = 0;
	int err;

	if (mutex_lock_interruptible(&port->mutex))
		return -EINTR;
	err = lpchar_look(port, &status);
	mutex_unlock(&port->mutex);
	return err == -ENODEV ? err : put_int(status, to);
}

static void reset_wait_us(unsigned long us)
{
	udelay(us);
}

static int reset(struct lpchar_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	if (!port->gone && !port->reversing)
		handshake_reset(&port->wires, reset_wait_us);
	/* The byte in hand will not be acknowledged any more. */
	port->waiting = false;
	spin_unlock_irqrestore(&port->lock, flags);
	push_kick(port);
	return 0;
}

/* The ioctls of <linux/lp.h> but LPSETTIMEOUT. */
static int lp_command(struct lpchar_port *port, unsigned int cmd,
		      unsigned long arg, void __user *argp)
{
	switch (cmd) {
	case LPTIME:
		if (arg > UINT_MAX / HZ)
			return -EINVAL;
		port->time = arg * HZ / 100;
		return 0;
	case LPCHAR:
		port->chars = arg;
		return 0;
	case LPWAIT:
		port->wait = arg;
		return 0;
	case LPABORT:
		return set_flag(port, LP_ABORT, arg);
	case LPABORTOPEN:
		return set_flag(port, LP_ABORTOPEN, arg);
	case LPCAREFUL:
		return set_flag(port, LP_CAREFUL, arg);
	case LPGETIRQ:
		return put_int(port->irq, argp);
	case LPGETSTATUS:
		return get_status(port, argp);
	case LPRESET:
		return reset(port);
	case LPGETFLAGS:
		return put_int(READ_ONCE(port->flags), argp);
	case LPSETIRQ:
	case LPGETSTATS_HIDDEN:
	default:
		return -EINVAL;
	}
}

static int set_timeout32(struct lpchar_port *port, void __user *argp)
{
	s32 time[2];

	if (copy_from_user(time, argp, sizeof(time)))
		return -EFAULT;
	return handshake_timeout(time[0], time[1], &port->timeout);
}

static int set_timeout64(struct lpchar_port *port, void __user *argp)
{
	s64 time[2];

	if (copy_from_user(time, argp, sizeof(time)))
		return -EFAULT;
	return handshake_timeout(time[0], time[1], &port->timeout);
}

static int set_trace(struct lpchar_port *port, void __user *argp)
{
	u32 on;

	if (copy_from_user(&on, argp, sizeof(on)))
		return -EFAULT;
	if (on > 1)
		return -EINVAL;
	spin_lock_irq(&port->lock);
	port->wave.on = on;
	spin_unlock_irq(&port->lock);
	return 0;
}

static int get_trace(struct lpchar_port *port, void __user *argp)
{
	struct lpchar_trace trace;
	struct lpchar_event *events;
	int err = 0;

	if (copy_from_user(&trace, argp, sizeof(trace)))
		return -EFAULT;
	if (trace.version != LPCHAR_VERSION)
		return -EINVAL;
	events = kcalloc(WAVE_EVENTS, sizeof(*events), GFP_KERNEL);
	if (!events)
		return -ENOMEM;
	spin_lock_irq(&port->lock);
	trace.nr = wave_copy(&port->wave, events, trace.nr);
	spin_unlock_irq(&port->lock);
	if (copy_to_user(u64_to_user_ptr(trace.events), events,
			 trace.nr * sizeof(*events)) ||
	    copy_to_user(argp, &trace, sizeof(trace)))
		err = -EFAULT;
	kfree(events);
	return err;
}

static long own_command(struct lpchar_port *port, unsigned int cmd,
			void __user *argp)
{
	struct lpchar_park park;

	switch (cmd) {
	case LPCHAR_GETVERSION:
		return put_int(LPCHAR_VERSION, argp);
	case LPCHAR_SETTRACE:
		return set_trace(port, argp);
	case LPCHAR_GETTRACE:
		return get_trace(port, argp);
	case LPCHAR_RESTART:
		return lpchar_restart(port, argp);
	case LPCHAR_PARK:
		if (copy_from_user(&park, argp, sizeof(park)))
			return -EFAULT;
		return lpchar_park(port, &park);
	case LPCHAR_UNPARK:
		lpchar_unpark(port);
		return 0;
	default:
		return -EINVAL;
	}
}

static long do_ioctl(struct lpchar_port *port, unsigned int cmd,
		     unsigned long arg, void __user *argp, bool narrow)
{
	long ret;

	lpchar_count(port, LPCHAR_COUNT_IOCTLS, 1);
	if (READ_ONCE(port->gone))
		ret = -ENODEV;
	else if (cmd == LPSETTIMEOUT_OLD && narrow)
		ret = set_timeout32(port, argp);
	else if (cmd == LPSETTIMEOUT_OLD || cmd == LPSETTIMEOUT_NEW)
		ret = set_timeout64(port, argp);
	else if (_IOC_TYPE(cmd) == LPCHAR_IOC)
		ret = own_command(port, cmd, argp);
	else
		ret = lp_command(port, cmd, arg, argp);
	trace_lpchar_ioctl(port->nr, cmd, arg, ret);
	return ret;
}

long lpchar_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return do_ioctl(file->private_data, cmd, arg, (void __user *)arg,
			BITS_PER_LONG == 32);
}

#ifdef CONFIG_COMPAT
long lpchar_compat_ioctl(struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	return do_ioctl(file->private_data, cmd, arg, compat_ptr(arg),
			!COMPAT_USE_64BIT_TIME);
}
#endif
