/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_MAP_H
#define _EDUFS_MAP_H

#include <linux/iomap.h>
#include <edu/compat.h>

#include "edufs.h"

extern const struct edu_iomap_valid_ops edufs_iomap_valid_ops;

/* Zeros into the page cache, where the file has anything; with data=journal, of one page. */
static inline int edufs_zero_range(struct inode *inode, loff_t pos, loff_t len)
{
	if (edufs_journals_data(inode))
		return edufs_data_zero(inode, pos, len);
	return edu_iomap_zero_range(inode, pos, len, &edufs_iomap_ops, &edufs_iomap_valid_ops);
}

#endif /* _EDUFS_MAP_H */
