// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/irqdemo/wait: who is woken, and what is not lost. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>

#include <edu/wait.h>

#define WAITERS	6

static struct edu_wait_head head;
static struct edu_wait waiter[WAITERS];
static unsigned int order[WAITERS], calls;
static int answer[WAITERS];

static int note(struct edu_wait *wait, unsigned int mode, void *key)
{
	unsigned int i = wait - waiter;

	order[i] = ++calls;
	return answer[i];
}

static int wait_setup(struct kunit *test)
{
	unsigned int i;

	edu_wait_head_init(&head);
	for (i = 0; i < WAITERS; i++) {
		edu_wait_init(&waiter[i], note);
		answer[i] = 1;
	}
	return 0;
}

static unsigned int wake(int nr)
{
	calls = 0;
	memset(order, 0, sizeof(order));
	return __edu_wake_up(&head, TASK_NORMAL, nr, NULL);
}

/* T17: all that are not exclusive, and one that is, the first that came. */
static void queue_exclusive(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		edu_add_wait_exclusive(&head, &waiter[i]);
	KUNIT_EXPECT_EQ(test, wake(1), 1);
	KUNIT_EXPECT_EQ(test, order[0], 1);
	for (i = 3; i < 5; i++)
		edu_add_wait(&head, &waiter[i]);
	KUNIT_EXPECT_EQ(test, wake(1), 3);
	KUNIT_EXPECT_EQ(test, order[4], 1);
	KUNIT_EXPECT_EQ(test, order[3], 2);
	KUNIT_EXPECT_EQ(test, order[0], 3);
	KUNIT_EXPECT_EQ(test, wake(2), 4);
	KUNIT_EXPECT_EQ(test, wake(0), 5);
	/* One that was not asleep does not count; one may end the walk. */
	answer[0] = 0;
	KUNIT_EXPECT_EQ(test, wake(1), 4);
	answer[3] = -1;
	KUNIT_EXPECT_EQ(test, wake(0), 2);
	edu_remove_wait(&head, &waiter[3]);
	KUNIT_EXPECT_EQ(test, wake(0), 4);
}

/* T16: a wake-up before the sleep is not lost, and counts once. */
static void queue_woken(struct kunit *test)
{
	struct edu_wait wait;

	edu_wait_init(&wait, edu_woken_wake);
	edu_add_wait(&head, &wait);
	edu_wake_up(&head);
	KUNIT_EXPECT_EQ(test, edu_wait_woken(&wait, TASK_INTERRUPTIBLE, HZ), HZ);
	KUNIT_EXPECT_EQ(test, wait.flags & EDU_WQ_FLAG_WOKEN, 0);
	KUNIT_EXPECT_EQ(test, edu_wait_woken(&wait, TASK_UNINTERRUPTIBLE, 2), 0);
	edu_remove_wait(&head, &wait);
}

static void queue_prepare(struct kunit *test)
{
	struct edu_wait wait;

	edu_wait_init(&wait, edu_autoremove_wake);
	edu_prepare_to_wait(&head, &wait, TASK_INTERRUPTIBLE, true);
	/* Again, as in a loop: it is in the list once. */
	edu_prepare_to_wait(&head, &wait, TASK_INTERRUPTIBLE, true);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&head.head), 1);
	/* The wake-up finds the state, and takes it off the list. */
	edu_wake_up(&head);
	KUNIT_EXPECT_EQ(test, READ_ONCE(current->__state), TASK_RUNNING);
	KUNIT_EXPECT_TRUE(test, list_empty(&head.head));
	edu_finish_wait(&head, &wait);
	/* Nobody woke: finish does it. */
	edu_prepare_to_wait(&head, &wait, TASK_INTERRUPTIBLE, false);
	edu_finish_wait(&head, &wait);
	KUNIT_EXPECT_TRUE(test, list_empty(&head.head));
	edu_wait_event(&head, true);
	KUNIT_EXPECT_TRUE(test, list_empty(&head.head));
}

static struct edu_completion x;

static int completer(void *unused)
{
	msleep(20);
	edu_complete(&x);
	return 0;
}

static void queue_completion(struct kunit *test)
{
	unsigned int i;

	edu_init_completion(&x);
	KUNIT_EXPECT_FALSE(test, edu_completion_done(&x));
	KUNIT_EXPECT_FALSE(test, edu_try_wait_for_completion(&x));
	KUNIT_EXPECT_EQ(test, edu_wait_for_completion_timeout(&x, 2), 0);
	/* So many completes, so many waits. */
	for (i = 0; i < 3; i++)
		edu_complete(&x);
	for (i = 0; i < 3; i++)
		edu_wait_for_completion(&x);
	KUNIT_EXPECT_FALSE(test, edu_completion_done(&x));
	/* For good, until it is made anew. */
	edu_complete_all(&x);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, edu_wait_for_completion_interruptible(&x), 0);
	KUNIT_EXPECT_TRUE(test, edu_completion_done(&x));
	edu_complete(&x);
	KUNIT_EXPECT_EQ(test, edu_wait_for_completion_killable(&x), 0);
	edu_reinit_completion(&x);
	KUNIT_EXPECT_FALSE(test, edu_completion_done(&x));
	/* And with a sleep. */
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(completer, NULL, "edu-complete")));
	KUNIT_EXPECT_GE(test, edu_wait_for_completion_timeout(&x, 10 * HZ), 1);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(queue_exclusive),
	KUNIT_CASE(queue_woken),
	KUNIT_CASE(queue_prepare),
	KUNIT_CASE(queue_completion),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "irqdemo_wait",
	.init = wait_setup,
	.test_cases = wait_cases,
};

kunit_test_suite(wait_suite);
