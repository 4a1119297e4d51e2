// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes, read; xattr_set.c changes them.
 *
 * The rules, in the order they apply:
 *  1. Attributes lie behind the inode's own fields, if it has room and a magic
 *     number there, and in one block, which several inodes may share. The
 *     inode is looked at first.
 *  2. A list of entries grows from the front and ends with four zero bytes;
 *     the values lie behind it. A value's place counts from the first entry
 *     in an inode, from the start in a block.
 *  3. A name is a number for its prefix ("user." is 1) and the rest.
 *
 * Every list is checked whole before anything of it is used. Attributes that
 * fill an inode of their own (ea_inode) are refused with the feature.
 */
#include <linux/buffer_head.h>
#include <linux/capability.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>

#include "csum.h"
#include "edufs.h"
#include "xattr.h"

static const char *check_list(const struct xattr_list *list)
{
	const struct edufs_xattr_entry *e = list->first;

	while (true) {
		if ((const void *)e + sizeof(u32) > list->end)
			return "attributes have no end";
		if (xattr_is_last(e))
			break;
		if ((const void *)e + sizeof(*e) > list->end ||
		    (const void *)xattr_next(e) + sizeof(u32) > list->end)
			return "attribute's name leaves its place";
		e = xattr_next(e);
	}
	for (e = list->first; !xattr_is_last(e); e = xattr_next(e)) {
		u32 size = le32_to_cpu(e->e_value_size), offs = le16_to_cpu(e->e_value_offs);

		if (e->e_value_inum)
			return "attribute in an inode of its own";
		if (size && (size > list->end - list->base ||
			     offs > list->end - list->base - size))
			return "attribute's value leaves its place";
	}
	return NULL;
}

/**
 * edufs_xattr_open_inode - the attributes inside an inode
 * @inode: whose; xattr_sem is held
 * @list: empty; filled in if there are any. bh is to be released in any case.
 *
 * Return: 0, -EIO, -EUCLEAN.
 */
int edufs_xattr_open_inode(struct inode *inode, struct xattr_list *list)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	unsigned int at = EDUFS_GOOD_OLD_INODE + EDUFS_I(inode)->extra_isize;
	struct edufs_disk_inode *raw;
	const char *why;

	if (!EDUFS_I(inode)->extra_isize ||
	    at + sizeof(__le32) + sizeof(u32) > sbi->geo.inode_size)
		return 0;
	list->bh = edufs_inode_block(inode->i_sb, inode->i_ino, &raw);
	if (IS_ERR(list->bh)) {
		int err = PTR_ERR(list->bh);

		list->bh = NULL;
		return err;
	}
	if (le32_to_cpup((void *)raw + at) != EDUFS_XATTR_MAGIC)
		return 0;
	list->first = (void *)raw + at + sizeof(__le32);
	list->base = list->first;
	list->end = (void *)raw + sbi->geo.inode_size;
	why = check_list(list);
	return why ? edufs_corrupt(inode->i_sb, inode->i_ino, 0, "%s", why) : 0;
}

/**
 * edufs_xattr_open_block - the attributes in an inode's block
 * @inode: whose; xattr_sem is held
 * @list: empty; filled in if there are any. bh is to be released in any case.
 *
 * Return: 0, -EIO, -EUCLEAN.
 */
int edufs_xattr_open_block(struct inode *inode, struct xattr_list *list)
{
	u64 block = EDUFS_I(inode)->xattr_block;
	const struct edufs_xattr_header *header;
	const char *why;

	if (!block)
		return 0;
	edufs_count(EDUFS_STAT_XATTR_BLOCKS);
	list->bh = sb_bread(inode->i_sb, block);
	if (!list->bh)
		return -EIO;
	header = (const void *)list->bh->b_data;
	list->first = header + 1;
	list->base = header;
	list->end = list->base + list->bh->b_size;
	if (le32_to_cpu(header->h_magic) != EDUFS_XATTR_MAGIC ||
	    le32_to_cpu(header->h_blocks) != 1)
		why = "no attribute block";
	else if (!edufs_csum_xattr_ok(inode->i_sb, block, header, list->bh->b_size))
		why = "wrong checksum of attribute block";
	else
		why = check_list(list);
	return why ? edufs_corrupt(inode->i_sb, inode->i_ino, block, "%s", why) : 0;
}

static int get_from(const struct xattr_list *list, int index, const char *name,
		    void *buffer, size_t size)
{
	const struct edufs_xattr_entry *e;
	size_t len = strlen(name);

	for (e = list->first; e && !xattr_is_last(e); e = xattr_next(e)) {
		u32 value = le32_to_cpu(e->e_value_size);

		if (e->e_name_index != index || e->e_name_len != len ||
		    memcmp(e->e_name, name, len))
			continue;
		if (buffer && value > size)
			return -ERANGE;
		if (buffer)
			memcpy(buffer, list->base + le16_to_cpu(e->e_value_offs), value);
		return value;
	}
	return -ENODATA;
}

/**
 * edufs_xattr_get - read one attribute
 * @inode: whose
 * @index: the number of its prefix
 * @name: the name behind the prefix
 * @buffer: where the value goes; NULL to ask only for its size
 * @size: bytes of @buffer
 *
 * Context: may sleep.
 * Return: the value's bytes; -ENODATA, -ERANGE, -EIO, -EUCLEAN.
 */
