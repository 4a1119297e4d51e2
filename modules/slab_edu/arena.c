// SPDX-License-Identifier: GPL-2.0
/*
 * Arenas: 4 MiB blocks lent by the kernel's page allocator, one arena a node.
 *
 *  1. A zone grows by one block at a time, when a request finds too little,
 *     up to its limit.
 *  2. A new block is one free movable run of order 10, as the memory of a
 *     machine is at boot.
 *  3. A block that is wholly free again goes back, save one kept against
 *     needless to and fro.
 *  4. From an address to its block leads a hash of the address's upper bits
 *     (edu_block_of); so a pointer that is not ours is recognised, whatever
 *     it points to.
 *
 * The documents' machine has its pages from the firmware; this is the part
 * that a twin needs beside them.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/slab.h>

#include "memory.h"
#include "trace.h"

#define DESCRIPTORS (EDU_BLOCK_PAGES * sizeof(struct edu_page))

/* A slot whose block went away; probing must go on behind it. */
#define SLOT_GONE 1UL

static void *kernel_get(void *context, int node, gfp_t gfp)
{
	struct page *page;
	void *base;

	page = alloc_pages_node(node_online(node) ? node : NUMA_NO_NODE, gfp,
				EDU_MAX_ORDER);
	if (!page)
		return NULL;
	base = page_address(page);
	/* Objects in it may hold the only pointer to the kernel's memory. */
	kmemleak_alloc(base, EDU_BLOCK_SIZE, 0, gfp);
	return base;
}

static void kernel_put(void *context, void *base)
{
	kmemleak_free(base);
	free_pages((unsigned long)base, EDU_MAX_ORDER);
}

const struct edu_page_source edu_kernel_source = {
	.get = kernel_get,
	.put = kernel_put,
};
EXPORT_SYMBOL_IF_KUNIT(edu_kernel_source);

static int map_insert(struct edu_memory *mem, struct edu_block *block)
{
	unsigned long base = (unsigned long)block->base >> EDU_BLOCK_SHIFT;
	unsigned int i = base % EDU_MAP_SLOTS, n;
	unsigned long flags;
	int err = -ENOSPC;

	spin_lock_irqsave(&mem->map_lock, flags);
	for (n = 0; n < EDU_MAP_SLOTS; n++, i = (i + 1) % EDU_MAP_SLOTS) {
		if (mem->map[i].base > SLOT_GONE)
			continue;
		WRITE_ONCE(mem->map[i].block, block);
		/* Who finds the base finds its block: edu_block_of(). */
		smp_store_release(&mem->map[i].base, base);
		err = 0;
		break;
	}
	spin_unlock_irqrestore(&mem->map_lock, flags);
	return err;
}

static void map_remove(struct edu_memory *mem, struct edu_block *block)
{
	unsigned long base = (unsigned long)block->base >> EDU_BLOCK_SHIFT;
	unsigned int i = base % EDU_MAP_SLOTS;
	unsigned long flags;

	spin_lock_irqsave(&mem->map_lock, flags);
	while (mem->map[i].base != base)
		i = (i + 1) % EDU_MAP_SLOTS;
	WRITE_ONCE(mem->map[i].base, SLOT_GONE);
	/* A chain of such slots with nothing behind it is no chain. */
	while (!mem->map[(i + 1) % EDU_MAP_SLOTS].base &&
	       mem->map[i].base == SLOT_GONE) {
		WRITE_ONCE(mem->map[i].base, 0);
		i = (i - 1) % EDU_MAP_SLOTS;
	}
	spin_unlock_irqrestore(&mem->map_lock, flags);
}

static struct edu_block *block_create(struct edu_zone *zone, gfp_t gfp)
{
	const struct edu_page_source *source = zone->mem->source;
	struct edu_block *block;
	unsigned int i;

	block = kzalloc_obj(*block, gfp);
	if (!block)
		return NULL;
	block->pages = alloc_pages_exact(DESCRIPTORS, gfp | __GFP_ZERO);
	if (!block->pages)
		goto no_pages;
	block->base = source->get(source->context, zone->node, gfp);
	if (!block->base)
		goto no_base;
	if (!IS_ALIGNED((unsigned long)block->base, EDU_BLOCK_SIZE))
		goto no_map;
	block->zone = zone;
	memset(block->pageblock_mt, MIGRATE_MOVABLE, sizeof(block->pageblock_mt));
	for (i = 0; i < EDU_BLOCK_PAGES; i++)
		block->pages[i].block = block;
	if (map_insert(zone->mem, block))
		goto no_map;
	return block;

no_map:
	source->put(source->context, block->base);
no_base:
	free_pages_exact(block->pages, DESCRIPTORS);
no_pages:
	kfree(block);
	return NULL;
}

