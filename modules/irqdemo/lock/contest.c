// SPDX-License-Identifier: GPL-2.0
/*
 * bench/lock: threads that want one lock, of the kernel's or of ours.
 *
 * Write "side=kernel|edu lock=NAME threads=N ms=N hold=NS": so many threads,
 * one a CPU in turn, for so long; each holds the lock for so long at a time.
 * The locks: none, ticket, mcs, qspin, rwlock, seqlock, sema, mutex, rwsem, ww
 * and wd; of the kernel's, ticket, mcs and qspin are all its spinlock. With ww
 * (wound-wait) and wd (wait-die) a turn is a transaction of three locks, which
 * begins with another one each time: without their rules all would soon wait
 * for each other. Then read lines of "METRIC VALUE":
 *
 *   ops, op N ns	how often it was taken, and the time for one
 *   torn, lost		how often somebody was inside beside a writer, and how
 *			many writes went lost: 0, but with lock=none
 *   share_min, share_max	the share of the slowest and of the fastest thread,
 *			1000 would be even
 *   and the lock's own counters (of ww and wd, those of the first lock)
 *
 * Under rwlock, seqlock and rwsem every second thread reads. What shows an
 * intruder are two numbers, which a writer adds to one after the other.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/ww_mutex.h>

#include <edu/lock.h>
#include <edu/ww_mutex.h>

#include "lock/contest.h"

#define MOST_THREADS	64
#define WW_LOCKS	3

union any_lock {
	struct edu_ticket ticket;
	struct edu_mcs mcs;
	struct edu_qspinlock qspin;
	struct edu_rwlock rwlock;
	struct edu_seqlock seqlock;
	struct edu_semaphore sema;
	struct edu_mutex mutex;
	struct edu_rwsem rwsem;
	struct edu_ww_mutex edu_ww_locks[WW_LOCKS];
	raw_spinlock_t k_spin;
	rwlock_t k_rwlock;
	seqlock_t k_seqlock;
	struct semaphore k_sema;
	struct mutex k_mutex; /* the kernel's, one of the contestants */
	struct rw_semaphore k_rwsem;
	struct ww_mutex ww_locks[WW_LOCKS];
};

struct contest;

struct contestant {
	struct contest *c;
	struct edu_mcs_node node;
	struct edu_ww_ctx edu_ww_ctx;
	struct ww_acquire_ctx ww_ctx;
	unsigned int index;
	unsigned long ops;
};

struct lock_kind {
	const char *side, *name;
	void (*init)(union any_lock *l);
	void (*lock)(union any_lock *l, struct contestant *t);
	void (*unlock)(union any_lock *l, struct contestant *t);
	/* Readers: NULL where there are none. */
	void (*read)(struct contest *c, struct contestant *t);
	/* Where in the lock its counters are; -1 for the kernel's. */
	ssize_t stat;
	/* How many edu_ww_mutexes there have such counters, or 1. */
	unsigned int locks;
};

struct contest {
	union any_lock lock;
	const struct lock_kind *kind;
	unsigned int hold;
	bool go, stop;
	unsigned long a ____cacheline_aligned;
	unsigned long b;
	atomic_long_t torn;
	atomic_t running;
	struct contestant contestant[MOST_THREADS];
};

static DEFINE_MUTEX(contest_mutex);
static char result[1024];
static struct seq_buf result_buf;

static void hold(unsigned int ns)
{
	u64 until;

	if (!ns)
		return;
	until = ktime_get_ns() + ns;
	while (ktime_get_ns() < until)
		cpu_relax();
}

static void write_once(struct contest *c)
{
	unsigned long a = READ_ONCE(c->a);

	/* Between the two, another writer's addition would be lost. */
	hold(c->hold / 2);
	WRITE_ONCE(c->a, a + 1);
	hold(c->hold / 2);
	if (READ_ONCE(c->b) != a)
		atomic_long_inc(&c->torn);
	WRITE_ONCE(c->b, a + 1);
}

static void read_once(struct contest *c)
{
	unsigned long b = READ_ONCE(c->b);

	hold(c->hold);
	if (READ_ONCE(c->a) != b)
		atomic_long_inc(&c->torn);
}

/* The locks: init, lock, unlock, and a whole read. */
#define EXCLUSIVE(_name, make, take, drop)					\
static void _name##_init(union any_lock *l)					\
{										\
	make;									\
}										\
										\
static void _name##_lock(union any_lock *l, struct contestant *t)		\
{										\
	take;									\
}										\
										\
static void _name##_unlock(union any_lock *l, struct contestant *t)		\
{										\
	drop;									\
}

