// SPDX-License-Identifier: GPL-2.0
/* Suites of modules/edufs/bitmap.c, window.c, orlov.c, zone.c and ranges.c. */
#include <kunit/test.h>
#include <linux/string.h>

#include "bitmap.h"
#include "orlov.h"
#include "ranges.h"
#include "window.h"
#include "zone.h"

/* 64 bits: 0-9 used, 10-12 free, 13 used, 14-29 free, 30-63 used. */
static void some_map(u8 map[8])
{
	memset(map, 0xff, 8);
	bits_change(map, 10, 3, false);
	bits_change(map, 14, 16, false);
}

static void bitmap_searches(struct kunit *test)
{
	static const struct {
		unsigned int from, want, len, at;
	} rows[] = {
		{ 0, 1, 1, 10 }, { 0, 3, 3, 10 }, { 0, 4, 4, 14 }, { 0, 16, 16, 14 },
		{ 0, 20, 16, 14 },	/* the longest, if none is long enough */
		{ 12, 1, 1, 12 }, { 12, 3, 3, 14 }, { 20, 16, 10, 20 }, { 29, 4, 1, 29 },
		{ 30, 1, 0, 0 }, { 64, 1, 0, 0 },
	};
	u8 map[8];
	int i;

	some_map(map);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int at = 0;

		KUNIT_EXPECT_EQ_MSG(test, rows[i].len,
				    bits_find(map, rows[i].from, 64, rows[i].want, &at),
				    "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].at, at, "row %d", i);
	}
	KUNIT_EXPECT_EQ(test, 3, bits_run(map, 10, 64));
	KUNIT_EXPECT_EQ(test, 0, bits_run(map, 13, 64));
	KUNIT_EXPECT_EQ(test, 2, bits_run(map, 14, 16));
	KUNIT_EXPECT_EQ(test, 19, bits_free(map, 64));
	KUNIT_EXPECT_EQ(test, 5, bits_free(map, 16));
	KUNIT_EXPECT_EQ(test, 3, bits_free(map, 13));
}

static void bitmap_changes(struct kunit *test)
{
	u8 map[8] = {};

	bits_pad(map, 13, sizeof(map));
	KUNIT_EXPECT_TRUE(test, bits_is(map, 0, 13, false));
	KUNIT_EXPECT_TRUE(test, bits_is(map, 13, 51, true));
	bits_change(map, 5, 4, true);
	KUNIT_EXPECT_TRUE(test, bits_is(map, 5, 4, true));
	KUNIT_EXPECT_FALSE(test, bits_is(map, 4, 5, true));
	KUNIT_EXPECT_FALSE(test, bits_is(map, 4, 5, false));
	KUNIT_EXPECT_EQ(test, 9, bits_free(map, 13));
	memset(map, 0, sizeof(map));
	bits_pad(map, 64, sizeof(map));
	KUNIT_EXPECT_EQ(test, 64, bits_free(map, 64));
}

/* Two files that grow together: each finds its own blocks, and the other's not. */
static void window_keeps_apart(struct kunit *test)
{
	struct rb_root root = RB_ROOT;
	struct window a = {}, b = {};

	window_move(&root, &a, 100, 1000);
	KUNIT_EXPECT_EQ(test, 100, a.start);
	KUNIT_EXPECT_EQ(test, 100 + WINDOW_FIRST, a.end);
	KUNIT_EXPECT_EQ(test, 10, window_room(&root, &a, 100, 10));
	KUNIT_EXPECT_EQ(test, 0, window_room(&root, &b, 100, 10));
	KUNIT_EXPECT_EQ(test, 4, window_room(&root, &b, 96, 10));
	KUNIT_EXPECT_EQ(test, a.end, window_skip(&root, &b, 103));
	KUNIT_EXPECT_EQ(test, 90, window_skip(&root, &b, 90));

	window_move(&root, &b, a.end, 1000);
	KUNIT_EXPECT_EQ(test, a.end, b.start);
	/* The front moves with the file; the place stays. */
	window_move(&root, &a, 103, 1000);
	KUNIT_EXPECT_EQ(test, 103, a.start);
	KUNIT_EXPECT_EQ(test, 108, a.end);
	/* Used up: the next is twice as long, if there is room before another. */
	window_move(&root, &a, 200, 1000);
	KUNIT_EXPECT_EQ(test, 2 * WINDOW_FIRST, a.end - a.start);
	window_move(&root, &b, 190, 1000);
	KUNIT_EXPECT_EQ(test, 190, b.start);
	KUNIT_EXPECT_EQ(test, 200, b.end);
	window_move(&root, &b, 998, 1000);
	KUNIT_EXPECT_EQ(test, 1000, b.end);
	KUNIT_EXPECT_PTR_EQ(test, &b, window_after(&root, 999));
	window_drop(&root, &a);
	window_drop(&root, &a);
	window_drop(&root, &b);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&root));
}

