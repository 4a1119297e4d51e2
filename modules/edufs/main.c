// SPDX-License-Identifier: GPL-2.0
/*
 * edufs: the disk format of ext2, ext3 and ext4, in code that is made to be read.
 *
 * From a path to its bytes: namei.c looks a name up in dir.c, in a large
 * directory by htree.c and the hashes of dirhash.c; inode.c reads the inode that
 * the name leads to, by the group descriptors of group.c; map.c asks indirect.c or
 * extent.c where a block lies and hands that to iomap, which fills the page cache.
 *
 * From bytes to the disk: file.c takes them, map.c promises them blocks (ranges.c),
 * and when the page is written back asks balloc.c for some (bitmap.c, window.c) and
 * puts them into the map (extent_write.c, indirect_write.c). ialloc.c makes inodes
 * where orlov.c says, dirwrite.c and hinsert.c put names in (record.c), iwrite.c
 * brings inodes back, orphan.c remembers those without a name, state.c says whether
 * all is well. super.c, geometry.c, feature.c and zone.c mount; csum.c guards;
 * xattr*.c and acl.c do attributes, fallocate.c, ioctl.c and sysfs.c what their names
 * say, control.c what concerns all of a filesystem.
 *
 * What is changed together: journal.c; how much that may be: journal_credits.c; the
 * journal itself: journal_load.c. With data=journal files have buffer heads and no iomap:
 * data_journal.c, data_pages.c.
 *
 * Lock order:
 *  1. inode->i_rwsem, taken by the VFS; by file.c for writes, direct reads, fiemap
 *     and SEEK_HOLE
 *  2. mapping->invalidate_lock: exclusive where blocks go, shared for a page fault
 *  3. a folio's lock, or its writeback
 *  4. journal_sem, shared: while somebody who does not write uses the journal
 *  5. a handle: edufs_start(). It may wait for a commit, a commit for handles only;
 *     so inside of one nothing of 1 to 4 is waited for. With data=journal, for files,
 *     3 comes after this: no handle is begun, nor a commit waited for, with a folio locked
 *  6. edufs_inode.xattr_sem
 *  7. orphan_lock
 *  8. edufs_inode.map_sem: the block map and what is delayed; of one inode at a time
 *  9. alloc_lock: bitmaps, descriptors, windows, what is placed or freed
 * 10. a buffer's lock; a descriptor's inside nothing but 9; then space_lock
 *
 * States of an inode: none -> I_NEW while inode.c fills it or ialloc.c makes it ->
 * cached, dirty or clean -> without links: on the orphan list -> evicted. One that
 * turns out damaged becomes bad and unhashed at once.
 *
 * States of a block of a file: hole -> delayed (promised, in the page cache only) ->
 * placed (delayed, and its data is on the way to the disk, or next) -> mapped; or hole ->
 * unwritten (reserved) -> mapped; from all back to hole.
 *
 * States of a mount: reading; writing (the image says "not clean", or with a journal
 * "needs recovery"); frozen ("clean", nobody writes); stopped after damage
 * (errors=remount-ro) or a failure of the journal: it stays as it was.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/buffer_head.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include <linux/ratelimit.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "edufs.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_PER_CPU(struct edufs_stats, edufs_stats);
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
 * One line, rate-limited; then what errors= says (state.c). Context: may sleep.
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
	edufs_damaged(sb);
	return -EUCLEAN;
}

enum {
	OPT_SB, OPT_ACL, OPT_USER_XATTR, OPT_BSDDF, OPT_MINIXDF, OPT_ERRORS, OPT_RESUID,
	OPT_RESGID, OPT_DISCARD, OPT_DATA, OPT_COMMIT, OPT_BARRIER, OPT_BARRIER_FLAG,
	OPT_JOURNAL_CSUM, OPT_NOLOAD, OPT_INODES,
};

static const struct constant_table data_words[] = {
	{ "journal", 0 },
	{ "ordered", 1 },
	{ "writeback", 2 },
	{}
};

/* Whose cache inodes come from. */
static const struct constant_table inodes_words[] = {
	{ "kernel", 0 },
	{ "slab_edu", EDUFS_OPT_TWIN_INODES },
	{}
};

