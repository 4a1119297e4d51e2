// SPDX-License-Identifier: GPL-2.0
/*
 * SCHED_OTHER against SCHED_BATCH: two tasks throw a byte to and fro through
 * pipes, on a CPU that they share with two that never sleep. All four have the
 * policy of the side. The rule that shows: a batch task that wakes up does not
 * preempt (the kernel book on check_preempt_wakeup(); today
 * wakeup_preempt_fair() returns at once when the wakee's policy is not
 * SCHED_OTHER), so each throw waits for the end of a slice.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "compare/compare.h"

#define SECONDS 1
#define HOGS 2

static const struct metric metrics[] = {
	{ "round_trips", "/s", false },
	{ "p50", "ns", true },
	{ "p99", "ns", true },
	{ "longest", "ns", true },
	{}
};

static uint64_t ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static pid_t child(int policy)
{
	struct sched_param param = {};
	cpu_set_t cpu;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) || sched_setscheduler(0, policy, &param))
		_exit(1);
	return 0;
}

/* Throw for SECONDS and tell the parent what was seen. */
static void thrower(int to, int from, int report)
{
	struct edu_hist h = {};
	uint64_t start = ns(), now = start, before;
	char byte = 0;

	while (now - start < SECONDS * 1000000000ULL) {
		before = now;
		if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
			_exit(1);
		now = ns();
		hist_add(&h, now - before);
	}
	_exit(write(report, &h, sizeof(h)) != sizeof(h));
}

static int run(int side, struct result *r)
{
	int policy = side ? SCHED_BATCH : SCHED_OTHER, pipes[3][2], i, err = 0;
	pid_t pids[HOGS + 2] = {};
	size_t got = 0;
	char byte;

	for (i = 0; i < 3; i++)
		if (pipe(pipes[i]))
			return errno;
	for (i = 0; i < HOGS + 2; i++) {
		pids[i] = child(policy);
		if (pids[i])
			continue;
		while (i < HOGS)
			;
		if (i == HOGS) {
			close(pipes[0][1]);
			while (read(pipes[0][0], &byte, 1) == 1 && write(pipes[1][1], &byte, 1) == 1)
				;
			_exit(0);
		}
		thrower(pipes[0][1], pipes[1][0], pipes[2][1]);
	}
	close(pipes[2][1]);
	while (got < sizeof(r->hist)) {
		ssize_t n = read(pipes[2][0], (char *)&r->hist + got, sizeof(r->hist) - got);

		if (n <= 0)
			break;
		got += n;
	}
	if (got != sizeof(r->hist))
		err = EIO;
	for (i = 0; i < HOGS + 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	for (i = 0; i < 6; i++)
		if (i != 5)
			close(pipes[i / 2][i % 2]);
	if (err)
		return err;
	r->value[0] = r->hist.count / (r->hist.sum / 1e9);
	r->value[1] = hist_percentile(&r->hist, 0.5);
	r->value[2] = hist_percentile(&r->hist, 0.99);
	r->value[3] = r->hist.max;
	for (i = 0; i < 4; i++)
		r->given[i] = true;
	return 0;
}

const struct comparison sched_batch = {
	.name = "sched-batch",
	.title = "SCHED_OTHER against SCHED_BATCH",
	.side = { "SCHED_OTHER", "SCHED_BATCH" },
	.workload = "two tasks throw a byte through pipes for 1 s, beside two that never sleep, all on CPU 0",
	.measures = "time of a round trip",
	.metrics = metrics,
	.run = run,
};
