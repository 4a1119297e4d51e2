// SPDX-License-Identifier: GPL-2.0
/*
 * A task that sleeps for 2 ms at a time, on a CPU that it shares with two that
 * never sleep, one of nice 0 and one of nice 5.
 *
 * The kernel's scheduler against sched_edu: how late the sleeper runs, and how
 * far the share of the nice 0 hog is from that of the weights (75.35 %).
 *
 * SCHED_OTHER against SCHED_BATCH: all three have the policy of the side. The
 * rule that should show: a batch task that wakes up does not preempt (the
 * kernel book on check_preempt_wakeup(); today wakeup_preempt_fair() returns at
 * once when the wakee's policy is not SCHED_OTHER), so it waits for the end of a
 * slice.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include "compare/compare.h"

#define SECONDS 1
#define HOGS 2
#define NAP 2000000
#define WORKLOAD "a task naps 2 ms at a time for 1 s, beside hogs of nice 0 and 5, all on CPU 0"
#define HOG_NICE 5
/* Of two hogs, by the weights of nice 0 and 5, % */
#define SHARE (100.0 * 1024 / (1024 + 335))

static const struct metric metrics[] = {
	{ "naps", "/s", false },
	{ "p50", "ns", true },
	{ "p99", "ns", true },
	{ "longest", "ns", true },
	{ "share_error", "%", true },
	{}
};

static uint64_t ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Nap for SECONDS and tell the parent how much too late each nap ended. */
static void napper(int report)
{
	struct timespec nap = { .tv_nsec = NAP };
	uint64_t start = ns(), before, took;
	struct edu_hist h = {};

	while ((before = ns()) - start < SECONDS * 1000000000ULL) {
		nanosleep(&nap, NULL);
		took = ns() - before;
		hist_add(&h, took > NAP ? took - NAP : 0);
	}
	_exit(write(report, &h, sizeof(h)) != sizeof(h));
}

static int naps(int policy, struct result *r)
{
	double used[HOGS];
	int ends[2], i, err;
	pid_t pids[HOGS + 1] = {};
	size_t got = 0;
	ssize_t n = 1;

	if (pipe(ends))
		return -errno;
	for (i = 0; i < HOGS + 1; i++) {
		pids[i] = pinned_child(policy, i < HOGS ? i * HOG_NICE : 0);
		if (pids[i])
			continue;
		if (i == HOGS)
			napper(ends[1]);
		/* Else the parent would wait for what only the napper writes. */
		close(ends[1]);
		for (;;)
			;
	}
	close(ends[1]);
	while (got < sizeof(r->hist) && n > 0) {
		n = read(ends[0], (char *)&r->hist + got, sizeof(r->hist) - got);
		got += n > 0 ? n : 0;
	}
	close(ends[0]);
	for (i = 0; i < HOGS; i++)
		used[i] = cpu_time(pids[i]);
	err = end_children(pids, HOGS + 1);
	if (err || got != sizeof(r->hist))
		return err ?: -EIO;
	r->value[0] = (double)r->hist.count / SECONDS;
	r->value[1] = hist_percentile(&r->hist, 0.5);
	r->value[2] = hist_percentile(&r->hist, 0.99);
	r->value[3] = r->hist.max;
	r->value[4] = fabs(100 * used[0] / (used[0] + used[1]) - SHARE);
	for (i = 0; i < 5; i++)
		r->given[i] = true;
	return 0;
}

static int run_policy(int side, struct result *r)
{
	return naps(side ? SCHED_BATCH : SCHED_OTHER, r);
}

static int other(struct result *r)
{
	return naps(SCHED_OTHER, r);
}

static int run_scheduler(int side, struct result *r)
{
	return under_sched_edu(side, other, r);
}

const struct comparison sched_naps = {
	.name = "sched-naps",
	.title = "wakeups and shares: the kernel's fair class against sched_edu",
	.side = { "kernel", "edu" },
	.module = "sched_edu",
	.workload = WORKLOAD,
	.measures = "how late a nap ends",
	.metrics = metrics,
	.run = run_scheduler,
	.setup = kernel_schedules,
	.teardown = back_to_the_kernel,
};

const struct comparison sched_batch = {
	.name = "sched-batch",
	.title = "SCHED_OTHER against SCHED_BATCH",
	.side = { "SCHED_OTHER", "SCHED_BATCH" },
	.workload = WORKLOAD,
	.measures = "how late a nap ends",
	.metrics = metrics,
	.run = run_policy,
};
