// SPDX-License-Identifier: GPL-2.0
/*
 * The index of a directory: from a name's hash to the block with its record.
 *
 * The rules, in the order they apply:
 *  1. Block 0 is the root. It begins like any directory, with "." and "..",
 *     whose record hides the rest of the block: what hash is used, how many
 *     levels lie below, and the entries (hash, block of the directory).
 *  2. Entries are sorted. The first has no hash of its own (its place holds
 *     count and limit) and stands for everything below the second's. The one
 *     to follow is the last whose hash is at or below the wanted one.
 *  3. Below the levels of the index lie ordinary blocks of records.
 *  4. Names of one hash may fill more than a leaf. Then the lowest bit of the
 *     next entry's hash is set, and the search goes on there.
 *
 * A hash that is not known (a casefolded directory's) is no damage: the caller
 * searches block by block instead. A damaged index is EUCLEAN, where ext4
 * warns and searches block by block.
 */
#include <linux/buffer_head.h>

#include "csum.h"
#include "dirhash.h"
#include "edufs.h"
#include "record.h"
#include "trace.h"

#define HTREE_LEVELS 3		/* of the index, with large_dir; else 2 */

struct htree_frame {
	struct buffer_head *bh;
	const struct edufs_dx_entry *entries;
	unsigned int count, at;
};

static int damaged(struct inode *dir, struct buffer_head *bh, const char *why)
{
	return edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr, "%s", why);
}

static const struct edufs_dx_info *info_of(struct buffer_head *bh)
{
	return (const void *)bh->b_data + EDUFS_DX_INFO_OFFSET;
}

/* Check count and limit of the entries at @at, then the checksum. */
static int check_entries(struct inode *dir, struct buffer_head *bh, unsigned int at)
{
	const struct edufs_dx_countlimit *cl = (const void *)bh->b_data + at;
	unsigned int room = bh->b_size - at;

	if (edufs_sbi(dir->i_sb)->csum)
		room -= 2 * sizeof(__le32);
	if (le16_to_cpu(cl->limit) != room / sizeof(struct edufs_dx_entry))
		return damaged(dir, bh, "wrong limit of directory index");
	if (!cl->count || le16_to_cpu(cl->count) > le16_to_cpu(cl->limit))
		return damaged(dir, bh, "wrong count of directory index");
	if (!edufs_csum_dx_ok(dir, bh->b_data, bh->b_size, at))
		return damaged(dir, bh, "wrong checksum of directory index");
	return 0;
}

/**
 * edufs_htree_check - check a block of the index
 * @dir: the directory
 * @bh: the block
 * @lblk: which block of the directory it is; 0 is the root
 *
 * Return: 0, -EUCLEAN.
 */
int edufs_htree_check(struct inode *dir, struct buffer_head *bh, u64 lblk)
{
	const struct edufs_dir_entry *dot = record_at(bh->b_data, 0);
	const struct edufs_dx_info *info = info_of(bh);
	const struct edufs_dir_entry *dotdot;

	if (lblk) {
		if (dot->inode || le16_to_cpu(dot->rec_len) != bh->b_size)
			return damaged(dir, bh, "no node of the directory index");
		return check_entries(dir, bh, EDUFS_DX_NODE_OFFSET);
	}
	dotdot = record_at(bh->b_data, 12);
	if (le16_to_cpu(dot->rec_len) != 12 ||
	    le16_to_cpu(dotdot->rec_len) != bh->b_size - 12)
		return damaged(dir, bh, "no root of the directory index");
	if (info->reserved || info->info_length != sizeof(*info))
		return damaged(dir, bh, "wrong root of the directory index");
	return check_entries(dir, bh, EDUFS_DX_INFO_OFFSET + sizeof(*info));
}

static u32 hash_at(const struct htree_frame *frame, unsigned int i)
{
	return le32_to_cpu(frame->entries[i].hash);
}

static u32 block_at(const struct htree_frame *frame)
{
	return le32_to_cpu(frame->entries[frame->at].block) & EDUFS_DX_BLOCK_MASK;
}

