/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk format of ext2, ext3 and ext4, as edufs uses it. Every number is
 * little-endian. Follows the field lists of the reference documents ("memory,
 * files", chapter 16) and, for what they leave out, the kernel's
 * Documentation/filesystems/ext4.
 */
#ifndef _EDUFS_FORMAT_H
#define _EDUFS_FORMAT_H

#include <asm/byteorder.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define EDUFS_MAGIC		0xEF53
#define EDUFS_SUPER_OFFSET	1024	/* bytes from the start of the device */
#define EDUFS_ROOT_INO		2
#define EDUFS_MIN_BLOCK		1024
#define EDUFS_GOOD_OLD_INODE	128	/* bytes of an inode in revision 0 */
#define EDUFS_GOOD_OLD_FIRST	11	/* its first inode that is not reserved */
#define EDUFS_N_BLOCKS		15	/* words of i_block */
#define EDUFS_NDIR_BLOCKS	12	/* of them direct */
#define EDUFS_NAME_LEN		255
#define EDUFS_LINK_MAX		65000

struct edufs_super {
	__le32 s_inodes_count, s_blocks_count_lo, s_r_blocks_count_lo;
	__le32 s_free_blocks_count_lo, s_free_inodes_count;
	__le32 s_first_data_block, s_log_block_size, s_log_cluster_size;
	__le32 s_blocks_per_group, s_clusters_per_group, s_inodes_per_group;
	__le32 s_mtime, s_wtime;
	__le16 s_mnt_count, s_max_mnt_count, s_magic, s_state, s_errors;
	__le16 s_minor_rev_level;
	__le32 s_lastcheck, s_checkinterval, s_creator_os, s_rev_level;
	__le16 s_def_resuid, s_def_resgid;
	/* From here on revision 1. */
	__le32 s_first_ino;
	__le16 s_inode_size, s_block_group_nr;
	__le32 s_feature_compat, s_feature_incompat, s_feature_ro_compat;
	__u8   s_uuid[16], s_volume_name[16], s_last_mounted[64];
	__le32 s_algorithm_usage_bitmap;
	__u8   s_prealloc_blocks, s_prealloc_dir_blocks;
	__le16 s_reserved_gdt_blocks;
	__u8   s_journal_uuid[16];
	__le32 s_journal_inum, s_journal_dev, s_last_orphan, s_hash_seed[4];
	__u8   s_def_hash_version, s_jnl_backup_type;
	__le16 s_desc_size;
	__le32 s_default_mount_opts, s_first_meta_bg, s_mkfs_time;
	__le32 s_jnl_blocks[17];
	__le32 s_blocks_count_hi, s_r_blocks_count_hi, s_free_blocks_count_hi;
	__le16 s_min_extra_isize, s_want_extra_isize;
	__le32 s_flags;
	__u8   s_unused_here[228];	/* RAID, MMP, errors, quota, ... */
	__le32 s_overhead_clusters, s_backup_bgs[2];
	__u8   s_encrypt_algos[4], s_encrypt_pw_salt[16];
	__le32 s_lpf_ino, s_prj_quota_inum, s_checksum_seed;
	__le32 s_time_hi_and_errors[2];
	__le16 s_encoding, s_encoding_flags;
	__le32 s_orphan_file_inum;
	__le32 s_reserved[94];
	__le32 s_checksum;
};

static_assert(sizeof(struct edufs_super) == 1024);
static_assert(offsetof(struct edufs_super, s_uuid) == 0x68);
static_assert(offsetof(struct edufs_super, s_hash_seed) == 0xEC);
static_assert(offsetof(struct edufs_super, s_flags) == 0x160);
static_assert(offsetof(struct edufs_super, s_checksum_seed) == 0x270);
static_assert(offsetof(struct edufs_super, s_orphan_file_inum) == 0x280);

/* s_state: unmounted cleanly; damage was seen. */
#define EDUFS_STATE_VALID		0x1
#define EDUFS_STATE_ERROR		0x2

/* s_errors: what to do about damage, as the errors= option. */
#define EDUFS_ERRORS_CONTINUE		1
#define EDUFS_ERRORS_RO			2
#define EDUFS_ERRORS_PANIC		3

/* s_default_mount_opts: data=, with 0 or ordered's 0x40 nothing is asked for. */
#define EDUFS_DEFM_DATA			0x60
#define EDUFS_DEFM_DATA_JOURNAL		0x20
#define EDUFS_DEFM_DATA_WRITEBACK	0x60

#define EDUFS_FLAG_SIGNED_HASH		0x1
#define EDUFS_FLAG_UNSIGNED_HASH	0x2

struct edufs_group_desc {
	__le32 bg_block_bitmap_lo, bg_inode_bitmap_lo, bg_inode_table_lo;
	__le16 bg_free_blocks_lo, bg_free_inodes_lo, bg_used_dirs_lo, bg_flags;
	__le32 bg_exclude_bitmap_lo;
	__le16 bg_block_bitmap_csum_lo, bg_inode_bitmap_csum_lo;
	__le16 bg_itable_unused_lo, bg_checksum;
	/* From here on with 64bit. */
	__le32 bg_block_bitmap_hi, bg_inode_bitmap_hi, bg_inode_table_hi;
	__le16 bg_free_blocks_hi, bg_free_inodes_hi, bg_used_dirs_hi;
	__le16 bg_itable_unused_hi;
	__le32 bg_exclude_bitmap_hi;
	__le16 bg_block_bitmap_csum_hi, bg_inode_bitmap_csum_hi;
	__le32 bg_reserved;
};

/* bg_flags: what mke2fs left for later. */
#define EDUFS_BG_INODE_UNINIT	0x1	/* the inode bitmap is not written: all free */
#define EDUFS_BG_BLOCK_UNINIT	0x2	/* the block bitmap is not written */
#define EDUFS_BG_INODE_ZEROED	0x4	/* the inode table is zeroed to its end */

#define EDUFS_DESC_SIZE_32	32
static_assert(sizeof(struct edufs_group_desc) == 64);

struct edufs_disk_inode {
	__le16 i_mode, i_uid_lo;
	__le32 i_size_lo, i_atime, i_ctime, i_mtime, i_dtime;
	__le16 i_gid_lo, i_links_count;
	__le32 i_blocks_lo, i_flags, i_version;
	__le32 i_block[EDUFS_N_BLOCKS];
	__le32 i_generation, i_file_acl_lo, i_size_hi, i_faddr;
	__le16 i_blocks_hi, i_file_acl_hi, i_uid_hi, i_gid_hi;
	__le16 i_checksum_lo, i_reserved;
	/* From here on, as far as i_extra_isize says. */
	__le16 i_extra_isize, i_checksum_hi;
	__le32 i_ctime_extra, i_mtime_extra, i_atime_extra;
	__le32 i_crtime, i_crtime_extra, i_version_hi, i_projid;
};

static_assert(offsetof(struct edufs_disk_inode, i_generation) == 100);
static_assert(offsetof(struct edufs_disk_inode, i_extra_isize) == 128);
static_assert(sizeof(struct edufs_disk_inode) == 160);

/* Flags of an inode that edufs acts on or hands on. */
#define EDUFS_NODUMP_FL		0x00000040
#define EDUFS_JOURNAL_DATA_FL	0x00004000
#define EDUFS_NOTAIL_FL		0x00008000
#define EDUFS_TOPDIR_FL		0x00020000
#define EDUFS_SYNC_FL		0x00000008
#define EDUFS_IMMUTABLE_FL	0x00000010
#define EDUFS_APPEND_FL		0x00000020
#define EDUFS_NOATIME_FL	0x00000080
#define EDUFS_ENCRYPT_FL	0x00000800
#define EDUFS_INDEX_FL		0x00001000
#define EDUFS_DIRSYNC_FL	0x00010000
#define EDUFS_HUGE_FILE_FL	0x00040000
#define EDUFS_EXTENTS_FL	0x00080000
#define EDUFS_VERITY_FL		0x00100000
#define EDUFS_EA_INODE_FL	0x00200000
#define EDUFS_INLINE_DATA_FL	0x10000000
#define EDUFS_CASEFOLD_FL	0x40000000

/* A node of the extent tree: a header, then entries of its own size. */
struct edufs_extent_header {
	__le16 eh_magic, eh_entries, eh_max, eh_depth;
	__le32 eh_generation;
};

struct edufs_extent {
	__le32 ee_block;	/* first block of the file */
	__le16 ee_len;		/* above 0x8000: unwritten, length minus that */
	__le16 ee_start_hi;
	__le32 ee_start_lo;
};

struct edufs_extent_idx {
	__le32 ei_block;
	__le32 ei_leaf_lo;
	__le16 ei_leaf_hi, ei_unused;
};

#define EDUFS_EXTENT_MAGIC	0xF30A
#define EDUFS_EXTENT_MAX_DEPTH	5
#define EDUFS_EXTENT_INIT_MAX	0x8000	/* longest written extent */
#define EDUFS_EXTENT_UNWRITTEN_MAX 0x7fff

struct edufs_dir_entry {
	__le32 inode;
	__le16 rec_len;
	__u8   name_len;
	__u8   file_type;
	char   name[];
};

#define EDUFS_DIR_TAIL_TYPE	0xDE
struct edufs_dir_tail {
	__le32 zero;
	__le16 rec_len;
	__u8   zero2;
	__u8   type;
	__le32 checksum;
};

struct edufs_dx_entry {
	__le32 hash;
	__le32 block;
};

/* Lies over the first dx_entry of a node. */
struct edufs_dx_countlimit {
	__le16 limit, count;
};

struct edufs_dx_info {
	__le32 reserved;
	__u8   hash_version, info_length, indirect_levels, unused_flags;
};

#define EDUFS_DX_INFO_OFFSET	24	/* behind "." and ".." */
#define EDUFS_DX_NODE_OFFSET	8	/* behind an empty record */
#define EDUFS_DX_BLOCK_MASK	0x0FFFFFFF

struct edufs_xattr_header {
	__le32 h_magic, h_refcount, h_blocks, h_hash, h_checksum, h_reserved[3];
};

struct edufs_xattr_entry {
	__u8   e_name_len, e_name_index;
	__le16 e_value_offs;
	__le32 e_value_inum, e_value_size, e_hash;
	char   e_name[];
};

#define EDUFS_XATTR_MAGIC	0xEA020000

/* An ACL on disk: a version, then entries that are short if they have no id. */
struct edufs_acl_entry {
	__le16 e_tag, e_perm;
	__le32 e_id;
};

#define EDUFS_ACL_VERSION	1

#endif /* _EDUFS_FORMAT_H */
