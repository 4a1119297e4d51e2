// SPDX-License-Identifier: GPL-2.0
/*
 * The Centronics handshake: how one byte reaches the printer.
 *
 * In order (IEEE 1284 compatibility mode, the way of the kernel's
 * parport_ieee1284_write_compat()):
 *  1. wait until the printer is ready: BUSY low (bit set) and nFAULT high;
 *  2. put the byte on the data wires, let them settle;
 *  3. pull nSTROBE low (set the bit), hold it, let it go, hold the data;
 *  4. the printer raises BUSY, and when it has taken the byte pulses nACK,
 *     whose end raises the port's interrupt if INTEN is set.
 * A printer that is not ready may be in trouble. The order in which trouble is
 * looked for, and what it is called, is lp's:
 *  paper out: ENOSPC; not selected (off line): EIO; fault ("on fire"): EIO.
 * Unless LP_CAREFUL is set, a printer whose nFAULT is high has no trouble,
 * whatever the other wires say.
 *
 * Where it differs: lp waits 1 us in each of the three intervals of step 2 and
 * 3. The standard asks for 500 ns; the wires' settle() decides.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "handshake.h"
#include "wires.h"

/**
 * handshake_trouble - what is wrong with a printer
 * @status: its status register
 * @careful: LP_CAREFUL is set
 *
 * Return: 0, or the one bit %LP_POUTPA, %LP_PSELECD or %LP_PERRORP, the first
 * that applies in lp's order.
 */
u8 handshake_trouble(u8 status, bool careful)
{
	if ((status & LP_PERRORP) && !careful)
		return 0;
	if (status & LP_POUTPA)
		return LP_POUTPA;
	if (!(status & LP_PSELECD))
		return LP_PSELECD;
	if (!(status & LP_PERRORP))
		return LP_PERRORP;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(handshake_trouble);

/**
 * handshake_error - the errno of a trouble
 * @trouble: as returned by handshake_trouble()
 *
 * Return: 0, -ENOSPC (paper out) or -EIO.
 */
int handshake_error(u8 trouble)
{
	if (!trouble)
		return 0;
	return trouble == LP_POUTPA ? -ENOSPC : -EIO;
}
EXPORT_SYMBOL_IF_KUNIT(handshake_error);

/**
 * handshake_ready - may the next byte be strobed?
 * @status: the printer's status register
 */
bool handshake_ready(u8 status)
{
	return (status & (LP_PBUSY | LP_PERRORP)) == (LP_PBUSY | LP_PERRORP);
}
EXPORT_SYMBOL_IF_KUNIT(handshake_ready);

/**
 * handshake_poll - look a few times whether the printer is ready
 * @w: the port
 * @reads: at most how often, at least 1
 *
 * Return: whether it is.
 */
bool handshake_poll(struct wires *w, unsigned int reads)
{
	do {
		if (handshake_ready(wires_status(w)))
			return true;
	} while (--reads);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(handshake_poll);

/**
 * handshake_strobe - give a ready printer one byte
 * @w: the port
 * @byte: the byte
 * @inten: let the acknowledge of this byte raise an interrupt
 *
 * INTEN is set or cleared together with the leading edge of the strobe: a port
 * as QEMU's raises its line on any other write while the old value had INTEN.
 */
void handshake_strobe(struct wires *w, u8 byte, bool inten)
{
	u8 control = CTRL_IDLE | (inten ? CTRL_INTEN : 0);

	wires_data(w, byte);
	wires_settle(w);
	wires_control(w, control | CTRL_STROBE);
	wires_settle(w);
	wires_control(w, control);
	wires_settle(w);
}
EXPORT_SYMBOL_IF_KUNIT(handshake_strobe);

/**
 * handshake_reset - LPRESET: make the printer forget everything
 * @w: the port
 * @wait_us: how to let microseconds pass
 *
 * nINIT is low for 50 us, lp's LP_DELAY. Leaves the interrupt disabled.
 */
void handshake_reset(struct wires *w, void (*wait_us)(unsigned long us))
{
	wires_control(w, CTRL_SELECT);
	wait_us(50);
	wires_control(w, CTRL_IDLE);
}
EXPORT_SYMBOL_IF_KUNIT(handshake_reset);

/**
 * handshake_timeout - LPSETTIMEOUT's rules
 * @sec: seconds
 * @usec: microseconds; more than 999,999 count as 999,999
 * @to_jiffies: set to the time in jiffies, at most %MAX_JIFFY_OFFSET
 *
 * Return: 0, or -EINVAL if a part is negative or the sum is 0.
 */
int handshake_timeout(s64 sec, s64 usec, long *to_jiffies)
{
	long time;

	if (sec < 0 || usec < 0)
		return -EINVAL;
	if (usec > 999999)
		usec = 999999;
	if (sec >= MAX_SEC_IN_JIFFIES - 1)
		time = MAX_JIFFY_OFFSET;
	else
		time = DIV_ROUND_UP((long)usec, 1000000 / HZ) + sec * (long)HZ;
	if (time <= 0)
		return -EINVAL;
	*to_jiffies = time;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(handshake_timeout);
