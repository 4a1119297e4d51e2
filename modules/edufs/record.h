/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_RECORD_H
#define _EDUFS_RECORD_H

#include "format.h"

const char *record_check(const void *block, unsigned int size, unsigned int at,
			 u32 inodes);

static inline const struct edufs_dir_entry *record_at(const void *block, unsigned int at)
{
	return block + at;
}

#endif /* _EDUFS_RECORD_H */
