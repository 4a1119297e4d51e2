// SPDX-License-Identifier: GPL-2.0
/*
 * Which images may be mounted: the policy of feature bits.
 *
 * The rules, in the order they apply:
 *  1. A compat bit never stands in the way.
 *  2. An incompat bit says that the image cannot even be read by who does not
 *     know it. Those in `readable` are known; any other refuses the mount and
 *     is named as mke2fs names it, or by its number.
 *  3. An ro_compat bit says that the image must not be written by who does not
 *     know it. Those in `writable` are known; any other, and mmp (which a writer
 *     must announce himself in), leave only a mount for reading.
 *
 * An image of revision 0 has no feature words; whatever lies there is not
 * looked at.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/kernel.h>

#include "feature.h"

static const char * const incompat_names[32] = {
	[0] = "compression", [1] = "filetype", [2] = "needs_recovery",
	[3] = "journal_dev", [4] = "meta_bg", [6] = "extent", [7] = "64bit",
	[8] = "mmp", [9] = "flex_bg", [10] = "ea_inode", [12] = "dirdata",
	[13] = "metadata_csum_seed", [14] = "large_dir", [15] = "inline_data",
	[16] = "encrypt", [17] = "casefold",
};

static const char * const ro_compat_names[32] = {
	[0] = "sparse_super", [1] = "large_file", [2] = "btree_dir", [3] = "huge_file",
	[4] = "uninit_bg", [5] = "dir_nlink", [6] = "extra_isize", [7] = "snapshot",
	[8] = "quota", [9] = "bigalloc", [10] = "metadata_csum", [11] = "replica",
	[12] = "read-only", [13] = "project", [14] = "shared_blocks", [15] = "verity",
	[16] = "orphan_present",
};

static const u32 readable = EDUFS_INCOMPAT_FILETYPE | EDUFS_INCOMPAT_META_BG |
	EDUFS_INCOMPAT_EXTENT | EDUFS_INCOMPAT_64BIT | EDUFS_INCOMPAT_MMP |
	EDUFS_INCOMPAT_FLEX_BG | EDUFS_INCOMPAT_CSUM_SEED | EDUFS_INCOMPAT_LARGE_DIR;

static const u32 writable = EDUFS_RO_SPARSE_SUPER | EDUFS_RO_LARGE_FILE |
	EDUFS_RO_HUGE_FILE | EDUFS_RO_GDT_CSUM | EDUFS_RO_DIR_NLINK |
	EDUFS_RO_EXTRA_ISIZE | EDUFS_RO_METADATA_CSUM | EDUFS_RO_ORPHAN_PRESENT;

/**
 * features_of - the feature words of a superblock
 * @raw: the superblock
 * @f: filled in; all zero for revision 0
 */
void features_of(const struct edufs_super *raw, struct edufs_features *f)
{
	*f = (struct edufs_features){};
	if (!raw->s_rev_level)
		return;
	f->compat = le32_to_cpu(raw->s_feature_compat);
	f->incompat = le32_to_cpu(raw->s_feature_incompat);
	f->ro_compat = le32_to_cpu(raw->s_feature_ro_compat);
}
EXPORT_SYMBOL_IF_KUNIT(features_of);

static size_t name_bits(unsigned long bits, const char *word, const char * const *known,
			char *names, size_t size)
{
	size_t len = 0;
	int bit;

	for_each_set_bit(bit, &bits, 32) {
		if (known[bit])
			len += scnprintf(names + len, size - len, " %s", known[bit]);
		else
			len += scnprintf(names + len, size - len, " %s:0x%lx", word, BIT(bit));
	}
	return len;
}

/**
 * features_refused - the features that refuse a mount, by name
 * @f: what the image uses
 * @names: where the names go, each with a space before it; cut at @size
 * @size: bytes of @names, at least 1
 *
 * Return: the length of the names, 0 if the image may be mounted.
 */
size_t features_refused(const struct edufs_features *f, char *names, size_t size)
{
	names[0] = 0;
	return name_bits(f->incompat & ~readable, "incompat", incompat_names, names, size);
}
EXPORT_SYMBOL_IF_KUNIT(features_refused);

/**
 * features_read_only - the features that leave only reading, by name
 * @f: what the image uses
 * @names: where the names go, each with a space before it; cut at @size
 * @size: bytes of @names, at least 1
 *
 * Return: the length of the names, 0 if the image may be written.
 */
size_t features_read_only(const struct edufs_features *f, char *names, size_t size)
{
	size_t len = name_bits(f->ro_compat & ~writable, "ro_compat", ro_compat_names,
			       names, size);

	names[len] = 0;
	if (f->incompat & EDUFS_INCOMPAT_MMP)
		len += scnprintf(names + len, size - len, " mmp");
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(features_read_only);
