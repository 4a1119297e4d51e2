// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo-posix INTERVAL_US BLOCKED_US: the kernel's POSIX timer, as irqdemo's
 * bench/posix does it with ours: armed, its signal blocked for so long, then
 * taken. Prints "since N ns" and "elapsed N ns" (from the first expiry, before and after
 * the taking), "overrun N", "signals N".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct timespec none = {};
	struct itimerspec when;
	long long first, since, elapsed, ns;
	int signals = 0, overrun = 0;
	siginfo_t info;
	sigset_t set;
	timer_t timer;

	if (argc != 3)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		return 1;
	ns = atoll(argv[1]) * 1000;
	first = now() + ns;
	when.it_value.tv_sec = first / 1000000000;
	when.it_value.tv_nsec = first % 1000000000;
	when.it_interval.tv_sec = ns / 1000000000;
	when.it_interval.tv_nsec = ns % 1000000000;
	if (timer_settime(timer, TIMER_ABSTIME, &when, NULL))
		return 1;
	usleep(atoi(argv[2]));
	since = now() - first;
	if (sigtimedwait(&set, &info, &none) == SIGRTMIN) {
		elapsed = now() - first;
		overrun = timer_getoverrun(timer);
		signals++;
	} else {
		elapsed = 0;
	}
	timer_delete(timer);
	printf("since %lld ns\nelapsed %lld ns\noverrun %d\nsignals %d\n",
	       since, elapsed, overrun, signals);
	return !signals;
}
