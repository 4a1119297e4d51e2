// SPDX-License-Identifier: GPL-2.0
/*
 * SLUB beside slab_edu's two fronts, by the module's bench file: in the kernel,
 * the same loop over both. ns of one allocation with its free; bytes that a
 * live byte takes, from either slabinfo.
 */
#include "compare.h"

static const struct metric metrics[] = {
	{ "reuse", "ns", true },
	{ "hold64", "ns", true },
	{ "hold4096", "ns", true },
	{ "random256", "ns", true },
	{ "bulk16", "ns", true },
	{ "bulk250", "ns", true },
	{ "remote256", "ns", true },
	{ "kmalloc", "ns", true },
	{ "cpus", "ns", true },
	{ "rbtree", "ns", true },
	{ "bytes", "B", true },
	{}
};

#define WORKLOAD \
	"objects of 256 bytes: reused at once, 64 or 4,096 held, freed in random order, " \
	"in bulks of 16 and 250, by another CPU, on all CPUs; kmalloc of 8 to 4,096; " \
	"a tree of 100,000 entries"

/* run METRIC WORDS...: one line to the bench, one measurement from it. */
#define BENCH \
	"B=/sys/kernel/debug/slab_edu/bench\n" \
	"run() {\n" \
	"m=$1; shift\n" \
	"echo $* side=$SIDE rounds=1 >$B || exit 1\n" \
	"sed 's/.*cpus=\\([0-9]*\\).* ns=\\([0-9]*\\) objects=\\([0-9]*\\).*/\\1 \\2 \\3/' $B |\n" \
	"awk -v m=$m -v remote=$(case $* in *remote*) echo 1 ;; *) echo 0 ;; esac) \\\n" \
	"'{ print m, $2 / $3 * (remote ? 1 : $1) }'\n" \
	"}\n"

static const char table[] =
	BENCH
	"run reuse test=reuse size=256 n=50000\n"
	"run hold64 test=hold size=256 batch=64 n=40960\n"
	"run hold4096 test=hold size=256 batch=4096 n=40960\n"
	"run random256 test=random size=256 batch=256 n=40960\n"
	"run bulk16 test=bulk size=256 batch=16 n=40960\n"
	"run bulk250 test=bulk size=256 batch=250 n=50000\n"
	"run kmalloc test=kmalloc n=40960\n"
	"run rbtree test=rbtree size=64 n=100000\n"
	"if [ $(nproc) -gt 1 ]; then\n"
	"run remote256 test=remote size=256 batch=256 n=20480\n"
	"run cpus test=reuse size=256 n=50000 cpus=$(nproc)\n"
	"fi\n"
	"run fill test=fill size=64 n=65536 >/dev/null\n"
	"if [ $SIDE = kernel ]; then c=slab_edu_bench f=/proc/slabinfo; else\n"
	"c=bench f=/sys/kernel/debug/slab_edu/slabinfo; fi\n"
	"awk -v c=$c '$1 == c { print \"bytes\", $15 * $6 * 4096 / (64 * 65536) }' $f\n";

const struct comparison slab_classic = {
	.name = "slab",
	.title = "SLUB against slab_edu's classic per-CPU slabs",
	.side = { "kernel", "edu" },
	.module = "slab_edu",
	.workload = WORKLOAD,
	.metrics = metrics,
	.run_cmd = table,
};

const struct comparison slab_sheaf = {
	.name = "slab-sheaf",
	.title = "SLUB against slab_edu's sheaves",
	.side = { "kernel", "sheaf" },
	.module = "slab_edu",
	.workload = WORKLOAD,
	.metrics = metrics,
	.run_cmd = table,
};

static const struct metric size_metrics[] = {
	{ "reuse8", "ns", true },
	{ "reuse64", "ns", true },
	{ "reuse1024", "ns", true },
	{ "reuse4096", "ns", true },
	{ "hold8", "ns", true },
	{ "hold64", "ns", true },
	{ "hold1024", "ns", true },
	{ "hold4096", "ns", true },
	{}
};

const struct comparison slab_sizes = {
	.name = "slab-sizes",
	.title = "SLUB against slab_edu's classic per-CPU slabs, by size",
	.side = { "kernel", "edu" },
	.module = "slab_edu",
	.workload = "objects of 8 to 4,096 bytes: reused at once, and 256 held",
	.metrics = size_metrics,
	.run_cmd =
		BENCH
		"for s in 8 64 1024 4096; do\n"
		"run reuse$s test=reuse size=$s n=40960\n"
		"run hold$s test=hold size=$s batch=256 n=40960\n"
		"done\n",
};
