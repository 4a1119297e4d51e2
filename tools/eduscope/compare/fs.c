// SPDX-License-Identifier: GPL-2.0
/*
 * ext4 beside edufs under the loads of people: fio, names and trees, what waits for the
 * journal, and a filesystem that has aged. Each takes minutes, so they only run when they
 * are asked for by name. The images lie in memory; "fs" in twins.c is the short one.
 */
#include "compare.h"

#define TEARDOWN "umount /dev/shm/edu-fs/mnt 2>/dev/null; rm -rf /dev/shm/edu-fs"
#define SETUP(SIZE, OPTIONS) \
	"modprobe loop; rm -rf /dev/shm/edu-fs; mkdir -p /dev/shm/edu-fs/mnt &&\n" \
	"cd /dev/shm/edu-fs &&\n" \
	"mke2fs -q -t ext4 -E lazy_itable_init=0 " OPTIONS " image " SIZE "\n"
#define MOUNT "cd /dev/shm/edu-fs && mount -t $SIDE -o loop image mnt || exit 1\n"
#define COLD "sync; echo 3 >/proc/sys/vm/drop_caches\n"

#define KIBS(NAME) { NAME, "KiB/s", false }
#define NS(NAME) { NAME, "ns", true }

static const struct metric fio_metrics[] = {
	KIBS("buffered_read_4k"), KIBS("buffered_read_1m"),
	KIBS("buffered_randread_4k"), KIBS("buffered_randread_1m"),
	KIBS("buffered_write_4k"), KIBS("buffered_write_1m"),
	KIBS("buffered_randwrite_4k"), KIBS("buffered_randwrite_1m"),
	KIBS("direct_read_4k"), KIBS("direct_read_1m"),
	KIBS("direct_randread_4k"), KIBS("direct_randread_1m"),
	KIBS("direct_write_4k"), KIBS("direct_write_1m"),
	KIBS("direct_randwrite_4k"), KIBS("direct_randwrite_1m"),
	KIBS("mmap_read_4k"), KIBS("mmap_read_1m"),
	KIBS("mmap_randread_4k"), KIBS("mmap_randread_1m"),
	KIBS("mmap_write_4k"),
	KIBS("mmap_randwrite_4k"),
	/* One store of 1 MiB to a mapping is 256 of 4 KiB. */
	{}
};

const struct comparison fs_fio = {
	.name = "fs-fio",
	.title = "ext4 without a journal against edufs: fio",
	.side = { "ext4", "edufs" },
	.module = "edufs",
	.asked = true,
	.workload = "fio on 8 MiB, read with nothing cached, written until it is on the disk",
	.metrics = fio_metrics,
	.setup_cmd = SETUP("64M", "-O ^has_journal")
		"echo '[global]\nsize=8m\ndirectory=mnt\nfallocate=none\nfilename=file\n"
		"stonewall\nend_fsync=1\ninvalidate=1' >jobs\n"
		"for how in buffered direct mmap; do\n"
		"case $how in\n"
		"buffered) engine=psync ;;\n"
		"direct) engine='libaio\\ndirect=1\\niodepth=4' ;;\n"
		"mmap) engine=mmap ;;\n"
		"esac\n"
		/* Written first, so that there is something to be read. */
		"for rw in write randwrite read randread; do for bs in 4k 1m; do\n"
		"printf \"[${how}_${rw}_$bs]\\nrw=$rw\\nbs=$bs\\nioengine=$engine\\n\"\n"
		"done; done; done >>jobs\n",
	.run_cmd = MOUNT
		"fio --minimal jobs >out; status=$?; rm -f mnt/file; umount mnt\n"
		"[ $status = 0 ] || exit 1\n"
		"awk -F';' '{ print $3, $3 ~ /read/ ? $7 : $48 }' out\n",
	.teardown_cmd = TEARDOWN,
};

static const struct metric tree_metrics[] = {
	NS("flat_create"), NS("flat_stat"), NS("flat_rename"), NS("flat_unlink"),
	NS("tree_create"), NS("tree_stat"), NS("tree_rename"), NS("tree_unlink"),
	NS("cp_r"), NS("find_cold"), NS("find_again"), NS("read_all"), NS("rm_r"),
	{}
};

