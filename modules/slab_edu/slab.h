/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLAB_EDU_SLAB_H
#define _SLAB_EDU_SLAB_H

#include <linux/atomic.h>
#include <linux/preempt.h> /* local_lock.h does not ask for it itself */
#include <linux/local_lock.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/swab.h>
#include <edu/slab.h>

#include "memory.h"

/*
 * Two words in one cmpxchg; elsewhere interrupts are turned off, or a bit of
 * the slab is a lock. The kernel's per-CPU form of it calls a helper, for
 * processors that lack the instruction, which modules cannot reach: on those
 * of 2005 the module does not load.
 */
#if defined(CONFIG_X86_64) && defined(CONFIG_SMP) && !defined(CONFIG_UML)
#define EDU_CMPXCHG16
#endif

/* What a cache did, by path; always counted, per CPU. */
enum edu_stat {
	EDU_ALLOC_FASTPATH,	/* object from the per-CPU freelist, by one cmpxchg */
	EDU_ALLOC_SLOWPATH,	/* everything else */
	EDU_ALLOC_REFILL,	/* freelist taken from the CPU's own slab */
	EDU_ALLOC_NODE_MISMATCH,/* the CPU's slab is on another node than asked */
	EDU_ALLOC_FROM_PARTIAL,	/* slab taken from the node's partial list */
	EDU_ALLOC_SLAB,		/* new slab from the buddy system */
	EDU_DEACTIVATE_BYPASS,	/* the CPU's slab was used up and let go */
	EDU_CPU_PARTIAL_ALLOC,	/* slab taken from the CPU's partial list */
	EDU_CPU_PARTIAL_NODE,	/* slab moved from node list to CPU's list */
	EDU_CPU_PARTIAL_FREE,	/* a full slab got a free object and was kept */
	EDU_CPU_PARTIAL_DRAIN,	/* the CPU's list was too long and was emptied */
	EDU_ORDER_FALLBACK,	/* a new slab got only the minimum order */
	EDU_CMPXCHG_FAIL,	/* freelist or transaction id changed: redone */
	EDU_SLAB_CMPXCHG_FAIL,	/* freelist or counters of a slab changed: redone */
	EDU_FREE_FASTPATH,	/* object to the per-CPU freelist */
	EDU_FREE_SLOWPATH,	/* object to its slab */
	EDU_FREE_FROZEN,	/* ... which some CPU holds */
	EDU_FREE_ADD_PARTIAL,	/* ... which was full and joins the node's list */
	EDU_FREE_REMOVE_PARTIAL,/* ... which is empty now and leaves the list */
	EDU_FREE_SLAB,		/* slab to the buddy system */
	EDU_CPUSLAB_FLUSH,	/* the CPU's slab was given up */
	EDU_DEACTIVATE_FULL,	/* a slab given up had no free object */
	EDU_DEACTIVATE_EMPTY,	/* ... had only free ones */
	EDU_DEACTIVATE_PARTIAL,	/* ... went to the node's partial list */
	EDU_ALLOC_SHEAF,	/* object from the CPU's main sheaf */
	EDU_FREE_SHEAF,		/* object to the CPU's main sheaf */
	EDU_SHEAF_SWAP,		/* main and spare changed places */
	EDU_SHEAF_REFILL,	/* empty sheaf filled from slabs */
	EDU_SHEAF_FLUSH,	/* sheaf emptied to slabs */
	EDU_BARN_GET,		/* full sheaf from the node's barn */
	EDU_BARN_PUT,		/* full sheaf to the barn */
	EDU_FREE_REMOTE,	/* object of another node: past the sheaf */
	EDU_CTOR,		/* constructor calls */
	EDU_NR_STATS
};

extern const char * const edu_stat_names[EDU_NR_STATS];

/* What a user of a cache can do wrong; enum and text in debug.c. */
enum edu_error {
	EDU_ERROR_FOREIGN,	/* free of what is no object of ours */
	EDU_ERROR_WRONG_CACHE,	/* free to another cache than it came from */
	EDU_ERROR_MISALIGNED,	/* free of a pointer into an object */
	EDU_ERROR_DOUBLE_FREE,	/* free of a free object */
	EDU_ERROR_RED_ZONE,	/* written before or behind an object */
	EDU_ERROR_POISON,	/* written after free */
	EDU_ERROR_FREELIST,	/* the chain of free objects is broken */
	EDU_ERROR_PADDING,	/* written behind the last object */
	EDU_ERROR_COUNT,	/* objects in use and on the chain do not add up */
	EDU_ERROR_LEAK,		/* destroyed with objects in use */
	EDU_NR_ERRORS
};

