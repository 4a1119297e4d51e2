// SPDX-License-Identifier: GPL-2.0
/*
 * Pushing bytes: from the ring into the printer, driven by its interrupt.
 *
 * The rules, in order:
 *  1. The handler reads the status once, which also lowers the line of a port
 *     like QEMU's, and decides whose interrupt it was: with INTEN clear the
 *     port cannot have raised the line (IRQ_NONE); with INTEN set but no byte
 *     waiting for its acknowledge it was raised once more than needed
 *     (handled, counted apart).
 *  2. Whoever pushes (enum push_by) runs one burst: while the printer is ready
 *     within a few reads of its status, strobe the next byte. INTEN is set
 *     only with the last byte of a burst: its acknowledge brings the next burst.
 *     A byte that leaves the ring empty needs none.
 *  3. A printer that is not ready in time: INTEN is set, and the status read
 *     once more, because the acknowledge may have come between.
 *  4. A timer looks while bytes are waiting. If none was strobed since it last
 *     looked and yet the printer is ready, an interrupt was lost: it is
 *     counted, and the timer pushes.
 *  5. Sleepers are woken when half of the ring is free, when it is empty, and
 *     when the printer gets into trouble or out of it.
 *
 * A burst of 1 gives the documents' driver, an interrupt a byte. lp's way is
 * to poll for every byte and sleep on the interrupt only when that fails; a
 * burst has the same effect with fewer interrupts, and the writer sleeps.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include <edu/compat.h>

#include "handshake.h"
#include "lpchar.h"
#include "trace.h"

const char * const push_names[PUSH_WAYS] = {
	[PUSH_POLL]	= "poll",
	[PUSH_HANDLER]	= "handler",
	[PUSH_BH]	= "bh",
	[PUSH_WORK]	= "work",
	[PUSH_THREAD]	= "thread",
};

/* Polling: this long without sleeping (parport's spintime), then naps. */
#define POLL_SPIN_US	500
#define POLL_NAP_MS	10
#define POLL_NAP_MAX_MS	1000

/**
 * lpchar_wake - wake whoever sleeps on this port, and send SIGIO
 * @port: the port
 *
 * Context: any, without the port's spinlock.
 */
void lpchar_wake(struct lpchar_port *port)
{
	trace_lpchar_wake(port->nr, ring_used(&port->ring));
	lpchar_count(port, LPCHAR_COUNT_WAKEUPS, 1);
	wake_up_interruptible_all(&port->waitq);
	kill_fasync(&port->fasync, SIGIO, POLL_OUT);
}

/* What the printer's status says about trouble. True: it has changed. */
static bool note_trouble(struct lpchar_port *port)
{
	bool careful = READ_ONCE(port->flags) & LP_CAREFUL;
	u8 trouble = handshake_trouble(port->wires.status, careful);

	if (trouble == port->trouble)
		return false;
	if (trouble)
		lpchar_count(port, LPCHAR_COUNT_ERRORS, 1);
	WRITE_ONCE(port->trouble, trouble);
	return true;
}

/* Is the printer ready now, or within a few reads? */
static bool look_ready(struct lpchar_port *port, unsigned int reads)
{
	struct wires *w = &port->wires;
	unsigned int before = w->reads;
	bool ready;

	ready = handshake_poll(w, reads);
	if (ready)
		trace_lpchar_ack(port->nr, w->status, w->reads - before);
	return ready;
}

/* Show what was counted since the last time: not once a byte. Lock held. */
static void tally(struct lpchar_port *port)
{
	lpchar_count(port, LPCHAR_COUNT_STATUS_READS, port->wires.reads);
	lpchar_count(port, LPCHAR_COUNT_STROBED, port->strobes);
	port->wires.reads = 0;
	port->strobes = 0;
}

static void strobe(struct lpchar_port *port, u8 byte, u32 left, bool inten)
{
	handshake_strobe(&port->wires, byte, inten);
	port->strobes++;
	trace_lpchar_strobe(port->nr, byte, port->wires.control, left);
}

/* Rule 3: nobody polls any more, so the port must say when it is ready. */
static bool arm(struct lpchar_port *port)
{
	if (!(port->wires.control & CTRL_INTEN))
		wires_control(&port->wires, CTRL_IDLE | CTRL_INTEN);
	return look_ready(port, 1);
}