const struct comparison fs_tree = {
	.name = "fs-tree",
	.title = "ext4 with a journal against edufs: names and trees",
	.side = { "ext4", "edufs" },
	.module = "edufs",
	.asked = true,
	.workload = "10,000 names flat, and in a tree; /usr/include: cp -r, find, read, rm -r",
	.metrics = tree_metrics,
	.setup_cmd = SETUP("256M", "-N 40000"),
	.run_cmd = MOUNT
		"perl -MTime::HiRes=clock_gettime -e '\n"
		"sub each_of { my ($what, $do, @names) = @_; my $t = clock_gettime(1);\n"
		"$do->($_) or die \"$what $_: $!\" for @names;\n"
		"printf \"%s %.0f\\n\", $what, (clock_gettime(1) - $t) * 1e9 / @names }\n"
		"mkdir \"mnt/flat\"; mkdir \"mnt/tree\"; mkdir \"mnt/tree/$_\" for 0 .. 9;\n"
		"for my $i (0 .. 9) { mkdir \"mnt/tree/$i/$_\" for 0 .. 9 }\n"
		"my %names = (flat => [map \"mnt/flat/a name of some length $_\", 1 .. 10000],\n"
		"tree => [map sprintf(\"mnt/tree/%d/%d/name %d\",\n"
		"$_ / 1000 % 10, $_ / 100 % 10, $_), 1 .. 10000]);\n"
		"for my $kind (\"flat\", \"tree\") { my @n = @{$names{$kind}};\n"
		"each_of(\"${kind}_create\", sub { open F, \">\", $_[0] }, @n); close F;\n"
		"each_of(\"${kind}_stat\", sub { stat $_[0] }, @n);\n"
		"each_of(\"${kind}_rename\", sub { rename $_[0], \"$_[0]x\" }, @n);\n"
		"each_of(\"${kind}_unlink\", sub { unlink \"$_[0]x\" }, @n) }' || exit 1\n"
		"rm -rf mnt/flat mnt/tree; " COLD
		NOW "a=$(now); cp -r /usr/include mnt/tree && sync -f mnt || exit 1; b=$(now)\n"
		"echo cp_r $((b - a)); " COLD
		"a=$(now); find mnt -printf '%s\\n' >/dev/null || exit 1; b=$(now)\n"
		"find mnt -printf '%s\\n' >/dev/null || exit 1; c=$(now)\n"
		"find mnt/tree -type f -exec cat {} + >/dev/null || exit 1; d=$(now)\n"
		"rm -r mnt/tree || exit 1; e=$(now); umount mnt\n"
		"echo find_cold $((b - a)); echo find_again $((c - b))\n"
		"echo read_all $((d - c)); echo rm_r $((e - d))\n",
	.teardown_cmd = TEARDOWN,
};

static const struct metric journal_metrics[] = {
	NS("ordered_fsync"), NS("ordered_fsync_p90"), NS("ordered_mail"), NS("ordered_database"),
	NS("writeback_fsync"), NS("writeback_fsync_p90"), NS("writeback_mail"),
	NS("writeback_database"),
	NS("journal_fsync"), NS("journal_fsync_p90"), NS("journal_mail"), NS("journal_database"),
	{}
};

