// SPDX-License-Identifier: GPL-2.0
/*
 * Suites of what changes a block: modules/edufs/extent_node.c, record.c and
 * xattr_list.c; and of the policy of feature bits.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "extent.h"
#include "feature.h"
#include "record.h"
#include "xattr.h"

#define NODE_SIZE (sizeof(struct edufs_extent_header) + 6 * sizeof(struct edufs_extent))

static void put_at_end(void *node, u64 lblk, unsigned int len, u64 pblk, bool unwritten)
{
	struct extent_piece p = { lblk, pblk, len, unwritten };
	int i = extent_count(node);

	extent_open(node, i);
	extent_put(node, i, &p);
}

static void expect_extent(struct kunit *test, const void *node, int i, u64 lblk,
			  unsigned int len, u64 pblk)
{
	struct extent_piece p = extent_get(node, i);

	KUNIT_EXPECT_EQ(test, lblk, p.lblk);
	KUNIT_EXPECT_EQ(test, len, p.len);
	KUNIT_EXPECT_EQ(test, pblk, p.pblk);
}

static void extent_round_trip(struct kunit *test)
{
	struct extent_piece p = { 0xfffffff0, 0xffff12345678ULL, 0x7fff, true };
	u8 node[NODE_SIZE] __aligned(4);

	extent_init_node(node, sizeof(node), 0);
	KUNIT_EXPECT_EQ(test, 6, extent_room(node));
	extent_open(node, 0);
	extent_put(node, 0, &p);
	expect_extent(test, node, 0, p.lblk, p.len, p.pblk);
	KUNIT_EXPECT_TRUE(test, extent_get(node, 0).unwritten);
	p.unwritten = false;
	p.len = EDUFS_EXTENT_INIT_MAX;
	extent_put(node, 0, &p);
	expect_extent(test, node, 0, p.lblk, 0x8000, p.pblk);
	KUNIT_EXPECT_FALSE(test, extent_get(node, 0).unwritten);
	extent_put_index(node, 0, 7, 0x123456789abcULL);
	KUNIT_EXPECT_EQ(test, 7, extent_key(node, 0));
	KUNIT_EXPECT_EQ(test, 0x123456789abcULL, extent_child(node, 0));
}

static void extent_grows_neighbours(struct kunit *test)
{
	u8 node[NODE_SIZE] __aligned(4);
	struct extent_piece p = { 15, 1005, 5, false };

	extent_init_node(node, sizeof(node), 0);
	put_at_end(node, 10, 5, 1000, false);
	put_at_end(node, 20, 5, 1010, false);
	put_at_end(node, 40, 5, 3000, true);
	/* Between two that it connects: one is left of the three. */
	KUNIT_EXPECT_TRUE(test, extent_absorb(node, 0, &p));
	KUNIT_EXPECT_EQ(test, 2, extent_count(node));
	expect_extent(test, node, 0, 10, 15, 1000);
	/* At the front of the next. */
	p = (struct extent_piece){ 38, 2998, 2, true };
	KUNIT_EXPECT_TRUE(test, extent_absorb(node, 0, &p));
	expect_extent(test, node, 1, 38, 7, 2998);
	/* Not if it lies elsewhere, or is written and the other is not. */
	p = (struct extent_piece){ 45, 3006, 1, true };
	KUNIT_EXPECT_FALSE(test, extent_absorb(node, 1, &p));
	p = (struct extent_piece){ 45, 3005, 1, false };
	KUNIT_EXPECT_FALSE(test, extent_absorb(node, 1, &p));
	/* Nor if it became too long. */
	extent_init_node(node, sizeof(node), 0);
	put_at_end(node, 0, 0x7fff, 100, false);
	p = (struct extent_piece){ 0x7fff, 100 + 0x7fff, 2, false };
	KUNIT_EXPECT_FALSE(test, extent_absorb(node, 0, &p));
	p.len = 1;
	KUNIT_EXPECT_TRUE(test, extent_absorb(node, 0, &p));
	expect_extent(test, node, 0, 0, 0x8000, 100);
	/* Before the first. */
	extent_init_node(node, sizeof(node), 0);
	put_at_end(node, 8, 2, 108, false);
	p = (struct extent_piece){ 4, 104, 4, false };
	KUNIT_EXPECT_TRUE(test, extent_absorb(node, -1, &p));
	expect_extent(test, node, 0, 4, 6, 104);
}

