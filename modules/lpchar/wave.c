// SPDX-License-Identifier: GPL-2.0
/*
 * The wave picture: what happened on the wires, for a person at a terminal.
 *
 * wires.h records every register access. The picture has one column an access
 * and one row a wire, oldest at the left:
 *  1. a wire that is high is drawn '#', one that is low '_', so an edge is
 *     where the character changes;
 *  2. rows show the wires as they are in the cable, not the bits of the
 *     register: nSTROBE, nACK and BUSY have the printer's polarity, which the
 *     port inverts for STROBE and BUSY;
 *  3. the data row names the byte where it was put on the wires;
 *  4. the last row says when: the microseconds since the picture's first
 *     access, each number beginning under its column.
 * Status wires are known only when the status register is read, so they keep
 * their last known level between reads.
 */
#include <kunit/visibility.h>
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/lp.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "wave.h"
#include "wires.h"

/* Columns in a line of the picture: an 80 column terminal less the names. */
#define WAVE_COLUMNS 70

/**
 * wave_copy - take the last steps out of a wave
 * @wave: where from
 * @to: room for @max steps
 * @max: how many are wanted
 *
 * Context: the lock of the port.
 * Return: how many were copied, oldest first.
 */
unsigned int wave_copy(const struct wave *wave, struct lpchar_event *to,
		       unsigned int max)
{
	unsigned long nr = min3(wave->next, (unsigned long)WAVE_EVENTS,
				(unsigned long)max);
	unsigned long i;

	for (i = 0; i < nr; i++)
		to[i] = wave->event[(wave->next - nr + i) % WAVE_EVENTS];
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wave_copy);

/* A row of levels: is the wire high after this step? */
static void draw_wire(struct seq_file *m, const char *name,
		      const struct lpchar_event *event, unsigned int nr,
		      bool in_control, u8 bit, bool inverted)
{
	unsigned int i;

	seq_printf(m, "%8s ", name);
	for (i = 0; i < nr; i++) {
		u8 reg = in_control ? event[i].control : event[i].status;

		seq_putc(m, !(reg & bit) == inverted ? '#' : '_');
	}
	seq_putc(m, '\n');
}

static void draw_data(struct seq_file *m, const struct lpchar_event *event,
		      unsigned int nr)
{
	unsigned int i, width;

	seq_printf(m, "%8s ", "DATA");
	for (i = 0; i < nr; i += width) {
		u8 byte = event[i].data;

		width = 1;
		if (event[i].what != 'd') {
			seq_putc(m, i ? '.' : ' ');
		} else if (i + 1 < nr && event[i + 1].what != 'd') {
			/* Two columns: as hexadecimal digits. */
			seq_printf(m, "%02x", byte);
			width = 2;
		} else {
			seq_putc(m, isascii(byte) && isgraph(byte) ? byte : '?');
		}
	}
	seq_putc(m, '\n');
}

static void draw_time(struct seq_file *m, const struct lpchar_event *event,
		      unsigned int nr, u64 start)
{
	unsigned int i, width = 0;
	char text[24];

	seq_printf(m, "%8s ", "us");
	for (i = 0; i < nr; i += width) {
		width = scnprintf(text, sizeof(text), "%llu ",
				  div_u64(event[i].ns - start, NSEC_PER_USEC));
		if (i + width > nr + 1)
			break;
		seq_puts(m, text);
	}
	seq_putc(m, '\n');
}

/**
 * wave_draw - draw steps as rows of levels
 * @m: where to
 * @event: the steps, oldest first
 * @nr: how many
 */
void wave_draw(struct seq_file *m, const struct lpchar_event *event,
	       unsigned int nr)
{
	unsigned int at, i, part;
	u64 start = nr ? event[0].ns : 0;

	for (at = 0; at < nr; at += part) {
		const struct lpchar_event *e = event + at;

		part = min(nr - at, (unsigned int)WAVE_COLUMNS);
		draw_data(m, e, part);
		draw_wire(m, "nSTROBE", e, part, true, CTRL_STROBE, true);
		draw_wire(m, "BUSY", e, part, false, LP_PBUSY, true);
		draw_wire(m, "nACK", e, part, false, LP_PACK, false);
		draw_wire(m, "PERROR", e, part, false, LP_POUTPA, false);
		draw_wire(m, "SELECT", e, part, false, LP_PSELECD, false);
		draw_wire(m, "nFAULT", e, part, false, LP_PERRORP, false);
		draw_wire(m, "INTEN", e, part, true, CTRL_INTEN, false);
		seq_printf(m, "%8s ", "access");
		for (i = 0; i < part; i++)
			seq_putc(m, e[i].what);
		seq_putc(m, '\n');
		draw_time(m, e, part, start);
		seq_putc(m, '\n');
	}
}
EXPORT_SYMBOL_IF_KUNIT(wave_draw);
