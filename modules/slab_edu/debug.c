// SPDX-License-Identifier: GPL-2.0
/*
 * Caches that watch their users: what is laid around objects, what is checked
 * when, and what becomes of what is found.
 *
 *  1. Objects of a debug cache are given and taken one by one under the node's
 *     lock; no CPU holds a slab. Full slabs are on a list, to be found.
 *  2. RED_ZONE: bytes before and behind are 0xbb while free, 0xcc in use.
 *     POISON: a free object is 0x6b, its last byte 0xa5 (not with a
 *     constructor or TYPESAFE_BY_RCU, where its content is the user's).
 *     STORE_USER: stack, task, CPU and time of the last alloc and free.
 *  3. Allocating and freeing check the object; debug_validate() checks all.
 *  4. What is found is counted, and printed once for each kind and cache with
 *     the object and its stacks. An object that was harmed is in quarantine:
 *     neither in use nor free, its memory kept until the cache is destroyed; its
 *     red zones and poison are a free object's.
 *     A free that was wrong changes nothing.
 *
 * Follows kernel book 6.10 (flags) and 6.15 (M6, M7). Where the kernel repairs
 * and goes on, here the object is taken out of use.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/poison.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "slab.h"

static const char * const error_texts[EDU_NR_ERRORS] = {
	[EDU_ERROR_FOREIGN] = "free of what is no object of ours",
	[EDU_ERROR_WRONG_CACHE] = "free to another cache than it came from",
	[EDU_ERROR_MISALIGNED] = "free of a pointer into an object",
	[EDU_ERROR_DOUBLE_FREE] = "free of a free object",
	[EDU_ERROR_RED_ZONE] = "written before or behind the object",
	[EDU_ERROR_POISON] = "written after free",
	[EDU_ERROR_FREELIST] = "chain of free objects is broken",
	[EDU_ERROR_PADDING] = "written behind the last object",
	[EDU_ERROR_COUNT] = "objects in use and free do not add up",
	[EDU_ERROR_LEAK] = "destroyed with objects in use",
};

static bool poisons(const struct edu_cache *s)
{
	return (s->flags & SLAB_POISON) && !s->ctor &&
	       !(s->flags & SLAB_TYPESAFE_BY_RCU);
}

static unsigned int metadata_offset(const struct edu_cache *s)
{
	return s->offset >= s->inuse ? s->offset + sizeof(void *) : s->inuse;
}

/**
 * edu_track_of - the record of who allocated or freed an object
 * @s: a STORE_USER cache
 * @object: of it
 * @item: which
 *
 * Return: the record.
 */
struct edu_track *edu_track_of(const struct edu_cache *s, void *object,
			       enum edu_track_item item)
{
	return (struct edu_track *)(object + metadata_offset(s)) + item;
}
EXPORT_SYMBOL_IF_KUNIT(edu_track_of);

static void set_track(struct edu_cache *s, void *object, enum edu_track_item item)
{
	struct edu_track *track;

	if (!(s->flags & SLAB_STORE_USER))
		return;
	track = edu_track_of(s, object, item);
	track->depth = stack_trace_save(track->stack, EDU_TRACK_DEPTH, 2);
	track->cpu = raw_smp_processor_id();
	track->pid = current->pid;
	track->when = jiffies;
}

/* STORE_USER and kmalloc: the size that was asked for is behind the tracks. */
static unsigned int *asked_of(const struct edu_cache *s, const void *object)
{
	return (unsigned int *)(edu_track_of(s, (void *)object, 0) + 2);
}

/**
 * debug_asked - the size that a kmalloc user asked for
 * @s: the cache
 * @object: of it
 *
 * Return: that size, or the object's if it is not kept.
 */
unsigned int debug_asked(const struct edu_cache *s, const void *object)
{
	if (s->kmalloc && (s->flags & SLAB_STORE_USER))
		return *asked_of(s, object);
	return s->object_size;
}
EXPORT_SYMBOL_IF_KUNIT(debug_asked);

static void paint_red(struct edu_cache *s, void *object, u8 value)
{
	if (!(s->flags & SLAB_RED_ZONE))
		return;
	memset(object - s->red_left_pad, value, s->red_left_pad);
	memset(object + s->object_size, value, s->inuse - s->object_size);
}

/**
 * debug_set_asked - keep the size a kmalloc user asked for
 * @s: the cache
 * @object: in use
 * @asked: at most the object's size; the rest becomes red zone
 */
void debug_set_asked(struct edu_cache *s, void *object, unsigned int asked)
{
	if (!s->kmalloc || !(s->flags & SLAB_STORE_USER))
		return;
	*asked_of(s, object) = asked;
	if (s->flags & SLAB_RED_ZONE)
		memset(object + asked, SLUB_RED_ACTIVE, s->object_size - asked);
}
EXPORT_SYMBOL_IF_KUNIT(debug_set_asked);

