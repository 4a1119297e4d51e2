/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that we build for: 6.12, 7.2, 7.3.
 *
 * This is the only file that asks for a kernel's version. Everything else is
 * written for the newest interface; here older kernels are given it. A name
 * that a stable release may have brought back is asked for by name, not by
 * version.
 */
#ifndef _EDU_COMPAT_H
#define _EDU_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/thread_info.h>
#include <linux/timer.h>
#include <linux/version.h>

/* The namespace of symbols that are exported for KUnit became a string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(ns)
#else
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(#ns)
#endif

/* A task may be asked to go when it next leaves the kernel since 6.13. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline bool preempt_model_lazy(void)
{
	return false;
}
#endif
#ifndef TIF_NEED_RESCHED_LAZY
#define TIF_NEED_RESCHED_LAZY TIF_NEED_RESCHED
#endif

/* from_timer() got the name of what it does. */
#ifndef timer_container_of
#define timer_container_of from_timer
#endif

/* An hrtimer's clock and function came to be set in one call. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* An interrupt that may be moved at once had to say so; now one that may not. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define edu_irq_move_at_once(irq) irq_set_status_flags(irq, IRQ_MOVE_PCNTXT)
#else
#define edu_irq_move_at_once(irq) ((void)(irq))
#endif

/* kthread_create_worker() no longer starts the worker. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define kthread_run_worker kthread_create_worker
#endif

/* The CRC-32C that is built in: crc32c() was a module of its own before 6.15. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define edu_crc32c(crc, p, len) __crc32c_le(crc, p, len)
#else
#define edu_crc32c(crc, p, len) crc32c(crc, p, len)
#endif

/* The header of struct folio_batch got its name: 6.12 has the old one, 7.2 the new. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#include <linux/pagevec.h>
#else
#include <linux/folio_batch.h>
#endif

/* An inode's state got accessors, which check the lock, in 6.19. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define edu_inode_is_new(inode) ((inode)->i_state & I_NEW)
#else
#define edu_inode_is_new(inode) (inode_state_read_once(inode) & I_NEW)
#endif

/* iomap's reads through bios have names of their own since 6.19. */
#if defined(LINUX_IOMAP_H) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
static inline void iomap_bio_read_folio(struct folio *folio,
					const struct iomap_ops *ops)
{
	iomap_read_folio(folio, ops);
}

static inline void iomap_bio_readahead(struct readahead_control *rac,
				       const struct iomap_ops *ops)
{
	iomap_readahead(rac, ops);
}
#endif

/* iomap's hook for "is this mapping still right" moved from the mapping to the call. */
#if defined(LINUX_IOMAP_H) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define edu_iomap_valid_ops iomap_folio_ops
#define edu_iomap_set_valid(map, ops) ((map)->folio_ops = (ops))
static inline ssize_t edu_iomap_buffered_write(struct kiocb *iocb, struct iov_iter *from,
					       const struct iomap_ops *ops,
					       const struct edu_iomap_valid_ops *valid)
{
	return iomap_file_buffered_write(iocb, from, ops, NULL);
}

#define edu_iomap_zero_range(inode, pos, len, ops, valid) \
	((void)(valid), iomap_zero_range(inode, pos, len, NULL, ops))
#define edu_iomap_truncate_page(inode, pos, ops, valid) \
	((void)(valid), iomap_truncate_page(inode, pos, NULL, ops))
#define edu_iomap_page_mkwrite(vmf, ops) iomap_page_mkwrite(vmf, ops)
#elif defined(LINUX_IOMAP_H)
#define edu_iomap_valid_ops iomap_write_ops
static inline void edu_iomap_set_valid(struct iomap *map,
				       const struct edu_iomap_valid_ops *ops)
{
}

#define edu_iomap_buffered_write(iocb, from, ops, valid) \
	iomap_file_buffered_write(iocb, from, ops, valid, NULL)
#define edu_iomap_zero_range(inode, pos, len, ops, valid) \
	iomap_zero_range(inode, pos, len, NULL, ops, valid, NULL)
