/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules that can be switched off by name in
 * /sys/kernel/debug/sched_edu/features: FEATURE(name, on at start).
 */
#ifndef _SCHED_EDU_FEATURES_H
#define _SCHED_EDU_FEATURES_H

#define EDU_FEATURES(FEATURE)						\
	/* A sleeper's credit is half a period, not a whole one. */	\
	FEATURE(GENTLE_FAIR_SLEEPERS, true)				\
	/* A new task starts one slice behind. */			\
	FEATURE(START_DEBIT, true)					\
	/* Prefer to run the task that was just woken. */		\
	FEATURE(NEXT_BUDDY, false)					\
	/* Prefer to run the task that a wakeup preempted. */		\
	FEATURE(LAST_BUDDY, true)					\
	/* A wakee may preempt. */					\
	FEATURE(WAKEUP_PREEMPTION, true)				\
	/* Slices are never shorter than min_granularity. */		\
	FEATURE(BASE_SLICE, false)					\
	/* The tick's newer rule: cap by latency, grant min_granularity. */ \
	FEATURE(TICK_GRACE, true)					\
	/* A child runs before its parent. */				\
	FEATURE(CHILD_RUNS_FIRST, false)				\
	/* End slices by a timer, not only at the tick. */		\
	FEATURE(HRTICK, true)						\
	/* Real-time tasks leave 5 % to others. */			\
	FEATURE(RT_THROTTLE, true)					\
	/* Move waiting real-time tasks to other processors. */		\
	FEATURE(RT_PULL, true)						\
	/* A queue that runs empty pulls a task. */			\
	FEATURE(NEWIDLE, true)						\
	/* Queues are evened out from time to time. */			\
	FEATURE(BALANCE, true)						\
	/* A wakee goes to an idle processor if there is one. */	\
	FEATURE(WAKE_IDLE, true)

enum edu_feature {
#define FEATURE(name, on) EDU_F_##name,
	EDU_FEATURES(FEATURE)
#undef FEATURE
	EDU_NR_FEATURES
};

#endif /* _SCHED_EDU_FEATURES_H */