static void paint_free(struct edu_cache *s, void *object)
{
	paint_red(s, object, SLUB_RED_INACTIVE);
	if (poisons(s)) {
		memset(object, POISON_FREE, s->object_size - 1);
		((u8 *)object)[s->object_size - 1] = POISON_END;
	}
}

static unsigned int slab_used_bytes(const struct edu_cache *s, const struct edu_page *slab)
{
	return slab->slab.objects * s->size;
}

/**
 * debug_init_slab - lay out the end of a new slab
 * @s: a debug cache
 * @slab: its new slab, objects set
 */
void debug_init_slab(struct edu_cache *s, struct edu_page *slab)
{
	unsigned int used = slab_used_bytes(s, slab);

	if (s->flags & SLAB_POISON)
		memset(edu_page_address(slab) + used, POISON_INUSE,
		       (PAGE_SIZE << slab->order) - used);
}

/**
 * debug_init_object - lay out an object of a new slab
 * @s: a debug cache
 * @slab: its slab
 * @object: the object
 */
void debug_init_object(struct edu_cache *s, struct edu_page *slab, void *object)
{
	if (s->flags & SLAB_STORE_USER)
		memset(edu_track_of(s, object, 0), 0, 2 * sizeof(struct edu_track));
	if (s->kmalloc && (s->flags & SLAB_STORE_USER))
		*asked_of(s, object) = s->object_size;
	paint_free(s, object);
}

/**
 * debug_print_track - print who allocated or freed an object, and from where
 * @s: a STORE_USER cache
 * @object: of it
 * @item: which; nothing is printed if it was never
 */
void debug_print_track(const struct edu_cache *s, void *object, enum edu_track_item item)
{
	struct edu_track *track = edu_track_of(s, object, item);
	unsigned int i, depth = min_t(unsigned int, track->depth, EDU_TRACK_DEPTH);

	if (!depth)
		return;
	pr_err("slab_edu:   %s by process %d on CPU %u, %u ms ago\n",
	       item == EDU_TRACK_ALLOC ? "allocated" : "freed", track->pid,
	       track->cpu, jiffies_to_msecs(jiffies - track->when));
	for (i = 0; i < depth; i++)
		pr_err("slab_edu:     %pS\n", (void *)track->stack[i]);
}

/**
 * debug_report - something is wrong with an object
 * @s: the cache it happened to
 * @slab: of the object, NULL if it has none
 * @object: the object, or what was taken for one
 * @error: what is wrong
 *
 * Counts it; prints it if it is the first of its kind in the cache.
 */
void debug_report(struct edu_cache *s, struct edu_page *slab, void *object,
		  enum edu_error error)
{
	atomic_long_inc(&s->errors[error]);
	if (test_and_set_bit(error, &s->reported))
		return;
	pr_err("slab_edu: cache %s: object %p: %s\n", s->name, object,
	       error_texts[error]);
	if (!slab)
		return;
	pr_err("slab_edu:   slab %p of cache %s, %u of %u objects in use\n",
	       edu_page_address(slab), slab->cache->name, slab->slab.inuse,
	       slab->slab.objects);
	if (slab->cache == s && (s->flags & SLAB_STORE_USER) &&
	    error != EDU_ERROR_MISALIGNED && error != EDU_ERROR_PADDING) {
		debug_print_track(s, object, EDU_TRACK_ALLOC);
		debug_print_track(s, object, EDU_TRACK_FREE);
	}
}

/**
 * debug_double_free - a free object was freed
 * @s: its cache
 * @slab: its slab
 * @object: the object
 *
 * Return: -EINVAL.
 */
int debug_double_free(struct edu_cache *s, struct edu_page *slab, void *object)
{
	debug_report(s, slab, object, EDU_ERROR_DOUBLE_FREE);
	return -EINVAL;
}

static bool is_object(const struct edu_cache *s, const struct edu_page *slab,
		      const void *p)
{
	long offset = p - edu_page_address(slab) - s->red_left_pad;

	return offset >= 0 && offset < slab_used_bytes(s, slab) &&
	       offset % s->size == 0;
}

static bool all_are(const void *start, u8 value, unsigned int bytes)
{
	return !bytes || !memchr_inv(start, value, bytes);
}

/* What is wrong with an object, given whether it should be in use; or none. */
static enum edu_error inspect(struct edu_cache *s, void *object, bool in_use)
{
	u8 red = in_use ? SLUB_RED_ACTIVE : SLUB_RED_INACTIVE;

