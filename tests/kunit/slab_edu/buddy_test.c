// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of buddy.c, pcp.c, watermark.c, arena.c and page_alloc.c: the kernel
 * book 6.7, B1 to B5, and random operations held against a bitmap.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>

#include "memory.h"

#define BLOCKS 2
#define PAGES (BLOCKS * EDU_BLOCK_PAGES)
#define OPERATIONS 1000000
#define HELD 600

/* Blocks from vmalloc(), aligned by hand: the buddy system never writes there. */
struct test_source {
	struct edu_page_source source;
	void *area;
	unsigned int lent;
};

static void *test_get(void *context, int node, gfp_t gfp)
{
	struct test_source *t = context;
	int i = ffz(t->lent);

	if (i >= BLOCKS)
		return NULL;
	t->lent |= BIT(i);
	return PTR_ALIGN(t->area, EDU_BLOCK_SIZE) + i * EDU_BLOCK_SIZE;
}

static void test_put(void *context, void *base)
{
	struct test_source *t = context;

	t->lent &= ~BIT((base - PTR_ALIGN(t->area, EDU_BLOCK_SIZE)) / EDU_BLOCK_SIZE);
}

struct fixture {
	struct test_source source;
	struct edu_memory *mem;
	struct edu_zone *zone;
};

static int buddy_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->source.area = vmalloc((BLOCKS + 1) * EDU_BLOCK_SIZE);
	f->mem = vzalloc(sizeof(*f->mem));
	KUNIT_ASSERT_NOT_NULL(test, f->source.area);
	KUNIT_ASSERT_NOT_NULL(test, f->mem);
	f->source.source = (struct edu_page_source){ test_get, test_put, &f->source };
	KUNIT_ASSERT_EQ(test, 0, edu_memory_init(f->mem, 1, PAGES, &f->source.source));
	f->zone = &f->mem->zone[0];
	return 0;
}

static void buddy_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, 0, edu_memory_exit(f->mem));
	KUNIT_EXPECT_EQ(test, 0, f->source.lent);
	vfree(f->mem);
	vfree(f->source.area);
}

