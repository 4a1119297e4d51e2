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
#include "htree.h"
#include "record.h"
#include "trace.h"

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

static int open_node(struct inode *dir, u32 lblk, struct htree_frame *frame)
{
	const struct edufs_dx_countlimit *cl;
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
	frame->entries_at = EDUFS_DX_NODE_OFFSET;
	if (!lblk)
		frame->entries_at = EDUFS_DX_INFO_OFFSET + sizeof(struct edufs_dx_info);
	frame->entries = (void *)frame->bh->b_data + frame->entries_at;
	cl = (const void *)frame->entries;
	frame->count = le16_to_cpu(cl->count);
	frame->limit = le16_to_cpu(cl->limit);
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
static int descend(struct inode *dir, struct htree *tree, int level, const u32 *hash)
{
	struct htree_frame *frames = tree->frames;
	int err;

	for (; level < tree->levels; level++) {
		u32 lblk = htree_block(&frames[level]);

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
	trace_edufs_walk(dir, "htree", level, frames[level].at, htree_block(&frames[level]));
	return 0;
}

/**
 * htree_leaf - read the leaf that a walk ended at
 * @dir: the directory
 * @tree: of htree_probe()
 *
 * Return: the block; ERR_PTR of -EIO, -EUCLEAN.
 */
struct buffer_head *htree_leaf(struct inode *dir, struct htree *tree)
{
	u32 lblk = htree_block(&tree->frames[tree->levels]);
	struct buffer_head *bh = edufs_dir_bread(dir, lblk);
	int err = 0;

	if (IS_ERR(bh))
		return bh;
	if (!lblk)
		err = damaged(dir, bh, "directory index leads to its root");
	else if (!edufs_csum_leaf_ok(dir, bh->b_data, bh->b_size))
		err = damaged(dir, bh, "wrong checksum of directory block");
	if (!err)
		return bh;
	brelse(bh);
	return ERR_PTR(err);
}

/**
 * htree_hash - the hash of a name in a directory
 * @dir: the directory
 * @tree: of htree_probe(); its kind of hash is known
 * @name: the name
 * @len: its length
 */
u32 htree_hash(struct inode *dir, const struct htree *tree, const char *name, size_t len)
{
	u32 hash = 0;

	dirhash(name, len, tree->version, edufs_sbi(dir->i_sb)->hash_seed, &hash);
	return hash;
}

/* Open the root: how many levels there are, and which hash. */
static int open_root(struct inode *dir, struct htree *tree)
{
	struct edufs_sb_info *sbi = edufs_sbi(dir->i_sb);
	const struct edufs_dx_info *info;
	int err;

	*tree = (struct htree){ .most = 1 };
	if (sbi->features.incompat & EDUFS_INCOMPAT_LARGE_DIR)
		tree->most = HTREE_LEVELS - 1;
	err = open_node(dir, 0, &tree->frames[0]);
	if (err)
		return err;
	info = info_of(tree->frames[0].bh);
	tree->levels = info->indirect_levels;
	if (tree->levels > tree->most) {
		tree->levels = 0;
		return damaged(dir, tree->frames[0].bh, "directory index too deep");
	}
	if (info->hash_version > EDUFS_HASH_TEA)
		return -EOPNOTSUPP;
	tree->version = info->hash_version + sbi->hash_unsigned;
	return 0;
}

/**
 * htree_probe - walk the index towards a name
 * @dir: the directory, which has one
 * @name: the name, neither "." nor ".."
 * @tree: filled in; htree_release() is due in any case
 *
 * Context: may sleep.
 * Return: 0, -EOPNOTSUPP if the hash is not known, -EIO, -EUCLEAN.
 */
int htree_probe(struct inode *dir, const struct qstr *name, struct htree *tree)
{
	int err = open_root(dir, tree);

	if (err)
		return err;
	tree->hash = htree_hash(dir, tree, name->name, name->len);
	edufs_count(EDUFS_STAT_HTREE_LOOKUPS);
	follow(&tree->frames[0], tree->hash);
	return descend(dir, tree, 0, &tree->hash);
}

/**
 * htree_probe_hash - walk the index towards a hash
 * @dir: the directory, which has one
 * @hash: the hash
 * @tree: filled in; htree_release() is due in any case
 *
 * Context: may sleep.
 * Return: as htree_probe().
 */
int htree_probe_hash(struct inode *dir, u32 hash, struct htree *tree)
{
	int err = open_root(dir, tree);

	if (err)
		return err;
	tree->hash = hash;
	follow(&tree->frames[0], hash);
	return descend(dir, tree, 0, &hash);
}

/**
 * htree_advance - go to the next leaf, whatever its hash
 * @dir: the directory
 * @tree: of htree_probe()
 * @hash: set to the lowest hash there; bit 0: names of that hash are before it, too
 *
 * Return: 1, 0 if this was the last, -EIO, -EUCLEAN.
 */
int htree_advance(struct inode *dir, struct htree *tree, u32 *hash)
{
	int level = tree->levels, err;

	while (tree->frames[level].at + 1 >= tree->frames[level].count)
		if (--level < 0)
			return 0;
	tree->frames[level].at++;
	*hash = hash_at(&tree->frames[level], tree->frames[level].at);
	err = descend(dir, tree, level, NULL);
	return err ?: 1;
}

/**
 * htree_release - let go of the blocks of a walk
 * @tree: of htree_probe()
 */
void htree_release(struct htree *tree)
{
	int i;

	for (i = 0; i < HTREE_LEVELS; i++)
		brelse(tree->frames[i].bh);
}

/**
 * edufs_htree_find - look for a name through the index
 * @dir: the directory, which has one
 * @name: the name, neither "." nor ".."
 * @at: set to where its record is in the block
 *
 * Context: may sleep.
 * Return: the block; NULL if the name is not there; ERR_PTR of -EOPNOTSUPP if the
 * hash is not known, -EIO, -EUCLEAN.
 */
struct buffer_head *edufs_htree_find(struct inode *dir, const struct qstr *name,
				     unsigned int *at)
{
	struct buffer_head *bh = NULL;
	struct htree tree;
	u32 next;
	int ret = htree_probe(dir, name, &tree);

	while (!ret) {
		bh = htree_leaf(dir, &tree);
		if (IS_ERR(bh))
			break;
		ret = edufs_leaf_find(dir, bh, name, at);
		if (ret > 0)
			break;
		brelse(bh);
		bh = NULL;
		if (!ret)
			ret = htree_advance(dir, &tree, &next);
		if (ret <= 0 || next != (tree.hash | 1)) {
			ret = min(ret, 0);
			break;
		}
		ret = 0;
	}
	htree_release(&tree);
	return ret < 0 ? ERR_PTR(ret) : bh;
}
