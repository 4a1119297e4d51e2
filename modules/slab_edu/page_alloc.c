// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator: from a request with its GFP mask to a run of pages.
 *
 *  1. The node asked for, then the others in turn (unless __GFP_THISNODE): the
 *     first that keeps LOW pages free, or can grow until it does. With __GFP_DMA
 *     the DMA zone alone, which nobody else is given pages of.
 *  2. None: kswapd is woken for each, and MIN will do; for an atomic request
 *     half of it.
 *  3. Still none, and the caller may sleep: reclaim, then once more. With
 *     __GFP_MEMALLOC no mark counts.
 *  4. Single pages go through the per-CPU lists, larger runs straight to the
 *     buddy system under the zone's lock.
 *
 * Follows the kernel book 6.3 and 6.6 to 6.8, document chapters 9 and 11. A node
 * has one zone more where the kernel has ZONE_DMA, and no other: all of the arena
 * is directly mapped. The kernel's NORMAL falls back on DMA, ours does not.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "memory.h"
#include "trace.h"

static void kswapd(struct work_struct *work)
{
	struct edu_zone *zone = container_of(work, struct edu_zone, kswapd);
	struct edu_memory *mem = zone->mem;
	int tries;

	for (tries = 0; tries < 16 && !READ_ONCE(mem->closing); tries++) {
		if (READ_ONCE(zone->free_pages) >= zone->watermark[EDU_WMARK_HIGH])
			return;
		if (!arena_grow(zone, GFP_KERNEL))
			continue;
		if (!mem->reclaim || !mem->reclaim(mem, EDU_BLOCK_PAGES / 4))
			return;
	}
}

/**
 * edu_memory_init - set up memory, of no pages yet
 * @mem: zeroed
 * @nodes: 1 to EDU_MAX_NODES
 * @max_pages: limit of all nodes together, at least a block for each
 * @source: lends the blocks
 *
 * Return: 0, -EINVAL for bad numbers, -ENOMEM.
 */
int edu_memory_init(struct edu_memory *mem, int nodes, unsigned long max_pages,
		    const struct edu_page_source *source)
{
	int cpu, i;

	if (nodes < 1 || nodes > EDU_MAX_NODES ||
	    max_pages < (unsigned long)nodes * EDU_BLOCK_PAGES ||
	    max_pages > (unsigned long)EDU_MAX_BLOCKS * EDU_BLOCK_PAGES)
		return -EINVAL;
	mem->source = source;
	mem->nr_nodes = nodes;
	mem->nr_zones = nodes + IS_ENABLED(CONFIG_ZONE_DMA);
	spin_lock_init(&mem->map_lock);
	for (i = 0; i < EDU_MAP_SLOTS; i++)
		mem->map[i].base = EDU_MAP_EMPTY;
	for (i = 0; i < mem->nr_zones; i++) {
		struct edu_zone *zone = &mem->zone[i];

		spin_lock_init(&zone->lock);
		zone->mem = mem;
		zone->dma = i == nodes;
		zone->node = zone->dma ? 0 : i;
		zone->max_pages = zone->dma ? EDU_DMA_BLOCKS * EDU_BLOCK_PAGES :
					      max_pages / nodes;
		INIT_LIST_HEAD(&zone->blocks);
		INIT_LIST_HEAD(&zone->spare);
		INIT_WORK(&zone->kswapd, kswapd);
		buddy_init(zone);
		zone->pcp = kcalloc(nr_cpu_ids, sizeof(*zone->pcp), GFP_KERNEL);
		if (!zone->pcp)
			goto no_memory;
		for (cpu = 0; cpu < nr_cpu_ids; cpu++)
			pcp_init(&zone->pcp[cpu], zone->max_pages);
	}
	return 0;

no_memory:
	while (i--)
		kfree(mem->zone[i].pcp);
	return -ENOMEM;
}
EXPORT_SYMBOL_IF_KUNIT(edu_memory_init);

/**
 * edu_memory_exit - give all pages back
 * @mem: nobody allocates any more
 *
 * Context: sleeps.
 *
 * Return: 0, or -EBUSY if pages were still in use; they are lost.
 */
