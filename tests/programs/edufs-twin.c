// SPDX-License-Identifier: GPL-2.0
/*
 * edufs-twin: do the same random things in two directories and compare.
 *
 *	edufs-twin [-s SEED] [-n COUNT] A B	do COUNT operations in each, compare
 *	edufs-twin -c A B			only compare the two trees
 *
 * A and B lie on filesystems that should behave the same. Each operation is done
 * in A, then in B; result, errno and what was read must be equal. Paths come from
 * a small set, so that names collide, files meet directories, and directories are
 * missing: errors are part of the test. At the end both trees are walked: names,
 * types, modes, owners, links, sizes, times of last change as set, contents,
 * attributes, flags. Exit status: 0 the same, 1 a difference, told on stderr.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SIDES 2
#define SPAN 400000		/* bytes of a file that are written to */
#define FLAGS (FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL)

static const char *top[SIDES];
static __u64 state = 1;
static long nr;
static char doing[768];

static __u32 rnd(__u32 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (__u32)(state >> 33) % below;
}

static void fail(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "operation %ld: %s: ", nr, doing);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* A path below both tops, one to three names deep. */
static void pick(char *path, size_t size)
{
	static const char *const dirs[] = { "a", "b", "a/c", "b/d", "a/c/e" };
	char dir[32] = "";

	if (rnd(8))
		snprintf(dir, sizeof(dir), "/%s", dirs[rnd(5)]);
	if (!rnd(12))
		snprintf(path, size, "%s", *dir ? dir : "/a");
	else if (!rnd(6))
		snprintf(path, size, "%s/a name that is much longer than the others are, nr %u",
			 dir, rnd(8));
	else
		snprintf(path, size, "%s/f%u", dir, rnd(12));
}

static void at(int side, char *full, size_t size, const char *path)
{
	snprintf(full, size, "%s%s", top[side], path);
}

/* One operation on one side: what it returned, or -errno. */
struct op {
	const char *name;
	long (*run)(const char *full, const char *other);
	int weight;
};

/* The parameters of the operation at hand, the same for both sides. */
static __u32 arg[6];
static unsigned char data[SPAN], seen[SIDES][SPAN];
static long got[SIDES];
static int held[SIDES] = { -1, -1 };
static int side_now;

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static long op_create(const char *full, const char *other)
{
	int fd = open(full, O_CREAT | O_RDWR | (arg[0] & 1 ? O_EXCL : 0), 0600 + (arg[1] & 077));

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static long op_write(const char *full, const char *other)
{
	size_t len = 1 + arg[1] % (arg[4] % 8 ? 5000 : 60000), from = arg[2] % 1000;
	off_t pos = arg[0] % (SPAN - 70000);
	int flags = O_WRONLY | (arg[3] % 4 ? 0 : O_CREAT) | (arg[3] % 16 == 5 ? O_SYNC : 0) |
		(arg[3] % 8 == 3 ? O_APPEND : 0);
	int fd = open(full, O_NONBLOCK | flags, 0644);
	long ret;

	if (fd < 0)
		return -errno;
	ret = result(pwrite(fd, data + from, len, pos));
	if (arg[3] % 32 == 7)
		fsync(fd);
	if (arg[3] % 64 == 9)
		fdatasync(fd);
	close(fd);
	return ret;
}

static long op_direct(const char *full, const char *other)
{
	static unsigned char *buffer;
	size_t len = 4096 * (1 + arg[1] % 6);
	off_t pos = arg[0] % 60 * 4096;
	int fd = open(full, O_NONBLOCK | O_RDWR | O_DIRECT);
	long ret;

	if (fd < 0)
		return -errno;
	if (!buffer && posix_memalign((void **)&buffer, 4096, 1 << 16))
		exit(2);
	memcpy(buffer, data + arg[2] % 1000, len);
	ret = arg[3] & 1 ? pwrite(fd, buffer, len, pos) : pread(fd, buffer, len, pos);
	ret = result(ret);
	memcpy(seen[side_now], buffer, len);
	close(fd);
	return ret;
}

static long op_read(const char *full, const char *other)
{
	int fd = open(full, O_NONBLOCK | O_RDONLY);
	long ret;

	if (fd < 0)
		return -errno;
	ret = result(pread(fd, seen[side_now], 1 + arg[1] % SPAN, arg[0] % SPAN));
	close(fd);
	return ret;
}

static long op_mmap(const char *full, const char *other)
{
	size_t len = 1 + arg[1] % 30000;
	off_t pos = arg[0] % 40 * 4096;
	int fd = open(full, O_NONBLOCK | O_RDWR);
	struct stat st;
	char *p;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= pos) {
		close(fd);
		return 0;
	}
	if ((off_t)len > st.st_size - pos)
		len = st.st_size - pos;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, pos);
	close(fd);
	if (p == MAP_FAILED)
		return -errno;
	memcpy(p, data + arg[2] % 1000, len);
	if (!(arg[3] % 4))
		msync(p, len, MS_SYNC);
	munmap(p, len);
	return len;
}

