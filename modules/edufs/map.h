/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_MAP_H
#define _EDUFS_MAP_H

#include <linux/iomap.h>
#include <edu/compat.h>

extern const struct edu_iomap_valid_ops edufs_iomap_valid_ops;

#endif /* _EDUFS_MAP_H */
