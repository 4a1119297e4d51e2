/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of edufs share; their order and locks are told in main.c. */
#ifndef _EDUFS_H
#define _EDUFS_H

#include <linux/bug.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <edu/compat.h>

#include "geometry.h"
#include "journal.h"
#include "ranges.h"
#include "stats.h"
#include "window.h"
#include "zone.h"

struct buffer_head;
struct edufs_sysfs;
struct iomap;
struct iomap_ops;
struct journal_s;

/* A mounted filesystem. */
struct edufs_sb_info {
	/* These do not change after the mount. */
	struct edufs_geometry geo;
	struct edufs_features features;
	struct buffer_head *super_bh;	/* holds raw */
	struct edufs_super *raw;
	u64 super_block;		/* where raw was read from */
	struct buffer_head **desc_bh;	/* geo.desc_blocks of them */
	struct system_zone zone;		/* blocks that no file may have */
	bool csum;			/* metadata_csum */
	bool desc_csum;			/* metadata_csum or uninit_bg */
	u32 csum_seed;
	u32 hash_seed[4];
	unsigned int hash_unsigned;	/* added to the hash's kind: 0 or 3 */
	u64 overhead;
	u64 root_blocks;		/* kept for root, or resuid and resgid */
	u64 pool;			/* kept for metadata that writeback needs */
	u32 opt_sb;			/* the sb= option, in units of 1 KiB */
	bool holds_twin;		/* its inodes are slab_edu's, see icache.c */
	unsigned int extra_isize;	/* of a new inode */

	/* Changed by a remount only. */
	unsigned int opts;
	unsigned int errors;		/* EDUFS_ERRORS_* */
	kuid_t resuid;
	kgid_t resgid;
	u16 mount_state;		/* s_state to write when it is left clean */
	struct journal_s *journal;	/* while it is written, if it has one */
	struct rw_semaphore journal_sem;	/* journal, for who does not write */
	unsigned int opt_commit;	/* seconds; 0 is the default */
	bool ending_orphans;		/* what a crash left, during the mount */
	bool emergency;			/* damage was seen, nothing may be written */
	bool shutdown;			/* nor because somebody asked for that */
	struct edufs_sysfs *sysfs;

	struct mutex alloc_lock;	/* bitmaps, descriptors, windows, group_state */
	struct rb_root windows;
	u8 *group_state;		/* EDUFS_GROUP_* of each */
	struct ranges placed;		/* for data on its way, or soon: writeback.c */
	struct ranges freed[2];		/* by transactions, odd and even, not committed */
	u32 freed_tid[2];		/* which ones */
	u32 free_inodes, dirs;		/* sums of the descriptors' counts */

	spinlock_t space_lock;		/* the next two */
	u64 free_blocks;		/* sum of the descriptors' counts */
	u64 promised;			/* of them to pages not yet written */

	struct mutex orphan_lock;	/* the orphan list, here and on disk */
	struct list_head orphans;	/* the first is the superblock's s_last_orphan */

	spinlock_t written_lock;	/* the next */
	struct list_head written;	/* data on disk, not yet in a map */
	struct work_struct written_work;
};

#define EDUFS_OPT_ACL		0x1
#define EDUFS_OPT_USER_XATTR	0x2
#define EDUFS_OPT_MINIXDF	0x4
#define EDUFS_OPT_MAY_PANIC	0x8	/* errors=panic was an option, not the image's */
#define EDUFS_OPT_DISCARD	0x100
#define EDUFS_OPT_NOLOAD	0x10	/* leave the journal alone */
#define EDUFS_OPT_NOBARRIER	0x20
#define EDUFS_OPT_NO_JOURNAL_CSUM 0x40
#define EDUFS_OPT_WRITEBACK	0x80	/* data=writeback was asked for */
#define EDUFS_OPT_DATA_JOURNAL	0x200	/* data=journal */
#define EDUFS_OPT_DATA_GIVEN	0x400	/* data= was an option: the image's does not count */
#define EDUFS_OPT_TWIN_INODES	0x800	/* inodes=slab_edu; never changes */
#define EDUFS_OPT_DATA		(EDUFS_OPT_WRITEBACK | EDUFS_OPT_DATA_JOURNAL)

