/* SPDX-License-Identifier: GPL-2.0 */
/* What top.bpf.c keeps for each CPU and eduscope top shows. */
#ifndef EDU_TOP_H
#define EDU_TOP_H

#include "edu.h"

#define EDU_TOP_CPUS	512

struct edu_top_task {
	__u32 tid;
	__u32 class;
	char comm[EDU_COMM];
};

struct edu_top_cpu {
	__u64 switches;
	__u64 wakeups;		/* of tasks that came to run here */
	__u64 faults;
	__u32 nr_running;	/* when it was looked at; without eduscope */
	__u32 pad;
	struct edu_top_task now;
	struct edu_top_task last;	/* the last that was not eduscope */
	struct edu_hist wait;	/* ns from waking to running */
};

#endif
