// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes, set and removed.
 *
 * The rules, in the order they apply:
 *  1. A new value goes into the inode if it fits there, and its old one out of
 *     wherever it was; else into the block. If it fits in neither: ENOSPC.
 *  2. A block that several inodes share is not changed: this inode gets a copy,
 *     and the other has a reference less. The last reference frees it.
 *  3. A block without attributes is freed.
 *
 * edufs does not look for an equal block to share; ext4 does (mbcache).
 *
 * Locks: xattr_sem for writing, then the buffer's lock while it changes.
 */
#include <linux/buffer_head.h>
#include <linux/slab.h>
#include <linux/xattr.h>

#include "csum.h"
#include "edufs.h"
#include "xattr.h"

#define ITEMS 340	/* more do not fit in the largest block and inode */

struct change {
	struct inode *inode;
	struct xattr_list in_inode, in_block;
	struct xattr_item items[ITEMS];
	u8 scratch[];		/* a block's worth */
};

static unsigned int inode_room(struct inode *inode)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	unsigned int at = EDUFS_GOOD_OLD_INODE + EDUFS_I(inode)->extra_isize + sizeof(__le32);

	if (!EDUFS_I(inode)->extra_isize || at + sizeof(u32) > sbi->geo.inode_size)
		return 0;
	return sbi->geo.inode_size - at;
}

/* Try an inode's list with this item changed: -ENOSPC if it does not fit. */
static int set_in_inode(struct change *c, const struct xattr_item *item)
{
	unsigned int room = inode_room(c->inode);
	struct edufs_disk_inode *raw;
	struct buffer_head *bh;
	int count, err;
	void *at;

	if (!room)
		return item->value ? -ENOSPC : 0;
	count = xattr_items(&c->in_inode, c->items, ITEMS - 1);
	if (count < 0)
		return count;
	count = xattr_change(c->items, count, item);
	err = xattr_build(c->scratch, room, 0, c->items, count, false);
	if (err)
		return err;
	bh = edufs_inode_block(c->inode->i_sb, c->inode->i_ino, &raw);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	at = (void *)raw + edufs_sbi(c->inode->i_sb)->geo.inode_size - room;
	edufs_buffer_begin(c->inode->i_sb, bh);
	*(__le32 *)(at - sizeof(__le32)) = cpu_to_le32(count ? EDUFS_XATTR_MAGIC : 0);
	memcpy(at, c->scratch, room);
	edufs_csum_inode_set(c->inode, raw);
	edufs_buffer_end(c->inode->i_sb, bh);
	edufs_note_tid(c->inode, false);
	brelse(bh);
	return 0;
}

/* One reference to a block less. */
static void put_block(struct inode *inode, struct buffer_head *bh)
{
	struct edufs_xattr_header *header = (void *)bh->b_data;
	u32 count;

	/* Another of those that share it may be putting it now. */
	edufs_buffer_begin(inode->i_sb, bh);
	count = le32_to_cpu(header->h_refcount);
	if (count <= 1) {
		unlock_buffer(bh);
		edufs_free_meta(inode, bh->b_blocknr);
		return;
	}
	header->h_refcount = cpu_to_le32(count - 1);
	edufs_csum_xattr_set(inode->i_sb, bh->b_blocknr, header, bh->b_size);
	edufs_buffer_end(inode->i_sb, bh);
	inode_sub_bytes(inode, bh->b_size);
}

static int set_in_block(struct change *c, const struct xattr_item *item)
{
	struct inode *inode = c->inode;
	struct edufs_inode *ei = EDUFS_I(inode);
	unsigned int size = inode->i_sb->s_blocksize, header = sizeof(struct edufs_xattr_header);
	struct buffer_head *old = c->in_block.bh, *bh = old;
	struct edufs_xattr_header *h;
	int count, err;

	count = xattr_items(&c->in_block, c->items, ITEMS - 1);
	if (count < 0)
		return count;
	count = xattr_change(c->items, count, item);
	err = xattr_build(c->scratch, size - header, header, c->items, count, true);
	if (err)
		return err;
	if (!count) {
		if (old) {
			ei->xattr_block = 0;
			put_block(inode, old);
		}
		return 0;
	}
	h = old ? (void *)old->b_data : NULL;
	if (!h || le32_to_cpu(h->h_refcount) > 1) {
		bh = edufs_new_meta(inode, 0);
		if (IS_ERR(bh))
			return PTR_ERR(bh);
	}
	edufs_buffer_begin(inode->i_sb, bh);
	h = (void *)bh->b_data;
	*h = (struct edufs_xattr_header){
		.h_magic = cpu_to_le32(EDUFS_XATTR_MAGIC),
		.h_refcount = cpu_to_le32(1), .h_blocks = cpu_to_le32(1),
		.h_hash = cpu_to_le32(xattr_block_hash(c->scratch)),
	};
	memcpy(h + 1, c->scratch, size - header);
	edufs_csum_xattr_set(inode->i_sb, bh->b_blocknr, h, size);
	edufs_buffer_end(inode->i_sb, bh);
	if (bh != old) {
		if (old)
			put_block(inode, old);
		ei->xattr_block = bh->b_blocknr;
		brelse(bh);
		edufs_need_feature(inode->i_sb, EDUFS_COMPAT_EXT_ATTR, 0);
	}
	return 0;
}