static void extent_moves(struct kunit *test)
{
	u8 node[NODE_SIZE] __aligned(4), other[NODE_SIZE] __aligned(4);
	int i;

	extent_init_node(node, sizeof(node), 0);
	extent_init_node(other, sizeof(other), 0);
	for (i = 0; i < 6; i++)
		put_at_end(node, i * 10, 5, 100 + i * 10, false);
	KUNIT_EXPECT_EQ(test, 0, extent_room(node));
	extent_move_tail(node, other, 2);
	KUNIT_EXPECT_EQ(test, 4, extent_count(node));
	KUNIT_EXPECT_EQ(test, 2, extent_count(other));
	expect_extent(test, other, 0, 40, 5, 140);
	expect_extent(test, other, 1, 50, 5, 150);
	extent_close(node, 1);
	KUNIT_EXPECT_EQ(test, 3, extent_count(node));
	expect_extent(test, node, 1, 20, 5, 120);
	KUNIT_EXPECT_NULL(test, extent_check_node(node, sizeof(node), 0, 0, EDUFS_MAX_LBLK));
	KUNIT_EXPECT_FALSE(test, extent_join(node, 0));
	KUNIT_EXPECT_FALSE(test, extent_join(node, -1));
	KUNIT_EXPECT_FALSE(test, extent_join(node, 2));
}

#define BLOCK 128

static int add(void *block, const char *name, u32 ino)
{
	return record_insert(block, BLOCK, 100, name, strlen(name), ino, 1);
}

static void expect_sound(struct kunit *test, const void *block)
{
	unsigned int at = 0;

	while (at < BLOCK) {
		KUNIT_ASSERT_NULL(test, record_check(block, BLOCK, at, 100));
		at += le16_to_cpu(record_at(block, at)->rec_len);
	}
	KUNIT_EXPECT_EQ(test, BLOCK, at);
}

static void record_comes_and_goes(struct kunit *test)
{
	u8 block[BLOCK] __aligned(4);
	char filler[77] = {};

	record_init(block, BLOCK);
	KUNIT_EXPECT_EQ(test, 0, add(block, "a", 11));
	KUNIT_EXPECT_EQ(test, 12, add(block, "second", 12));	/* 16 bytes */
	KUNIT_EXPECT_EQ(test, 28, add(block, "third", 13));	/* 16 bytes */
	expect_sound(test, block);
	record_remove(block, 12);
	KUNIT_EXPECT_EQ(test, 28, le16_to_cpu(record_at(block, 0)->rec_len));
	KUNIT_EXPECT_EQ(test, 12, add(block, "12345678", 14));	/* just fits there */
	expect_sound(test, block);
	record_remove(block, 0);		/* the first: only its inode */
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(record_at(block, 0)->inode));
	KUNIT_EXPECT_EQ(test, 0, add(block, "abcd", 15));
	expect_sound(test, block);
	memset(filler, 'x', 76);		/* 84 bytes: to the very end */
	KUNIT_EXPECT_EQ(test, 44, add(block, filler, 16));
	KUNIT_EXPECT_EQ(test, -ENOSPC, add(block, "b", 17));
	expect_sound(test, block);
	((struct edufs_dir_entry *)block)->rec_len = cpu_to_le16(6);
	KUNIT_EXPECT_EQ(test, -EUCLEAN, add(block, "b", 17));
}

static void record_halves(struct kunit *test)
{
	u8 block[BLOCK] __aligned(4), low[BLOCK] __aligned(4), high[BLOCK] __aligned(4);
	static const u32 hashes[] = { 50, 10, 40, 20, 30, 60 };
	static const char * const names[] = { "a", "b", "c", "d", "e", "f" };
	struct record_ref refs[6];
	unsigned int split, i;

	record_init(block, BLOCK);
	for (i = 0; i < 6; i++)
		refs[i] = (struct record_ref){ hashes[i], add(block, names[i], 11 + i), 12 };
	split = record_split(refs, 6);
	KUNIT_EXPECT_EQ(test, 3, split);
	for (i = 1; i < 6; i++)
		KUNIT_EXPECT_LT(test, refs[i - 1].hash, refs[i].hash);
	record_pack(high, BLOCK, block, refs + split, 6 - split);
	record_pack(low, BLOCK, block, refs, split);
	expect_sound(test, low);
	expect_sound(test, high);
	KUNIT_EXPECT_EQ(test, 'b', record_at(low, 0)->name[0]);
	KUNIT_EXPECT_EQ(test, 'd', record_at(low, 12)->name[0]);
	KUNIT_EXPECT_EQ(test, 'c', record_at(high, 0)->name[0]);
	KUNIT_EXPECT_EQ(test, 'f', record_at(high, 24)->name[0]);
	KUNIT_EXPECT_EQ(test, BLOCK - 24, le16_to_cpu(record_at(high, 24)->rec_len));
	record_pack(low, BLOCK, block, refs, 0);
	expect_sound(test, low);
	/* One very long name: still both sides have something. */
	refs[0].len = 12;
	refs[1].len = 264;
	KUNIT_EXPECT_EQ(test, 1, record_split(refs, 2));
	refs[0].len = 264;
	refs[1].len = 12;
	KUNIT_EXPECT_EQ(test, 1, record_split(refs, 2));
}