/* See to it that a lost interrupt will be noticed. Lock held. */
static void watch(struct lpchar_port *port)
{
	if (!ring_used(&port->ring) || timer_pending(&port->watch))
		return;
	port->seen = port->page->count[LPCHAR_COUNT_STROBED];
	mod_timer(&port->watch, jiffies + msecs_to_jiffies(lpchar_lost_ms));
}

/*
 * One burst. Returns whether sleepers want to be woken. Called with the lock
 * held; rule 2.
 */
static bool push_burst(struct lpchar_port *port)
{
	unsigned int burst = READ_ONCE(lpchar_burst), spin = READ_ONCE(lpchar_spin);
	u32 most = ring_used(&port->ring), left;
	bool wake = false;
	u8 byte;

	port->waiting = false;
	if (port->gone || port->reversing)
		return false;
	lpchar_count(port, LPCHAR_COUNT_BURSTS, 1);
	while (ring_peek(&port->ring, &byte)) {
		if (!look_ready(port, spin) && !arm(port)) {
			wake |= note_trouble(port);
			port->waiting = true;
			break;
		}
		wake |= note_trouble(port);
		ring_drop(&port->ring);
		left = ring_used(&port->ring);
		/* A writer may have filled it meanwhile, and sleep. */
		most = max(most, left + 1);
		strobe(port, byte, left, burst == 1);
		if (!--burst) {
			port->waiting = true;
			break;
		}
	}
	left = ring_used(&port->ring);
	tally(port);
	watch(port);
	return wake || (most && !left) ||
	       (most > port->ring.size / 2 && left <= port->ring.size / 2);
}

static void push_now(struct lpchar_port *port)
{
	unsigned long flags;
	bool wake;

	spin_lock_irqsave(&port->lock, flags);
	wake = push_burst(port);
	spin_unlock_irqrestore(&port->lock, flags);
	if (wake)
		lpchar_wake(port);
}

static void push_bh(struct work_struct *work)
{
	push_now(container_of(work, struct lpchar_port, bh));
}

static void push_work(struct work_struct *work)
{
	push_now(container_of(work, struct lpchar_port, work));
}

static void push_kwork(struct kthread_work *work)
{
	push_now(container_of(work, struct lpchar_port, kwork));
}

/* The interrupt's share is done: let the chosen one push. Lock held. */
static bool push_delegate(struct lpchar_port *port)
{
	switch (port->push_by) {
	case PUSH_POLL:
		return false;
	case PUSH_HANDLER:
		return push_burst(port);
	case PUSH_BH:
		queue_work(system_bh_wq, &port->bh);
		return false;
	case PUSH_WORK:
		queue_work(system_highpri_wq, &port->work);
		return false;
	default:
		kthread_queue_work(port->worker, &port->kwork);
		return false;
	}
}

/**
 * lpchar_interrupt - the handler of a port's line, real or simulated
 * @irq: its number
 * @cookie: the port
 *
 * Context: hard interrupt.
 * Return: IRQ_NONE when the port cannot have raised it.
 */
irqreturn_t lpchar_interrupt(int irq, void *cookie)
{
	struct lpchar_port *port = cookie;
	irqreturn_t ret = IRQ_HANDLED;
	bool wake = false, waiting;
	unsigned long flags;
	u8 status = 0;

	spin_lock_irqsave(&port->lock, flags);
	waiting = port->waiting;
	if (port->gone || port->reversing ||
	    !(port->wires.control & CTRL_INTEN)) {
		lpchar_count(port, LPCHAR_COUNT_FOREIGN, 1);
		ret = IRQ_NONE;
		goto out;
	}
	lpchar_count(port, LPCHAR_COUNT_IRQS, 1);
	wave_record(&port->wave, 'i', port->wires.data, port->wires.control,
		    port->wires.status);
	status = wires_status(&port->wires);
	wake = note_trouble(port);
	if (waiting) {
		port->waiting = false;
		wake |= push_delegate(port);
	} else {
		lpchar_count(port, LPCHAR_COUNT_RERAISED, 1);
	}
out:
	trace_lpchar_irq(port->nr, irq, status, waiting, ret);
	spin_unlock_irqrestore(&port->lock, flags);
	if (wake)
		lpchar_wake(port);
	return ret;
}

