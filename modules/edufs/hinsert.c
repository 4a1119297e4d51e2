// SPDX-License-Identifier: GPL-2.0
/*
 * The index of a directory, changed: a name goes in, a block is split, the tree
 * becomes deeper.
 *
 * The rules, in the order they apply:
 *  1. The name goes to the leaf that its hash leads to. If there is room, that is
 *     all: the index does not change.
 *  2. If not, the leaf is split by hashes (record.c), and the node above gets an
 *     entry with the lowest hash of the new block. If names of one hash are on
 *     both sides, its lowest bit says so.
 *  3. If that node is full, the lowest one above with room takes an entry more
 *     for one half of its full child; if all are full, the root's entries move to
 *     a new block and the tree is one deeper, up to two levels (three with
 *     large_dir); beyond that the directory is full.
 *  4. After each such step the directory is whole, and the way is walked anew.
 *  5. A directory gets an index when its first block is full: the records move
 *     to a second block, and the first becomes the root.
 *
 * Locks: the VFS holds the directory's i_rwsem. Each block changes under its
 * buffer's lock, with the checksum.
 */
#include <linux/buffer_head.h>
#include <linux/slab.h>

#include "csum.h"
#include "dirhash.h"
#include "edufs.h"
#include "htree.h"
#include "record.h"
#include "trace.h"

static void dx_end(struct inode *dir, struct buffer_head *bh, unsigned int entries_at)
{
	edufs_csum_dx_set(dir, bh->b_data, entries_at);
	edufs_buffer_end(dir->i_sb, bh);
}

static void set_countlimit(struct edufs_dx_entry *entries, unsigned int limit,
			   unsigned int count)
{
	struct edufs_dx_countlimit *cl = (void *)entries;

	cl->limit = cpu_to_le16(limit);
	cl->count = cpu_to_le16(count);
}

static unsigned int limit_of(struct inode *dir, unsigned int entries_at)
{
	unsigned int room = dir->i_sb->s_blocksize - entries_at;

	if (edufs_sbi(dir->i_sb)->csum)
		room -= 2 * sizeof(__le32);
	return room / sizeof(struct edufs_dx_entry);
}

/* Put an entry behind the one that was followed. The frame is not full. */
static void add_entry(struct inode *dir, struct htree_frame *frame, u32 hash, u32 lblk)
{
	struct edufs_dx_entry *e = frame->entries + frame->at + 1;

	edufs_buffer_begin(dir->i_sb, frame->bh);
	memmove(e + 1, e, (frame->count - frame->at - 1) * sizeof(*e));
	e->hash = cpu_to_le32(hash);
	e->block = cpu_to_le32(lblk);
	frame->count++;
	set_countlimit(frame->entries, frame->limit, frame->count);
	dx_end(dir, frame->bh, frame->entries_at);
}

/* Make an empty node of a new block; its entries. Its buffer is locked then. */
static struct edufs_dx_entry *begin_node(struct inode *dir, struct buffer_head *bh)
{
	struct edufs_dir_entry *hides;

	edufs_buffer_begin(dir->i_sb, bh);
	memset(bh->b_data, 0, bh->b_size);
	hides = (void *)bh->b_data;
	hides->rec_len = cpu_to_le16(bh->b_size);
	return (void *)bh->b_data + EDUFS_DX_NODE_OFFSET;
}

/* All nodes on the way are full: the root's entries move down. */
static int deepen(struct inode *dir, struct htree *tree)
{
	struct htree_frame *root = &tree->frames[0];
	struct edufs_dx_entry *entries;
	struct edufs_dx_info *info;
	struct buffer_head *bh;
	u64 lblk;

	if (tree->levels == tree->most)
		return -ENOSPC;
	bh = edufs_dir_append(dir, &lblk);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	entries = begin_node(dir, bh);
	memcpy(entries, root->entries, root->count * sizeof(*entries));
	set_countlimit(entries, limit_of(dir, EDUFS_DX_NODE_OFFSET), root->count);
	dx_end(dir, bh, EDUFS_DX_NODE_OFFSET);

	edufs_buffer_begin(dir->i_sb, root->bh);
	info = (void *)root->bh->b_data + EDUFS_DX_INFO_OFFSET;
	info->indirect_levels++;
	set_countlimit(root->entries, root->limit, 1);
	root->entries[0].block = cpu_to_le32(lblk);
	dx_end(dir, root->bh, root->entries_at);
	trace_edufs_walk(dir, "htree-grow", tree->levels + 1, 0, lblk);
	brelse(bh);
	return 0;
}

