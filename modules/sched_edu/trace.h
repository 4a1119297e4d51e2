/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sched_edu

#if !defined(_SCHED_EDU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SCHED_EDU_TRACE_H

#include <linux/tracepoint.h>

#include "class.h"

#define show_edu_reason(why)						\
	__print_symbolic(why,						\
			 { EDU_WHY_NONE, "none" },			\
			 { EDU_WHY_CLASS, "class" },			\
			 { EDU_WHY_WAKEUP, "wakeup" },			\
			 { EDU_WHY_SLICE, "slice" },			\
			 { EDU_WHY_LAG, "lag" },			\
			 { EDU_WHY_PRIO, "priority" },			\
			 { EDU_WHY_RR, "quantum" },			\
			 { EDU_WHY_DEADLINE, "deadline" },		\
			 { EDU_WHY_THROTTLE, "throttle" },		\
			 { EDU_WHY_CHILD, "child" },			\
			 { EDU_WHY_LEFTMOST, "leftmost" },		\
			 { EDU_WHY_BUDDY, "buddy" },			\
			 { EDU_WHY_YIELD, "yield" },			\
			 { EDU_WHY_DUE, "due" },			\
			 { EDU_WHY_RESCUE, "rescue" })

DECLARE_EVENT_CLASS(sched_edu_queue,
	TP_PROTO(const struct edu_rq *rq, const struct edu_task *t, int flags),
	TP_ARGS(rq, t, flags),
	TP_STRUCT__entry(
		__array(char, comm, EDU_NAME_LEN)
		__field(int, pid)
		__field(int, target_cpu)
		__field(int, policy)
		__field(int, flags)
		__field(u64, vruntime)
		__field(unsigned int, nr_running)
	),
	TP_fast_assign(
		memcpy(__entry->comm, t->comm, EDU_NAME_LEN);
		__entry->pid = t->pid;
		__entry->target_cpu = rq->cpu;
		__entry->policy = t->policy;
		__entry->flags = flags;
		__entry->vruntime = t->se.vruntime;
		__entry->nr_running = rq->nr_running;
	),
	TP_printk("comm=%s pid=%d target_cpu=%d policy=%d flags=%#x vruntime=%llu nr_running=%u",
		  __entry->comm, __entry->pid, __entry->target_cpu,
		  __entry->policy, __entry->flags, __entry->vruntime,
		  __entry->nr_running)
);

DEFINE_EVENT(sched_edu_queue, sched_edu_enqueue,
	TP_PROTO(const struct edu_rq *rq, const struct edu_task *t, int flags),
	TP_ARGS(rq, t, flags)
);

DEFINE_EVENT(sched_edu_queue, sched_edu_dequeue,
	TP_PROTO(const struct edu_rq *rq, const struct edu_task *t, int flags),
	TP_ARGS(rq, t, flags)
);

/* next_pid as in sched:sched_switch; 0 is idle. */
TRACE_EVENT(sched_edu_pick,
	TP_PROTO(const struct edu_rq *rq, const struct edu_task *next,
		 enum edu_reason why),
	TP_ARGS(rq, next, why),
	TP_STRUCT__entry(
		__field(int, cpu)
		__field(int, next_pid)
		__field(int, why)
		__field(unsigned int, nr_running)
	),
	TP_fast_assign(
		__entry->cpu = rq->cpu;
		__entry->next_pid = next ? next->pid : 0;
		__entry->why = next ? why : EDU_WHY_NONE;
		__entry->nr_running = rq->nr_running;
	),
	TP_printk("cpu=%d next_pid=%d why=%s nr_running=%u", __entry->cpu,
		  __entry->next_pid, show_edu_reason(__entry->why),
		  __entry->nr_running)
);

TRACE_EVENT(sched_edu_preempt,
	TP_PROTO(const struct edu_rq *rq, enum edu_reason why),
	TP_ARGS(rq, why),
	TP_STRUCT__entry(
		__field(int, cpu)
		__field(int, pid)
		__field(int, why)
	),
	TP_fast_assign(
		__entry->cpu = rq->cpu;
		__entry->pid = rq->curr ? rq->curr->pid : 0;
		__entry->why = why;
	),
	TP_printk("cpu=%d pid=%d why=%s", __entry->cpu, __entry->pid,
		  show_edu_reason(__entry->why))
);

/* Fields as in sched:sched_migrate_task. */
TRACE_EVENT(sched_edu_migrate,
	TP_PROTO(const struct edu_task *t, int orig_cpu, int dest_cpu),
	TP_ARGS(t, orig_cpu, dest_cpu),
	TP_STRUCT__entry(
		__array(char, comm, EDU_NAME_LEN)
		__field(int, pid)
		__field(int, orig_cpu)
		__field(int, dest_cpu)
	),
	TP_fast_assign(
		memcpy(__entry->comm, t->comm, EDU_NAME_LEN);
		__entry->pid = t->pid;
		__entry->orig_cpu = orig_cpu;
		__entry->dest_cpu = dest_cpu;
	),
	TP_printk("comm=%s pid=%d orig_cpu=%d dest_cpu=%d", __entry->comm,
		  __entry->pid, __entry->orig_cpu, __entry->dest_cpu)
);

/* A group's queue on a processor is throttled, or is not any more. */
TRACE_EVENT(sched_edu_throttle,
	TP_PROTO(const struct edu_rq *rq, u64 group, bool begin, s64 runtime),
	TP_ARGS(rq, group, begin, runtime),
	TP_STRUCT__entry(
		__field(int, cpu)
		__field(u64, group)
		__field(bool, begin)
		__field(s64, runtime)
	),
	TP_fast_assign(
		__entry->cpu = rq->cpu;
		__entry->group = group;
		__entry->begin = begin;
		__entry->runtime = runtime;
	),
	TP_printk("cpu=%d group=%llu begin=%d runtime=%lld", __entry->cpu,
		  __entry->group, __entry->begin, __entry->runtime)
);

TRACE_EVENT(sched_edu_balance,
	TP_PROTO(const struct edu_rq *rq, bool moved),
	TP_ARGS(rq, moved),
	TP_STRUCT__entry(
		__field(int, cpu)
		__field(bool, moved)
		__field(u64, interval)
	),
	TP_fast_assign(
		__entry->cpu = rq->cpu;
		__entry->moved = moved;
		__entry->interval = rq->balance_interval;
	),
	TP_printk("cpu=%d moved=%d interval=%llu", __entry->cpu,
		  __entry->moved, __entry->interval)
);

#endif /* _SCHED_EDU_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
