/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _EDUFS_BITMAP_H
#define _EDUFS_BITMAP_H

#include <linux/types.h>

unsigned int bits_run(const void *map, unsigned int at, unsigned int bits);
unsigned int bits_find(const void *map, unsigned int from, unsigned int bits,
		       unsigned int want, unsigned int *at);
unsigned int bits_free(const void *map, unsigned int bits);
void bits_change(void *map, unsigned int at, unsigned int count, bool set);
bool bits_is(const void *map, unsigned int at, unsigned int count, bool set);
void bits_pad(void *map, unsigned int bits, unsigned int size);

#endif /* _EDUFS_BITMAP_H */
