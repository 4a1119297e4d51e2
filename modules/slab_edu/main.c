// SPDX-License-Identifier: GPL-2.0
/*
 * slab_edu: the documents' buddy system and slab allocator, beside SLUB.
 *
 * The walk of a request: alloc.c (which front) -> classic.c or sheaf.c ->
 * slab.c (a new slab) -> page_alloc.c (which node, which watermark) -> pcp.c,
 * buddy.c -> arena.c (a block from the kernel).
 *
 * Lock order:
 *  0. the kernel's lock of CPU hotplug
 *  1. edu_caches_lock	list of caches (mutex)
 *  1. flush_lock	a flush of all CPUs (mutex), under the former or alone
 *  2. c->busy		a CPU's sheaves; not a lock, whoever finds it set goes
 *			the classic way
 *  3. c->lock		a CPU's slab and partial slabs (interrupts off)
 *  4. n->list_lock	a node's partial and full slabs of a cache
 *  4. barn->lock	a node's sheaves; nothing is taken under it
 *  5. pcp->lock	a CPU's free pages
 *  6. zone->lock	buddy system and blocks of a node
 *  7. mem->map_lock	map from address to block
 * A slab's free chain and counts change by cmpxchg under any of them.
 *
 * States of a slab (kernel book 6.12):
 *             frozen  freelist  inuse      is
 *  CPU slab   1       NULL      objects    taken whole by a CPU
 *  CPU slab   1       set       < objects  ... and others freed to it since
 *  partial    1       set       < objects  kept by a CPU to take next
 *  partial    0       set       < objects  on the node's list
 *  empty      0       set       0          on the node's list, or on its way out
 *  full       0       NULL      objects    on no list (debug cache: full list)
 */
#include <kunit/visibility.h>
#include <linux/cpufeature.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/shrinker.h>
#include <linux/vmalloc.h>

#include "order.h"
#include "slab.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

unsigned int edu_cpus;
module_param_named(cpus, edu_cpus, uint, 0444);
MODULE_PARM_DESC(cpus, "Processors to plan slabs for (default 0: those present)");

static unsigned int arena_mb = 256;
module_param(arena_mb, uint, 0444);
MODULE_PARM_DESC(arena_mb, "Most memory that may be lent from the kernel, in MiB (default 256; 4 a node to 8192), beside 16 for DMA");

static unsigned int nodes = 1;
module_param(nodes, uint, 0444);
MODULE_PARM_DESC(nodes, "Arenas that stand for NUMA nodes, 1 to 8 (default 1)");

static char *debug = "";
module_param(debug, charp, 0444);
MODULE_PARM_DESC(debug, "Watch all caches, with SLUB's letters: F checks, Z red zones, P poison, U users");

slab_flags_t edu_debug;

struct edu_memory *edu_memory;
EXPORT_SYMBOL_IF_KUNIT(edu_memory);
static struct dentry *debugfs;
static struct shrinker *shrinker;
static int hotplug_state;

