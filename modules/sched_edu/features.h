/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules that can be switched off by name in
 * /sys/kernel/debug/sched_edu/features.
 */
#ifndef _SCHED_EDU_FEATURES_H
#define _SCHED_EDU_FEATURES_H

#include <linux/types.h>

enum edu_feature {
	/* A sleeper's credit is half a period, not a whole one. */
	EDU_F_GENTLE_FAIR_SLEEPERS,
	/* A new task starts one slice behind. */
	EDU_F_START_DEBIT,
	/* Prefer to run the task that was just woken. */
	EDU_F_NEXT_BUDDY,
	/* Prefer to run the task that a wakeup preempted. */
	EDU_F_LAST_BUDDY,
	/* A wakee may preempt. */
	EDU_F_WAKEUP_PREEMPTION,
	/* It does so when the current task leaves the kernel, if that is preempt=lazy. */
	EDU_F_LAZY_WAKEUP,
	/* Slices are never shorter than min_granularity. */
	EDU_F_BASE_SLICE,
	/* The tick's newer rule: cap by latency, grant min_granularity. */
	EDU_F_TICK_GRACE,
	/* A child runs before its parent. */
	EDU_F_CHILD_RUNS_FIRST,
	/* End slices by a timer, not only at the tick. */
	EDU_F_HRTICK,
	/* Real-time tasks leave 5 % to others. */
	EDU_F_RT_THROTTLE,
	/* A real-time task that has to wait is pushed to another processor. */
	EDU_F_RT_PUSH,
	/* A processor takes real-time tasks that wait elsewhere. */
	EDU_F_RT_PULL,
	/* A queue that runs empty pulls a task. */
	EDU_F_NEWIDLE,
	/* Queues are evened out from time to time, idle ones at each tick. */
	EDU_F_BALANCE,
	/* A wakee goes to an idle processor if there is one. */
	EDU_F_WAKE_IDLE,
	/* The rule of 2023: earliest deadline among those that are owed time. */
	EDU_F_EEVDF,
	/* EEVDF: who is owed time runs until its slice is over. */
	EDU_F_RUN_TO_PARITY,
	EDU_NR_FEATURES
};

/**
 * struct edu_feature_info - what is known of a rule
 * @name: without EDU_F_
 * @on: at start
 */
struct edu_feature_info {
	const char *name;
	bool on;
};

/* core.c */
extern const struct edu_feature_info edu_features[EDU_NR_FEATURES];

#endif /* _SCHED_EDU_FEATURES_H */
