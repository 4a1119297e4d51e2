// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of kmalloc.c: kernel book 6.9, 6.15 (M9, M10, M12). Which class a size
 * goes to, what the calls around it do, and where each set of classes has its
 * memory.
 */
#include <kunit/test.h>
#include <linux/io.h>

#include "slab.h"

static void kmalloc_sizes(struct kunit *test)
{
	static const struct { size_t asked, has; } rows[] = {
		{ 1, 8 }, { 8, 8 }, { 9, 16 }, { 17, 32 }, { 33, 64 }, { 65, 96 },
		{ 97, 128 }, { 129, 192 }, { 193, 256 }, { 257, 512 }, { 513, 1024 },
		{ 1025, 2048 }, { 2049, 4096 }, { 4097, 8192 },
		{ 8192, 8192 }, { 8193, 16384 }, { 1 << 20, 1 << 20 },
	};
	static const gfp_t types[] = { 0, __GFP_RECLAIMABLE };
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(types); k++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			void *p = edu_kmalloc(rows[i].asked, GFP_KERNEL | types[k]);

			KUNIT_ASSERT_NOT_NULL(test, p);
			KUNIT_EXPECT_EQ(test, rows[i].has, edu_ksize(p));
			KUNIT_EXPECT_EQ(test, 0, edu_kfree(p));
		}
	}
	KUNIT_EXPECT_NULL(test, edu_kmalloc(EDU_KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, ZERO_SIZE_PTR, edu_kmalloc(0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, edu_kfree(ZERO_SIZE_PTR));
	KUNIT_EXPECT_EQ(test, 0, edu_kfree(NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_kfree(rows));
	KUNIT_EXPECT_EQ(test, 0, edu_ksize(rows));
}

static void kmalloc_calls(struct kunit *test)
{
	unsigned int i;
	u8 *p, *q;

	KUNIT_EXPECT_NULL(test, edu_kcalloc(SIZE_MAX / 2, 3, GFP_KERNEL));
	p = edu_kcalloc(10, 10, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, 0, p[i]);
	memset(p, 7, 100);
	q = edu_krealloc(p, 120, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, p, q);
	q = edu_krealloc(p, 20000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, 7, q[99]);
	/* What cannot be had leaves what is there. */
	KUNIT_EXPECT_NULL(test, edu_krealloc(q, EDU_KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 7, q[99]);
	KUNIT_EXPECT_NULL(test, edu_krealloc(&i, 8, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, ZERO_SIZE_PTR, edu_krealloc(q, 0, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, edu_kfree_sensitive(edu_krealloc(NULL, 50, GFP_KERNEL)));
}

/* Wiping ends where the red zone begins: what was not asked for is one. */
static void kmalloc_sensitive(struct kunit *test)
{
	struct edu_cache *s = cache_create(edu_memory, "kunit_kmalloc", 64, 0,
					   SLAB_STORE_USER | SLAB_RED_ZONE, NULL, true);
	u8 *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	p = edu_cache_alloc(s, GFP_KERNEL);
	debug_set_asked(s, p, 40);
	memset(p, 7, 40);
	KUNIT_EXPECT_EQ(test, 0, edu_kfree_sensitive(p));
	KUNIT_EXPECT_NULL(test, memchr(p, 7, 64));
	KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&s->errors[EDU_ERROR_RED_ZONE]));
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

/* A reclaimable object lies in a pageblock of that type, another one does not. */
static void kmalloc_reclaimable(struct kunit *test)
{
	void *p = edu_kmalloc(100, GFP_KERNEL | __GFP_RECLAIMABLE);
	void *q = edu_kmalloc(100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_STREQ(test, "kmalloc-rcl-128", edu_page_of(edu_memory, p)->cache->name);
	KUNIT_EXPECT_STREQ(test, "kmalloc-128", edu_page_of(edu_memory, q)->cache->name);
	KUNIT_EXPECT_EQ(test, MIGRATE_RECLAIMABLE, edu_pageblock_mt(edu_page_of(edu_memory, p)));
	KUNIT_EXPECT_NE(test, MIGRATE_RECLAIMABLE, edu_pageblock_mt(edu_page_of(edu_memory, q)));
	edu_kfree(p);
	edu_kfree(q);
}

/* Below 16 MiB, of a class and of the buddy system; and nobody else is there. */
static void kmalloc_dma(struct kunit *test)
{
	static const size_t sizes[] = { 8, 96, 8192, 40000 };
	struct edu_page *page;
	unsigned int i;
	void *p, *q;

	if (!IS_ENABLED(CONFIG_ZONE_DMA)) {
		p = edu_kmalloc(100, GFP_KERNEL | GFP_DMA);
		KUNIT_EXPECT_STREQ(test, "kmalloc-128", edu_page_of(edu_memory, p)->cache->name);
		edu_kfree(p);
		return;
	}
	p = edu_kmalloc(100, GFP_KERNEL | GFP_DMA);
	if (!p)
		kunit_skip(test, "the kernel has no 4 MiB of ZONE_DMA to lend");
	KUNIT_EXPECT_STREQ(test, "dma-kmalloc-128", edu_page_of(edu_memory, p)->cache->name);
	edu_kfree(p);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = edu_kmalloc_node(sizes[i], GFP_KERNEL | GFP_DMA, 0);
		q = edu_kmalloc(sizes[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_ASSERT_NOT_NULL(test, q);
		KUNIT_EXPECT_LE(test, virt_to_phys(p) + sizes[i], 16UL << 20);
		page = edu_page_of(edu_memory, p);
		KUNIT_EXPECT_TRUE(test, edu_page_zone(page)->dma);
		KUNIT_EXPECT_EQ(test, 0, edu_page_zone(page)->node);
		KUNIT_EXPECT_FALSE(test, edu_page_zone(edu_page_of(edu_memory, q))->dma);
		edu_kfree(q);
		edu_kfree(p);
	}
}

static struct kunit_case kmalloc_cases[] = {
	KUNIT_CASE(kmalloc_sizes),
	KUNIT_CASE(kmalloc_calls),
	KUNIT_CASE(kmalloc_sensitive),
	KUNIT_CASE(kmalloc_reclaimable),
	KUNIT_CASE(kmalloc_dma),
	{}
};

static struct kunit_suite kmalloc_suite = {
	.name = "slab_edu_kmalloc",
	.test_cases = kmalloc_cases,
};

kunit_test_suite(kmalloc_suite);
