/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_RECORD_H
#define _EDUFS_RECORD_H

#include <linux/math.h>

#include "format.h"

/* A record of a block that is being split: its hash, place and true length. */
struct record_ref {
	u32 hash;
	u16 at, len;
};

const char *record_check(const void *block, unsigned int size, unsigned int at,
			 u32 inodes);
void record_init(void *block, unsigned int size);
int record_insert(void *block, unsigned int size, u32 inodes, const char *name,
		  unsigned int len, u32 ino, unsigned int type);
void record_remove(void *block, unsigned int at);
unsigned int record_split(struct record_ref *refs, unsigned int count);
void record_pack(void *to, unsigned int size, const void *from,
		 const struct record_ref *refs, unsigned int count);

static inline const struct edufs_dir_entry *record_at(const void *block, unsigned int at)
{
	return block + at;
}

/* The least bytes that a record with such a name fills. */
static inline unsigned int record_len(unsigned int name_len)
{
	return round_up(8 + name_len, 4);
}

#endif /* _EDUFS_RECORD_H */
