/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints. Those that mirror an event of kmem:* have its fields, in its
 * order, so that one probe reads both.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM slab_edu

#if !defined(_SLAB_EDU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SLAB_EDU_TRACE_H

#include <linux/tracepoint.h>
#include <edu/compat.h>

#include "slab.h"

TRACE_EVENT(edu_kmem_cache_alloc,
	TP_PROTO(unsigned long call_site, const void *ptr, struct edu_cache *s,
		 gfp_t gfp_flags, int node),
	TP_ARGS(call_site, ptr, s, gfp_flags, node),
	TP_STRUCT__entry(
		__field(unsigned long, call_site)
		__field(const void *, ptr)
		__string(name, s->name)
		__field(size_t, bytes_req)
		__field(size_t, bytes_alloc)
		__field(unsigned long, gfp_flags)
		__field(int, node)
		__field(bool, accounted)
	),
	TP_fast_assign(
		__entry->call_site = call_site;
		__entry->ptr = ptr;
		__assign_str(name);
		__entry->bytes_req = s->object_size;
		__entry->bytes_alloc = s->size;
		__entry->gfp_flags = (__force unsigned long)gfp_flags;
		__entry->node = node;
		__entry->accounted = false;
	),
	TP_printk("call_site=%pS ptr=%p name=%s bytes_req=%zu bytes_alloc=%zu gfp_flags=%#lx node=%d accounted=%s",
		  (void *)__entry->call_site, __entry->ptr, __get_str(name),
		  __entry->bytes_req, __entry->bytes_alloc, __entry->gfp_flags,
		  __entry->node, __entry->accounted ? "true" : "false")
);

TRACE_EVENT(edu_kmem_cache_free,
	TP_PROTO(unsigned long call_site, const void *ptr, const struct edu_cache *s),
	TP_ARGS(call_site, ptr, s),
	TP_STRUCT__entry(
		__field(unsigned long, call_site)
		__field(const void *, ptr)
		__string(name, s->name)
	),
	TP_fast_assign(
		__entry->call_site = call_site;
		__entry->ptr = ptr;
		__assign_str(name);
	),
	TP_printk("call_site=%pS ptr=%p name=%s", (void *)__entry->call_site,
		  __entry->ptr, __get_str(name))
);

TRACE_EVENT(edu_kmalloc,
	TP_PROTO(unsigned long call_site, const void *ptr, size_t bytes_req,
		 size_t bytes_alloc, gfp_t gfp_flags, int node),
	TP_ARGS(call_site, ptr, bytes_req, bytes_alloc, gfp_flags, node),
	TP_STRUCT__entry(
		__field(unsigned long, call_site)
		__field(const void *, ptr)
		__field(size_t, bytes_req)
		__field(size_t, bytes_alloc)
		__field(unsigned long, gfp_flags)
		__field(int, node)
	),
	TP_fast_assign(
		__entry->call_site = call_site;
		__entry->ptr = ptr;
		__entry->bytes_req = bytes_req;
		__entry->bytes_alloc = bytes_alloc;
		__entry->gfp_flags = (__force unsigned long)gfp_flags;
		__entry->node = node;
	),
	TP_printk("call_site=%pS ptr=%p bytes_req=%zu bytes_alloc=%zu gfp_flags=%#lx node=%d",
		  (void *)__entry->call_site, __entry->ptr, __entry->bytes_req,
		  __entry->bytes_alloc, __entry->gfp_flags, __entry->node)
);

TRACE_EVENT(edu_kfree,
	TP_PROTO(unsigned long call_site, const void *ptr),
	TP_ARGS(call_site, ptr),
	TP_STRUCT__entry(
		__field(unsigned long, call_site)
		__field(const void *, ptr)
	),
	TP_fast_assign(
		__entry->call_site = call_site;
		__entry->ptr = ptr;
	),
	TP_printk("call_site=%pS ptr=%p", (void *)__entry->call_site, __entry->ptr)
);

