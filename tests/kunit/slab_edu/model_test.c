// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of the caches as a whole: a million random steps (with KASAN a quarter) on
 * six caches that share a small memory, held against a model that knows which bytes are in use,
 * by whom.
 *
 *  1. What is allocated lies in the memory, is aligned, and overlaps nothing.
 *  2. What its owner wrote is still there when it is freed; a constructor's
 *     work is there when it is allocated, and zeros where they were asked for.
 *  3. A free that is wrong is refused and changes nothing.
 *  4. Memory is refused only when there is no block left to lend.
 *  5. Every so often all that CPUs hold is flushed: then the slabs of each cache
 *     must have as many objects in use as the model, and the buddy system and
 *     the watched cache must find nothing wrong.
 *
 * The steps: allocate and free, one or many, in random order; shrink; change the
 * front. More is allocated than freed for a while, then less. The seed is fixed.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>

#include "slab.h"

/* Where each access to memory is checked, a step takes ten times as long. */
#define STEPS (IS_ENABLED(CONFIG_KASAN) ? 250000U : 1000000U)
#define CHECK_EVERY 16384U	/* steps; an eighth of a tide */
#define BLOCKS 2
#define HELD 1536U		/* objects of a cache */
#define BULK 48U
#define GRAIN 8U		/* bytes that a bit of the map stands for */
#define BLOCK_GRAINS (EDU_BLOCK_SIZE / GRAIN)
#define WATCHED 1		/* the cache with debug flags */
#define CONSTRUCTED 0x5ca1ab1e0ddba11UL

/* Reclaim by the task itself only: what a step does must not depend on others. */
#define GFP_MODEL (GFP_KERNEL & ~__GFP_KSWAPD_RECLAIM)

static void construct(void *object)
{
	*(unsigned long *)object = CONSTRUCTED;
}

static const struct {
	unsigned int size, align;
	slab_flags_t flags;
	void (*ctor)(void *object);
} kinds[] = {
	{ 8 },
	[WATCHED] = { 64, 0, EDU_DEBUG_FLAGS },
	{ 104, 0, SLAB_HWCACHE_ALIGN },
	{ 568, 0, 0, construct },
	{ 1000, 0, SLAB_RECLAIM_ACCOUNT },
	{ 4096, 4096 },
};

#define KINDS ARRAY_SIZE(kinds)

struct model {
	struct kunit *test;
	struct edu_page_source source;
	void *block[BLOCKS];		/* always ours; lent by bits of @lent */
	unsigned long lent;
	struct edu_memory *mem;
	struct edu_cache *s[KINDS];
	unsigned long *map;		/* GRAINs in use */
	unsigned long *held[KINDS][HELD];
	unsigned int n[KINDS];
	unsigned long *some[BULK];
	unsigned int step, bad, refused, wrong_frees;
};

static void *model_get(void *context, int node, gfp_t gfp)
{
	struct model *m = context;
	int i = ffz(m->lent);

	if (i >= BLOCKS)
		return NULL;
	m->lent |= BIT(i);
	return m->block[i];
}

static void model_put(void *context, void *base)
{
	struct model *m = context;
	int i;

	for (i = 0; i < BLOCKS; i++)
		if (m->block[i] == base)
			m->lent &= ~BIT(i);
}

/* Something is wrong: the first time it is said what. */
static void expect(struct model *m, bool good, const char *what, int kind)
{
	if (good || m->bad++)
		return;
	KUNIT_FAIL(m->test, "step %u, size %u: %s", m->step, kinds[kind].size, what);
}

/* Where an object is in the map; -1 if it is not in the memory. */
static long grain(struct model *m, const void *p)
{
	int i;

	for (i = 0; i < BLOCKS; i++)
		if (p >= m->block[i] && p < m->block[i] + EDU_BLOCK_SIZE)
			return i * BLOCK_GRAINS + (p - m->block[i]) / GRAIN;
	return -1;
}

/* The owner's mark: first, middle and last word; the first is the constructor's. */
static unsigned long *word(int kind, unsigned long *p, int i)
{
	return (void *)p + round_down(i * (kinds[kind].size - 8) / 2, 8);
}