static long op_truncate(const char *full, const char *other)
{
	return result(truncate(full, arg[0] % (arg[1] % 4 ? SPAN : 10000)));
}

static long op_fallocate(const char *full, const char *other)
{
	static const int modes[] = {
		0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	};
	int fd = open(full, O_NONBLOCK | O_RDWR);
	long ret;

	if (fd < 0)
		return -errno;
	ret = result(fallocate(fd, modes[arg[2] % 6], arg[0] % (SPAN / 2),
			       1 + arg[1] % (SPAN / 4)));
	close(fd);
	return ret;
}

/* Data moves in the file: mostly by blocks, for all else is refused. */
static long op_move(const char *full, const char *other)
{
	int fd = open(full, O_NONBLOCK | O_RDWR);
	unsigned int unit = arg[3] % 8 ? 4096 : 1000;
	long ret;

	if (fd < 0)
		return -errno;
	ret = result(fallocate(fd, arg[2] % 2 ? FALLOC_FL_COLLAPSE_RANGE : FALLOC_FL_INSERT_RANGE,
			       arg[0] % 40 * unit, (1 + arg[1] % 10) * unit));
	close(fd);
	return ret;
}

static long op_hold(const char *full, const char *other)
{
	if (held[side_now] >= 0) {
		long ret = result(pwrite(held[side_now], data, 3000, arg[0] % 20000));
		long n = result(pread(held[side_now], seen[side_now], 50000, 0));

		close(held[side_now]);
		held[side_now] = -1;
		return ret < 0 ? ret : n;
	}
	held[side_now] = open(full, O_NONBLOCK | O_RDWR);
	return held[side_now] < 0 ? -errno : 0;
}

static long op_mkdir(const char *full, const char *other)
{
	return result(mkdir(full, 0700 + (arg[0] & 077)));
}

static long op_rmdir(const char *full, const char *other) { return result(rmdir(full)); }
static long op_unlink(const char *full, const char *other) { return result(unlink(full)); }
static long op_link(const char *full, const char *other) { return result(link(full, other)); }

static long op_rename(const char *full, const char *other)
{
	static const unsigned int flags[] = { 0, 0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE,
					      RENAME_WHITEOUT, RENAME_WHITEOUT | RENAME_NOREPLACE };

	return result(renameat2(AT_FDCWD, full, AT_FDCWD, other, flags[arg[0] % 8]));
}

static long op_symlink(const char *full, const char *other)
{
	static const int lengths[] = { 1, 30, 59, 60, 61, 200, 900, 5000 };
	char text[5001];
	int len = lengths[arg[0] % 8];

	memset(text, 'l', len);
	text[len] = 0;
	return result(symlink(text, full));
}