static void block_free_rcu(struct rcu_head *rcu)
{
	struct edu_block *block = container_of(rcu, struct edu_block, rcu);

	free_pages_exact(block->pages, DESCRIPTORS);
	kfree(block);
}

static void block_destroy(struct edu_block *block)
{
	struct edu_memory *mem = block->zone->mem;

	map_remove(mem, block);
	mem->source->put(mem->source->context, block->base);
	/* Somebody may be looking up a pointer that is not his any more. */
	call_rcu(&block->rcu, block_free_rcu);
}

/**
 * arena_grow - add a block to a zone
 * @zone: not locked
 * @gfp: how the kernel is asked
 *
 * Context: any but NMI; sleeps if @gfp allows it.
 *
 * Return: 0; -ENOSPC if the zone is at its limit; -ENOMEM if the source gave
 * nothing.
 */
int arena_grow(struct edu_zone *zone, gfp_t gfp)
{
	struct edu_block *block = NULL;
	unsigned long flags;
	int err = -ENOSPC;

	gfp &= GFP_ATOMIC | GFP_KERNEL;
	gfp |= __GFP_NOWARN | __GFP_NORETRY;

	spin_lock_irqsave(&zone->lock, flags);
	if (zone->present_pages + EDU_BLOCK_PAGES <= zone->max_pages) {
		zone->present_pages += EDU_BLOCK_PAGES;
		err = 0;
	} else {
		zone->stat[EDU_ZONE_GROW_FAIL]++;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	if (err)
		return err;

	block = block_create(zone, gfp);

	spin_lock_irqsave(&zone->lock, flags);
	if (block) {
		list_add_tail(&block->node, &zone->blocks);
		buddy_give(zone, &block->pages[0], EDU_MAX_ORDER);
		zone->stat[EDU_ZONE_GROW]++;
	} else {
		zone->present_pages -= EDU_BLOCK_PAGES;
		zone->stat[EDU_ZONE_GROW_FAIL]++;
		err = -ENOMEM;
	}
	watermark_set(zone);
	spin_unlock_irqrestore(&zone->lock, flags);
	trace_edu_arena_grow(zone->node, zone->present_pages, err);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(arena_grow);

/**
 * arena_give_back - return wholly free blocks
 * @zone: not locked
 * @keep: leave this many
 *
 * Context: any but NMI.
 *
 * Return: how many blocks went back.
 */
unsigned int arena_give_back(struct edu_zone *zone, unsigned int keep)
{
	struct edu_free_area *area = &zone->free_area[EDU_MAX_ORDER];
	struct edu_block *block, *next;
	unsigned int mt, n = 0;
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&zone->lock, flags);
	for (mt = 0; mt < MIGRATE_PCPTYPES; mt++) {
		while (area->nr_free > keep && !list_empty(&area->free_list[mt])) {
			struct edu_page *page;

			page = list_last_entry(&area->free_list[mt],
					       struct edu_page, list);
			buddy_remove(zone, page);
			list_move(&page->block->node, &gone);
			zone->present_pages -= EDU_BLOCK_PAGES;
			zone->stat[EDU_ZONE_GIVE_BACK]++;
			n++;
		}
	}
	watermark_set(zone);
	spin_unlock_irqrestore(&zone->lock, flags);

	list_for_each_entry_safe(block, next, &gone, node)
		block_destroy(block);
	if (n)
		trace_edu_arena_give_back(zone->node, zone->present_pages, n);
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(arena_give_back);

/**
 * arena_close - return everything
 * @zone: nobody allocates any more, per-CPU lists are drained
 *
 * A block with pages still in use cannot be given back: whoever holds them
 * would write to what is somebody else's. It is left to leak, and said.
 *
 * Return: 0, or -EBUSY if such blocks are left.
 */
int arena_close(struct edu_zone *zone)
{
	struct edu_block *block, *next;
	unsigned int n = 0;

	arena_give_back(zone, 0);
	list_for_each_entry_safe(block, next, &zone->blocks, node) {
		list_del(&block->node);
		n++;
	}
	if (n)
		pr_err("slab_edu: node %d: %u blocks of pages are still in use and are lost\n",
		       zone->node, n);
	return n ? -EBUSY : 0;
}
EXPORT_SYMBOL_IF_KUNIT(arena_close);
