// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks: which ones a file gets, and giving them back.
 *
 * The rules, in the order they apply:
 *  1. There must be room: the free blocks, less those promised to pages that are
 *     not written yet, less a pool for the metadata that writing those will
 *     need, less what is kept for root. What was promised takes from all.
 *  2. The goal comes first: the block behind the file's last one. If it is free
 *     and in nobody else's window (window.c), the run that begins there is taken,
 *     however short: a piece more costs less than a seek.
 *  3. Else the search goes through the goal's group, then the others in a circle,
 *     for a run as long as wanted; then for any run; then for any run even in
 *     others' windows.
 *  4. A bitmap is checked when it is first used, against its checksum and against
 *     the descriptor's count. A damaged one is never allocated from.
 *  5. Data is written before a map leads to it. So its blocks are only placed
 *     first: nothing is marked, but nobody else gets them. They are used when the
 *     data is on the disk.
 *  6. With a journal, what is freed is not handed out before the commit: after a
 *     crash until then, who had it has it again.
 *  7. A bitmap that mke2fs left for later (uninit_bg) is made here: its metadata
 *     is used, all else free.
 *
 * One mutex guards all bitmaps, ext4 has a lock for each group: here an allocation
 * can be followed from end to end without a second one in between.
 */
#include <linux/buffer_head.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/jbd2.h>
#include <linux/sched/mm.h>
#include <linux/uidgid.h>

#include "bitmap.h"
#include "csum.h"
#include "edufs.h"
#include "trace.h"

/* Who may have the last blocks. */
static bool privileged(struct edufs_sb_info *sbi)
{
	return uid_eq(sbi->resuid, current_fsuid()) ||
		(!gid_eq(sbi->resgid, GLOBAL_ROOT_GID) && in_group_p(sbi->resgid)) ||
		capable(CAP_SYS_RESOURCE);
}

/* Take up to @want of the free blocks' count; 0 if there is no room. */
static unsigned int take(struct edufs_sb_info *sbi, unsigned int want, unsigned int flags)
{
	u64 kept = 0;

	if (!(flags & EDUFS_ALLOC_PROMISED) && !privileged(sbi))
		kept = sbi->root_blocks;
	spin_lock(&sbi->space_lock);
	if (!(flags & EDUFS_ALLOC_PROMISED))
		kept += sbi->promised + sbi->pool;
	want = min_t(u64, want, sbi->free_blocks > kept ? sbi->free_blocks - kept : 0);
	sbi->free_blocks -= want;
	spin_unlock(&sbi->space_lock);
	return want;
}

static void give_back(struct edufs_sb_info *sbi, u64 count)
{
	spin_lock(&sbi->space_lock);
	sbi->free_blocks += count;
	spin_unlock(&sbi->space_lock);
}

/**
 * edufs_promise - promise blocks to pages that will be written later
 * @sb: the filesystem
 * @count: how many, metadata included
 *
 * Return: 0, -ENOSPC.
 */
int edufs_promise(struct super_block *sb, u64 count)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u64 kept = privileged(sbi) ? 0 : sbi->root_blocks;
	int err = -ENOSPC;

	spin_lock(&sbi->space_lock);
	if (sbi->free_blocks >= sbi->promised + sbi->pool + kept + count) {
		sbi->promised += count;
		err = 0;
	}
	spin_unlock(&sbi->space_lock);
	return err;
}

/**
 * edufs_unpromise - a promise was kept, or is no longer wanted
 * @sb: the filesystem
 * @count: how many blocks
 */
void edufs_unpromise(struct super_block *sb, u64 count)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	spin_lock(&sbi->space_lock);
	sbi->promised -= count;
	spin_unlock(&sbi->space_lock);
}

/* Rule 7. The buffer is not dirty: a second making gives the same. */
static struct buffer_head *make_bitmap(struct super_block *sb, u32 group, u64 block)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u32 bits = edufs_group_blocks(sbi, group), i;
	u64 first = edufs_group_first(sbi, group);
	struct buffer_head *bh = sb_getblk(sb, block);

	if (!bh)
		return NULL;
	lock_buffer(bh);
	memset(bh->b_data, 0, bh->b_size);
	for (i = 0; i < bits; i++)
		if (zone_overlaps(&sbi->zone, first + i, 1))
			bits_change(bh->b_data, i, 1, true);
	bits_pad(bh->b_data, bits, bh->b_size);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	return bh;
}

