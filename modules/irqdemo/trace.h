/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of irqdemo. Each has the name and the fields, in the same order, of
 * the kernel's event that it mirrors (irq:*, timer:*); additions come last.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM irqdemo

#if !defined(_IRQDEMO_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _IRQDEMO_TRACE_H

#include <linux/tracepoint.h>

#include "hrtree.h"
#include "wheel.h"

TRACE_EVENT(irqdemo_irq_handler_entry,
	TP_PROTO(int irq, const char *name),
	TP_ARGS(irq, name),
	TP_STRUCT__entry(
		__field(int, irq)
		__string(name, name)
	),
	TP_fast_assign(
		__entry->irq = irq;
		__assign_str(name);
	),
	TP_printk("irq=%d name=%s", __entry->irq, __get_str(name))
);

TRACE_EVENT(irqdemo_irq_handler_exit,
	TP_PROTO(int irq, int ret),
	TP_ARGS(irq, ret),
	TP_STRUCT__entry(
		__field(int, irq)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->irq = irq;
		__entry->ret = ret;
	),
	TP_printk("irq=%d ret=%d", __entry->irq, __entry->ret)
);

/* As irq:softirq_raise, _entry, _exit: vec is enum bh_kind here. */
DECLARE_EVENT_CLASS(irqdemo_bh,
	TP_PROTO(unsigned int vec, unsigned int line),
	TP_ARGS(vec, line),
	TP_STRUCT__entry(
		__field(unsigned int, vec)
		__field(unsigned int, line)
	),
	TP_fast_assign(
		__entry->vec = vec;
		__entry->line = line;
	),
	TP_printk("vec=%u line=%u", __entry->vec, __entry->line)
);

DEFINE_EVENT(irqdemo_bh, irqdemo_bh_raise,
	TP_PROTO(unsigned int vec, unsigned int line),
	TP_ARGS(vec, line)
);

DEFINE_EVENT(irqdemo_bh, irqdemo_bh_entry,
	TP_PROTO(unsigned int vec, unsigned int line),
	TP_ARGS(vec, line)
);

DEFINE_EVENT(irqdemo_bh, irqdemo_bh_exit,
	TP_PROTO(unsigned int vec, unsigned int line),
	TP_ARGS(vec, line)
);

DECLARE_EVENT_CLASS(irqdemo_timer_class,
	TP_PROTO(struct edu_timer *timer),
	TP_ARGS(timer),
	TP_STRUCT__entry(
		__field(void *, timer)
	),
	TP_fast_assign(
		__entry->timer = timer;
	),
	TP_printk("timer=%p", __entry->timer)
);

DEFINE_EVENT(irqdemo_timer_class, irqdemo_timer_init,
	TP_PROTO(struct edu_timer *timer),
	TP_ARGS(timer)
);

DEFINE_EVENT(irqdemo_timer_class, irqdemo_timer_cancel,
	TP_PROTO(struct edu_timer *timer),
	TP_ARGS(timer)
);

DEFINE_EVENT(irqdemo_timer_class, irqdemo_timer_expire_exit,
	TP_PROTO(struct edu_timer *timer),
	TP_ARGS(timer)
);

TRACE_EVENT(irqdemo_timer_start,
	TP_PROTO(struct edu_timer *timer, unsigned long bucket_expiry,
		 unsigned long now),
	TP_ARGS(timer, bucket_expiry, now),
	TP_STRUCT__entry(
		__field(void *, timer)
		__field(void *, function)
		__field(unsigned long, expires)
		__field(unsigned long, bucket_expiry)
		__field(unsigned long, now)
		__field(unsigned int, flags)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->function = timer->function;
		__entry->expires = timer->expires;
		__entry->bucket_expiry = bucket_expiry;
		__entry->now = now;
		__entry->flags = timer->flags;
	),
	TP_printk("timer=%p function=%ps expires=%lu [timeout=%ld] bucket_expiry=%lu flags=%u",
		  __entry->timer, __entry->function, __entry->expires,
		  (long)__entry->expires - (long)__entry->now,
		  __entry->bucket_expiry, __entry->flags)
);

TRACE_EVENT(irqdemo_timer_expire_entry,
	TP_PROTO(struct edu_timer *timer, void (*function)(struct edu_timer *),
		 unsigned long now, unsigned long baseclk),
	TP_ARGS(timer, function, now, baseclk),
	TP_STRUCT__entry(
		__field(void *, timer)
		__field(unsigned long, now)
		__field(void *, function)
		__field(unsigned long, baseclk)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->now = now;
		__entry->function = function;
		__entry->baseclk = baseclk;
	),
	TP_printk("timer=%p function=%ps now=%lu baseclk=%lu", __entry->timer,
		  __entry->function, __entry->now, __entry->baseclk)
);

TRACE_EVENT(irqdemo_hrtimer_init,
	TP_PROTO(struct edu_hrtimer *hrtimer, int clockid, int mode),
	TP_ARGS(hrtimer, clockid, mode),
	TP_STRUCT__entry(
		__field(void *, hrtimer)
		__field(int, clockid)
		__field(int, mode)
	),
	TP_fast_assign(
		__entry->hrtimer = hrtimer;
		__entry->clockid = clockid;
		__entry->mode = mode;
	),
	TP_printk("hrtimer=%p clockid=%d mode=%d", __entry->hrtimer,
		  __entry->clockid, __entry->mode)
);

TRACE_EVENT(irqdemo_hrtimer_start,
	TP_PROTO(struct edu_hrtimer *hrtimer),
	TP_ARGS(hrtimer),
	TP_STRUCT__entry(
		__field(void *, hrtimer)
		__field(void *, function)
		__field(s64, expires)
		__field(s64, softexpires)
	),
	TP_fast_assign(
		__entry->hrtimer = hrtimer;
		__entry->function = hrtimer->function;
		__entry->expires = hrtimer->expires;
		__entry->softexpires = hrtimer->softexpires;
	),
	TP_printk("hrtimer=%p function=%ps expires=%lld softexpires=%lld",
		  __entry->hrtimer, __entry->function, __entry->expires,
		  __entry->softexpires)
);

TRACE_EVENT(irqdemo_hrtimer_expire_entry,
	TP_PROTO(struct edu_hrtimer *hrtimer, s64 now),
	TP_ARGS(hrtimer, now),
	TP_STRUCT__entry(
		__field(void *, hrtimer)
		__field(s64, now)
		__field(void *, function)
	),
	TP_fast_assign(
		__entry->hrtimer = hrtimer;
		__entry->now = now;
		__entry->function = hrtimer->function;
	),
	TP_printk("hrtimer=%p function=%ps now=%lld", __entry->hrtimer,
		  __entry->function, __entry->now)
);

DECLARE_EVENT_CLASS(irqdemo_hrtimer_class,
	TP_PROTO(struct edu_hrtimer *hrtimer),
	TP_ARGS(hrtimer),
	TP_STRUCT__entry(
		__field(void *, hrtimer)
	),
	TP_fast_assign(
		__entry->hrtimer = hrtimer;
	),
	TP_printk("hrtimer=%p", __entry->hrtimer)
);

DEFINE_EVENT(irqdemo_hrtimer_class, irqdemo_hrtimer_expire_exit,
	TP_PROTO(struct edu_hrtimer *hrtimer),
	TP_ARGS(hrtimer)
);

DEFINE_EVENT(irqdemo_hrtimer_class, irqdemo_hrtimer_cancel,
	TP_PROTO(struct edu_hrtimer *hrtimer),
	TP_ARGS(hrtimer)
);

#endif /* _IRQDEMO_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
