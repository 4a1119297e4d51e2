/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LPCHAR_WAVE_H
#define _LPCHAR_WAVE_H

#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <uapi/edu/lpchar.h>

struct seq_file;

/* Events kept: about 80 bytes' worth of a polled handshake. A power of two. */
#define WAVE_EVENTS 512

/**
 * struct wave - the last steps on a port's wires
 * @on: whether steps are recorded
 * @next: number of steps recorded since ever
 * @event: the last %WAVE_EVENTS of them, step n at n % %WAVE_EVENTS
 *
 * Guarded by the lock of the port.
 */
struct wave {
	bool on;
	unsigned long next;
	struct lpchar_event event[WAVE_EVENTS];
};

static inline void wave_record(struct wave *wave, u8 what, u8 data, u8 control,
			       u8 status)
{
	struct lpchar_event *event;

	if (!wave || !wave->on)
		return;
	event = &wave->event[wave->next++ % WAVE_EVENTS];
	event->ns = ktime_get_mono_fast_ns();
	event->what = what;
	event->data = data;
	event->control = control;
	event->status = status;
}

unsigned int wave_copy(const struct wave *wave, struct lpchar_event *to,
		       unsigned int max);
void wave_draw(struct seq_file *m, const struct lpchar_event *event,
	       unsigned int nr);

#endif /* _LPCHAR_WAVE_H */
