// SPDX-License-Identifier: GPL-2.0
/*
 * kmalloc: which class a size goes to.
 *
 *  1. Up to 192 bytes the classes 8, 16, 32, 64, 96, 128, 192 in steps of 8;
 *     up to 8192 the next power of two.
 *  2. Larger: whole pages from the buddy system, of the smallest order.
 *  3. What is freed says by its page which of the two it was.
 *  4. There are three sets of classes: dma-kmalloc for __GFP_DMA, if the kernel
 *     has a zone of it; kmalloc-rcl for __GFP_RECLAIMABLE, whose slabs lie in
 *     pageblocks of their own; kmalloc for all else.
 *
 * Follows kernel book 6.9 (the dma- twins), and 6.12's kmalloc-rcl. No accounted
 * and no random copies.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "fast.h"
#include "trace.h"

static const unsigned int sizes[] = {
	8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192
};

enum kmalloc_type { EDU_KMALLOC_NORMAL, EDU_KMALLOC_RCL, EDU_KMALLOC_DMA, EDU_KMALLOC_TYPES };

static const struct {
	const char *name;
	slab_flags_t flags;
} types[EDU_KMALLOC_TYPES] = {
	{ "kmalloc", 0 },
	{ "kmalloc-rcl", SLAB_RECLAIM_ACCOUNT },
	{ "dma-kmalloc", SLAB_CACHE_DMA },
};

/* Without ZONE_DMA the last row stays empty. */
static struct edu_cache *classes[EDU_KMALLOC_TYPES][ARRAY_SIZE(sizes)];

/* Class of (size - 1) / 8 for the small ones. */
static u8 small_class[192 / 8];

/* Rule 4. */
static __always_inline enum kmalloc_type type_of(gfp_t gfp)
{
	if (likely(!(gfp & (__GFP_DMA | __GFP_RECLAIMABLE))))
		return EDU_KMALLOC_NORMAL;
	if (edu_gfp_is_dma(gfp))
		return EDU_KMALLOC_DMA;
	return gfp & __GFP_RECLAIMABLE ? EDU_KMALLOC_RCL : EDU_KMALLOC_NORMAL;
}

/**
 * kmalloc_class - the cache that serves a request
 * @size: 1 or more
 * @gfp: of the request
 *
 * Return: the cache, NULL if the buddy system serves it.
 */
struct edu_cache *kmalloc_class(size_t size, gfp_t gfp)
{
	struct edu_cache **class = classes[type_of(gfp)];

	if (size > 2 * PAGE_SIZE)
		return NULL;
	if (size <= 192)
		return class[small_class[(size - 1) / 8]];
	/* 256, index 7, is 2^8 */
	return class[fls(size - 1) - 1];
}
EXPORT_SYMBOL_IF_KUNIT(kmalloc_class);

static int make_class(struct edu_memory *mem, enum kmalloc_type type, unsigned int i)
{
	/* A power of two is aligned to itself, up to a page. */
	unsigned int align = is_power_of_2(sizes[i]) ? min_t(unsigned int, sizes[i], PAGE_SIZE) : 0;
	char name[24];

	snprintf(name, sizeof(name), "%s-%u", types[type].name, sizes[i]);
	classes[type][i] = cache_create(mem, name, sizes[i], align, types[type].flags, NULL, true);
	return classes[type][i] ? 0 : -ENOMEM;
}

/**
 * kmalloc_init - make the classes
 * @mem: of their slabs
 *
 * Return: 0 or -ENOMEM.
 */
int kmalloc_init(struct edu_memory *mem)
{
	enum kmalloc_type type;
	unsigned int i, k;

	for (i = 0, k = 0; k < ARRAY_SIZE(small_class); k++) {
		while (sizes[i] < (k + 1) * 8)
			i++;
		small_class[k] = i;
	}
	for (type = 0; type < EDU_KMALLOC_TYPES; type++) {
		if (type == EDU_KMALLOC_DMA && !IS_ENABLED(CONFIG_ZONE_DMA))
			continue;
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			if (make_class(mem, type, i)) {
				kmalloc_exit();
				return -ENOMEM;
			}
		}
	}
	return 0;
}

