// SPDX-License-Identifier: GPL-2.0
/*
 * bench/posix: our POSIX timer on the live clock, to hold beside the kernel's.
 *
 * Write "interval_us=N blocked_us=N": the timer is armed, the signal stays
 * blocked for so long, then it is taken. Read:
 *
 *   elapsed N ns	from the first expiry to the taking of the signal
 *   overrun N		what timer_getoverrun() answers
 *   signals N		queued while it was blocked: always 1
 *   expired N		times that the tree called us: 1, however many were due
 *
 * tests/programs/irqdemo-posix.c does the same with timer_create().
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "line.h"
#include "posix.h"

static DEFINE_MUTEX(posix_mutex);

static struct {
	s64 elapsed, overrun;
	u64 signals, expired;
} result;

static int run(u64 interval, u64 blocked)
{
	struct edu_posix posix;
	struct edu_hr_cpu *cpu;
	ktime_t first, now;
	u64 before;

	/* The tree's timers are armed on their own CPU. */
	migrate_disable();
	cpu = timebase_hr();
	edu_posix_init(&posix, cpu);
	before = READ_ONCE(cpu->count[HR_EXPIRED]);
	first = ktime_add_ns(ktime_get(), interval);
	edu_posix_set(&posix, first, interval);
	msleep(div_u64(blocked, NSEC_PER_MSEC));
	result.expired = READ_ONCE(cpu->count[HR_EXPIRED]) - before;
	/* Taken, it is armed again, and may be due before it is disarmed. */
	result.signals = posix.signals;
	now = ktime_get();
	edu_posix_deliver(&posix, now);
	while (edu_posix_set(&posix, 0, 0))
		cpu_relax();
	migrate_enable();
	result.elapsed = ktime_sub(now, first);
	result.overrun = posix.last_overrun;
	return result.signals ? 0 : -ETIMEDOUT;
}

static int bench_posix_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&posix_mutex);
	seq_printf(m, "elapsed %lld ns\noverrun %lld\nsignals %llu\nexpired %llu\n",
		   result.elapsed, result.overrun, result.signals,
		   result.expired);
	return 0;
}

static int bench_posix_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_posix_show, NULL);
}

static ssize_t bench_posix_write(struct file *file, const char __user *buf,
				 size_t len, loff_t *pos)
{
	unsigned int interval, blocked;
	char text[64];
	int err;

	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (sscanf(text, "interval_us=%u blocked_us=%u", &interval, &blocked) != 2)
		return -EINVAL;
	if (interval < 100 || blocked <= interval || blocked > USEC_PER_SEC)
		return -ERANGE;
	guard(mutex)(&posix_mutex);
	err = run((u64)interval * NSEC_PER_USEC, (u64)blocked * NSEC_PER_USEC);
	return err ?: len;
}

const struct file_operations bench_posix_fops = {
	.owner = THIS_MODULE,
	.open = bench_posix_open,
	.read = seq_read,
	.write = bench_posix_write,
	.llseek = seq_lseek,
	.release = single_release,
};
