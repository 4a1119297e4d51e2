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
#include <linux/timer.h>
#include <linux/version.h>

/* The namespace of symbols that are exported for KUnit became a string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(ns)
#else
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(#ns)
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

/* An inode's state got accessors, which check the lock, in 6.19. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define edu_inode_is_new(inode) ((inode)->i_state & I_NEW)
#else
#define edu_inode_is_new(inode) (inode_state_read_once(inode) & I_NEW)
#endif

/* Mapping a file is prepared before there is a vm_area_struct since 6.17. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define EDU_READONLY_MMAP .mmap = generic_file_readonly_mmap
#else
#define EDU_READONLY_MMAP .mmap_prepare = generic_file_readonly_mmap_prepare
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

#endif /* _EDU_COMPAT_H */
