/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* /dev/irqdemo, for programs. */
#ifndef _EDU_IRQDEMO_H
#define _EDU_IRQDEMO_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct irqdemo_event - what read() gives for each interrupt
 * @edge: when the device was told to raise, CLOCK_MONOTONIC, ns
 * @hard: when the handler ran
 * @line: whose
 * @lost: events that this file had no room for before this one
 */
struct irqdemo_event {
	__u64 edge;
	__u64 hard;
	__u32 line;
	__u32 lost;
};

/* Count interrupts in the eventfd whose number this is; -1: no more. */
#define IRQDEMO_EVENTFD	_IOW('i', 0xe1, int)
/* Raise line n once. */
#define IRQDEMO_RAISE	_IOW('i', 0xe2, int)

#endif /* _EDU_IRQDEMO_H */
