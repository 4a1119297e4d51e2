// SPDX-License-Identifier: GPL-2.0
/*
 * Mounting: from a block device to a root directory.
 *
 * The rules, in the order they apply:
 *  1. The superblock lies 1024 bytes into the device, or where sb= says (in
 *     units of 1 KiB, as for ext4). Its magic number must be there, and with
 *     metadata_csum its checksum must be right.
 *  2. The features decide whether it may be mounted (feature.c). A journal that
 *     must be replayed is, and then all begins anew (journal_load.c).
 *  3. Sizes are checked (geometry.c), the device must be as long as the
 *     filesystem, every descriptor is checked (group.c), then the root is read.
 *  4. A mount that asks for writing where that cannot be (state.c) gets EROFS,
 *     on which mount(8) tries again for reading and says so.
 *
 * Follows "memory, files", 16.4 and 17.1, and the kernel book, 5.2.
 */
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/dcache.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"

static const struct super_operations edufs_super_operations;

static int read_super_at(struct super_block *sb, u64 byte)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);

	brelse(sbi->super_bh);
	sbi->super_block = byte >> sb->s_blocksize_bits;
	sbi->super_bh = sb_bread(sb, sbi->super_block);
	if (!sbi->super_bh)
		return -EIO;
	sbi->raw = (void *)sbi->super_bh->b_data + (byte & (sb->s_blocksize - 1));
	return le16_to_cpu(sbi->raw->s_magic) == EDUFS_MAGIC ? 0 : -EINVAL;
}

static int check_features(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	char names[200];

	features_of(sbi->raw, &sbi->features);
	/* See edufs_fill_super(). */
	sbi->features.incompat &= ~EDUFS_INCOMPAT_RECOVER;
	if (features_refused(&sbi->features, names, sizeof(names))) {
		pr_err("edufs: %s: cannot read images with:%s\n", sb->s_id, names);
		return -EINVAL;
	}
	return 0;
}

/* data= as it was asked for, else as tune2fs -o says. */
static int choose_data_mode(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	bool journal = sbi->features.compat & EDUFS_COMPAT_HAS_JOURNAL;
	u32 image = le32_to_cpu(sbi->raw->s_default_mount_opts) & EDUFS_DEFM_DATA;

	if (journal && !(sbi->opts & EDUFS_OPT_DATA_GIVEN)) {
		sbi->opts &= ~EDUFS_OPT_DATA;
		sbi->opts |= image == EDUFS_DEFM_DATA_JOURNAL ? EDUFS_OPT_DATA_JOURNAL : 0;
		sbi->opts |= image == EDUFS_DEFM_DATA_WRITEBACK ? EDUFS_OPT_WRITEBACK : 0;
	}
	if (journal || !(sbi->opts & EDUFS_OPT_DATA_JOURNAL))
		return 0;
	pr_err("edufs: %s: data=journal, but the image has no journal\n", sb->s_id);
	return -EINVAL;
}

static int read_super(struct super_block *sb, bool silent)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	u64 byte = sbi->opt_sb ? (u64)sbi->opt_sb << 10 : EDUFS_SUPER_OFFSET;
	int err;

	if (!sb_min_blocksize(sb, EDUFS_MIN_BLOCK))
		return -EINVAL;
	err = read_super_at(sb, byte);
	if (err == -EINVAL && !silent)
		pr_err("edufs: %s: no filesystem of the ext family\n", sb->s_id);
	if (err)
		return err;
	err = check_features(sb);
	if (!err)
		err = choose_data_mode(sb);
	if (err)
		return err;
	if (sbi->features.ro_compat & EDUFS_RO_METADATA_CSUM &&
	    csum_super(sbi->raw) != le32_to_cpu(sbi->raw->s_checksum))
		return edufs_corrupt(sb, 0, sbi->super_block, "wrong checksum of superblock");
	return 0;
}

