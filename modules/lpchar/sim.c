// SPDX-License-Identifier: GPL-2.0
/*
 * A printer, simulated: what it does with its wires, as time goes by.
 *
 * Time is an argument, so a test decides it. The rules:
 *  1. a leading edge of the strobe, while INIT and SELECT are set and the
 *     printer is ready, takes the byte; one that comes at any other time is
 *     lost and counted, as it is with a real printer;
 *  2. the printer is busy for byte_ns; then nACK is low for ack_ns; then it is
 *     ready, and the end of nACK raises the interrupt if INTEN is set;
 *  3. with drop_acks, a byte is taken and BUSY ends, but neither nACK nor an
 *     interrupt tells so;
 *  4. while a fault stands it is busy, and the wires say which fault; the end
 *     of a fault gives an acknowledge, which is how printers announce that
 *     they are on line again;
 *  5. INIT low resets it: the byte in hand is dropped, the faults stay;
 *  6. asked in the IEEE 1284 way for mode 0 it sends its reverse bytes in
 *     nibbles, lower half first.
 */
#include <kunit/visibility.h>
#include <linux/crc32.h>
#include <linux/export.h>
#include <linux/lp.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "sim.h"
#include "wires.h"

const char * const sim_fault_names[SIM_FAULTS] = {
	[SIM_NO_FAULT]	= "none",
	[SIM_PAPER]	= "paper",
	[SIM_OFFLINE]	= "offline",
	[SIM_ERROR]	= "error",
	[SIM_BUSY]	= "busy",
};
EXPORT_SYMBOL_IF_KUNIT(sim_fault_names);

/**
 * sim_init - a printer that is switched on
 * @sim: the printer
 * @paper: memory for what it prints
 * @paper_size: its size, a power of two
 */
void sim_init(struct sim *sim, u8 *paper, u32 paper_size)
{
	memset(sim, 0, sizeof(*sim));
	sim->byte_ns = 20000;
	sim->ack_ns = 2000;
	sim->control = CTRL_IDLE;
	sim->paper = paper;
	sim->paper_size = paper_size;
}
EXPORT_SYMBOL_IF_KUNIT(sim_init);

static void sim_print(struct sim *sim, u8 byte)
{
	sim->paper[sim->printed++ & (sim->paper_size - 1)] = byte;
	sim->crc = ~crc32_le(~sim->crc, &byte, 1);
}

/**
 * sim_advance - let time pass
 * @sim: the printer
 * @now: in ns; never goes back
 */
void sim_advance(struct sim *sim, u64 now)
{
	if (sim->phase == SIM_TAKING && now >= sim->until) {
		if (sim->drop_acks) {
			sim->drop_acks--;
			sim->phase = SIM_READY;
		} else {
			sim->phase = SIM_ACK;
			sim->until += sim->ack_ns;
		}
	}
	if (sim->phase == SIM_ACK && now >= sim->until) {
		sim->phase = SIM_READY;
		if (sim->control & CTRL_INTEN)
			sim->acked = true;
	}
}
EXPORT_SYMBOL_IF_KUNIT(sim_advance);

/**
 * sim_next - when something will happen by itself
 * @sim: the printer
 *
 * Return: the time in ns, or 0 for never.
 */
u64 sim_next(const struct sim *sim)
{
	return sim->phase == SIM_READY ? 0 : sim->until;
}
EXPORT_SYMBOL_IF_KUNIT(sim_next);

/* The status wires while the printer is not in compatibility mode. */
static u8 sim_reverse_status(const struct sim *sim)
{
	u8 nibble, status;

	switch (sim->mode) {
	case SIM_NEGOTIATE:	/* event 2: nACK low, the others high */
		return LP_PERRORP | LP_PSELECD | LP_POUTPA | LP_PBUSY;
	case SIM_TERMINATE:	/* events 24 and 27 */
		status = LP_PERRORP | LP_PSELECD | LP_PBUSY;
		return sim->control & CTRL_AUTOLF ? status | LP_PACK : status;
	default:
		break;
	}
	if (!(sim->control & CTRL_AUTOLF)) {
		/* nFAULT low: there are bytes. SELECT low: mode 0 is known. */
		status = LP_PACK | LP_PBUSY;
		return sim->reverse_at < sim->reverse_used || sim->high ?
			status : status | LP_PERRORP;
	}
	nibble = sim->reverse[sim->reverse_at % SIM_REVERSE_MAX];
	nibble = sim->high ? nibble >> 4 : nibble & 15;
	return (nibble & 7) << 3 | (nibble & 8 ? 0 : LP_PBUSY);
}

/**
 * sim_read_status - read the status register
 * @sim: the printer
 * @now: in ns
 */