static long op_mknod(const char *full, const char *other)
{
	static const mode_t types[] = { S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK };

	return result(mknod(full, types[arg[0] % 4] | 0640,
			    makedev(arg[1] % 600, arg[2] % 100000)));
}

static long op_chmod(const char *full, const char *other)
{
	return result(chmod(full, arg[0] % 010000));
}

static long op_chown(const char *full, const char *other)
{
	return result(lchown(full, arg[0] % 200000, arg[1] % 200000));
}

static long op_times(const char *full, const char *other)
{
	struct timespec ts[2] = {
		{ (time_t)arg[0] * 3, arg[1] % 1000000000 }, { arg[2], arg[3] % 1000000000 },
	};
	struct stat st;

	if (utimensat(AT_FDCWD, full, ts, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (lstat(full, &st))
		return -errno;
	memcpy(seen[side_now], &st.st_mtim, sizeof(st.st_mtim));
	memcpy(seen[side_now] + 16, &st.st_atim, sizeof(st.st_atim));
	return 32;
}

static long op_setxattr(const char *full, const char *other)
{
	static const int sizes[] = { 0, 1, 10, 60, 100, 300, 600, 900 };
	char name[64];

	snprintf(name, sizeof(name), "%s.attribute%u", arg[0] & 1 ? "user" : "trusted",
		 arg[1] % 6);
	return result(lsetxattr(full, name, data + arg[2] % 100, sizes[arg[3] % 8],
				arg[4] % 8 == 0 ? XATTR_CREATE :
				arg[4] % 8 == 1 ? XATTR_REPLACE : 0));
}

static long op_removexattr(const char *full, const char *other)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.attribute%u", arg[0] & 1 ? "user" : "trusted",
		 arg[1] % 6);
	return result(lremovexattr(full, name));
}

static long op_acl(const char *full, const char *other)
{
	/* Version, then tag, permissions, id: owner, one user, group, mask, others. */
	struct {
		__u32 version;
		struct { __u16 tag, perm; __u32 id; } e[5];
	} acl = { 2, { { 1, 6, ~0U }, { 2, arg[0] & 7, 1000 + arg[1] % 5 }, { 4, 4, ~0U },
		       { 0x10, 7, ~0U }, { 0x20, arg[2] & 7, ~0U } } };

	return result(setxattr(full, arg[3] % 3 ? "system.posix_acl_access" :
			       "system.posix_acl_default", &acl, sizeof(acl), 0));
}

static long op_flags(const char *full, const char *other)
{
	int fd = open(full, O_RDONLY | O_NONBLOCK), flags;
	long ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, FS_IOC_GETFLAGS, &flags);
	if (!ret) {
		flags = (flags & ~FLAGS) | (arg[0] % 3 ? 0 : arg[1] & FLAGS);
		ret = ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	ret = result(ret);
	close(fd);
	return ret;
}

/* Many names at once, so that directories get an index; most of them go again. */
static long op_crowd(const char *full, const char *other)
{
	unsigned int count = 20 + arg[0] % 120, i;
	char name[1024];
	long sum = 0;

	for (i = 0; i < count; i++) {
		int fd;

		snprintf(name, sizeof(name), "%s/crowd %u %u with a name that takes room",
			 full, arg[1] % 4, i);
		fd = open(name, O_CREAT | O_WRONLY, 0644);
		sum += fd < 0 ? -errno : 1;
		if (fd >= 0)
			close(fd);
	}
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/crowd %u %u with a name that takes room",
			 full, arg[2] % 4, i);
		if (i % (2 + arg[3] % 5))
			sum += unlink(name) ? 0 : 1000;
	}
	return sum;
}

