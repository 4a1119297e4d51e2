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

#include <linux/version.h>

/* The namespace of symbols that are exported for KUnit became a string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(ns)
#else
#define EDU_IMPORT_NS(ns) MODULE_IMPORT_NS(#ns)
#endif

/* hrtimer_init() with the function set apart became hrtimer_setup(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define EDU_HRTIMER_SETUP(timer, fn, clock, mode) do {	\
	hrtimer_init(timer, clock, mode);			\
	(timer)->function = fn;					\
} while (0)
#else
#define EDU_HRTIMER_SETUP(timer, fn, clock, mode) \
	hrtimer_setup(timer, fn, clock, mode)
#endif

#endif /* _EDU_COMPAT_H */
