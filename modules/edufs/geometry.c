// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of a filesystem: its groups, and where their descriptors lie.
 *
 * The rules, in the order they apply:
 *  1. Sizes are powers of two in their ranges, and what they say together must
 *     agree: the groups that the blocks need hold exactly the inodes.
 *  2. A group has at most as many blocks (with bigalloc clusters) and inodes
 *     as one block has bits, for its bitmaps are one block each.
 *  3. Every group begins with a copy of the superblock and the descriptors;
 *     with sparse_super only groups 0, 1 and the powers of 3, 5 and 7; with
 *     sparse_super2 only the two that the superblock names.
 *  4. Descriptors follow the superblock; with meta_bg, from first_meta_bg on,
 *     each block of them lies in the first group that it describes.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>

#include "geometry.h"

static const char *sizes_of(const struct edufs_super *raw,
			    const struct edufs_features *f, struct edufs_geometry *geo)
{
	u32 log = le32_to_cpu(raw->s_log_block_size);

	if (log > PAGE_SHIFT - 10)
		return "block size is larger than a page";
	geo->block_bits = 10 + log;
	geo->inode_size = EDUFS_GOOD_OLD_INODE;
	geo->first_ino = EDUFS_GOOD_OLD_FIRST;
	if (le32_to_cpu(raw->s_rev_level)) {
		geo->inode_size = le16_to_cpu(raw->s_inode_size);
		geo->first_ino = le32_to_cpu(raw->s_first_ino);
	}
	if (geo->inode_size < EDUFS_GOOD_OLD_INODE || !is_power_of_2(geo->inode_size) ||
	    geo->inode_size > 1U << geo->block_bits)
		return "wrong inode size";
	if (geo->first_ino < EDUFS_GOOD_OLD_FIRST)
		return "wrong first inode";
	geo->desc_size = EDUFS_DESC_SIZE_32;
	if (f->incompat & EDUFS_INCOMPAT_64BIT) {
		geo->desc_size = le16_to_cpu(raw->s_desc_size);
		if (geo->desc_size < sizeof(struct edufs_group_desc) ||
		    !is_power_of_2(geo->desc_size) || geo->desc_size > EDUFS_MIN_BLOCK)
			return "wrong descriptor size";
	}
	return NULL;
}

/**
 * geometry_of - check and take over the superblock's sizes
 * @raw: the superblock; only its magic was checked before
 * @f: its features
 * @geo: filled in
 *
 * Return: NULL, or what is wrong with it.
 */
