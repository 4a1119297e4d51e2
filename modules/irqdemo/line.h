/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IRQDEMO_LINE_H
#define _IRQDEMO_LINE_H

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "bottom.h"

#define LINES_MAX	8

enum line_counter {
	LINE_RAISED,		/* the device was told to raise */
	LINE_MERGED,		/* of these, edges that met one not yet taken */
	LINE_CALLED,		/* the hard handler was called */
	LINE_HANDLED,		/* it found bits of its own */
	LINE_SPURIOUS,		/* it found none */
	LINE_MUTED,		/* it was told to claim nothing */
	LINE_THREADED,		/* the thread's function was called */
	LINE_NESTED,		/* the hard handler while the thread ran */
	LINE_LOST,		/* a pulse that was not heard */
	LINE_COUNTERS
};

struct irq_line;

/**
 * struct line_source - what makes interrupts
 * @raise: set @bits in the device's status; it interrupts. Any context
 * @status: the device's status, from the handler
 * @ack: take @bits out of it
 * @event: may be NULL; from the handler, what the device itself had reported
 */
struct line_source {
	void (*raise)(struct irq_line *line, u32 bits);
	u32 (*status)(struct irq_line *line);
	void (*ack)(struct irq_line *line, u32 bits);
	void (*event)(struct irq_line *line, u32 bits);
};

enum line_state { LINE_FREE, LINE_ATTACHED };

/**
 * struct irq_line - one interrupt source, and what hangs on it
 * @index: number in line/<n>
 * @irq: the kernel's number
 * @name: as in /proc/interrupts
 * @source: what makes interrupts
 * @priv: the source's own
 * @flags: IRQF_* that it needs
 * @mine: bits of the status that are this line's, on a shared one
 * @trigger: "edge", "level", "msi" or "intx", for people
 * @state: under line_mutex
 * @mute: claim nothing (what a broken driver does)
 * @late: the thread, not the handler, acknowledges
 * @in_thread: the thread's function runs
 * @pulsing: line_pulse() waits for @done
 * @edge: when the device was told to raise last, ns
 * @heard: bits that were handled since they were last cleared
 * @bh: what runs after the handler; not NULL while ATTACHED
 * @kinds: all that were tried, with what was measured
 * @done: completed when @bh has run while @pulsing
 * @hard: from the device's edge to the handler
 * @count: see enum line_counter
 * @file: line/<n> in debugfs
 */
struct irq_line {
	unsigned int index;
	int irq;
	const char *name;
	const char *trigger;
	const struct line_source *source;
	void *priv;
	unsigned long flags;
	u32 mine;
	enum line_state state;
	bool mute;
	bool late;
	bool in_thread;
	bool pulsing;
	u64 edge;
	atomic_t heard;
	struct bh *bh;
	struct bh *kinds[BH_KINDS];
	struct completion done;
	struct hist hard;
	atomic64_t count[LINE_COUNTERS];
	struct dentry *file;
};

extern struct mutex line_mutex;

int line_add(struct irq_line *line);
void line_remove(struct irq_line *line);
struct irq_line *line_get(unsigned int index);
int line_request(struct irq_line *line, unsigned long flags);
int line_attach(struct irq_line *line, enum bh_kind kind, bool late);
void line_detach(struct irq_line *line);
void line_raise(struct irq_line *line, u32 bits);
irqreturn_t line_handler(int irq, void *dev);
int line_pulse(struct irq_line *line, unsigned int count);
void line_reset(struct irq_line *line);
const char *line_counter_name(enum line_counter counter);
void line_walk(struct seq_file *m, struct irq_line *line);

int soft_init(void);
void soft_exit(void);
int edu_pci_init(struct dentry *root);
void edu_pci_exit(void);
int chardev_init(void);
void chardev_exit(void);
void chardev_event(struct bh *bh);
extern const struct file_operations ctl_fops;
extern const struct file_operations line_fops;
extern const struct file_operations bench_irq_fops;
extern const struct file_operations bench_timer_fops;
extern const struct file_operations bench_posix_fops;
extern const struct file_operations rules_fops;
extern struct dentry *line_dir;

#endif /* _IRQDEMO_LINE_H */
