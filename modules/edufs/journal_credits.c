// SPDX-License-Identifier: GPL-2.0
/*
 * How many blocks an operation may change in its transaction: the credits that
 * its handle reserves in the journal before it begins. Too few and the journal
 * stops the filesystem; too many and transactions close early.
 *
 * The rules, in the order they apply:
 *  1. A block counts once in a handle, however often it is changed.
 *  2. A block that is allocated or freed changes a bitmap and a descriptor, of
 *     any group, besides itself.
 *  3. Trees are counted at their largest depth. A node that was split has room
 *     for what else one operation puts into it, so of several insertions at one
 *     place only the first can split the whole way.
 *  4. What has no bound (the end of a long file) is done in steps, each in its
 *     own handle and each leaving the map whole: before each piece is freed
 *     edufs_can_go_on() asks for edufs_credits_step.
 *
 * tests/vm/edufs-journal.sh compares these numbers with what the journal
 * counted, operation by operation.
 */
#include "edufs.h"
#include "format.h"
#include "journal.h"

enum {
	SUPER		= 1,
	INODE		= 1,
	ALLOC		= 2,			/* bitmap, descriptor */
	META		= 1 + ALLOC,
	PATH		= EDUFS_EXTENT_MAX_DEPTH,

	/*
	 * A piece into a map. Extents: each node on the way is split, and the
	 * root's entries move down. Of the map of ext2 no more than three tables
	 * are missing.
	 */
	INSERT		= PATH + (PATH + 1) * META,

	/*
	 * A name into a directory: the leaf, the index (three levels and its
	 * root), the directory's inode. At most five blocks more: a half of the
	 * leaf, of each level's node, and one for a deeper tree; they go behind
	 * one another in the directory's map.
	 */
	INDEX		= 4,
	GROW		= 5 * META + INSERT,
	ADD_NAME	= 1 + INDEX + GROW + INODE,
	NAME		= 1 + INODE,		/* changed or taken out, and the directory */

	/* A new block, the one that was shared before or is freed, the inode. */
	ATTRIBUTE	= META + META + INODE + SUPER,

	/* First in the list is the superblock's; else the one before it changes. */
	ORPHAN		= SUPER + 2 * INODE,

	/* Bitmap, descriptor, itself; in group 0 those before the first not reserved. */
	NEW_INODE	= ALLOC + INODE + 4,

	/*
	 * One piece is freed, of one group; then the way up to the root: each node
	 * changes and may be freed; and the root may take in what is left of it,
	 * level by level.
	 */
	STEP		= ALLOC + PATH + 2 * PATH * ALLOC + INODE + SUPER,
	STEP_REVOKES	= 2 * PATH + EDUFS_REVOKE_MOST,

	/* Data of so many groups, for they have 256 blocks at least. */
	WRITTEN_GROUPS	= EDUFS_WRITTEN_MOST / 256 + 2,
	/* Tables of 256 numbers at least, and the two levels above them. */
	WRITTEN_TABLES	= EDUFS_WRITTEN_MOST / 256 + 1 + 2 + 1,
};

/* What one more step of EDUFS_OP_REMOVE may need. */
const struct edufs_credits edufs_credits_step = { STEP, STEP_REVOKES };

const struct edufs_credits edufs_credits[EDUFS_OPS] = {
	[EDUFS_OP_INODE] = { INODE + SUPER, 0 },
	[EDUFS_OP_SUPER] = { SUPER, 0 },
	/* With two ACLs; a new directory's block or a long symlink's; if it fails, an orphan. */
	[EDUFS_OP_CREATE] = {
		NEW_INODE + 2 * ATTRIBUTE + META + ADD_NAME + ORPHAN, 2,
	},
	[EDUFS_OP_LINK] = { ADD_NAME + INODE + ORPHAN, 0 },
	[EDUFS_OP_UNLINK] = { NAME + INODE + ORPHAN, 0 },
	/* Two names, ".." of two directories, what is renamed, what that replaced. */
	[EDUFS_OP_RENAME] = { ADD_NAME + NAME + 2 * NAME + 2 * INODE + ORPHAN, 0 },
	[EDUFS_OP_XATTR] = { ATTRIBUTE, 2 },
	[EDUFS_OP_ORPHAN] = { ORPHAN, 0 },
	/* First the extent that reaches behind the range is split in two. */
	[EDUFS_OP_REMOVE] = { INSERT + 2 * STEP, 2 * STEP_REVOKES },
	[EDUFS_OP_FREE_INODE] = { META + ORPHAN + ALLOC, 1 },
	/* The most for extents: an unwritten one becomes three. */
	[EDUFS_OP_WRITTEN] = {
		WRITTEN_GROUPS * ALLOC + WRITTEN_TABLES * META + INSERT + INODE + SUPER, 0,
	},
	[EDUFS_OP_RESERVE] = { ALLOC + INSERT + INODE + SUPER, 0 },
	/* First the extent that reaches over the place is split; the caller counts nodes. */
	[EDUFS_OP_SHIFT] = { INSERT + INODE + SUPER, 0 },
	/* The caller counts blocks. */
	[EDUFS_OP_DATA] = { INODE + SUPER, 0 },
};

/**
 * edufs_credits_data - what blocks of data need that go through the journal
 * @plain: how many have their place
 * @fresh: how many get one, or are marked as written: of any group each
 *
 * They lie behind one another in the file. Into the map goes a piece that splits its way
 * (rule 3), and at most two entries a block more, which split a leaf once it is full
 * again: of 84 entries at least, after 42.
 *
 * Return: the blocks to reserve.
 */
unsigned int edufs_credits_data(unsigned int plain, unsigned int fresh)
{
	return plain + fresh * (1 + ALLOC) + (fresh ? INSERT + (fresh / 16 + 1) * META : 0);
}
