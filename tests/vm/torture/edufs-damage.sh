#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hundreds of damaged images: see tests/vm/edufs-damage.sh.
export EDUFS_DAMAGE=${EDUFS_DAMAGE:-300}
exec bash /edu/tests/edufs-damage.sh