/* pfn is the kernel's own number of the page. */
TRACE_EVENT(edu_mm_page_alloc,
	TP_PROTO(struct edu_page *page, unsigned int order, gfp_t gfp_flags),
	TP_ARGS(page, order, gfp_flags),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(unsigned int, order)
		__field(unsigned long, gfp_flags)
		__field(int, migratetype)
	),
	TP_fast_assign(
		__entry->pfn = page ? (unsigned long)edu_page_address(page) >> PAGE_SHIFT : -1UL;
		__entry->order = order;
		__entry->gfp_flags = (__force unsigned long)gfp_flags;
		__entry->migratetype = edu_migratetype(gfp_flags);
	),
	TP_printk("pfn=0x%lx order=%u migratetype=%d gfp_flags=%#lx", __entry->pfn,
		  __entry->order, __entry->migratetype, __entry->gfp_flags)
);

TRACE_EVENT(edu_mm_page_free,
	TP_PROTO(struct edu_page *page, unsigned int order),
	TP_ARGS(page, order),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(unsigned int, order)
	),
	TP_fast_assign(
		__entry->pfn = (unsigned long)edu_page_address(page) >> PAGE_SHIFT;
		__entry->order = order;
	),
	TP_printk("pfn=0x%lx order=%u", __entry->pfn, __entry->order)
);

TRACE_EVENT(edu_mm_page_pcpu_drain,
	TP_PROTO(struct edu_page *page, unsigned int order, int migratetype),
	TP_ARGS(page, order, migratetype),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(unsigned int, order)
		__field(int, migratetype)
	),
	TP_fast_assign(
		__entry->pfn = (unsigned long)edu_page_address(page) >> PAGE_SHIFT;
		__entry->order = order;
		__entry->migratetype = migratetype;
	),
	TP_printk("pfn=0x%lx order=%d migratetype=%d", __entry->pfn, __entry->order,
		  __entry->migratetype)
);

TRACE_EVENT(edu_mm_page_alloc_extfrag,
	TP_PROTO(struct edu_page *page, int alloc_order, int fallback_order,
		 int alloc_migratetype, int fallback_migratetype, int change_ownership),
	TP_ARGS(page, alloc_order, fallback_order, alloc_migratetype,
		fallback_migratetype, change_ownership),
	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(int, alloc_order)
		__field(int, fallback_order)
		__field(int, alloc_migratetype)
		__field(int, fallback_migratetype)
		__field(int, change_ownership)
	),
	TP_fast_assign(
		__entry->pfn = (unsigned long)edu_page_address(page) >> PAGE_SHIFT;
		__entry->alloc_order = alloc_order;
		__entry->fallback_order = fallback_order;
		__entry->alloc_migratetype = alloc_migratetype;
		__entry->fallback_migratetype = fallback_migratetype;
		__entry->change_ownership = change_ownership;
	),
	TP_printk("pfn=0x%lx alloc_order=%d fallback_order=%d alloc_migratetype=%d fallback_migratetype=%d change_ownership=%d",
		  __entry->pfn, __entry->alloc_order, __entry->fallback_order,
		  __entry->alloc_migratetype, __entry->fallback_migratetype,
		  __entry->change_ownership)
);

DECLARE_EVENT_CLASS(edu_arena,
	TP_PROTO(int node, unsigned long present, int result),
	TP_ARGS(node, present, result),
	TP_STRUCT__entry(
		__field(int, node)
		__field(unsigned long, present)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->present = present;
		__entry->result = result;
	),
	TP_printk("node=%d present=%lu result=%d", __entry->node, __entry->present,
		  __entry->result)
);

/* result is 0 or an errno */
DEFINE_EVENT(edu_arena, edu_arena_grow,
	TP_PROTO(int node, unsigned long present, int result),
	TP_ARGS(node, present, result));

/* result is the number of blocks */
DEFINE_EVENT(edu_arena, edu_arena_give_back,
	TP_PROTO(int node, unsigned long present, int result),
	TP_ARGS(node, present, result));

#endif /* _SLAB_EDU_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
