// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/fs/edufs/<device>/: how a mounted filesystem is, a number or a word a file.
 * Names that ext4 has, too, mean the same there.
 *
 * A file is there from the end of the mount to the beginning of the unmount, which
 * waits for who is just reading one.
 */
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "edufs.h"

struct edufs_sysfs {
	struct kobject kobj;
	struct super_block *sb;
};

static struct kset *edufs_kset;

struct attribute_of {
	struct attribute attr;
	u64 (*number)(struct super_block *sb);	/* NULL: the state */
};

static u64 free_blocks(struct super_block *sb)
{
	return READ_ONCE(edufs_sbi(sb)->free_blocks);
}

static u64 delayed_allocation_blocks(struct super_block *sb)
{
	return READ_ONCE(edufs_sbi(sb)->promised);
}

static u64 reserved_clusters(struct super_block *sb)
{
	return edufs_sbi(sb)->pool;
}

static u64 free_inodes(struct super_block *sb)
{
	return READ_ONCE(edufs_sbi(sb)->free_inodes);
}

static u64 directories(struct super_block *sb)
{
	return READ_ONCE(edufs_sbi(sb)->dirs);
}

static u64 orphans(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u64 count;

	mutex_lock(&sbi->orphan_lock);
	count = list_count_nodes(&sbi->orphans);
	mutex_unlock(&sbi->orphan_lock);
	return count;
}

static u64 windows(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	struct rb_node *node;
	u64 count = 0;

	mutex_lock(&sbi->alloc_lock);
	for (node = rb_first(&sbi->windows); node; node = rb_next(node))
		count++;
	mutex_unlock(&sbi->alloc_lock);
	return count;
}

static const char *state_of(struct super_block *sb)
{
	if (READ_ONCE(edufs_sbi(sb)->shutdown))
		return "shutdown";
	if (edufs_stopped(sb))
		return "stopped";
	return sb_rdonly(sb) ? "reading" : "writing";
}

#define NUMBER(what) \
	static struct attribute_of what##_attr = { { .name = #what, .mode = 0444 }, what }
NUMBER(free_blocks);
NUMBER(delayed_allocation_blocks);
NUMBER(reserved_clusters);
NUMBER(free_inodes);
NUMBER(directories);
NUMBER(orphans);
NUMBER(windows);
static struct attribute_of state_attr = { { .name = "state", .mode = 0444 } };

static struct attribute *edufs_sysfs_attrs[] = {
	&free_blocks_attr.attr, &delayed_allocation_blocks_attr.attr,
	&reserved_clusters_attr.attr, &free_inodes_attr.attr, &directories_attr.attr,
	&orphans_attr.attr, &windows_attr.attr, &state_attr.attr, NULL,
};
ATTRIBUTE_GROUPS(edufs_sysfs);

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *to)
{
	struct super_block *sb = container_of(kobj, struct edufs_sysfs, kobj)->sb;
	struct attribute_of *which = container_of(attr, struct attribute_of, attr);

	if (!which->number)
		return sysfs_emit(to, "%s\n", state_of(sb));
	return sysfs_emit(to, "%llu\n", which->number(sb));
}

static void release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct edufs_sysfs, kobj));
}

static const struct sysfs_ops edufs_sysfs_ops = { .show = show };
static const struct kobj_type edufs_kobj_type = {
	.default_groups = edufs_sysfs_groups, .sysfs_ops = &edufs_sysfs_ops, .release = release,
};

/**
 * edufs_sysfs_add - show a filesystem
 * @sb: the filesystem, mounted; if there is no memory it is not shown
 */
void edufs_sysfs_add(struct super_block *sb)
{
	struct edufs_sysfs *sysfs = kzalloc(sizeof(*sysfs), GFP_KERNEL);

	if (!sysfs)
		return;
	sysfs->sb = sb;
	sysfs->kobj.kset = edufs_kset;
	if (kobject_init_and_add(&sysfs->kobj, &edufs_kobj_type, NULL, "%s", sb->s_id)) {
		kobject_put(&sysfs->kobj);
		return;
	}
	edufs_sbi(sb)->sysfs = sysfs;
}

/**
 * edufs_sysfs_remove - show it no more
 * @sb: the filesystem
 *
 * Context: may sleep; waits for readers.
 */
void edufs_sysfs_remove(struct super_block *sb)
{
	struct edufs_sysfs *sysfs = edufs_sbi(sb)->sysfs;

	if (!sysfs)
		return;
	kobject_del(&sysfs->kobj);
	kobject_put(&sysfs->kobj);
}

/**
 * edufs_sysfs_init - make /sys/fs/edufs
 *
 * Return: 0, -ENOMEM.
 */
int edufs_sysfs_init(void)
{
	edufs_kset = kset_create_and_add("edufs", NULL, fs_kobj);
	return edufs_kset ? 0 : -ENOMEM;
}

/**
 * edufs_sysfs_exit - remove /sys/fs/edufs, which is empty
 */
void edufs_sysfs_exit(void)
{
	kset_unregister(edufs_kset);
}