#define READERS(_name, take, drop)						\
static void _name##_read(struct contest *c, struct contestant *t)		\
{										\
	union any_lock *l = &c->lock;						\
										\
	take;									\
	read_once(c);								\
	drop;									\
}

EXCLUSIVE(e_none, (void)l, (void)l, (void)l)
EXCLUSIVE(e_ticket, edu_ticket_init(&l->ticket, "contest ticket"),
	  edu_ticket_lock(&l->ticket), edu_ticket_unlock(&l->ticket))
EXCLUSIVE(e_mcs, edu_mcs_init(&l->mcs, "contest mcs"),
	  edu_mcs_lock(&l->mcs, &t->node), edu_mcs_unlock(&l->mcs, &t->node))
EXCLUSIVE(e_qspin, edu_qspin_init(&l->qspin, "contest qspin"),
	  edu_qspin_lock(&l->qspin), edu_qspin_unlock(&l->qspin))
EXCLUSIVE(e_rwlock, edu_rwlock_init(&l->rwlock, "contest rwlock"),
	  edu_write_lock(&l->rwlock), edu_write_unlock(&l->rwlock))
EXCLUSIVE(e_seqlock, edu_seqlock_init(&l->seqlock, "contest seqlock"),
	  edu_write_seqlock(&l->seqlock), edu_write_sequnlock(&l->seqlock))
EXCLUSIVE(e_sema, edu_sema_init(&l->sema, 1, "contest semaphore"),
	  edu_down(&l->sema), edu_up(&l->sema))
EXCLUSIVE(e_mutex, edu_mutex_init(&l->mutex, "contest mutex"),
	  edu_mutex_lock(&l->mutex), edu_mutex_unlock(&l->mutex))
EXCLUSIVE(e_rwsem, edu_rwsem_init(&l->rwsem, "contest rwsem"),
	  edu_down_write(&l->rwsem), edu_up_write(&l->rwsem))
EXCLUSIVE(k_spin, raw_spin_lock_init(&l->k_spin), raw_spin_lock(&l->k_spin),
	  raw_spin_unlock(&l->k_spin))
EXCLUSIVE(k_rwlock, rwlock_init(&l->k_rwlock), write_lock(&l->k_rwlock),
	  write_unlock(&l->k_rwlock))
EXCLUSIVE(k_seqlock, seqlock_init(&l->k_seqlock), write_seqlock(&l->k_seqlock),
	  write_sequnlock(&l->k_seqlock))
EXCLUSIVE(k_sema, sema_init(&l->k_sema, 1), down(&l->k_sema), up(&l->k_sema))
EXCLUSIVE(k_mutex, mutex_init(&l->k_mutex), mutex_lock(&l->k_mutex),
	  mutex_unlock(&l->k_mutex))
EXCLUSIVE(k_rwsem, init_rwsem(&l->k_rwsem), down_write(&l->k_rwsem),
	  up_write(&l->k_rwsem))
READERS(e_rwlock, edu_read_lock(&l->rwlock), edu_read_unlock(&l->rwlock))
READERS(e_rwsem, edu_down_read(&l->rwsem), edu_up_read(&l->rwsem))
READERS(k_rwlock, read_lock(&l->k_rwlock), read_unlock(&l->k_rwlock))
READERS(k_rwsem, down_read(&l->k_rwsem), up_read(&l->k_rwsem))

static DEFINE_EDU_WW_CLASS(e_ww_class);
static DEFINE_EDU_WD_CLASS(e_wd_class);
static DEFINE_WW_CLASS(k_ww_class);
static DEFINE_WD_CLASS(k_wd_class);

/* Three locks of one class, in an order that changes from turn to turn. */
#define WAIT_WOUND(_name, _api)							\
static void _name##_init(union any_lock *l)					\
{										\
	unsigned int n;								\
										\
	for (n = 0; n < WW_LOCKS; n++)						\
		_api##_mutex_init(&l->_api##_locks[n], &_name##_class);		\
}										\
										\
static void _name##_lock(union any_lock *l, struct contestant *t)		\
{										\
	unsigned int start = t->index + t->ops, n = 0;				\
										\
	_api##_acquire_init(&t->_api##_ctx, &_name##_class);			\
	while (n < WW_LOCKS) {							\
		if (!_api##_mutex_lock(&l->_api##_locks[(start + n) % WW_LOCKS],	\
				       &t->_api##_ctx)) {			\
			n++;							\
			continue;						\
		}								\
		/* -EDEADLK: let go of all, and begin with the refused one. */	\
		for (start += n; n; n--)					\
			_api##_mutex_unlock(&l->_api##_locks[(start - n) % WW_LOCKS]);	\
	}									\
	_api##_acquire_done(&t->_api##_ctx);					\
}										\
										\
