/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The twin's physical memory: pages, blocks of pages, zones, nodes.
 *
 *   edu_memory  all of it: up to EDU_MAX_NODES zones, and the map from an
 *               address to its block
 *   edu_zone    one node's arena: free areas, per-CPU page lists, watermarks;
 *               node 0 has a second one, DMA, where the kernel has it
 *   edu_block   4 MiB that the kernel's page allocator lent us
 *   edu_page    one page of a block; also the slab that begins with it
 */
#ifndef _SLAB_EDU_MEMORY_H
#define _SLAB_EDU_MEMORY_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/topology.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#define EDU_MAX_ORDER		10	/* the documents' MAX_ORDER - 1 */
#define EDU_NR_ORDERS		(EDU_MAX_ORDER + 1)
#define EDU_BLOCK_PAGES		((unsigned int)BIT(EDU_MAX_ORDER))
#define EDU_BLOCK_SIZE		(PAGE_SIZE << EDU_MAX_ORDER)
#define EDU_BLOCK_SHIFT		(PAGE_SHIFT + EDU_MAX_ORDER)
#define EDU_PAGEBLOCK_ORDER	9	/* migrate types are kept per pageblock */
#define EDU_PAGEBLOCK_PAGES	((unsigned int)BIT(EDU_PAGEBLOCK_ORDER))
#define EDU_PAGEBLOCKS		(EDU_BLOCK_PAGES / EDU_PAGEBLOCK_PAGES)
#define EDU_MAX_NODES		8
#define EDU_DMA_BLOCKS		4	/* all of the kernel's ZONE_DMA, 16 MiB */
#define EDU_MAP_SLOTS		8192U	/* four times the blocks of 8 GiB */
#define EDU_MAX_BLOCKS		(EDU_MAP_SLOTS / 4)	/* and those of the DMA zone */
#define EDU_MAP_EMPTY		ULONG_MAX	/* a slot never used */

struct edu_block;
struct edu_cache;
struct edu_memory;

/**
 * enum edu_page_state - what a page is
 * @EDU_PAGE_TAIL: inside a larger run, free or in use: ask its first page
 * @EDU_PAGE_BUDDY: first page of a free run, on a free list
 * @EDU_PAGE_PCP: a single free page on a per-CPU list
 * @EDU_PAGE_USED: first page of an allocation; a slab if it has a cache
 */
enum edu_page_state {
	EDU_PAGE_TAIL,
	EDU_PAGE_BUDDY,
	EDU_PAGE_PCP,
	EDU_PAGE_USED,
};

/*
 * The two words of a slab that change together, in one cmpxchg where the
 * processor has one of 16 bytes: the first free object, and how many are in
 * use (kernel book 6.12, "page fields").
 */
struct edu_slab_state {
	void *freelist;
	union {
		unsigned long counters;
		struct {
			u16 inuse;
			u16 objects:15;
			u16 frozen:1;
			u16 quarantined;
			u16 spare;
		};
	};
};

/**
 * struct edu_page - one page of a block
 * @slab: of a slab: its free objects and counts
 * @list: free list, per-CPU list, or list of partial or full slabs
 * @next: of a slab on a CPU's partial list: the next one
 * @slabs: on that list: how many from here to its end
 * @rcu: of a slab of a TYPESAFE_BY_RCU cache, on its way to the buddy system
 * @head: first page of the allocation that holds this page; NULL when free
 * @cache: of a slab: its cache; NULL of anything else
 * @block: the block of this page
 * @state: enum edu_page_state
 * @order: of a first page: the run has 2^@order pages
 * @mt: of a free run: the migrate type of its list
 * @locked: bit 0 guards @slab where no 16-byte cmpxchg is
 * @cpu: of a frozen slab: who holds it
 */
struct edu_page {
	struct edu_slab_state slab __aligned(2 * sizeof(void *));
	union {
		struct list_head list;
		struct {
			struct edu_page *next;
			unsigned int slabs;
		};
		struct rcu_head rcu;
	};
	struct edu_page *head;
	struct edu_cache *cache;
	struct edu_block *block;
	u8 state;
	u8 order;
	u8 mt;
	u16 cpu;
	u8 locked;
};

/**
 * struct edu_block - pages that the source lent, and what we know of each
 * @node: in its zone's list of blocks, or of spare ones
 * @zone: the zone it belongs to
 * @base: address of its first page, a multiple of EDU_BLOCK_SIZE
 * @pages: EDU_BLOCK_PAGES of them
 * @pageblock_mt: migrate type of each pageblock
 *
 * Once made, it is kept for the next block when its memory goes back, as the
 * kernel's own page descriptors are never given up: so whoever looks up a
 * pointer that is not his any more, without a lock, still reads descriptors.
 */
struct edu_block {
	struct list_head node;
	struct edu_zone *zone;
	void *base;
	struct edu_page *pages;
	u8 pageblock_mt[EDU_PAGEBLOCKS];
};