#define EDUFS_GROUP_BLOCKS_OK	0x1	/* the block bitmap was checked */
#define EDUFS_GROUP_INODES_OK	0x2	/* the inode bitmap was checked */
#define EDUFS_GROUP_BAD		0x4	/* damaged: nothing is allocated here */

struct edufs_inode {
	__le32 data[EDUFS_N_BLOCKS];	/* i_block: map, symlink or device */
	u32 flags;
	u32 csum_seed;
	u64 xattr_block;
	unsigned int extra_isize;
	struct timespec64 crtime;	/* 0 if the inode has no room for it */
	u32 next_orphan;		/* inode number; 0 is the last */
	u32 dtime;			/* when it was deleted */
	bool fresh;			/* nothing of it is on disk yet */
	bool of_twin;			/* its memory is slab_edu's */
	bool emptied;			/* cut to nothing: its next close writes what came since */
	loff_t disk_size;		/* of a file: as far as what was written is in the map */
	u32 sync_tid, datasync_tid;	/* transactions for fsync and fdatasync to wait for */

	struct rw_semaphore map_sem;	/* the block map, delayed, map_seq */
	unsigned int nofs;		/* saved by edufs_map_lock() */
	struct ranges delayed;		/* blocks promised to pages in the cache */
	u64 promised;			/* blocks taken from the free ones for them */
	u32 map_seq;			/* changes when the map does */
	u64 last_lblk, last_pblk;	/* the last block that was allocated */
	unsigned int ahead;		/* so many behind it are placed, too: writeback.c */

	struct rw_semaphore xattr_sem;	/* attributes, xattr_block */
	struct window window;		/* under alloc_lock */
	struct list_head orphan;	/* under orphan_lock */
	struct inode vfs_inode;
};

static inline struct edufs_inode *EDUFS_I(struct inode *inode)
{
	return container_of(inode, struct edufs_inode, vfs_inode);
}

static inline struct edufs_sb_info *edufs_sbi(struct super_block *sb)
{
	return sb->s_fs_info;
}

/* A piece of a file: m_len blocks from m_lblk on lie at m_pblk, or nowhere. */
struct edufs_map {
	u64 m_lblk;
	u64 m_pblk;
	unsigned int m_len;
	unsigned int m_flags;	/* 0 is a hole */
	u32 m_seq;		/* the file's map_seq when this was so */
};

#define EDUFS_MAP_MAPPED	0x1
#define EDUFS_MAP_UNWRITTEN	0x2
#define EDUFS_MAP_DELAYED	0x4	/* promised: see delayed */
#define EDUFS_MAP_NEW		0x8	/* promised just now */

static inline bool edufs_has_extents(struct super_block *sb)
{
	return edufs_sbi(sb)->features.incompat & EDUFS_INCOMPAT_EXTENT;
}

/* Do @count blocks from @block on lie in the filesystem, in no metadata of it? */
static inline bool edufs_block_valid(struct super_block *sb, u64 block, u64 count)
{
	const struct edufs_geometry *geo = &edufs_sbi(sb)->geo;

	return block > geo->first_data_block && block < geo->blocks &&
		count <= geo->blocks - block &&
		!zone_overlaps(&edufs_sbi(sb)->zone, block, count);
}

/* Take the map for changing it; memory is then reclaimed without this filesystem. */
static inline void edufs_map_lock(struct edufs_inode *ei)
{
	unsigned int nofs = memalloc_nofs_save();

	down_write(&ei->map_sem);
	ei->nofs = nofs;
}

static inline void edufs_map_unlock(struct edufs_inode *ei)
{
	unsigned int nofs = ei->nofs;

	up_write(&ei->map_sem);
	memalloc_nofs_restore(nofs);
}

__printf(4, 5)
int edufs_corrupt(struct super_block *sb, u64 ino, u64 block, const char *fmt, ...);

/* super.c, state.c */
void edufs_super_plain(struct super_block *sb, void (*change)(struct edufs_super *raw, u64 arg),
		       u64 arg);
