// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/slab_edu/order.c: the rows of the kernel book's slab tables
 * (6.9, 6.10), those of other machines, and what must hold for every size.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "order.h"

/*
 * Objects of a slab and its pages, as /proc/slabinfo shows them; of them the
 * order is computed on nothing but the size and the machine's processors.
 */
static const struct {
	unsigned int cpus, size, objects, pages;
} rows[] = {
	/* The book's machine: kmalloc-8 to -8192, and the same as dma-kmalloc-. */
	{ 4, 8, 512, 1 }, { 4, 16, 256, 1 }, { 4, 32, 128, 1 }, { 4, 64, 64, 1 },
	{ 4, 96, 42, 1 }, { 4, 128, 32, 1 }, { 4, 192, 21, 1 }, { 4, 256, 16, 1 },
	{ 4, 512, 16, 2 }, { 4, 1024, 16, 4 }, { 4, 2048, 16, 8 }, { 4, 4096, 8, 8 },
	{ 4, 8192, 4, 8 },
	/*
	 * dentry is kmalloc-192's; task_struct, sighand_cache, buffer_head,
	 * inode_cache, vm_area_struct, sigqueue.
	 */
	{ 4, 3584, 9, 8 }, { 4, 2112, 15, 8 }, { 4, 104, 39, 1 },
	{ 4, 568, 28, 4 }, { 4, 200, 20, 1 }, { 4, 160, 25, 1 },
	/*
	 * Of other machines, from reports of users. Four processors: numa_policy,
	 * radix_tree_node, RAW, TCPv6, task_struct, files_cache, nfsd's owners.
	 */
	{ 4, 264, 31, 2 }, { 4, 584, 28, 4 }, { 4, 832, 19, 4 }, { 4, 1856, 17, 8 },
	{ 4, 1504, 21, 8 }, { 4, 704, 23, 4 }, { 4, 392, 20, 2 },
	/* One processor: the kmalloc classes that differ, and some of the above. */
	{ 1, 512, 8, 1 }, { 1, 1024, 8, 2 }, { 1, 2048, 8, 4 }, { 1, 4096, 8, 8 },
	{ 1, 264, 15, 1 }, { 1, 584, 14, 2 }, { 1, 832, 19, 4 }, { 1, 4208, 7, 8 },
	/* A hundred and more. */
	{ 128, 64, 64, 1 }, { 128, 128, 64, 2 }, { 128, 256, 64, 4 }, { 128, 512, 64, 8 },
	{ 128, 1024, 32, 8 }, { 128, 264, 62, 4 }, { 128, 584, 56, 8 }, { 128, 640, 51, 8 },
	{ 128, 104, 39, 1 }, { 128, 88, 46, 1 },
};

static void order_golden_rows(struct kunit *test)
{
	struct slab_layout layout;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_EQ(test, 0, slab_layout_of(rows[i].size, rows[i].cpus,
							&layout));
		KUNIT_EXPECT_EQ_MSG(test, rows[i].pages, 1 << layout.order,
				    "size %u, %u cpus", rows[i].size, rows[i].cpus);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].objects, layout.objects,
				    "size %u, %u cpus", rows[i].size, rows[i].cpus);
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
