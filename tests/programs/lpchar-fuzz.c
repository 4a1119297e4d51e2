// SPDX-License-Identifier: GPL-2.0
/*
 * lpchar-fuzz DEVICE N SEED: bad addresses get EFAULT and change nothing, and
 * N ioctls of random number and argument get an answer that lp gives.
 *
 * First every request that takes a pointer, with every kind of pointer that is
 * none: null, odd, past the end of a mapping, in the kernel, not canonical, and
 * one whose first bytes are there and the last are not; and for answers, memory
 * that may only be read. After each, flags and the count of written bytes must
 * be as they were. Then the random ones. Prints what was not as expected,
 * and at last "done N".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/lp.h>

#include <edu/lpchar.h>

static int fd;
static const struct lpchar_page *page;

static const struct {
	const char *name;
	unsigned long cmd;
	size_t size;
	int answers;		/* it writes there first of all */
} requests[] = {
	{ "LPGETIRQ", LPGETIRQ, 4, 1 },
	{ "LPGETSTATUS", LPGETSTATUS, 4, 1 },
	{ "LPGETFLAGS", LPGETFLAGS, 4, 1 },
	{ "LPSETTIMEOUT_OLD", LPSETTIMEOUT_OLD, 16, 0 },
	{ "LPSETTIMEOUT_NEW", LPSETTIMEOUT_NEW, 16, 0 },
	{ "LPCHAR_GETVERSION", LPCHAR_GETVERSION, 4, 1 },
	{ "LPCHAR_SETTRACE", LPCHAR_SETTRACE, 4, 0 },
	{ "LPCHAR_GETTRACE", LPCHAR_GETTRACE, sizeof(struct lpchar_trace), 0 },
	{ "LPCHAR_RESTART", LPCHAR_RESTART, sizeof(struct lpchar_restart), 0 },
	{ "LPCHAR_PARK", LPCHAR_PARK, sizeof(struct lpchar_park), 0 },
};

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static int flags(void)
{
	int value = -1;

	ioctl(fd, LPGETFLAGS, &value);
	return value;
}

static void expect_fault(const char *name, unsigned long cmd, unsigned long arg, const char *why)
{
	unsigned long long written = page->count[LPCHAR_COUNT_WRITTEN];
	int before = flags(), ret = ioctl(fd, cmd, arg);

	if (ret != -1 || errno != EFAULT)
		printf("%s, %s: %s\n", name, why, ret < 0 ? strerrorname_np(errno) : "done");
	if (flags() != before || page->count[LPCHAR_COUNT_WRITTEN] != written)
		printf("%s, %s: something changed\n", name, why);
}

static void bad_pointers(void)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct lpchar_trace trace = { .version = LPCHAR_VERSION, .nr = 4 };
	struct lpchar_restart restart = { .code = EINTR, .timeout_ms = 1 };
	unsigned int i;
	size_t there;

	munmap(two + 4096, 4096);
	for (i = 0; i < NR(requests); i++) {
		const char *name = requests[i].name;
		unsigned long cmd = requests[i].cmd;

		expect_fault(name, cmd, 0, "null");
		expect_fault(name, cmd, 1, "odd");
		expect_fault(name, cmd, -1UL, "the last byte");
		expect_fault(name, cmd, -(unsigned long)requests[i].size, "the last bytes");
		expect_fault(name, cmd, (unsigned long)two + 4096, "past the end");
		expect_fault(name, cmd, 0xffff800000000000UL, "the kernel's");
		expect_fault(name, cmd, 0xffffffff81000000UL, "the kernel's text");
		expect_fault(name, cmd, 0x0000800000000000UL, "not canonical");
		expect_fault(name, cmd, 0x00007ffffffff000UL, "the last page");
		for (there = 1; there < requests[i].size; there++) {
			memset(two + 4096 - there, 0, there);
			expect_fault(name, cmd, (unsigned long)two + 4096 - there, "torn");
		}
		if (requests[i].answers)
			expect_fault(name, cmd, (unsigned long)ro, "read only");
	}
	/* What points on from there. */
	trace.events = (unsigned long)two + 4096;
	if (write(fd, "x", 1) == 1)
		fsync(fd);
	expect_fault("LPCHAR_GETTRACE", LPCHAR_GETTRACE, (unsigned long)&trace, "its events");
	memcpy(two, &restart, sizeof(restart));
	mprotect(two, 4096, PROT_READ);
	expect_fault("LPCHAR_RESTART", LPCHAR_RESTART, (unsigned long)two, "read only");
}

static long random_ones(int n)
{
	static char zone[8192];
	const unsigned long addresses[] = {
		0, 1, ~0UL, (unsigned long)zone, (unsigned long)zone + 4093,
		0xffff800000000000UL, 0x7fffffffe000UL, 0x7ffffffff000UL,
	};
	long done = 0;
	int i;

	for (i = 0; i < n; i++) {
		unsigned long cmd, arg;

		switch (random() & 3) {
		case 0:
			cmd = 0x0600 | (random() & 31);
			break;
		case 1:
			cmd = _IOC(random() & 3, LPCHAR_IOC, random() & 7, random() & 31);
			break;
		case 2:
			cmd = requests[random() % 8].cmd;
			break;
		default:
			cmd = (unsigned long)random() << 16 ^ random();
			/* Not the VFS's own: they would change this file. */
			if (_IOC_TYPE(cmd) == 'T' || _IOC_TYPE(cmd) == 'f' ||
			    _IOC_TYPE(cmd) == 'X' || _IOC_TYPE(cmd) == 0x94)
				continue;
		}
		arg = addresses[random() % NR(addresses)];
		memset(zone, random() & 1 ? 0 : 0x5a, sizeof(zone));
		if (ioctl(fd, cmd, arg) < 0 && errno != EINVAL && errno != EFAULT)
			printf("cmd 0x%lx arg 0x%lx: %s\n", cmd, arg, strerrorname_np(errno));
		done++;
	}
	return done;
}

int main(int argc, char **argv)
{
	long done;

	if (argc != 4)
		return 2;
	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	page = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	srandom(atoi(argv[3]));
	bad_pointers();
	done = random_ones(atoi(argv[2]));
	printf("done\n");
	fprintf(stderr, "# %ld random ioctls\n", done);
	return 0;
}
