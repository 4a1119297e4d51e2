/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the locks, with the names and the fields of lock:contention_begin
 * and lock:contention_end. flags are the kernel's LCB_F_*.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM irqdemo

#if !defined(_IRQDEMO_LOCK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _IRQDEMO_LOCK_TRACE_H

#include <linux/tracepoint.h>

#define LOCK_F_SPIN	1U
#define LOCK_F_READ	2U
#define LOCK_F_WRITE	4U
#define LOCK_F_MUTEX	32U

TRACE_EVENT(irqdemo_contention_begin,
	TP_PROTO(void *lock, unsigned int flags),
	TP_ARGS(lock, flags),
	TP_STRUCT__entry(
		__field(void *, lock_addr)
		__field(unsigned int, flags)
	),
	TP_fast_assign(
		__entry->lock_addr = lock;
		__entry->flags = flags;
	),
	TP_printk("%p (flags=%x)", __entry->lock_addr, __entry->flags)
);

TRACE_EVENT(irqdemo_contention_end,
	TP_PROTO(void *lock, int ret),
	TP_ARGS(lock, ret),
	TP_STRUCT__entry(
		__field(void *, lock_addr)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->lock_addr = lock;
		__entry->ret = ret;
	),
	TP_printk("%p (ret=%d)", __entry->lock_addr, __entry->ret)
);

#endif /* _IRQDEMO_LOCK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH lock
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