int edufs_fill_super(struct super_block *sb, bool silent);
int edufs_writable(struct super_block *sb);
void edufs_damaged(struct super_block *sb);
void edufs_super_change(struct super_block *sb, void (*change)(struct edufs_super *raw, u64 arg),
			u64 arg);
void edufs_need_feature(struct super_block *sb, u32 compat, u32 ro_compat);
int edufs_write_super(struct super_block *sb, bool wait);
int edufs_begin_writing(struct super_block *sb);
int edufs_end_writing(struct super_block *sb);
int edufs_sync_fs(struct super_block *sb, int wait);
int edufs_freeze_fs(struct super_block *sb);
int edufs_unfreeze_fs(struct super_block *sb);

/* Nothing may be changed any more, though the mount is not read-only. */
static inline bool edufs_stopped(struct super_block *sb)
{
	return READ_ONCE(edufs_sbi(sb)->emergency);
}

/* group.c */
enum edufs_group_field {
	EDUFS_FREE_BLOCKS, EDUFS_FREE_INODES, EDUFS_USED_DIRS, EDUFS_ITABLE_UNUSED,
	EDUFS_BLOCK_CSUM, EDUFS_INODE_CSUM,
};

int edufs_groups_load(struct super_block *sb);
void edufs_groups_release(struct edufs_sb_info *sbi);
const struct edufs_group_desc *edufs_group(struct edufs_sb_info *sbi, u32 group);
u32 edufs_group_get(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc,
		    enum edufs_group_field field);
void edufs_group_set(struct edufs_sb_info *sbi, struct edufs_group_desc *desc,
		     enum edufs_group_field field, u32 value);
struct edufs_group_desc *edufs_group_begin(struct super_block *sb, u32 group);
void edufs_group_end(struct super_block *sb, u32 group);
u64 edufs_group_table(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc);
u64 edufs_group_block_bitmap(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc);
u64 edufs_group_inode_bitmap(struct edufs_sb_info *sbi, const struct edufs_group_desc *desc);
u64 edufs_group_first(struct edufs_sb_info *sbi, u32 group);
u32 edufs_group_blocks(struct edufs_sb_info *sbi, u32 group);
u32 edufs_group_of_block(struct edufs_sb_info *sbi, u64 block);

/* balloc.c */
#define EDUFS_ALLOC_PROMISED	0x1	/* part of what was promised: nothing is kept back */
#define EDUFS_ALLOC_PLACE	0x4	/* only say where: edufs_use_placed() follows */
#define EDUFS_ALLOC_WINDOW	0x2	/* keep the blocks behind for this file's next ones */

int edufs_promise(struct super_block *sb, u64 count);
void edufs_unpromise(struct super_block *sb, u64 count);
int edufs_alloc_blocks(struct inode *inode, u64 goal, unsigned int want,
		       unsigned int flags, u64 *first);
void edufs_free_blocks(struct inode *inode, u64 block, u64 count);
void edufs_use_placed(struct inode *inode, u64 block, u64 count);
void edufs_unplace(struct super_block *sb, u64 block, u64 count);
void edufs_freed_for_good(struct super_block *sb, struct journal_s *journal);
void edufs_drop_window(struct inode *inode);
u64 edufs_goal_near(struct inode *inode);

unsigned int edufs_not_busy(struct edufs_sb_info *sbi, u64 block, unsigned int len, u64 *next);
struct buffer_head *edufs_read_bitmap(struct super_block *sb, u32 group);

/* ialloc.c, orphan.c */
struct inode *edufs_new_inode(struct mnt_idmap *idmap, struct inode *dir, umode_t mode,
			      dev_t rdev);
int edufs_settle_inode(struct inode *inode, struct inode *dir, const struct qstr *name);
void edufs_free_inode_number(struct inode *inode);
int edufs_orphan_add(struct inode *inode);
int edufs_orphan_del(struct inode *inode);
int edufs_orphans_end(struct super_block *sb);

/* icache.c */
int edufs_icache_init(void);
void edufs_icache_exit(void);
int edufs_icache_mount(void);
void edufs_icache_umount(void);
struct inode *edufs_alloc_inode(struct super_block *sb);
void edufs_free_inode(struct inode *inode);