static const char *check_bitmap(struct edufs_sb_info *sbi, u32 group,
				const struct edufs_group_desc *desc, struct buffer_head *bh)
{
	bool made = sbi->desc_csum && le16_to_cpu(desc->bg_flags) & EDUFS_BG_BLOCK_UNINIT;

	if (sbi->csum && !made &&
	    !csum_bitmap_ok(sbi->csum_seed, bh->b_data, sbi->geo.blocks_per_group / 8,
			    edufs_group_get(sbi, desc, EDUFS_BLOCK_CSUM),
			    sbi->geo.desc_size >= sizeof(*desc)))
		return "wrong checksum of block bitmap";
	if (bits_free(bh->b_data, edufs_group_blocks(sbi, group)) !=
	    edufs_group_get(sbi, desc, EDUFS_FREE_BLOCKS))
		return "block bitmap and descriptor do not agree";
	return NULL;
}

/**
 * edufs_read_bitmap - a group's block bitmap, checked when it is first used
 * @sb: the filesystem
 * @group: the group
 *
 * Context: may sleep; alloc_lock is held.
 * Return: its block, which the caller releases; ERR_PTR of -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_read_bitmap(struct super_block *sb, u32 group)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_group_desc *desc = edufs_group(sbi, group);
	u64 block = edufs_group_block_bitmap(sbi, desc);
	struct buffer_head *bh;

	if (sbi->group_state[group] & EDUFS_GROUP_BAD)
		return ERR_PTR(-EUCLEAN);
	if (sbi->desc_csum && le16_to_cpu(desc->bg_flags) & EDUFS_BG_BLOCK_UNINIT)
		bh = make_bitmap(sb, group, block);
	else
		bh = sb_bread(sb, block);
	if (!bh)
		return ERR_PTR(-EIO);
	if (!(sbi->group_state[group] & EDUFS_GROUP_BLOCKS_OK)) {
		const char *why = check_bitmap(sbi, group, desc, bh);

		if (why) {
			brelse(bh);
			sbi->group_state[group] |= EDUFS_GROUP_BAD;
			return ERR_PTR(edufs_corrupt(sb, 0, block, "group %u: %s", group, why));
		}
		sbi->group_state[group] |= EDUFS_GROUP_BLOCKS_OK;
	}
	return bh;
}

/* Mark a run in bitmap and descriptor. */
static void mark(struct super_block *sb, u32 group, struct buffer_head *bh,
		 unsigned int at, unsigned int count, bool used)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct edufs_group_desc *desc;
	u32 free;

	edufs_buffer_begin(sb, bh);
	bits_change(bh->b_data, at, count, used);
	edufs_buffer_end(sb, bh);
	desc = edufs_group_begin(sb, group);
	free = edufs_group_get(sbi, desc, EDUFS_FREE_BLOCKS);
	edufs_group_set(sbi, desc, EDUFS_FREE_BLOCKS, used ? free - count : free + count);
	if (sbi->desc_csum)
		desc->bg_flags &= cpu_to_le16(~EDUFS_BG_BLOCK_UNINIT);
	if (sbi->csum)
		edufs_group_set(sbi, desc, EDUFS_BLOCK_CSUM,
				csum_bitmap(sbi->csum_seed, bh->b_data,
					    sbi->geo.blocks_per_group / 8));
	edufs_group_end(sb, group);
}

struct search {
	struct inode *inode;
	u64 goal;
	unsigned int want;	/* take at most */
	unsigned int roomy;	/* look for */
	bool any;		/* a shorter run will do */
	bool windows;		/* go around others' windows */
	bool place;		/* do not mark it */
};

/**
 * edufs_not_busy - how much of a run is really free: rules 5 and 6
 * @sbi: the filesystem, with alloc_lock held
 * @block: the first block of a run that is free in its bitmap
 * @len: its length
 * @next: set to where to go on if none of it is
 *
 * Return: the length of what is, from @block on.
 */
unsigned int edufs_not_busy(struct edufs_sb_info *sbi, u64 block, unsigned int len, u64 *next)
{
	const struct ranges *sets[] = { &sbi->placed, &sbi->freed[0], &sbi->freed[1] };
	u64 start, count;
	int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		if (!ranges_next(sets[i], block, &start, &count) || start >= block + len)
			continue;
		if (start <= block) {
			*next = block + count;
			return 0;
		}
		len = start - block;
	}
	return len;
}

