// SPDX-License-Identifier: GPL-2.0
/*
 * The number that a name is filed under in an indexed directory.
 *
 * The rules, in the order they apply:
 *  1. The seed of the superblock, if any of its words is set, takes the place
 *     of MD4's initial state, so that a stranger cannot make names collide.
 *  2. The name is cut into pieces of 32 bytes (half-MD4) or 16 (TEA), the last
 *     one filled with its own length, and each piece is mixed into the state.
 *     Legacy mixes byte by byte and takes no seed.
 *  3. Bytes above 127 count as negative or positive by what `char` was where
 *     the image was made: the superblock says which; the kinds differ by 3.
 *  4. The lowest bit is cleared: the index uses it to say "this hash goes on
 *     in the next leaf". The highest value left is the end mark of a readdir,
 *     so it is lowered by one step.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "dirhash.h"

static u32 byte_of(const char *name, size_t i, bool is_unsigned)
{
	return is_unsigned ? (u32)(u8)name[i] : (u32)(int)(s8)name[i];
}

/* Pack a piece of the name into words, the rest filled with the length. */
static void pack(const char *name, size_t len, u32 *out, int words, bool is_unsigned)
{
	u32 pad = (u32)len | (u32)len << 8;
	size_t i, take = min_t(size_t, len, words * 4);
	u32 val;

	pad |= pad << 16;
	val = pad;
	for (i = 0; i < take; i++) {
		val = byte_of(name, i, is_unsigned) + (val << 8);
		if (i % 4 == 3) {
			*out++ = val;
			val = pad;
			words--;
		}
	}
	if (words-- > 0)
		*out++ = val;
	while (words-- > 0)
		*out++ = pad;
}

static u32 legacy(const char *name, size_t len, bool is_unsigned)
{
	u32 hash, before = 0x12a3fe2d, older = 0x37abe8f9;
	size_t i;

	for (i = 0; i < len; i++) {
		hash = older + (before ^ (byte_of(name, i, is_unsigned) * 7152373));
		if (hash & 0x80000000)
			hash -= 0x7fffffff;
		older = before;
		before = hash;
	}
	return before << 1;
}

static void tea_mix(u32 buf[4], const u32 in[4])
{
	u32 x = buf[0], y = buf[1], sum = 0;
	int round;

	for (round = 0; round < 16; round++) {
		sum += 0x9E3779B9;
		x += ((y << 4) + in[0]) ^ (y + sum) ^ ((y >> 5) + in[1]);
		y += ((x << 4) + in[2]) ^ (x + sum) ^ ((x >> 5) + in[3]);
	}
	buf[0] += x;
	buf[1] += y;
}

/* Three of MD4's rounds, each with half of its steps. */
static void half_md4_mix(u32 buf[4], const u32 in[8])
{
	static const u8 order[3][8] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7 },
		{ 1, 3, 5, 7, 0, 2, 4, 6 },
		{ 3, 7, 2, 6, 1, 5, 0, 4 },
	};
	static const u8 shift[3][4] = {
		{ 3, 7, 11, 19 }, { 3, 5, 9, 13 }, { 3, 9, 11, 15 },
	};
	static const u32 constant[3] = { 0, 0x5A827999, 0x6ED9EBA1 };
	u32 s[4] = { buf[0], buf[1], buf[2], buf[3] };
	int round, step, i;

	for (round = 0; round < 3; round++) {
		for (step = 0; step < 8; step++) {
			/* The word that changes runs a, d, c, b, a, ... */
			int at = -step & 3;
			u32 x = s[(at + 1) & 3], y = s[(at + 2) & 3];
			u32 z = s[(at + 3) & 3], f;

			if (round == 0)
				f = z ^ (x & (y ^ z));
			else if (round == 1)
				f = (x & y) + ((x ^ y) & z);
			else
				f = x ^ y ^ z;
			s[at] = rol32(s[at] + f + in[order[round][step]] +
				      constant[round], shift[round][step & 3]);
		}
	}
	for (i = 0; i < 4; i++)
		buf[i] += s[i];
}

/**
 * dirhash - the hash of a name
 * @name: the name, not terminated
 * @len: its bytes, 0 to 255
 * @version: enum edufs_hash
 * @seed: the superblock's s_hash_seed in the CPU's order
 * @hash: the result; its lowest bit is 0
 *
 * Return: 0, or -EINVAL for a version that does not exist.
 */
int dirhash(const char *name, size_t len, unsigned int version,
	    const u32 seed[4], u32 *hash)
{
	u32 buf[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	bool is_unsigned = version >= EDUFS_HASH_LEGACY_UNSIGNED;
	u32 in[8];
	size_t at;

	if (version >= EDUFS_HASH_KINDS)
		return -EINVAL;
	if (seed[0] | seed[1] | seed[2] | seed[3])
		memcpy(buf, seed, sizeof(buf));

	switch (version % 3) {
	case EDUFS_HASH_LEGACY:
		*hash = legacy(name, len, is_unsigned);
		break;
	case EDUFS_HASH_HALF_MD4:
		for (at = 0; at < len; at += 32) {
			pack(name + at, len - at, in, 8, is_unsigned);
			half_md4_mix(buf, in);
		}
		*hash = buf[1];
		break;
	case EDUFS_HASH_TEA:
		for (at = 0; at < len; at += 16) {
			pack(name + at, len - at, in, 4, is_unsigned);
			tea_mix(buf, in);
		}
		*hash = buf[0];
		break;
	}
	*hash &= ~1U;
	if (*hash == 0xfffffffe)
		*hash = 0xfffffffc;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(dirhash);
