// SPDX-License-Identifier: GPL-2.0
/*
 * POSIX ACLs: from an attribute of the disk format to the VFS's form, which
 * then decides who may do what. On disk an entry that names nobody (owner,
 * group, mask, others) is four bytes, one that names a user or group eight. A new
 * inode gets its access list from its directory's default list, and that list
 * itself if it is a directory.
 */
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/slab.h>

#include "edufs.h"
#include "xattr.h"

static struct posix_acl *decode(const void *p, size_t size)
{
	const void *end = p + size;
	struct posix_acl *acl;
	int count = 0;

	if (size < 4 || le32_to_cpup(p) != EDUFS_ACL_VERSION)
		return ERR_PTR(-EINVAL);
	p += 4;
	acl = posix_acl_alloc((end - p) / 4, GFP_KERNEL);
	if (!acl)
		return ERR_PTR(-ENOMEM);
	for (; p < end; count++) {
		const struct edufs_acl_entry *e = p;
		struct posix_acl_entry *out = &acl->a_entries[count];

		if (p + 4 > end)
			goto bad;
		out->e_tag = le16_to_cpu(e->e_tag);
		out->e_perm = le16_to_cpu(e->e_perm);
		p += 4;
		if (out->e_tag != ACL_USER && out->e_tag != ACL_GROUP)
			continue;
		if (p + 4 > end)
			goto bad;
		p += 4;
		if (out->e_tag == ACL_USER)
			out->e_uid = make_kuid(&init_user_ns, le32_to_cpu(e->e_id));
		else
			out->e_gid = make_kgid(&init_user_ns, le32_to_cpu(e->e_id));
	}
	acl->a_count = count;
	if (posix_acl_valid(&init_user_ns, acl) == 0)
		return acl;
bad:
	posix_acl_release(acl);
	return ERR_PTR(-EINVAL);
}

static int index_of(int type)
{
	return type == ACL_TYPE_ACCESS ? EDUFS_XATTR_ACL_ACCESS : EDUFS_XATTR_ACL_DEFAULT;
}

/**
 * edufs_get_acl - inode_operations.get_inode_acl
 * @inode: whose
 * @type: ACL_TYPE_ACCESS or ACL_TYPE_DEFAULT
 * @rcu: in RCU mode, where nothing may be read: the VFS then tries again
 *
 * Return: the list, NULL if there is none; ERR_PTR of -ECHILD, -ENOMEM, -EIO,
 * -EUCLEAN.
 */
struct posix_acl *edufs_get_acl(struct inode *inode, int type, bool rcu)
{
	int index = index_of(type);
	struct posix_acl *acl = NULL;
	void *value;
	int size;

	if (rcu)
		return ERR_PTR(-ECHILD);
	size = edufs_xattr_get(inode, index, "", NULL, 0);
	if (size == -ENODATA || size == 0)
		return NULL;
	if (size < 0)
		return ERR_PTR(size);
	value = kmalloc(size, GFP_KERNEL);
	if (!value)
		return ERR_PTR(-ENOMEM);
	size = edufs_xattr_get(inode, index, "", value, size);
	if (size < 0)
		acl = ERR_PTR(size);
	else
		acl = decode(value, size);
	kfree(value);
	if (acl == ERR_PTR(-EINVAL))
		acl = ERR_PTR(edufs_corrupt(inode->i_sb, inode->i_ino, 0, "bad ACL"));
	return acl;
}

static void *encode(const struct posix_acl *acl, size_t *size)
{
	void *start = kmalloc(4 + acl->a_count * sizeof(struct edufs_acl_entry), GFP_NOFS);
	void *p = start + 4;
	int i;

	if (!start)
		return NULL;
	*(__le32 *)start = cpu_to_le32(EDUFS_ACL_VERSION);
	for (i = 0; i < acl->a_count; i++) {
		const struct posix_acl_entry *in = &acl->a_entries[i];
		struct edufs_acl_entry *e = p;

		e->e_tag = cpu_to_le16(in->e_tag);
		e->e_perm = cpu_to_le16(in->e_perm);
		p += 4;
		if (in->e_tag != ACL_USER && in->e_tag != ACL_GROUP)
			continue;
		e->e_id = cpu_to_le32(in->e_tag == ACL_USER ?
				      from_kuid(&init_user_ns, in->e_uid) :
				      from_kgid(&init_user_ns, in->e_gid));
		p += 4;
	}
	*size = p - start;
	return start;
}

static int set(struct inode *inode, int type, struct posix_acl *acl)
{
	void *value = NULL;
	size_t size = 0;
	int err;

	if (acl) {
		value = encode(acl, &size);
		if (!value)
			return -ENOMEM;
	}
	err = edufs_xattr_set(inode, index_of(type), "", value, size, 0);
	kfree(value);
	if (!err)
		set_cached_acl(inode, type, acl);
	return err;
}

/**
 * edufs_set_acl - inode_operations.set_acl
 * @idmap: the mount's map of ids
 * @dentry: whose
 * @acl: the list; NULL removes it
 * @type: ACL_TYPE_ACCESS or ACL_TYPE_DEFAULT
 *
 * Return: 0; -EACCES, -EINVAL, -ENOSPC, -ENOMEM, -EROFS, -EIO, -EUCLEAN.
 */
int edufs_set_acl(struct mnt_idmap *idmap, struct dentry *dentry,
		  struct posix_acl *acl, int type)
{
	struct inode *inode = d_inode(dentry);
	umode_t mode = inode->i_mode;
	struct super_block *sb = inode->i_sb;
	int tries = 0, err = 0;

	if (type == ACL_TYPE_ACCESS && acl)
		err = posix_acl_update_mode(idmap, inode, &mode, &acl);
	if (type == ACL_TYPE_DEFAULT && !S_ISDIR(inode->i_mode))
		return acl ? -EACCES : 0;
	if (err)
		return err;
	do {
		err = edufs_start(sb, EDUFS_OP_XATTR);
		if (err)
			return err;
		err = set(inode, type, acl);
		if (!err && mode != inode->i_mode) {
			inode->i_mode = mode;
			inode_set_ctime_current(inode);
			mark_inode_dirty(inode);
		}
		err = edufs_stop(sb, err);
	} while (edufs_again(sb, err, &tries));
	return err;
}

/**
 * edufs_init_acl - give a new inode the lists that its directory says
 * @inode: the new inode; its mode may change
 * @dir: its directory
 *
 * Return: 0; -ENOSPC, -ENOMEM, -EROFS, -EIO, -EUCLEAN.
 */
int edufs_init_acl(struct inode *inode, struct inode *dir)
{
	struct posix_acl *standard, *acl;
	int err = posix_acl_create(dir, &inode->i_mode, &standard, &acl);

	if (err)
		return err;
	if (standard)
		err = set(inode, ACL_TYPE_DEFAULT, standard);
	else
		inode->i_default_acl = NULL;
	if (acl && !err)
		err = set(inode, ACL_TYPE_ACCESS, acl);
	else if (!acl)
		inode->i_acl = NULL;
	posix_acl_release(standard);
	posix_acl_release(acl);
	return err;
}