/**
 * kmalloc_exit - destroy the classes
 *
 * Return: 0, or -EBUSY if memory is still in use.
 */
int kmalloc_exit(void)
{
	struct edu_cache **class = &classes[0][0];
	int err = 0;
	unsigned int i;

	for (i = 0; i < EDU_KMALLOC_TYPES * ARRAY_SIZE(sizes); i++) {
		if (class[i] && cache_destroy(class[i]))
			err = -EBUSY;
		class[i] = NULL;
	}
	return err;
}

static void *kmalloc_large(size_t size, gfp_t gfp, int node)
{
	struct edu_page *page;

	if (size > EDU_KMALLOC_MAX_SIZE)
		return NULL;
	page = edu_pages_alloc(edu_memory, gfp, get_order(size), node);
	return page ? edu_page_address(page) : NULL;
}

static __always_inline void *kmalloc_traced(size_t size, gfp_t gfp, int node,
					    unsigned long caller)
{
	struct edu_cache *s;
	void *object;

	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	s = kmalloc_class(size, gfp);
	if (likely(s)) {
		object = edu_alloc(s, gfp, node);
		if (edu_cache_debug(s) && object)
			debug_set_asked(s, object, size);
	} else {
		object = kmalloc_large(size, gfp, node);
	}
	trace_edu_kmalloc(caller, object, size,
			  s ? s->size : PAGE_SIZE << get_order(size), gfp, node);
	return object;
}

/**
 * edu_kmalloc - allocate bytes
 * @size: how many; 0 gives ZERO_SIZE_PTR
 * @gfp: as for the kernel's; __GFP_DMA and __GFP_RECLAIMABLE choose the class
 *
 * Context: any but NMI, as @gfp says. Kernel book 6.9.
 *
 * Return: memory aligned to a word, or to its size for a power of two up to a
 * page; NULL if there is none or @size is over 4 MiB.
 */