static void window_is_bounded(struct kunit *test)
{
	struct rb_root root = RB_ROOT;
	struct window w = {};
	int i;

	for (i = 0; i < 12; i++)
		window_move(&root, &w, 10000 * (i + 1), 1000000);
	KUNIT_EXPECT_EQ(test, WINDOW_MAX, w.end - w.start);
	window_move(&root, &w, 50, 50);		/* no room at all */
	KUNIT_EXPECT_EQ(test, w.start, w.end);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&root));
}

static void numbered(void *arg, u32 nr, struct orlov_group *g)
{
	*g = ((struct orlov_group *)arg)[nr];
}

static struct orlov four(struct orlov_group *g, bool top)
{
	struct orlov o = {
		.groups = 4, .inodes_per_group = 1000, .blocks_per_group = 8000,
		.parent = 1, .top = top, .start = 2, .group = numbered, .arg = g,
	};
	int i;

	for (i = 0; i < 4; i++) {
		o.free_inodes += g[i].free_inodes;
		o.free_blocks += g[i].free_blocks;
		o.dirs += g[i].dirs;
	}
	return o;
}

static void orlov_spreads(struct kunit *test)
{
	struct orlov_group g[4] = {
		{ 900, 7000, 3 }, { 900, 7000, 1 }, { 900, 7000, 2 }, { 100, 7000, 0 },
	};
	struct orlov o = four(g, true);

	/* Group 3 has the fewest directories, but too few inodes. */
	KUNIT_EXPECT_EQ(test, 1, orlov_dir(&o));
	g[1].free_blocks = 10;
	o = four(g, true);
	KUNIT_EXPECT_EQ(test, 2, orlov_dir(&o));
	/* Of equals the first from the start on. */
	g[0].dirs = 2;
	KUNIT_EXPECT_EQ(test, 2, orlov_dir(&o));
	o.start = 3;
	KUNIT_EXPECT_EQ(test, 0, orlov_dir(&o));
}

static void orlov_stays(struct kunit *test)
{
	struct orlov_group g[4] = {
		{ 900, 7000, 3 }, { 900, 7000, 10 }, { 900, 7000, 2 }, { 900, 7000, 0 },
	};
	struct orlov o = four(g, false);

	KUNIT_EXPECT_EQ(test, 1, orlov_dir(&o));
	g[1].dirs = 500;			/* too many directories */
	g[0].dirs = 0;
	g[2].dirs = 0;
	o = four(g, false);
	KUNIT_EXPECT_EQ(test, 2, orlov_dir(&o));
	g[2].free_inodes = 600;			/* too few inodes */
	o = four(g, false);
	o.free_inodes = 3900;
	KUNIT_EXPECT_EQ(test, 3, orlov_dir(&o));
	g[0].free_inodes = 0;
	g[1].free_inodes = 0;
	g[2].free_inodes = 0;
	g[3].free_inodes = 0;
	o = four(g, false);
	KUNIT_EXPECT_EQ(test, -1, orlov_dir(&o));
}

static void orlov_files(struct kunit *test)
{
	struct orlov_group g[4] = {
		{ 1, 0, 0 }, { 0, 7000, 0 }, { 5, 5, 0 }, { 5, 5, 0 },
	};
	struct orlov o = four(g, false);

	KUNIT_EXPECT_EQ(test, 2, orlov_file(&o));	/* one on */
	g[2].free_blocks = 0;
	g[3].free_blocks = 0;
	KUNIT_EXPECT_EQ(test, 2, orlov_file(&o));	/* an inode is enough */
	g[1].free_inodes = 1;
	KUNIT_EXPECT_EQ(test, 1, orlov_file(&o));
}