/**
 * struct edu_page_source - where blocks come from
 * @get: lend EDU_BLOCK_SIZE bytes near node, aligned to their size, or NULL;
 *	@gfp says whether it may sleep
 * @put: take such a block back; any context but NMI
 * @context: handed to both
 */
struct edu_page_source {
	void *(*get)(void *context, int node, gfp_t gfp);
	void (*put)(void *context, void *base);
	void *context;
};

/**
 * struct edu_free_area - free runs of one order
 * @free_list: one list a migrate type
 * @nr_free: length of all of them
 */
struct edu_free_area {
	struct list_head free_list[MIGRATE_PCPTYPES];
	unsigned long nr_free;
};

/**
 * struct edu_pcp - one CPU's lists of single pages
 * @lock: guards the rest; taken before zone->lock
 * @count: pages on the lists
 * @high: more than this, and @batch of them go to the buddy system
 * @batch: pages moved between lists and buddy system at a time
 * @lists: one a migrate type; the hot end is the front
 */
struct edu_pcp {
	spinlock_t lock; /* guards all of it */
	int count;
	int high;
	int batch;
	struct list_head lists[MIGRATE_PCPTYPES];
};

/* Marks of free pages: below LOW kswapd is woken, MIN is for the pressed. */
enum edu_watermark { EDU_WMARK_MIN, EDU_WMARK_LOW, EDU_WMARK_HIGH, EDU_NR_WMARK };

/* What happened to a zone, counted always. */
enum edu_zone_stat {
	EDU_ZONE_ALLOC,		/* runs handed out */
	EDU_ZONE_FREE,		/* runs taken back */
	EDU_ZONE_PCP_REFILL,	/* a per-CPU list was empty: batch taken */
	EDU_ZONE_PCP_DRAIN,	/* a per-CPU list was over high: batch given */
	EDU_ZONE_SPLIT,		/* a run was halved */
	EDU_ZONE_MERGE,		/* two buddies became one run */
	EDU_ZONE_FALLBACK,	/* a run came from another migrate type */
	EDU_ZONE_CLAIM,		/* ... and its whole pageblock changed type */
	EDU_ZONE_GROW,		/* a block was lent */
	EDU_ZONE_GROW_FAIL,	/* the source had none, or the zone is at its limit */
	EDU_ZONE_GIVE_BACK,	/* a wholly free block was returned */
	EDU_ZONE_RESERVE,	/* an atomic request went below MIN */
	EDU_ZONE_KSWAPD,	/* kswapd was woken */
	EDU_ZONE_RECLAIM,	/* a request reclaimed by itself */
	EDU_ZONE_FAIL,		/* no page for a request that began here */
	EDU_ZONE_MISS,		/* a request for this node went to another */
	EDU_ZONE_BAD_FREE,	/* a free of what was not allocated, refused */
	EDU_NR_ZONE_STATS
};

/**
 * struct edu_zone - one node's memory, or the part of node 0's for DMA
 * @lock: guards free areas, blocks and counts; innermost but for mem->map_lock
 * @mem: the memory it is part of
 * @node: the node it belongs to
 * @dma: its blocks are of the kernel's ZONE_DMA
 * @free_area: the buddy system
 * @free_pages: pages in it (not those on per-CPU lists)
 * @present_pages: pages in all blocks, and those on order
 * @max_pages: it never grows beyond
 * @watermark: marks of @free_pages, enum edu_watermark
 * @blocks: every struct edu_block in use
 * @spare: those whose memory went back
 * @pcp: one for each possible CPU
 * @kswapd: grows the zone or reclaims, until HIGH pages are free
 * @stat: enum edu_zone_stat; not all are counted under @lock
 */
struct edu_zone {
	spinlock_t lock; /* guards all but pcp */
	struct edu_memory *mem;
	int node;
	bool dma;
	struct edu_free_area free_area[EDU_NR_ORDERS];
	unsigned long free_pages;
	unsigned long present_pages;
	unsigned long max_pages;
	unsigned long watermark[EDU_NR_WMARK];
	struct list_head blocks;
	struct list_head spare;
	struct edu_pcp *pcp;
	struct work_struct kswapd;
	unsigned long stat[EDU_NR_ZONE_STATS];
};

/* From the upper bits of an address to the descriptors of its block. */
struct edu_map_slot {
	unsigned long base;
	struct edu_page *pages;
};

/**
 * struct edu_memory - all nodes
 * @map: hash from the address of a block to the block
 * @map_lock: guards changes of @map; readers take no lock
 * @source: lends blocks
 * @reclaim: asked for @pages when memory is short; returns pages freed.
 *	May sleep. NULL if nobody has any.
 * @nr_nodes: the first @nr_nodes of @zone are theirs
 * @nr_zones: with the DMA zone behind them, if the kernel has one
 * @closing: no more work for kswapd
 * @zone: the zones
 */
