#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many more random operations beside ext4: see tests/vm/edufs-twin.sh.
export EDUFS_TWIN_COUNT=${EDUFS_TWIN_COUNT:-20000} EDUFS_TWIN_LONG=1
exec bash /edu/tests/edufs-twin.sh
