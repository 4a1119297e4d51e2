// SPDX-License-Identifier: GPL-2.0
/*
 * The checksums of metadata_csum and uninit_bg.
 *
 * The rules, in the order they apply:
 *  1. With metadata_csum every block of metadata carries a CRC-32C over itself
 *     with the checksum's own field left out or taken as zero. It starts from
 *     a seed: the CRC of the UUID, or the superblock's own seed if
 *     metadata_csum_seed lets the UUID change.
 *  2. What belongs to an inode (the inode, its directory blocks, its extent
 *     nodes) goes on from the inode's number and generation, what belongs to
 *     a place (descriptors, attribute blocks) from that place's number: so a
 *     block that was written to the wrong place is found out.
 *  3. Without metadata_csum, uninit_bg gives the group descriptors a CRC-16.
 *
 * The CRC-16 is computed bit by bit here: it runs over 32 bytes for each group
 * at mount, and the kernel's own one is a module that need not be there.
 */
#include <kunit/visibility.h>
#include <linux/crc32.h>
#include <linux/export.h>
#include <edu/compat.h>

#include "csum.h"
#include "edufs.h"

/**
 * csum_super - the checksum of a superblock
 * @raw: the superblock
 */
u32 csum_super(const struct edufs_super *raw)
{
	return edu_crc32c(~0U, (const void *)raw, offsetof(struct edufs_super, s_checksum));
}
EXPORT_SYMBOL_IF_KUNIT(csum_super);

/**
 * csum_uuid - the filesystem's seed, if it does not have one of its own
 * @uuid: the filesystem's UUID
 */
u32 csum_uuid(const u8 uuid[16])
{
	return edu_crc32c(~0U, uuid, 16);
}
EXPORT_SYMBOL_IF_KUNIT(csum_uuid);

