// SPDX-License-Identifier: GPL-2.0
/*
 * Group descriptors: read at mount, every one checked, kept until unmount.
 *
 * The rules, in the order they apply:
 *  1. Its checksum is right; its two bitmaps and its whole inode table lie in
 *     the filesystem. One that fails refuses the mount: an inode table that lies
 *     somewhere else makes every file of the group something else.
 *  2. The blocks that hold all this, and the superblocks and descriptors, are
 *     noted (zone.c): no file may have them.
 *  3. The counts of all groups together are the filesystem's; the superblock's
 *     own are only for who does not want to read the groups.
 *  4. A descriptor changes between edufs_group_begin() and _end(), under the
 *     buffer's lock, so that it never goes to disk with half a change or a
 *     wrong checksum.
 */
#include <linux/buffer_head.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "csum.h"
#include "edufs.h"

/* The two halves of a number; without 64bit the upper half is not there. */
static u64 joined(struct edufs_sb_info *sbi, __le32 lo, const __le32 *hi)
{
	u64 n = le32_to_cpu(lo);

	if (sbi->geo.desc_size >= sizeof(struct edufs_group_desc))
		n |= (u64)le32_to_cpu(*hi) << 32;
	return n;
}

/**
 * edufs_group - the descriptor of a group
 * @sbi: the filesystem
 * @group: below geo.groups
 *
 * Return: the descriptor; its second half is there only with 64bit.
 */
const struct edufs_group_desc *edufs_group(struct edufs_sb_info *sbi, u32 group)
{
	u32 per_block = (1U << sbi->geo.block_bits) / sbi->geo.desc_size;

	return (const void *)sbi->desc_bh[group / per_block]->b_data +
		(group % per_block) * sbi->geo.desc_size;
}

static struct buffer_head *desc_buffer(struct edufs_sb_info *sbi, u32 group)
{
	return sbi->desc_bh[group / ((1U << sbi->geo.block_bits) / sbi->geo.desc_size)];
}

/* Numbers of two halves, 16 bits each; without 64bit the upper is not there. */
#define HALVES(name) { offsetof(struct edufs_group_desc, name##_lo), \
		       offsetof(struct edufs_group_desc, name##_hi) }
static const struct {
	u8 lo, hi;
} halves[] = {
	[EDUFS_FREE_BLOCKS] = HALVES(bg_free_blocks),
	[EDUFS_FREE_INODES] = HALVES(bg_free_inodes),
	[EDUFS_USED_DIRS] = HALVES(bg_used_dirs),
	[EDUFS_ITABLE_UNUSED] = HALVES(bg_itable_unused),
	[EDUFS_BLOCK_CSUM] = HALVES(bg_block_bitmap_csum),
	[EDUFS_INODE_CSUM] = HALVES(bg_inode_bitmap_csum),
};

/**
 * edufs_group_get - a number out of a descriptor
 * @sbi: the filesystem
 * @desc: the descriptor
 * @field: which
 *
 * Return: 32 bits, of which the upper 16 are 0 without 64bit.
 */
u32 edufs_group_get(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc,
		    enum edufs_group_field field)
{
	u32 n = le16_to_cpup((const void *)desc + halves[field].lo);

	if (sbi->geo.desc_size >= sizeof(*desc))
		n |= (u32)le16_to_cpup((const void *)desc + halves[field].hi) << 16;
	return n;
}

/**
 * edufs_group_set - put a number into a descriptor
 * @sbi: the filesystem
 * @desc: the descriptor, of edufs_group_begin()
 * @field: which
 * @value: the number
 */
void edufs_group_set(struct edufs_sb_info *sbi, struct edufs_group_desc *desc,
		     enum edufs_group_field field, u32 value)
{
	*(__le16 *)((void *)desc + halves[field].lo) = cpu_to_le16(value & 0xffff);
	if (sbi->geo.desc_size >= sizeof(*desc))
		*(__le16 *)((void *)desc + halves[field].hi) = cpu_to_le16(value >> 16);
}

/**
 * edufs_group_begin - begin to change a descriptor
 * @sb: the filesystem, with alloc_lock held
 * @group: below geo.groups
 *
 * Return: the descriptor, in a locked buffer.
 */
struct edufs_group_desc *edufs_group_begin(struct super_block *sb, u32 group)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	edufs_buffer_begin(sb, desc_buffer(sbi, group));
	return (struct edufs_group_desc *)edufs_group(sbi, group);
}

