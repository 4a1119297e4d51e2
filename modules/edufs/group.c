// SPDX-License-Identifier: GPL-2.0
/*
 * Group descriptors: read at mount, every one checked, kept until unmount.
 *
 * The rules, in the order they apply: its checksum is right; its two bitmaps
 * and its whole inode table lie in the filesystem. One that fails refuses the
 * mount: an inode table that lies somewhere else makes every file of the group
 * something else.
 */
#include <linux/buffer_head.h>
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
	if (!edufs_block_valid(sb, joined(sbi, desc->bg_block_bitmap_lo,
					  &desc->bg_block_bitmap_hi), 1))
		return "block bitmap out of range";
	if (!edufs_block_valid(sb, joined(sbi, desc->bg_inode_bitmap_lo,
					  &desc->bg_inode_bitmap_hi), 1))
		return "inode bitmap out of range";
	if (!edufs_block_valid(sb, edufs_group_table(sbi, desc), sbi->geo.table_blocks))
		return "inode table out of range";
	return NULL;
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
	return 0;
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
}

/**
 * edufs_groups_free_blocks - how many blocks (clusters) are free in all groups
 * @sbi: the filesystem
 */
u64 edufs_groups_free_blocks(struct edufs_sb_info *sbi)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < sbi->geo.groups; i++) {
		const struct edufs_group_desc *desc = edufs_group(sbi, i);

		sum += le16_to_cpu(desc->bg_free_blocks_lo);
		if (sbi->geo.desc_size >= sizeof(*desc))
			sum += (u32)le16_to_cpu(desc->bg_free_blocks_hi) << 16;
	}
	return sum;
}

/**
 * edufs_groups_free_inodes - how many inodes are free in all groups
 * @sbi: the filesystem
 */
u64 edufs_groups_free_inodes(struct edufs_sb_info *sbi)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < sbi->geo.groups; i++) {
		const struct edufs_group_desc *desc = edufs_group(sbi, i);

		sum += le16_to_cpu(desc->bg_free_inodes_lo);
		if (sbi->geo.desc_size >= sizeof(*desc))
			sum += (u32)le16_to_cpu(desc->bg_free_inodes_hi) << 16;
	}
	return sum;
}
