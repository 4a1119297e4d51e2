/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What lpchar offers to programs beyond the ioctls of <linux/lp.h>, which it
 * answers number for number.
 *
 * Structures only grow at their end, and then LPCHAR_VERSION grows with them.
 */
#ifndef _UAPI_EDU_LPCHAR_H
#define _UAPI_EDU_LPCHAR_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define LPCHAR_VERSION 1

/*
 * The page of counters that mmap(fd, offset 0, PROT_READ) shows. It is the
 * driver's own: what the driver counts is there at once.
 */
enum lpchar_count {
	LPCHAR_COUNT_WRITTEN,	/* bytes that writers handed over */
	LPCHAR_COUNT_STROBED,	/* bytes strobed into the printer */
	LPCHAR_COUNT_READ,	/* bytes that came back from the printer */
	LPCHAR_COUNT_TAKEN_BACK, /* bytes that an aborting writer withdrew */
	LPCHAR_COUNT_DROPPED,	/* bytes lost with the port */
	LPCHAR_COUNT_IRQS,	/* interrupts answered with "handled" */
	LPCHAR_COUNT_FOREIGN,	/* interrupts of a shared line, not ours */
	LPCHAR_COUNT_RERAISED,	/* ours, but no byte was waiting for one */
	LPCHAR_COUNT_LOST,	/* acknowledged, but no interrupt came */
	LPCHAR_COUNT_BURSTS,	/* runs of the pushing loop */
	LPCHAR_COUNT_STATUS_READS, /* reads of the status register */
	LPCHAR_COUNT_WAKEUPS,	/* times that sleepers were woken */
	LPCHAR_COUNT_SLEEPS,	/* times that a writer went to sleep */
	LPCHAR_COUNT_TIMEOUTS,	/* waits that ended without progress */
	LPCHAR_COUNT_ERRORS,	/* paper out, off line or fault, seen anew */
	LPCHAR_COUNT_OPENS,	/* successful opens */
	LPCHAR_COUNT_IOCTLS,	/* ioctls, refused ones too */
	LPCHAR_COUNT_PAGE_FAULTS, /* faults on this page, served by lpchar */
	LPCHAR_COUNTS
};

struct lpchar_page {
	__u32 version;		/* LPCHAR_VERSION */
	__u32 counts;		/* how many of the following are filled */
	__u64 count[LPCHAR_COUNTS];
};

/* One step on the wires, as recorded by the driver. */
struct lpchar_event {
	__u64 ns;		/* monotonic clock */
	__u8 what;		/* 'd', 'c' written; 's' status read; 'i' irq */
	__u8 data;		/* the data register as last written */
	__u8 control;		/* the control register as last written */
	__u8 status;		/* the status register as last read */
	__u32 reserved;
};

/* In: room for @nr events at @events. Out: how many were copied, oldest first. */
struct lpchar_trace {
	__u32 version;		/* in: LPCHAR_VERSION */
	__u32 nr;
	__u64 events;		/* address of struct lpchar_event[nr] */
};

/*
 * Blocks until @timeout_ms are over (returns 0) or a signal comes; then the
 * call ends with the kernel's restart code @code: -4 (EINTR), or one of 512
 * ERESTARTSYS, 513 ERESTARTNOINTR, 514 ERESTARTNOHAND, 516
 * ERESTART_RESTARTBLOCK, without their sign. @starts counts how often the
 * kernel began the call, so 2 means that it was restarted once.
 */
struct lpchar_restart {
	__u32 code;
	__u32 timeout_ms;	/* at most 60,000 */
	__u32 starts;
	__u32 reserved;		/* 0 */
};

/* The state of a parked task, as ps and /proc/PID/stat show it. */
enum lpchar_park_state {
	LPCHAR_PARK_INTERRUPTIBLE,	/* S: any signal ends it */
	LPCHAR_PARK_UNINTERRUPTIBLE,	/* D: nothing but unparking */
	LPCHAR_PARK_KILLABLE,		/* D: unparking, or a fatal signal */
};

struct lpchar_park {
	__u32 state;
	__u32 timeout_ms;	/* 1 to 60,000 */
};

#define LPCHAR_IOC		0xb5
/* -> LPCHAR_VERSION */
#define LPCHAR_GETVERSION	_IOR(LPCHAR_IOC, 0x00, __u32)
/* 0: stop recording the wires, 1: record them */
#define LPCHAR_SETTRACE		_IOW(LPCHAR_IOC, 0x01, __u32)
#define LPCHAR_GETTRACE		_IOWR(LPCHAR_IOC, 0x02, struct lpchar_trace)
#define LPCHAR_RESTART		_IOWR(LPCHAR_IOC, 0x03, struct lpchar_restart)
/* Returns 0 when unparked, -ETIME at the end of the time, -EINTR by a signal */
#define LPCHAR_PARK		_IOW(LPCHAR_IOC, 0x04, struct lpchar_park)
/* Wakes all that are parked on this port */
#define LPCHAR_UNPARK		_IO(LPCHAR_IOC, 0x05)

#endif /* _UAPI_EDU_LPCHAR_H */