/* How much of a run that is free in the bitmap may this file have? As above. */
static unsigned int may_have(const struct search *s, u64 block, unsigned int len, u64 *next)
{
	struct edufs_sb_info *sbi = edufs_sbi(s->inode->i_sb);
	struct window *own = &EDUFS_I(s->inode)->window;

	len = edufs_not_busy(sbi, block, len, next);
	if (len && s->windows) {
		len = window_room(&sbi->windows, own, block, len);
		if (!len)
			*next = window_skip(&sbi->windows, own, block);
	}
	return len;
}

/* Take a run in one group: its length, 0 if there is none, or an error. */
static int take_in_group(const struct search *s, u32 group, unsigned int from, u64 *first)
{
	struct super_block *sb = s->inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	unsigned int bits = edufs_group_blocks(sbi, group), at = 0, len = 0, roomy = s->roomy;
	u64 base = edufs_group_first(sbi, group), next;
	struct buffer_head *bh = edufs_read_bitmap(sb, group);

	if (IS_ERR(bh))
		return bh == ERR_PTR(-EUCLEAN) ? 0 : PTR_ERR(bh);
	/* No run is followed further than it is wanted: most of a group may be free. */
	if (base + from == s->goal) {
		at = from;
		len = bits_run(bh->b_data, from, min(bits, from + s->want));
		if (len)
			len = may_have(s, base + at, len, &next);
	}
	while (!len && from < bits) {
		if (!bits_find(bh->b_data, from, bits, roomy, &at))
			break;
		len = bits_run(bh->b_data, at, min(bits, at + s->roomy));
		len = may_have(s, base + at, len, &next);
		if (!len && s->any && roomy > 1) {
			/* That was the longest: there may be others before it. */
			roomy = 1;
			continue;
		}
		if (!len) {
			from = next - base;
			continue;
		}
		if (len < s->roomy && !s->any) {
			from = at + len;
			len = 0;
		}
	}
	len = min(len, s->want);
	if (len && zone_overlaps(&sbi->zone, base + at, len)) {
		sbi->group_state[group] |= EDUFS_GROUP_BAD;
		edufs_corrupt(sb, 0, base + at, "block bitmap has metadata as free");
		len = 0;
	}
	if (len && s->place) {
		if (ranges_add(&sbi->placed, base + at, len)) {
			brelse(bh);
			return -ENOMEM;
		}
	} else if (len) {
		mark(sb, group, bh, at, len, true);
	}
	*first = base + at;
	brelse(bh);
	return len;
}

static int take_anywhere(struct search *s, u64 *first)
{
	struct edufs_sb_info *sbi = edufs_sbi(s->inode->i_sb);
	u32 start = edufs_group_of_block(sbi, s->goal), i;
	int pass, got;

	for (pass = 0; pass < 3; pass++) {
		s->any = pass > 0;
		s->windows = pass < 2;
		/* The goal's group twice: from the goal on, and whole. */
		for (i = 0; i <= sbi->geo.groups; i++) {
			u32 group = (start + i) % sbi->geo.groups;
			unsigned int from = 0;
			u32 free = edufs_group_get(sbi, edufs_group(sbi, group),
						   EDUFS_FREE_BLOCKS);

			if (!free || (!s->any && i && free < s->roomy))
				continue;
			if (!i && s->goal >= edufs_group_first(sbi, group))
				from = s->goal - edufs_group_first(sbi, group);
			got = take_in_group(s, group, from, first);
			if (got)
				return got;
		}
	}
	return -ENOSPC;
}

/**
 * edufs_alloc_blocks - allocate a run of blocks
 * @inode: for which file
 * @goal: where it is wanted
 * @want: how many, at least 1
 * @flags: EDUFS_ALLOC_*
 * @first: set to the first block
 *
 * The blocks are counted in i_blocks, unless they are only placed (which needs no
 * edufs_start()): then edufs_use_placed() or edufs_unplace() follows, and what
 * was promised is taken then. They may still be in the buffer cache as
 * what they were before: see clean_bdev_aliases().
 *
 * Context: may sleep; takes alloc_lock.
 * Return: how many were allocated, from 1 to @want; -ENOSPC, -EROFS, -EIO.
 */
