// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are still in use when their cache shall go: how many, and who
 * allocated them.
 *
 *  1. All slabs are walked, wherever they are; of each, what is not on its free
 *     chain is in use.
 *  2. STORE_USER: objects allocated from the same place, by the same way, are
 *     one entry with their number; without it, each object is one.
 *
 * Follows kernel book 6.15 (M7). The kernel prints objects, not places.
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#include "slab.h"

#define SITES 16

struct site {
	struct edu_track *track;
	void *object;
	unsigned int count;
};

struct leaks {
	struct site *sites;
	unsigned int objects;
};

static void count_slab(struct edu_cache *s, struct edu_page *slab, unsigned int block,
		       void *leaks)
{
	((struct leaks *)leaks)->objects += slab->slab.inuse - slab->slab.quarantined;
}

/**
 * cache_objects_in_use - objects that users hold
 * @s: flushed, and not in use meanwhile
 *
 * Return: their number; those that a report put into quarantine do not count.
 */
unsigned long cache_objects_in_use(struct edu_cache *s)
{
	struct leaks leaks = {};

	slab_for_each(s, count_slab, &leaks);
	return leaks.objects;
}
EXPORT_SYMBOL_IF_KUNIT(cache_objects_in_use);

static bool same_site(const struct edu_track *a, const struct edu_track *b)
{
	return a->depth == b->depth &&
	       !memcmp(a->stack, b->stack, a->depth * sizeof(a->stack[0]));
}

static void note(struct edu_cache *s, struct site *sites, void *object)
{
	struct edu_track *track = NULL;
	unsigned int i;

	if (s->flags & SLAB_STORE_USER)
		track = edu_track_of(s, object, EDU_TRACK_ALLOC);
	for (i = 0; i < SITES; i++) {
		if (!sites[i].count) {
			sites[i].track = track;
			sites[i].object = object;
		} else if (!track || !same_site(sites[i].track, track)) {
			continue;
		}
		sites[i].count++;
		return;
	}
}

static void note_slab(struct edu_cache *s, struct edu_page *slab, unsigned int block,
		      void *data)
{
	struct leaks *leaks = data;
	unsigned int i;

	count_slab(s, slab, block, leaks);
	for (i = 0; leaks->sites && i < slab->slab.objects; i++) {
		void *object = edu_object(s, slab, i);

		if (!object_is_free(s, slab, object))
			note(s, leaks->sites, object);
	}
}

/**
 * debug_report_leaks - say who allocated the objects that are still in use
 * @s: flushed, and nobody uses it meanwhile
 *
 * At most 16 entries; see above.
 *
 * Context: sleeps.
 *
 * Return: how many objects are in use.
 */
unsigned int debug_report_leaks(struct edu_cache *s)
{
	struct leaks leaks = {
		.sites = kcalloc(SITES, sizeof(struct site), GFP_KERNEL),
	};
	unsigned int i;

	slab_for_each(s, note_slab, &leaks);
	pr_err("slab_edu: cache %s cannot be destroyed: %u objects in use\n",
	       s->name, leaks.objects);
	for (i = 0; leaks.sites && i < SITES && leaks.sites[i].count; i++) {
		struct site *site = &leaks.sites[i];

		pr_err("slab_edu:   %u like object %p\n", site->count, site->object);
		if (site->track)
			debug_print_track(s, site->object, EDU_TRACK_ALLOC);
	}
	kfree(leaks.sites);
	return leaks.objects;
}
EXPORT_SYMBOL_IF_KUNIT(debug_report_leaks);