static long op_list(const char *full, const char *other);
static const struct op ops[] = {
	{ "create", op_create, 12 }, { "write", op_write, 30 }, { "read", op_read, 10 },
	{ "direct", op_direct, 8 }, { "mmap", op_mmap, 8 }, { "truncate", op_truncate, 8 },
	{ "fallocate", op_fallocate, 8 }, { "move", op_move, 6 }, { "hold", op_hold, 4 },
	{ "mkdir", op_mkdir, 8 }, { "rmdir", op_rmdir, 4 }, { "unlink", op_unlink, 8 },
	{ "link", op_link, 6 },
	{ "rename", op_rename, 12 }, { "symlink", op_symlink, 5 }, { "mknod", op_mknod, 3 },
	{ "chmod", op_chmod, 3 }, { "chown", op_chown, 3 }, { "times", op_times, 4 },
	{ "setxattr", op_setxattr, 8 }, { "removexattr", op_removexattr, 4 },
	{ "acl", op_acl, 3 }, { "flags", op_flags, 2 }, { "crowd", op_crowd, 2 },
	{ "list", op_list, 4 },
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_tested(const struct dirent *e)
{
	return strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		strcmp(e->d_name, "lost+found");
}

/* Sorted; none if it is no directory. */
static struct dirent **names_of(const char *dir, size_t *count)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_tested, alphasort);

	*count = n < 0 ? 0 : n;
	return names;
}

static void free_names(struct dirent **names, size_t count)
{
	while (count--)
		free(names[count]);
	free(names);
}

/* The names of a directory, sorted, as bytes to be compared. */
static long op_list(const char *full, const char *other)
{
	size_t count, i, used = 0;
	struct dirent **names = names_of(full, &count);

	for (i = 0; i < count; i++) {
		size_t len = strlen(names[i]->d_name) + 1;

		if (used + len > SPAN)
			break;
		memcpy(seen[side_now] + used, names[i]->d_name, len);
		used += len;
	}
	free_names(names, count);
	return used;
}

static void compare_data(const char *a, const char *b, off_t size)
{
	int fds[SIDES] = { open(a, O_RDONLY), open(b, O_RDONLY) };
	off_t pos;

	if (fds[0] < 0 || fds[1] < 0)
		fail("%s: cannot be opened: %m", a);
	for (pos = 0; pos < size; pos += SPAN) {
		ssize_t n = pread(fds[0], seen[0], SPAN, pos);
		ssize_t m = pread(fds[1], seen[1], SPAN, pos), i;

		if (n < 0 || n != m)
			fail("%s: %zd and %zd bytes at %lld", a, n, m, (long long)pos);
		for (i = 0; i < n; i++)
			if (seen[0][i] != seen[1][i])
				fail("%s: byte %lld is %02x and %02x", a,
				     (long long)(pos + i), seen[0][i], seen[1][i]);
	}
	close(fds[0]);
	close(fds[1]);
}

static size_t attributes(const char *path, char *out, size_t size)
{
	char list[4096], *names[64];
	ssize_t n = llistxattr(path, list, sizeof(list)), i;
	size_t count = 0, used = 0;

	for (i = 0; i < n && count < 64; i += strlen(list + i) + 1)
		names[count++] = list + i;
	qsort(names, count, sizeof(*names), by_name);
	for (i = 0; i < (ssize_t)count; i++) {
		ssize_t len;

		used += snprintf(out + used, size - used, "%s=", names[i]);
		len = lgetxattr(path, names[i], out + used, size - used);
		if (len < 0)
			fail("%s: attribute %s: %m", path, names[i]);
		used += len;
	}
	return used;
}

static void same(const char *path, const char *what, long long a, long long b)
{
	if (a != b)
		fail("%s: %s is %lld (%#llo) and %lld (%#llo)", path, what, a, a, b, b);
}