int edu_memory_exit(struct edu_memory *mem)
{
	int cpu, i, err = 0;

	WRITE_ONCE(mem->closing, true);
	for (i = 0; i < mem->nr_zones; i++) {
		struct edu_zone *zone = &mem->zone[i];

		cancel_work_sync(&zone->kswapd);
		for (cpu = 0; cpu < nr_cpu_ids; cpu++)
			pcp_drain(zone, cpu);
		if (arena_close(zone))
			err = -EBUSY;
		kfree(zone->pcp);
	}
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(edu_memory_exit);

static void count_unlocked(struct edu_zone *zone, enum edu_zone_stat what)
{
	/* A count that two CPUs may spoil is still a count for people. */
	data_race(zone->stat[what]++);
}

static unsigned long free_pages_unlocked(struct edu_zone *zone)
{
	/* Who asks so counts, or gives a block back a little too early or late. */
	return data_race(zone->free_pages);
}

static struct edu_page *take(struct edu_zone *zone, gfp_t gfp, unsigned int order,
			     unsigned int mt, enum edu_watermark mark)
{
	bool pressed = mark == EDU_WMARK_MIN && (gfp & __GFP_HIGH);
	struct edu_page *page = NULL;
	unsigned long spare, flags;

	if (!order) {
		spare = zone->watermark[mark];
		if (pressed)
			spare -= spare / 2;
		if (gfp & __GFP_MEMALLOC)
			spare = 0;
		page = pcp_take(zone, raw_smp_processor_id(), mt, spare);
		if (page && pressed &&
		    free_pages_unlocked(zone) < zone->watermark[EDU_WMARK_MIN])
			count_unlocked(zone, EDU_ZONE_RESERVE);
		return page;
	}

	spin_lock_irqsave(&zone->lock, flags);
	if ((gfp & __GFP_MEMALLOC) || watermark_ok(zone, order, mark, pressed))
		page = buddy_take(zone, order, mt);
	if (page && pressed && zone->free_pages < zone->watermark[EDU_WMARK_MIN])
		zone->stat[EDU_ZONE_RESERVE]++;
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* The zones of a request: the first one, then those of the other nodes in turn. */
static struct edu_zone *zone_after(struct edu_zone *first, gfp_t gfp, struct edu_zone *zone)
{
	struct edu_memory *mem = first->mem;

	if (first->dma || (gfp & __GFP_THISNODE))
		return NULL;
	zone = &mem->zone[(zone->node + 1) % mem->nr_nodes];
	return zone == first ? NULL : zone;
}

static struct edu_page *take_from_zones(struct edu_zone *first, gfp_t gfp, unsigned int order,
					enum edu_watermark mark)
{
	unsigned int mt = edu_migratetype(gfp);
	struct edu_zone *zone;

	for (zone = first; zone; zone = zone_after(first, gfp, zone)) {
		struct edu_page *page = take(zone, gfp, order, mt, mark);

		if (!page && mark == EDU_WMARK_LOW && !arena_grow(zone, gfp))
			page = take(zone, gfp, order, mt, mark);
		if (page) {
			if (zone != first)
				count_unlocked(first, EDU_ZONE_MISS);
			return page;
		}
	}
	return NULL;
}

static void wake_kswapds(struct edu_zone *first)
{
	struct edu_zone *zone;

	if (READ_ONCE(first->mem->closing))
		return;
	for (zone = first; zone; zone = zone_after(first, 0, zone))
		if (queue_work(system_unbound_wq, &zone->kswapd))
			count_unlocked(zone, EDU_ZONE_KSWAPD);
}

static struct edu_page *alloc_slowpath(struct edu_zone *first, gfp_t gfp, unsigned int order)
{
	struct edu_memory *mem = first->mem;
	struct edu_page *page;

	if (gfp & __GFP_KSWAPD_RECLAIM)
		wake_kswapds(first);
	page = take_from_zones(first, gfp, order, EDU_WMARK_MIN);
	if (page || !gfpflags_allow_blocking(gfp) || (gfp & __GFP_NORETRY) ||
	    !mem->reclaim)
		return page;
	count_unlocked(first, EDU_ZONE_RECLAIM);
	if (!mem->reclaim(mem, 1UL << order))
		return NULL;
	return take_from_zones(first, gfp, order, EDU_WMARK_MIN);
}

/**
 * edu_pages_alloc - allocate a run of pages
 * @mem: the memory
 * @gfp: GFP_KERNEL, GFP_ATOMIC, ...; __GFP_ZERO, __GFP_THISNODE,
 *	__GFP_DMA and the mobility bits count
 * @order: 0 to 10, for 2^@order pages
 * @node: to begin with, or NUMA_NO_NODE for that of this CPU; __GFP_DMA: any
 *
 * Context: any but NMI; may sleep if @gfp allows it. Kernel book 6.6.
 *
 * Return: the first page, or NULL.
 */
struct edu_page *edu_pages_alloc(struct edu_memory *mem, gfp_t gfp,
				 unsigned int order, int node)
{
	struct edu_zone *first;
	struct edu_page *page;
	unsigned int i;

	if (order > EDU_MAX_ORDER)
		return NULL;
	if (node < 0 || node >= mem->nr_nodes)
		node = edu_node_of_cpu(mem, raw_smp_processor_id());
	first = &mem->zone[edu_gfp_is_dma(gfp) ? mem->nr_nodes : node];

	page = take_from_zones(first, gfp, order, EDU_WMARK_LOW);
	if (unlikely(!page))
		page = alloc_slowpath(first, gfp, order);
	trace_edu_mm_page_alloc(page, order, gfp);
	if (unlikely(!page)) {
		count_unlocked(first, EDU_ZONE_FAIL);
		return NULL;
	}

	for (i = 0; i < 1U << order; i++)
		page[i].head = page;
	page->order = order;
	page->state = EDU_PAGE_USED;
	if (gfp & __GFP_ZERO)
		memset(edu_page_address(page), 0, PAGE_SIZE << order);
	count_unlocked(edu_page_zone(page), EDU_ZONE_ALLOC);
	return page;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pages_alloc);

/* A block became free: one stays, and what the marks ask for. */
static void give_back_spare(struct edu_zone *zone)
{
	/* How many are free, arena_give_back() looks at again with the lock. */
	if (data_race(zone->free_area[EDU_MAX_ORDER].nr_free) > 1 &&
	    free_pages_unlocked(zone) > EDU_BLOCK_PAGES + zone->watermark[EDU_WMARK_HIGH])
		arena_give_back(zone, 1);
}

/**
 * edu_pages_free - free a run of pages
 * @mem: the memory
 * @page: first page, as edu_pages_alloc() returned it
 *
 * Context: any but NMI.
 *
 * Return: 0, or -EINVAL if it was not allocated; that is reported, and
 * nothing is done.
 */
int edu_pages_free(struct edu_memory *mem, struct edu_page *page)
{
	struct edu_zone *zone = edu_page_zone(page);
	unsigned int order = page->order, i, joined;
	unsigned long flags;

	if (unlikely(page->state < EDU_PAGE_USED || page->head != page)) {
		count_unlocked(zone, EDU_ZONE_BAD_FREE);
		pr_err_ratelimited("slab_edu: free of page %u of node %d, which is not allocated\n",
				   edu_page_index(page), zone->node);
		return -EINVAL;
	}
	trace_edu_mm_page_free(page, order);
	count_unlocked(zone, EDU_ZONE_FREE);
	for (i = 0; i < 1U << order; i++)
		page[i].head = NULL;

	if (!order) {
		joined = pcp_give(zone, raw_smp_processor_id(), page);
	} else {
		spin_lock_irqsave(&zone->lock, flags);
		joined = buddy_give(zone, page, order);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
	if (joined == EDU_MAX_ORDER)
		give_back_spare(zone);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pages_free);

/**
 * edu_pages_trim - give back what is free
 * @mem: the memory
 *
 * Per-CPU lists are drained first: one page there holds a whole block.
 *
 * Context: any but NMI.
 *
 * Return: pages given back to the kernel.
 */
unsigned int edu_pages_trim(struct edu_memory *mem)
{
	unsigned int blocks = 0;
	int cpu, i;

	for (i = 0; i < mem->nr_zones; i++) {
		for_each_possible_cpu(cpu)
			pcp_drain(&mem->zone[i], cpu);
		blocks += arena_give_back(&mem->zone[i], 0);
	}
	return blocks * EDU_BLOCK_PAGES;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pages_trim);

/**
 * edu_pages_free_count - pages that nobody uses
 * @mem: the memory
 *
 * Return: those in the buddy system and on per-CPU lists of all zones.
 */
unsigned long edu_pages_free_count(const struct edu_memory *mem)
{
	unsigned long n = 0;
	int cpu, i;

	for (i = 0; i < mem->nr_zones; i++) {
		n += mem->zone[i].free_pages;
		for_each_possible_cpu(cpu)
			n += mem->zone[i].pcp[cpu].count;
	}
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(edu_pages_free_count);