/**
 * edufs_group_end - a descriptor is as it shall be
 * @sb: the filesystem
 * @group: the group of edufs_group_begin()
 */
void edufs_group_end(struct super_block *sb, u32 group)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct edufs_group_desc *desc = (struct edufs_group_desc *)edufs_group(sbi, group);
	struct buffer_head *bh = desc_buffer(sbi, group);
	unsigned int size = sbi->geo.desc_size;

	if (sbi->csum)
		desc->bg_checksum = cpu_to_le16(csum_desc_crc32c(sbi->csum_seed, group,
								 desc, size));
	else if (sbi->desc_csum)
		desc->bg_checksum = cpu_to_le16(csum_desc_crc16(sbi->raw->s_uuid, group,
								desc, size));
	edufs_buffer_end(sb, bh);
}

/**
 * edufs_group_first - the first block of a group
 * @sbi: the filesystem
 * @group: the group
 */
u64 edufs_group_first(struct edufs_sb_info *sbi, u32 group)
{
	return sbi->geo.first_data_block + (u64)group * sbi->geo.blocks_per_group;
}

/**
 * edufs_group_blocks - how many blocks a group has; the last may be short
 * @sbi: the filesystem
 * @group: the group
 */
u32 edufs_group_blocks(struct edufs_sb_info *sbi, u32 group)
{
	return min_t(u64, sbi->geo.blocks_per_group,
		     sbi->geo.blocks - edufs_group_first(sbi, group));
}

/**
 * edufs_group_of_block - the group that a block is in
 * @sbi: the filesystem
 * @block: a block of it; one before the first group counts to that
 */
u32 edufs_group_of_block(struct edufs_sb_info *sbi, u64 block)
{
	if (block < sbi->geo.first_data_block || block >= sbi->geo.blocks)
		return 0;
	return div_u64(block - sbi->geo.first_data_block, sbi->geo.blocks_per_group);
}

/**
 * edufs_group_block_bitmap - where a group's block bitmap is
 * @sbi: the filesystem
 * @desc: the group's descriptor
 */
u64 edufs_group_block_bitmap(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc)
{
	return joined(sbi, desc->bg_block_bitmap_lo, &desc->bg_block_bitmap_hi);
}

/**
 * edufs_group_inode_bitmap - where a group's inode bitmap is
 * @sbi: the filesystem
 * @desc: the group's descriptor
 */
u64 edufs_group_inode_bitmap(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc)
{
	return joined(sbi, desc->bg_inode_bitmap_lo, &desc->bg_inode_bitmap_hi);
}

/**
 * edufs_group_table - where a group's inode table begins
 * @sbi: the filesystem
 * @desc: the group's descriptor
 */
u64 edufs_group_table(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc)
{
	return joined(sbi, desc->bg_inode_table_lo, &desc->bg_inode_table_hi);
}

static const char *check(struct super_block *sb, u32 group)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_group_desc *desc = edufs_group(sbi, group);
	unsigned int size = sbi->geo.desc_size;
	u16 sum = le16_to_cpu(desc->bg_checksum);

	if (sbi->csum ? csum_desc_crc32c(sbi->csum_seed, group, desc, size) != sum :
	    sbi->features.ro_compat & EDUFS_RO_GDT_CSUM &&
	    csum_desc_crc16(sbi->raw->s_uuid, group, desc, size) != sum)
		return "wrong checksum of descriptor";
	if (!edufs_block_valid(sb, edufs_group_block_bitmap(sbi, desc), 1))
		return "block bitmap out of range";
	if (!edufs_block_valid(sb, edufs_group_inode_bitmap(sbi, desc), 1))
		return "inode bitmap out of range";
	if (!edufs_block_valid(sb, edufs_group_table(sbi, desc), sbi->geo.table_blocks))
		return "inode table out of range";
	return NULL;
}

