// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/lpchar/handshake.c on a fake port. The fake notes every
 * access as a character, and answers status reads from a script.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/limits.h>

#include "handshake.h"
#include "wires.h"

#define READY	(LP_PBUSY | LP_PACK | LP_PSELECD | LP_PERRORP)

struct fake {
	char log[64];
	unsigned int logged;
	const u8 *script;	/* ends with 0, which is then repeated */
	unsigned int us;
};

static struct fake *fake_of_wait;

static void fake_log(struct fake *fake, char c)
{
	if (fake->logged < sizeof(fake->log) - 1)
		fake->log[fake->logged++] = c;
}

static u8 fake_status(void *hw)
{
	struct fake *fake = hw;

	fake_log(fake, '?');
	return *fake->script ? *fake->script++ : 0;
}

static void fake_data(void *hw, u8 value)
{
	fake_log(hw, value);
}

static void fake_control(void *hw, u8 value)
{
	/* Idle 0x0c is 'L', with strobe 'M', interrupt '\\', both ']'. */
	fake_log(hw, '@' + value);
}

static void fake_settle(void *hw)
{
	fake_log(hw, '.');
}

static void fake_wait(unsigned long us)
{
	fake_of_wait->us += us;
	fake_log(fake_of_wait, '~');
}

static const struct wires_ops fake_ops = {
	.name		= "fake",
	.read_status	= fake_status,
	.write_data	= fake_data,
	.write_control	= fake_control,
	.settle		= fake_settle,
};

static void handshake_order(struct kunit *test)
{
	struct fake fake = {};
	struct wires w = { .ops = &fake_ops, .hw = &fake };

	handshake_strobe(&w, 'a', false);
	KUNIT_EXPECT_STREQ(test, "a.M.L.", fake.log);
	handshake_strobe(&w, 'b', true);
	KUNIT_EXPECT_STREQ(test, "a.M.L.b.].\\.", fake.log);
	KUNIT_EXPECT_EQ(test, 'b', w.data);
	KUNIT_EXPECT_EQ(test, CTRL_IDLE | CTRL_INTEN, w.control);
}

/* What QEMU's port answers after a strobe, as measured. */
static void handshake_qemu(struct kunit *test)
{
	static const u8 script[] = { 0x58, 0x18, 0xd8, 0 };
	struct fake fake = { .script = script };
	struct wires w = { .ops = &fake_ops, .hw = &fake };

	KUNIT_EXPECT_FALSE(test, handshake_poll(&w, 2));
	KUNIT_EXPECT_EQ(test, 2, w.reads);
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 5));
	KUNIT_EXPECT_EQ(test, 3, w.reads);
	KUNIT_EXPECT_EQ(test, 0xd8, w.status);
	KUNIT_EXPECT_FALSE(test, handshake_poll(&w, 4));
	KUNIT_EXPECT_EQ(test, 7, w.reads);
}

/* lp_check_status(), stated again as a table for all 32 states of the wires. */
static void handshake_troubles(struct kunit *test)
{
	int i;

	for (i = 0; i < 64; i++) {
		u8 status = (i & 31) << 3;
		bool careful = i & 32;
		int want = 0;

		if (!(status & LP_PERRORP) || careful) {
			if (status & LP_POUTPA)
				want = -ENOSPC;
			else if (!(status & LP_PSELECD) || !(status & LP_PERRORP))
				want = -EIO;
		}
		KUNIT_EXPECT_EQ_MSG(test, want,
				    handshake_error(handshake_trouble(status, careful)),
				    "status 0x%02x careful %d", status, careful);
	}
	KUNIT_EXPECT_EQ(test, LP_POUTPA,
			handshake_trouble(LP_POUTPA, false));
	KUNIT_EXPECT_EQ(test, LP_PSELECD, handshake_trouble(0, false));
	KUNIT_EXPECT_EQ(test, LP_PERRORP, handshake_trouble(LP_PSELECD, false));
	KUNIT_EXPECT_TRUE(test, handshake_ready(0xd8));
	KUNIT_EXPECT_FALSE(test, handshake_ready(0x58));
	KUNIT_EXPECT_FALSE(test, handshake_ready(LP_PBUSY));
}

static void handshake_resets(struct kunit *test)
{
	struct fake fake = {};
	struct wires w = { .ops = &fake_ops, .hw = &fake };

	fake_of_wait = &fake;
	handshake_reset(&w, fake_wait);
	KUNIT_EXPECT_STREQ(test, "H~L", fake.log);
	KUNIT_EXPECT_EQ(test, 50, fake.us);
}

static void handshake_timeouts(struct kunit *test)
{
	static const struct {
		s64 sec, usec;
		int err;
		long jiffies;
	} rows[] = {
		{ 0, 0, -EINVAL },
		{ -1, 5, -EINVAL },
		{ 5, -1, -EINVAL },
		{ 10, 0, 0, 10 * HZ },
		{ 0, 1, 0, 1 },
		{ 1, 5000000, 0, 2 * HZ },
		{ S64_MAX, 0, 0, MAX_JIFFY_OFFSET },
		{ 0, S64_MAX, 0, HZ },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		long jiffies = -7;

		KUNIT_EXPECT_EQ_MSG(test, rows[i].err,
				    handshake_timeout(rows[i].sec, rows[i].usec,
						      &jiffies), "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].err ? -7 : rows[i].jiffies,
				    jiffies, "row %d", i);
	}
}

static struct kunit_case handshake_cases[] = {
	KUNIT_CASE(handshake_order),
	KUNIT_CASE(handshake_qemu),
	KUNIT_CASE(handshake_troubles),
	KUNIT_CASE(handshake_resets),
	KUNIT_CASE(handshake_timeouts),
	{}
};

static struct kunit_suite handshake_suite = {
	.name = "lpchar_handshake",
	.test_cases = handshake_cases,
};

kunit_test_suite(handshake_suite);
