// SPDX-License-Identifier: GPL-2.0
/*
 * A group's bitmap: 1 is used, 0 is free, bit 0 the lowest of byte 0.
 *
 * The rule of the search: the first run of free bits, from a place on, that is
 * as long as wanted; if there is none, the longest there is. Follows "memory,
 * files", 16.3 (the search for a zero bit), which knows only the run of one.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "bitmap.h"

/**
 * bits_run - how many bits from a place on are free
 * @map: the bitmap
 * @at: the place
 * @bits: bits in the map
 */
unsigned int bits_run(const void *map, unsigned int at, unsigned int bits)
{
	return at < bits ? find_next_bit_le(map, bits, at) - at : 0;
}
EXPORT_SYMBOL_IF_KUNIT(bits_run);

/**
 * bits_find - find a run of free bits
 * @map: the bitmap
 * @from: where to begin
 * @bits: bits in the map
 * @want: how long a run is wanted, at least 1
 * @at: set to where the run begins, if there is one
 *
 * Return: the length of the run found, at most @want; 0 if nothing is free
 * from @from on.
 */
unsigned int bits_find(const void *map, unsigned int from, unsigned int bits,
		       unsigned int want, unsigned int *at)
{
	unsigned int best = 0;

	while (from < bits) {
		unsigned int start = find_next_zero_bit_le(map, bits, from), run;

		if (start >= bits)
			break;
		run = bits_run(map, start, min(bits, start + want));
		if (run > best) {
			best = run;
			*at = start;
			if (best == want)
				break;
		}
		from = start + run;
	}
	return best;
}
EXPORT_SYMBOL_IF_KUNIT(bits_find);

/**
 * bits_free - count the free bits
 * @map: the bitmap
 * @bits: bits in the map
 */
unsigned int bits_free(const void *map, unsigned int bits)
{
	const u8 *p = map;
	unsigned int used = 0, i;

	for (i = 0; i < bits / 8; i++)
		used += hweight8(p[i]);
	if (bits % 8)
		used += hweight8(p[i] & ((1 << bits % 8) - 1));
	return bits - used;
}
EXPORT_SYMBOL_IF_KUNIT(bits_free);

/**
 * bits_change - mark a run used or free
 * @map: the bitmap
 * @at: its first bit
 * @count: its length
 * @set: true for used
 */
void bits_change(void *map, unsigned int at, unsigned int count, bool set)
{
	for (; count; at++, count--) {
		if (set)
			__set_bit_le(at, map);
		else
			__clear_bit_le(at, map);
	}
}
EXPORT_SYMBOL_IF_KUNIT(bits_change);

/**
 * bits_is - is a whole run used, or free?
 * @map: the bitmap
 * @at: its first bit
 * @count: its length
 * @set: true to ask for used
 */
bool bits_is(const void *map, unsigned int at, unsigned int count, bool set)
{
	unsigned int end = at + count;

	return (set ? find_next_zero_bit_le(map, end, at) :
		find_next_bit_le(map, end, at)) >= end;
}
EXPORT_SYMBOL_IF_KUNIT(bits_is);

/**
 * bits_pad - mark what lies behind a group's last bit as used
 * @map: the bitmap's block
 * @bits: bits that mean something
 * @size: bytes of the block
 */
void bits_pad(void *map, unsigned int bits, unsigned int size)
{
	unsigned int end = min(round_up(bits, 8), size * 8);

	bits_change(map, bits, end - bits, true);
	memset(map + end / 8, 0xff, size - end / 8);
}
EXPORT_SYMBOL_IF_KUNIT(bits_pad);