static int set_locked(struct change *c, const struct xattr_item *item, int flags)
{
	struct xattr_item gone = *item;
	bool in_inode, in_block;
	int err, count;

	err = edufs_xattr_open_inode(c->inode, &c->in_inode);
	if (!err)
		err = edufs_xattr_open_block(c->inode, &c->in_block);
	if (err)
		return err;
	count = xattr_items(&c->in_inode, c->items, ITEMS - 1);
	in_inode = xattr_find(c->items, count, item) >= 0;
	count = xattr_items(&c->in_block, c->items, ITEMS - 1);
	in_block = xattr_find(c->items, count, item) >= 0;
	if ((in_inode || in_block) && flags & XATTR_CREATE)
		return -EEXIST;
	if (!in_inode && !in_block && flags & XATTR_REPLACE)
		return -ENODATA;

	gone.value = NULL;
	if (!item->value) {
		err = in_inode ? set_in_inode(c, &gone) : 0;
		return err ?: in_block ? set_in_block(c, &gone) : 0;
	}
	err = set_in_inode(c, item);
	if (!err)
		return in_block ? set_in_block(c, &gone) : 0;
	if (err != -ENOSPC)
		return err;
	err = set_in_block(c, item);
	return err ?: in_inode ? set_in_inode(c, &gone) : 0;
}

static int try_set(struct inode *inode, const struct xattr_item *item, int flags)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct change *c;
	int err;

	c = kvzalloc(sizeof(*c) + inode->i_sb->s_blocksize, GFP_NOFS);
	if (!c)
		return -ENOMEM;
	err = edufs_start(inode->i_sb, EDUFS_OP_XATTR);
	if (err) {
		kvfree(c);
		return err;
	}
	c->inode = inode;
	down_write(&ei->xattr_sem);
	err = set_locked(c, item, flags);
	brelse(c->in_inode.bh);
	brelse(c->in_block.bh);
	up_write(&ei->xattr_sem);
	kvfree(c);
	if (!err) {
		inode_set_ctime_current(inode);
		mark_inode_dirty(inode);
		if (IS_SYNC(inode))
			edufs_handle_sync(inode->i_sb);
	}
	return edufs_stop(inode->i_sb, err);
}

/**
 * edufs_xattr_set - set or remove one attribute
 * @inode: whose
 * @index: the number of its prefix
 * @name: the name behind the prefix
 * @value: its value; NULL removes it
 * @size: bytes of @value
 * @flags: XATTR_CREATE, XATTR_REPLACE
 *
 * Context: may sleep; takes xattr_sem.
 * Return: 0; -EEXIST, -ENODATA, -ENOSPC, -ERANGE, -ENOMEM, -EROFS, -EIO, -EUCLEAN.
 */
int edufs_xattr_set(struct inode *inode, int index, const char *name,
		    const void *value, size_t size, int flags)
{
	struct xattr_item item = {
		.index = index, .name = name, .name_len = strlen(name),
		.value = value, .size = size,
	};
	int tries = 0, err;

	if (item.name_len > 255)
		return -ERANGE;
	if (edufs_stopped(inode->i_sb))
		return -EROFS;
	if (size > inode->i_sb->s_blocksize)
		return -ENOSPC;
	/* As a part of something larger it does not begin again by itself. */
	do
		err = try_set(inode, &item, flags);
	while (!current->journal_info && edufs_again(inode->i_sb, err, &tries));
	if (!err && IS_SYNC(inode) && !edufs_sbi(inode->i_sb)->journal)
		err = sync_inode_metadata(inode, 1);
	return err;
}

/**
 * edufs_xattr_drop_block - an inode ends: its attributes' block, too
 * @inode: the inode
 *
 * Context: may sleep.
 */
void edufs_xattr_drop_block(struct inode *inode)
{
	struct xattr_list list = {};

	if (!EDUFS_I(inode)->xattr_block)
		return;
	if (!edufs_xattr_open_block(inode, &list)) {
		put_block(inode, list.bh);
		EDUFS_I(inode)->xattr_block = 0;
	}
	brelse(list.bh);
}
