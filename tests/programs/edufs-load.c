// SPDX-License-Identifier: GPL-2.0
/*
 * edufs-load DIR NAMES MIB: what a filesystem is asked for, step by step, each
 * timed: NAMES files in one directory made, looked up, renamed, removed; a file of
 * MIB written, synced, read, mapped, in small and large pieces. On stdout one line
 * a step: its name and the nanoseconds of one call.
 *
 * DIR is on the filesystem; what is made there is gone at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIB 1024L
#define MIB (1024 * KIB)

static char *data;
static double begun;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void done(const char *step, long calls)
{
	printf("%s %.0f\n", step, (now() - begun) / calls);
	begun = now();
}

static void die(const char *what)
{
	fprintf(stderr, "edufs-load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void time_names(long count)
{
	char name[64], other[64];
	struct stat st;
	long i;
	int fd;

	if (mkdir("d", 0755))
		die("mkdir");
	begun = now();
	for (i = 0; i < count; i++) {
		sprintf(name, "d/file-%ld", i);
		fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
		if (fd < 0 || close(fd))
			die(name);
	}
	done("create", count);
	/* In another order than they were made in. */
	for (i = 0; i < count; i++) {
		sprintf(name, "d/file-%ld", i * 7919 % count);
		if (stat(name, &st))
			die(name);
	}
	done("stat", count);
	for (i = 0; i < count; i++) {
		sprintf(name, "d/file-%ld", i);
		sprintf(other, "d/other-%ld", i);
		if (rename(name, other))
			die(name);
	}
	done("rename", count);
	for (i = 0; i < count; i++) {
		sprintf(name, "d/other-%ld", i);
		if (unlink(name))
			die(name);
	}
	done("unlink", count);
	if (rmdir("d"))
		die("rmdir");
}

/* Write @calls pieces one behind the other; or read them. */
static void pieces(int fd, size_t size, long calls, int reads)
{
	long i;

	for (i = 0; i < calls; i++)
		if ((reads ? pread(fd, data, size, i * size) : pwrite(fd, data, size, i * size)) !=
		    (ssize_t)size)
			die(reads ? "read" : "write");
}

static void time_contents(long mib)
{
	int fd = open("file", O_CREAT | O_TRUNC | O_RDWR, 0644);
	long i, pages = mib * MIB / 4096;
	char *map;

	if (fd < 0)
		die("file");
	begun = now();
	pieces(fd, 4096, pages, 0);
	done("write_4k", pages);
	if (fsync(fd))
		die("fsync");
	done("writeback", pages);
	pieces(fd, 4096, pages, 1);
	done("read_4k", pages);
	pieces(fd, MIB, mib, 1);
	done("read_1m", mib);
	if (ftruncate(fd, 0))
		die("truncate");
	done("truncate", 1);
	pieces(fd, MIB, mib, 0);
	done("write_1m", mib);
	if (fsync(fd))
		die("fsync");
	begun = now();
	map = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	for (i = 0; i < pages; i++)
		map[i * 4096] = 1;
	done("mmap_store", pages);
	munmap(map, pages * 4096);
	if (fsync(fd))
		die("fsync");
	begun = now();
	for (i = 0; i < 50; i++) {
		if (pwrite(fd, data, 4096, (pages + i) * 4096) != 4096 || fsync(fd))
			die("fsync");
	}
	done("append_fsync", 50);
	close(fd);
	fd = open("file", O_RDWR | O_DIRECT);
	if (fd < 0)
		die("O_DIRECT");
	begun = now();
	pieces(fd, 4096, 200, 0);
	done("direct_write_4k", 200);
	pieces(fd, 4096, 200, 1);
	done("direct_read_4k", 200);
	close(fd);
	unlink("file");
}

int main(int argc, char **argv)
{
	if (argc != 4 || chdir(argv[1])) {
		fprintf(stderr, "usage: edufs-load DIR NAMES MIB\n");
		return 2;
	}
	if (posix_memalign((void **)&data, 4096, MIB))
		return 1;
	memset(data, 'e', MIB);
	time_names(strtol(argv[2], NULL, 10));
	time_contents(strtol(argv[3], NULL, 10));
	return 0;
}
