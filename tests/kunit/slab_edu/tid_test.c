// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of the transaction id (fast.h). Somebody has read the head of the CPU's
 * freelist and the id, and is interrupted; when he goes on the head is the same
 * again, but not what is behind it. His exchange must fail, whatever it was that
 * came between. The test plays both: what an interrupt would call, it calls.
 */
#include <kunit/test.h>

#include "fast.h"

/* What the fast path has read before it is interrupted. */
struct interrupted {
	struct edu_cache *s;
	unsigned long tid;
	void *head, *next;
};

/* A cache whose CPU slab has two free objects at least; no other CPU from now on. */
static void tid_begin(struct kunit *test, struct interrupted *i)
{
	void *p;

	i->s = edu_cache_create("kunit_tid", 64, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, i->s);
	migrate_disable();
	p = edu_cache_alloc(i->s, GFP_KERNEL);
	edu_cache_free(i->s, p);
	i->tid = this_cpu_read(i->s->cpu->tid);
	i->head = this_cpu_read(i->s->cpu->freelist);
	i->next = freeptr_get(i->s, i->head);
	KUNIT_EXPECT_PTR_EQ(test, p, i->head);
	KUNIT_EXPECT_NOT_NULL(test, i->next);
}

/* He goes on: an allocation would take the head, a free would put itself before it. */
static void tid_go_on(struct kunit *test, struct interrupted *i)
{
	KUNIT_EXPECT_PTR_EQ(test, i->head, this_cpu_read(i->s->cpu->freelist));
	preempt_disable();
	KUNIT_EXPECT_FALSE(test, freelist_exchange(i->s, i->head, i->tid, i->next));
	preempt_enable();
	migrate_enable();
}

static void tid_end(struct kunit *test, struct interrupted *i)
{
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(i->s));
}

/* With nobody between it must succeed, or the other cases say nothing. */
static void tid_undisturbed(struct kunit *test)
{
	struct interrupted i;

	tid_begin(test, &i);
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, freelist_exchange(i.s, i.head, i.tid, i.next));
	preempt_enable();
	KUNIT_EXPECT_PTR_EQ(test, i.next, this_cpu_read(i.s->cpu->freelist));
	edu_cache_free(i.s, i.head);
	migrate_enable();
	tid_end(test, &i);
}

/* Both objects are taken, and the first is given back. */
static void tid_alloc_and_free(struct kunit *test)
{
	struct interrupted i;
	void *first, *second;

	tid_begin(test, &i);
	first = edu_cache_alloc(i.s, GFP_NOWAIT);
	second = edu_cache_alloc(i.s, GFP_NOWAIT);
	KUNIT_EXPECT_PTR_EQ(test, i.next, second);
	edu_cache_free(i.s, first);
	tid_go_on(test, &i);
	edu_cache_free(i.s, second);
	tid_end(test, &i);
}

/* The same in bulk, where interrupts are off and no cmpxchg is done. */
static void tid_bulk(struct kunit *test)
{
	struct interrupted i;
	void *p[2];

	tid_begin(test, &i);
	KUNIT_EXPECT_EQ(test, 2, edu_cache_alloc_bulk(i.s, GFP_NOWAIT, 2, p));
	KUNIT_EXPECT_PTR_EQ(test, i.head, p[0]);
	KUNIT_EXPECT_PTR_EQ(test, i.next, p[1]);
	/* One exchange, and the head is as it was: p[1] stays in use. */
	KUNIT_EXPECT_EQ(test, 0, edu_cache_free_bulk(i.s, 1, p));
	tid_go_on(test, &i);
	edu_cache_free(i.s, p[1]);
	tid_end(test, &i);
}

/*
 * The slab is given up and taken again from the node's list: the same head, and
 * all its objects in the same order. An exchange would do no harm here, but the
 * CPU's slab was another one in between, and on another CPU it could be still.
 */
static void tid_flush(struct kunit *test)
{
	struct interrupted i;
	void *p;

	tid_begin(test, &i);
	classic_flush_cpu(i.s, smp_processor_id());
	KUNIT_EXPECT_NULL(test, this_cpu_read(i.s->cpu->freelist));
	p = edu_cache_alloc(i.s, GFP_NOWAIT);
	KUNIT_EXPECT_PTR_EQ(test, i.head, p);
	edu_cache_free(i.s, p);
	tid_go_on(test, &i);
	tid_end(test, &i);
}

/* No two CPUs have an id in common, however long they run. */
static void tid_unique(struct kunit *test)
{
	struct interrupted i;
	int cpu;

	tid_begin(test, &i);
	migrate_enable();
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, cpu, per_cpu_ptr(i.s->cpu, cpu)->tid % TID_STEP);
	KUNIT_EXPECT_GE(test, TID_STEP, nr_cpu_ids);
	tid_end(test, &i);
}

static struct kunit_case tid_cases[] = {
	KUNIT_CASE(tid_undisturbed),
	KUNIT_CASE(tid_alloc_and_free),
	KUNIT_CASE(tid_bulk),
	KUNIT_CASE(tid_flush),
	KUNIT_CASE(tid_unique),
	{}
};

static struct kunit_suite tid_suite = {
	.name = "slab_edu_tid",
	.test_cases = tid_cases,
};

kunit_test_suite(tid_suite);
