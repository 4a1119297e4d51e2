// SPDX-License-Identifier: GPL-2.0
/*
 * The map of ext4: where block n of a file lies, by a tree of extents.
 *
 * The rules, in the order they apply:
 *  1. The tree's root is in i_block: a header of 12 bytes and up to 4 entries.
 *     Below it a node fills a block. A header says the depth: 0 is a leaf,
 *     whose entries are extents; above it they lead to the next level.
 *  2. Entries are sorted by their first block of the file and do not overlap.
 *     The one to follow is the last that begins at or before the wanted block.
 *  3. What no extent covers is a hole. It ends where the next extent begins,
 *     be it in this leaf or the next: the next key met on the way down.
 *  4. An extent longer than 0x8000 is unwritten: 0x8000 less, and reads zeros.
 *
 * A node is checked whole before one of its entries is used: its depth is one
 * less than its parent's, so a walk ends, and its keys lie between the
 * parent's keys, so two ways never meet.
 *
 * Follows "memory, files", 16.2. Unlike ext4, edufs keeps no tree of extents
 * in memory beside this one (extents_status.c): every map walks.
 */
#include <kunit/visibility.h>
#include <linux/buffer_head.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "trace.h"

/* Both kinds of entry are 12 bytes and begin with their key. */
static const struct edufs_extent *entry_of(const void *node, int i)
{
	return node + sizeof(struct edufs_extent_header) +
		i * sizeof(struct edufs_extent);
}

static unsigned int length_of(const struct edufs_extent *ex)
{
	unsigned int len = le16_to_cpu(ex->ee_len);

	return len > EDUFS_EXTENT_INIT_MAX ? len - EDUFS_EXTENT_INIT_MAX : len;
}

static u64 start_of(const struct edufs_extent *ex)
{
	return (u64)le16_to_cpu(ex->ee_start_hi) << 32 | le32_to_cpu(ex->ee_start_lo);
}

/**
 * extent_key - the first block of the file that an entry is about
 * @node: a checked node
 * @i: which entry
 */
u64 extent_key(const void *node, int i)
{
	return le32_to_cpu(entry_of(node, i)->ee_block);
}
EXPORT_SYMBOL_IF_KUNIT(extent_key);

/**
 * extent_child - the block of the disk where an index entry leads
 * @node: a checked node that is no leaf
 * @i: which entry
 */
u64 extent_child(const void *node, int i)
{
	const struct edufs_extent_idx *idx = (const void *)entry_of(node, i);

	return (u64)le16_to_cpu(idx->ei_leaf_hi) << 32 | le32_to_cpu(idx->ei_leaf_lo);
}
EXPORT_SYMBOL_IF_KUNIT(extent_child);

/**
 * extent_check_node - check a node of an extent tree
 * @node: the node
 * @size: the bytes it may fill
 * @depth: the depth it must have; -1 for a root, which may have any to 5
 * @low: no key may be below this, the parent's own key
 * @high: nothing may reach this, the parent's next key
 *
 * Return: NULL if it is sound, else what is wrong with it.
 */
