// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/slab_edu/order.c: the golden rows of the kernel book's
 * slab tables (6.9, 6.10: object size, objects per slab, pages per slab), and
 * what must hold for every size.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "order.h"

/* Rows whose pages per slab the book's machine (4 processors) chose itself. */
static const struct {
	unsigned int size, objects, pages;
} rows[] = {
	{ 192, 21, 1 },
	{ 3584, 9, 8 },
	{ 2112, 15, 8 },
	{ 104, 39, 1 },
	{ 568, 28, 4 },
	{ 200, 20, 1 },
	{ 160, 25, 1 },
};

static void order_golden_rows(struct kunit *test)
{
	struct slab_layout layout;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_EQ(test, 0, slab_layout_of(rows[i].size, 4, &layout));
		KUNIT_EXPECT_EQ_MSG(test, rows[i].pages, 1 << layout.order,
				    "size %u", rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].objects, layout.objects,
				    "size %u", rows[i].size);
	}
}

static void order_every_size(struct kunit *test)
{
	struct slab_layout layout;
	unsigned int size;

	for (size = 8; size <= 4 * PAGE_SIZE; size += 8) {
		unsigned int bytes;

		KUNIT_ASSERT_EQ(test, 0, slab_layout_of(size, 2, &layout));
		bytes = PAGE_SIZE << layout.order;
		KUNIT_EXPECT_EQ(test, bytes,
				layout.objects * size + layout.waste);
		KUNIT_EXPECT_LT(test, layout.waste, size);
		KUNIT_EXPECT_LE_MSG(test, layout.waste, bytes / 2, "size %u", size);
	}
}

static void order_bad_sizes(struct kunit *test)
{
	struct slab_layout layout;

	KUNIT_EXPECT_EQ(test, -EINVAL, slab_layout_of(0, 2, &layout));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			slab_layout_of((PAGE_SIZE << MAX_PAGE_ORDER) + 1, 2, &layout));
	KUNIT_EXPECT_EQ(test, 0,
			slab_layout_of(PAGE_SIZE << MAX_PAGE_ORDER, 2, &layout));
	KUNIT_EXPECT_EQ(test, 1, layout.objects);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(order_golden_rows),
	KUNIT_CASE(order_every_size),
	KUNIT_CASE(order_bad_sizes),
	{}
};

static struct kunit_suite order_suite = {
	.name = "slab_edu_order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
