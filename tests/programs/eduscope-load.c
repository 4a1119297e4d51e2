// SPDX-License-Identifier: GPL-2.0
/*
 * A known load for eduscope's tests. Each mode first prints what the test
 * needs to know and waits for a line, and waits again when it is done.
 *   eduscope-load pingpong N   two processes throw a byte N times: "PARENT CHILD"
 *   eduscope-load touch N      N new anonymous pages, each written once: "PID",
 *                              then the minor faults that getrusage saw for it
 *   eduscope-load mixed MS     spins, yields, sleeps: "PID", then "done" and how many
 *                              microseconds of that it had no CPU
 *   eduscope-load signals N    takes N times SIGUSR1; its handler sends itself
 *                              SIGUSR2, whose handler jumps out of itself: "PID"
 * and, at once:
 *   eduscope-load links        how many BPF links there are (bpftool takes a second)
 *   eduscope-load programs     how many BPF programs
 *   eduscope-load six          getpid() with the arguments 1, 2, 3, 4, 5, 6
 */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>

static void wait_line(void)
{
	char byte;

	while (read(0, &byte, 1) == 1 && byte != '\n')
		;
}

static int pingpong(int n)
{
	int to[2], from[2], i;
	char byte = 0;
	struct sched_param one = { .sched_priority = 1 };
	cpu_set_t cpu;
	pid_t child;

	/*
	 * One CPU, and a policy in which an equal does not preempt: then each
	 * has gone to sleep before the other throws, and every throw wakes.
	 */
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (pipe(to) || pipe(from) || sched_setaffinity(0, sizeof(cpu), &cpu) ||
	    sched_setscheduler(0, SCHED_FIFO, &one))
		return 1;
	child = fork();
	if (!child) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1 && write(from[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	printf("%d %d\n", getpid(), child);
	fflush(stdout);
	wait_line();
	for (i = 0; i < n; i++)
		if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1)
			return 1;
	puts("done");
	fflush(stdout);
	wait_line();
	close(to[1]);
	wait(NULL);
	return 0;
}

static int touch(int n)
{
	long page = sysconf(_SC_PAGESIZE);
	struct rusage before, after;
	char *p = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (p == MAP_FAILED || madvise(p, n * page, MADV_NOHUGEPAGE))
		return 1;
	printf("%d\n", getpid());
	fflush(stdout);
	wait_line();
	getrusage(RUSAGE_SELF, &before);
	for (i = 0; i < n; i++)
		p[i * page] = 1;
	getrusage(RUSAGE_SELF, &after);
	printf("%ld\n", after.ru_minflt - before.ru_minflt);
	fflush(stdout);
	wait_line();
	return 0;
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static int mixed(int ms)
{
	struct timespec nap = { .tv_nsec = 500000 };
	double end, off;

	printf("%d\n", getpid());
	fflush(stdout);
	wait_line();
	off = now() - seconds(CLOCK_PROCESS_CPUTIME_ID);
	end = now() + ms / 1e3;
	while (now() < end) {
		double spin = now() + 0.012;

		while (now() < spin)
			;
		sched_yield();
		nanosleep(&nap, NULL);
	}
	off = now() - seconds(CLOCK_PROCESS_CPUTIME_ID) - off;
	printf("done %.0f\n", off * 1e6);
	fflush(stdout);
	wait_line();
	return 0;
}

static sigjmp_buf back;
static int taken;

static void on_second(int sig)
{
	siglongjmp(back, 1);
}

static void on_first(int sig)
{
	if (!sigsetjmp(back, 1))
		raise(SIGUSR2);
	taken++;
}

static int signals(int n)
{
	sigset_t usual, none;

	signal(SIGUSR1, on_first);
	signal(SIGUSR2, on_second);
	sigemptyset(&none);
	sigaddset(&none, SIGUSR1);
	sigprocmask(SIG_BLOCK, &none, &usual);
	printf("%d\n", getpid());
	fflush(stdout);
	wait_line();
	while (taken < n)
		sigsuspend(&usual);
	printf("%d\n", taken);
	fflush(stdout);
	wait_line();
	return 0;
}

static int count(int command)
{
	union bpf_attr attr;
	int n = 0;

	memset(&attr, 0, sizeof(attr));
	while (!syscall(SYS_bpf, command, &attr, sizeof(attr))) {
		attr.start_id = attr.next_id;
		n++;
	}
	printf("%d\n", n);
	return 0;
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 2 && !strcmp(argv[1], "pingpong"))
		return pingpong(n);
	if (argc > 2 && !strcmp(argv[1], "touch"))
		return touch(n);
	if (argc > 2 && !strcmp(argv[1], "mixed"))
		return mixed(n);
	if (argc > 2 && !strcmp(argv[1], "signals"))
		return signals(n);
	if (argc == 2 && !strcmp(argv[1], "links"))
		return count(BPF_LINK_GET_NEXT_ID);
	if (argc == 2 && !strcmp(argv[1], "programs"))
		return count(BPF_PROG_GET_NEXT_ID);
	if (argc == 2 && !strcmp(argv[1], "six"))
		return syscall(SYS_getpid, 1, 2, 3, 4, 5, 6) != getpid();
	fprintf(stderr, "usage: eduscope-load pingpong|touch|mixed|signals N\n"
		"       eduscope-load links|programs|six\n");
	return 2;
}
