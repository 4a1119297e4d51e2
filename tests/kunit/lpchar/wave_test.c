// SPDX-License-Identifier: GPL-2.0
/* Suite of modules/lpchar/wave.c: which steps are kept, and the picture. */
#include <kunit/test.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "wave.h"
#include "wires.h"

static void wave_keeps_the_last(struct kunit *test)
{
	struct wave *wave = kunit_kzalloc(test, sizeof(*wave), GFP_KERNEL);
	struct lpchar_event got[4];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, wave);
	KUNIT_EXPECT_EQ(test, 0, wave_copy(wave, got, 4));
	wave_record(wave, 'd', 1, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, wave_copy(wave, got, 4));
	wave->on = true;
	wave_record(wave, 'd', 9, 0, 0);
	KUNIT_EXPECT_EQ(test, 1, wave_copy(wave, got, 4));
	for (i = 0; i < WAVE_EVENTS + 3; i++)
		wave_record(wave, 'd', i, 0, 0);
	KUNIT_ASSERT_EQ(test, 4, wave_copy(wave, got, 4));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, (u8)(WAVE_EVENTS - 1 + i), got[i].data);
}

/* One byte, as the handshake makes it, with QEMU's answers. */
static void wave_picture(struct kunit *test)
{
	static const struct lpchar_event events[] = {
		{ 1000, 's', 0x00, 0x0c, 0xd8 },
		{ 2000, 'd', 0x41, 0x0c, 0xd8 },
		{ 3000, 'c', 0x41, 0x0d, 0xd8 },
		{ 4000, 'c', 0x41, 0x1c, 0xd8 },
		{ 5000, 's', 0x41, 0x1c, 0x58 },
		{ 6000, 's', 0x41, 0x1c, 0x18 },
		{ 7000, 's', 0x41, 0x1c, 0xd8 },
	};
	static const char want[] =
		"    DATA  41....\n"
		" nSTROBE ##_####\n"
		"    BUSY ____##_\n"
		"    nACK #####_#\n"
		"  PERROR _______\n"
		"  SELECT #######\n"
		"  nFAULT #######\n"
		"   INTEN ___####\n"
		"  access sdccsss\n"
		"      us 0 2 4 6\x20\n"
		"\n";
	struct seq_file m = { .size = 1024 };

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	wave_draw(&m, events, ARRAY_SIZE(events));
	KUNIT_EXPECT_STREQ(test, want, m.buf);
}

static struct kunit_case wave_cases[] = {
	KUNIT_CASE(wave_keeps_the_last),
	KUNIT_CASE(wave_picture),
	{}
};

static struct kunit_suite wave_suite = {
	.name = "lpchar_wave",
	.test_cases = wave_cases,
};

kunit_test_suite(wave_suite);
