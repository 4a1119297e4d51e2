// SPDX-License-Identifier: GPL-2.0
/*
 * What the comparisons of schedulers share: tasks on one CPU, how long each ran, and
 * a run under sched_edu.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "compare/compare.h"

/* As fork(), but the child is on CPU 0 and dies with its parent. */
pid_t pinned_child(int policy, int by)
{
	struct sched_param param = {};
	cpu_set_t cpu;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	errno = 0;
	if (sched_setaffinity(0, sizeof(cpu), &cpu) || sched_setscheduler(0, policy, &param) ||
	    (nice(by) < 0 && errno))
		_exit(1);
	return 0;
}

/*
 * In ns. From the process's own clock: the kernel brings it up to date when it is read,
 * schedstat only at a tick.
 */
double cpu_time(pid_t pid)
{
	struct timespec t = {};
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		return 0;
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* 0, or -ECHILD if one was never there, or has failed by itself. */
int end_children(const pid_t *pids, int n)
{
	int status, err = 0;

	while (n--) {
		if (pids[n] > 0)
			kill(pids[n], SIGKILL);
		if (pids[n] <= 0 || waitpid(pids[n], &status, 0) < 0 ||
		    (WIFEXITED(status) && WEXITSTATUS(status)))
			err = -ECHILD;
	}
	return err;
}

static bool was_kernel;

/* A scheduler that somebody has started is neither side, and not ours to end. */
int kernel_schedules(void)
{
	was_kernel = file_has("/sys/kernel/sched_ext/state", "disabled");
	if (was_kernel)
		return 0;
	complain("no sched_ext here, or a scheduler that is loaded already: end it first");
	return -EBUSY;
}

/* Side 1 is sched_edu's; "stop" fails if that was ended before. */
int under_sched_edu(int side, int (*run)(struct result *r), struct result *r)
{
	int err;

	if (side && system("eduscope sched start"))
		return -EIO;
	err = run(r);
	if (side && system("eduscope sched stop"))
		return -EIO;
	return err;
}

void back_to_the_kernel(void)
{
	if (was_kernel)
		unlink("/sys/fs/bpf/edu_ops");
}
