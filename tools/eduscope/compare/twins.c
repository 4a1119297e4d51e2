// SPDX-License-Identifier: GPL-2.0
/*
 * The twins beside the kernel, each by a description: the modules' own bench
 * files in debugfs, the same image under two filesystems, the same load under
 * two schedulers.
 */
#include "compare.h"

static const struct metric fs_metrics[] = {
	{ "walk", "ns", true },
	{ "read", "ns", true },
	{ "again", "ns", true },
	{ "create", "ns", true },
	{ "stat", "ns", true },
	{ "rename", "ns", true },
	{ "unlink", "ns", true },
	{ "write_4k", "ns", true },
	{ "write_1m", "ns", true },
	{ "writeback", "ns", true },
	{ "truncate", "ns", true },
	{ "mmap_store", "ns", true },
	{ "append_fsync", "ns", true },
	{ "direct_write_4k", "ns", true },
	{}
};

const struct comparison fs_twin = {
	.name = "fs",
	.title = "ext4 without a journal against edufs",
	.side = { "ext4", "edufs" },
	.module = "edufs",
	.workload = "a loop device: find all files, read all, again; 1,000 names, 8 MiB",
	.metrics = fs_metrics,
	.setup_cmd =
		"modprobe loop; rm -rf /tmp/edu-fs; mkdir -p /tmp/edu-fs/mnt && cd /tmp/edu-fs &&\n"
		"mke2fs -q -t ext4 -O ^has_journal -d /usr/include/linux image 64M\n",
	.run_cmd =
		NOW "cd /tmp/edu-fs && mount -t $SIDE -o loop image mnt || exit 1\n"
		"echo 3 >/proc/sys/vm/drop_caches\n"
		"a=$(now); find mnt -printf '%s %m\\n' >/dev/null &&\n"
		"b=$(now) && find mnt -type f -exec cat {} + >/dev/null &&\n"
		"c=$(now) && find mnt -type f -exec cat {} + >/dev/null; status=$?\n"
		"d=$(now)\n"
		/* The tests' own program, which is in the guest's PATH. */
		"if command -v edufs-load >/dev/null; then\n"
		"edufs-load mnt 1000 8 >said || status=1\n"
		"grep -v '_read\\|^read' said\n"
		"fi; umount mnt\n"
		"[ $status = 0 ] || exit 1\n"
		"echo walk $((b - a)); echo read $((c - b)); echo again $((d - c))\n",
	.teardown_cmd = "umount /tmp/edu-fs/mnt 2>/dev/null; rm -rf /tmp/edu-fs",
};

static const struct metric sched_metrics[] = {
	{ "pipe", "ns", true },
	{ "hackbench", "ns", true },
	{}
};

const struct comparison sched_twin = {
	.name = "sched",
	.title = "the kernel's fair class against sched_edu",
	.side = { "kernel", "edu" },
	.module = "sched_edu",
	.workload = "2,000 round trips through a pipe; hackbench, 40 tasks, 5 messages each",
	.metrics = sched_metrics,
	.setup = kernel_schedules,
	.run_cmd =
		NOW "[ $SIDE = kernel ] || eduscope sched start || exit 1\n"
		"a=$(now); perf bench sched pipe -l 2000 >/dev/null 2>&1 &&\n"
		"b=$(now) && hackbench -g 1 -l 5 >/dev/null; status=$?\n"
		"c=$(now)\n"
		"[ $SIDE = kernel ] || eduscope sched stop || exit 1\n"
		"[ $status = 0 ] || exit 1\n"
		"echo pipe $((b - a)); echo hackbench $((c - b))\n",
	.teardown = back_to_the_kernel,
};