/* One line for each object size: what a slab of such objects is like. */
static int layout_show(struct seq_file *m, void *unused)
{
	struct slab_layout layout;
	unsigned int size;
	int err;

	seq_puts(m, "size order objects waste\n");
	for (size = 8; size <= 2 * PAGE_SIZE; size += 8) {
		err = slab_layout_of(size, edu_cpus, &layout);
		if (err)
			return err;
		seq_printf(m, "%u %u %u %u\n", size, layout.order,
			   layout.objects, layout.waste);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(layout);

/* A CPU went away: its objects and pages are anybody's. */
static int cpu_dead(unsigned int cpu)
{
	struct edu_cache *s;
	int i;

	mutex_lock(&edu_caches_lock);
	list_for_each_entry(s, &edu_caches, list) {
		sheaf_flush_cpu(s, cpu);
		classic_flush_cpu(s, cpu);
	}
	mutex_unlock(&edu_caches_lock);
	for (i = 0; i < edu_memory->nr_zones; i++)
		pcp_drain(&edu_memory->zone[i], cpu);
	return 0;
}

static unsigned long shrink_count(struct shrinker *unused, struct shrink_control *sc)
{
	unsigned long pages = edu_pages_free_count(edu_memory);

	return pages ? pages : SHRINK_EMPTY;
}

/* One object in a CPU's slab holds a block of 4 MiB: see to them too. */
static void shrink_all(struct work_struct *unused)
{
	cache_shrink_all();
	edu_pages_trim(edu_memory);
}

static DECLARE_WORK(shrink_work, shrink_all);

static unsigned long shrink_scan(struct shrinker *unused, struct shrink_control *sc)
{
	unsigned long pages;

	cache_reclaim(edu_memory, sc->nr_to_scan);
	pages = edu_pages_trim(edu_memory);
	queue_work(system_unbound_wq, &shrink_work);
	return pages ? pages : SHRINK_STOP;
}

static int shrinker_start(void)
{
	shrinker = shrinker_alloc(0, "slab_edu");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count;
	shrinker->scan_objects = shrink_scan;
	shrinker_register(shrinker);
	return 0;
}

static int __init parse_debug(void)
{
	const char *letter;

	for (letter = debug; *letter; letter++) {
		switch (*letter) {
		case 'F':
			edu_debug |= SLAB_CONSISTENCY_CHECKS;
			break;
		case 'Z':
			edu_debug |= SLAB_RED_ZONE;
			break;
		case 'P':
			edu_debug |= SLAB_POISON;
			break;
		case 'U':
			edu_debug |= SLAB_STORE_USER;
			break;
		default:
			pr_err("slab_edu: debug=%s: no such letter as '%c'\n", debug, *letter);
			return -EINVAL;
		}
	}
	return 0;
}

static int __init slab_edu_init(void)
{
	int err;

#ifdef EDU_CMPXCHG16
	if (!boot_cpu_has(X86_FEATURE_CX16)) {
		pr_err("slab_edu: this processor has no cmpxchg16b\n");
		return -EOPNOTSUPP;
	}
#endif
	err = parse_debug();
	if (err)
		return err;
	if (!edu_cpus)
		edu_cpus = num_present_cpus();
	edu_memory = vzalloc(sizeof(*edu_memory));
	if (!edu_memory)
		return -ENOMEM;
	err = edu_memory_init(edu_memory, nodes, (unsigned long)arena_mb << (20 - PAGE_SHIFT),
			      &edu_kernel_source);
	if (err) {
		pr_err("slab_edu: arena_mb=%u nodes=%u is out of range\n", arena_mb, nodes);
		goto no_memory;
	}
	edu_memory->reclaim = cache_reclaim;
	debugfs = debugfs_create_dir("slab_edu", NULL);
	debugfs_create_file("layout", 0444, debugfs, NULL, &layout_fops);
	zoneinfo_create(edu_memory, debugfs);
	slabinfo_create(debugfs);
	err = cache_init();
	if (err)
		goto no_queue;
	err = kmalloc_init(edu_memory);
	if (err)
		goto no_kmalloc;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "slab_edu:dead", NULL, cpu_dead);
	if (err < 0)
		goto no_hotplug;
	hotplug_state = err;
	err = shrinker_start();
	if (err)
		goto no_shrinker;
	bench_create(debugfs);
	pr_info("slab_edu: %u MiB at most on %u nodes, slabs for %u processors\n",
		arena_mb, nodes, edu_cpus);
	return 0;

no_shrinker:
	cpuhp_remove_state_nocalls(hotplug_state);
no_hotplug:
	kmalloc_exit();
no_kmalloc:
	cache_exit();
no_queue:
	debugfs_remove(debugfs);
	edu_memory_exit(edu_memory);
no_memory:
	vfree(edu_memory);
	return err;
}
module_init(slab_edu_init);

static void __exit slab_edu_exit(void)
{
	shrinker_free(shrinker);
	cancel_work_sync(&shrink_work);
	cpuhp_remove_state_nocalls(hotplug_state);
	bench_exit();
	/* What is on its way through edu_kfree_rcu() needs our code. */
	rcu_barrier();
	kmalloc_exit();
	cache_exit();
	/* Each cache has removed its folder in it. */
	debugfs_remove(debugfs);
	edu_memory_exit(edu_memory);
	vfree(edu_memory);
}
module_exit(slab_edu_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The buddy system and the slab allocator, rebuilt to be read");
MODULE_LICENSE("GPL");
