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
 *     (edu_page_of); so a pointer that is not ours is recognised, whatever
 *     it points to. Its readers take no lock: the descriptors of a block are
 *     kept for the next one when its memory goes back.
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
#define SLOT_GONE (EDU_MAP_EMPTY - 1)

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

/**
 * arena_search - edu_page_of() where the first slot is another block's
 * @mem: the memory
 * @address: any
 *
 * Return: the first page of the allocation there, or NULL.
 */
struct edu_page *arena_search(const struct edu_memory *mem, const void *address)
{
	unsigned long base = (unsigned long)address >> EDU_BLOCK_SHIFT;
	unsigned int i = base % EDU_MAP_SLOTS;
	unsigned long found;

	while ((found = READ_ONCE(mem->map[i].base)) != base) {
		if (found == EDU_MAP_EMPTY)
			return NULL;
		i = (i + 1) % EDU_MAP_SLOTS;
	}
	return edu_page_in(READ_ONCE(mem->map[i].pages), address);
}
EXPORT_SYMBOL_IF_KUNIT(arena_search);

static int map_insert(struct edu_memory *mem, struct edu_block *block)
{
	unsigned long base = (unsigned long)block->base >> EDU_BLOCK_SHIFT;
	unsigned int i = base % EDU_MAP_SLOTS, n;
	unsigned long flags;
	int err = -ENOSPC;

	spin_lock_irqsave(&mem->map_lock, flags);
	for (n = 0; n < EDU_MAP_SLOTS; n++, i = (i + 1) % EDU_MAP_SLOTS) {
		if (mem->map[i].base < SLOT_GONE)
			continue;
		WRITE_ONCE(mem->map[i].pages, block->pages);
		/* Who finds the base finds its pages: edu_page_of(). */
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
	while (mem->map[(i + 1) % EDU_MAP_SLOTS].base == EDU_MAP_EMPTY &&
	       mem->map[i].base == SLOT_GONE) {
		WRITE_ONCE(mem->map[i].base, EDU_MAP_EMPTY);
		i = (i - 1) % EDU_MAP_SLOTS;
	}
	spin_unlock_irqrestore(&mem->map_lock, flags);
}

static struct edu_block *block_alloc(gfp_t gfp)
{
	struct edu_block *block = kzalloc_obj(*block, gfp);
	unsigned int i;

	if (!block)
		return NULL;
	block->pages = alloc_pages_exact(DESCRIPTORS, gfp | __GFP_ZERO);
	if (!block->pages) {
		kfree(block);
		return NULL;
	}
	for (i = 0; i < EDU_BLOCK_PAGES; i++)
		block->pages[i].block = block;
	return block;
}

static void block_free(struct edu_block *block)
{
	free_pages_exact(block->pages, DESCRIPTORS);
	kfree(block);
}

/* Lend memory for a block; a spare one is used up first. */
static struct edu_block *block_create(struct edu_zone *zone, struct edu_block *block,
				      gfp_t gfp)
{
	const struct edu_page_source *source = zone->mem->source;

	if (!block)
		block = block_alloc(gfp);
	if (!block)
		return NULL;
	block->base = source->get(source->context, zone->node, gfp);
	if (!block->base)
		goto no_base;
	block->zone = zone;
	memset(block->pageblock_mt, MIGRATE_MOVABLE, sizeof(block->pageblock_mt));
	if (IS_ALIGNED((unsigned long)block->base, EDU_BLOCK_SIZE) &&
	    !map_insert(zone->mem, block))
		return block;
	source->put(source->context, block->base);
no_base:
	/* Nobody has seen it yet, or all who have are prepared for anything. */
	scoped_guard(spinlock_irqsave, &zone->lock)
		list_add(&block->node, &zone->spare);
	return NULL;
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
	gfp |= __GFP_NOWARN | __GFP_NORETRY | (zone->dma ? __GFP_DMA : 0);

	spin_lock_irqsave(&zone->lock, flags);
	if (zone->present_pages + EDU_BLOCK_PAGES <= zone->max_pages) {
		zone->present_pages += EDU_BLOCK_PAGES;
		block = list_first_entry_or_null(&zone->spare, struct edu_block, node);
		if (block)
			list_del(&block->node);
		err = 0;
	} else {
		zone->stat[EDU_ZONE_GROW_FAIL]++;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	if (err)
		return err;

	block = block_create(zone, block, gfp);

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
	struct edu_block *block;
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

	list_for_each_entry(block, &gone, node) {
		map_remove(zone->mem, block);
		zone->mem->source->put(zone->mem->source->context, block->base);
	}
	spin_lock_irqsave(&zone->lock, flags);
	list_splice(&gone, &zone->spare);
	spin_unlock_irqrestore(&zone->lock, flags);
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
	unsigned int n;

	arena_give_back(zone, 0);
	list_for_each_entry_safe(block, next, &zone->spare, node)
		block_free(block);
	n = list_count_nodes(&zone->blocks);
	if (n)
		pr_err("slab_edu: node %d: %u blocks of pages are still in use and are lost\n",
		       zone->node, n);
	return n ? -EBUSY : 0;
}
EXPORT_SYMBOL_IF_KUNIT(arena_close);