#define edu_iomap_truncate_page(inode, pos, ops, valid) \
	iomap_truncate_page(inode, pos, NULL, ops, valid, NULL)
#define edu_iomap_page_mkwrite(vmf, ops) iomap_page_mkwrite(vmf, ops, NULL)
#endif

/*
 * Writeback by iomap: it came to hand the filesystem the folio, too. @place maps
 * a dirty piece: int place(struct inode *, loff_t pos, unsigned int len,
 * struct iomap *). @before is called before a bio goes: void before(struct
 * iomap_ioend *).
 */
#if defined(LINUX_IOMAP_H) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define edu_ioend_unwritten(ioend) ((ioend)->io_type == IOMAP_UNWRITTEN)
#define EDU_DEFINE_WRITEPAGES(name, place, before)				\
static int name##_prepare(struct iomap_ioend *ioend, int status)		\
{										\
	before(ioend);								\
	return status;								\
}										\
static int name##_blocks(struct iomap_writepage_ctx *wpc, struct inode *inode,	\
			 loff_t pos, unsigned int len)				\
{										\
	return place(inode, pos, len, &wpc->iomap);				\
}										\
static const struct iomap_writeback_ops name##_ops = {				\
	.map_blocks = name##_blocks,						\
	.prepare_ioend = name##_prepare,					\
};										\
static int name(struct address_space *mapping, struct writeback_control *wbc)	\
{										\
	struct iomap_writepage_ctx wpc = {};					\
										\
	return iomap_writepages(mapping, wbc, &wpc, &name##_ops);		\
}
#elif defined(LINUX_IOMAP_H)
#define edu_ioend_unwritten(ioend) ((ioend)->io_flags & IOMAP_IOEND_UNWRITTEN)
#define EDU_DEFINE_WRITEPAGES(name, place, before)				\
static int name##_submit(struct iomap_writepage_ctx *wpc, int error)		\
{										\
	before(wpc->wb_ctx);							\
	return iomap_ioend_writeback_submit(wpc, error);			\
}										\
static ssize_t name##_range(struct iomap_writepage_ctx *wpc, struct folio *folio, \
			    u64 pos, unsigned int len, u64 end_pos)		\
{										\
	int err = place(wpc->inode, pos, len, &wpc->iomap);			\
										\
	return err ?: iomap_add_to_ioend(wpc, folio, pos, end_pos, len);	\
}										\
static const struct iomap_writeback_ops name##_ops = {				\
	.writeback_range = name##_range,					\
	.writeback_submit = name##_submit,					\
};										\
static int name(struct address_space *mapping, struct writeback_control *wbc)	\
{										\
	struct iomap_writepage_ctx wpc = {					\
		.inode = mapping->host, .wbc = wbc, .ops = &name##_ops,		\
	};									\
										\
	return iomap_writepages(&wpc);						\
}
#endif

/* The ioctl that shuts a filesystem down was each filesystem's own. */
#ifndef FS_IOC_SHUTDOWN
#define FS_IOC_SHUTDOWN			_IOR('X', 125, __u32)
#define FS_SHUTDOWN_FLAGS_DEFAULT	0x0
#define FS_SHUTDOWN_FLAGS_LOGFLUSH	0x1
#define FS_SHUTDOWN_FLAGS_NOLOGFLUSH	0x2
#endif

/* A new directory's dentry may be another than was asked for since 6.15. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define edu_mkdir_t int
#define edu_mkdir_result(err) (err)
#else
#define edu_mkdir_t struct dentry *
#define edu_mkdir_result(err) ERR_PTR(err)
#endif

/* Whether O_EXCL was given stopped to matter to create() in 7.3. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define EDU_CREATE_MODE umode_t mode, bool excl
#else
#define EDU_CREATE_MODE umode_t mode
#endif

/* The kernel's side of a file's flags got a name of its own in 6.17. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define edu_fileattr fileattr
#else
#define edu_fileattr file_kattr
#endif

#endif /* _EDU_COMPAT_H */