int edufs_alloc_blocks(struct inode *inode, u64 goal, unsigned int want,
		       unsigned int flags, u64 *first)
{
	struct super_block *sb = inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct window *window = &EDUFS_I(inode)->window;
	struct search s = {
		.inode = inode, .goal = goal, .place = flags & EDUFS_ALLOC_PLACE,
	};
	unsigned int taken;
	int got;

	if (edufs_stopped(sb))
		return -EROFS;
	taken = s.place ? want : take(sbi, want, flags);
	if (!taken)
		return -ENOSPC;
	mutex_lock(&sbi->alloc_lock);
	s.want = taken;
	s.roomy = taken;
	if (flags & EDUFS_ALLOC_WINDOW)
		s.roomy = max3(taken, window->size, (unsigned int)WINDOW_FIRST);
	got = take_anywhere(&s, first);
	if (got > 0 && flags & EDUFS_ALLOC_WINDOW) {
		u32 group = edufs_group_of_block(sbi, *first);

		window_move(&sbi->windows, window, *first + got,
			    edufs_group_first(sbi, group) + edufs_group_blocks(sbi, group));
	}
	mutex_unlock(&sbi->alloc_lock);
	if (!s.place && got < (int)taken)
		give_back(sbi, taken - max(got, 0));
	if (got > 0) {
		if (!s.place)
			inode_add_bytes(inode, (loff_t)got << sbi->geo.block_bits);
		edufs_count(EDUFS_STAT_ALLOCS);
		if (*first == goal)
			edufs_count(EDUFS_STAT_GOAL_HITS);
	}
	trace_edufs_allocate_blocks(inode, goal, want, got > 0 ? *first : 0, got);
	return got;
}

/* Rule 6. It must be remembered, so memory is waited for. */
static void freed_in_transaction(struct edufs_sb_info *sbi, u64 block, u64 count)
{
	handle_t *handle = journal_current_handle();
	tid_t tid;

	if (!sbi->journal || is_handle_aborted(handle))
		return;
	tid = handle->h_transaction->t_tid;
	sbi->freed_tid[tid & 1] = tid;
	while (ranges_add(&sbi->freed[tid & 1], block, count))
		memalloc_retry_wait(GFP_NOFS);
}

/**
 * edufs_freed_for_good - what committed transactions freed may be handed out
 * @sb: the filesystem
 * @journal: its journal
 *
 * Only one transaction is committed at a time, while only the next one runs. If one
 * could not be committed, what it freed stays whose it was.
 *
 * Context: may sleep; takes alloc_lock.
 */
void edufs_freed_for_good(struct super_block *sb, struct journal_s *journal)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int i;

	mutex_lock(&sbi->alloc_lock);
	for (i = 0; i < ARRAY_SIZE(sbi->freed); i++) {
		struct ranges *freed = &sbi->freed[i];
		u64 from = 0, count;

		/* In this order: one that fails also counts as over. */
		if (!freed->sum || !jbd2_transaction_committed(journal, sbi->freed_tid[i]) ||
		    is_journal_aborted(journal))
			continue;
		while (sbi->opts & EDUFS_OPT_DISCARD && !edufs_stopped(sb) &&
		       ranges_next(freed, from, &from, &count)) {
			edufs_discard(sb, from, count);
			from += count;
		}
		ranges_del(freed, 0, U64_MAX);
	}
	mutex_unlock(&sbi->alloc_lock);
}

/**
 * edufs_use_placed - data is on the disk where it was placed: the blocks are used
 * @inode: whose
 * @block: the first
 * @count: how many
 *
 * Context: may sleep; inside edufs_start(); takes alloc_lock.
 */