static int check_geometry(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const char *why = geometry_of(sbi->raw, &sbi->features, &sbi->geo);
	u64 byte = sbi->opt_sb ? (u64)sbi->opt_sb << 10 : EDUFS_SUPER_OFFSET;
	unsigned int bits = sbi->geo.block_bits;
	int err;

	if (why)
		return edufs_corrupt(sb, 0, sbi->super_block, "%s", why);
	if (sb->s_blocksize != 1U << bits) {
		/* Buffers of another size must be gone before the size changes. */
		brelse(sbi->super_bh);
		sbi->super_bh = NULL;
		if (!sb_set_blocksize(sb, 1U << bits)) {
			pr_err("edufs: %s: the device does not do blocks of %u bytes\n",
			       sb->s_id, 1U << bits);
			return -EINVAL;
		}
		err = read_super_at(sb, byte);
		if (err)
			return err;
		/* What was checked was read before: it must be the same now. */
		why = geometry_of(sbi->raw, &sbi->features, &sbi->geo);
		if (why || sbi->geo.block_bits != bits)
			return edufs_corrupt(sb, 0, sbi->super_block,
					     "superblock changes under the mount");
	}
	if (sbi->geo.blocks > sb_bdev_nr_blocks(sb)) {
		pr_err("edufs: %s: the filesystem has %llu blocks, the device %llu\n",
		       sb->s_id, sbi->geo.blocks, (u64)sb_bdev_nr_blocks(sb));
		return -EUCLEAN;
	}
	return 0;
}

static void take_over(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_super *raw = sbi->raw;
	int i;

	sbi->csum = sbi->features.ro_compat & EDUFS_RO_METADATA_CSUM;
	sbi->desc_csum = sbi->features.ro_compat & (EDUFS_RO_METADATA_CSUM | EDUFS_RO_GDT_CSUM);
	if (sbi->features.incompat & EDUFS_INCOMPAT_CSUM_SEED)
		sbi->csum_seed = le32_to_cpu(raw->s_checksum_seed);
	else
		sbi->csum_seed = csum_uuid(raw->s_uuid);
	for (i = 0; i < 4; i++)
		sbi->hash_seed[i] = le32_to_cpu(raw->s_hash_seed[i]);
	/* An image that does not say is taken as this machine's own, as in ext4. */
	if (le32_to_cpu(raw->s_flags) & EDUFS_FLAG_UNSIGNED_HASH)
		sbi->hash_unsigned = 3;
	else if (!(le32_to_cpu(raw->s_flags) & EDUFS_FLAG_SIGNED_HASH) && (char)-1 > 0)
		sbi->hash_unsigned = 3;
	sbi->overhead = geometry_overhead(raw, &sbi->features, &sbi->geo);

	/* As far as a block of the file has a number of 32 bits. */
	sb->s_maxbytes = min_t(u64, MAX_LFS_FILESIZE,
			       (EDUFS_MAX_LBLK << sbi->geo.block_bits) - 1);
	sb->s_magic = EDUFS_MAGIC;
	sb->s_op = &edufs_super_operations;
	sb->s_xattr = edufs_xattr_handlers;
	sb->s_export_op = &edufs_export_operations;
	sb->s_time_gran = sbi->geo.inode_size >=
		offsetofend(struct edufs_disk_inode, i_atime_extra) ? 1 : NSEC_PER_SEC;
	sb->s_time_min = S32_MIN;
	sb->s_time_max = sb->s_time_gran == 1 ? S32_MAX + 3LL * (1LL << 32) : S32_MAX;
	if (sbi->opts & EDUFS_OPT_ACL)
		sb->s_flags |= SB_POSIXACL;
	super_set_uuid(sb, raw->s_uuid, sizeof(raw->s_uuid));
}

