// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of the locks' state words, modules/irqdemo/lock: what each operation
 * makes of them when nobody else is there. Contests need processors: bench/lock.
 */
#include <kunit/test.h>

#include <edu/lock.h>

static struct {
	struct edu_ticket ticket;
	struct edu_mcs mcs;
	struct edu_qspinlock qspin;
	struct edu_rwlock rwlock;
	struct edu_seqlock seqlock;
	struct edu_semaphore sema;
	struct edu_mutex mutex;
	struct edu_rwsem rwsem;
} l;

static long counter(struct edu_lock_stat *stat, enum edu_lock_counter what)
{
	return atomic_long_read(&stat->count[what]);
}

static void lock_ticket(struct kunit *test)
{
	unsigned int i;
	int before = preempt_count();

	edu_ticket_init(&l.ticket, "test ticket");
	edu_ticket_lock(&l.ticket);
	i = preempt_count();
	edu_ticket_unlock(&l.ticket);
	KUNIT_EXPECT_EQ(test, preempt_count(), before);
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		KUNIT_EXPECT_EQ(test, i, before + 1);
	KUNIT_EXPECT_EQ(test, l.ticket.owner, 1);
	KUNIT_EXPECT_EQ(test, l.ticket.next, 1);
	/* Both halves wrap, and neither runs over into the other. */
	for (i = 0; i < 70000; i++) {
		edu_ticket_lock(&l.ticket);
		edu_ticket_unlock(&l.ticket);
	}
	KUNIT_EXPECT_EQ(test, l.ticket.owner, 70001 & 0xffff);
	KUNIT_EXPECT_EQ(test, l.ticket.next, 70001 & 0xffff);
	KUNIT_EXPECT_EQ(test, counter(&l.ticket.stat, LOCK_CONTENDED), 0);
	/* A number is drawn: not free. */
	l.ticket.next++;
	KUNIT_EXPECT_FALSE(test, edu_ticket_trylock(&l.ticket));
	l.ticket.next--;
	KUNIT_EXPECT_TRUE(test, edu_ticket_trylock(&l.ticket));
	edu_ticket_unlock(&l.ticket);
	KUNIT_EXPECT_EQ(test, preempt_count(), before);
}

static void lock_mcs(struct kunit *test)
{
	struct edu_mcs_node node, other;
	bool held, other_got;

	edu_mcs_init(&l.mcs, "test mcs");
	edu_mcs_lock(&l.mcs, &node);
	held = l.mcs.tail == &node;
	other_got = edu_mcs_trylock(&l.mcs, &other);
	edu_mcs_unlock(&l.mcs, &node);
	KUNIT_EXPECT_TRUE(test, held);
	KUNIT_EXPECT_FALSE(test, other_got);
	KUNIT_EXPECT_NULL(test, l.mcs.tail);
	/* Somebody is behind us: the unlock writes his word, and no other. */
	edu_mcs_lock(&l.mcs, &node);
	other.next = NULL;
	other.locked = 0;
	l.mcs.tail = &other;
	node.next = &other;
	edu_mcs_unlock(&l.mcs, &node);
	KUNIT_EXPECT_EQ(test, other.locked, 1);
	KUNIT_EXPECT_PTR_EQ(test, l.mcs.tail, &other);
	l.mcs.tail = NULL;
}

