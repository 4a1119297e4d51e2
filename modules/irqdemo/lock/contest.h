/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_CONTEST_H
#define _IRQDEMO_CONTEST_H

#include <linux/fs.h>

extern const struct file_operations bench_lock_fops, bench_wait_fops;

#endif /* _IRQDEMO_CONTEST_H */