const struct comparison fs_journal = {
	.name = "fs-journal",
	.title = "ext4 with a journal against edufs: what waits for it",
	.side = { "ext4", "edufs" },
	.module = "edufs",
	.asked = true,
	.workload = "appends with fsync; mails: create, fsync, rename, an old one goes; SQLite",
	.metrics = journal_metrics,
	/* 100, 100 and 50 transactions; a mode that one of the two refuses has no numbers. */
	.setup_cmd = SETUP("128M", "-O has_journal")
		"for mode in ordered writeback journal; do\n"
		"mount -t edufs -o loop,data=$mode image mnt 2>/dev/null || continue\n"
		"umount mnt; echo $mode >>modes\n"
		"done\n",
	.run_cmd = "cd /dev/shm/edu-fs\n"
		"for mode in $(cat modes); do\n"
		"mount -t $SIDE -o loop,data=$mode image mnt || exit 1\n"
		"python3 - $mode <<'END' || exit 1\n"
		"import os, sqlite3, sys, time\n"
		"mode, now = sys.argv[1], time.perf_counter_ns\n"
		"os.chdir('mnt')\n"
		"def write(name, flags=os.O_CREAT | os.O_WRONLY | os.O_APPEND):\n"
		"    f = os.open(name, flags)\n"
		"    os.write(f, b'x' * 4000)\n"
		"    os.fsync(f)\n"
		"    os.close(f)\n"
		"took = []\n"
		"for i in range(100):\n"
		"    a = now()\n"
		"    write('log')\n"
		"    took.append(now() - a)\n"
		"took.sort()\n"
		"print(mode + '_fsync', took[50])\n"
		"print(mode + '_fsync_p90', took[90])\n"
		"a = now()\n"
		"os.mkdir('tmp')\n"
		"os.mkdir('new')\n"
		"for i in range(100):\n"
		"    write('tmp/%d' % i)\n"
		"    os.rename('tmp/%d' % i, 'new/%d' % i)\n"
		"    d = os.open('new', os.O_RDONLY)\n"
		"    os.fsync(d)\n"
		"    os.close(d)\n"
		"    if i >= 20:\n"
		"        os.unlink('new/%d' % (i - 20))\n"
		"print(mode + '_mail', (now() - a) // 100)\n"
		"db = sqlite3.connect('db')\n"
		"db.execute('create table t (a integer primary key, b text)')\n"
		"db.commit()\n"
		"a = now()\n"
		"for i in range(50):\n"
		"    db.execute('insert into t values (?, ?)', (i, 'some text' * 20))\n"
		"    db.commit()\n"
		"print(mode + '_database', (now() - a) // 50)\n"
		"END\n"
		"rm -rf mnt/log mnt/tmp mnt/new mnt/db; umount mnt\n"
		"done\n",
	.teardown_cmd = TEARDOWN,
};

static const struct metric age_metrics[] = {
	{ "pieces", "each", true },
	{ "pieces_of_8_MiB", "", true },
	NS("read_all"),
	NS("write_8_MiB"),
	{}
};

const struct comparison fs_age = {
	.name = "fs-age",
	.title = "ext4 with a journal against edufs: aged",
	.side = { "ext4", "edufs" },
	.module = "edufs",
	.asked = true,
	.workload = "files written, appended to, removed, four at once, nearly full; then 8 MiB",
	.metrics = age_metrics,
	.setup_cmd = SETUP("96M", "-b 4096") "cp image empty\n",
	.run_cmd = "cd /dev/shm/edu-fs && cp empty image\n" MOUNT
		"perl -e 'srand 7; my ($n, $used, @all, %size) = (0, 0);\n"
		"for my $turn (1 .. 600) { my @now;\n"
		"while ($used > 60e6) { my $f = splice @all, rand @all, 1;\n"
		"$used -= delete $size{$f}; unlink \"mnt/$f\" }\n"
		"for (1 .. 4) { push @all, $n++ if !@all || rand() < .7;\n"
		"push @now, rand() < .5 ? $all[-1] : $all[rand @all] }\n"
		"for my $piece (1 .. 1 + rand 6) { for my $f (@now) { my $l = 1000 + int rand 20000;\n"
		"open F, \">>\", \"mnt/$f\" or die; print F \"x\" x $l; close F;\n"
		"$size{$f} += $l; $used += $l } system \"sync -f mnt\" unless $turn % 40 } }' || exit 1\n"
		"sync -f mnt; filefrag mnt/* | sed -n 's/.*: \\([0-9]*\\) extent.*/\\1/p' |\n"
		"awk '{ n += $1 } END { print \"pieces\", n / NR }'\n" COLD
		NOW "a=$(now); cat mnt/* >/dev/null || exit 1; b=$(now)\n"
		"dd if=/dev/zero of=mnt/large bs=1M count=8 conv=fsync status=none || exit 1\n"
		"c=$(now)\n"
		"filefrag mnt/large | sed 's/.*: \\([0-9]*\\) extent.*/pieces_of_8_MiB \\1/'\n"
		"umount mnt; echo read_all $((b - a)); echo write_8_MiB $((c - b))\n",
	.teardown_cmd = TEARDOWN,
};