static void take_over_space(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	const struct edufs_super *raw = sbi->raw;
	unsigned int room = sbi->geo.inode_size - EDUFS_GOOD_OLD_INODE;

	sbi->root_blocks = le32_to_cpu(raw->s_r_blocks_count_lo);
	if (sbi->features.incompat & EDUFS_INCOMPAT_64BIT)
		sbi->root_blocks |= (u64)le32_to_cpu(raw->s_r_blocks_count_hi) << 32;
	/* As many as ext4 keeps for the growth of extent trees. */
	if (edufs_has_extents(sb))
		sbi->pool = min_t(u64, div_u64(sbi->geo.blocks, 50), 4096);
	if (room >= sizeof(struct edufs_disk_inode) - EDUFS_GOOD_OLD_INODE)
		sbi->extra_isize = sizeof(struct edufs_disk_inode) - EDUFS_GOOD_OLD_INODE;
	if (!uid_valid(sbi->resuid))
		sbi->resuid = make_kuid(&init_user_ns, le16_to_cpu(raw->s_def_resuid));
	if (!gid_valid(sbi->resgid))
		sbi->resgid = make_kgid(&init_user_ns, le16_to_cpu(raw->s_def_resgid));
	if (!sbi->errors)
		sbi->errors = le16_to_cpu(raw->s_errors);
	if (!sbi->errors || sbi->errors > EDUFS_ERRORS_PANIC)
		sbi->errors = EDUFS_ERRORS_CONTINUE;
	/* A panic is only for who asks for it in so many words. */
	if (sbi->errors == EDUFS_ERRORS_PANIC && !(sbi->opts & EDUFS_OPT_MAY_PANIC))
		sbi->errors = EDUFS_ERRORS_RO;
}

static void release(struct edufs_sb_info *sbi)
{
	edufs_groups_release(sbi);
	brelse(sbi->super_bh);
	sbi->super_bh = NULL;
}

static int read_root(struct super_block *sb)
{
	struct inode *root = edufs_iget(sb, EDUFS_ROOT_INO);

	if (root == ERR_PTR(-ESTALE))
		return edufs_corrupt(sb, EDUFS_ROOT_INO, 0, "no root directory");
	if (IS_ERR(root))
		return PTR_ERR(root);
	if (!S_ISDIR(root->i_mode)) {
		iput(root);
		return edufs_corrupt(sb, EDUFS_ROOT_INO, 0, "the root is no directory");
	}
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int load(struct super_block *sb, bool silent)
{
	int err = read_super(sb, silent);

	if (!err)
		err = check_geometry(sb);
	if (err)
		return err;
	take_over(sb);
	take_over_space(sb);
	return edufs_groups_load(sb);
}

static bool needs_recovery(struct super_block *sb)
{
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	bool needs = le32_to_cpu(sbi->raw->s_feature_incompat) & EDUFS_INCOMPAT_RECOVER;
	const char *why = edufs_journal_refused(sb);

	if (needs && why)
		pr_warn("edufs: %s: not replayed: %s\n", sb->s_id, why);
	else if (needs && sbi->opts & EDUFS_OPT_NOLOAD)
		pr_warn("edufs: %s: noload: read as it lies there\n", sb->s_id);
	return needs && !why && !(sbi->opts & EDUFS_OPT_NOLOAD) && !sbi->opt_sb;
}

/**
 * edufs_fill_super - mount what is on sb->s_bdev
 * @sb: new, with a struct edufs_sb_info that holds the options
 * @silent: say nothing if it is some other filesystem
 *
 * Context: may sleep.
 * Return: 0, -EINVAL (no image of ours, or one that is refused), -EROFS (asked
 * for writing), -EIO, -EUCLEAN (damaged), -ENOMEM. On failure nothing is held.
 */
int edufs_fill_super(struct super_block *sb, bool silent)
{
	int err = load(sb, silent);

	if (!err && needs_recovery(sb)) {
		err = edufs_journal_recover(sb);
		release(edufs_sbi(sb));
		err = err ?: load(sb, silent);
	}
	if (!err && !sb_rdonly(sb))
		err = edufs_writable(sb);
	if (!err)
		err = read_root(sb);
	if (!err && !sb_rdonly(sb))
		err = edufs_begin_writing(sb);
	if (!err)
		edufs_sysfs_add(sb);
	if (err) {
		/* The root's dentry, if there is one, is the VFS's to drop: last. */
		if (!sb->s_root)
			release(edufs_sbi(sb));
	}
	return err;
}

static void edufs_put_super(struct super_block *sb)
{
	edufs_sysfs_remove(sb);
	if (!sb_rdonly(sb) && edufs_end_writing(sb))
		pr_err("edufs: %s: could not be left clean\n", sb->s_id);
	WARN_ONCE(edufs_sbi(sb)->placed.sum, "edufs: blocks are placed for nobody\n");
	release(edufs_sbi(sb));
}

static int edufs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	struct edufs_sb_info *sbi = edufs_sbi(sb);
	unsigned int cluster = 0;
	u64 free, kept;

	if (sbi->features.ro_compat & EDUFS_RO_BIGALLOC)
		cluster = (le32_to_cpu(sbi->raw->s_log_cluster_size) -
			   le32_to_cpu(sbi->raw->s_log_block_size)) % 32;
	spin_lock(&sbi->space_lock);
	free = (sbi->free_blocks - min(sbi->promised, sbi->free_blocks)) << cluster;
	spin_unlock(&sbi->space_lock);
	kept = sbi->root_blocks + sbi->pool;
	buf->f_type = EDUFS_MAGIC;
	buf->f_bsize = sb->s_blocksize;
	buf->f_blocks = sbi->geo.blocks;
	if (!(sbi->opts & EDUFS_OPT_MINIXDF))
		buf->f_blocks -= sbi->overhead;
	buf->f_bfree = min(free, buf->f_blocks);
	buf->f_bavail = buf->f_bfree > kept ? buf->f_bfree - kept : 0;
	buf->f_files = sbi->geo.inodes;
	buf->f_ffree = min(sbi->free_inodes, sbi->geo.inodes);
	buf->f_namelen = EDUFS_NAME_LEN;
	buf->f_fsid = uuid_to_fsid((u8 *)sbi->raw->s_uuid);
	return 0;
}

