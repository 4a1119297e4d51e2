// SPDX-License-Identifier: GPL-2.0
/*
 * edufs-fsx: random changes of one file, each made in memory, too; what is read must be
 * what the memory has.
 *
 *	edufs-fsx [-s SEED] [-n COUNT] [-l LENGTH] [-u UNIT] [-c COPY] FILE
 *
 * After the well-known fsx: reads and writes through the page cache, mappings and past
 * the cache (O_DIRECT, in units of UNIT bytes, 512), truncation, holes, reserved and
 * zeroed ranges, ranges taken out and put in (in blocks of the filesystem), sync, the
 * cache dropped, the file closed and opened. A store through a mapping goes on behind the
 * end of the file at times, to the end of its page: that must never be seen again. The
 * file is never longer than LENGTH (300000). At last all of it is read once more from
 * the disk, and the memory is written to COPY, for who wants to look after a remount.
 * What the filesystem does not support is left out. Exit status: 0; 1 a difference, with
 * the seed and the last operations on stderr; 2 something else failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define SAID 40			/* operations that are told after a failure */

static const char *path;
static char *good, *buffer;	/* what the file is; what was read, or is to be written */
static long size, most = 300000, unit = 512, block, nr, count = 2000;
static unsigned long long seed = 1, state;
static char said[SAID][120];
static int fd, direct;

static long rnd(long below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return below > 0 ? (long)((state >> 33) % below) : 0;
}

static void stop(int status, const char *why)
{
	long i;

	for (i = nr >= SAID ? nr - SAID + 1 : 0; i <= nr; i++)
		fprintf(stderr, "%s\n", said[i % SAID]);
	fprintf(stderr, "edufs-fsx: %s: %s; -s %llu -n %ld -l %ld -u %ld\n", path, why, seed,
		count, most, unit);
	exit(status);
}

static void fail(const char *what)
{
	char why[200];

	snprintf(why, sizeof(why), "%s: %s", what, strerror(errno));
	stop(2, why);
}

static void say(const char *what, long at, long len)
{
	snprintf(said[nr % SAID], sizeof(*said), "%6ld %-12s [%ld, %ld) of %ld", nr, what, at,
		 at + len, size);
}

static void compare(const char *bytes, long at, long len)
{
	char why[200];
	long i, last;

	if (!memcmp(bytes, good + at, len))
		return;
	for (i = 0; bytes[i] == good[at + i]; i++)
		;
	for (last = len - 1; bytes[last] == good[at + last]; last--)
		;
	snprintf(why, sizeof(why), "bytes %ld to %ld differ, the first is %#x instead of %#x",
		 at + i, at + last, bytes[i] & 255, good[at + i] & 255);
	stop(1, why);
}

static void open_file(void)
{
	fd = open(path, O_RDWR | O_CREAT, 0600);
	direct = open(path, O_RDWR | O_DIRECT);
	if (fd < 0 || direct < 0)
		fail("open");
}

/* The memory holds zeros behind the end. */
static void resize(long to)
{
	if (to < size)
		memset(good + to, 0, size - to);
	size = to;
}

static void fill(long at, long len)
{
	long i;

	for (i = 0; i < len; i++)
		good[at + i] = 1 + (nr * 31 + (at + i) / 7) % 255;
	if (at + len > size)
		size = at + len;
}

static void do_read(int from, long at, long len, const char *what)
{
	ssize_t got;

	say(what, at, len);
	got = pread(from, buffer, len, at);
	if (got < 0)
		fail(what);
	if (got != (at + len > size ? size - at : len))
		stop(1, "another length was read");
	compare(buffer, at, got);
}

static void do_write(int to, long at, long len, const char *what)
{
	say(what, at, len);
	fill(at, len);
	memcpy(buffer, good + at, len);
	if (pwrite(to, buffer, len, at) != len)
		fail(what);
}

static void do_map(long at, long len, int store)
{
	long first = at / PAGE * PAGE, end = (size + PAGE - 1) / PAGE * PAGE, i;
	char *p;

	if (at + len > size)
		len = size - at;
	say(store ? "map write" : "map read", at, len);
	p = mmap(NULL, end - first, PROT_READ | PROT_WRITE, MAP_SHARED, fd, first);
	if (p == MAP_FAILED)
		fail("mmap");
	if (store) {
		fill(at, len);
		memcpy(p + at - first, good + at, len);
		if (at + len == size)
			for (i = size; i < end; i++)
				p[i - first] = 0x66;
		if (!rnd(6) && msync(p, end - first, MS_SYNC))
			fail("msync");
	} else {
		compare(p + at - first, at, len);
	}
	munmap(p, end - first);
}

