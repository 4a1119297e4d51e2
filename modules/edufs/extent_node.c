// SPDX-License-Identifier: GPL-2.0
/*
 * A node of an extent tree, changed: entries put in, taken out, joined, moved.
 *
 * The rules: entries stay sorted and close together; two extents are one if the
 * second goes on where the first ends, in the file and on the disk, both written
 * or both not, and together no longer than an extent may be. Whoever calls has
 * checked the node and seen that there is room. Nothing here knows of blocks,
 * buffers or inodes.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/string.h>

#include "extent.h"

static struct edufs_extent *entry_of(void *node, int i)
{
	return node + sizeof(struct edufs_extent_header) + i * sizeof(struct edufs_extent);
}

/**
 * extent_init_node - make an empty node
 * @node: the node
 * @size: the bytes it may fill
 * @depth: levels below it
 */
void extent_init_node(void *node, unsigned int size, int depth)
{
	struct edufs_extent_header *eh = node;

	memset(node, 0, size);
	eh->eh_magic = cpu_to_le16(EDUFS_EXTENT_MAGIC);
	eh->eh_max = cpu_to_le16((size - sizeof(*eh)) / sizeof(struct edufs_extent));
	eh->eh_depth = cpu_to_le16(depth);
}
EXPORT_SYMBOL_IF_KUNIT(extent_init_node);

/**
 * extent_get - what an extent says
 * @node: a leaf
 * @i: which entry
 *
 * Return: its range in the file and on the disk.
 */
struct extent_piece extent_get(const void *node, int i)
{
	const struct edufs_extent *ex = entry_of((void *)node, i);
	unsigned int len = le16_to_cpu(ex->ee_len);
	bool unwritten = len > EDUFS_EXTENT_INIT_MAX;

	return (struct extent_piece){
		.lblk = le32_to_cpu(ex->ee_block),
		.pblk = (u64)le16_to_cpu(ex->ee_start_hi) << 32 | le32_to_cpu(ex->ee_start_lo),
		.len = unwritten ? len - EDUFS_EXTENT_INIT_MAX : len,
		.unwritten = unwritten,
	};
}
EXPORT_SYMBOL_IF_KUNIT(extent_get);

/**
 * extent_put - make an entry of a leaf say this
 * @node: a leaf
 * @i: which entry
 * @p: the extent
 */
void extent_put(void *node, int i, const struct extent_piece *p)
{
	*entry_of(node, i) = (struct edufs_extent){
		.ee_block = cpu_to_le32(p->lblk),
		.ee_len = cpu_to_le16(p->len + (p->unwritten ? EDUFS_EXTENT_INIT_MAX : 0)),
		.ee_start_hi = cpu_to_le16(p->pblk >> 32),
		.ee_start_lo = cpu_to_le32((u32)p->pblk),
	};
}
EXPORT_SYMBOL_IF_KUNIT(extent_put);

/**
 * extent_put_index - make an entry of an index node say this
 * @node: a node that is no leaf
 * @i: which entry
 * @lblk: its first block of the file
 * @child: the block of the disk where it leads
 */
void extent_put_index(void *node, int i, u64 lblk, u64 child)
{
	*(struct edufs_extent_idx *)entry_of(node, i) = (struct edufs_extent_idx){
		.ei_block = cpu_to_le32(lblk),
		.ei_leaf_lo = cpu_to_le32((u32)child),
		.ei_leaf_hi = cpu_to_le16(child >> 32),
	};
}
EXPORT_SYMBOL_IF_KUNIT(extent_put_index);

/**
 * extent_set_key - change only an entry's first block of the file
 * @node: a node
 * @i: which entry
 * @lblk: the block
 */
void extent_set_key(void *node, int i, u64 lblk)
{
	entry_of(node, i)->ee_block = cpu_to_le32(lblk);
}
EXPORT_SYMBOL_IF_KUNIT(extent_set_key);

/**
 * extent_open - make room for an entry
 * @node: a node that is not full
 * @i: where the entry will be; what is there moves one on
 */
void extent_open(void *node, int i)
{
	int count = extent_count(node);

	memmove(entry_of(node, i + 1), entry_of(node, i),
		(count - i) * sizeof(struct edufs_extent));
	extent_set_count(node, count + 1);
}
EXPORT_SYMBOL_IF_KUNIT(extent_open);

/**
 * extent_close - take an entry out
 * @node: a node
 * @i: which entry; what is behind it moves one back
 */
void extent_close(void *node, int i)
{
	int count = extent_count(node) - 1;

	memmove(entry_of(node, i), entry_of(node, i + 1),
		(count - i) * sizeof(struct edufs_extent));
	memset(entry_of(node, count), 0, sizeof(struct edufs_extent));
	extent_set_count(node, count);
}
EXPORT_SYMBOL_IF_KUNIT(extent_close);

/**
 * extent_move_tail - move a node's last entries to an empty one
 * @from: the node
 * @to: the empty one, of the same depth
 * @count: how many; @to has room for them
 */
void extent_move_tail(void *from, void *to, int count)
{
	int rest = extent_count(from) - count;

	memcpy(entry_of(to, 0), entry_of(from, rest), count * sizeof(struct edufs_extent));
	memset(entry_of(from, rest), 0, count * sizeof(struct edufs_extent));
	extent_set_count(to, count);
	extent_set_count(from, rest);
}
EXPORT_SYMBOL_IF_KUNIT(extent_move_tail);

static bool fits(const struct extent_piece *a, const struct extent_piece *b)
{
	unsigned int most = a->unwritten ? EDUFS_EXTENT_UNWRITTEN_MAX : EDUFS_EXTENT_INIT_MAX;

	return a->lblk + a->len == b->lblk && a->pblk + a->len == b->pblk &&
		a->unwritten == b->unwritten && a->len + b->len <= most;
}

/**
 * extent_join - make one of two neighbours, if they are
 * @node: a leaf
 * @i: the first of the two; an entry that does not exist joins nothing
 *
 * Return: whether they were joined.
 */
bool extent_join(void *node, int i)
{
	struct extent_piece a, b;

	if (i < 0 || i + 1 >= extent_count(node))
		return false;
	a = extent_get(node, i);
	b = extent_get(node, i + 1);
	if (!fits(&a, &b))
		return false;
	a.len += b.len;
	extent_put(node, i, &a);
	extent_close(node, i + 1);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(extent_join);

/**
 * extent_absorb - make a neighbour larger instead of adding an entry
 * @node: a leaf
 * @i: the last entry that begins before the new piece, -1 if none does
 * @p: the new piece, which nothing in the leaf overlaps
 *
 * Return: whether a neighbour took it. Then, if that was the first entry, the
 * leaf's key may be another.
 */
bool extent_absorb(void *node, int i, const struct extent_piece *p)
{
	struct extent_piece other;

	if (i >= 0) {
		other = extent_get(node, i);
		if (fits(&other, p)) {
			other.len += p->len;
			extent_put(node, i, &other);
			extent_join(node, i);
			return true;
		}
	}
	if (i + 1 < extent_count(node)) {
		other = extent_get(node, i + 1);
		if (fits(p, &other)) {
			other.lblk = p->lblk;
			other.pblk = p->pblk;
			other.len += p->len;
			extent_put(node, i + 1, &other);
			return true;
		}
	}
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(extent_absorb);