/* Caches with one of these go object by object under the node's lock. */
#define EDU_DEBUG_FLAGS (SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | \
			 SLAB_POISON | SLAB_STORE_USER)
#define EDU_CACHE_FLAGS (EDU_DEBUG_FLAGS | SLAB_HWCACHE_ALIGN | \
			 SLAB_TYPESAFE_BY_RCU | SLAB_RECLAIM_ACCOUNT | \
			 SLAB_CACHE_DMA | SLAB_NO_MERGE | SLAB_PANIC | SLAB_ACCOUNT)

#define EDU_TRACK_DEPTH 14

/* Who allocated or freed an object last. */
struct edu_track {
	unsigned long when;
	int pid;
	u16 cpu;
	u16 depth;
	unsigned long stack[EDU_TRACK_DEPTH];
};

enum edu_track_item { EDU_TRACK_ALLOC, EDU_TRACK_FREE };

struct edu_sheaf {
	struct list_head list;
	unsigned int size;
	void *objects[];
};

/**
 * struct edu_cpu - one CPU's part of a cache
 * @freelist: next free object of @slab
 * @tid: changes with every change of @freelist; unique over CPUs
 * @slab: frozen, allocated from
 * @partial: frozen slabs to take next
 * @lock: guards @slab and @partial, with interrupts off
 * @busy: sheaves are in use by the task that an interrupt broke into
 * @main: sheaf that objects come from and go to
 * @spare: full or empty, ready to change places
 * @stat: enum edu_stat
 */
struct edu_cpu {
	void *freelist __aligned(2 * sizeof(void *));
	unsigned long tid;
	struct edu_page *slab;
	struct edu_page *partial;
	local_lock_t lock;
	int busy;
	struct edu_sheaf *main;
	struct edu_sheaf *spare;
	unsigned long stat[EDU_NR_STATS];
};

/**
 * struct edu_barn - full and empty sheaves of a node
 * @lock: see there
 * @sheaves: [false] those without objects, [true] those full of them
 * @nr: length of each list, at most EDU_BARN_SHEAVES
 */
struct edu_barn {
	/* Guards the rest. */
	spinlock_t lock;
	struct list_head sheaves[2];
	unsigned int nr[2];
};

#define EDU_BARN_SHEAVES 10

/**
 * struct edu_node - one node's part of a cache
 * @list_lock: see there
 * @partial: slabs with a free object, not frozen
 * @full: of a debug cache: slabs without one
 * @nr_partial: length of @partial
 * @nr_slabs: all slabs of the node, wherever they are
 * @total_objects: in them
 * @barn: sheaves
 */
struct edu_node {
	/* Guards the lists. */
	spinlock_t list_lock;
	struct list_head partial;
	struct list_head full;
	unsigned long nr_partial;
	atomic_long_t nr_slabs;
	atomic_long_t total_objects;
	struct edu_barn barn;
};

/* Pages of a slab and objects in it. */
struct edu_order_objects {
	unsigned int order;
	unsigned int objects;
};

/**
 * struct edu_cache - a cache
 * @cpu: each CPU's part
 * @mem: where slabs come from
 * @flags: SLAB_*
 * @size: bytes of an object with its metadata
 * @object_size: bytes that the user has
 * @offset: of the pointer to the next free object
 * @random: hides those pointers
 * @sheaf_capacity: objects in a sheaf while that front is chosen, else 0
 * @oo: slabs as they should be
 * @min: slabs as they may be
 * @min_partial: empty slabs beyond this many partial ones go back
 * @cpu_partial: free objects that a CPU's partial slabs may hold
 * @inuse: offset of the metadata behind the object
 * @red_left_pad: bytes before the object
 * @align: of objects
 * @allocflags: for the page allocator
 * @random_seq: order of objects in a new freelist, NULL if there is only one
 * @ctor: called once for each object of a new slab
 * @name: own copy
 * @list: in the list of caches, under its mutex
 * @debugfs: folder of this cache
 * @errors: enum edu_error, how many were found
 * @reported: bit of each kind that was printed
 * @kmalloc: objects remember the size that was asked for
 * @rcu_frees: objects may be on their way through edu_kfree_rcu()
 * @node: each node's part
 */