void edufs_use_placed(struct inode *inode, u64 block, u64 count)
{
	struct super_block *sb = inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	inode_add_bytes(inode, (loff_t)count << sbi->geo.block_bits);
	spin_lock(&sbi->space_lock);
	sbi->free_blocks -= min(count, sbi->free_blocks);
	spin_unlock(&sbi->space_lock);
	while (count) {
		u32 group = edufs_group_of_block(sbi, block);
		u64 at = block - edufs_group_first(sbi, group);
		u64 n = min(count, edufs_group_blocks(sbi, group) - at);
		struct buffer_head *bh;
		bool free = false;

		mutex_lock(&sbi->alloc_lock);
		bh = edufs_read_bitmap(sb, group);
		if (!IS_ERR(bh)) {
			free = bits_is(bh->b_data, at, n, false);
			if (free)
				mark(sb, group, bh, at, n, true);
			brelse(bh);
		}
		/* The map has them all the same: nobody else may get them. */
		if (!free)
			sbi->group_state[group] |= EDUFS_GROUP_BAD;
		ranges_del(&sbi->placed, block, n);
		mutex_unlock(&sbi->alloc_lock);
		if (!free)
			edufs_corrupt(sb, inode->i_ino, block, IS_ERR(bh) ?
				      "placed blocks cannot be marked as used" :
				      "placed blocks are in use");
		block += n;
		count -= n;
	}
}

/**
 * edufs_unplace - what was placed is free again
 * @sb: the filesystem
 * @block: the first block
 * @count: how many
 *
 * Context: may sleep; takes alloc_lock.
 */
void edufs_unplace(struct super_block *sb, u64 block, u64 count)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	mutex_lock(&sbi->alloc_lock);
	ranges_del(&sbi->placed, block, count);
	mutex_unlock(&sbi->alloc_lock);
}

/**
 * edufs_free_blocks - give a run of blocks back
 * @inode: whose they were
 * @block: the first
 * @count: how many
 *
 * A block that is free already, or that no file may have, is damage: then they
 * stay as they are.
 *
 * Context: may sleep; takes alloc_lock.
 */
void edufs_free_blocks(struct inode *inode, u64 block, u64 count)
{
	struct super_block *sb = inode->i_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	trace_edufs_free_blocks(inode, block, count);
	inode_sub_bytes(inode, (loff_t)count << sbi->geo.block_bits);
	if (!edufs_block_valid(sb, block, count)) {
		edufs_corrupt(sb, inode->i_ino, block, "freeing blocks out of range");
		return;
	}
	while (count) {
		u32 group = edufs_group_of_block(sbi, block);
		u64 at = block - edufs_group_first(sbi, group);
		u64 n = min(count, edufs_group_blocks(sbi, group) - at);
		struct buffer_head *bh;
		bool freed = false;

		mutex_lock(&sbi->alloc_lock);
		bh = edufs_read_bitmap(sb, group);
		if (!IS_ERR(bh)) {
			freed = bits_is(bh->b_data, at, n, true);
			if (freed && sbi->opts & EDUFS_OPT_DISCARD && !sbi->journal)
				edufs_discard(sb, block, n);
			if (freed) {
				mark(sb, group, bh, at, n, false);
				freed_in_transaction(sbi, block, n);
			} else {
				sbi->group_state[group] |= EDUFS_GROUP_BAD;
			}
			brelse(bh);
		}
		mutex_unlock(&sbi->alloc_lock);
		if (freed)
			give_back(sbi, n);
		else if (bh != ERR_PTR(-EUCLEAN))
			edufs_corrupt(sb, inode->i_ino, block, IS_ERR(bh) ?
				      "freed blocks cannot be marked as free" :
				      "freeing free blocks");
		block += n;
		count -= n;
	}
	edufs_count(EDUFS_STAT_FREES);
}

/**
 * edufs_drop_window - a file will not be written any further for now
 * @inode: the file
 *
 * Context: may sleep; takes alloc_lock.
 */
void edufs_drop_window(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	struct window *window = &EDUFS_I(inode)->window;

	/* Only the file's own writers make one, and they are gone. */
	if (window->start == window->end)
		return;
	mutex_lock(&sbi->alloc_lock);
	window_drop(&sbi->windows, window);
	window->size = 0;
	mutex_unlock(&sbi->alloc_lock);
}

/**
 * edufs_goal_near - where a file's first block is wanted
 * @inode: the file
 *
 * Return: a block of the inode's own group, at one of 16 places by the writing
 * process, so that files that several write at once do not begin in one place.
 */
u64 edufs_goal_near(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	u32 group = div_u64(inode->i_ino - 1, sbi->geo.inodes_per_group);
	u32 colour = current->pid % 16 * (edufs_group_blocks(sbi, group) / 16);

	return edufs_group_first(sbi, group) + (S_ISREG(inode->i_mode) ? colour : 0);
}
