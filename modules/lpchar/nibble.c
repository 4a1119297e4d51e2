// SPDX-License-Identifier: GPL-2.0
/*
 * The way back: IEEE 1284 nibble mode, in which any parallel port can read.
 *
 * The printer puts four bits on wires that otherwise tell its status. The
 * steps are numbered as the standard numbers its events:
 *  1. negotiation: the wanted mode (0) on the data wires; 1 nSELECTIN high and
 *     nAUTOFD low; 2 a printer that knows the standard answers with nACK low
 *     and nFAULT, SELECT, PERROR high; 3, 4 the host strobes; 6 nACK high;
 *  2. nFAULT low says that there are bytes; for each nibble, 7 nAUTOFD low, 9
 *     nACK low with the nibble on nFAULT, SELECT, PERROR, BUSY; 10 nAUTOFD
 *     high, 11 nACK high. The lower nibble comes first;
 *  3. termination: 22 nSELECTIN low, 24 nACK low, 25 nAUTOFD low, 27 nACK high,
 *     29 nAUTOFD high.
 * Each answer may take 35 ms. A few reads in a row find a quick printer, then
 * they are 50 us apart. A printer that does not know the standard costs one
 * such wait; QEMU's port is one of these.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/lp.h>

#include "nibble.h"
#include "wires.h"

#define ANSWER_QUICK	4
#define ANSWER_STEP_US	50
#define ANSWER_STEPS	(ANSWER_QUICK + 35000 / ANSWER_STEP_US)

static bool answered(struct wires *w, u8 mask, u8 want,
		     void (*wait_us)(unsigned long us))
{
	int i;

	for (i = 0; i < ANSWER_STEPS; i++) {
		if ((wires_status(w) & mask) == want)
			return true;
		if (i >= ANSWER_QUICK)
			wait_us(ANSWER_STEP_US);
	}
	return false;
}

/**
 * nibble_negotiate - ask the printer to send
 * @w: the port
 * @wait_us: how to let microseconds pass
 *
 * Context: no one else uses the wires until nibble_terminate().
 * Return: 0, or -EIO if the printer does not know the mode; then the port is
 * in compatibility mode as before.
 */
int nibble_negotiate(struct wires *w, void (*wait_us)(unsigned long us))
{
	const u8 wires = LP_PERRORP | LP_PSELECD | LP_POUTPA;

	wires_data(w, 0);
	wires_settle(w);
	wires_control(w, CTRL_INIT | CTRL_AUTOLF);
	if (!answered(w, wires | LP_PACK, wires, wait_us)) {
		wires_control(w, CTRL_IDLE);
		return -EIO;
	}
	wires_control(w, CTRL_INIT | CTRL_AUTOLF | CTRL_STROBE);
	wires_settle(w);
	wires_control(w, CTRL_INIT);
	if (answered(w, LP_PACK, LP_PACK, wait_us))
		return 0;
	nibble_terminate(w, wait_us);
	return -EIO;
}
EXPORT_SYMBOL_IF_KUNIT(nibble_negotiate);

static bool read_nibble(struct wires *w, u8 *nibble,
			void (*wait_us)(unsigned long us))
{
	bool here;

	wires_control(w, CTRL_INIT | CTRL_AUTOLF);
	here = answered(w, LP_PACK, 0, wait_us);
	/* BUSY is inverted by the port. */
	*nibble = (w->status >> 3 & 7) | (w->status & LP_PBUSY ? 0 : 8);
	wires_control(w, CTRL_INIT);
	return here && answered(w, LP_PACK, LP_PACK, wait_us);
}

/**
 * nibble_read - read what the printer has
 * @w: the port, after a successful nibble_negotiate()
 * @to: room for @max bytes
 * @max: how many are wanted
 * @wait_us: how to let microseconds pass
 *
 * Return: the number of bytes read: 0 when the printer has none.
 */
unsigned int nibble_read(struct wires *w, u8 *to, unsigned int max,
			 void (*wait_us)(unsigned long us))
{
	unsigned int nr;
	u8 low, high;

	for (nr = 0; nr < max; nr++) {
		if (wires_status(w) & LP_PERRORP)
			break;
		if (!read_nibble(w, &low, wait_us) ||
		    !read_nibble(w, &high, wait_us))
			break;
		to[nr] = high << 4 | low;
	}
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(nibble_read);

/**
 * nibble_terminate - back to compatibility mode
 * @w: the port
 * @wait_us: how to let microseconds pass
 *
 * A printer that does not answer is left alone: the wires are as they were.
 */
void nibble_terminate(struct wires *w, void (*wait_us)(unsigned long us))
{
	wires_control(w, CTRL_IDLE);
	answered(w, LP_PACK, 0, wait_us);
	wires_control(w, CTRL_IDLE | CTRL_AUTOLF);
	answered(w, LP_PACK, LP_PACK, wait_us);
	wires_control(w, CTRL_IDLE);
}
EXPORT_SYMBOL_IF_KUNIT(nibble_terminate);
