// SPDX-License-Identifier: GPL-2.0
/*
 * edufs-crash: a workload that says what it was promised, the log of what it wrote
 * (dm-log-writes) replayed to a point, and a look whether the promises were kept.
 *
 *	edufs-crash work DIR STEPS SEED DM-NAME	each promise becomes a mark in the log;
 *						with - a line on stdout
 *	edufs-crash points LOG			the points to replay to: one a line
 *	edufs-crash replay LOG IMAGE FROM TO [SEED]
 *						entries [FROM, TO), or some of them;
 *						prints the last promise
 *	edufs-crash check DIR STEPS SEED PROMISE
 *
 * A point is behind an entry that flushes the disk's cache or goes past it (FUA): what
 * was written later, or never flushed, is lost there. Between two points there is
 * nothing but what the disk may write in any order: with a SEED each entry is written
 * or lost by chance.
 *
 * The promises: file i, once fsync returned, is whole; "target" is always whole, and
 * not older than the last version whose directory was synced; "taken", over which files
 * are renamed that nobody synced, is one version or another, whole. Whatever else is there,
 * no file holds anything but its own bytes, or zeros, and one that only grew at its end
 * does not end with zeros. A promise that was not kept is a line of check, which begins
 * with its name: fsync, rename, replace, atomic, stale, content, size.
 *
 * With EDUFS_CRASH_ATOMIC in the environment (data=journal) a second process writes one
 * file over and over in place, each time all of it by one write(2), while the commits of
 * the first come when they come: the file must always be of one version, and not older
 * than the last that was synced.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 150000
#define MOST_STEPS 127		/* then the first bytes of files are those of others again */
#define ATOMIC (64 * 1024)	/* what fits one handle on all images used here */

static char buffer[1 << 20];
static unsigned int seed;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned int mix(unsigned int a, unsigned int b)
{
	__u64 x = ((__u64)a << 32 | b) * 0x9E3779B97F4A7C15ull;

	return (x ^ x >> 29) * 0xBF58476D1CE4E5B9ull >> 33;
}

/* How long file @n is; its byte at @at, never 0 and never above 127. */
static unsigned int length_of(unsigned int n)
{
	return 1 + mix(seed, n) % MOST;
}

static char byte_of(unsigned int n, unsigned int at)
{
	return 1 + (n * 37 + at / 512 * 11 + at) % 127;
}

static void put(int fd, unsigned int n, unsigned int from, unsigned int to)
{
	unsigned int at;

	for (at = from; at < to; at++)
		buffer[at - from] = byte_of(n, at);
	if (pwrite(fd, buffer, to - from, from) != (ssize_t)(to - from))
		die("write");
}

static int make(const char *name)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_RDWR, 0644);

	if (fd < 0)
		die(name);
	return fd;
}

static void promise(const char *dm, char kind, unsigned int n)
{
	char command[200];

	if (!strcmp(dm, "-")) {
		int length = snprintf(command, sizeof(command), "%c%u\n", kind, n);

		if (write(1, command, length) != length)
			die("stdout");
		return;
	}
	snprintf(command, sizeof(command), "dmsetup message %s 0 mark %c%u >/dev/null", dm,
		 kind, n);
	if (system(command))
		die("dmsetup");
}

static void write_version(int fd, unsigned int n)
{
	unsigned int *at = (unsigned int *)buffer;

	while ((char *)at < buffer + ATOMIC)
		*at++ = n;
	if (pwrite(fd, buffer, ATOMIC, 0) != ATOMIC)
		die("write of the atomic file");
}

/* Until the parent ends. */
static void write_versions(const char *dm)
{
	int fd = make("atomic");
	unsigned int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (n = 1; ; n++) {
		write_version(fd, n);
		if (n % 50 != 1)
			continue;
		if (fsync(fd))
			die("fsync of the atomic file");
		promise(dm, 'a', n);
	}
}