const char *geometry_of(const struct edufs_super *raw,
			const struct edufs_features *f, struct edufs_geometry *geo)
{
	const char *why = sizes_of(raw, f, geo);
	u32 bits, clusters;
	u64 groups;

	if (why)
		return why;
	bits = 8U << geo->block_bits;
	geo->first_data_block = le32_to_cpu(raw->s_first_data_block);
	geo->blocks_per_group = le32_to_cpu(raw->s_blocks_per_group);
	geo->inodes_per_group = le32_to_cpu(raw->s_inodes_per_group);
	geo->inodes = le32_to_cpu(raw->s_inodes_count);
	geo->blocks = le32_to_cpu(raw->s_blocks_count_lo);
	clusters = geo->blocks_per_group;
	if (f->incompat & EDUFS_INCOMPAT_64BIT)
		geo->blocks |= (u64)le32_to_cpu(raw->s_blocks_count_hi) << 32;
	if (f->ro_compat & EDUFS_RO_BIGALLOC)
		clusters = le32_to_cpu(raw->s_clusters_per_group);

	if (!clusters || clusters > bits || !geo->blocks_per_group)
		return "wrong number of blocks in a group";
	if (!geo->inodes_per_group || geo->inodes_per_group > bits ||
	    (u64)geo->inodes_per_group * geo->inode_size >> geo->block_bits >=
	    geo->blocks_per_group)
		return "wrong number of inodes in a group";
	if (geo->first_data_block > 1 ||
	    (geo->block_bits == 10 && !geo->first_data_block &&
	     !(f->ro_compat & EDUFS_RO_BIGALLOC)) ||
	    (geo->block_bits > 10 && geo->first_data_block))
		return "wrong first data block";
	if (geo->blocks <= geo->first_data_block || geo->blocks >> 48)
		return "wrong number of blocks";

	if (le16_to_cpu(raw->s_reserved_gdt_blocks) > 1U << geo->block_bits >> 2)
		return "wrong number of reserved descriptors";

	groups = div_u64(geo->blocks - geo->first_data_block + geo->blocks_per_group - 1,
			 geo->blocks_per_group);
	if (groups > U32_MAX || groups * geo->inodes_per_group != geo->inodes)
		return "groups and inodes do not agree";
	geo->groups = groups;
	geo->table_blocks = DIV_ROUND_UP((u64)geo->inodes_per_group * geo->inode_size,
					 1U << geo->block_bits);
	geo->desc_blocks = DIV_ROUND_UP_ULL(groups * geo->desc_size,
					    1U << geo->block_bits);
	if (geo->first_ino > geo->inodes)
		return "wrong first inode";
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(geometry_of);

static bool power_of(u32 n, u32 base)
{
	while (n > base && n % base == 0)
		n /= base;
	return n == base;
}

/**
 * geometry_has_super - does a group begin with a copy of the superblock?
 * @raw: the superblock
 * @f: its features
 * @group: the group
 */
bool geometry_has_super(const struct edufs_super *raw,
			const struct edufs_features *f, u32 group)
{
	if (!group)
		return true;
	if (f->compat & EDUFS_COMPAT_SPARSE_SUPER2)
		return group == le32_to_cpu(raw->s_backup_bgs[0]) ||
			group == le32_to_cpu(raw->s_backup_bgs[1]);
	if (group == 1 || !(f->ro_compat & EDUFS_RO_SPARSE_SUPER))
		return true;
	return power_of(group, 3) || power_of(group, 5) || power_of(group, 7);
}
EXPORT_SYMBOL_IF_KUNIT(geometry_has_super);

/**
 * geometry_desc_block - where a block of group descriptors lies
 * @raw: the superblock
 * @f: its features
 * @geo: its geometry
 * @super_block: the block that @raw was read from
 * @nr: which block of descriptors
 *
 * Return: the block, not yet checked to lie in the filesystem.
 */
u64 geometry_desc_block(const struct edufs_super *raw, const struct edufs_features *f,
			const struct edufs_geometry *geo, u64 super_block, u32 nr)
{
	u32 per_block = (1U << geo->block_bits) / geo->desc_size, group;
	u64 block;

	if (!(f->incompat & EDUFS_INCOMPAT_META_BG) ||
	    nr < le32_to_cpu(raw->s_first_meta_bg))
		return super_block + 1 + nr;
	group = nr * per_block;
	block = geo->first_data_block + (u64)group * geo->blocks_per_group;
	if (geometry_has_super(raw, f, group))
		block++;
	/* A bigalloc image of 1 KiB blocks begins at 0, before its superblock. */
	if (!group && geo->block_bits == 10 && !geo->first_data_block)
		block++;
	return block;
}
EXPORT_SYMBOL_IF_KUNIT(geometry_desc_block);

/* The blocks of descriptors in one group. */
static u32 desc_blocks_in(const struct edufs_super *raw, const struct edufs_features *f,
			  const struct edufs_geometry *geo, u32 group)
{
	u32 per_block = (1U << geo->block_bits) / geo->desc_size;
	u32 first_meta = le32_to_cpu(raw->s_first_meta_bg), at;
	bool meta = f->incompat & EDUFS_INCOMPAT_META_BG;

	if (!meta || group / per_block < first_meta) {
		if (!geometry_has_super(raw, f, group))
			return 0;
		return meta ? first_meta : geo->desc_blocks;
	}
	at = group % per_block;
	return at == 0 || at == 1 || at == per_block - 1;
}

/**
 * geometry_base_blocks - the blocks at a group's start that are not for files
 * @raw: the superblock
 * @f: its features
 * @geo: its geometry
 * @group: the group
 *
 * Return: how many superblock, descriptors and the room to grow for these take.
 */
u32 geometry_base_blocks(const struct edufs_super *raw, const struct edufs_features *f,
			 const struct edufs_geometry *geo, u32 group)
{
	u32 n = desc_blocks_in(raw, f, geo, group);

	if (geometry_has_super(raw, f, group))
		n += 1 + le16_to_cpu(raw->s_reserved_gdt_blocks);
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(geometry_base_blocks);

/**
 * geometry_overhead - the blocks that can never hold a file
 * @raw: the superblock
 * @f: its features
 * @geo: its geometry
 *
 * What statfs leaves out unless the minixdf option is given. With bigalloc
 * the superblock's own count is taken, for there bitmaps and tables share
 * clusters.
 */
u64 geometry_overhead(const struct edufs_super *raw, const struct edufs_features *f,
		      const struct edufs_geometry *geo)
{
	u64 sum = geo->first_data_block;
	u32 group;

	if (f->ro_compat & EDUFS_RO_BIGALLOC)
		return min_t(u64, geo->blocks,
			     (u64)le32_to_cpu(raw->s_overhead_clusters) <<
			     (le32_to_cpu(raw->s_log_cluster_size) -
			      le32_to_cpu(raw->s_log_block_size)) % 32);
	for (group = 0; group < geo->groups; group++)
		sum += geometry_base_blocks(raw, f, geo, group) + geo->table_blocks + 2;
	/* The journal's size is kept beside its map, in the last words of that. */
	if (f->compat & EDUFS_COMPAT_HAS_JOURNAL && raw->s_journal_inum)
		sum += le32_to_cpu(raw->s_jnl_blocks[16]) >> geo->block_bits;
	return min(sum, geo->blocks);
}
EXPORT_SYMBOL_IF_KUNIT(geometry_overhead);