static void taken(struct model *m, int kind, unsigned long *p, bool zero)
{
	unsigned int grains = kinds[kind].size / GRAIN;
	long at = grain(m, p);
	int i;

	expect(m, at >= 0, "an object from elsewhere", kind);
	if (at < 0)
		return;
	expect(m, IS_ALIGNED((unsigned long)p, m->s[kind]->align), "misaligned", kind);
	expect(m, find_next_bit(m->map, at + grains, at) == at + grains,
	       "an object on another one", kind);
	bitmap_set(m->map, at, grains);
	if (kinds[kind].ctor)
		expect(m, *p == CONSTRUCTED, "an object that was not constructed", kind);
	if (zero)
		expect(m, !memchr_inv(p, 0, kinds[kind].size), "an object that is not zero", kind);
	for (i = !!kinds[kind].ctor; i < 3; i++)
		*word(kind, p, i) = ~(unsigned long)p;
	m->held[kind][m->n[kind]++] = p;
}

/* One of those that are held, at random; its marks are looked at. */
static unsigned long *given(struct model *m, int kind, u32 r)
{
	unsigned int k = r % m->n[kind];
	unsigned long *p = m->held[kind][k];
	int i;

	for (i = !!kinds[kind].ctor; i < 3; i++)
		expect(m, *word(kind, p, i) == ~(unsigned long)p, "an object was written to", kind);
	if (kinds[kind].ctor)
		expect(m, *p == CONSTRUCTED, "the constructor's word is gone", kind);
	bitmap_clear(m->map, grain(m, p), kinds[kind].size / GRAIN);
	m->held[kind][k] = m->held[kind][--m->n[kind]];
	return p;
}

static void refuse(struct model *m, int kind)
{
	struct edu_zone *zone = &m->mem->zone[0];

	m->refused++;
	expect(m, zone->present_pages == zone->max_pages, "refused, with a block to lend", kind);
}

static void alloc_one(struct model *m, int kind, u32 r)
{
	bool zero = !(r % 8) && !kinds[kind].ctor;
	void *p;

	if (m->n[kind] == HELD)
		return;
	p = edu_cache_alloc(m->s[kind], GFP_MODEL | (zero ? __GFP_ZERO : 0));
	if (p)
		taken(m, kind, p, zero);
	else
		refuse(m, kind);
}

static void alloc_many(struct model *m, int kind, u32 r)
{
	unsigned int n = 1 + r % BULK, i;
	void **some = (void **)m->some;

	if (m->n[kind] + n > HELD)
		return;
	if (!edu_cache_alloc_bulk(m->s[kind], GFP_MODEL, n, some)) {
		refuse(m, kind);
		return;
	}
	for (i = 0; i < n; i++)
		taken(m, kind, some[i], false);
}

static void free_one(struct model *m, int kind, u32 r)
{
	struct edu_cache *s = m->s[kind];
	unsigned long *p;

	if (!m->n[kind])
		return;
	p = m->held[kind][r % m->n[kind]];
	if (!(r >> 12 & 15)) {
		expect(m, edu_cache_free(m->s[(kind + 1) % KINDS], p) == -EINVAL,
		       "freed to another cache", kind);
		m->wrong_frees++;
	}
	given(m, kind, r);
	expect(m, !edu_cache_free(s, p), "a free was refused", kind);
	if (kind == WATCHED) {
		expect(m, edu_cache_free(s, p) == -EINVAL, "freed twice", kind);
		m->wrong_frees++;
	}
}

static void free_many(struct model *m, int kind, u32 r)
{
	unsigned int n = min(1 + r % BULK, m->n[kind]), i;

	for (i = 0; i < n; i++)
		m->some[i] = given(m, kind, r * (i + 1) >> 8);
	expect(m, !edu_cache_free_bulk(m->s[kind], n, (void **)m->some), "a free was refused",
	       kind);
}

/* Rule 5. */
static void check_all(struct model *m)
{
	struct edu_zone *zone = &m->mem->zone[0];
	unsigned long flags;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		struct edu_cache *s = m->s[kind];

		cache_flush(s);
		expect(m, cache_objects_in_use(s) == m->n[kind], "another count of objects", kind);
		if (kind == WATCHED)
			expect(m, !debug_validate(s), "the watched cache is not sound", kind);
	}
	spin_lock_irqsave(&zone->lock, flags);
	expect(m, !buddy_check(zone), "the buddy system is not sound", 0);
	spin_unlock_irqrestore(&zone->lock, flags);
}