static int note_zone(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct system_zone zone;
	u32 i;

	if (sbi->geo.groups > U32_MAX / 4 || zone_init(&zone, sbi->geo.groups * 4))
		return -ENOMEM;
	for (i = 0; i < sbi->geo.groups; i++) {
		const struct edufs_group_desc *desc = edufs_group(sbi, i);

		zone_add(&zone, edufs_group_first(sbi, i),
			 geometry_base_blocks(sbi->raw, &sbi->features, &sbi->geo, i));
		zone_add(&zone, edufs_group_block_bitmap(sbi, desc), 1);
		zone_add(&zone, edufs_group_inode_bitmap(sbi, desc), 1);
		zone_add(&zone, edufs_group_table(sbi, desc), sbi->geo.table_blocks);
	}
	zone_finish(&zone);
	sbi->zone = zone;
	return 0;
}

static int count_groups(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u32 i;

	sbi->group_state = kvzalloc(sbi->geo.groups, GFP_KERNEL);
	if (!sbi->group_state)
		return -ENOMEM;
	for (i = 0; i < sbi->geo.groups; i++) {
		const struct edufs_group_desc *desc = edufs_group(sbi, i);

		sbi->free_blocks += edufs_group_get(sbi, desc, EDUFS_FREE_BLOCKS);
		sbi->free_inodes += edufs_group_get(sbi, desc, EDUFS_FREE_INODES);
		sbi->dirs += edufs_group_get(sbi, desc, EDUFS_USED_DIRS);
	}
	return 0;
}

/**
 * edufs_groups_load - read and check all group descriptors
 * @sb: the filesystem, with its geometry
 *
 * Context: may sleep. The caller calls edufs_groups_release() in any case.
 * Return: 0, -ENOMEM, -EIO, -EUCLEAN.
 */
int edufs_groups_load(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u32 i;

	sbi->desc_bh = kvcalloc(sbi->geo.desc_blocks, sizeof(*sbi->desc_bh), GFP_KERNEL);
	if (!sbi->desc_bh)
		return -ENOMEM;
	for (i = 0; i < sbi->geo.desc_blocks; i++) {
		u64 block = geometry_desc_block(sbi->raw, &sbi->features, &sbi->geo,
						sbi->super_block, i);

		if (!edufs_block_valid(sb, block, 1))
			return edufs_corrupt(sb, 0, block, "descriptors out of range");
		sbi->desc_bh[i] = sb_bread(sb, block);
		if (!sbi->desc_bh[i])
			return -EIO;
	}
	for (i = 0; i < sbi->geo.groups; i++) {
		const char *why = check(sb, i);

		if (why)
			return edufs_corrupt(sb, 0, 0, "group %u: %s", i, why);
	}
	return note_zone(sb) ?: count_groups(sb);
}

/**
 * edufs_groups_release - give the descriptors back
 * @sbi: the filesystem, which may have none or only some
 */
void edufs_groups_release(struct edufs_sb_info *sbi)
{
	u32 i;

	if (sbi->desc_bh)
		for (i = 0; i < sbi->geo.desc_blocks; i++)
			brelse(sbi->desc_bh[i]);
	kvfree(sbi->desc_bh);
	kvfree(sbi->group_state);
	zone_release(&sbi->zone);
	sbi->desc_bh = NULL;
	sbi->group_state = NULL;
	sbi->free_blocks = 0;
	sbi->free_inodes = 0;
	sbi->dirs = 0;
}
