/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LPCHAR_SIM_H
#define _LPCHAR_SIM_H

#include <linux/types.h>

/* What is wrong with the simulated printer. */
enum sim_fault {
	SIM_NO_FAULT,
	SIM_PAPER,		/* paper out; nFAULT low, as real printers do */
	SIM_OFFLINE,		/* not selected; nFAULT low */
	SIM_ERROR,		/* nFAULT low alone */
	SIM_BUSY,		/* busy for ever, with no reason given */
	SIM_FAULTS
};

enum sim_phase {
	SIM_READY,
	SIM_TAKING,		/* busy with a byte */
	SIM_ACK,		/* nACK is low; still busy */
};

/* Where the printer is in an IEEE 1284 conversation. */
enum sim_mode {
	SIM_COMPAT,		/* forward data */
	SIM_NEGOTIATE,		/* it has been asked for nibble mode */
	SIM_NIBBLE,		/* it may send */
	SIM_TERMINATE,		/* the host wants compatibility mode back */
};

#define SIM_REVERSE_MAX	256

/**
 * struct sim - a simulated printer
 * @byte_ns: time that it is busy with a byte; 0: no time at all
 * @ack_ns: length of its acknowledge pulse
 * @drop_acks: so many coming bytes are not acknowledged
 * @fault: what is wrong
 * @data: the data wires
 * @control: the control register
 * @phase: where it is with the present byte
 * @until: when @phase ends, on the clock of @now arguments
 * @acked: an acknowledge ended with INTEN set; whoever delivers the interrupt
 *	clears it
 * @mode: IEEE 1284 state
 * @strobed: in SIM_NEGOTIATE, the host has strobed its request
 * @high: in SIM_NIBBLE, the next nibble is the upper one
 * @reverse: bytes for the host
 * @reverse_used: how many
 * @reverse_at: how many the host has
 * @paper: the last @paper_size bytes printed, byte n at n % @paper_size
 * @paper_size: a power of two
 * @printed: bytes printed since ever
 * @lost: bytes strobed while it could not take them
 * @crc: CRC-32 (Ethernet's, as gzip and cksum -a crc32b) of all bytes printed
 */
struct sim {
	u64 byte_ns;
	u64 ack_ns;
	unsigned int drop_acks;
	enum sim_fault fault;

	u8 data;
	u8 control;
	enum sim_phase phase;
	u64 until;
	bool acked;

	enum sim_mode mode;
	bool strobed;
	bool high;
	u8 reverse[SIM_REVERSE_MAX];
	unsigned int reverse_used;
	unsigned int reverse_at;

	u8 *paper;
	u32 paper_size;
	u64 printed;
	u64 lost;
	u32 crc;
};

extern const char * const sim_fault_names[SIM_FAULTS];

void sim_init(struct sim *sim, u8 *paper, u32 paper_size);
void sim_advance(struct sim *sim, u64 now);
u8 sim_read_status(struct sim *sim, u64 now);
void sim_write_data(struct sim *sim, u8 value, u64 now);
void sim_write_control(struct sim *sim, u8 value, u64 now);
void sim_set_fault(struct sim *sim, enum sim_fault fault, u64 now);
unsigned int sim_say(struct sim *sim, const u8 *bytes, unsigned int nr);
u64 sim_next(const struct sim *sim);

#endif /* _LPCHAR_SIM_H */
