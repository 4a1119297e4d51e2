/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wires of a parallel port: three registers, whoever is behind them.
 *
 * Everything above this line of the driver speaks to struct wires; behind it
 * stand the real port (isa.c), the simulated printer (sim_port.c), or the fake
 * of a KUnit test. The data and control registers are shadowed, because a
 * reader of the wave picture wants their value without another slow port
 * access, and each access is recorded in the wave (wave.c) while that is on.
 *
 * Bits are named as <linux/lp.h> names them. The sense of the wires differs
 * from the sense of the bits: BUSY is inverted by the port, so LP_PBUSY set
 * means "not busy"; ACK is low-active, so LP_PACK clear is the acknowledge.
 */
#ifndef _LPCHAR_WIRES_H
#define _LPCHAR_WIRES_H

#include <linux/types.h>

#include "wave.h"

/* Control bits, base + 2 (the kernel's lp.h keeps these from user space). */
#define CTRL_STROBE	0x01	/* the byte on the data wires is valid */
#define CTRL_AUTOLF	0x02
#define CTRL_INIT	0x04	/* clear: the printer resets itself */
#define CTRL_SELECT	0x08	/* the printer is addressed */
#define CTRL_INTEN	0x10	/* the port may raise its interrupt */
/* What the control register holds while the port is idle. */
#define CTRL_IDLE	(CTRL_SELECT | CTRL_INIT)

/**
 * struct wires_ops - one kind of port
 * @name: for log lines and sysfs
 * @read_status: read the status register
 * @write_data: drive the eight data wires
 * @write_control: drive the control wires
 * @settle: let one handshake interval pass (IEEE 1284: at least 500 ns); may
 *	be NULL where time is virtual
 *
 * Each is called with the port's spinlock held and interrupts off.
 */
struct wires_ops {
	const char *name;
	u8 (*read_status)(void *hw);
	void (*write_data)(void *hw, u8 value);
	void (*write_control)(void *hw, u8 value);
	void (*settle)(void *hw);
};

/**
 * struct wires - a port and what was last seen of it
 * @ops: how to reach it
 * @hw: what @ops is about
 * @wave: where accesses are recorded
 * @reads: status reads; the driver moves them to its counters
 * @data: last value written
 * @control: last value written
 * @status: last value read
 */
struct wires {
	const struct wires_ops *ops;
	void *hw;
	struct wave *wave;
	unsigned int reads;
	u8 data;
	u8 control;
	u8 status;
};

static inline u8 wires_status(struct wires *w)
{
	w->status = w->ops->read_status(w->hw);
	w->reads++;
	wave_record(w->wave, 's', w->data, w->control, w->status);
	return w->status;
}

static inline void wires_data(struct wires *w, u8 value)
{
	w->data = value;
	w->ops->write_data(w->hw, value);
	wave_record(w->wave, 'd', w->data, w->control, w->status);
}

static inline void wires_control(struct wires *w, u8 value)
{
	w->control = value;
	w->ops->write_control(w->hw, value);
	wave_record(w->wave, 'c', w->data, w->control, w->status);
}

static inline void wires_settle(struct wires *w)
{
	if (w->ops->settle)
		w->ops->settle(w->hw);
}

#endif /* _LPCHAR_WIRES_H */