static void zone_ranges(struct kunit *test)
{
	struct system_zone zone;

	KUNIT_ASSERT_EQ(test, 0, zone_init(&zone, 5));
	zone_add(&zone, 50, 10);
	zone_add(&zone, 1, 4);
	zone_add(&zone, 5, 2);
	zone_add(&zone, 90, 0);
	zone_add(&zone, 55, 20);
	zone_finish(&zone);
	KUNIT_EXPECT_EQ(test, 2, zone.count);
	KUNIT_EXPECT_FALSE(test, zone_overlaps(&zone, 0, 1));
	KUNIT_EXPECT_TRUE(test, zone_overlaps(&zone, 0, 2));
	KUNIT_EXPECT_TRUE(test, zone_overlaps(&zone, 6, 1));
	KUNIT_EXPECT_FALSE(test, zone_overlaps(&zone, 7, 43));
	KUNIT_EXPECT_TRUE(test, zone_overlaps(&zone, 7, 44));
	KUNIT_EXPECT_TRUE(test, zone_overlaps(&zone, 74, 1));
	KUNIT_EXPECT_FALSE(test, zone_overlaps(&zone, 75, 1000));
	zone_release(&zone);
	KUNIT_EXPECT_FALSE(test, zone_overlaps(&zone, 50, 1));
}

static void expect_next(struct kunit *test, const struct ranges *set, u64 from,
			u64 start, u64 count)
{
	u64 s = 0, n = 0;

	KUNIT_EXPECT_TRUE(test, ranges_next(set, from, &s, &n));
	KUNIT_EXPECT_EQ(test, start, s);
	KUNIT_EXPECT_EQ(test, count, n);
}

static void ranges_join_and_split(struct kunit *test)
{
	struct ranges set = {};
	u64 s, n;

	KUNIT_EXPECT_FALSE(test, ranges_next(&set, 0, &s, &n));
	KUNIT_EXPECT_EQ(test, 0, ranges_add(&set, 10, 5));
	KUNIT_EXPECT_EQ(test, 0, ranges_add(&set, 20, 5));
	KUNIT_EXPECT_EQ(test, 10, set.sum);
	expect_next(test, &set, 0, 10, 5);
	expect_next(test, &set, 12, 12, 3);
	expect_next(test, &set, 15, 20, 5);
	KUNIT_EXPECT_FALSE(test, ranges_next(&set, 25, &s, &n));
	KUNIT_EXPECT_EQ(test, 0, ranges_add(&set, 15, 5));	/* closes the gap */
	KUNIT_EXPECT_EQ(test, 15, set.sum);
	expect_next(test, &set, 0, 10, 15);
	KUNIT_EXPECT_EQ(test, 0, ranges_add(&set, 5, 30));	/* swallows it */
	KUNIT_EXPECT_EQ(test, 30, set.sum);
	KUNIT_EXPECT_EQ(test, 3, ranges_del(&set, 10, 3));
	KUNIT_EXPECT_EQ(test, 27, set.sum);
	expect_next(test, &set, 0, 5, 5);
	expect_next(test, &set, 10, 13, 22);
	KUNIT_EXPECT_EQ(test, 2, ranges_del(&set, 8, 4));
	KUNIT_EXPECT_EQ(test, 1, ranges_del(&set, 34, 100));
	KUNIT_EXPECT_EQ(test, 24, ranges_del(&set, 0, U64_MAX));
	KUNIT_EXPECT_EQ(test, 0, set.sum);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&set.root));
}

static struct kunit_case bitmap_cases[] = {
	KUNIT_CASE(bitmap_searches), KUNIT_CASE(bitmap_changes), {}
};

static struct kunit_case window_cases[] = {
	KUNIT_CASE(window_keeps_apart), KUNIT_CASE(window_is_bounded), {}
};

static struct kunit_case orlov_cases[] = {
	KUNIT_CASE(orlov_spreads), KUNIT_CASE(orlov_stays), KUNIT_CASE(orlov_files), {}
};

static struct kunit_case zone_cases[] = { KUNIT_CASE(zone_ranges), {} };
static struct kunit_case ranges_cases[] = { KUNIT_CASE(ranges_join_and_split), {} };

static struct kunit_suite bitmap_suite = {
	.name = "edufs_bitmap", .test_cases = bitmap_cases,
};

static struct kunit_suite window_suite = {
	.name = "edufs_window", .test_cases = window_cases,
};

static struct kunit_suite orlov_suite = {
	.name = "edufs_orlov", .test_cases = orlov_cases,
};

static struct kunit_suite zone_suite = {
	.name = "edufs_zone", .test_cases = zone_cases,
};

static struct kunit_suite ranges_suite = {
	.name = "edufs_ranges", .test_cases = ranges_cases,
};

kunit_test_suites(&bitmap_suite, &window_suite, &orlov_suite, &zone_suite, &ranges_suite);
