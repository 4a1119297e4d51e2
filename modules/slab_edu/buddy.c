// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy system: which run of 2^order pages is handed out, and what
 * becomes of it when it returns.
 *
 * Taking, in the order the rules apply:
 *  1. The smallest free run of the wanted migrate type that is large enough.
 *  2. It is halved until it fits; each time the upper half goes to the free
 *     list of its order, and the lower half is halved again.
 *  3. No run of the wanted type: the largest run of another type, in the order
 *     of fallbacks[]. A whole pageblock, or one that is at least half free,
 *     changes its type for good, so that later requests find the rest there
 *     and types do not mix. Otherwise only this run is borrowed, and for
 *     movable pages the smallest that will do.
 * Giving:
 *  4. While the buddy - the run at index XOR 2^order - is free and of the same
 *     order, both become one run of the next order, at most of order 10.
 *  5. The run goes to the list of its pageblock's type.
 *
 * Follows the kernel book 6.7 and document chapter 9 (__rmqueue_smallest,
 * expand); the fallback rule, which they only tabulate, is the kernel's.
 * Unlike the kernel, buddies never join beyond a 4 MiB block, and there is
 * no CMA, no isolation and no compaction: pages of the twin do not move.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>

#include "memory.h"
#include "trace.h"

static const u8 fallbacks[MIGRATE_PCPTYPES][2] = {
	[MIGRATE_UNMOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE },
	[MIGRATE_MOVABLE] = { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE },
	[MIGRATE_RECLAIMABLE] = { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE },
};

/**
 * buddy_init - make all free lists of a zone empty
 * @zone: nobody else uses it yet
 */
void buddy_init(struct edu_zone *zone)
{
	unsigned int order, mt;

	for (order = 0; order < EDU_NR_ORDERS; order++) {
		for (mt = 0; mt < MIGRATE_PCPTYPES; mt++)
			INIT_LIST_HEAD(&zone->free_area[order].free_list[mt]);
		zone->free_area[order].nr_free = 0;
	}
}
EXPORT_SYMBOL_IF_KUNIT(buddy_init);

static void list_run(struct edu_zone *zone, struct edu_page *page,
		     unsigned int order, unsigned int mt)
{
	struct edu_free_area *area = &zone->free_area[order];

	page->state = EDU_PAGE_BUDDY;
	page->order = order;
	page->mt = mt;
	list_add(&page->list, &area->free_list[mt]);
	area->nr_free++;
}

static void unlist_run(struct edu_zone *zone, struct edu_page *page)
{
	list_del(&page->list);
	zone->free_area[page->order].nr_free--;
	page->state = EDU_PAGE_TAIL;
}

/* Rule 2. */
static void expand(struct edu_zone *zone, struct edu_page *page,
		   unsigned int low, unsigned int high, unsigned int mt)
{
	while (high > low) {
		high--;
		list_run(zone, page + (1U << high), high, mt);
		zone->stat[EDU_ZONE_SPLIT]++;
	}
}

static struct edu_page *first_run(struct edu_zone *zone, unsigned int order,
				  unsigned int mt)
{
	return list_first_entry_or_null(&zone->free_area[order].free_list[mt],
					struct edu_page, list);
}

/* Rule 1. */
static struct edu_page *take_smallest(struct edu_zone *zone, unsigned int order,
				      unsigned int mt)
{
	unsigned int current_order;

	for (current_order = order; current_order < EDU_NR_ORDERS; current_order++) {
		struct edu_page *page = first_run(zone, current_order, mt);

		if (!page)
			continue;
		unlist_run(zone, page);
		expand(zone, page, order, current_order, mt);
		return page;
	}
	return NULL;
}

/* Give all free runs of @page's pageblock to @mt. */
static void claim_pageblock(struct edu_zone *zone, struct edu_page *page,
			    unsigned int mt)
{
	unsigned int i = round_down(edu_page_index(page), EDU_PAGEBLOCK_PAGES);
	struct edu_block *block = page->block;
	unsigned int end = i + EDU_PAGEBLOCK_PAGES;

	block->pageblock_mt[i / EDU_PAGEBLOCK_PAGES] = mt;
	while (i < end) {
		struct edu_page *run = &block->pages[i];

		if (run->state != EDU_PAGE_BUDDY) {
			i++;
			continue;
		}
		i += 1U << run->order;
		unlist_run(zone, run);
		list_run(zone, run, run->order, mt);
	}
}

static unsigned int free_in_pageblock(const struct edu_page *page)
{
	unsigned int i = round_down(edu_page_index(page), EDU_PAGEBLOCK_PAGES);
	unsigned int end = i + EDU_PAGEBLOCK_PAGES, free = 0;

	while (i < end) {
		const struct edu_page *run = &page->block->pages[i];
		unsigned int n = 1;

		if (run->state == EDU_PAGE_BUDDY) {
			n = 1U << run->order;
			free += n;
		}
		i += n;
	}
	return free;
}

