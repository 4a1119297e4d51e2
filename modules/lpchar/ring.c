// SPDX-License-Identifier: GPL-2.0
/*
 * The ring buffer between writers and the interrupt.
 *
 * One producer (a writer, which holds the port's mutex) and one consumer (who
 * pushes bytes, holding the port's spinlock) use it without a common lock:
 *  1. head and tail count bytes and are never reduced modulo the size, so full
 *     and empty differ, and both wrap at 2^32 together;
 *  2. the producer stores its bytes, then releases head; the consumer acquires
 *     head, then reads bytes. Likewise with tail for the room;
 *  3. taking back moves head backwards. That is the one step that both must
 *     agree on, so it wants the mutex and the spinlock.
 *
 * The kernel's kfifo has rules 1 and 2, but no rule 3, which an aborted write
 * needs to tell its caller exactly what the printer has.
 */
#include <asm/barrier.h>
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "ring.h"

/**
 * ring_used - how many bytes wait
 * @ring: the ring
 *
 * Context: any. For anyone but the two sides the answer is a snapshot.
 * Return: 0 to @ring->size.
 */
u32 ring_used(const struct ring *ring)
{
	/* Tail first: head may have moved on, but never lies behind it. */
	u32 tail = smp_load_acquire(&ring->tail);
	/* After tail, whose load is an acquire. */
	u32 used = smp_load_acquire(&ring->head) - tail;

	return min(used, ring->size);
}
EXPORT_SYMBOL_IF_KUNIT(ring_used);

/**
 * ring_space - how many bytes have room
 * @ring: the ring
 *
 * Context: as ring_used().
 * Return: 0 to @ring->size.
 */
u32 ring_space(const struct ring *ring)
{
	return ring->size - ring_used(ring);
}
EXPORT_SYMBOL_IF_KUNIT(ring_space);

/**
 * ring_put - add bytes at the end
 * @ring: the ring
 * @from: the bytes
 * @nr: how many
 *
 * Context: the producer.
 * Return: how many had room.
 */
u32 ring_put(struct ring *ring, const u8 *from, u32 nr)
{
	u32 head = ring->head, at = head & (ring->size - 1), first;

	/* The consumer has read what it gave back: pairs with ring_drop(). */
	nr = min(nr, ring->size - (head - smp_load_acquire(&ring->tail)));
	first = min(nr, ring->size - at);
	memcpy(ring->buffer + at, from, first);
	memcpy(ring->buffer, from + first, nr - first);
	/* The bytes first: pairs with ring_peek(). */
	smp_store_release(&ring->head, head + nr);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(ring_put);

/**
 * ring_peek - see the oldest byte
 * @ring: the ring
 * @byte: set to it
 *
 * Context: the consumer.
 * Return: false if the ring is empty.
 */
bool ring_peek(const struct ring *ring, u8 *byte)
{
	/* The bytes are there once head says so: pairs with ring_put(). */
	if (smp_load_acquire(&ring->head) == ring->tail)
		return false;
	*byte = ring->buffer[ring->tail & (ring->size - 1)];
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(ring_peek);

/**
 * ring_drop - forget the oldest byte, which ring_peek() has shown
 * @ring: the ring
 *
 * Context: the consumer.
 */
void ring_drop(struct ring *ring)
{
	/* The byte has been read: pairs with ring_put()'s look at tail. */
	smp_store_release(&ring->tail, ring->tail + 1);
}
EXPORT_SYMBOL_IF_KUNIT(ring_drop);

/**
 * ring_take_back - withdraw the newest bytes
 * @ring: the ring
 * @nr: at most how many
 *
 * Context: producer and consumer at once.
 * Return: how many were still there to withdraw.
 */
u32 ring_take_back(struct ring *ring, u32 nr)
{
	nr = min(nr, ring_used(ring));
	/* Nobody else is there; a snapshot elsewhere wants a whole value. */
	smp_store_release(&ring->head, ring->head - nr);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(ring_take_back);
