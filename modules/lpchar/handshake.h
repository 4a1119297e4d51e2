/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LPCHAR_HANDSHAKE_H
#define _LPCHAR_HANDSHAKE_H

#include <linux/lp.h>
#include <linux/types.h>

struct wires;

u8 handshake_trouble(u8 status, bool careful);
int handshake_error(u8 trouble);
bool handshake_ready(u8 status);
bool handshake_poll(struct wires *w, unsigned int reads);
void handshake_strobe(struct wires *w, u8 byte, bool inten);
void handshake_reset(struct wires *w, void (*wait_us)(unsigned long us));
int handshake_timeout(s64 sec, s64 usec, long *to_jiffies);

#endif /* _LPCHAR_HANDSHAKE_H */