/* Rule 3: a run of another type; smallest first if only borrowing is allowed. */
static struct edu_page *take_fallback(struct edu_zone *zone, unsigned int order,
				      unsigned int mt)
{
	struct edu_page *page = NULL;
	int current_order, i, old;
	bool claim = false;

	for (current_order = EDU_MAX_ORDER; current_order >= (int)order; current_order--) {
		for (i = 0; i < ARRAY_SIZE(fallbacks[mt]) && !page; i++)
			page = first_run(zone, current_order, fallbacks[mt][i]);
		if (page)
			break;
	}
	if (!page)
		return NULL;

	/* Movable pages are no harm among others: do not break a large run. */
	if (mt == MIGRATE_MOVABLE && current_order < EDU_PAGEBLOCK_ORDER / 2) {
		struct edu_page *small = NULL;
		int o;

		for (o = order; o <= current_order && !small; o++)
			for (i = 0; i < ARRAY_SIZE(fallbacks[mt]) && !small; i++)
				small = first_run(zone, o, fallbacks[mt][i]);
		page = small;
	} else {
		claim = current_order >= EDU_PAGEBLOCK_ORDER ||
			free_in_pageblock(page) >= EDU_PAGEBLOCK_PAGES / 2;
	}

	current_order = page->order;
	old = page->mt;
	zone->stat[EDU_ZONE_FALLBACK]++;
	trace_edu_mm_page_alloc_extfrag(page, order, current_order, mt, old, claim);
	if (!claim) {
		unlist_run(zone, page);
		expand(zone, page, order, current_order, old);
		return page;
	}

	zone->stat[EDU_ZONE_CLAIM]++;
	if (current_order >= EDU_PAGEBLOCK_ORDER) {
		unsigned int first = edu_page_index(page) / EDU_PAGEBLOCK_PAGES;
		unsigned int n = 1U << (current_order - EDU_PAGEBLOCK_ORDER);

		unlist_run(zone, page);
		list_run(zone, page, current_order, mt);
		while (n--)
			page->block->pageblock_mt[first + n] = mt;
	} else {
		claim_pageblock(zone, page, mt);
	}
	return take_smallest(zone, order, mt);
}

/**
 * buddy_take - take a free run of pages
 * @zone: from its free areas; its lock is held
 * @order: 0 to 10, for 2^@order pages
 * @mt: MIGRATE_UNMOVABLE, MIGRATE_MOVABLE or MIGRATE_RECLAIMABLE
 *
 * Watermarks are the caller's business. Kernel book 6.7, rules 1 to 3.
 *
 * Return: the first page, its order set and aligned to it; NULL if there is
 * none of this size or the arguments are out of range.
 */
struct edu_page *buddy_take(struct edu_zone *zone, unsigned int order,
			    unsigned int mt)
{
	struct edu_page *page;

	if (order > EDU_MAX_ORDER || mt >= MIGRATE_PCPTYPES)
		return NULL;
	page = take_smallest(zone, order, mt);
	if (!page)
		page = take_fallback(zone, order, mt);
	if (page) {
		page->order = order;
		zone->free_pages -= 1UL << order;
	}
	return page;
}
EXPORT_SYMBOL_IF_KUNIT(buddy_take);

/**
 * buddy_give - take a run back and join it with its buddies
 * @zone: the zone it came from; its lock is held
 * @page: first page, not on any list
 * @order: as it was taken
 *
 * Kernel book 6.7, rules 4 and 5.
 *
 * Return: the order of the run that it became part of.
 */
unsigned int buddy_give(struct edu_zone *zone, struct edu_page *page,
			unsigned int order)
{
	struct edu_page *pages = page->block->pages;
	unsigned int index = edu_page_index(page);
	unsigned int mt = edu_pageblock_mt(page);

	zone->free_pages += 1UL << order;
	page->state = EDU_PAGE_TAIL;
	while (order < EDU_MAX_ORDER) {
		struct edu_page *buddy = &pages[index ^ (1U << order)];

		if (buddy->state != EDU_PAGE_BUDDY || buddy->order != order)
			break;
		unlist_run(zone, buddy);
		index &= ~(1U << order);
		order++;
		zone->stat[EDU_ZONE_MERGE]++;
	}
	list_run(zone, &pages[index], order, mt);
	return order;
}
EXPORT_SYMBOL_IF_KUNIT(buddy_give);

/**
 * buddy_remove - take one particular free run out
 * @zone: its zone, locked
 * @page: first page of a run on a free list
 */
void buddy_remove(struct edu_zone *zone, struct edu_page *page)
{
	zone->free_pages -= 1UL << page->order;
	unlist_run(zone, page);
}

/**
 * buddy_check - do the free areas hold together?
 * @zone: locked
 *
 * Every run on a list is free, of the list's order and type, aligned, and its
 * buddy is not free with the same order; counts agree with the lists.
 *
 * Return: 0, or -EUCLEAN.
 */
int buddy_check(struct edu_zone *zone)
{
	unsigned long total = 0;
	unsigned int order, mt;

	for (order = 0; order < EDU_NR_ORDERS; order++) {
		struct edu_free_area *area = &zone->free_area[order];
		unsigned long n = 0;

		for (mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
			struct edu_page *page, *buddy;

			list_for_each_entry(page, &area->free_list[mt], list) {
				unsigned int i = edu_page_index(page);

				n++;
				if (page->state != EDU_PAGE_BUDDY ||
				    page->order != order || page->mt != mt ||
				    i % (1U << order))
					return -EUCLEAN;
				if (order == EDU_MAX_ORDER)
					continue;
				buddy = &page->block->pages[i ^ (1U << order)];
				if (buddy->state == EDU_PAGE_BUDDY &&
				    buddy->order == order)
					return -EUCLEAN;
			}
		}
		if (n != area->nr_free)
			return -EUCLEAN;
		total += n << order;
	}
	return total == zone->free_pages ? 0 : -EUCLEAN;
}
EXPORT_SYMBOL_IF_KUNIT(buddy_check);