static void model_step(struct model *m, struct rnd_state *rnd)
{
	u32 r = prandom_u32_state(rnd), what = r % 4096;
	/* Seven of twelve one way, and the other way after a while. */
	bool grow = (r >> 12) % 12 < (m->step / (8 * CHECK_EVERY) % 2 ? 5 : 7);
	int kind = prandom_u32_state(rnd) % KINDS;

	/* Seldom: it takes a stack trace each time. */
	if (kind == WATCHED && r >> 30)
		kind = 0;
	r = prandom_u32_state(rnd);
	if (what == 0)
		edu_cache_shrink(m->s[kind]);
	else if (what == 1)
		cache_set_front(m->s[kind], r & 1);
	else if (what % 16 == 2)
		grow ? alloc_many(m, kind, r) : free_many(m, kind, r);
	else
		grow ? alloc_one(m, kind, r) : free_one(m, kind, r);
}

static int model_init(struct kunit *test)
{
	struct model *m = vzalloc(sizeof(*m));
	int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	test->priv = m;
	m->test = test;
	m->source = (struct edu_page_source){ model_get, model_put, m };
	m->map = vzalloc(BLOCKS * BLOCK_GRAINS / 8);
	m->mem = vzalloc(sizeof(*m->mem));
	KUNIT_ASSERT_NOT_NULL(test, m->map);
	KUNIT_ASSERT_NOT_NULL(test, m->mem);
	for (i = 0; i < BLOCKS; i++) {
		m->block[i] = edu_kernel_source.get(NULL, 0, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, m->block[i]);
	}
	KUNIT_ASSERT_EQ(test, 0, edu_memory_init(m->mem, 1, BLOCKS * EDU_BLOCK_PAGES, &m->source));
	m->mem->reclaim = cache_reclaim;
	return 0;
}

static void model_exit(struct kunit *test)
{
	struct model *m = test->priv;
	int i;

	if (!m)
		return;
	if (m->mem)
		edu_memory_exit(m->mem);
	for (i = 0; i < BLOCKS; i++)
		if (m->block[i])
			edu_kernel_source.put(NULL, m->block[i]);
	vfree(m->mem);
	vfree(m->map);
	vfree(m);
}

static void model_random(struct kunit *test)
{
	struct model *m = test->priv;
	unsigned long sheaf = 0, classic = 0;
	struct rnd_state rnd;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		m->s[kind] = cache_create(m->mem, "kunit_model", kinds[kind].size,
					  kinds[kind].align, kinds[kind].flags,
					  kinds[kind].ctor, false);
		KUNIT_ASSERT_NOT_NULL(test, m->s[kind]);
		cache_set_front(m->s[kind], kind & 1);
	}
	prandom_seed_state(&rnd, 20261121);
	/* On one CPU the same seed is the same way through the code. */
	migrate_disable();
	for (m->step = 0; m->step < STEPS && !m->bad; m->step++) {
		model_step(m, &rnd);
		if (!(m->step % CHECK_EVERY))
			check_all(m);
		if (!(m->step % 1024))
			cond_resched();
	}
	migrate_enable();
	for (kind = 0; kind < KINDS; kind++) {
		while (m->n[kind])
			edu_cache_free(m->s[kind], given(m, kind, 0));
		sheaf += cache_stat(m->s[kind], EDU_ALLOC_SHEAF);
		classic += cache_stat(m->s[kind], EDU_ALLOC_FASTPATH);
		edu_cache_shrink(m->s[kind]);
		KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&m->s[kind]->node[0].nr_slabs));
		KUNIT_EXPECT_EQ(test, 0, cache_destroy(m->s[kind]));
	}
	kunit_info(test, "%u steps: %lu objects from sheaves, %lu from freelists, %u refused, %u wrong frees\n",
		   m->step, sheaf, classic, m->refused, m->wrong_frees);
	/* It went everywhere, or it says nothing. */
	KUNIT_EXPECT_GT(test, sheaf, STEPS / 16);
	KUNIT_EXPECT_GT(test, classic, STEPS / 16);
	KUNIT_EXPECT_GT(test, m->refused, 0);
	KUNIT_EXPECT_GT(test, m->wrong_frees, 0);
	KUNIT_EXPECT_EQ(test, edu_pages_free_count(m->mem), m->mem->zone[0].present_pages);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_SLOW(model_random),
	{}
};

static struct kunit_suite model_suite = {
	.name = "slab_edu_model",
	.init = model_init,
	.exit = model_exit,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
