/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the workqueue. Each has the name and the fields, in the same
 * order, of the kernel's event that it mirrors (workqueue:*); additions come
 * last, and the last three have no counterpart there.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM irqdemo

#if !defined(_IRQDEMO_WQ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _IRQDEMO_WQ_TRACE_H

#include <linux/tracepoint.h>

#include "wq/wq.h"

TRACE_EVENT(irqdemo_workqueue_queue_work,
	TP_PROTO(int req_cpu, struct edu_pwq *pwq, struct edu_work *work),
	TP_ARGS(req_cpu, pwq, work),
	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
		__string(workqueue, pwq->wq->name)
		__field(int, req_cpu)
		__field(int, cpu)
	),
	TP_fast_assign(
		__entry->work = work;
		__entry->function = work->func;
		__assign_str(workqueue);
		__entry->req_cpu = req_cpu;
		__entry->cpu = pwq->pool->cpu;
	),
	TP_printk("work struct=%p function=%ps workqueue=%s req_cpu=%d cpu=%d",
		  __entry->work, __entry->function, __get_str(workqueue),
		  __entry->req_cpu, __entry->cpu)
);

DECLARE_EVENT_CLASS(irqdemo_workqueue_work,
	TP_PROTO(struct edu_work *work),
	TP_ARGS(work),
	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
	),
	TP_fast_assign(
		__entry->work = work;
		__entry->function = work->func;
	),
	TP_printk("work struct %p: function %ps", __entry->work, __entry->function)
);

DEFINE_EVENT(irqdemo_workqueue_work, irqdemo_workqueue_activate_work,
	TP_PROTO(struct edu_work *work),
	TP_ARGS(work)
);

DEFINE_EVENT(irqdemo_workqueue_work, irqdemo_workqueue_execute_start,
	TP_PROTO(struct edu_work *work),
	TP_ARGS(work)
);

/* The work may have been freed by its function: only its address is of use. */
TRACE_EVENT(irqdemo_workqueue_execute_end,
	TP_PROTO(struct edu_work *work, edu_work_func_t function),
	TP_ARGS(work, function),
	TP_STRUCT__entry(
		__field(void *, work)
		__field(void *, function)
	),
	TP_fast_assign(
		__entry->work = work;
		__entry->function = function;
	),
	TP_printk("work struct %p: function %ps", __entry->work, __entry->function)
);

DECLARE_EVENT_CLASS(irqdemo_workqueue_pool,
	TP_PROTO(struct edu_pool *pool),
	TP_ARGS(pool),
	TP_STRUCT__entry(
		__field(int, pool)
		__field(int, cpu)
		__field(int, nr_workers)
		__field(int, nr_idle)
		__field(int, nr_running)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->cpu = pool->cpu;
		__entry->nr_workers = pool->nr_workers;
		__entry->nr_idle = pool->nr_idle;
		__entry->nr_running = atomic_read(&pool->nr_running);
	),
	TP_printk("pool=%d cpu=%d workers=%d idle=%d running=%d", __entry->pool,
		  __entry->cpu, __entry->nr_workers, __entry->nr_idle,
		  __entry->nr_running)
);

/* The last running worker blocked while works waited. */
DEFINE_EVENT(irqdemo_workqueue_pool, irqdemo_workqueue_blocked,
	TP_PROTO(struct edu_pool *pool),
	TP_ARGS(pool)
);

/* The manager could not make a worker in time. */
DEFINE_EVENT(irqdemo_workqueue_pool, irqdemo_workqueue_mayday,
	TP_PROTO(struct edu_pool *pool),
	TP_ARGS(pool)
);

DEFINE_EVENT(irqdemo_workqueue_pool, irqdemo_workqueue_reap,
	TP_PROTO(struct edu_pool *pool),
	TP_ARGS(pool)
);

#endif /* _IRQDEMO_WQ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH wq
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
