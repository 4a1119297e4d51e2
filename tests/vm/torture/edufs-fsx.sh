#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many more random changes of files: see tests/vm/edufs-fsx.sh.
export EDUFS_FSX_COUNT=${EDUFS_FSX_COUNT:-30000}
exec bash /edu/tests/edufs-fsx.sh
