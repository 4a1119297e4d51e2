// SPDX-License-Identifier: GPL-2.0
/*
 * edufs: the disk format of ext2, ext3 and ext4, read by code that is made to
 * be read.
 *
 * From a path to its bytes: dir.c looks a name up, in a large directory by
 * htree.c and the hashes of dirhash.c; inode.c reads the inode that the name
 * leads to, by the group descriptors of group.c; map.c asks indirect.c or
 * extent.c where a block lies and hands that to iomap, which fills the page
 * cache. super.c, geometry.c and feature.c mount; csum.c verifies; xattr.c and
 * acl.c read attributes; export.c makes file handles.
 *
 * Lock order:
 *  1. inode->i_rwsem, taken by the VFS (shared) for lookup and readdir, by
 *     file.c (shared) for direct reads, fiemap and SEEK_HOLE
 *  2. folio locks and buffer locks, inside the page and buffer cache
 * There is none of our own: a mounted filesystem's own data does not change.
 *
 * States of an inode: none -> I_NEW while inode.c fills it -> cached -> evicted
 * by the VFS. One that turns out damaged becomes bad and unhashed at once.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/buffer_head.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "edufs.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_PER_CPU(struct edufs_stats, edufs_stats);
struct kmem_cache *edufs_inode_cache;
static struct dentry *debugfs;

static bool quiet;
module_param(quiet, bool, 0644);
MODULE_PARM_DESC(quiet, "Say nothing about damage in the log, only count it (default N)");

/**
 * edufs_corrupt - tell of damage in an image
 * @sb: the filesystem
 * @ino: the inode it was found at; 0 for none
 * @block: the block it was found at; 0 for none
 * @fmt: what is wrong, and the arguments of that
 *
 * One line, rate-limited.
 *
 * Return: -EUCLEAN, for the caller to return.
 */
int edufs_corrupt(struct super_block *sb, u64 ino, u64 block, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 20);
	struct va_format vaf;
	va_list args;

	edufs_count(EDUFS_STAT_CORRUPT);
	if (!quiet && __ratelimit(&limit)) {
		va_start(args, fmt);
		vaf.fmt = fmt;
		vaf.va = &args;
		pr_err("edufs: %s: inode %llu, block %llu: %pV\n", sb->s_id, ino,
		       block, &vaf);
		va_end(args);
	}
	return -EUCLEAN;
}

enum { OPT_SB, OPT_ACL, OPT_USER_XATTR, OPT_BSDDF, OPT_MINIXDF };

static const struct fs_parameter_spec edufs_parameters[] = {
	fsparam_u32("sb", OPT_SB),
	fsparam_flag_no("acl", OPT_ACL),
	fsparam_flag_no("user_xattr", OPT_USER_XATTR),
	fsparam_flag("bsddf", OPT_BSDDF),
	fsparam_flag("minixdf", OPT_MINIXDF),
	{}
};

static void set_opt(struct edufs_sb_info *sbi, unsigned int opt, bool on)
{
	sbi->opts = on ? sbi->opts | opt : sbi->opts & ~opt;
}

static int edufs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct edufs_sb_info *sbi = fc->s_fs_info;
	struct fs_parse_result result;
	int opt = fs_parse(fc, edufs_parameters, param, &result);

	switch (opt) {
	case OPT_SB:
		if (!result.uint_32)
			return invalfc(fc, "there is no superblock at 0");
		sbi->opt_sb = result.uint_32;
		return 0;
	case OPT_ACL:
		if (!IS_ENABLED(CONFIG_FS_POSIX_ACL) && !result.negated)
			return invalfc(fc, "this kernel has no ACLs");
		set_opt(sbi, EDUFS_OPT_ACL, !result.negated);
		return 0;
	case OPT_USER_XATTR:
		set_opt(sbi, EDUFS_OPT_USER_XATTR, !result.negated);
		return 0;
	case OPT_BSDDF:
		set_opt(sbi, EDUFS_OPT_MINIXDF, false);
		return 0;
	case OPT_MINIXDF:
		set_opt(sbi, EDUFS_OPT_MINIXDF, true);
		return 0;
	}
	return opt;
}

static int fill(struct super_block *sb, struct fs_context *fc)
{
	return edufs_fill_super(sb, fc->sb_flags & SB_SILENT);
}

static int edufs_get_tree(struct fs_context *fc)
{
	return get_tree_bdev(fc, fill);
}

