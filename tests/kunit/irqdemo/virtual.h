/* SPDX-License-Identifier: GPL-2.0 */
/* A world for the tree whose clock the test turns. */
#ifndef _IRQDEMO_TEST_VIRTUAL_H
#define _IRQDEMO_TEST_VIRTUAL_H

#include "hrtree.h"

static ktime_t vnow, vprogrammed;
static unsigned int vsoft;

static ktime_t virtual_now(struct edu_hr_cpu *cpu)
{
	return vnow;
}

static int virtual_program(struct edu_hr_cpu *cpu, ktime_t expires, bool force)
{
	if (expires <= vnow && !force)
		return -ETIME;
	vprogrammed = expires;
	return 0;
}

static void virtual_raise_soft(struct edu_hr_cpu *cpu)
{
	vsoft++;
}

static const struct edu_hr_ops virtual_ops = {
	.now = virtual_now,
	.program = virtual_program,
	.raise_soft = virtual_raise_soft,
};

/* Let time pass, with every interrupt (and softirq) that was asked for. */
static void virtual_run(struct edu_hr_cpu *cpu, ktime_t until)
{
	while (vprogrammed <= until) {
		if (vprogrammed > vnow)
			vnow = vprogrammed;
		edu_hr_interrupt(cpu);
		if (vsoft) {
			vsoft = 0;
			edu_hr_run_soft(cpu);
		}
	}
	vnow = until;
}

#endif /* _IRQDEMO_TEST_VIRTUAL_H */
