/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A comparison: what a plug-in gives, what the frame makes of it.
 *
 * A plug-in is one struct comparison. Either it has C functions, or three
 * shell commands: then "run" is called with $SIDE set to a's or b's name, and
 * each line "METRIC VALUE" on its stdout is one measurement; everything else
 * about the metric stands in the description. So a twin that has a bench file
 * in debugfs becomes a comparison by a description alone; see
 * docs/eduscope.md.
 */
#ifndef EDUSCOPE_COMPARE_H
#define EDUSCOPE_COMPARE_H

#include "eduscope.h"

#define METRICS 24

struct metric {
	const char *name;	/* one word */
	const char *unit;	/* "ns" is printed as a time */
	bool lower;		/* is lower better? */
};

/* Something that changes while a run lasts: at so many ns of the run it was so many ns. */
struct curve {
	int points;
	double at[600], value[600];
};

struct result {
	double value[METRICS];
	bool given[METRICS];
	struct edu_hist hist;	/* of what the comparison says it is of */
	struct curve curve;	/* likewise */
};

/* For shell commands: the time in ns. */
#define NOW "now() { date +%s%N; }\n"

struct comparison {
	const char *name;
	const char *title;
	const char *side[2];		/* A and B; for twins "kernel" and "edu" */
	const char *module;		/* must be loaded, or NULL */
	bool asked;			/* takes minutes: only when it is asked for by name */
	const char *workload;		/* one sentence: what is run */
	const char *measures;		/* what the histogram is of, or NULL */
	const char *follows;		/* what the curve is of, or NULL */
	const struct metric *metrics;	/* up to METRICS, ended by one without a name */
	/* 0, or a negative errno */
	int (*setup)(void);
	int (*run)(int side, struct result *r);
	void (*teardown)(void);
	const char *setup_cmd, *run_cmd, *teardown_cmd;
};

extern const struct comparison sched_batch;
extern const struct comparison sched_naps;
extern const struct comparison sched_fair;
extern const struct comparison ext2_ext4;
extern const struct comparison slab_classic;
extern const struct comparison slab_sheaf;
extern const struct comparison slab_sizes;
extern const struct comparison slab_inodes;
extern const struct comparison timer_twin;
extern const struct comparison wq_twin;
extern const struct comparison lock_twin;
extern const struct comparison fs_twin;
extern const struct comparison fs_fio;
extern const struct comparison fs_tree;
extern const struct comparison fs_journal;
extern const struct comparison fs_age;
extern const struct comparison sched_twin;
extern const struct comparison sched_all;
extern const struct comparison sched_simple;
extern const struct comparison sched_flatcg;
extern const struct comparison lp_twin;
extern const struct comparison lp_poll_twin;
extern const struct comparison irq_load;

/* stats.c */
struct verdict {
	double median[2];
	double spread[2];	/* half of the range between the quartiles */
	double ratio;		/* median of B/A over the pairs */
	double low, high;	/* its interval */
	double confidence;	/* and how sure that is */
	int better;		/* 0: A, 1: B, -1: no difference seen */
};

void judge(const double *a, const double *b, int pairs, bool lower, struct verdict *v);

/* What one comparison found. */
struct outcome {
	const struct comparison *c;
	int pairs;
	double *sample[2][METRICS];
	struct verdict verdict[METRICS];
	bool given[METRICS];
	struct edu_hist hist[2];
	struct curve curve[2];		/* of the last pair */
	double seconds, confidence;
};

/* tasks.c */
pid_t pinned_child(int policy, int nice);
double cpu_time(pid_t pid);
int end_children(const pid_t *pids, int n);
int under_sched_edu(int side, int (*run)(struct result *r), struct result *r);
int kernel_schedules(void);
void back_to_the_kernel(void);

/* html.c */
int write_report(const char *path, const struct outcome *o, int n, bool icount);

#endif