static u16 crc16_of(u16 crc, const void *data, unsigned int len)
{
	const u8 *p = data;
	int bit;

	while (len--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	return crc;
}

/**
 * csum_desc_crc16 - the checksum of a group descriptor with uninit_bg
 * @uuid: the filesystem's UUID
 * @group: the group
 * @desc: its descriptor
 * @size: the descriptor's bytes
 */
u16 csum_desc_crc16(const u8 uuid[16], u32 group, const void *desc, unsigned int size)
{
	unsigned int at = offsetof(struct edufs_group_desc, bg_checksum);
	__le32 nr = cpu_to_le32(group);
	u16 crc = crc16_of(~0, uuid, 16);

	crc = crc16_of(crc, &nr, sizeof(nr));
	crc = crc16_of(crc, desc, at);
	at += sizeof(__le16);
	return at < size ? crc16_of(crc, desc + at, size - at) : crc;
}
EXPORT_SYMBOL_IF_KUNIT(csum_desc_crc16);

/**
 * csum_desc_crc32c - the checksum of a group descriptor with metadata_csum
 * @seed: the filesystem's seed
 * @group: the group
 * @desc: its descriptor
 * @size: the descriptor's bytes
 */
u16 csum_desc_crc32c(u32 seed, u32 group, const void *desc, unsigned int size)
{
	unsigned int at = offsetof(struct edufs_group_desc, bg_checksum);
	__le32 nr = cpu_to_le32(group);
	__le16 zero = 0;
	u32 crc = edu_crc32c(seed, (void *)&nr, sizeof(nr));

	crc = edu_crc32c(crc, desc, at);
	crc = edu_crc32c(crc, (void *)&zero, sizeof(zero));
	at += sizeof(zero);
	if (at < size)
		crc = edu_crc32c(crc, desc + at, size - at);
	return crc & 0xFFFF;
}
EXPORT_SYMBOL_IF_KUNIT(csum_desc_crc32c);

/**
 * csum_bitmap - the checksum of a bitmap
 * @seed: the filesystem's seed
 * @map: the bitmap
 * @bytes: how many of it count
 *
 * Return: 32 bits, of which a short descriptor keeps 16.
 */
u32 csum_bitmap(u32 seed, const void *map, unsigned int bytes)
{
	return edu_crc32c(seed, map, bytes);
}
EXPORT_SYMBOL_IF_KUNIT(csum_bitmap);

/**
 * csum_bitmap_ok - is the checksum of a bitmap right?
 * @seed: the filesystem's seed
 * @map: the bitmap
 * @bytes: how many of it count
 * @found: the descriptor's checksum
 * @whole: it has all 32 bits
 */
bool csum_bitmap_ok(u32 seed, const void *map, unsigned int bytes, u32 found, bool whole)
{
	u32 sum = csum_bitmap(seed, map, bytes);

	return (whole ? sum : sum & 0xFFFF) == found;
}
EXPORT_SYMBOL_IF_KUNIT(csum_bitmap_ok);

/**
 * csum_inode_seed - where the checksums of an inode's metadata start
 * @seed: the filesystem's seed
 * @ino: the inode's number
 * @generation: its generation
 */
u32 csum_inode_seed(u32 seed, u32 ino, u32 generation)
{
	__le32 word = cpu_to_le32(ino);

	seed = edu_crc32c(seed, (void *)&word, sizeof(word));
	word = cpu_to_le32(generation);
	return edu_crc32c(seed, (void *)&word, sizeof(word));
}
EXPORT_SYMBOL_IF_KUNIT(csum_inode_seed);

/**
 * csum_inode_has_hi - is there room for the upper half of the checksum?
 * @raw: the inode
 * @size: its bytes
 */
bool csum_inode_has_hi(const struct edufs_disk_inode *raw, unsigned int size)
{
	return size > EDUFS_GOOD_OLD_INODE && le16_to_cpu(raw->i_extra_isize) >=
		offsetofend(struct edufs_disk_inode, i_checksum_hi) - EDUFS_GOOD_OLD_INODE;
}
EXPORT_SYMBOL_IF_KUNIT(csum_inode_has_hi);

/**
 * csum_inode - the checksum of an inode
 * @inode_seed: of csum_inode_seed()
 * @raw: the inode
 * @size: its bytes
 *
 * Return: 32 bits, of which an inode without csum_inode_has_hi() keeps 16.
 */
u32 csum_inode(u32 inode_seed, const void *raw, unsigned int size)
{
	unsigned int lo = offsetof(struct edufs_disk_inode, i_checksum_lo);
	unsigned int hi = offsetof(struct edufs_disk_inode, i_checksum_hi);
	__le16 zero = 0;
	u32 crc = edu_crc32c(inode_seed, raw, lo);

	crc = edu_crc32c(crc, (void *)&zero, sizeof(zero));
	lo += sizeof(zero);
	if (csum_inode_has_hi(raw, size)) {
		crc = edu_crc32c(crc, raw + lo, hi - lo);
		crc = edu_crc32c(crc, (void *)&zero, sizeof(zero));
		lo = hi + sizeof(zero);
	}
	return edu_crc32c(crc, raw + lo, size - lo);
}
EXPORT_SYMBOL_IF_KUNIT(csum_inode);

static u32 extent_sum(struct inode *inode, const void *node, unsigned int *at)
{
	const struct edufs_extent_header *eh = node;

	*at = sizeof(*eh) + le16_to_cpu(eh->eh_max) * sizeof(struct edufs_extent);
	return edu_crc32c(EDUFS_I(inode)->csum_seed, node, *at);
}

/**
 * edufs_csum_extent_ok - is the checksum of a block of the extent tree right?
 * @inode: whose tree it is
 * @node: the block, checked by extent_check_node()
 * @size: its bytes
 *
 * Return: true, too, where there are no checksums.
 */
bool edufs_csum_extent_ok(struct inode *inode, const void *node, unsigned int size)
{
	unsigned int at;
	u32 sum;

	if (!edufs_sbi(inode->i_sb)->csum)
		return true;
	sum = extent_sum(inode, node, &at);
	return at + sizeof(__le32) <= size && sum == le32_to_cpup(node + at);
}

/**
 * edufs_csum_extent_set - write the checksum of a block of the extent tree
 * @inode: whose tree it is
 * @node: the block; its eh_max leaves room for it
 */
void edufs_csum_extent_set(struct inode *inode, void *node)
{
	unsigned int at;
	u32 sum;

	if (!edufs_sbi(inode->i_sb)->csum)
		return;
	sum = extent_sum(inode, node, &at);
	*(__le32 *)(node + at) = cpu_to_le32(sum);
}

/**
 * edufs_csum_leaf_ok - is the checksum of a directory block right?
 * @dir: whose block it is
 * @block: the block, one with records
 * @size: its bytes
 *
 * Return: true, too, where there are no checksums.
 */
bool edufs_csum_leaf_ok(struct inode *dir, const void *block, unsigned int size)
{
	const struct edufs_dir_tail *tail = block + size - sizeof(*tail);

	if (!edufs_sbi(dir->i_sb)->csum)
		return true;
	if (tail->zero || tail->zero2 || le16_to_cpu(tail->rec_len) != sizeof(*tail) ||
	    tail->type != EDUFS_DIR_TAIL_TYPE)
		return false;
	return edu_crc32c(EDUFS_I(dir)->csum_seed, block, size - sizeof(*tail)) ==
		le32_to_cpu(tail->checksum);
}

/**
 * edufs_csum_leaf_set - write the tail of a directory block, with its checksum
 * @dir: whose block it is
 * @block: the block, whose records end before the tail
 * @size: its bytes
 */
void edufs_csum_leaf_set(struct inode *dir, void *block, unsigned int size)
{
	struct edufs_dir_tail *tail = block + size - sizeof(*tail);

	if (!edufs_sbi(dir->i_sb)->csum)
		return;
	*tail = (struct edufs_dir_tail){
		.rec_len = cpu_to_le16(sizeof(*tail)), .type = EDUFS_DIR_TAIL_TYPE,
	};
	tail->checksum = cpu_to_le32(edu_crc32c(EDUFS_I(dir)->csum_seed, block,
						size - sizeof(*tail)));
}

static u32 dx_sum(struct inode *dir, const void *block, unsigned int entries_at,
		  unsigned int *tail)
{
	const struct edufs_dx_countlimit *cl = block + entries_at;
	unsigned int used = entries_at +
		le16_to_cpu(cl->count) * sizeof(struct edufs_dx_entry);
	__le32 zero = 0;
	u32 crc;

	*tail = entries_at + le16_to_cpu(cl->limit) * sizeof(struct edufs_dx_entry);
	crc = edu_crc32c(EDUFS_I(dir)->csum_seed, block, used);
	crc = edu_crc32c(crc, block + *tail, sizeof(__le32));
	return edu_crc32c(crc, (void *)&zero, sizeof(zero));
}

/**
 * edufs_csum_dx_ok - is the checksum of a block of a directory's index right?
 * @dir: whose index it is
 * @block: the block
 * @size: its bytes
 * @entries_at: where its entries begin; count and limit were checked
 *
 * Return: true, too, where there are no checksums.
 */
bool edufs_csum_dx_ok(struct inode *dir, const void *block, unsigned int size,
		      unsigned int entries_at)
{
	const struct edufs_dx_countlimit *cl = block + entries_at;
	unsigned int tail;

	if (!edufs_sbi(dir->i_sb)->csum)
		return true;
	if (entries_at + le16_to_cpu(cl->limit) * sizeof(struct edufs_dx_entry) +
	    2 * sizeof(__le32) > size)
		return false;
	return dx_sum(dir, block, entries_at, &tail) ==
		le32_to_cpup(block + tail + sizeof(__le32));
}

/**
 * edufs_csum_dx_set - write the checksum of a block of a directory's index
 * @dir: whose index it is
 * @block: the block
 * @entries_at: where its entries begin; count and limit are right
 */
void edufs_csum_dx_set(struct inode *dir, void *block, unsigned int entries_at)
{
	unsigned int tail;
	u32 sum;

	if (!edufs_sbi(dir->i_sb)->csum)
		return;
	sum = dx_sum(dir, block, entries_at, &tail);
	*(__le32 *)(block + tail + sizeof(__le32)) = cpu_to_le32(sum);
}

static u32 xattr_sum(struct super_block *sb, u64 nr, const void *block, unsigned int size)
{
	unsigned int at = offsetof(struct edufs_xattr_header, h_checksum);
	__le64 where = cpu_to_le64(nr);
	__le32 zero = 0;
	u32 crc;

	crc = edu_crc32c(edufs_sbi(sb)->csum_seed, (void *)&where, sizeof(where));
	crc = edu_crc32c(crc, block, at);
	crc = edu_crc32c(crc, (void *)&zero, sizeof(zero));
	at += sizeof(zero);
	return edu_crc32c(crc, block + at, size - at);
}

/**
 * edufs_csum_xattr_ok - is the checksum of a block of attributes right?
 * @sb: the filesystem
 * @nr: the block's number
 * @block: the block
 * @size: its bytes
 *
 * Return: true, too, where there are no checksums.
 */
bool edufs_csum_xattr_ok(struct super_block *sb, u64 nr, const void *block,
			 unsigned int size)
{
	const struct edufs_xattr_header *header = block;

	return !edufs_sbi(sb)->csum ||
		xattr_sum(sb, nr, block, size) == le32_to_cpu(header->h_checksum);
}

/**
 * edufs_csum_xattr_set - write the checksum of a block of attributes
 * @sb: the filesystem
 * @nr: the block's number
 * @block: the block
 * @size: its bytes
 */
void edufs_csum_xattr_set(struct super_block *sb, u64 nr, void *block, unsigned int size)
{
	struct edufs_xattr_header *header = block;

	if (edufs_sbi(sb)->csum)
		header->h_checksum = cpu_to_le32(xattr_sum(sb, nr, block, size));
}