/* One page of one block: a run of each order 0..9 is left, the lowest is given. */
static void buddy_split(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_page *page;
	unsigned int order;

	KUNIT_ASSERT_EQ(test, 0, arena_grow(f->zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, f->zone->free_area[EDU_MAX_ORDER].nr_free);
	page = buddy_take(f->zone, 0, MIGRATE_MOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0, edu_page_index(page));
	for (order = 0; order < EDU_MAX_ORDER; order++)
		KUNIT_EXPECT_EQ(test, 1, f->zone->free_area[order].nr_free);
	KUNIT_EXPECT_EQ(test, 0, f->zone->free_area[EDU_MAX_ORDER].nr_free);
	KUNIT_EXPECT_EQ(test, 0, buddy_check(f->zone));
	KUNIT_EXPECT_EQ(test, EDU_MAX_ORDER, buddy_give(f->zone, page, 0));
	KUNIT_EXPECT_EQ(test, 1, f->zone->free_area[EDU_MAX_ORDER].nr_free);
	KUNIT_EXPECT_NULL(test, buddy_take(f->zone, EDU_NR_ORDERS, MIGRATE_MOVABLE));
	KUNIT_EXPECT_NULL(test, buddy_take(f->zone, 0, MIGRATE_PCPTYPES));
}

/* The book's example, in units of 4 KiB: 8 KiB out of 32 KiB. */
static void buddy_worked_example(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_free_area *area = f->zone->free_area;
	struct edu_page *rest[8], *run;
	int i;

	KUNIT_ASSERT_EQ(test, 0, arena_grow(f->zone, GFP_KERNEL));
	/* leave one run of order 3 */
	for (i = 0; i < 7; i++)
		rest[i] = buddy_take(f->zone, 9 - i, MIGRATE_MOVABLE);
	KUNIT_EXPECT_EQ(test, 1, area[3].nr_free);
	KUNIT_EXPECT_EQ(test, 8, f->zone->free_pages);
	run = buddy_take(f->zone, 1, MIGRATE_MOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, run);
	KUNIT_EXPECT_EQ(test, 1, area[1].nr_free);
	KUNIT_EXPECT_EQ(test, 1, area[2].nr_free);
	KUNIT_EXPECT_EQ(test, 0, area[3].nr_free);
	KUNIT_EXPECT_EQ(test, 3, buddy_give(f->zone, run, 1));
	for (i = 0; i < 7; i++)
		buddy_give(f->zone, rest[i], 9 - i);
	KUNIT_EXPECT_EQ(test, 1, area[EDU_MAX_ORDER].nr_free);
}

/* B5: where a type without pages takes them from. */
static void buddy_fallback(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_page *half, *page;
	u8 *mt;

	KUNIT_ASSERT_EQ(test, 0, arena_grow(f->zone, GFP_KERNEL));
	/* The whole block changes hands with its run of order 10. */
	half = buddy_take(f->zone, 9, MIGRATE_UNMOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, half);
	mt = half->block->pageblock_mt;
	KUNIT_EXPECT_EQ(test, MIGRATE_UNMOVABLE, mt[0]);
	KUNIT_EXPECT_EQ(test, MIGRATE_UNMOVABLE, mt[1]);
	KUNIT_EXPECT_EQ(test, 1, f->zone->stat[EDU_ZONE_CLAIM]);
	/* Half a pageblock or more is free: it is claimed. */
	page = buddy_take(f->zone, 7, MIGRATE_UNMOVABLE);
	KUNIT_EXPECT_EQ(test, 2, f->zone->free_area[7].nr_free + f->zone->free_area[8].nr_free);
	buddy_give(f->zone, buddy_take(f->zone, 0, MIGRATE_RECLAIMABLE), 0);
	KUNIT_EXPECT_EQ(test, MIGRATE_RECLAIMABLE, mt[1]);
	/* RECLAIMABLE is the first that UNMOVABLE and MOVABLE turn to. */
	KUNIT_EXPECT_NOT_NULL(test, buddy_take(f->zone, 8, MIGRATE_MOVABLE));
	KUNIT_EXPECT_EQ(test, MIGRATE_MOVABLE, mt[1]);
	KUNIT_EXPECT_EQ(test, 0, buddy_check(f->zone));
	buddy_give(f->zone, &half->block->pages[768], 8);
	buddy_give(f->zone, page, 7);
	buddy_give(f->zone, half, 9);
	KUNIT_EXPECT_EQ(test, 1, f->zone->free_area[EDU_MAX_ORDER].nr_free);
}

static void buddy_random(struct kunit *test)
{
	struct fixture *f = test->priv;
	static const u8 types[] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE };
	struct { struct edu_page *page; u8 order; } *held;
	unsigned int i, n = 0, bad = 0;
	unsigned long *map, used = 0;
	struct rnd_state rnd;
	void *base = NULL;

	held = kunit_kcalloc(test, HELD, sizeof(*held), GFP_KERNEL);
	map = kunit_kcalloc(test, BITS_TO_LONGS(PAGES), sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, held);
	KUNIT_ASSERT_NOT_NULL(test, map);
	for (i = 0; i < BLOCKS; i++)
		KUNIT_ASSERT_EQ(test, 0, arena_grow(f->zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ENOSPC, arena_grow(f->zone, GFP_KERNEL));
	base = PTR_ALIGN(f->source.area, EDU_BLOCK_SIZE);
	prandom_seed_state(&rnd, 20261121);

	for (i = 0; i < OPERATIONS && !bad; i++) {
		u32 r = prandom_u32_state(&rnd);
		unsigned int at;

		if ((r & 1) && n < HELD) {
			/* small orders oftener than large ones */
			unsigned int order = min(__ffs(r >> 8 | 1 << 20), 10UL);
			struct edu_page *page;

			page = buddy_take(f->zone, order, types[(r >> 2) % 3]);
			if (!page)
				continue;
			at = (edu_page_address(page) - base) >> PAGE_SHIFT;
			bad |= at % (1U << order);
			bad |= find_next_bit(map, at + (1U << order), at) < at + (1U << order);
			bitmap_set(map, at, 1U << order);
			used += 1UL << order;
			held[n].page = page;
			held[n++].order = order;
		} else if (n) {
			unsigned int k = (r >> 2) % n;

			at = (edu_page_address(held[k].page) - base) >> PAGE_SHIFT;
			bitmap_clear(map, at, 1U << held[k].order);
			used -= 1UL << held[k].order;
			buddy_give(f->zone, held[k].page, held[k].order);
			held[k] = held[--n];
		}
		bad |= f->zone->free_pages + used != PAGES;
		if (!(i % 1024))
			bad |= !!buddy_check(f->zone);
		if (!(i % 4096))
			cond_resched();
	}
	KUNIT_EXPECT_EQ_MSG(test, 0, bad, "operation %u", i);
	KUNIT_EXPECT_GT(test, f->zone->stat[EDU_ZONE_FALLBACK], 0);
	while (n--)
		buddy_give(f->zone, held[n].page, held[n].order);
	KUNIT_EXPECT_EQ(test, BLOCKS, f->zone->free_area[EDU_MAX_ORDER].nr_free);
	KUNIT_EXPECT_EQ(test, 0, buddy_check(f->zone));
}

static void buddy_pcp(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_pcp *pcp = &f->zone->pcp[0];
	struct edu_page *page;
	int i;

	KUNIT_ASSERT_EQ(test, 0, arena_grow(f->zone, GFP_KERNEL));
	pcp->batch = 7;
	pcp->high = 20;
	page = pcp_take(f->zone, 0, MIGRATE_MOVABLE, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 6, pcp->count);
	KUNIT_EXPECT_EQ(test, EDU_BLOCK_PAGES - 7, f->zone->free_pages);
	/* The page freed last is the next one taken. */
	pcp_give(f->zone, 0, page);
	KUNIT_EXPECT_PTR_EQ(test, page, pcp_take(f->zone, 0, MIGRATE_MOVABLE, 0));
	pcp_give(f->zone, 0, page);
	for (i = 0; i < 14; i++)
		pcp_give(f->zone, 0, buddy_take(f->zone, 0, MIGRATE_MOVABLE));
	KUNIT_EXPECT_EQ(test, 21 - 7, pcp->count);
	KUNIT_EXPECT_EQ(test, 1, f->zone->stat[EDU_ZONE_PCP_DRAIN]);
	KUNIT_EXPECT_EQ(test, 14, pcp_drain(f->zone, 0));
	KUNIT_EXPECT_EQ(test, 1, f->zone->free_area[EDU_MAX_ORDER].nr_free);
	/* A refill leaves what must be spared. */
	KUNIT_EXPECT_NULL(test, pcp_take(f->zone, 0, MIGRATE_MOVABLE, EDU_BLOCK_PAGES));
}

static void buddy_watermarks(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_zone *zone = f->zone;

	KUNIT_ASSERT_EQ(test, 0, arena_grow(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 64, zone->watermark[EDU_WMARK_MIN]);	/* 4 * sqrt(4096) KiB */
	KUNIT_EXPECT_EQ(test, 80, zone->watermark[EDU_WMARK_LOW]);
	KUNIT_EXPECT_EQ(test, 96, zone->watermark[EDU_WMARK_HIGH]);
	KUNIT_EXPECT_TRUE(test, watermark_ok(zone, 9, EDU_WMARK_LOW, false));
	zone->free_pages = 64;
	KUNIT_EXPECT_FALSE(test, watermark_ok(zone, 0, EDU_WMARK_MIN, false));
	KUNIT_EXPECT_TRUE(test, watermark_ok(zone, 5, EDU_WMARK_MIN, true));
	KUNIT_EXPECT_FALSE(test, watermark_ok(zone, 6, EDU_WMARK_MIN, true));
	zone->free_pages = EDU_BLOCK_PAGES;
}

/* The reserve is for atomic requests; all of it for those that free memory. */
static void buddy_reserve(struct kunit *test)
{
	struct fixture *f = test->priv;
	static const gfp_t masks[] = { GFP_NOWAIT, GFP_ATOMIC, GFP_NOWAIT | __GFP_MEMALLOC };
	unsigned int n[ARRAY_SIZE(masks)] = {}, i;
	struct edu_page *page, *first = NULL;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		while ((page = edu_pages_alloc(f->mem, masks[i], 1, 0))) {
			page->cache = (struct edu_cache *)first;
			first = page;
			n[i]++;
		}
	}
	/* two blocks: MIN is 90 pages */
	KUNIT_EXPECT_EQ(test, (PAGES - 90) / 2, n[0]);
	KUNIT_EXPECT_EQ(test, 22, n[1]);
	KUNIT_EXPECT_EQ(test, PAGES / 2, n[0] + n[1] + n[2]);
	KUNIT_EXPECT_GT(test, f->zone->stat[EDU_ZONE_RESERVE], 0);
	KUNIT_EXPECT_GT(test, f->zone->stat[EDU_ZONE_FAIL], 0);
	while (first) {
		page = first;
		first = (struct edu_page *)page->cache;
		page->cache = NULL;
		KUNIT_EXPECT_EQ(test, 0, edu_pages_free(f->mem, page));
		KUNIT_EXPECT_EQ(test, -EINVAL, edu_pages_free(f->mem, page));
	}
	/* all but one block went back by themselves */
	KUNIT_EXPECT_EQ(test, EDU_BLOCK_PAGES, f->zone->present_pages);
}

static struct kunit_case buddy_cases[] = {
	KUNIT_CASE(buddy_split),
	KUNIT_CASE(buddy_worked_example),
	KUNIT_CASE(buddy_fallback),
	KUNIT_CASE_SLOW(buddy_random),
	KUNIT_CASE(buddy_pcp),
	KUNIT_CASE(buddy_watermarks),
	KUNIT_CASE(buddy_reserve),
	{}
};

static struct kunit_suite buddy_suite = {
	.name = "slab_edu_buddy",
	.init = buddy_test_init,
	.exit = buddy_test_exit,
	.test_cases = buddy_cases,
};

kunit_test_suite(buddy_suite);