/* inode.c, iwrite.c */
struct inode *edufs_iget(struct super_block *sb, u64 ino);
struct inode *edufs_iget_special(struct super_block *sb, u64 ino);
struct buffer_head *edufs_inode_block(struct super_block *sb, u64 ino,
				      struct edufs_disk_inode **raw);
void edufs_set_flags(struct inode *inode);
const char *edufs_set_operations(struct inode *inode);
int edufs_getattr(struct mnt_idmap *idmap, const struct path *path,
		  struct kstat *stat, u32 mask, unsigned int flags);
int edufs_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr);
int edufs_update_inode(struct inode *inode, bool wait);
void edufs_dirty_inode(struct inode *inode, int flags);
void edufs_csum_inode_set(struct inode *inode, struct edufs_disk_inode *raw);
int edufs_write_inode(struct inode *inode, struct writeback_control *wbc);
void edufs_evict_inode(struct inode *inode);
loff_t edufs_max_size(struct inode *inode);
int edufs_zero_tail(struct inode *inode, loff_t from, loff_t to);
void edufs_set_size(struct inode *inode, loff_t size);

/* map.c */
int edufs_map_lookup(struct inode *inode, struct edufs_map *map);
int edufs_map_blocks(struct inode *inode, struct edufs_map *map);
int edufs_map_create(struct inode *inode, struct edufs_map *map, unsigned int flags,
		     bool unwritten);
int edufs_map_remove(struct inode *inode, u64 from, u64 to);
void edufs_undelay(struct inode *inode, u64 from, u64 to);
int edufs_map_delay(struct inode *inode, struct edufs_map *map);
void edufs_map_undelay(struct inode *inode, u64 lblk, u64 count);
void edufs_map_tell(struct inode *inode, const struct edufs_map *map, unsigned int flags,
		    struct iomap *iomap);
u64 edufs_map_goal(struct inode *inode, u64 lblk);
int edufs_map_put(struct inode *inode, struct edufs_map *map, unsigned int flags,
		  bool unwritten);
struct buffer_head *edufs_new_meta(struct inode *inode, unsigned int flags);
void edufs_free_meta(struct inode *inode, u64 block);
void edufs_free_content(struct inode *inode, u64 block, unsigned int count);

/* dir.c, hlist.c, dirwrite.c, htree.c, hinsert.c, namei.c */
struct buffer_head *edufs_dir_bread(struct inode *dir, u64 lblk);
struct buffer_head *edufs_dir_append(struct inode *dir, u64 *lblk);
struct buffer_head *edufs_dir_block(struct inode *dir, u64 lblk);
bool edufs_dir_has_index(struct inode *dir);
const struct edufs_dir_entry *edufs_record(struct inode *dir, struct buffer_head *bh,
					   unsigned int at);
unsigned int edufs_record_type(struct inode *dir, const struct edufs_dir_entry *de);
bool edufs_lists_by_hash(struct inode *dir);
int edufs_list_by_hash(struct file *file, struct dir_context *ctx);
int edufs_dir_find(struct inode *dir, const struct qstr *name, u32 *ino);
struct buffer_head *edufs_dir_find_record(struct inode *dir, const struct qstr *name,
					  unsigned int *at);
int edufs_leaf_find(struct inode *dir, struct buffer_head *bh,
		    const struct qstr *name, unsigned int *at);
struct buffer_head *edufs_htree_find(struct inode *dir, const struct qstr *name,
				     unsigned int *at);
int edufs_htree_check(struct inode *dir, struct buffer_head *bh, u64 lblk);
int edufs_htree_insert(struct inode *dir, const struct qstr *name, struct inode *inode);
int edufs_htree_make(struct inode *dir, struct buffer_head *bh, const struct qstr *name,
		     struct inode *inode);
unsigned int edufs_leaf_size(struct inode *dir);
int edufs_leaf_insert(struct inode *dir, struct buffer_head *bh, const struct qstr *name,
		      u32 ino, umode_t mode);