struct edu_cache {
	struct edu_cpu __percpu *cpu;
	struct edu_memory *mem;
	slab_flags_t flags;
	unsigned int size;
	unsigned int object_size;
	unsigned int offset;
	unsigned long random;
	unsigned int sheaf_capacity;
	struct edu_order_objects oo;
	struct edu_order_objects min;
	unsigned long min_partial;
	unsigned int cpu_partial;
	unsigned int inuse;
	unsigned int red_left_pad;
	unsigned int align;
	gfp_t allocflags;
	u16 *random_seq;
	void (*ctor)(void *object);
	char *name;
	struct list_head list;
	struct dentry *debugfs;
	atomic_long_t errors[EDU_NR_ERRORS];
	unsigned long reported;
	bool kmalloc;
	bool rcu_frees;
	struct edu_node node[EDU_MAX_NODES];
};

#define edu_stat_inc(s, item) this_cpu_inc((s)->cpu->stat[item])

static inline bool edu_cache_debug(const struct edu_cache *s)
{
	return unlikely(s->flags & EDU_DEBUG_FLAGS);
}

static inline int edu_slab_node(const struct edu_page *slab)
{
	return edu_page_zone(slab)->node;
}

static inline struct edu_node *edu_node_of(struct edu_cache *s,
					   const struct edu_page *slab)
{
	return &s->node[edu_slab_node(slab)];
}

/* Is the slab of the node that this CPU allocates from? */
static inline bool edu_slab_is_local(const struct edu_page *slab)
{
	const struct edu_zone *zone = edu_page_zone(slab);

	return zone->node == edu_node_of_cpu(zone->mem, raw_smp_processor_id());
}

/*
 * The pointer to the next free object is stored mixed with a secret of the
 * cache and its own address, so that an overwrite does not choose where the
 * next object is.
 */
static inline unsigned long freeptr_mix(const struct edu_cache *s,
					unsigned long value, unsigned long at)
{
	return value ^ s->random ^ swab(at);
}

static inline void *freeptr_get(const struct edu_cache *s, void *object)
{
	unsigned long at = (unsigned long)object + s->offset;

	return (void *)freeptr_mix(s, *(unsigned long *)at, at);
}

static inline void freeptr_set(const struct edu_cache *s, void *object, void *next)
{
	unsigned long at = (unsigned long)object + s->offset;

	*(unsigned long *)at = freeptr_mix(s, (unsigned long)next, at);
}

/* object @i of @slab */
static inline void *edu_object(const struct edu_cache *s,
			       const struct edu_page *slab, unsigned int i)
{
	return edu_page_address(slab) + s->red_left_pad + i * s->size;
}

/* layout.c */
int edu_cache_layout(struct edu_cache *s, unsigned int align, unsigned int cpus);
unsigned int edu_sheaf_capacity(const struct edu_cache *s);

/* slab.c */
bool slab_change_locked(struct edu_page *slab, struct edu_slab_state old,
			struct edu_slab_state new);
struct edu_page *slab_create(struct edu_cache *s, gfp_t gfp, int node);
void slab_discard(struct edu_cache *s, struct edu_page *slab);
int slab_random_init(struct edu_cache *s);
void slab_for_each(struct edu_cache *s,
		   void (*visit)(struct edu_cache *s, struct edu_page *slab,
				 unsigned int block, void *data), void *data);
void partial_add(struct edu_node *n, struct edu_page *slab, bool tail);
void partial_remove(struct edu_node *n, struct edu_page *slab);

static inline struct edu_slab_state slab_read(const struct edu_page *slab)
{
	struct edu_slab_state state;

	state.freelist = READ_ONCE(slab->slab.freelist);
	state.counters = READ_ONCE(slab->slab.counters);
	return state;
}

/*
 * slab_change - change a slab's free chain and counts, if nobody else did
 *
 * False if they were not @old any more; nothing happened then. The two words of
 * @old need not have been read together: a pair that never was is not found.
 */
static __always_inline bool slab_change(struct edu_cache *s, struct edu_page *slab,
					struct edu_slab_state old,
					struct edu_slab_state new)
{
#ifdef EDU_CMPXCHG16
	u128 from = (u128)old.counters << 64 | (unsigned long)old.freelist;
	u128 to = (u128)new.counters << 64 | (unsigned long)new.freelist;
	bool same = try_cmpxchg128((u128 *)&slab->slab, &from, to);
#else
	bool same = slab_change_locked(slab, old, new);
#endif