	if (s->flags & SLAB_RED_ZONE) {
		if (!all_are(object - s->red_left_pad, red, s->red_left_pad) ||
		    !all_are(object + s->object_size, red, s->inuse - s->object_size))
			return EDU_ERROR_RED_ZONE;
		if (in_use && s->kmalloc && (s->flags & SLAB_STORE_USER)) {
			unsigned int asked = debug_asked(s, object);

			if (asked > s->object_size ||
			    !all_are(object + asked, red, s->object_size - asked))
				return EDU_ERROR_RED_ZONE;
		}
	}
	if (!in_use && poisons(s) &&
	    (!all_are(object, POISON_FREE, s->object_size - 1) ||
	     ((u8 *)object)[s->object_size - 1] != POISON_END))
		return EDU_ERROR_POISON;
	return EDU_NR_ERRORS;
}

/**
 * object_is_free - is an object on its slab's chain?
 * @s: its cache
 * @slab: its slab; the node's lock is held, or nobody else is there
 * @object: the object
 *
 * Return: true if it is.
 */
bool object_is_free(const struct edu_cache *s, struct edu_page *slab,
		    const void *object)
{
	void *p = slab->slab.freelist;
	unsigned int n;

	for (n = 0; p && n < slab->slab.objects && is_object(s, slab, p); n++) {
		if (p == object)
			return true;
		p = freeptr_get(s, p);
	}
	return false;
}

static void move_full(struct edu_node *n, struct edu_page *slab)
{
	partial_remove(n, slab);
	list_add(&slab->list, &n->full);
}

/* The chain leads nowhere: what is left of it cannot be used again. */
static void cut_chain(struct edu_cache *s, struct edu_node *n, struct edu_page *slab)
{
	debug_report(s, slab, slab->slab.freelist, EDU_ERROR_FREELIST);
	slab->slab.quarantined += slab->slab.objects - slab->slab.inuse;
	slab->slab.inuse = slab->slab.objects;
	slab->slab.freelist = NULL;
}

/* The node's lock is held; a sound free object of this slab, or NULL. */
static void *take_object(struct edu_cache *s, struct edu_node *n, struct edu_page *slab)
{
	void *object;

	while ((object = slab->slab.freelist)) {
		enum edu_error error;

		if (!is_object(s, slab, object)) {
			cut_chain(s, n, slab);
			return NULL;
		}
		slab->slab.freelist = freeptr_get(s, object);
		slab->slab.inuse++;
		error = inspect(s, object, false);
		if (error == EDU_NR_ERRORS)
			return object;
		debug_report(s, slab, object, error);
		slab->slab.quarantined++;
	}
	return NULL;
}

static void *take_from_node(struct edu_cache *s, struct edu_node *n)
{
	struct edu_page *slab, *next;
	unsigned long flags;
	void *object = NULL;

	spin_lock_irqsave(&n->list_lock, flags);
	list_for_each_entry_safe(slab, next, &n->partial, list) {
		object = take_object(s, n, slab);
		if (!slab->slab.freelist)
			move_full(n, slab);
		if (object)
			break;
	}
	spin_unlock_irqrestore(&n->list_lock, flags);
	return object;
}

/**
 * debug_alloc - allocate an object of a debug cache
 * @s: the cache
 * @gfp: as always
 * @node: or NUMA_NO_NODE
 * @asked: bytes that the user wants of it
 *
 * Return: the object or NULL.
 */
void *debug_alloc(struct edu_cache *s, gfp_t gfp, int node, unsigned int asked)
{
	int first = node, i;
	void *object;

	edu_stat_inc(s, EDU_ALLOC_SLOWPATH);
	if (node == NUMA_NO_NODE)
		first = edu_node_of_cpu(s->mem, raw_smp_processor_id());
	for (;;) {
		struct edu_page *slab;
		struct edu_node *n;
		unsigned long flags;

		object = NULL;
		for (i = 0; i < (node == NUMA_NO_NODE ? s->mem->nr_nodes : 1) && !object; i++)
			object = take_from_node(s, &s->node[(first + i) % s->mem->nr_nodes]);
		if (object) {
			edu_stat_inc(s, EDU_ALLOC_FROM_PARTIAL);
			break;
		}
		slab = slab_create(s, gfp, node);
		if (!slab)
			return NULL;
		edu_stat_inc(s, EDU_ALLOC_SLAB);
		n = edu_node_of(s, slab);
		spin_lock_irqsave(&n->list_lock, flags);
		partial_add(n, slab, false);
		spin_unlock_irqrestore(&n->list_lock, flags);
		node = edu_slab_node(slab);
		first = node;
	}
	if (poisons(s))
		memset(object, POISON_INUSE, s->object_size);
	paint_red(s, object, SLUB_RED_ACTIVE);
	set_track(s, object, EDU_TRACK_ALLOC);
	debug_set_asked(s, object, asked);
	return object;
}

