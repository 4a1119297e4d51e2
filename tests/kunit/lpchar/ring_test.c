// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/lpchar/ring.c: order and number of bytes at every fill
 * level, at the wrap of the buffer and of the 32-bit counts, and withdrawal.
 */
#include <kunit/test.h>

#include "ring.h"

static void ring_fill(struct kunit *test)
{
	u8 memory[8], byte;
	struct ring ring = { .buffer = memory, .size = 8 };

	KUNIT_EXPECT_FALSE(test, ring_peek(&ring, &byte));
	KUNIT_EXPECT_EQ(test, 5, ring_put(&ring, "abcde", 5));
	KUNIT_EXPECT_EQ(test, 3, ring_space(&ring));
	KUNIT_EXPECT_EQ(test, 3, ring_put(&ring, "fghij", 5));
	KUNIT_EXPECT_EQ(test, 0, ring_space(&ring));
	KUNIT_EXPECT_EQ(test, 0, ring_put(&ring, "x", 1));
	KUNIT_EXPECT_TRUE(test, ring_peek(&ring, &byte));
	KUNIT_EXPECT_EQ(test, 'a', byte);
	KUNIT_EXPECT_EQ(test, 8, ring_used(&ring));
}

/* Every start offset and length, with counts about to wrap at 2^32. */
static void ring_wraps(struct kunit *test)
{
	u8 memory[16], in[16], byte;
	u32 start, nr, i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = 'A' + i;
	for (start = -20; start != 20; start++) {
		for (nr = 0; nr <= 16; nr++) {
			struct ring ring = { .buffer = memory, .size = 16,
					     .head = start, .tail = start };

			KUNIT_ASSERT_EQ(test, nr, ring_put(&ring, in, nr));
			KUNIT_ASSERT_EQ(test, nr, ring_used(&ring));
			for (i = 0; i < nr; i++) {
				KUNIT_ASSERT_TRUE(test, ring_peek(&ring, &byte));
				KUNIT_ASSERT_EQ(test, in[i], byte);
				ring_drop(&ring);
			}
			KUNIT_ASSERT_FALSE(test, ring_peek(&ring, &byte));
		}
	}
}

static void ring_withdraw(struct kunit *test)
{
	u8 memory[8], byte;
	struct ring ring = { .buffer = memory, .size = 8, .head = -2, .tail = -2 };

	ring_put(&ring, "abcdef", 6);
	KUNIT_EXPECT_EQ(test, 2, ring_take_back(&ring, 2));
	KUNIT_EXPECT_EQ(test, 4, ring_used(&ring));
	ring_put(&ring, "XY", 2);
	for (int i = 0; i < 5; i++)
		ring_drop(&ring);
	KUNIT_EXPECT_TRUE(test, ring_peek(&ring, &byte));
	KUNIT_EXPECT_EQ(test, 'Y', byte);
	KUNIT_EXPECT_EQ(test, 1, ring_take_back(&ring, 100));
	KUNIT_EXPECT_EQ(test, 0, ring_used(&ring));
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_fill),
	KUNIT_CASE(ring_wraps),
	KUNIT_CASE(ring_withdraw),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "lpchar_ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
