/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_FEATURE_H
#define _EDUFS_FEATURE_H

#include <linux/types.h>

#include "format.h"

#define EDUFS_COMPAT_HAS_JOURNAL	0x0004
#define EDUFS_COMPAT_EXT_ATTR		0x0008
#define EDUFS_COMPAT_DIR_INDEX		0x0020
#define EDUFS_COMPAT_SPARSE_SUPER2	0x0200
#define EDUFS_COMPAT_FAST_COMMIT	0x0400
#define EDUFS_COMPAT_ORPHAN_FILE	0x1000

#define EDUFS_RO_SPARSE_SUPER		0x0001
#define EDUFS_RO_LARGE_FILE		0x0002
#define EDUFS_RO_HUGE_FILE		0x0008
#define EDUFS_RO_GDT_CSUM		0x0010
#define EDUFS_RO_DIR_NLINK		0x0020
#define EDUFS_RO_EXTRA_ISIZE		0x0040
#define EDUFS_RO_BIGALLOC		0x0200
#define EDUFS_RO_METADATA_CSUM		0x0400
#define EDUFS_RO_ORPHAN_PRESENT		0x10000

#define EDUFS_INCOMPAT_FILETYPE		0x0002
#define EDUFS_INCOMPAT_RECOVER		0x0004
#define EDUFS_INCOMPAT_META_BG		0x0010
#define EDUFS_INCOMPAT_EXTENT		0x0040
#define EDUFS_INCOMPAT_64BIT		0x0080
#define EDUFS_INCOMPAT_MMP		0x0100
#define EDUFS_INCOMPAT_FLEX_BG		0x0200
#define EDUFS_INCOMPAT_CSUM_SEED	0x2000
#define EDUFS_INCOMPAT_LARGE_DIR	0x4000

/* What an image uses: the three words of its superblock. */
struct edufs_features {
	u32 compat, incompat, ro_compat;
};

void features_of(const struct edufs_super *raw, struct edufs_features *f);
size_t features_refused(const struct edufs_features *f, char *names, size_t size);
size_t features_read_only(const struct edufs_features *f, char *names, size_t size);

#endif /* _EDUFS_FEATURE_H */