/* What the memory is after that, if the filesystem can do it. */
static void do_range(long at, long len)
{
	static const int modes[] = {
		0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE,
	};
	static const char *const names[] = {
		"reserve", "reserve more", "punch", "zero", "zero, keep", "collapse", "insert",
	};
	long which = rnd(7), zeros;

	if (which >= 5) {
		at = at / block * block;
		len = (1 + len / 4 / block) * block;
		if (which == 5 ? at + len >= size : at >= size || size + len > most)
			return;
	}
	say(names[which], at, len);
	if (fallocate(fd, modes[which], at, len)) {
		if (errno != EOPNOTSUPP)
			fail(names[which]);
		return;
	}
	zeros = at + len > size ? size - at : len;
	if (which >= 2 && which <= 4 && zeros > 0)
		memset(good + at, 0, zeros);
	if ((which == 0 || which == 3) && at + len > size)
		size = at + len;
	if (which == 5) {
		memmove(good + at, good + at + len, size - at - len);
		resize(size - len);
	}
	if (which == 6) {
		memmove(good + at + len, good + at, size - at);
		memset(good + at, 0, len);
		size += len;
	}
}

static void settle(void)
{
	switch (rnd(4)) {
	case 0:
		say("sync", 0, size);
		if (fsync(fd))
			fail("fsync");
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		break;
	case 1:
		say("datasync", 0, size);
		if (fdatasync(fd))
			fail("fdatasync");
		break;
	case 2:
		say("close", 0, size);
		close(fd);
		close(direct);
		open_file();
		break;
	default:
		say("write back", 0, size);
		sync_file_range(fd, rnd(size), 0, SYNC_FILE_RANGE_WRITE);
	}
}

static void step(void)
{
	long at = rnd(most), len = 1 + rnd(rnd(3) ? 5000 : 60000), what = rnd(100);
	struct stat st;

	say("nothing", 0, 0);
	if (at + len > most)
		len = most - at;
	if (what < 25) {
		do_write(fd, rnd(8) || size + len > most ? at : size, len, "write");
	} else if (what < 40) {
		at = at / unit * unit;
		len = (len + unit - 1) / unit * unit;
		if (at + len <= most)
			do_write(direct, at, len, "direct write");
	} else if (what < 50) {
		say("truncate", at, 0);
		if (ftruncate(fd, at))
			fail("truncate");
		resize(at);
	} else if (what < 70) {
		do_range(at, len);
	} else if (what < 76) {
		settle();
	} else if (size) {
		/* What reads, or changes what is there. */
		at = rnd(3) || len > size ? rnd(size) : size - len;
		if (what < 84)
			do_map(at, len, 1);
		else if (what < 89)
			do_map(at, len, 0);
		else if (what < 95)
			do_read(fd, at, len, "read");
		else
			do_read(direct, at / unit * unit, (len + unit - 1) / unit * unit,
				"direct read");
	}
	if (fstat(fd, &st))
		fail("stat");
	if (st.st_size != size)
		stop(1, "another size");
}

static void leave(const char *copy)
{
	int to = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (to < 0 || write(to, good, size) != size || close(to))
		fail(copy);
}

int main(int argc, char **argv)
{
	const char *copy = NULL;
	struct stat st;
	int c;

	while ((c = getopt(argc, argv, "s:n:l:u:c:")) != -1) {
		if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 'n')
			count = atol(optarg);
		else if (c == 'l')
			most = atol(optarg);
		else if (c == 'u')
			unit = atol(optarg);
		else if (c == 'c')
			copy = optarg;
		else
			return 2;
	}
	if (argc - optind != 1 || most < PAGE || unit < 1) {
		fputs("usage: edufs-fsx [-s SEED] [-n N] [-l LENGTH] [-u UNIT] [-c COPY] FILE\n",
		      stderr);
		return 2;
	}
	path = argv[optind];
	state = seed;
	unlink(path);
	open_file();
	if (fstat(fd, &st))
		fail("stat");
	block = st.st_blksize;
	/* Zeros, also where the last page or unit ends behind it. */
	good = calloc(1, most + 2 * PAGE + unit);
	if (!good || posix_memalign((void **)&buffer, PAGE, most + PAGE + unit))
		fail("memory");
	for (nr = 0; nr < count; nr++)
		step();
	if (fsync(fd))
		fail("fsync");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	do_read(fd, 0, most, "all");
	if (copy)
		leave(copy);
	return 0;
}
