// SPDX-License-Identifier: GPL-2.0
/*
 * lpchar-tunelp DEVICE [32]: what util-linux's tunelp asks of a printer's
 * device, request for request, and what is answered. tunelp itself is no longer
 * in Debian's util-linux, so this asks its questions: the file is opened
 * O_WRONLY | O_NONBLOCK, LPGETIRQ comes first, then one request for each option,
 * with the numbers of tunelp's own lp.h (LPTRUSTIRQ, -T, is 0x060f, which
 * today is LPSETTIMEOUT: both drivers must take its argument for a pointer).
 * Then the numbers that it used with kernels of 1994, and the rest of lp's.
 *
 * With 32 every request is made by the 32-bit system call, as by a program
 * compiled for i386: int 0x80 works in a 64-bit program, too, where the kernel
 * has IA32_EMULATION. Arguments are then below 4 GiB. The same program runs on
 * lp and on lpchar; the output must be the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/lp.h>

#define LPTRUSTIRQ	0x060f
#define LPGETSTATS_NR	0x060d
#define NR_IOCTL_32	54

static int narrow;
static int fd;
static unsigned char *low;	/* a page below 4 GiB, the next one not there */

static long ask(unsigned long cmd, unsigned long arg)
{
	long ret;

	if (!narrow)
		return ioctl(fd, cmd, arg);
	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (NR_IOCTL_32), "b" (fd), "c" (cmd), "d" ((uint32_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	ret = (int)ret;
	if (ret >= 0 || ret < -4095)
		return ret;
	errno = -ret;
	return -1;
}

static void say(const char *option, unsigned long cmd, unsigned long arg)
{
	long ret = ask(cmd, arg);

	printf("%s %s\n", option, ret < 0 ? strerrorname_np(errno) : "0");
}

static void say_int(const char *option, unsigned long cmd)
{
	int value;

	memset(low, 0x5a, 8);
	if (ask(cmd, (unsigned long)low) < 0) {
		printf("%s %s\n", option, strerrorname_np(errno));
		return;
	}
	memcpy(&value, low, sizeof(value));
	/* An int and no more. The lower three bits of a status mean nothing. */
	printf("%s 0x%x%s\n", option, cmd == LPGETSTATUS ? value & ~7 : value,
	       low[4] == 0x5a ? "" : " and more");
}

static unsigned long pair(long long first, long long second, int wide)
{
	int n[2] = { first, second };
	long long w[2] = { first, second };

	if (wide)
		memcpy(low, w, sizeof(w));
	else
		memcpy(low, n, sizeof(n));
	return (unsigned long)low;
}

/* One that ends where the page ends, so half of it is not there. */
static unsigned long torn(size_t there)
{
	memset(low + 4096 - there, 0, there);
	return (unsigned long)low + 4096 - there;
}

static void no_emulation(int number)
{
	puts("no 32-bit system calls");
	_exit(3);
}

int main(int argc, char **argv)
{
	struct stat st;
	int i;

	if (argc < 2)
		return 2;
	narrow = argc > 2 && !strcmp(argv[2], "32");
	signal(SIGSEGV, no_emulation);
	low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	fd = open(argv[1], O_WRONLY | O_NONBLOCK);
	if (low == MAP_FAILED || fd < 0 || munmap(low + 4096, 4096)) {
		perror(argv[1]);
		return 1;
	}
	/* No emulation at all is a SIGSEGV; one that refuses the call, this. */
	if (narrow && ask(LPGETFLAGS, (unsigned long)low) < 0)
		no_emulation(0);
	fstat(fd, &st);
	printf("a character device %d\n", S_ISCHR(st.st_mode));

	say_int("first", LPGETIRQ);
	say("-i 7", LPSETIRQ, 7);
	say("-i 0", LPSETIRQ, 0);
	say("-t 500", LPTIME, 500);
	say("-t -1", LPTIME, -1L);
	say("-c 1000", LPCHAR, 1000);
	say("-w 5", LPWAIT, 5);
	for (i = 0; i < 2; i++) {
		say(i ? "-a off" : "-a on", LPABORT, !i);
		say_int("flags", LPGETFLAGS);
		say(i ? "-o off" : "-o on", LPABORTOPEN, !i);
		say_int("flags", LPGETFLAGS);
		say(i ? "-C off" : "-C on", LPCAREFUL, !i);
		say_int("flags", LPGETFLAGS);
		say(i ? "-T off" : "-T on", LPTRUSTIRQ, !i);
	}
	say_int("-s", LPGETSTATUS);
	say("-r", LPRESET, 0);
	say_int("-q on", LPGETIRQ);
	/* With an old kernel it left the 0x06 out. FIGETBSZ, 2, is the VFS's. */
	for (i = 1; i <= 0xe; i++)
		if (i != 2)
			say("of old", i, 0);

	say("LPGETSTATS", LPGETSTATS_NR, (unsigned long)low);
	say("old 10 s", LPSETTIMEOUT_OLD, pair(10, 0, !narrow));
	say("old 0 s", LPSETTIMEOUT_OLD, pair(0, 0, !narrow));
	say("old -1 s", LPSETTIMEOUT_OLD, pair(-1, 0, !narrow));
	say("old -1 us", LPSETTIMEOUT_OLD, pair(1, -1, !narrow));
	say("old, 4 bytes there", LPSETTIMEOUT_OLD, torn(4));
	say("old, 8 bytes there, 0 s", LPSETTIMEOUT_OLD, torn(8));
	say("new 10 s", LPSETTIMEOUT_NEW, pair(10, 0, 1));
	say("new -1 s", LPSETTIMEOUT_NEW, pair(-1, 0, 1));
	say("new, 8 bytes there", LPSETTIMEOUT_NEW, torn(8));
	say("status, 2 bytes there", LPGETSTATUS, torn(2));
	say("flags, 2 bytes there", LPGETFLAGS, torn(2));
	say("irq, 2 bytes there", LPGETIRQ, torn(2));
	say("new 10 s", LPSETTIMEOUT_NEW, pair(10, 0, 1));
	return 0;
}
