// SPDX-License-Identifier: GPL-2.0
/*
 * fs journal: the life of each transaction of jbd2, the log that ext4 and edufs share:
 * how many handles and blocks it had, and how long it was in which state. The events are
 * the same for both; whose a log is, says the inode that it lies in.
 *
 * The rules:
 *  1. running: from its first handle to the commit; locked: until its last handle has
 *     ended; flushing: until the data is out that it must not come before; logging: until
 *     its commit block is on the disk. These four are taken with the clock.
 *  2. wait (the longest that a handle waited for it to begin) and request (from the wish
 *     for its commit to the commit) are jbd2's own, in ticks of filter.tick ns.
 *  3. A transaction counts when it is committed. One whose commit had begun when the probe
 *     came does not.
 *  4. A handle counts when it ends, what was asked for by its extensions included; so
 *     handles of a transaction that is still running are among them, and one that a
 *     restart took through several transactions counts once, while each of those
 *     transactions counts it.
 * Reference: the kernel book, 6.12, on jbd2_journal_commit_transaction();
 * Documentation/filesystems/journalling.rst.
 *
 * Rows: table 0 by journal (id: device), the histogram is of ns in the commit, that is
 * locked, flushing and logging; table 1 by journal and state, of ns there; table 2 by
 * journal, of blocks in a transaction; table 3 by journal and type of handle, of credits
 * used; table 4 what edufs says of itself. From table 1 on aux is the device.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_JOURNAL, BY_STATE, BY_SIZE, BY_HANDLE, BY_EDUFS };
enum { TRANSACTIONS, HANDLES, BLOCKS, LOGGED, CHECKPOINTED };
enum { ENDED, ASKED, USED, SYNCED };
enum { STARTS, WAITS, FLUSHES, WRITTEN, DATA, ERRORS };
enum { WAIT, REQUEST, RUNNING, LOCKED, FLUSHING, LOGGING, STATES };
enum { COMMIT, CHECKPOINT };

#define TICK		4000000	/* where nobody said what it is: 250 a second */
#define EDUFS_TYPES	16	/* the types of ext4's handles are below */

/* Of jbd2, which may be a module: found by name in whatever kernel this is. */
struct journal_s___edu {
	struct block_device *j_fs_dev;
	struct inode *j_inode;
} __attribute__((preserve_access_index));

struct transaction_chp_stats_s___edu {
	unsigned int cs_forced_to_close;
	unsigned int cs_written;
	unsigned int cs_dropped;
} __attribute__((preserve_access_index));

struct transaction_s___edu {
	struct journal_s___edu *t_journal;
	unsigned int t_tid;
	struct transaction_chp_stats_s___edu t_chp_stats;
	long t_start_time;
} __attribute__((preserve_access_index));

struct jbd2_journal_handle___edu {
	struct transaction_s___edu *h_transaction;
} __attribute__((preserve_access_index));

struct transaction_run_stats_s___edu {
	unsigned long rs_wait;
	unsigned long rs_request_delay;
	unsigned int rs_handle_count;
	unsigned int rs_blocks;
	unsigned int rs_blocks_logged;
} __attribute__((preserve_access_index));

struct commit {
	char name[EDU_COMM];
	__u64 at;
	__u64 in[STATES];
};

/* By device: each journal commits one at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct commit);
} commits SEC(".maps");

EDU_EVENT_RING(1 << 20);

static __always_inline __u64 ticks(__u64 n)
{
	return n * (filter.tick ?: TICK);
}

/* "ext4 7:0" in @name. Is it one of the side that was asked for? */
static __always_inline bool name_of(struct super_block *sb, __u64 dev, char name[EDU_COMM])
{
	bool twin;

	__builtin_memset(name, 0, EDU_COMM);
	BPF_SNPRINTF(name, EDU_COMM, "%s %d:%d", BPF_CORE_READ(sb, s_type, name), dev >> 20,
		     dev & 0xfffff);
	twin = !__builtin_memcmp(name, "edufs ", 6);
	return filter.side == EDU_SIDE_ANY || twin == (filter.side == EDU_SIDE_TWIN);
}

/* A log on a device of its own has no inode, so nobody's name. */
static __always_inline bool wanted_journal(struct journal_s___edu *journal, __u64 dev,
					   char name[EDU_COMM])
{
	return name_of(BPF_CORE_READ(journal, j_inode, i_sb), dev, name);
}

static __always_inline struct edu_row *row_of(__u32 table, __u64 id, __u64 dev,
					      const char name[EDU_COMM])
{
	struct edu_row *row = edu_row(table, bpf_get_smp_processor_id(), id, dev, NULL);

	if (row)
		__builtin_memcpy(row->comm, name, EDU_COMM);
	return row;
}

static __always_inline __u64 device_of(struct journal_s___edu *journal)
{
	return BPF_CORE_READ(journal, j_fs_dev, bd_dev);
}

SEC("raw_tp/jbd2_commit_locking")
int BPF_PROG(fs_journal_locking, struct journal_s___edu *journal, struct transaction_s___edu *t)
{
	__u64 dev = device_of(journal), now = bpf_ktime_get_ns();
	struct commit commit = { .at = now };

	if (!wanted_journal(journal, dev, commit.name))
		return 0;
	commit.in[RUNNING] = now - BPF_CORE_READ(t, t_start_time);
	if (bpf_map_update_elem(&commits, &dev, &commit, BPF_ANY))
		edu_lose(EDU_LOST_STATE);
	return 0;
}

static __always_inline struct commit *leave(__u64 dev, __u32 state)
{
	struct commit *commit = bpf_map_lookup_elem(&commits, &dev);
	__u64 now = bpf_ktime_get_ns();

	if (commit) {
		commit->in[state] = now - commit->at;
		commit->at = now;
	}
	return commit;
}

