/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_DATA_JOURNAL_H
#define _EDUFS_DATA_JOURNAL_H

#include <linux/pagemap.h>

struct buffer_head;

/* The first block of a file that a folio holds. */
static inline u64 data_first_block(struct inode *inode, struct folio *folio)
{
	return (u64)folio_pos(folio) >> inode->i_blkbits;
}

struct buffer_head *data_buffers(struct inode *inode, struct folio *folio);
int data_give_block(struct inode *inode, u64 lblk, struct buffer_head *bh, unsigned int flags,
		    bool *fresh);

#endif /* _EDUFS_DATA_JOURNAL_H */