static int work(unsigned int steps, const char *dm)
{
	int second = getenv("EDUFS_CRASH_ATOMIC") ? fork() : 0;
	int dir = open(".", O_RDONLY), first;
	unsigned int n;

	if (getenv("EDUFS_CRASH_ATOMIC") && !second)
		write_versions(dm);
	first = make("taken");
	put(first, 1, 0, 9000);
	if (fsync(first) || close(first))
		die("fsync");
	for (n = 1; n <= steps; n++) {
		unsigned int size = length_of(n), half = size / 2;
		char name[40], old[40];
		int fd;

		snprintf(name, sizeof(name), "file%u", n);
		fd = make(name);
		/* The end first: a hole, then its beginning. */
		if (n % 2)
			put(fd, n, half, size);
		put(fd, n, 0, half);
		put(fd, n, half, size);
		if (fsync(fd))
			die("fsync");
		close(fd);
		promise(dm, 'f', n);

		fd = make("new");
		put(fd, n, 0, 9000);
		if (fsync(fd))
			die("fsync");
		close(fd);
		if (rename("new", "target"))
			die("rename");
		if (n % 3 == 0) {
			if (fsync(dir))
				die("fsync of the directory");
			promise(dm, 't', n);
		}

		fd = make("new");
		put(fd, n, 0, 9000);
		close(fd);
		if (rename("new", "taken"))
			die("rename");

		/* Nobody syncs these: cut, punched, removed, their blocks given to others. */
		snprintf(name, sizeof(name), "loose%u", n);
		fd = make(name);
		put(fd, n, 0, size);
		if (n % 2 && ftruncate(fd, half))
			die("truncate");
		if (n % 3 == 0)
			fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3000, half);
		if (n % 5 == 0)
			sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		close(fd);
		snprintf(old, sizeof(old), "loose%u", n - 2);
		unlink(old);
		snprintf(name, sizeof(name), "dir%u", n);
		mkdir(name, 0755);
		snprintf(old, sizeof(old), "dir%u", n - 1);
		rmdir(old);
	}
	if (second > 0) {
		kill(second, SIGKILL);
		waitpid(second, NULL, 0);
	}
	return 0;
}

struct log_super {
	__u64 magic, version, entries;
	__u32 sector;
};

struct log_entry {
	__u64 sector, sectors, flags, data;
};

enum { FLUSH = 1, FUA = 2, DISCARD = 4, MARK = 8 };

/* Walk the log: @image NULL only lists the points; @chance writes half of the entries. */
static int walk(const char *log, const char *image, __u64 from, __u64 to, int chance)
{
	int in = open(log, O_RDONLY), out = image ? open(image, O_WRONLY) : -1;
	char last_file[20] = "f0", last_target[20] = "t0", last_atomic[20] = "a0";
	struct log_super super;
	__u64 at, i;

	if (in < 0 || (image && out < 0))
		die(log);
	if (pread(in, &super, sizeof(super), 0) != sizeof(super))
		die("log");
	super.sector = le32toh(super.sector);
	at = super.sector;
	for (i = 0; i < le64toh(super.entries) && i < to; i++) {
		struct log_entry entry;
		char mark[32] = "";
		__u64 size, done, n;

		if (pread(in, &entry, sizeof(entry), at) != sizeof(entry))
			die("entry");
		if (entry.flags & MARK) {
			if (pread(in, mark, entry.data < 19 ? entry.data : 19,
				  at + sizeof(entry)) < 0)
				die("mark");
			memcpy(mark[0] == 'f' ? last_file : mark[0] == 't' ? last_target :
			       last_atomic, mark, 20);
		}
		at += super.sector;
		size = entry.flags & (DISCARD | MARK) ? 0 : entry.sectors * super.sector;
		done = chance && mix(seed, i) % 2 ? size : 0;
		for (; image && i >= from && done < size; done += n) {
			n = size - done < sizeof(buffer) ? size - done : sizeof(buffer);
			if (pread(in, buffer, n, at + done) != (ssize_t)n ||
			    pwrite(out, buffer, n, entry.sector * super.sector + done) !=
			    (ssize_t)n)
				die("replay");
		}
		at += size;
		if (!image && entry.flags & (FLUSH | FUA))
			printf("%llu\n", (unsigned long long)i + 1);
	}
	if (image)
		printf("%s%s%s\n", last_file, last_target, last_atomic);
	return 0;
}

static int bad;