struct edu_memory {
	struct edu_map_slot map[EDU_MAP_SLOTS];
	spinlock_t map_lock; /* guards changes of map */
	const struct edu_page_source *source;
	unsigned long (*reclaim)(struct edu_memory *mem, unsigned long pages);
	int nr_nodes;
	int nr_zones;
	bool closing;
	struct edu_zone zone[EDU_MAX_NODES + 1];
};

struct edu_page *arena_search(const struct edu_memory *mem, const void *address);

static inline struct edu_page *edu_page_in(struct edu_page *pages, const void *address)
{
	return READ_ONCE(pages[((unsigned long)address >> PAGE_SHIFT) %
			       EDU_BLOCK_PAGES].head);
}

/*
 * The first page of the allocation at @address, NULL if there is none. No lock:
 * for whoever holds an allocation its block stays where it is. For another
 * pointer the answer may be out of date; it is never made of freed memory.
 */
static __always_inline struct edu_page *edu_page_of(const struct edu_memory *mem,
						    const void *address)
{
	unsigned long base = (unsigned long)address >> EDU_BLOCK_SHIFT;
	const struct edu_map_slot *slot = &mem->map[base % EDU_MAP_SLOTS];

	/* smp_store_release() in map_insert(): who finds the base finds the pages */
	if (likely(READ_ONCE(slot->base) == base))
		return edu_page_in(READ_ONCE(slot->pages), address);
	return arena_search(mem, address);
}

static inline unsigned int edu_page_index(const struct edu_page *page)
{
	return page - page->block->pages;
}

static inline void *edu_page_address(const struct edu_page *page)
{
	return page->block->base + (edu_page_index(page) << PAGE_SHIFT);
}

/* The migrate type that a GFP mask asks for (kernel book 6.8). */
static inline unsigned int edu_migratetype(gfp_t gfp)
{
	if (gfp & __GFP_RECLAIMABLE)
		return MIGRATE_RECLAIMABLE;
	return gfp & __GFP_MOVABLE ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE;
}

/* Is memory below 16 MiB asked for, and is there such a zone? */
static inline bool edu_gfp_is_dma(gfp_t gfp)
{
	return IS_ENABLED(CONFIG_ZONE_DMA) && (gfp & __GFP_DMA);
}

/*
 * The node that a CPU allocates from first: the machine's own; if we have more
 * nodes than it, CPUs take turns, so that a machine of one node shows what two
 * would do.
 */
static inline int edu_node_of_cpu(const struct edu_memory *mem, int cpu)
{
	if (likely(mem->nr_nodes == 1))
		return 0;
	if (mem->nr_nodes > nr_node_ids)
		return cpu % mem->nr_nodes;
	return cpu_to_node(cpu) % mem->nr_nodes;
}

static inline struct edu_zone *edu_page_zone(const struct edu_page *page)
{
	return page->block->zone;
}

static inline unsigned int edu_pageblock_mt(const struct edu_page *page)
{
	return page->block->pageblock_mt[edu_page_index(page) /
					 EDU_PAGEBLOCK_PAGES];
}

/* buddy.c: zone->lock is held */
void buddy_init(struct edu_zone *zone);
struct edu_page *buddy_take(struct edu_zone *zone, unsigned int order, unsigned int mt);
unsigned int buddy_give(struct edu_zone *zone, struct edu_page *page, unsigned int order);
void buddy_remove(struct edu_zone *zone, struct edu_page *page);
int buddy_check(struct edu_zone *zone);

/* pcp.c */
void pcp_init(struct edu_pcp *pcp, unsigned long managed);
struct edu_page *pcp_take(struct edu_zone *zone, int cpu, unsigned int mt,
			  unsigned long spare);
unsigned int pcp_give(struct edu_zone *zone, int cpu, struct edu_page *page);
unsigned int pcp_drain(struct edu_zone *zone, int cpu);

/* arena.c */
extern const struct edu_page_source edu_kernel_source;
int arena_grow(struct edu_zone *zone, gfp_t gfp);
unsigned int arena_give_back(struct edu_zone *zone, unsigned int keep);
int arena_close(struct edu_zone *zone);

/* watermark.c */
void watermark_set(struct edu_zone *zone);
bool watermark_ok(const struct edu_zone *zone, unsigned int order,
		  enum edu_watermark mark, bool pressed);

/* page_alloc.c */
int edu_memory_init(struct edu_memory *mem, int nodes, unsigned long max_pages,
		    const struct edu_page_source *source);
int edu_memory_exit(struct edu_memory *mem);
struct edu_page *edu_pages_alloc(struct edu_memory *mem, gfp_t gfp,
				 unsigned int order, int node);
int edu_pages_free(struct edu_memory *mem, struct edu_page *page);
unsigned int edu_pages_trim(struct edu_memory *mem);
unsigned long edu_pages_free_count(const struct edu_memory *mem);

/* zoneinfo.c */
struct dentry;
void zoneinfo_create(struct edu_memory *mem, struct dentry *folder);

#endif /* _SLAB_EDU_MEMORY_H */
