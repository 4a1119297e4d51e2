// SPDX-License-Identifier: GPL-2.0
/*
 * ext2 against ext4 on two files of one size, each behind a loop device: the
 * same names are made, written, synced, looked up and removed on both. The
 * image files are in memory, so what differs is the filesystems' own work:
 * ext4 keeps a journal and extents, ext2 block pointers and no journal.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "compare/compare.h"

#define FILES 200
#define BIG (8 << 20)

static const struct metric metrics[] = {
	{ "create", "ns", true },
	{ "write_8MiB", "ns", true },
	{ "fsync", "ns", true },
	{ "lookup", "ns", true },
	{ "unlink", "ns", true },
	{}
};

static const char *const kind[] = { "ext2", "ext4" };
static char base[64];

static void teardown(void)
{
	char command[256];

	if (!base[0])
		return;
	snprintf(command, sizeof(command),
		 "cd %s && umount ext2 ext4 2>/dev/null; cd / && rm -rf %s", base, base);
	if (system(command))
		complain("could not clean up %s", base);
	base[0] = 0;
}

static int setup(void)
{
	char command[512];
	int s;

	strcpy(base, "/dev/shm/eduscope.XXXXXX");
	if (!mkdtemp(base)) {
		complain("cannot make a folder in /dev/shm: %s", strerror(errno));
		base[0] = 0;
		return -EIO;
	}
	for (s = 0; s < 2; s++) {
		snprintf(command, sizeof(command),
			 "cd %s && modprobe -q loop; mkdir %s && truncate -s 64M %s.img && mke2fs -q -F -t %s %s.img && mount -o loop -t %s %s.img %s",
			 base, kind[s], kind[s], kind[s], kind[s], kind[s], kind[s], kind[s]);
		if (system(command)) {
			complain("cannot make and mount an %s image (needs root, mke2fs, loop)",
				 kind[s]);
			return -EIO;
		}
	}
	return 0;
}

/* Nanoseconds for each of FILES calls; how tells which call. */
static int each(int side, int how, double *out)
{
	double start = now_s();
	struct stat st;
	char name[128];
	int i, fd;

	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "%s/%s/f%d", base, kind[side], i);
		if (how == 0) {
			fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
			if (fd < 0 || close(fd))
				return -errno;
		} else if (how == 1 ? stat(name, &st) : unlink(name)) {
			return -errno;
		}
	}
	*out = (now_s() - start) * 1e9 / FILES;
	return 0;
}

static int run(int side, struct result *r)
{
	static char block[65536];
	char name[128];
	double start;
	int err, fd, i;

	err = each(side, 0, &r->value[0]) ?: each(side, 1, &r->value[3]);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%s/%s/big", base, kind[side]);
	fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	if (fd < 0)
		return -errno;
	memset(block, 'e', sizeof(block));
	start = now_s();
	for (i = 0; i < BIG; i += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			err = -(errno ?: ENOSPC);
	r->value[1] = (now_s() - start) * 1e9;
	start = now_s();
	if (fsync(fd))
		err = -errno;
	r->value[2] = (now_s() - start) * 1e9;
	close(fd);
	unlink(name);
	err = err ?: each(side, 2, &r->value[4]);
	for (i = 0; i < 5; i++)
		r->given[i] = true;
	return err;
}

const struct comparison ext2_ext4 = {
	.name = "ext2-ext4",
	.title = "ext2 against ext4",
	.side = { "ext2", "ext4" },
	.workload = "200 files and 8 MiB, on 64 MiB loop devices in memory",
	.metrics = metrics,
	.setup = setup,
	.run = run,
	.teardown = teardown,
};