static int edufs_show_options(struct seq_file *m, struct dentry *root)
{
	struct edufs_sb_info *sbi = edufs_sbi(root->d_sb);

	if (sbi->opt_sb)
		seq_printf(m, ",sb=%u", sbi->opt_sb);
	if (!(sbi->opts & EDUFS_OPT_ACL))
		seq_puts(m, ",noacl");
	if (!(sbi->opts & EDUFS_OPT_USER_XATTR))
		seq_puts(m, ",nouser_xattr");
	if (sbi->opts & EDUFS_OPT_MINIXDF)
		seq_puts(m, ",minixdf");
	if (sbi->opts & EDUFS_OPT_DISCARD)
		seq_puts(m, ",discard");
	if (sbi->opts & EDUFS_OPT_TWIN_INODES)
		seq_puts(m, ",inodes=slab_edu");
	seq_printf(m, ",errors=%s", sbi->errors == EDUFS_ERRORS_CONTINUE ? "continue" :
		   sbi->errors == EDUFS_ERRORS_RO ? "remount-ro" : "panic");
	if (!uid_eq(sbi->resuid, GLOBAL_ROOT_UID))
		seq_printf(m, ",resuid=%u", from_kuid(&init_user_ns, sbi->resuid));
	if (!gid_eq(sbi->resgid, GLOBAL_ROOT_GID))
		seq_printf(m, ",resgid=%u", from_kgid(&init_user_ns, sbi->resgid));
	if (sbi->features.compat & EDUFS_COMPAT_HAS_JOURNAL) {
		seq_printf(m, ",data=%s", sbi->opts & EDUFS_OPT_DATA_JOURNAL ? "journal" :
			   sbi->opts & EDUFS_OPT_WRITEBACK ? "writeback" : "ordered");
		if (sbi->opt_commit)
			seq_printf(m, ",commit=%u", sbi->opt_commit);
		if (sbi->opts & EDUFS_OPT_NOBARRIER)
			seq_puts(m, ",nobarrier");
		if (sbi->opts & EDUFS_OPT_NO_JOURNAL_CSUM)
			seq_puts(m, ",nojournal_checksum");
		if (sbi->opts & EDUFS_OPT_NOLOAD)
			seq_puts(m, ",noload");
	}
	if (edufs_stopped(root->d_sb))
		seq_puts(m, sbi->shutdown ? ",shutdown" : ",emergency_ro");
	return 0;
}

static const struct super_operations edufs_super_operations = {
	.alloc_inode = edufs_alloc_inode,
	.free_inode = edufs_free_inode,
	.dirty_inode = edufs_dirty_inode,
	.write_inode = edufs_write_inode,
	.evict_inode = edufs_evict_inode,
	.put_super = edufs_put_super,
	.sync_fs = edufs_sync_fs,
	.freeze_fs = edufs_freeze_fs,
	.unfreeze_fs = edufs_unfreeze_fs,
	.statfs = edufs_statfs,
	.show_options = edufs_show_options,
};