	if (unlikely(!same))
		edu_stat_inc(s, EDU_SLAB_CMPXCHG_FAIL);
	return same;
}

/* classic.c */
bool classic_exchange_irqoff(struct edu_cache *s, void *old, unsigned long tid,
			     void *new);
void *classic_alloc_slow(struct edu_cache *s, gfp_t gfp, int node);
void classic_free_slow(struct edu_cache *s, struct edu_page *slab, void *head,
		       void *tail, unsigned int count);
int classic_free_one(struct edu_cache *s, struct edu_page *slab, void *object);
unsigned int classic_alloc_bulk(struct edu_cache *s, gfp_t gfp, unsigned int n,
				void **objects);
void classic_free_bulk(struct edu_cache *s, unsigned int n, void **objects);
unsigned int slab_run(const struct edu_cache *s, const struct edu_page *slab,
		      unsigned int n, void **objects);
void classic_flush_cpu(struct edu_cache *s, int cpu);
void classic_init_cpu(struct edu_cache *s, int cpu);

/* sheaf.c */
void *sheaf_alloc_slow(struct edu_cache *s, struct edu_cpu *c, gfp_t gfp);
int sheaf_free_slow(struct edu_cache *s, struct edu_cpu *c, struct edu_page *slab,
		    void *object);
unsigned int sheaf_alloc_bulk(struct edu_cache *s, unsigned int n, void **objects);
unsigned int sheaf_free_bulk(struct edu_cache *s, unsigned int n, void **objects);
void sheaf_flush_cpu(struct edu_cache *s, int cpu);
void sheaf_flush_barns(struct edu_cache *s);
void barn_init(struct edu_barn *barn);

/* cache.c */
extern struct list_head edu_caches;
extern struct mutex edu_caches_lock;
struct edu_cache *cache_create(struct edu_memory *mem, const char *name,
			       unsigned int size, unsigned int align,
			       slab_flags_t flags, void (*ctor)(void *object),
			       bool kmalloc);
int cache_init(void);
void cache_exit(void);
int cache_destroy(struct edu_cache *s);
void cache_flush(struct edu_cache *s);
unsigned long cache_shrink_nodes(struct edu_cache *s);
void cache_set_front(struct edu_cache *s, bool sheaves);
unsigned long cache_stat(const struct edu_cache *s, enum edu_stat item);
unsigned long cache_reclaim(struct edu_memory *mem, unsigned long pages);
void cache_shrink_all(void);

/* debug.c */
void debug_init_object(struct edu_cache *s, struct edu_page *slab, void *object);
void debug_init_slab(struct edu_cache *s, struct edu_page *slab);
void *debug_alloc(struct edu_cache *s, gfp_t gfp, int node, unsigned int asked);
int debug_free(struct edu_cache *s, struct edu_page *slab, void *object);
void debug_set_asked(struct edu_cache *s, void *object, unsigned int asked);
unsigned int debug_asked(const struct edu_cache *s, const void *object);
int debug_validate(struct edu_cache *s);
struct edu_track *edu_track_of(const struct edu_cache *s, void *object,
			       enum edu_track_item item);
void debug_report(struct edu_cache *s, struct edu_page *slab, void *object,
		  enum edu_error error);
int debug_double_free(struct edu_cache *s, struct edu_page *slab, void *object);
bool object_is_free(const struct edu_cache *s, struct edu_page *slab,
		    const void *object);

void debug_print_track(const struct edu_cache *s, void *object, enum edu_track_item item);

/* leaks.c */
unsigned int debug_report_leaks(struct edu_cache *s);
unsigned long cache_objects_in_use(struct edu_cache *s);

/* kmalloc.c */
int kmalloc_init(struct edu_memory *mem);
int kmalloc_exit(void);
struct edu_cache *kmalloc_class(size_t size, gfp_t gfp);

/* slabinfo.c */
void slabinfo_create(struct dentry *folder);
void slabinfo_add(struct edu_cache *s);
void slabinfo_remove(struct edu_cache *s);

/* bench.c */
void bench_create(struct dentry *folder);
void bench_exit(void);

extern struct edu_memory *edu_memory;
extern unsigned int edu_cpus;
extern slab_flags_t edu_debug;

#endif /* _SLAB_EDU_SLAB_H */
