// SPDX-License-Identifier: GPL-2.0
/*
 * Overrun of POSIX timers: an interval timer whose signal is not taken in time.
 *
 * The rules:
 *  1. A timer queues its signal once. While it waits, a timer is not started
 *     again: a process that takes no signals costs no interrupts.
 *  2. When the signal is delivered, the timer goes on from where its grid is,
 *     and each expiry that had been missed counts as overrun.
 *  3. While the signal is ignored there is no delivery: the timer goes on at
 *     once, each expiry counts as overrun, and an interval shorter than a tick
 *     waits for a tick, so that it cannot starve the machine.
 *  4. Setting a time of 0 disarms. Setting while the function runs is to be
 *     tried again (-EAGAIN).
 *
 * Follows document A 17.7. Newer kernels (6.13) keep an ignored timer's signal
 * on a list and start the timer when the signal is no longer ignored: rule 3
 * is what the documents' kernel did.
 */
#include <kunit/visibility.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "posix.h"

static enum edu_hr_restart posix_expire(struct edu_hrtimer *timer)
{
	struct edu_posix *posix = container_of(timer, struct edu_posix, timer);
	struct edu_hr_cpu *cpu = timer->base->cpu;
	ktime_t now = ktime_add(cpu->ops->now(cpu), timer->base->offset);

	posix->armed = false;
	if (!posix->ignored) {
		posix->queued = true;
		posix->signals++;
		return EDU_HR_NORESTART;
	}
	if (!posix->interval)
		return EDU_HR_NORESTART;
	if (posix->interval < TICK_NSEC)
		now = ktime_add_ns(now, TICK_NSEC);
	posix->overrun += edu_hrtimer_forward(timer, now, posix->interval);
	posix->armed = true;
	return EDU_HR_RESTART;
}

/**
 * edu_posix_init - a disarmed timer
 * @posix: what to fill
 * @cpu: where it runs, on the monotonic clock
 */
void edu_posix_init(struct edu_posix *posix, struct edu_hr_cpu *cpu)
{
	*posix = (struct edu_posix){ .overrun = -1 };
	edu_hrtimer_setup(&posix->timer, cpu, EDU_HR_MONOTONIC, posix_expire);
}
EXPORT_SYMBOL_IF_KUNIT(edu_posix_init);

/**
 * edu_posix_set - arm or disarm (rule 4)
 * @posix: which
 * @expires: when, ns; 0 to disarm
 * @interval: and then every so many ns; 0 for once
 *
 * The caller keeps others from setting or delivering it meanwhile.
 *
 * Return: 0, or -EAGAIN if its function runs now.
 */
int edu_posix_set(struct edu_posix *posix, ktime_t expires, u64 interval)
{
	posix->interval = 0;
	if (edu_hrtimer_try_to_cancel(&posix->timer) < 0)
		return -EAGAIN;
	posix->armed = false;
	posix->queued = false;
	posix->overrun = -1;
	if (!expires)
		return 0;
	posix->interval = interval;
	posix->armed = true;
	edu_hrtimer_start(&posix->timer, expires, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_posix_set);

/**
 * edu_posix_deliver - the process takes the signal (rule 2)
 * @posix: which; nothing happens if its signal does not wait
 * @now: monotonic time, ns
 */
void edu_posix_deliver(struct edu_posix *posix, ktime_t now)
{
	if (!posix->queued)
		return;
	posix->queued = false;
	if (posix->interval) {
		posix->overrun += edu_hrtimer_forward(&posix->timer, now,
						      posix->interval);
		posix->armed = true;
		edu_hrtimer_start(&posix->timer, posix->timer.softexpires, 0);
	}
	posix->last_overrun = posix->interval ? posix->overrun : 0;
	posix->overrun = -1;
}
EXPORT_SYMBOL_IF_KUNIT(edu_posix_deliver);
