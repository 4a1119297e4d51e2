// SPDX-License-Identifier: GPL-2.0
/*
 * Directory records: is this one, room for one more, one less, half of them.
 *
 * The rules, in the order they apply:
 *  1. Nothing of a record is used before it was checked: its fixed part lies in
 *     the block; its length is a multiple of four, holds the fixed part and the
 *     name, and ends in the block, where no sliver is left that could not hold
 *     another record; its inode exists. A record without an inode is free space,
 *     or the block's checksum, or what hides an index from who does not know one.
 *  2. A new record goes to the first one that is free and long enough, or that is
 *     longer than its name needs by enough: then that one gives its rest away.
 *  3. A record that goes gives its length to the one before it; the first of a
 *     block only loses its inode.
 *  4. A block is split by hashes: the upper ones, about half of the bytes, go to
 *     the new block. Both are packed: the free space is at the end.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sort.h>
#include <linux/string.h>

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

/**
 * record_init - make a block one free record
 * @block: the block
 * @size: its bytes, without the checksum's
 */
void record_init(void *block, unsigned int size)
{
	struct edufs_dir_entry *de = block;

	memset(block, 0, size);
	de->rec_len = cpu_to_le16(size);
}
EXPORT_SYMBOL_IF_KUNIT(record_init);

static void fill(struct edufs_dir_entry *de, const char *name, unsigned int len, u32 ino,
		 unsigned int type)
{
	de->inode = cpu_to_le32(ino);
	de->name_len = len;
	de->file_type = type;
	memcpy(de->name, name, len);
	memset(de->name + len, 0, record_len(len) - 8 - len);
}

/**
 * record_insert - put a record into a block
 * @block: the block
 * @size: its bytes, without the checksum's
 * @inodes: the filesystem's number of inodes
 * @name: the name; it is not in the block
 * @len: its length
 * @ino: the inode
 * @type: file_type
 *
 * Return: where the record is; -ENOSPC, -EUCLEAN if the block is damaged.
 */
int record_insert(void *block, unsigned int size, u32 inodes, const char *name,
		  unsigned int len, u32 ino, unsigned int type)
{
	unsigned int need = record_len(len), at, has, used;
	struct edufs_dir_entry *de, *rest;

	for (at = 0; at < size; at += has) {
		if (record_check(block, size, at, inodes))
			return -EUCLEAN;
		de = block + at;
		has = le16_to_cpu(de->rec_len);
		used = de->inode ? record_len(de->name_len) : 0;
		if (has < used + need)
			continue;
		if (used) {
			rest = (void *)de + used;
			rest->rec_len = cpu_to_le16(has - used);
			de->rec_len = cpu_to_le16(used);
			de = rest;
		}
		fill(de, name, len, ino, type);
		return at + used;
	}
	return -ENOSPC;
}
EXPORT_SYMBOL_IF_KUNIT(record_insert);

/**
 * record_remove - take a record out of a block
 * @block: the block, whose records were checked
 * @at: where the record is
 */
void record_remove(void *block, unsigned int at)
{
	struct edufs_dir_entry *de = block + at, *before = NULL;
	unsigned int pos;

	for (pos = 0; pos < at; pos += le16_to_cpu(before->rec_len))
		before = block + pos;
	if (before)
		le16_add_cpu(&before->rec_len, le16_to_cpu(de->rec_len));
	else
		de->inode = 0;
}
EXPORT_SYMBOL_IF_KUNIT(record_remove);

static int by_hash(const void *a, const void *b)
{
	const struct record_ref *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/**
 * record_split - say which records go to the new block
 * @refs: the block's records; sorted by hash afterwards
 * @count: how many, at least 2
 *
 * Return: the first that goes, from 1 to @count - 1.
 */
unsigned int record_split(struct record_ref *refs, unsigned int count)
{
	unsigned int total = 0, moved = 0, i;

	sort(refs, count, sizeof(*refs), by_hash, NULL);
	for (i = 0; i < count; i++)
		total += refs[i].len;
	for (i = count; i > 1 && moved + refs[i - 1].len / 2 <= total / 2; i--)
		moved += refs[i - 1].len;
	return i == count ? count - 1 : i;
}
EXPORT_SYMBOL_IF_KUNIT(record_split);

/**
 * record_pack - copy records to a block, one behind the other
 * @to: the block
 * @size: its bytes, without the checksum's
 * @from: where they are now, another block
 * @refs: which
 * @count: how many; they fit. None makes the block one free record.
 */
void record_pack(void *to, unsigned int size, const void *from,
		 const struct record_ref *refs, unsigned int count)
{
	struct edufs_dir_entry *de = to;
	unsigned int at = 0, i;

	record_init(to, size);
	for (i = 0; i < count; i++) {
		de = to + at;
		memcpy(de, from + refs[i].at, refs[i].len);
		de->rec_len = cpu_to_le16(refs[i].len);
		at += refs[i].len;
	}
	if (count)
		de->rec_len = cpu_to_le16(size - at + refs[count - 1].len);
}
EXPORT_SYMBOL_IF_KUNIT(record_pack);