const char *extent_check_node(const void *node, unsigned int size, int depth,
			      u64 low, u64 high)
{
	const struct edufs_extent_header *eh = node;
	unsigned int entries = le16_to_cpu(eh->eh_entries);
	unsigned int max = le16_to_cpu(eh->eh_max);
	u64 free = low;
	int i;

	if (le16_to_cpu(eh->eh_magic) != EDUFS_EXTENT_MAGIC)
		return "no magic in extent node";
	if (depth >= 0 && le16_to_cpu(eh->eh_depth) != depth)
		return "wrong depth of extent node";
	if (le16_to_cpu(eh->eh_depth) > EDUFS_EXTENT_MAX_DEPTH)
		return "extent tree too deep";
	if (!max || max > (size - sizeof(*eh)) / sizeof(struct edufs_extent))
		return "wrong maximum of extent node";
	if (entries > max)
		return "too many entries in extent node";
	if (!entries && eh->eh_depth)
		return "empty extent index";

	for (i = 0; i < entries; i++) {
		u64 key = extent_key(node, i);

		if (key < free)
			return "extents overlap or are not sorted";
		if (eh->eh_depth) {
			free = key + 1;
		} else {
			if (!length_of(entry_of(node, i)))
				return "empty extent";
			free = key + length_of(entry_of(node, i));
		}
		if (free > high)
			return "extent reaches beyond its parent";
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(extent_check_node);

/**
 * extent_search - find the entry to follow for a block
 * @node: a checked node
 * @lblk: the block of the file
 *
 * Return: the last entry that begins at or before @lblk, -1 if there is none.
 */
int extent_search(const void *node, u64 lblk)
{
	const struct edufs_extent_header *eh = node;
	int low = 0, high = le16_to_cpu(eh->eh_entries);

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (extent_key(node, middle) <= lblk)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}
EXPORT_SYMBOL_IF_KUNIT(extent_search);

/**
 * extent_read_node - read a node below the root, and check it
 * @inode: whose tree it is
 * @block: where the node is
 * @depth: the depth it must have
 * @low: no key may be below this, the parent's own key
 * @high: nothing may reach this, the parent's next key
 *
 * Context: may sleep.
 * Return: the block, which the caller releases; ERR_PTR of -EIO, -EUCLEAN.
 */
struct buffer_head *extent_read_node(struct inode *inode, u64 block, int depth,
				     u64 low, u64 high)
{
	struct super_block *sb = inode->i_sb;
	struct buffer_head *bh;
	const char *why = NULL;

	if (!edufs_block_valid(sb, block, 1))
		why = "extent node out of range";
	if (!why) {
		bh = sb_bread(sb, block);
		if (!bh)
			return ERR_PTR(-EIO);
		why = extent_check_node(bh->b_data, bh->b_size, depth, low, high);
		if (!why && !edufs_csum_extent_ok(inode, bh->b_data, bh->b_size))
			why = "wrong checksum of extent node";
		if (!why)
			return bh;
		brelse(bh);
	}
	return ERR_PTR(edufs_corrupt(sb, inode->i_ino, block, "%s", why));
}

static int leaf_map(struct inode *inode, const void *node, u64 next,
		    struct edufs_map *map)
{
	const struct edufs_extent_header *eh = node;
	int i = extent_search(node, map->m_lblk);

	if (i + 1 < le16_to_cpu(eh->eh_entries))
		next = extent_key(node, i + 1);
	if (i >= 0) {
		const struct edufs_extent *ex = entry_of(node, i);
		u64 into = map->m_lblk - extent_key(node, i);
		unsigned int len = length_of(ex);

		trace_edufs_walk(inode, "extent", 0, i, start_of(ex));
		if (into < len) {
			if (!edufs_block_valid(inode->i_sb, start_of(ex), len))
				return edufs_corrupt(inode->i_sb, inode->i_ino,
						     start_of(ex), "extent out of range");
			map->m_pblk = start_of(ex) + into;
			map->m_len = min_t(u64, map->m_len, len - into);
			map->m_flags = EDUFS_MAP_MAPPED;
			if (le16_to_cpu(ex->ee_len) > EDUFS_EXTENT_INIT_MAX)
				map->m_flags |= EDUFS_MAP_UNWRITTEN;
			return 0;
		}
	}
	map->m_len = min_t(u64, map->m_len, next - map->m_lblk);
	return 0;
}

/**
 * extent_map - map a range of a file with extents
 * @inode: the file
 * @map: m_lblk and m_len say what is wanted; filled with the first piece
 *
 * Context: may sleep.
 * Return: 0, -EFBIG, -EIO, or -EUCLEAN if the tree is damaged.
 */
int extent_map(struct inode *inode, struct edufs_map *map)
{
	const void *node = EDUFS_I(inode)->data;
	const struct edufs_extent_header *eh = node;
	struct buffer_head *bh = NULL;
	u64 low = 0, next = EDUFS_MAX_LBLK;
	const char *why;
	int depth, i, err;

	map->m_flags = 0;
	map->m_pblk = 0;
	if (map->m_lblk >= EDUFS_MAX_LBLK)
		return -EFBIG;
	why = extent_check_node(node, sizeof(EDUFS_I(inode)->data), -1, low, next);
	if (why)
		return edufs_corrupt(inode->i_sb, inode->i_ino, 0, "%s", why);

	for (depth = le16_to_cpu(eh->eh_depth); depth > 0; depth--) {
		struct buffer_head *child;

		eh = node;
		i = extent_search(node, map->m_lblk);
		if (i < 0) {	/* before the first key: a hole up to it */
			next = extent_key(node, 0);
			map->m_len = min_t(u64, map->m_len, next - map->m_lblk);
			brelse(bh);
			return 0;
		}
		if (i + 1 < le16_to_cpu(eh->eh_entries))
			next = extent_key(node, i + 1);
		low = extent_key(node, i);
		trace_edufs_walk(inode, "extent", depth, i, extent_child(node, i));
		child = extent_read_node(inode, extent_child(node, i), depth - 1, low, next);
		brelse(bh);
		if (IS_ERR(child))
			return PTR_ERR(child);
		bh = child;
		node = bh->b_data;
	}
	err = leaf_map(inode, node, next, map);
	brelse(bh);
	return err;
}
