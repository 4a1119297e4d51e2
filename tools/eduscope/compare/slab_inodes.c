// SPDX-License-Identifier: GPL-2.0
/*
 * Real work for both allocators: the inodes of one edufs image come from SLUB, or
 * from slab_edu (mount option inodes=). All 1,000 are brought in, and thrown out.
 */
#include "compare.h"

static const struct metric metrics[] = {
	{ "bring_in", "ns", true },
	{ "throw_out", "ns", true },
	{ "bytes", "B", true },
	{}
};

const struct comparison slab_inodes = {
	.name = "slab-inodes",
	.title = "edufs's inodes from SLUB and from slab_edu",
	.side = { "kernel", "slab_edu" },
	.module = "slab_edu",
	.workload = "1,000 files: stat each, drop them from memory; bytes that an inode takes",
	.metrics = metrics,
	.setup_cmd =
		"grep -q '^edufs ' /proc/modules || { echo edufs is not loaded >&2; exit 1; }\n"
		"modprobe loop; rm -rf /tmp/edu-inodes; mkdir -p /tmp/edu-inodes/mnt\n"
		"cd /tmp/edu-inodes && mke2fs -q -t ext4 -O ^has_journal -N 2000 image 16M &&\n"
		"mount -t edufs -o loop image mnt && (cd mnt && seq 1000 | xargs touch)\n"
		"s=$?; umount mnt; exit $s\n",
	.run_cmd =
		NOW
		"cd /tmp/edu-inodes && mount -t edufs -o loop,inodes=$SIDE image mnt || exit 1\n"
		"find mnt -size +1M; sync; echo 2 >/proc/sys/vm/drop_caches\n"
		"a=$(now); find mnt -size +1M; b=$(now)\n"
		"f=/proc/slabinfo; [ $SIDE = kernel ] || f=/sys/kernel/debug/slab_edu/slabinfo\n"
		"awk '$1 == \"edufs_inode\" { print \"bytes\", $15 * $6 * 4096 / 1000 }' $f\n"
		"c=$(now); echo 2 >/proc/sys/vm/drop_caches; d=$(now)\n"
		"umount mnt\n"
		"echo bring_in $(((b - a) / 1000)); echo throw_out $(((d - c) / 1000))\n",
	.teardown_cmd = "umount /tmp/edu-inodes/mnt 2>/dev/null; rm -rf /tmp/edu-inodes",
};
