// SPDX-License-Identifier: GPL-2.0
/*
 * Is this really a directory record? Nothing of one is used before this said so.
 *
 * The rules, in the order they apply: its fixed part lies in the block; its
 * length is a multiple of four, holds the fixed part and the name, and ends in
 * the block, where no sliver is left that could not hold another record; its
 * inode exists. A record without an inode is free space, or the block's
 * checksum, or what hides an index from who does not know one.
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#include "record.h"

#define RECORD_MIN 12

/**
 * record_check - check one record of a directory block
 * @block: the block
 * @size: its bytes
 * @at: where the record begins, a multiple of 4 below @size
 * @inodes: the filesystem's number of inodes
 *
 * Return: NULL if it is sound, else what is wrong with it.
 */
const char *record_check(const void *block, unsigned int size, unsigned int at,
			 u32 inodes)
{
	const struct edufs_dir_entry *de = record_at(block, at);
	unsigned int len;

	if (at + RECORD_MIN > size)
		return "record begins too late";
	len = le16_to_cpu(de->rec_len);
	if (len < RECORD_MIN)
		return "record is too short";
	if (len % 4)
		return "record is not aligned";
	if (len < 8 + de->name_len)
		return "name is longer than its record";
	if (at + len > size)
		return "record leaves its block";
	if (at + len < size && at + len + RECORD_MIN > size)
		return "record ends too near the end of its block";
	if (le32_to_cpu(de->inode) > inodes)
		return "inode out of range";
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(record_check);