void edufs_leaf_begin(struct inode *dir, struct buffer_head *bh);
void edufs_leaf_end(struct inode *dir, struct buffer_head *bh);
int edufs_dir_add(struct inode *dir, const struct qstr *name, struct inode *inode);
int edufs_dir_remove(struct inode *dir, const struct qstr *name, struct inode *inode);
int edufs_dir_replace(struct inode *dir, const struct qstr *name, struct inode *inode);
int edufs_dir_empty(struct inode *dir);
int edufs_dir_init(struct inode *dir, struct inode *parent);
const char *edufs_get_link(struct dentry *dentry, struct inode *inode,
			   struct delayed_call *done);

/* writeback.c */
int edufs_writepages(struct address_space *mapping, struct writeback_control *wbc);
void edufs_forget_ahead(struct inode *inode);
void edufs_written_work(struct work_struct *work);
int edufs_writeback_init(void);
void edufs_writeback_exit(void);

/* data_journal.c, data_pages.c */
ssize_t edufs_data_write(struct kiocb *iocb, struct iov_iter *from);
int edufs_data_zero(struct inode *inode, loff_t pos, size_t len);
int edufs_data_cut(struct inode *inode, loff_t size);
int edufs_data_settle(struct inode *inode, loff_t from, loff_t last);
vm_fault_t edufs_data_mkwrite(struct vm_fault *vmf);

/* file.c, ioctl.c, control.c, sysfs.c */
int edufs_fsync(struct file *file, loff_t start, loff_t end, int datasync);
long edufs_fallocate(struct file *file, int mode, loff_t offset, loff_t len);
long edufs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long edufs_control(struct file *file, unsigned int cmd, unsigned long arg);
int edufs_discard(struct super_block *sb, u64 block, u64 count);
int edufs_sysfs_init(void);
void edufs_sysfs_exit(void);
void edufs_sysfs_add(struct super_block *sb);
void edufs_sysfs_remove(struct super_block *sb);
int edufs_fileattr_get(struct dentry *dentry, struct edu_fileattr *fa);
int edufs_fileattr_set(struct mnt_idmap *idmap, struct dentry *dentry,
		       struct edu_fileattr *fa);

/* xattr.c, xattr_set.c, acl.c */
int edufs_xattr_get(struct inode *inode, int index, const char *name,
		    void *buffer, size_t size);
int edufs_xattr_set(struct inode *inode, int index, const char *name,
		    const void *value, size_t size, int flags);
void edufs_xattr_drop_block(struct inode *inode);
ssize_t edufs_listxattr(struct dentry *dentry, char *buffer, size_t size);

#ifdef CONFIG_FS_POSIX_ACL
struct posix_acl *edufs_get_acl(struct inode *inode, int type, bool rcu);
int edufs_set_acl(struct mnt_idmap *idmap, struct dentry *dentry,
		  struct posix_acl *acl, int type);
int edufs_init_acl(struct inode *inode, struct inode *dir);
#else
#define edufs_get_acl NULL
#define edufs_set_acl NULL
static inline int edufs_init_acl(struct inode *inode, struct inode *dir)
{
	return 0;
}
#endif

extern const struct iomap_ops edufs_iomap_ops;

extern const struct address_space_operations edufs_aops;
extern const struct address_space_operations edufs_data_aops;
extern const struct file_operations edufs_file_operations;
extern const struct file_operations edufs_dir_operations;
extern const struct inode_operations edufs_file_inode_operations;
extern const struct inode_operations edufs_dir_inode_operations;
extern const struct inode_operations edufs_special_inode_operations;
extern const struct inode_operations edufs_symlink_inode_operations;
extern const struct inode_operations edufs_fast_symlink_inode_operations;
extern const struct xattr_handler * const edufs_xattr_handlers[];
extern const struct export_operations edufs_export_operations;

/* Does a file's data go through the journal? */
static inline bool edufs_journals_data(const struct inode *inode)
{
	return inode->i_mapping->a_ops == &edufs_data_aops;
}

/* May the log have what this inode's blocks hold? Then they are revoked when freed. */
static inline bool edufs_content_logged(const struct inode *inode)
{
	return !S_ISREG(inode->i_mode) || edufs_journals_data(inode);
}

#endif /* _EDUFS_H */
