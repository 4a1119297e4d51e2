// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of caches: kernel book 6.15 (M1 to M8, M11) on both fronts.
 */
#include <kunit/test.h>
#include <linux/kallsyms.h>

#include "slab.h"

static int ctor_calls;

static void count_ctor(void *object)
{
	ctor_calls++;
	*(int *)object = 4711;
}

static struct edu_cache *make(struct kunit *test, unsigned int size, slab_flags_t flags,
			      void (*ctor)(void *))
{
	struct edu_cache *s = edu_cache_create("kunit", size, 0, flags, ctor);

	KUNIT_ASSERT_NOT_NULL(test, s);
	return s;
}

static void done(struct kunit *test, struct edu_cache *s)
{
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

static void cache_path_counters(struct kunit *test)
{
	struct edu_cache *s = make(test, 256, 0, NULL);
	unsigned int n = s->oo.objects, i;
	void **p = kunit_kcalloc(test, n + 1, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	migrate_disable();
	/* one slow, n - 1 fast, then one more slab */
	for (i = 0; i <= n; i++)
		p[i] = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 2, cache_stat(s, EDU_ALLOC_SLAB));
	KUNIT_EXPECT_EQ(test, 2, cache_stat(s, EDU_ALLOC_SLOWPATH));
	KUNIT_EXPECT_EQ(test, n - 1, cache_stat(s, EDU_ALLOC_FASTPATH));
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_DEACTIVATE_BYPASS));
	for (i = 1; i < n; i++)
		KUNIT_EXPECT_PTR_NE(test, p[i], p[i - 1]);
	/* M2: the object freed last comes first */
	KUNIT_EXPECT_EQ(test, 0, edu_cache_free(s, p[n]));
	KUNIT_EXPECT_PTR_EQ(test, p[n], edu_cache_alloc(s, GFP_KERNEL));
	for (i = 0; i <= n; i++)
		edu_cache_free(s, p[i]);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_CPU_PARTIAL_FREE));
	KUNIT_EXPECT_GT(test, edu_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, 2, cache_stat(s, EDU_FREE_SLAB));
	done(test, s);
}

/* Every object of many slabs is its own, whatever the order of the chain. */
static void cache_no_object_twice(struct kunit *test)
{
	static const unsigned int sizes[] = { 8, 24, 96, 568, 4096 };
	unsigned int i, k, front;
	void **p = kunit_kcalloc(test, 2000, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (front = 0; front < 2; front++) {
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			struct edu_cache *s = make(test, sizes[k], 0, NULL);
			unsigned int bad = 0;

			cache_set_front(s, front);
			for (i = 0; i < 2000; i++) {
				p[i] = edu_cache_alloc(s, GFP_KERNEL);
				KUNIT_ASSERT_NOT_NULL(test, p[i]);
				memset(p[i], 0, sizes[k]);
				*(unsigned int *)p[i] = i;
			}
			for (i = 0; i < 2000; i++)
				bad += *(unsigned int *)p[i] != i;
			KUNIT_EXPECT_EQ(test, 0, bad);
			for (i = 0; i < 2000; i++)
				edu_cache_free(s, p[(i * 7) % 2000]);
			done(test, s);
		}
	}
}

static void cache_ctor(struct kunit *test)
{
	struct edu_cache *s = make(test, 100, 0, count_ctor);
	void *p;
	int i;

	ctor_calls = 0;
	for (i = 0; i < 100; i++) {
		p = edu_cache_alloc(s, GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, 4711, *(int *)p);
		edu_cache_free(s, p);
	}
	KUNIT_EXPECT_EQ(test, ctor_calls,
			s->oo.objects * cache_stat(s, EDU_ALLOC_SLAB));
	KUNIT_EXPECT_EQ(test, ctor_calls, cache_stat(s, EDU_CTOR));
	done(test, s);
}

static void cache_alignment(struct kunit *test)
{
	struct edu_cache *s = make(test, 40, SLAB_HWCACHE_ALIGN, NULL);
	void *p = edu_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, 0, (unsigned long)p % cache_line_size());
	edu_cache_free(s, p);
	done(test, s);
	KUNIT_EXPECT_NULL(test, edu_cache_create("bad", 8, 3, 0, NULL));
	KUNIT_EXPECT_NULL(test, edu_cache_create("bad", 0, 0, 0, NULL));
}

static void cache_bulk(struct kunit *test)
{
	void **p = kunit_kcalloc(test, 250, sizeof(*p), GFP_KERNEL);
	unsigned int front, n;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (front = 0; front < 2; front++) {
		struct edu_cache *s = make(test, 64, 0, NULL);

		cache_set_front(s, front);
		for (n = 1; n <= 250; n++) {
			KUNIT_ASSERT_EQ(test, n,
					edu_cache_alloc_bulk(s, GFP_KERNEL | __GFP_ZERO, n, p));
			KUNIT_EXPECT_EQ(test, 0, edu_cache_free_bulk(s, n, p));
		}
		done(test, s);
	}
}