/* Rule 3: one step towards room in the node above the leaves. */
static int make_room(struct inode *dir, struct htree *tree)
{
	int parent = tree->levels - 1;
	struct edufs_dx_entry *entries;
	struct htree_frame *node;
	struct buffer_head *bh;
	unsigned int keep;
	u32 hash;
	u64 lblk;

	while (parent >= 0 && tree->frames[parent].count == tree->frames[parent].limit)
		parent--;
	if (parent < 0)
		return deepen(dir, tree);
	bh = edufs_dir_append(dir, &lblk);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	node = &tree->frames[parent + 1];
	keep = node->count / 2;
	hash = le32_to_cpu(node->entries[keep].hash);
	entries = begin_node(dir, bh);
	memcpy(entries, node->entries + keep, (node->count - keep) * sizeof(*entries));
	set_countlimit(entries, limit_of(dir, EDUFS_DX_NODE_OFFSET), node->count - keep);
	dx_end(dir, bh, EDUFS_DX_NODE_OFFSET);
	add_entry(dir, &tree->frames[parent], hash, lblk);
	edufs_buffer_begin(dir->i_sb, node->bh);
	set_countlimit(node->entries, node->limit, keep);
	dx_end(dir, node->bh, node->entries_at);
	trace_edufs_walk(dir, "htree-split", tree->levels - parent - 1, keep, lblk);
	brelse(bh);
	return 0;
}

/* List the records of a leaf, which was checked by edufs_leaf_insert(). */
static unsigned int list_records(struct inode *dir, const struct htree *tree,
				 const void *block, unsigned int at, struct record_ref *refs)
{
	unsigned int size = edufs_leaf_size(dir), count = 0;
	const struct edufs_dir_entry *de;

	for (; at < size; at += le16_to_cpu(de->rec_len)) {
		de = record_at(block, at);
		if (!de->inode)
			continue;
		refs[count++] = (struct record_ref){
			.hash = htree_hash(dir, tree, de->name, de->name_len),
			.at = at, .len = record_len(de->name_len),
		};
	}
	return count;
}

static int split_leaf(struct inode *dir, struct htree *tree, struct buffer_head *bh)
{
	unsigned int size = edufs_leaf_size(dir), count, split;
	struct record_ref *refs;
	struct buffer_head *new;
	void *copy;
	u32 hash;
	u64 lblk;
	int err = 0;

	refs = kmalloc_array(size / 12 + 1, sizeof(*refs), GFP_NOFS);
	copy = kmemdup(bh->b_data, bh->b_size, GFP_NOFS);
	if (!refs || !copy) {
		err = -ENOMEM;
		goto out;
	}
	count = list_records(dir, tree, copy, 0, refs);
	if (count < 2) {
		err = edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
				    "full directory block with less than two names");
		goto out;
	}
	new = edufs_dir_append(dir, &lblk);
	if (IS_ERR(new)) {
		err = PTR_ERR(new);
		goto out;
	}
	split = record_split(refs, count);
	hash = refs[split].hash;
	if (hash == refs[split - 1].hash)
		hash |= 1;
	edufs_leaf_begin(dir, new);
	record_pack(new->b_data, size, copy, refs + split, count - split);
	edufs_leaf_end(dir, new);
	add_entry(dir, &tree->frames[tree->levels], hash, lblk);
	edufs_leaf_begin(dir, bh);
	record_pack(bh->b_data, size, copy, refs, split);
	edufs_leaf_end(dir, bh);
	edufs_count(EDUFS_STAT_DIR_SPLITS);
	trace_edufs_walk(dir, "htree-leaf", 0, split, lblk);
	brelse(new);
out:
	kfree(copy);
	kfree(refs);
	return err;
}

