// SPDX-License-Identifier: GPL-2.0
/*
 * irqdemo-failnth write FILE TEXT UNDO_FILE UNDO_TEXT
 * irqdemo-failnth insert MODULE.ko PARAMETERS NAME
 *
 * Do something once for each memory allocation that it makes, and let that one
 * fail: the first, then the second, until none is left to fail. What was done
 * in spite of it is undone; the last time nothing fails, and it must be done.
 * Prints "allocations N refused N survived N done 0|1". Exit status 77 where the
 * kernel has no fault injection. (linux: Documentation/fault-injection, fail-nth.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char **arg;
static int insert;

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), err;

	if (fd < 0)
		return -1;
	err = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return err;
}

/* Opened before, so that only the thing itself may fail. */
static int act(int fd)
{
	if (insert)
		return syscall(SYS_finit_module, fd, arg[1], 0);
	return write(fd, arg[1], strlen(arg[1])) < 0 ? -1 : 0;
}

static void take_back(void)
{
	if (insert ? syscall(SYS_delete_module, arg[2], O_NONBLOCK) : put(arg[2], arg[3]))
		printf("cannot undo: %s\n", strerror(errno));
}

int main(int argc, char **argv)
{
	int nth, fd, n, refused = 0, survived = 0, err;
	char text[16] = "";

	insert = argc == 5 && !strcmp(argv[1], "insert");
	if (!insert && (argc != 6 || strcmp(argv[1], "write")))
		return 2;
	arg = argv + 2;
	nth = open("/proc/self/fail-nth", O_RDWR);
	if (nth < 0)
		return 77;
	put("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/failslab/verbose", "0");
	put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	put("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	put("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	for (n = 1; n < 5000; n++) {
		fd = open(arg[0], insert ? O_RDONLY : O_WRONLY);
		if (fd < 0) {
			perror(arg[0]);
			return 1;
		}
		snprintf(text, sizeof(text), "%d", n);
		if (pwrite(nth, text, strlen(text), 0) < 0)
			return 77;
		err = act(fd);
		memset(text, 0, sizeof(text));
		if (pread(nth, text, sizeof(text) - 1, 0) < 0)
			return 1;
		/* Not reached is above 0: nothing fails any more from here on. */
		pwrite(nth, "0", 1, 0);
		close(fd);
		if (!err)
			take_back();
		if (atoi(text))
			break;
		refused += !!err;
		survived += !err;
	}
	printf("allocations %d refused %d survived %d done %d\n", n - 1, refused, survived, !err);
	return 0;
}
