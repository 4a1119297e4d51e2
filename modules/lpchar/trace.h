/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of a port. The kernel's lp has none of its own; lpchar_irq has
 * the fields of irq:irq_handler_entry and irq_handler_exit.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM lpchar

#if !defined(_LPCHAR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LPCHAR_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(lpchar_strobe,
	TP_PROTO(int nr, u8 byte, u8 control, u32 left),
	TP_ARGS(nr, byte, control, left),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(u8, byte)
		__field(u8, control)
		__field(u32, left)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->byte = byte;
		__entry->control = control;
		__entry->left = left;
	),
	TP_printk("port=%d byte=0x%02x control=0x%02x left=%u",
		  __entry->nr, __entry->byte, __entry->control, __entry->left)
);

/* The printer was found ready, after so many reads of its status. */
TRACE_EVENT(lpchar_ack,
	TP_PROTO(int nr, u8 status, unsigned int reads),
	TP_ARGS(nr, status, reads),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(u8, status)
		__field(unsigned int, reads)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->status = status;
		__entry->reads = reads;
	),
	TP_printk("port=%d status=0x%02x reads=%u",
		  __entry->nr, __entry->status, __entry->reads)
);

TRACE_EVENT(lpchar_irq,
	TP_PROTO(int nr, int irq, u8 status, bool waiting, int ret),
	TP_ARGS(nr, irq, status, waiting, ret),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(int, irq)
		__field(u8, status)
		__field(bool, waiting)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->irq = irq;
		__entry->status = status;
		__entry->waiting = waiting;
		__entry->ret = ret;
	),
	TP_printk("port=%d irq=%d status=0x%02x waiting=%d ret=%s",
		  __entry->nr, __entry->irq, __entry->status, __entry->waiting,
		  __entry->ret ? "handled" : "unhandled")
);

TRACE_EVENT(lpchar_wake,
	TP_PROTO(int nr, u32 used),
	TP_ARGS(nr, used),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(u32, used)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->used = used;
	),
	TP_printk("port=%d used=%u", __entry->nr, __entry->used)
);

/* A wait ended without what it was for; @lost: the interrupt was missed. */
TRACE_EVENT(lpchar_timeout,
	TP_PROTO(int nr, u8 status, bool lost),
	TP_ARGS(nr, status, lost),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(u8, status)
		__field(bool, lost)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->status = status;
		__entry->lost = lost;
	),
	TP_printk("port=%d status=0x%02x lost=%d",
		  __entry->nr, __entry->status, __entry->lost)
);

TRACE_EVENT(lpchar_ioctl,
	TP_PROTO(int nr, unsigned int cmd, unsigned long arg, long ret),
	TP_ARGS(nr, cmd, arg, ret),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(unsigned int, cmd)
		__field(unsigned long, arg)
		__field(long, ret)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->cmd = cmd;
		__entry->arg = arg;
		__entry->ret = ret;
	),
	TP_printk("port=%d cmd=0x%x arg=0x%lx ret=%ld",
		  __entry->nr, __entry->cmd, __entry->arg, __entry->ret)
);

#endif /* _LPCHAR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
