/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port of lpchar, as the files of the module share it.
 *
 * Who guards a field stands behind it: M the port's mutex, L its spinlock,
 * I set once before the port is visible, A atomic.
 */
#ifndef _LPCHAR_H
#define _LPCHAR_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/edu/lpchar.h>

#include "ring.h"
#include "wave.h"
#include "wires.h"

/* As in the kernel's linux/lp.h, which keeps it from modules like us. */
#define LPCHAR_NO		8		/* ports at most */
#define LPCHAR_BUFFER_SIZE	PAGE_SIZE	/* LP_BUFFER_SIZE */

/* Who takes bytes out of the ring when an interrupt has come. */
enum push_by {
	PUSH_POLL,		/* nobody: the writer polls, no ring, no interrupt */
	PUSH_HANDLER,		/* the interrupt handler itself */
	PUSH_BH,		/* a BH work item, in softirq context */
	PUSH_WORK,		/* an ordinary work item */
	PUSH_THREAD,		/* a thread of real-time priority, as an IRQ thread */
	PUSH_WAYS
};

extern const char * const push_names[PUSH_WAYS];

/* The simulated printer's side of a port, see sim_port.c. */
struct sim_port;

/**
 * struct lpchar_port - one port and its printer
 */
struct lpchar_port {
	struct device dev;		/* its release frees the port */
	struct cdev cdev;
	int nr;				/* I */
	unsigned int io;		/* I: first register, 0: simulated */
	int irq;			/* I: or -1, as lp reports polling */
	bool can_interrupt;		/* I: irq, or the simulated line */
	struct sim_port *sim;		/* I */

	struct mutex mutex;		/* lp's port_mutex: one reader or writer */
	u8 *buffer;			/* M: lp_buffer, while open */
	struct fasync_struct *fasync;

	spinlock_t lock;		/* taken in the interrupt */
	struct wires wires;		/* L, or M while reversing */
	struct wave wave;		/* L */
	struct ring ring;		/* producer M, consumer L */
	enum push_by push_by;		/* M and L */
	bool waiting;			/* L: a strobed byte's interrupt is due */
	bool reversing;			/* L: the wires belong to a reader */
	bool gone;			/* L: the hardware is no longer there */
	u8 trouble;			/* L: handshake_trouble() when last seen */
	unsigned int strobes;		/* L: not yet in the page's count */
	u64 seen;			/* L: strobed bytes at the last watch */
	struct timer_list watch;	/* finds lost interrupts */

	wait_queue_head_t waitq;	/* room, drained, trouble, gone */
	struct work_struct bh;
	struct work_struct work;
	struct kthread_worker *worker;	/* I */
	struct kthread_work kwork;

	/* What lp keeps for its ioctls. */
	unsigned long flags;		/* A: LP_EXIST, LP_BUSY, ... */
	unsigned int chars;		/* stored and not used, as in lp */
	unsigned int time;		/* likewise */
	unsigned int wait;		/* likewise */
	long timeout;			/* jiffies */

	struct lpchar_page *page;	/* I: counters are A */

	wait_queue_head_t parking;
	spinlock_t parked_lock;		/* taken alone */
	struct list_head parked;	/* parked_lock */
	unsigned int unparkings;	/* parked_lock */

	struct dentry *debugfs;
};

static inline void lpchar_count(struct lpchar_port *port,
				enum lpchar_count what, u64 nr)
{
	/* The page shows plain 64-bit numbers; an atomic one is just that. */
	atomic64_add(nr, (atomic64_t *)&port->page->count[what]);
}

/* main.c */
extern unsigned int lpchar_burst, lpchar_spin, lpchar_recheck_ms;
extern unsigned int lpchar_lost_ms, lpchar_strobe_ns;
void lpchar_unplug(struct lpchar_port *port);
int lpchar_control(char *command);

/* push.c */
void push_init(struct lpchar_port *port);
int push_start(struct lpchar_port *port);
void push_stop(struct lpchar_port *port);
int push_set(struct lpchar_port *port, enum push_by by);
irqreturn_t lpchar_interrupt(int irq, void *cookie);
void push_kick(struct lpchar_port *port);
size_t push_polled(struct lpchar_port *port, const u8 *from, size_t nr,
		   bool nonblock);
u32 push_take_back(struct lpchar_port *port, u32 nr);
int lpchar_look(struct lpchar_port *port, u8 *status);
bool lpchar_drained(struct lpchar_port *port);
void lpchar_wake(struct lpchar_port *port);

/* file.c, ioctl.c, restart.c, page.c */
extern const struct file_operations lpchar_fops;
long lpchar_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long lpchar_compat_ioctl(struct file *file, unsigned int cmd,
			 unsigned long arg);
long lpchar_restart(struct lpchar_port *port,
		    struct lpchar_restart __user *arg);
void restart_exit(void);
long lpchar_park(struct lpchar_port *port, const struct lpchar_park *park);
void lpchar_unpark(struct lpchar_port *port);
void parked_show(struct seq_file *m, struct lpchar_port *port);
int lpchar_mmap(struct file *file, struct vm_area_struct *vma);

/* isa.c */
#if IS_ENABLED(CONFIG_HAS_IOPORT)
int isa_open(struct lpchar_port *port);
void isa_close(struct lpchar_port *port);
#else
static inline int isa_open(struct lpchar_port *port) { return -ENODEV; }
static inline void isa_close(struct lpchar_port *port) { }
#endif

/* sim_port.c */
int sim_port_open(struct lpchar_port *port);
void sim_port_close(struct lpchar_port *port);
void sim_port_free(struct lpchar_port *port);
void sim_port_show(struct seq_file *m, struct lpchar_port *port);
int sim_port_command(struct lpchar_port *port, char *command);
ssize_t sim_port_paper(struct lpchar_port *port, char __user *to, size_t nr,
		       loff_t *pos);
bool sim_port_has_reverse(struct lpchar_port *port);

/* sysfs.c, debugfs.c */
extern const struct attribute_group *lpchar_groups[];
void lpchar_debugfs_init(void);
void lpchar_debugfs_no_control(void);
void lpchar_debugfs_exit(void);
void lpchar_debugfs_add(struct lpchar_port *port);

#endif /* _LPCHAR_H */
