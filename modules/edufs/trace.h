/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM edufs

#if !defined(_EDUFS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _EDUFS_TRACE_H

#include <linux/tracepoint.h>

#include "edufs.h"

/* Mirrors ext4:ext4_load_inode. */
TRACE_EVENT(edufs_load_inode,
	TP_PROTO(struct super_block *sb, u64 ino),
	TP_ARGS(sb, ino),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
	),
	TP_fast_assign(
		__entry->dev = sb->s_dev;
		__entry->ino = ino;
	),
	TP_printk("dev %d,%d ino %llu", MAJOR(__entry->dev), MINOR(__entry->dev),
		  __entry->ino)
);

/* Mirrors ext4:ext4_ext_map_blocks_exit and ext4:ext4_ind_map_blocks_exit. */
DECLARE_EVENT_CLASS(edufs_map_blocks_exit,
	TP_PROTO(struct inode *inode, unsigned int flags, struct edufs_map *map, int ret),
	TP_ARGS(inode, flags, map, ret),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(unsigned int, flags)
		__field(u64, pblk)
		__field(u32, lblk)
		__field(unsigned int, len)
		__field(unsigned int, mflags)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->flags = flags;
		__entry->pblk = map->m_pblk;
		__entry->lblk = map->m_lblk;
		__entry->len = map->m_len;
		__entry->mflags = map->m_flags;
		__entry->ret = ret;
	),
	TP_printk("dev %d,%d ino %llu flags %u lblk %u pblk %llu len %u mflags %u ret %d",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
		  __entry->flags, __entry->lblk, __entry->pblk, __entry->len,
		  __entry->mflags, __entry->ret)
);

DEFINE_EVENT(edufs_map_blocks_exit, edufs_ext_map_blocks_exit,
	TP_PROTO(struct inode *inode, unsigned int flags, struct edufs_map *map, int ret),
	TP_ARGS(inode, flags, map, ret)
);

DEFINE_EVENT(edufs_map_blocks_exit, edufs_ind_map_blocks_exit,
	TP_PROTO(struct inode *inode, unsigned int flags, struct edufs_map *map, int ret),
	TP_ARGS(inode, flags, map, ret)
);

/*
 * One step of a walk: in the tree @what at @level (0 is next to the data in
 * the extent tree and next to the inode in the others) entry @index was
 * followed to @block: of the disk, for htree of the directory.
 */
TRACE_EVENT(edufs_walk,
	TP_PROTO(struct inode *inode, const char *what, int level, u32 index, u64 block),
	TP_ARGS(inode, what, level, index, block),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__string(what, what)
		__field(int, level)
		__field(u32, index)
		__field(u64, block)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__assign_str(what);
		__entry->level = level;
		__entry->index = index;
		__entry->block = block;
	),
	TP_printk("dev %d,%d ino %llu %s level %d index %u block %llu",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
		  __get_str(what), __entry->level, __entry->index, __entry->block)
);

/* Mirrors ext4:ext4_allocate_blocks, as far as there is a request here. */
TRACE_EVENT(edufs_allocate_blocks,
	TP_PROTO(struct inode *inode, u64 goal, unsigned int want, u64 block, int got),
	TP_ARGS(inode, goal, want, block, got),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(u64, block)
		__field(unsigned int, len)
		__field(u64, goal)
		__field(int, got)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->block = block;
		__entry->len = want;
		__entry->goal = goal;
		__entry->got = got;
	),
	TP_printk("dev %d,%d ino %llu len %u block %llu goal %llu got %d",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
		  __entry->len, __entry->block, __entry->goal, __entry->got)
);

/* Mirrors ext4:ext4_free_blocks. */
TRACE_EVENT(edufs_free_blocks,
	TP_PROTO(struct inode *inode, u64 block, u64 count),
	TP_ARGS(inode, block, count),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(u64, block)
		__field(u64, count)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->block = block;
		__entry->count = count;
	),
	TP_printk("dev %d,%d ino %llu block %llu count %llu",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
		  __entry->block, __entry->count)
);