/* Which promise was broken is the first word of the line. */
[[gnu::format(printf, 1, 2)]] static void broken(const char *fmt, ...)
{
	va_list args;

	if (bad++ >= 10)
		return;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

/*
 * @n: whose bytes these must be; @promise: that all of them are there, or NULL;
 * @grown: it was only ever written at its end, so it ends where data does.
 */
static void look(const char *name, unsigned int n, unsigned int size, const char *promise,
		 int grown)
{
	int fd = open(name, O_RDONLY);
	ssize_t got, i;

	if (fd < 0) {
		if (promise)
			broken("%s %s: %s\n", promise, name, strerror(errno));
		return;
	}
	got = read(fd, buffer, sizeof(buffer));
	close(fd);
	if (got < 0 || got > (ssize_t)size || (promise && got != (ssize_t)size)) {
		broken("%s %s: %zd bytes of %u\n", promise ?: "size", name, got, size);
		return;
	}
	for (i = 0; i < got; i++) {
		if (buffer[i] == byte_of(n, i) || (!promise && !buffer[i]))
			continue;
		/* The device was filled with bytes that no file has. */
		broken("%s %s: byte %zd is %d\n", buffer[i] < 0 ? "stale" : promise ?: "content",
		       name, i, buffer[i]);
		return;
	}
	if (grown && got && !buffer[got - 1])
		broken("size %s: %zd bytes, the last was never written\n", name, got);
}

/* One file of many versions: that of @least, or a later one. */
static void look_version(const char *promise, const char *name, unsigned int least,
			 unsigned int steps)
{
	unsigned int n = 1;
	int fd = open(name, O_RDONLY);

	if (fd < 0) {
		if (least)
			broken("%s %s: %s\n", promise, name, strerror(errno));
		return;
	}
	if (read(fd, buffer, 1) == 1)
		for (n = 1; n <= steps && byte_of(n, 0) != buffer[0]; n++)
			;
	close(fd);
	if (n < least)
		broken("%s %s: version %u, promised %u\n", promise, name, n, least);
	look(name, n, 9000, promise, 0);
}

static void look_atomic(unsigned int promised)
{
	unsigned int *at = (unsigned int *)buffer, i;
	int fd = open("atomic", O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));

	close(fd);
	/* The first write makes the file: that may take more than one handle. */
	if (!promised)
		return;
	if (got != ATOMIC || at[0] < promised) {
		broken("atomic: %zd bytes of version %u, promised %u\n", got, at[0], promised);
		return;
	}
	for (i = 0; i < ATOMIC / sizeof(*at); i++) {
		if (at[i] == at[0])
			continue;
		broken("atomic: version %u, from byte %zu on %u\n", at[0], i * sizeof(*at), at[i]);
		return;
	}
}

static int check(unsigned int steps, const char *promised)
{
	unsigned int file = 0, target = 0, atomic = 0, n;
	char name[40];

	/* Whoever does not write that file promises nothing of it. */
	if (sscanf(promised, "f%ut%ua%u", &file, &target, &atomic) < 2)
		die(promised);
	if (getenv("EDUFS_CRASH_ATOMIC"))
		look_atomic(atomic);
	for (n = 1; n <= steps; n++) {
		snprintf(name, sizeof(name), "file%u", n);
		look(name, n, length_of(n), n <= file ? "fsync" : NULL, n % 2 == 0);
		snprintf(name, sizeof(name), "loose%u", n);
		look(name, n, length_of(n), NULL, n % 2 == 0 && n % 3);
	}
	look_version("rename", "target", target, steps);
	/* Its first version was synced before the first file was. */
	if (file)
		look_version("replace", "taken", 1, steps);
	return bad != 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "points") && argc == 3)
		return walk(argv[2], NULL, 0, UINT64_MAX, 0);
	if (!strcmp(what, "replay") && (argc == 6 || argc == 7)) {
		seed = argc == 7 ? atoi(argv[6]) : 0;
		return walk(argv[2], argv[3], atoll(argv[4]), atoll(argv[5]), argc == 7);
	}
	if (argc != 6 || chdir(argv[2]))
		die("usage: edufs-crash work|points|replay|check ...");
	seed = atoi(argv[4]);
	if (atoi(argv[3]) > MOST_STEPS)
		die("more steps than files can be told apart");
	if (!strcmp(what, "work"))
		return work(atoi(argv[3]), argv[5]);
	return check(atoi(argv[3]), argv[5]);
}
