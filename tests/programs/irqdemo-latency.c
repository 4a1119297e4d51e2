// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo-latency read|poll|epoll|eventfd LINE COUNT: raise a line whose bottom
 * half is `poller`, be woken, and print how long after the edge that was:
 * "WAY p50 N p99 N max N ns". Exit status 1 if one interrupt was not heard.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <edu/irqdemo.h>

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	struct epoll_event ready = { .events = EPOLLIN };
	int dev, evfd, epfd, line, count, i, child, next[2];
	struct irqdemo_event event;
	unsigned long long *took, woken, n;
	struct pollfd pfd;

	if (argc != 4)
		return 2;
	line = atoi(argv[2]);
	count = atoi(argv[3]);
	took = calloc(count, sizeof(*took));
	dev = open("/dev/irqdemo", O_RDONLY);
	evfd = eventfd(0, EFD_SEMAPHORE);
	epfd = epoll_create1(0);
	if (!took || count <= 0 || dev < 0 || evfd < 0 || epfd < 0)
		return 2;
	epoll_ctl(epfd, EPOLL_CTL_ADD, dev, &ready);
	if (!strcmp(argv[1], "eventfd") && ioctl(dev, IRQDEMO_EVENTFD, &evfd))
		return 2;
	pfd = (struct pollfd){ .fd = dev, .events = POLLIN };
	alarm(60);
	/*
	 * Another raises, slowly, so that each finds us asleep, and only when
	 * the last one was heard: two that meet would be one.
	 */
	if (pipe(next))
		return 2;
	child = fork();
	if (!child) {
		for (i = 0; i < count; i++) {
			if (i && read(next[0], &n, 1) != 1)
				return 2;
			usleep(2000);
			if (ioctl(dev, IRQDEMO_RAISE, &line))
				return 2;
		}
		_exit(0);
	}
	for (i = 0; i < count; i++) {
		if (!strcmp(argv[1], "poll"))
			poll(&pfd, 1, -1);
		else if (!strcmp(argv[1], "epoll"))
			epoll_wait(epfd, &ready, 1, -1);
		else if (!strcmp(argv[1], "eventfd"))
			if (read(evfd, &n, sizeof(n)) != sizeof(n))
				return 1;
		woken = now();
		if (read(dev, &event, sizeof(event)) != sizeof(event) || event.lost)
			return 1;
		if (!strcmp(argv[1], "read"))
			woken = now();
		took[i] = woken - event.edge;
		if (write(next[1], "", 1) != 1)
			return 1;
	}
	qsort(took, count, sizeof(*took), by_value);
	printf("%s p50 %llu p99 %llu max %llu ns\n", argv[1],
	       took[count / 2], took[count * 99 / 100], took[count - 1]);
	return 0;
}
