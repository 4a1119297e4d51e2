// SPDX-License-Identifier: GPL-2.0
/*
 * What people see of caches: slabinfo in the kernel's format 2.1, and a folder
 * for each cache with its attributes, counters and slabs.
 *
 * The state of a slab, after its place (its block, from 0 as on the node's list,
 * and its first page there), as the file slabs prints it (kernel book 6.11, 6.12):
 *   frozen by CPU n  a CPU allocates from it or keeps it to do so
 *   partial          on its node's list
 *   empty            partial, with no object in use
 *   full             on no list (a debug cache has one); found by its objects
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "slab.h"

const char * const edu_stat_names[EDU_NR_STATS] = {
	[EDU_ALLOC_FASTPATH] = "alloc_fastpath",
	[EDU_ALLOC_SLOWPATH] = "alloc_slowpath",
	[EDU_ALLOC_REFILL] = "alloc_refill",
	[EDU_ALLOC_NODE_MISMATCH] = "alloc_node_mismatch",
	[EDU_ALLOC_FROM_PARTIAL] = "alloc_from_partial",
	[EDU_ALLOC_SLAB] = "alloc_slab",
	[EDU_DEACTIVATE_BYPASS] = "deactivate_bypass",
	[EDU_CPU_PARTIAL_ALLOC] = "cpu_partial_alloc",
	[EDU_CPU_PARTIAL_NODE] = "cpu_partial_node",
	[EDU_CPU_PARTIAL_FREE] = "cpu_partial_free",
	[EDU_CPU_PARTIAL_DRAIN] = "cpu_partial_drain",
	[EDU_ORDER_FALLBACK] = "order_fallback",
	[EDU_CMPXCHG_FAIL] = "cmpxchg_double_cpu_fail",
	[EDU_SLAB_CMPXCHG_FAIL] = "cmpxchg_double_fail",
	[EDU_FREE_FASTPATH] = "free_fastpath",
	[EDU_FREE_SLOWPATH] = "free_slowpath",
	[EDU_FREE_FROZEN] = "free_frozen",
	[EDU_FREE_ADD_PARTIAL] = "free_add_partial",
	[EDU_FREE_REMOVE_PARTIAL] = "free_remove_partial",
	[EDU_FREE_SLAB] = "free_slab",
	[EDU_CPUSLAB_FLUSH] = "cpuslab_flush",
	[EDU_DEACTIVATE_FULL] = "deactivate_full",
	[EDU_DEACTIVATE_EMPTY] = "deactivate_empty",
	[EDU_DEACTIVATE_PARTIAL] = "deactivate_partial",
	[EDU_ALLOC_SHEAF] = "alloc_sheaf",
	[EDU_FREE_SHEAF] = "free_sheaf",
	[EDU_SHEAF_SWAP] = "sheaf_swap",
	[EDU_SHEAF_REFILL] = "sheaf_refill",
	[EDU_SHEAF_FLUSH] = "sheaf_flush",
	[EDU_BARN_GET] = "barn_get",
	[EDU_BARN_PUT] = "barn_put",
	[EDU_FREE_REMOTE] = "free_remote",
	[EDU_CTOR] = "ctor",
};

static const char * const error_names[EDU_NR_ERRORS] = {
	[EDU_ERROR_FOREIGN] = "foreign",
	[EDU_ERROR_WRONG_CACHE] = "wrong_cache",
	[EDU_ERROR_MISALIGNED] = "misaligned",
	[EDU_ERROR_DOUBLE_FREE] = "double_free",
	[EDU_ERROR_RED_ZONE] = "red_zone",
	[EDU_ERROR_POISON] = "poison",
	[EDU_ERROR_FREELIST] = "freelist",
	[EDU_ERROR_PADDING] = "padding",
	[EDU_ERROR_COUNT] = "count",
	[EDU_ERROR_LEAK] = "leak",
};

struct slab_sums {
	unsigned long slabs, objects, free;
};

static void sum_slabs(struct edu_cache *s, struct slab_sums *sums)
{
	int node;

	memset(sums, 0, sizeof(*sums));
	for (node = 0; node < s->mem->nr_nodes; node++) {
		struct edu_node *n = &s->node[node];
		struct edu_page *slab;
		unsigned long flags;

		sums->slabs += atomic_long_read(&n->nr_slabs);
		sums->objects += atomic_long_read(&n->total_objects);
		spin_lock_irqsave(&n->list_lock, flags);
		list_for_each_entry(slab, &n->partial, list)
			sums->free += slab->slab.objects - slab->slab.inuse;
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
}

static int slabinfo_show(struct seq_file *m, void *unused)
{
	struct slab_sums sums;
	struct edu_cache *s;

	seq_puts(m, "slabinfo - version: 2.1\n");
	seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
	seq_puts(m, " : tunables <limit> <batchcount> <sharedfactor>");
	seq_puts(m, " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	mutex_lock(&edu_caches_lock);
	list_for_each_entry(s, &edu_caches, list) {
		sum_slabs(s, &sums);
		seq_printf(m, "%-17s %6lu %6lu %6u %4u %4d", s->name,
			   sums.objects - min(sums.free, sums.objects), sums.objects,
			   s->size, s->oo.objects, 1 << s->oo.order);
		seq_printf(m, " : tunables %4u %4u %4u", 0, 0, 0);
		seq_printf(m, " : slabdata %6lu %6lu %6lu\n", sums.slabs, sums.slabs, 0UL);
	}
	mutex_unlock(&edu_caches_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(slabinfo);

static int attributes_show(struct seq_file *m, void *unused)
{
	struct edu_cache *s = m->private;
	struct slab_sums sums;

	sum_slabs(s, &sums);
	seq_printf(m, "object_size %u\nslab_size %u\nalign %u\n", s->object_size,
		   s->size, s->align);
	seq_printf(m, "order %u\nobjs_per_slab %u\nmin_order %u\n", s->oo.order,
		   s->oo.objects, s->min.order);
	seq_printf(m, "free_pointer_offset %u\nmin_partial %lu\ncpu_partial %u\n",
		   s->offset, s->min_partial, s->cpu_partial);
	seq_printf(m, "sheaf_capacity %u\nslabs %lu\nobjects %lu\n",
		   s->sheaf_capacity, sums.slabs, sums.objects);
	seq_printf(m, "flags%s%s%s%s%s%s%s%s\n",
		   s->flags & SLAB_HWCACHE_ALIGN ? " hwcache_align" : "",
		   s->flags & SLAB_RED_ZONE ? " red_zone" : "",
		   s->flags & SLAB_POISON ? " poison" : "",
		   s->flags & SLAB_STORE_USER ? " store_user" : "",
		   s->flags & SLAB_CONSISTENCY_CHECKS ? " consistency_checks" : "",
		   s->flags & SLAB_TYPESAFE_BY_RCU ? " typesafe_by_rcu" : "",
		   s->flags & SLAB_RECLAIM_ACCOUNT ? " reclaim_account" : "",
		   s->flags & SLAB_CACHE_DMA ? " cache_dma" : "");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(attributes);

static int stats_show(struct seq_file *m, void *unused)
{
	struct edu_cache *s = m->private;
	int i;

	for (i = 0; i < EDU_NR_STATS; i++)
		seq_printf(m, "%s %lu\n", edu_stat_names[i], cache_stat(s, i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int errors_show(struct seq_file *m, void *unused)
{
	struct edu_cache *s = m->private;
	int i;

	for (i = 0; i < EDU_NR_ERRORS; i++)
		seq_printf(m, "%s %lu\n", error_names[i], atomic_long_read(&s->errors[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(errors);

static void slab_show(struct edu_cache *s, struct edu_page *slab, unsigned int block,
		      void *m)
{
	struct edu_slab_state now = slab_read(slab);

	seq_printf(m, "block %u page %u node %d order %u inuse %u/%u ", block,
		   edu_page_index(slab), edu_slab_node(slab), slab->order, now.inuse,
		   now.objects);
	if (now.frozen)
		seq_printf(m, "frozen by CPU %u", slab->cpu);
	else if (!now.inuse)
		seq_puts(m, "empty");
	else
		seq_puts(m, now.freelist ? "partial" : "full");
	if (now.quarantined)
		seq_printf(m, " quarantined %u", now.quarantined);
	seq_putc(m, '\n');
}

static int slabs_show(struct seq_file *m, void *unused)
{
	slab_for_each(m->private, slab_show, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(slabs);

static int front_show(struct seq_file *m, void *unused)
{
	struct edu_cache *s = m->private;

	seq_puts(m, s->sheaf_capacity ? "sheaf\n" : "classic\n");
	return 0;
}

static int front_open(struct inode *inode, struct file *file)
{
	return single_open(file, front_show, inode->i_private);
}

static ssize_t front_write(struct file *file, const char __user *from, size_t n,
			   loff_t *at)
{
	struct edu_cache *s = file_inode(file)->i_private;
	char word[16] = "";

	if (n >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, n))
		return -EFAULT;
	strim(word);
	if (!strcmp(word, "sheaf")) {
		if (!edu_sheaf_capacity(s))
			return -EOPNOTSUPP;
		cache_set_front(s, true);
	} else if (!strcmp(word, "classic")) {
		cache_set_front(s, false);
	} else {
		return -EINVAL;
	}
	return n;
}

static const struct file_operations front_fops = {
	.owner = THIS_MODULE,
	.open = front_open,
	.read = seq_read,
	.write = front_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static ssize_t shrink_write(struct file *file, const char __user *from, size_t n,
			    loff_t *at)
{
	edu_cache_shrink(file_inode(file)->i_private);
	return n;
}

static const struct file_operations shrink_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = shrink_write,
};

static struct dentry *caches_folder;

/**
 * slabinfo_create - make the file slabinfo and the folder caches
 * @folder: of the module
 */