/* An object on no chain that looks free. Only red zones are found harmed by a free. */
static bool in_quarantine(struct edu_cache *s, void *object)
{
	return s->flags & SLAB_RED_ZONE && inspect(s, object, false) == EDU_NR_ERRORS;
}

/**
 * debug_free - free an object of a debug cache
 * @s: the cache
 * @slab: of it
 * @object: said to be one
 *
 * Return: 0; -EINVAL if it is not an object in use, or was harmed.
 */
int debug_free(struct edu_cache *s, struct edu_page *slab, void *object)
{
	struct edu_node *n = edu_node_of(s, slab);
	enum edu_error error = EDU_NR_ERRORS;
	bool was_full, gone = false;
	unsigned long flags;

	edu_stat_inc(s, EDU_FREE_SLOWPATH);
	spin_lock_irqsave(&n->list_lock, flags);
	if (!is_object(s, slab, object))
		error = EDU_ERROR_MISALIGNED;
	else if (object_is_free(s, slab, object) || in_quarantine(s, object))
		error = EDU_ERROR_DOUBLE_FREE;
	if (error != EDU_NR_ERRORS) {
		debug_report(s, slab, object, error);
		spin_unlock_irqrestore(&n->list_lock, flags);
		return -EINVAL;
	}
	error = inspect(s, object, true);
	if (error != EDU_NR_ERRORS) {
		debug_report(s, slab, object, error);
		/* Once: freed again, it is known by what is around it. */
		slab->slab.quarantined++;
		paint_free(s, object);
		spin_unlock_irqrestore(&n->list_lock, flags);
		return -EINVAL;
	}

	set_track(s, object, EDU_TRACK_FREE);
	paint_free(s, object);
	was_full = !slab->slab.freelist;
	freeptr_set(s, object, slab->slab.freelist);
	slab->slab.freelist = object;
	slab->slab.inuse--;
	if (was_full) {
		list_del(&slab->list);
		partial_add(n, slab, true);
		edu_stat_inc(s, EDU_FREE_ADD_PARTIAL);
	}
	if (!slab->slab.inuse && n->nr_partial > s->min_partial) {
		partial_remove(n, slab);
		edu_stat_inc(s, EDU_FREE_REMOVE_PARTIAL);
		gone = true;
	}
	spin_unlock_irqrestore(&n->list_lock, flags);
	if (gone)
		slab_discard(s, slab);
	return 0;
}

static unsigned int validate_slab(struct edu_cache *s, struct edu_node *n,
				  struct edu_page *slab)
{
	unsigned int used = slab_used_bytes(s, slab), errors = 0, free = 0, i;
	void *p;

	if ((s->flags & SLAB_POISON) &&
	    !all_are(edu_page_address(slab) + used, POISON_INUSE,
		     (PAGE_SIZE << slab->order) - used)) {
		debug_report(s, slab, edu_page_address(slab) + used, EDU_ERROR_PADDING);
		errors++;
	}
	for (p = slab->slab.freelist; p; p = freeptr_get(s, p)) {
		if (!is_object(s, slab, p) || free == slab->slab.objects) {
			debug_report(s, slab, p, EDU_ERROR_FREELIST);
			errors++;
			break;
		}
		free++;
	}
	if (slab->slab.inuse + free != slab->slab.objects) {
		debug_report(s, slab, slab->slab.freelist, EDU_ERROR_COUNT);
		errors++;
	}
	/* Of a slab with quarantined objects it is not known which they are. */
	for (i = 0; i < slab->slab.objects && !slab->slab.quarantined; i++) {
		void *object = edu_object(s, slab, i);
		enum edu_error error;

		error = inspect(s, object, !object_is_free(s, slab, object));
		if (error == EDU_NR_ERRORS)
			continue;
		debug_report(s, slab, object, error);
		errors++;
	}
	return errors;
}

/**
 * debug_validate - check every slab of a debug cache
 * @s: the cache; others may go on using it
 *
 * Return: how much is wrong, or -EINVAL if @s is not a debug cache.
 */
int debug_validate(struct edu_cache *s)
{
	unsigned int errors = 0;
	int node;

	if (!edu_cache_debug(s))
		return -EINVAL;
	for (node = 0; node < s->mem->nr_nodes; node++) {
		struct edu_node *n = &s->node[node];
		struct edu_page *slab;
		unsigned long flags;

		spin_lock_irqsave(&n->list_lock, flags);
		list_for_each_entry(slab, &n->partial, list)
			errors += validate_slab(s, n, slab);
		list_for_each_entry(slab, &n->full, list)
			errors += validate_slab(s, n, slab);
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
	return errors;
}
EXPORT_SYMBOL_IF_KUNIT(debug_validate);
