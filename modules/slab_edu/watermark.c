// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: who may still have a page when few are free.
 *
 *  1. MIN is the square root of the managed memory, as the kernel computes it:
 *     4 * sqrt(KiB) KiB. LOW is 5/4 of it, HIGH 3/2.
 *  2. An ordinary request must leave LOW free; if no node can, kswapd is woken
 *     and MIN will do.
 *  3. An atomic one (__GFP_HIGH) may use half of MIN as well: the reserve.
 *  4. Enough pages are not enough: a run of the order must be there.
 *
 * Follows document chapter 8 and 11 and the kernel book 6.8; the figures,
 * which they leave out, are mm/page_alloc.c's.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math.h>

#include "memory.h"

/**
 * watermark_set - compute the marks after the zone grew or shrank
 * @zone: locked
 */
void watermark_set(struct edu_zone *zone)
{
	unsigned long kib = zone->present_pages << (PAGE_SHIFT - 10);
	unsigned long min = (4 * int_sqrt(kib)) >> (PAGE_SHIFT - 10);

	zone->watermark[EDU_WMARK_MIN] = min;
	zone->watermark[EDU_WMARK_LOW] = min + min / 4;
	zone->watermark[EDU_WMARK_HIGH] = min + min / 2;
}
EXPORT_SYMBOL_IF_KUNIT(watermark_set);

/**
 * watermark_ok - may a request be served?
 * @zone: the zone; a reader without its lock gets a guess
 * @order: of the request
 * @mark: that must remain
 * @pressed: the request may use half of it
 *
 * Return: true if it may, and a run that large is there.
 */
bool watermark_ok(const struct edu_zone *zone, unsigned int order,
		  enum edu_watermark mark, bool pressed)
{
	unsigned long min = zone->watermark[mark];

	if (pressed)
		min -= min / 2;
	if (zone->free_pages < min + (1UL << order))
		return false;
	for (; order < EDU_NR_ORDERS; order++)
		if (zone->free_area[order].nr_free)
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(watermark_ok);
