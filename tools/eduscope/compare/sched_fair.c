// SPDX-License-Identifier: GPL-2.0
/*
 * Fairness over time: four tasks that never sleep, of nice 0, 0, 5 and 10, on one CPU.
 * By their weights each is owed a part of what the four were given so far; every
 * 4 ms it is read how much whoever is furthest behind is still owed. One is always
 * behind: while another has its slice. What a scheduler can do is not to let it grow.
 */
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include "compare/compare.h"

#define HOGS 4
#define SAMPLES 500
#define APART 4000000	/* ns */

static const int nices[HOGS] = { 0, 0, 5, 10 };
static const double weights[HOGS] = { 1024, 1024, 335, 110 };

static const struct metric metrics[] = {
	{ "owed_at_worst", "ns", true },
	{ "owed_mean", "ns", true },
	{}
};

/* What is owed to whoever is furthest behind, ns. */
static double owed(const pid_t *pids, const double *before)
{
	double got[HOGS], all = 0, sum = 0, behind, most = 0;
	int i;

	for (i = 0; i < HOGS; i++) {
		got[i] = cpu_time(pids[i]) - before[i];
		all += got[i];
		sum += weights[i];
	}
	for (i = 0; i < HOGS; i++) {
		behind = all * weights[i] / sum - got[i];
		most = behind > most ? behind : most;
	}
	return most;
}

static int hogs(struct result *r)
{
	struct timespec settle = { .tv_nsec = 100000000 }, apart = { .tv_nsec = APART };
	struct curve *c = &r->curve;
	double before[HOGS], start;
	pid_t pids[HOGS];
	int i, err;

	for (i = 0; i < HOGS; i++) {
		pids[i] = pinned_child(SCHED_OTHER, nices[i]);
		while (!pids[i])
			;
	}
	nanosleep(&settle, NULL);
	for (i = 0; i < HOGS; i++)
		before[i] = cpu_time(pids[i]);
	start = now_s();
	for (i = 0; i < SAMPLES && !stopping; i++) {
		nanosleep(&apart, NULL);
		c->at[i] = (now_s() - start) * 1e9;
		c->value[i] = owed(pids, before);
		c->points++;
		r->value[0] = c->value[i] > r->value[0] ? c->value[i] : r->value[0];
		r->value[1] += c->value[i] / SAMPLES;
	}
	err = end_children(pids, HOGS);
	r->given[0] = !err;
	r->given[1] = !err;
	return err;
}

static int run(int side, struct result *r)
{
	return under_sched_edu(side, hogs, r);
}

const struct comparison sched_fair = {
	.name = "sched-fair",
	.title = "fairness over time: the kernel's fair class against sched_edu",
	.side = { "kernel", "edu" },
	.module = "sched_edu",
	.workload = "hogs of nice 0, 0, 5 and 10 on CPU 0 for 2 s; read every 4 ms",
	.follows = "owed to whoever is furthest behind",
	.metrics = metrics,
	.run = run,
	.setup = kernel_schedules,
	.teardown = back_to_the_kernel,
};