/* Rule 4. */
static void push_watch(struct timer_list *timer)
{
	struct lpchar_port *port = timer_container_of(port, timer, watch);
	unsigned long ms = lpchar_lost_ms, flags;
	bool wake = false;
	u64 strobed;

	spin_lock_irqsave(&port->lock, flags);
	if (port->gone || !ring_used(&port->ring))
		goto out;
	strobed = port->page->count[LPCHAR_COUNT_STROBED];
	if (strobed == port->seen && !port->reversing) {
		if (look_ready(port, READ_ONCE(lpchar_spin))) {
			if (port->waiting)
				lpchar_count(port, LPCHAR_COUNT_LOST, 1);
			trace_lpchar_timeout(port->nr, port->wires.status, true);
			wake = push_burst(port);
		} else {
			wake = note_trouble(port);
			/* Nobody knows how long a person takes to bring paper. */
			if (port->trouble)
				ms = max(ms, 100UL);
		}
	}
	port->seen = port->page->count[LPCHAR_COUNT_STROBED];
	if (ring_used(&port->ring))
		mod_timer(&port->watch, jiffies + msecs_to_jiffies(ms));
out:
	spin_unlock_irqrestore(&port->lock, flags);
	if (wake)
		lpchar_wake(port);
}

/**
 * push_kick - there are bytes in the ring: begin, unless they flow already
 * @port: the port
 *
 * Context: process.
 */
void push_kick(struct lpchar_port *port)
{
	unsigned long flags;
	bool wake = false;

	spin_lock_irqsave(&port->lock, flags);
	if (!port->waiting)
		wake = push_burst(port);
	else
		watch(port);
	spin_unlock_irqrestore(&port->lock, flags);
	if (wake)
		lpchar_wake(port);
}

/**
 * push_take_back - withdraw bytes that the printer does not have yet
 * @port: the port
 * @nr: at most how many
 *
 * Context: process, with the port's mutex.
 * Return: how many bytes were withdrawn.
 */
u32 push_take_back(struct lpchar_port *port, u32 nr)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	nr = ring_take_back(&port->ring, nr);
	spin_unlock_irqrestore(&port->lock, flags);
	lpchar_count(port, LPCHAR_COUNT_TAKEN_BACK, nr);
	return nr;
}

/* Polling: wait for the printer. 0: ready; else why not. */
static int poll_ready(struct lpchar_port *port, bool nonblock)
{
	unsigned long expire = jiffies + (nonblock ? 1 : port->timeout);
	unsigned long nap = POLL_NAP_MS, flags;
	ktime_t spin = ktime_add_us(ktime_get(), POLL_SPIN_US);

	for (;;) {
		bool ready = false, changed;
		u8 trouble;

		spin_lock_irqsave(&port->lock, flags);
		if (!port->gone)
			ready = look_ready(port, 3);
		tally(port);
		changed = note_trouble(port);
		spin_unlock_irqrestore(&port->lock, flags);
		if (READ_ONCE(port->gone))
			return -ENODEV;
		if (changed)
			lpchar_wake(port);
		if (ready)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		trouble = READ_ONCE(port->trouble);
		if (trouble)
			return handshake_error(trouble);
		if (!need_resched() && ktime_before(ktime_get(), spin)) {
			udelay(5);
			continue;
		}
		if (time_after_eq(jiffies, expire)) {
			lpchar_count(port, LPCHAR_COUNT_TIMEOUTS, 1);
			trace_lpchar_timeout(port->nr, port->wires.status, false);
			return -ETIME;
		}
		if (nonblock)
			continue;
		lpchar_count(port, LPCHAR_COUNT_SLEEPS, 1);
		schedule_timeout_interruptible(msecs_to_jiffies(nap));
		nap = min(2 * nap, (unsigned long)POLL_NAP_MAX_MS);
	}
}

/**
 * push_polled - hand bytes to the printer without its interrupt
 * @port: the port
 * @from: the bytes
 * @nr: how many
 * @nonblock: give up after a jiffy without progress, as lp does
 *
 * Context: process, with the port's mutex.
 * Return: how many bytes the printer has taken: less than @nr at a signal,
 * trouble, or the end of the port's timeout.
 */
