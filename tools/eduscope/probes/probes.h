/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EDUSCOPE_PROBES_H
#define EDUSCOPE_PROBES_H

extern const struct probe switch_probe, wakeup_probe;

#endif
