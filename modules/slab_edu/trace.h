/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM slab_edu

#if !defined(_SLAB_EDU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SLAB_EDU_TRACE_H

#include <linux/tracepoint.h>

#include "order.h"

TRACE_EVENT(slab_edu_layout,
	TP_PROTO(unsigned int size, const struct slab_layout *layout),
	TP_ARGS(size, layout),
	TP_STRUCT__entry(
		__field(unsigned int, size)
		__field(unsigned int, order)
		__field(unsigned int, objects)
	),
	TP_fast_assign(
		__entry->size = size;
		__entry->order = layout->order;
		__entry->objects = layout->objects;
	),
	TP_printk("size=%u order=%u objects=%u",
		  __entry->size, __entry->order, __entry->objects)
);

#endif /* _SLAB_EDU_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