void slabinfo_create(struct dentry *folder)
{
	debugfs_create_file("slabinfo", 0400, folder, NULL, &slabinfo_fops);
	caches_folder = debugfs_create_dir("caches", folder);
}

/**
 * slabinfo_add - make a cache's folder
 * @s: the cache
 */
void slabinfo_add(struct edu_cache *s)
{
	s->debugfs = debugfs_create_dir(s->name, caches_folder);
	debugfs_create_file("attributes", 0444, s->debugfs, s, &attributes_fops);
	debugfs_create_file("stats", 0444, s->debugfs, s, &stats_fops);
	debugfs_create_file("errors", 0444, s->debugfs, s, &errors_fops);
	debugfs_create_file("slabs", 0400, s->debugfs, s, &slabs_fops);
	debugfs_create_file("front", 0600, s->debugfs, s, &front_fops);
	debugfs_create_file("shrink", 0200, s->debugfs, s, &shrink_fops);
	debugfs_create_ulong("min_partial", 0600, s->debugfs, &s->min_partial);
	debugfs_create_u32("cpu_partial", s->flags & EDU_DEBUG_FLAGS ? 0400 : 0600,
			   s->debugfs, &s->cpu_partial);
}

/**
 * slabinfo_remove - remove a cache's folder; waits for its readers
 * @s: the cache
 */
void slabinfo_remove(struct edu_cache *s)
{
	debugfs_remove(s->debugfs);
}
