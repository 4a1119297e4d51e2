// SPDX-License-Identifier: GPL-2.0
/*
 * buddyinfo, pagetypeinfo and zoneinfo, in the formats of the files of those
 * names in /proc (document chapter 8), so that what reads them reads these.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "memory.h"

static const char * const type_names[MIGRATE_PCPTYPES] = {
	[MIGRATE_UNMOVABLE] = "Unmovable",
	[MIGRATE_MOVABLE] = "Movable",
	[MIGRATE_RECLAIMABLE] = "Reclaimable",
};

static const char * const zone_stat_names[EDU_NR_ZONE_STATS] = {
	"edu_alloc", "edu_free", "edu_pcp_refill", "edu_pcp_drain", "edu_split",
	"edu_merge", "edu_fallback", "edu_claim", "edu_grow", "edu_grow_fail",
	"edu_give_back", "edu_reserve", "edu_kswapd", "edu_reclaim", "edu_fail",
	"edu_miss", "edu_bad_free",
};

static const char *zone_name(const struct edu_zone *zone)
{
	return zone->dma ? "DMA" : "Normal";
}

/* As the kernel shows it: the lower zone of a node first, and none without pages. */
static struct edu_zone *shown_zone(struct edu_memory *mem, int i)
{
	struct edu_zone *zone = &mem->zone[(mem->nr_nodes + i) % mem->nr_zones];

	return zone->dma && !READ_ONCE(zone->present_pages) ? NULL : zone;
}

static int buddyinfo_show(struct seq_file *m, void *unused)
{
	struct edu_memory *mem = m->private;
	int i, order;

	for (i = 0; i < mem->nr_zones; i++) {
		struct edu_zone *zone = shown_zone(mem, i);

		if (!zone)
			continue;
		seq_printf(m, "Node %d, zone %8s ", zone->node, zone_name(zone));
		for (order = 0; order < EDU_NR_ORDERS; order++)
			seq_printf(m, "%6lu ",
				   /* A count that is just changing may be shown old or new. */
				   data_race(zone->free_area[order].nr_free));
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(buddyinfo);

static int pagetypeinfo_show(struct seq_file *m, void *unused)
{
	struct edu_memory *mem = m->private;
	int i, k, mt, order;

	seq_printf(m, "Page block order: %d\n", EDU_PAGEBLOCK_ORDER);
	seq_printf(m, "Pages per block:  %u\n\n", EDU_PAGEBLOCK_PAGES);
	seq_printf(m, "%-43s ", "Free pages count per migrate type at order");
	for (order = 0; order < EDU_NR_ORDERS; order++)
		seq_printf(m, "%6d ", order);
	seq_putc(m, '\n');
	for (i = 0; i < mem->nr_zones; i++) {
		struct edu_zone *zone = shown_zone(mem, i);

		for (mt = 0; zone && mt < MIGRATE_PCPTYPES; mt++) {
			seq_printf(m, "Node %4d, zone %8s, type %12s ", zone->node,
				   zone_name(zone), type_names[mt]);
			for (order = 0; order < EDU_NR_ORDERS; order++) {
				unsigned long flags;
				size_t n;

				spin_lock_irqsave(&zone->lock, flags);
				n = list_count_nodes(&zone->free_area[order].free_list[mt]);
				spin_unlock_irqrestore(&zone->lock, flags);
				seq_printf(m, "%6zu ", n);
			}
			seq_putc(m, '\n');
		}
	}
	seq_printf(m, "\n%-23s", "Number of blocks type ");
	for (mt = 0; mt < MIGRATE_PCPTYPES; mt++)
		seq_printf(m, "%12s ", type_names[mt]);
	seq_putc(m, '\n');
	for (i = 0; i < mem->nr_zones; i++) {
		unsigned long count[MIGRATE_PCPTYPES] = {}, flags;
		struct edu_zone *zone = shown_zone(mem, i);
		struct edu_block *block;

		if (!zone)
			continue;
		spin_lock_irqsave(&zone->lock, flags);
		list_for_each_entry(block, &zone->blocks, node)
			for (k = 0; k < EDU_PAGEBLOCKS; k++)
				count[block->pageblock_mt[k]]++;
		spin_unlock_irqrestore(&zone->lock, flags);
		seq_printf(m, "Node %d, zone %8s ", zone->node, zone_name(zone));
		for (mt = 0; mt < MIGRATE_PCPTYPES; mt++)
			seq_printf(m, "%12lu ", count[mt]);
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pagetypeinfo);

static int zoneinfo_show(struct seq_file *m, void *unused)
{
	struct edu_memory *mem = m->private;
	int z, cpu, i;

	for (z = 0; z < mem->nr_zones; z++) {
		struct edu_zone *zone = shown_zone(mem, z);

		if (!zone)
			continue;
		seq_printf(m, "Node %d, zone %8s", zone->node, zone_name(zone));
		/* Counts that are just changing may be shown old or new: no lock. */
		seq_printf(m, "\n  pages free     %lu", data_race(zone->free_pages));
		seq_printf(m, "\n        min      %lu\n        low      %lu\n        high     %lu",
			   zone->watermark[EDU_WMARK_MIN],
			   zone->watermark[EDU_WMARK_LOW],
			   zone->watermark[EDU_WMARK_HIGH]);
		seq_printf(m, "\n        spanned  %lu\n        present  %lu\n        managed  %lu",
			   zone->max_pages, zone->present_pages, zone->present_pages);
		for (i = 0; i < EDU_NR_ZONE_STATS; i++)
			seq_printf(m, "\n      %-12s %lu", zone_stat_names[i],
				   /* likewise */
				   data_race(zone->stat[i]));
		seq_puts(m, "\n  pagesets");
		for_each_online_cpu(cpu)
			seq_printf(m, "\n    cpu: %i\n              count:    %i\n              high:     %i\n              batch:    %i",
				   cpu,
				   /* likewise */
				   data_race(zone->pcp[cpu].count),
				   zone->pcp[cpu].high, zone->pcp[cpu].batch);
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(zoneinfo);

/**
 * zoneinfo_create - make the three files
 * @mem: what they show
 * @folder: where
 */
void zoneinfo_create(struct edu_memory *mem, struct dentry *folder)
{
	debugfs_create_file("buddyinfo", 0444, folder, mem, &buddyinfo_fops);
	debugfs_create_file("pagetypeinfo", 0400, folder, mem, &pagetypeinfo_fops);
	debugfs_create_file("zoneinfo", 0444, folder, mem, &zoneinfo_fops);
}