static void cache_bad_frees(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_CONSISTENCY_CHECKS | SLAB_STORE_USER, NULL);
	struct edu_cache *other = make(test, 64, 0, NULL);
	void *p = edu_cache_alloc(s, GFP_KERNEL), *q;
	int here;

	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, &here));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_FOREIGN]));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(other, p));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&other->errors[EDU_ERROR_WRONG_CACHE]));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p + 8));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_MISALIGNED]));
	/* M7: a leak refuses, and is found */
	KUNIT_EXPECT_EQ(test, -EBUSY, edu_cache_destroy(s));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_LEAK]));
	KUNIT_EXPECT_EQ(test, 0, edu_cache_free(s, p));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_DOUBLE_FREE]));
	/* without any flag: the object freed last, freed again */
	migrate_disable();
	q = edu_cache_alloc(other, GFP_KERNEL);
	edu_cache_free(other, q);
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(other, q));
	migrate_enable();
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&other->errors[EDU_ERROR_DOUBLE_FREE]));
	done(test, s);
	done(test, other);
}

/* Who allocated and who freed an object is kept with it, with the way there. */
static void cache_tracks(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_STORE_USER, NULL);
	void *p = edu_cache_alloc(s, GFP_KERNEL);
	char name[KSYM_SYMBOL_LEN];
	struct edu_track *track;
	bool found = false;
	int i;

	edu_cache_free(s, p);
	track = edu_track_of(s, p, EDU_TRACK_FREE);
	KUNIT_EXPECT_EQ(test, current->pid, track->pid);
	for (i = 0; i < track->depth; i++) {
		sprint_symbol_no_offset(name, track->stack[i]);
		found |= !strncmp(name, __func__, strlen(__func__));
	}
	if (track->depth)
		KUNIT_EXPECT_TRUE(test, found);
	KUNIT_EXPECT_EQ(test, track->depth, edu_track_of(s, p, EDU_TRACK_ALLOC)->depth);
	done(test, s);
}

/* A leak is counted, not freed; a harmed object is neither in use nor free. */
static void cache_leak_and_quarantine(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_STORE_USER | SLAB_RED_ZONE, NULL);
	u8 *p[3];
	int i;

	for (i = 0; i < 3; i++)
		p[i] = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 3, debug_report_leaks(s));
	OPTIMIZER_HIDE_VAR(p[0]);
	p[0][-1] = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p[0]));
	KUNIT_EXPECT_EQ(test, 2, cache_objects_in_use(s));
	/* freed again it does not count again */
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p[0]));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_RED_ZONE]));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_DOUBLE_FREE]));
	KUNIT_EXPECT_EQ(test, 2, cache_objects_in_use(s));
	KUNIT_EXPECT_EQ(test, -EBUSY, edu_cache_destroy(s));
	edu_cache_free(s, p[1]);
	edu_cache_free(s, p[2]);
	done(test, s);
}

/* A slab of such a cache outlives its last object by a grace period. */
static void cache_typesafe_by_rcu(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, SLAB_TYPESAFE_BY_RCU, NULL);
	unsigned long *p = edu_cache_alloc(s, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	*p = 4711;
	cache_flush(s);
	rcu_read_lock();
	edu_cache_free(s, p);
	KUNIT_EXPECT_GT(test, cache_shrink_nodes(s), 0);
	KUNIT_EXPECT_EQ(test, 1, cache_stat(s, EDU_FREE_SLAB));
	KUNIT_ASSERT_NOT_NULL(test, edu_page_of(edu_memory, p));
	KUNIT_EXPECT_PTR_EQ(test, s, edu_page_of(edu_memory, p)->cache);
	KUNIT_EXPECT_EQ(test, 4711, READ_ONCE(*p));
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_EXPECT_NULL(test, edu_page_of(edu_memory, p));
	done(test, s);
}

/* An object freed to a sheaf that has it on top is refused as well. */
static void cache_sheaf_double_free(struct kunit *test)
{
	struct edu_cache *s = make(test, 64, 0, NULL);
	void *p;

	cache_set_front(s, true);
	migrate_disable();
	p = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 0, edu_cache_free(s, p));
	KUNIT_EXPECT_EQ(test, -EINVAL, edu_cache_free(s, p));
	migrate_enable();
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&s->errors[EDU_ERROR_DOUBLE_FREE]));
	done(test, s);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(cache_path_counters),
	KUNIT_CASE(cache_no_object_twice),
	KUNIT_CASE(cache_ctor),
	KUNIT_CASE(cache_alignment),
	KUNIT_CASE(cache_bulk),
	KUNIT_CASE(cache_bad_frees),
	KUNIT_CASE(cache_tracks),
	KUNIT_CASE(cache_leak_and_quarantine),
	KUNIT_CASE(cache_typesafe_by_rcu),
	KUNIT_CASE(cache_sheaf_double_free),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "slab_edu_cache",
	.test_cases = cache_cases,
};

kunit_test_suite(cache_suite);
