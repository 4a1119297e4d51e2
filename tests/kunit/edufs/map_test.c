// SPDX-License-Identifier: GPL-2.0
/* Suites of modules/edufs/indirect.c, extent.c and record.c: the pure parts. */
#include <kunit/test.h>
#include <linux/string.h>

#include "extent.h"
#include "indirect.h"
#include "record.h"

/* Every boundary of the map, for the three block sizes. */
static void indirect_boundaries(struct kunit *test)
{
	struct indirect_path path;
	unsigned int bits;

	for (bits = 8; bits <= 10; bits++) {
		u64 p = 1ULL << bits, base = EDUFS_NDIR_BLOCKS;
		int depth;

		KUNIT_ASSERT_EQ(test, 0, indirect_path_of(base - 1, bits, &path));
		KUNIT_EXPECT_EQ(test, 1, path.depth);
		KUNIT_EXPECT_EQ(test, 11, path.index[0]);
		for (depth = 2; depth <= 4; depth++) {
			u64 count = 1ULL << ((depth - 1) * bits);
			int i;

			KUNIT_ASSERT_EQ(test, 0, indirect_path_of(base, bits, &path));
			KUNIT_EXPECT_EQ(test, depth, path.depth);
			KUNIT_EXPECT_EQ(test, 10 + depth, path.index[0]);
			for (i = 1; i < depth; i++)
				KUNIT_EXPECT_EQ(test, 0, path.index[i]);
			KUNIT_EXPECT_EQ(test, count, indirect_span(&path, 0, bits));
			KUNIT_EXPECT_EQ(test, 1, indirect_span(&path, depth - 1, bits));

			KUNIT_ASSERT_EQ(test, 0,
					indirect_path_of(base + count - 1, bits, &path));
			KUNIT_EXPECT_EQ(test, depth, path.depth);
			for (i = 1; i < depth; i++)
				KUNIT_EXPECT_EQ(test, p - 1, path.index[i]);
			KUNIT_EXPECT_EQ(test, 1, indirect_span(&path, 0, bits));
			base += count;
		}
		KUNIT_EXPECT_EQ(test, -EFBIG, indirect_path_of(base, bits, &path));
	}
}

struct leaf {
	struct edufs_extent_header header;
	struct edufs_extent extents[4];
};

static void fill_leaf(struct leaf *leaf)
{
	*leaf = (struct leaf){
		.header = { cpu_to_le16(EDUFS_EXTENT_MAGIC), cpu_to_le16(3), cpu_to_le16(4) },
		.extents = {
			{ cpu_to_le32(10), cpu_to_le16(5), 0, cpu_to_le32(1000) },
			{ cpu_to_le32(15), cpu_to_le16(0x8003), 0, cpu_to_le32(2000) },
			{ cpu_to_le32(40), cpu_to_le16(1), 0, cpu_to_le32(3000) },
		},
	};
}

static void extent_searches(struct kunit *test)
{
	static const struct {
		u64 lblk;
		int found;
	} rows[] = { { 0, -1 }, { 9, -1 }, { 10, 0 }, { 14, 0 }, { 15, 1 },
		     { 39, 1 }, { 40, 2 }, { 41, 2 }, { 0xfffffffe, 2 } };
	struct leaf leaf;
	int i;

	fill_leaf(&leaf);
	KUNIT_ASSERT_NULL(test, extent_check_node(&leaf, sizeof(leaf), -1, 0, EDUFS_MAX_LBLK));
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].found, extent_search(&leaf, rows[i].lblk),
				    "block %llu", rows[i].lblk);
	leaf.header.eh_entries = 0;
	KUNIT_EXPECT_EQ(test, -1, extent_search(&leaf, 5));
}

static void expect_bad(struct kunit *test, const struct leaf *leaf, int depth,
		       u64 low, u64 high)
{
	KUNIT_EXPECT_NOT_NULL(test, extent_check_node(leaf, sizeof(*leaf), depth,
						      low, high));
}

static void extent_damage(struct kunit *test)
{
	struct leaf leaf;

	fill_leaf(&leaf);
	expect_bad(test, &leaf, 1, 0, EDUFS_MAX_LBLK);
	expect_bad(test, &leaf, 0, 11, EDUFS_MAX_LBLK);
	expect_bad(test, &leaf, 0, 0, 40);
	KUNIT_EXPECT_NULL(test, extent_check_node(&leaf, sizeof(leaf), 0, 10, 41));
	leaf.header.eh_max = cpu_to_le16(5);
	expect_bad(test, &leaf, 0, 0, EDUFS_MAX_LBLK);
	fill_leaf(&leaf);
	leaf.header.eh_entries = cpu_to_le16(5);
	expect_bad(test, &leaf, 0, 0, EDUFS_MAX_LBLK);
	fill_leaf(&leaf);
	leaf.header.eh_magic = 0;
	expect_bad(test, &leaf, 0, 0, EDUFS_MAX_LBLK);
	fill_leaf(&leaf);
	leaf.header.eh_depth = cpu_to_le16(6);
	expect_bad(test, &leaf, -1, 0, EDUFS_MAX_LBLK);
	fill_leaf(&leaf);
	leaf.extents[0].ee_len = cpu_to_le16(6);	/* overlaps the next */
	expect_bad(test, &leaf, 0, 0, EDUFS_MAX_LBLK);
	fill_leaf(&leaf);
	leaf.extents[1].ee_len = 0;
	expect_bad(test, &leaf, 0, 0, EDUFS_MAX_LBLK);
}

static void record_checks(struct kunit *test)
{
	u8 block[64] = {};
	struct edufs_dir_entry *de = (void *)block;

	de->inode = cpu_to_le32(11);
	de->name_len = 5;
	de->rec_len = cpu_to_le16(16);
	KUNIT_EXPECT_NULL(test, record_check(block, sizeof(block), 0, 100));
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 10));
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 56, 100));
	de->rec_len = cpu_to_le16(12);		/* no room for the name */
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 100));
	de->rec_len = cpu_to_le16(18);		/* not aligned */
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 100));
	de->rec_len = cpu_to_le16(68);		/* out of the block */
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 100));
	de->rec_len = cpu_to_le16(56);		/* leaves a sliver of 8 */
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 100));
	de->rec_len = cpu_to_le16(64);
	KUNIT_EXPECT_NULL(test, record_check(block, sizeof(block), 0, 100));
	de->rec_len = 0;			/* would never end */
	KUNIT_EXPECT_NOT_NULL(test, record_check(block, sizeof(block), 0, 100));
}

static struct kunit_case indirect_cases[] = { KUNIT_CASE(indirect_boundaries), {} };
static struct kunit_case extent_cases[] = {
	KUNIT_CASE(extent_searches), KUNIT_CASE(extent_damage), {}
};

static struct kunit_case record_cases[] = { KUNIT_CASE(record_checks), {} };

static struct kunit_suite indirect_suite = {
	.name = "edufs_indirect", .test_cases = indirect_cases,
};

static struct kunit_suite extent_suite = {
	.name = "edufs_extent", .test_cases = extent_cases,
};

static struct kunit_suite record_suite = {
	.name = "edufs_record", .test_cases = record_cases,
};

kunit_test_suites(&indirect_suite, &extent_suite, &record_suite);
