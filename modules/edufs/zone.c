// SPDX-License-Identifier: GPL-2.0
/*
 * The blocks that no file may have: superblocks, descriptors, bitmaps, inode
 * tables.
 *
 * The rules, in the order they apply: the ranges are noted once, at mount;
 * sorted, and joined where they touch, which with flex_bg leaves a handful; a
 * block is looked for by halves. A map that leads into one of them is damaged,
 * and an allocator that is led there by a damaged bitmap stops.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "zone.h"

/**
 * zone_init - make an empty zone
 * @zone: the zone
 * @room: how many ranges will be added at most
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int zone_init(struct system_zone *zone, u32 room)
{
	zone->ranges = kvmalloc_array(room, sizeof(*zone->ranges), GFP_KERNEL);
	zone->count = 0;
	zone->room = zone->ranges ? room : 0;
	return zone->ranges ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_IF_KUNIT(zone_init);

/**
 * zone_add - note a range
 * @zone: the zone, not finished
 * @start: its first block
 * @count: how many; 0 adds nothing
 */
void zone_add(struct system_zone *zone, u64 start, u64 count)
{
	if (count && !WARN_ON_ONCE(zone->count == zone->room))
		zone->ranges[zone->count++] = (struct zone_range){ start, start + count };
}
EXPORT_SYMBOL_IF_KUNIT(zone_add);

static int by_start(const void *a, const void *b)
{
	const struct zone_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/**
 * zone_finish - sort the ranges and join those that touch
 * @zone: the zone, which from now on can be asked
 */
void zone_finish(struct system_zone *zone)
{
	u32 i, last = 0;

	if (!zone->count)
		return;
	sort(zone->ranges, zone->count, sizeof(*zone->ranges), by_start, NULL);
	for (i = 1; i < zone->count; i++) {
		if (zone->ranges[i].start <= zone->ranges[last].end)
			zone->ranges[last].end = max(zone->ranges[last].end,
						     zone->ranges[i].end);
		else
			zone->ranges[++last] = zone->ranges[i];
	}
	zone->count = last + 1;
}
EXPORT_SYMBOL_IF_KUNIT(zone_finish);

/**
 * zone_overlaps - does a range of blocks touch the zone?
 * @zone: the zone, finished
 * @start: first block
 * @count: how many, at least 1
 */
bool zone_overlaps(const struct system_zone *zone, u64 start, u64 count)
{
	u32 low = 0, high = zone->count;

	/* The first range that ends behind the start. */
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (zone->ranges[middle].end <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < zone->count && zone->ranges[low].start < start + count;
}
EXPORT_SYMBOL_IF_KUNIT(zone_overlaps);

/**
 * zone_release - free a zone's memory
 * @zone: the zone; empty afterwards
 */
void zone_release(struct system_zone *zone)
{
	kvfree(zone->ranges);
	*zone = (struct system_zone){};
}
EXPORT_SYMBOL_IF_KUNIT(zone_release);