static void lock_qspin(struct kunit *test)
{
	int cpu, context;
	u32 val;

	edu_qspin_init(&l.qspin, "test qspin");
	KUNIT_EXPECT_EQ(test, sizeof(l.qspin.val), 4);
	edu_qspin_lock(&l.qspin);
	val = atomic_read(&l.qspin.val);
	edu_qspin_unlock(&l.qspin);
	KUNIT_EXPECT_EQ(test, val, EDU_Q_LOCKED);
	KUNIT_EXPECT_EQ(test, atomic_read(&l.qspin.val), 0);

	/* Neither beside a pending one nor past a queue. */
	atomic_set(&l.qspin.val, EDU_Q_PENDING);
	KUNIT_EXPECT_FALSE(test, edu_qspin_trylock(&l.qspin));
	atomic_set(&l.qspin.val, edu_qspin_tail(0, 0));
	KUNIT_EXPECT_FALSE(test, edu_qspin_trylock(&l.qspin));
	/* The unlock writes the lowest byte, and no other. */
	atomic_set(&l.qspin.val, 0);
	edu_qspin_lock(&l.qspin);
	atomic_or(EDU_Q_PENDING | edu_qspin_tail(5, 2), &l.qspin.val);
	edu_qspin_unlock(&l.qspin);
	KUNIT_EXPECT_EQ(test, (u32)atomic_read(&l.qspin.val),
			EDU_Q_PENDING | edu_qspin_tail(5, 2));
	KUNIT_EXPECT_EQ(test, l.qspin.pending, 1);
	KUNIT_EXPECT_EQ(test, l.qspin.locked, 0);

	for (cpu = 0; cpu < 8192; cpu += 511) {
		for (context = 0; context < 4; context++) {
			val = edu_qspin_tail(cpu, context);
			KUNIT_EXPECT_NE(test, val, 0);
			KUNIT_EXPECT_EQ(test, val & ~EDU_Q_TAIL_MASK, 0);
			KUNIT_EXPECT_EQ(test, edu_qspin_tail_cpu(val), cpu);
		}
	}
	KUNIT_EXPECT_EQ(test, edu_qspin_tail_cpu(EDU_Q_LOCKED | EDU_Q_PENDING), -1);
}

static void lock_rwlock(struct kunit *test)
{
	bool two, writer, reader;
	int cnts;

	edu_rwlock_init(&l.rwlock, "test rwlock");
	edu_read_lock(&l.rwlock);
	two = edu_read_trylock(&l.rwlock);
	cnts = atomic_read(&l.rwlock.cnts);
	writer = edu_write_trylock(&l.rwlock);
	edu_read_unlock(&l.rwlock);
	edu_read_unlock(&l.rwlock);
	KUNIT_EXPECT_TRUE(test, two);
	KUNIT_EXPECT_EQ(test, cnts, 2 * EDU_RW_READER);
	KUNIT_EXPECT_FALSE(test, writer);

	edu_write_lock(&l.rwlock);
	cnts = atomic_read(&l.rwlock.cnts);
	reader = edu_read_trylock(&l.rwlock);
	writer = edu_write_trylock(&l.rwlock);
	edu_write_unlock(&l.rwlock);
	KUNIT_EXPECT_EQ(test, cnts, EDU_RW_LOCKED);
	KUNIT_EXPECT_FALSE(test, reader);
	KUNIT_EXPECT_FALSE(test, writer);
	KUNIT_EXPECT_EQ(test, atomic_read(&l.rwlock.cnts), 0);
	/* A writer waits: no new readers. */
	atomic_set(&l.rwlock.cnts, EDU_RW_WAITING);
	KUNIT_EXPECT_FALSE(test, edu_read_trylock(&l.rwlock));
	KUNIT_EXPECT_EQ(test, atomic_read(&l.rwlock.cnts), EDU_RW_WAITING);
}

static void lock_seqlock(struct kunit *test)
{
	unsigned int seq, inside;

	edu_seqlock_init(&l.seqlock, "test seqlock");
	seq = edu_read_seqbegin(&l.seqlock);
	KUNIT_EXPECT_FALSE(test, edu_read_seqretry(&l.seqlock, seq));
	edu_write_seqlock(&l.seqlock);
	inside = l.seqlock.sequence;
	edu_write_sequnlock(&l.seqlock);
	KUNIT_EXPECT_EQ(test, inside & 1, 1);
	KUNIT_EXPECT_EQ(test, l.seqlock.sequence & 1, 0);
	KUNIT_EXPECT_TRUE(test, edu_read_seqretry(&l.seqlock, seq));
	KUNIT_EXPECT_EQ(test, counter(&l.seqlock.stat, LOCK_RETRIES), 1);
}

