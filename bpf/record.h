/* SPDX-License-Identifier: GPL-2.0 */
/* What record.bpf.c sends and eduscope record writes down. */
#ifndef EDU_RECORD_H
#define EDU_RECORD_H

#include "edu.h"

/* The bytes of a twin's event that are kept; a longer one loses its end. */
#define EDU_REC_DATA	240

enum edu_rec_type {
	EDU_REC_SWITCH,		/* arg: next tid, both priorities, state, exit state */
	EDU_REC_WAKING,		/* arg: tid, priority, target CPU */
	EDU_REC_WAKEUP_NEW,	/* the same */
	EDU_REC_FORK,		/* arg: tid, tgid of the child, tgid of the parent */
	EDU_REC_EXEC,		/* arg: old tid; data: the file's name */
	EDU_REC_EXIT,		/* arg: tgid, priority */
	EDU_REC_RENAME,		/* arg: tid */
	EDU_REC_IRQ_ENTRY,	/* arg: line */
	EDU_REC_IRQ_EXIT,	/* arg: line, what the handler returned */
	EDU_REC_SOFTIRQ_RAISE,	/* arg: vector */
	EDU_REC_SOFTIRQ_ENTRY,
	EDU_REC_SOFTIRQ_EXIT,
	EDU_REC_TWIN,		/* arg: which event; data: its fields, as in "format" */
	EDU_REC_TYPES
};

/* The state of a task that was preempted, besides those of the kernel. */
#define EDU_REC_PREEMPTED	0x80000000U

struct edu_rec {
	__u64 ts;		/* boot-time clock, ns */
	__u16 type;
	__u16 cpu;
	__u32 tid;		/* the task that this CPU was running */
	__u32 lost;		/* events of this CPU that found no room so far */
	__u32 arg[5];
	char comm[EDU_COMM];
	char other[EDU_COMM];
};

struct edu_long_rec {
	struct edu_rec head;
	__u8 data[EDU_REC_DATA];
};

#endif