void *edu_kmalloc(size_t size, gfp_t gfp)
{
	return kmalloc_traced(size, gfp, NUMA_NO_NODE, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_kmalloc);

/**
 * edu_kmalloc_node - allocate bytes of a node
 * @size: how many
 * @gfp: as for edu_kmalloc()
 * @node: of the twin
 *
 * Return: as edu_kmalloc().
 */
void *edu_kmalloc_node(size_t size, gfp_t gfp, int node)
{
	if (node < 0 || node >= edu_memory->nr_nodes || edu_gfp_is_dma(gfp))
		node = NUMA_NO_NODE;
	return kmalloc_traced(size, gfp, node, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_kmalloc_node);

/**
 * edu_ksize - bytes that an allocation really has
 * @object: from edu_kmalloc(), NULL or ZERO_SIZE_PTR
 *
 * Return: them; 0 for what is not ours.
 */
size_t edu_ksize(const void *object)
{
	struct edu_page *page;

	if (ZERO_OR_NULL_PTR(object))
		return 0;
	page = edu_page_of(edu_memory, object);
	if (!page)
		return 0;
	return page->cache ? page->cache->object_size : PAGE_SIZE << page->order;
}
EXPORT_SYMBOL_GPL(edu_ksize);

/* What is no object of a slab: pages, nothing, or not ours. */
static noinline int kfree_large(struct edu_page *page, void *object)
{
	if (ZERO_OR_NULL_PTR(object))
		return 0;
	if (page && object == edu_page_address(page))
		return edu_pages_free(edu_memory, page);
	debug_report(classes[0][0], NULL, object, EDU_ERROR_FOREIGN);
	return -EINVAL;
}

static __always_inline int kfree_traced(const void *object, unsigned long caller)
{
	struct edu_page *page = edu_page_of(edu_memory, object);

	trace_edu_kfree(caller, object);
	if (unlikely(!page || !page->cache))
		return kfree_large(page, (void *)object);
	return edu_free(page->cache, page, (void *)object);
}

/**
 * edu_kfree - free what edu_kmalloc() or edu_cache_alloc() gave
 * @object: it; NULL and ZERO_SIZE_PTR are no error
 *
 * Context: any but NMI.
 *
 * Return: 0; -EINVAL if it is not ours or not in use, which is reported.
 */
int edu_kfree(const void *object)
{
	return kfree_traced(object, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_kfree);

/**
 * edu_kfree_sensitive - wipe memory and free it
 * @object: as for edu_kfree(); all of it is wiped, more than was asked for, unless
 *	the rest is a red zone
 *
 * Return: as edu_kfree().
 */
int edu_kfree_sensitive(const void *object)
{
	struct edu_page *page = edu_page_of(edu_memory, object);
	size_t size = edu_ksize(object);

	if (size && page->cache)
		size = min_t(size_t, size, debug_asked(page->cache, object));
	if (size)
		memzero_explicit((void *)object, size);
	return kfree_traced(object, _RET_IP_);
}
EXPORT_SYMBOL_GPL(edu_kfree_sensitive);

/* The object is where its slab says; the head may be anywhere in it. */
static void free_by_rcu(struct rcu_head *head)
{
	struct edu_page *page = edu_page_of(edu_memory, head);
	struct edu_cache *s;
	void *start;

	/* Somebody else has freed it meanwhile, and its slab is gone. */
	if (!page) {
		kfree_large(NULL, head);
		return;
	}
	s = page->cache;
	start = edu_page_address(page);
	if (s)
		start = edu_object(s, page, ((void *)head - start - s->red_left_pad) / s->size);
	edu_kfree(start);
}

/**
 * edu_kfree_rcu - free an object after a grace period
 * @head: a member of it, anywhere: where the object begins is known by its slab
 *
 * Context: any but NMI. (The kernel's takes the object and the member's name.)
 *
 * Return: 0; -EINVAL if it is not ours, which is reported.
 */
int edu_kfree_rcu(struct rcu_head *head)
{
	struct edu_page *page = edu_page_of(edu_memory, head);

	if (!page)
		return kfree_large(NULL, head);
	if (page->cache)
		WRITE_ONCE(page->cache->rcu_frees, true);
	call_rcu(head, free_by_rcu);
	return 0;
}
EXPORT_SYMBOL_GPL(edu_kfree_rcu);

/**
 * edu_krealloc - change the size of an allocation
 * @object: from edu_kmalloc(), or NULL to allocate
 * @size: the new size; 0 frees
 * @gfp: with __GFP_ZERO, bytes beyond the old size are zero if the old one
 *	was asked for with it too
 *
 * Kernel book 6.9.
 *
 * Return: the memory, its content kept up to the lesser size; NULL if there is
 * none or @object is not ours, which is then untouched; ZERO_SIZE_PTR for 0.
 */
void *edu_krealloc(const void *object, size_t size, gfp_t gfp)
{
	size_t has = edu_ksize(object), used = has;
	struct edu_page *page;
	void *new;

	if (!size) {
		kfree_traced(object, _RET_IP_);
		return ZERO_SIZE_PTR;
	}
	if (!ZERO_OR_NULL_PTR(object) && !has) {
		debug_report(classes[0][0], NULL, (void *)object, EDU_ERROR_FOREIGN);
		return NULL;
	}
	page = has ? edu_page_of(edu_memory, object) : NULL;
	if (page && page->cache)
		used = debug_asked(page->cache, object);
	if (size <= has) {
		if ((gfp & __GFP_ZERO) && size > used)
			memset((void *)object + used, 0, size - used);
		if (page->cache && edu_cache_debug(page->cache))
			debug_set_asked(page->cache, (void *)object, size);
		return (void *)object;
	}
	new = kmalloc_traced(size, gfp, NUMA_NO_NODE, _RET_IP_);
	if (new && has) {
		memcpy(new, object, used);
		kfree_traced(object, _RET_IP_);
	}
	return new;
}
EXPORT_SYMBOL_GPL(edu_krealloc);
