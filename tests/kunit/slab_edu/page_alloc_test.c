// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of page_alloc.c: two nodes of one block each, which node a request is
 * served from, what is done when none can (kernel book 6.8, document 11), and what
 * when the kernel lends nothing, or nothing that is of use.
 */
#include <kunit/test.h>
#include <linux/vmalloc.h>

#include "slab.h"

struct fixture {
	struct edu_memory *mem;
	struct edu_page *first;	/* runs that are held, by their cache pointers */
	int asked;
};

static struct fixture *reclaimed;

static int page_alloc_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	reclaimed = f;
	f->mem = vzalloc(sizeof(*f->mem));
	KUNIT_ASSERT_NOT_NULL(test, f->mem);
	return edu_memory_init(f->mem, 2, 2 * EDU_BLOCK_PAGES, &edu_kernel_source);
}

static void hold(struct fixture *f, struct edu_page *page)
{
	/* Not a slab: the field is free, and nobody looks there. */
	page->list.next = (struct list_head *)f->first;
	f->first = page;
}

static bool let_go(struct fixture *f)
{
	struct edu_page *page = f->first;

	if (!page)
		return false;
	f->first = (struct edu_page *)page->list.next;
	edu_pages_free(f->mem, page);
	return true;
}

static void page_alloc_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	int node;

	for (node = 0; node < f->mem->nr_nodes; node++)
		flush_work(&f->mem->zone[node].kswapd);
	while (let_go(f))
		;
	KUNIT_EXPECT_EQ(test, 0, edu_memory_exit(f->mem));
	vfree(f->mem);
}

static struct edu_page *take(struct fixture *f, gfp_t gfp, unsigned int order, int node)
{
	struct edu_page *page = edu_pages_alloc(f->mem, gfp, order, node);

	if (page)
		hold(f, page);
	return page;
}

/* Node 0 down to LOW, then node 1, then both down to MIN. */
static void page_alloc_fallback(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_zone *zone = f->mem->zone;
	unsigned int n[2] = {}, turns = 0, last = 0;
	struct edu_page *page;

	while ((page = take(f, GFP_NOWAIT | __GFP_NOWARN, 2, 0))) {
		unsigned int node = edu_page_zone(page)->node;

		n[node]++;
		turns += node != last;
		last = node;
	}
	/* blocks of 1024 pages: MIN 64, LOW 80 */
	KUNIT_EXPECT_EQ(test, (1024 - 64) / 4, n[0]);
	KUNIT_EXPECT_EQ(test, (1024 - 64) / 4, n[1]);
	KUNIT_EXPECT_EQ(test, 3, turns);
	KUNIT_EXPECT_EQ(test, n[1], zone[0].stat[EDU_ZONE_MISS]);
	KUNIT_EXPECT_EQ(test, 0, zone[1].stat[EDU_ZONE_MISS]);
	KUNIT_EXPECT_GT(test, zone[0].stat[EDU_ZONE_FAIL], 0);
}

static void page_alloc_thisnode(struct kunit *test)
{
	struct fixture *f = test->priv;

	while (take(f, GFP_NOWAIT | __GFP_THISNODE | __GFP_NOWARN, 2, 0))
		;
	KUNIT_EXPECT_EQ(test, 0, f->mem->zone[1].present_pages);
	KUNIT_EXPECT_EQ(test, 0, f->mem->zone[0].stat[EDU_ZONE_MISS]);
	KUNIT_EXPECT_NOT_NULL(test, take(f, GFP_NOWAIT, 2, 0));
}

static unsigned long reclaim_nothing(struct edu_memory *mem, unsigned long pages)
{
	reclaimed->asked++;
	return 0;
}

static unsigned long reclaim_held(struct edu_memory *mem, unsigned long pages)
{
	unsigned long n = 0;

	reclaimed->asked++;
	while (n < pages && let_go(reclaimed))
		n += 4;
	return n;
}

/* Who may sleep reclaims, once, and only if nothing else is left. */
static void page_alloc_direct_reclaim(struct kunit *test)
{
	struct fixture *f = test->priv;
	gfp_t gfp = __GFP_DIRECT_RECLAIM | __GFP_NOWARN;

	f->mem->reclaim = reclaim_nothing;
	while (take(f, GFP_NOWAIT & ~__GFP_KSWAPD_RECLAIM, 2, 0))
		;
	KUNIT_EXPECT_EQ(test, 0, f->asked);
	KUNIT_EXPECT_NULL(test, edu_pages_alloc(f->mem, gfp, 2, 0));
	KUNIT_EXPECT_EQ(test, 1, f->asked);
	KUNIT_EXPECT_NULL(test, edu_pages_alloc(f->mem, gfp | __GFP_NORETRY, 2, 0));
	KUNIT_EXPECT_EQ(test, 1, f->asked);
	f->mem->reclaim = reclaim_held;
	KUNIT_EXPECT_NOT_NULL(test, take(f, gfp, 2, 0));
	KUNIT_EXPECT_EQ(test, 2, f->asked);
	KUNIT_EXPECT_EQ(test, 2, f->mem->zone[0].stat[EDU_ZONE_RECLAIM]);
}