static void lock_semaphore(struct kunit *test)
{
	edu_sema_init(&l.sema, 2, "test semaphore");
	edu_down(&l.sema);
	KUNIT_EXPECT_EQ(test, edu_down_interruptible(&l.sema), 0);
	KUNIT_EXPECT_EQ(test, edu_down_trylock(&l.sema), 1);
	KUNIT_EXPECT_EQ(test, edu_down_timeout(&l.sema, 2), -ETIME);
	KUNIT_EXPECT_TRUE(test, list_empty(&l.sema.wait_list));
	edu_up(&l.sema);
	KUNIT_EXPECT_EQ(test, edu_down_timeout(&l.sema, 2), 0);
	/* There is no owner: it may grow. */
	edu_up(&l.sema);
	edu_up(&l.sema);
	edu_up(&l.sema);
	KUNIT_EXPECT_EQ(test, l.sema.count, 3);
	KUNIT_EXPECT_EQ(test, edu_down_killable(&l.sema), 0);
}

static void lock_mutex(struct kunit *test)
{
	unsigned long me = (unsigned long)current;

	edu_mutex_init(&l.mutex, "test mutex");
	edu_mutex_lock(&l.mutex);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.mutex.owner), me);
	KUNIT_EXPECT_EQ(test, edu_mutex_trylock(&l.mutex), 0);
	edu_mutex_unlock(&l.mutex);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.mutex.owner), 0);
	KUNIT_EXPECT_EQ(test, edu_mutex_lock_interruptible(&l.mutex), 0);
	edu_mutex_unlock(&l.mutex);
	/* Handed to us by name: ours to pick up, and nobody else's. */
	atomic_long_set(&l.mutex.owner, me | EDU_MUTEX_PICKUP | EDU_MUTEX_WAITERS);
	KUNIT_EXPECT_EQ(test, edu_mutex_trylock(&l.mutex), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.mutex.owner), me | EDU_MUTEX_WAITERS);
	/* A first waiter that is gone again, and had asked for it. */
	atomic_long_or(EDU_MUTEX_HANDOFF, &l.mutex.owner);
	edu_mutex_unlock(&l.mutex);
	/* Nobody was there to get it. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.mutex.owner), EDU_MUTEX_WAITERS);
	atomic_long_set(&l.mutex.owner, (long)&l | EDU_MUTEX_PICKUP);
	KUNIT_EXPECT_EQ(test, edu_mutex_trylock(&l.mutex), 0);
}

static void lock_rwsem(struct kunit *test)
{
	edu_rwsem_init(&l.rwsem, "test rwsem");
	edu_down_read(&l.rwsem);
	KUNIT_EXPECT_EQ(test, edu_down_write_trylock(&l.rwsem), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.rwsem.count), EDU_RWSEM_READER);
	edu_up_read(&l.rwsem);
	edu_down_write(&l.rwsem);
	KUNIT_EXPECT_EQ(test, edu_down_read_trylock(&l.rwsem), 0);
	KUNIT_EXPECT_EQ(test, edu_down_write_trylock(&l.rwsem), 0);
	edu_downgrade_write(&l.rwsem);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l.rwsem.count), EDU_RWSEM_READER);
	edu_up_read(&l.rwsem);
	KUNIT_EXPECT_EQ(test, edu_down_write_killable(&l.rwsem), 0);
	edu_up_write(&l.rwsem);
	/* Somebody queues: a new reader must, too. */
	atomic_long_set(&l.rwsem.count, EDU_RWSEM_WAITERS | EDU_RWSEM_READER);
	KUNIT_EXPECT_EQ(test, edu_down_read_trylock(&l.rwsem), 0);
}

static struct kunit_case lock_cases[] = {
	KUNIT_CASE(lock_ticket),
	KUNIT_CASE(lock_mcs),
	KUNIT_CASE(lock_qspin),
	KUNIT_CASE(lock_rwlock),
	KUNIT_CASE(lock_seqlock),
	KUNIT_CASE(lock_semaphore),
	KUNIT_CASE(lock_mutex),
	KUNIT_CASE(lock_rwsem),
	{}
};

static struct kunit_suite lock_suite = {
	.name = "irqdemo_lock",
	.test_cases = lock_cases,
};

kunit_test_suite(lock_suite);
