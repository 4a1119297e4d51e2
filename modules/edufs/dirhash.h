/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_DIRHASH_H
#define _EDUFS_DIRHASH_H

#include <linux/types.h>

/* As in the index's root; the unsigned kinds are these plus 3. */
enum edufs_hash {
	EDUFS_HASH_LEGACY,
	EDUFS_HASH_HALF_MD4,
	EDUFS_HASH_TEA,
	EDUFS_HASH_LEGACY_UNSIGNED,
	EDUFS_HASH_HALF_MD4_UNSIGNED,
	EDUFS_HASH_TEA_UNSIGNED,
	EDUFS_HASH_KINDS,
};

int dirhash(const char *name, size_t len, unsigned int version,
	    const u32 seed[4], u32 *hash);

#endif /* _EDUFS_DIRHASH_H */
