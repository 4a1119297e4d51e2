/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LPCHAR_NIBBLE_H
#define _LPCHAR_NIBBLE_H

#include <linux/types.h>

struct wires;

int nibble_negotiate(struct wires *w, void (*wait_us)(unsigned long us));
unsigned int nibble_read(struct wires *w, u8 *to, unsigned int max,
			 void (*wait_us)(unsigned long us));
void nibble_terminate(struct wires *w, void (*wait_us)(unsigned long us));

#endif /* _LPCHAR_NIBBLE_H */