static void compare(const char *path)
{
	static char lists[SIDES][16384];
	char full[SIDES][4096], text[SIDES][4096] = {};
	struct stat st[SIDES];
	size_t n[SIDES], i;
	struct dirent **names[SIDES];
	int side;

	for (side = 0; side < SIDES; side++) {
		at(side, full[side], sizeof(full[side]), path);
		if (lstat(full[side], &st[side]))
			fail("%s: %m", full[side]);
		n[side] = attributes(full[side], lists[side], sizeof(lists[side]));
	}
	same(path, "mode", st[0].st_mode, st[1].st_mode);
	same(path, "nlink", st[0].st_nlink, st[1].st_nlink);
	same(path, "uid", st[0].st_uid, st[1].st_uid);
	same(path, "gid", st[0].st_gid, st[1].st_gid);
	same(path, "rdev", st[0].st_rdev, st[1].st_rdev);
	if (n[0] != n[1] || memcmp(lists[0], lists[1], n[0]))
		fail("%s: other attributes (%zu and %zu bytes)", path, n[0], n[1]);
	if (!S_ISDIR(st[0].st_mode))
		same(path, "size", st[0].st_size, st[1].st_size);
	if (S_ISREG(st[0].st_mode)) {
		compare_data(full[0], full[1], st[0].st_size);
	} else if (S_ISLNK(st[0].st_mode)) {
		for (side = 0; side < SIDES; side++)
			if (readlink(full[side], text[side], sizeof(text[side]) - 1) < 0)
				fail("%s: %m", full[side]);
		if (strcmp(text[0], text[1]))
			fail("%s: another text", path);
	}
	if (!S_ISDIR(st[0].st_mode))
		return;
	for (side = 0; side < SIDES; side++)
		names[side] = names_of(full[side], &n[side]);
	if (n[0] != n[1])
		fail("%s: %zu and %zu names", path, n[0], n[1]);
	for (i = 0; i < n[0]; i++) {
		char next[4096];

		if (strcmp(names[0][i]->d_name, names[1][i]->d_name))
			fail("%s: %s and %s", path, names[0][i]->d_name, names[1][i]->d_name);
		snprintf(next, sizeof(next), "%s/%s", path, names[0][i]->d_name);
		compare(next);
	}
	for (side = 0; side < SIDES; side++)
		free_names(names[side], n[side]);
}

static void step(void)
{
	char path[256], second[256], full[4096], other[4096];
	__u32 total = 0, i, n;

	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		total += ops[i].weight;
	n = rnd(total);
	for (i = 0; n >= (__u32)ops[i].weight; i++)
		n -= ops[i].weight;
	pick(path, sizeof(path));
	pick(second, sizeof(second));
	for (n = 0; n < 6; n++)
		arg[n] = rnd(0x7fffffff);
	snprintf(doing, sizeof(doing), "%s %s %s (%u %u %u %u %u)", ops[i].name, path, second,
		 arg[0], arg[1], arg[2], arg[3], arg[4]);
	for (side_now = 0; side_now < SIDES; side_now++) {
		at(side_now, full, sizeof(full), path);
		at(side_now, other, sizeof(other), second);
		got[side_now] = ops[i].run(full, other);
	}
	if (got[0] != got[1])
		fail("gave %ld and %ld", got[0], got[1]);
	if (got[0] > 0 && memcmp(seen[0], seen[1], got[0] < SPAN ? got[0] : SPAN))
		fail("other bytes were read");
}

int main(int argc, char **argv)
{
	long count = 1000, only_compare = 0;
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "s:n:c")) != -1) {
		if (c == 's')
			state = strtoull(optarg, NULL, 0);
		else if (c == 'n')
			count = atol(optarg);
		else if (c == 'c')
			only_compare = 1;
		else
			return 2;
	}
	if (argc - optind != SIDES) {
		fputs("usage: edufs-twin [-s SEED] [-n COUNT] [-c] A B\n", stderr);
		return 2;
	}
	memcpy(top, argv + optind, sizeof(top));
	umask(022);
	for (i = 0; i < SPAN; i++)
		data[i] = rnd(256);
	for (nr = 1; !only_compare && nr <= count; nr++)
		step();
	for (c = 0; c < SIDES; c++)
		if (held[c] >= 0)
			close(held[c]);
	snprintf(doing, sizeof(doing), "compare");
	compare("");
	return 0;
}