static int open_node(struct inode *dir, u32 lblk, struct htree_frame *frame)
{
	unsigned int at = EDUFS_DX_NODE_OFFSET;
	int err;

	frame->bh = edufs_dir_bread(dir, lblk);
	if (IS_ERR(frame->bh)) {
		err = PTR_ERR(frame->bh);
		frame->bh = NULL;
		return err;
	}
	err = edufs_htree_check(dir, frame->bh, lblk);
	if (err)
		return err;
	if (!lblk)
		at = EDUFS_DX_INFO_OFFSET + sizeof(struct edufs_dx_info);
	frame->entries = (const void *)frame->bh->b_data + at;
	frame->count = le16_to_cpu(((const struct edufs_dx_countlimit *)frame->entries)->count);
	frame->at = 0;
	return 0;
}

/* The last entry at or below the hash; entry 0 is below all. */
static void follow(struct htree_frame *frame, u32 hash)
{
	unsigned int low = 1, high = frame->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (hash_at(frame, middle) <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	frame->at = low - 1;
}

/* Open the nodes below frames[level]; search by @hash, or take the leftmost. */
static int descend(struct inode *dir, struct htree_frame *frames, int level,
		   int levels, const u32 *hash)
{
	int err;

	for (; level < levels; level++) {
		u32 lblk = block_at(&frames[level]);

		trace_edufs_walk(dir, "htree", level, frames[level].at, lblk);
		if (!lblk)
			return damaged(dir, frames[level].bh, "directory index leads to its root");
		brelse(frames[level + 1].bh);
		err = open_node(dir, lblk, &frames[level + 1]);
		if (err)
			return err;
		if (hash)
			follow(&frames[level + 1], *hash);
	}
	trace_edufs_walk(dir, "htree", level, frames[level].at, block_at(&frames[level]));
	return 0;
}

/* Go to the next leaf if names of this hash go on there: 1, else 0. */
static int next_leaf(struct inode *dir, struct htree_frame *frames, int levels, u32 hash)
{
	int level = levels, err;

	while (frames[level].at + 1 >= frames[level].count)
		if (--level < 0)
			return 0;
	if (hash_at(&frames[level], frames[level].at + 1) != (hash | 1))
		return 0;
	frames[level].at++;
	err = descend(dir, frames, level, levels, NULL);
	return err ?: 1;
}

static int find_in_leaf(struct inode *dir, u32 lblk, const struct qstr *name, u32 *ino)
{
	struct buffer_head *bh = edufs_dir_bread(dir, lblk);
	int ret;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	if (!lblk)
		ret = damaged(dir, bh, "directory index leads to its root");
	else if (!edufs_csum_leaf_ok(dir, bh->b_data, bh->b_size))
		ret = damaged(dir, bh, "wrong checksum of directory block");
	else
		ret = edufs_leaf_find(dir, bh, name, ino);
	brelse(bh);
	return ret;
}

/**
 * edufs_htree_find - look for a name through the index
 * @dir: the directory, which has one
 * @name: the name, neither "." nor ".."
 * @ino: set if it is found
 *
 * Context: may sleep.
 * Return: 1 found, 0 not there, -EOPNOTSUPP if the hash is not known, -EIO,
 * -EUCLEAN.
 */
int edufs_htree_find(struct inode *dir, const struct qstr *name, u32 *ino)
{
	struct edufs_sb_info *sbi = edufs_sbi(dir->i_sb);
	struct htree_frame frames[HTREE_LEVELS] = {};
	const struct edufs_dx_info *info;
	int levels, most = 1, ret, i;
	u32 hash;

	if (sbi->features.incompat & EDUFS_INCOMPAT_LARGE_DIR)
		most = HTREE_LEVELS - 1;
	ret = open_node(dir, 0, &frames[0]);
	if (ret)
		goto out;
	info = info_of(frames[0].bh);
	levels = info->indirect_levels;
	if (levels > most) {
		ret = damaged(dir, frames[0].bh, "directory index too deep");
		goto out;
	}
	if (info->hash_version > EDUFS_HASH_TEA ||
	    dirhash(name->name, name->len, info->hash_version + sbi->hash_unsigned,
		    sbi->hash_seed, &hash)) {
		ret = -EOPNOTSUPP;
		goto out;
	}
	edufs_count(EDUFS_STAT_HTREE_LOOKUPS);
	follow(&frames[0], hash);
	ret = descend(dir, frames, 0, levels, &hash);
	if (ret)
		goto out;
	do {
		ret = find_in_leaf(dir, block_at(&frames[levels]), name, ino);
		if (ret)
			break;
		ret = next_leaf(dir, frames, levels, hash);
		if (ret <= 0)
			break;
	} while (true);
out:
	for (i = 0; i < HTREE_LEVELS; i++)
		brelse(frames[i].bh);
	return ret;
}