static void _name##_unlock(union any_lock *l, struct contestant *t)		\
{										\
	unsigned int n;								\
										\
	for (n = 0; n < WW_LOCKS; n++)						\
		_api##_mutex_unlock(&l->_api##_locks[n]);			\
	_api##_acquire_fini(&t->_api##_ctx);					\
}

WAIT_WOUND(e_ww, edu_ww)
WAIT_WOUND(e_wd, edu_ww)
WAIT_WOUND(k_ww, ww)
WAIT_WOUND(k_wd, ww)

/* Only what was copied in a round that needs no other may be judged. */
static void e_seqlock_read(struct contest *c, struct contestant *t)
{
	unsigned int seq;
	unsigned long a, b;

	do {
		seq = edu_read_seqbegin(&c->lock.seqlock);
		a = READ_ONCE(c->a);
		hold(c->hold);
		b = READ_ONCE(c->b);
	} while (edu_read_seqretry(&c->lock.seqlock, seq) && !READ_ONCE(c->stop));
	if (a != b && !READ_ONCE(c->stop))
		atomic_long_inc(&c->torn);
}

static void k_seqlock_read(struct contest *c, struct contestant *t)
{
	unsigned int seq;
	unsigned long a, b;

	do {
		seq = read_seqbegin(&c->lock.k_seqlock);
		a = READ_ONCE(c->a);
		hold(c->hold);
		b = READ_ONCE(c->b);
	} while (read_seqretry(&c->lock.k_seqlock, seq) && !READ_ONCE(c->stop));
	if (a != b && !READ_ONCE(c->stop))
		atomic_long_inc(&c->torn);
}

