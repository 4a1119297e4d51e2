// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of what debug.c and leaks.c print: a person must find the object, the
 * cache, what was done to it, and who allocated and freed it; once. The lines are
 * taken from the kernel's log as this task writes them (the event printk:console).
 */
#include <kunit/test.h>
#include <trace/events/printk.h>

#include "slab.h"

/* What this task has printed since say_nothing(). */
static struct {
	struct task_struct *who;
	unsigned int used;
	char text[8192];
} said;

static void hear(void *unused, const char *text, size_t length)
{
	if (current != READ_ONCE(said.who) || !in_task() ||
	    length > sizeof(said.text) - 1 - said.used || !strnstr(text, "slab_edu:", length))
		return;
	memcpy(said.text + said.used, text, length);
	said.used += length;
	said.text[said.used] = 0;
}

static void say_nothing(void)
{
	said.used = 0;
	said.text[0] = 0;
	WRITE_ONCE(said.who, current);
}

static int report_init(struct kunit *test)
{
	if (register_trace_console(hear, NULL))
		kunit_skip(test, "this kernel does not show what it prints");
	say_nothing();
	return 0;
}

static void report_exit(struct kunit *test)
{
	WRITE_ONCE(said.who, NULL);
	unregister_trace_console(hear, NULL);
	tracepoint_synchronize_unregister();
}

static __printf(2, 3) void was_said(struct kunit *test, const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	KUNIT_EXPECT_TRUE_MSG(test, !!strstr(said.text, line), "\"%s\" is not in:\n%s", line,
			      said.text);
}

/* The stacks begin with who called, if this kernel keeps stacks. */
static void expect_stacks(struct kunit *test, struct edu_cache *s, void *object,
			  const char *function)
{
	if (edu_track_of(s, object, EDU_TRACK_ALLOC)->depth)
		was_said(test, "slab_edu:     %s+", function);
}

static struct edu_cache *make(struct kunit *test, slab_flags_t flags)
{
	struct edu_cache *s = edu_cache_create("kunit_report", 64, 0, flags, NULL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	return s;
}

static void report_double_free(struct kunit *test)
{
	struct edu_cache *s = make(test, SLAB_CONSISTENCY_CHECKS | SLAB_STORE_USER);
	void *p = edu_cache_alloc(s, GFP_KERNEL), *q = edu_cache_alloc(s, GFP_KERNEL);

	edu_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, "", said.text);
	edu_cache_free(s, p);
	was_said(test, "slab_edu: cache kunit_report: object %p: free of a free object", p);
	was_said(test, "slab_edu:   slab %p of cache kunit_report, 1 of %u objects in use",
		 edu_page_address(edu_page_of(edu_memory, p)), s->oo.objects);
	was_said(test, "slab_edu:   allocated by process %d on CPU ", current->pid);
	was_said(test, "slab_edu:   freed by process %d on CPU ", current->pid);
	expect_stacks(test, s, p, __func__);
	/* The second time it is counted, and not said. */
	say_nothing();
	edu_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, "", said.text);
	KUNIT_EXPECT_EQ(test, 2, atomic_long_read(&s->errors[EDU_ERROR_DOUBLE_FREE]));
	edu_cache_free(s, q);
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

/* Of a pointer that is no object no more is said than what it was taken for. */
static void report_wrong_pointers(struct kunit *test)
{
	struct edu_cache *s = make(test, SLAB_CONSISTENCY_CHECKS | SLAB_STORE_USER);
	struct edu_cache *other = edu_cache_create("kunit_other", 64, 0, 0, NULL);
	void *p = edu_cache_alloc(s, GFP_KERNEL);
	int here;

	KUNIT_ASSERT_NOT_NULL(test, other);
	edu_cache_free(s, &here);
	was_said(test, "cache kunit_report: object %p: free of what is no object of ours", &here);
	KUNIT_EXPECT_NULL(test, strstr(said.text, "slab_edu:   slab"));
	say_nothing();
	edu_cache_free(s, p + 8);
	was_said(test, "cache kunit_report: object %p: free of a pointer into an object", p + 8);
	KUNIT_EXPECT_NULL(test, strstr(said.text, "allocated by"));
	say_nothing();
	edu_cache_free(other, p);
	was_said(test, "cache kunit_other: object %p: free to another cache than it came from", p);
	was_said(test, "of cache kunit_report, 1 of");
	edu_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(other));
}

static void report_overwritten(struct kunit *test)
{
	struct edu_cache *s = make(test, SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER);
	u8 *p = edu_cache_alloc(s, GFP_KERNEL), *q = edu_cache_alloc(s, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	p[64] = 0;
	edu_cache_free(s, p);
	was_said(test, "object %p: written before or behind the object", p);
	expect_stacks(test, s, p, __func__);
	say_nothing();
	edu_cache_free(s, q);
	q[1] = 0;
	p = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_PTR_NE(test, q, p);
	was_said(test, "object %p: written after free", q);
	was_said(test, "freed by process %d", current->pid);
	edu_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

/* Objects that were left, by who allocated them: three from one place, one from another. */
static void report_leaks(struct kunit *test)
{
	struct edu_cache *s = make(test, SLAB_STORE_USER);
	int n = 3, i;
	void *p[4];

	/* The compiler must not make three places of it. */
	OPTIMIZER_HIDE_VAR(n);
	for (i = 0; i < n; i++)
		p[i] = edu_cache_alloc(s, GFP_KERNEL);
	p[3] = edu_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, -EBUSY, edu_cache_destroy(s));
	was_said(test, "slab_edu: cache kunit_report cannot be destroyed: 4 objects in use");
	if (edu_track_of(s, p[0], EDU_TRACK_ALLOC)->depth) {
		was_said(test, "slab_edu:   3 like object ");
		was_said(test, "slab_edu:   1 like object %p", p[3]);
	}
	was_said(test, "slab_edu:   allocated by process %d", current->pid);
	expect_stacks(test, s, p[0], __func__);
	for (i = 0; i < 4; i++)
		edu_cache_free(s, p[i]);
	KUNIT_EXPECT_EQ(test, 0, edu_cache_destroy(s));
}

static struct kunit_case report_cases[] = {
	KUNIT_CASE(report_double_free),
	KUNIT_CASE(report_wrong_pointers),
	KUNIT_CASE(report_overwritten),
	KUNIT_CASE(report_leaks),
	{}
};

static struct kunit_suite report_suite = {
	.name = "slab_edu_report",
	.init = report_init,
	.exit = report_exit,
	.test_cases = report_cases,
};

kunit_test_suite(report_suite);