static const struct constant_table errors_words[] = {
	{ "continue", EDUFS_ERRORS_CONTINUE },
	{ "remount-ro", EDUFS_ERRORS_RO },
	{ "panic", EDUFS_ERRORS_PANIC },
	{}
};

static const struct fs_parameter_spec edufs_parameters[] = {
	fsparam_u32("sb", OPT_SB),
	fsparam_flag_no("acl", OPT_ACL),
	fsparam_flag_no("user_xattr", OPT_USER_XATTR),
	fsparam_flag("bsddf", OPT_BSDDF),
	fsparam_flag("minixdf", OPT_MINIXDF),
	fsparam_enum("errors", OPT_ERRORS, errors_words),
	fsparam_uid("resuid", OPT_RESUID),
	fsparam_gid("resgid", OPT_RESGID),
	fsparam_enum("data", OPT_DATA, data_words),
	fsparam_u32("commit", OPT_COMMIT),
	fsparam_u32("barrier", OPT_BARRIER),
	fsparam_flag_no("barrier", OPT_BARRIER_FLAG),
	fsparam_flag_no("journal_checksum", OPT_JOURNAL_CSUM),
	fsparam_flag("noload", OPT_NOLOAD),
	fsparam_flag("norecovery", OPT_NOLOAD),
	fsparam_flag_no("discard", OPT_DISCARD),
	fsparam_enum("inodes", OPT_INODES, inodes_words),
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
	case OPT_ERRORS:
		sbi->errors = result.uint_32;
		set_opt(sbi, EDUFS_OPT_MAY_PANIC, sbi->errors == EDUFS_ERRORS_PANIC);
		return 0;
	case OPT_RESUID:
		sbi->resuid = result.uid;
		return 0;
	case OPT_RESGID:
		sbi->resgid = result.gid;
		return 0;
	case OPT_DISCARD:
		set_opt(sbi, EDUFS_OPT_DISCARD, !result.negated);
		return 0;
	case OPT_DATA:
		set_opt(sbi, EDUFS_OPT_DATA_GIVEN, true);
		set_opt(sbi, EDUFS_OPT_DATA_JOURNAL, result.uint_32 == 0);
		set_opt(sbi, EDUFS_OPT_WRITEBACK, result.uint_32 == 2);
		return 0;
	case OPT_COMMIT:
		if (result.uint_32 > INT_MAX / HZ)
			return invalfc(fc, "commit= is in seconds");
		sbi->opt_commit = result.uint_32;
		return 0;
	case OPT_BARRIER:
		set_opt(sbi, EDUFS_OPT_NOBARRIER, !result.uint_32);
		return 0;
	case OPT_BARRIER_FLAG:
		set_opt(sbi, EDUFS_OPT_NOBARRIER, result.negated);
		return 0;
	case OPT_JOURNAL_CSUM:
		set_opt(sbi, EDUFS_OPT_NO_JOURNAL_CSUM, result.negated);
		return 0;
	case OPT_NOLOAD:
		set_opt(sbi, EDUFS_OPT_NOLOAD, true);
		return 0;
	case OPT_INODES:
		if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE &&
		    result.uint_32 != (sbi->opts & EDUFS_OPT_TWIN_INODES))
			return invalfc(fc, "inodes= cannot be changed while it is mounted");
		set_opt(sbi, EDUFS_OPT_TWIN_INODES, result.uint_32);
		return 0;
	}
	return opt;
}

static int fill(struct super_block *sb, struct fs_context *fc)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	int err;

	if (sbi->opts & EDUFS_OPT_TWIN_INODES) {
		err = edufs_icache_mount();
		if (err == -EINVAL)
			errorfc(fc, "inodes=slab_edu: slab_edu is not loaded");
		if (err)
			return err;
		sbi->holds_twin = true;
	}
	return edufs_fill_super(sb, fc->sb_flags & SB_SILENT);
}

static int edufs_get_tree(struct fs_context *fc)
{
	return get_tree_bdev(fc, fill);
}