/**
 * edufs_htree_insert - put a name into a directory with an index
 * @dir: the directory, locked
 * @name: the name, which is not there
 * @inode: where it leads
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC, -EOPNOTSUPP if the hash is not known, -ENOMEM, -EIO, -EUCLEAN.
 */
int edufs_htree_insert(struct inode *dir, const struct qstr *name, struct inode *inode)
{
	while (true) {
		struct htree_frame *last;
		struct buffer_head *bh;
		struct htree tree;
		bool done = false;
		int err;

		err = htree_probe(dir, name, &tree);
		if (!err) {
			last = &tree.frames[tree.levels];
			bh = htree_leaf(dir, &tree);
			err = PTR_ERR_OR_ZERO(bh);
		}
		if (!err) {
			err = edufs_leaf_insert(dir, bh, name, inode->i_ino, inode->i_mode);
			done = err != -ENOSPC;
			if (!done)
				err = last->count < last->limit ?
					split_leaf(dir, &tree, bh) : make_room(dir, &tree);
			brelse(bh);
		}
		htree_release(&tree);
		if (err || done)
			return err;
	}
}

/* Block 0 as the root of an index with one leaf. */
static void make_root(struct inode *dir, struct buffer_head *bh, u32 leaf)
{
	unsigned int at = EDUFS_DX_INFO_OFFSET + sizeof(struct edufs_dx_info);
	struct edufs_dx_info *info = (void *)bh->b_data + EDUFS_DX_INFO_OFFSET;
	struct edufs_dx_entry *entries = (void *)bh->b_data + at;
	struct edufs_dir_entry *dotdot = (void *)bh->b_data + 12;

	edufs_buffer_begin(dir->i_sb, bh);
	dotdot->rec_len = cpu_to_le16(bh->b_size - 12);
	memset(info, 0, bh->b_size - EDUFS_DX_INFO_OFFSET);
	info->hash_version = edufs_sbi(dir->i_sb)->raw->s_def_hash_version;
	if (info->hash_version > EDUFS_HASH_TEA)
		info->hash_version = EDUFS_HASH_HALF_MD4;
	info->info_length = sizeof(*info);
	set_countlimit(entries, limit_of(dir, at), 1);
	entries[0].block = cpu_to_le32(leaf);
	dx_end(dir, bh, at);
}

/**
 * edufs_htree_make - give a directory of one full block an index
 * @dir: the directory, locked
 * @bh: its block, which edufs_leaf_insert() found full
 * @name: the name that did not fit
 * @inode: where that leads
 *
 * Context: may sleep.
 * Return: as edufs_htree_insert().
 */
int edufs_htree_make(struct inode *dir, struct buffer_head *bh, const struct qstr *name,
		     struct inode *inode)
{
	const struct edufs_dir_entry *dot = record_at(bh->b_data, 0);
	const struct edufs_dir_entry *dotdot = record_at(bh->b_data, 12);
	unsigned int size = edufs_leaf_size(dir), count;
	const struct htree any = { .version = EDUFS_HASH_HALF_MD4 };
	struct record_ref *refs;
	struct buffer_head *leaf;
	u64 lblk;

	if (le16_to_cpu(dot->rec_len) != 12 || dot->name_len != 1 ||
	    dotdot->name_len != 2 || memcmp(dotdot->name, "..", 2))
		return edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
				     "directory does not begin with itself and its parent");
	refs = kmalloc_array(size / 12 + 1, sizeof(*refs), GFP_NOFS);
	if (!refs)
		return -ENOMEM;
	leaf = edufs_dir_append(dir, &lblk);
	if (IS_ERR(leaf)) {
		kfree(refs);
		return PTR_ERR(leaf);
	}
	count = list_records(dir, &any, bh->b_data, 12 + le16_to_cpu(dotdot->rec_len), refs);
	edufs_leaf_begin(dir, leaf);
	record_pack(leaf->b_data, size, bh->b_data, refs, count);
	edufs_leaf_end(dir, leaf);
	brelse(leaf);
	kfree(refs);
	make_root(dir, bh, lblk);
	EDUFS_I(dir)->flags |= EDUFS_INDEX_FL;
	mark_inode_dirty(dir);
	return edufs_htree_insert(dir, name, inode);
}
