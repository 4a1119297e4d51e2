// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/lpchar/sim.c, and of nibble.c against it, with a clock that
 * stands still unless a test moves it.
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/lp.h>

#include "handshake.h"
#include "nibble.h"
#include "sim.h"
#include "wires.h"

static struct sim sim;
static u8 paper[64];
static u64 clock;

static u8 test_status(void *hw)
{
	return sim_read_status(&sim, clock);
}

static void test_data(void *hw, u8 value)
{
	sim_write_data(&sim, value, clock);
}

static void test_control(void *hw, u8 value)
{
	sim_write_control(&sim, value, clock);
}

static void test_wait(unsigned long us)
{
	clock += us * 1000;
}

static const struct wires_ops test_ops = {
	.name		= "test",
	.read_status	= test_status,
	.write_data	= test_data,
	.write_control	= test_control,
};

static struct wires w;

static int sim_test_init(struct kunit *test)
{
	clock = 1000000;
	sim_init(&sim, paper, sizeof(paper));
	sim.byte_ns = 1000;
	sim.ack_ns = 100;
	w = (struct wires){ .ops = &test_ops };
	return 0;
}

static void sim_takes_a_byte(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	handshake_strobe(&w, 'x', true);
	KUNIT_EXPECT_EQ(test, 1, sim.printed);
	KUNIT_EXPECT_EQ(test, 'x', paper[0]);
	KUNIT_EXPECT_FALSE(test, handshake_poll(&w, 3));
	KUNIT_EXPECT_EQ(test, clock + 1000, sim_next(&sim));
	clock += 1000;
	wires_status(&w);
	KUNIT_EXPECT_EQ(test, 0, w.status & (LP_PBUSY | LP_PACK));
	KUNIT_EXPECT_FALSE(test, sim.acked);
	clock += 100;
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	KUNIT_EXPECT_TRUE(test, sim.acked);
	KUNIT_EXPECT_EQ(test, 0, sim_next(&sim));
}

static void sim_needs_inten(struct kunit *test)
{
	handshake_strobe(&w, 'x', false);
	clock += 5000;
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	KUNIT_EXPECT_FALSE(test, sim.acked);
}

static void sim_loses_what_comes_too_soon(struct kunit *test)
{
	handshake_strobe(&w, 'x', false);
	handshake_strobe(&w, 'y', false);
	KUNIT_EXPECT_EQ(test, 1, sim.printed);
	KUNIT_EXPECT_EQ(test, 1, sim.lost);
	clock += 5000;
	handshake_strobe(&w, 'z', false);
	KUNIT_EXPECT_EQ(test, 2, sim.printed);
	KUNIT_EXPECT_EQ(test, ~crc32_le(~0, "xz", 2), sim.crc);
}

static void sim_drops_an_acknowledge(struct kunit *test)
{
	sim.drop_acks = 1;
	handshake_strobe(&w, 'x', true);
	clock += 1000;
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	KUNIT_EXPECT_FALSE(test, sim.acked);
	handshake_strobe(&w, 'y', true);
	clock += 1100;
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	KUNIT_EXPECT_TRUE(test, sim.acked);
}

static void sim_faults(struct kunit *test)
{
	static const int want[SIM_FAULTS] = {
		[SIM_PAPER] = -ENOSPC, [SIM_OFFLINE] = -EIO, [SIM_ERROR] = -EIO,
	};
	int i;

	for (i = 1; i < SIM_FAULTS; i++) {
		sim_set_fault(&sim, i, clock);
		KUNIT_EXPECT_FALSE(test, handshake_poll(&w, 3));
		KUNIT_EXPECT_EQ_MSG(test, want[i],
				    handshake_error(handshake_trouble(w.status, false)),
				    "fault %s", sim_fault_names[i]);
		wires_control(&w, CTRL_IDLE | CTRL_INTEN);
		sim.acked = false;
		sim_set_fault(&sim, SIM_NO_FAULT, clock);
		clock += 100;
		KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
		KUNIT_EXPECT_TRUE(test, sim.acked);
	}
}

static void sim_is_reset(struct kunit *test)
{
	handshake_strobe(&w, 'x', false);
	handshake_reset(&w, test_wait);
	KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
}

static void sim_sends_nibbles(struct kunit *test)
{
	u8 in[8], out[256];
	int i;

	KUNIT_ASSERT_EQ(test, 0, nibble_negotiate(&w, test_wait));
	KUNIT_EXPECT_EQ(test, 0, nibble_read(&w, in, sizeof(in), test_wait));
	nibble_terminate(&w, test_wait);
	KUNIT_EXPECT_EQ(test, SIM_COMPAT, sim.mode);
	for (i = 0; i < 256; i++)
		out[i] = i;
	KUNIT_EXPECT_EQ(test, 256, sim_say(&sim, out, 256));
	KUNIT_EXPECT_EQ(test, 0, sim_say(&sim, out, 1));
	for (i = 0; i < 256; i += 8) {
		KUNIT_ASSERT_EQ(test, 0, nibble_negotiate(&w, test_wait));
		KUNIT_ASSERT_EQ(test, 8, nibble_read(&w, in, 8, test_wait));
		KUNIT_EXPECT_MEMEQ(test, in, out + i, 8);
		nibble_terminate(&w, test_wait);
		/* And forward data in between. */
		handshake_strobe(&w, 'f', false);
		clock += 2000;
		KUNIT_EXPECT_TRUE(test, handshake_poll(&w, 1));
	}
	KUNIT_EXPECT_EQ(test, 32, sim.printed);
	KUNIT_EXPECT_EQ(test, 0, sim.lost);
}

/* A printer that knows nothing of IEEE 1284. */
static u8 old_status(void *hw)
{
	return LP_PBUSY | LP_PACK | LP_PSELECD | LP_PERRORP;
}

static void nibble_old_printer(struct kunit *test)
{
	static const struct wires_ops old_ops = {
		.read_status	= old_status,
		.write_data	= test_data,
		.write_control	= test_control,
	};
	struct wires old = { .ops = &old_ops };
	u64 start = clock;

	KUNIT_EXPECT_EQ(test, -EIO, nibble_negotiate(&old, test_wait));
	KUNIT_EXPECT_EQ(test, CTRL_IDLE, old.control);
	KUNIT_EXPECT_EQ(test, 35000000, clock - start);
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE(sim_takes_a_byte),
	KUNIT_CASE(sim_needs_inten),
	KUNIT_CASE(sim_loses_what_comes_too_soon),
	KUNIT_CASE(sim_drops_an_acknowledge),
	KUNIT_CASE(sim_faults),
	KUNIT_CASE(sim_is_reset),
	KUNIT_CASE(sim_sends_nibbles),
	KUNIT_CASE(nibble_old_printer),
	{}
};

static struct kunit_suite sim_suite = {
	.name = "lpchar_sim",
	.init = sim_test_init,
	.test_cases = sim_cases,
};

kunit_test_suite(sim_suite);