static struct xattr_item item(const char *name, const char *value)
{
	return (struct xattr_item){
		.index = EDUFS_XATTR_USER, .name = name, .name_len = strlen(name),
		.value = value, .size = value ? strlen(value) : 0,
	};
}

static void xattr_changes(struct kunit *test)
{
	struct xattr_item items[4], key;
	u8 room[96] __aligned(4);
	struct xattr_list list = { .first = room, .base = room, .end = room + sizeof(room) };
	int count = 0;

	key = item("long name", "value");
	count = xattr_change(items, count, &key);
	key = item("b", "1234");
	count = xattr_change(items, count, &key);
	KUNIT_EXPECT_EQ(test, 2, count);
	KUNIT_ASSERT_EQ(test, 0, xattr_build(room, sizeof(room), 0, items, count, false));
	count = xattr_items(&list, items, 4);
	KUNIT_ASSERT_EQ(test, 2, count);
	KUNIT_EXPECT_EQ(test, 1, items[0].name_len);	/* the shorter name first */
	KUNIT_EXPECT_MEMEQ(test, items[0].value, "1234", 4);
	KUNIT_EXPECT_MEMEQ(test, items[1].value, "value", 5);
	key = item("b", NULL);
	KUNIT_EXPECT_EQ(test, 0, xattr_find(items, count, &key));
	KUNIT_EXPECT_EQ(test, 1, xattr_change(items, count, &key));
	KUNIT_EXPECT_EQ(test, -1, xattr_find(items, 1, &key));
	KUNIT_EXPECT_EQ(test, 1, xattr_change(items, 1, &key));
	key = item("large", "0123456789012345678901234567890123456789");
	KUNIT_EXPECT_EQ(test, 2, xattr_change(items, 1, &key));
	KUNIT_EXPECT_EQ(test, -ENOSPC, xattr_build(room, sizeof(room), 0, items, 2, false));
}

/* The hash that e2fsck computes for user.a=b in a block, by its own rule. */
static void xattr_hashes(struct kunit *test)
{
	u8 room[64] __aligned(4);
	struct xattr_item one = item("a", "b");
	const struct edufs_xattr_entry *e = (const void *)room;

	KUNIT_ASSERT_EQ(test, 0, xattr_build(room, sizeof(room), 32, &one, 1, true));
	KUNIT_EXPECT_EQ(test, (u32)'a' << 16 ^ 'b', le32_to_cpu(e->e_hash));
	KUNIT_EXPECT_EQ(test, 32 + 60, le16_to_cpu(e->e_value_offs));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(e->e_hash), xattr_block_hash(room));
}

static void feature_policy(struct kunit *test)
{
	struct edufs_features f = { .ro_compat = 0x46b, .incompat = 0x2c2 };
	char names[100];

	KUNIT_EXPECT_EQ(test, 0, features_read_only(&f, names, sizeof(names)));
	f.compat = EDUFS_COMPAT_HAS_JOURNAL;
	f.ro_compat |= EDUFS_RO_BIGALLOC | BIT(30);
	f.incompat |= EDUFS_INCOMPAT_MMP;
	KUNIT_EXPECT_NE(test, 0, features_read_only(&f, names, sizeof(names)));
	KUNIT_EXPECT_STREQ(test, " bigalloc ro_compat:0x40000000 mmp", names);
	KUNIT_EXPECT_EQ(test, 0, features_refused(&f, names, sizeof(names)));
	f.incompat |= BIT(15) | BIT(31);
	KUNIT_EXPECT_NE(test, 0, features_refused(&f, names, sizeof(names)));
	KUNIT_EXPECT_STREQ(test, " inline_data incompat:0x80000000", names);
}

static struct kunit_case extent_cases[] = {
	KUNIT_CASE(extent_round_trip), KUNIT_CASE(extent_grows_neighbours),
	KUNIT_CASE(extent_moves), {}
};

static struct kunit_case record_cases[] = {
	KUNIT_CASE(record_comes_and_goes), KUNIT_CASE(record_halves), {}
};

static struct kunit_case xattr_cases[] = {
	KUNIT_CASE(xattr_changes), KUNIT_CASE(xattr_hashes), {}
};

static struct kunit_case feature_cases[] = { KUNIT_CASE(feature_policy), {} };

static struct kunit_suite extent_suite = {
	.name = "edufs_extent_node", .test_cases = extent_cases,
};

static struct kunit_suite record_suite = {
	.name = "edufs_record_change", .test_cases = record_cases,
};

static struct kunit_suite xattr_suite = {
	.name = "edufs_xattr_list", .test_cases = xattr_cases,
};

static struct kunit_suite feature_suite = {
	.name = "edufs_feature", .test_cases = feature_cases,
};

kunit_test_suites(&extent_suite, &record_suite, &xattr_suite, &feature_suite);
