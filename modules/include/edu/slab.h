/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slab allocator of slab_edu, for other modules. The calls are the
 * kernel's with edu_ before them; differences are said where they are.
 */
#ifndef _EDU_SLAB_H
#define _EDU_SLAB_H

#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/types.h>

struct edu_cache;

/* What an object beyond the largest class may be: a run of order 10. */
#define EDU_KMALLOC_MAX_CACHE_SIZE (2 * PAGE_SIZE)
#define EDU_KMALLOC_MAX_SIZE (PAGE_SIZE << 10)

struct edu_cache *edu_cache_create(const char *name, unsigned int size,
				   unsigned int align, slab_flags_t flags,
				   void (*ctor)(void *object));
int edu_cache_destroy(struct edu_cache *s);
unsigned long edu_cache_shrink(struct edu_cache *s);

void *edu_cache_alloc(struct edu_cache *s, gfp_t gfp) __malloc;
void *edu_cache_alloc_node(struct edu_cache *s, gfp_t gfp, int node) __malloc;
int edu_cache_free(struct edu_cache *s, void *object);
int edu_cache_alloc_bulk(struct edu_cache *s, gfp_t gfp, size_t n, void **objects);
int edu_cache_free_bulk(struct edu_cache *s, size_t n, void **objects);

void *edu_kmalloc(size_t size, gfp_t gfp) __malloc;
void *edu_kmalloc_node(size_t size, gfp_t gfp, int node) __malloc;
void *edu_krealloc(const void *object, size_t size, gfp_t gfp);
size_t edu_ksize(const void *object);
int edu_kfree(const void *object);
int edu_kfree_sensitive(const void *object);
int edu_kfree_rcu(struct rcu_head *head);

/* edu_kmalloc(), and the memory is zero. */
static inline void *edu_kzalloc(size_t size, gfp_t gfp)
{
	return edu_kmalloc(size, gfp | __GFP_ZERO);
}

/* Memory for an array; NULL if its size overflows. */
static inline void *edu_kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (check_mul_overflow(n, size, &bytes))
		return NULL;
	return edu_kmalloc(bytes, gfp);
}

static inline void *edu_kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return edu_kmalloc_array(n, size, gfp | __GFP_ZERO);
}

#endif /* _EDU_SLAB_H */