u8 sim_read_status(struct sim *sim, u64 now)
{
	sim_advance(sim, now);
	if (sim->mode != SIM_COMPAT)
		return sim_reverse_status(sim);
	switch (sim->fault) {
	case SIM_PAPER:
		return LP_PACK | LP_POUTPA | LP_PSELECD;
	case SIM_OFFLINE:
		return LP_PACK;
	case SIM_ERROR:
		return LP_PACK | LP_PSELECD;
	case SIM_BUSY:
		return LP_PACK | LP_PSELECD | LP_PERRORP;
	default:
		break;
	}
	switch (sim->phase) {
	case SIM_TAKING:
		return LP_PACK | LP_PSELECD | LP_PERRORP;
	case SIM_ACK:
		return LP_PSELECD | LP_PERRORP;
	default:
		return LP_PBUSY | LP_PACK | LP_PSELECD | LP_PERRORP;
	}
}
EXPORT_SYMBOL_IF_KUNIT(sim_read_status);

/**
 * sim_write_data - drive the data wires
 * @sim: the printer
 * @value: the byte
 * @now: in ns
 */
void sim_write_data(struct sim *sim, u8 value, u64 now)
{
	sim_advance(sim, now);
	sim->data = value;
}
EXPORT_SYMBOL_IF_KUNIT(sim_write_data);

/* Control wires changed in an IEEE 1284 conversation, or begin one. */
static void sim_converse(struct sim *sim, u8 was, u8 now)
{
	switch (sim->mode) {
	case SIM_COMPAT:
		if (!(now & CTRL_SELECT) && now & CTRL_AUTOLF && !sim->data) {
			sim->mode = SIM_NEGOTIATE;
			sim->strobed = false;
		}
		return;
	case SIM_NEGOTIATE:
		if (now & CTRL_STROBE)
			sim->strobed = true;
		else if (sim->strobed && !(now & CTRL_AUTOLF))
			sim->mode = SIM_NIBBLE;
		sim->high = false;
		break;
	case SIM_NIBBLE:
		/* The host has the nibble when it lets nAUTOFD go. */
		if (was & CTRL_AUTOLF && !(now & (CTRL_AUTOLF | CTRL_SELECT)) &&
		    sim->reverse_at < sim->reverse_used) {
			if (sim->high)
				sim->reverse_at++;
			sim->high = !sim->high;
		}
		break;
	case SIM_TERMINATE:
		if (was & CTRL_AUTOLF && !(now & CTRL_AUTOLF))
			sim->mode = SIM_COMPAT;
		return;
	}
	if (now & CTRL_SELECT)
		sim->mode = SIM_TERMINATE;
}

/**
 * sim_write_control - drive the control wires
 * @sim: the printer
 * @value: the control register
 * @now: in ns
 */
void sim_write_control(struct sim *sim, u8 value, u64 now)
{
	u8 was = sim->control;

	sim_advance(sim, now);
	sim->control = value;
	if (!(value & CTRL_INIT)) {
		sim->phase = SIM_READY;
		sim->mode = SIM_COMPAT;
		return;
	}
	if (value & ~was & CTRL_STROBE && value & CTRL_SELECT) {
		/* A host that strobes has given up whatever it negotiated. */
		sim->mode = SIM_COMPAT;
		if (sim->phase != SIM_READY || sim->fault) {
			sim->lost++;
			return;
		}
		sim_print(sim, sim->data);
		sim->phase = SIM_TAKING;
		sim->until = now + sim->byte_ns;
		return;
	}
	sim_converse(sim, was, value);
}
EXPORT_SYMBOL_IF_KUNIT(sim_write_control);

/**
 * sim_set_fault - something breaks, or is repaired
 * @sim: the printer
 * @fault: what is wrong from now on
 * @now: in ns
 */
void sim_set_fault(struct sim *sim, enum sim_fault fault, u64 now)
{
	sim_advance(sim, now);
	if (sim->fault && !fault && sim->phase == SIM_READY) {
		sim->phase = SIM_ACK;
		sim->until = now + sim->ack_ns;
	}
	sim->fault = fault;
}
EXPORT_SYMBOL_IF_KUNIT(sim_set_fault);

/**
 * sim_say - give the printer bytes that it will send to the host
 * @sim: the printer
 * @bytes: the bytes
 * @nr: how many
 *
 * Return: how many it could keep.
 */
unsigned int sim_say(struct sim *sim, const u8 *bytes, unsigned int nr)
{
	if (sim->reverse_at == sim->reverse_used) {
		sim->reverse_at = 0;
		sim->reverse_used = 0;
	}
	nr = min(nr, SIM_REVERSE_MAX - sim->reverse_used);
	memcpy(sim->reverse + sim->reverse_used, bytes, nr);
	sim->reverse_used += nr;
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(sim_say);
