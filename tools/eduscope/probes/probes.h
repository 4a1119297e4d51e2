/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EDUSCOPE_PROBES_H
#define EDUSCOPE_PROBES_H

extern const struct probe switch_probe, wakeup_probe, fault_probe, lifecycle_probe, slab_probe;
extern const struct probe fs_probe, irq_probe, softirq_probe, work_probe, signal_probe;
extern const struct probe fs_journal_probe, syscall_probe;

#endif
