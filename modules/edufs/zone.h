/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_ZONE_H
#define _EDUFS_ZONE_H

#include <linux/types.h>

struct zone_range {
	u64 start, end;
};

/* Ranges of blocks, sorted and apart once zone_finish() was called. */
struct system_zone {
	struct zone_range *ranges;
	u32 count, room;
};

int zone_init(struct system_zone *zone, u32 room);
void zone_add(struct system_zone *zone, u64 start, u64 count);
void zone_finish(struct system_zone *zone);
bool zone_overlaps(const struct system_zone *zone, u64 start, u64 count);
void zone_release(struct system_zone *zone);

#endif /* _EDUFS_ZONE_H */
