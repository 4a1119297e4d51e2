/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_H
#define _IRQDEMO_H

#include <linux/dcache.h>
#include <linux/init.h>

/* What user-mode Linux leaves out answers as if it were not there. */
#ifdef CONFIG_UML
static inline int irqdemo_edges_init(struct dentry *root) { return 0; }
static inline void irqdemo_edges_exit(void) { }
#else
int irqdemo_edges_init(struct dentry *root);
void irqdemo_edges_exit(void);
#endif

#endif /* _IRQDEMO_H */
