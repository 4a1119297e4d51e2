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
 *     know it. edufs only reads so far, so none of them refuses.
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

/* Reading needs nothing of flex_bg, and of mmp only that nobody writes. */
static const u32 readable = EDUFS_INCOMPAT_FILETYPE | EDUFS_INCOMPAT_META_BG |
	EDUFS_INCOMPAT_EXTENT | EDUFS_INCOMPAT_64BIT | BIT(8) | BIT(9) |
	EDUFS_INCOMPAT_CSUM_SEED | EDUFS_INCOMPAT_LARGE_DIR;

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
	unsigned long bad = f->incompat & ~readable;
	size_t len = 0;
	int bit;

	names[0] = 0;
	for_each_set_bit(bit, &bad, 32) {
		if (incompat_names[bit])
			len += scnprintf(names + len, size - len, " %s",
					 incompat_names[bit]);
		else
			len += scnprintf(names + len, size - len,
					 " incompat:0x%lx", BIT(bit));
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(features_refused);
