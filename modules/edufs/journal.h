/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_JOURNAL_H
#define _EDUFS_JOURNAL_H

#include <linux/types.h>

struct buffer_head;
struct inode;
struct super_block;

/* What a handle is for; journal_credits.c says how many blocks each may change. */
enum edufs_op {
	EDUFS_OP_INODE,		/* one inode is written */
	EDUFS_OP_SUPER,		/* the superblock */
	EDUFS_OP_CREATE,	/* create, mknod, mkdir, symlink, O_TMPFILE */
	EDUFS_OP_LINK,
	EDUFS_OP_UNLINK,	/* unlink, rmdir */
	EDUFS_OP_RENAME,
	EDUFS_OP_XATTR,		/* one attribute, or an ACL and the mode */
	EDUFS_OP_ORPHAN,	/* an inode goes on the orphan list, or off it */
	EDUFS_OP_REMOVE,	/* one step of taking a range out of a map */
	EDUFS_OP_FREE_INODE,	/* an inode without blocks ends */
	EDUFS_OP_WRITTEN,	/* data is on the disk: EDUFS_WRITTEN_MOST blocks of it */
	EDUFS_OP_RESERVE,	/* one piece of fallocate(2) */
	EDUFS_OP_SHIFT,		/* a range moves in a map: and so many nodes */
	EDUFS_OP_DATA,		/* data=journal: and edufs_credits_data() */
	EDUFS_OPS,
};

/* Blocks of data that go into a map in one handle. */
#define EDUFS_WRITTEN_MOST	1024
/* Blocks of data that one handle writes with data=journal, at most. */
#define EDUFS_DATA_MOST		256
/* Blocks that the log may have that are taken out of a map at once: each is revoked. */
#define EDUFS_REVOKE_MOST	64

struct edufs_credits {
	unsigned int blocks, revokes;
};

/* journal_credits.c */
extern const struct edufs_credits edufs_credits[EDUFS_OPS];
extern const struct edufs_credits edufs_credits_step;
unsigned int edufs_credits_data(unsigned int plain, unsigned int fresh);

/* journal.c */
int edufs_start(struct super_block *sb, enum edufs_op op);
int edufs_start_more(struct super_block *sb, enum edufs_op op, unsigned int more);
int edufs_stop(struct super_block *sb, int err);
bool edufs_can_go_on(struct super_block *sb);
void edufs_handle_sync(struct super_block *sb);
void edufs_buffer_begin(struct super_block *sb, struct buffer_head *bh);
void edufs_buffer_end(struct super_block *sb, struct buffer_head *bh);
void edufs_buffer_new(struct super_block *sb, struct buffer_head *bh);
void edufs_buffer_forget(struct super_block *sb, u64 block);
void edufs_journal_failed(struct super_block *sb, int err);
void edufs_note_tid(struct inode *inode, bool data);
void edufs_first_tid(struct inode *inode);
bool edufs_map_committed(struct inode *inode);
int edufs_commit_inode(struct inode *inode, bool datasync);
int edufs_commit_all(struct super_block *sb, bool wait);
bool edufs_again(struct super_block *sb, int err, int *tries);

/* journal_load.c */
const char *edufs_journal_refused(struct super_block *sb);
int edufs_journal_recover(struct super_block *sb);
int edufs_journal_open(struct super_block *sb);
int edufs_journal_close(struct super_block *sb);
int edufs_journal_freeze(struct super_block *sb);
void edufs_journal_thaw(struct super_block *sb);
void edufs_journal_options(struct super_block *sb);

#endif /* _EDUFS_JOURNAL_H */