static int edufs_reconfigure(struct fs_context *fc)
{
	struct edufs_sb_info *new = fc->s_fs_info, *sbi = edufs_sbi(fc->root->d_sb);
	struct super_block *sb = fc->root->d_sb;
	bool write = !(fc->sb_flags & SB_RDONLY);
	int err = 0;

	/* Every cached inode has the operations of its mode. */
	if ((new->opts ^ sbi->opts) & EDUFS_OPT_DATA)
		return invalfc(fc, "data= cannot change at a remount");
	sync_filesystem(sb);
	if (write && sb_rdonly(sb)) {
		err = edufs_stopped(sb) ? -EROFS : edufs_writable(sb);
		if (!err)
			err = edufs_begin_writing(sb);
	} else if (!write && !sb_rdonly(sb)) {
		err = edufs_end_writing(sb);
	}
	if (err)
		return err;
	/* The new options start from the old ones: see edufs_init_fs_context(). */
	sbi->opts = new->opts;
	sbi->errors = new->errors;
	sbi->resuid = new->resuid;
	sbi->resgid = new->resgid;
	sbi->opt_commit = new->opt_commit;
	edufs_journal_options(sb);
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
	sbi->resuid = INVALID_UID;
	sbi->resgid = INVALID_GID;
	init_rwsem(&sbi->journal_sem);
	mutex_init(&sbi->alloc_lock);
	mutex_init(&sbi->orphan_lock);
	spin_lock_init(&sbi->space_lock);
	INIT_LIST_HEAD(&sbi->orphans);
	spin_lock_init(&sbi->written_lock);
	INIT_LIST_HEAD(&sbi->written);
	INIT_WORK(&sbi->written_work, edufs_written_work);
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE) {
		const struct edufs_sb_info *old = edufs_sbi(fc->root->d_sb);

		sbi->opts = old->opts;
		sbi->errors = old->errors;
		sbi->resuid = old->resuid;
		sbi->resgid = old->resgid;
		sbi->opt_commit = old->opt_commit;
	}
	fc->s_fs_info = sbi;
	fc->ops = &edufs_context_operations;
	return 0;
}

static void edufs_kill_sb(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	kill_block_super(sb);
	/* It has nothing to do any more, but may still be looking. */
	if (sbi)
		flush_work(&sbi->written_work);
	if (sbi && sbi->holds_twin)
		edufs_icache_umount();
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
		[EDUFS_STAT_ALLOCS] = "allocs",
		[EDUFS_STAT_GOAL_HITS] = "goal_hits",
		[EDUFS_STAT_FREES] = "frees",
		[EDUFS_STAT_NEW_INODES] = "new_inodes",
		[EDUFS_STAT_DIR_SPLITS] = "dir_splits",
		[EDUFS_STAT_DIRECT_BUFFERED] = "direct_buffered",
		[EDUFS_STAT_DISCARDS] = "discards",
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

static int __init edufs_init(void)
{
	int err = edufs_icache_init();

	if (err)
		return err;
	err = edufs_writeback_init();
	if (err)
		goto destroy;
	err = edufs_sysfs_init();
	if (err)
		goto exit;
	err = register_filesystem(&edufs_type);
	if (err)
		goto sysfs;
	debugfs = debugfs_create_dir("edufs", NULL);
	debugfs_create_file("stats", 0444, debugfs, NULL, &stats_fops);
	pr_info("edufs: reads and writes images of ext2, ext3 and ext4\n");
	return 0;
sysfs:
	edufs_sysfs_exit();
exit:
	edufs_writeback_exit();
destroy:
	edufs_icache_exit();
	return err;
}
module_init(edufs_init);

static void __exit edufs_exit(void)
{
	debugfs_remove(debugfs);
	unregister_filesystem(&edufs_type);
	edufs_writeback_exit();
	edufs_sysfs_exit();
	edufs_icache_exit();
}
module_exit(edufs_exit);

MODULE_AUTHOR("the linux-edu authors");
MODULE_DESCRIPTION("The disk format of ext2 and ext4, in code that is made to be read");
MODULE_LICENSE("GPL");
