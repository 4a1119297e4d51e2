/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_POSIX_H
#define _IRQDEMO_POSIX_H

#include "hrtree.h"

/**
 * struct edu_posix - a POSIX timer, as far as its overrun count goes
 * @timer: what drives it
 * @interval: ns between expiries; 0 for one
 * @ignored: whoever gets the signal ignores it
 * @queued: the signal waits to be delivered
 * @armed: the timer is set
 * @overrun: expiries since the last that was delivered; starts at -1
 * @last_overrun: what timer_getoverrun() answers
 * @signals: signals queued
 */
struct edu_posix {
	struct edu_hrtimer timer;
	u64 interval;
	bool ignored;
	bool queued;
	bool armed;
	s64 overrun;
	s64 last_overrun;
	u64 signals;
};

void edu_posix_init(struct edu_posix *posix, struct edu_hr_cpu *cpu);
int edu_posix_set(struct edu_posix *posix, ktime_t expires, u64 interval);
void edu_posix_deliver(struct edu_posix *posix, ktime_t now);

#endif /* _IRQDEMO_POSIX_H */