static int edufs_reconfigure(struct fs_context *fc)
{
	struct edufs_sb_info *new = fc->s_fs_info, *sbi = edufs_sbi(fc->root->d_sb);

	if (!(fc->sb_flags & SB_RDONLY)) {
		errorfc(fc, "edufs only reads");
		return -EROFS;
	}
	/* The new options start from the old ones: see edufs_init_fs_context(). */
	sbi->opts = new->opts;
	fc->sb_flags &= ~SB_POSIXACL;
	fc->sb_flags |= sbi->opts & EDUFS_OPT_ACL ? SB_POSIXACL : 0;
	fc->sb_flags_mask |= SB_POSIXACL;
	return 0;
}

static void edufs_free_context(struct fs_context *fc)
{
	kfree(fc->s_fs_info);
}

static const struct fs_context_operations edufs_context_operations = {
	.parse_param = edufs_parse_param,
	.get_tree = edufs_get_tree,
	.reconfigure = edufs_reconfigure,
	.free = edufs_free_context,
};

static int edufs_init_fs_context(struct fs_context *fc)
{
	struct edufs_sb_info *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);

	if (!sbi)
		return -ENOMEM;
	sbi->opts = EDUFS_OPT_USER_XATTR;
	if (IS_ENABLED(CONFIG_FS_POSIX_ACL))
		sbi->opts |= EDUFS_OPT_ACL;
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE)
		sbi->opts = edufs_sbi(fc->root->d_sb)->opts;
	fc->s_fs_info = sbi;
	fc->ops = &edufs_context_operations;
	return 0;
}

static void edufs_kill_sb(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	kill_block_super(sb);
	kfree(sbi);
}

static struct file_system_type edufs_type = {
	.owner = THIS_MODULE,
	.name = "edufs",
	.init_fs_context = edufs_init_fs_context,
	.parameters = edufs_parameters,
	.kill_sb = edufs_kill_sb,
	.fs_flags = FS_REQUIRES_DEV | FS_ALLOW_IDMAP,
};
MODULE_ALIAS_FS("edufs");

static int stats_show(struct seq_file *m, void *unused)
{
	static const char * const names[EDUFS_STATS] = {
		[EDUFS_STAT_LOOKUPS] = "lookups",
		[EDUFS_STAT_HTREE_LOOKUPS] = "htree_lookups",
		[EDUFS_STAT_DIR_BLOCKS] = "dir_blocks",
		[EDUFS_STAT_INODES] = "inodes",
		[EDUFS_STAT_INDIRECT_MAPS] = "indirect_maps",
		[EDUFS_STAT_EXTENT_MAPS] = "extent_maps",
		[EDUFS_STAT_XATTR_BLOCKS] = "xattr_blocks",
		[EDUFS_STAT_CORRUPT] = "corrupt",
	};
	int i, cpu;

	for (i = 0; i < EDUFS_STATS; i++) {
		u64 sum = 0;

		for_each_possible_cpu(cpu)
			sum += per_cpu(edufs_stats, cpu).count[i];
		seq_printf(m, "%s %llu\n", names[i], sum);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static void init_once(void *object)
{
	struct edufs_inode *ei = object;

	inode_init_once(&ei->vfs_inode);
}

static int __init edufs_init(void)
{
	int err;

	/* i_block is copied to user space when a short symlink is read. */
	edufs_inode_cache =
		kmem_cache_create_usercopy("edufs_inode", sizeof(struct edufs_inode), 0,
					   SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
					   offsetof(struct edufs_inode, data),
					   sizeof_field(struct edufs_inode, data),
					   init_once);
	if (!edufs_inode_cache)
		return -ENOMEM;
	err = register_filesystem(&edufs_type);
	if (err) {
		kmem_cache_destroy(edufs_inode_cache);
		return err;
	}
	debugfs = debugfs_create_dir("edufs", NULL);
	debugfs_create_file("stats", 0444, debugfs, NULL, &stats_fops);
	pr_info("edufs: reads images of ext2, ext3 and ext4\n");
	return 0;
}
module_init(edufs_init);

static void __exit edufs_exit(void)
{
	debugfs_remove(debugfs);
	unregister_filesystem(&edufs_type);
	/* Inodes are freed after a grace period. */
	rcu_barrier();
	kmem_cache_destroy(edufs_inode_cache);
}
module_exit(edufs_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The disk format of ext2 and ext4, read by code that is made to be read");
MODULE_LICENSE("GPL");
