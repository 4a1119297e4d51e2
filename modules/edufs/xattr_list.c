// SPDX-License-Identifier: GPL-2.0
/*
 * A list of attributes, taken apart and put together.
 *
 * The rules, in the order they apply:
 *  1. A change takes the list apart into items, changes those, and builds a new
 *     list: entries from the front, four zero bytes, values from the end, each on
 *     a multiple of four.
 *  2. Items are sorted by prefix, then length of the name, then the name, as a
 *     block's must be and an inode's may.
 *  3. In a block each entry has a hash of its name and value, and the block one of
 *     all those: who wants to share equal blocks finds them by it.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "xattr.h"

/**
 * xattr_items - take a list apart
 * @list: the list, checked; may be empty
 * @items: where its attributes go; they point into the list
 * @room: how many fit
 *
 * Return: how many there are; -ENOSPC.
 */
int xattr_items(const struct xattr_list *list, struct xattr_item *items, int room)
{
	const struct edufs_xattr_entry *e;
	int count = 0;

	for (e = list->first; e && !xattr_is_last(e); e = xattr_next(e)) {
		if (count == room)
			return -ENOSPC;
		items[count++] = (struct xattr_item){
			.name = e->e_name, .name_len = e->e_name_len,
			.index = e->e_name_index, .size = le32_to_cpu(e->e_value_size),
			.value = list->base + le16_to_cpu(e->e_value_offs),
		};
	}
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(xattr_items);

static int compare(const void *a, const void *b)
{
	const struct xattr_item *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	if (x->name_len != y->name_len)
		return x->name_len < y->name_len ? -1 : 1;
	return memcmp(x->name, y->name, x->name_len);
}

/**
 * xattr_find - look for an attribute by its name
 * @items: the attributes
 * @count: how many
 * @key: its index, name and name_len say which
 *
 * Return: which it is, -1 if it is not there.
 */
int xattr_find(const struct xattr_item *items, int count, const struct xattr_item *key)
{
	int i;

	for (i = 0; i < count; i++)
		if (!compare(&items[i], key))
			return i;
	return -1;
}
EXPORT_SYMBOL_IF_KUNIT(xattr_find);

/**
 * xattr_change - set or remove an attribute
 * @items: the attributes; room for one more
 * @count: how many
 * @item: the new one; without a value it is removed
 *
 * Return: how many there are now; sorted.
 */
int xattr_change(struct xattr_item *items, int count, const struct xattr_item *item)
{
	int i = xattr_find(items, count, item);

	if (i < 0 && item->value)
		i = count++;
	if (i >= 0)
		items[i] = item->value ? *item : items[--count];
	sort(items, count, sizeof(*items), compare, NULL);
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(xattr_change);

static u32 entry_hash(const struct edufs_xattr_entry *e, const __le32 *value, unsigned int size)
{
	u32 hash = 0;
	unsigned int i;

	for (i = 0; i < e->e_name_len; i++)
		hash = rol32(hash, 5) ^ (u8)e->e_name[i];
	for (i = 0; i < DIV_ROUND_UP(size, 4); i++)
		hash = rol32(hash, 16) ^ le32_to_cpu(value[i]);
	return hash;
}

/**
 * xattr_build - put a list together
 * @first: where its entries begin
 * @room: the bytes from there on that it may fill
 * @base: how far before @first values count from
 * @items: the attributes, which do not lie in that room
 * @count: how many
 * @hashed: entries have hashes
 *
 * Return: 0, -ENOSPC, and then the room holds something of no use.
 */
int xattr_build(void *first, unsigned int room, unsigned int base,
		const struct xattr_item *items, int count, bool hashed)
{
	unsigned int at = 0, end = round_down(room, 4);
	int i;

	memset(first, 0, room);
	for (i = 0; i < count; i++) {
		unsigned int entry = sizeof(struct edufs_xattr_entry) +
			round_up(items[i].name_len, 4);
		unsigned int value = round_up(items[i].size, 4);
		struct edufs_xattr_entry *e = first + at;

		if (at + entry + sizeof(u32) + value > end)
			return -ENOSPC;
		end -= value;
		memcpy(first + end, items[i].value, items[i].size);
		e->e_name_len = items[i].name_len;
		e->e_name_index = items[i].index;
		e->e_value_size = cpu_to_le32(items[i].size);
		e->e_value_offs = cpu_to_le16(items[i].size ? base + end : 0);
		memcpy(e->e_name, items[i].name, items[i].name_len);
		if (hashed)
			e->e_hash = cpu_to_le32(entry_hash(e, first + end, items[i].size));
		at += entry;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(xattr_build);

/**
 * xattr_block_hash - the hash of all attributes of a block
 * @first: its entries
 *
 * Return: the hash; 0 if one has none.
 */
u32 xattr_block_hash(const void *first)
{
	const struct edufs_xattr_entry *e;
	u32 hash = 0;

	for (e = first; !xattr_is_last(e); e = xattr_next(e)) {
		if (!e->e_hash)
			return 0;
		hash = rol32(hash, 16) ^ le32_to_cpu(e->e_hash);
	}
	return hash;
}
EXPORT_SYMBOL_IF_KUNIT(xattr_block_hash);