#define KIND(_side, _name, _impl, _read, _stat)				\
	{ _side, _name, _impl##_init, _impl##_lock, _impl##_unlock, _read, _stat, 1 }

static const struct lock_kind kinds[] = {
	KIND("edu", "none", e_none, NULL, -1),
	KIND("edu", "ticket", e_ticket, NULL, offsetof(union any_lock, ticket.stat)),
	KIND("edu", "mcs", e_mcs, NULL, offsetof(union any_lock, mcs.stat)),
	KIND("edu", "qspin", e_qspin, NULL, offsetof(union any_lock, qspin.stat)),
	KIND("edu", "rwlock", e_rwlock, e_rwlock_read, offsetof(union any_lock, rwlock.stat)),
	KIND("edu", "seqlock", e_seqlock, e_seqlock_read, offsetof(union any_lock, seqlock.stat)),
	KIND("edu", "sema", e_sema, NULL, offsetof(union any_lock, sema.stat)),
	KIND("edu", "mutex", e_mutex, NULL, offsetof(union any_lock, mutex.stat)),
	KIND("edu", "rwsem", e_rwsem, e_rwsem_read, offsetof(union any_lock, rwsem.stat)),
	{ "edu", "ww", e_ww_init, e_ww_lock, e_ww_unlock, NULL,
	  offsetof(union any_lock, edu_ww_locks[0].stat), WW_LOCKS },
	{ "edu", "wd", e_wd_init, e_wd_lock, e_wd_unlock, NULL,
	  offsetof(union any_lock, edu_ww_locks[0].stat), WW_LOCKS },
	KIND("kernel", "none", e_none, NULL, -1),
	KIND("kernel", "ticket", k_spin, NULL, -1),
	KIND("kernel", "mcs", k_spin, NULL, -1),
	KIND("kernel", "qspin", k_spin, NULL, -1),
	KIND("kernel", "rwlock", k_rwlock, k_rwlock_read, -1),
	KIND("kernel", "seqlock", k_seqlock, k_seqlock_read, -1),
	KIND("kernel", "sema", k_sema, NULL, -1),
	KIND("kernel", "mutex", k_mutex, NULL, -1),
	KIND("kernel", "rwsem", k_rwsem, k_rwsem_read, -1),
	KIND("kernel", "ww", k_ww, NULL, -1),
	KIND("kernel", "wd", k_wd, NULL, -1),
};

static bool reads(const struct contestant *t)
{
	return t->c->kind->read && t->index % 2;
}

static int contestant_thread(void *data)
{
	struct contestant *t = data;
	struct contest *c = t->c;

	while (!READ_ONCE(c->go))
		usleep_range(100, 200);
	while (!READ_ONCE(c->stop)) {
		if (reads(t)) {
			c->kind->read(c, t);
		} else {
			c->kind->lock(&c->lock, t);
			write_once(c);
			c->kind->unlock(&c->lock, t);
		}
		t->ops++;
		cond_resched();
	}
	atomic_dec(&c->running);
	/* Until the contest is over: it waits for us by kthread_stop(). */
	while (!kthread_should_stop())
		usleep_range(100, 200);
	return 0;
}

/* Where a turn takes several locks, the sum of theirs. */
static long counted(const struct contest *c, unsigned int counter)
{
	const struct edu_lock_stat *stat;
	unsigned int n;
	long sum = 0;

	for (n = 0; n < c->kind->locks; n++) {
		stat = (void *)&c->lock + c->kind->stat + n * sizeof(struct edu_ww_mutex);
		sum += atomic_long_read(&stat->count[counter]);
	}
	return sum;
}

static void report(struct contest *c, unsigned int threads, u64 took)
{
	static const char * const names[LOCK_COUNTERS] = {
		[LOCK_ACQUIRED] = "acquired",
		[LOCK_CONTENDED] = "contended",
		[LOCK_PENDING] = "pending",
		[LOCK_QUEUED] = "queued",
		[LOCK_SPUN] = "spun",
		[LOCK_SLEPT] = "slept",
		[LOCK_HANDED] = "handed",
		[LOCK_RETRIES] = "retries",
		[LOCK_BACKED_OFF] = "backed_off",
		[LOCK_WOUNDED] = "wounded",
	};
	unsigned long ops = 0, writes = 0, least = ULONG_MAX, most = 0;
	unsigned int i;

	for (i = 0; i < threads; i++) {
		unsigned long n = c->contestant[i].ops;

		ops += n;
		if (!reads(&c->contestant[i]))
			writes += n;
		least = min(least, n);
		most = max(most, n);
	}
	seq_buf_init(&result_buf, result, sizeof(result));
	seq_buf_printf(&result_buf, "side %s\nlock %s\nops %lu\nop %llu\n", c->kind->side,
		       c->kind->name, ops, div64_u64(took, max(ops, 1UL)));
	seq_buf_printf(&result_buf, "torn %ld\nlost %ld\nshare_min %lu\nshare_max %lu\n",
		       atomic_long_read(&c->torn), (long)(writes - c->a),
		       least * threads * 1000 / max(ops, 1UL),
		       most * threads * 1000 / max(ops, 1UL));
	if (c->kind->stat < 0)
		return;
	for (i = 0; i < LOCK_COUNTERS; i++)
		seq_buf_printf(&result_buf, "%s %ld\n", names[i], counted(c, i));
}

static int run(struct contest *c, unsigned int threads, unsigned int ms)
{
	struct task_struct *task[MOST_THREADS];
	int cpu = -1, err = 0;
	unsigned int i, made;
	u64 start;

	c->kind->init(&c->lock);
	for (made = 0; made < threads; made++) {
		struct contestant *t = &c->contestant[made];

		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		t->c = c;
		t->index = made;
		task[made] = kthread_create(contestant_thread, t, "edu-lock/%u", made);
		if (IS_ERR(task[made])) {
			err = PTR_ERR(task[made]);
			break;
		}
		kthread_bind(task[made], cpu);
		atomic_inc(&c->running);
		wake_up_process(task[made]);
	}
	start = ktime_get_ns();
	WRITE_ONCE(c->go, true);
	if (!err)
		msleep(ms);
	WRITE_ONCE(c->stop, true);
	while (atomic_read(&c->running))
		usleep_range(100, 200);
	start = ktime_get_ns() - start;
	for (i = 0; i < made; i++)
		kthread_stop(task[i]);
	if (!err)
		report(c, threads, start);
	return err;
}

static int bench_lock_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&contest_mutex);
	if (result_buf.buffer)
		seq_write(m, result_buf.buffer, seq_buf_used(&result_buf));
	return 0;
}

static int bench_lock_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_lock_show, NULL);
}

static ssize_t bench_lock_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct contest *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);
	unsigned int i, threads, ms;
	char text[100], side[8], name[16];
	int err;

	if (!c)
		return -ENOMEM;
	if (len >= sizeof(text))
		return -E2BIG;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = 0;
	if (sscanf(text, "side=%7s lock=%15s threads=%u ms=%u hold=%u", side, name,
		   &threads, &ms, &c->hold) != 5)
		return -EINVAL;
	if (!threads || threads > MOST_THREADS || !ms || ms > 10000 || c->hold > 1000000)
		return -ERANGE;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(side, kinds[i].side) && !strcmp(name, kinds[i].name))
			c->kind = &kinds[i];
	if (!c->kind)
		return -EINVAL;
	guard(mutex)(&contest_mutex);
	err = run(c, threads, ms);
	return err ?: len;
}

const struct file_operations bench_lock_fops = {
	.owner = THIS_MODULE,
	.open = bench_lock_open,
	.read = seq_read,
	.write = bench_lock_write,
	.llseek = seq_lseek,
	.release = single_release,
};