/* Below LOW the background is woken, and works until HIGH pages are free. */
static void page_alloc_kswapd(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_zone *zone = f->mem->zone;
	int node;

	f->mem->reclaim = reclaim_held;
	while (!zone[0].stat[EDU_ZONE_KSWAPD])
		KUNIT_ASSERT_NOT_NULL(test, take(f, GFP_NOWAIT, 2, 0));
	for (node = 0; node < 2; node++) {
		flush_work(&zone[node].kswapd);
		KUNIT_EXPECT_GE(test, zone[node].free_pages, zone[node].watermark[EDU_WMARK_HIGH]);
	}
	KUNIT_EXPECT_GT(test, f->asked, 0);
}

/* A cache on two nodes: an object of the node that was asked for. */
static void page_alloc_cache_nodes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct edu_cache *s = cache_create(f->mem, "kunit", 64, 0, 0, NULL, false);
	void *p[2];
	int node;

	KUNIT_ASSERT_NOT_NULL(test, s);
	migrate_disable();
	for (node = 0; node < 2; node++) {
		p[node] = edu_cache_alloc_node(s, GFP_KERNEL, node);
		KUNIT_ASSERT_NOT_NULL(test, p[node]);
		KUNIT_EXPECT_EQ(test, node, edu_page_zone(edu_page_of(f->mem, p[node]))->node);
	}
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_ALLOC_NODE_MISMATCH));
	edu_cache_free(s, p[0]);
	edu_cache_free(s, p[1]);
	migrate_enable();
	/* Sheaves hold objects of their own node only. */
	cache_set_front(s, true);
	migrate_disable();
	for (node = 0; node < 2; node++)
		edu_cache_free(s, edu_cache_alloc_node(s, GFP_KERNEL, node));
	migrate_enable();
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_FREE_REMOTE));
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_FREE_SHEAF));
	KUNIT_EXPECT_EQ(test, 0, cache_destroy(s));
}

static unsigned int lendings;

/* Nothing, then what is not aligned, then a block. */
static void *poor_get(void *context, int node, gfp_t gfp)
{
	void *base = lendings ? edu_kernel_source.get(NULL, node, gfp) : NULL;

	return base && lendings++ == 1 ? base + PAGE_SIZE : base;
}

static void poor_put(void *context, void *base)
{
	edu_kernel_source.put(NULL, PTR_ALIGN_DOWN(base, EDU_BLOCK_SIZE));
}

/* A block that cannot be used is given back, and its descriptors are kept. */
static void page_alloc_poor_source(struct kunit *test)
{
	static const struct edu_page_source poor = { poor_get, poor_put };
	struct fixture *f = test->priv;
	struct edu_zone *zone = f->mem->zone;
	unsigned int i;

	lendings = 0;
	f->mem->source = &poor;
	KUNIT_EXPECT_EQ(test, -ENOMEM, arena_grow(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, list_count_nodes(&zone->spare));
	lendings = 1;
	KUNIT_EXPECT_EQ(test, -ENOMEM, arena_grow(zone, GFP_KERNEL));
	/* The map is full: whose block it is could not be found. */
	for (i = 0; i < EDU_MAP_SLOTS; i++)
		f->mem->map[i].base = 0;
	KUNIT_EXPECT_EQ(test, -ENOMEM, arena_grow(zone, GFP_KERNEL));
	for (i = 0; i < EDU_MAP_SLOTS; i++)
		f->mem->map[i].base = EDU_MAP_EMPTY;
	KUNIT_EXPECT_EQ(test, 3, zone->stat[EDU_ZONE_GROW_FAIL]);
	KUNIT_EXPECT_EQ(test, 0, zone->present_pages);
	KUNIT_EXPECT_EQ(test, 0, arena_grow(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, list_count_nodes(&zone->spare));
	KUNIT_EXPECT_EQ(test, 1, arena_give_back(zone, 0));
	f->mem->source = &edu_kernel_source;
}

/* Arguments out of range. */
static void page_alloc_bad_memory(struct kunit *test)
{
	const struct edu_page_source *source = &edu_kernel_source;
	struct edu_memory *mem = vzalloc(sizeof(*mem));

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_memory_init(mem, 0, EDU_BLOCK_PAGES, source));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_memory_init(mem, EDU_MAX_NODES + 1, 1UL << 20, source));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_memory_init(mem, 2, 2 * EDU_BLOCK_PAGES - 1, source));
	vfree(mem);
}

static struct kunit_case page_alloc_cases[] = {
	KUNIT_CASE(page_alloc_fallback),
	KUNIT_CASE(page_alloc_thisnode),
	KUNIT_CASE(page_alloc_direct_reclaim),
	KUNIT_CASE(page_alloc_kswapd),
	KUNIT_CASE(page_alloc_cache_nodes),
	KUNIT_CASE(page_alloc_poor_source),
	KUNIT_CASE(page_alloc_bad_memory),
	{}
};

static struct kunit_suite page_alloc_suite = {
	.name = "slab_edu_page_alloc",
	.init = page_alloc_init,
	.exit = page_alloc_exit,
	.test_cases = page_alloc_cases,
};

kunit_test_suite(page_alloc_suite);
