// SPDX-License-Identifier: GPL-2.0
/*
 * POSIX ACLs: from an attribute of the disk format to the VFS's form, which
 * then decides who may do what. On disk an entry that names nobody (owner,
 * group, mask, others) is four bytes, one that names a user or group eight.
 */
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/slab.h>

#include "edufs.h"

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
	int index = type == ACL_TYPE_ACCESS ? 2 : 3;
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
