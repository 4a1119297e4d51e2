/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LPCHAR_RING_H
#define _LPCHAR_RING_H

#include <linux/types.h>

/**
 * struct ring - bytes that wait for the printer
 * @buffer: @size bytes
 * @size: a power of two
 * @head: bytes ever put in; written by the producer only
 * @tail: bytes ever taken out; written by the consumer only
 */
struct ring {
	u8 *buffer;
	u32 size;
	u32 head;
	u32 tail;
};

u32 ring_used(const struct ring *ring);
u32 ring_space(const struct ring *ring);
u32 ring_put(struct ring *ring, const u8 *from, u32 nr);
bool ring_peek(const struct ring *ring, u8 *byte);
void ring_drop(struct ring *ring);
u32 ring_take_back(struct ring *ring, u32 nr);

#endif /* _LPCHAR_RING_H */
