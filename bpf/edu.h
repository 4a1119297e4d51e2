/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a probe in the kernel and eduscope in user space both know.
 *
 * Every probe keeps its results in one map, "rows": a row is some thing that
 * is counted (a task, a class, an interrupt line), with counters and one
 * histogram. Which thing, which counters: see the probe's own header lines and
 * its description in tools/eduscope/probes/. Because all probes share the
 * layout, the code that reads, subtracts, sorts and prints them exists once.
 */
#ifndef EDU_SCOPE_H
#define EDU_SCOPE_H

#define EDU_COMM	16
#define EDU_COUNTERS	12
#define EDU_ROWS	8192
#define EDU_EVENT_ARGS	10

/*
 * A histogram with eight slots to each power of two: a value is known to
 * within an eighth of itself, so percentiles mean something. Values below 8
 * have a slot of their own; what is beyond 2^40 ns (18 minutes) is in the last.
 */
#define EDU_HIST_SUB	3
#define EDU_HIST_SLOTS	304

struct edu_hist {
	__u64 count;
	__u64 sum;
	__u64 max;
	__u32 slot[EDU_HIST_SLOTS];
};

/*
 * Which implementation a probe looks at. A probe whose hooks have the same
 * arguments on both sides is one set of programs, attached to the one or to the
 * other (struct hook in eduscope.h); with plain bpftool it is the kernel's.
 */
enum edu_side {
	EDU_SIDE_ANY,		/* not asked: the kernel's; for fs, whatever is mounted */
	EDU_SIDE_KERNEL,
	EDU_SIDE_TWIN
};

/* Which tasks are wanted; zero means "not asked". */
struct edu_filter {
	__u32 tgid;
	__u32 tid;
	__u64 cgroup;		/* id of a cgroup: it and all below it */
	__u32 level;		/* its depth in the hierarchy */
	__u32 events;		/* 1: also send single events */
	__u32 self;		/* tgid of eduscope: its own events are no news */
	__u32 side;		/* enum edu_side */
	__u32 stacks;		/* 1: also add up by stack */
	__u32 tick;		/* ns between two timer ticks, in which jbd2 counts */
};

/*
 * A row's name. Things that several CPUs count at once have one row for each
 * CPU, which user space adds up; a task runs on one CPU at a time and has one.
 */
struct edu_key {
	__u16 table;
	__u16 side;		/* filled in by user space */
	__u32 cpu;
	__u64 id;
	__u64 aux;
};

struct edu_row {
	char comm[EDU_COMM];
	char peer[EDU_COMM];
	__u64 n[EDU_COUNTERS];
	struct edu_hist hist;
};

struct edu_event {
	__u64 ts;		/* boot-time clock, ns */
	__u32 type;
	__u32 cpu;
	__u32 tid;
	__u32 tgid;
	char comm[EDU_COMM];
	char name[32];
	__u64 arg[EDU_EVENT_ARGS];
};

/*
 * The table of rows by stack; id: the kernel's stack in the lower half, the
 * user's in the upper one, each a number in the map "stacks", or negative; aux:
 * the process. n[0] is what is added up, n[1] how often.
 */
#define EDU_FOLDED	0xffffU
#define EDU_STACK_DEPTH	64

/* What could not be recorded; the map "lost", always printed when not zero. */
enum edu_lost {
	EDU_LOST_ROW,		/* the table of rows was full or busy */
	EDU_LOST_STATE,		/* no room for a task's or object's state */
	EDU_LOST_EVENT,		/* the ring buffer was full */
	/*
	 * Filled in by user space: what came while the program ran on that CPU
	 * already, as by an interrupt in its middle. The kernel counts those.
	 */
	EDU_LOST_MISSED,
	EDU_LOST_KINDS
};

/* Scheduling classes, highest first: a lower number preempts a higher one. */
enum edu_class {
	EDU_CLASS_STOP,
	EDU_CLASS_DL,
	EDU_CLASS_RT,
	EDU_CLASS_FAIR,
	EDU_CLASS_EXT,
	EDU_CLASS_IDLE,
	EDU_CLASS_OTHER
};

/* A waker that is no task: the event came from an interrupt. */
#define EDU_WAKER_HARDIRQ	0xffffffffU
#define EDU_WAKER_SOFTIRQ	0xfffffffeU

#endif
