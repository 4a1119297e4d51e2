// SPDX-License-Identifier: GPL-2.0
/*
 * lpchar-gone DEVICE COMMAND: seven processes wait on one open file of a
 * printer that is busy for ever, each in another call. COMMAND takes the port
 * away (or must fail to); the COMMAND "signal" sends each of them one that it
 * catches. Then each says how its call ended. A process that still does after 5 s
 * (0.6 s where COMMAND failed) "waits". The mapped page must stay readable.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <edu/lpchar.h>

static int fd;

static int do_write(void)
{
	static char data[100000];

	return write(fd, data, sizeof(data));
}

static int do_read(void)
{
	char c;

	return read(fd, &c, 1);
}

static int do_fsync(void)
{
	return fsync(fd);
}

static int do_poll(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, -1) < 0)
		return -1;
	errno = p.revents == (POLLHUP | POLLERR) ? ENODEV : EPROTO;
	return -1;
}

static int do_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	if (epoll_wait(ep, &e, 1, -1) < 0)
		return -1;
	errno = e.events == (EPOLLHUP | EPOLLERR) ? ENODEV : EPROTO;
	return -1;
}

static int do_park(void)
{
	struct lpchar_park park = { LPCHAR_PARK_UNINTERRUPTIBLE, 20000 };

	return ioctl(fd, LPCHAR_PARK, &park);
}

static int do_sigio(void)
{
	struct timespec limit = { .tv_sec = 20 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
	if (sigtimedwait(&set, NULL, &limit) != SIGIO)
		return 0;
	/* It came because the port is gone. */
	return ioctl(fd, LPCHAR_UNPARK);
}

static void on_signal(int number)
{
}

enum { CALLS = 7 };

static const struct {
	const char *name;
	int (*wait)(void);
} calls[CALLS] = {
	{ "write", do_write }, { "read", do_read }, { "fsync", do_fsync },
	{ "poll", do_poll }, { "epoll", do_epoll }, { "park", do_park },
	{ "sigio", do_sigio },
};

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct lpchar_page *page;
	int i, tries, status, left = CALLS;
	pid_t pid[CALLS];
	char *said;

	if (argc != 3)
		return 2;
	fd = open(argv[1], O_RDWR);
	said = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	page = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED || said == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	sigaction(SIGUSR1, &action, NULL);
	for (i = 0; i < CALLS; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			int ret = calls[i].wait();

			snprintf(said + i * 64, 64, "%s",
				 ret < 0 ? strerrorname_np(errno) : ret ? "part" : "0");
			_exit(0);
		}
		/* The writer first: it holds the port's mutex. */
		usleep(100000);
	}
	if (!strcmp(argv[2], "signal"))
		for (i = 0; i < CALLS; i++)
			status = !kill(pid[i], SIGUSR1);
	else
		status = system(argv[2]);
	printf("command %d", status ? 1 : 0);
	for (tries = 0; tries < 50 && left; tries++) {
		for (i = 0; i < CALLS; i++)
			if (pid[i] && waitpid(pid[i], NULL, WNOHANG) == pid[i]) {
				pid[i] = 0;
				left--;
			}
		/* A command that failed leaves them waiting: as it should. */
		if (status && tries > 5)
			break;
		usleep(100000);
	}
	for (i = 0; i < CALLS; i++) {
		printf(" %s:%s", calls[i].name, pid[i] ? "waits" : said + i * 64);
		if (pid[i])
			kill(pid[i], SIGKILL);
	}
	printf(" page:%d\n", page->version == LPCHAR_VERSION);
	/*
	 * Leave nobody behind: the parked one heeds no signal, and a blocking
	 * close waits for the printer.
	 */
	ioctl(fd, LPCHAR_UNPARK);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (wait(NULL) > 0)
		;
	return 0;
}