/* Mirrors ext4:ext4_allocate_inode. */
TRACE_EVENT(edufs_allocate_inode,
	TP_PROTO(struct inode *inode, struct inode *dir, umode_t mode),
	TP_ARGS(inode, dir, mode),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(u64, dir)
		__field(umode_t, mode)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->dir = dir->i_ino;
		__entry->mode = mode;
	),
	TP_printk("dev %d,%d ino %llu dir %llu mode 0%o",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
		  __entry->dir, __entry->mode)
);

/* Mirrors ext4:ext4_free_inode, less the owner. */
TRACE_EVENT(edufs_free_inode,
	TP_PROTO(struct inode *inode),
	TP_ARGS(inode),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(umode_t, mode)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->mode = inode->i_mode;
	),
	TP_printk("dev %d,%d ino %llu mode 0%o", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->ino, __entry->mode)
);

/* Mirrors ext4:ext4_sync_file_enter, less the parent. */
TRACE_EVENT(edufs_sync_file_enter,
	TP_PROTO(struct file *file, int datasync),
	TP_ARGS(file, datasync),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(int, datasync)
	),
	TP_fast_assign(
		__entry->dev = file_inode(file)->i_sb->s_dev;
		__entry->ino = file_inode(file)->i_ino;
		__entry->datasync = datasync;
	),
	TP_printk("dev %d,%d ino %llu datasync %d", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->ino, __entry->datasync)
);

/* Mirrors ext4:ext4_sync_file_exit. */
TRACE_EVENT(edufs_sync_file_exit,
	TP_PROTO(struct inode *inode, int ret),
	TP_ARGS(inode, ret),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->ret = ret;
	),
	TP_printk("dev %d,%d ino %llu ret %d", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->ino, __entry->ret)
);

/* Mirrors ext4:ext4_journal_start_sb, with the transaction. */
TRACE_EVENT(edufs_journal_start,
	TP_PROTO(struct super_block *sb, int type, int blocks, int revoke_creds, u32 tid),
	TP_ARGS(sb, type, blocks, revoke_creds, tid),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(int, blocks)
		__field(int, revoke_creds)
		__field(int, type)
		__field(u32, tid)
	),
	TP_fast_assign(
		__entry->dev = sb->s_dev;
		__entry->blocks = blocks;
		__entry->revoke_creds = revoke_creds;
		__entry->type = type;
		__entry->tid = tid;
	),
	TP_printk("dev %d,%d blocks %d, revoke_creds %d, type %d, tid %u",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->blocks,
		  __entry->revoke_creds, __entry->type, __entry->tid)
);

/* fsync waited for transaction @tid; then perhaps the disk's cache was flushed. */
TRACE_EVENT(edufs_journal_wait,
	TP_PROTO(struct inode *inode, u32 tid, bool flush, int ret),
	TP_ARGS(inode, tid, flush, ret),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(u32, tid)
		__field(bool, flush)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->tid = tid;
		__entry->flush = flush;
		__entry->ret = ret;
	),
	TP_printk("dev %d,%d ino %llu tid %u flush %d ret %d", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->ino, __entry->tid, __entry->flush,
		  __entry->ret)
);

/* The data of a piece of a file reached the disk (or @err): now it goes into the map. */
TRACE_EVENT(edufs_written,
	TP_PROTO(struct inode *inode, u64 lblk, u64 len, u64 pblk, int err),
	TP_ARGS(inode, lblk, len, pblk, err),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, ino)
		__field(u64, lblk)
		__field(u64, len)
		__field(u64, pblk)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->dev = inode->i_sb->s_dev;
		__entry->ino = inode->i_ino;
		__entry->lblk = lblk;
		__entry->len = len;
		__entry->pblk = pblk;
		__entry->err = err;
	),
	TP_printk("dev %d,%d ino %llu lblk %llu len %llu pblk %llu err %d",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino, __entry->lblk,
		  __entry->len, __entry->pblk, __entry->err)
);

#endif /* _EDUFS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
