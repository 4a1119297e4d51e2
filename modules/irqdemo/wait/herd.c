// SPDX-License-Identifier: GPL-2.0
/*
 * bench/wait: the thundering herd, and the wake-up that must not get lost.
 *
 * Write "test=herd|exclusive|woken|completion threads=N rounds=N". Then read
 * lines of "METRIC VALUE":
 *
 *   items, taken	what was put there, and what was taken: the same
 *   wakeups		how often a thread woke up for that
 *
 * herd: all threads wait together for each item, and all but one find nothing;
 * exclusive: one is woken for each. woken: exclusive, by edu_wait_woken().
 * completion: an edu_completion in place of the items.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <edu/wait.h>

#include "lock/contest.h"

#define MOST_THREADS	64

struct herd {
	struct edu_wait_head head;
	struct edu_completion done;
	int (*thread)(void *herd);
	atomic_t items, taken, wakeups;
	bool stop;
};

static DEFINE_MUTEX(herd_mutex);
static struct { unsigned int items, taken, wakeups; } last;

static bool take(struct herd *h)
{
	if (atomic_dec_if_positive(&h->items) < 0)
		return false;
	atomic_inc(&h->taken);
	return true;
}

static int wait_loop(struct herd *h, bool exclusive)
{
	struct edu_wait wait;

	while (!READ_ONCE(h->stop)) {
		edu_wait_init(&wait, edu_autoremove_wake);
		for (;;) {
			edu_prepare_to_wait(&h->head, &wait, TASK_IDLE, exclusive);
			if (take(h) || READ_ONCE(h->stop))
				break;
			schedule();
			atomic_inc(&h->wakeups);
		}
		edu_finish_wait(&h->head, &wait);
	}
	return 0;
}

static int herd_thread(void *h)
{
	return wait_loop(h, false);
}

static int exclusive_thread(void *h)
{
	return wait_loop(h, true);
}

static int woken_thread(void *data)
{
	struct herd *h = data;
	struct edu_wait wait;

	edu_wait_init(&wait, edu_woken_wake);
	edu_add_wait_exclusive(&h->head, &wait);
	while (!READ_ONCE(h->stop)) {
		if (take(h))
			continue;
		edu_wait_woken(&wait, TASK_IDLE, MAX_SCHEDULE_TIMEOUT);
		atomic_inc(&h->wakeups);
	}
	edu_remove_wait(&h->head, &wait);
	return 0;
}

static int completion_thread(void *data)
{
	struct herd *h = data;

	while (!READ_ONCE(h->stop)) {
		edu_wait_for_completion(&h->done);
		atomic_inc(&h->wakeups);
		take(h);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*thread)(void *herd);
} tests[] = {
	{ "herd", herd_thread },
	{ "exclusive", exclusive_thread },
	{ "woken", woken_thread },
	{ "completion", completion_thread },
};

static int run(struct herd *h, unsigned int threads, unsigned int rounds)
{
	struct task_struct *task[MOST_THREADS];
	unsigned int i, tries, made;
	int err = 0;

	edu_wait_head_init(&h->head);
	edu_init_completion(&h->done);
	for (made = 0; made < threads; made++) {
		task[made] = kthread_create(h->thread, h, "edu-herd/%u", made);
		if (IS_ERR(task[made])) {
			err = PTR_ERR(task[made]);
			break;
		}
		/* It ends by itself; we wait for that below. */
		get_task_struct(task[made]);
		wake_up_process(task[made]);
	}
	msleep(50);
	for (i = 0; i < rounds && !err; i++) {
		atomic_inc(&h->items);
		if (h->thread == completion_thread)
			edu_complete(&h->done);
		else
			edu_wake_up(&h->head);
		/* A lost wake-up would leave the item there: 2 s, and report. */
		for (tries = 0; atomic_read(&h->taken) <= i; tries++) {
			if (tries > 20000) {
				err = -ETIMEDOUT;
				break;
			}
			usleep_range(20, 100);
		}
		/* Let those who woke in vain go back to sleep. */
		usleep_range(200, 300);
	}
	last.items = i;
	last.taken = atomic_read(&h->taken);
	last.wakeups = atomic_read(&h->wakeups);
	WRITE_ONCE(h->stop, true);
	edu_complete_all(&h->done);
	edu_wake_up_all(&h->head);
	for (i = 0; i < made; i++)
		kthread_stop_put(task[i]);
	return err;
}

static int bench_wait_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&herd_mutex);
	seq_printf(m, "items %u\ntaken %u\nwakeups %u\n", last.items, last.taken,
		   last.wakeups);
	return 0;
}

static int bench_wait_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_wait_show, NULL);
}

static ssize_t bench_wait_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct herd *h __free(kfree) = kzalloc(sizeof(*h), GFP_KERNEL);
	unsigned int i, threads, rounds;
	char text[80], name[16];
	int err;

	if (!h)
		return -ENOMEM;
	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (sscanf(text, "test=%15s threads=%u rounds=%u", name, &threads, &rounds) != 3)
		return -EINVAL;
	if (!threads || threads > MOST_THREADS || !rounds || rounds > 10000)
		return -ERANGE;
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (!strcmp(name, tests[i].name))
			h->thread = tests[i].thread;
	if (!h->thread)
		return -EINVAL;
	guard(mutex)(&herd_mutex);
	err = run(h, threads, rounds);
	return err ?: len;
}

const struct file_operations bench_wait_fops = {
	.owner = THIS_MODULE,
	.open = bench_wait_open,
	.read = seq_read,
	.write = bench_wait_write,
	.llseek = seq_lseek,
	.release = single_release,
};
