/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FUZZ_H
#define _FUZZ_H

#include "extent.h"
#include "indirect.h"

#define FUZZ_BLOCKS 4096	/* of the largest image, in the smallest blocks */

void fuzz_begin(const u8 *bytes);
void fuzz_end(void);

#endif /* _FUZZ_H */
