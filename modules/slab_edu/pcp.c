// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists of single pages, before the buddy system.
 *
 *  1. A single page comes from the front of this CPU's list of its migrate
 *     type: the page freed last, which the cache still has.
 *  2. An empty list is first filled with batch pages, under one hold of the
 *     zone's lock.
 *  3. A freed single page goes to the front of its pageblock's list; when
 *     count exceeds high, batch pages go back to the buddy system, the coldest
 *     of each type in turn.
 *
 * Follows the kernel book 6.7 (per_cpu_pages) and document chapter 8. Today's
 * kernel also keeps runs of orders 1 to 3 there, and tunes high as it goes.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "memory.h"
#include "trace.h"

/**
 * pcp_init - set up the lists of one CPU
 * @pcp: the lists
 * @managed: pages of the zone when it is full-grown
 *
 * The kernel's classic sizes: batch is a quarter of a thousandth of the zone,
 * at most 64, one less than a power of two; high is six batches.
 */
void pcp_init(struct edu_pcp *pcp, unsigned long managed)
{
	unsigned long batch = clamp(managed / 1024 / 4, 1UL, 64UL);
	unsigned int mt;

	spin_lock_init(&pcp->lock);
	pcp->count = 0;
	pcp->batch = max(rounddown_pow_of_two(batch + batch / 2) - 1, 1UL);
	pcp->high = 6 * pcp->batch;
	for (mt = 0; mt < MIGRATE_PCPTYPES; mt++)
		INIT_LIST_HEAD(&pcp->lists[mt]);
}
EXPORT_SYMBOL_IF_KUNIT(pcp_init);

/**
 * pcp_take - take a single page
 * @zone: the zone
 * @cpu: whose lists; normally the one we run on
 * @mt: migrate type
 * @spare: pages that a refill must leave in the buddy system
 *
 * Context: any but NMI; takes the list's lock, then maybe the zone's.
 *
 * Return: the page, or NULL if list and buddy system have none to spare.
 */
struct edu_page *pcp_take(struct edu_zone *zone, int cpu, unsigned int mt,
			  unsigned long spare)
{
	struct edu_pcp *pcp = &zone->pcp[cpu];
	struct edu_page *page;
	unsigned long flags;
	int i;

	spin_lock_irqsave(&pcp->lock, flags);
	if (list_empty(&pcp->lists[mt])) {
		spin_lock(&zone->lock);
		for (i = 0; i < pcp->batch && zone->free_pages > spare; i++) {
			page = buddy_take(zone, 0, mt);
			if (!page)
				break;
			page->state = EDU_PAGE_PCP;
			list_add_tail(&page->list, &pcp->lists[mt]);
			pcp->count++;
		}
		zone->stat[EDU_ZONE_PCP_REFILL]++;
		spin_unlock(&zone->lock);
	}
	page = list_first_entry_or_null(&pcp->lists[mt], struct edu_page, list);
	if (page) {
		list_del(&page->list);
		page->state = EDU_PAGE_TAIL;
		pcp->count--;
	}
	spin_unlock_irqrestore(&pcp->lock, flags);
	return page;
}
EXPORT_SYMBOL_IF_KUNIT(pcp_take);

/* Both locks held: give @n of the coldest pages to the buddy system. */
static unsigned int give_cold(struct edu_zone *zone, struct edu_pcp *pcp, int n)
{
	unsigned int largest = 0, mt = 0;

	while (n > 0 && pcp->count > 0) {
		struct edu_page *page;

		mt = (mt + 1) % MIGRATE_PCPTYPES;
		if (list_empty(&pcp->lists[mt]))
			continue;
		page = list_last_entry(&pcp->lists[mt], struct edu_page, list);
		list_del(&page->list);
		trace_edu_mm_page_pcpu_drain(page, 0, mt);
		largest = max(largest, buddy_give(zone, page, 0));
		pcp->count--;
		n--;
	}
	zone->stat[EDU_ZONE_PCP_DRAIN]++;
	return largest;
}

/**
 * pcp_give - free a single page
 * @zone: the page's zone
 * @cpu: whose lists
 * @page: the page, on no list
 *
 * Context: any but NMI.
 *
 * Return: the largest order that came together in the buddy system, so that
 * the caller knows when a whole block is free.
 */
unsigned int pcp_give(struct edu_zone *zone, int cpu, struct edu_page *page)
{
	struct edu_pcp *pcp = &zone->pcp[cpu];
	unsigned int largest = 0;
	unsigned long flags;

	spin_lock_irqsave(&pcp->lock, flags);
	page->state = EDU_PAGE_PCP;
	page->order = 0;
	/* The pageblock's type is only a hint here; drain reads it again. */
	list_add(&page->list, &pcp->lists[edu_pageblock_mt(page)]);
	if (++pcp->count > pcp->high) {
		spin_lock(&zone->lock);
		largest = give_cold(zone, pcp, pcp->batch);
		spin_unlock(&zone->lock);
	}
	spin_unlock_irqrestore(&pcp->lock, flags);
	return largest;
}
EXPORT_SYMBOL_IF_KUNIT(pcp_give);

/**
 * pcp_drain - give all pages of a CPU's lists to the buddy system
 * @zone: the zone
 * @cpu: any CPU, also one that is not ours or is gone
 *
 * Return: how many pages they were.
 */
unsigned int pcp_drain(struct edu_zone *zone, int cpu)
{
	struct edu_pcp *pcp = &zone->pcp[cpu];
	unsigned int count;
	unsigned long flags;

	spin_lock_irqsave(&pcp->lock, flags);
	count = pcp->count;
	if (count) {
		spin_lock(&zone->lock);
		give_cold(zone, pcp, count);
		spin_unlock(&zone->lock);
	}
	spin_unlock_irqrestore(&pcp->lock, flags);
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(pcp_drain);