SEC("raw_tp/jbd2_commit_flushing")
int BPF_PROG(fs_journal_flushing, struct journal_s___edu *journal)
{
	leave(device_of(journal), LOCKED);
	return 0;
}

SEC("raw_tp/jbd2_commit_logging")
int BPF_PROG(fs_journal_logging, struct journal_s___edu *journal)
{
	leave(device_of(journal), FLUSHING);
	return 0;
}

SEC("raw_tp/jbd2_run_stats")
int BPF_PROG(fs_journal_committed, __u32 dev, __u32 tid,
	     struct transaction_run_stats_s___edu *stats)
{
	__u64 handles = BPF_CORE_READ(stats, rs_handle_count), key = dev;
	__u64 blocks = BPF_CORE_READ(stats, rs_blocks);
	__u64 logged = BPF_CORE_READ(stats, rs_blocks_logged);
	struct commit *commit = leave(dev, LOGGING);
	struct edu_event *e;
	struct edu_row *row;
	int i;

	if (!commit)
		return 0;
	commit->in[WAIT] = ticks(BPF_CORE_READ(stats, rs_wait));
	commit->in[REQUEST] = ticks(BPF_CORE_READ(stats, rs_request_delay));
	row = row_of(BY_JOURNAL, dev, 0, commit->name);
	edu_add(row, TRANSACTIONS, 1);
	edu_add(row, HANDLES, handles);
	edu_add(row, BLOCKS, blocks);
	edu_add(row, LOGGED, logged);
	edu_record(row, commit->in[LOCKED] + commit->in[FLUSHING] + commit->in[LOGGING]);
	edu_record(row_of(BY_SIZE, 0, dev, commit->name), blocks);
	for (i = 0; i < STATES; i++)
		edu_record(row_of(BY_STATE, i, dev, commit->name), commit->in[i]);
	e = edu_event(&events, COMMIT, bpf_get_current_task_btf());
	if (e) {
		__builtin_memcpy(e->name, commit->name, EDU_COMM);
		e->arg[0] = tid;
		e->arg[1] = handles;
		e->arg[2] = blocks;
		e->arg[3] = logged;
		for (i = 0; i < STATES; i++)
			e->arg[4 + i] = commit->in[i];
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&commits, &key);
	return 0;
}

SEC("raw_tp/jbd2_handle_stats")
int BPF_PROG(fs_journal_handle, __u32 dev, __u32 tid, __u32 type, __u32 line, int interval,
	     int sync, int asked, int used)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct jbd2_journal_handle___edu *handle = p->journal_info;
	struct journal_s___edu *journal = BPF_CORE_READ(handle, h_transaction, t_journal);
	struct edu_row *row;
	char name[EDU_COMM];

	if (!wanted_journal(journal, dev, name))
		return 0;
	if (!__builtin_memcmp(name, "edufs ", 6))
		type += EDUFS_TYPES;
	row = row_of(BY_HANDLE, type, dev, name);
	edu_add(row, ENDED, 1);
	edu_add(row, ASKED, asked);
	edu_add(row, USED, used);
	edu_add(row, SYNCED, sync);
	edu_record(row, used);
	return 0;
}

/* The last block of a transaction is at its own place: what it had in the log is free. */
SEC("raw_tp/jbd2_drop_transaction")
int BPF_PROG(fs_journal_checkpoint, struct journal_s___edu *journal,
	     struct transaction_s___edu *t)
{
	__u64 dev = device_of(journal);
	struct edu_event *e;
	char name[EDU_COMM];

	if (!wanted_journal(journal, dev, name))
		return 0;
	edu_add(row_of(BY_JOURNAL, dev, 0, name), CHECKPOINTED, 1);
	e = edu_event(&events, CHECKPOINT, bpf_get_current_task_btf());
	if (!e)
		return 0;
	__builtin_memcpy(e->name, name, EDU_COMM);
	e->arg[0] = BPF_CORE_READ(t, t_tid);
	e->arg[1] = BPF_CORE_READ(t, t_chp_stats.cs_forced_to_close);
	e->arg[2] = BPF_CORE_READ(t, t_chp_stats.cs_written);
	e->arg[3] = BPF_CORE_READ(t, t_chp_stats.cs_dropped);
	e->arg[4] = bpf_ktime_get_ns() - BPF_CORE_READ(t, t_start_time);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline struct edu_row *edufs_row(struct super_block *sb)
{
	__u64 dev = BPF_CORE_READ(sb, s_dev);
	char name[EDU_COMM];

	name_of(sb, dev, name);
	return row_of(BY_EDUFS, 0, dev, name);
}

SEC("raw_tp/edufs_journal_start")
int BPF_PROG(fs_journal_start, struct super_block *sb)
{
	edu_add(edufs_row(sb), STARTS, 1);
	return 0;
}

SEC("raw_tp/edufs_journal_wait")
int BPF_PROG(fs_journal_wait, struct inode *inode, __u32 tid, bool flush, int err)
{
	struct edu_row *row = edufs_row(BPF_CORE_READ(inode, i_sb));

	edu_add(row, WAITS, 1);
	edu_add(row, FLUSHES, flush);
	edu_add(row, ERRORS, !!err);
	return 0;
}

SEC("raw_tp/edufs_written")
int BPF_PROG(fs_journal_written, struct inode *inode, __u64 lblk, __u64 len, __u64 pblk, int err)
{
	struct edu_row *row = edufs_row(BPF_CORE_READ(inode, i_sb));

	edu_add(row, WRITTEN, 1);
	edu_add(row, DATA, err ? 0 : len);
	edu_add(row, ERRORS, !!err);
	return 0;
}
