// SPDX-License-Identifier: GPL-2.0
/*
 * Suite of modules/edufs/dirhash.c. The golden values were printed by
 * e2fsprogs: debugfs -R 'dx_hash -h HASH [-s SEED] NAME'.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "dirhash.h"

static const char long_name[] =
	"a-rather-long-name-that-needs-more-than-one-half-md4-round-of-32-bytes.txt";

static const struct {
	const char *name;
	u32 legacy, half_md4, half_md4_seeded, tea;
} rows[] = {
	{ "a", 0xe74b53e2, 0xd5fa7d7a, 0x35dc0cc4, 0x6d0ea4c0 },
	{ "hello", 0x32252546, 0x1746da32, 0xa26e4a80, 0x6f5bb1a8 },
	{ "lost+found", 0x5e2aba24, 0x591de422, 0x663bdc72, 0x2dbf9e80 },
	{ long_name, 0x479942a6, 0xaf6cf2ba, 0xbead01e0, 0x4a8012ea },
	{ "caf\xc3\xa9", 0x96ca5a2c, 0xfb9c5e5c, 0xd6b4ad14, 0x105842ea },
};

static const u32 no_seed[4];
/* The UUID 01234567-89ab-cdef-0123-456789abcdef as four words. */
static const u32 seed[4] = { 0x67452301, 0xefcdab89, 0x67452301, 0xefcdab89 };

static u32 hash_of(struct kunit *test, const char *name, unsigned int version,
		   const u32 *with)
{
	u32 hash = 1;

	KUNIT_ASSERT_EQ(test, 0, dirhash(name, strlen(name), version, with, &hash));
	return hash;
}

static void dirhash_golden(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = rows[i].name;

		KUNIT_EXPECT_EQ_MSG(test, rows[i].legacy,
				    hash_of(test, name, EDUFS_HASH_LEGACY, no_seed),
				    "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].half_md4,
				    hash_of(test, name, EDUFS_HASH_HALF_MD4, no_seed),
				    "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].half_md4_seeded,
				    hash_of(test, name, EDUFS_HASH_HALF_MD4, seed),
				    "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].tea,
				    hash_of(test, name, EDUFS_HASH_TEA, no_seed),
				    "%s", name);
	}
}

/* The kinds differ only where a byte is above 127. */
static void dirhash_signs(struct kunit *test)
{
	int kind;

	for (kind = 0; kind < 3; kind++) {
		KUNIT_EXPECT_EQ(test, hash_of(test, long_name, kind, seed),
				hash_of(test, long_name, kind + 3, seed));
		KUNIT_EXPECT_NE(test, hash_of(test, "caf\xc3\xa9", kind, seed),
				hash_of(test, "caf\xc3\xa9", kind + 3, seed));
	}
}

static void dirhash_unknown(struct kunit *test)
{
	u32 hash;

	KUNIT_EXPECT_EQ(test, -EINVAL, dirhash("a", 1, EDUFS_HASH_KINDS, seed, &hash));
}

static struct kunit_case dirhash_cases[] = {
	KUNIT_CASE(dirhash_golden),
	KUNIT_CASE(dirhash_signs),
	KUNIT_CASE(dirhash_unknown),
	{}
};

static struct kunit_suite dirhash_suite = {
	.name = "edufs_dirhash",
	.test_cases = dirhash_cases,
};

kunit_test_suite(dirhash_suite);
