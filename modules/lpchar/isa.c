// SPDX-License-Identifier: GPL-2.0
/*
 * The real port: three registers from @io on, and an interrupt.
 *
 *	io + 0	data, io + 1 status (read only), io + 2 control
 *
 *  1. The registers are claimed with request_region(). If another driver has
 *     them (parport_pc does, where it is loaded), one line says so and how to
 *     free them, and the port is not used.
 *  2. There must be a port: what is written to control and data is read back.
 *  3. The interrupt is requested shared, with the port as cookie. Without one
 *     the port is polled.
 *
 * In QEMU, hw/char/parallel.c: three reads of the status after a strobe until
 * it is ready; the line is raised at the end of the strobe, and lowered by a
 * read of the status only.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>

#include "lpchar.h"

#define ISA_REGISTERS 3

static u8 isa_read_status(void *hw)
{
	return inb((unsigned long)hw + 1);
}

static void isa_write_data(void *hw, u8 value)
{
	outb(value, (unsigned long)hw);
}

static void isa_write_control(void *hw, u8 value)
{
	outb(value, (unsigned long)hw + 2);
}

static void isa_settle(void *hw)
{
	ndelay(lpchar_strobe_ns);
}

static const struct wires_ops isa_ops = {
	.name		= "isa",
	.read_status	= isa_read_status,
	.write_data	= isa_write_data,
	.write_control	= isa_write_control,
	.settle		= isa_settle,
};

/* parport_pc's test for a plain port: what one writes is what one reads. */
static bool isa_present(unsigned int io)
{
	static const u8 bytes[] = { 0xaa, 0x55 };
	u8 control = CTRL_IDLE;
	int i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		control ^= CTRL_AUTOLF;
		outb(control, io + 2);
		if ((inb(io + 2) & 0xf) != control)
			return false;
		outb(bytes[i], io);
		if (inb(io) != bytes[i])
			return false;
	}
	outb(CTRL_IDLE, io + 2);
	return true;
}

/**
 * isa_open - claim the port at @port->io and its interrupt @port->irq
 * @port: the port; @port->irq is set to -1 if there is none
 *
 * Return: 0; -EBUSY if the registers belong to another driver; -ENODEV if
 * there is no port.
 */
int isa_open(struct lpchar_port *port)
{
	int err;

	if (!request_region(port->io, ISA_REGISTERS, "lpchar")) {
		pr_warn("lpchar: another driver holds port 0x%x; if it is parport_pc: rmmod lp ppdev parport_pc, then load lpchar again\n",
			port->io);
		return -EBUSY;
	}
	if (!isa_present(port->io)) {
		release_region(port->io, ISA_REGISTERS);
		return -ENODEV;
	}
	port->wires.ops = &isa_ops;
	port->wires.hw = (void *)(unsigned long)port->io;
	port->wires.control = CTRL_IDLE;
	if (port->irq > 0) {
		err = request_irq(port->irq, lpchar_interrupt, IRQF_SHARED,
				  "lpchar", port);
		if (err) {
			pr_warn("lpchar: interrupt %d of port 0x%x is not to be had (%d): polling\n",
				port->irq, port->io, err);
			port->irq = -1;
		}
	} else {
		port->irq = -1;
	}
	port->can_interrupt = port->irq > 0;
	return 0;
}

/**
 * isa_close - give the port back, quiet
 * @port: the port, which is gone
 */
void isa_close(struct lpchar_port *port)
{
	/* Quiet the device before the line is given up: others may share it. */
	outb(CTRL_IDLE, port->io + 2);
	inb(port->io + 1);
	if (port->irq > 0)
		free_irq(port->irq, port);
	release_region(port->io, ISA_REGISTERS);
}