int edufs_xattr_get(struct inode *inode, int index, const char *name,
		    void *buffer, size_t size)
{
	struct edufs_inode *ei = EDUFS_I(inode);
	struct xattr_list list = {};
	int ret;

	down_read(&ei->xattr_sem);
	ret = edufs_xattr_open_inode(inode, &list);
	if (!ret)
		ret = get_from(&list, index, name, buffer, size);
	brelse(list.bh);
	if (ret == -ENODATA) {
		list = (struct xattr_list){};
		ret = edufs_xattr_open_block(inode, &list);
		if (!ret)
			ret = get_from(&list, index, name, buffer, size);
		brelse(list.bh);
	}
	up_read(&ei->xattr_sem);
	return ret;
}

static const char *prefix_of(struct dentry *dentry, int index)
{
	struct inode *inode = d_inode(dentry);

	switch (index) {
	case EDUFS_XATTR_USER:
		return edufs_sbi(inode->i_sb)->opts & EDUFS_OPT_USER_XATTR ?
			XATTR_USER_PREFIX : NULL;
	case EDUFS_XATTR_ACL_ACCESS:
		return IS_POSIXACL(inode) ? XATTR_NAME_POSIX_ACL_ACCESS : NULL;
	case EDUFS_XATTR_ACL_DEFAULT:
		return IS_POSIXACL(inode) ? XATTR_NAME_POSIX_ACL_DEFAULT : NULL;
	case EDUFS_XATTR_TRUSTED:
		return capable(CAP_SYS_ADMIN) ? XATTR_TRUSTED_PREFIX : NULL;
	case EDUFS_XATTR_SECURITY:
		return XATTR_SECURITY_PREFIX;
	}
	return NULL;
}

static ssize_t list_from(struct dentry *dentry, const struct xattr_list *list,
			 char *buffer, size_t size, size_t used)
{
	const struct edufs_xattr_entry *e;

	for (e = list->first; e && !xattr_is_last(e); e = xattr_next(e)) {
		const char *prefix = prefix_of(dentry, e->e_name_index);
		size_t len;

		if (!prefix)
			continue;
		len = strlen(prefix);
		if (buffer) {
			if (used + len + e->e_name_len + 1 > size)
				return -ERANGE;
			memcpy(buffer + used, prefix, len);
			memcpy(buffer + used + len, e->e_name, e->e_name_len);
			buffer[used + len + e->e_name_len] = 0;
		}
		used += len + e->e_name_len + 1;
	}
	return used;
}

/**
 * edufs_listxattr - inode_operations.listxattr
 * @dentry: the file
 * @buffer: where the names go; NULL to ask only for their size
 * @size: bytes of @buffer
 *
 * Context: may sleep.
 * Return: the bytes of all names; -ERANGE, -EIO, -EUCLEAN.
 */
ssize_t edufs_listxattr(struct dentry *dentry, char *buffer, size_t size)
{
	struct edufs_inode *ei = EDUFS_I(d_inode(dentry));
	struct xattr_list list = {};
	ssize_t used;

	down_read(&ei->xattr_sem);
	used = edufs_xattr_open_inode(d_inode(dentry), &list);
	if (!used)
		used = list_from(dentry, &list, buffer, size, 0);
	brelse(list.bh);
	if (used >= 0) {
		int err;

		list = (struct xattr_list){};
		err = edufs_xattr_open_block(d_inode(dentry), &list);
		used = err ?: list_from(dentry, &list, buffer, size, used);
		brelse(list.bh);
	}
	up_read(&ei->xattr_sem);
	return used;
}

static int handler_get(const struct xattr_handler *handler, struct dentry *dentry,
		       struct inode *inode, const char *name, void *buffer, size_t size)
{
	if (handler->flags == EDUFS_XATTR_USER &&
	    !(edufs_sbi(inode->i_sb)->opts & EDUFS_OPT_USER_XATTR))
		return -EOPNOTSUPP;
	return edufs_xattr_get(inode, handler->flags, name, buffer, size);
}

static int handler_set(const struct xattr_handler *handler, struct mnt_idmap *idmap,
		       struct dentry *dentry, struct inode *inode, const char *name,
		       const void *value, size_t size, int flags)
{
	if (handler->flags == EDUFS_XATTR_USER &&
	    !(edufs_sbi(inode->i_sb)->opts & EDUFS_OPT_USER_XATTR))
		return -EOPNOTSUPP;
	return edufs_xattr_set(inode, handler->flags, name, value, size, flags);
}

static const struct xattr_handler user_handler = {
	.prefix = XATTR_USER_PREFIX, .flags = EDUFS_XATTR_USER,
	.get = handler_get, .set = handler_set,
};

static const struct xattr_handler trusted_handler = {
	.prefix = XATTR_TRUSTED_PREFIX, .flags = EDUFS_XATTR_TRUSTED,
	.get = handler_get, .set = handler_set,
};

static const struct xattr_handler security_handler = {
	.prefix = XATTR_SECURITY_PREFIX, .flags = EDUFS_XATTR_SECURITY,
	.get = handler_get, .set = handler_set,
};

const struct xattr_handler * const edufs_xattr_handlers[] = {
	&user_handler, &trusted_handler, &security_handler, NULL,
};