size_t push_polled(struct lpchar_port *port, const u8 *from, size_t nr,
		   bool nonblock)
{
	unsigned long flags;
	size_t done = 0;

	while (done < nr) {
		spin_lock_irqsave(&port->lock, flags);
		while (done < nr && !port->gone && !need_resched() &&
		       look_ready(port, 3)) {
			strobe(port, from[done], nr - done - 1, false);
			/* Let interrupts in after every byte. */
			if (++done < nr) {
				spin_unlock_irqrestore(&port->lock, flags);
				spin_lock_irqsave(&port->lock, flags);
			}
		}
		tally(port);
		spin_unlock_irqrestore(&port->lock, flags);
		cond_resched();
		if (done == nr || signal_pending(current) ||
		    poll_ready(port, nonblock))
			break;
	}
	return done;
}

/**
 * lpchar_look - read the printer's status
 * @port: the port
 * @status: set to the register, may be NULL
 *
 * Context: process, with the port's mutex.
 * Return: 0, the printer's trouble as -ENOSPC or -EIO, or -ENODEV when the
 * port is gone.
 */
int lpchar_look(struct lpchar_port *port, u8 *status)
{
	bool changed = false;
	unsigned long flags;
	int err = -ENODEV;

	spin_lock_irqsave(&port->lock, flags);
	if (!port->gone) {
		wires_status(&port->wires);
		tally(port);
		changed = note_trouble(port);
		err = handshake_error(port->trouble);
		if (status)
			*status = port->wires.status;
	}
	spin_unlock_irqrestore(&port->lock, flags);
	if (changed)
		lpchar_wake(port);
	return err;
}

/**
 * lpchar_drained - has the printer taken everything?
 * @port: the port
 *
 * Return: true when the ring is empty and the printer ready to take more (not
 * while it is read from), and when the port is gone.
 */
bool lpchar_drained(struct lpchar_port *port)
{
	unsigned long flags;
	bool drained;

	spin_lock_irqsave(&port->lock, flags);
	/* The wires may be a reader's: what they say is then for him. */
	drained = port->gone || (!ring_used(&port->ring) && !port->reversing &&
				 look_ready(port, 3));
	spin_unlock_irqrestore(&port->lock, flags);
	return drained;
}

/**
 * push_init - before a port is visible
 * @port: the port
 */
void push_init(struct lpchar_port *port)
{
	spin_lock_init(&port->lock);
	timer_setup(&port->watch, push_watch, 0);
	INIT_WORK(&port->bh, push_bh);
	INIT_WORK(&port->work, push_work);
	kthread_init_work(&port->kwork, push_kwork);
}

/**
 * push_start - make the thread of a port whose interrupt works
 * @port: the port
 *
 * Return: 0 or -ENOMEM.
 */
int push_start(struct lpchar_port *port)
{
	struct kthread_worker *worker;

	worker = kthread_run_worker(0, "lpchar/%d", port->nr);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	/* As the threads of threaded interrupts. */
	sched_set_fifo(worker->task);
	port->worker = worker;
	return 0;
}

/**
 * push_stop - end everything that pushes, for ever
 * @port: the port, which is gone and whose interrupt is freed
 */
void push_stop(struct lpchar_port *port)
{
	timer_shutdown_sync(&port->watch);
	cancel_work_sync(&port->bh);
	cancel_work_sync(&port->work);
	if (port->worker)
		kthread_destroy_worker(port->worker);
	port->worker = NULL;
}

/**
 * push_set - choose who pushes
 * @port: the port
 * @by: the new way
 *
 * Context: process, with the port's mutex.
 * Return: 0; -EINVAL if the port has no interrupt for it; -EBUSY while bytes
 * are in the ring.
 */
int push_set(struct lpchar_port *port, enum push_by by)
{
	unsigned long flags;
	int err = 0;

	if (by != PUSH_POLL && !port->can_interrupt)
		return -EINVAL;
	spin_lock_irqsave(&port->lock, flags);
	if (ring_used(&port->ring)) {
		err = -EBUSY;
	} else {
		port->push_by = by;
		port->waiting = false;
	}
	spin_unlock_irqrestore(&port->lock, flags);
	return err;
}
